//! The language in a world of its own: what its tests stand on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::clock::Clock;
use crate::database::Database;
use crate::functions::{Caller, Counters, World, WorldHandle};
use crate::state::{ClientId, FreshIds, State};
use crate::value;

mod hostile_modules;
mod identifiers;
mod limits;
mod modules;
mod operators;
mod places;
mod pure;
mod refusals;
mod scripts;
mod shared;
mod waits;

struct Ids(u32);

impl FreshIds for Ids {
    fn fresh(&mut self) -> ClientId {
        self.0 += 1;
        ClientId::parse(&format!("{:08}", self.0)).unwrap()
    }
}

/// The same numbers each time, from Steele's split-mix.
fn chance() -> crate::functions::Random {
    let state = std::sync::atomic::AtomicU64::new(0);
    Box::new(move || {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let mut mixed = state.fetch_add(step, std::sync::atomic::Ordering::Relaxed).wrapping_add(step);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    })
}

/// A language in a world of its own.
pub(super) struct Bench {
    pub(super) language: Language,
    world: WorldHandle,
    session: Option<ClientId>,
}

impl Bench {
    pub(super) fn new() -> Bench {
        Bench::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> Bench {
        let clock = Clock::system();
        let state = State::new(limits.clone(), Duration::from_secs(600), Box::new(Ids(0)));
        let world = World {
            state: Arc::new(Mutex::new(state)),
            script_turn: Arc::default(),
            database: Database::open(None, false, &limits).unwrap(),
            started: clock.now(),
            clock,
            random: chance(),
            limits: limits.clone(),
            counters: Counters::default(),
            durability: "memory",
            hand_over: Box::new(|_| {}),
        };
        Bench { language: Language::new(&limits), world: Arc::new(Arc::new(world)), session: None }
    }

    /// Without haste: on a busy machine 5 ms pass between two lines of a debug build.
    pub(super) fn patient() -> Bench {
        Bench::with(Limits { state_ms_max: 10_000, expression_ms_max: 10_000, ..Limits::default() })
    }

    fn context(&self, lane: Lane) -> Context {
        let caller = Caller {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            session: self.session,
            objects: self.session.is_some(),
        };
        Context::new(Arc::clone(&self.world), caller, lane == Lane::Script, true)
    }

    pub(super) fn outcome(&self, text: &str) -> Result<Outcome, Error> {
        let prepared = self.language.prepare(text)?;
        let (mut context, result) = self.language.run(&prepared, self.context(prepared.lane()));
        context.finish(result.is_ok());
        result
    }

    /// The reply as a client would read it.
    pub(super) fn say(&self, text: &str) -> String {
        reply(self.outcome(text))
    }

    /// The same through Rhai, though the tree could go the short way.
    pub(super) fn say_lowered(&self, text: &str) -> String {
        let speech = Arc::clone(&self.language.speech.read());
        self.say_program(Program::new_lowered(text, speech), Lane::Script)
    }

    /// The same as a tree, though it may be a mere call of literals.
    pub(super) fn say_parsed(&self, text: &str) -> String {
        let speech = Arc::clone(&self.language.speech.read());
        let parsed = Parsed::new(text, &speech);
        self.say_program(Program::new(text, parsed, speech).map_err(Error::told), Lane::Here)
    }

    fn say_program(&self, program: Result<Program, Error>, least: Lane) -> String {
        let prepared = match program {
            Ok(program) => Prepared::Program(Arc::new(program)),
            Err(error) => return reply(Err(error)),
        };
        let lane = if prepared.lane() == Lane::Script { Lane::Script } else { least };
        let (mut context, result) = self.language.run(&prepared, self.context(lane));
        context.finish(result.is_ok());
        reply(result)
    }
}

fn reply(result: Result<Outcome, Error>) -> String {
    match result {
        Ok(Outcome::Value(value)) => value::str(&value),
        Ok(Outcome::Wait(_)) => String::from("(waits)"),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains('\n'), "{message}");
            format!("Error: {}: {message}", error.kind())
        }
    }
}

/// Each text and its reply, one after the other on one server; as a tree, and through Rhai, on others.
pub(super) fn talk(rows: &[(&str, &str)]) {
    on_script_thread({
        let rows: Vec<(String, String)> =
            rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        move || {
            let [direct, parsed, lowered] = std::array::from_fn(|_| Bench::patient());
            for (text, expected) in &rows {
                let ways = [
                    ("", direct.say(text)),
                    ("as a tree ", parsed.say_parsed(text)),
                    ("lowered ", lowered.say_lowered(text)),
                ];
                for (way, said) in ways {
                    match expected.strip_suffix('…') {
                        Some(start) => {
                            assert!(said.starts_with(start), "{way}{text}\n  said {said}\n  not  {expected}")
                        }
                        None => assert_eq!(&said, expected, "{way}{text}"),
                    }
                }
            }
        }
    });
}

/// The stack that scripts run on.
pub(super) fn on_script_thread(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(8 * 1024 * 1024).spawn(body).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// How long the text takes, and what it says.
pub(super) fn timed(bench: &Bench, text: &str) -> (Duration, String) {
    let start = Instant::now();
    let said = bench.say(text);
    (start.elapsed(), said)
}
