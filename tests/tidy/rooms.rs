//! The table of allowed imports between rooms, and of the packages that only some rooms may use.

/// A room, and the rooms that it may import. `daemon`, `lib` and `main` put the
/// rooms together and may import all.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("clock", &[]),
    ("config", &[]),
    ("event_loops", &[]),
    ("state", &["value", "clock", "config"]),
    ("database", &["value", "clock", "config"]),
    ("journal", &["state", "event_loops", "value", "clock", "config"]),
    ("functions", &["state", "database", "value", "clock", "config"]),
    ("language", &["functions", "value", "clock", "config"]),
    (
        "pipeline",
        &["language", "functions", "journal", "event_loops", "state", "database", "value", "clock", "config"],
    ),
    ("server", &["pipeline", "event_loops", "clock", "config"]),
];

/// A package, and the only rooms that may use it.
pub const PACKAGES: &[(&str, &[&str])] = &[
    ("anyhow", &["main"]),
    ("clap", &["main"]),
    ("tracing_subscriber", &["main"]),
    ("rustix", &["main", "event_loops", "database"]),
    ("mimalloc", &["main"]),
    ("rand", &["daemon"]),
    ("tokio", &["main", "daemon", "server", "pipeline", "journal", "event_loops", "clock"]),
    ("socket2", &["server"]),
    ("rhai", &["language"]),
    ("rusqlite", &["journal", "database"]),
    ("globset", &["state"]),
    ("twox_hash", &["journal"]),
    ("toml", &["config"]),
];
