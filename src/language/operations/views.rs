//! What `dict.keys()`, `.values()` and `.items()` give, and what counts as a set.
//!
//! A view is of the dict as it was.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Budget, Call, make_key, shape};
use crate::language::Error;
use crate::value::{self, Dict, Opaque, Set, Value};

/// Which part of the dict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Keys,
    Values,
    Items,
}

/// A view of a dict.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) part: Part,
    pub(super) dict: Arc<Dict>,
}

impl View {
    pub(super) fn of(value: &Value) -> Option<&View> {
        match value {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref(),
            _ => None,
        }
    }

    pub(super) fn value(self) -> Value {
        Value::Opaque(Arc::new(self))
    }

    /// The keys of something that is no dict here, as `dict_keys`.
    pub(super) fn of_keys(keys: Vec<Value>, budget: &Budget) -> Result<Value, Error> {
        budget.reserve(keys.len().saturating_mul(shape::ENTRY))?;
        let mut dict = IndexMap::with_capacity(keys.len());
        for key in keys {
            dict.insert(make_key(key, budget)?, Value::None);
        }
        Ok(View { part: Part::Keys, dict: Arc::new(dict) }.value())
    }

    /// The item at that place.
    pub(super) fn nth(&self, place: usize) -> Option<Value> {
        let (key, value) = self.dict.get_index(place)?;
        Some(match self.part {
            Part::Keys => key.value().clone(),
            Part::Values => value.clone(),
            Part::Items => Value::tuple(vec![key.value().clone(), value.clone()]),
        })
    }

    pub(super) fn set(&self, budget: &Budget) -> Result<Set, Error> {
        budget.reserve(self.dict.len().saturating_mul(shape::ENTRY))?;
        let mut set = Set::with_capacity(self.dict.len());
        for place in 0..self.dict.len() {
            budget.tick()?;
            if let Some(item) = self.nth(place) {
                set.insert(make_key(item, budget)?);
            }
        }
        Ok(set)
    }
}

/// The members, where the value counts as a set: a set, a frozenset, `dict.keys()`, `dict.items()`.
pub(super) fn as_set<'v>(value: &'v Value, budget: &Budget) -> Result<Option<Cow<'v, Set>>, Error> {
    match value {
        Value::Set(members) | Value::FrozenSet(members) => Ok(Some(Cow::Borrowed(members))),
        _ => match View::of(value) {
            Some(view) if view.part != Part::Values => view.set(budget).map(|set| Some(Cow::Owned(set))),
            _ => Ok(None),
        },
    }
}

impl Opaque for View {
    fn type_name(&self) -> &'static str {
        match self.part {
            Part::Keys => "dict_keys",
            Part::Values => "dict_values",
            Part::Items => "dict_items",
        }
    }

    fn repr(&self) -> String {
        const SHOWN_MAX: usize = 16 << 20;
        let items = (0..self.dict.len()).filter_map(|place| self.nth(place)).collect();
        let text = value::repr_bounded(&Value::list(items), SHOWN_MAX);
        format!("{}({})", self.type_name(), text.unwrap_or_else(|| "...".to_owned()))
    }

    fn truth(&self) -> bool {
        !self.dict.is_empty()
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        let Some(other) = other.as_any().downcast_ref::<View>() else { return false };
        match (self.part, other.part) {
            (Part::Keys, Part::Keys) => {
                self.dict.len() == other.dict.len()
                    && self.dict.keys().all(|key| other.dict.contains_key(key))
            }
            (Part::Items, Part::Items) => {
                value::equals(&Value::Dict(self.dict.clone()), &Value::Dict(other.dict.clone()))
            }
            _ => false,
        }
    }

    fn depth(&self, deepest: &mut dyn FnMut(&Value) -> usize) -> usize {
        deepest(&Value::Dict(self.dict.clone())) + 1
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `dict.keys()` and so on take no arguments.
pub(super) fn view(dict: &Arc<Dict>, part: Part, name: &str, call: Call) -> Result<Value, Error> {
    call.none(name)?;
    Ok(View { part, dict: dict.clone() }.value())
}

/// Set operators ask for sets on both sides, but a view takes any iterable on its right.
pub(super) fn is_view(value: &Value) -> bool {
    View::of(value).is_some_and(|view| view.part != Part::Values)
}
