//! Tests of the rules, and of what must always hold: undo, replay, byte counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod clients;
mod dump;
mod expiry;
mod groups;
mod inboxes;
mod limits;
mod messages;
mod pattern;
mod properties;
mod pushes;
mod queues;
mod registry;
mod restart;
mod scans;
mod waits;
mod watches;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::value::{self, Value};

/// 2026-11-20 23:05:12 UTC.
const START_MICROS: i64 = 1_795_215_912_000_000;
const EXPIRY: Duration = Duration::from_secs(600);
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 7));

/// Gives the IDs it was told to, then `AAAA0001`, `AAAA0002`, …
struct ScriptedIds {
    script: std::vec::IntoIter<&'static str>,
    count: u32,
}

impl FreshIds for ScriptedIds {
    fn fresh(&mut self) -> ClientId {
        if let Some(id) = self.script.next() {
            return ClientId::parse(id).unwrap();
        }
        self.count += 1;
        ClientId::parse(&format!("AAAA{:04}", self.count)).unwrap()
    }
}

fn ids(script: Vec<&'static str>) -> Box<dyn FreshIds> {
    Box::new(ScriptedIds { script: script.into_iter(), count: 0 })
}

/// A state whose clock the test moves. Each call is a transaction of its own.
struct World {
    state: State,
    now: Moment,
    last: Commit,
}

impl World {
    fn new() -> World {
        World::with(Limits::default(), Vec::new())
    }

    fn limited(change: impl FnOnce(&mut Limits)) -> World {
        let mut limits = Limits::default();
        change(&mut limits);
        World::with(limits, Vec::new())
    }

    fn with(limits: Limits, script: Vec<&'static str>) -> World {
        let now = Moment { monotonic: Duration::from_secs(1), unix_micros: START_MICROS };
        World { state: State::new(limits, EXPIRY, ids(script)), now, last: Commit::default() }
    }

    /// One expression: kept where it ends well, else undone.
    fn run<T>(&mut self, expression: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        self.state.begin(self.now);
        let outcome = expression(&mut self.state);
        self.last = if outcome.is_ok() { self.state.commit() } else { self.state.rollback() };
        self.state.verify();
        outcome
    }

    fn advance(&mut self, seconds: u64) {
        self.now.monotonic += Duration::from_secs(seconds);
        self.now.unix_micros += i64::try_from(seconds).unwrap() * 1_000_000;
    }

    /// Lets the time pass and what is due happen.
    fn sleep(&mut self, seconds: u64) {
        self.advance(seconds);
        self.run(|_| Ok(())).unwrap();
    }

    fn client(&mut self) -> ClientId {
        self.run(|state| state.client(None, HOME)).unwrap()
    }

    fn named(&mut self, name: &str) -> ClientId {
        self.run(|state| state.client(Some(name), HOME)).unwrap()
    }

    /// Opens a session of this number for the client.
    fn open(&mut self, client: ClientId, session: u64) -> Arc<Window> {
        let window = Arc::new(Window::new(SessionId(session)));
        self.run(|state| state.connect(client, Arc::clone(&window))).unwrap();
        window
    }

    fn close(&mut self, client: ClientId, session: u64) {
        self.quietly(|state| state.disconnect(client, SessionId(session)));
    }

    /// What cannot fail.
    fn quietly(&mut self, change: impl FnOnce(&mut State)) {
        self.run(|state| {
            change(state);
            Ok(())
        })
        .unwrap();
    }

    /// All that waits in an inbox, as `fromÈtoÈtext`.
    fn drain(&mut self, client: ClientId) -> Vec<String> {
        std::iter::from_fn(|| self.run(|state| state.recv(client, None)).unwrap())
            .map(|received| line(&received.message))
            .collect()
    }

    fn keys(&self, pattern: Option<&str>) -> Vec<Arc<str>> {
        self.state.keys(&mut self.state.scan(pattern).unwrap())
    }

    fn park(&mut self, wait: Wait) -> WaiterId {
        self.run(|state| state.wait(wait)).unwrap().unwrap_err()
    }

    /// What the last transaction told to whom.
    fn told(&self) -> Vec<(WaiterId, String)> {
        self.last.fulfilled.iter().map(|(waiter, fulfilment)| (*waiter, tell(fulfilment))).collect()
    }
}

fn line(message: &Message) -> String {
    let body = value::str(&message.body);
    let event = message.event.as_ref().map_or_else(String::new, |event| format!("{event}:"));
    format!("{}È{}È{event}{}", message.from, message.to, plain(&message.body).unwrap_or(body))
}

/// Text that does not depend on how values are written.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::None => Some("None".to_owned()),
        Value::Str(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Dict(entries) => Some(
            entries
                .iter()
                .map(|(key, value)| Some(format!("{}={}", plain(key.value())?, plain(value)?)))
                .collect::<Option<Vec<_>>>()?
                .join(" "),
        ),
        _ => None,
    }
}

fn tell(fulfilment: &Fulfilment) -> String {
    match fulfilment {
        Fulfilment::Message(received) => line(&received.message),
        Fulfilment::Item { value, .. } | Fulfilment::Changed(value) => plain(value).unwrap(),
        Fulfilment::Closed(error) => error.to_string(),
    }
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn shared(text: &str) -> Arc<str> {
    Arc::from(text)
}

fn kind<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().kind().as_str()
}

/// The name of the limit that was met.
fn met<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result.unwrap_err() {
        Error::Limit { name, .. } => name,
        other => panic!("no limit: {other}"),
    }
}
