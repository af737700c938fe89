//! The forms of a reply: one-shot text, and the two of a session.
//!
//! May use `value`. One line each in a session: what a line cannot hold is escaped.

use std::fmt::Write;
use std::sync::OnceLock;

use super::{Failure, Render};
use crate::state::Message;
use crate::value::{self, Value, write_json, write_json_string};

/// What most lines fit into.
const LINE_BYTES: usize = 64;

/// How replies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Python's text, bare.
    OneShot,
    /// A session's JSON objects.
    Json,
    /// A session's lines for a board: a sign and text.
    Text,
}

impl Form {
    /// How a value becomes a reply.
    #[must_use]
    pub fn render(self) -> Render {
        match self {
            Form::OneShot => value::str_bounded,
            Form::Json => json_line,
            Form::Text => text_line,
        }
    }

    /// The reply that tells of a failure.
    #[must_use]
    pub fn failure(self, failure: &Failure) -> String {
        match self {
            Form::OneShot => failure.to_string(),
            Form::Json => {
                let mut line = format!("{{\"error\":{{\"kind\":\"{}\",\"message\":", failure.kind);
                write_json_string(&mut line, &failure.message);
                line.push_str("}}\n");
                line
            }
            // The message is one line already.
            Form::Text => format!("-{}\n", escaped(&failure.to_string())),
        }
    }
}

/// A message as it is pushed, rendered once for all who get it in the same form.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    json: OnceLock<Box<str>>,
    text: OnceLock<Box<str>>,
}

impl Rendered {
    /// Appends the line of the message whose delivery has this number.
    pub(super) fn write(&self, out: &mut Vec<u8>, form: Form, number: u64, message: &Message) {
        match form {
            Form::Json => {
                out.extend_from_slice(b"{\"message\":{\"n\":");
                out.extend_from_slice(number.to_string().as_bytes());
                out.extend_from_slice(self.json.get_or_init(|| json_tail(message)).as_bytes());
            }
            Form::OneShot | Form::Text => {
                out.extend_from_slice(self.text.get_or_init(|| text_push(message)).as_bytes());
            }
        }
    }
}

fn json_line(value: &Value, bytes_max: usize) -> Option<String> {
    let mut line = String::with_capacity(LINE_BYTES);
    line.push_str("{\"ok\":");
    value::write_json_bounded(&mut line, value, bytes_max)?;
    line.push_str("}\n");
    Some(line)
}

fn text_line(value: &Value, bytes_max: usize) -> Option<String> {
    let text = value::str_bounded(value, bytes_max)?;
    let line = format!("+{}\n", escaped(&text));
    (line.len() <= bytes_max.saturating_add(2)).then_some(line)
}

/// The line without its line breaks, which are escaped, as is what escapes them.
fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\\' => line.push_str("\\\\"),
            _ => line.push(character),
        }
    }
    line
}

#[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 stay exact for two centuries")]
fn json_tail(message: &Message) -> Box<str> {
    let mut tail = String::from(",\"at\":");
    write_json(&mut tail, &Value::Float(message.at as f64 / 1e6));
    for (name, text) in [
        (",\"from\":", Some(&message.from)),
        (",\"to\":", Some(&message.to)),
        (",\"event\":", message.event.as_ref()),
    ] {
        tail.push_str(name);
        match text {
            Some(text) => write_json_string(&mut tail, text),
            None => tail.push_str("null"),
        }
    }
    tail.push_str(",\"body\":");
    write_json(&mut tail, &message.body);
    tail.push_str("}}\n");
    tail.into()
}

fn text_push(message: &Message) -> Box<str> {
    let mut line = String::from(">");
    // Writing to a String cannot fail.
    let _ = writeln!(line, "{}", escaped(&crate::functions::message_text(message)));
    line.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use share_client::wire::Kind;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_reply_is_one_line_in_either_form() {
        let text = Value::from("a\r\n\\b");
        assert_eq!((Form::Json.render())(&text, 100).unwrap(), "{\"ok\":\"a\\r\\n\\\\b\"}\n");
        assert_eq!((Form::Text.render())(&text, 100).unwrap(), "+a\\r\\n\\\\b\n");
        let failure = Failure::new(Kind::Name, "no \"x\"");
        assert_eq!(
            Form::Json.failure(&failure),
            "{\"error\":{\"kind\":\"name\",\"message\":\"no \\\"x\\\"\"}}\n"
        );
        assert_eq!(Form::Text.failure(&failure), "-Error: name: no \"x\"\n");
    }

    #[test]
    fn what_is_longer_than_a_reply_may_be_is_none() {
        let text = Value::from("x".repeat(98));
        assert!((Form::Json.render())(&text, 100).is_some());
        assert!((Form::Json.render())(&text, 99).is_none());
        assert!((Form::Text.render())(&text, 98).is_some());
        assert!((Form::Text.render())(&text, 97).is_none());
        assert!((Form::Text.render())(&Value::from("\n".repeat(98)), 98).is_none());
    }

    #[test]
    fn a_message_is_pushed_as_the_contract_has_it() {
        let message = Message {
            at: 1_700_000_000_250_000,
            from: Arc::from("2UQp4It1"),
            to: Arc::from("ALL"),
            event: None,
            body: Value::from("two\nlines"),
        };
        let line = |form| {
            let mut out = Vec::new();
            Rendered::default().write(&mut out, form, 17, &message);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            line(Form::Json),
            "{\"message\":{\"n\":17,\"at\":1700000000.25,\"from\":\"2UQp4It1\",\"to\":\"ALL\",\"event\":null,\
             \"body\":\"two\\nlines\"}}\n"
        );
        assert_eq!(line(Form::Text), ">2UQp4It1ÈALLÈtwo\\nlines\n");
    }
}
