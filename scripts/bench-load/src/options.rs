//! What the command line says.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// What is to be run, against what, and how hard.
#[derive(Clone, Debug)]
pub struct Options {
    /// The work, a name in `work`.
    pub work: String,
    /// The protocol, a name in `wire`.
    pub protocol: String,
    /// Where the server listens.
    pub address: SocketAddr,
    /// How many connections.
    pub connections: usize,
    /// How long is measured.
    pub time: Duration,
    /// How long is waited before, under the same load.
    pub warm: Duration,
    /// How many requests of a connection are on their way at once.
    pub depth: usize,
    /// Requests a second over all connections; none: as many as there can be.
    pub rate: Option<f64>,
    /// How many keys there are, or are to be made.
    pub keys: usize,
    /// How many queued items are to be made.
    pub items: usize,
    /// What is looked for.
    pub pattern: String,
    /// The process of the server, whose processor time and writes are counted.
    pub server: Option<u32>,
    /// What names of this run end in, so that no two runs meet.
    pub tag: String,
}

impl Options {
    /// Reads `WORK PROTOCOL ADDRESS [--name value]…`.
    ///
    /// # Errors
    /// Where a word is missing, unknown or no number.
    pub fn read(words: impl Iterator<Item = String>) -> Result<Options> {
        let mut words = words;
        let mut next = |what: &str| words.next().with_context(|| format!("{what} is missing"));
        let mut options = Options {
            work: next("the work")?,
            protocol: next("the protocol")?,
            address: next("the address")?.parse().context("no address")?,
            connections: 50,
            time: Duration::from_secs(3),
            warm: Duration::from_millis(500),
            depth: 1,
            rate: None,
            keys: 100_000,
            items: 0,
            pattern: String::new(),
            server: None,
            tag: std::process::id().to_string(),
        };
        while let Ok(name) = next("") {
            let value = next(&name)?;
            match name.as_str() {
                "--connections" => options.connections = value.parse()?,
                "--seconds" => options.time = Duration::try_from_secs_f64(value.parse()?)?,
                "--warm" => options.warm = Duration::try_from_secs_f64(value.parse()?)?,
                "--depth" => options.depth = value.parse()?,
                "--rate" => options.rate = Some(value.parse()?),
                "--keys" => options.keys = value.parse()?,
                "--items" => options.items = value.parse()?,
                "--pattern" => options.pattern = value,
                "--server" => options.server = Some(value.parse()?),
                _ => bail!("no option {name}"),
            }
        }
        Ok(options)
    }
}
