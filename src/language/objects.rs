//! Objects: which values are one in Python, and which places and values a run has in hand.
//!
//! Uses values alone. Two containers are one object where they share their allocation.

use std::collections::HashSet;
use std::sync::Arc;

use crate::value::Value;

/// Where a place begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// A shared name.
    Name(Arc<str>),
    /// A key of the registry.
    Key(Arc<str>),
}

/// The places that a run has read or written, and the values that a statement still holds.
#[derive(Debug)]
pub struct Touched {
    tracks: bool,
    roots: HashSet<Root>,
    held: Vec<Value>,
}

impl Touched {
    /// Nothing yet.
    pub fn new(tracks: bool) -> Touched {
        Touched { tracks, roots: HashSet::new(), held: Vec::new() }
    }

    /// A shared name was read or written.
    pub fn name(&mut self, name: &str) {
        if self.tracks {
            self.roots.insert(Root::Name(name.into()));
        }
    }

    /// A key was read or written.
    pub fn key(&mut self, key: &str) {
        if self.tracks {
            self.roots.insert(Root::Key(key.into()));
        }
    }

    /// The statement holds the value while more of it is evaluated.
    pub fn hold(&mut self, value: &Value) {
        if self.tracks && matches!(value, Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Tuple(_)) {
            self.held.push(value.clone());
        }
    }

    /// What the statement holds.
    pub fn held(&self) -> &[Value] {
        &self.held
    }

    /// The places.
    pub fn roots(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter()
    }

    /// How much is held.
    pub fn mark(&self) -> usize {
        self.held.len()
    }

    /// What was held since that mark is where it belongs.
    pub fn release_to(&mut self, mark: usize) {
        self.held.truncate(mark);
    }

    /// The statement has ended.
    pub fn release(&mut self) {
        self.held.clear();
    }
}

/// Whether the value can be changed in place.
pub fn is_mutable(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Dict(_) | Value::Set(_))
}

/// Whether both are one object that can be changed.
pub fn same_object(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b),
        (Value::Dict(a), Value::Dict(b)) => Arc::ptr_eq(a, b),
        (Value::Set(a), Value::Set(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
