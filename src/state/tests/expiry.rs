//! Expiry: who is gone, who is not, and what one who comes back is told.

use super::*;

#[test]
fn a_client_that_is_not_heard_of_is_gone() {
    let mut world = World::new();
    let (anna, ben) = (world.named("anna"), world.client());
    world.run(|state| state.join(anna, "g")).unwrap();
    world.sleep(599);
    world.run(|state| state.caller(ben.as_str(), HOME)).unwrap();
    world.sleep(1);
    assert_eq!((world.state.counts().clients, world.state.counts().groups), (1, 0));
    assert!(world.state.find("anna").is_err());
    assert!(
        matches!(&world.last.records[..], [.., Record::Put { row: Row::Expired { id, .. }, .. }] if *id == anna)
    );
    world.sleep(598);
    assert_eq!(world.state.find(ben.as_str()).unwrap(), ben, "a request moves the hour");
    world.sleep(1);
    assert_eq!(world.state.counts().clients, 0);
    assert!(world.state.find(ben.as_str()).is_err());
}

#[test]
fn a_failed_request_is_a_sign_of_life_too() {
    let mut world = World::new();
    let anna = world.client();
    world.sleep(500);
    let failed: Result<()> = world.run(|state| {
        state.caller(anna.as_str(), HOME)?;
        Err(Error::State("no".to_owned()))
    });
    assert!(failed.is_err());
    world.sleep(500);
    assert!(world.state.find(anna.as_str()).is_ok());
}

#[test]
fn while_it_has_a_session_a_client_does_not_expire() {
    let mut world = World::new();
    let anna = world.client();
    world.open(anna, 1);
    world.open(anna, 2);
    world.close(anna, 1);
    for _ in 0..10 {
        world.sleep(1_000);
    }
    world.close(anna, 2);
    world.sleep(599);
    assert!(world.state.find(anna.as_str()).is_ok(), "the full time after its session");
    world.sleep(1);
    assert!(world.state.find(anna.as_str()).is_err());
}

#[test]
fn while_its_request_waits_a_client_does_not_expire() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    let wait = |client| Wait::Message { client, event: None };
    let (told, given_up) = (world.park(wait(anna)), world.park(wait(ben)));
    for _ in 0..3 {
        world.sleep(1_000);
    }
    assert!(world.state.cancel(given_up));
    world.run(|state| state.send(anna, "ALL", None, text("late"))).unwrap();
    assert_eq!(world.told(), [(told, format!("{anna}ÈALLÈlate"))]);
    world.sleep(599);
    assert_eq!(world.state.counts().clients, 2, "the full time after its wait");
    world.sleep(1);
    assert_eq!(world.state.counts().clients, 0);
}

#[test]
fn a_clock_set_back_or_forth_expires_nobody() {
    let mut world = World::new();
    let anna = world.client();
    for wall in [0, START_MICROS * 2, -1, i64::MAX, i64::MIN] {
        world.now.unix_micros = wall;
        world.run(|_| Ok(())).unwrap();
        assert!(world.state.find(anna.as_str()).is_ok());
    }
}

#[test]
fn one_who_comes_back_is_told_to_join_again() {
    let mut world = World::new();
    let anna = world.named("anna");
    world.run(|state| state.join(anna, "g")).unwrap();
    world.run(|state| state.send(anna, "anna", None, text("lost"))).unwrap();
    world.sleep(600);
    assert_eq!(world.run(|state| state.caller(anna.as_str(), HOME)).unwrap(), anna);
    let messages = world.drain(anna);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].starts_with(&format!("SYSTEMÈ{anna}Èthis ID had expired")), "{messages:?}");
    assert!(messages[0].contains("join"));
    assert_eq!(world.state.groups(Some(anna)).unwrap(), [shared("ALL")]);
    assert_eq!((world.state.name_of(anna), world.state.tombstones.by_id.len()), (None, 0));
    world.run(|state| state.caller(anna.as_str(), HOME)).unwrap();
    assert!(world.drain(anna).is_empty(), "told once");
}

#[test]
fn an_expired_id_is_forgotten_after_a_day() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    world.sleep(600);
    world.sleep(24 * 3_600 - 1);
    world.run(|state| state.caller(anna.as_str(), HOME)).unwrap();
    world.sleep(1);
    assert_eq!(kind(world.run(|state| state.caller(ben.as_str(), HOME))), "state");
    assert!(world.state.tombstones.by_id.is_empty());
}

#[test]
fn who_expired_is_not_seen_before_it_is_swept() {
    let mut world = World::new();
    let clients: Vec<_> = (0..1_500).map(|_| world.client()).collect();
    world.run(|state| state.set_name(clients[1_499], "last")).unwrap();
    world.run(|state| state.join(clients[1_499], "g")).unwrap();
    world.advance(600);
    world.state.begin(world.now);
    assert!(world.state.counts().clients > 0, "one begin does not do it all");
    assert!(world.state.who(None).unwrap().is_empty());
    assert!(world.state.members("ALL").unwrap().is_empty());
    assert!(world.state.members("g").unwrap().is_empty());
    assert!(world.state.find("last").is_err() && world.state.pending(clients[1_499]).is_err());
    let again = world.state.client(Some("last"), HOME).unwrap();
    assert_ne!(again, clients[1_499]);
    world.state.caller(clients[1_498].as_str(), HOME).unwrap();
    assert_eq!(world.state.pending(clients[1_498]).unwrap(), 1, "it was made anew, with its notice");
    world.state.commit();
    world.state.verify();
    for _ in 0..10 {
        world.sleep(0);
    }
    assert_eq!(world.state.counts().clients, 2);
}

#[test]
fn the_next_deadline_is_told() {
    let mut world = World::new();
    assert_eq!(
        {
            world.run(|_| Ok(())).unwrap();
            world.last.next_deadline
        },
        None
    );
    world.client();
    assert_eq!(world.last.next_deadline, Some(world.now.monotonic + EXPIRY));
    world.run(|state| state.set(Space::Registry, "k", text("v"), Some(seconds(3)))).unwrap();
    assert_eq!(world.last.next_deadline, Some(world.now.monotonic + seconds(3)));
}

#[test]
fn not_more_than_100_000_expired_ids_are_remembered() {
    let mut world = World::new();
    world.state.begin(world.now);
    let ids = (0..100_001).map(|number| ClientId::parse(&format!("Z{number:07}")).unwrap());
    ids.for_each(|id| world.state.bury(id));
    world.state.commit();
    world.state.verify();
    let remembered = |id: &str| world.state.tombstones.by_id.contains_key(&ClientId::parse(id).unwrap());
    assert_eq!((remembered("Z0000000"), remembered("Z0000001"), remembered("Z0100000")), (false, true, true));
}
