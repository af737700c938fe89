//! What a client can see, over real sockets, a file a behaviour. Conversations that need no Rust are data files, in
//! `tests/conversations/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod atomic;
mod buffers;
mod command;
mod durability;
mod foreign;
mod functions_folder;
mod hostile;
mod hostile_expressions;
mod kill;
mod limits;
mod open_files;
mod replies;
mod request_ends;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod takeover;
mod waits;
