//! The client of a `sharesrv` daemon, and in `wire` the codec that the daemon shares with it.

pub mod wire;
