//! What the tests over real sockets stand on: a server in this process with its clock and its disk in the test's
//! hand (`server`), the built binary as a process (`daemon`), and the ways to talk to either (`wire`).

#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

pub mod daemon;
pub mod disk;
pub mod hostile;
pub mod room;
pub mod server;
pub mod wire;

pub use daemon::Daemon;
pub use disk::Disk;
pub use server::{Server, Setup};
pub use wire::{Connection, Lines, Peer, captured};
