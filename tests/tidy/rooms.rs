//! The table of allowed imports between rooms, and of the packages that only some rooms may use.

/// A room, and the rooms that it may import. `daemon`, `lib` and `main` put the
/// rooms together and may import all.
pub const ROOMS: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("clock", &[]),
    ("config", &[]),
    ("state", &["value", "clock", "config"]),
    ("database", &["value", "clock", "config"]),
    ("journal", &["state", "value", "clock", "config"]),
    ("functions", &["state", "database", "value", "clock", "config"]),
    ("language", &["functions", "value", "clock", "config"]),
    ("pipeline", &["language", "functions", "journal", "state", "database", "value", "clock", "config"]),
    ("server", &["pipeline", "clock", "config"]),
];

/// A package, and the only rooms that may use it.
pub const PACKAGES: &[(&str, &[&str])] = &[
    ("anyhow", &["main"]),
    ("clap", &["main"]),
    ("tracing_subscriber", &["main"]),
    ("rustix", &["main"]),
    ("mimalloc", &["main"]),
    ("rand", &["daemon"]),
    ("tokio", &["main", "daemon", "server", "pipeline", "journal", "clock"]),
    ("socket2", &["server"]),
    ("rhai", &["language"]),
    ("rusqlite", &["journal", "database"]),
    ("globset", &["state"]),
    ("twox_hash", &["journal"]),
    ("toml", &["config"]),
];
