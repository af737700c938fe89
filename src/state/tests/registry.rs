//! The registry and the shared names.

use super::*;

const R: Space = Space::Registry;

fn keys(world: &World, pattern: &str) -> Vec<String> {
    world.keys(Some(pattern)).iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_is_set_replaced_and_removed() {
    let mut world = World::new();
    world.run(|state| state.set(R, "garden.soil.temp", Value::Int(56), None)).unwrap();
    world.run(|state| state.set(R, "garden.soil.temp", Value::Float(57.5), None)).unwrap();
    assert!(matches!(world.last.records[..], [Record::Put { fresh: false, .. }]));
    assert_eq!(world.state.get(R, "garden.soil.temp"), Some(Value::Float(57.5)));
    assert_eq!(world.state.len(R), 1);
    assert_eq!(world.run(|state| state.remove(R, "garden.soil.temp")).unwrap(), Some(Value::Float(57.5)));
    assert_eq!(world.run(|state| state.remove(R, "garden.soil.temp")).unwrap(), None);
    assert_eq!((world.state.get(R, "garden.soil.temp"), world.state.len(R)), (None, 0));
}

#[test]
fn names_are_kept_apart_from_keys() {
    let mut world = World::new();
    world.run(|state| state.set(Space::Names, "TheAnswer", Value::Int(42), None)).unwrap();
    world.run(|state| state.set(R, "TheAnswer", Value::Int(7), None)).unwrap();
    assert_eq!(world.state.get(Space::Names, "TheAnswer"), Some(Value::Int(42)));
    assert_eq!(world.run(|state| state.scan(Some("*")).map(|mut scan| state.delete(&mut scan))).unwrap(), 1);
    assert_eq!((world.state.len(R), world.state.len(Space::Names)), (0, 1));
    assert_eq!(world.run(|state| state.remove(Space::Names, "TheAnswer")).unwrap(), Some(Value::Int(42)));
}

#[test]
fn what_is_no_key() {
    let mut world = World::new();
    for key in ["", "a\nb", &"x".repeat(256)] {
        assert_eq!(kind(world.run(|state| state.set(R, key, Value::None, None))), "value", "{key:?}");
        assert_eq!(kind(world.run(|state| state.incr(key, Value::Int(1)))), "value", "{key:?}");
        assert_eq!(world.state.get(R, key), None);
    }
    for key in [" ", "È", &"ä".repeat(255), "server", "serverX.a"] {
        world.run(|state| state.set(R, key, Value::None, None)).unwrap();
    }
}

#[test]
fn what_the_server_keeps_is_read_only() {
    let mut world = World::new();
    let key = "server.time";
    assert_eq!(kind(world.run(|state| state.set(R, key, Value::Int(1), None))), "denied");
    assert_eq!(kind(world.run(|state| state.remove(R, key))), "denied");
    assert_eq!(kind(world.run(|state| state.incr(key, Value::Int(1)))), "denied");
    assert_eq!(kind(world.run(|state| state.swap(key, &Value::None, Value::Int(1)))), "denied");
    assert_eq!(kind(world.run(|state| state.swap(key, &Value::Int(9), Value::Int(1)))), "denied");
    assert_eq!(
        world.run(|state| state.scan(Some("server.*")).map(|mut scan| state.delete(&mut scan))).unwrap(),
        0
    );
}

#[test]
fn patterns_pick_keys_in_their_order() {
    let mut world = World::new();
    for key in ["b", "a.c", "a.b", "a", "ab", "a.b.c"] {
        world.run(|state| state.set(R, key, text(key), None)).unwrap();
    }
    assert_eq!(keys(&world, "a.*"), ["a.b", "a.b.c", "a.c"]);
    assert_eq!(keys(&world, " a* "), ["a", "a.b", "a.b.c", "a.c", "ab"]);
    assert_eq!(keys(&world, "*b"), ["a.b", "ab", "b"]);
    assert_eq!(keys(&world, "a"), ["a"]);
    assert_eq!(world.keys(None).len(), 6);
    let entries = world.state.entries(&mut world.state.scan(Some("[ab]")).unwrap());
    assert_eq!(entries, [(shared("a"), text("a")), (shared("b"), text("b"))]);
    assert_eq!(
        world.run(|state| state.scan(Some("a.*")).map(|mut scan| state.delete(&mut scan))).unwrap(),
        3
    );
    assert_eq!(
        world.run(|state| state.scan(Some("a.*")).map(|mut scan| state.delete(&mut scan))).unwrap(),
        0
    );
    assert_eq!(keys(&world, "*"), ["a", "ab", "b"]);
}

#[test]
fn a_key_with_a_time_to_live_goes_by_itself() {
    let mut world = World::new();
    world.run(|state| state.set(R, "k", text("v"), Some(seconds(10)))).unwrap();
    assert_eq!(world.last.next_deadline, Some(world.now.monotonic + seconds(10)));
    world.sleep(9);
    assert!(world.state.get(R, "k").is_some());
    world.sleep(1);
    assert_eq!((world.state.get(R, "k"), world.state.len(R)), (None, 0));
    assert!(matches!(world.last.records[..], [Record::Delete { table: Table::Key, .. }]));
    world.run(|state| state.set(R, "k", text("v"), Some(seconds(10)))).unwrap();
    world.run(|state| state.set(R, "k", text("w"), None)).unwrap();
    world.sleep(100);
    assert_eq!(world.state.get(R, "k"), Some(text("w")), "a set without one takes it away");
    assert_eq!(kind(world.run(|state| state.set(R, "k", text("v"), Some(Duration::ZERO)))), "value");
    assert_eq!(kind(world.run(|state| state.set(R, "k", text("v"), Some(Duration::MAX)))), "value");
}

#[test]
fn a_key_whose_time_is_over_is_gone_before_it_is_swept() {
    let mut world = World::new();
    let set = |state: &mut State, number| state.set(R, &format!("k{number:04}"), text("v"), Some(seconds(5)));
    world.run(|state| (0..1_500).try_for_each(|number| set(state, number))).unwrap();
    world.advance(5);
    world.state.begin(world.now);
    assert!(world.state.backlog());
    assert_eq!(world.state.get(R, "k1499"), None);
    assert_eq!((world.state.len(R), world.keys(None).len()), (0, 0));
    assert_eq!(world.state.age("k1499"), None);
    assert_eq!(world.state.incr("k1499", Value::Int(1)).unwrap(), Value::Int(1));
    assert!(world.state.swap("k1498", &Value::None, text("new")).unwrap());
    world.state.commit();
    world.sleep(1);
    world.sleep(1);
    assert_eq!(keys(&world, "*"), ["k1498", "k1499"]);
}

#[test]
fn a_rollback_keeps_what_was_due() {
    let mut world = World::new();
    world.run(|state| state.set(R, "k", text("v"), Some(seconds(5)))).unwrap();
    let sequence = world.last.sequence;
    world.advance(5);
    let failed: Result<()> = world.run(|state| {
        state.set(R, "k", text("new"), None)?;
        Err(Error::State("later on".to_owned()))
    });
    assert!(failed.is_err());
    assert!(matches!(world.last.records[..], [Record::Delete { .. }]));
    assert_eq!((world.last.sequence, world.state.get(R, "k")), (sequence + 1, None));
}

#[test]
fn incr_counts() {
    let mut world = World::new();
    let mut incr = |key: &str, by: Value| world.run(|state| state.incr(key, by));
    assert_eq!(incr("n", Value::Int(5)).unwrap(), Value::Int(5));
    assert_eq!(incr("n", Value::Int(-7)).unwrap(), Value::Int(-2));
    let float = incr("n", Value::Float(0.5)).unwrap();
    assert!(matches!(float, Value::Float(number) if (number + 1.5).abs() < 1e-12));
    assert_eq!(kind(incr("n", text("1"))), "type");
    assert_eq!(kind(incr("n", Value::None)), "type");
    assert_eq!(incr("truth", Value::Bool(true)).unwrap(), Value::Int(1));
    assert_eq!(incr("m", Value::Int(i64::MAX)).unwrap(), Value::Int(i64::MAX));
    let overflow = incr("m", Value::Int(1)).unwrap_err();
    assert_eq!(overflow.to_string(), "the result does not fit into 64 bits");
    assert_eq!(overflow.kind().as_str(), "limit");
    assert_eq!(world.state.get(R, "m"), Some(Value::Int(i64::MAX)));
    world.run(|state| state.set(R, "t", text("x"), None)).unwrap();
    assert_eq!(kind(world.run(|state| state.incr("t", Value::Int(1)))), "type");
}

#[test]
fn incr_keeps_the_time_to_live_and_swap_does_not() {
    let mut world = World::new();
    for key in ["a", "b"] {
        world.run(|state| state.set(R, key, Value::Int(1), Some(seconds(10)))).unwrap();
    }
    world.sleep(4);
    world.run(|state| state.incr("a", Value::Int(1))).unwrap();
    assert!(!world.run(|state| state.swap("b", &Value::Int(2), Value::Int(3))).unwrap());
    assert!(world.run(|state| state.swap("b", &Value::Float(1.0), Value::Int(3))).unwrap(), "1 == 1.0");
    assert!(!world.run(|state| state.swap("c", &Value::Int(0), Value::Int(3))).unwrap());
    world.sleep(6);
    assert_eq!(keys(&world, "*"), ["b"]);
}

#[test]
fn age_counts_from_the_last_set() {
    let mut world = World::new();
    world.run(|state| state.set(R, "k", text("v"), None)).unwrap();
    world.sleep(7);
    assert_eq!(world.state.age("k"), Some(seconds(7)));
    world.now.unix_micros -= 3_600_000_000;
    world.sleep(1);
    assert_eq!(world.state.age("k"), Some(seconds(8)), "whatever the clock on the wall says");
    world.run(|state| state.set(R, "k", text("v"), None)).unwrap();
    assert_eq!((world.state.age("k"), world.state.age("none")), (Some(Duration::ZERO), None));
}

#[test]
fn a_clients_own_keys_live_as_long_as_it_does() {
    let mut world = World::new();
    let anna = world.client();
    let key = format!("client.{anna}.state");
    world.run(|state| state.set(R, &key, text("on"), None)).unwrap();
    world.run(|state| state.set(R, "client.short.k", text("anybody's"), None)).unwrap();
    world.run(|state| state.exit(anna)).unwrap();
    assert_eq!(keys(&world, "*"), ["client.short.k"]);
    assert_eq!(kind(world.run(|state| state.set(R, &key, text("on"), None))), "state");
    assert_eq!(kind(world.run(|state| state.incr(&key, Value::Int(1)))), "state");
}
