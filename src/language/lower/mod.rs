//! Lowering: a tree becomes Rhai source in which every Python operation is a call of one of our own functions.
//!
//! Owns the shape of that source. Everything is one expression of Rhai's: calls in calls, and blocks with variables
//! of their own for what decides or repeats, so that the order of evaluation is the text's, the source is no deeper
//! than the tree, and no scope grows with the text. Nothing of Rhai's own operators decides what a Python text means.
//! Uses the tree and the names; runs nothing.

mod branches;
mod calls;
mod changes;
mod loops;

use std::fmt::Write;

use super::dialect::Fault;
use super::dialect::tree::{Entry, Expr, Kind, Piece, Statement};
use super::names::{self, NameValue, Names};
use super::operations::{Binary, Unary};
use super::{analysis, modules};
use crate::value::Value;

/// Rhai source and the constants that it names by number.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// The source.
    pub source: String,
    /// What `__k(n)` means.
    pub constants: Vec<Value>,
}

/// The longest source: what is longer takes longer to compile than an expression may run.
const SOURCE_BYTES_MAX: usize = 524_288;
/// Runs of operators that are longer are written as a series of steps, not as calls in calls.
const NESTED_OPERATORS_MAX: usize = 6;

/// Writes the source.
struct Lowering<'n> {
    names: &'n Names,
    constants: Vec<Value>,
    next: u32,
    /// The variables of comprehensions and lambdas: what each is called in the source.
    locals: Vec<(Box<str>, String)>,
    /// Where those of the innermost comprehension begin: a name in it is one variable, however often it is bound.
    scope: usize,
    /// Values read in this statement are held, because something in it changes a value in place.
    holds: bool,
}

/// Source that is an expression.
type Source = Result<String, Fault>;

/// Lowers the statements.
///
/// # Errors
/// What only shows now to be refused.
pub fn lower(statements: &[Statement], names: &Names) -> Result<Lowered, Fault> {
    let mut lowering =
        Lowering { names, constants: Vec::new(), next: 0, locals: Vec::new(), scope: 0, holds: false };
    let mut source = String::new();
    let mut last = lowering.constant(&Value::from("OK"));
    for (number, statement) in statements.iter().enumerate() {
        lowering.holds = analysis::has_inner_change(statement, names);
        let is_last = number + 1 == statements.len();
        match statement {
            Statement::Expression(expr) if is_last => last = lowering.expr(expr)?,
            Statement::Expression(expr) => {
                let _ = writeln!(source, "__drop({});", lowering.expr(expr)?);
            }
            statement => source.push_str(&lowering.statement(statement)?),
        }
        if lowering.holds && !is_last {
            source.push_str("__release();\n");
        }
    }
    source.push_str(&last);
    if source.len() > SOURCE_BYTES_MAX {
        return Err(Fault {
            kind: super::dialect::FaultKind::Limit,
            message: String::from("the expression has too many branches and loops"),
            at: 0,
        });
    }
    Ok(Lowered { source, constants: lowering.constants })
}

/// The native function of a binary operator.
pub fn binary_name(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "__add",
        Binary::Sub => "__sub",
        Binary::Mul => "__mul",
        Binary::TrueDiv => "__truediv",
        Binary::FloorDiv => "__floordiv",
        Binary::Mod => "__mod",
        Binary::Pow => "__pow",
        Binary::And => "__and",
        Binary::Or => "__or",
        Binary::Xor => "__xor",
        Binary::LShift => "__lshift",
        Binary::RShift => "__rshift",
        Binary::Eq => "__eq",
        Binary::Ne => "__ne",
        Binary::Lt => "__lt",
        Binary::Le => "__le",
        Binary::Gt => "__gt",
        Binary::Ge => "__ge",
        Binary::In => "__in",
        Binary::NotIn => "__not_in",
        Binary::Is => "__is",
        Binary::IsNot => "__is_not",
    }
}

/// The native function of a prefix operator.
pub fn unary_name(operator: Unary) -> &'static str {
    match operator {
        Unary::Neg => "__neg",
        Unary::Pos => "__pos",
        Unary::Invert => "__invert",
        Unary::Not => "__not",
    }
}

impl Lowering<'_> {
    /// A variable that nothing else is called.
    fn fresh(&mut self, letter: char) -> String {
        self.next += 1;
        format!("{letter}{}", self.next)
    }

    /// Operands that are evaluated in order.
    fn operands<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Result<Vec<String>, Fault> {
        exprs.into_iter().map(|expr| self.operand(expr)).collect()
    }

    fn operand(&mut self, expr: &Expr) -> Source {
        match &expr.kind {
            Kind::Starred(inner) => Ok(format!("__spread({})", self.expr(inner)?)),
            _ => self.expr(expr),
        }
    }

    /// The source of a constant.
    fn constant(&mut self, value: &Value) -> String {
        match value {
            Value::None => String::from("()"),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) if *number >= 0 => number.to_string(),
            Value::Str(text) if plain(text) => format!("\"{text}\""),
            value => {
                self.constants.push(value.clone());
                format!("__k({})", self.constants.len() - 1)
            }
        }
    }

    fn held(&self, source: String) -> String {
        if self.holds { format!("__hold({source})") } else { source }
    }

    fn local(&self, name: &str) -> Option<&str> {
        self.locals.iter().rev().find(|(local, _)| **local == *name).map(|(_, source)| source.as_str())
    }

    /// Lowers where the value itself is used up at once, so that it need not be held.
    fn consumed(&mut self, expr: &Expr) -> Source {
        let simple = match &expr.kind {
            Kind::Name(_) => true,
            Kind::Index(_, index) => matches!(index.kind, Kind::Literal(_) | Kind::Name(_)),
            _ => false,
        };
        let holds = self.holds;
        self.holds = holds && !simple;
        let source = self.expr(expr);
        self.holds = holds;
        source
    }

    fn expr(&mut self, expr: &Expr) -> Source {
        match &expr.kind {
            Kind::Literal(value) => Ok(self.constant(value)),
            Kind::Magnitude => Err(Fault::too_big()),
            Kind::Name(name) => Ok(self.name(name)),
            Kind::Format(pieces) => self.format(pieces),
            Kind::List(items) => Ok(packed("__list", &self.operands(items)?)),
            Kind::Tuple(items) => Ok(packed("__tuple", &self.operands(items)?)),
            Kind::Set(items) => Ok(packed("__set", &self.operands(items)?)),
            Kind::Dict(entries) => self.dict(entries),
            Kind::Starred(inner) => self.expr(inner),
            Kind::Comprehension(comprehension) => self.comprehension(comprehension),
            Kind::Unary(operator, operand) => {
                Ok(format!("{}({})", unary_name(*operator), self.consumed(operand)?))
            }
            Kind::Binary(first, rest) => self.binary(first, rest),
            Kind::Compare(first, rest) => self.compare(first, rest),
            Kind::And(operands) => self.junction(operands, "__truth"),
            Kind::Or(operands) => self.junction(operands, "__false"),
            Kind::Conditional(parts) => self.conditional(parts),
            Kind::Lambda(_) => Err(Fault::refused("a lambda cannot stand here", expr.at)),
            Kind::Call(call) => self.call(call),
            Kind::Index(base, index) => self.index(base, index),
            Kind::Slice(base, bounds) => {
                let base = self.expr(base)?;
                self.slice("__slice", Some(base), bounds)
            }
            Kind::Bounds(bounds) => self.slice("__bounds", None, bounds),
            Kind::Attribute(base, name) => self.attribute(expr, base, name),
        }
    }

    fn binary(&mut self, first: &Expr, rest: &[(Binary, Expr)]) -> Source {
        let mut source = self.expr(first)?;
        if rest.len() <= NESTED_OPERATORS_MAX {
            for (operator, operand) in rest {
                source = format!("{}({source}, {})", binary_name(*operator), self.expr(operand)?);
            }
            return Ok(source);
        }
        let variable = self.fresh('t');
        let mut block = format!("{{ let {variable} = {source};");
        for (operator, operand) in rest {
            let name = binary_name(*operator);
            let _ = write!(block, " {variable} = {name}({variable}, {});", self.expr(operand)?);
        }
        let _ = write!(block, " {variable} }}");
        Ok(block)
    }

    fn name(&self, name: &str) -> String {
        if let Some(local) = self.local(name) {
            return local.to_owned();
        }
        match self.names.value_name(name) {
            NameValue::Shared(name) => self.held(format!("__load(\"{name}\")")),
            NameValue::MyData => self.held(String::from("__my_data()")),
            NameValue::Me => String::from("__me()"),
            NameValue::Type(name) | NameValue::Function(name) => format!("__type(\"{name}\")"),
        }
    }

    fn format(&mut self, pieces: &[Piece]) -> Source {
        let mut operands = Vec::new();
        for piece in pieces {
            operands.push(match piece {
                Piece::Text(text) => self.constant(&Value::from(&**text)),
                Piece::Field { value, conversion, specification } => {
                    let value = self.consumed(value)?;
                    let specification = self.format(specification)?;
                    let conversion = conversion.map(String::from).unwrap_or_default();
                    format!("__field([{value}, \"{conversion}\", {specification}])")
                }
            });
        }
        Ok(packed("__join", &operands))
    }

    fn dict(&mut self, entries: &[Entry]) -> Source {
        let mut operands = Vec::new();
        for entry in entries {
            match entry {
                Entry::Pair(key, value) => {
                    operands.push(self.expr(key)?);
                    operands.push(self.expr(value)?);
                }
                Entry::Spread(mapping) => operands.push(format!("__spread_pairs({})", self.expr(mapping)?)),
            }
        }
        Ok(packed("__dict", &operands))
    }

    fn index(&mut self, base: &Expr, index: &Expr) -> Source {
        let source = if names::is_my_data(base) && self.local(names::MY_DATA).is_none() {
            format!("__item_of_my_data({})", self.expr(index)?)
        } else {
            format!("__index({}, {})", self.consumed(base)?, self.expr(index)?)
        };
        Ok(self.held(source))
    }

    fn slice(&mut self, native: &str, base: Option<String>, bounds: &[Option<Expr>; 3]) -> Source {
        let mut operands = Vec::from_iter(base);
        for bound in bounds {
            operands.push(match bound {
                Some(bound) => self.expr(bound)?,
                None => String::from("()"),
            });
        }
        Ok(packed(native, &operands))
    }

    fn attribute(&mut self, expr: &Expr, base: &Expr, name: &str) -> Source {
        let module = expr.root().is_some_and(|root| self.local(root).is_none() && modules::is_module(root));
        if module && let Some(value) = expr.dotted().and_then(|path| names::constant(&path)) {
            return Ok(self.constant(&value));
        }
        Ok(format!("__attribute([{}, \"{name}\"])", self.consumed(base)?))
    }
}

/// `name([a, b, …])`
fn packed(name: &str, operands: &[String]) -> String {
    format!("{name}([{}])", operands.join(", "))
}

/// Whether the text can stand between Rhai's quotes as it is.
fn plain(text: &str) -> bool {
    text.len() < 64
        && text.bytes().all(|byte| matches!(byte, b' ' | b'.' | b'_' | b'-') || byte.is_ascii_alphanumeric())
}
