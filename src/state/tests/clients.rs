//! Clients: IDs, names, who is here, how one goes.

use super::*;

#[test]
fn a_client_gets_an_id_that_nobody_has_or_had() {
    let script = vec!["AAAAAAAA", "AAAAAAAA", "BBBBBBBB", "AAAAAAAA", "CCCCCCCC"];
    let mut world = World::with(Limits::default(), script);
    let first = world.client();
    assert_eq!((first.as_str(), world.client().as_str()), ("AAAAAAAA", "BBBBBBBB"));
    world.sleep(600);
    assert_eq!(world.state.counts().clients, 0);
    assert_eq!(world.client().as_str(), "CCCCCCCC", "an ID that expired is not given away");
}

#[test]
fn a_fresh_id_is_nobodys_name() {
    let mut world = World::with(Limits::default(), vec!["AAAAAAAA", "BBBBBBBB", "CCCCCCCC"]);
    let first = world.client();
    world.run(|state| state.set_name(first, "BBBBBBBB")).unwrap();
    assert_eq!(world.client().as_str(), "CCCCCCCC");
}

#[test]
fn a_generator_that_repeats_itself_is_no_endless_loop() {
    let mut world = World::with(Limits::default(), vec!["AAAAAAAA"; 1_100]);
    world.client();
    assert_eq!(kind(world.run(|state| state.client(None, HOME))), "state");
}

#[test]
fn a_board_that_restarts_finds_its_inbox_by_its_name() {
    let mut world = World::new();
    let board = world.named("board");
    world.run(|state| state.send(board, "board", None, text("hello"))).unwrap();
    assert_eq!(world.named("board"), board);
    assert_eq!(world.drain(board), [format!("{board}ÈboardÈhello")]);
    assert_eq!(world.run(|state| state.find("board")).unwrap(), board);
    assert_ne!(world.named(""), board, "the empty name is none");
}

#[test]
fn names_are_unique_among_live_clients() {
    let mut world = World::new();
    let (anna, ben) = (world.named("anna"), world.client());
    assert_eq!(kind(world.run(|state| state.set_name(ben, "anna"))), "state");
    assert_eq!(kind(world.run(|state| state.set_name(ben, anna.as_str()))), "state");
    world.run(|state| state.set_name(ben, ben.as_str())).unwrap();
    world.run(|state| state.set_name(anna, "anna")).unwrap();
    world.run(|state| state.set_name(anna, "")).unwrap();
    assert_eq!(world.state.name_of(anna), None);
    world.run(|state| state.set_name(ben, "anna")).unwrap();
    assert_eq!(world.state.name_of(ben).as_deref(), Some("anna"));
    assert_eq!(world.state.find("anna").unwrap(), ben);
}

#[test]
fn the_id_of_somebody_who_expired_is_no_name() {
    let mut world = World::new();
    let gone = world.client();
    world.sleep(600);
    let client = world.client();
    assert_eq!(kind(world.run(|state| state.set_name(client, gone.as_str()))), "state");
    assert_eq!(kind(world.run(|state| state.client(Some(gone.as_str()), HOME))), "state");
    world.run(|state| state.set_name(client, "12345678")).unwrap();
}

#[test]
fn what_is_no_name() {
    let mut world = World::new();
    let client = world.client();
    for name in ["None", "a\nb", "a\u{7f}", "aÈb", &"x".repeat(61), "\u{85}"] {
        assert_eq!(kind(world.run(|state| state.set_name(client, name))), "value", "{name:?}");
        assert_eq!(kind(world.run(|state| state.client(Some(name), HOME))), "value", "{name:?}");
    }
    for name in ["ALL", "SYSTEM", "SQLite", "REGISTRY", "NOPLY", "CONSOLE", "SYSADMIN", "EVENTS"] {
        assert_eq!(kind(world.run(|state| state.set_name(client, name))), "denied", "{name:?}");
    }
    for name in ["x", " ", " a b ", "all", "none", &"ä".repeat(60), "😀"] {
        world.run(|state| state.set_name(client, name)).unwrap();
        assert_eq!(world.state.name_of(client).as_deref(), Some(name));
    }
}

#[test]
fn nobody_is_called_so() {
    let mut world = World::new();
    for name in ["nobody00", "", "x", "\n", &"y".repeat(70_000)] {
        let error = world.run(|state| state.caller(name, HOME)).unwrap_err();
        assert_eq!(error.kind().as_str(), "state");
        let message = error.to_string();
        assert!(message.chars().count() < 150 && !message.contains('\n'), "{message:?}");
    }
    let nobody = ClientId::parse("nobody00").unwrap();
    assert_eq!(kind(world.run(|state| state.exit(nobody))), "state");
    assert_eq!(kind(world.run(|state| state.recv(nobody, None))), "state");
    let window = Arc::new(Window::new(SessionId(1)));
    assert_eq!(kind(world.run(|state| state.connect(nobody, window))), "state");
    assert_eq!(kind(world.run(|state| state.listen(nobody, true))), "state");
}

#[test]
fn who_tells_of_everybody_or_of_those_meant() {
    let mut world = World::new();
    let (anna, ben) = (world.named("anna"), world.client());
    world.run(|state| state.join(anna, "garden")).unwrap();
    world.run(|state| state.send(ben, "anna", None, text("1"))).unwrap();
    world.open(ben, 1);
    world.sleep(30);
    let all = world.run(|state| state.who(None)).unwrap();
    assert_eq!(all.iter().map(|info| info.id).collect::<Vec<_>>(), [anna, ben]);
    assert_eq!(all[0].name.as_deref(), Some("anna"));
    assert_eq!(all[0].groups, [shared("ALL"), shared("garden")]);
    assert_eq!((all[0].address, all[0].idle, all[0].pending), (Some(HOME), seconds(30), 1));
    assert_eq!((all[0].connected, all[1].connected), (false, true));
    let mut meant = |pattern: &str| world.run(|state| state.who(Some(pattern))).unwrap().len();
    assert_eq!((meant("an?a"), meant("gard*"), meant("ALL"), meant("nobody")), (1, 1, 2, 0));
    assert_eq!(meant(ben.as_str()), 1);
}

#[test]
fn whoever_exits_leaves_nothing() {
    let mut world = World::new();
    let (anna, ben) = (world.named("anna"), world.client());
    let own = |rest: &str| format!("client.{anna}.{rest}");
    world.run(|state| state.join(anna, "garden")).unwrap();
    world.run(|state| state.join(ben, &own("room"))).unwrap();
    world.run(|state| state.watch(anna, "*")).unwrap();
    world.run(|state| state.set(Space::Registry, &own("k"), text("v"), None)).unwrap();
    world.run(|state| state.put(&own("up"), text("item"))).unwrap();
    world.run(|state| state.send(ben, "anna", None, text("1"))).unwrap();
    world.run(|state| state.exit(anna)).unwrap();
    let counts = world.state.counts();
    assert_eq!((counts.clients, counts.groups, counts.keys, counts.queues, counts.messages), (1, 0, 0, 0, 0));
    assert_eq!(world.state.groups(Some(ben)).unwrap(), [shared("ALL")]);
    assert_eq!(kind(world.run(|state| state.caller(anna.as_str(), HOME))), "state", "no tombstone");
    assert_eq!(kind(world.run(|state| state.caller("anna", HOME))), "state");
    assert_ne!(world.named("anna"), anna);
}

#[test]
fn events_tell_of_all_that_happens_to_clients() {
    let mut world = World::new();
    let ear = world.client();
    world.run(|state| state.join(ear, "EVENTS")).unwrap();
    assert!(world.drain(ear).is_empty(), "its own joining came before");
    let anna = world.named("anna");
    world.run(|state| state.join(anna, "garden")).unwrap();
    world.run(|state| state.join(anna, "garden")).unwrap();
    world.run(|state| state.leave(anna, "garden")).unwrap();
    world.run(|state| state.set_name(anna, "Anna")).unwrap();
    world.run(|state| state.set_name(anna, "Anna")).unwrap();
    world.open(anna, 1);
    world.close(anna, 1);
    world.run(|state| state.exit(anna)).unwrap();
    let ben = world.client();
    world.open(ear, 2);
    world.sleep(600);
    let expected = [
        format!("client_new:id={anna} name=anna address=192.168.1.7"),
        format!("group_join:id={anna} name=anna group=garden"),
        format!("group_leave:id={anna} name=anna group=garden"),
        format!("client_name:id={anna} name=Anna old=anna"),
        format!("session_open:id={anna} name=Anna"),
        format!("session_close:id={anna} name=Anna"),
        format!("client_exit:id={anna} name=Anna"),
        format!("client_new:id={ben} name=None address=192.168.1.7"),
        format!("session_open:id={ear} name=None"),
        format!("client_expired:id={ben} name=None"),
    ];
    assert_eq!(world.drain(ear), expected.map(|event| format!("EVENTSÈEVENTSÈ{event}")));
}

#[test]
fn an_expression_that_fails_makes_no_client() {
    let mut world = World::new();
    let failed: Result<()> = world.run(|state| {
        state.client(Some("anna"), HOME)?;
        Err(Error::State("later on".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(world.state.counts().clients, 0);
    assert!(world.last.records.is_empty());
    assert_eq!(world.last.sequence, 0);
    assert!(world.state.find("anna").is_err());
}

#[test]
fn a_transaction_that_never_ended_is_undone_by_the_next() {
    let mut world = World::new();
    world.state.begin(world.now);
    world.state.client(Some("anna"), HOME).unwrap();
    world.run(|_| Ok(())).unwrap();
    assert_eq!((world.state.counts().clients, world.last.records.len()), (0, 0));
}
