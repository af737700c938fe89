//! What each method sends and what it makes of the reply, against a server of a few lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{Client, Leased, Message, Taken};
use crate::{ClientHandle, Error, Kind, Timeouts, Value};

/// A server that answers each connection with the next of its replies, and remembers what it was asked.
struct Fake {
    client: Client,
    asked: JoinHandle<Vec<String>>,
}

impl Fake {
    fn new(replies: &[&[u8]]) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addresses = vec![listener.local_addr().expect("an address")];
        let replies: Vec<Vec<u8>> = replies.iter().map(|reply| reply.to_vec()).collect();
        let asked = thread::spawn(move || {
            let answer = |reply: Vec<u8>| {
                let (mut stream, _) = listener.accept().expect("a connection");
                let mut asked = String::new();
                stream.read_to_string(&mut asked).expect("a request that ends in a half-close");
                stream.write_all(&reply).expect("a reader");
                asked
            };
            replies.into_iter().map(answer).collect()
        });
        Fake { client: Client { addresses, timeouts: Timeouts::default() }, asked }
    }

    fn asked(self) -> Vec<String> {
        self.asked.join().expect("every reply was asked for")
    }
}

/// What one call sends and gives, where the server answers with `reply`.
fn exchange<T>(reply: &str, call: impl FnOnce(&Client) -> Result<T, Error>) -> (String, Result<T, Error>) {
    let fake = Fake::new(&[reply.as_bytes()]);
    let result = call(&fake.client);
    (fake.asked().remove(0), result)
}

#[track_caller]
fn sends<T>(request: &str, reply: &str, call: impl FnOnce(&Client) -> Result<T, Error>) -> T {
    let (asked, result) = exchange(reply, call);
    assert_eq!(asked, request);
    result.unwrap_or_else(|error| panic!("{request}: {error}"))
}

#[track_caller]
fn my<T>(request: &str, reply: &str, call: impl FnOnce(&ClientHandle) -> Result<T, Error>) -> T {
    sends(request, reply, |client| call(&client.handle("2UQp4It1")))
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_registry_is_called_as_the_contract_says() {
    sends("setReg('k', 1)", "OK", |client| client.set_reg("k", 1));
    sends("setReg('k', [None, 0.5], 1.5)", "OK", |client| {
        client.set_reg_ttl("k", vec![Value::None, 0.5.into()], Duration::from_millis(1500))
    });
    let value = sends("repr(getReg('k'))", "'None'", |client| client.get_reg("k"));
    assert_eq!(value, Value::from("None"));
    let value = sends("repr(getReg('k', -1))", "(1, 'x')", |client| client.get_reg_or("k", -1));
    assert_eq!(value, Value::Tuple(vec![1.into(), "x".into()]));
    assert_eq!(sends("delete('a*')", "3", |client| client.delete("a*")), 3);
    assert_eq!(sends("keys()", "['a', 'b']", |client| client.keys(None)), ["a", "b"]);
    assert_eq!(sends("keys('b')", "['b']", |client| client.keys(Some("b"))), ["b"]);
    assert_eq!(sends("incr('n', 2)", "44", |client| client.incr("n", 2)), Value::Int(44));
    assert!(sends("swapReg('k', None, 'x')", "True", |client| client.swap_reg("k", None::<i64>, "x")));
    assert_eq!(sends("age('k')", "1.5", |client| client.age("k")), Some(Duration::from_millis(1500)));
    assert_eq!(sends("age('k')", "None", |client| client.age("k")), None);
}

#[test]
fn queues_are_called_as_the_contract_says() {
    sends("put('q', {'n': 1})", "OK", |client| client.put("q", [("n", Value::Int(1))]));
    assert_eq!(sends("repr(get('q'))", "b'x'", |client| client.get("q")), Value::Bytes(b"x".to_vec()));
    assert_eq!(sends("get('q', 1)", "text", |client| client.get_wait("q", SECOND)).as_deref(), Some("text"));
    assert_eq!(sends("get('q', 0)", "None", |client| client.get_wait("q", Duration::ZERO)), None);
    let taken = sends("take('q', 1)", "[7, 'Error: state: x']", |client| client.take("q", SECOND));
    assert_eq!(taken, Some(Taken { number: 7, value: Value::from("Error: state: x") }));
    assert_eq!(sends("take('q', 1)", "None", |client| client.take("q", SECOND)), None);
    sends("done('q', 7)", "OK", |client| client.done("q", 7));
    assert_eq!(sends("size('q')", "2", |client| client.size("q")), 2);
    assert_eq!(sends("queues()", "['q']", |client| client.queues(None)), ["q"]);
    sends("drop('q')", "OK", |client| client.drop_queue("q"));
}

#[test]
fn a_client_calls_with_its_id() {
    my("exit('2UQp4It1')", "OK", |me| me.clone().exit());
    my("setName('2UQp4It1', 'board')", "OK", |me| me.set_name("board"));
    my("join('2UQp4It1', 'a b')", "OK", |me| me.join("a b"));
    my("leave('2UQp4It1', 'a b')", "OK", |me| me.leave("a b"));
    assert_eq!(my("groups('2UQp4It1')", "['ALL']", ClientHandle::groups), ["ALL"]);
    my("send('2UQp4It1', 'ALL', \"it's\")", "OK", |me| me.send("ALL", "it's"));
    my("emit('2UQp4It1', 'ALL', 'rain', 0.5)", "OK", |me| me.emit("ALL", "rain", 0.5));
    assert_eq!(my("pending('2UQp4It1')", "2", ClientHandle::pending), 2);
    my("ack('2UQp4It1', 9)", "OK", |me| me.ack(9));
    assert_eq!(my("fetch('2UQp4It1', 'a*')", "4", |me| me.fetch("a*")), 4);
    my("watch('2UQp4It1', 'a*')", "OK", |me| me.watch("a*"));
    my("unwatch('2UQp4It1', 'a*')", "OK", |me| me.unwatch(Some("a*")));
    my("unwatch('2UQp4It1')", "OK", |me| me.unwatch(None));
    my("dbExec('2UQp4It1', 'SELECT 1')", "OK", |me| me.db_exec("SELECT 1"));
}

#[test]
fn messages_are_taken_apart() {
    let message = |text: &str| Message { from: "aaaaaaaa".into(), to: "ALL".into(), text: text.into() };
    let received = my("recv('2UQp4It1')", "aaaaaaaaÈALLÈxÈy", ClientHandle::recv);
    assert_eq!(received, Some(message("xÈy")));
    assert_eq!(my("recv('2UQp4It1')", "NoneÈNoneÈNone", ClientHandle::recv), None);
    let received = my("recv('2UQp4It1', 1)", "aaaaaaaaÈALLÈ", |me| me.recv_wait(SECOND));
    assert_eq!(received, Some(message("")));
    let received = my("recv('2UQp4It1', 1, 'r*')", "aaaaaaaaÈALLÈrain:1", |me| me.recv_event(SECOND, "r*"));
    assert_eq!(received, Some(message("rain:1")));
    let leased = my("lease('2UQp4It1', 1)", "[9, 'aaaaaaaa', 'ALL', None, {'n': 1}]", |me| me.lease(SECOND));
    let body = Value::from([("n", Value::Int(1))]);
    assert_eq!(
        leased,
        Some(Leased { number: 9, from: "aaaaaaaa".into(), to: "ALL".into(), event: None, body })
    );
    assert_eq!(my("lease('2UQp4It1', 1)", "None", |me| me.lease(SECOND)), None);
}

#[test]
fn the_rest_is_called_as_the_contract_says() {
    sends("ping()", "pong", Client::ping);
    let me = sends("getClientID('board')", "2UQp4It1", |client| client.get_client_id(Some("board")));
    assert_eq!(me.id(), "2UQp4It1");
    assert_eq!(sends("groups()", "['ALL', 'x']", Client::groups), ["ALL", "x"]);
    assert_eq!(sends("members('x')", "['2UQp4It1']", |client| client.members("x")), ["2UQp4It1"]);
    assert_eq!(sends("help('send')", "send(from, to, body)", |client| client.help(Some("send"))).len(), 20);
    let rows = sends("sql('SELECT ?', [1])", "[(1, None)]", |client| client.sql("SELECT ?", [Value::Int(1)]));
    assert_eq!(rows, [[Value::Int(1), Value::None]]);
    assert!(sends("sql('SELECT 1')", "[]", |client| client.sql("SELECT 1", Value::None)).is_empty());
    let who = "[{'id': '2UQp4It1', 'name': None, 'groups': ['ALL'], 'address': '127.0.0.1', \
               'connected': False, 'idle': 2, 'pending': 3}]";
    let infos = sends("who('2*')", who, |client| client.who(Some("2*")));
    assert_eq!((infos[0].id.as_str(), infos[0].name.as_deref(), infos[0].pending), ("2UQp4It1", None, 3));
    assert_eq!((infos[0].idle, infos[0].connected), (2 * SECOND, false));
    assert_eq!(infos[0].address.as_deref(), Some("127.0.0.1"));
}

#[test]
fn an_expression_keeps_its_type() {
    assert_eq!(sends("repr(('5' # five\n))", "'5'", |client| client.eval("'5' # five")), Value::from("5"));
    assert_eq!(sends("x = 1; x", "1", |client| client.eval_text("x = 1; x")), "1");
}

#[test]
fn a_stored_text_that_looks_like_an_error_is_told_from_one() {
    let looks = "Error: state: nobody here";
    let stored = Value::from(looks).repr();
    assert_eq!(sends("repr(getReg('k'))", &stored, |client| client.get_reg("k")), Value::from(looks));
    let (_, refused) = exchange(looks, |client| client.get_reg("k"));
    let error = refused.expect_err("an error");
    assert_eq!((error.kind(), error.to_string().as_str()), (Some(Kind::State), "state: nobody here"));
}

#[test]
fn arguments_can_never_become_code() {
    let hostile = "'); delete('*'); ('";
    let (asked, _) = exchange("OK", |client| client.set_reg(hostile, hostile));
    assert_eq!(asked, "setReg(\"'); delete('*'); ('\", \"'); delete('*'); ('\")");
}

#[test]
fn a_long_wait_is_asked_for_in_pieces() {
    let fake = Fake::new(&["NoneÈNoneÈNone".as_bytes(), "aÈbÈc".as_bytes()]);
    let message = fake.client.handle("me").recv_wait(1_000 * SECOND).expect("a message");
    assert_eq!(message.map(|message| message.text).as_deref(), Some("c"));
    assert_eq!(fake.asked(), ["recv('me', 15)", "recv('me', 15)"]);
}

#[test]
fn a_changed_key_is_read_with_its_type() {
    let fake = Fake::new(&[b"5", b"'5'"]);
    let value = fake.client.wait_reg("k", 4, SECOND).expect("a value");
    assert_eq!(value, Value::from("5"));
    assert_eq!(fake.asked(), ["waitReg('k', 4, 1)", "repr(getReg('k'))"]);

    let fake = Fake::new(&[b"Error: state: x", b"'Error: state: x'"]);
    let value = fake.client.wait_reg("k", 4, SECOND).expect("a value");
    assert_eq!(value, Value::from("Error: state: x"));
    fake.asked();

    let fake = Fake::new(&[b"Error: limit: x", b"4"]);
    let error = fake.client.wait_reg("k", 4, SECOND).expect_err("an error");
    assert_eq!(error.kind(), Some(Kind::Limit));
    fake.asked();

    let fake = Fake::new(&[b"4", b"4"]);
    assert_eq!(fake.client.wait_reg("k", 4, Duration::ZERO).expect("the old value"), Value::Int(4));
    fake.asked();
}

#[test]
fn what_answers_nonsense_is_no_server() {
    for reply in ["HTTP/1.1 404 Not Found".as_bytes(), b"", b"\xff\xfe", b"pong\n"] {
        let fake = Fake::new(&[reply]);
        let error = Client::connect(fake.client.addresses.as_slice()).expect_err("no server");
        assert!(matches!(error, Error::Protocol(_)), "{error}");
        fake.asked();
    }
    let (_, result) = exchange("hello", |client| client.get_reg("k"));
    assert!(matches!(result, Err(Error::Protocol(_))));
    let (_, result) = exchange("two words", |client| client.get_client_id(None));
    assert!(matches!(result, Err(Error::Protocol(_))));
    for reply in ["[1]", "[1, 2, 3]", "'x'", "[-1, 'x']"] {
        let (_, result) = exchange(reply, |client| client.take("q", SECOND));
        assert!(matches!(result, Err(Error::Protocol(_))), "{reply}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let timeouts = Timeouts { connect: SECOND, reply: Duration::from_millis(20) };
    let address = listener.local_addr().expect("an address");
    let error = Client::connect_with(address, timeouts).expect_err("no reply");
    assert!(matches!(&error, Error::Io(io) if io.kind() == ErrorKind::TimedOut), "{error}");
    drop(listener);
    let error = Client::connect_with(address, timeouts).expect_err("nobody there");
    assert!(matches!(&error, Error::Io(_)), "{error}");
}

#[test]
fn an_answer_that_comes_before_the_request_is_read_is_still_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let client =
        Client { addresses: vec![listener.local_addr().expect("an address")], timeouts: Timeouts::default() };
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        stream.write_all(b"Error: limit: request_bytes_max is 65536").expect("a reader");
        stream.shutdown(std::net::Shutdown::Write).expect("a half-close");
        // Reads on, as the daemon does, so that its close resets nothing.
        std::io::copy(&mut stream, &mut std::io::sink()).expect("the rest of the request");
    });
    let error = client.eval_text(&"x".repeat(4 << 20)).expect_err("refused");
    assert_eq!(error.kind(), Some(Kind::Limit), "{error}");
    server.join().expect("the server");
}
