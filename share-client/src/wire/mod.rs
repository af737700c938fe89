//! The codec that the daemon and the client share: how values, errors and messages look as text.
//!
//! Pure: no sockets, no clock, no allocation beyond what the text itself needs, no dependency.

mod kind;

pub use kind::Kind;
