//! Statements: the outermost grammar of a text.
//!
//! Uses the parser beside it. Knows which names can never be assigned by grammar; which names the server owns is
//! the resolver's business.

use super::lexer::Lexer;
use super::parser::Parser;
use super::target::from_expression;
use super::token::Token;
use super::tree::{Expr, Offset, Statement, Target};
use super::{Fault, FaultKind};
use crate::language::operations::Binary;

/// The statements of a text.
///
/// # Errors
/// Where the text is no Python that is spoken here.
pub fn parse(text: &str) -> Result<Vec<Statement>, Fault> {
    let mut parser = Parser::new(Lexer::new(text), 0, 0)?;
    // Most texts are one.
    let mut statements = Vec::with_capacity(1);
    let mut indentation = None;
    let mut begins_line = true;
    loop {
        match parser.token {
            Token::Newline => {
                parser.advance()?;
                begins_line = true;
            }
            Token::End => return Ok(statements),
            _ => {
                if begins_line
                    && *indentation.get_or_insert(before(text, parser.at)) != before(text, parser.at)
                {
                    return Err(Fault::syntax(
                        "unexpected indent: a line begins where the first one does",
                        parser.at,
                    ));
                }
                begins_line = false;
                statements.push(parser.statement()?);
                if parser.take_sign(";")? {
                    if parser.is_sign(";") {
                        return Err(parser.unexpected("invalid syntax: expected a statement"));
                    }
                } else if !matches!(parser.token, Token::Newline | Token::End) {
                    return Err(parser.unexpected("invalid syntax: expected the end of the expression"));
                }
            }
        }
    }
}

/// What stands before the place in its line.
fn before(text: &str, at: Offset) -> &str {
    let before = usize::try_from(at).ok().and_then(|at| text.get(..at)).unwrap_or(text);
    before.rfind(['\n', '\r']).and_then(|newline| before.get(newline + 1..)).unwrap_or(before)
}

impl Parser<'_> {
    fn statement(&mut self) -> Result<Statement, Fault> {
        let Token::Name(word) = self.token else { return self.simple() };
        match word {
            "import" => self.import(),
            "from" => {
                let message = "the server does not have 'from … import'; modules are there without import";
                Err(Fault { kind: FaultKind::Name, message: message.into(), at: self.at })
            }
            "pass" => {
                self.advance()?;
                Ok(Statement::Nothing)
            }
            "del" => self.delete(),
            "if" | "else" => {
                let message =
                    format!("the server does not have '{word}' statements; 'x if condition else y' may do");
                Err(Fault::refused(message, self.at))
            }
            _ => self.simple(),
        }
    }

    fn import(&mut self) -> Result<Statement, Fault> {
        self.advance()?;
        loop {
            let at = self.at;
            let mut name = self.name("expected a module's name")?.into_string();
            while self.take_sign(".")? {
                name = format!("{name}.{}", self.name("expected a module's name")?);
            }
            if !crate::language::modules::is_module(&name) {
                return Err(Fault {
                    kind: FaultKind::Name,
                    message: format!("the server does not have a module '{name}'"),
                    at,
                });
            }
            if self.is_word("as") {
                return Err(Fault::refused("the server does not have 'import … as'", self.at));
            }
            if !self.take_sign(",")? {
                return Ok(Statement::Nothing);
            }
        }
    }

    fn delete(&mut self) -> Result<Statement, Fault> {
        self.advance()?;
        let targets = self.expressions()?;
        let mut flat = Vec::new();
        flatten(from_expression(targets)?, &mut flat)?;
        Ok(Statement::Delete(flat))
    }

    fn simple(&mut self) -> Result<Statement, Fault> {
        let first = self.expressions()?;
        let Token::Sign(sign) = self.token else { return Ok(Statement::Expression(first)) };
        if sign == "=" {
            return self.assignment(first);
        }
        if sign == ":" {
            return Err(Fault::refused("the server does not have annotations", self.at));
        }
        let Some(operator) = augmented(sign) else { return Ok(Statement::Expression(first)) };
        let at = first.at;
        let target = match from_expression(first)? {
            target @ (Target::Name(..) | Target::Index(..)) => target,
            Target::Several(..) | Target::Starred(_) => {
                return Err(Fault::syntax("an augmented assignment has one target", at));
            }
        };
        self.advance()?;
        let value = self.expressions()?;
        Ok(Statement::Augment(target, operator, value))
    }

    fn assignment(&mut self, first: Expr) -> Result<Statement, Fault> {
        let mut sides = vec![first];
        let mut targets = Vec::new();
        while self.take_sign("=")? {
            let side = self.expressions()?;
            targets.extend(sides.pop().map(from_expression).transpose()?);
            sides.push(side);
        }
        match sides.pop() {
            Some(value) => Ok(Statement::Assign(targets, value)),
            None => Err(self.unexpected("expected a value")),
        }
    }
}

fn flatten(target: Target, into: &mut Vec<Target>) -> Result<(), Fault> {
    match target {
        Target::Several(targets) => targets.into_iter().try_for_each(|target| flatten(target, into)),
        Target::Starred(_) => Err(Fault::syntax("cannot delete starred", 0)),
        target => {
            into.push(target);
            Ok(())
        }
    }
}

fn augmented(sign: &str) -> Option<Binary> {
    Some(match sign {
        "+=" => Binary::Add,
        "-=" => Binary::Sub,
        "*=" => Binary::Mul,
        "/=" => Binary::TrueDiv,
        "//=" => Binary::FloorDiv,
        "%=" => Binary::Mod,
        "**=" => Binary::Pow,
        "&=" => Binary::And,
        "|=" => Binary::Or,
        "^=" => Binary::Xor,
        "<<=" => Binary::LShift,
        ">>=" => Binary::RShift,
        _ => return None,
    })
}
