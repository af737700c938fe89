//! How a session ends: what is done is said, what was not said and can be given back is, and nothing is lost between.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use share_client::wire::Kind;
use tokio::io::AsyncWriteExt;

use super::{Busy, Talk, counted};
use crate::pipeline::{Done, Ended, Failure, Started};

/// A session waits so long for its last replies and their commits where the daemon ends, and for their taking.
const FAREWELL_TIME: Duration = Duration::from_millis(500);

impl Talk<'_> {
    /// Ends the session: what is answered is still sent, then why it ends. Whether all of that was written.
    pub(super) async fn farewell(&mut self, why: Ended) -> bool {
        let reason = Failure::new(
            Kind::State,
            match why {
                Ended::TakenOver => "another session carries this client on",
                Ended::ClientGone => "the client of this session is gone",
                Ended::Closing => "the server ends",
            },
        );
        if why == Ended::TakenOver {
            self.make_way(&reason);
        }
        let clock = self.pipeline.clock();
        let deadline = clock.now().monotonic.saturating_add(FAREWELL_TIME);
        if let Some(done) = self.last_reply(why, deadline).await {
            self.answer(done);
        }
        let answered = poll_fn(|task| {
            self.collect();
            let first = self.replies.front().map(|done| done.sequence);
            first.map_or(Poll::Ready(Ok(())), |first| self.pipeline.poll_settled(first, task))
        });
        let answered = tokio::select! {
            answered = answered => answered,
            () = clock.sleep_until(deadline), if why == Ended::Closing => Ok(()),
        };
        if let Err(failure) = answered {
            self.fail(failure);
        }
        self.collect();
        if !self.left {
            self.tell(&reason);
        }
        let said = tokio::select! {
            said = self.stream.write_all(self.out.rest()) => said.is_ok(),
            () = clock.sleep(FAREWELL_TIME) => false,
        };
        if said {
            self.session.wrote(u64::MAX);
        }
        said
    }

    /// Leaves what was not said or written yet, and can be given back, to whoever carries the client on.
    fn make_way(&mut self, reason: &Failure) {
        // The wait that is in progress, and those that were given something.
        if matches!(self.busy, Busy::Waiting(..)) {
            self.busy = Busy::No;
        }
        while self.replies.back().is_some_and(|done| done.unsaid.is_some()) {
            self.replies.pop_back();
        }
        // What comes behind one has been done, and cannot be given back: it is said.
        for done in self.replies.iter_mut().filter(|done| done.unsaid.is_some()) {
            *done = Done::new(Err(reason.clone()), 0);
        }
        self.replies_bytes = self.replies.iter().map(counted).sum();
        // Of a message that was begun the rest is written: its receiver may have it twice.
        self.out.take_out(&self.session.give_back());
    }

    /// The reply of the line that is in progress, where it has one although the session ends: what is evaluated
    /// elsewhere is done, and may have taken something.
    async fn last_reply(&mut self, why: Ended, deadline: Duration) -> Option<Done> {
        let clock = self.pipeline.clock();
        let reply = async {
            match std::mem::replace(&mut self.busy, Busy::No) {
                Busy::No => None,
                Busy::Waiting(wait, _) if why == Ended::Closing => Some(wait.await),
                Busy::Waiting(..) => None,
                Busy::Running(running) => match running.await {
                    Started::Done(done) => Some(done),
                    Started::Waiting(_) => None,
                },
            }
        };
        tokio::select! {
            done = reply => done,
            // All waits are over as well, but not all that is evaluated.
            () = clock.sleep_until(deadline), if why == Ended::Closing => None,
        }
    }
}
