//! `re.I` and its kin: numbers with names.

use std::any::Any;
use std::sync::Arc;

use crate::language::Error;
use crate::language::operations::{Binary, integer};
use crate::value::{Opaque, Value};

use super::syntax::flag;

/// Flags as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flags(u32);

const NAMES: [(u32, &str); 7] = [
    (flag::IGNORECASE, "IGNORECASE"),
    (flag::LOCALE, "LOCALE"),
    (flag::MULTILINE, "MULTILINE"),
    (flag::DOTALL, "DOTALL"),
    (flag::UNICODE, "UNICODE"),
    (flag::VERBOSE, "VERBOSE"),
    (flag::ASCII, "ASCII"),
];

pub(super) fn constant(name: &str) -> Option<Value> {
    let bits = match name {
        "NOFLAG" => 0,
        "I" => flag::IGNORECASE,
        "M" => flag::MULTILINE,
        "S" => flag::DOTALL,
        "U" => flag::UNICODE,
        "X" => flag::VERBOSE,
        "A" => flag::ASCII,
        "LOCALE" => return None,
        name => NAMES.iter().find(|(_, known)| *known == name)?.0,
    };
    Some(value(bits))
}

/// The flags as a value.
pub(super) fn value(bits: u32) -> Value {
    Value::Opaque(Arc::new(Flags(bits)))
}

/// The bits, where the value is flags.
pub(super) fn of(value: &Value) -> Option<u32> {
    match value {
        Value::Opaque(opaque) => opaque.as_any().downcast_ref::<Flags>().map(|flags| flags.0),
        _ => None,
    }
}

/// The bits of an argument: flags, or a number.
pub(super) fn argument(value: Option<&Value>) -> Result<u32, Error> {
    let Some(value) = value else { return Ok(0) };
    if let Some(bits) = of(value) {
        return Ok(bits);
    }
    let known = NAMES.iter().fold(0, |all, (bits, _)| all | bits);
    let number = integer(value)?;
    let bits = u32::try_from(number).ok().filter(|bits| bits & !known == 0);
    bits.ok_or_else(|| Error::Value(format!("the server has no patterns with the flags {number}")))
}

/// `re.I | re.M`
pub(super) fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    if of(left).is_none() && of(right).is_none() {
        return None;
    }
    let bits = |value: &Value| of(value).or_else(|| u32::try_from(integer(value).ok()?).ok());
    let (left, right) = (bits(left)?, bits(right)?);
    Some(Ok(value(match operator {
        Binary::Or => left | right,
        Binary::And => left & right,
        Binary::Xor => left ^ right,
        _ => return None,
    })))
}

/// The names, joined.
pub(super) fn names(bits: u32) -> String {
    let mut left = bits;
    let mut names = Vec::new();
    for (bit, name) in NAMES {
        if bits & bit != 0 {
            names.push(format!("re.{name}"));
            left &= !bit;
        }
    }
    if left != 0 {
        names.push(format!("0x{left:x}"));
    }
    names.join("|")
}

impl Opaque for Flags {
    fn type_name(&self) -> &'static str {
        "RegexFlag"
    }

    fn repr(&self) -> String {
        if self.0 == 0 { String::from("re.NOFLAG") } else { names(self.0) }
    }

    fn truth(&self) -> bool {
        self.0 != 0
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        other.as_any().downcast_ref::<Flags>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
