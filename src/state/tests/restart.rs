//! A restart: what the journal kept is there again.

use super::*;

const R: Space = Space::Registry;

/// Folds what the commits left, as a journal does.
#[derive(Default)]
struct Kept(std::collections::BTreeMap<(Table, u64), Row>);

impl Kept {
    fn take(&mut self, commit: &mut Commit) {
        for record in commit.records.drain(..) {
            match record {
                Record::Put { number, row, .. } => drop(self.0.insert((row.table(), number), row)),
                Record::Delete { table, number } => drop(self.0.remove(&(table, number))),
            }
        }
    }

    fn restart(self, world: &World, down: u64) -> World {
        let mut again = World::new();
        again.now.unix_micros = world.now.unix_micros + i64::try_from(down).unwrap() * 1_000_000;
        again.state.begin_restore(again.now);
        for ((_, number), row) in self.0 {
            again.state.restore(number, row);
        }
        again.state.restored(world.last.next_number, again.now);
        again.state.verify();
        again
    }
}

fn lived_in() -> (World, Kept, ClientId, ClientId) {
    let mut world = World::new();
    let mut kept = Kept::default();
    let mut run = |world: &mut World, expression: &dyn Fn(&mut State) -> Result<()>| {
        world.run(expression).unwrap();
        kept.take(&mut world.last);
    };
    run(&mut world, &|state| state.client(Some("anna"), HOME).map(drop));
    run(&mut world, &|state| state.client(None, HOME).map(drop));
    let [anna, ben] = world.state.members("ALL").unwrap()[..] else { panic!("two clients") };
    run(&mut world, &|state| state.join(anna, "g"));
    run(&mut world, &|state| state.watch(anna, "k*"));
    run(&mut world, &|state| state.send(ben, "ALL", Some("tick"), text("1")));
    run(&mut world, &|state| state.send(ben, "anna", None, text("2")));
    run(&mut world, &|state| state.lease(anna, seconds(100)).map(drop));
    run(&mut world, &|state| state.set(R, "ttl", Value::Float(1.5), Some(seconds(100))));
    run(&mut world, &|state| state.set(R, "stay", Value::tuple(vec![Value::None]), None));
    run(&mut world, &|state| state.set(Space::Names, "TheAnswer", Value::Int(42), None));
    run(&mut world, &|state| state.put("q", text("taken")).and_then(|()| state.put("q", text("free"))));
    run(&mut world, &|state| state.take("q", seconds(100)).map(drop));
    (world, kept, anna, ben)
}

#[test]
fn everything_survives() {
    let (world, kept, anna, ben) = lived_in();
    let mut again = kept.restart(&world, 30);
    assert_eq!(again.state.find("anna").unwrap(), anna);
    assert_eq!(again.state.groups(Some(anna)).unwrap(), [shared("ALL"), shared("g")]);
    assert_eq!(again.drain(ben), [format!("{ben}ÈALLÈtick:1")]);
    assert_eq!(again.drain(anna), [format!("{ben}ÈannaÈ2")], "the leased one is still hidden");
    assert_eq!(again.state.get(R, "ttl"), Some(Value::Float(1.5)));
    assert_eq!(again.state.get(R, "stay"), Some(Value::tuple(vec![Value::None])));
    assert_eq!(again.state.age("stay"), Some(seconds(30)));
    assert_eq!(again.state.get(Space::Names, "TheAnswer"), Some(Value::Int(42)));
    assert_eq!(again.state.size("q").unwrap(), 1);
    again.run(|state| state.set(R, "key", Value::Int(1), None)).unwrap();
    assert_eq!(again.drain(anna), [format!("REGISTRYÈ{anna}Èkey:1")]);
    again.sleep(69);
    assert!(again.state.get(R, "ttl").is_some());
    again.sleep(1);
    assert_eq!(again.state.get(R, "ttl"), None);
    assert_eq!(again.drain(anna), [format!("{ben}ÈALLÈtick:1")]);
    assert_eq!(again.run(|state| state.take_out("q")).unwrap(), Some(text("taken")));
}

#[test]
fn everyone_gets_the_full_time_after_a_restart() {
    let (world, kept, anna, _) = lived_in();
    let mut again = kept.restart(&world, 100_000);
    again.sleep(599);
    assert!(again.state.find(anna.as_str()).is_ok());
    again.sleep(1);
    assert!(again.state.find(anna.as_str()).is_err());
}

#[test]
fn a_clock_that_was_set_back_makes_nothing_last_longer() {
    let (mut world, kept, anna, _) = lived_in();
    world.now.unix_micros -= 365 * 24 * 3_600 * 1_000_000;
    let mut again = kept.restart(&world, 0);
    assert!(again.state.get(R, "ttl").is_some());
    assert_eq!(again.state.age("ttl"), Some(Duration::ZERO));
    again.open(anna, 1);
    again.sleep(100);
    assert_eq!(again.state.get(R, "ttl"), None, "its own 100 seconds at most");
    again.sleep(24 * 3_600 - 100);
    assert_eq!(again.run(|state| state.pending(anna)).unwrap(), 2, "a lease is a day at most");
}

#[test]
fn the_time_that_was_over_meanwhile_is_over() {
    let (world, kept, anna, _) = lived_in();
    let mut again = kept.restart(&world, 1_000);
    assert_eq!(again.run(|state| state.pending(anna)).unwrap(), 2);
    assert_eq!(again.state.get(R, "ttl"), None);
    assert_eq!(again.state.size("q").unwrap(), 2);
}

#[test]
fn an_expired_id_is_remembered_over_a_restart() {
    let mut world = World::new();
    let mut kept = Kept::default();
    let anna = world.client();
    kept.take(&mut world.last);
    world.sleep(600);
    kept.take(&mut world.last);
    let mut again = kept.restart(&world, 3_600);
    assert!(again.state.tombstones.by_id.contains_key(&anna));
    again.sleep(23 * 3_600 - 1);
    again.run(|state| state.caller(anna.as_str(), HOME)).unwrap();
    assert_eq!(again.drain(anna).len(), 1);
}

#[test]
fn the_notice_of_a_full_inbox_goes_on_counting() {
    let mut world = World::limited(|limits| limits.inbox_messages_max = 2);
    let mut kept = Kept::default();
    let anna = world.client();
    kept.take(&mut world.last);
    for number in 0..5 {
        world.run(|state| state.send(anna, "ALL", None, Value::Int(number))).unwrap();
        kept.take(&mut world.last);
    }
    let mut again = kept.restart(&world, 0);
    again.state.limits.inbox_messages_max = 2;
    again.run(|state| state.send(anna, "ALL", None, Value::Int(5))).unwrap();
    let expected =
        ["SYSTEMÈAAAA0001È4 messages were dropped: this inbox was full", "AAAA0001ÈALLÈ4", "AAAA0001ÈALLÈ5"];
    assert_eq!(again.drain(anna), expected);
}

#[test]
fn a_row_without_an_owner_is_dropped_and_the_journal_told() {
    let message =
        Arc::new(Message { at: 0, from: shared("x"), to: shared("y"), event: None, body: Value::None });
    let id = ClientId::parse("AAAAAAAA").unwrap();
    let rows = [
        (1, Row::Client { id, name: Some(shared("anna")) }),
        (2, Row::Client { id, name: None }),
        (3, Row::Member { group: shared("g"), client: 99 }),
        (4, Row::Delivery { client: 99, content: Content::Own(Arc::clone(&message)), leased_until: None }),
        (5, Row::Delivery { client: 1, content: Content::Shared(98), leased_until: None }),
        (6, Row::Content { message }),
        (7, Row::Key { key: shared("client.BBBBBBBB.k"), value: Value::None, set_at: 0, expires_at: None }),
        (8, Row::Queue { name: shared("client.BBBBBBBB.q") }),
        (9, Row::Item { queue: 8, value: Value::None, taken_until: None }),
        (10, Row::Watch { client: 99, pattern: shared("*") }),
        (11, Row::Watch { client: 1, pattern: shared(&"x".repeat(300)) }),
        (12, Row::Expired { id, at: START_MICROS }),
    ];
    let mut world = World::new();
    world.state.begin_restore(world.now);
    for (number, row) in rows {
        world.state.restore(number, row);
    }
    world.state.restored(3, world.now);
    world.state.verify();
    let failed: Result<()> = world.run(|_| Err(Error::State("a rollback keeps it".to_owned())));
    assert!(failed.is_err());
    let mut gone: Vec<u64> = world
        .last
        .records
        .iter()
        .map(|record| match record {
            Record::Delete { number, .. } => *number,
            Record::Put { .. } => panic!("only deletions"),
        })
        .collect();
    gone.sort_unstable();
    assert_eq!(gone, (2..=12).collect::<Vec<u64>>());
    assert_eq!(world.last.next_number, 13, "never a number that a row had");
    let counts = world.state.counts();
    assert_eq!((counts.clients, counts.keys, counts.queues, counts.messages), (1, 0, 0, 0));
}

#[test]
fn everyone_has_the_full_time_however_long_the_reading_took() {
    let (_, kept, anna, _) = lived_in();
    let mut again = World::new();
    again.state.begin_restore(again.now);
    for ((_, number), row) in kept.0 {
        again.state.restore(number, row);
    }
    again.now.monotonic += 2 * EXPIRY;
    again.state.restored(1_000, again.now);
    again.state.verify();
    again.now.monotonic += EXPIRY - seconds(1);
    again.run(|_| Ok(())).unwrap();
    assert!(again.state.members("ALL").unwrap().contains(&anna));
    again.now.monotonic += seconds(1);
    again.run(|_| Ok(())).unwrap();
    assert!(!again.state.members("ALL").unwrap().contains(&anna));
}
