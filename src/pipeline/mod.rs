//! One request in order: text -> value -> commit -> reply.
//!
//! Owns where an expression runs (`lanes`), the waits that are parked (`waits`), the one table from error to
//! reply (`failure`) and what happens by itself (`sweeper`). May use `language`, `functions`, `journal`,
//! `event_loops` and `state`. Knows no socket.

mod away;
mod buffers;
mod failure;
mod form;
mod hello;
mod lanes;
mod outbox;
mod runner;
mod sessions;
mod sweeper;
mod waits;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use share_client::wire::Kind;
use tokio::sync::{oneshot, watch};

use crate::clock::Clock;
use crate::functions::{self, Pending, World, WorldHandle};
use crate::journal::Journal;
use crate::language::{Lane, Language};
use crate::state::{Commit, Fulfilment};
use crate::value::Value;

pub use crate::functions::Caller;
pub use crate::language::Scanner;
pub use buffers::Buffer;
use buffers::Buffers;
pub use failure::Failure;
pub use form::Form;
pub use hello::{Hello, hello, may_be_hello};
use lanes::Lanes;
pub use lanes::STACK_BYTES;
pub use outbox::Ended;
use runner::{Place, Runner, Step, rendered};
pub use sessions::{Session, Sessions};
pub use sweeper::{sweep, sweep_once};
use waits::{Parked, WaitEnd};
pub use waits::{Unsaid, Waits};

/// How a value becomes the text of a reply: `None` where it would be longer than the bytes given.
pub type Render = fn(&Value, usize) -> Option<String>;

/// The way of every request. Shared by all connections.
pub struct Pipeline {
    world: WorldHandle,
    language: Arc<Language>,
    journal: Journal,
    waits: Arc<Waits>,
    sessions: Arc<Sessions>,
    lanes: Lanes,
    buffers: Buffers,
    closing: watch::Receiver<bool>,
}

/// An expression that was begun.
pub enum Begun<'p> {
    /// It was evaluated where it stood.
    Started(Started),
    /// It is evaluated elsewhere.
    Running(Running<'p>),
}

/// An expression that is evaluated elsewhere; it is, even where this is dropped.
pub type Running<'p> = Pin<Box<dyn Future<Output = Started> + Send + 'p>>;

/// An expression that was evaluated.
pub enum Started {
    /// It has its reply.
    Done(Done),
    /// It waits.
    Waiting(Box<Waiting>),
}

/// A reply that must not be sent before its commit is done.
pub struct Done {
    /// The reply.
    pub reply: Result<String, Failure>,
    /// The commit.
    pub sequence: u64,
    /// What is given back where the reply is never sent.
    pub unsaid: Option<Box<Unsaid>>,
}

impl Done {
    /// A reply that can be sent when this commit is done.
    #[must_use]
    pub fn new(reply: Result<String, Failure>, sequence: u64) -> Done {
        Done { reply, sequence, unsaid: None }
    }

    /// How many bytes its text has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.reply.as_ref().map_or(0, String::len)
    }

    /// The reply, which is sent now.
    ///
    /// # Errors
    /// What the client is told.
    pub fn said(self) -> Result<String, Failure> {
        if let Some(unsaid) = self.unsaid {
            unsaid.said();
        }
        self.reply
    }
}

/// An expression that waits; dropping it ends the wait and loses nothing.
pub struct Waiting {
    parked: Parked,
    pending: Pending,
    caller: Caller,
    render: Render,
}

/// What a commit hands over: its records to the journal, its fulfilled waits to whoever waits, its messages to
/// the sessions. Called with the lock on the state held, so that commits come in their order.
pub fn hand_over(
    journal: Journal,
    waits: Arc<Waits>,
    sessions: Arc<Sessions>,
) -> impl Fn(&mut Commit) + Send + Sync {
    move |commit: &mut Commit| {
        if !commit.records.is_empty() {
            journal.submit(commit.sequence, commit.records.drain(..), commit.next_number);
        }
        if !commit.pushes.is_empty() {
            let pushes = std::mem::take(&mut commit.pushes);
            journal.after(commit.sequence, sessions.push(pushes, commit.sequence));
        }
        commit.behind.drain(..).for_each(|session| sessions.fall_behind(session));
        commit.ended.drain(..).for_each(|session| sessions.end(session, Ended::ClientGone));
        for (waiter, fulfilment) in commit.fulfilled.drain(..) {
            waits.fulfil(waiter, fulfilment, commit.sequence);
        }
        waits.rearm(commit.next_deadline);
    }
}

impl Pipeline {
    /// The pipeline over these parts. `closing` turns true when the daemon ends: parked waits then end as if their
    /// time were over.
    #[must_use]
    pub fn new(
        world: WorldHandle,
        language: Arc<Language>,
        journal: Journal,
        waits: Arc<Waits>,
        sessions: Arc<Sessions>,
        closing: watch::Receiver<bool>,
    ) -> Pipeline {
        let buffers = Buffers::new(world.limits.buffered_bytes_max);
        Pipeline { world, language, journal, waits, sessions, lanes: Lanes::new(), buffers, closing }
    }

    /// The clock that everything here goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    /// The world, for limits and counters.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What one connection more holds.
    pub fn buffer(&self) -> Buffer<'_> {
        self.buffers.buffer()
    }

    /// Evaluates the client's text, and waits for what it waits for.
    pub async fn evaluate(&self, text: &str, caller: Caller, render: Render) -> Done {
        let started = match self.begin(text, &self.world, caller, render) {
            Begun::Started(started) => started,
            Begun::Running(running) => running.await,
        };
        match started {
            Started::Done(done) => done,
            Started::Waiting(waiting) => self.wait(*waiting, std::future::pending()).await,
        }
    }

    /// The text of the reply, when all that the expression changed and saw is committed.
    ///
    /// # Errors
    /// What the client is told; then the expression left nothing behind.
    pub async fn reply(&self, done: Done) -> Result<String, Failure> {
        self.journal.committed(done.sequence).await?;
        done.said()
    }

    /// Begins to evaluate the client's text. Neither waits for the commit nor for what the expression waits for, so
    /// that a session can go on with its next line. `world`: the pipeline's, by a handle that the caller need not
    /// share.
    pub fn begin(&self, text: &str, world: &WorldHandle, caller: Caller, render: Render) -> Begun<'_> {
        world.counters.requests.add();
        let prepared = match self.language.prepare(text) {
            Ok(prepared) => prepared,
            Err(error) => return Begun::Started(self.failed(error.into())),
        };
        if prepared.lane() == Lane::Script {
            return Begun::Running(Box::pin(self.run_script(text.into(), prepared, caller, render)));
        }
        let (language, waits) = (&self.language, &self.waits);
        let runner = Runner { world, language, waits, prepared: &prepared, caller, render };
        match runner.step(Place::Serving, Duration::ZERO) {
            Step::Elsewhere => {
                let script = prepared.lane() == Lane::Script;
                Begun::Running(Box::pin(self.run_blocking(
                    text.into(),
                    Some(prepared),
                    script,
                    caller,
                    render,
                )))
            }
            Step::Long => Begun::Running(Box::pin(self.run_script(text.into(), prepared, caller, render))),
            step => Begun::Started(self.started(step, caller, render)),
        }
    }

    fn started(&self, step: Step, caller: Caller, render: Render) -> Started {
        match step {
            Step::Reply(reply, sequence) => Started::Done(Done::new(self.counted(reply), sequence)),
            Step::Parked(parked, pending) => {
                Started::Waiting(Box::new(Waiting { parked, pending, caller, render }))
            }
            Step::Elsewhere | Step::Long => {
                self.failed(Failure::new(Kind::Busy, "the expression found no place to run"))
            }
        }
    }

    fn failed(&self, failure: Failure) -> Started {
        Started::Done(Done::new(self.counted(Err(failure)), 0))
    }

    /// Whether the commit of this number is done; if not yet, the task is woken when it is.
    pub fn poll_settled(&self, sequence: u64, task: &mut Task<'_>) -> Poll<Result<(), Failure>> {
        self.journal.poll_committed(sequence, task).map_err(Failure::from)
    }

    /// Whether nothing more will be committed: then `poll_settled` fails for what is not done.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.journal.has_ended()
    }

    /// The last commit that is done: replies up to it may be sent.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.journal.done()
    }

    /// Opens a session, and the reply that says so.
    ///
    /// # Errors
    /// What the client is told: `state` for a client that is not there, `limit` where there are too many.
    pub fn open(&self, hello: &Hello, address: IpAddr) -> Result<(Session, Done), Failure> {
        self.world.counters.requests.add();
        match Session::open(&self.world, &self.sessions, &self.waits, hello, address) {
            Ok((session, sequence)) => {
                let welcome = match hello.form {
                    Form::Json => functions::welcome(session.client()),
                    Form::OneShot | Form::Text => Value::from(session.client().as_str()),
                };
                let reply = rendered(&welcome, hello.form.render(), self.world.limits.reply_bytes_max);
                Ok((session, Done::new(reply, sequence)))
            }
            Err(error) => {
                self.world.counters.errors.fetch_add(1, Ordering::Relaxed);
                Err(error.into())
            }
        }
    }

    /// Ends all sessions: each is told so.
    pub fn end_sessions(&self) {
        self.sessions.end_all();
    }

    /// The reply of an expression that waits: what it waited for, or what its time being over means, which it is
    /// at once when `enough` resolves.
    pub async fn wait(&self, mut waiting: Waiting, enough: impl Future<Output = ()>) -> Done {
        let ended = tokio::select! {
            ended = waiting.parked.ended() => ended,
            () = self.world.clock.sleep(waiting.pending.time) => waiting.parked.give_up().await,
            () = closed(self.closing.clone()) => waiting.parked.give_up().await,
            () = enough => waiting.parked.give_up().await,
        };
        let bytes_max = self.world.limits.reply_bytes_max;
        let mut unsaid = None;
        let (reply, sequence) = match ended {
            WaitEnd::Fulfilled(fulfilment, sequence) => {
                let wait = waiting.pending.wait.clone();
                let given = Unsaid::new(&self.world, waiting.caller, wait, fulfilment.clone());
                let reply = functions::fulfilled(fulfilment, waiting.caller)
                    .map_err(Failure::from)
                    .and_then(|value| rendered(&value, waiting.render, bytes_max));
                // Where it cannot be told it is given back.
                unsaid = reply.is_ok().then(|| Box::new(given));
                (reply, sequence)
            }
            WaitEnd::InVain(value, sequence) => (rendered(&value, waiting.render, bytes_max), sequence),
        };
        Done { reply: self.counted(reply), sequence, unsaid }
    }

    fn counted(&self, reply: Result<String, Failure>) -> Result<String, Failure> {
        if reply.is_err() {
            self.world.counters.errors.fetch_add(1, Ordering::Relaxed);
        }
        reply
    }

    /// Counts a request that never became an expression.
    pub fn refused(&self) {
        self.world.counters.requests.add();
        self.world.counters.errors.fetch_add(1, Ordering::Relaxed);
    }
}

/// Resolves when the daemon ends.
pub async fn closed(mut closing: watch::Receiver<bool>) {
    // An error means that the daemon is gone already.
    let _ = closing.wait_for(|closing| *closing).await;
}

type Receiver = oneshot::Receiver<(Fulfilment, u64)>;
