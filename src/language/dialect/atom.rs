//! Atoms and what follows them: literals, names, brackets, comprehensions, calls, subscripts, attributes.
//!
//! Uses the parser beside it.

use super::Fault;
use super::identifier;
use super::parser::{Parser, power};
use super::token::Token;
use super::tree::{Clause, Comprehension, Entry, Expr, Form, Kind, Offset};
use super::words::is_keyword;
use crate::value::Value;

impl Parser<'_> {
    /// An atom with its calls, subscripts and attributes.
    pub(super) fn primary(&mut self) -> Result<Expr, Fault> {
        let mut expr = self.atom()?;
        loop {
            let at = expr.at;
            let below = expr.depth;
            match self.token {
                Token::Sign("(") => expr = self.call(expr)?,
                Token::Sign("[") => {
                    self.advance()?;
                    expr = self.subscript(expr)?;
                }
                Token::Sign(".") => {
                    self.advance()?;
                    let name_at = self.at;
                    let name = self.name("expected an attribute's name")?;
                    if name.starts_with("__") && &*name != "__name__" {
                        let message = format!(
                            "the server does not have '{name}': no attribute begins with two underscores"
                        );
                        return Err(Fault::refused(message, name_at));
                    }
                    expr = self.node(Kind::Attribute(Box::new(expr), name), at, below)?;
                }
                _ => return Ok(expr),
            }
        }
    }

    fn atom(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        match self.token {
            Token::Name("True") => self.literal(Value::Bool(true)),
            Token::Name("False") => self.literal(Value::Bool(false)),
            Token::Name("None") => self.literal(Value::None),
            Token::Name(name) if !is_keyword(name) => {
                let name = identifier::name(name, at)?;
                self.advance()?;
                self.node(Kind::Name(name), at, 0)
            }
            Token::Number(_) => match self.advance()? {
                Token::Number(number) => self.node(Kind::Literal(number), at, 0),
                _ => Err(self.unexpected("expected a number")),
            },
            Token::Magnitude => {
                self.advance()?;
                self.node(Kind::Magnitude, at, 0)
            }
            Token::Text(_) => self.strings(),
            Token::Sign("(") => self.parenthesis(),
            Token::Sign("[") => self.list(),
            Token::Sign("{") => self.braces(),
            Token::Sign("*") => Err(Fault::syntax("can't use a starred expression here", at)),
            _ => Err(self.unexpected("expected an expression")),
        }
    }

    fn literal(&mut self, value: Value) -> Result<Expr, Fault> {
        let at = self.at;
        self.advance()?;
        self.node(Kind::Literal(value), at, 0)
    }

    /// An expression, or a starred one where a display is read.
    pub(super) fn item(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        if self.take_sign("*")? {
            let inner = self.level(power::BIT_OR)?;
            let below = inner.depth;
            return self.node(Kind::Starred(Box::new(inner)), at, below);
        }
        self.expression()
    }

    /// `a`, or a tuple without brackets: `a, b`.
    pub(super) fn expressions(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        let first = self.item()?;
        if !self.is_sign(",") {
            if matches!(first.kind, Kind::Starred(_)) {
                return Err(Fault::syntax("can't use starred expression here", at));
            }
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_sign(",")? {
            if self.ends_expression() {
                break;
            }
            items.push(self.item()?);
        }
        self.display(items, at, Kind::Tuple)
    }

    fn ends_expression(&self) -> bool {
        match &self.token {
            Token::Newline | Token::End => true,
            Token::Sign(sign) => {
                matches!(*sign, ")" | "]" | "}" | ":" | "!" | ";") || (sign.ends_with('=') && *sign != "==")
            }
            _ => false,
        }
    }

    fn display(&self, items: Vec<Expr>, at: Offset, make: fn(Vec<Expr>) -> Kind) -> Result<Expr, Fault> {
        let below = items.iter().map(|item| item.depth).max().unwrap_or(0);
        self.node(make(items), at, below)
    }

    /// The rest of a display up to its bracket, after its first item.
    fn rest_of_display(&mut self, first: Expr, close: &str) -> Result<Vec<Expr>, Fault> {
        let mut items = vec![first];
        while !self.take_sign(close)? {
            self.separator(close)?;
            if self.take_sign(close)? {
                break;
            }
            items.push(self.item()?);
        }
        Ok(items)
    }

    pub(super) fn separator(&mut self, close: &str) -> Result<(), Fault> {
        if self.take_sign(",")? {
            Ok(())
        } else {
            Err(self.unexpected(&format!("expected ',' or '{close}'")))
        }
    }

    fn parenthesis(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        self.advance()?;
        if self.take_sign(")")? {
            return self.node(Kind::Tuple(Vec::new()), at, 0);
        }
        let first = self.item()?;
        if self.is_word("for") || self.is_word("async") {
            let generator = self.comprehension(Form::Generator, first, None, at)?;
            self.expect_sign(")")?;
            return Ok(generator);
        }
        if self.is_sign(",") {
            let items = self.rest_of_display(first, ")")?;
            return self.display(items, at, Kind::Tuple);
        }
        if matches!(first.kind, Kind::Starred(_)) {
            return Err(Fault::syntax("cannot use starred expression here", at));
        }
        if self.take_sign(")")? { Ok(first) } else { Err(self.unexpected("expected ')'")) }
    }

    fn list(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        self.advance()?;
        if self.take_sign("]")? {
            return self.node(Kind::List(Vec::new()), at, 0);
        }
        let first = self.item()?;
        if self.is_word("for") || self.is_word("async") {
            let list = self.comprehension(Form::List, first, None, at)?;
            self.expect_sign("]")?;
            return Ok(list);
        }
        let items = self.rest_of_display(first, "]")?;
        self.display(items, at, Kind::List)
    }

    fn braces(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        self.advance()?;
        if self.take_sign("}")? {
            return self.node(Kind::Dict(Vec::new()), at, 0);
        }
        if self.is_sign("**") {
            return self.dict(Vec::new(), at);
        }
        let first = self.item()?;
        let starred = matches!(first.kind, Kind::Starred(_));
        if self.is_sign(":") && !starred {
            self.advance()?;
            let value = self.expression()?;
            if self.is_word("for") || self.is_word("async") {
                let dict = self.comprehension(Form::Dict, first, Some(value), at)?;
                self.expect_sign("}")?;
                return Ok(dict);
            }
            if !self.is_sign("}") {
                self.separator("}")?;
            }
            return self.dict(vec![Entry::Pair(first, value)], at);
        }
        if self.is_word("for") || self.is_word("async") {
            let set = self.comprehension(Form::Set, first, None, at)?;
            self.expect_sign("}")?;
            return Ok(set);
        }
        let items = self.rest_of_display(first, "}")?;
        self.display(items, at, Kind::Set)
    }

    fn dict(&mut self, mut entries: Vec<Entry>, at: Offset) -> Result<Expr, Fault> {
        while !self.take_sign("}")? {
            if self.take_sign("**")? {
                entries.push(Entry::Spread(self.level(power::BIT_OR)?));
            } else {
                let key = self.expression()?;
                self.expect_sign(":")?;
                entries.push(Entry::Pair(key, self.expression()?));
            }
            if !self.is_sign("}") {
                self.separator("}")?;
            }
        }
        let below = entries.iter().map(|entry| match entry {
            Entry::Pair(key, value) => key.depth.max(value.depth),
            Entry::Spread(mapping) => mapping.depth,
        });
        let below = below.max().unwrap_or(0);
        self.node(Kind::Dict(entries), at, below)
    }

    /// The clauses of a comprehension, from its first `for` on.
    pub(super) fn comprehension(
        &mut self,
        form: Form,
        element: Expr,
        value: Option<Expr>,
        at: Offset,
    ) -> Result<Expr, Fault> {
        if matches!(element.kind, Kind::Starred(_)) {
            return Err(Fault::syntax("iterable unpacking cannot be used in comprehension", element.at));
        }
        let mut below = element.depth.max(value.as_ref().map_or(0, |value| value.depth));
        let mut clauses = Vec::new();
        loop {
            if self.take_word("for")? {
                let target = self.loop_target()?;
                if !self.take_word("in")? {
                    return Err(self.unexpected("expected 'in'"));
                }
                let iterable = self.level(power::OR)?;
                below = below.max(iterable.depth);
                clauses.push(Clause::For(target, iterable));
            } else if self.is_word("if") && !clauses.is_empty() {
                self.advance()?;
                let condition = self.level(power::OR)?;
                below = below.max(condition.depth);
                clauses.push(Clause::If(condition));
            } else if self.is_word("async") {
                return Err(self.unexpected("expected 'for'"));
            } else {
                break;
            }
        }
        // Each clause is a block in the block before.
        let nested = u16::try_from(clauses.len()).unwrap_or(u16::MAX);
        let below = below.saturating_add(nested);
        self.node(Kind::Comprehension(Box::new(Comprehension { form, element, value, clauses })), at, below)
    }

    fn subscript(&mut self, base: Expr) -> Result<Expr, Fault> {
        let at = base.at;
        let mut below = base.depth;
        if self.is_sign("]") {
            return Err(self.unexpected("expected an index"));
        }
        let mut bounds: [Option<Expr>; 3] = [None, None, None];
        let mut sliced = false;
        for bound in &mut bounds {
            if ![":", "]", ","].iter().any(|sign| self.is_sign(sign)) {
                let expr = if sliced { self.expression()? } else { self.index()? };
                below = below.max(expr.depth);
                *bound = Some(expr);
            }
            if !self.take_sign(":")? {
                break;
            }
            sliced = true;
        }
        if self.is_sign(",") {
            return Err(several_slices(self.at));
        }
        self.expect_sign("]")?;
        if sliced {
            return self.node(Kind::Slice(Box::new(base), Box::new(bounds)), at, below);
        }
        let [Some(index), ..] = bounds else { return Err(self.unexpected("expected an index")) };
        self.node(Kind::Index(Box::new(base), Box::new(index)), at, below)
    }

    /// An index may be a tuple without brackets: `d[1, 2]`.
    fn index(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        let first = self.item()?;
        if !self.is_sign(",") && !matches!(first.kind, Kind::Starred(_)) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.take_sign(",")? {
            if self.is_sign("]") {
                break;
            }
            if self.is_sign(":") {
                return Err(several_slices(self.at));
            }
            items.push(self.item()?);
        }
        if self.is_sign(":") && items.len() > 1 {
            return Err(several_slices(self.at));
        }
        if self.is_sign(":") {
            return Err(self.unexpected("expected ']'"));
        }
        self.display(items, at, Kind::Tuple)
    }
}

fn several_slices(at: Offset) -> Fault {
    Fault::refused("the server does not have several slices in one index", at)
}
