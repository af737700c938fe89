//! The protocols, byte by byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::*;

/// What a request looks like.
fn asked(protocol: &str, ask: Ask<'_>) -> String {
    let mut wire = by_name(protocol).unwrap();
    let mut output = Vec::new();
    wire.hello("ann", &mut output);
    output.clear();
    wire.ask(ask, &mut output).unwrap();
    String::from_utf8_lossy(&output).into_owned()
}

/// Parses the whole input, first at every cut as incomplete; returns kinds, bodies and what was sent back.
fn parsed(wire: &mut dyn Wire, input: &[u8]) -> Result<(Vec<(Kind, String)>, String)> {
    let (mut at, mut replies, mut buffers) = (0, Vec::new(), Buffers::default());
    while at < input.len() {
        let whole = (1..=input.len() - at).find_map(|length| {
            let mut tried = Buffers::default();
            match wire.parse(&input[at..at + length], &mut tried) {
                Ok(Step::Incomplete) => None,
                other => Some((other, tried)),
            }
        });
        let (step, tried) = whole.expect("what is whole is read");
        buffers.output.extend(tried.output);
        match step? {
            Step::Skip(length) => {
                at += length;
                buffers.body = tried.body;
            }
            Step::Reply(length, kind) => {
                at += length;
                let body = if tried.body.is_empty() { &buffers.body } else { &tried.body };
                replies.push((kind, String::from_utf8_lossy(body).into_owned()));
                buffers.body.clear();
            }
            Step::Incomplete => panic!("never"),
        }
    }
    Ok((replies, String::from_utf8_lossy(&buffers.output).into_owned()))
}

fn reply(kind: Kind, body: &str) -> (Kind, String) {
    (kind, body.to_owned())
}

#[test]
fn a_session_of_sharesrv() {
    assert_eq!(asked("share", Ask::Get("k.1")), "getReg('k.1')\n");
    assert_eq!(asked("share", Ask::Set("k.1", "v")), "setReg('k.1','v')\n");
    assert_eq!(asked("share", Ask::Send("bob", "hi")), "send('bob','hi')\n");
    let mut wire = by_name("share").unwrap();
    let input = concat!(
        "{\"ok\":{\"id\":\"2UQp4It1\",\"server\":\"sharesrv\",\"version\":\"0.1.0\"}}\n",
        "{\"ok\":\"OK\"}\n{\"ok\":4}\n{\"ok\":null}\n{\"ok\":\"v0000012\"}\n",
        "{\"message\":{\"n\":17,\"at\":1.5,\"from\":\"a\",\"to\":\"b\",\"event\":null,\"body\":\"hello\"}}\n",
        "{\"ok\":{\"n\":17,\"at\":1.5,\"from\":\"a\",\"to\":\"b\",\"event\":null,\"body\":\"hello\"}}\n",
    );
    let (replies, sent) = parsed(&mut *wire, input.as_bytes()).unwrap();
    let expected = [
        reply(Kind::Done, ""),
        reply(Kind::Done, ""),
        reply(Kind::Body, "4"),
        reply(Kind::Nothing, ""),
        reply(Kind::Body, "v0000012"),
        reply(Kind::Pushed, "hello"),
        reply(Kind::Body, "hello"),
    ];
    assert_eq!(replies, expected);
    assert_eq!(sent, "");
    let refused = parsed(&mut *wire, b"{\"error\":{\"kind\":\"limit\",\"message\":\"full\"}}\n");
    assert!(refused.unwrap_err().to_string().contains("limit"));
}

#[test]
fn redis() {
    assert_eq!(asked("redis", Ask::Set("k", "v1")), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nv1\r\n");
    assert_eq!(asked("redis", Ask::Receive), "*2\r\n$4\r\nRPOP\r\n$3\r\nann\r\n");
    let mut wire = by_name("redis").unwrap();
    let input = b"+OK\r\n:4\r\n$-1\r\n$2\r\nv1\r\n*2\r\n$2\r\n17\r\n*2\r\n$1\r\na\r\n$2\r\nbb\r\n*2\r\n$1\r\n0\r\n*0\r\n";
    let (replies, _) = parsed(&mut *wire, input).unwrap();
    let expected = [
        reply(Kind::Done, ""),
        reply(Kind::Body, "4"),
        reply(Kind::Nothing, ""),
        reply(Kind::Body, "v1"),
        reply(Kind::Page(2, 17), ""),
        reply(Kind::Page(0, 0), ""),
    ];
    assert_eq!(replies, expected);
    assert!(parsed(&mut *wire, b"-ERR no\r\n").is_err());
}

#[test]
fn beanstalkd_deletes_what_it_reserved() {
    assert_eq!(asked("beanstalk", Ask::Put("q", "abc")), "put 0 0 60 3\r\nabc\r\n");
    let mut wire = by_name("beanstalk").unwrap();
    let (replies, sent) =
        parsed(&mut *wire, b"INSERTED 7\r\nRESERVED 7 3\r\nabc\r\nDELETED\r\nTIMED_OUT\r\n").unwrap();
    let expected = [reply(Kind::Done, ""), reply(Kind::Body, "abc"), reply(Kind::Nothing, "")];
    assert_eq!(replies, expected);
    assert_eq!(sent, "delete 7\r\n");
    assert!(parsed(&mut *wire, b"OUT_OF_MEMORY\r\n").is_err());
}

#[test]
fn an_echo_is_what_was_asked() {
    let mut wire = by_name("echo").unwrap();
    let (mut output, mut buffers) = (Vec::new(), Buffers::default());
    for _ in 0..2 {
        output.clear();
        wire.ask(Ask::Get("a"), &mut output).unwrap();
        wire.ask(Ask::Eval, &mut output).unwrap();
        assert_eq!(output, b"getReg('a')\n(1+1)*2\n");
        assert_eq!(wire.parse(b"getReg(", &mut buffers).unwrap(), Step::Incomplete);
        assert_eq!(wire.parse(&output, &mut buffers).unwrap(), Step::Reply(12, Kind::Echo));
        assert_eq!(wire.parse(b"(1+1)*2\n", &mut buffers).unwrap(), Step::Reply(8, Kind::Echo));
    }
    assert!(wire.parse(b"(1+1)*2\n", &mut buffers).is_err());
    wire.ask(Ask::Get("a"), &mut output).unwrap();
    assert!(wire.parse(b"getReg('b')\n", &mut buffers).is_err());
}

#[test]
fn nats_and_its_pings() {
    assert_eq!(asked("nats", Ask::Publish("g", "hello")), "PUB g 5\r\nhello\r\n");
    assert_eq!(asked("nats", Ask::Put("q", "abc")), "PUB bench.put _INBOX.ann 3\r\nabc\r\n");
    let mut wire = by_name("nats").unwrap();
    wire.hello("ann", &mut Vec::new());
    let input = b"INFO {\"x\":1}\r\nPONG\r\nPING\r\nMSG g 2 5\r\nhello\r\nMSG _INBOX.ann 1 2\r\n{}\r\n";
    let (replies, sent) = parsed(&mut *wire, input).unwrap();
    assert_eq!(replies, [reply(Kind::Done, ""), reply(Kind::Pushed, "hello"), reply(Kind::Done, "{}")]);
    assert_eq!(sent, "PONG\r\n");
    assert!(parsed(&mut *wire, b"-ERR 'Unknown'\r\n").is_err());
    assert!(parsed(&mut *wire, b"MSG _INBOX.ann 1 11\r\n{\"error\":1}\r\n").is_err());
}

#[test]
fn jetstream_acknowledges_what_was_taken() {
    let mut wire = by_name("nats").unwrap();
    wire.hello("ann", &mut Vec::new());
    wire.ask(Ask::Take("q"), &mut Vec::new()).unwrap();
    let mut buffers = Buffers::default();
    let input = b"MSG _INBOX.ann 1 $JS.ACK.bench.getters.1.1.1.5.0 3\r\nabc\r\n";
    assert_eq!(wire.parse(input, &mut buffers).unwrap(), Step::Reply(input.len(), Kind::Body));
    assert_eq!(buffers.body, b"abc");
    assert_eq!(buffers.output, b"PUB $JS.ACK.bench.getters.1.1.1.5.0 4\r\n+ACK\r\n");
}

#[test]
fn mqtt_acknowledges_what_is_published() {
    let mut wire = by_name("mqtt").unwrap();
    let mut output = Vec::new();
    assert_eq!(wire.hello("ann", &mut output), 1);
    assert_eq!(output, b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x00\x00\x03ann");
    output.clear();
    wire.ask(Ask::Publish("g", "hello"), &mut output).unwrap();
    assert_eq!(output, b"\x32\x0a\x00\x01g\x00\x01hello");
    let mut buffers = Buffers::default();
    let (replies, sent) = parsed(
        &mut *wire,
        b"\x20\x02\x00\x00\x90\x03\x00\x01\x01\x40\x02\x00\x01\x32\x0a\x00\x01g\x00\x09hello",
    )
    .unwrap();
    let done = reply(Kind::Done, "");
    assert_eq!(replies, [done.clone(), done.clone(), done, reply(Kind::Pushed, "hello")]);
    assert_eq!(sent.as_bytes(), b"\x40\x02\x00\x09");
    assert!(wire.parse(b"\x20\x02\x00\x05", &mut buffers).is_err());
    assert!(wire.parse(b"\x30\xff\xff\xff\xff\x01", &mut buffers).is_err());
}

#[test]
fn mqtt_lengths_of_two_bytes() {
    let body = "x".repeat(200);
    let mut wire = by_name("mqtt").unwrap();
    let mut output = Vec::new();
    wire.ask(Ask::Publish("g", &body), &mut output).unwrap();
    let (replies, _) = parsed(&mut *wire, &output).unwrap();
    assert_eq!(replies, [reply(Kind::Pushed, &body)]);
}
