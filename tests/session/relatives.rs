//! What the three relatives' own examples show, step by step: dicts, pipes and queues between a server and its clients;
//! a chat with names and presence; named events.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use share_client::{Error, Session, Value};

use super::support::Server;
use super::{SOON, open};

#[derive(Debug, Deserialize, PartialEq)]
struct Presence {
    id: String,
    name: Option<String>,
}

#[test]
fn the_dicts_of_the_relative() {
    let server = Server::start();
    let (client, peer) = (open(&server), open(&server));
    // A value set on the client's side is read on the peer's, and the other way round.
    client.local().set("position", &(1.5, -2)).unwrap();
    let far = peer.peer(client.id());
    assert_eq!(far.local().get("position").unwrap(), Some((1.5, -2)));
    far.local().set("order", "go home").unwrap();
    assert_eq!(client.local().get::<String>("order").unwrap().as_deref(), Some("go home"));
    // A list put by one client into the global dict is read by another, and seen to grow.
    client.globals().set("list", &vec!["a", "b"]).unwrap();
    assert_eq!(peer.globals().get::<Vec<String>>("list").unwrap().unwrap(), ["a", "b"]);
    peer.run("MyData['list'] = MyData['list'] + ['c']").unwrap();
    assert_eq!(client.globals().get::<Vec<String>>("list").unwrap().unwrap(), ["a", "b", "c"]);
}

#[test]
fn the_pipes_and_queues_of_the_relative() {
    let server = Server::start();
    let (client, peer) = (open(&server), open(&server));
    let far = peer.peer(client.id());
    // A conversation over a pipe, and over a named one, which do not meet.
    for (name, question, answer) in [("pipe", "ping", "pong"), ("any_name", "one", "two")] {
        client.pipe(name).send(question).unwrap();
        assert_eq!(far.pipe(name).recv::<String>(SOON).unwrap().as_deref(), Some(question));
        far.pipe(name).send(answer).unwrap();
        assert_eq!(client.pipe(name).recv::<String>(SOON).unwrap().as_deref(), Some(answer));
    }
    // Each item of a queue, global or of one client, is got once.
    let others = peer.peer(client.id());
    for (mine, theirs) in
        [(client.queue("news"), peer.queue("news")), (client.local_queue("other"), others.queue("other"))]
    {
        mine.put(&1).unwrap();
        mine.put(&2).unwrap();
        assert_eq!(theirs.get().unwrap(), Some(1));
        assert_eq!(mine.get().unwrap(), Some(2));
        assert_eq!((theirs.get::<i64>().unwrap(), mine.get::<i64>().unwrap()), (None, None));
        let waiting = {
            let theirs = theirs.clone();
            thread::spawn(move || theirs.get_wait::<i64>(SOON))
        };
        mine.put(&3).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), Some(3));
    }
    // Who waits on what goes with a client is told.
    let waiting = thread::spawn(move || far.pipe("any_name").recv::<i64>(SOON));
    client.exit().unwrap();
    assert!(matches!(waiting.join().unwrap(), Err(Error::Closed(_))));
}

#[test]
fn a_worker_that_dies_with_a_task_loses_it_to_another_once() {
    let server = Server::manual();
    let (boss, worker, other) = (open(&server), open(&server), open(&server));
    boss.queue("tasks").put("dig").unwrap();
    let taken = worker.queue("tasks").take::<String>(Duration::from_secs(60)).unwrap().unwrap();
    assert_eq!(taken.value, "dig");
    worker.close();
    server.advance(Duration::from_secs(59));
    assert!(other.queue("tasks").take::<String>(SOON).unwrap().is_none());
    server.advance(Duration::from_secs(2));
    let again = other.queue("tasks").take::<String>(Duration::from_secs(600)).unwrap().unwrap();
    assert_eq!((again.value.as_str(), again.number()), ("dig", taken.number()));
    assert!(boss.queue("tasks").take::<String>(SOON).unwrap().is_none());
    again.done().unwrap();
    server.advance(Duration::from_secs(601));
    assert_eq!(boss.queue("tasks").get::<String>().unwrap(), None);
}

#[test]
fn the_chat_of_the_relative() {
    let server = Server::start();
    let log_in = |name: &str| {
        let session = open(&server);
        session.set_name(name).unwrap();
        session.join("EVENTS").unwrap();
        session.join("chat").unwrap();
        session
    };
    let said = |session: &Session| {
        let message = session.recv_event("say", SOON).unwrap().unwrap();
        (message.from.clone(), message.read::<String>().unwrap())
    };
    let (anna, ben) = (log_in("anna"), log_in("ben"));
    let stranger = open(&server);
    assert!(stranger.set_name("anna").is_err(), "a name is one person's");
    anna.emit("chat", "say", "hello ben").unwrap();
    ben.emit("chat", "say", "hello anna").unwrap();
    for person in [&anna, &ben] {
        assert_eq!(said(person), (anna.id(), "hello ben".to_owned()));
        assert_eq!(said(person), (ben.id(), "hello anna".to_owned()));
    }
    // A third who comes late sees no old hellos, but what is said from now on.
    let carl = log_in("carl");
    anna.emit("chat", "say", "hello carl").unwrap();
    assert_eq!(said(&carl), (anna.id(), "hello carl".to_owned()));
    // A connection that is dropped is announced to the others.
    let id = carl.id();
    carl.close();
    for person in [&anna, &ben] {
        let gone = person.recv_event("session_close", SOON).unwrap().unwrap();
        let expected = Presence { id: id.clone(), name: Some("carl".to_owned()) };
        assert_eq!((gone.from.as_str(), gone.read::<Presence>().unwrap()), ("EVENTS", expected));
    }
    let here: Vec<_> = anna.who(Some("chat")).unwrap();
    let connected =
        |name: &str| here.iter().find(|info| info.name.as_deref() == Some(name)).unwrap().connected;
    assert!(connected("anna") && connected("ben") && !connected("carl"));
}

#[test]
fn the_events_of_the_relative() {
    let server = Server::start();
    let (one, other) = (open(&server), open(&server));
    let (tell, told) = mpsc::channel();
    let (of_greeting, of_rest) = (tell.clone(), tell);
    other
        .on("greeting", move |session, message| {
            of_greeting.send(format!("handler: {}", message.body)).unwrap();
            session.emit(&message.from, "answer", "hello yourself").unwrap();
        })
        .unwrap();
    let catch_all = other
        .on("*", move |_, message| {
            of_rest.send(format!("catch-all: {:?}", message.event.as_deref())).unwrap();
        })
        .unwrap();
    one.emit(&other.id(), "greeting", "hello").unwrap();
    one.emit(&other.id(), "unheard of", &1).unwrap();
    assert_eq!(told.recv_timeout(SOON).unwrap(), "handler: hello");
    assert_eq!(told.recv_timeout(SOON).unwrap(), "catch-all: Some(\"unheard of\")");
    // A filtered receive finds a message which came before it was called, and leaves the others.
    other.off(catch_all);
    one.emit(&other.id(), "first", &1).unwrap();
    one.emit(&other.id(), "second", &2).unwrap();
    assert_eq!(one.recv_event("answer", SOON).unwrap().unwrap().body, Value::from("hello yourself"));
    assert_eq!(other.recv_event("second", SOON).unwrap().unwrap().read::<i64>().unwrap(), 2);
    assert_eq!(other.recv(Duration::ZERO).unwrap().unwrap().read::<i64>().unwrap(), 1);
}
