//! Groups: joining, leaving, lists, and the groups of the server.

use super::*;

#[test]
fn a_group_is_there_while_somebody_is_in_it() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    world.run(|state| state.join(ben, "group 16")).unwrap();
    world.run(|state| state.join(anna, "group 16")).unwrap();
    world.run(|state| state.join(anna, "group 16")).unwrap();
    assert_eq!(world.state.members("group 16").unwrap(), [ben, anna]);
    assert_eq!(world.state.groups(None).unwrap(), [shared("ALL"), shared("group 16")]);
    assert_eq!(world.state.counts().groups, 1);
    world.run(|state| state.leave(ben, "group 16")).unwrap();
    world.run(|state| state.leave(anna, "group 16")).unwrap();
    assert_eq!(world.state.groups(None).unwrap(), [shared("ALL")]);
    assert_eq!(world.state.groups(Some(anna)).unwrap(), [shared("ALL")]);
    assert!(world.state.members("group 16").unwrap().is_empty());
    assert_eq!(kind(world.run(|state| state.leave(anna, "group 16"))), "state");
}

#[test]
fn everybody_is_in_all() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    world.run(|state| state.join(anna, "ALL")).unwrap();
    assert!(world.last.records.is_empty());
    assert_eq!(kind(world.run(|state| state.leave(anna, "ALL"))), "denied");
    assert_eq!(world.state.members("ALL").unwrap(), [anna, ben]);
}

#[test]
fn group_names_are_case_sensitive_and_keep_their_blanks() {
    let mut world = World::new();
    let client = world.client();
    for group in ["x", "X", " x", " ", &"ü".repeat(60)] {
        world.run(|state| state.join(client, group)).unwrap();
    }
    assert_eq!(world.state.groups(Some(client)).unwrap().len(), 6);
    for group in ["", "None", "a\tb", "aÈ", &"ü".repeat(61)] {
        assert_eq!(kind(world.run(|state| state.join(client, group))), "value", "{group:?}");
    }
}

#[test]
fn of_the_servers_groups_three_can_be_joined() {
    let mut world = World::new();
    let client = world.client();
    for group in ["CONSOLE", "SYSADMIN", "EVENTS"] {
        world.run(|state| state.join(client, group)).unwrap();
        world.run(|state| state.leave(client, group)).unwrap();
    }
    for group in ["SYSTEM", "SQLite", "REGISTRY", "NOPLY"] {
        assert_eq!(kind(world.run(|state| state.join(client, group))), "denied", "{group}");
    }
}

#[test]
fn a_clients_own_group_goes_with_it() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    let room = format!("client.{anna}.room");
    world.run(|state| state.join(ben, &room)).unwrap();
    world.run(|state| state.join(ben, "client.is.no.id")).unwrap();
    world.run(|state| state.exit(anna)).unwrap();
    assert_eq!(world.state.groups(Some(ben)).unwrap(), [shared("ALL"), shared("client.is.no.id")]);
    assert_eq!(kind(world.run(|state| state.join(ben, &room))), "state");
}
