//! Patterns and matches as values.

use std::any::Any;
use std::sync::Arc;

use super::flags;
use super::matcher::{Matcher, NOWHERE, Subject};
use super::parser;
use super::program::{Program, compile};
use super::syntax::flag;
use crate::language::operations::integer;
use crate::language::{Budget, Error};
use crate::value::{Opaque, Value, repr_bounded};

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    pub text: Arc<str>,
    pub flags: u32,
    pub program: Program,
    /// The groups with names, in order.
    pub names: Vec<(String, u32)>,
}

impl Pattern {
    /// Compiles the text.
    ///
    /// # Errors
    /// `value` for what is no pattern here, `limit` for one that is too large.
    pub fn new(text: &str, flags: u32, budget: &Budget) -> Result<Pattern, Error> {
        budget.reserve(text.len().saturating_mul(8))?;
        let characters: Vec<char> = text.chars().collect();
        let tree = parser::parse(&characters, flags, budget)?;
        let program = compile(&tree, false, budget)?;
        Ok(Pattern { text: Arc::from(text), flags: tree.flags, program, names: tree.names })
    }

    /// The program for a search that begins behind its end.
    pub fn crossed(&self, budget: &Budget) -> Result<Program, Error> {
        let characters: Vec<char> = self.text.chars().collect();
        compile(&parser::parse(&characters, self.flags, budget)?, true, budget)
    }

    /// The number of the group that a number or a name calls.
    pub fn group(&self, which: &Value) -> Option<usize> {
        let number = match which {
            Value::Str(name) => self.names.iter().find(|(known, _)| **known == **name)?.1 as usize,
            other => usize::try_from(integer(other).ok()?).ok()?,
        };
        Some(number).filter(|number| *number <= self.program.groups)
    }
}

/// A match.
#[derive(Debug)]
pub struct Match {
    pub pattern: Arc<Pattern>,
    pub subject: Arc<Subject>,
    /// Begins and ends, the whole match first.
    ends: Vec<usize>,
    /// The number of the group that closed last, or `NOWHERE`.
    pub last: usize,
    /// Where the search might begin, and the text ended.
    pub bounds: (usize, usize),
}

impl Match {
    /// The match that the matcher found.
    pub fn new(
        pattern: &Arc<Pattern>,
        subject: &Arc<Subject>,
        matcher: &Matcher<'_>,
        found: (usize, usize),
        bounds: (usize, usize),
    ) -> Match {
        let slots = matcher.slots.get(..2 * pattern.program.groups).unwrap_or_default();
        let ends = [found.0, found.1].into_iter().chain(slots.iter().copied()).collect();
        let last = matcher.slots.last().copied().unwrap_or(NOWHERE);
        Match { pattern: Arc::clone(pattern), subject: Arc::clone(subject), ends, last, bounds }
    }

    /// From where to where the group goes, if it matched.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        let span = (*self.ends.get(2 * group)?, *self.ends.get(2 * group + 1)?);
        Some(span).filter(|span| span.1 != NOWHERE && span.0 != NOWHERE)
    }

    /// The group's text, if it matched.
    pub fn text(&self, group: usize, budget: &Budget) -> Result<Option<String>, Error> {
        let Some((from, to)) = self.span(group) else { return Ok(None) };
        budget.reserve((to - from).saturating_add(48))?;
        Ok(Some(self.subject.between(from, to)))
    }

    /// The same as a value.
    pub fn value(&self, group: usize, default: &Value, budget: &Budget) -> Result<Value, Error> {
        Ok(self.text(group, budget)?.map_or_else(|| default.clone(), Value::from))
    }

    /// The number of the group that a number or a name calls.
    ///
    /// # Errors
    /// `value` where there is none.
    pub fn which(&self, which: &Value) -> Result<usize, Error> {
        self.pattern.group(which).ok_or_else(|| Error::Value(String::from("no such group")))
    }
}

/// The pattern that the value is.
pub fn pattern_of(value: &Value) -> Option<Arc<Pattern>> {
    match value {
        Value::Opaque(opaque) => opaque.as_any().downcast_ref::<Shared>().map(|shared| Arc::clone(&shared.0)),
        _ => None,
    }
}

/// A pattern as a value; a match holds the same one.
#[derive(Debug)]
struct Shared(Arc<Pattern>);

/// The pattern as a value.
pub fn pattern_value(pattern: Arc<Pattern>) -> Value {
    Value::Opaque(Arc::new(Shared(pattern)))
}

/// The pattern of an argument: compiled already, or its text.
pub fn pattern_argument(
    value: Option<Value>,
    flags: Option<&Value>,
    budget: &Budget,
) -> Result<Arc<Pattern>, Error> {
    let bits = flags::argument(flags)?;
    let value = value.unwrap_or(Value::None);
    if let Some(pattern) = pattern_of(&value) {
        if bits != 0 {
            return Err(Error::Value(String::from("cannot process flags argument with a compiled pattern")));
        }
        return Ok(pattern);
    }
    match value {
        Value::Str(text) => Ok(Arc::new(Pattern::new(&text, bits, budget)?)),
        Value::Bytes(_) => {
            Err(Error::Type(String::from("the server has patterns of str alone, not of bytes")))
        }
        _ => Err(Error::Type(String::from("first argument must be string or compiled pattern"))),
    }
}

/// The match that the value is.
pub fn match_of(value: &Value) -> Option<&Match> {
    match value {
        Value::Opaque(opaque) => opaque.as_any().downcast_ref(),
        _ => None,
    }
}

impl Opaque for Shared {
    fn type_name(&self) -> &'static str {
        "re.Pattern"
    }

    fn repr(&self) -> String {
        let shown: String = quoted(&self.0.text).chars().take(200).collect();
        let names = flags::names(self.0.flags & !flag::UNICODE);
        if names.is_empty() {
            format!("re.compile({shown})")
        } else {
            format!("re.compile({shown}, {names})")
        }
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        let other = other.as_any().downcast_ref::<Shared>();
        other.is_some_and(|other| other.0.text == self.0.text && other.0.flags == self.0.flags)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn quoted(text: &str) -> String {
    repr_bounded(&Value::from(text), usize::MAX).unwrap_or_default()
}

impl Opaque for Match {
    fn type_name(&self) -> &'static str {
        "re.Match"
    }

    fn repr(&self) -> String {
        let (from, to) = self.span(0).unwrap_or_default();
        // Fifty characters are shown; what is behind them could only add quotes.
        let text = self.subject.between(from, to);
        let shown: String = quoted(&text).chars().take(50).collect();
        format!("<re.Match object; span=({from}, {to}), match={shown}>")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
