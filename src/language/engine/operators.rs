//! The operators of scripts in Rhai: the same operations as in Python, so that `1/2` is 0.5 there too.

use rhai::{Dynamic, Engine, ImmutableString};

use super::natives::{binary, unary};
use crate::language::Error;
use crate::language::current::{Native, with};
use crate::language::operations::{Binary, Unary};

const OPERATORS: [(&str, Binary); 19] = [
    ("+", Binary::Add),
    ("-", Binary::Sub),
    ("*", Binary::Mul),
    ("/", Binary::TrueDiv),
    ("%", Binary::Mod),
    ("**", Binary::Pow),
    ("&", Binary::And),
    ("|", Binary::Or),
    ("^", Binary::Xor),
    ("<<", Binary::LShift),
    (">>", Binary::RShift),
    ("==", Binary::Eq),
    ("!=", Binary::Ne),
    ("<", Binary::Lt),
    ("<=", Binary::Le),
    (">", Binary::Gt),
    (">=", Binary::Ge),
    ("floordiv", Binary::FloorDiv),
    ("is_same", Binary::Is),
];

const ASSIGNING: [(&str, Binary); 11] = [
    ("+=", Binary::Add),
    ("-=", Binary::Sub),
    ("*=", Binary::Mul),
    ("/=", Binary::TrueDiv),
    ("%=", Binary::Mod),
    ("**=", Binary::Pow),
    ("&=", Binary::And),
    ("|=", Binary::Or),
    ("^=", Binary::Xor),
    ("<<=", Binary::LShift),
    (">>=", Binary::RShift),
];

/// Registers them.
pub fn register(engine: &mut Engine) {
    for (name, operator) in OPERATORS {
        let orders = matches!(operator, Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge);
        engine.register_fn(name, move |left: Dynamic, right: Dynamic| -> Native<Dynamic> {
            if orders && left.is_bool() {
                return with(|_| Err(chained(name)));
            }
            binary(operator, &left, &right)
        });
    }
    for (name, operator) in ASSIGNING {
        engine.register_fn(name, move |left: &mut Dynamic, right: Dynamic| -> Native<()> {
            *left = binary(operator, left, &right)?;
            Ok(())
        });
    }
    engine.register_fn("-", |operand: Dynamic| unary(Unary::Neg, &operand));
    engine.register_fn("+", |operand: Dynamic| unary(Unary::Pos, &operand));
    engine.register_fn("!", |operand: Dynamic| unary(Unary::Not, &operand));
    engine.register_fn("contains", |container: Dynamic, item: Dynamic| -> Native<bool> {
        Ok(binary(Binary::In, &item, &container)?.as_bool().unwrap_or(false))
    });
    // What back-tick strings put into their text.
    engine.register_fn("to_string", |value: Dynamic| -> Native<ImmutableString> {
        with(|current| {
            let value = crate::language::convert::to_value(&value, &current.run.budget)?;
            let text = crate::value::str(&value);
            current.run.budget.reserve(text.len())?;
            Ok(text.into())
        })
    });
}

/// To Rhai `1 < x < 3` is `(1 < x) < 3`, which is always true.
fn chained(operator: &str) -> Error {
    Error::Type(format!(
        "'{operator}' has true or false on its left; comparisons do not chain in a script in Rhai, && joins them"
    ))
}
