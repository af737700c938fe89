//! The client crate's sessions against the daemon: what two programs share, and what they keep when a link breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "session/examples.rs"]
mod examples;
#[path = "session/links.rs"]
mod links;
#[path = "session/nonblocking.rs"]
mod nonblocking;
#[path = "session/relatives.rs"]
mod relatives;
#[path = "session/relay.rs"]
mod relay;
mod support;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use share_client::wire::{Date, DateTime, Time};
use share_client::{Error, Kind, Session, SessionOptions, Value};
use support::{Peer, Server};

const SOON: Duration = Duration::from_secs(20);

fn open(server: &Server) -> Session {
    Session::connect(server.address()).expect("a session")
}

fn quick() -> SessionOptions {
    SessionOptions::new().pauses(Duration::from_millis(1), Duration::from_millis(50))
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Plant {
    name: String,
    height: f64,
    neighbours: Vec<Option<(i64, bool)>>,
}

fn plant() -> Plant {
    Plant {
        name: "it's \"È\"\n😀'); delete('*'); ('".into(),
        height: f64::INFINITY,
        neighbours: vec![None, Some((i64::MIN, true))],
    }
}

#[test]
fn what_one_client_puts_into_the_global_dict_another_reads() {
    let server = Server::start();
    let (one, other) = (open(&server), open(&server));
    one.globals().set("shared.list", &vec![1, 2, 3]).unwrap();
    assert_eq!(other.globals().get("shared.list").unwrap(), Some(vec![1, 2, 3]));
    one.globals().set("shared.plant", &plant()).unwrap();
    assert_eq!(other.globals().get("shared.plant").unwrap(), Some(plant()));
    assert_eq!(other.globals().get::<Plant>("shared.none").unwrap(), None);
    assert_eq!(other.globals().keys("shared.*").unwrap(), ["shared.list", "shared.plant"]);
    let entries: Result<Vec<(String, Value)>, Error> = other.globals().iter("shared.l*").unwrap().collect();
    assert_eq!(entries.unwrap()[0].1, Value::List(vec![1.into(), 2.into(), 3.into()]));
    assert!(other.globals().contains("shared.list").unwrap());
    assert_eq!(other.globals().remove::<Vec<u8>>("shared.list").unwrap(), Some(vec![1, 2, 3]));
    assert!(!one.globals().contains("shared.list").unwrap());
    assert_eq!(one.globals().incr("shared.n", &2).unwrap(), 2);
    assert!(one.globals().swap("shared.n", &2, &"x").unwrap());
    assert!(!one.globals().swap("shared.n", &2, &"y").unwrap());
    assert!(one.globals().age("shared.n").unwrap().unwrap() < SOON);
    assert_eq!(one.globals().remove_matching("shared.*").unwrap(), 2);
    assert_eq!(one.globals().set("server.name", &1).unwrap_err().kind(), Some(Kind::Denied));
}

#[test]
fn a_value_keeps_its_type() {
    let server = Server::start();
    let session = open(&server);
    let date = Date { year: 2026, month: 11, day: 20 };
    let time = Time { hour: 23, minute: 5, second: 0, microsecond: 7 };
    let values = [
        Value::None,
        Value::Int(i64::MAX),
        Value::Float(1.0),
        Value::Float(-0.0),
        Value::from("5"),
        Value::Bytes((0..=255).collect()),
        Value::Tuple(vec![1.into(), Value::Tuple(vec![])]),
        Value::DateTime(DateTime { date, time }),
        Value::Date(date),
        Value::Set(vec![1.into()]),
        Value::Dict(vec![(Value::Int(1), Value::Float(f64::NEG_INFINITY))]),
    ];
    for value in values {
        session.globals().set("k", &value).unwrap();
        let read: Option<Value> = session.globals().get("k").unwrap();
        assert_eq!(read.unwrap_or(Value::None).repr(), value.repr());
        session.queue("q").put(&value).unwrap();
        assert_eq!(session.queue("q").take::<Value>(SOON).unwrap().unwrap().value.repr(), value.repr());
        assert_eq!(session.eval::<Value>(&value.to_expression()).unwrap().repr(), value.repr());
    }
    // What waits comes as JSON, and is read by the type that is asked for.
    session.queue("w").put(&(1, "x", f64::NAN)).unwrap();
    let (one, x, nan) = session.queue("w").get_wait::<(u8, String, f64)>(SOON).unwrap().unwrap();
    assert!((one, x.as_str()) == (1, "x") && nan.is_nan());
    session.queue("w").put(&plant()).unwrap();
    assert_eq!(session.queue("w").get_wait(SOON).unwrap(), Some(plant()));
    session.queue("w").put(&Value::Bytes(vec![0, 255])).unwrap();
    assert_eq!(session.queue("w").get_wait::<Vec<u8>>(SOON).unwrap(), Some(vec![0, 255]));
}

#[test]
fn a_map_of_many_and_large_values_is_gone_through_in_order() {
    let server = Server::start();
    let session = open(&server);
    let large = "x".repeat(60_000);
    for number in 0..150 {
        let value = if number % 4 == 0 { large.as_str() } else { "small" };
        session.local().set(&format!("k{number:03}"), value).unwrap();
    }
    let entries: Vec<(String, String)> =
        session.local().iter("k*").unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(entries.len(), 150);
    assert!(entries.iter().enumerate().all(|(number, (key, value))| {
        *key == format!("k{number:03}") && value.len() == if number % 4 == 0 { 60_000 } else { 5 }
    }));
}

#[test]
fn a_local_dict_is_seen_from_both_ends_and_goes_with_its_client() {
    let server = Server::start();
    let (client, peer) = (open(&server), open(&server));
    let seen = peer.peer(client.id()).local();
    client.local().set("a", &1).unwrap();
    assert_eq!(seen.get("a").unwrap(), Some(1));
    seen.set("b", &2).unwrap();
    assert_eq!(client.local().get("b").unwrap(), Some(2));
    assert_eq!(client.local().keys("*").unwrap(), ["a", "b"]);
    assert_eq!(peer.globals().keys("a").unwrap(), Vec::<String>::new());
    assert_eq!(peer.local().get::<i64>("a").unwrap(), None);
    client.exit().unwrap();
    assert_eq!(seen.get::<i64>("a").unwrap(), None);
    assert_eq!(seen.set("c", &3).unwrap_err().kind(), Some(Kind::State));
}

#[test]
fn changes_are_watched_from_both_ends() {
    let server = Server::start();
    let (client, peer) = (open(&server), open(&server));
    let mut local = peer.peer(client.id()).local().watch::<(i64, f64)>("*").unwrap();
    let mut global = peer.globals().watch::<i64>("n.*").unwrap();
    client.globals().set("n.a", &1).unwrap();
    client.globals().set("other", &1).unwrap();
    client.local().set("t", &(1, f64::INFINITY)).unwrap();
    client.globals().remove::<i64>("n.a").unwrap();
    let change = local.next_within(SOON).unwrap().unwrap();
    assert_eq!((change.key.as_str(), change.value), ("t", Some((1, f64::INFINITY))));
    let change = global.next_within(SOON).unwrap().unwrap();
    assert_eq!((change.key.as_str(), change.value), ("n.a", Some(1)));
    let change = global.next().unwrap().unwrap();
    assert_eq!((change.key.as_str(), change.value), ("n.a", None));
    drop(local);
    client.local().set("t", &(2, 0.0)).unwrap();
    client.globals().set("n.b", &2).unwrap();
    assert_eq!(global.next().unwrap().unwrap().key, "n.b");
    assert_eq!(peer.recv(Duration::ZERO).unwrap(), None, "a change that nobody watches any more");
    assert_eq!(client.globals().wait_change::<i64>("n.b", &2, Duration::from_millis(1)).unwrap(), Some(2));
    let waiter = {
        let client = client.clone();
        thread::spawn(move || client.globals().wait_change::<(i64, i64)>("n.b", &2, SOON))
    };
    peer.globals().set("n.b", &(2, 2)).unwrap();
    assert_eq!(waiter.join().unwrap().unwrap(), Some((2, 2)));
}

#[test]
fn a_conversation_over_pipes() {
    let server = Server::start();
    let (client, peer) = (open(&server), open(&server));
    let far = peer.peer(client.id());
    let answering = thread::spawn(move || {
        let (plain, sums) = (far.pipe("plain"), far.pipe("sums"));
        assert_eq!(plain.recv::<String>(SOON).unwrap().as_deref(), Some("hello"));
        plain.send("hello yourself").unwrap();
        for _ in 0..100 {
            let numbers: (i64, i64) = sums.recv(SOON).unwrap().unwrap();
            sums.send(&(numbers.0 + numbers.1)).unwrap();
        }
        (sums.recv::<i64>(SOON), peer)
    });
    client.pipe("plain").send("hello").unwrap();
    for number in 0..100 {
        client.pipe("sums").send(&(number, 1)).unwrap();
    }
    for number in 0..100 {
        assert_eq!(client.pipe("sums").recv::<i64>(SOON).unwrap(), Some(number + 1));
    }
    assert_eq!(client.pipe("plain").recv::<String>(SOON).unwrap().as_deref(), Some("hello yourself"));
    assert_eq!(client.pipe("plain").recv::<String>(Duration::from_millis(1)).unwrap(), None);
    let id = client.id();
    client.exit().unwrap();
    let (closed, peer) = answering.join().unwrap();
    assert!(matches!(closed, Err(Error::Closed(_))), "{closed:?}");
    assert!(matches!(peer.peer(id).pipe("plain").send("x"), Err(Error::Closed(_))));
}

#[test]
fn a_pipe_tells_its_owner_too_that_the_other_is_gone() {
    let server = Server::start();
    let (client, peer) = (open(&server), open(&server));
    let pipe = client.pipe("p").with_peer(peer.id());
    peer.peer(client.id()).pipe("p").send(&1).unwrap();
    assert_eq!(pipe.recv::<i64>(SOON).unwrap(), Some(1));
    peer.exit().unwrap();
    assert!(matches!(pipe.recv::<i64>(SOON), Err(Error::Closed(_))));
    let (one, other) = (open(&server), open(&server));
    let waiter = {
        let pipe = other.peer(one.id()).pipe("p");
        thread::spawn(move || pipe.recv::<i64>(SOON))
    };
    one.pipe("p").close().unwrap();
    // Where the other end did not wait yet, nothing was there to be closed.
    while !waiter.is_finished() {
        one.pipe("p").send(&1).unwrap();
        one.pipe("p").close().unwrap();
    }
    assert!(!matches!(waiter.join().unwrap(), Ok(None)));
}

#[test]
fn each_item_of_a_queue_is_got_once_whoever_waits() {
    let server = Server::start();
    let producer = open(&server);
    let consumers: Vec<_> = (0..4)
        .map(|_| {
            let session = open(&server);
            thread::spawn(move || {
                let mut got: Vec<i64> = Vec::new();
                loop {
                    match session.queue("news").get_wait(SOON).unwrap() {
                        Some(-1) => return got,
                        Some(number) => got.push(number),
                        None => panic!("nothing came"),
                    }
                }
            })
        })
        .collect();
    producer.queue("news").put_all(0..2000).unwrap();
    producer.queue("news").put_all([-1; 4]).unwrap();
    let mut got: Vec<i64> = consumers.into_iter().flat_map(|consumer| consumer.join().unwrap()).collect();
    got.sort_unstable();
    assert_eq!(got, (0..2000).collect::<Vec<_>>());
    let own = producer.local_queue("other");
    own.put(&"mine").unwrap();
    assert_eq!(own.name(), format!("client.{}.other", producer.id()));
    let other = open(&server);
    assert_eq!(other.local_queue("other").get::<String>().unwrap(), None);
    assert_eq!(other.peer(producer.id()).queue("other").get::<String>().unwrap().as_deref(), Some("mine"));
}

#[test]
fn what_is_taken_and_not_done_comes_back() {
    let server = Server::start();
    let session = open(&server);
    let jobs = session.queue("jobs");
    assert!(jobs.take::<String>(SOON).unwrap().is_none());
    jobs.put("dig").unwrap();
    assert_eq!((jobs.len().unwrap(), jobs.is_empty().unwrap()), (1, false));
    let lost = jobs.take::<String>(Duration::from_millis(20)).unwrap().unwrap();
    assert_eq!(jobs.len().unwrap(), 0);
    let again = jobs.take_wait::<String>(SOON, SOON).unwrap().unwrap();
    assert_eq!((again.value.as_str(), again.number()), ("dig", lost.number()));
    again.done().unwrap();
    assert_eq!(lost.done().unwrap_err().kind(), Some(Kind::State));
    jobs.remove().unwrap();
    let waiter = {
        let jobs = jobs.clone();
        thread::spawn(move || jobs.get_wait::<String>(SOON))
    };
    while !waiter.is_finished() {
        jobs.put(&()).unwrap();
        jobs.remove().unwrap();
    }
    assert_eq!(waiter.join().unwrap().map_err(|error| error.kind()), Err(Some(Kind::State)));
}

#[test]
fn events_reach_their_handlers_the_catch_all_and_a_filtered_receive() {
    let server = Server::start();
    let (one, other) = (open(&server), open(&server));
    other.join("garden").unwrap();
    one.emit("garden", "early", &1).unwrap();
    one.send("garden", "plain").unwrap();
    let early = other.recv_event("early", SOON).unwrap().unwrap();
    assert_eq!(
        (early.from.clone(), early.to.as_str(), early.read::<i64>().unwrap()),
        (one.id(), "garden", 1)
    );
    let (tell, told) = mpsc::channel();
    let (rain, rest) = (tell.clone(), tell);
    other
        .on("rain", move |session, message| {
            session.emit(&message.from, "thanks", &message.body).unwrap();
            rain.send(("rain", message.body.to_string())).unwrap();
        })
        .unwrap();
    other.on("*", move |_, message| rest.send(("rest", message.body.to_string())).unwrap()).unwrap();
    assert_eq!(told.recv_timeout(SOON).unwrap(), ("rest", "plain".into()));
    one.emit("garden", "rain", &2.5).unwrap();
    one.emit("garden", "sun", &true).unwrap();
    assert_eq!(told.recv_timeout(SOON).unwrap(), ("rain", "2.5".into()));
    assert_eq!(told.recv_timeout(SOON).unwrap(), ("rest", "True".into()));
    one.send(&one.id(), "to myself").unwrap();
    assert_eq!(one.recv_event("th*", SOON).unwrap().unwrap().from, other.id());
    assert_eq!(one.recv(SOON).unwrap().unwrap().body, Value::from("to myself"));
    assert_eq!(one.recv(Duration::ZERO).unwrap(), None);
}

#[test]
fn names_and_presence() {
    let server = Server::start();
    let options = SessionOptions::new().name("pump");
    let pump = Session::connect_with(server.address(), options.clone()).unwrap();
    let desk = open(&server);
    assert_eq!(desk.find("pump").unwrap().id(), pump.id());
    assert_eq!(desk.find("nobody").map(|peer| peer.id().to_owned()).unwrap_err().kind(), Some(Kind::State));
    desk.join("EVENTS").unwrap();
    pump.join("garden").unwrap();
    let joined = desk.recv_event("group_join", SOON).unwrap().unwrap();
    assert_eq!(joined.from, "EVENTS");
    let me = pump.who(Some("pump")).unwrap().remove(0);
    assert_eq!(
        (me.name.as_deref(), me.connected, me.groups),
        (Some("pump"), true, vec!["ALL".into(), "garden".into()])
    );
    assert_eq!(
        (pump.groups().unwrap(), desk.members("garden").unwrap()),
        (vec!["ALL".into(), "garden".into()], vec![pump.id()])
    );
    // Another program of that name takes over; the first is told so and does not come back.
    let again = Session::connect_with(server.address(), options).unwrap();
    assert_eq!(again.id(), pump.id());
    assert!(pump.wait_until_closed().contains("another session"));
    assert!(matches!(pump.ping(), Err(Error::Closed(_))));
    drop(again);
    // One for the older session, one for the newer.
    for _ in 0..2 {
        assert_eq!(desk.recv_event("session_close", SOON).unwrap().unwrap().from, "EVENTS");
    }
    assert!(!desk.who(Some("pump")).unwrap()[0].connected);
    desk.set_name("pump").unwrap_err();
    desk.leave("EVENTS").unwrap();
}

#[test]
fn threads_share_a_session_while_one_of_them_waits() {
    let server = Server::start();
    let session = open(&server);
    let waiter = {
        let session = session.clone();
        thread::spawn(move || session.queue("never").get_wait::<i64>(SOON))
    };
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let session = session.clone();
            thread::spawn(move || {
                (0..250).for_each(|_| {
                    session.globals().incr("n", &1).unwrap();
                })
            })
        })
        .collect();
    let started = Instant::now();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(session.globals().get("n").unwrap(), Some(1000));
    assert!(started.elapsed() < SOON);
    session.close();
    assert!(matches!(waiter.join().unwrap(), Err(Error::Closed(_))));
    assert!(matches!(session.ping(), Err(Error::Closed(_))));
}

#[test]
fn connections_that_waited_leave_nobody_behind() {
    let server = Server::start();
    let session = open(&server);
    assert_eq!(session.queue("q").get_wait::<i64>(Duration::from_millis(1)).unwrap(), None);
    assert_eq!(session.who(None).unwrap().len(), 2);
    let watcher = open(&server);
    watcher.join("EVENTS").unwrap();
    drop(session);
    watcher.recv_event("client_exit", SOON).unwrap().expect("the connection that waited is gone");
    let here: Vec<String> = watcher.who(None).unwrap().into_iter().map(|info| info.id).collect();
    assert_eq!(here.len(), 2, "the session's client stays until it expires: {here:?}");
}

#[test]
fn sql_is_bound_and_typed() {
    let server = Server::start();
    let session = open(&server);
    session.sql::<(), _>("CREATE TABLE books (title TEXT, pages INT)", &()).unwrap();
    let hostile = "'); DROP TABLE books; --";
    session.sql::<(), _>("INSERT INTO books VALUES (?, ?)", &(hostile, 7)).unwrap();
    let rows: Vec<(String, Option<u16>)> = session.sql("SELECT * FROM books WHERE pages = ?", &[7]).unwrap();
    assert_eq!(rows, [(hostile.to_owned(), Some(7))]);
    assert_eq!(session.sql::<(), _>("SELEC", &()).unwrap_err().kind(), Some(Kind::Sql));
}
