//! The client of a `sharesrv` daemon, and in `wire` the codec that the daemon shares with it.
//!
//! Owns the client's side of the wire. Uses nothing of the daemon, and no package but those that its features name.
// Its first program is one of sessions.
#![cfg_attr(feature = "session", doc = include_str!("../README.md"))]

mod call;
mod client;
mod connection;
mod convert;
mod error;
#[cfg(feature = "tokio")]
pub mod nonblocking;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "session")]
mod typed;
pub mod wire;

pub use client::{Client, ClientHandle, ClientInfo, Leased, Message, Taken};
pub use connection::Timeouts;
pub use error::Error;
#[cfg(feature = "session")]
pub use session::{Session, SessionOptions};
#[cfg(feature = "session")]
pub use typed::{from_value, to_value};
pub use wire::{Kind, Value};
