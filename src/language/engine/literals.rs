//! Numbers in scripts that do not fit into 64 bits: Rhai would make a float of one, or wrap it round.
//!
//! Owns that refusal alone.

use std::cell::RefCell;

use rhai::{AST, Engine, LexError, ParseError, Position, Token};

use crate::language::operations::BEYOND;

thread_local! {
    /// The lines of the text that this thread compiles, where a number in them could have been wrapped round.
    static LINES: RefCell<Vec<Vec<char>>> = const { RefCell::new(Vec::new()) };
}

/// Looks at every number of a script while it is read.
pub fn watch(engine: &mut Engine) {
    #[expect(deprecated, reason = "Rhai calls the callback volatile, not deprecated")]
    engine.on_parse_token(|token, position, _| {
        let fits = match &token {
            Token::IntegerConstant(number) => *number >= 0 || !is_hexadecimal(position),
            Token::FloatConstant(constant) => constant.1.contains(['.', 'e', 'E']),
            _ => true,
        };
        if fits { token } else { Token::LexError(Box::new(LexError::Runtime(String::from(BEYOND)))) }
    });
}

/// Compiles a script.
///
/// # Errors
/// As Rhai has them, and a number that does not fit.
pub fn compile(engine: &Engine, text: &str) -> Result<AST, ParseError> {
    let has_other_bases = ["0x", "0X", "0o", "0O", "0b", "0B"].iter().any(|base| text.contains(base));
    if has_other_bases {
        let lines = text.split('\n').map(|line| line.chars().collect()).collect();
        LINES.with(|cell| cell.replace(lines));
    }
    let ast = engine.compile(text);
    LINES.with(|cell| cell.replace(Vec::new()));
    ast
}

/// Whether the number there, or octal or binary, begins with a digit: with a sign before it none is read.
fn is_hexadecimal(position: Position) -> bool {
    let (Some(line), Some(column)) = (position.line(), position.position()) else { return false };
    LINES.with(|cell| {
        let lines = cell.borrow();
        let line = line.checked_sub(1).and_then(|line| lines.get(line));
        let first = line.zip(column.checked_sub(1)).and_then(|(line, column)| line.get(column));
        first.is_some_and(char::is_ascii_digit)
    })
}
