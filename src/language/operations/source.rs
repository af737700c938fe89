//! Iteration: what yields items one after another, and the iterators that are values.
//!
//! Every item is a step of the budget; whoever collects items reserves them first.

use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use super::Budget;
use super::errors::{not_iterable, type_error, value_error};
use super::range::Range;
use super::shape;
use super::views::{Part, View};
use crate::language::{Error, modules};
use crate::value::{DEPTH_MAX, Dict, Opaque, Value, set_in_order};

/// Something that is being iterated over.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Items(Arc<Vec<Value>>, usize),
    /// From the end.
    Backward(Arc<Vec<Value>>, usize),
    /// The text and the byte where the next character starts.
    Characters(Arc<str>, usize),
    Bytes(Arc<[u8]>, usize),
    Keys(Arc<Dict>, usize),
    View(View, usize),
    Range(Range, u64),
    /// Another iterator, which moves on with this one.
    Shared(Arc<dyn Opaque>),
}

impl Source {
    pub(super) fn of(value: &Value, budget: &Budget) -> Result<Source, Error> {
        match value {
            Value::List(items) | Value::Tuple(items) => Ok(Source::Items(items.clone(), 0)),
            Value::Str(text) => Ok(Source::Characters(text.clone(), 0)),
            Value::Bytes(bytes) => Ok(Source::Bytes(bytes.clone(), 0)),
            Value::Dict(entries) => Ok(Source::Keys(entries.clone(), 0)),
            Value::Set(members) | Value::FrozenSet(members) => {
                budget.reserve(members.len().saturating_mul(4 * shape::ITEM))?;
                let items = set_in_order(members).into_iter().cloned().collect();
                Ok(Source::Items(Arc::new(items), 0))
            }
            Value::Opaque(opaque) => {
                if let Some(range) = Range::of(value) {
                    Ok(Source::Range(range, 0))
                } else if let Some(view) = View::of(value) {
                    Ok(Source::View(view.clone(), 0))
                } else if opaque.as_any().is::<Iterating>() {
                    Ok(Source::Shared(opaque.clone()))
                } else if let Some(Value::Tuple(items)) = modules::plain(value) {
                    Ok(Source::Items(items, 0))
                } else {
                    Err(not_iterable(value))
                }
            }
            _ => Err(not_iterable(value)),
        }
    }

    pub(super) fn next(&mut self, budget: &Budget) -> Result<Option<Value>, Error> {
        budget.tick()?;
        Ok(match self {
            Source::Items(items, at) => advance(items.get(*at).cloned(), at),
            Source::Backward(items, at) => {
                let place = items.len().checked_sub(*at + 1);
                advance(place.and_then(|place| items.get(place)).cloned(), at)
            }
            Source::Characters(text, at) => {
                let character = text.get(*at..).and_then(|rest| rest.chars().next());
                character.map(|character| {
                    *at += character.len_utf8();
                    shape::character(character)
                })
            }
            Source::Bytes(bytes, at) => advance(bytes.get(*at).map(|byte| Value::Int(i64::from(*byte))), at),
            Source::Keys(entries, at) => {
                advance(entries.get_index(*at).map(|(key, _)| key.value().clone()), at)
            }
            Source::View(view, at) => advance(view.nth(*at), at),
            Source::Range(range, at) if *at < range.count() => {
                *at += 1;
                Some(Value::Int(range.nth(*at - 1)))
            }
            Source::Range(..) => None,
            Source::Shared(opaque) => match opaque.as_any().downcast_ref::<Iterating>() {
                Some(iterator) => iterator.next(budget)?,
                None => None,
            },
        })
    }

    /// How many items are left, where that is known without looking.
    fn left(&self) -> Option<usize> {
        let (all, at) = match self {
            Source::Items(items, at) | Source::Backward(items, at) => (items.len(), *at),
            Source::Bytes(bytes, at) => (bytes.len(), *at),
            Source::Keys(entries, at) => (entries.len(), *at),
            Source::View(view, at) => (view.dict.len(), *at),
            Source::Range(range, at) => {
                return Some(usize::try_from(range.count() - at).unwrap_or(usize::MAX));
            }
            Source::Characters(..) | Source::Shared(_) => return None,
        };
        Some(all.saturating_sub(at))
    }

    /// All that is left.
    pub(super) fn collect(mut self, budget: &Budget) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        match self.left() {
            Some(left) => {
                budget.reserve(left.saturating_mul(shape::ITEM))?;
                items.reserve_exact(left);
                while let Some(item) = self.next(budget)? {
                    items.push(item);
                }
            }
            None => {
                while let Some(item) = self.next(budget)? {
                    budget.reserve(2 * shape::ITEM)?;
                    items.push(item);
                }
            }
        }
        Ok(items)
    }
}

fn advance(item: Option<Value>, at: &mut usize) -> Option<Value> {
    *at += usize::from(item.is_some());
    item
}

/// All items that iterating over the value yields.
///
/// # Errors
/// `type` where the value is not iterable; `limit` where the items are more than the budget holds.
pub fn iterate(value: &Value, budget: &Budget) -> Result<Vec<Value>, Error> {
    match value {
        Value::List(items) | Value::Tuple(items) => {
            budget.reserve(items.len().saturating_mul(shape::ITEM))?;
            Ok(items.as_ref().clone())
        }
        _ => Source::of(value, budget)?.collect(budget),
    }
}

/// One item after another, each made when it is asked for.
#[derive(Clone, Debug)]
pub struct Iteration(Source);

impl Iteration {
    /// Over the items of the value.
    ///
    /// # Errors
    /// `type` where it is not iterable.
    pub fn of(value: &Value, budget: &Budget) -> Result<Iteration, Error> {
        Source::of(value, budget).map(Iteration)
    }

    /// The next item; nothing at the end.
    ///
    /// # Errors
    /// `limit` where the budget is used up.
    pub fn next(&mut self, budget: &Budget) -> Result<Option<Value>, Error> {
        self.0.next(budget)
    }
}

/// A value that is iterated over once: `zip(…)`, `enumerate(…)`, `iter(…)`.
#[derive(Debug)]
pub(super) struct Iterating {
    kind: &'static str,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Plain(Source),
    Zip { sources: Vec<Source>, strict: bool },
    Enumerate { source: Source, count: i64 },
}

impl Iterating {
    /// Over the source's items, as they are.
    pub(super) fn plain(kind: &'static str, source: Source) -> Result<Value, Error> {
        Iterating::value(kind, State::Plain(source))
    }

    /// `zip(…)`
    pub(super) fn zip(sources: Vec<Source>, strict: bool) -> Result<Value, Error> {
        Iterating::value("zip", State::Zip { sources, strict })
    }

    /// `enumerate(…)`
    pub(super) fn enumerate(source: Source, start: i64) -> Result<Value, Error> {
        Iterating::value("enumerate", State::Enumerate { source, count: start })
    }

    fn value(kind: &'static str, state: State) -> Result<Value, Error> {
        let value = Value::Opaque(Arc::new(Iterating { kind, state: Mutex::new(state) }));
        if shape::depth(&value) > DEPTH_MAX { Err(shape::too_deep()) } else { Ok(value) }
    }

    /// The next item; None at the end.
    pub(super) fn next(&self, budget: &Budget) -> Result<Option<Value>, Error> {
        match &mut *self.state.lock() {
            State::Plain(source) => source.next(budget),
            State::Zip { sources, strict } => next_of_all(sources, *strict, budget),
            State::Enumerate { source, count } => {
                let Some(item) = source.next(budget)? else { return Ok(None) };
                budget.reserve(4 * shape::ITEM)?;
                let pair = Value::tuple(vec![Value::Int(*count), item]);
                *count = count.checked_add(1).ok_or_else(super::errors::overflow)?;
                Ok(Some(pair))
            }
        }
    }
}

fn next_of_all(sources: &mut [Source], strict: bool, budget: &Budget) -> Result<Option<Value>, Error> {
    let mut items = Vec::with_capacity(sources.len());
    let mut ended = sources.is_empty();
    for (place, source) in sources.iter_mut().enumerate() {
        let item = source.next(budget)?;
        if strict && place > 0 && ended != item.is_none() {
            let others = if place == 1 { "argument 1".to_owned() } else { format!("arguments 1-{place}") };
            let relation = if ended { "longer" } else { "shorter" };
            return Err(value_error(format!("zip() argument {} is {relation} than {others}", place + 1)));
        }
        match item {
            Some(item) => items.push(item),
            None if strict => ended = true,
            None => return Ok(None),
        }
    }
    if ended {
        return Ok(None);
    }
    budget.reserve((items.len() + 2).saturating_mul(shape::ITEM))?;
    Ok(Some(Value::tuple(items)))
}

/// `iter(value)`
pub(super) fn iterator(value: &Value, budget: &Budget) -> Result<Value, Error> {
    let kind = match value {
        Value::List(_) => "list_iterator",
        Value::Tuple(_) => "tuple_iterator",
        Value::Str(text) if text.is_ascii() => "str_ascii_iterator",
        Value::Str(_) => "str_iterator",
        Value::Bytes(_) => "bytes_iterator",
        Value::Dict(_) => "dict_keyiterator",
        Value::Set(_) | Value::FrozenSet(_) => "set_iterator",
        Value::Opaque(opaque) if opaque.as_any().is::<Iterating>() => return Ok(value.clone()),
        _ => "range_iterator",
    };
    Iterating::plain(kind, Source::of(value, budget)?)
}

/// `next(iterator[, default])`
pub(super) fn next(value: &Value, default: Option<Value>, budget: &Budget) -> Result<Value, Error> {
    let Value::Opaque(opaque) = value else { return Err(no_iterator(value)) };
    let Some(iterator) = opaque.as_any().downcast_ref::<Iterating>() else { return Err(no_iterator(value)) };
    match (iterator.next(budget)?, default) {
        (Some(item), _) | (None, Some(item)) => Ok(item),
        (None, None) => Err(value_error("the iterator has no more items")),
    }
}

fn no_iterator(value: &Value) -> Error {
    type_error(format!("'{}' object is not an iterator", value.type_name()))
}

impl Opaque for Iterating {
    fn depth(&self, deepest: &mut dyn FnMut(&Value) -> usize) -> usize {
        let mut of = |source: &Source| match source {
            Source::Items(items, _) | Source::Backward(items, _) => {
                deepest(&Value::List(items.clone())).saturating_sub(1)
            }
            Source::Keys(entries, _) => deepest(&Value::Dict(entries.clone())).saturating_sub(1),
            Source::View(view, _) => {
                let dict = deepest(&Value::Dict(view.dict.clone()));
                if view.part == Part::Items { dict } else { dict.saturating_sub(1) }
            }
            Source::Shared(opaque) => deepest(&Value::Opaque(opaque.clone())),
            _ => 0,
        };
        match &*self.state.lock() {
            State::Plain(source) => 1 + of(source),
            State::Zip { sources, .. } => 2 + sources.iter().map(of).max().unwrap_or(0),
            State::Enumerate { source, .. } => 2 + of(source),
        }
    }

    fn type_name(&self) -> &'static str {
        self.kind
    }

    fn repr(&self) -> String {
        format!("<{} object>", self.kind)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
