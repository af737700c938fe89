//! Watches: every later change of a matching key, in order.

use super::*;

const R: Space = Space::Registry;

#[test]
fn a_watcher_hears_of_every_later_change() {
    let mut world = World::new();
    let (ear, other) = (world.client(), world.client());
    world.run(|state| state.set(R, "a.b", Value::Int(0), None)).unwrap();
    world.run(|state| state.watch(ear, "a.*")).unwrap();
    world.run(|state| state.watch(ear, " a.* ")).unwrap();
    world.run(|state| state.watch(other, "x")).unwrap();
    world
        .run(|state| {
            state.set(R, "a.b", Value::Int(1), None)?;
            state.set(R, "a.b", Value::Int(1), None)?;
            state.set(R, "a.c", text("y"), Some(seconds(5)))?;
            state.set(R, "b", Value::Int(2), None)?;
            state.set(Space::Names, "a.n", Value::Int(2), None)?;
            state.incr("a.b", Value::Int(1))?;
            state.swap("a.b", &Value::Int(2), Value::Int(9))?;
            state.swap("a.b", &Value::Int(2), Value::Int(10))?;
            state.remove(R, "a.b")
        })
        .unwrap();
    world.sleep(5);
    world.run(|state| state.scan(Some("*")).map(|mut scan| state.delete(&mut scan))).unwrap();
    let expected = ["a.b:1", "a.b:1", "a.c:y", "a.b:2", "a.b:9", "a.b:None", "a.c:None"];
    assert_eq!(world.drain(ear), expected.map(|change| format!("REGISTRYÈ{ear}È{change}")));
    assert!(world.drain(other).is_empty());
}

#[test]
fn one_key_under_several_patterns_is_one_message() {
    let mut world = World::new();
    let ear = world.client();
    for pattern in ["*", "a*", "a.b", "?.?", "[!x]*"] {
        world.run(|state| state.watch(ear, pattern)).unwrap();
    }
    world.run(|state| state.set(R, "a.b", Value::Int(1), None)).unwrap();
    assert_eq!(world.drain(ear).len(), 1);
}

#[test]
fn unwatch_takes_one_or_all() {
    let mut world = World::new();
    let ear = world.client();
    for pattern in ["a", "b", "*c"] {
        world.run(|state| state.watch(ear, pattern)).unwrap();
    }
    let heard = |world: &mut World| {
        for key in ["a", "b", "c"] {
            world.run(|state| state.incr(key, Value::Int(1))).unwrap();
        }
        world.drain(ear).len()
    };
    assert_eq!(heard(&mut world), 3);
    world.run(|state| state.unwatch(ear, Some(" b "))).unwrap();
    assert_eq!(kind(world.run(|state| state.unwatch(ear, Some("never")))), "state");
    assert_eq!(heard(&mut world), 2);
    world.run(|state| state.unwatch(ear, None)).unwrap();
    assert_eq!(heard(&mut world), 0);
    assert!(world.state.watches.watchers("a").is_empty());
}

#[test]
fn a_watch_goes_with_its_client_and_hears_of_the_going_of_others() {
    let mut world = World::new();
    let (ear, anna) = (world.client(), world.client());
    let key = format!("client.{anna}.k");
    world.run(|state| state.set(R, &key, Value::Int(1), None)).unwrap();
    for client in [ear, anna] {
        world.run(|state| state.watch(client, "client.*")).unwrap();
    }
    world.run(|state| state.exit(anna)).unwrap();
    assert_eq!(world.drain(ear), [format!("REGISTRYÈ{ear}È{key}:None")]);
    world.run(|state| state.exit(ear)).unwrap();
    assert!(world.state.watches.watchers(&key).is_empty());
    assert_eq!(world.state.counts().messages, 0);
}

#[test]
fn a_failed_expression_tells_nobody() {
    let mut world = World::new();
    let ear = world.client();
    world.run(|state| state.watch(ear, "*")).unwrap();
    let failed: Result<()> = world.run(|state| {
        state.set(R, "k", Value::Int(1), None)?;
        state.unwatch(ear, None)?;
        Err(Error::State("later on".to_owned()))
    });
    assert!(failed.is_err());
    assert!(world.drain(ear).is_empty());
    world.run(|state| state.set(R, "k", Value::Int(2), None)).unwrap();
    assert_eq!(world.drain(ear).len(), 1, "and its unwatch is none");
}

#[test]
fn a_client_watches_at_most_1000_patterns() {
    let mut world = World::new();
    let ear = world.client();
    for number in 0..1_000 {
        world.run(|state| state.watch(ear, &format!("k{number}"))).unwrap();
    }
    assert_eq!(met(world.run(|state| state.watch(ear, "one more"))), "watches_per_client_max");
    world.run(|state| state.watch(ear, "k7")).unwrap();
    world.run(|state| state.unwatch(ear, Some("k7"))).unwrap();
    world.run(|state| state.watch(ear, "one more")).unwrap();
}
