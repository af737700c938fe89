//! `strip`, `center`, `ljust`, `rjust`, `zfill`, `expandtabs`.

use crate::language::Error;
use crate::language::operations::arguments::{integer, integer_or, text};
use crate::language::operations::errors::{type_error, value_error};
use crate::language::operations::format::padded;
use crate::language::operations::indexing::character_count;
use crate::language::operations::{Budget, Call, shape};
use crate::value::Value;

use super::classes::is_space;

pub(super) fn method(own: &str, name: &str, call: Call, budget: &Budget) -> Result<Value, Error> {
    match name {
        "strip" | "lstrip" | "rstrip" => {
            let [wanted] = call.bind(name, ["/chars"], 0)?;
            strip(own, name, wanted.as_ref(), budget)
        }
        "zfill" => {
            let width = width(&call.one(name)?)?;
            let missing = width.saturating_sub(character_count(own));
            let signed = own.starts_with(['+', '-']);
            let (sign, digits) = own.split_at(usize::from(signed));
            let digits = padded(digits, '0', missing, 0, budget)?;
            shape::text(&[sign, &digits].concat(), budget)
        }
        "expandtabs" => {
            let [size] = call.bind(name, ["tabsize"], 0)?;
            let size = integer_or(size.as_ref(), 8)?;
            i32::try_from(size).map_err(|_| value_error("the tab size does not fit into 32 bits"))?;
            let size = usize::try_from(size).unwrap_or(0);
            expand(own, size, budget)
        }
        _ => {
            let [wide, fill] = call.bind(name, ["/width", "/fillchar"], 1)?;
            let wide = width(&wide.unwrap_or(Value::None))?;
            let fill = match &fill {
                None => ' ',
                Some(fill) => one_character(text(name, fill)?)?,
            };
            let missing = wide.saturating_sub(character_count(own));
            let (before, after) = match name {
                "ljust" => (0, missing),
                "rjust" => (missing, 0),
                _ => {
                    let before = missing / 2 + (missing & wide & 1);
                    (before, missing - before)
                }
            };
            padded(own, fill, before, after, budget).map(Value::from)
        }
    }
}

fn width(value: &Value) -> Result<usize, Error> {
    Ok(usize::try_from(integer(value)?).unwrap_or(0))
}

fn one_character(text: &str) -> Result<char, Error> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(type_error("The fill character must be exactly one character long")),
    }
}

fn strip(own: &str, name: &str, wanted: Option<&Value>, budget: &Budget) -> Result<Value, Error> {
    let chosen = match wanted {
        None | Some(Value::None) => None,
        Some(wanted) => Some(text(name, wanted)?),
    };
    // Each end is as costly as the set is long.
    budget.tick()?;
    let goes =
        |character: char| chosen.map_or_else(|| is_space(character), |chosen| chosen.contains(character));
    let mut rest = own;
    if name != "rstrip" {
        rest = stepwise(rest, goes, false, budget)?;
    }
    if name != "lstrip" {
        rest = stepwise(rest, goes, true, budget)?;
    }
    shape::text(rest, budget)
}

fn stepwise<'t>(
    text: &'t str,
    goes: impl Fn(char) -> bool,
    from_end: bool,
    budget: &Budget,
) -> Result<&'t str, Error> {
    let mut rest = text.chars();
    loop {
        budget.tick()?;
        let before = rest.as_str();
        match if from_end { rest.next_back() } else { rest.next() } {
            Some(character) if goes(character) => {}
            _ => return Ok(before),
        }
    }
}

fn expand(own: &str, size: usize, budget: &Budget) -> Result<Value, Error> {
    let mut out = String::new();
    budget.reserve(own.len())?;
    let mut column = 0;
    for character in own.chars() {
        match character {
            '\t' => {
                let blanks = if size == 0 { 0 } else { size - column % size };
                budget.reserve(blanks.saturating_mul(2))?;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            _ => {
                out.push(character);
                column = if matches!(character, '\n' | '\r') { 0 } else { column + 1 };
            }
        }
    }
    shape::text(&out, budget)
}
