//! A reply is a promise: held until the commit, never given where that failed.

use std::time::Duration;

use sharesrv::config::Durability;

use crate::support::{Disk, Peer, Server, Setup};

const HELD: Duration = Duration::from_millis(200);

#[test]
fn a_reply_waits_for_its_commit_and_nobody_else_does() {
    let disk = Disk::default();
    let server = Setup::manual().disk(&disk).start();
    assert_eq!(server.ask("setReg('before', 1)"), "OK");
    disk.hold();
    let writer = server.connect().send("setReg('n', 1)");
    disk.wait_for_commit();
    assert!(writer.is_silent(HELD), "answered before the commit");
    // Who saw it waits as well: what is not on the disk yet may still never have been.
    let reader = server.connect().send("getReg('n')");
    assert!(reader.is_silent(HELD), "told of a value that is not committed");
    // Pure computation saw nothing.
    assert_eq!(server.ask("math.floor(2.5)"), "2");
    disk.release();
    assert_eq!(writer.reply(), "OK");
    assert_eq!(reader.reply(), "1");
}

#[test]
fn a_commit_that_fails_is_never_told_as_ok_and_ends_the_daemon() {
    for durability in [Durability::Full, Durability::Normal] {
        let disk = Disk::default();
        let mut server =
            Setup::manual().configure(|config| config.durability = durability).disk(&disk).start();
        assert_eq!(server.ask("setReg('kept', 1)"), "OK");
        disk.fail();
        let reply = server.connect().send("setReg('lost', 1)").try_bytes().unwrap_or_default();
        let reply = String::from_utf8(reply).unwrap();
        assert!(reply.is_empty() || reply.starts_with("Error: storage: "), "{reply}");
        let ended = anyhow::Error::from(server.ended().expect_err("the daemon ends with an error"));
        assert_eq!(format!("{ended:#}"), "the journal failed: the disk was told to fail");
    }
}

#[test]
fn whoever_saw_what_could_not_be_committed_is_not_told_it() {
    let disk = Disk::default();
    let mut server = Setup::manual().disk(&disk).start();
    disk.hold();
    let writer = server.connect().send("setReg('n', 1)");
    disk.wait_for_commit();
    assert!(writer.is_silent(HELD));
    let reader = server.connect().send("getReg('n')");
    assert!(reader.is_silent(HELD));
    disk.fail();
    disk.release();
    for connection in [writer, reader] {
        let reply = String::from_utf8(connection.try_bytes().unwrap_or_default()).unwrap();
        assert!(reply.is_empty() || reply.starts_with("Error: storage: "), "{reply}");
    }
    assert!(server.ended().is_err());
}

#[test]
fn every_durability_but_memory_survives_a_restart() {
    for (durability, survives) in
        [(Durability::Full, true), (Durability::Normal, true), (Durability::Memory, false)]
    {
        let mut server = Setup::manual().configure(|config| config.durability = durability).start();
        assert_eq!(server.ask("getReg('server.durability')"), durability.as_str());
        let id = server.client();
        server.ok("setReg('n', [1, 'two'])");
        server.ok("sql('CREATE TABLE t (a)')");
        server.restart();
        assert_eq!(server.ask("getReg('n')"), if survives { "[1, 'two']" } else { "None" });
        assert_eq!(server.ask("sql('SELECT * FROM t')") == "[]", survives);
        assert_eq!(server.ask(&format!("pending('{id}')")) == "0", survives);
    }
}

#[test]
fn a_server_that_ends_in_order_has_written_all_it_promised() {
    let mut server = Server::start();
    for round in 0..3 {
        for number in 0..50 {
            server.ok(&format!("setReg('r{round}.{number}', {number})"));
        }
        server.restart();
        assert_eq!(server.ask("len(MyData)"), ((round + 1) * 50).to_string());
    }
}
