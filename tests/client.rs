//! The client crate against the daemon: every method of it once, and what only the two together can get wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::thread;
use std::time::Duration;

use share_client::wire::{Date, DateTime, Delta, Time};
use share_client::{Client, ClientHandle, Error, Kind, Value};
use support::{Peer, Server};

const SOON: Duration = Duration::from_secs(10);

fn connect(server: &Server) -> Client {
    Client::connect(server.address()).expect("the daemon answers")
}

fn client(client: &Client, name: &str) -> ClientHandle {
    client.get_client_id(Some(name)).expect("an ID")
}

fn text(value: Result<Value, Error>) -> String {
    value.expect("a value").repr()
}

/// A value of each type, and what has led others astray.
fn values() -> Vec<Value> {
    let date = Date { year: 2026, month: 11, day: 20 };
    let time = Time { hour: 23, minute: 5, second: 0, microsecond: 7 };
    vec![
        Value::None,
        Value::Bool(true),
        Value::Int(i64::MAX),
        Value::Int(i64::MIN),
        Value::Float(0.1),
        Value::Float(-0.0),
        Value::Float(1e300),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NEG_INFINITY),
        Value::from(""),
        Value::from("5"),
        Value::from("None"),
        Value::from("Error: state: no client is called 'x'"),
        Value::from("it's \"quoted\" \\ \n\r\t\0\u{7f}\u{a0}\u{2028}È日本😀\u{e0001}"),
        Value::from("'); delete('*'); ('"),
        Value::Bytes((0..=255).collect()),
        Value::List(vec![]),
        Value::Tuple(vec![Value::from("only")]),
        Value::List(vec![Value::Float(f64::INFINITY), Value::Tuple(vec![]), Value::Dict(vec![])]),
        Value::from([("k", Value::from(1.0)), ("l", Value::List(vec![Value::None]))]),
        Value::Dict(vec![
            (Value::Int(1), Value::from("a")),
            (Value::Tuple(vec![Value::Int(2)]), Value::None),
        ]),
        Value::DateTime(DateTime { date, time }),
        Value::Date(date),
        Value::Time(time),
        Value::Delta(Delta { days: -1, seconds: 86_399, microseconds: 1 }),
        Value::Set(vec![Value::Int(1), Value::Int(2)]),
        Value::FrozenSet(vec![]),
    ]
}

#[test]
fn every_value_comes_back_as_it_was() {
    let server = Server::start();
    let client = connect(&server);
    for value in values() {
        client.set_reg("value", value.clone()).expect("stored");
        assert_eq!(text(client.get_reg("value")), value.repr());
        client.put("values", value.clone()).expect("put");
        let taken = client.take("values", SOON).expect("taken").expect("an item");
        assert_eq!(taken.value.repr(), value.repr());
        client.done("values", taken.number).expect("done");
        client.put("values", value.clone()).expect("put");
        assert_eq!(text(client.get("values")), value.repr());
    }
    assert!(client.keys(None).expect("keys").contains(&"value".to_owned()), "an argument ran as code");
}

#[test]
fn a_float_of_any_bits_comes_back_as_it_was() {
    let server = Server::start();
    let client = connect(&server);
    let mut bits = 1_u64;
    let numbers = std::iter::repeat_with(|| {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from_bits(bits)
    });
    let numbers: Vec<Value> =
        numbers.filter(|number| number.is_finite()).take(500).map(Value::from).collect();
    client.set_reg("numbers", numbers.clone()).expect("stored");
    assert_eq!(client.get_reg("numbers").expect("a list"), Value::List(numbers));
}

#[test]
fn the_registry_does_what_it_says() -> Result<(), Error> {
    let server = Server::start();
    let client = connect(&server);
    client.set_reg_ttl("a.b", 1, SOON)?;
    assert_eq!(text(client.get_reg_or("a.c", "none")), "'none'");
    assert_eq!(text(client.incr("a.b", 2)), "3");
    assert!(client.swap_reg("a.b", 3, "x")?);
    assert!(!client.swap_reg("a.b", 3, "y")?);
    assert_eq!(client.keys(Some("a.*"))?, ["a.b"]);
    assert!(client.age("a.b")?.is_some_and(|age| age < SOON));
    assert_eq!(client.age("a.c")?, None);
    assert_eq!(client.delete("a.*")?, 1);
    let refused = client.set_reg("server.name", 1).expect_err("read-only");
    assert_eq!(refused.kind(), Some(Kind::Denied));
    Ok(())
}

#[test]
fn a_change_is_waited_for() -> Result<(), Error> {
    let server = Server::start();
    let client = connect(&server);
    client.set_reg("gate", "5")?;
    let waiting = client.clone();
    let waiter = thread::spawn(move || waiting.wait_reg("gate", "5", SOON));
    client.set_reg("gate", 5)?;
    assert_eq!(waiter.join().expect("the waiter")?, Value::Int(5));
    assert_eq!(text(client.wait_reg("gate", 5, Duration::from_millis(1))), "5");
    Ok(())
}

#[test]
fn messages_go_from_one_to_the_other() -> Result<(), Error> {
    let server = Server::start();
    let server = connect(&server);
    let (board, desk) = (client(&server, "board"), client(&server, "desk"));
    assert_eq!(client(&server, "board").id(), board.id());
    board.join("garden")?;
    desk.join("garden")?;
    assert_eq!(server.members("garden")?, [board.id(), desk.id()]);
    assert_eq!(desk.groups()?, ["ALL", "garden"]);
    assert!(server.groups()?.contains(&"garden".to_owned()));

    board.send("desk", "aÈb")?;
    assert_eq!(desk.pending()?, 1);
    let message = desk.recv()?.expect("a message");
    assert_eq!(
        (message.from.as_str(), message.to.as_str(), message.text.as_str()),
        (board.id(), "desk", "aÈb")
    );
    assert_eq!(desk.recv()?, None);

    board.send("desk", "first")?;
    board.emit("desk", "rain", 2.5)?;
    let rain = desk.recv_event(SOON, "r*")?.expect("an event");
    assert_eq!(rain.text, "rain:2.5");
    let leased = desk.lease(SOON)?.expect("a message");
    assert_eq!((leased.event, leased.body), (None, Value::from("first")));
    desk.ack(leased.number)?;
    assert_eq!(desk.lease(SOON)?, None);
    assert_eq!(desk.ack(leased.number).expect_err("gone").kind(), Some(Kind::State));

    let waiter = {
        let desk = desk.clone();
        thread::spawn(move || desk.recv_wait(SOON))
    };
    board.send("garden", "late")?;
    assert_eq!(waiter.join().expect("the waiter")?.map(|message| message.text).as_deref(), Some("late"));

    desk.leave("garden")?;
    desk.set_name("")?;
    let info = server.who(Some(desk.id()))?.remove(0);
    assert_eq!((info.name, info.groups, info.pending), (None, vec!["ALL".to_owned()], 0));
    board.exit()?;
    assert_eq!(server.handle("board").pending().expect_err("gone").kind(), Some(Kind::State));
    Ok(())
}

#[test]
fn keys_are_fetched_and_watched() -> Result<(), Error> {
    let server = Server::start();
    let server = connect(&server);
    let me = client(&server, "watcher");
    server.set_reg("a.1", "x")?;
    assert_eq!(me.fetch("a.*")?, 1);
    assert_eq!(me.recv()?.map(|message| message.text).as_deref(), Some("a.1:x"));
    me.watch("a.*")?;
    server.set_reg("a.2", 7)?;
    let change = me.lease(SOON)?.expect("a change");
    assert_eq!(
        (change.from.as_str(), change.event.as_deref(), change.body),
        ("REGISTRY", Some("a.2"), 7.into())
    );
    me.ack(change.number)?;
    me.unwatch(Some("a.*"))?;
    me.unwatch(None)?;
    server.set_reg("a.2", 8)?;
    assert_eq!(me.recv()?, None);
    Ok(())
}

#[test]
fn queues_do_what_they_say() -> Result<(), Error> {
    let server = Server::start();
    let client = connect(&server);
    let waiter = {
        let client = client.clone();
        thread::spawn(move || client.get_wait("jobs", SOON))
    };
    client.put("jobs", "dig")?;
    assert_eq!(waiter.join().expect("the waiter")?.as_deref(), Some("dig"));
    assert_eq!(client.get_wait("jobs", Duration::from_millis(1))?, None);
    client.put("jobs", 1)?;
    assert_eq!(client.size("jobs")?, 1);
    assert_eq!(client.queues(Some("j*"))?, ["jobs"]);
    client.drop_queue("jobs")?;
    assert!(client.queues(None)?.is_empty());
    assert_eq!(client.take("jobs", SOON)?, None);
    assert_eq!(client.done("jobs", 1).expect_err("nothing taken").kind(), Some(Kind::State));
    Ok(())
}

#[test]
fn sql_binds_what_it_is_given() -> Result<(), Error> {
    let server = Server::start();
    let client = connect(&server);
    let me = self::client(&client, "librarian");
    me.db_exec("CREATE TABLE books (title TEXT, pages INT)")?;
    let hostile = "'); DROP TABLE books; --";
    client.sql("INSERT INTO books VALUES (?, ?)", [Value::from(hostile), Value::from(7)])?;
    let rows = client.sql("SELECT * FROM books WHERE pages = :p", [("p", Value::from(7))])?;
    assert_eq!(rows, [[Value::from(hostile), Value::from(7)]]);
    me.db_exec("SELECT pages, NULL FROM books")?;
    assert_eq!(me.recv()?.map(|message| message.text).as_deref(), Some("(7, None)"));
    let refused = client.sql("SELEC", Value::None).expect_err("no SQL");
    assert_eq!(refused.kind(), Some(Kind::Sql));
    Ok(())
}

#[test]
fn expressions_keep_their_type_and_errors_their_kind() -> Result<(), Error> {
    let server = Server::start();
    let client = connect(&server);
    assert_eq!(client.eval("1 + 1")?, Value::Int(2));
    assert_eq!(client.eval("'1' + '1' # two")?, Value::from("11"));
    assert_eq!(
        client.eval("[k * 2 for k in 'ab'],")?,
        Value::Tuple(vec![vec!["aa".into(), "bb".into()].into()])
    );
    assert_eq!(client.eval_text("x = 20\nx + 1")?, "21");
    assert!(client.help(None)?.contains("getReg"));
    assert!(client.help(Some("send"))?.contains("send(from, to, body)"));
    for (expression, kind) in [
        ("1 +", Kind::Syntax),
        ("nobody_knows(1)", Kind::Name),
        ("'a' + 1", Kind::Type),
        ("1 / 0", Kind::Value),
        ("9223372036854775807 + 1", Kind::Limit),
        ("pending('nobody')", Kind::State),
    ] {
        assert_eq!(client.eval(expression).expect_err("refused").kind(), Some(kind), "{expression}");
    }
    Ok(())
}

#[test]
fn a_request_that_is_too_long_is_told_so() {
    let server = Server::start();
    let client = connect(&server);
    let refused = client.put("q", "x".repeat(200_000)).expect_err("too long");
    assert_eq!(refused.kind(), Some(Kind::Limit), "{refused}");
}
