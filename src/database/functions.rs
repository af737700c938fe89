//! Built-in functions of SQLite that are replaced: `trim`, `ltrim` and `rtrim` with a set of characters take the
//! product of both lengths there, minutes in one step that nothing can stop. Here they take the sum.

use std::collections::HashSet;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// Puts the replacements in place of SQLite's.
pub(super) fn install(connection: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for (name, left, right) in [("trim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
        connection.create_scalar_function(name, 2, flags, move |context| {
            let (Some(text), Some(set)) = (text(context, 0), text(context, 1)) else { return Ok(None) };
            let set: HashSet<char> = set.chars().collect();
            let mut rest = text.as_str();
            if left {
                rest = rest.trim_start_matches(|character| set.contains(&character));
            }
            if right {
                rest = rest.trim_end_matches(|character| set.contains(&character));
            }
            Ok(Some(rest.to_owned()))
        })?;
    }
    Ok(())
}

/// The argument as text, as SQLite would cast it.
fn text(context: &Context<'_>, argument: usize) -> Option<String> {
    match context.get_raw(argument) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(real(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// A float in the fewest digits that tell it from its neighbours. SQLite writes some in 17 digits instead, which only
/// shows where somebody trims a number.
fn real(number: f64) -> String {
    if number == 0.0 {
        return "0.0".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    let text = format!("{number:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..17).contains(&exponent) {
        let text = format!("{number}");
        return if text.contains('.') { text } else { text + ".0" };
    }
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}
