//! The arguments of a call.
//!
//! Uses the parser beside it; knows no function and no signature.

use super::Fault;
use super::identifier;
use super::parser::Parser;
use super::token::Token;
use super::tree::{CallExpr, Expr, Form, Kind};

impl Parser<'_> {
    /// A call's arguments from their bracket on.
    pub(super) fn call(&mut self, callee: Expr) -> Result<Expr, Fault> {
        let at = callee.at;
        let mut below = callee.depth;
        let mut positional: Vec<Expr> = Vec::new();
        let mut keyword: Vec<(Box<str>, Expr)> = Vec::new();
        self.advance()?;
        while !self.take_sign(")")? {
            if self.is_sign("*") || self.is_sign("**") {
                return Err(Fault::refused("the server does not have '*' and '**' in calls", self.at));
            }
            let argument_at = self.at;
            if let Some(name) = self.keyword_name()? {
                let value = self.expression()?;
                below = below.max(value.depth);
                if keyword.iter().any(|(other, _)| *other == name) {
                    return Err(Fault::syntax(format!("keyword argument repeated: {name}"), argument_at));
                }
                keyword.push((name, value));
            } else {
                let mut argument = self.expression()?;
                if self.is_word("for") || self.is_word("async") {
                    argument = self.comprehension(Form::Generator, argument, None, argument_at)?;
                    if !positional.is_empty() || !keyword.is_empty() || !self.is_sign(")") {
                        let message = "a generator expression must be parenthesized if not sole argument";
                        return Err(Fault::syntax(message, argument_at));
                    }
                }
                if !keyword.is_empty() {
                    let message = "positional argument follows keyword argument";
                    return Err(Fault::syntax(message, argument_at));
                }
                below = below.max(argument.depth);
                positional.push(argument);
            }
            if !self.is_sign(")") {
                self.separator(")")?;
            }
        }
        self.node(Kind::Call(Box::new(CallExpr { callee, positional, keyword })), at, below)
    }

    /// `name=`, taken, where that stands here.
    fn keyword_name(&mut self) -> Result<Option<Box<str>>, Fault> {
        let Token::Name(name) = self.token else { return Ok(None) };
        if super::words::is_keyword(name) {
            return Ok(None);
        }
        let (next, _) = self.lexer.clone().token()?;
        if !matches!(next, Token::Sign("=")) {
            return Ok(None);
        }
        let name = identifier::name(name, self.at)?;
        self.advance()?;
        self.advance()?;
        Ok(Some(name))
    }
}
