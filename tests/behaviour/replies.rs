//! A reply arrives whole, whatever its client does meanwhile.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::support::{Peer, Server, Setup};

#[test]
fn a_reply_has_no_newline_at_its_end() {
    let server = Server::manual();
    assert_eq!(server.connect().send("1\n").bytes(), b"1");
    assert_eq!(server.connect().send("'x\\n'\n").bytes(), b"x\n");
    assert_eq!(server.connect().send("''\n").bytes(), b"");
}

#[test]
fn a_megabyte_arrives_whole() {
    let server = Server::start();
    let reply = server.ask("'ä' * 524288");
    assert_eq!(reply.len(), 1_048_576);
    assert!(reply.chars().all(|char| char == 'ä'));
    let over = server.ask("'ä' * 524289");
    assert!(over.starts_with("Error: limit: reply_bytes_max"), "{}", &over[..over.len().min(80)]);
}

#[test]
fn a_reply_is_not_destroyed_by_input_that_nobody_reads() {
    // Closing a socket with unread input sends a reset, and a reset throws away what the client has not read.
    let server = Server::start();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(b"setReg('big', 'x' * 60000)").unwrap();
        stream.write_all(&[b'\n'; 100_000]).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("no reset");
        assert_eq!(reply, "OK");

        let stream = TcpStream::connect(server.address()).unwrap();
        let mut writer = stream.try_clone().unwrap();
        writer.write_all(b"ping() and 'y' * 1000000\n").unwrap();
        // What comes before the reply would be part of the request.
        stream.peek(&mut [0]).unwrap();
        let chatter = std::thread::spawn(move || while writer.write_all(b"more and more\n").is_ok() {});
        let mut reply = Vec::new();
        let mut buffer = [0; 65_536];
        // The chatterer goes on, so the server's close may end in a reset; it must not come before the reply.
        while let Ok(count @ 1..) = (&stream).read(&mut buffer) {
            reply.extend_from_slice(&buffer[..count]);
            if reply.len() == 1_000_000 {
                break;
            }
        }
        assert_eq!(reply.len(), 1_000_000);
        stream.shutdown(Shutdown::Both).unwrap();
        chatter.join().unwrap();
    }
}

#[test]
fn a_client_that_vanishes_harms_nobody() {
    let server = Server::start();
    for text in ["'x' * 1000000\n", "recv('", "getClientID()", "[n for n in range(10**9)]\n", ""] {
        for _ in 0..20 {
            server.connect().send(text).reset();
            drop(server.connect().send(text));
        }
    }
    assert_eq!(server.ask("1 + 1"), "2");
}

#[test]
fn one_too_many_is_told_and_the_others_go_on() {
    let server = Setup::manual().configure(|config| config.limits.connections_max = 3).start();
    let held = [(); 3].map(|()| {
        // Held open by half a request; that nothing comes back says that it was taken in.
        let connection = server.connect().send("ping(");
        assert!(connection.is_silent(Duration::from_millis(100)));
        connection
    });
    // More than the daemon waits for; each is told all the same.
    let refused: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for connection in refused {
        assert_eq!(connection.reply(), "Error: limit: connections_max is 3");
    }
    for connection in held {
        assert_eq!(connection.send(")").reply(), "pong");
    }
    assert_eq!(server.ask("ping()"), "pong");
}
