//! A value as JSON, for sessions.
//!
//! Owns how Python's types map to JSON's: what JSON has no word for becomes text, and bytes an object of their
//! base64. One writer appends to one `String`. Never a line break: a session's reply is one line.

use std::fmt::Write;

use share_client::wire::{text, write_base64};

use super::text::{date_fields, datetime_fields, delta_fields, set_in_order, str_bounded, time_fields};
use super::{DEPTH_MAX, Value, first_special};

/// The value as JSON.
#[must_use]
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    write_json(&mut out, value);
    out
}

/// The value as JSON, or `None` as soon as it is clear that it takes more than `bytes_max` bytes.
#[must_use]
pub fn json_bounded(value: &Value, bytes_max: usize) -> Option<String> {
    let mut out = String::new();
    write_json_bounded(&mut out, value, bytes_max)?;
    Some(out)
}

/// Appends the value as JSON; `None` as soon as it is clear that it takes more than `bytes_max` bytes.
pub fn write_json_bounded(out: &mut String, value: &Value, bytes_max: usize) -> Option<()> {
    let length_max = out.len().saturating_add(bytes_max);
    write_value(out, value, 0, length_max)?;
    (out.len() <= length_max).then_some(())
}

/// Appends the value as JSON.
pub fn write_json(out: &mut String, value: &Value) {
    // Without a bound it never stops early.
    let _ = write_value(out, value, 0, usize::MAX);
}

/// Appends the text as a JSON string.
pub fn write_json_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    // What needs no escape is copied as it stands, in pieces that are as long as can be.
    while let Some(place) = first_special(rest.as_bytes(), may_need_escape) {
        let (piece, behind) = rest.split_at_checked(place).unwrap_or_default();
        let mut characters = behind.chars();
        out.push_str(piece);
        write_escaped(out, characters.next().unwrap_or_default());
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Whether a character that needs an escape may begin with this byte: any that is not ASCII may.
fn may_need_escape(byte: u8) -> bool {
    !(b' '..=b'~').contains(&byte) | (byte == b'"') | (byte == b'\\')
}

fn write_escaped(out: &mut String, character: char) {
    // Writing to a String cannot fail.
    let _ = match character {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        // Valid JSON as they are, but line ends to JavaScript and to some readers of lines.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
            write!(out, "\\u{:04x}", u32::from(character))
        }
        _ => out.write_char(character),
    };
}

/// `None` where the text has outgrown `bytes_max`: no more than one atom is written beyond it.
fn write_value(out: &mut String, value: &Value, depth: usize, bytes_max: usize) -> Option<()> {
    if out.len() > bytes_max {
        return None;
    }
    match value {
        Value::None => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => {
            let _ = write!(out, "{number}");
        }
        Value::Float(number) if number.is_finite() => text::write_float(out, *number),
        Value::Float(number) => quoted(out, |out| text::write_float(out, *number)),
        Value::Str(string) => write_json_string(out, string),
        Value::Bytes(bytes) => {
            out.push_str("{\"bytes\":\"");
            write_base64(out, bytes);
            out.push_str("\"}");
        }
        Value::DateTime(moment) => quoted(out, |out| datetime_fields(*moment).write_iso(out)),
        Value::Date(date) => quoted(out, |out| date_fields(*date).write_str(out)),
        Value::Time(time) => quoted(out, |out| time_fields(*time).write_str(out)),
        Value::Delta(delta) => quoted(out, |out| delta_fields(*delta).write_str(out)),
        Value::Opaque(opaque) => write_json_string(out, &opaque.repr()),
        // Nothing this deep is ever stored; see the Python text of the same.
        _ if depth > DEPTH_MAX * 2 => out.push_str("\"...\""),
        Value::List(items) | Value::Tuple(items) => write_array(out, items.iter(), depth, bytes_max)?,
        Value::Set(members) | Value::FrozenSet(members) => {
            write_array(out, set_in_order(members).into_iter(), depth, bytes_max)?;
        }
        Value::Dict(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                match key.value() {
                    Value::Str(text) => write_json_string(out, text),
                    other => write_json_string(out, &str_bounded(other, bytes_max)?),
                }
                out.push(':');
                write_value(out, value, depth + 1, bytes_max)?;
            }
            out.push('}');
        }
    }
    Some(())
}

fn write_array<'v>(
    out: &mut String,
    items: impl Iterator<Item = &'v Value>,
    depth: usize,
    bytes_max: usize,
) -> Option<()> {
    out.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_value(out, item, depth + 1, bytes_max)?;
    }
    out.push(']');
    Some(())
}

/// For what has neither a quote nor an escape in it.
fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

#[cfg(test)]
mod tests;
