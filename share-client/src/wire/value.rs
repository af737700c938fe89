//! A value as the client knows it, and its text.
//!
//! Owns the type and its three forms: Python's `str()` (`Display`), its `repr()`, and the expression that makes
//! it. Pure; uses the atoms in `text` and `moment`.

use std::fmt;

use super::text;
use super::{Date, DateTime, Delta, Time};

/// A value as it is stored on the server and sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// A floating point number of 64 bits.
    Float(f64),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A dict: keys and values in order.
    Dict(Vec<(Value, Value)>),
    /// A set, in the order in which it was written.
    Set(Vec<Value>),
    /// A frozenset, in the order in which it was written.
    FrozenSet(Vec<Value>),
    /// A `datetime.datetime`.
    DateTime(DateTime),
    /// A `datetime.date`.
    Date(Date),
    /// A `datetime.time`.
    Time(Time),
    /// A `datetime.timedelta`.
    Delta(Delta),
}

impl Value {
    /// Python's `repr()` of the value: what it looks like inside a container.
    ///
    /// ```
    /// use share_client::Value;
    ///
    /// assert_eq!(Value::from("it's").repr(), "\"it's\"");
    /// assert_eq!(Value::from("it's").to_string(), "it's");
    /// ```
    #[must_use]
    pub fn repr(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Form::Repr);
        out
    }

    /// The expression that makes the value on the server. Differs from its `repr()` only for floats that Python
    /// has no literal for: `float('inf')`.
    #[must_use]
    pub fn to_expression(&self) -> String {
        let mut out = String::new();
        self.write_expression(&mut out);
        out
    }

    /// Appends what [`Value::to_expression`] gives.
    pub fn write_expression(&self, out: &mut String) {
        self.write(out, Form::Expression);
    }

    /// The value under a text key, if this is a dict that has it.
    ///
    /// ```
    /// use share_client::Value;
    ///
    /// let value: Value = "{'name': 'board', 'pending': 3}".parse()?;
    /// assert_eq!(value.get("pending"), Some(&Value::Int(3)));
    /// # Ok::<(), share_client::wire::LiteralError>(())
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Value::Dict(entries) = self else { return None };
        entries
            .iter()
            .find(|(name, _)| matches!(name, Value::Str(name) if name == key))
            .map(|(_, value)| value)
    }

    /// Python's name of the type, such as `int` or `datetime.datetime`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Tuple(_) => "tuple",
            Value::Dict(_) => "dict",
            Value::Set(_) => "set",
            Value::FrozenSet(_) => "frozenset",
            Value::DateTime(_) => "datetime.datetime",
            Value::Date(_) => "datetime.date",
            Value::Time(_) => "datetime.time",
            Value::Delta(_) => "datetime.timedelta",
        }
    }

    fn write(&self, out: &mut String, form: Form) {
        match self {
            Value::None => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Int(number) => out.push_str(&number.to_string()),
            Value::Float(number) if form == Form::Expression && !number.is_finite() => {
                out.push_str("float('");
                text::write_float(out, *number);
                out.push_str("')");
            }
            Value::Float(number) => text::write_float(out, *number),
            Value::Str(string) => text::write_quoted(out, string),
            Value::Bytes(bytes) => text::write_quoted_bytes(out, bytes),
            Value::List(items) => write_items(out, "[", items, "]", form),
            Value::Tuple(items) if items.len() == 1 => write_items(out, "(", items, ",)", form),
            Value::Tuple(items) => write_items(out, "(", items, ")", form),
            Value::Dict(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    key.write(out, form);
                    out.push_str(": ");
                    value.write(out, form);
                }
                out.push('}');
            }
            Value::Set(members) if members.is_empty() => out.push_str("set()"),
            Value::Set(members) => write_items(out, "{", members, "}", form),
            Value::FrozenSet(members) if members.is_empty() => out.push_str("frozenset()"),
            Value::FrozenSet(members) => write_items(out, "frozenset({", members, "})", form),
            Value::DateTime(moment) => moment.write_repr(out),
            Value::Date(date) => date.write_repr(out),
            Value::Time(time) => time.write_repr(out),
            Value::Delta(delta) => delta.write_repr(out),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Repr,
    Expression,
}

fn write_items(out: &mut String, open: &str, items: &[Value], close: &str, form: Form) {
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        item.write(out, form);
    }
    out.push_str(close);
}

impl fmt::Display for Value {
    /// Python's `str()`: a string stands bare.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        match self {
            Value::Str(text) => return formatter.pad(text),
            Value::DateTime(moment) => moment.write_str(&mut out),
            Value::Date(date) => date.write_str(&mut out),
            Value::Time(time) => time.write_str(&mut out),
            Value::Delta(delta) => delta.write_str(&mut out),
            _ => self.write(&mut out, Form::Repr),
        }
        formatter.pad(&out)
    }
}
