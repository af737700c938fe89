//! One call of literals, taken apart without being run: for a session's first line.

use super::dialect::tree::{Kind, Statement};
use super::{Error, dialect};
use crate::value::Value;

/// A call whose arguments are literals.
#[derive(Clone, Debug, PartialEq)]
pub struct LiteralCall {
    /// The function's name.
    pub name: String,
    /// The arguments in order.
    pub positional: Vec<Value>,
    /// The arguments by name.
    pub keyword: Vec<(String, Value)>,
}

/// The text as a call of literals; `None` where it is something else.
///
/// # Errors
/// `syntax` where it is no expression.
pub fn literal_call(text: &str) -> Result<Option<LiteralCall>, Error> {
    let mut statements = dialect::parse(text).map_err(|fault| fault.into_error(text))?;
    let Some(Statement::Expression(expr)) = statements.pop().filter(|_| statements.is_empty()) else {
        return Ok(None);
    };
    let Kind::Call(call) = expr.kind else { return Ok(None) };
    let literal = |expr: dialect::tree::Expr| match expr.kind {
        Kind::Literal(value) => Some(value),
        _ => None,
    };
    let Kind::Name(name) = call.callee.kind else { return Ok(None) };
    let positional: Option<Vec<Value>> = call.positional.into_iter().map(literal).collect();
    let keyword: Option<Vec<(String, Value)>> =
        call.keyword.into_iter().map(|(name, expr)| Some((name.into(), literal(expr)?))).collect();
    Ok(positional.zip(keyword).map(|(positional, keyword)| LiteralCall {
        name: name.into(),
        positional,
        keyword,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_call_of_literals_is_taken_apart() {
        let call = literal_call(" session( 'a', form = \"text\" ) ").unwrap().unwrap();
        assert_eq!(call.name, "session");
        assert_eq!(call.positional, [Value::from("a")]);
        assert_eq!(call.keyword, [("form".to_owned(), Value::from("text"))]);
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["session", "session(x)", "session() + 1", "a.session()", "x = session()", "1; session()"]
        {
            assert_eq!(literal_call(text).unwrap(), None, "{text}");
        }
        assert!(literal_call("session('a'").is_err());
    }
}
