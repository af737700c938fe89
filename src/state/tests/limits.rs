//! Every limit that is the state's, crossed: at it all is well, past it nothing is left behind.

use super::*;

const R: Space = Space::Registry;

#[test]
fn clients_max() {
    let mut world = World::limited(|limits| limits.clients_max = 2);
    let (anna, _) = (world.named("anna"), world.client());
    assert_eq!(met(world.run(|state| state.client(None, HOME))), "clients_max");
    assert_eq!(world.named("anna"), anna);
    world.sleep(600);
    let (_, ben) = (world.client(), world.client());
    assert_eq!(met(world.run(|state| state.caller(anna.as_str(), HOME))), "clients_max");
    world.run(|state| state.exit(ben)).unwrap();
    world.run(|state| state.caller(anna.as_str(), HOME)).unwrap();
}

#[test]
fn groups_max() {
    let mut world = World::limited(|limits| limits.groups_max = 2);
    let (anna, ben) = (world.client(), world.client());
    for group in ["a", "b"] {
        world.run(|state| state.join(anna, group)).unwrap();
    }
    assert_eq!(met(world.run(|state| state.join(ben, "c"))), "groups_max");
    world.run(|state| state.join(ben, "b")).unwrap();
    world.run(|state| state.leave(anna, "a")).unwrap();
    world.run(|state| state.join(ben, "c")).unwrap();
}

#[test]
fn registry_keys_max() {
    let mut world = World::limited(|limits| limits.registry_keys_max = 2);
    for space in [R, Space::Names] {
        for key in ["a", "b", "b"] {
            world.run(|state| state.set(space, key, Value::Int(1), None)).unwrap();
        }
        assert_eq!(met(world.run(|state| state.set(space, "c", Value::Int(1), None))), "registry_keys_max");
    }
    assert_eq!(met(world.run(|state| state.incr("c", Value::Int(1)))), "registry_keys_max");
    world.run(|state| state.incr("b", Value::Int(1))).unwrap();
}

#[test]
fn registry_bytes_max() {
    let mut world = World::limited(|limits| limits.registry_bytes_max = 1_000);
    let long = text(&"x".repeat(400));
    for key in ["a", "b"] {
        world.run(|state| state.set(R, key, long.clone(), None)).unwrap();
    }
    assert_eq!(met(world.run(|state| state.set(R, "c", long.clone(), None))), "registry_bytes_max");
    world.run(|state| state.set(R, "a", Value::Int(1), None)).unwrap();
    world.run(|state| state.set(R, "c", text(&"x".repeat(200)), None)).unwrap();
}

#[test]
fn value_bytes_max() {
    let mut world = World::limited(|limits| limits.value_bytes_max = 100);
    world.run(|state| state.set(R, "a", text(&"x".repeat(84)), None)).unwrap();
    let long = text(&"x".repeat(85));
    assert_eq!(met(world.run(|state| state.set(R, "a", long.clone(), None))), "value_bytes_max");
    assert_eq!(met(world.run(|state| state.swap("b", &Value::None, long.clone()))), "value_bytes_max");
    assert_eq!(met(world.run(|state| state.put("q", long.clone()))), "value_bytes_max");
    let client = world.client();
    assert_eq!(met(world.run(|state| state.send(client, "ALL", None, long.clone()))), "value_bytes_max");
    assert_eq!(met(world.run(|state| state.notify("SYSTEM", client, None, long))), "value_bytes_max");
}

#[test]
fn queue_items_max_counts_the_taken_ones() {
    let mut world = World::limited(|limits| limits.queue_items_max = 2);
    for _ in 0..2 {
        world.run(|state| state.put("q", Value::Int(1))).unwrap();
    }
    world.run(|state| state.take("q", seconds(5))).unwrap();
    assert_eq!(met(world.run(|state| state.put("q", Value::Int(1)))), "queue_items_max");
    world.run(|state| state.put("other", Value::Int(1))).unwrap();
    world.run(|state| state.take_out("q")).unwrap();
    world.run(|state| state.put("q", Value::Int(1))).unwrap();
}

#[test]
fn queue_bytes_max() {
    let mut world = World::limited(|limits| limits.queue_bytes_max = 500);
    world.run(|state| state.put("q", text(&"x".repeat(300)))).unwrap();
    assert_eq!(met(world.run(|state| state.put("q", text(&"x".repeat(300))))), "queue_bytes_max");
    assert_eq!(met(world.run(|state| state.put("new", text(&"x".repeat(500))))), "queue_bytes_max");
    assert_eq!(world.state.queues(None).unwrap(), [shared("q")]);
}

#[test]
fn queues_max() {
    let mut world = World::limited(|limits| limits.queues_max = 1);
    world.run(|state| state.put("a", Value::Int(1))).unwrap();
    world.run(|state| state.take_out("a")).unwrap();
    assert_eq!(met(world.run(|state| state.put("b", Value::Int(1)))), "queues_max");
    world.run(|state| state.drop_queue("a")).unwrap();
    world.run(|state| state.put("b", Value::Int(1))).unwrap();
}

#[test]
fn state_bytes_max_refuses_whatever_grows() {
    let mut world = World::limited(|limits| limits.state_bytes_max = 3_000);
    let (anna, ben) = (world.client(), world.client());
    world.run(|state| state.join(ben, "EVENTS")).unwrap();
    world.drain(ben);
    let long = text(&"x".repeat(1_000));
    for key in ["a", "b"] {
        world.run(|state| state.set(R, key, long.clone(), None)).unwrap();
    }
    world.run(|state| state.set(R, "c", text(&"x".repeat(580)), None)).unwrap();
    let long = text(&"x".repeat(200));
    assert_eq!(met(world.run(|state| state.set(R, "d", long.clone(), None))), "state_bytes_max");
    assert_eq!(met(world.run(|state| state.put("q", long.clone()))), "state_bytes_max");
    assert_eq!(met(world.run(|state| state.send(anna, "ALL", None, long.clone()))), "state_bytes_max");
    assert_eq!(met(world.run(|state| state.send(anna, ben.as_str(), None, long.clone()))), "state_bytes_max");
    assert_eq!(met(world.run(|state| state.notify("SQLite", anna, None, long))), "state_bytes_max");
    assert_eq!(met(world.run(|state| state.join(anna, &"g".repeat(60)))), "state_bytes_max");
    assert_eq!(met(world.run(|state| state.watch(anna, &"g".repeat(60)))), "state_bytes_max");
    // What the server says of itself is not refused; the inbox says that it is missing.
    world.open(anna, 1);
    world.close(anna, 1);
    assert_eq!(world.state.counts().dropped, 2);
    assert_eq!(world.drain(ben), [format!("SYSTEMÈ{ben}È2 messages were dropped: this inbox was full")]);
    world.run(|state| state.scan(Some("*")).map(|mut scan| state.delete(&mut scan))).unwrap();
    world.run(|state| state.put("q", Value::Int(1))).unwrap();
}

#[test]
fn a_limit_is_said_with_its_name_and_value() {
    let mut world = World::limited(|limits| limits.queues_max = 0);
    let error = world.run(|state| state.put("a", Value::Int(1))).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.kind().as_str()), ("queues_max is 0", "limit"));
}

#[test]
fn rows_stay_small() {
    use super::super::rows::{Client, Delivery, Entry, Item};
    // There may be a million keys, and ten thousand clients with a thousand messages each.
    assert!(size_of::<Entry>() <= 64, "{}", size_of::<Entry>());
    assert!(size_of::<Delivery>() <= 80, "{}", size_of::<Delivery>());
    assert!(size_of::<Item>() <= 64, "{}", size_of::<Item>());
    assert!(size_of::<Client>() <= 320, "{}", size_of::<Client>());
}
