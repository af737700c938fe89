//! What can be assigned to: the targets of assignments, of `del` and of comprehensions.
//!
//! Uses the parser beside it; does not know which names are taken.

use super::Fault;
use super::parser::Parser;
use super::token::Token;
use super::tree::{Expr, Kind, Offset, Target};

impl Parser<'_> {
    /// The target between `for` and `in`.
    pub(super) fn loop_target(&mut self) -> Result<Target, Fault> {
        let at = self.at;
        let first = self.one_loop_target()?;
        if !self.is_sign(",") {
            return match first {
                Target::Starred(_) => Err(starred_alone(at)),
                target => Ok(target),
            };
        }
        let mut targets = vec![first];
        while self.take_sign(",")? {
            if self.is_word("in") {
                break;
            }
            targets.push(self.one_loop_target()?);
        }
        several(targets, at)
    }

    fn one_loop_target(&mut self) -> Result<Target, Fault> {
        let at = self.at;
        if self.take_sign("*")? {
            if self.is_sign("*") {
                return Err(self.unexpected("expected a name after '*'"));
            }
            return Ok(Target::Starred(Box::new(self.one_loop_target()?)));
        }
        let close = match self.token {
            Token::Sign("(") => ")",
            Token::Sign("[") => "]",
            _ => return Ok(Target::Name(self.name("expected a name after 'for'")?, at)),
        };
        self.advance()?;
        self.enter()?;
        let target = self.bracketed_targets(close, at);
        self.leave();
        target
    }

    fn bracketed_targets(&mut self, close: &str, at: Offset) -> Result<Target, Fault> {
        let mut targets = Vec::new();
        let mut comma = close == "]";
        while !self.take_sign(close)? {
            targets.push(self.one_loop_target()?);
            if !self.is_sign(close) {
                self.separator(close)?;
                comma = true;
            }
        }
        match (comma, targets.len()) {
            (false, 1) if matches!(targets.first(), Some(Target::Starred(_))) => Err(starred_alone(at)),
            (false, 1) => targets.pop().ok_or_else(|| starred_alone(at)),
            _ => several(targets, at),
        }
    }
}

fn several(targets: Vec<Target>, at: Offset) -> Result<Target, Fault> {
    if targets.iter().filter(|target| matches!(target, Target::Starred(_))).count() > 1 {
        return Err(Fault::syntax("multiple starred expressions in assignment", at));
    }
    Ok(Target::Several(targets))
}

fn starred_alone(at: Offset) -> Fault {
    Fault::syntax("starred assignment target must be in a list or tuple", at)
}

/// The target that an expression is, left of `=`.
pub fn from_expression(expr: Expr) -> Result<Target, Fault> {
    match expr.kind {
        Kind::Starred(_) => Err(starred_alone(expr.at)),
        _ => any(expr),
    }
}

fn any(expr: Expr) -> Result<Target, Fault> {
    let at = expr.at;
    let what = match expr.kind {
        Kind::Name(name) => return Ok(Target::Name(name, at)),
        Kind::Index(base, index) => return Ok(Target::Index(*base, *index)),
        Kind::Tuple(items) | Kind::List(items) => {
            let targets = items.into_iter().map(any).collect::<Result<Vec<_>, _>>()?;
            return several(targets, at);
        }
        Kind::Starred(inner) => return Ok(Target::Starred(Box::new(any(*inner)?))),
        Kind::Slice(base, bounds) => {
            let depth = bounds.iter().flatten().map(|bound| bound.depth).max().unwrap_or(0);
            return Ok(Target::Index(*base, Expr { kind: Kind::Bounds(bounds), at, depth }));
        }
        Kind::Attribute(..) => {
            return Err(Fault::refused("the server does not have assignment to attributes", at));
        }
        Kind::Literal(value) => match value {
            crate::value::Value::None => "None",
            crate::value::Value::Bool(true) => "True",
            crate::value::Value::Bool(false) => "False",
            _ => "literal",
        },
        Kind::Call(_) => "function call",
        Kind::Comprehension(_) => "comprehension",
        Kind::Conditional(_) => "conditional expression",
        Kind::Lambda(_) => "lambda",
        Kind::Compare(..) => "comparison",
        Kind::Format(_) => "f-string expression",
        Kind::Dict(_) => "dict literal",
        Kind::Set(_) => "set display",
        _ => "expression",
    };
    Err(Fault::syntax(format!("cannot assign to {what}"), at))
}
