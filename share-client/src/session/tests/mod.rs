//! What a session sends and what it makes of what comes, also when the connection is lost, against a server of a few
//! lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

pub(crate) mod fake;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Session, SessionOptions};
use crate::{Error, Kind, Timeouts, Value};
use fake::{Act, Fake, ID, error, message, ok};

const SOON: Duration = Duration::from_secs(20);

fn quick() -> SessionOptions {
    let timeouts = Timeouts { connect: SOON, reply: SOON };
    SessionOptions::new().timeouts(timeouts).pauses(Duration::from_millis(1), Duration::from_millis(20))
}

fn open(fake: &Fake) -> Session {
    Session::connect_with(fake.address, quick()).expect("a session")
}

/// What one call sends and gives, where the server answers with `reply`.
#[track_caller]
fn sends<T>(line: &str, reply: &str, call: impl FnOnce(&Session) -> Result<T, Error>) -> T {
    let reply = reply.to_owned();
    let fake = Fake::new(move |_, line| (!line.starts_with("session(")).then(|| ok(&reply)));
    let session = open(&fake);
    assert_eq!(fake.asked().1, "session()");
    let result = call(&session);
    assert_eq!(fake.asked().1, line);
    result.unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[test]
fn calls_are_sent_as_the_contract_says() {
    let mine = "client.2UQp4It1.";
    sends("setReg('k', (1, 0.5))", "\"OK\"", |session| session.globals().set("k", &(1, 0.5)));
    sends("setReg('k', 1, 1.5)", "\"OK\"", |session| {
        session.globals().set_for("k", &1, Duration::from_millis(1500))
    });
    let value: Option<(u8, f64)> =
        sends("repr(getReg('k'))", "\"(1, inf)\"", |session| session.globals().get("k"));
    assert_eq!(value, Some((1, f64::INFINITY)));
    let value: Option<u8> = sends("repr(getReg('k'))", "\"None\"", |session| session.globals().get("k"));
    assert_eq!(value, None);
    let value = sends(&format!("repr(MyData.pop('{mine}k', None))"), "\"'x'\"", |session| {
        session.local().remove::<String>("k")
    });
    assert_eq!(value.as_deref(), Some("x"));
    assert!(sends(&format!("repr('{mine}k' in MyData)"), "\"True\"", |session| session
        .local()
        .contains("k")));
    let keys = sends("keys('client.other111.a*')", "[\"client.other111.ab\"]", |session| {
        session.peer("other111").local().keys(" a* ")
    });
    assert_eq!(keys, ["ab"]);
    assert_eq!(sends("delete('a*')", "3", |session| session.globals().remove_matching("a*")), 3);
    assert_eq!(sends("repr(incr('n', 2))", "\"44\"", |session| session.globals().incr("n", &2_i64)), 44);
    assert!(sends("swapReg('k', None, 'x')", "true", |session| session.globals().swap("k", &(), "x")));
    let age = sends("age('k')", "1.5", |session| session.globals().age("k"));
    assert_eq!(age, Some(Duration::from_millis(1500)));
    sends("send('2UQp4It1', 'ALL', \"it's\")", "\"OK\"", |session| session.send("ALL", "it's"));
    sends("emit('2UQp4It1', 'ALL', 'rain', [])", "\"OK\"", |session| {
        session.emit("ALL", "rain", &Vec::<u8>::new())
    });
    sends("join('2UQp4It1', 'a b')", "\"OK\"", |session| session.join("a b"));
    sends("setName('2UQp4It1', 'pump')", "\"OK\"", |session| session.set_name("pump"));
    sends("put('news', 1)", "\"OK\"", |session| session.queue("news").put(&1));
    sends(&format!("put('{mine}jobs', 1)"), "\"OK\"", |session| session.local_queue("jobs").put(&1));
    let taken = sends("repr(take('news', 30))", "\"[7, None]\"", |session| {
        session.queue("news").take::<Option<u8>>(Duration::from_secs(30))
    });
    assert_eq!(taken.map(|job| (job.number(), job.value)), Some((7, None)));
    sends(&format!("put('{mine}p.up', 'x')"), "\"OK\"", |session| session.pipe("p").send("x"));
    sends("put('client.other111.p.down', 'x')", "\"OK\"", |session| {
        session.peer("other111").pipe("p").send("x")
    });
    let rows: Vec<(i64, Option<String>)> =
        sends("repr(sql('SELECT ?', [1]))", "\"[(1, None)]\"", |session| session.sql("SELECT ?", &(1,)));
    assert_eq!(rows, [(1, None)]);
    let leased = sends("repr(lease('2UQp4It1', 1))", "\"[9, 'a', 'b', None, (1,)]\"", |session| {
        session.lease(Duration::from_secs(1))
    });
    assert_eq!(leased.map(|leased| leased.body), Some(Value::Tuple(vec![1.into()])));
}

#[test]
fn arguments_can_never_become_code_nor_lines() {
    let hostile = "'); delete('*'); ('\n\r\u{2028}x";
    let line = "setReg(\"'); delete('*'); ('\\n\\r\\u2028x\", \"'); delete('*'); ('\\n\\r\\u2028x\")";
    sends(line, "\"OK\"", |session| session.globals().set(hostile, hostile));
    let fake = Fake::new(|_, _| None);
    let session = open(&fake);
    for line in ["a\nb", "a\rb", "", "  "] {
        assert!(matches!(session.run(line), Err(Error::Protocol(_))));
    }
    session.ping().expect("nothing was sent");
    assert_eq!((fake.asked().1, fake.asked().1), ("session()".to_owned(), "ping()".to_owned()));
}

#[test]
fn an_error_carries_its_kind_and_a_wrong_type_is_told() {
    let fake = Fake::new(|_, line| match line {
        "a" => Some(error("limit", "too much")),
        "repr((b))" => Some(ok("\"'x'\"")),
        _ => None,
    });
    let session = open(&fake);
    assert_eq!(session.run("a").unwrap_err().kind(), Some(Kind::Limit));
    let told = session.eval::<i64>("b").unwrap_err().to_string();
    assert_eq!(told, "invalid type: string \"x\", expected i64");
}

#[test]
fn each_thread_gets_the_reply_to_what_it_asked() {
    let fake = Fake::new(|_, line| line.starts_with('n').then(|| ok(line.trim_start_matches('n'))));
    let session = open(&fake);
    let asking = (0..8).map(|thread| {
        let session = session.clone();
        thread::spawn(move || {
            for number in 0..200 {
                let number = thread * 1000 + number;
                assert_eq!(session.run(&format!("n{number}")).unwrap(), Value::Int(number));
            }
        })
    });
    asking.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn what_changes_nothing_is_asked_again_and_what_may_have_is_told_so() {
    // The first connection takes both lines and hangs up.
    let fake = Fake::new(|connection, line| match (connection, line) {
        (0, "repr(getReg('k'))") => Some(Act::Nothing),
        (0, "incr") => Some(Act::HangUp),
        (_, "repr(getReg('k'))") => Some(ok("\"5\"")),
        _ => None,
    });
    let session = open(&fake);
    let (tell, told) = mpsc::channel();
    session.on_reconnect(move |_, news| tell.send(news.clone()).unwrap()).unwrap();
    session.join("garden").unwrap();
    let reader = {
        let session = session.clone();
        thread::spawn(move || session.globals().get::<i64>("k"))
    };
    fake.wait_for(0, "repr(getReg('k'))");
    let error = session.run("incr").unwrap_err();
    assert!(error.to_string().ends_with("whether the server did what was asked is not known"), "{error}");
    assert_eq!(reader.join().unwrap().unwrap(), Some(5));
    let news = told.recv_timeout(SOON).unwrap();
    assert_eq!((news.id.as_str(), news.previous_id.as_deref(), news.unanswered), (ID, None, 1));
    assert!(news.lost.is_empty() && news.rejoined.is_empty(), "{news:?}");
    fake.wait_for(1, &format!("session('{ID}')"));
    fake.wait_for(1, &format!("repr(who('{ID}'))"));
    fake.wait_for(1, &format!("join('{ID}', 'garden')"));
    fake.wait_for(1, "repr(getReg('k'))");
    session.ping().unwrap();
    fake.wait_for(1, "ping()");
}

#[test]
fn a_server_that_forgot_the_client_is_told_again_and_what_is_lost_is_said() {
    let fake = Fake::new(|connection, line| match line {
        "session('2UQp4It1')" => Some(error("state", "no client is called '2UQp4It1'")),
        "session()" if connection > 0 => Some(ok("{\"id\":\"bbbbbbbb\"}")),
        "repr(who('bbbbbbbb'))" => Some(ok("\"[{'id': 'bbbbbbbb', 'name': None, 'groups': ['ALL']}]\"")),
        "setName('bbbbbbbb', 'pump')" => Some(error("state", "the name belongs to another client")),
        _ => None,
    });
    let session = open(&fake);
    let (tell, told) = mpsc::channel();
    session.on_reconnect(move |session, news| tell.send((session.id(), news.clone())).unwrap()).unwrap();
    session.join("garden").unwrap();
    session.set_name("pump").unwrap();
    let watch = session.globals().watch::<i64>("garden.*").unwrap();
    fake.connection().hang_up();
    let (id, news) = told.recv_timeout(SOON).unwrap();
    assert_eq!(
        (id.as_str(), news.id.as_str(), news.previous_id.as_deref()),
        ("bbbbbbbb", "bbbbbbbb", Some(ID))
    );
    assert_eq!((news.rejoined.as_slice(), news.renamed), (["garden".to_owned()].as_slice(), None));
    assert_eq!(
        news.lost,
        [
            "the name 'pump' belongs to another client now",
            "the client was made anew: its messages, leases and own keys and queues are gone",
            "changes of watched keys in the meantime were not seen"
        ]
    );
    fake.wait_for(2, "watch('bbbbbbbb', 'garden.*')");
    fake.wait_for(2, "listen()");
    drop(watch);
    fake.wait_for(
        2,
        "[unwatch('bbbbbbbb', 'garden.*'), emit('bbbbbbbb', 'bbbbbbbb', 'share-client.last-change', 1)]",
    );
}

#[test]
fn a_watch_that_ends_while_the_connection_is_away_ends_on_the_server_too() {
    let (open_gate, gate) = mpsc::channel::<()>();
    let fake = Fake::new(move |connection, _| {
        if connection == 1 {
            gate.recv().unwrap();
        }
        None
    });
    let session = open(&fake);
    let watch = session.globals().watch::<i64>("garden.*").unwrap();
    fake.connection().hang_up();
    fake.connection();
    drop(watch);
    (0..4).for_each(|_| open_gate.send(()).unwrap());
    fake.wait_for(1, "listen()");
    let (_, line) = fake.asked();
    assert!(line.starts_with(&format!("[unwatch('{ID}', 'garden.*'), emit(")), "{line}");
}

#[test]
fn a_silent_server_is_asked_and_then_left() {
    let fake = Fake::new(|connection, line| (connection == 0 && line == "ping()").then_some(Act::Nothing));
    let timeouts = Timeouts { connect: SOON, reply: Duration::from_millis(1500) };
    let options = quick().timeouts(timeouts).heartbeat(Duration::from_millis(20));
    let session = Session::connect_with(fake.address, options).unwrap();
    fake.wait_for(0, "ping()");
    fake.wait_for(1, &format!("session('{ID}')"));
    fake.wait_for(1, "ping()");
    drop(session);
}

#[test]
fn a_session_that_the_server_ends_does_not_come_back() {
    let fake = Fake::new(|_, _| None);
    let session = open(&fake);
    let waiting = {
        let session = session.clone();
        thread::spawn(move || session.recv(SOON))
    };
    fake.wait_for(0, "listen()");
    session.ping().unwrap();
    let peer = fake.connection();
    peer.say(r#"{"error":{"kind":"state","message":"another session carries this client on"}}"#);
    peer.hang_up();
    let why = "the server ended the session: state: another session carries this client on";
    assert_eq!(session.wait_until_closed(), why);
    for result in [waiting.join().unwrap().map(drop), session.ping(), session.recv(SOON).map(drop)] {
        assert!(matches!(result, Err(Error::Closed(said)) if said == why));
    }
    fake.wait_for(0, "ping()");
    assert!(fake.is_left_alone());
}

#[test]
fn being_taken_over_is_no_reply_to_what_was_asked() {
    let fake =
        Fake::new(|_, line| (line == "x").then(|| error("state", "another session carries this client on")));
    let session = open(&fake);
    fake.connection();
    assert!(matches!(session.run("x"), Err(Error::Closed(_))));
    fake.wait_for(0, "x");
    assert!(fake.is_left_alone());
}

#[test]
fn a_server_that_ends_is_waited_for() {
    let fake = Fake::new(|connection, line| {
        (connection == 0 && line.starts_with("repr")).then(|| error("state", "the server ends"))
    });
    let session = open(&fake);
    assert_eq!(
        session.globals().get::<String>("k").unwrap_err().to_string(),
        "the reply is no value: not a literal at byte 0"
    );
    fake.wait_for(1, "repr(getReg('k'))");
}

#[test]
fn a_lost_connection_is_given_up_in_the_end() {
    let fake = Fake::new(|connection, _| (connection > 0).then_some(Act::HangUp));
    let options = quick().give_up_after(Duration::from_millis(30));
    let session = Session::connect_with(fake.address, options).unwrap();
    fake.connection().hang_up();
    assert!(session.wait_until_closed().starts_with("the connection was lost and did not come back"));
    assert!(matches!(session.ping(), Err(Error::Closed(_))));
}

#[test]
fn what_is_asked_while_the_connection_is_away_waits_for_it() {
    let (open_gate, gate) = mpsc::channel::<()>();
    let fake = Fake::new(move |connection, _| {
        if connection == 1 {
            gate.recv().unwrap();
        }
        None
    });
    let session = open(&fake);
    fake.connection().hang_up();
    fake.connection();
    let asking = {
        let session = session.clone();
        thread::spawn(move || session.send("ALL", "x"))
    };
    thread::yield_now();
    (0..4).for_each(|_| open_gate.send(()).unwrap());
    asking.join().unwrap().unwrap();
    fake.wait_for(1, &format!("send('{ID}', 'ALL', 'x')"));
}

#[test]
fn handlers_are_called_in_order_and_may_use_the_session() {
    let fake = Fake::new(|_, line| {
        (line == "listen()").then(|| {
            let mut lines = vec!["{\"ok\":\"OK\"}".to_owned()];
            lines.extend((1..=3).map(|number| message(number, Some("count"), &number.to_string())));
            lines.push(message(4, None, "\"plain\""));
            lines.push(message(3, Some("count"), "3"));
            lines.push(message(5, Some("stop"), "null"));
            Act::Say(lines)
        })
    });
    let session = open(&fake);
    let (tell, told) = mpsc::channel();
    let also = tell.clone();
    session
        .on("count", move |session, message| {
            session.ping().unwrap();
            tell.send(message.read::<String>().unwrap_or_else(|_| message.body.to_string())).unwrap();
        })
        .unwrap();
    session.on("broken", |_, _| panic!("this one is contained")).unwrap();
    let rest =
        session.on("*", move |_, message| also.send(format!("rest {}", message.number)).unwrap()).unwrap();
    let mut came: Vec<String> = (0..5).map(|_| told.recv_timeout(SOON).unwrap()).collect();
    came.sort();
    assert_eq!(came, ["1", "2", "3", "rest 4", "rest 5"]);
    assert!(session.off(rest) && !session.off(rest));
    let peer = fake.connection();
    peer.say(&message(6, Some("broken"), "null"));
    peer.say(&message(7, Some("late"), "null"));
    peer.say(&message(8, Some("count"), "8"));
    assert_eq!(told.recv_timeout(SOON).unwrap(), "8");
    assert_eq!(session.recv_event("l*", SOON).unwrap().unwrap().number, 7);
    assert_eq!(session.recv_event("l*", Duration::ZERO).unwrap(), None);
}

#[test]
fn a_wait_holds_up_nobody_and_its_connection_is_kept() {
    let (open_gate, gate) = mpsc::channel::<()>();
    let fake = Fake::new(move |_, line| {
        line.starts_with("get(").then(|| match gate.recv_timeout(Duration::ZERO) {
            Ok(()) => ok("\"late\""),
            Err(_) => Act::Nothing,
        })
    });
    let session = open(&fake);
    let main = fake.connection();
    let waiting = {
        let session = session.clone();
        thread::spawn(move || session.queue("q").get_wait::<String>(SOON))
    };
    let waiter = fake.connection();
    fake.wait_for(1, "session()");
    fake.wait_for(1, "listen()");
    fake.wait_for(1, "get('q', 20)");
    session.ping().expect("answered at once");
    waiter.say(&message(1, None, "\"to everybody\""));
    waiter.say("{\"ok\":\"first\"}");
    assert_eq!(waiting.join().unwrap().unwrap().as_deref(), Some("first"));
    open_gate.send(()).unwrap();
    assert_eq!(session.queue("q").get_wait::<String>(SOON).unwrap().as_deref(), Some("late"));
    fake.wait_for(1, "get('q', 20)");
    drop(session);
    fake.wait_for(1, "exit()");
    drop(main);
}

#[test]
fn an_item_that_comes_while_the_session_is_closed_is_not_lost() {
    let fake = Fake::new(|_, line| line.starts_with("get(").then_some(Act::Nothing));
    let session = open(&fake);
    fake.connection();
    let waiting = |name: &'static str| {
        let session = session.clone();
        thread::spawn(move || session.queue(name).get_wait::<String>(SOON))
    };
    let first = waiting("a");
    let with_item = fake.connection();
    fake.wait_for(1, "get('a', 20)");
    let second = waiting("b");
    let without = fake.connection();
    fake.wait_for(2, "get('b', 20)");
    session.close();
    // On its way before the server saw the end.
    with_item.say("{\"ok\":\"item\"}");
    without.hang_up();
    assert_eq!(first.join().unwrap().unwrap().as_deref(), Some("item"));
    assert!(matches!(second.join().unwrap(), Err(Error::Closed(_))));
    let started = Instant::now();
    assert!(matches!(session.queue("c").get_wait::<String>(SOON), Err(Error::Closed(_))));
    assert!(started.elapsed() < SOON);
}

#[test]
fn a_pipe_whose_owner_goes_is_closed() {
    let fake = Fake::new(|_, line| line.starts_with("get(").then(|| error("state", "the queue was closed")));
    let session = open(&fake);
    let closed = session.peer("other111").pipe("p").recv::<i64>(SOON).unwrap_err();
    assert!(matches!(closed, Error::Closed(why) if why == "the pipe is closed: the queue was closed"));
}

#[test]
fn many_items_are_put_without_waiting_for_each() {
    let fake = Fake::new(|_, line| (line == "put('q', 5)").then(|| error("limit", "full")));
    let session = open(&fake);
    session.queue("q").put_all(10..3000).unwrap();
    assert_eq!(session.queue("q").put_all(0..10).unwrap_err().kind(), Some(Kind::Limit));
}

#[test]
fn what_is_no_server_of_sessions_is_refused() {
    for reply in ["OK", "{\"ok\":1}", "Error: syntax: no", "{\"message\":{}}"] {
        let fake = Fake::new(move |_, _| Some(Act::Say(vec![reply.to_owned()])));
        let refused = Session::connect_with(fake.address, quick()).unwrap_err();
        assert!(matches!(refused, Error::Protocol(_)), "{refused}");
    }
    let fake = Fake::new(|_, _| Some(error("busy", "too many")));
    assert_eq!(Session::connect_with(fake.address, quick()).unwrap_err().kind(), Some(Kind::Busy));
}

#[test]
fn nonsense_ends_a_connection_and_says_so() {
    let fake = Fake::new(|connection, line| {
        (connection == 0 && line == "x").then(|| Act::Say(vec!["nonsense".to_owned()]))
    });
    let session = open(&fake);
    let error = session.run("x").unwrap_err().to_string();
    assert!(error.contains("expected a line of a session, not 'nonsense'"), "{error}");
    session.ping().unwrap();
    fake.wait_for(1, "ping()");
}
