//! The methods of bytes, and `bytes(…)`.
//!
//! What bytes share with str is str's own method on a text that stands for the bytes: ASCII as it is, every other
//! byte as a character of the private area, which is no letter, no digit and no blank.

use std::sync::Arc;

use super::arguments::{bound_or, integer, whole};
use super::errors::{no_attribute, type_error, value_error};
use super::{Budget, Call, iterate, shape, strings};
use crate::language::Error;
use crate::value::Value;

const PRIVATE: u32 = 0xe000;

/// Methods that mean on bytes what they mean on ASCII text.
const SHARED: [&str; 37] = [
    "capitalize",
    "center",
    "count",
    "endswith",
    "expandtabs",
    "find",
    "index",
    "isalnum",
    "isalpha",
    "isdigit",
    "islower",
    "isspace",
    "istitle",
    "isupper",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
    "join",
    "isascii",
];

/// A byte that an argument names.
pub(super) fn byte(value: &Value, message: &str) -> Result<u8, Error> {
    let number = whole(value)
        .ok_or_else(|| type_error(format!("a bytes-like object is required, not '{}'", value.type_name())))?;
    u8::try_from(number).map_err(|_| value_error(message))
}

/// Where the part first stands.
pub(super) fn find(bytes: &[u8], part: &[u8], budget: &Budget) -> Result<Option<usize>, Error> {
    let text = standing_for(bytes, &[], budget)?;
    let part = standing_for(part, &[], budget)?;
    Ok(text.find(&part))
}

fn standing_for(bytes: &[u8], also: &[u8], budget: &Budget) -> Result<String, Error> {
    budget.reserve(bytes.len().saturating_mul(if bytes.is_ascii() { 1 } else { 3 }))?;
    let character = |byte: &u8| {
        let plain = byte.is_ascii() && !(0x1c..=0x1f).contains(byte) && !also.contains(byte);
        let code = u32::from(*byte) + if plain { 0 } else { PRIVATE };
        char::from_u32(code).unwrap_or_default()
    };
    Ok(bytes.iter().map(character).collect())
}

fn back(text: &str) -> Value {
    let byte = |character: char| {
        let code = u32::from(character);
        u8::try_from(if code >= PRIVATE { code - PRIVATE } else { code }).unwrap_or_default()
    };
    Value::Bytes(text.chars().map(byte).collect())
}

/// The texts in a result become bytes again.
fn restored(value: Value) -> Value {
    match value {
        Value::Str(text) => back(&text),
        Value::List(items) => Value::list(items.iter().cloned().map(restored).collect()),
        Value::Tuple(items) => Value::tuple(items.iter().cloned().map(restored).collect()),
        other => other,
    }
}

/// `bytes.name(…)`
pub(super) fn method(own: &Arc<[u8]>, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "decode" => return strings::decode(own, call, budget),
        "hex" => return hex(own, call, budget),
        "fromhex" => return from_hex(&call.one(name)?, budget),
        _ if SHARED.contains(&name) => {}
        _ => return Err(no_attribute(&Value::Bytes(own.clone()), name)),
    }
    // Bytes have fewer line ends than text.
    let also: &[u8] = if name == "splitlines" { b"\x0b\x0c" } else { b"" };
    if name == "isascii" {
        call.none(name)?;
        return Ok(Value::Bool(own.is_ascii()));
    }
    let places = matches!(name, "find" | "rfind" | "index" | "rindex" | "count");
    if places {
        if let Some((keyword, _)) = call.keyword.first() {
            return Err(type_error(format!("'{keyword}' is an invalid keyword argument for {name}()")));
        }
        // Python looks at the bounds before it looks at what is searched.
        call.positional.iter().skip(1).try_for_each(|bound| bound_or(Some(bound), 0).map(|_| ()))?;
    }
    let argument = |place: usize, value: Value| match value {
        Value::Bytes(bytes) if name == "join" => match bytes.is_empty() {
            true => Ok(Value::tuple(Vec::new())),
            false => Err(type_error("sequence item 0: expected a bytes-like object, int found")),
        },
        Value::Bytes(bytes) => standing_for(&bytes, also, budget).map(Value::from),
        Value::Int(_) | Value::Bool(_) if place == 0 && places => {
            standing_for(&[byte(&value, "byte must be in range(0, 256)")?], also, budget).map(Value::from)
        }
        Value::Tuple(items) if name.ends_with("with") => {
            let item = |item: &Value| match item {
                Value::Bytes(bytes) => standing_for(bytes, also, budget).map(Value::from),
                // What is wrong here is an error when its turn comes.
                _ => Ok(Value::None),
            };
            items.iter().map(item).collect::<Result<_, _>>().map(Value::tuple)
        }
        Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::FrozenSet(_)
        | Value::Dict(_)
        | Value::Opaque(_)
            if name == "join" =>
        {
            pieces(&value, also, budget)
        }
        Value::Str(text) if name == "join" && text.is_empty() => Ok(Value::tuple(Vec::new())),
        Value::Str(_) => Err(no_bytes(&value)),
        other => Ok(other),
    };
    let positional = call
        .positional
        .into_iter()
        .enumerate()
        .map(|(place, value)| argument(place, value))
        .collect::<Result<_, _>>()?;
    let keyword = call
        .keyword
        .into_iter()
        .map(|(name, value)| Ok((name, argument(0, value)?)))
        .collect::<Result<_, Error>>()?;
    let text = Arc::from(standing_for(own, also, budget)?);
    strings::method(&text, name, Call { positional, keyword }, budget).map(restored)
}

/// The bytes that are joined, each as the text that stands for it.
fn pieces(value: &Value, also: &[u8], budget: &Budget) -> Result<Value, Error> {
    let mut items = Vec::new();
    for item in iterate(value, budget)? {
        let Value::Bytes(bytes) = &item else { return Err(no_bytes(&item)) };
        items.push(Value::from(standing_for(bytes, also, budget)?));
    }
    Ok(Value::tuple(items))
}

fn no_bytes(value: &Value) -> Error {
    type_error(format!("a bytes-like object is required, not '{}'", value.type_name()))
}

fn hex(own: &[u8], call: Call, budget: &Budget) -> Result<Value, Error> {
    let [separator, group] = call.bind("hex", ["sep", "bytes_per_sep"], 0)?;
    let group = super::arguments::integer_or(group.as_ref(), 1)?;
    let separator = separator.map(|separator| one_sign(separator, budget)).transpose()?;
    budget.reserve(own.len().saturating_mul(6))?;
    let size = usize::try_from(group.unsigned_abs()).unwrap_or(usize::MAX);
    let mut out = String::with_capacity(own.len() * 3);
    for (place, byte) in own.iter().enumerate() {
        // Groups are counted from the right, or from the left where the number is negative.
        let counted = if group < 0 { place } else { own.len() - place };
        if let Some(separator) = separator.filter(|_| size > 0 && place > 0 && counted % size == 0) {
            out.push(separator);
        }
        out.push_str(&format!("{byte:02x}"));
    }
    Ok(Value::from(out))
}

/// What stands between two bytes.
fn one_sign(separator: Value, budget: &Budget) -> Result<char, Error> {
    let length =
        super::builtin("len", Call { positional: vec![separator.clone()], keyword: Vec::new() }, budget)?;
    if length != Value::Int(1) {
        return Err(value_error("sep must be length 1."));
    }
    let sign = match &separator {
        Value::Str(text) => text.chars().next(),
        Value::Bytes(bytes) => bytes.first().map(|byte| char::from(*byte)),
        _ => return Err(type_error("sep must be str or bytes.")),
    };
    sign.filter(char::is_ascii).ok_or_else(|| value_error("sep must be ASCII."))
}

/// `bytes.fromhex(text)`
pub(super) fn from_hex(text: &Value, budget: &Budget) -> Result<Value, Error> {
    let Value::Str(text) = text else {
        return Err(type_error(format!("fromhex() argument must be str, not {}", text.type_name())));
    };
    budget.reserve(text.len())?;
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut rest = text.char_indices();
    while let Some((place, first)) = rest.next() {
        if first.is_ascii_whitespace() || first == '\x0b' {
            continue;
        }
        let wrong = |place: usize| {
            value_error(format!("non-hexadecimal number found in fromhex() arg at position {place}"))
        };
        let high = first.to_digit(16).ok_or_else(|| wrong(place))?;
        let low = rest.next().and_then(|(_, second)| second.to_digit(16)).ok_or_else(|| wrong(place + 1))?;
        out.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    Ok(Value::Bytes(Arc::from(out)))
}

/// Python looks at these names before it looks at what they are for.
pub(super) fn check_names(names: [&Option<Value>; 2]) -> Result<(), Error> {
    for name in names.into_iter().flatten() {
        match name {
            Value::Str(text) if text.contains('\0') => return Err(value_error("embedded null character")),
            Value::Str(_) => {}
            other => {
                let message = format!("the names of an encoding are str, not {}", other.type_name());
                return Err(type_error(message));
            }
        }
    }
    Ok(())
}

/// `bytes(…)`
pub(super) fn bytes(call: Call, budget: &Budget) -> Result<Value, Error> {
    let [source, encoding, errors] = call.bind("bytes", ["source", "encoding", "errors"], 0)?;
    check_names([&encoding, &errors])?;
    let Some(source) = source else {
        if encoding.is_some() || errors.is_some() {
            return Err(type_error("encoding without a string argument"));
        }
        return Ok(Value::Bytes(Arc::from([])));
    };
    if let Value::Str(text) = &source {
        let Some(encoding) = encoding else { return Err(type_error("string argument without an encoding")) };
        let positional = std::iter::once(encoding).chain(errors).collect();
        return strings::encode(text, Call { positional, keyword: Vec::new() }, budget);
    }
    if encoding.is_some() || errors.is_some() {
        return Err(type_error("encoding without a string argument"));
    }
    match &source {
        Value::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
        Value::Int(_) | Value::Bool(_) => {
            let count = usize::try_from(integer(&source)?).map_err(|_| value_error("negative count"))?;
            budget.reserve(count.saturating_mul(2))?;
            Ok(Value::Bytes(Arc::from(vec![0; count])))
        }
        Value::Float(_) | Value::None => {
            Err(type_error(format!("cannot convert '{}' object to bytes", source.type_name())))
        }
        _ => {
            let items = iterate(&source, budget)?;
            budget.reserve(items.len().saturating_add(shape::ITEM))?;
            let mut out = Vec::with_capacity(items.len());
            for item in items {
                let number = integer(&item)?;
                out.push(u8::try_from(number).map_err(|_| value_error("bytes must be in range(0, 256)"))?);
            }
            Ok(Value::Bytes(Arc::from(out)))
        }
    }
}
