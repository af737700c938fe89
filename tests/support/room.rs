//! The language's room by itself: one input, some requests long, on a fresh state, through the entry points that the
//! pipeline calls, with the limits on. What the fuzzer runs, and what `cargo test` runs over the fuzzer's seeds.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use sharesrv::clock::Clock;
use sharesrv::config::Limits;
use sharesrv::database::Database;
use sharesrv::functions::{Caller, Context, Counters, Outcome, World, WorldHandle};
use sharesrv::language::{Error, Lane, Language, Scanner};
use sharesrv::pipeline::Failure;
use sharesrv::state::{ClientId, FreshIds, State};
use sharesrv::value;

/// Stands between the requests of one input: no client may send it.
pub const NEXT: char = '\u{1e}';
/// Requests of one input that are looked at.
const REQUESTS_MAX: usize = 8;
/// As long as an expression may stay on a thread that serves connections.
const STAY: Duration = Duration::from_millis(2);

/// What outlives an input: the language with its cache, the users' database.
pub struct Room {
    language: Language,
    database: Database,
    limits: Limits,
    clock: fn() -> Clock,
}

struct Ids(u32);

impl FreshIds for Ids {
    fn fresh(&mut self) -> ClientId {
        self.0 += 1;
        ClientId::parse(&format!("{:08}", self.0)).expect("eight digits")
    }
}

impl Room {
    /// With these limits and a clock that stands still: an input says the same each time. The limit on an
    /// expression's time goes by a clock of its own; the one on the state's never ends.
    pub fn new(limits: Limits) -> Room {
        Room::with_clock(limits, || Clock::manual(1_795_248_000_000_000))
    }

    /// With the machine's clock, as the daemon.
    #[allow(dead_code, reason = "what is compared with itself has a clock that stands still")]
    pub fn in_time(limits: Limits) -> Room {
        Room::with_clock(limits, Clock::system)
    }

    fn with_clock(limits: Limits, clock: fn() -> Clock) -> Room {
        let database = Database::open(None, false, &limits).expect("a database in memory");
        Room { language: Language::new(&limits), database, limits, clock }
    }

    /// Runs the input, one request after the other; what is said to each, as clients read it.
    ///
    /// # Panics
    /// Where anything inside panicked, or a reply is not what it may be.
    pub fn run(&self, input: &str) -> Vec<String> {
        let world = self.world();
        // A client of its own, whose session it is every other time.
        let client = ClientId::parse(&self.say(&world, None, "getClientID()")).expect("an ID");
        let session = Some(client).filter(|_| input.len() % 2 == 1);
        input.split(NEXT).take(REQUESTS_MAX).map(|text| self.say(&world, session, text)).collect()
    }

    /// A fresh state and all that stands around it.
    pub fn world(&self) -> WorldHandle {
        let clock = (self.clock)();
        let state = State::new(self.limits.clone(), Duration::from_secs(600), Box::new(Ids(0)));
        let drawn = AtomicU64::new(0);
        let world = World {
            random: Box::new(move || drawn.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)),
            state: Arc::new(Mutex::new(state)),
            script_turn: Arc::default(),
            database: self.database.clone(),
            started: clock.now(),
            clock,
            limits: self.limits.clone(),
            counters: Counters::default(),
            durability: "memory",
            hand_over: Box::new(|_| {}),
        };
        Arc::new(Arc::new(world))
    }

    /// One request, parsed and run, its transaction ended.
    pub fn answer(
        &self,
        world: &WorldHandle,
        session: Option<ClientId>,
        text: &str,
    ) -> Result<Outcome, Error> {
        let prepared = self.language.prepare(text)?;
        let caller = Caller { address: IpAddr::V4(Ipv4Addr::LOCALHOST), session, objects: session.is_some() };
        let run = |script: bool| {
            let stay = (!script).then_some(STAY);
            let context =
                Context::new(Arc::clone(world), caller, script, false).staying(stay, Duration::ZERO);
            let (mut context, outcome) = self.language.run(&prepared, context);
            context.finish(outcome.is_ok());
            outcome
        };
        // What stands in others' way goes on elsewhere, from its beginning.
        match run(prepared.lane() == Lane::Script) {
            Err(Error::Long) => run(true),
            outcome => outcome,
        }
    }

    fn say(&self, world: &WorldHandle, session: Option<ClientId>, text: &str) -> String {
        let mut scanner = Scanner::default();
        scanner.feed(text);
        let reply = match self.answer(world, session, text) {
            Ok(Outcome::Value(value)) => value::str_bounded(&value, world.limits.reply_bytes_max)
                .unwrap_or_else(|| "Error: limit: reply_bytes_max".to_owned()),
            Ok(Outcome::Wait(_)) => "(waits)".to_owned(),
            Err(error) => told(&error),
        };
        assert!(!reply.starts_with("Error: value: internal error"), "{reply}");
        reply
    }
}

fn told(error: &Error) -> String {
    let failure = Failure::from(error.clone()).to_string();
    assert!(!failure.contains('\n'), "an error of several lines: {failure}");
    failure
}
