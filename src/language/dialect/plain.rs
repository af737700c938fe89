//! A call of literals, taken from the lexer as it stands: most texts are one, each time another, and need no tree.
//!
//! Owns no grammar: the tokens are the lexer's, and what they do not make plain is left to the parser. Knows no
//! function.

use smallvec::SmallVec;

use super::lexer::Lexer;
use super::token::Token;
use crate::language::operations::{self, Unary};
use crate::value::Value;

/// More arguments than any function takes.
const ARGUMENTS_MAX: usize = 16;

/// The arguments: most calls have no more than fit in here.
pub type Literals = SmallVec<[Value; 4]>;

/// What is called, as `known` finds it, and the arguments. Nothing where `known` finds nothing, which is to know no
/// keyword, and where the text is anything but a name and literals in brackets, or may be.
pub fn plain_call<F>(text: &str, known: impl FnOnce(&str) -> Option<F>) -> Option<(F, Literals)> {
    // Before anything is read: the other texts shall not pay for these.
    text.as_bytes().first().filter(|first| first.is_ascii_alphabetic())?;
    let mut lexer = Lexer::new(text);
    let Token::Name(name) = next(&mut lexer)? else { return None };
    let called = known(name)?;
    let Token::Sign("(") = next(&mut lexer)? else { return None };
    let mut arguments = Literals::new();
    let mut token = next(&mut lexer)?;
    if !matches!(token, Token::Sign(")")) {
        loop {
            arguments.push(literal(token, &mut lexer)?);
            match next(&mut lexer)? {
                Token::Sign(")") => break,
                Token::Sign(",") if arguments.len() < ARGUMENTS_MAX => token = next(&mut lexer)?,
                _ => return None,
            }
        }
    }
    matches!(next(&mut lexer)?, Token::End).then_some((called, arguments))
}

fn next<'a>(lexer: &mut Lexer<'a>) -> Option<Token<'a>> {
    lexer.token().ok().map(|(token, _)| token)
}

fn literal<'a>(token: Token<'a>, lexer: &mut Lexer<'a>) -> Option<Value> {
    match token {
        Token::Text(text) => text.is_plain().then(|| Value::from(text.body)),
        Token::Number(number) => Some(number),
        Token::Sign("-") => match next(lexer)? {
            Token::Number(number) => operations::unary(Unary::Neg, &number).ok(),
            _ => None,
        },
        Token::Name("True") => Some(Value::Bool(true)),
        Token::Name("False") => Some(Value::Bool(false)),
        Token::Name("None") => Some(Value::None),
        _ => None,
    }
}
