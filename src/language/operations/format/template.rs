//! `'{0} {name!r:>{width}}'.format(…)`.
//!
//! Reads the template; the fields' values go through `format_field`. A specification may hold fields itself,
//! one level deep.

use super::format_field;
use crate::language::Error;
use crate::language::operations::errors::{type_error, value_error};
use crate::language::operations::{Budget, Call, attribute, index, shape, texts};
use crate::value::{Key, Value};

/// Where a field's value comes from.
enum Source<'v> {
    Call(&'v Call),
    /// `format_map`: by name alone.
    Mapping(&'v Value),
}

/// `template.format(…)`
pub(in crate::language::operations) fn text(
    template: &str,
    call: &Call,
    budget: &Budget,
) -> Result<Value, Error> {
    run(template, Source::Call(call), budget)
}

/// `template.format_map(mapping)`
pub(in crate::language::operations) fn mapped(
    template: &str,
    mapping: &Value,
    budget: &Budget,
) -> Result<Value, Error> {
    run(template, Source::Mapping(mapping), budget)
}

fn run(template: &str, source: Source<'_>, budget: &Budget) -> Result<Value, Error> {
    let mut filler = Filler { source, numbering: Numbering::Unknown, budget };
    let text = filler.fill(template, 2)?;
    shape::text(&text, budget)
}

/// Fields are numbered by Python or by the template, not by both.
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

struct Filler<'v> {
    source: Source<'v>,
    numbering: Numbering,
    budget: &'v Budget,
}

impl Filler<'_> {
    fn fill(&mut self, template: &str, levels: usize) -> Result<String, Error> {
        let Some(levels) = levels.checked_sub(1) else {
            return Err(value_error("Max string recursion exceeded"));
        };
        self.budget.reserve(template.len())?;
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(place) = rest.find(['{', '}']) {
            self.budget.tick()?;
            let (before, from) = rest.split_at(place);
            out.push_str(before);
            if let Some(tail) = from.strip_prefix("{{") {
                out.push('{');
                rest = tail;
            } else if let Some(tail) = from.strip_prefix("}}") {
                out.push('}');
                rest = tail;
            } else if from.starts_with('}') {
                return Err(value_error("Single '}' encountered in format string"));
            } else {
                let inner = from.get(1..).unwrap_or_default();
                if inner.is_empty() {
                    return Err(value_error("Single '{' encountered in format string"));
                }
                let end = closing(inner)?;
                let piece = self.field(inner.get(..end).unwrap_or_default(), levels)?;
                self.budget.reserve(piece.len())?;
                out.push_str(&piece);
                rest = inner.get(end + 1..).unwrap_or_default();
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// What stands between the braces.
    fn field(&mut self, field: &str, levels: usize) -> Result<String, Error> {
        let name_end = name_end(field)?;
        let (name, rest) = field.split_at(name_end);
        let (conversion, specification) = match rest.strip_prefix('!') {
            Some(tail) => {
                let mut characters = tail.chars();
                let conversion = characters
                    .next()
                    .ok_or_else(|| value_error("end of string while looking for conversion specifier"))?;
                let tail = characters.as_str();
                match tail.strip_prefix(':') {
                    Some(specification) => (Some(conversion), specification),
                    None if tail.is_empty() => (Some(conversion), ""),
                    None => return Err(value_error("expected ':' after conversion specifier")),
                }
            }
            None => (None, rest.strip_prefix(':').unwrap_or(rest)),
        };
        let value = self.value(name)?;
        if let Some(other) = conversion.filter(|letter| !matches!(letter, 'r' | 's' | 'a')) {
            return Err(value_error(format!("Unknown conversion specifier '{other}'")));
        }
        let specification = if specification.contains(['{', '}']) {
            self.fill(specification, levels)?
        } else {
            specification.to_owned()
        };
        texts::str_text(&format_field(&value, conversion, &specification, self.budget)?, self.budget)
    }

    /// `0`, `name`, nothing; then `.attribute` and `[index]`.
    fn value(&mut self, name: &str) -> Result<Value, Error> {
        let first_end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut rest) = name.split_at(first_end);
        let mut value = self.argument(first)?;
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix('.') {
                let end = tail.find(['.', '[']).unwrap_or(tail.len());
                let (name, tail) = tail.split_at(end);
                if name.is_empty() {
                    return Err(value_error("Empty attribute in format string"));
                }
                value = attribute(&value, name)?;
                rest = tail;
            } else if let Some(tail) = rest.strip_prefix('[') {
                let (key, tail) =
                    tail.split_once(']').ok_or_else(|| value_error("Missing ']' in format string"))?;
                if key.is_empty() {
                    return Err(value_error("Empty attribute in format string"));
                }
                let key = match decimal(key)? {
                    Some(number) => Value::Int(number),
                    None => Value::from(key),
                };
                value = index(&value, &key)?;
                rest = tail;
            } else {
                return Err(value_error("Only '.' or '[' may follow ']' in format field specifier"));
            }
        }
        Ok(value)
    }

    fn argument(&mut self, name: &str) -> Result<Value, Error> {
        let number = if name.is_empty() { Some(self.automatic()?) } else { self.manual(name)? };
        match (&self.source, number) {
            (Source::Call(call), Some(number)) => call.positional.get(number).cloned().ok_or_else(|| {
                value_error(format!("Replacement index {number} out of range for positional args tuple"))
            }),
            (Source::Call(call), None) => {
                let found = call.keyword.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).ok_or_else(|| {
                    value_error(format!(
                        "no key '{}' in the dict",
                        name.chars().take(100).collect::<String>()
                    ))
                })
            }
            (Source::Mapping(_), Some(_)) => Err(value_error("Format string contains positional fields")),
            (Source::Mapping(Value::Dict(entries)), None) => {
                entries.get(&Key::from(name)).cloned().ok_or_else(|| {
                    value_error(format!(
                        "no key '{}' in the dict",
                        name.chars().take(100).collect::<String>()
                    ))
                })
            }
            (Source::Mapping(other), None) => {
                Err(type_error(format!("format_map() needs a dict, not {}", other.type_name())))
            }
        }
    }

    fn automatic(&mut self) -> Result<usize, Error> {
        let number = match self.numbering {
            Numbering::Manual => {
                return Err(value_error(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            Numbering::Unknown => 0,
            Numbering::Automatic(next) => next,
        };
        self.numbering = Numbering::Automatic(number + 1);
        Ok(number)
    }

    fn manual(&mut self, name: &str) -> Result<Option<usize>, Error> {
        let Some(number) = decimal(name)? else { return Ok(None) };
        if matches!(self.numbering, Numbering::Automatic(_)) {
            return Err(value_error(
                "cannot switch from automatic field numbering to manual field specification",
            ));
        }
        self.numbering = Numbering::Manual;
        Ok(usize::try_from(number).ok())
    }
}

/// All of it digits: a number.
fn decimal(text: &str) -> Result<Option<i64>, Error> {
    let mut number: i64 = 0;
    for character in text.chars() {
        let Some(digit) = crate::language::operations::strings::decimal_digit(character) else {
            return Ok(None);
        };
        let next = number.checked_mul(10).and_then(|next| next.checked_add(i64::from(digit)));
        number = next.ok_or_else(|| value_error("Too many decimal digits in format string"))?;
    }
    Ok((!text.is_empty()).then_some(number))
}

/// Where the field ends: the brace that closes it.
fn closing(inner: &str) -> Result<usize, Error> {
    let mut depth = 1;
    let mut in_index = false;
    let mut in_name = true;
    for (place, character) in inner.char_indices() {
        match character {
            '[' if in_name => in_index = true,
            ']' => in_index = false,
            '!' | ':' if !in_index => in_name = false,
            '{' if !in_index => depth += 1,
            '}' if !in_index => {
                depth -= 1;
                if depth == 0 {
                    return Ok(place);
                }
            }
            _ => {}
        }
    }
    Err(value_error("expected '}' before end of string"))
}

/// Where the name ends: before `!` or `:`, unless inside brackets.
fn name_end(field: &str) -> Result<usize, Error> {
    let mut in_index = false;
    for (place, character) in field.char_indices() {
        match character {
            '{' if !in_index => return Err(value_error("unexpected '{' in field name")),
            '[' => in_index = true,
            ']' => in_index = false,
            '!' | ':' if !in_index => return Ok(place),
            _ => {}
        }
    }
    Ok(field.len())
}
