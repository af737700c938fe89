//! Connections that are none of ours: web browsers, TLS, bytes that are no text. Nothing in them is evaluated.

use std::time::Duration;

use crate::support::{Peer, Server};

/// What must never run.
const POISON: &str = "setReg('poison', 1)";

#[track_caller]
fn unharmed(server: &Server) {
    assert_eq!(server.ask_line("getReg('poison', 'clean')"), "clean");
}

fn requests() -> Vec<String> {
    let body = format!("Content-Length: {}\r\n\r\n{POISON}", POISON.len());
    vec![
        "GET / HTTP/1.1\r\nHost: localhost:2980\r\n\r\n".to_owned(),
        format!("POST / HTTP/1.1\r\nHost: x\r\n{body}"),
        format!("POST /{POISON} HTTP/1.0\r\n{body}\n{POISON}\n"),
        format!("GET /?q={POISON} HTTP/1.1\n\n"),
        format!("PUT /x HTTP/1.1\r\n{body}"),
        format!("DELETE /x HTTP/1.1\r\n{body}"),
        format!("OPTIONS * HTTP/1.1\r\n{body}"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{POISON}"),
    ]
}

#[test]
fn http_is_answered_with_404_and_nothing_is_evaluated() {
    let server = Server::manual();
    for request in requests() {
        let reply = server.connect().send(&request).reply();
        assert!(reply.starts_with("HTTP/1.1 404 "), "{request:?}: {reply:?}");
        assert!(reply.contains("\r\n\r\n"), "{request:?}: {reply:?}");
    }
    unharmed(&server);
}

#[test]
fn http_is_recognised_however_it_is_split() {
    let server = Server::manual();
    for request in requests() {
        let bytes = request.as_bytes();
        let line = request.find('\n').unwrap();
        for cut in 1..line {
            let pieces = [&bytes[..cut], &bytes[cut..]];
            let reply = server.connect().send_pieces(pieces).reply();
            assert!(reply.starts_with("HTTP/1.1 404 "), "{request:?} cut at {cut}: {reply:?}");
        }
        let reply = server.connect().send_pieces(bytes.chunks(1)).reply();
        assert!(reply.starts_with("HTTP/1.1 404 "), "{request:?} byte by byte: {reply:?}");
    }
    unharmed(&server);
}

#[test]
fn http_is_recognised_when_its_segments_are_slow() {
    // A second segment that comes after the 20 ms of silence which would end an expression.
    let server = Server::start();
    for (first, rest) in [
        ("GET ", "/ HTTP/1.1\r\n\r\n"),
        ("GET", " / HTTP/1.1\r\n\r\n"),
        ("G", "ET / HTTP/1.1\r\n\r\n"),
        ("GET / HTTP/1.1", "\r\n\r\n"),
        ("GET / ", "HTTP/1.1\r\n\r\n"),
        ("POST /x", " HTTP/1.1\r\n\r\nsetReg('poison', 1)"),
    ] {
        let asked = server.connect().send(first);
        assert!(asked.is_silent(Duration::from_millis(60)), "{first:?} was answered");
        let reply = asked.send(rest).reply();
        assert!(reply.starts_with("HTTP/1.1 404 "), "{first:?}, {rest:?}: {reply:?}");
    }
    unharmed(&server);
}

#[test]
fn a_request_line_without_its_end_is_answered_when_the_time_is_up() {
    for part in ["GET /", "HEAD / HTTP/1.1", "POST /x HTTP/1.1\r", "\r\nGET /"] {
        let server = Server::manual();
        let asked = server.connect().send(part);
        let passed = server.advance_until_answered(&asked, Duration::from_secs(1));
        assert!(passed >= Duration::from_secs(10), "{part}: told after {passed:?}");
        let reply = asked.reply();
        assert!(reply.starts_with("HTTP/1.1 404 "), "{part}: {reply:?}");
    }
}

#[test]
fn expressions_that_look_a_little_like_http_are_expressions() {
    let server = Server::manual();
    assert_eq!(server.ask_line("GET = 6"), "OK");
    assert_eq!(server.ask_line("GET / 2"), "3.0");
    assert_eq!(server.ask_line("'GET / HTTP/1.1'"), "GET / HTTP/1.1");
    assert_eq!(server.ask_line("POSTER = 1"), "OK");
}

#[test]
fn a_name_that_begins_as_a_method_does_is_answered_all_the_same() {
    let server = Server::start();
    assert_eq!(server.ask("T = 7"), "OK");
    assert_eq!(server.ask("T"), "7");
    assert_eq!(server.ask("P = 8; P"), "8");
}

#[test]
fn a_tls_hello_is_closed_without_a_word() {
    let server = Server::manual();
    let mut hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    hello.extend_from_slice(POISON.as_bytes());
    hello.push(b'\n');
    let whole = server.connect().send(&hello).try_bytes().unwrap_or_default();
    assert_eq!(whole, b"");
    for cut in 1..hello.len() {
        let connection = server.connect().send_pieces([&hello[..cut], &hello[cut..]]);
        assert_eq!(connection.try_bytes().unwrap_or_default(), b"", "cut at {cut}");
    }
    let bytewise = server.connect().send_pieces(hello.chunks(1));
    assert_eq!(bytewise.try_bytes().unwrap_or_default(), b"");
    unharmed(&server);
}

#[test]
fn control_bytes_evaluate_nothing_wherever_they_stand() {
    let server = Server::manual();
    for byte in (0..0x20_u8).chain([0x7f]).filter(|byte| !matches!(byte, b'\t' | b'\r' | b'\n')) {
        let first = [&[byte], POISON.as_bytes(), b"\n"].concat();
        assert_eq!(server.connect().send(&first).try_bytes().unwrap_or_default(), b"", "0x{byte:02x} first");
        let inside = [b"[0, ", &[byte][..], POISON.as_bytes(), b"]\n"].concat();
        let reply = server.connect().send(&inside).reply();
        assert!(reply.starts_with("Error: syntax: ") && !reply.contains('\n'), "0x{byte:02x}: {reply:?}");
    }
    assert_eq!(server.ask_line("[1,\t2]"), "[1, 2]");
    unharmed(&server);
}

#[test]
fn first_bytes_that_are_not_utf_8_are_closed_without_a_word() {
    let server = Server::manual();
    for first in [&b"\xff"[..], b"\x80", b"\xed\xa0\x80", b"\xc3", b"\r\n\xff"] {
        let bytes = [first, POISON.as_bytes(), b"\n"].concat();
        assert_eq!(server.connect().send(&bytes).try_bytes().unwrap_or_default(), b"", "{bytes:?}");
    }
    let alone = server.connect().send(b"\xc3").half_close();
    assert_eq!(alone.try_bytes().unwrap_or_default(), b"", "half a character");
    assert_eq!(server.connect().send_pieces("é = 1\n".as_bytes().chunks(1)).reply(), "OK");
    unharmed(&server);
}

#[test]
fn text_that_is_not_utf_8_is_one_error_line_and_evaluates_nothing() {
    let server = Server::manual();
    for bytes in [
        &b"'caf\xe9'\n"[..],
        b"[setReg('poison', 1), '\xff']\n",
        b"[setReg('poison', 1), '\xc3']\n",
        b"[setReg('poison', 1), '\xed\xa0\x80']\n",
        b"[setReg('poison', 1), '\xf8\x88\x80\x80\x80']\n",
        b"[setReg('poison', 1), '\xc0\x80']\n",
    ] {
        let reply = server.connect().send(bytes).reply();
        assert!(reply.starts_with("Error: syntax: ") && !reply.contains('\n'), "{bytes:?}: {reply:?}");
        let bytewise = server.connect().send_pieces(bytes.chunks(1)).reply();
        assert!(bytewise.starts_with("Error: syntax: "), "{bytes:?}: {bytewise:?}");
    }
    for cut in [&b"'caf\xc3"[..], b"setReg('poison', '\xe6\x9d"] {
        let reply = server.connect().send(cut).half_close().reply();
        assert!(reply.starts_with("Error: "), "{cut:?}: {reply:?}");
    }
    unharmed(&server);
}
