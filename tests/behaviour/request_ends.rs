//! The four ways in which a one-shot request ends, and what is never completed.

use std::time::Duration;

use crate::support::{Peer, Server};

const SILENCE: Duration = Duration::from_millis(20);

#[test]
fn a_half_close_ends_it() {
    let server = Server::manual();
    assert_eq!(server.ask_half_close("1 + 1"), "2");
    assert_eq!(server.ask_half_close("'Hello World'"), "Hello World");
    assert_eq!(server.ask_half_close("x = 3\nx * 2"), "6");
}

#[test]
fn a_newline_ends_what_is_complete() {
    let server = Server::manual();
    assert_eq!(server.ask_line("1 + 1"), "2");
    assert_eq!(server.connect().send("1 + 1\r\n").reply(), "2");
    assert_eq!(server.connect().send("'a' +").send(" 'b'").send("\n").reply(), "ab");
}

#[test]
fn a_newline_inside_brackets_or_quotes_ends_nothing() {
    let server = Server::manual();
    let pieces = ["[1,\n", "2,\r\n", "'''three\n", "four'''", "]", "\n"];
    let connection = server.connect().send_pieces(pieces.map(str::as_bytes));
    assert_eq!(connection.reply(), "[1, 2, 'three\\nfour']");
}

#[test]
fn a_complete_call_ends_it_at_once() {
    // The clock stands still, so that no silence can have ended it.
    let server = Server::manual();
    assert_eq!(server.ask("setReg('a', 56)"), "OK");
    assert_eq!(server.ask("  setReg( 'b' , (1, 2) )"), "OK");
    assert_eq!(server.ask("MyData.get('a')"), "56");
    assert_eq!(server.ask("math.floor(2.5)"), "2");
    assert_eq!(server.ask("datetime.datetime.now()"), "2026-11-20 23:05:12");
    assert_eq!(server.ask("getReg('b')").len(), "(1, 2)".len());
    let byte_by_byte = "setReg('byte', \"by ) ' byte\")";
    assert_eq!(server.connect().send_pieces(byte_by_byte.as_bytes().chunks(1)).reply(), "OK");
    assert_eq!(server.ask("getReg('byte')"), "by ) ' byte");
}

#[test]
fn a_newline_ends_what_is_rhai_by_its_signs_alone() {
    let server = Server::manual();
    for (text, reply) in [
        ("`a(`\n", "a("),
        ("`:(`;\n", ":("),
        ("`x (`.len()\n", "3"),
        ("setReg(\"k\", `:(`)\n", "OK"),
        ("/* ( */ 1\n", "1"),
    ] {
        assert_eq!(server.connect().send(text).reply(), reply, "{text}");
    }
    let pieces = [&b"setReg(\"k\", `:) "[..], b"x`)\n"];
    assert_eq!(server.connect().send_pieces(pieces).reply(), "OK");
    assert_eq!(server.ask("getReg('k')"), ":) x");
    for text in ["`a(`", "`it's`", "/* it's */ 1"] {
        let asked = server.connect().send(text);
        server.advance_until_answered(&asked, SILENCE);
        assert!(!asked.reply().starts_with("Error"), "{text}");
    }
}

#[test]
fn twenty_milliseconds_of_silence_end_what_is_complete() {
    let server = Server::manual();
    let asked = server.connect().send("1 + 1");
    assert!(asked.is_silent(Duration::from_millis(100)), "nothing ended it: the clock stands still");
    server.advance_until_answered(&asked, SILENCE);
    assert_eq!(asked.reply(), "2");

    let unfinished = server.connect().send("(1 + 1");
    for _ in 0..5 {
        assert!(unfinished.is_silent(Duration::from_millis(20)), "a bracket is open");
        server.advance(SILENCE);
    }
    let finished = unfinished.send(") * 2");
    server.advance_until_answered(&finished, SILENCE);
    assert_eq!(finished.reply(), "4");
}

#[test]
fn the_machines_clock_ends_it_as_well() {
    let server = Server::start();
    assert_eq!(server.ask(" ( 1 + 1 ) * 2"), "4");
    assert_eq!(server.ask("'Hello World'"), "Hello World");
    assert_eq!(server.ask("TheAnswer = 42"), "OK");
    assert_eq!(server.ask("TheAnswer"), "42");
}

#[test]
fn what_is_never_completed_is_told_so_after_ten_seconds() {
    for half in ["recv(", "'unclosed", "[1, 2", "'''three", "{'a': (", "f('x' "] {
        let server = Server::manual();
        let asked = server.connect().send(half);
        let passed = server.advance_until_answered(&asked, Duration::from_secs(1));
        assert!(passed >= Duration::from_secs(10), "{half}: told after {passed:?}");
        let reply = asked.reply();
        assert!(reply.starts_with("Error: incomplete: ") && !reply.contains('\n'), "{half}: {reply}");
    }
}

#[test]
fn what_was_never_completed_is_told_what_lacks() {
    for (half, lacks) in [
        (&b"ping()\xc3"[..], "the rest of a character"),
        (b"ping()\\", "the line behind a backslash"),
        (b"recv(", "a closing bracket"),
        (b"'unclosed", "the end of a string"),
        (b"/* ( '", "the end of a comment"),
    ] {
        let server = Server::manual();
        let asked = server.connect().send(half);
        server.advance_until_answered(&asked, Duration::from_secs(1));
        let told = format!("Error: incomplete: {lacks} has not come within 10 seconds");
        assert_eq!(asked.reply(), told, "{half:?}");
    }
}

#[test]
fn blanks_are_a_request_without_an_expression() {
    let server = Server::manual();
    let nothing = server.ask_line("# c");
    assert!(nothing.starts_with("Error: syntax: there is no expression"), "{nothing}");
    assert!(server.ask_half_close(" \r\n ").starts_with("Error: syntax: there is no expression"));
    for text in ["\n", "\r\n", "\r", " ", " \t\n\n"] {
        let asked = server.connect().send(text);
        server.advance_until_answered(&asked, SILENCE);
        assert!(asked.reply().starts_with("Error: syntax: there is no expression"), "{text:?}");
    }
    assert!(
        server.connect().send("\n\n 1 +\n").reply().ends_with("(line 3, column 5)"),
        "lines are the client's"
    );
}

#[test]
fn half_an_expression_and_a_half_close_is_an_error_at_once() {
    let server = Server::manual();
    for half in ["recv(", "'unclosed", "[1, 2"] {
        let reply = server.ask_half_close(half);
        assert!(reply.starts_with("Error: "), "{half}: {reply}");
        assert!(!reply.contains('\n'), "{half}: {reply}");
    }
}

#[test]
fn a_connection_that_says_nothing_is_closed_in_silence() {
    let server = Server::manual();
    assert_eq!(server.ask_half_close(""), "");
    let silent = server.connect();
    server.advance_until_answered(&silent, Duration::from_secs(10));
    assert_eq!(silent.reply(), "");
}

#[test]
fn characters_may_be_cut_where_a_segment_ends() {
    let server = Server::start();
    let text = "setReg('key', 'Grüße, 東京 🌱')";
    assert_eq!(server.connect().send_pieces(text.as_bytes().chunks(1)).reply(), "OK");
    assert_eq!(server.ask("getReg('key')"), "Grüße, 東京 🌱");
}
