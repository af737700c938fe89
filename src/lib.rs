//! The map of the rooms.
//!
//! Arrows run one way: `server → pipeline → language → functions → state → value`,
//! `pipeline → journal → state`, `functions → database`; `config`, `clock` and `value` may be read by all;
//! `server`, `pipeline` and `journal` use the `event_loops`.
//! `daemon` puts the rooms together.

pub mod clock;
pub mod config;
pub mod daemon;
pub mod database;
pub mod event_loops;
pub mod functions;
pub mod journal;
pub mod language;
pub mod pipeline;
pub mod server;
pub mod state;
pub mod value;

pub use daemon::{Daemon, Parts, run};
