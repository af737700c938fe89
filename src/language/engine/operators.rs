//! The operators of scripts in Rhai: the same operations as in Python, so that `1/2` is 0.5 there too.

use rhai::{Dynamic, Engine, ImmutableString};

use super::natives::{binary, unary};
use crate::language::current::Native;
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
        engine.register_fn(name, move |left: Dynamic, right: Dynamic| binary(operator, &left, &right));
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
        crate::language::current::with(|current| {
            let value = crate::language::convert::to_value(&value, &current.run.budget)?;
            let text = crate::value::str(&value);
            current.run.budget.reserve(text.len())?;
            Ok(text.into())
        })
    });
}
