//! Tuples whose items have names: what `time.localtime()` and `date.isocalendar()` give.
//!
//! Uses values alone; what a tuple can do, `operations` does with its items.

use std::any::Any;
use std::sync::Arc;

use crate::language::Error;
use crate::value::{Opaque, Value, equals, repr};

/// A tuple with a type's name, and names of its items.
#[derive(Debug)]
pub(super) struct Named {
    type_name: &'static str,
    names: &'static [&'static str],
    items: Arc<Vec<Value>>,
}

impl Named {
    /// The tuple of that type, with as many items as names.
    pub(super) fn value(
        type_name: &'static str,
        names: &'static [&'static str],
        items: impl IntoIterator<Item = i64>,
    ) -> Value {
        let items = Arc::new(items.into_iter().map(Value::Int).collect());
        Value::Opaque(Arc::new(Named { type_name, names, items }))
    }

    pub(super) fn of(value: &Value) -> Option<&Named> {
        match value {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref(),
            _ => None,
        }
    }

    pub(super) fn tuple(&self) -> Value {
        Value::Tuple(Arc::clone(&self.items))
    }

    pub(super) fn items(&self) -> &[Value] {
        &self.items
    }

    pub(super) fn is(&self, type_name: &str) -> bool {
        self.type_name == type_name
    }
}

pub(super) fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
    let named = Named::of(value)?;
    let place = named.names.iter().position(|known| *known == name)?;
    named.items.get(place).cloned().map(Ok)
}

impl Opaque for Named {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn repr(&self) -> String {
        let items: Vec<String> = self
            .names
            .iter()
            .zip(self.items.iter())
            .map(|(name, item)| format!("{name}={}", repr(item)))
            .collect();
        format!("{}({})", self.type_name, items.join(", "))
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        other.as_any().downcast_ref::<Named>().is_some_and(|other| equals(&self.tuple(), &other.tuple()))
    }

    fn depth(&self, _deepest: &mut dyn FnMut(&Value) -> usize) -> usize {
        1
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
