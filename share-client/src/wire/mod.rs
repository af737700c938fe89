//! The codec that the daemon and the client share: how values, errors and messages look as text.
//!
//! Pure: no sockets, no clock, no allocation beyond what the text itself needs, no dependency.

mod base64;
mod json;
mod kind;
mod literal;
mod moment;
mod pattern;
mod printable;
pub mod reply;
pub mod text;
mod value;

pub use base64::{read_base64, write_base64};
pub use json::parse_json;
pub use kind::Kind;
pub use literal::LiteralError;
pub use moment::{Date, DateTime, Delta, Time};
pub use pattern::{PATTERN_CHARACTERS_MAX, Pattern, PatternTooLong};
pub use printable::is_printable;
pub use value::Value;
