//! Queues: each item goes to one getter, and comes back unless it is done.

use super::*;

fn put(world: &mut World, queue: &str, items: std::ops::Range<i64>) {
    items.for_each(|item| world.run(|state| state.put(queue, Value::Int(item))).unwrap());
}

#[test]
fn items_come_out_in_order_each_once() {
    let mut world = World::new();
    put(&mut world, "jobs", 1..4);
    assert_eq!(world.state.size("jobs").unwrap(), 3);
    for item in 1..4 {
        assert_eq!(world.run(|state| state.take_out("jobs")).unwrap(), Some(Value::Int(item)));
    }
    assert_eq!(world.run(|state| state.take_out("jobs")).unwrap(), None);
    assert_eq!(world.run(|state| state.take_out("nothing")).unwrap(), None);
    assert_eq!(world.state.size("nothing").unwrap(), 0);
    assert_eq!(world.state.queues(None).unwrap(), [shared("jobs")], "an empty queue stays");
}

#[test]
fn a_taken_item_comes_back_to_its_place_unless_it_is_done() {
    let mut world = World::new();
    put(&mut world, "jobs", 1..4);
    let (first, item) = world.run(|state| state.take("jobs", seconds(10))).unwrap().unwrap();
    assert_eq!((item, world.state.size("jobs").unwrap()), (Value::Int(1), 2));
    let (second, _) = world.run(|state| state.take("jobs", seconds(10))).unwrap().unwrap();
    world.run(|state| state.done("jobs", second)).unwrap();
    assert_eq!(kind(world.run(|state| state.done("jobs", second))), "state");
    assert_eq!(kind(world.run(|state| state.done("other", first))), "state");
    world.sleep(10);
    assert_eq!(kind(world.run(|state| state.done("jobs", first))), "state", "too late");
    assert_eq!(world.run(|state| state.take("jobs", seconds(1))).unwrap(), Some((first, Value::Int(1))));
    assert_eq!(world.run(|state| state.take_out("jobs")).unwrap(), Some(Value::Int(3)));
    assert_eq!(kind(world.run(|state| state.take("jobs", Duration::ZERO))), "value");
}

#[test]
fn what_was_taken_too_long_is_seen_so_before_it_is_swept() {
    let mut world = World::new();
    put(&mut world, "jobs", 0..1_100);
    for _ in 0..1_100 {
        world.run(|state| state.take("jobs", seconds(5))).unwrap().unwrap();
    }
    world.advance(5);
    world.state.begin(world.now);
    assert!(world.state.backlog());
    assert_eq!(world.state.size("jobs").unwrap(), 1_100);
    let items = (0..1_100).map(|_| world.state.take_out("jobs").unwrap().unwrap());
    assert!(items.eq((0..1_100).map(Value::Int)));
    world.state.commit();
    world.state.verify();
}

#[test]
fn queues_are_listed_and_dropped() {
    let mut world = World::new();
    for queue in ["b", "a.up", "a.down"] {
        put(&mut world, queue, 0..2);
    }
    world.run(|state| state.take("b", seconds(10))).unwrap();
    assert_eq!(world.state.queues(Some("a.*")).unwrap(), [shared("a.down"), shared("a.up")]);
    assert_eq!(world.run(|state| state.drop_queue("b")).unwrap(), 2, "the taken one too");
    assert_eq!(kind(world.run(|state| state.drop_queue("b"))), "state");
    assert_eq!(world.state.counts().queues, 2);
    for queue in ["", "a\nb", &"x".repeat(256)] {
        assert_eq!(kind(world.run(|state| state.put(queue, Value::None))), "value");
        assert_eq!(kind(world.run(|state| state.take_out(queue))), "value");
        assert_eq!(kind(world.run(|state| state.drop_queue(queue))), "value");
        assert_eq!(kind(world.run(|state| state.size(queue))), "value");
    }
}

#[test]
fn a_clients_own_queue_is_closed_when_it_goes() {
    let mut world = World::new();
    let anna = world.client();
    let queue = format!("client.{anna}.up");
    put(&mut world, &queue, 0..3);
    world.run(|state| state.exit(anna)).unwrap();
    assert!(world.state.queues(None).unwrap().is_empty());
    for error in [
        world.run(|state| state.put(&queue, Value::None)).unwrap_err(),
        world.run(|state| state.take_out(&queue)).unwrap_err(),
        world.run(|state| state.take(&queue, seconds(1))).unwrap_err(),
        world.run(|state| state.wait(Wait::Item { queue: shared(&queue) })).unwrap_err(),
    ] {
        assert_eq!(error.kind().as_str(), "state");
        assert!(error.to_string().contains("closed"), "{error}");
    }
}
