//! `json.dumps`: a value as JSON, as Python writes it.

use crate::language::operations::{self, Call};
use crate::language::{Budget, Error};
use crate::value::{self, DEPTH_MAX, Dict, Value};

/// How the text looks.
struct Layout {
    ascii: bool,
    nan: bool,
    sorted: bool,
    skips_keys: bool,
    /// What one level is moved in by; None is all in one line.
    indent: Option<String>,
    item_separator: String,
    key_separator: String,
}

struct Writer<'b> {
    layout: Layout,
    out: String,
    /// How much of the text was taken from the budget.
    counted: usize,
    budget: &'b Budget,
}

fn type_error(message: impl Into<String>) -> Error {
    Error::Type(message.into())
}

/// `json.dumps(value, …)`
pub fn dumps(call: Call, budget: &Budget) -> Result<Value, Error> {
    let names = [
        "obj",
        "*skipkeys",
        "*ensure_ascii",
        "*check_circular",
        "*allow_nan",
        "*cls",
        "*indent",
        "*separators",
        "*default",
        "*sort_keys",
    ];
    let [obj, skips_keys, ascii, _, nan, class, indent, separators, default, sorted] =
        call.bind("dumps", names, 1)?;
    for (name, value) in [("cls", class), ("default", default)] {
        if value.is_some_and(|value| !matches!(value, Value::None)) {
            return Err(type_error(format!("the server's json.dumps() takes no {name}=")));
        }
    }
    let indent = match indent {
        None | Some(Value::None) => None,
        Some(Value::Str(text)) => Some(text.to_string()),
        Some(value) => {
            let count = usize::try_from(operations::integer(&value)?).unwrap_or(0);
            budget.reserve(count)?;
            Some(" ".repeat(count))
        }
    };
    let (item_separator, key_separator) = separated(separators, indent.is_some(), budget)?;
    let truth = |value: Option<Value>, default: bool| value.map_or(default, |value| value.truth());
    let layout = Layout {
        ascii: truth(ascii, true),
        nan: truth(nan, true),
        sorted: truth(sorted, false),
        skips_keys: truth(skips_keys, false),
        indent,
        item_separator,
        key_separator,
    };
    let mut writer = Writer { layout, out: String::new(), counted: 0, budget };
    writer.value(&obj.unwrap_or(Value::None), 0)?;
    writer.count()?;
    Ok(Value::from(writer.out))
}

fn separated(given: Option<Value>, indented: bool, budget: &Budget) -> Result<(String, String), Error> {
    let Some(given) = given.filter(|given| !matches!(given, Value::None)) else {
        return Ok((String::from(if indented { "," } else { ", " }), String::from(": ")));
    };
    match operations::iterate(&given, budget)?.as_slice() {
        [Value::Str(item), Value::Str(key)] => Ok((item.to_string(), key.to_string())),
        [_, _] => Err(type_error("json.dumps(): the separators must be str")),
        _ => Err(Error::Value(String::from("json.dumps(): separators must be two"))),
    }
}

impl Writer<'_> {
    /// Takes what was written since the last time from the budget.
    fn count(&mut self) -> Result<(), Error> {
        let new = self.out.len() - self.counted;
        self.counted = self.out.len();
        self.budget.reserve(new)
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        self.count()?;
        match value {
            Value::None => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => {
                let text = self.float(*number)?;
                self.out.push_str(&text);
            }
            Value::Str(text) => self.text(text)?,
            Value::List(_) | Value::Tuple(_) | Value::Dict(_) if depth > DEPTH_MAX => {
                return Err(Error::Limit(format!("containers may be nested {DEPTH_MAX} deep")));
            }
            Value::List(items) | Value::Tuple(items) => self.array(items, depth)?,
            Value::Dict(entries) => self.object(entries, depth)?,
            other => {
                let name = other.type_name();
                let name = name.rsplit('.').next().unwrap_or(name);
                return Err(type_error(format!("Object of type {name} is not JSON serializable")));
            }
        }
        Ok(())
    }

    fn float(&self, number: f64) -> Result<String, Error> {
        if number.is_finite() {
            return Ok(value::str(&Value::Float(number)));
        }
        if !self.layout.nan {
            return Err(Error::Value(String::from("Out of range float values are not JSON compliant")));
        }
        Ok(String::from(match number {
            number if number.is_nan() => "NaN",
            number if number > 0.0 => "Infinity",
            _ => "-Infinity",
        }))
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        // Escaped, a byte is up to six.
        if self.budget.remaining() < text.len() {
            self.budget.reserve(text.len())?;
        }
        self.out.push('"');
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                ' '..='~' => self.out.push(character),
                '\u{7f}'.. if !self.layout.ascii => self.out.push(character),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
            if self.out.len() - self.counted > 65_536 {
                self.count()?;
            }
        }
        self.out.push('"');
        Ok(())
    }

    fn line(&mut self, depth: usize) {
        if let Some(indent) = &self.layout.indent {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str(indent);
            }
        }
    }

    fn array(&mut self, items: &[Value], depth: usize) -> Result<(), Error> {
        self.out.push('[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                self.out.push_str(&self.layout.item_separator);
            }
            self.line(depth + 1);
            self.value(item, depth + 1)?;
        }
        if !items.is_empty() {
            self.line(depth);
        }
        self.out.push(']');
        Ok(())
    }

    fn object(&mut self, entries: &Dict, depth: usize) -> Result<(), Error> {
        self.out.push('{');
        let mut pairs: Vec<(&Value, &Value)> = Vec::new();
        if self.layout.sorted {
            self.budget.reserve(entries.len().saturating_mul(64))?;
            let keys = Value::list(entries.keys().map(|key| key.value().clone()).collect());
            let call = Call { positional: vec![keys], keyword: Vec::new() };
            for key in operations::iterate(&operations::builtin("sorted", call, self.budget)?, self.budget)? {
                let entry = value::Key::new(key).ok().and_then(|key| entries.get_key_value(&key));
                pairs.extend(entry.map(|(key, value)| (key.value(), value)));
            }
        } else {
            self.budget.reserve(entries.len().saturating_mul(16))?;
            pairs.extend(entries.iter().map(|(key, value)| (key.value(), value)));
        }
        let mut first = true;
        if !entries.is_empty() {
            self.line(depth + 1);
        }
        for (key, value) in pairs {
            let Some(key) = self.key(key)? else { continue };
            if !first {
                self.out.push_str(&self.layout.item_separator);
                self.line(depth + 1);
            }
            first = false;
            self.text(&key)?;
            self.out.push_str(&self.layout.key_separator);
            self.value(value, depth + 1)?;
        }
        // As Python does even where all keys were skipped.
        if !entries.is_empty() {
            self.line(depth);
        }
        self.out.push('}');
        Ok(())
    }

    fn key(&self, key: &Value) -> Result<Option<String>, Error> {
        Ok(Some(match key {
            Value::Str(text) => text.to_string(),
            Value::Bool(truth) => String::from(if *truth { "true" } else { "false" }),
            Value::None => String::from("null"),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => self.float(*number)?,
            _ if self.layout.skips_keys => return Ok(None),
            other => {
                let name = other.type_name();
                let name = name.rsplit('.').next().unwrap_or(name);
                return Err(type_error(format!("keys must be str, int, float, bool or None, not {name}")));
            }
        }))
    }
}
