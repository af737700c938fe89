//! Waits: fulfilled at once or by the commit that makes them possible, first come first served.

use super::*;

const R: Space = Space::Registry;

fn for_message(client: ClientId, event: Option<&str>) -> Wait {
    Wait::Message { client, event: event.map(shared) }
}

fn for_item(queue: &str) -> Wait {
    Wait::Item { queue: shared(queue) }
}

fn give_back(world: &mut World, wait: &Wait, fulfilment: Fulfilment) {
    world.state.begin(world.now);
    world.state.give_back(wait, fulfilment);
    world.last = world.state.commit();
    world.state.verify();
}

#[test]
fn what_is_there_already_is_not_waited_for() {
    let mut world = World::new();
    let client = world.client();
    world.run(|state| state.send(client, "ALL", None, text("hi"))).unwrap();
    world.run(|state| state.put("q", Value::Int(7))).unwrap();
    let message = world.run(|state| state.wait(for_message(client, None))).unwrap().unwrap();
    let item = world.run(|state| state.wait(for_item("q"))).unwrap().unwrap();
    let changed = Wait::Changed { key: shared("k"), old: Value::Int(1) };
    let value = world.run(|state| state.wait(changed)).unwrap().unwrap();
    assert_eq!(
        [tell(&message), tell(&item), tell(&value)],
        [format!("{client}ÈALLÈhi"), "7".into(), "None".into()]
    );
    assert_eq!((world.state.counts().messages, world.state.size("q").unwrap()), (0, 0));
}

#[test]
fn a_large_value_that_is_waited_on_counts_for_as_long_as_it_waits() {
    let mut world = World::limited(|limits| limits.state_bytes_max = 5_000);
    world.run(|state| state.set(R, "k", text(&"x".repeat(1_000)), None)).unwrap();
    let changed = |old: Value| Wait::Changed { key: shared("k"), old };
    let large = || changed(text(&"x".repeat(1_000)));
    let before = world.state.bytes;
    let parked = world.park(large());
    assert!(world.state.bytes >= before + 2_000);
    let refused = world.run(|state| state.wait(large())).unwrap_err();
    assert!(matches!(refused, Error::Limit { .. }), "{refused}");
    assert!(world.state.cancel(parked));
    assert_eq!(world.state.bytes, before);
    let parked = world.park(large());
    world.run(|state| state.set(R, "k", Value::Int(1), None)).unwrap();
    assert_eq!(world.told(), [(parked, "1".to_owned())]);
    assert!(world.state.bytes < before);
    // What is small waits whatever the state holds.
    let (small, bytes) = (changed(Value::Int(1)), world.state.bytes);
    world.park(small);
    assert_eq!(world.state.bytes, bytes);
}

#[test]
fn waiters_are_served_in_the_order_they_came() {
    let mut world = World::new();
    let waiters: Vec<_> = (0..3).map(|_| world.park(for_item("q"))).collect();
    world.run(|state| state.put("q", Value::Int(1)).and_then(|()| state.put("q", Value::Int(2)))).unwrap();
    assert_eq!(world.told(), [(waiters[0], "1".to_owned()), (waiters[1], "2".to_owned())]);
    assert_eq!(world.state.size("q").unwrap(), 0);
    assert!(!world.state.cancel(waiters[0]));
    assert!(world.state.cancel(waiters[2]));
    assert!(!world.state.cancel(waiters[2]));
    world.run(|state| state.put("q", Value::Int(3))).unwrap();
    assert!(world.told().is_empty());
}

#[test]
fn a_waiter_for_an_event_takes_only_that() {
    let mut world = World::new();
    let client = world.client();
    let (tick, any) =
        (world.park(for_message(client, Some("tick"))), world.park(for_message(client, Some("*"))));
    world.run(|state| state.send(client, "ALL", None, text("plain"))).unwrap();
    assert!(world.told().is_empty());
    let plain = world.run(|state| state.wait(for_message(client, None))).unwrap().unwrap();
    assert_eq!(tell(&plain), format!("{client}ÈALLÈplain"));
    world
        .run(|state| {
            state.send(client, "ALL", Some("tock"), text("1"))?;
            state.send(client, "ALL", Some("tick"), text("2"))
        })
        .unwrap();
    assert_eq!(world.told(), [(any, format!("{client}ÈALLÈtock:1")), (tick, format!("{client}ÈALLÈtick:2"))]);
    assert_eq!(world.state.counts().messages, 0);
}

#[test]
fn an_expression_that_fails_fulfils_nobody() {
    let mut world = World::new();
    let client = world.client();
    let waiters = [
        world.park(for_item("q")),
        world.park(for_message(client, None)),
        world.park(Wait::Changed { key: shared("k"), old: Value::None }),
    ];
    let failed: Result<()> = world.run(|state| {
        state.put("q", Value::Int(1))?;
        state.send(client, "ALL", None, text("hi"))?;
        state.set(R, "k", Value::Int(1), None)?;
        // The earlier waiter is served before this wait is looked at; that is undone too.
        let parked = state.wait(for_item("q"))?;
        assert!(parked.is_err());
        state.drop_queue("q")?;
        state.exit(client)?;
        Err(Error::State("later on".to_owned()))
    });
    assert!(failed.is_err());
    assert!(world.told().is_empty());
    world.run(|state| state.put("q", Value::Int(2))).unwrap();
    assert_eq!(world.told(), [(waiters[0], "2".to_owned())]);
    assert!(waiters[1..].iter().all(|waiter| world.state.cancel(*waiter)));
}

#[test]
fn an_earlier_waiter_goes_first_within_one_expression_too() {
    let mut world = World::new();
    let earlier = world.park(for_item("q"));
    let own = world
        .run(|state| {
            state.put("q", Value::Int(1))?;
            state.wait(for_item("q"))
        })
        .unwrap()
        .unwrap_err();
    assert_eq!(world.told(), [(earlier, "1".to_owned())]);
    world.run(|state| state.put("q", Value::Int(2))).unwrap();
    assert_eq!(world.told(), [(own, "2".to_owned())]);
}

#[test]
fn a_changed_value_wakes_all_who_believe_otherwise() {
    let mut world = World::new();
    world.run(|state| state.set(R, "k", Value::Int(1), None)).unwrap();
    let on = |old: Value| Wait::Changed { key: shared("k"), old };
    let (one, same) = (world.park(on(Value::Int(1))), world.park(on(Value::Float(1.0))));
    world
        .run(|state| {
            state.set(R, "k", Value::Int(2), None)?;
            state.set(R, "k", Value::Bool(true), None)
        })
        .unwrap();
    assert!(world.told().is_empty(), "True == 1");
    world.run(|state| state.set(R, "k", Value::Int(2), Some(seconds(5)))).unwrap();
    assert_eq!(world.told(), [(one, "2".to_owned()), (same, "2".to_owned())]);
    let gone = world.park(on(Value::Int(2)));
    world.sleep(5);
    assert_eq!(world.told(), [(gone, "None".to_owned())]);
}

#[test]
fn what_comes_back_by_itself_is_given_to_who_waits() {
    let mut world = World::new();
    let client = world.client();
    world.run(|state| state.send(client, "ALL", None, text("hi"))).unwrap();
    world.run(|state| state.put("q", Value::Int(1))).unwrap();
    world.run(|state| state.lease(client, seconds(5))).unwrap();
    world.run(|state| state.take("q", seconds(6))).unwrap();
    let waiters = [world.park(for_message(client, None)), world.park(for_item("q"))];
    world.advance(5);
    let failed: Result<()> = world.run(|_| Err(Error::State("something else".to_owned())));
    assert!(failed.is_err());
    assert_eq!(world.told(), [(waiters[0], format!("{client}ÈALLÈhi"))]);
    world.sleep(1);
    assert_eq!(world.told(), [(waiters[1], "1".to_owned())]);
    assert_eq!((world.state.counts().messages, world.state.size("q").unwrap()), (0, 0));
}

#[test]
fn who_waits_on_what_goes_is_told_that_it_is_closed() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    let up = format!("client.{anna}.up");
    let own = [world.park(for_message(anna, None)), world.park(for_item(&up))];
    world.run(|state| state.exit(anna)).unwrap();
    let told = world.told();
    assert_eq!(told.iter().map(|(waiter, _)| *waiter).collect::<Vec<_>>(), own);
    assert!(told.iter().all(|(_, words)| words.contains("closed")), "{told:?}");
    let down = world.park(for_item(&format!("client.{ben}.down")));
    world.sleep(600);
    assert_eq!(world.told()[0].0, down, "who expires is gone too");
    let queue = world.park(for_item("jobs"));
    assert_eq!(world.run(|state| state.drop_queue("jobs")).unwrap(), 0);
    assert!(matches!(&world.last.fulfilled[..], [(id, Fulfilment::Closed(Error::State(_)))] if *id == queue));
}

#[test]
fn what_was_not_delivered_goes_back_to_its_place() {
    let mut world = World::new();
    let client = world.client();
    for body in ["1", "2", "3"] {
        world.run(|state| state.send(client, "ALL", None, text(body))).unwrap();
        world.run(|state| state.put("q", text(body))).unwrap();
    }
    let waits = [for_message(client, None), for_item("q")];
    let got = waits.clone().map(|wait| world.run(|state| state.wait(wait)).unwrap().unwrap());
    let Fulfilment::Message(received) = &got[0] else { panic!("no message") };
    let number = received.number;
    for (wait, fulfilment) in waits.iter().zip(got.clone()) {
        give_back(&mut world, wait, fulfilment);
        assert!(matches!(world.last.records[..], [Record::Put { fresh: false, .. }]));
    }
    assert_eq!(world.run(|state| state.recv(client, None)).unwrap().unwrap().number, number);
    assert_eq!(world.drain(client), [format!("{client}ÈALLÈ2"), format!("{client}ÈALLÈ3")]);
    assert_eq!(world.run(|state| state.take_out("q")).unwrap(), Some(text("1")));
    // Given back to a waiter, and to nobody.
    world.run(|state| state.drop_queue("q")).unwrap();
    let next = world.park(waits[0].clone());
    give_back(&mut world, &waits[0], got[0].clone());
    assert_eq!(world.told(), [(next, format!("{client}ÈALLÈ1"))]);
    world.run(|state| state.exit(client)).unwrap();
    for (wait, fulfilment) in waits.iter().zip(got) {
        give_back(&mut world, wait, fulfilment);
        assert!(world.last.records.is_empty());
    }
}

#[test]
fn each_item_goes_to_one_of_any_number_of_getters_in_the_order_they_came() {
    for getters in [1_usize, 2, 100, 10_000] {
        let mut world = World::new();
        world.state.begin(world.now);
        let waiters: Vec<_> =
            (0..getters).map(|_| world.state.wait(for_item("jobs")).unwrap().unwrap_err()).collect();
        world.state.commit();
        // Some give up; nothing of theirs is lost.
        let stay: Vec<_> = waiters
            .iter()
            .enumerate()
            .filter(|(index, _)| index % 3 != 1)
            .map(|(_, waiter)| *waiter)
            .collect();
        for gone in waiters.iter().filter(|waiter| !stay.contains(waiter)) {
            assert!(world.state.cancel(*gone));
        }
        let mut told = Vec::new();
        let mut put = 0;
        // One item, then several in one expression, and more than there are getters in the end.
        for batch in [1, 1, 7, getters] {
            world.state.begin(world.now);
            for _ in 0..batch {
                world.state.put("jobs", Value::from(put)).unwrap();
                put += 1;
            }
            world.last = world.state.commit();
            let waiting = stay.len() - told.len();
            assert_eq!(world.last.fulfilled.len(), waiting.min(batch), "one item wakes one");
            told.extend(world.told());
        }
        let expected: Vec<_> =
            stay.iter().enumerate().map(|(index, waiter)| (*waiter, index.to_string())).collect();
        assert_eq!(told, expected);
        // What nobody waited for is there, in its order.
        let left = std::iter::from_fn(|| world.run(|state| state.take_out("jobs")).unwrap());
        let expected: Vec<Value> =
            (stay.len()..usize::try_from(put).unwrap()).map(|n| (n as i64).into()).collect();
        assert_eq!(left.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn of_those_who_wait_for_other_events_none_is_woken() {
    let mut world = World::new();
    let client = world.client();
    world.state.begin(world.now);
    let mut park = |event| world.state.wait(for_message(client, event)).unwrap().unwrap_err();
    let ticks: Vec<_> = (0..5_000).map(|_| park(Some("tick"))).collect();
    let any = park(Some("t*"));
    let tocks: Vec<_> = (0..5_000).map(|_| park(Some("tock"))).collect();
    let plain = park(None);
    world.state.commit();
    for (event, body, taker) in [
        (Some("tock"), "1", any),
        (Some("tock"), "2", tocks[0]),
        (Some("tick"), "3", ticks[0]),
        (Some("tick"), "4", ticks[1]),
        (Some("other"), "5", plain),
    ] {
        world.run(|state| state.send(client, client.as_str(), event, text(body))).unwrap();
        let told: Vec<_> = world.told().into_iter().map(|(waiter, _)| waiter).collect();
        assert_eq!(told, [taker], "{body}");
    }
    world.run(|state| state.send(client, client.as_str(), Some("other"), text("6"))).unwrap();
    assert!(world.told().is_empty());
    assert_eq!(world.drain(client).len(), 1);
}

#[test]
fn each_of_thousands_of_events_finds_the_one_who_waits_for_it() {
    let mut world = World::new();
    let client = world.client();
    world.state.begin(world.now);
    let mut park = |event: &str| world.state.wait(for_message(client, Some(event))).unwrap().unwrap_err();
    let waiters: Vec<_> = (0..5_000).map(|number| park(&format!("answer {number}"))).collect();
    // An unclosed bracket is an ordinary character; a closed one is none.
    let (open, class) = (park("answer [1"), park("answer [12]000"));
    world.state.commit();
    for number in [4_999, 0, 17] {
        let event = format!("answer {number}");
        world.run(|state| state.send(client, client.as_str(), Some(&event), text("x"))).unwrap();
        assert_eq!(world.told()[0].0, waiters[number]);
        assert_eq!(world.told().len(), 1);
    }
    for (event, taker) in [("answer [1", open), ("answer 1000", waiters[1_000]), ("answer 1000", class)] {
        world.run(|state| state.send(client, client.as_str(), Some(event), text("x"))).unwrap();
        assert_eq!(world.told()[0].0, taker, "{event}");
    }
    world.run(|state| state.send(client, client.as_str(), Some("answer 1000"), text("x"))).unwrap();
    assert!(world.told().is_empty(), "nobody waits for it any more");
    world.run(|state| state.exit(client)).unwrap();
    assert_eq!(world.told().len(), 5_000 - 4);
}

#[test]
fn all_who_believe_in_an_old_value_are_woken_in_the_order_they_came() {
    let mut world = World::new();
    world.run(|state| state.set(R, "k", Value::Int(1), None)).unwrap();
    let beliefs = [Value::Int(1), Value::Float(1.0), Value::Bool(true)];
    let on = |old: &Value| Wait::Changed { key: shared("k"), old: old.clone() };
    world.state.begin(world.now);
    let waiters: Vec<_> =
        (0..9_000).map(|number| world.state.wait(on(&beliefs[number % 3])).unwrap().unwrap_err()).collect();
    world.state.commit();
    assert!(world.state.cancel(waiters[0]), "the first gives up");
    for value in &beliefs {
        world.run(|state| state.set(R, "k", value.clone(), None)).unwrap();
        assert!(world.told().is_empty(), "it is equal to what all believe");
    }
    world.run(|state| state.set(R, "k", text("new"), None)).unwrap();
    let told: Vec<_> = world.told().into_iter().map(|(waiter, _)| waiter).collect();
    assert_eq!(told, waiters[1..]);
}

#[test]
fn ten_thousand_may_wait() {
    let mut world = World::new();
    let client = world.client();
    world.state.begin(world.now);
    let waiters: Vec<_> =
        (0..10_000).map(|_| world.state.wait(for_message(client, None)).unwrap().unwrap_err()).collect();
    world.state.commit();
    world.run(|state| state.send(client, "ALL", None, text("one"))).unwrap();
    assert_eq!(world.told(), [(waiters[0], format!("{client}ÈALLÈone"))]);
    world.run(|state| state.exit(client)).unwrap();
    assert_eq!(world.told().len(), 9_999);
}
