//! The map of the rooms.
//!
//! Arrows run one way: `server → pipeline → language → functions → state → value`,
//! `pipeline → journal → state`, `functions → database`; `config`, `clock` and `value` may be read by all.

pub mod clock;
pub mod config;
pub mod database;
pub mod functions;
pub mod journal;
pub mod language;
pub mod state;
pub mod value;
