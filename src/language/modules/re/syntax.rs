//! What a pattern means: the tree that the parser makes of its text.
//!
//! Owns the tree, the flags, and the widths that follow from it.

use crate::language::Error;

/// Flags, with Python's bits.
pub mod flag {
    pub const IGNORECASE: u32 = 2;
    pub const LOCALE: u32 = 4;
    pub const MULTILINE: u32 = 8;
    pub const DOTALL: u32 = 16;
    pub const UNICODE: u32 = 32;
    pub const VERBOSE: u32 = 64;
    pub const ASCII: u32 = 256;
    /// Those that say what a letter is: one holds at a time.
    pub const TYPES: u32 = LOCALE | UNICODE | ASCII;
}

/// A class of characters that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Digit,
    Space,
    Word,
}

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// From one code to another.
    Range(u32, u32),
    /// A class, or all that is not in it.
    Category(Category, bool),
}

/// Where something is, without taking a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Beginning,
    BeginningOfText,
    End,
    EndOfText,
    Boundary,
    NoBoundary,
    /// Not behind the end: no pattern says so, but CPython's repetitions of one character do.
    NotBehind,
}

/// How a repetition chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Greedy,
    Lazy,
    Possessive,
}

/// A part of a pattern.
#[derive(Clone, Debug)]
pub enum Node {
    Literal(u32),
    NotLiteral(u32),
    Any,
    Set { negated: bool, items: Vec<Item> },
    At(At),
    Branch(Vec<Vec<Node>>),
    Group { number: Option<u32>, add: u32, remove: u32, body: Vec<Node> },
    Repeat { min: u32, max: Option<u32>, choice: Choice, body: Vec<Node> },
    Look { behind: bool, negated: bool, body: Vec<Node> },
    Atomic(Vec<Node>),
}

/// A pattern that was read.
#[derive(Debug)]
pub struct Tree {
    pub body: Vec<Node>,
    pub flags: u32,
    pub groups: u32,
    /// The groups with names, in order.
    pub names: Vec<(String, u32)>,
}

/// The fewest and the most characters that the parts take; `u32::MAX` is without end.
pub fn width(body: &[Node]) -> (u32, u32) {
    body.iter()
        .map(width_of)
        .fold((0, 0), |sum, width| (sum.0.saturating_add(width.0), sum.1.saturating_add(width.1)))
}

fn width_of(node: &Node) -> (u32, u32) {
    match node {
        Node::Literal(_) | Node::NotLiteral(_) | Node::Any | Node::Set { .. } => (1, 1),
        Node::At(_) | Node::Look { .. } => (0, 0),
        Node::Branch(branches) => {
            let widths = branches.iter().map(|branch| width(branch));
            widths.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0, 0))
        }
        Node::Group { body, .. } | Node::Atomic(body) => width(body),
        Node::Repeat { min, max, body, .. } => {
            let (least, most) = width(body);
            let most = match max {
                Some(max) => most.saturating_mul(*max),
                None if most == 0 => 0,
                None => u32::MAX,
            };
            (least.saturating_mul(*min), most)
        }
    }
}

/// Whether the parts are what CPython knows to be one character.
pub fn is_single(body: &[Node]) -> bool {
    match body {
        [Node::Literal(_) | Node::NotLiteral(_) | Node::Any | Node::Set { .. }] => true,
        [Node::Group { number: None, body, .. }] => is_single(body),
        [Node::Branch(branches)] => branches
            .iter()
            .all(|branch| matches!(branch.as_slice(), [Node::Literal(_) | Node::Set { negated: false, .. }])),
        _ => false,
    }
}

/// A fault of a pattern at this place, as Python tells it.
pub fn fault(pattern: &[char], message: &str, at: usize) -> Error {
    let before = pattern.get(..at).unwrap_or(pattern);
    let lines = before.iter().filter(|c| **c == '\n').count();
    let place = if pattern.contains(&'\n') {
        let column = at - before.iter().rposition(|c| *c == '\n').map_or(0, |newline| newline + 1);
        format!(" (line {}, column {})", lines + 1, column + 1)
    } else {
        String::new()
    };
    Error::Value(format!("{} at position {at}{place}", message.replace('\n', "\\n")))
}
