//! Waiting: on messages, on items, on values; by the clock that is handed in.

use std::time::Duration;

use crate::support::{Peer, Server};

#[test]
fn a_waiting_recv_gets_a_message_that_is_sent_later() {
    let server = Server::manual();
    let id = server.client();
    let waiting = server.connect().send(format!("recv('{id}', 10)"));
    assert!(waiting.is_silent(Duration::from_millis(100)));
    assert_eq!(server.ask(&format!("send('{id}', '{id}', 'late')")), "OK");
    assert_eq!(waiting.reply(), format!("{id}È{id}Èlate"));
    assert_eq!(server.ask(&format!("recv('{id}')")), "NoneÈNoneÈNone");
}

#[test]
fn a_waiting_recv_ends_when_its_time_is_over() {
    let server = Server::manual();
    let id = server.client();
    let waiting = server.connect().send(format!("recv('{id}', 10)"));
    let passed = server.advance_until_answered(&waiting, Duration::from_secs(1));
    assert!(passed >= Duration::from_secs(10), "over after {passed:?}");
    assert_eq!(waiting.reply(), "NoneÈNoneÈNone");
}

#[test]
fn each_waiter_gets_one_item_and_no_item_goes_to_two() {
    let server = Server::manual();
    let waiting: Vec<_> = (0..5).map(|_| server.connect().send("get('jobs', 10)")).collect();
    assert!(waiting.iter().all(|connection| connection.is_silent(Duration::from_millis(30))));
    for item in 0..5 {
        server.ok(&format!("put('jobs', {item})"));
    }
    let mut got: Vec<_> = waiting.into_iter().map(|connection| connection.reply()).collect();
    got.sort_unstable();
    assert_eq!(got, ["0", "1", "2", "3", "4"]);
    assert_eq!(server.ask("size('jobs')"), "0");
}

#[test]
fn what_a_vanished_waiter_would_have_got_goes_to_the_next() {
    let server = Server::start();
    for _ in 0..20 {
        let vanishing = server.connect().send("get('jobs', 10)");
        assert!(vanishing.is_silent(Duration::from_millis(10)));
        let put = server.connect().send("put('jobs', 'precious')");
        vanishing.reset();
        assert_eq!(put.reply(), "OK");
        // Either it was read before its client vanished, or it is there: never lost on the way back.
        let next = server.ask("get('jobs', 2)");
        assert!(next == "precious" || next == "None", "{next}");
        assert_eq!(server.ask("size('jobs')"), "0");
    }
    // Where the client is gone before the item comes, it cannot have been read.
    let gone = server.connect().send("get('jobs', 10)");
    assert!(gone.is_silent(Duration::from_millis(50)));
    gone.reset();
    while server.ask("getReg('server.connections')") != "1" {
        std::thread::yield_now();
    }
    server.ok("put('jobs', 'precious')");
    assert_eq!(server.ask("get('jobs', 5)"), "precious");
}

#[test]
fn a_queue_that_is_dropped_says_so_to_whoever_waits() {
    let server = Server::manual();
    let id = server.client();
    server.ok(&format!("put('client.{id}.up', 1)"));
    assert_eq!(server.ask(&format!("get('client.{id}.up')")), "1");
    server.ok(&format!("put('client.{id}.up', 2)"));
    server.ok(&format!("get('client.{id}.up')"));
    let waiting = server.connect().send(format!("get('client.{id}.up', 10)"));
    assert!(waiting.is_silent(Duration::from_millis(50)));
    server.ok(&format!("exit('{id}')"));
    let reply = waiting.reply();
    assert!(reply.starts_with("Error: state: ") && reply.contains("closed"), "{reply}");
}

#[test]
fn a_hundred_may_wait_while_others_are_served() {
    let server = Server::manual();
    let id = server.client();
    let waiting: Vec<_> = (0..100).map(|_| server.connect().send(format!("recv('{id}', 15)"))).collect();
    assert_eq!(server.ask_line("1 + 1"), "2");
    for number in 0..100 {
        server.ok(&format!("send('{id}', '{id}', {number})"));
    }
    let mut got: Vec<_> = waiting.into_iter().map(|connection| connection.reply()).collect();
    got.sort_unstable();
    let mut expected: Vec<_> = (0..100).map(|number| format!("{id}È{id}È{number}")).collect();
    expected.sort_unstable();
    assert_eq!(got, expected);
}

#[test]
fn a_clock_that_is_set_back_or_forth_expires_nobody() {
    let mut server = Server::manual();
    let id = server.client();
    server.ok("setReg('lamp', 'on', 60)");
    for year in [1_i64, 100, 0, 56] {
        server.clock().set_wall(year * 31_557_600_000_000);
        assert_eq!(server.ask(&format!("pending('{id}')")), "0");
        assert_eq!(server.ask("getReg('lamp')"), "on");
    }
    // After a restart everyone gets the full time.
    server.advance(Duration::from_secs(599));
    server.restart();
    server.advance(Duration::from_secs(599));
    assert_eq!(server.ask(&format!("pending('{id}')")), "0");
    server.advance(Duration::from_secs(601));
    assert_eq!(server.ask("who()"), "[]");
}
