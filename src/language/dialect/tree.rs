//! The typed tree of a Python text: what the parser yields and what is run or lowered.
//!
//! Uses `value` and the operators' names. Knows nothing of how a tree is run.

use crate::language::operations::{Binary, Unary};
use crate::value::Value;

/// A byte offset in the client's text. Line and column are made of it only where an error is told.
pub type Offset = u32;

/// An expression, where it begins, and how deep the tree below it is.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub at: Offset,
    /// Levels below it: no recursion over a tree is deeper.
    pub depth: u16,
}

/// What an expression is.
// A tag as wide as what follows it: with a tag of one byte the rest is moved at odd places, in pieces that overlap
// those it was written in, and a parser does little else than to move.
#[repr(u64)]
#[derive(Clone, Debug)]
pub enum Kind {
    /// A literal without parts.
    Literal(Value),
    /// `9223372036854775808`: an int only behind a minus.
    Magnitude,
    /// A bare name.
    Name(Box<str>),
    /// An f-string.
    Format(Vec<Piece>),
    /// `[a, *b]`
    List(Vec<Expr>),
    /// `(a, *b)` or `a, b`
    Tuple(Vec<Expr>),
    /// `{a, *b}`
    Set(Vec<Expr>),
    /// `{k: v, **d}`
    Dict(Vec<Entry>),
    /// `*a` where it may stand: in a display.
    Starred(Box<Expr>),
    /// Any of the four comprehensions.
    Comprehension(Box<Comprehension>),
    /// A prefix operator.
    Unary(Unary, Box<Expr>),
    /// A run of operators of one precedence, from the left: `a + b - c`.
    Binary(Box<Expr>, Vec<(Binary, Expr)>),
    /// A chain of comparisons: `a < b <= c`. Short-circuits if there is more than one.
    Compare(Box<Expr>, Vec<(Binary, Expr)>),
    /// `a and b and c`: all operands, of which the first that is false is the value.
    And(Vec<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `value if condition else other`
    Conditional(Box<Conditional>),
    /// `lambda a, b: body`
    Lambda(Box<Lambda>),
    /// `callee(…)`
    Call(Box<CallExpr>),
    /// `base[index]`
    Index(Box<Expr>, Box<Expr>),
    /// `base[start:stop:step]`
    Slice(Box<Expr>, Box<[Option<Expr>; 3]>),
    /// `start:stop:step` as the index of a place that is assigned or deleted.
    Bounds(Box<[Option<Expr>; 3]>),
    /// `base.name`
    Attribute(Box<Expr>, Box<str>),
}

/// A part of an f-string.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text as it stands.
    Text(Box<str>),
    /// `{value!conversion:specification}`
    Field {
        /// What is formatted.
        value: Expr,
        /// `r`, `s` or `a`.
        conversion: Option<char>,
        /// The format specification, which may hold fields again.
        specification: Vec<Piece>,
    },
}

/// A part of a dict display.
#[derive(Clone, Debug)]
pub enum Entry {
    /// `key: value`
    Pair(Expr, Expr),
    /// `**mapping`
    Spread(Expr),
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `[…]`
    List,
    /// `{…}`
    Set,
    /// `{k: v …}`
    Dict,
    /// `(…)`, which may stand only as a call's one argument.
    Generator,
}

/// `[element for … if …]` and its relatives.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What it makes.
    pub form: Form,
    /// The element, or a dict's key.
    pub element: Expr,
    /// A dict's value.
    pub value: Option<Expr>,
    /// The clauses, from the left; the first is a `for`.
    pub clauses: Vec<Clause>,
}

/// A clause of a comprehension.
#[derive(Clone, Debug)]
pub enum Clause {
    /// `for target in iterable`
    For(Target, Expr),
    /// `if condition`
    If(Expr),
}

/// `value if condition else other`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// What decides.
    pub condition: Expr,
    /// The value if so.
    pub value: Expr,
    /// The value if not.
    pub other: Expr,
}

/// `lambda parameters: body`
#[derive(Clone, Debug)]
pub struct Lambda {
    /// The parameters' names.
    pub parameters: Vec<Box<str>>,
    /// The body.
    pub body: Expr,
}

/// A call.
#[derive(Clone, Debug)]
pub struct CallExpr {
    /// What is called.
    pub callee: Expr,
    /// The arguments in order.
    pub positional: Vec<Expr>,
    /// The arguments by name.
    pub keyword: Vec<(Box<str>, Expr)>,
}

/// What can be assigned to.
#[derive(Clone, Debug)]
pub enum Target {
    /// A name.
    Name(Box<str>, Offset),
    /// `a, b` or `[a, b]`
    Several(Vec<Target>),
    /// `*a` among several.
    Starred(Box<Target>),
    /// `base[index]`
    Index(Expr, Expr),
}

/// A statement and where it begins.
#[derive(Clone, Debug)]
pub enum Statement {
    /// An expression; the last one's value is the reply.
    Expression(Expr),
    /// `a = b = value`
    Assign(Vec<Target>, Expr),
    /// `target += value`
    Augment(Target, Binary, Expr),
    /// `del target, …`
    Delete(Vec<Target>),
    /// `import math` or `pass`: nothing to do.
    Nothing,
}

impl Expr {
    /// The generator expression that it is.
    pub fn generator(&self) -> Option<&Comprehension> {
        match &self.kind {
            Kind::Comprehension(comprehension) if comprehension.form == Form::Generator => {
                Some(comprehension)
            }
            _ => None,
        }
    }

    /// `a.b.c` as text, where the expression is a name with attributes.
    pub fn dotted(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.to_string()),
            Kind::Attribute(base, name) => {
                let mut path = base.dotted()?;
                path.push('.');
                path.push_str(name);
                Some(path)
            }
            _ => None,
        }
    }

    /// The name that a dotted path begins with.
    pub fn root(&self) -> Option<&str> {
        let mut expr = self;
        loop {
            match &expr.kind {
                Kind::Name(name) => return Some(name),
                Kind::Attribute(base, _) => expr = base,
                _ => return None,
            }
        }
    }

    /// The name of what holds the place that the expression is: `a` in `a['k'][1:].b`.
    pub fn holder(&self) -> Option<&str> {
        let mut expr = self;
        loop {
            match &expr.kind {
                Kind::Name(name) => return Some(name),
                Kind::Attribute(base, _) | Kind::Index(base, _) | Kind::Slice(base, _) => expr = base,
                _ => return None,
            }
        }
    }
}

impl Target {
    /// The name of what holds the place, unless there are several.
    pub fn root(&self) -> Option<&str> {
        match self {
            Target::Name(name, _) => Some(name),
            Target::Starred(target) => target.root(),
            Target::Index(base, _) => base.holder(),
            Target::Several(_) => None,
        }
    }
}
