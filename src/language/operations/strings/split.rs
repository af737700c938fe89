//! `split`, `rsplit`, `splitlines`, `partition`, `rpartition`.

use crate::language::Error;
use crate::language::operations::arguments::{integer_or, text};
use crate::language::operations::errors::value_error;
use crate::language::operations::{Budget, Call, shape};
use crate::value::Value;

use super::classes::is_space;

pub(super) fn method(own: &str, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "split" | "rsplit" => {
            let [separator, most] = call.bind(name, ["sep", "maxsplit"], 0)?;
            let most = usize::try_from(integer_or(most.as_ref(), -1)?).unwrap_or(usize::MAX);
            let from_end = name == "rsplit";
            match separator {
                None | Some(Value::None) => by_blanks(own, most, from_end, budget),
                Some(separator) => {
                    let separator = text(name, &separator)?;
                    if separator.is_empty() {
                        return Err(value_error("empty separator"));
                    }
                    by(own, separator, most, from_end, budget)
                }
            }
        }
        "splitlines" => {
            let [keep] = call.bind(name, ["keepends"], 0)?;
            let keep = integer_or(keep.as_ref(), 0)?;
            i32::try_from(keep).map_err(|_| value_error("keepends does not fit into 32 bits"))?;
            lines(own, keep != 0, budget)
        }
        _ => {
            let separator = call.one(name)?;
            let separator = text(name, &separator)?;
            if separator.is_empty() {
                return Err(value_error("empty separator"));
            }
            let found = if name == "partition" { own.find(separator) } else { own.rfind(separator) };
            let parts = match found {
                Some(place) => {
                    let (before, from) = own.split_at(place);
                    [before, separator, from.get(separator.len()..).unwrap_or_default()]
                }
                None if name == "partition" => [own, "", ""],
                None => ["", "", own],
            };
            let parts = parts.into_iter().map(|part| shape::text(part, budget)).collect::<Result<_, _>>()?;
            Ok(Value::tuple(parts))
        }
    }
}

fn pieces<'t>(found: impl Iterator<Item = &'t str>, from_end: bool, budget: &Budget) -> Result<Value, Error> {
    let mut items = Vec::new();
    for piece in found {
        budget.reserve(3 * shape::ITEM)?;
        items.push(shape::text(piece, budget)?);
    }
    if from_end {
        items.reverse();
    }
    Ok(Value::list(items))
}

fn by(own: &str, separator: &str, most: usize, from_end: bool, budget: &Budget) -> Result<Value, Error> {
    let most = most.saturating_add(1);
    if from_end {
        pieces(own.rsplitn(most, separator), true, budget)
    } else {
        pieces(own.splitn(most, separator), false, budget)
    }
}

fn by_blanks(own: &str, most: usize, from_end: bool, budget: &Budget) -> Result<Value, Error> {
    let mut rest = own;
    let mut left = most;
    let words = std::iter::from_fn(|| {
        rest = if from_end { rest.trim_end_matches(is_space) } else { rest.trim_start_matches(is_space) };
        if rest.is_empty() {
            return None;
        }
        if left == 0 {
            // What remains is one piece, trimmed on the far side only where Python trims it: not at all.
            return Some(std::mem::take(&mut rest));
        }
        left -= 1;
        let (word, tail) = if from_end {
            match rest.char_indices().rev().find(|(_, character)| is_space(*character)) {
                Some((place, character)) => (
                    rest.get(place + character.len_utf8()..).unwrap_or_default(),
                    rest.get(..place).unwrap_or_default(),
                ),
                None => (rest, ""),
            }
        } else {
            rest.split_at(rest.find(is_space).unwrap_or(rest.len()))
        };
        rest = tail;
        Some(word)
    });
    pieces(words, from_end, budget)
}

/// What ends a line.
pub(super) fn is_line_end(character: char) -> bool {
    matches!(character, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn lines(own: &str, keep: bool, budget: &Budget) -> Result<Value, Error> {
    let mut rest = own;
    let lines = std::iter::from_fn(|| {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(is_line_end).unwrap_or(rest.len());
        let (line, from) = rest.split_at(end);
        let breaks = if from.starts_with("\r\n") { 2 } else { from.chars().next().map_or(0, char::len_utf8) };
        let shown = if keep { rest.get(..end + breaks).unwrap_or(line) } else { line };
        rest = from.get(breaks..).unwrap_or_default();
        Some(shown)
    });
    pieces(lines, false, budget)
}
