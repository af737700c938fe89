//! Messages on their way to sessions.

use super::*;

/// What the last transaction sent on its way to this session.
fn pushed(world: &World, session: u64) -> Vec<String> {
    let of = |push: &&Push| push.receivers.iter().any(|(_, window)| window.session() == SessionId(session));
    world.last.pushes.iter().filter(of).map(|push| line(&push.message)).collect()
}

fn send(world: &mut World, from: ClientId, to: &str, body: &str) {
    world.run(|state| state.send(from, to, None, text(body))).unwrap();
}

#[test]
fn a_message_to_listeners_is_one_row_until_all_have_it() {
    let mut world = World::new();
    let (anna, ben, carl) = (world.client(), world.client(), world.client());
    for (client, session) in [(anna, 1), (ben, 2)] {
        world.open(client, session);
        world.run(|state| state.listen(client, true)).unwrap();
    }
    send(&mut world, carl, "ALL", "hello");
    assert_eq!(pushed(&world, 1), [format!("{carl}ÈALLÈhello")]);
    assert_eq!(pushed(&world, 2), [format!("{carl}ÈALLÈhello")]);
    assert_eq!(world.last.records.len(), 2, "one row for both, one for the inbox of the one who sent it");
    assert_eq!(world.drain(carl), [format!("{carl}ÈALLÈhello")]);
    assert_eq!(world.run(|state| state.pending(anna)).unwrap(), 0);
    let row = *world.state.flights.keys().next().unwrap();
    world.quietly(|state| state.arrived(row));
    assert!(world.state.flights.is_empty());
    assert!(matches!(world.last.records[..], [Record::Delete { table: Table::Push, .. }]));
}

#[test]
fn what_waits_already_comes_first() {
    let mut world = World::new();
    let anna = world.client();
    world.open(anna, 1);
    send(&mut world, anna, "ALL", "1");
    send(&mut world, anna, "ALL", "2");
    world.run(|state| state.listen(anna, true)).unwrap();
    assert_eq!(pushed(&world, 1), [format!("{anna}ÈALLÈ1"), format!("{anna}ÈALLÈ2")]);
    send(&mut world, anna, "ALL", "3");
    assert_eq!(pushed(&world, 1).len(), 1);
    world.run(|state| state.listen(anna, false)).unwrap();
    send(&mut world, anna, "ALL", "4");
    assert_eq!(pushed(&world, 1).len(), 0);
    assert_eq!(world.drain(anna), [format!("{anna}ÈALLÈ4")]);
}

#[test]
fn what_has_no_room_in_the_window_waits_in_the_inbox_in_order() {
    let mut world = World::new();
    let anna = world.client();
    let window = world.open(anna, 1);
    world.run(|state| state.listen(anna, true)).unwrap();
    let long = "x".repeat(60_000);
    for number in 0..6 {
        send(&mut world, anna, "ALL", &format!("{number}{long}"));
        assert_eq!(pushed(&world, 1).len(), usize::from(number < 4), "{number}");
    }
    send(&mut world, anna, "ALL", "short, but later");
    assert!(pushed(&world, 1).is_empty());
    assert_eq!(world.last.behind, [SessionId(1)]);
    assert!(!window.has_room());
    assert_eq!(world.run(|state| state.pending(anna)).unwrap(), 3);
    world.state.flights.values().for_each(|flight| window.release(flight.size));
    world.quietly(|state| state.refill(anna));
    let bodies: Vec<_> = pushed(&world, 1).iter().map(|line| line.chars().nth(13).unwrap()).collect();
    assert_eq!(bodies, ['4', '5', 's']);
    send(&mut world, anna, "ALL", "direct again");
    assert_eq!(pushed(&world, 1).len(), 1);
}

#[test]
fn what_was_not_written_goes_back_to_its_place() {
    let mut world = World::new();
    let anna = world.client();
    world.open(anna, 1);
    world.run(|state| state.listen(anna, true)).unwrap();
    for body in ["1", "2"] {
        send(&mut world, anna, "ALL", body);
    }
    let mut flights: Vec<_> =
        world.state.flights.iter().map(|(row, flight)| (*row, flight.receivers[0].0)).collect();
    flights.sort_unstable();
    world
        .run(|state| {
            state.disconnect(anna, SessionId(1));
            flights.iter().rev().for_each(|(row, delivery)| state.push_back(*row, *delivery));
            Ok(())
        })
        .unwrap();
    assert!(world.state.flights.is_empty());
    assert_eq!(world.drain(anna), [format!("{anna}ÈALLÈ1"), format!("{anna}ÈALLÈ2")]);
}

#[test]
fn an_undone_expression_pushes_nothing_and_takes_no_room() {
    let mut world = World::new();
    let anna = world.client();
    let window = world.open(anna, 1);
    world.run(|state| state.listen(anna, true)).unwrap();
    let failed: Result<()> = world.run(|state| {
        state.send(anna, "ALL", None, text(&"x".repeat(60_000)))?;
        state.send(anna, "ALL", None, text(&"x".repeat(60_000)))?;
        state.send(anna, "ALL", None, text(&"x".repeat(60_000)))?;
        Err(Error::Value("no".to_owned()))
    });
    assert!(failed.is_err());
    assert!(world.last.pushes.is_empty() && world.state.flights.is_empty());
    assert!(window.has_room());
}

#[test]
fn a_new_session_takes_the_client_over() {
    let mut world = World::new();
    let anna = world.client();
    world.open(anna, 1);
    world.run(|state| state.listen(anna, true)).unwrap();
    let window = Arc::new(Window::new(SessionId(2)));
    assert_eq!(world.run(|state| state.connect(anna, window)).unwrap(), Some(SessionId(1)));
    world.close(anna, 1);
    assert!(world.state.who(None).unwrap()[0].connected, "the older one's end is not the newer one's");
    send(&mut world, anna, "ALL", "it does not listen yet");
    assert_eq!(world.run(|state| state.pending(anna)).unwrap(), 1);
    world.run(|state| state.exit(anna)).unwrap();
    assert_eq!(world.last.ended, [SessionId(2)]);
}

#[test]
fn a_waiting_recv_goes_before_a_push() {
    let mut world = World::new();
    let anna = world.client();
    world.open(anna, 1);
    world.run(|state| state.listen(anna, true)).unwrap();
    let waiter = world.park(Wait::Message { client: anna, event: None });
    send(&mut world, anna, "ALL", "1");
    assert_eq!(world.told(), [(waiter, format!("{anna}ÈALLÈ1"))]);
    assert!(pushed(&world, 1).is_empty());
    world.quietly(|state| state.refill(anna));
    send(&mut world, anna, "ALL", "2");
    assert_eq!(pushed(&world, 1).len(), 1);
}

#[test]
fn after_a_restart_what_was_on_its_way_is_in_the_inbox() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    for (client, session) in [(anna, 1), (ben, 2)] {
        world.open(client, session);
        world.run(|state| state.listen(client, true)).unwrap();
    }
    send(&mut world, anna, "ALL", "hello");
    let rows: Vec<_> = world.state.flights.iter().map(|(row, flight)| (*row, flight.clone())).collect();
    let mut clients: Vec<_> = world.state.clients.live.iter().map(|(number, c)| (*number, c.id)).collect();
    clients.sort_by_key(|(number, _)| *number);
    let mut again = World::new();
    again.state.begin_restore(again.now);
    for (number, id) in clients {
        again.state.restore(number, Row::Client { id, name: None });
    }
    for (number, flight) in rows {
        again.state.restore(number, Row::Push { message: flight.message, receivers: flight.receivers });
    }
    again.state.restored(100, again.now);
    again.run(|_| Ok(())).unwrap();
    assert_eq!(again.last.records.len(), 3, "two deliveries, and the row that is no longer needed");
    for client in [anna, ben] {
        assert_eq!(again.drain(client), [format!("{anna}ÈALLÈhello")]);
    }
}
