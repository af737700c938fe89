//! The two texts of a one-shot reply that are more than a value: an error, and a received message.
//!
//! Pure: text to parts and back.

use super::Kind;

/// What stands between the parts of a received message: U+00C8.
pub const SEPARATOR: char = 'È';

/// What `recv` answers where no message waits.
pub const NO_MESSAGE: &str = "NoneÈNoneÈNone";

/// Appends `Error: KIND: message`, on one line whatever the message holds.
pub fn write_error(out: &mut String, kind: Kind, message: &str) {
    out.push_str("Error: ");
    out.push_str(kind.as_str());
    out.push_str(": ");
    out.extend(message.chars().map(|character| if is_line_break(character) { ' ' } else { character }));
}

/// The kind and the message of an error's text; `None` where it is something else.
#[must_use]
pub fn parse_error(reply: &str) -> Option<(Kind, &str)> {
    let (kind, message) = reply.strip_prefix("Error: ")?.split_once(": ")?;
    Some((kind.parse().ok()?, message))
}

/// Appends `fromÈtoÈtext`.
pub fn write_message(out: &mut String, from: &str, to: &str, text: &str) {
    for part in [from, to] {
        out.push_str(part);
        out.push(SEPARATOR);
    }
    out.push_str(text);
}

/// The three parts of a received message: where it is from, where it was sent to, its text. The text may hold
/// the separator; the names before it cannot.
#[must_use]
pub fn parse_message(reply: &str) -> Option<(&str, &str, &str)> {
    let mut parts = reply.splitn(3, SEPARATOR);
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::{Kind, NO_MESSAGE, parse_error, parse_message, write_error, write_message};

    #[test]
    fn an_error_goes_there_and_back() {
        for kind in Kind::ALL {
            let mut text = String::new();
            write_error(&mut text, kind, "in words: two, 'È'");
            assert_eq!(text, format!("Error: {kind}: in words: two, 'È'"));
            assert_eq!(parse_error(&text), Some((kind, "in words: two, 'È'")));
        }
    }

    #[test]
    fn an_error_is_one_line() {
        let mut text = String::new();
        write_error(&mut text, Kind::Value, "a\nb\r\nc\u{2028}d");
        assert_eq!(text, "Error: value: a b  c d");
    }

    #[test]
    fn what_only_looks_like_an_error_is_none() {
        for text in
            ["", "Error", "Error: ", "Error: value", "Error: odd: x", "'Error: value: x'", " Error: value: x"]
        {
            assert_eq!(parse_error(text), None, "{text}");
        }
    }

    #[test]
    fn a_message_goes_there_and_back() {
        for text in ["hello", "", "È", "aÈbÈc", "line\nline"] {
            let mut reply = String::new();
            write_message(&mut reply, "2UQp4It1", "group 16", text);
            assert_eq!(parse_message(&reply), Some(("2UQp4It1", "group 16", text)));
        }
        assert_eq!(parse_message(NO_MESSAGE), Some(("None", "None", "None")));
        assert_eq!(parse_message("aÈb"), None);
    }
}
