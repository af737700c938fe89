//! Scans against looking at every key, and the directory against a plain ordered map.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::super::blocks::Blocks;
use super::super::directory::Directory;
use super::*;
use crate::clock::Clock;

const R: Space = Space::Registry;

/// Names of many lengths with common beginnings; the longest are as long as a key may be.
fn name(rng: &mut Xoshiro256PlusPlus) -> String {
    let part =
        |rng: &mut Xoshiro256PlusPlus| ["a", "b", "sensor", "ä", "temp", "x.y"][rng.random_range(0..6)];
    let mut name = String::new();
    for _ in 0..rng.random_range(1..5) {
        name.push_str(part(rng));
        name.push_str(&rng.random_range(0..40).to_string());
    }
    if rng.random_ratio(1, 50) {
        name.push_str(&"ü".repeat(200));
    }
    name
}

#[test]
fn a_directory_holds_what_a_map_holds() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let mut directory = Directory::default();
    let mut map: BTreeMap<String, u32> = BTreeMap::new();
    let mut most = 0;
    for step in 0..60_000_u32 {
        // It grows, then it shrinks.
        let add = rng.random_ratio(if step < 30_000 { 3 } else { 1 }, 4);
        if add {
            let name = name(&mut rng);
            let was = directory.insert(Cow::Owned(shared(&name)), step);
            assert_eq!(was.map(|(_, thing)| thing), map.insert(name, step));
        } else if !map.is_empty() {
            let there = map.range(name(&mut rng)..).next().or(map.iter().next()).unwrap().0.clone();
            assert_eq!(directory.remove(&there), map.remove(&there));
            assert_eq!(directory.remove(&there), None);
        }
        if step % 1_000 == 0 {
            for prefix in ["", "a", "sensor1", "ä", "temp39.", "zzz", &name(&mut rng)] {
                let expected: Vec<_> = map
                    .range(prefix.to_owned()..)
                    .take_while(|(name, _)| name.starts_with(prefix))
                    .map(|(name, thing)| (name.as_str(), *thing))
                    .collect();
                let found: Vec<_> = directory.under(prefix).map(|(name, thing)| (&**name, *thing)).collect();
                assert_eq!(found, expected, "{prefix}");
            }
        }
        assert_eq!(directory.len(), map.len());
        most = most.max(map.len());
    }
    assert!(most > 10_000 && map.len() < most / 10, "it held {most}, then {}", map.len());
    while let Some((name, thing)) = map.pop_first() {
        assert_eq!(directory.remove(&name), Some(thing));
    }
    assert_eq!((directory.len(), directory.blocks_under("").count()), (0, 1), "no empty blocks are left");
}

#[test]
fn keys_that_come_in_order_fill_their_blocks() {
    let mut blocks = Blocks::default();
    for number in 0..100_000 {
        blocks.insert(&format!("key{number:06}"));
    }
    assert!(blocks.under("").count() < 200);
    assert!(blocks.under("key0123").count() <= 2, "a prefix leads to its blocks");
}

/// So many keys `k000000`, …, in steps of two.
fn with_keys(keys: usize) -> World {
    let mut world = World::new();
    world.state.begin(world.now);
    for number in 0..keys {
        world.state.set(R, &format!("k{:06}", number * 2), Value::from(1), None).unwrap();
    }
    world.state.commit();
    world
}

#[test]
fn a_scan_finds_what_is_there_when_it_ends() {
    let clock = Clock::manual(0);
    let mut world = with_keys(30_000);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    for pattern in [None, Some("*"), Some("k00*"), Some("*7?"), Some("k0123??"), Some("k*2*0"), Some("none*")]
    {
        let mut scan = world.state.scan(pattern).unwrap();
        if rng.random_ratio(2, 3) {
            assert!(scan.look(&clock, seconds(1)));
        }
        for _ in 0..2_000 {
            let key = format!("k{:06}", rng.random_range(0..60_000));
            let ttl = rng.random_ratio(1, 2).then_some(seconds(1));
            world.state.begin(world.now);
            if rng.random_ratio(1, 2) {
                world.state.set(R, &key, Value::from(2), ttl).unwrap();
            } else {
                world.state.remove(R, &key).unwrap();
            }
            world.state.commit();
        }
        world.advance(1);
        world.state.begin(world.now);
        let matcher = pattern.map(|pattern| Pattern::new(pattern).unwrap());
        let expected: Vec<String> = (0..60_000)
            .map(|number| format!("k{number:06}"))
            .filter(|key| world.state.get(R, key).is_some())
            .filter(|key| matcher.as_ref().is_none_or(|matcher| matcher.matches(key)))
            .collect();
        let entries = world.state.entries(&mut scan);
        let found: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
        assert_eq!(found, expected, "{pattern:?}");
        world.state.commit();
    }
}

#[test]
fn a_long_scan_need_not_hold_the_state() {
    let clock = Clock::manual(0);
    let mut world = with_keys(30_000);
    assert!(!world.state.scan(Some("k0001*")).unwrap().is_long(), "its prefix leads to few keys");
    let mut scan = world.state.scan(Some("*7?")).unwrap();
    assert!(scan.is_long());
    assert!(scan.look(&clock, seconds(1)));
    // While it looked, a key came and a value changed: one block is to be looked at again.
    world.run(|state| state.set(R, "k000001", Value::from(1), None)).unwrap();
    world.run(|state| state.set(R, "k000070", Value::from(2), None)).unwrap();
    world.state.refresh(&mut scan);
    assert!(!scan.is_long());
    assert_eq!(world.state.keys(&mut scan).len(), 3_000);
}

#[test]
fn a_scan_that_takes_too_long_says_so() {
    let clock = Clock::manual(0);
    let mut scan = with_keys(2_000).state.scan(Some("*7?")).unwrap();
    clock.advance(seconds(2));
    assert!(!scan.look(&clock, seconds(1)));
    assert!(scan.look(&clock, seconds(2)));
}

#[test]
fn of_more_keys_than_an_inbox_holds_the_first_are_dropped() {
    for (keys, there, max) in [(10, 0, 4), (10, 2, 4), (4, 0, 4), (5, 3, 4), (3, 3, 4), (0, 1, 4), (9, 4, 4)]
    {
        let world = || {
            let mut world = World::limited(|limits| limits.inbox_messages_max = max);
            let client = world.client();
            for key in 0..keys {
                world.run(|state| state.set(R, &format!("k{key}"), Value::from(key), None)).unwrap();
            }
            for _ in 0..there {
                world.run(|state| state.send(client, client.as_str(), None, text("old"))).unwrap();
            }
            (world, client)
        };
        let (mut fetched, client) = world();
        let count =
            fetched.run(|state| state.scan(Some("k*")).and_then(|mut scan| state.fetch(client, &mut scan)));
        assert_eq!(count.unwrap(), usize::try_from(keys).unwrap());
        let (mut told, ear) = world();
        for key in 0..keys {
            told.run(|state| state.notify("REGISTRY", ear, Some(&format!("k{key}")), Value::from(key)))
                .unwrap();
        }
        assert_eq!(fetched.state.counts(), told.state.counts(), "{keys} {there}");
        assert_eq!(fetched.drain(client), told.drain(ear), "{keys} {there}");
    }
}
