//! A session: lines in, replies out in their order, pushed messages between them.
//!
//! One task serves both directions, and waits for whatever comes first: a line, room to write, a commit, a message,
//! an expression that runs elsewhere or waits. An idle session holds no buffer.

mod farewell;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::burst::{self, Turn};
use super::busy::Busy;
use super::lines::{Line, Lines};
use super::link;
use super::output::Output;
use crate::pipeline::{Begun, Buffer, Done, Ended, Failure, Pipeline, Session, Started};

/// Past so many bytes of replies that were not read, no further line is evaluated.
const REPLIES_BYTES_MAX: usize = 262_144;
/// What a reply counts beside its text while its commit is not done.
const REPLY_BYTES: usize = 64;
/// Messages are taken from the outbox while the output is shorter than this: what is there can still go back.
const OUTPUT_BYTES_MAX: usize = 65_536;

/// Serves a session to its end; gives its connection back where all was said but the client may still be sending.
/// `rest`: what came behind its first line.
pub(super) async fn serve(
    stream: TcpStream,
    session: Session,
    welcome: Done,
    rest: Vec<u8>,
    pipeline: &Pipeline,
) -> Option<TcpStream> {
    link::keep_alive(&stream);
    let mut talk = Talk {
        stream,
        pipeline,
        session,
        lines: Lines::new(rest, pipeline.world().limits.request_bytes_max),
        input_ended: false,
        left: false,
        replies: VecDeque::new(),
        replies_bytes: 0,
        asked: 0,
        out: Output::default(),
        busy: Busy::No,
        buffer: pipeline.buffer(),
    };
    talk.answer(welcome);
    let ended = talk.go_on().await;
    let lingers = match ended {
        // In a box: sessions that are idle need not have room for it.
        Ok(Some(why)) => Box::pin(talk.farewell(why)).await,
        Ok(None) | Err(_) => false,
    };
    let Talk { session, mut stream, .. } = talk;
    // Before the client can see that its connection is closed.
    drop(session);
    if ended.is_ok() {
        let _ = stream.shutdown().await;
    }
    lingers.then_some(stream)
}

struct Talk<'p> {
    pipeline: &'p Pipeline,
    /// Before the stream: whoever sees the end of that finds the session ended.
    session: Session,
    stream: TcpStream,
    lines: Lines,
    input_ended: bool,
    /// Its client left by one of its own lines.
    left: bool,
    /// Replies in order, each until its commit is done.
    replies: VecDeque<Done>,
    replies_bytes: usize,
    /// The commit that the journal was asked to wake this task for.
    asked: u64,
    out: Output,
    busy: Busy<'p>,
    /// Counts what all of that holds.
    buffer: Buffer<'p>,
}

/// What came first.
enum Event {
    /// The expression that ran elsewhere is evaluated.
    Ran(Started),
    /// The wait is over.
    Waited(Done),
    /// There is something to be read, written, taken or told.
    Something,
}

impl Talk<'_> {
    /// Until the client hangs up (`None`) or the session must end.
    async fn go_on(&mut self) -> io::Result<Option<Ended>> {
        self.session.predecessor_gone().await;
        loop {
            let held = self.holds();
            let more = self.evaluate();
            // What is much is counted before anybody else has a turn.
            if self.holds() > held && !more && self.holds() < OUTPUT_BYTES_MAX {
                burst::let_others_go_first().await;
                if self.session.ended() == Some(Ended::TakenOver) {
                    // What was not said yet may be for whoever carries the session on.
                    return Ok(Some(Ended::TakenOver));
                }
            }
            self.collect();
            self.flush()?;
            self.session.refill();
            if self.is_over() {
                return Ok(None);
            }
            if let Some(why) = self.session.ended() {
                return Ok(Some(why));
            }
            if more && self.holds() < REPLIES_BYTES_MAX {
                poll_fn(|task| Poll::Ready(self.count(task))).await?;
                tokio::task::yield_now().await;
                continue;
            }
            // Nothing below counts as work to the runtime while messages keep coming: others must have their turn.
            tokio::task::coop::consume_budget().await;
            match poll_fn(|task| self.poll(task)).await? {
                Event::Ran(started) => self.started(started),
                Event::Waited(done) => {
                    self.busy = Busy::No;
                    self.answer(done);
                }
                Event::Something => {}
            }
        }
    }

    /// Everything was asked, answered and written.
    fn is_over(&self) -> bool {
        self.input_ended
            && self.lines.len() == 0
            && matches!(self.busy, Busy::No)
            && self.replies.is_empty()
            && self.out.is_empty()
    }

    /// Evaluates lines as far as they go without waiting for anything; whether there may be more of them.
    fn evaluate(&mut self) -> bool {
        let mut turn = Turn::default();
        while self.lines.len() == 0 || turn.goes_on() {
            if !matches!(self.busy, Busy::No) || self.left {
                return false;
            }
            if self.holds() >= REPLIES_BYTES_MAX {
                return true;
            }
            let (caller, render) = (self.session.caller(), self.session.form().render());
            let begun = match self.lines.next(self.input_ended) {
                None => {
                    self.lines.let_go();
                    return false;
                }
                Some(Line::Text(text)) => self.pipeline.begin(text, self.session.world(), caller, render),
                Some(Line::Refused(failure)) => {
                    self.pipeline.refused();
                    Begun::Started(Started::Done(Done::new(Err(failure), 0)))
                }
            };
            match begun {
                Begun::Started(started) => self.started(started),
                Begun::Running(running) => self.busy = Busy::Running(running),
            }
        }
        true
    }

    fn started(&mut self, started: Started) {
        self.busy = Busy::No;
        match started {
            Started::Done(done) => {
                self.left = self.session.ended() == Some(Ended::ClientGone);
                self.answer(done);
            }
            Started::Waiting(waiting) => {
                self.busy = Busy::waiting(self.pipeline, *waiting);
                if self.input_ended {
                    self.busy.enough();
                }
            }
        }
    }

    fn answer(&mut self, done: Done) {
        if self.replies.is_empty() && done.unsaid.is_none() && done.sequence <= self.pipeline.settled() {
            return self.say(done);
        }
        self.replies_bytes += counted(&done);
        self.replies.push_back(done);
    }

    /// Bytes of replies that the client has not taken.
    fn holds(&self) -> usize {
        self.out.len() + self.replies_bytes
    }

    /// Counts what is held for the client; an error where it is too much, so that the link is broken.
    fn count(&mut self, task: &mut Context<'_>) -> io::Result<()> {
        let bytes = self.holds() + self.lines.len();
        match self.buffer.poll_hold(bytes, task) {
            Poll::Ready(()) => Err(io::ErrorKind::OutOfMemory.into()),
            Poll::Pending => Ok(()),
        }
    }

    /// Moves what may be shown into the output: replies first, for one of them may be that of `listen`.
    fn collect(&mut self) {
        let settled = self.pipeline.settled();
        while let Some(done) = self.replies.pop_front_if(|done| done.sequence <= settled) {
            self.replies_bytes -= counted(&done);
            self.say(done);
        }
        if self.replies.is_empty() && self.replies.capacity() > 0 {
            // As with the output: an idle session is to hold nothing.
            self.replies = VecDeque::new();
        }
        // Who hung up reads no more: the messages stay.
        if !self.input_ended {
            let (out, place, bytes_max) = self.out.end(OUTPUT_BYTES_MAX);
            self.session.take(out, place, settled, bytes_max);
        }
    }

    fn say(&mut self, done: Done) {
        match done.said() {
            Ok(reply) => self.out.push(reply),
            Err(failure) => self.tell(&failure),
        }
    }

    fn tell(&mut self, failure: &Failure) {
        self.out.push(self.session.form().failure(failure));
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush(&self.stream)?;
        self.session.wrote(self.out.written());
        Ok(())
    }

    fn poll(&mut self, task: &mut Context<'_>) -> Poll<io::Result<Event>> {
        self.count(task)?;
        let woken = self.session.poll_woken(|| self.pipeline.settled(), task).is_ready();
        if woken && self.session.ended().is_some() {
            // Before the wait: where the session is carried on, what came meanwhile is not for this one.
            return Poll::Ready(Ok(Event::Something));
        }
        match &mut self.busy {
            Busy::No => {}
            Busy::Running(running) => {
                if let Poll::Ready(started) = running.as_mut().poll(task) {
                    return Poll::Ready(Ok(Event::Ran(started)));
                }
            }
            Busy::Waiting(wait, _) => {
                if let Poll::Ready(done) = wait.as_mut().poll(task) {
                    return Poll::Ready(Ok(Event::Waited(done)));
                }
            }
        }
        let full = self.input_ended || self.out.len() >= OUTPUT_BYTES_MAX;
        if woken && !full {
            return Poll::Ready(Ok(Event::Something));
        }
        if let Some(first) = self.replies.front().map(|done| done.sequence) {
            if first <= self.pipeline.settled() {
                return Poll::Ready(Ok(Event::Something));
            }
            // Asked once: the journal keeps every waker until the commit is done, or never will be.
            if self.asked != first || self.pipeline.has_ended() {
                self.asked = first;
                if let Poll::Ready(settled) = self.pipeline.poll_settled(first, task) {
                    if let Err(failure) = settled {
                        self.fail(failure);
                    }
                    return Poll::Ready(Ok(Event::Something));
                }
            }
        }
        if !self.out.is_empty() && self.stream.poll_write_ready(task)?.is_ready() {
            return Poll::Ready(Ok(Event::Something));
        }
        if !self.input_ended && self.lines.len() <= self.pipeline.world().limits.request_bytes_max {
            ready!(self.poll_read(task))?;
            return Poll::Ready(Ok(Event::Something));
        }
        Poll::Pending
    }

    fn poll_read(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        let lines = &mut self.lines;
        self.input_ended = ready!(link::poll_read(&mut self.stream, task, |piece| {
            lines.feed(piece);
            piece.is_empty()
        }))?;
        if self.input_ended {
            self.busy.enough();
        }
        Poll::Ready(Ok(()))
    }

    /// A commit failed: no reply that waits for one may be sent.
    fn fail(&mut self, failure: Failure) {
        for done in &mut self.replies {
            if done.sequence > self.pipeline.settled() {
                self.replies_bytes -= done.reply.as_ref().map_or(0, String::len);
                done.reply = Err(failure.clone());
                done.sequence = 0;
            }
        }
    }
}

/// What a reply counts while it is not said.
fn counted(done: &Done) -> usize {
    done.reply.as_ref().map_or(0, String::len) + REPLY_BYTES
}
