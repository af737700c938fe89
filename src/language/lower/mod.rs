//! Lowering: a tree becomes Rhai source in which every Python operation is a call of one of our own functions.
//!
//! Owns the shape of that source: calls nest a few levels and are put into temporaries beyond, so that no long sum
//! becomes a deep tree; `and`, `or`, conditionals and comparisons become branches, comprehensions become loops.
//! Nothing of Rhai's own operators decides what a Python text means. Uses the tree and the names; runs nothing.

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

/// How deep calls nest before they are put into a temporary.
const NESTED_CALLS_MAX: u8 = 8;

/// A piece of source that yields a value.
struct Operand {
    text: String,
    /// 0 for what can be evaluated any time without effect: a variable or a constant.
    depth: u8,
}

impl Operand {
    fn atom(text: impl Into<String>) -> Operand {
        Operand { text: text.into(), depth: 0 }
    }
}

/// Writes the source.
struct Lowering<'n> {
    names: &'n Names,
    code: String,
    constants: Vec<Value>,
    next: u32,
    /// The variables of comprehensions and lambdas: what each is called in the source.
    locals: Vec<(Box<str>, String)>,
    /// Values read in this statement are held, because something in it changes a value in place.
    holds: bool,
}

/// Lowers the statements.
///
/// # Errors
/// What only shows now to be refused.
pub fn lower(statements: &[Statement], names: &Names) -> Result<Lowered, Fault> {
    let mut lowering = Lowering {
        names,
        code: String::new(),
        constants: Vec::new(),
        next: 0,
        locals: Vec::new(),
        holds: false,
    };
    let mut last = lowering.constant(&Value::from("OK"));
    for (number, statement) in statements.iter().enumerate() {
        lowering.holds = analysis::has_inner_change(statement, names);
        if let Statement::Expression(expr) = statement {
            let value = lowering.expr(expr)?;
            if number + 1 == statements.len() {
                last = value;
            } else {
                lowering.line(&format!("__drop({});", value.text));
            }
        } else {
            lowering.statement(statement)?;
        }
        if lowering.holds && number + 1 < statements.len() {
            lowering.line("__release();");
        }
    }
    lowering.code.push_str(&last.text);
    Ok(Lowered { source: lowering.code, constants: lowering.constants })
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
    fn line(&mut self, text: &str) {
        self.code.push_str(text);
        self.code.push('\n');
    }

    fn fresh(&mut self, letter: char) -> String {
        self.next += 1;
        format!("{letter}{}", self.next)
    }

    /// Puts the operand into a variable of its own.
    fn spill(&mut self, operand: Operand) -> Operand {
        if operand.depth == 0 {
            return operand;
        }
        let name = self.fresh('t');
        self.line(&format!("let {name} = {};", operand.text));
        Operand::atom(name)
    }

    /// A call; into a variable where calls already nest deeply.
    fn call_of(&mut self, text: String, below: u8) -> Operand {
        let operand = Operand { text, depth: below + 1 };
        if operand.depth >= NESTED_CALLS_MAX { self.spill(operand) } else { operand }
    }

    /// Lowers the next of several operands. Where that needs statements, the ones before are evaluated before them.
    fn after(&mut self, earlier: &mut [Operand], expr: &Expr) -> Result<Operand, Fault> {
        let mark = self.code.len();
        let operand = self.expr(expr)?;
        if self.code.len() > mark {
            let mut before = String::new();
            for operand in earlier.iter_mut().filter(|operand| operand.depth > 0) {
                let name = self.fresh('t');
                let _ = writeln!(before, "let {name} = {};", operand.text);
                *operand = Operand::atom(name);
            }
            self.code.insert_str(mark, &before);
        }
        Ok(operand)
    }

    /// Lowers operands that are evaluated in order, onto those that are there already.
    fn operands<'e>(
        &mut self,
        mut earlier: Vec<Operand>,
        exprs: impl IntoIterator<Item = &'e Expr>,
    ) -> Result<Vec<Operand>, Fault> {
        for expr in exprs {
            let operand = if let Kind::Starred(inner) = &expr.kind {
                let inner = self.after(&mut earlier, inner)?;
                Operand { text: format!("__spread({})", inner.text), depth: inner.depth + 1 }
            } else {
                self.after(&mut earlier, expr)?
            };
            earlier.push(operand);
        }
        Ok(earlier)
    }

    /// `name([a, b, …])`
    fn packed(&mut self, name: &str, operands: &[Operand]) -> Operand {
        let mut text = format!("{name}([");
        for operand in operands {
            text.push_str(&operand.text);
            text.push(',');
        }
        text.push_str("])");
        let below = operands.iter().map(|operand| operand.depth).max().unwrap_or(0);
        self.call_of(text, below)
    }

    /// The source of a constant.
    fn constant(&mut self, value: &Value) -> Operand {
        match value {
            Value::None => Operand::atom("()"),
            Value::Bool(truth) => Operand::atom(truth.to_string()),
            Value::Int(number) if *number >= 0 => Operand::atom(number.to_string()),
            Value::Str(text) if plain(text) => Operand::atom(format!("\"{text}\"")),
            value => {
                self.constants.push(value.clone());
                Operand::atom(format!("__k({})", self.constants.len() - 1))
            }
        }
    }

    fn held(&mut self, operand: Operand) -> Operand {
        if self.holds {
            let below = operand.depth;
            self.call_of(format!("__hold({})", operand.text), below)
        } else {
            operand
        }
    }

    fn local(&self, name: &str) -> Option<&str> {
        self.locals.iter().rev().find(|(local, _)| **local == *name).map(|(_, source)| source.as_str())
    }

    /// Lowers where the value itself is used up at once, so that it need not be held.
    fn consumed(&mut self, earlier: &mut [Operand], expr: &Expr) -> Result<Operand, Fault> {
        let held = self.holds && matches!(expr.kind, Kind::Name(_) | Kind::Index(..));
        if held {
            self.holds = false;
        }
        let operand = self.after(earlier, expr);
        self.holds |= held;
        operand
    }

    fn expr(&mut self, expr: &Expr) -> Result<Operand, Fault> {
        match &expr.kind {
            Kind::Literal(value) => Ok(self.constant(value)),
            Kind::Magnitude => Err(Fault::too_big()),
            Kind::Name(name) => self.name(name),
            Kind::Format(pieces) => self.format(pieces),
            Kind::List(items) => {
                let items = self.operands(Vec::new(), items)?;
                Ok(self.packed("__list", &items))
            }
            Kind::Tuple(items) => {
                let items = self.operands(Vec::new(), items)?;
                Ok(self.packed("__tuple", &items))
            }
            Kind::Set(items) => {
                let items = self.operands(Vec::new(), items)?;
                Ok(self.packed("__set", &items))
            }
            Kind::Dict(entries) => self.dict(entries),
            Kind::Starred(inner) => self.expr(inner),
            Kind::Comprehension(comprehension) => self.comprehension(comprehension),
            Kind::Unary(operator, operand) => {
                let operand = self.consumed(&mut [], operand)?;
                let name = unary_name(*operator);
                Ok(self.call_of(format!("{name}({})", operand.text), operand.depth))
            }
            Kind::Binary(first, rest) => {
                let mut value = self.expr(first)?;
                for (operator, operand) in rest {
                    value = self.pair(binary_name(*operator), value, operand)?;
                }
                Ok(value)
            }
            Kind::Compare(first, rest) => self.compare(first, rest),
            Kind::And(operands) => self.junction(operands, "__truth"),
            Kind::Or(operands) => self.junction(operands, "__false"),
            Kind::Conditional(parts) => self.conditional(parts),
            Kind::Lambda(_) => Err(Fault::refused("a lambda cannot stand here", expr.at)),
            Kind::Call(call) => self.call(call),
            Kind::Index(base, index) => self.index(base, index),
            Kind::Slice(base, bounds) => self.slice(base, bounds),
            Kind::Attribute(base, name) => self.attribute(expr, base, name),
        }
    }

    /// A call with the operand that is there and another.
    fn pair(&mut self, name: &str, first: Operand, second: &Expr) -> Result<Operand, Fault> {
        let mut first = [first];
        let second = self.after(&mut first, second)?;
        let [first] = first;
        let below = first.depth.max(second.depth);
        Ok(self.call_of(format!("{name}({}, {})", first.text, second.text), below))
    }

    fn name(&mut self, name: &str) -> Result<Operand, Fault> {
        if let Some(local) = self.local(name) {
            return Ok(Operand::atom(local));
        }
        let operand = match self.names.value_name(name) {
            NameValue::Shared(name) => Operand { text: format!("__load(\"{name}\")"), depth: 1 },
            NameValue::MyData => Operand { text: String::from("__my_data()"), depth: 1 },
            NameValue::Me => return Ok(Operand { text: String::from("__me()"), depth: 1 }),
            NameValue::Type(name) | NameValue::Function(name) => {
                return Ok(Operand { text: format!("__type(\"{name}\")"), depth: 1 });
            }
        };
        Ok(self.held(operand))
    }

    fn format(&mut self, pieces: &[Piece]) -> Result<Operand, Fault> {
        let mut operands: Vec<Operand> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    let text = self.constant(&Value::from(&**text));
                    operands.push(text);
                }
                Piece::Field { value, conversion, specification } => {
                    let value = self.consumed(&mut operands, value)?;
                    operands.push(value);
                    let mark = self.code.len();
                    let specification = self.format(specification)?;
                    if self.code.len() > mark {
                        return Err(Fault::refused("this format specification is too deep", 0));
                    }
                    let Some(value) = operands.pop() else { continue };
                    let conversion = conversion.map(String::from).unwrap_or_default();
                    let text = format!("__field([{},\"{conversion}\",{}])", value.text, specification.text);
                    operands.push(Operand { text, depth: value.depth.max(specification.depth) + 1 });
                }
            }
        }
        Ok(self.packed("__join", &operands))
    }

    fn dict(&mut self, entries: &[Entry]) -> Result<Operand, Fault> {
        let mut operands: Vec<Operand> = Vec::new();
        for entry in entries {
            match entry {
                Entry::Pair(key, value) => operands = self.operands(operands, [key, value])?,
                Entry::Spread(mapping) => {
                    let mapping = self.after(&mut operands, mapping)?;
                    let text = format!("__spread_pairs({})", mapping.text);
                    operands.push(Operand { text, depth: mapping.depth + 1 });
                }
            }
        }
        Ok(self.packed("__dict", &operands))
    }

    fn index(&mut self, base: &Expr, index: &Expr) -> Result<Operand, Fault> {
        let operand = if names::is_my_data(base) && self.local(names::MY_DATA).is_none() {
            let key = self.expr(index)?;
            Operand { text: format!("__item_of_my_data({})", key.text), depth: key.depth + 1 }
        } else {
            let base = self.consumed(&mut [], base)?;
            self.pair("__index", base, index)?
        };
        Ok(self.held(operand))
    }

    fn slice(&mut self, base: &Expr, bounds: &[Option<Expr>; 3]) -> Result<Operand, Fault> {
        let mut operands = vec![self.expr(base)?];
        for bound in bounds {
            let bound = match bound {
                Some(bound) => self.after(&mut operands, bound)?,
                None => Operand::atom("()"),
            };
            operands.push(bound);
        }
        Ok(self.packed("__slice", &operands))
    }

    fn attribute(&mut self, expr: &Expr, base: &Expr, name: &str) -> Result<Operand, Fault> {
        let module = expr.root().is_some_and(|root| self.local(root).is_none() && modules::is_module(root));
        if module && let Some(value) = expr.dotted().and_then(|path| names::constant(&path)) {
            return Ok(self.constant(&value));
        }
        let base = self.consumed(&mut [], base)?;
        Ok(self.call_of(format!("__attribute([{},\"{name}\"])", base.text), base.depth))
    }
}

/// Whether the text can stand between Rhai's quotes as it is.
fn plain(text: &str) -> bool {
    text.len() < 64
        && text.bytes().all(|byte| matches!(byte, b' ' | b'.' | b'_' | b'-') || byte.is_ascii_alphanumeric())
}
