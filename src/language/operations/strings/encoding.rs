//! `str.encode` and `bytes.decode`: utf-8, latin-1 and ascii, with Python's ways to deal with errors.

use std::sync::Arc;

use crate::language::Error;
use crate::language::operations::arguments::text;
use crate::language::operations::errors::value_error;
use crate::language::operations::{Budget, Call};
use crate::value::Value;

/// The codecs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::language::operations) enum Codec {
    Utf8,
    Latin1,
    Ascii,
}

impl Codec {
    /// The codec of that name, as Python finds it.
    pub(in crate::language::operations) fn named(name: &str) -> Result<Codec, Error> {
        if name.contains('\0') {
            return Err(value_error("embedded null character"));
        }
        let plain: String = name
            .chars()
            .take(40)
            .map(
                |character| if matches!(character, '-' | ' ') { '_' } else { character.to_ascii_lowercase() },
            )
            .collect();
        match plain.as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" => Ok(Codec::Utf8),
            "latin_1" | "latin1" | "latin" | "iso_8859_1" | "iso8859_1" | "8859" | "cp819" | "l1"
            | "iso8859" => Ok(Codec::Latin1),
            "ascii" | "us_ascii" | "646" => Ok(Codec::Ascii),
            _ => Err(Error::Name(format!(
                "the server does not have the encoding '{}'",
                name.chars().take(40).collect::<String>()
            ))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Codec::Utf8 => "utf-8",
            Codec::Latin1 => "latin-1",
            Codec::Ascii => "ascii",
        }
    }
}

fn argument<'v>(value: Option<&'v Value>, default: &'v str, function: &str) -> Result<&'v str, Error> {
    value.map_or(Ok(default), |value| text(function, value))
}

/// `text.encode(encoding='utf-8', errors='strict')`
pub(in crate::language::operations) fn encode(
    own: &str,
    call: Call,
    budget: &Budget,
) -> Result<Value, Error> {
    let [encoding, errors] = call.bind("encode", ["encoding", "errors"], 0)?;
    let codec = Codec::named(argument(encoding.as_ref(), "utf-8", "encode")?)?;
    let errors = argument(errors.as_ref(), "strict", "encode")?;
    budget.reserve(own.len().saturating_mul(if own.is_ascii() { 2 } else { 12 }))?;
    let last = match codec {
        Codec::Utf8 => return Ok(Value::Bytes(Arc::from(own.as_bytes()))),
        Codec::Latin1 => 0xff,
        Codec::Ascii => 0x7f,
    };
    let mut out: Vec<u8> = Vec::with_capacity(own.len());
    for (place, character) in own.chars().enumerate() {
        let code = u32::from(character);
        match (u8::try_from(code), errors) {
            (Ok(byte), _) if code <= last => out.push(byte),
            (_, "ignore") => {}
            (_, "replace") => out.push(b'?'),
            (_, "xmlcharrefreplace") => out.extend(format!("&#{code};").bytes()),
            (_, "backslashreplace") => out.extend(escaped(code).bytes()),
            (_, "strict") => {
                return Err(value_error(format!(
                    "'{}' codec can't encode character '{}' in position {place}: ordinal not in range({})",
                    codec.name(),
                    escaped(code),
                    last + 1
                )));
            }
            _ => return Err(handler(errors)),
        }
    }
    Ok(Value::Bytes(Arc::from(out)))
}

fn escaped(code: u32) -> String {
    match code {
        0..0x100 => format!("\\x{code:02x}"),
        0x100..0x1_0000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

fn handler(errors: &str) -> Error {
    let name: String = errors.chars().take(40).collect();
    Error::Name(format!("the server does not have the error handler '{name}'"))
}

/// `bytes.decode(encoding='utf-8', errors='strict')`
pub(in crate::language::operations) fn decode(
    own: &[u8],
    call: Call,
    budget: &Budget,
) -> Result<Value, Error> {
    let [encoding, errors] = call.bind("decode", ["encoding", "errors"], 0)?;
    let codec = Codec::named(argument(encoding.as_ref(), "utf-8", "decode")?)?;
    let errors = argument(errors.as_ref(), "strict", "decode")?;
    budget.reserve(own.len().saturating_mul(if own.is_ascii() { 2 } else { 8 }))?;
    let mut out = String::with_capacity(own.len());
    match codec {
        Codec::Latin1 => out.extend(own.iter().map(|byte| char::from(*byte))),
        Codec::Ascii => {
            for (place, byte) in own.iter().enumerate() {
                if byte.is_ascii() {
                    out.push(char::from(*byte));
                } else {
                    broken(&mut out, codec, std::slice::from_ref(byte), place, errors)?;
                }
            }
        }
        Codec::Utf8 => {
            let mut place = 0;
            for chunk in own.utf8_chunks() {
                out.push_str(chunk.valid());
                place += chunk.valid().len();
                if !chunk.invalid().is_empty() {
                    broken(&mut out, codec, chunk.invalid(), place, errors)?;
                }
                place += chunk.invalid().len();
            }
        }
    }
    Ok(Value::from(out))
}

/// Bytes that are no character.
fn broken(out: &mut String, codec: Codec, bytes: &[u8], place: usize, errors: &str) -> Result<(), Error> {
    match errors {
        "ignore" => {}
        "replace" => out.push('\u{fffd}'),
        "backslashreplace" => bytes.iter().for_each(|byte| out.push_str(&escaped(u32::from(*byte)))),
        "strict" => {
            let first = bytes.first().copied().unwrap_or_default();
            return Err(value_error(format!(
                "'{}' codec can't decode byte {first:#04x} in position {place}",
                codec.name()
            )));
        }
        _ => return Err(handler(errors)),
    }
    Ok(())
}
