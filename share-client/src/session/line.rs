//! The lines of a session's JSON form: replies, and messages between them.
//!
//! Owns what a line from the server is. Uses `wire`; knows no socket.

use std::time::Duration;

use serde_core::de::DeserializeOwned;

use crate::wire::parse_json;
use crate::{Error, Value, from_value};

/// What has come of lines.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// What was read already, and what holds no line's end.
    start: usize,
    searched: usize,
}

impl Buffer {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line, if it has come whole.
    pub(crate) fn line(&mut self) -> Result<Option<String>, Error> {
        let unread = self.bytes.get(self.searched..).unwrap_or_default();
        let Some(end) = unread.iter().position(|byte| *byte == b'\n') else {
            self.bytes.drain(..self.start);
            (self.start, self.searched) = (0, self.bytes.len());
            if self.bytes.len() > LINE_BYTES_MAX {
                return Err(Error::Protocol(format!("a line is longer than {LINE_BYTES_MAX} bytes")));
            }
            return Ok(None);
        };
        let line = self.bytes.get(self.start..self.searched + end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        self.start = self.searched + end + 1;
        self.searched = self.start;
        let text = String::from_utf8(line);
        text.map(Some).map_err(|_| Error::Protocol("a line is not UTF-8".to_owned()))
    }
}

/// The longest line taken: many times what a server sends by default, and an end to what a wrong one may send.
pub(crate) const LINE_BYTES_MAX: usize = 64 << 20;

/// What the server answers to one line.
pub(crate) type Reply = Result<Value, Error>;

/// A line from the server.
#[derive(Debug)]
pub(crate) enum Line {
    /// The reply to the oldest line that has none.
    Reply(Reply),
    /// A message that was pushed.
    Message(Message),
}

/// A received message.
///
/// What has come over a session's JSON wire shows as JSON what JSON has no word for: where `body` is a [`Value`], a
/// tuple in it has become a list, a moment its ISO text, bytes a dict with the key `bytes`. [`Message::read`] goes by
/// the type that is asked for and loses nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its number, which no other message has.
    pub number: u64,
    /// When it was sent, since 1970, by the server's clock.
    pub at: Duration,
    /// The ID of the client that sent it, or a name of the server's own.
    pub from: String,
    /// Where it was sent to: a group, an ID or a name.
    pub to: String,
    /// The event's name, if it was emitted.
    pub event: Option<String>,
    /// What it says.
    pub body: Value,
}

impl Message {
    /// What it says, as any serde type.
    ///
    /// # Errors
    /// Where the body is of another type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        from_value(self.body.clone())
    }

    /// A message from the object that the wire shows it as.
    pub(crate) fn from_wire(mut value: Value) -> Result<Message, Error> {
        let mut field = |name: &str| {
            let Value::Dict(entries) = &mut value else { return Err(no_message()) };
            let entry = entries.iter_mut().find(|(key, _)| matches!(key, Value::Str(key) if key == name));
            let (_, value) = entry.ok_or_else(no_message)?;
            Ok(std::mem::replace(value, Value::None))
        };
        let at = f64::try_from(field("at")?)?;
        Ok(Message {
            number: field("n")?.try_into()?,
            at: microseconds(Duration::try_from_secs_f64(at).map_err(|_| no_message())?),
            from: field("from")?.try_into()?,
            to: field("to")?.try_into()?,
            event: match field("event")? {
                Value::None => None,
                event => Some(event.try_into()?),
            },
            body: field("body")?,
        })
    }
}

/// The server counts in microseconds; what is beyond them a float made of it.
fn microseconds(time: Duration) -> Duration {
    let whole = time.as_nanos().saturating_add(500) / 1000;
    Duration::from_micros(u64::try_from(whole).unwrap_or(u64::MAX))
}

fn no_message() -> Error {
    Error::Protocol("the server sent a message without all of its parts".to_owned())
}

/// Reads one line.
///
/// # Errors
/// Where it is none of a session's lines: then nothing that follows can be trusted.
pub(crate) fn parse_line(line: &str) -> Result<Line, Error> {
    let stranger = || {
        let start: String = line.chars().take(80).collect();
        Error::Protocol(format!("expected a line of a session, not {}", Value::Str(start).repr()))
    };
    let Ok(Value::Dict(entries)) = parse_json(line) else { return Err(stranger()) };
    let [(Value::Str(what), value)] = <[_; 1]>::try_from(entries).map_err(|_| stranger())? else {
        return Err(stranger());
    };
    match what.as_str() {
        "ok" => Ok(Line::Reply(Ok(value))),
        "message" => Message::from_wire(value).map(Line::Message),
        "error" => {
            let text = |name: &str| match value.get(name) {
                Some(Value::Str(text)) => Ok(text.clone()),
                _ => Err(stranger()),
            };
            let kind = text("kind")?.parse().map_err(|()| stranger())?;
            Ok(Line::Reply(Err(Error::Server { kind, message: text("message")? })))
        }
        _ => Err(stranger()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use std::time::Duration;

    use super::{Buffer, LINE_BYTES_MAX, Line, parse_line};
    use crate::{Error, Kind, Value};

    #[test]
    fn replies_and_messages_are_read() {
        let Line::Reply(Ok(value)) = parse_line(r#"{"ok":[1,"x"]}"#).unwrap() else { panic!() };
        assert_eq!(value.repr(), "[1, 'x']");
        let error = r#"{"error":{"kind":"state","message":"closed"}}"#;
        let Line::Reply(Err(Error::Server { kind, message })) = parse_line(error).unwrap() else { panic!() };
        assert_eq!((kind, message.as_str()), (Kind::State, "closed"));
        let line = r#"{"message":{"n":17,"at":1700000000.25,"from":"a","to":"ALL","event":null,"body":[1]}}"#;
        let Line::Message(message) = parse_line(line).unwrap() else { panic!() };
        assert_eq!((message.number, message.at), (17, Duration::from_millis(1_700_000_000_250)));
        assert_eq!((message.from.as_str(), message.to.as_str(), &message.event), ("a", "ALL", &None));
        assert_eq!(message.read::<(i64,)>().unwrap(), (1,));
        assert!(message.read::<String>().is_err());
        let line = r#"{"message":{"n":1,"at":0,"from":"a","to":"b","event":"rain","body":null}}"#;
        let Line::Message(message) = parse_line(line).unwrap() else { panic!() };
        assert_eq!((message.event.as_deref(), message.body), (Some("rain"), Value::None));
    }

    #[test]
    fn what_is_no_line_of_a_session_is_refused() {
        for line in [
            "",
            "OK",
            "null",
            "{}",
            "{\"ok\":1} ok",
            "{\"ok\":1,\"error\":null}",
            "{\"yes\":1}",
            "{\"error\":\"state\"}",
            "{\"error\":{\"kind\":\"odd\",\"message\":\"x\"}}",
            "{\"error\":{\"kind\":\"state\"}}",
            "{\"message\":1}",
            "{\"message\":{\"n\":1,\"at\":0,\"from\":\"a\",\"to\":\"b\",\"event\":null}}",
            "{\"message\":{\"n\":-1,\"at\":0,\"from\":\"a\",\"to\":\"b\",\"event\":null,\"body\":1}}",
            "{\"message\":{\"n\":1,\"at\":-1,\"from\":\"a\",\"to\":\"b\",\"event\":null,\"body\":1}}",
            "{\"message\":{\"n\":1,\"at\":0,\"from\":null,\"to\":\"b\",\"event\":null,\"body\":1}}",
            "HTTP/1.1 404 Not Found",
        ] {
            let error = parse_line(line).map(|_| ()).unwrap_err();
            assert!(matches!(error, Error::Protocol(_)), "{line}");
        }
    }

    #[test]
    fn lines_are_put_together_from_whatever_comes() {
        let mut buffer = Buffer::default();
        let mut came = Vec::new();
        let text = "one\r\ntwo È\n\nthree\n";
        for byte in text.bytes() {
            buffer.add(&[byte]);
            came.extend(buffer.line().unwrap());
        }
        assert_eq!(came, ["one", "two È", "", "three"]);
        buffer.add(b"a\nb\nc");
        assert_eq!([buffer.line().unwrap().unwrap(), buffer.line().unwrap().unwrap()], ["a", "b"]);
        assert_eq!(buffer.line().unwrap(), None);
        buffer.add(b"\xff\n");
        assert!(buffer.line().is_err());
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut buffer = Buffer::default();
        let chunk = vec![b'x'; LINE_BYTES_MAX / 4];
        for _ in 0..4 {
            buffer.add(&chunk);
            assert_eq!(buffer.line().unwrap(), None);
        }
        buffer.add(b"x");
        assert!(buffer.line().is_err());
    }
}
