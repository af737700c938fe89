//! Sending: who gets it, in which order, and what cannot be sent.

use super::*;

#[test]
fn a_message_goes_to_everybody_the_sender_too() {
    let mut world = World::new();
    let (anna, ben) = (world.client(), world.client());
    world.run(|state| state.send(anna, "ALL", None, text("This is a test."))).unwrap();
    world.run(|state| state.send(ben, "ALL", Some("tick"), Value::Int(2))).unwrap();
    for client in [anna, ben] {
        assert_eq!(world.drain(client), [format!("{anna}ÈALLÈThis is a test."), format!("{ben}ÈALLÈtick:2")]);
        assert!(world.run(|state| state.recv(client, None)).unwrap().is_none());
    }
    assert!(world.state.contents.is_empty(), "content goes with its last delivery");
}

#[test]
fn a_message_to_several_is_written_once() {
    let mut world = World::new();
    let clients: Vec<_> = (0..60).map(|_| world.client()).collect();
    for client in &clients {
        world.run(|state| state.join(*client, "g")).unwrap();
    }
    world.run(|state| state.send(clients[7], "g", None, text("to all 60"))).unwrap();
    let content =
        |record: &&Record| matches!(record, Record::Put { row: Row::Content { .. }, fresh: true, .. });
    assert_eq!((world.last.records.len(), world.last.records.iter().filter(content).count()), (61, 1));
    for client in clients {
        assert_eq!(world.drain(client).len(), 1);
    }
    assert!(matches!(world.last.records[..], []));
    assert_eq!(world.state.counts().messages, 0);
}

#[test]
fn id_name_and_group_of_one_text_are_all_meant_and_each_gets_one() {
    let mut world = World::with(Limits::default(), vec!["garden00"]);
    let (by_id, by_group, sender) = (world.client(), world.client(), world.client());
    world.run(|state| state.join(by_group, "garden00")).unwrap();
    world.run(|state| state.join(by_id, "garden00")).unwrap();
    let named = world.named("hall");
    world.run(|state| state.join(named, "hall")).unwrap();
    world.run(|state| state.send(sender, "garden00", None, text("1"))).unwrap();
    world.run(|state| state.send(sender, "hall", None, text("2"))).unwrap();
    assert_eq!(world.drain(by_id), [format!("{sender}Ègarden00È1")]);
    assert_eq!(world.drain(by_group), [format!("{sender}Ègarden00È1")]);
    assert_eq!(world.drain(named), [format!("{sender}ÈhallÈ2")]);
    assert!(world.drain(sender).is_empty());
}

#[test]
fn a_group_nobody_is_in_takes_it_silently_and_noply_takes_nothing() {
    let mut world = World::new();
    let client = world.client();
    for to in ["nobody", " ", "nobody00", "EVENTS", "a group"] {
        world.run(|state| state.send(client, to, None, text("x"))).unwrap();
        assert!(world.last.records.is_empty());
    }
    for to in ["", "None", "\n", "aÈb", &"x".repeat(61)] {
        assert_eq!(kind(world.run(|state| state.send(client, to, None, text("x")))), "value", "{to:?}");
    }
    assert_eq!(kind(world.run(|state| state.send(client, "NOPLY", None, text("x")))), "denied");
}

#[test]
fn each_member_answers_a_ping_to_a_group() {
    let mut world = World::new();
    let (asker, anna, silent) = (world.client(), world.named("anna"), world.client());
    for client in [asker, anna] {
        world.run(|state| state.join(client, "g")).unwrap();
    }
    world.run(|state| state.send(asker, "g", None, text("++ping 7"))).unwrap();
    let expected = [
        format!("{asker}ÈgÈ++ping 7"),
        format!("{asker}È{asker}È++pong, {asker}, 192.168.1.7"),
        format!("{anna}È{asker}È++pong, anna, 192.168.1.7"),
    ];
    assert_eq!(world.drain(asker), expected);
    assert_eq!(world.drain(anna), [format!("{asker}ÈgÈ++ping 7")]);
    world.run(|state| state.send(asker, "anna", None, text("++ping"))).unwrap();
    world.run(|state| state.send(asker, "g", None, text(" ++ping"))).unwrap();
    assert_eq!(world.drain(asker), [format!("{asker}ÈgÈ ++ping")], "neither is a ping to a group");
    world.run(|state| state.send(asker, "ALL", None, text("++ping"))).unwrap();
    assert_eq!(world.drain(asker).len(), 4);
    assert_eq!(world.drain(silent), [format!("{asker}ÈALLÈ++ping")]);
}

#[test]
fn what_the_server_says_comes_from_its_name() {
    let mut world = World::new();
    let client = world.client();
    world.run(|state| state.notify("SQLite", client, None, text("(1, 'x')"))).unwrap();
    world.run(|state| state.notify("REGISTRY", client, Some("a.b"), Value::Int(1))).unwrap();
    assert_eq!(
        world.drain(client),
        [format!("SQLiteÈ{client}È(1, 'x')"), format!("REGISTRYÈ{client}Èa.b:1")]
    );
}

#[test]
fn what_cannot_be_sent() {
    #[derive(Debug)]
    struct Range;
    impl value::Opaque for Range {
        fn type_name(&self) -> &'static str {
            "range"
        }
        fn repr(&self) -> String {
            "range(0, 3)".to_owned()
        }
        fn as_any(&self) -> &dyn std::any::Any {
            self
        }
    }
    let mut world = World::new();
    let client = world.client();
    let opaque = Value::Opaque(Arc::new(Range));
    let mut send = |body: Value| world.run(|state| state.send(client, "ALL", None, body));
    assert_eq!(send(opaque.clone()).unwrap_err(), Error::Type("a range cannot be stored or sent".to_owned()));
    assert_eq!(kind(send(Value::list(vec![opaque.clone()]))), "type");
    let deep = |levels: usize| (0..levels).fold(Value::None, |value, _| Value::list(vec![value]));
    send(deep(64)).unwrap();
    assert_eq!(kind(send(deep(65))), "value");
    assert_eq!(kind(send(deep(5_000))), "value");
    assert_eq!(met(send(Value::from("x".repeat(65_536)))), "value_bytes_max");
    send(Value::from("x".repeat(65_520))).unwrap();
    let vast = (0..60).fold(Value::Int(1), |value, _| Value::list(vec![value.clone(), value]));
    assert_eq!(met(send(vast)), "value_bytes_max");
    for event in ["", "a\nb", "aÈ", &"x".repeat(61)] {
        assert_eq!(kind(world.run(|state| state.send(client, "ALL", Some(event), Value::None))), "value");
    }
    let set = |state: &mut State| state.set(Space::Registry, "k", opaque.clone(), None);
    assert_eq!(kind(world.run(set)), "type");
    assert_eq!(kind(world.run(|state| state.put("q", opaque.clone()))), "type");
    assert_eq!(kind(world.run(|state| state.put("q", deep(65)))), "value");
}
