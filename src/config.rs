//! Every key of the configuration: its unit, its default, its check. Opens nothing.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// Why a configuration cannot be used: one line for whoever started the daemon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not TOML.
    #[error("line {line}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// No such key.
    #[error("unknown key '{0}'")]
    UnknownKey(String),
    /// A value that the key cannot have.
    #[error("bad value for '{key}': {message}")]
    BadValue {
        /// The key.
        key: String,
        /// What is wrong with it.
        message: String,
    },
    /// Nothing says where data may be kept.
    #[error("no folder for the data: give --data, or set HOME")]
    NoDataFolder,
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// On the disk before the reply; survives a power cut.
    #[default]
    Full,
    /// With the kernel before the reply, on the disk within a second; survives a kill.
    Normal,
    /// Nothing is kept.
    Memory,
}

impl Durability {
    /// The word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Durability::Full => "full",
            Durability::Normal => "normal",
            Durability::Memory => "memory",
        }
    }
}

/// The whole configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The TCP port; 0 lets the system choose.
    pub port: u16,
    /// The address to listen on; absent: every one, IPv6 and IPv4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<IpAddr>,
    /// The folder of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// When a commit counts as done.
    pub durability: Durability,
    /// A client without a request of its own for that many seconds, and without a session, is forgotten.
    pub client_expiry_s: u64,
    /// The folder of the users' own functions; absent: `functions` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub functions: Option<PathBuf>,
    /// What is logged to standard error: error, warn, info, debug, trace, or tracing's directives.
    pub log: String,
    /// The limits, each a key beside the others.
    #[serde(flatten)]
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            port: 2980,
            bind: None,
            data: None,
            durability: Durability::Full,
            client_expiry_s: 600,
            functions: None,
            log: "info".to_owned(),
            limits: Limits::default(),
        }
    }
}

/// Keys that have no default and so do not appear in a default configuration.
pub const OPTIONAL_KEYS: [&str; 3] = ["bind", "data", "functions"];

/// A configuration in the making: layers of keys, a later one beats an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Layers(Table);

impl Layers {
    /// Lays a file's text over what is there.
    ///
    /// # Errors
    /// Where it is not TOML, names a key that does not exist, or has a value that the key cannot have.
    pub fn file(&mut self, text: &str) -> Result<(), Error> {
        let table = text.parse::<Table>().map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
            Error::Toml { line, message: error.message().lines().collect::<Vec<_>>().join(" ") }
        })?;
        table.into_iter().try_for_each(|(key, value)| self.set(&key, value))
    }

    /// Lays one word over what is there, from the environment or the command line: a number where the key takes
    /// one.
    ///
    /// # Errors
    /// As for [`Layers::file`].
    pub fn word(&mut self, key: &str, word: &str) -> Result<(), Error> {
        let value = match word.trim().parse::<i64>() {
            Ok(value) if is_number(key) => Value::Integer(value),
            _ => Value::String(word.to_owned()),
        };
        self.set(key, value)
    }

    fn set(&mut self, key: &str, value: Value) -> Result<(), Error> {
        if !is_key(key) {
            return Err(Error::UnknownKey(key.to_owned()));
        }
        let alone = Table::from_iter([(key.to_owned(), value.clone())]);
        let bad = |message: &str| Error::BadValue { key: key.to_owned(), message: message.to_owned() };
        let whole = if key == "port" { 0..=i64::from(u16::MAX) } else { 1..=WHOLE_MAX };
        let fits = matches!(value, Value::Integer(number) if whole.contains(&number));
        if is_number(key) && !fits {
            let range = format!("it must be a whole number from {} to {}", whole.start(), whole.end());
            return Err(bad(&range));
        }
        alone.try_into::<Config>().map_err(|error| bad(&error.message().replace('\n', " ")))?;
        if matches!(&value, Value::String(text) if text.is_empty()) {
            return Err(bad("it is empty"));
        }
        self.0.insert(key.to_owned(), value);
        Ok(())
    }

    /// The configuration that these layers make over the defaults.
    ///
    /// # Errors
    /// None that a layer did not report already.
    pub fn finish(self) -> Result<Config, Error> {
        self.0.try_into().map_err(|error: toml::de::Error| Error::BadValue {
            key: "configuration".to_owned(),
            message: error.message().replace('\n', " "),
        })
    }
}

/// Whether there is a key of that name.
#[must_use]
pub fn is_key(key: &str) -> bool {
    OPTIONAL_KEYS.contains(&key) || defaults().contains_key(key)
}

/// The largest number that a key takes: what TOML can write down.
#[cfg(target_pointer_width = "64")]
const WHOLE_MAX: i64 = i64::MAX;
/// The largest number that a key takes: what the machine can count.
#[cfg(not(target_pointer_width = "64"))]
const WHOLE_MAX: i64 = u32::MAX as i64;

/// Whether the key takes a number.
fn is_number(key: &str) -> bool {
    matches!(defaults().get(key), Some(Value::Integer(_)))
}

fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap_or_default()
}

impl Config {
    /// The configuration as TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The folder of the data: the key, else what systemd gives, else the XDG state folder, else the one in HOME.
    /// `environment` looks a variable up.
    ///
    /// # Errors
    /// Where none of them is set.
    pub fn data_folder(&self, environment: impl Fn(&str) -> Option<String>) -> Result<PathBuf, Error> {
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        if let Some(folders) = set("STATE_DIRECTORY") {
            // systemd separates several folders by colons; ours is the first.
            return Ok(PathBuf::from(folders.split(':').next().unwrap_or(&folders)));
        }
        if let Some(state) = set("XDG_STATE_HOME") {
            return Ok(Path::new(&state).join("sharesrv"));
        }
        let home = set("HOME").ok_or(Error::NoDataFolder)?;
        Ok(Path::new(&home).join(".local/state/sharesrv"))
    }
}

/// Every limit (contract, 4.8); each has its unit in its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest request.
    pub request_bytes_max: usize,
    /// The longest reply.
    pub reply_bytes_max: usize,
    /// Connections at once.
    pub connections_max: usize,
    /// Bytes that are held for all connections together: of requests that are not whole or not begun, and of replies
    /// that were not read.
    pub buffered_bytes_max: usize,
    /// Live clients.
    pub clients_max: usize,
    /// The largest value that is stored or sent, as `Value::measure` counts.
    pub value_bytes_max: usize,
    /// How long one expression may compute, with what it takes to undo it and to let go of its values.
    pub expression_ms_max: u64,
    /// How long one expression may hold the shared state.
    pub state_ms_max: u64,
    /// How much memory one expression may use.
    pub expression_memory_bytes_max: usize,
    /// How long one SQL statement may run.
    pub statement_ms_max: u64,
    /// Groups that somebody is in.
    pub groups_max: usize,
    /// Messages in one inbox.
    pub inbox_messages_max: usize,
    /// Bytes in one inbox.
    pub inbox_bytes_max: usize,
    /// Keys in the registry, and apart from them shared names.
    pub registry_keys_max: usize,
    /// Bytes in the registry, keys and values.
    pub registry_bytes_max: usize,
    /// Items in one queue.
    pub queue_items_max: usize,
    /// Bytes in one queue.
    pub queue_bytes_max: usize,
    /// Queues.
    pub queues_max: usize,
    /// Bytes in all inboxes, the registry and the queues.
    pub state_bytes_max: usize,
    /// Bytes in the users' own database.
    pub database_bytes_max: usize,
    /// Rows that one statement may yield.
    pub rows_max: usize,
}

/// Open files that connections leave to others: those that are refused, and what the daemon itself opens.
const FILES_BESIDE: u64 = 192;

impl Limits {
    /// Lowers `connections_max` to what the system's limit on open files leaves room for; whether it did.
    pub fn fit_open_files(&mut self, files_max: u64) -> bool {
        let room = files_max.saturating_sub(FILES_BESIDE).max(files_max / 2).max(1);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let lower = room < self.connections_max;
        self.connections_max = self.connections_max.min(room);
        lower
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            request_bytes_max: 65_536,
            reply_bytes_max: 1_048_576,
            connections_max: 10_000,
            buffered_bytes_max: 67_108_864,
            clients_max: 10_000,
            value_bytes_max: 65_536,
            expression_ms_max: 250,
            state_ms_max: 5,
            expression_memory_bytes_max: 16_777_216,
            statement_ms_max: 1_000,
            groups_max: 10_000,
            inbox_messages_max: 1_000,
            inbox_bytes_max: 1_048_576,
            registry_keys_max: 100_000,
            registry_bytes_max: 67_108_864,
            queue_items_max: 10_000,
            queue_bytes_max: 16_777_216,
            queues_max: 10_000,
            state_bytes_max: 268_435_456,
            database_bytes_max: 268_435_456,
            rows_max: 1_000,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_later_layer_beats_an_earlier_one() {
        let mut layers = Layers::default();
        layers.file("port = 1\nclient_expiry_s = 5\nrows_max = 7").unwrap();
        layers.word("port", "2").unwrap();
        let config = layers.finish().unwrap();
        assert_eq!((config.port, config.client_expiry_s, config.limits.rows_max), (2, 5, 7));
        assert_eq!(config.limits.inbox_messages_max, 1_000);
    }

    #[test]
    fn the_printed_configuration_reads_back_as_itself() {
        let mut layers = Layers::default();
        layers.file("bind = '::1'\ndurability = 'normal'\ndata = '/tmp/x'\nstate_ms_max = 9").unwrap();
        let config = layers.finish().unwrap();
        let mut again = Layers::default();
        again.file(&config.to_toml()).unwrap();
        assert_eq!(again.finish().unwrap(), config);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut layers = Layers::default();
        let wrong = |layers: &mut Layers, text: &str| layers.file(text).unwrap_err().to_string();
        assert_eq!(wrong(&mut layers, "prot = 1"), "unknown key 'prot'");
        for value in ["0", "-3", "'x'", "1.5", "[1]"] {
            let range = format!("it must be a whole number from 1 to {WHOLE_MAX}");
            let said = wrong(&mut layers, &format!("rows_max = {value}"));
            assert_eq!(said, format!("bad value for 'rows_max': {range}"));
        }
        for value in ["70000", "-1", "'many'", "''"] {
            let said = wrong(&mut layers, &format!("port = {value}"));
            assert_eq!(said, "bad value for 'port': it must be a whole number from 0 to 65535");
        }
        assert!(wrong(&mut layers, "durability = 'ful'").starts_with("bad value for 'durability'"));
        assert!(wrong(&mut layers, "bind = 'nowhere'").starts_with("bad value for 'bind'"));
        assert!(wrong(&mut layers, "port = 1\nx = = 2").starts_with("line 2:"));
        for word in ["many", "-1", "99999999999999999999", ""] {
            let said = layers.word("port", word).unwrap_err().to_string();
            assert_eq!(said, "bad value for 'port': it must be a whole number from 0 to 65535");
        }
    }

    #[test]
    fn there_are_as_many_connections_as_there_is_room_for_open_files() {
        for (files_max, expected, lower) in [
            (u64::MAX, 10_000, false),
            (16_384, 10_000, false),
            (10_192, 10_000, false),
            (10_191, 9_999, true),
            (1_024, 832, true),
            (100, 50, true),
            (0, 1, true),
        ] {
            let mut limits = Limits::default();
            assert_eq!(
                (limits.fit_open_files(files_max), limits.connections_max),
                (lower, expected),
                "{files_max}"
            );
        }
    }

    #[test]
    fn the_data_folder_is_the_first_that_is_set() {
        let config = Config::default();
        let environment = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let folder = |set| config.data_folder(environment(set)).unwrap();
        assert_eq!(folder(&[("HOME", "/h"), ("STATE_DIRECTORY", "/s:/t")]), Path::new("/s"));
        assert_eq!(folder(&[("HOME", "/h"), ("XDG_STATE_HOME", "/x")]), Path::new("/x/sharesrv"));
        assert_eq!(folder(&[("HOME", "/h"), ("XDG_STATE_HOME", "")]), Path::new("/h/.local/state/sharesrv"));
        assert_eq!(config.data_folder(environment(&[])), Err(Error::NoDataFolder));
    }
}
