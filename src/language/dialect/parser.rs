//! The Pratt parser: operators by their binding power, the conditional expression and lambda.
//!
//! Owns precedence and the bound on nesting. Atoms, calls, targets and statements are in the files beside it.

use super::Fault;
use super::identifier;
use super::lexer::Lexer;
use super::token::Token;
use super::tree::{Conditional, Expr, Kind, Lambda, Offset};
use crate::language::operations::{Binary, Unary};
use crate::value::Value;

/// How deep expressions may stand in each other. 64 brackets fit, and every recursion over a tree on the smallest
/// stack.
pub const NESTING_MAX: u16 = 160;
/// How deep the parser calls itself: a bracket with a prefix operator before it takes two calls.
const RECURSION_MAX: u16 = 132;

/// Binding powers, weakest first.
pub mod power {
    /// `or`
    pub const OR: u8 = 1;
    /// `and`
    pub const AND: u8 = 2;
    /// `not`
    pub const NOT: u8 = 3;
    /// `<`, `in`, `is` and so on
    pub const COMPARE: u8 = 4;
    /// `|`
    pub const BIT_OR: u8 = 5;
    /// `^`
    pub const BIT_XOR: u8 = 6;
    /// `&`
    pub const BIT_AND: u8 = 7;
    /// `<<` and `>>`
    pub const SHIFT: u8 = 8;
    /// `+` and `-`
    pub const SUM: u8 = 9;
    /// `*`, `/`, `//` and `%`
    pub const PRODUCT: u8 = 10;
    /// Prefix `-`, `+` and `~`
    pub const UNARY: u8 = 11;
    /// `**`
    pub const POWER: u8 = 12;
}

/// What stands between two operands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Infix {
    Or,
    And,
    Compare(Binary),
    Left(Binary, u8),
    Power,
}

impl Infix {
    fn power(self) -> u8 {
        match self {
            Infix::Or => power::OR,
            Infix::And => power::AND,
            Infix::Compare(_) => power::COMPARE,
            Infix::Left(_, power) => power,
            Infix::Power => power::POWER,
        }
    }
}

/// Reads one text, or one field of an f-string.
pub struct Parser<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) token: Token<'a>,
    pub(super) at: Offset,
    depth: u16,
    /// How many f-strings stand around this text.
    pub(super) formats: u8,
}

impl<'a> Parser<'a> {
    /// A parser at the text's first token.
    ///
    /// # Errors
    /// Where that is none.
    pub fn new(lexer: Lexer<'a>, depth: u16, formats: u8) -> Result<Parser<'a>, Fault> {
        let mut parser = Parser { lexer, token: Token::End, at: 0, depth, formats };
        parser.advance()?;
        Ok(parser)
    }

    /// Goes to the next token; the one before is given back.
    pub(super) fn advance(&mut self) -> Result<Token<'a>, Fault> {
        let (token, at) = self.lexer.token()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self.token, Token::Sign(token) if token == sign)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.token, Token::Name(token) if token == word)
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> Result<bool, Fault> {
        let found = self.is_sign(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn take_word(&mut self, word: &str) -> Result<bool, Fault> {
        let found = self.is_word(word);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take_sign(sign)? { Ok(()) } else { Err(self.unexpected(&format!("expected '{sign}'"))) }
    }

    /// What is wrong with the token here.
    pub(super) fn unexpected(&self, otherwise: &str) -> Fault {
        match &self.token {
            Token::Sign(":=") => Fault::refused("the server does not have ':=' (walrus)", self.at),
            Token::Sign("@" | "@=") => Fault::refused("the server does not have '@'", self.at),
            Token::Sign("...") => Fault::refused("the server does not have '...' (Ellipsis)", self.at),
            Token::Sign("=") => Fault::syntax(
                "invalid syntax: an assignment cannot stand here; maybe you meant '=='",
                self.at,
            ),
            Token::Name(word) => match super::words::refused_word(word) {
                Some(message) => Fault::refused(message, self.at),
                None => Fault::syntax(format!("{otherwise}, not '{word}'"), self.at),
            },
            Token::Sign(sign) => Fault::syntax(format!("{otherwise}, not '{sign}'"), self.at),
            Token::Text(_) => Fault::syntax(format!("{otherwise}, not a string"), self.at),
            Token::Number(_) | Token::Magnitude => {
                Fault::syntax(format!("{otherwise}, not a number"), self.at)
            }
            Token::Newline | Token::End => {
                Fault::syntax(format!("{otherwise}; the expression ends too early"), self.at)
            }
        }
    }

    /// A node above others, unless the tree is too deep by it.
    pub(super) fn node(&self, kind: Kind, at: Offset, below: u16) -> Result<Expr, Fault> {
        if below >= NESTING_MAX {
            return Err(too_deep());
        }
        Ok(Expr { kind, at, depth: below + 1 })
    }

    /// One level of recursion more; whoever enters takes one off `depth` again.
    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        if self.depth >= RECURSION_MAX {
            return Err(too_deep());
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn depth(&self) -> u16 {
        self.depth
    }

    /// One expression: anything but a bare tuple or a starred one.
    pub(super) fn expression(&mut self) -> Result<Expr, Fault> {
        if self.is_word("lambda") {
            self.enter()?;
            let lambda = self.lambda();
            self.leave();
            return lambda;
        }
        let value = self.level(power::OR)?;
        if !self.is_word("if") {
            return Ok(value);
        }
        self.enter()?;
        let conditional = self.conditional(value);
        self.leave();
        conditional
    }

    fn conditional(&mut self, value: Expr) -> Result<Expr, Fault> {
        let at = value.at;
        self.advance()?;
        let condition = self.level(power::OR)?;
        if !self.take_word("else")? {
            return Err(self.unexpected("expected 'else' after 'if' expression"));
        }
        let other = self.expression()?;
        let below = value.depth.max(condition.depth).max(other.depth);
        self.node(Kind::Conditional(Box::new(Conditional { condition, value, other })), at, below)
    }

    fn lambda(&mut self) -> Result<Expr, Fault> {
        let at = self.at;
        self.advance()?;
        let mut parameters: Vec<Box<str>> = Vec::new();
        while !self.take_sign(":")? {
            if self.is_sign("*") || self.is_sign("**") || self.is_sign("/") {
                return Err(Fault::refused(
                    "the server does not have '*' and '/' in the parameters of a lambda",
                    self.at,
                ));
            }
            let name = self.name("expected a parameter's name")?;
            if self.is_sign("=") {
                return Err(Fault::refused("the server does not have default values in a lambda", self.at));
            }
            if parameters.iter().any(|parameter| **parameter == *name) {
                return Err(Fault::syntax(format!("duplicate argument '{name}' in lambda"), at));
            }
            parameters.push(name);
            if !self.is_sign(":") {
                self.expect_sign(",")?;
            }
        }
        let body = self.expression()?;
        let below = body.depth;
        self.node(Kind::Lambda(Box::new(Lambda { parameters, body })), at, below)
    }

    /// A name that is no keyword.
    pub(super) fn name(&mut self, otherwise: &str) -> Result<Box<str>, Fault> {
        match self.token {
            Token::Name(name) if !super::words::is_keyword(name) => {
                let name = identifier::name(name, self.at)?;
                self.advance()?;
                Ok(name)
            }
            _ => Err(self.unexpected(otherwise)),
        }
    }

    /// Operands and operators that bind at least as strongly as `least`.
    pub(super) fn level(&mut self, least: u8) -> Result<Expr, Fault> {
        self.enter()?;
        let expr = self.operands(least);
        self.leave();
        expr
    }

    fn operands(&mut self, least: u8) -> Result<Expr, Fault> {
        let mut left = self.prefix(least)?;
        while let Some(infix) = self.infix()? {
            if infix.power() < least {
                break;
            }
            left = if infix == Infix::Power { self.power(left)? } else { self.run_of(left, infix)? };
        }
        Ok(left)
    }

    fn power(&mut self, base: Expr) -> Result<Expr, Fault> {
        let at = base.at;
        self.advance()?;
        let exponent = self.level(power::UNARY)?;
        let below = base.depth.max(exponent.depth);
        self.node(Kind::Binary(Box::new(base), vec![(Binary::Pow, exponent)]), at, below)
    }

    fn prefix(&mut self, least: u8) -> Result<Expr, Fault> {
        let at = self.at;
        let operator = match self.token {
            Token::Sign("-") => Unary::Neg,
            Token::Sign("+") => Unary::Pos,
            Token::Sign("~") => Unary::Invert,
            Token::Name("not") if least <= power::NOT => Unary::Not,
            _ => return self.primary(),
        };
        self.advance()?;
        let operand = self.level(if operator == Unary::Not { power::NOT } else { power::UNARY })?;
        if operator == Unary::Neg && matches!(operand.kind, Kind::Magnitude) {
            return self.node(Kind::Literal(Value::Int(i64::MIN)), at, 0);
        }
        let below = operand.depth;
        self.node(Kind::Unary(operator, Box::new(operand)), at, below)
    }

    /// A run of operators of the same precedence, whose first operand is known.
    fn run_of(&mut self, left: Expr, first: Infix) -> Result<Expr, Fault> {
        let at = left.at;
        let mut below = left.depth;
        let strength = first.power();
        let mut operands = Vec::new();
        let mut infix = Some(first);
        while let Some(next) = infix.filter(|infix| infix.power() == strength) {
            self.take_infix(next)?;
            let right = self.level(strength + 1)?;
            below = below.max(right.depth);
            let operator = match next {
                Infix::Compare(operator) | Infix::Left(operator, _) => operator,
                Infix::Or | Infix::And | Infix::Power => Binary::Or,
            };
            operands.push((operator, right));
            infix = self.infix()?;
        }
        let kind = match first {
            Infix::Compare(_) => Kind::Compare(Box::new(left), operands),
            Infix::Left(..) | Infix::Power => Kind::Binary(Box::new(left), operands),
            Infix::Or | Infix::And => {
                let mut all = Vec::with_capacity(operands.len() + 1);
                all.push(left);
                all.extend(operands.into_iter().map(|(_, operand)| operand));
                if first == Infix::Or { Kind::Or(all) } else { Kind::And(all) }
            }
        };
        self.node(kind, at, below)
    }

    /// `not in` and `is not` are two tokens.
    fn take_infix(&mut self, infix: Infix) -> Result<(), Fault> {
        self.advance()?;
        match infix {
            Infix::Compare(Binary::NotIn) if !self.take_word("in")? => {
                Err(self.unexpected("expected 'in' after 'not'"))
            }
            Infix::Compare(Binary::IsNot) => self.advance().map(|_| ()),
            _ => Ok(()),
        }
    }

    fn infix(&self) -> Result<Option<Infix>, Fault> {
        Ok(Some(match self.token {
            Token::Sign(sign) => match sign {
                "**" => Infix::Power,
                "*" => Infix::Left(Binary::Mul, power::PRODUCT),
                "/" => Infix::Left(Binary::TrueDiv, power::PRODUCT),
                "//" => Infix::Left(Binary::FloorDiv, power::PRODUCT),
                "%" => Infix::Left(Binary::Mod, power::PRODUCT),
                "+" => Infix::Left(Binary::Add, power::SUM),
                "-" => Infix::Left(Binary::Sub, power::SUM),
                "<<" => Infix::Left(Binary::LShift, power::SHIFT),
                ">>" => Infix::Left(Binary::RShift, power::SHIFT),
                "&" => Infix::Left(Binary::And, power::BIT_AND),
                "^" => Infix::Left(Binary::Xor, power::BIT_XOR),
                "|" => Infix::Left(Binary::Or, power::BIT_OR),
                "==" => Infix::Compare(Binary::Eq),
                "!=" => Infix::Compare(Binary::Ne),
                "<" => Infix::Compare(Binary::Lt),
                "<=" => Infix::Compare(Binary::Le),
                ">" => Infix::Compare(Binary::Gt),
                ">=" => Infix::Compare(Binary::Ge),
                _ => return Ok(None),
            },
            Token::Name("or") => Infix::Or,
            Token::Name("and") => Infix::And,
            Token::Name("in") => Infix::Compare(Binary::In),
            Token::Name("not") => Infix::Compare(Binary::NotIn),
            Token::Name("is") => {
                let (next, _) = self.lexer.clone().token()?;
                Infix::Compare(if matches!(next, Token::Name("not")) { Binary::IsNot } else { Binary::Is })
            }
            _ => return Ok(None),
        }))
    }
}

fn too_deep() -> Fault {
    Fault {
        kind: super::FaultKind::Limit,
        message: format!("the expression is nested too deeply: its depth may be {NESTING_MAX}"),
        at: 0,
    }
}
