//! What a `for` of Rhai's goes over: everything that Python iterates over, item by item as Python does.
//!
//! Owns the iterators alone. What is no list is made one first, within the budget, so that an iterable which cannot
//! be gone through is an error and never an empty loop.

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, Module};

use crate::language::convert::{Held, MyData, from_value, to_value};
use crate::language::current::{Current, with};
use crate::language::{Error, operations};
use crate::value::Value;

type Item = Result<Dynamic, Box<EvalAltResult>>;

/// Registers them.
pub fn register(engine: &mut Engine) {
    engine.register_iterator::<Array>();
    engine.register_iterator::<std::ops::Range<i64>>();
    engine.register_iterator::<std::ops::RangeInclusive<i64>>();
    let mut module = Module::new();
    let kinds =
        [TypeId::of::<Held>(), TypeId::of::<ImmutableString>(), TypeId::of::<Map>(), TypeId::of::<MyData>()];
    for kind in kinds {
        module.set_iter_result(kind, items);
    }
    engine.register_global_module(module.into());
}

fn items(iterable: Dynamic) -> Box<dyn Iterator<Item = Item>> {
    match with(|current| list(current, &iterable)) {
        Ok(items) => Box::new(Items { items, next: 0 }),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

fn list(current: &mut Current, iterable: &Dynamic) -> Result<Value, Error> {
    current.run.usable()?;
    let value = if iterable.is::<MyData>() {
        current.run.my_data()?
    } else {
        to_value(iterable, &current.run.budget)?
    };
    match value {
        Value::List(_) | Value::Tuple(_) => Ok(value),
        other => operations::iterate(&other, &current.run.budget).map(Value::list),
    }
}

/// Goes over a list or a tuple without copying it.
struct Items {
    items: Value,
    next: usize,
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let item = match &self.items {
            Value::List(items) | Value::Tuple(items) => items.get(self.next)?.clone(),
            _ => return None,
        };
        self.next += 1;
        Some(Ok(from_value(item)))
    }
}
