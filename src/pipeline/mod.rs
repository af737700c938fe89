//! One request in order: text -> value -> commit -> reply.
//!
//! Owns where an expression runs (`lanes`), the waits that are parked (`waits`), the one table from error to
//! reply (`failure`) and what happens by itself (`sweeper`). May use `language`, `functions`, `journal` and
//! `state`. Knows no socket.

mod failure;
mod lanes;
mod sweeper;
mod waits;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use share_client::wire::Kind;
use tokio::sync::{oneshot, watch};

use crate::clock::Clock;
use crate::functions::{self, Caller, Context, Outcome, Pending, World};
use crate::journal::Journal;
use crate::language::{self, Lane, Language, Prepared};
use crate::state::{Commit, Fulfilment};
use crate::value::{self, Value};

pub use crate::language::Scanner;
pub use failure::Failure;
use lanes::Lanes;
pub use lanes::STACK_BYTES;
pub use sweeper::sweep;
pub use waits::Waits;
use waits::{Ended, Parked};

/// How a value becomes the text of a reply: `None` where it would be longer than the bytes given.
pub type Render = fn(&Value, usize) -> Option<String>;

/// The way of every request. Shared by all connections.
pub struct Pipeline {
    world: Arc<World>,
    language: Arc<Language>,
    journal: Journal,
    waits: Arc<Waits>,
    lanes: Lanes,
    closing: watch::Receiver<bool>,
}

/// What running an expression led to, before its commit is waited for.
enum Step {
    /// The reply, once everything up to this commit is done.
    Reply(Result<String, Failure>, u64),
    /// A parked wait.
    Parked(Parked, Pending),
    /// It must run where it may block.
    Elsewhere,
}

/// What a commit hands over: its records to the journal, its fulfilled waits to whoever waits.
/// Called with the lock on the state held, so that commits come in their order.
pub fn hand_over(journal: Journal, waits: Arc<Waits>) -> impl Fn(Commit) + Send + Sync {
    move |commit: Commit| {
        if !commit.records.is_empty() {
            journal.submit(commit.sequence, commit.records, commit.next_number);
        }
        for (waiter, fulfilment) in commit.fulfilled {
            waits.fulfil(waiter, fulfilment, commit.sequence);
        }
        waits.rearm(commit.next_deadline);
    }
}

impl Pipeline {
    /// The pipeline over these parts. `closing` turns true when the daemon ends: parked waits then end as if their
    /// time were over.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn new(
        world: Arc<World>,
        language: Arc<Language>,
        journal: Journal,
        waits: Arc<Waits>,
        closing: watch::Receiver<bool>,
    ) -> std::io::Result<Pipeline> {
        Ok(Pipeline { world, language, journal, waits, lanes: Lanes::start()?, closing })
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

    /// Evaluates the client's text and gives the text of the reply, when all that it changed and saw is
    /// committed.
    ///
    /// # Errors
    /// What the client is told; then the expression left nothing behind.
    pub async fn run(&self, text: &str, caller: Caller, render: Render) -> Result<String, Failure> {
        self.world.counters.requests.fetch_add(1, Ordering::Relaxed);
        let reply = self.evaluate(text, caller, render).await;
        if reply.is_err() {
            self.world.counters.errors.fetch_add(1, Ordering::Relaxed);
        }
        reply
    }

    /// Counts a request that never became an expression.
    pub fn refused(&self) {
        self.world.counters.requests.fetch_add(1, Ordering::Relaxed);
        self.world.counters.errors.fetch_add(1, Ordering::Relaxed);
    }

    async fn evaluate(&self, text: &str, caller: Caller, render: Render) -> Result<String, Failure> {
        let prepared = self.language.prepare(text)?;
        let mut step = match prepared.lane() {
            Lane::Here => self.runner(&prepared, caller, render).step(false, false),
            Lane::Script => {
                let runner = self.runner(&prepared, caller, render);
                self.lanes.script(move || runner.step(true, false)).await?
            }
        };
        if matches!(step, Step::Elsewhere) {
            let runner = self.runner(&prepared, caller, render);
            step = self.lanes.blocking(move || runner.step(prepared.lane() == Lane::Script, true)).await?;
        }
        match step {
            Step::Reply(reply, sequence) => self.when_committed(sequence, reply).await,
            Step::Parked(parked, pending) => self.wait(parked, &pending, caller, render).await,
            Step::Elsewhere => Err(Failure::new(Kind::Busy, "the expression found no place to run")),
        }
    }

    fn runner(&self, prepared: &Arc<Prepared>, caller: Caller, render: Render) -> Runner {
        Runner {
            world: Arc::clone(&self.world),
            language: Arc::clone(&self.language),
            waits: Arc::clone(&self.waits),
            prepared: Arc::clone(prepared),
            caller,
            render,
        }
    }

    async fn when_committed(&self, sequence: u64, reply: Result<String, Failure>) -> Result<String, Failure> {
        self.journal
            .committed(sequence)
            .await
            .map_err(|error| Failure::new(Kind::Storage, &error.to_string()))?;
        reply
    }

    async fn wait(
        &self,
        mut parked: Parked,
        pending: &Pending,
        caller: Caller,
        render: Render,
    ) -> Result<String, Failure> {
        let mut closing = self.closing.clone();
        let ended = tokio::select! {
            ended = parked.ended() => ended,
            () = self.world.clock.sleep(pending.time) => parked.give_up(&self.world).await,
            _ = closing.wait_for(|closing| *closing) => parked.give_up(&self.world).await,
        };
        let limits = &self.world.limits;
        let (reply, sequence) = match ended {
            Ended::Fulfilled(fulfilment, sequence) => {
                let value = functions::fulfilled(pending, fulfilment.clone(), caller)?;
                let reply = rendered(&value, render, limits.reply_bytes_max);
                if reply.is_err() {
                    self.waits.give_back(pending.wait.clone(), fulfilment);
                }
                (reply, sequence)
            }
            Ended::InVain(value, sequence) => (rendered(&value, render, limits.reply_bytes_max), sequence),
        };
        self.when_committed(sequence, reply).await
    }
}

fn rendered(value: &Value, render: Render, bytes_max: usize) -> Result<String, Failure> {
    render(value, bytes_max).ok_or_else(|| {
        Failure::new(Kind::Limit, &format!("reply_bytes_max is {bytes_max}: the reply is longer"))
    })
}

/// One expression on its way, owned so that any thread can run it.
struct Runner {
    world: Arc<World>,
    language: Arc<Language>,
    waits: Arc<Waits>,
    prepared: Arc<Prepared>,
    caller: Caller,
    render: Render,
}

impl Runner {
    /// Runs the expression and ends its transaction: kept where there is a reply, undone where there is an error.
    fn step(&self, script: bool, may_block: bool) -> Step {
        let context = Context::new(Arc::clone(&self.world), self.caller, script, may_block);
        let (mut context, outcome) = self.language.run(&self.prepared, context);
        let reply = match outcome {
            Err(language::Error::Function(functions::Error::MayBlock)) if !may_block => {
                context.finish(false);
                return Step::Elsewhere;
            }
            Err(error) => Err(error.into()),
            Ok(Outcome::Value(value)) => self.rendered(&value),
            Ok(Outcome::Wait(pending)) => match context.state().wait(pending.wait.clone()) {
                Err(error) => Err(error.into()),
                Ok(Ok(fulfilment)) => self.fulfilled(&pending, fulfilment),
                Ok(Err(waiter)) => {
                    // Registered before the lock is let go, so that no fulfilment can come earlier.
                    let parked = self.waits.park(waiter, pending.clone(), self.caller);
                    context.finish(true);
                    return Step::Parked(parked, pending);
                }
            },
        };
        let sequence = context.finish(reply.is_ok()).unwrap_or(0);
        Step::Reply(reply, sequence)
    }

    fn fulfilled(&self, pending: &Pending, fulfilment: Fulfilment) -> Result<String, Failure> {
        self.rendered(&functions::fulfilled(pending, fulfilment, self.caller)?)
    }

    fn rendered(&self, value: &Value) -> Result<String, Failure> {
        rendered(value, self.render, self.world.limits.reply_bytes_max)
    }
}

/// The text of a one-shot reply.
#[must_use]
pub fn one_shot_text(value: &Value, bytes_max: usize) -> Option<String> {
    value::str_bounded(value, bytes_max)
}

type Receiver = oneshot::Receiver<(Fulfilment, u64)>;
