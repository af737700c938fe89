//! The codec that the daemon and the client share: how values, errors and messages look as text.
//!
//! Pure: no sockets, no clock, no allocation beyond what the text itself needs, no dependency.

mod kind;
mod moment;
mod printable;
pub mod text;

pub use kind::Kind;
pub use moment::{Date, DateTime, Delta, Time};
pub use printable::is_printable;
