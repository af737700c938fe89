//! Long scans: they let the state go where they may, and say so where they must not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::functions::{self, Outcome};
use crate::state::{FreshIds, Space};
use crate::value::{Value, str};

/// More than a scan looks at while it holds the state.
const KEYS: usize = 30_000;

struct Ids(u32);

impl FreshIds for Ids {
    fn fresh(&mut self) -> ClientId {
        self.0 += 1;
        ClientId::parse(&format!("{:08}", self.0)).unwrap()
    }
}

/// A world with so many keys `k00000`, …, and a client `00000001`; how often a transaction ended in it.
fn world() -> (WorldHandle, Arc<AtomicUsize>) {
    let limits = Limits { value_bytes_max: 1_000, ..Limits::default() };
    let mut state = State::new(limits.clone(), Duration::from_secs(600), Box::new(Ids(0)));
    state.begin(Moment::default());
    state.client(None, Ipv4Addr::LOCALHOST.into()).unwrap();
    for number in 0..KEYS {
        state.set(Space::Registry, &format!("k{number:05}"), Value::from(1), None).unwrap();
    }
    drop(state.commit());
    let ends = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ends);
    let world = World {
        state: Arc::new(Mutex::new(state)),
        script_turn: Arc::default(),
        hand_over: Box::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        }),
        database: Database::open(None, false, &limits).unwrap(),
        clock: Clock::manual(0),
        limits,
        counters: Counters::default(),
        durability: "memory",
        random: Box::new(|| 4),
        started: Moment::default(),
    };
    (Arc::new(Arc::new(world)), ends)
}

fn context(world: &WorldHandle, may_block: bool) -> Context {
    let caller = Caller { address: Ipv4Addr::LOCALHOST.into(), session: None, objects: false };
    Context::new(Arc::clone(world), caller, false, may_block)
}

fn say(context: &mut Context, name: &str, arguments: &[&str]) -> Result<String, Error> {
    let arguments = arguments.iter().copied().map(Value::from);
    match functions::call(functions::find(name).unwrap(), context, arguments, Vec::new())? {
        Outcome::Value(value) => Ok(str(&value)),
        Outcome::Wait(_) => panic!("{name} does not wait"),
    }
}

#[test]
fn a_long_scan_that_comes_first_lets_the_state_go_meanwhile() {
    for (name, arguments, reply) in [
        ("keys", &["*2999?"][..], "'k29990'"),
        ("fetch", &["00000001", "*2999?"], "10"),
        ("delete", &["*2999?"], "10"),
        ("MyData.keys", &[], "'k29990'"),
    ] {
        let (world, ends) = world();
        let mut context = context(&world, true);
        let said = say(&mut context, name, arguments).unwrap();
        assert!(said.contains(reply), "{name}");
        assert_eq!(ends.load(Ordering::Relaxed), 1, "{name} let go once");
        assert!(context.held_since().is_some(), "{name} answers inside the transaction");
        context.finish(true);
    }
}

#[test]
fn a_short_scan_does_not_let_the_state_go() {
    let (world, ends) = world();
    let mut context = context(&world, false);
    assert_eq!(say(&mut context, "fetch", &["00000001", "k2999*"]).unwrap(), "10");
    assert_eq!(ends.load(Ordering::Relaxed), 0);
    context.finish(true);
}

#[test]
fn a_long_scan_runs_only_where_it_delays_nobody() {
    let (world, _) = world();
    let mut context = context(&world, false);
    assert!(matches!(say(&mut context, "keys", &["*2999?"]), Err(Error::MayBlock)));
    context.finish(false);
}

#[test]
fn an_expression_that_holds_the_state_keeps_it_over_a_scan() {
    let (world, ends) = world();
    let mut context = context(&world, false);
    say(&mut context, "setReg", &["k2999x", "new"]).unwrap();
    assert!(say(&mut context, "keys", &["*2999?"]).unwrap().ends_with("'k29999', 'k2999x']"));
    assert_eq!(ends.load(Ordering::Relaxed), 0, "nobody came between the two");
    world.clock.advance(Duration::from_millis(world.limits.state_ms_max + 1));
    let error = say(&mut context, "keys", &["*2999?"]).unwrap_err().to_string();
    assert!(error.starts_with("state_ms_max is 5"), "{error}");
    context.finish(false);
    assert_eq!(world.state.lock().get(Space::Registry, "k2999x"), None);
}
