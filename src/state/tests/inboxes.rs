//! Inboxes: receiving, leases, and what a full one does.

use super::*;

fn fill(world: &mut World, client: ClientId, numbers: std::ops::Range<i64>) {
    for number in numbers {
        world.run(|state| state.send(client, client.as_str(), None, Value::Int(number))).unwrap();
    }
}

fn bodies(world: &mut World, client: ClientId) -> Vec<String> {
    world.drain(client).iter().map(|line| line.rsplit('È').next().unwrap().to_owned()).collect()
}

#[test]
fn receiving_by_event_leaves_the_others_in_place() {
    let mut world = World::new();
    let client = world.client();
    let to = client.as_str();
    for (event, body) in [(None, "plain"), (Some("tick"), "1"), (Some("tock"), "2"), (Some("tick"), "3")] {
        world.run(|state| state.send(client, to, event, text(body))).unwrap();
    }
    let mut by = |event: &str| {
        let got = world.run(|state| state.recv(client, Some(event))).unwrap();
        got.map(|received| plain(&received.message.body).unwrap())
    };
    assert_eq!(by("t?ck").as_deref(), Some("1"));
    assert_eq!(by("none").as_deref(), None);
    assert_eq!(by(" tick ").as_deref(), Some("3"));
    assert_eq!(by("*").as_deref(), Some("2"), "a star is any event, but an event");
    assert_eq!(by("*").as_deref(), None);
    assert_eq!(bodies(&mut world, client), ["plain"]);
}

#[test]
fn a_leased_message_keeps_its_place_and_comes_back() {
    let mut world = World::new();
    let client = world.client();
    fill(&mut world, client, 1..4);
    let leased = world.run(|state| state.lease(client, seconds(10))).unwrap().unwrap();
    assert_eq!(plain(&leased.message.body).as_deref(), Some("1"));
    assert_eq!(world.run(|state| state.pending(client)).unwrap(), 2);
    let second = world.run(|state| state.recv(client, None)).unwrap().unwrap();
    assert_eq!(plain(&second.message.body).as_deref(), Some("2"));
    world.sleep(9);
    assert_eq!(world.run(|state| state.pending(client)).unwrap(), 1);
    world.sleep(1);
    assert_eq!(kind(world.run(|state| state.ack(client, leased.number))), "state", "too late");
    let again = world.run(|state| state.lease(client, seconds(10))).unwrap().unwrap();
    assert_eq!(again.number, leased.number);
    world.run(|state| state.ack(client, leased.number)).unwrap();
    assert_eq!(kind(world.run(|state| state.ack(client, leased.number))), "state", "acknowledged once");
    world.sleep(10);
    assert_eq!(bodies(&mut world, client), ["3"]);
}

#[test]
fn only_its_own_client_acknowledges() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    fill(&mut world, anna, 1..2);
    let number = world.run(|state| state.lease(anna, seconds(10))).unwrap().unwrap().number;
    assert_eq!(kind(world.run(|state| state.ack(ben, number))), "state");
    assert_eq!(kind(world.run(|state| state.lease(anna, Duration::ZERO))), "value");
    assert_eq!(kind(world.run(|state| state.lease(anna, seconds(86_401)))), "value");
    assert!(world.run(|state| state.lease(anna, seconds(86_400))).unwrap().is_none());
    world.run(|state| state.ack(anna, number)).unwrap();
}

#[test]
fn a_lease_that_is_over_is_seen_so_before_it_is_swept() {
    let mut world = World::limited(|limits| limits.inbox_messages_max = 10_000);
    let client = world.client();
    fill(&mut world, client, 0..1_200);
    for _ in 0..1_200 {
        world.run(|state| state.lease(client, seconds(5))).unwrap().unwrap();
    }
    world.advance(5);
    world.state.begin(world.now);
    assert!(world.state.backlog(), "one begin does not do it all");
    assert_eq!(world.state.pending(client).unwrap(), 1_200);
    let got: Vec<String> = (0..1_200)
        .map(|_| plain(&world.state.recv(client, None).unwrap().unwrap().message.body).unwrap())
        .collect();
    assert_eq!(got, (0..1_200).map(|number: i64| number.to_string()).collect::<Vec<_>>());
    world.state.commit();
    world.state.verify();
}

#[test]
fn a_full_inbox_drops_its_oldest_and_says_how_many() {
    let mut world = World::limited(|limits| limits.inbox_messages_max = 3);
    let client = world.client();
    fill(&mut world, client, 0..3);
    assert_eq!(world.state.counts().dropped, 0);
    fill(&mut world, client, 3..4);
    assert_eq!(world.state.counts().dropped, 1);
    let first = world.run(|state| state.recv(client, None)).unwrap().unwrap();
    assert_eq!(line(&first.message), format!("SYSTEMÈ{client}È1 message was dropped: this inbox was full"));
    fill(&mut world, client, 4..10);
    assert_eq!((world.state.counts().dropped, world.state.counts().messages), (7, 4));
    let expected = ["6 messages were dropped: this inbox was full", "7", "8", "9"];
    assert_eq!(bodies(&mut world, client), expected);
    fill(&mut world, client, 10..12);
    assert_eq!(bodies(&mut world, client), ["10", "11"]);
}

#[test]
fn the_notice_counts_to_the_thousands_and_stays_one() {
    let mut world = World::limited(|limits| limits.inbox_messages_max = 2);
    let client = world.client();
    fill(&mut world, client, 0..2_000);
    let expected = ["1998 messages were dropped: this inbox was full", "1998", "1999"];
    assert_eq!(bodies(&mut world, client), expected);
}

#[test]
fn a_notice_that_was_leased_is_not_changed_and_not_lost() {
    let mut world = World::limited(|limits| limits.inbox_messages_max = 2);
    let client = world.client();
    fill(&mut world, client, 0..4);
    let notice = world.run(|state| state.lease(client, seconds(5))).unwrap().unwrap();
    assert!(line(&notice.message).ends_with("2 messages were dropped: this inbox was full"));
    // The leased notice is the oldest there is now, so it goes first, with what it tells of.
    fill(&mut world, client, 4..6);
    assert_eq!(kind(world.run(|state| state.ack(client, notice.number))), "state");
    assert_eq!(bodies(&mut world, client), ["4 messages were dropped: this inbox was full", "4", "5"]);
    assert_eq!(world.state.counts().dropped, 4);
}

#[test]
fn bytes_fill_an_inbox_too() {
    let mut world = World::limited(|limits| limits.inbox_bytes_max = 1_000);
    let client = world.client();
    let body = text(&"x".repeat(300));
    for _ in 0..3 {
        world.run(|state| state.send(client, "ALL", None, body.clone())).unwrap();
    }
    assert_eq!(bodies(&mut world, client).len(), 3, "two and the notice");
    // What is larger than an inbox can only be told of.
    world.run(|state| state.send(client, "ALL", None, text(&"y".repeat(2_000)))).unwrap();
    assert_eq!(bodies(&mut world, client), ["1 message was dropped: this inbox was full"]);
    // The same where it is shared content.
    let other = world.client();
    world.run(|state| state.send(client, "ALL", None, text(&"y".repeat(2_000)))).unwrap();
    for client in [client, other] {
        assert_eq!(bodies(&mut world, client), ["1 message was dropped: this inbox was full"]);
    }
    assert!(world.state.contents.is_empty());
}

#[test]
fn a_rolled_back_drop_is_none() {
    let mut world = World::limited(|limits| limits.inbox_messages_max = 2);
    let client = world.client();
    fill(&mut world, client, 0..2);
    let failed: Result<()> = world.run(|state| {
        state.send(client, "ALL", None, text("too many"))?;
        Err(Error::State("later on".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(world.state.counts().dropped, 0);
    assert_eq!(bodies(&mut world, client), ["0", "1"]);
}
