//! The client-callable functions: a file a family, a catalogue row each.
//!
//! Owns what a function is (signature, effect, help, examples), how its arguments are bound and checked, and the
//! context it runs in. May use `state`, `database`, `value`, `config` and `clock`. Knows no socket, no parser
//! and no Rhai, and holds no connection.

mod arguments;
mod catalogue;
mod context;
mod error;

pub use arguments::Arguments;
pub use catalogue::{Effect, Example, Function, Parameter, all, find};
pub use context::{Caller, Context, Counters, World};
pub use error::Error;

use crate::state::Wait;
use crate::value::Value;
use std::time::Duration;

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
