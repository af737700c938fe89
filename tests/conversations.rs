//! Runs the conversations of `tests/conversations/`; the format is described there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "conversations/script.rs"]
mod script;
mod support;

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use script::{Names, Script, Step};
use sharesrv::config::{Config, Layers};
use support::{Connection, Lines, Peer, Server, Setup};

/// The server sees the end of a connection on this machine at once; on a busy one it may take a while.
const NOTICED_WITHIN: Duration = Duration::from_secs(60);

fn play(text: &str) -> Result<(), String> {
    let script = Script::parse(text)?;
    let setup = if script.moves_the_clock { Setup::manual() } else { Setup::system() };
    let config = configured(&setup.config, &script.settings)?;
    let mut player = Player {
        server: setup.configure(|c| *c = config).start(),
        script: &script,
        names: Names::default(),
        open: HashMap::new(),
        kept: HashMap::new(),
    };
    script
        .steps
        .iter()
        .try_for_each(|(line, step)| player.step(step).map_err(|wrong| format!("line {line}: {wrong}")))?;
    match player.open.keys().next() {
        Some(label) => Err(format!("nobody looks at the reply of >{label}")),
        None => player.server.stop().map_err(|error| format!("the server ended with: {error}")),
    }
}

fn configured(config: &Config, settings: &[(String, String)]) -> Result<Config, String> {
    let mut layers = Layers::default();
    layers.file(&config.to_toml()).map_err(|error| error.to_string())?;
    for (key, value) in settings {
        layers.word(key, value).map_err(|error| error.to_string())?;
    }
    layers.finish().map_err(|error| error.to_string())
}

struct Player<'a> {
    server: Server,
    script: &'a Script,
    names: Names,
    open: HashMap<String, (String, Connection)>,
    kept: HashMap<String, Lines>,
}

impl Player<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Ask { text, reply } => {
                let text = self.names.fill(text)?;
                let got = self.send(&text).reply();
                self.names.compare(reply, &got).map_err(|wrong| format!("> {text}\n{wrong}"))
            }
            Step::Begin { label, text } => {
                let text = self.names.fill(text)?;
                let connection = self.send(&text);
                match self.open.insert(label.clone(), (text, connection)) {
                    Some(_) => Err(format!("nobody looked at the earlier reply of >{label}")),
                    None => Ok(()),
                }
            }
            Step::End { label, reply } => {
                let (text, connection) =
                    self.open.remove(label).ok_or_else(|| format!("no >{label} was sent"))?;
                self.names.compare(reply, &connection.reply()).map_err(|wrong| format!("> {text}\n{wrong}"))
            }
            Step::Say { label, text } => {
                let text = self.names.fill(text)?;
                let server = &self.server;
                let lines = self.kept.entry(label.clone()).or_insert_with(|| server.lines());
                lines.say(&text);
                Ok(())
            }
            Step::Hear { label, line } => {
                let got = self.kept(label)?.hear().ok_or("the server has closed it")?;
                self.names.compare(line, &got)
            }
            Step::Closed { label } => match self.kept(label)?.hear() {
                None => {
                    // It is none of those that are left.
                    self.kept.remove(label);
                    Ok(())
                }
                Some(line) => Err(format!("the server has not closed it, but sent: {line}")),
            },
            Step::HangUp { label } => {
                self.kept.remove(label).map(drop).ok_or_else(|| format!("no {label}>"))?;
                self.until_noticed()
            }
            Step::Advance(by) => {
                self.server.advance(*by);
                Ok(())
            }
            Step::Restart => {
                self.server.restart();
                Ok(())
            }
        }
    }

    /// Waits until the server has seen every end of a connection.
    fn until_noticed(&self) -> Result<(), String> {
        let left = self.kept.len() + self.open.len() + 1;
        let begun = Instant::now();
        loop {
            let connections = self.send("getReg('server.connections')").reply();
            match connections.parse::<usize>() {
                Ok(connections) if connections <= left => return Ok(()),
                Ok(_) if begun.elapsed() < NOTICED_WITHIN => {}
                _ => return Err(format!("{left} connections are left, the server says {connections}")),
            }
        }
    }

    fn kept(&mut self, label: &str) -> Result<&mut Lines, String> {
        self.kept.get_mut(label).ok_or_else(|| format!("nothing was sent over {label} yet"))
    }

    fn send(&self, text: &str) -> Connection {
        let connection = self.server.connect().send(text);
        if self.script.moves_the_clock { connection.send("\n") } else { connection }
    }
}

/// One test a file, so that a failure names it; the macro's list is held to the folder by a test of its own.
macro_rules! conversations {
    ($($name:ident)*) => {
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                let text = include_str!(concat!("conversations/", stringify!($name), ".txt"));
                if let Err(wrong) = play(text) {
                    panic!("\n{}.txt, {wrong}\n", stringify!($name));
                }
            }
        )*
    };
}

conversations! {
    client_names
    client_expiry
    error_kinds
    events
    first_dialogue
    full_inbox
    groups
    help
    language
    leases
    messages
    patterns
    ping
    queues
    registry
    registry_ttl
    restart
    server_keys
    server_owned_names
    shared_names
    sql
    sql_jail
    session_json
    session_text
    session_takeover
    listening
    presence
    system
    waiting
    watches
    who
}

#[test]
fn every_file_of_the_folder_is_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations");
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = names.filter_map(|name| name.strip_suffix(".txt").map(str::to_owned)).collect();
    files.sort();
    let mut played = PLAYED.to_vec();
    played.sort_unstable();
    assert_eq!(files, played);
}

#[test]
fn the_conversations_of_the_protocol_go_as_they_are_written() {
    let text = include_str!("../docs/protocol.md");
    let blocks: Vec<&str> = text.split("```conversation\n").skip(1).collect();
    assert!(blocks.len() >= 4, "{}", blocks.len());
    for block in blocks {
        let block = block.split("```").next().unwrap();
        if let Err(wrong) = play(block) {
            panic!("docs/protocol.md: {wrong}\nin:\n{block}");
        }
    }
}

#[test]
fn a_conversation_that_goes_otherwise_fails() {
    let wrong = |text: &str| play(text).expect_err(text);
    assert!(wrong("> 1 + 1\n< 3\n").contains("> 1 + 1"));
    assert!(wrong("> getClientID()\n< $a\n> getClientID()\n< $a\n").contains("line 3"));
    assert!(wrong("> 1\n").contains("reply"));
    assert!(wrong(">a 1\n").contains(">a"));
    assert!(wrong("> $a\n< 1\n").contains("$a"));
    assert!(wrong("a> session()\na< {\"ok\":1}\n").contains("expected"));
    assert!(wrong("a> session()\na|\n").contains("closed"));
    assert!(wrong("a< x\n").contains("nothing was sent over a"));
    assert!(wrong("! dance\n").contains("dance"));
    assert!(wrong("! set rows_max none\n> 1\n< 1\n").contains("rows_max"));
    play("> 1 + 1\n< 2\n").unwrap();
}
