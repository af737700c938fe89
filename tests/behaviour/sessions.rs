//! Sessions: lines sent ahead, pushed messages, readers that do not read, links that are carried on, and how each
//! ends.

use std::io::{ErrorKind, Read, Write};
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
fn who_leaves_is_told_so_however_long_the_disk_takes() {
    let disk = Disk::default();
    let server = Setup::manual().disk(&disk).start();
    let (mut session, _) = server.session();
    disk.hold();
    session.send(b"exit()\n");
    let waits = session.is_silent(Duration::from_millis(100));
    server.advance(Duration::from_secs(3));
    let waits_on = session.is_silent(Duration::from_millis(100));
    // First of all: a server whose disk is held does not end, not even after a failure.
    disk.release();
    assert!(waits, "answered before the commit");
    assert!(waits_on, "given up before the commit");
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":\"OK\"}"));
    assert_eq!(session.hear(), None);
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

#[test]
fn waits_among_lines_sent_ahead_keep_their_place() {
    let server = Server::manual();
    let (mut session, id) = server.session();
    session.send(b"1\nrecv(60)\n2\nget('jobs', 60)\n3\nwaitReg('gate', None, 60)\n4\n");
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":1}"));
    assert!(session.is_silent(Duration::from_millis(50)), "the lines behind a wait have their turn after it");
    server.ok(&format!("emit('{id}', '{id}', 'door', 'open')"));
    let message = session.hear().expect("a reply");
    assert!(message.starts_with("{\"ok\":{\"n\":") && message.contains("\"event\":\"door\""), "{message}");
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":2}"));
    assert!(session.is_silent(Duration::from_millis(50)));
    server.ok("put('jobs', 'weed')");
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":\"weed\"}"));
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":3}"));
    server.ok("setReg('gate', [1])");
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":[1]}"));
    assert_eq!(session.hear().as_deref(), Some("{\"ok\":4}"));
}

#[test]
fn a_filtered_recv_finds_what_came_before_it_and_leaves_the_rest() {
    let server = Server::start();
    let (mut session, _) = server.session();
    for line in ["send(me, 'plain')", "emit(me, 'door', 1)", "emit(me, 'window', 2)", "emit(me, 'door', 3)"] {
        assert_eq!(session.ask(line), "{\"ok\":\"OK\"}", "{line}");
    }
    assert_eq!(number(&session.ask("recv(60, 'door')"), "/ok/body"), 1);
    assert_eq!(number(&session.ask("recv(60, 'w*')"), "/ok/body"), 2);
    assert_eq!(number(&session.ask("recv(60, '*')"), "/ok/body"), 3);
    assert_eq!(session.ask("recv(0, '*')"), "{\"ok\":null}");
    assert!(session.ask("recv()").contains("\"body\":\"plain\""));
    assert_eq!(session.ask("recv()"), "{\"ok\":null}");
}

#[test]
fn who_hangs_up_has_its_lines_answered_and_waits_for_nothing() {
    let server = Server::start();
    for hello in ["session()", "session('', 'text')"] {
        let mut session = server.lines();
        session.send(format!("{hello}\nrecv(3600)\nget('jobs', 3600)\nrecv(3600)\n'end'").as_bytes());
        session.half_close();
        let replies: Vec<_> = std::iter::from_fn(|| session.hear()).skip(1).collect();
        let expected = if hello == "session()" {
            ["{\"ok\":null}", "{\"ok\":null}", "{\"ok\":null}", "{\"ok\":\"end\"}"]
        } else {
            ["+NoneÈNoneÈNone", "+None", "+NoneÈNoneÈNone", "+end"]
        };
        assert_eq!(replies, expected);
    }
    server.ok("put('jobs', 'still here')");
    assert_eq!(server.ask("get('jobs')"), "still here");
}

#[test]
fn what_is_no_line_of_text_is_refused_and_the_next_one_counts() {
    let server = Server::start();
    let (mut session, _) = server.session();
    let long = "x".repeat(65_537);
    for (bytes, told) in [
        (format!("'{long}'\n").into_bytes(), "limit"),
        (vec![b'('; 1_000_000].into_iter().chain([b'\n']).collect(), "limit"),
        (b"'\xff'\n".to_vec(), "syntax"),
        (b"'\xc3'\n".to_vec(), "syntax"),
        (b"'\0'\n".to_vec(), "syntax"),
        (b"\x16\x03\x01\n".to_vec(), "syntax"),
        (b"1 +\n".to_vec(), "syntax"),
        (("(".repeat(60_000) + "\n").into_bytes(), "limit"),
        (b"session()\n".to_vec(), "state"),
    ] {
        session.send(&bytes);
        let reply = session.hear().expect("a reply");
        assert_eq!(kind(&reply), told, "{reply}");
        // Empty lines have no reply.
        session.send(b"\r\n\n  \n");
        assert_eq!(session.ask("1"), "{\"ok\":1}");
    }
    // The longest that is a line.
    let longest = format!("len('{}')", "x".repeat(65_536 - 7));
    assert_eq!(session.ask(&longest), format!("{{\"ok\":{}}}", 65_536 - 7));
    let mut board = server.lines();
    board.ask("session('', 'text')");
    board.send(b"'\xff'\n2\n");
    assert!(board.hear().expect("a reply").starts_with("-Error: syntax: "));
    assert_eq!(board.hear().as_deref(), Some("+2"));
}

#[test]
fn a_first_line_may_come_in_pieces_with_what_follows_it() {
    let server = Server::start();
    let text = b"session( '' ,'text' )\r\n1 + 1\r\n";
    // Whole, for they are a request of their own where nothing follows for a while.
    let behind_empty_lines = [&b"\r\n\n"[..], text].concat();
    for (text, size) in [(&text[..], 1), (text, 3), (text, 7), (text, 100), (&behind_empty_lines, 100)] {
        let connection = server.connect().send_pieces(text.chunks(size));
        let mut lines = Lines::new(connection);
        assert!(lines.hear().expect("an ID").starts_with('+'), "{size}");
        assert_eq!(lines.hear().as_deref(), Some("+2"), "{size}");
    }
}

#[test]
fn the_last_reply_arrives_though_more_was_sent() {
    let server = Server::start();
    for _ in 0..10 {
        let (session, _) = server.session();
        let mut writer = session.stream().try_clone().unwrap();
        let sending = std::thread::spawn(move || {
            let _ = writer.write_all(b"exit()\n");
            let line = [b"setReg('late', 1)\n".as_slice(); 60_000].concat();
            let _ = writer.write_all(&line);
        });
        let mut text = String::new();
        session.into_stream().read_to_string(&mut text).expect("no reset");
        assert_eq!(text, "{\"ok\":\"OK\"}\n");
        sending.join().unwrap();
    }
    assert_eq!(server.ask("getReg('late')"), "None");
}

#[test]
fn what_is_sent_while_a_session_is_carried_on_is_heard_once() {
    let server = Server::start();
    let (mut sender, _) = server.session();
    let (mut session, id) = server.session();
    for round in 0..50 {
        // Half-open: nobody reads this one any more.
        session.say("recv(60)");
        let mut next = server.lines();
        if round % 2 == 0 {
            next.say(&format!("session('{id}')"));
            assert_eq!(sender.ask(&format!("send('{id}', {round})")), "{\"ok\":\"OK\"}");
            next.hear().expect("a welcome");
        } else {
            next.ask(&format!("session('{id}')"));
            assert_eq!(sender.ask(&format!("send('{id}', {round})")), "{\"ok\":\"OK\"}");
        }
        let by_the_older = session.hear().expect("a line");
        if by_the_older.starts_with("{\"ok\":{") {
            // It came before the session was carried on.
            assert_eq!(number(&by_the_older, "/ok/body"), round);
            assert_eq!(round % 2, 0, "the older session got what was sent later");
            assert_eq!(next.ask("recv()"), "{\"ok\":null}");
            assert_eq!(kind(&session.hear().expect("a line")), "state");
        } else {
            assert_eq!(kind(&by_the_older), "state");
            assert_eq!(number(&next.ask("recv()"), "/ok/body"), round);
        }
        assert_eq!(session.hear(), None);
        session = next;
    }
}

#[test]
fn a_lease_is_kept_while_its_client_is_carried_on() {
    let server = Server::manual();
    let (mut session, id) = server.session();
    for body in ["first", "second"] {
        assert_eq!(session.ask(&format!("send(me, '{body}')")), "{\"ok\":\"OK\"}");
    }
    let first = number(&session.ask("lease(60)"), "/ok/0");
    let second = number(&session.ask("lease(60)"), "/ok/0");
    let mut next = server.lines();
    next.ask(&format!("session('{id}')"));
    assert_eq!(next.ask("recv()"), "{\"ok\":null}");
    assert_eq!(next.ask(&format!("ack({first})")), "{\"ok\":\"OK\"}");
    assert_eq!(kind(&next.ask(&format!("ack({first})"))), "state");
    server.advance(Duration::from_secs(61));
    assert_eq!(kind(&next.ask(&format!("ack({second})"))), "state");
    assert_eq!(number(&next.ask("lease(60)"), "/ok/0"), second);
    assert_eq!(next.ask("pending()"), "{\"ok\":0}");
}

#[test]
fn what_a_dead_worker_had_taken_goes_to_one_other_once() {
    let server = Server::manual();
    let (mut master, _) = server.session();
    let (mut worker, _) = server.session();
    assert_eq!(master.ask("put('jobs', 'weed')"), "{\"ok\":\"OK\"}");
    let taken = number(&worker.ask("take('jobs', 30)"), "/ok/0");
    drop(worker);
    let (mut one, _) = server.session();
    let (mut other, _) = server.session();
    assert_eq!(one.ask("take('jobs', 30)"), "{\"ok\":null}");
    other.say("get('jobs', 3600)");
    assert!(other.is_silent(Duration::from_millis(50)));
    server.advance(Duration::from_secs(31));
    assert_eq!(other.hear().as_deref(), Some("{\"ok\":\"weed\"}"));
    assert_eq!(one.ask("take('jobs', 30)"), "{\"ok\":null}");
    assert_eq!(kind(&one.ask(&format!("done('jobs', {taken})"))), "state");
    server.advance(Duration::from_secs(31));
    assert_eq!(one.ask("size('jobs')"), "{\"ok\":0}");
}

#[test]
fn items_go_to_those_who_wait_in_the_order_in_which_they_came() {
    const COUNT: i64 = 40;
    let server = Server::start();
    let mut waiting = Vec::new();
    for _ in 0..COUNT {
        let (mut session, _) = server.session();
        // In one segment: the first is answered when both are evaluated.
        session.send(b"1\nget('jobs', 3600)\n");
        assert_eq!(session.hear().as_deref(), Some("{\"ok\":1}"));
        waiting.push(session);
    }
    for count in 0..COUNT {
        server.ok(&format!("put('jobs', {count})"));
    }
    for (count, session) in (0..COUNT).zip(&mut waiting) {
        assert_eq!(number(&session.hear().expect("an item"), "/ok"), count);
    }
}

#[test]
fn what_belongs_to_a_client_goes_with_it_and_says_so() {
    let server = Server::start();
    let (mut owner, id) = server.session();
    let (mut peer, _) = server.session();
    assert_eq!(owner.ask(&format!("setReg('client.{id}.mode', 'auto')")), "{\"ok\":\"OK\"}");
    assert_eq!(peer.ask(&format!("getReg('client.{id}.mode')")), "{\"ok\":\"auto\"}");
    assert_eq!(peer.ask(&format!("put('client.{id}.down', 'hello')")), "{\"ok\":\"OK\"}");
    assert_eq!(owner.ask(&format!("get('client.{id}.down', 5)")), "{\"ok\":\"hello\"}");
    assert_eq!(peer.ask(&format!("join('client.{id}.crew')")), "{\"ok\":\"OK\"}");
    // It waits before the queue was ever used.
    peer.say(&format!("get('client.{id}.up', 3600)"));
    assert!(peer.is_silent(Duration::from_millis(50)));
    assert_eq!(owner.ask("exit()"), "{\"ok\":\"OK\"}");
    assert_eq!(owner.hear(), None);
    let told = peer.hear().expect("an error");
    assert!(kind(&told) == "state" && told.contains("closed"), "{told}");
    assert_eq!(peer.ask(&format!("getReg('client.{id}.mode')")), "{\"ok\":null}");
    assert_eq!(peer.ask("groups()"), "{\"ok\":[\"ALL\"]}");
    assert_eq!(kind(&peer.ask(&format!("put('client.{id}.down', 1)"))), "state");
}

#[test]
fn every_line_of_a_session_is_a_sign_of_life() {
    let server = Server::manual();
    let (mut session, id) = server.session();
    server.advance(Duration::from_secs(100));
    session.ask("getReg('key')");
    server.advance(Duration::from_secs(5));
    let idle = server.ask_line(&format!("who('{id}')[0]['idle']")).parse::<f64>().unwrap();
    assert!(idle < 10.0, "{idle}");
}

#[test]
fn a_session_is_told_that_the_server_ends_and_is_carried_on_afterwards() {
    let mut server = Server::start();
    let (mut waiting, id) = server.session();
    let (mut listener, _) = listening(server.lines(), "session()");
    waiting.say("recv(3600)");
    assert!(waiting.is_silent(Duration::from_millis(50)));
    server.restart();
    assert_eq!(waiting.hear().as_deref(), Some("{\"ok\":null}"));
    for session in [&mut waiting, &mut listener] {
        let told = session.hear().expect("an error");
        assert!(kind(&told) == "state" && told.contains("the server ends"), "{told}");
        assert_eq!(session.hear(), None);
    }
    server.ok(&format!("send('{id}', '{id}', 'welcome back')"));
    let mut again = server.lines();
    again.ask(&format!("session('{id}')"));
    assert!(again.ask("recv()").contains("welcome back"));
}
