//! The client-callable functions: a file a family, a catalogue row each.
//!
//! Owns what a function is (signature, effect, help, examples), how its arguments are bound and checked, and the
//! context it runs in. May use `state`, `database`, `value`, `config` and `clock`. Knows no socket, no parser
//! and no Rhai, and holds no connection.

mod arguments;
mod catalogue;
mod clients;
mod context;
mod error;
mod function;
mod markdown;
mod messages;
mod mydata;
mod names;
mod queues;
mod received;
mod registry;
mod server;
mod sessions;
mod sql;
mod tally;

use std::time::Duration;

pub use arguments::{Arguments, Parameter};
pub use catalogue::{all, call, find};
pub use context::{Caller, Context, Counters, HandOver, Random, World, WorldHandle};
pub use error::Error;
pub use function::{Effect, Example, Function};
pub use markdown::markdown;
pub use received::{fulfilled, message_text, received, timed_out};
pub use tally::Tally;

pub use sessions::{SESSION, SESSION_PARAMETERS, welcome};

use crate::state::Wait;
use crate::value::Value;

/// The longest wait of a one-shot request, in seconds: its clients give up at 20.
const ONE_SHOT_WAIT_MAX: u32 = 15;
/// The longest wait in a session, in seconds.
const SESSION_WAIT_MAX: u32 = 3600;

/// What a function answers.
#[derive(Debug)]
pub enum Outcome {
    /// A value. A function that returns nothing else returns `OK`.
    Value(Value),
    /// A wait: may stand only as the whole expression's value. The pipeline resolves it.
    Wait(Pending),
}

/// A wait and how long it may last.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What is waited for.
    pub wait: Wait,
    /// How long at most.
    pub time: Duration,
}

impl Outcome {
    /// What a function that returns nothing else returns.
    #[must_use]
    pub fn ok() -> Outcome {
        Outcome::Value(Value::from("OK"))
    }
}

impl<T: Into<Value>> From<T> for Outcome {
    fn from(value: T) -> Outcome {
        Outcome::Value(value.into())
    }
}

fn wait_max(caller: Caller) -> u32 {
    if caller.session.is_some() { SESSION_WAIT_MAX } else { ONE_SHOT_WAIT_MAX }
}

/// A count as an int.
fn count(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A number or a counter as an int.
fn number(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
