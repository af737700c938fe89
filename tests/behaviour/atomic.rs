//! An expression is atomic, whatever runs beside it.

use std::collections::HashSet;
use std::sync::Barrier;

use crate::support::{Peer, Server};

/// Runs `each` on so many threads at once, with its number.
fn together<T: Send>(threads: usize, each: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let run = |number| {
            let (start, each) = (&start, &each);
            move || {
                start.wait();
                each(number)
            }
        };
        let running: Vec<_> = (0..threads).map(|number| scope.spawn(run(number))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn two_hundred_clients_lose_no_count() {
    let server = Server::start();
    together(200, |_| {
        for _ in 0..100 {
            assert_eq!(server.ask("setReg('n', getReg('n', 0) + 1)"), "OK");
        }
    });
    assert_eq!(server.ask("getReg('n')"), "20000");
}

#[test]
fn scripts_and_single_calls_lose_no_count_among_them() {
    let server = Server::start();
    together(16, |number| {
        for _ in 0..20 {
            let text = match number % 4 {
                0 => "incr('n')",
                1 => "MyData['n'] = MyData.get('n', 0) + 1",
                2 => "[setReg('n', getReg('n', 0) + x) for x in [1]]",
                _ => "let m = getReg(\"n\", 0); for i in 0..1 { m = m + 1; } setReg(\"n\", m)",
            };
            server.ok(text);
        }
    });
    assert_eq!(server.ask("getReg('n')"), "320");
}

#[test]
fn nobody_sees_an_expression_half_done() {
    let server = Server::start();
    server.ok("[setReg('a', 0), setReg('b', 0)]");
    together(8, |number| {
        for round in 0..50 {
            if number % 2 == 0 {
                let value = number * 1000 + round;
                server.ok(&format!("[setReg('a', {value}), setReg('b', {value})]"));
            } else {
                assert_eq!(server.ask("getReg('a') == getReg('b')"), "True");
            }
        }
    });
}

#[test]
fn an_expression_that_ends_in_an_error_leaves_nothing_behind() {
    let server = Server::manual();
    let id = server.ask("getClientID()");
    let other = server.ask("getClientID()");
    server.ok("setReg('k', 'before')");
    server.ok("put('q', 'item')");
    server.ok(&format!("send('{id}', '{id}', 'waits')"));
    let before =
        ["who()", "keys()", "getReg('k')", "queues()", "size('q')", "groups()", "getReg('server.clients')"]
            .map(|text| server.ask_line(text).replace(|char: char| char.is_ascii_digit(), "#"));
    for change in [
        "setReg('k', 'after')".to_owned(),
        "setReg('new', 1, 60)".to_owned(),
        "delete('*')".to_owned(),
        "incr('fresh')".to_owned(),
        "put('q', 2)".to_owned(),
        "get('q')".to_owned(),
        "take('q', 60)".to_owned(),
        "drop('q')".to_owned(),
        "put('other', 2)".to_owned(),
        "getClientID('name')".to_owned(),
        format!("exit('{other}')"),
        format!("setName('{id}', 'name')"),
        format!("join('{id}', 'group')"),
        format!("send('{id}', 'ALL', 'x')"),
        format!("recv('{id}')"),
        format!("lease('{id}', 60)"),
        format!("watch('{id}', '*')"),
    ] {
        let reply = server.ask_line(&format!("[{change}, 1/0]"));
        assert_eq!(reply, "Error: value: division by zero", "{change}");
        let after = [
            "who()",
            "keys()",
            "getReg('k')",
            "queues()",
            "size('q')",
            "groups()",
            "getReg('server.clients')",
        ]
        .map(|text| server.ask_line(text).replace(|char: char| char.is_ascii_digit(), "#"));
        assert_eq!(after, before, "{change}");
    }
    assert_eq!(server.ask(&format!("recv('{id}')")), format!("{id}È{id}Èwaits"));
    assert_eq!(server.ask("get('q')"), "item");
}

#[test]
fn sixty_clients_in_a_group_all_get_a_message() {
    let server = Server::start();
    let clients = together(60, |_| {
        let id = server.client();
        server.ok(&format!("join('{id}', 'group16')"));
        id
    });
    assert_eq!(clients.iter().collect::<HashSet<_>>().len(), 60);
    let sender = server.client();
    assert_eq!(server.ask(&format!("send('{sender}', 'group16', 'Hear, hear')")), "OK");
    together(60, |number| {
        let id = &clients[number];
        assert_eq!(server.ask(&format!("recv('{id}')")), format!("{sender}Ègroup16ÈHear, hear"));
        assert_eq!(server.ask(&format!("recv('{id}')")), "NoneÈNoneÈNone");
    });
    assert_eq!(server.ask(&format!("recv('{sender}')")), "NoneÈNoneÈNone");
}

#[test]
fn each_item_of_a_queue_goes_to_exactly_one_getter() {
    let server = Server::start();
    for item in 0..200 {
        server.ok(&format!("put('q', {item})"));
    }
    let got = together(20, |_| (0..10).map(|_| server.ask("get('q')")).collect::<Vec<_>>());
    let mut got: Vec<u32> = got.into_iter().flatten().map(|item| item.parse().unwrap()).collect();
    got.sort_unstable();
    assert_eq!(got, (0..200).collect::<Vec<_>>());
}
