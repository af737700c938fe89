//! One expression: run, its transaction ended, its value made a reply.
//!
//! Where it stands it borrows all it needs, for counting references to what all threads share is what threads wait
//! for; on its way to another thread it owns it.

use std::sync::Arc;
use std::time::Duration;

use share_client::wire::Kind;

use super::waits::{Parked, Waits};
use super::{Failure, Render};
use crate::functions::{self, Caller, Context, Outcome, Pending, WorldHandle};
use crate::language::{self, Language, Prepared};
use crate::state::Fulfilment;
use crate::value::Value;

/// Where an expression runs. One that takes longer than others can wait for it there is undone and begins again
/// elsewhere: so short ones need never wait for long ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the thread that serves the connection.
    Serving,
    /// Among short scripts.
    Script,
    /// Among long ones.
    LongScript,
    /// Where it may block; `script`: it may hold the state for a while.
    Blocking { script: bool },
}

impl Place {
    fn may_hold_state(self) -> bool {
        !matches!(self, Place::Serving | Place::Blocking { script: false })
    }

    fn may_block(self) -> bool {
        matches!(self, Place::Blocking { .. })
    }

    /// How long it may run there; no end is the limit on expressions.
    pub(super) fn stay(self) -> Option<Duration> {
        match self {
            Place::Serving => Some(Duration::from_millis(2)),
            Place::Script => Some(Duration::from_millis(8)),
            Place::LongScript | Place::Blocking { .. } => None,
        }
    }
}

/// What running an expression led to, before its commit is waited for.
pub(super) enum Step {
    /// The reply, once everything up to this commit is done.
    Reply(Result<String, Failure>, u64),
    /// A parked wait.
    Parked(Parked, Pending),
    /// It must run where it may block.
    Elsewhere,
    /// It must run where nobody waits for it.
    Long,
}

/// One expression where it stands.
pub(super) struct Runner<'p> {
    pub(super) world: &'p WorldHandle,
    pub(super) language: &'p Language,
    pub(super) waits: &'p Arc<Waits>,
    pub(super) prepared: &'p Prepared,
    pub(super) caller: Caller,
    pub(super) render: Render,
}

/// One expression on its way to another thread. While it waits for that it may hold no more than its text: what is
/// prepared of it can be a hundred times as large, and thousands may wait.
pub(super) struct AwayRunner {
    pub(super) world: WorldHandle,
    pub(super) language: Arc<Language>,
    pub(super) waits: Arc<Waits>,
    pub(super) text: Arc<str>,
    pub(super) prepared: Option<Prepared>,
    pub(super) caller: Caller,
    pub(super) render: Render,
}

impl AwayRunner {
    /// As [`Runner::step`]; and what was prepared, where it has to go on elsewhere.
    pub(super) fn step(self, place: Place, in_vain: Duration) -> (Step, Option<Prepared>) {
        let AwayRunner { world, language, waits, text, prepared, caller, render } = self;
        let prepared = match prepared.map_or_else(|| language.prepare(&text), Ok) {
            Ok(prepared) => prepared,
            // It could be prepared before: the users' functions are others by now.
            Err(error) => return (Step::Reply(Err(error.into()), 0), None),
        };
        let runner =
            Runner { world: &world, language: &language, waits: &waits, prepared: &prepared, caller, render };
        let step = runner.step(place, in_vain);
        let goes_on = matches!(step, Step::Long | Step::Elsewhere);
        (step, goes_on.then_some(prepared))
    }
}

impl Runner<'_> {
    /// Runs the expression and ends its transaction: kept where there is a reply, undone where there is an error.
    /// `in_vain`: so long it ran elsewhere already.
    pub(super) fn step(&self, place: Place, in_vain: Duration) -> Step {
        let may_block = place.may_block();
        let context = Context::new(Arc::clone(self.world), self.caller, place.may_hold_state(), may_block)
            .staying(place.stay(), in_vain);
        let (mut context, outcome) = self.language.run(self.prepared, context);
        if let (Some(client), Some(_)) = (self.caller.session, context.held_since()) {
            context.state().heard_from(client);
        }
        let reply = match outcome {
            Err(language::Error::Function(functions::Error::MayBlock)) if !may_block => {
                context.finish(false);
                return Step::Elsewhere;
            }
            Err(language::Error::Long) => {
                context.finish(false);
                return Step::Long;
            }
            Err(error) => Err(error.into()),
            Ok(Outcome::Value(value)) => self.rendered(&value),
            Ok(Outcome::Wait(pending)) => match context.state().wait(pending.wait.clone()) {
                Err(error) => Err(error.into()),
                Ok(Ok(fulfilment)) => self.fulfilled(fulfilment),
                Ok(Err(waiter)) => {
                    // Registered before the lock is let go, so that no fulfilment can come earlier.
                    let parked = self.waits.park(self.world, waiter, pending.clone(), self.caller);
                    context.finish(true);
                    return Step::Parked(parked, pending);
                }
            },
        };
        let sequence = context.finish(reply.is_ok()).unwrap_or(0);
        Step::Reply(reply, sequence)
    }

    fn fulfilled(&self, fulfilment: Fulfilment) -> Result<String, Failure> {
        self.rendered(&functions::fulfilled(fulfilment, self.caller)?)
    }

    fn rendered(&self, value: &Value) -> Result<String, Failure> {
        rendered(value, self.render, self.world.limits.reply_bytes_max)
    }
}

/// The text of a reply.
pub(super) fn rendered(value: &Value, render: Render, bytes_max: usize) -> Result<String, Failure> {
    render(value, bytes_max).ok_or_else(|| {
        Failure::new(Kind::Limit, &format!("reply_bytes_max is {bytes_max}: the reply is longer"))
    })
}
