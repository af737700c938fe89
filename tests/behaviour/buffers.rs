//! What is held for all connections together is bounded: those that hold much and do not read are closed, the others go on.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use sharesrv::config::Config;
use socket2::{Domain, Socket, Type};

use crate::support::{Connection, Lines, Peer, Server, Setup};

/// With a clock that stands still: nobody is given up for being slow.
fn limited(bytes_max: usize) -> Server {
    Setup::manual().configure(|config| config.limits.buffered_bytes_max = bytes_max).start()
}

/// A link whose client's side holds little that was not read.
fn narrow(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&address.into()).unwrap();
    socket.into()
}

/// Sends more than the server takes in, until it closes; reads nothing meanwhile.
fn is_closed(mut stream: &TcpStream) -> bool {
    let lines = "1\n".repeat(32_768);
    let closed = (0..1_000).find_map(|_| stream.write_all(lines.as_bytes()).err());
    closed.is_some_and(|error| matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe))
}

#[test]
fn a_session_that_does_not_read_is_closed_and_those_that_hold_little_are_not() {
    let server = limited(1_200_000);
    let mut others = [(); 2].map(|()| Lines::new(Connection::over(narrow(server.address()))));
    for other in &mut others {
        other.ask("session()");
        other.say("'y' * 150000");
    }
    let mut most = Lines::new(Connection::over(narrow(server.address())));
    most.ask("session()");
    most.say("'x' * 1000000");
    assert!(is_closed(most.stream()));
    for mut other in others {
        assert_eq!(other.hear().map(|reply| reply.len()), Some("{'ok':''}".len() + 150_000));
        assert_eq!(other.ask("1"), "{\"ok\":1}");
    }
}

#[test]
fn who_reads_a_long_reply_goes_after_those_that_do_not_read() {
    let server = limited(1_000_000);
    let stuck: Vec<_> = (0..8)
        .map(|_| {
            let mut session = Lines::new(Connection::over(narrow(server.address())));
            session.ask("session()");
            session.say("'x' * 150000");
            session.stream().peek(&mut [0]).unwrap();
            session
        })
        .collect();
    let mut reads = Lines::new(Connection::over(narrow(server.address())));
    reads.ask("session()");
    for _ in 0..3 {
        assert_eq!(reads.ask("'y' * 300000").len(), "{'ok':''}".len() + 300_000);
    }
    assert!(stuck.iter().any(|session| is_closed(session.stream())));
}

#[test]
fn what_was_pushed_to_it_goes_back_to_the_inbox() {
    let server = limited(1_300_000);
    let mut most = Lines::new(Connection::over(narrow(server.address())));
    let welcome = most.ask("session()");
    let id = welcome.split('"').nth(5).expect("an ID").to_owned();
    assert_eq!(most.ask("listen()"), "{\"ok\":\"OK\"}");
    most.say("'x' * 1000000");
    most.stream().peek(&mut [0]).unwrap();
    let sender = server.client();
    for number in 0..5 {
        server.ok(&format!("send('{sender}', '{id}', {number})"));
    }
    let mut other = Lines::new(Connection::over(narrow(server.address())));
    other.ask("session()");
    other.say("'y' * 600000");
    assert!(is_closed(most.stream()));
    let mut next = server.lines();
    next.ask(&format!("session('{id}')"));
    next.say("listen()");
    let heard: Vec<String> = (0..6).map(|_| next.hear().expect("a line")).collect();
    for number in 0..5 {
        let body = format!("\"body\":{number}}}");
        assert!(heard.iter().any(|line| line.contains(&body)), "{number}: {heard:?}");
    }
}

#[test]
fn who_asks_once_and_does_not_read_is_closed_where_that_is_too_much() {
    // More than the system takes by itself.
    let limits = |config: &mut Config| {
        config.limits.reply_bytes_max = 12_000_000;
        config.limits.expression_memory_bytes_max = 100_000_000;
        config.limits.buffered_bytes_max = 9_000_000;
    };
    let server = Setup::manual().configure(limits).start();
    let mut stream = narrow(server.address());
    stream.write_all(b"'x' * 10000000\n").unwrap();
    // Else what follows would be a part of the request.
    stream.peek(&mut [0]).unwrap();
    assert!(is_closed(Connection::over(stream).stream()));
    let mut stream = narrow(server.address());
    stream.write_all(b"'y' * 8000000\n").unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert_eq!(reply.len(), 8_000_000);
}

#[test]
fn a_request_that_is_not_whole_is_held_as_well() {
    let server = limited(70_000);
    let begin = |bytes: usize| server.connect().send(format!("len('{}", "x".repeat(bytes)));
    let most = begin(60_000);
    let others = [begin(10_000), begin(10_000)];
    assert_eq!(most.try_bytes().unwrap_or_default(), b"");
    for other in others {
        assert_eq!(other.send("')").reply(), "10000");
    }
}
