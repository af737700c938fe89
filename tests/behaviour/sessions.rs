//! Sessions: lines sent ahead, pushed messages, readers that do not read, links that are carried on, and how each
//! ends.

use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::support::{Connection, Disk, Lines, Peer, Server, Setup};

/// The number that is the value of `key` in a line of JSON.
fn number(line: &str, key: &str) -> i64 {
    let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    value.pointer(key).and_then(serde_json::Value::as_i64).unwrap_or_else(|| panic!("{key} in {line}"))
}

/// The text of the body of a pushed message, up to its first blank.
fn body(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    let body = value.pointer("/message/body").unwrap_or_else(|| panic!("no message: {line}"));
    body.as_str().map_or_else(|| body.to_string(), |text| text.split(' ').next().unwrap().to_owned())
}

fn kind(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    value.pointer("/error/kind").and_then(|kind| kind.as_str()).unwrap_or_else(|| panic!("{line}")).to_owned()
}

/// A connection whose side of the link holds little that was not read.
fn narrow(address: SocketAddr) -> Lines {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&address.into()).unwrap();
    Lines::new(Connection::over(socket.into()))
}

/// A session over it that listens.
fn listening(mut lines: Lines, hello: &str) -> (Lines, String) {
    let welcome = lines.ask(hello);
    let id = welcome.split('"').nth(5).expect("an ID").to_owned();
    assert_eq!(lines.ask("listen()"), "{\"ok\":\"OK\"}");
    (lines, id)
}

#[test]
fn thousands_of_lines_sent_ahead_are_answered_in_order() {
    let server = Server::start();
    let (mut session, _) = server.session();
    let lines: String = (0..6000)
        .map(|number| match number % 3 {
            0 => format!("{number}\n"),
            1 => "1/0\n".to_owned(),
            _ => format!("setReg('k', {number})\n"),
        })
        .collect();
    session.send(lines.as_bytes());
    for number in 0..6000 {
        let reply = session.hear().expect("a reply");
        match number % 3 {
            0 => assert_eq!(reply, format!("{{\"ok\":{number}}}")),
            1 => assert_eq!(kind(&reply), "value"),
            _ => assert_eq!(reply, "{\"ok\":\"OK\"}"),
        }
    }
    assert_eq!(session.ask("getReg('k')"), "{\"ok\":5999}");
}

#[test]
fn more_replies_than_the_daemon_keeps_come_all_the_same() {
    let server = Server::start();
    let (mut session, _) = server.session();
    // More lines in one segment than may have replies that were not taken.
    session.send("1\n".repeat(30_000).as_bytes());
    for count in 0..30_000 {
        assert_eq!(session.hear().as_deref(), Some("{\"ok\":1}"), "{count}");
    }
    assert_eq!(session.ask("2"), "{\"ok\":2}");
}

#[test]
fn a_commit_that_fails_is_told_to_sessions_as_storage() {
    let disk = Disk::default();
    let mut server = Setup::system().disk(&disk).start();
    let (mut session, _) = server.session();
    assert_eq!(session.ask("setReg('kept', 1)"), "{\"ok\":\"OK\"}");
    disk.hold();
    session.send(b"setReg('lost', 1)\ngetReg('lost')\n1\n");
    assert!(session.is_silent(Duration::from_millis(100)), "answered before the commit");
    disk.fail();
    disk.release();
    assert_eq!(kind(&session.hear().expect("a reply")), "storage");
    assert_eq!(kind(&session.hear().expect("a reply")), "storage");
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":1}"));
    assert!(server.ended().is_err());
}

#[test]
fn a_slow_reader_holds_up_nobody_and_is_told_how_many_it_lost() {
    const SENT: i64 = 1500;
    let server = Server::start();
    let (mut slow, _) = listening(narrow(server.address()), "session()");
    let (mut quick, _) = listening(server.lines(), "session()");
    let (mut sender, _) = server.session();
    let filler = "x".repeat(10_000);
    for count in 0..SENT {
        assert_eq!(sender.ask(&format!("send('ALL', '{count} {filler}')")), "{\"ok\":\"OK\"}");
        assert_eq!(body(&quick.hear().expect("a message")), count.to_string());
    }
    let dropped = number(&sender.ask("getReg('server.dropped')"), "/ok");
    assert!(dropped > 0, "the inbox took it all");
    let (mut next, mut lost) = (0, 0);
    while next < SENT {
        let line = slow.hear().expect("a message");
        if line.contains("\"from\":\"SYSTEM\"") {
            let many: i64 = body(&line).parse().unwrap_or_else(|_| panic!("{line}"));
            (next, lost) = (next + many, lost + many);
        } else {
            assert_eq!(body(&line), next.to_string());
            next += 1;
        }
    }
    assert_eq!(next, SENT);
    assert!(lost > 0 && lost <= dropped, "{lost} of {dropped}");
    assert_eq!(slow.ask("1"), "{\"ok\":1}");
}

#[test]
fn who_takes_over_gets_what_was_not_written_in_order() {
    const SENT: i64 = 600;
    let server = Server::start();
    let (slow, id) = listening(narrow(server.address()), "session()");
    let (mut sender, _) = server.session();
    let filler = "x".repeat(10_000);
    let send = |sender: &mut Lines, range: std::ops::Range<i64>| {
        for count in range {
            assert_eq!(sender.ask(&format!("send('{id}', '{count} {filler}')")), "{\"ok\":\"OK\"}");
        }
    };
    send(&mut sender, 0..SENT - 10);
    let (mut next, _) = listening(server.lines(), &format!("session('{id}')"));
    send(&mut sender, SENT - 10..SENT);
    // What the older one was sent before: whole lines and a broken one at most.
    let mut text = String::new();
    match slow.into_stream().read_to_string(&mut text) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let mut expected = 0;
    for line in whole.filter(|line| line.contains("\"message\":{")) {
        assert_eq!(body(line), expected.to_string());
        expected += 1;
    }
    assert!(expected < SENT - 100, "the older one was sent nearly all");
    // The one that was on its way when it was given back may come, or be counted, a second time.
    let mut twice = true;
    while expected < SENT {
        let line = next.hear().expect("a message");
        if line.contains("\"from\":\"SYSTEM\"") {
            expected += body(&line).parse::<i64>().unwrap();
        } else {
            let count: i64 = body(&line).parse().unwrap();
            assert!(count == expected || (twice && count + 1 == expected), "{count} instead of {expected}");
            (expected, twice) = (count + 1, false);
        }
    }
    assert_eq!(next.ask("1"), "{\"ok\":1}");
}

#[test]
fn what_every_listener_has_does_not_come_again_after_a_restart() {
    let disk = Disk::default();
    let mut server = Setup::system().disk(&disk).start();
    let (mut session, id) = listening(server.lines(), "session()");
    let sender = server.client();
    for round in 0..5 {
        server.ok(&format!("send('{sender}', '{id}', '{round}')"));
        assert_eq!(body(&session.hear().expect("a message")), round.to_string());
        // No time for anything to be tidied up.
        server.restart();
        assert_eq!(server.ask(&format!("pending('{id}')")), "0", "{round}");
        (session, _) = listening(server.lines(), &format!("session('{id}')"));
    }
}

#[test]
fn a_message_longer_than_half_of_the_window_comes_through() {
    let server = Setup::system()
        .configure(|config| {
            config.limits.value_bytes_max = 1_000_000;
            config.limits.request_bytes_max = 1_000_000;
            config.limits.inbox_bytes_max = 100_000_000;
        })
        .start();
    let (mut slow, id) = listening(narrow(server.address()), "session()");
    let (mut sender, _) = server.session();
    let filler = "x".repeat(300_000);
    for count in 0..20 {
        sender.ask(&format!("send('{id}', '{count}')"));
        sender.ask(&format!("send('{id}', '{count} {filler}')"));
    }
    for count in 0..20 {
        assert_eq!(body(&slow.hear().unwrap()), count.to_string());
        assert_eq!(body(&slow.hear().unwrap()), count.to_string());
    }
}

#[test]
fn two_that_answer_each_other_never_miss_a_message() {
    let server = Server::start();
    let (mut anna, anna_id) = listening(server.lines(), "session()");
    let (mut ben, ben_id) = listening(server.lines(), "session()");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..1000 {
                while !ben.hear().expect("a line").contains("\"message\"") {}
                ben.say(&format!("send('{anna_id}', 'pong')"));
            }
        });
        for _ in 0..1000 {
            anna.say(&format!("send('{ben_id}', 'ping')"));
            while !anna.hear().expect("a line").contains("\"message\"") {}
        }
    });
}
