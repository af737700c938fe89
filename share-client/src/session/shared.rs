//! What a session knows of itself, whoever drives its socket: whether it is connected, and which lines wait for a
//! reply.
//!
//! Owns the order of replies. Knows no socket and starts no thread.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::line::{Line, Reply, parse_line};
use super::memory::{Memory, Reconnected, Step, is_farewell, is_for_good};
use super::options::SessionOptions;
use super::router::{LAST_CHANGE, Router};
use super::slot::{Slot, locked};
use crate::Error;
use crate::call::Call;

/// A line that has no reply yet.
struct Pending {
    slot: Slot<Reply>,
    since: Instant,
    /// Its text, if it may be sent again.
    again: Option<String>,
    /// The watch that it ends.
    ends: Option<u64>,
}

/// What becomes of a line when the connection is lost, and when its reply comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It may have changed something: it is sent once.
    Once,
    /// It changes nothing: it may be sent again.
    Again,
    /// It ends the watch of this number, now or when the connection is back. Nobody waits for the reply.
    EndsWatch(u64),
}

/// A line to be sent after the connection is back.
pub(crate) struct Again {
    pub(crate) text: String,
    slot: Slot<Reply>,
    ends: Option<u64>,
}

enum Phase {
    Up,
    Down { since: Instant },
    Ended(String),
}

struct State {
    phase: Phase,
    pending: VecDeque<Pending>,
    again: Vec<Again>,
    unanswered: usize,
    heard: Instant,
    /// Whether the connection is about to be ended on purpose, so that it need not come back.
    leaving: bool,
    memory: Memory,
}

/// Whether a line can be sent now.
pub(crate) enum Turn {
    /// It must be sent now, before any other; the reply will come here.
    Send(Slot<Reply>),
    /// The connection is lost; wait until it changes.
    Wait,
}

/// What is to be done about a connection on which nothing came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    Wait,
    /// Ask whether the server is there.
    Ask,
    /// It is not.
    Dead,
}

impl State {
    fn turn(&mut self, text: &str, manner: Manner) -> Result<Turn, Error> {
        let slot = Slot::new();
        let ends = match manner {
            Manner::EndsWatch(id) => Some(id),
            Manner::Once | Manner::Again => None,
        };
        match &self.phase {
            Phase::Ended(why) => Err(Error::Closed(why.clone())),
            Phase::Down { .. } => {
                if ends.is_some() {
                    self.again.push(Again { text: text.to_owned(), slot, ends });
                }
                Ok(Turn::Wait)
            }
            Phase::Up => {
                let again = (manner != Manner::Once).then(|| text.to_owned());
                self.pending.push_back(Pending { slot: slot.clone(), since: Instant::now(), again, ends });
                Ok(Turn::Send(slot))
            }
        }
    }
}

/// A session's knowledge of itself.
pub(crate) struct Shared {
    pub(crate) options: SessionOptions,
    pub(crate) router: Router,
    state: Mutex<State>,
    pub(crate) changed: Condvar,
}

impl Shared {
    /// A session that has just been granted.
    pub(crate) fn new(options: SessionOptions, id: String) -> Shared {
        let memory = Memory { id, ..Memory::default() };
        let state = State {
            phase: Phase::Up,
            pending: VecDeque::new(),
            again: Vec::new(),
            unanswered: 0,
            heard: Instant::now(),
            leaving: false,
            memory,
        };
        Shared { options, router: Router::new(), state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    /// Takes a place in the order of replies. Whoever calls sends the text before anything else is sent.
    pub(crate) fn turn(&self, text: &str, manner: Manner) -> Result<Turn, Error> {
        self.state().turn(text, manner)
    }

    /// The same for what ends a watch, if it must be told at all: another stream of its pattern may go on. In one step
    /// with the look at those others, so that no new one comes in between.
    pub(crate) fn turn_to_end_watch(&self, id: u64, pattern: &str) -> Option<(String, Turn)> {
        let mut state = self.state();
        if !state.memory.forget_watch(pattern) {
            self.router.forget_watch(id);
            return None;
        }
        self.router.end_watch(id);
        let text = end_of_watch(&state.memory.id, pattern, id);
        let turn = state.turn(&text, Manner::EndsWatch(id)).ok()?;
        Some((text, turn))
    }

    /// Waits in this thread until the connection is back, or the session over; whether it is, in time.
    pub(crate) fn wait_until_up(&self, deadline: Instant) -> bool {
        let mut state = self.state();
        while matches!(state.phase, Phase::Down { .. }) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            (state, _) =
                self.changed.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        true
    }

    /// Waits in this thread until the session is over.
    pub(crate) fn wait_until_ended(&self) -> String {
        let mut state = self.state();
        loop {
            if let Phase::Ended(why) = &state.phase {
                return why.clone();
            }
            state = self.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    /// Waits in this thread for a pause between attempts; whether the session still wants to come back.
    pub(crate) fn pause(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        let mut state = self.state();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if matches!(state.phase, Phase::Ended(_)) || left.is_zero() {
                return !matches!(state.phase, Phase::Ended(_));
            }
            (state, _) =
                self.changed.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    /// A line from the server. An error is one that the connection does not survive.
    pub(crate) fn hear(&self, line: &str) -> Result<(), Error> {
        match parse_line(line)? {
            Line::Message(message) => {
                self.state().heard = Instant::now();
                self.router.deliver(message);
                Ok(())
            }
            Line::Reply(Err(error)) if is_farewell(&error) => {
                if is_for_good(&error) {
                    self.end(&format!("the server ended the session: {error}"));
                }
                Err(error)
            }
            Line::Reply(reply) => {
                let mut state = self.state();
                state.heard = Instant::now();
                let pending = state.pending.pop_front();
                drop(state);
                let pending = pending.ok_or_else(|| Error::Protocol("a reply to nothing".to_owned()))?;
                if reply.is_err() {
                    // There will be no mark.
                    pending.ends.iter().for_each(|id| self.router.forget_watch(*id));
                }
                // Whoever asked may have given up.
                let _ = pending.slot.fill(reply);
                Ok(())
            }
        }
    }

    /// What is to be done, where nothing has come for a moment.
    pub(crate) fn silence(&self) -> Silence {
        let state = self.state();
        match state.pending.front() {
            Some(oldest) if oldest.since.elapsed() > self.options.timeouts.reply => Silence::Dead,
            Some(_) => Silence::Wait,
            None if state.heard.elapsed() >= self.options.heartbeat => Silence::Ask,
            None => Silence::Wait,
        }
    }

    /// How long to wait for something to come before asking what the silence means.
    pub(crate) fn patience(&self) -> Duration {
        let shorter = self.options.heartbeat.min(self.options.timeouts.reply);
        (shorter / 4).clamp(Duration::from_millis(5), Duration::from_secs(5))
    }

    /// The connection is lost. Whether to come back.
    pub(crate) fn interrupted(&self, why: &Error) -> bool {
        let mut state = self.state();
        let goes_on = match state.phase {
            Phase::Up | Phase::Down { .. } if state.leaving => false,
            Phase::Up => {
                state.phase = Phase::Down { since: Instant::now() };
                true
            }
            Phase::Down { .. } => true,
            Phase::Ended(_) => false,
        };
        for pending in std::mem::take(&mut state.pending) {
            match pending.again.filter(|_| goes_on) {
                Some(text) => state.again.push(Again { text, slot: pending.slot, ends: pending.ends }),
                None if pending.slot.is_wanted() => {
                    state.unanswered += 1;
                    let _ = pending.slot.fill(Err(unanswered(why)));
                }
                None => {}
            }
        }
        drop(state);
        self.changed.notify_all();
        goes_on
    }

    /// The connection is back, and these replies came to the steps of [`Memory::restoration`]. What to send first.
    pub(crate) fn restored(
        &self,
        id: String,
        replies: Vec<(Step, Reply)>,
        attempts: u32,
    ) -> (Vec<Again>, Reconnected) {
        let mut state = self.state();
        let away = match state.phase {
            Phase::Down { since } => since.elapsed(),
            _ => Duration::ZERO,
        };
        let unanswered = std::mem::take(&mut state.unanswered);
        let news = Reconnected { away, attempts, unanswered, ..state.memory.restored(id, replies) };
        if !matches!(state.phase, Phase::Ended(_)) {
            state.phase = Phase::Up;
        }
        state.heard = Instant::now();
        let mut again = std::mem::take(&mut state.again);
        again.retain(|again| again.slot.is_wanted());
        for Again { text, slot, ends } in &again {
            let (slot, again) = (slot.clone(), Some(text.clone()));
            state.pending.push_back(Pending { slot, since: Instant::now(), again, ends: *ends });
        }
        (again, news)
    }

    /// Whether so much time is over that the session gives up.
    fn is_hopeless(&self) -> bool {
        match (&self.state().phase, self.options.give_up_after) {
            (Phase::Down { since }, Some(time)) => since.elapsed() >= time,
            (Phase::Ended(_), _) => true,
            _ => false,
        }
    }

    /// An attempt to come back failed. Whether to try again; where not, the session is over.
    pub(crate) fn tries_again(&self, error: &Error) -> bool {
        if is_for_good(error) {
            self.end(&format!("the server ended the session: {error}"));
        } else if self.is_hopeless() {
            self.end(&format!("the connection was lost and did not come back: {error}"));
        } else {
            return true;
        }
        false
    }

    /// The session is over. Everybody who waits is told.
    pub(crate) fn end(&self, why: &str) {
        let mut state = self.state();
        if !matches!(state.phase, Phase::Ended(_)) {
            state.phase = Phase::Ended(why.to_owned());
        }
        let waiting: Vec<Slot<Reply>> = std::mem::take(&mut state.pending)
            .into_iter()
            .map(|pending| pending.slot)
            .chain(std::mem::take(&mut state.again).into_iter().map(|again| again.slot))
            .collect();
        drop(state);
        for slot in waiting {
            let _ = slot.fill(Err(Error::Closed(why.to_owned())));
        }
        self.router.close();
        self.changed.notify_all();
    }

    /// The connection will be ended on purpose.
    pub(crate) fn leave(&self) {
        self.state().leaving = true;
    }

    /// Why the session is over, if it is.
    pub(crate) fn ended(&self) -> Option<String> {
        match &self.state().phase {
            Phase::Ended(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// The error for whoever waits for messages of a session that is over.
    pub(crate) fn closed(&self) -> Error {
        Error::Closed(self.ended().unwrap_or_else(|| "the session is closed".to_owned()))
    }

    /// The session's memory.
    pub(crate) fn remember<T>(&self, change: impl FnOnce(&mut Memory) -> T) -> T {
        change(&mut self.state().memory)
    }

    /// The session's client.
    pub(crate) fn id(&self) -> String {
        self.remember(|memory| memory.id.clone())
    }
}

/// What happened to a request is not known.
fn unanswered(why: &Error) -> Error {
    let message = format!("{why}; whether the server did what was asked is not known");
    Error::Io(io::Error::new(ErrorKind::ConnectionAborted, message))
}

/// Ends a watch of the client, and has the mark follow the last change that it led to.
fn end_of_watch(client: &str, pattern: &str, id: u64) -> String {
    let unwatch = Call::new("unwatch").arg(client).arg(pattern).text();
    let number = i64::try_from(id).unwrap_or(i64::MAX);
    let mark = Call::new("emit").arg(client).arg(client).arg(LAST_CHANGE).arg(number).text();
    format!("[{unwatch}, {mark}]")
}

/// A session's expression is one line.
pub(crate) fn check_line(text: &str) -> Result<(), Error> {
    if text.contains(['\n', '\r']) {
        return Err(Error::Protocol("an expression in a session must be one line".to_owned()));
    }
    if text.trim().is_empty() {
        return Err(Error::Protocol("an empty line is no expression".to_owned()));
    }
    Ok(())
}

/// Nothing came in time.
pub(crate) fn no_reply() -> Error {
    io::Error::new(ErrorKind::TimedOut, "no reply in time").into()
}
