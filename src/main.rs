//! The command: arguments, configuration, logging, signals and the exit code; no logic.

fn main() {}
