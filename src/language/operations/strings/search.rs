//! `find`, `index`, `count`, `startswith`, `endswith`, `replace`, `removeprefix`, `removesuffix`.
//!
//! Places are counted in characters; bytes are an inside matter.

use memchr::memchr_iter;

use crate::language::Error;
use crate::language::operations::arguments::{bound_or, integer_or, text};
use crate::language::operations::errors::{type_error, value_error};
use crate::language::operations::indexing::character_count;
use crate::language::operations::{Budget, Call, shape};
use crate::value::Value;

pub(super) fn method(own: &str, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    budget.tick()?;
    match name {
        "replace" => {
            let [old, new, count] = call.bind(name, ["/old", "/new", "/count"], 2)?;
            let (old, new) = (old.unwrap_or(Value::None), new.unwrap_or(Value::None));
            let count = usize::try_from(integer_or(count.as_ref(), -1)?).unwrap_or(usize::MAX);
            replace(own, text(name, &old)?, text(name, &new)?, count, budget)
        }
        "removeprefix" | "removesuffix" => {
            let part = call.one(name)?;
            let part = text(name, &part)?;
            let rest = if name == "removeprefix" { own.strip_prefix(part) } else { own.strip_suffix(part) };
            shape::text(rest.unwrap_or(own), budget)
        }
        _ => {
            let [part, start, stop] = call.bind(name, ["/sub", "/start", "/end"], 1)?;
            let part = part.unwrap_or(Value::None);
            let window = Window::of(own, start.as_ref(), stop.as_ref())?;
            match name {
                "startswith" | "endswith" => affix(&window, &part, name, budget),
                _ => look(&window, text(name, &part)?, name),
            }
        }
    }
}

/// The part of the text that is searched.
struct Window<'t> {
    text: &'t str,
    /// The character at which it starts.
    start: usize,
    /// The start lies behind the end (of the text, or of the window): not even nothing is found there.
    empty: bool,
}

impl<'t> Window<'t> {
    fn of(own: &'t str, start: Option<&Value>, stop: Option<&Value>) -> Result<Window<'t>, Error> {
        if matches!(start, None | Some(Value::None)) && matches!(stop, None | Some(Value::None)) {
            return Ok(Window { text: own, start: 0, empty: false });
        }
        let count = i64::try_from(character_count(own)).unwrap_or(i64::MAX);
        let placed = |bound: i64| if bound < 0 { bound.saturating_add(count).max(0) } else { bound };
        let start = placed(bound_or(start, 0)?);
        let stop = placed(bound_or(stop, count)?).min(count);
        let empty = start > stop;
        let first = usize::try_from(start.min(count)).unwrap_or(0);
        let last = usize::try_from(stop).unwrap_or(0).max(first);
        let byte = |place: usize| {
            if own.is_ascii() {
                place
            } else {
                own.char_indices().nth(place).map_or(own.len(), |(byte, _)| byte)
            }
        };
        Ok(Window { text: own.get(byte(first)..byte(last)).unwrap_or_default(), start: first, empty })
    }
}

fn affix(window: &Window<'_>, part: &Value, name: &str, budget: &Budget) -> Result<Value, Error> {
    let ends = |part: &Value| match part {
        Value::Str(part) if name == "startswith" => Ok(!window.empty && window.text.starts_with(&**part)),
        Value::Str(part) => Ok(!window.empty && window.text.ends_with(&**part)),
        other => Err(type_error(format!(
            "{name} first arg must be str or a tuple of str, not {}",
            other.type_name()
        ))),
    };
    let Value::Tuple(parts) = part else { return ends(part).map(Value::Bool) };
    for part in parts.iter() {
        budget.work(window.text.len())?;
        if ends(part)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn look(window: &Window<'_>, part: &str, name: &str) -> Result<Value, Error> {
    if name == "count" {
        let count = if window.empty { 0 } else { occurrences(window.text, part) };
        return crate::language::operations::arguments::length(count);
    }
    let found = match (window.empty, name) {
        (true, _) => None,
        (false, "find" | "index") => window.text.find(part),
        (false, _) => window.text.rfind(part),
    };
    match found {
        Some(byte) => {
            let before = window.text.get(..byte).unwrap_or_default();
            crate::language::operations::arguments::length(window.start + character_count(before))
        }
        None if name.ends_with("find") => Ok(Value::Int(-1)),
        None => Err(value_error("substring not found")),
    }
}

fn occurrences(text: &str, part: &str) -> usize {
    match part.as_bytes() {
        // Between all characters, and at both ends.
        [] => character_count(text) + 1,
        [byte] => memchr_iter(*byte, text.as_bytes()).count(),
        _ => text.matches(part).count(),
    }
}

fn replace(own: &str, old: &str, new: &str, count: usize, budget: &Budget) -> Result<Value, Error> {
    let found = occurrences(own, old).min(count);
    let bytes = (own.len() - found.saturating_mul(old.len())).saturating_add(found.saturating_mul(new.len()));
    // Once here, once as a value.
    budget.reserve(bytes.saturating_mul(2))?;
    let (mut replaced, mut rest) = (String::with_capacity(bytes), 0);
    for (place, _) in own.match_indices(old).take(found) {
        replaced.push_str(own.get(rest..place).unwrap_or_default());
        replaced.push_str(new);
        rest = place + old.len();
    }
    replaced.push_str(own.get(rest..).unwrap_or_default());
    Ok(Value::from(replaced))
}
