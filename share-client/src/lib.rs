//! The client of a `sharesrv` daemon, and in `wire` the codec that the daemon shares with it.

mod convert;
mod error;
pub mod wire;

pub use error::Error;
pub use wire::{Kind, Value};
