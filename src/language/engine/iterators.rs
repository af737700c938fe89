//! What a `for` of Rhai's goes over: everything that Python iterates over, item by item as Python does.
//!
//! Owns the iterators alone. An iterable which cannot be gone through is an error and never an empty loop.

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, Module};

use crate::language::Error;
use crate::language::convert::{Held, MyData, from_value, to_value};
use crate::language::current::{Current, with};
use crate::language::operations::Iteration;
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
    match with(|current| value(current, &iterable)) {
        Ok(value) => Box::new(Items::Whole(value)),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

fn value(current: &mut Current, iterable: &Dynamic) -> Result<Value, Error> {
    current.run.usable()?;
    if iterable.is::<MyData>() { current.run.my_data() } else { to_value(iterable, &current.run.budget) }
}

/// Goes over a value as Python does, one item at a time.
enum Items {
    /// Nobody asked for an item yet.
    Whole(Value),
    /// On the way.
    Begun(Iteration),
    /// There are no more, or it failed.
    Ended,
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let next = with(|current| {
            if let Items::Whole(value) = self {
                *self = Items::Begun(Iteration::of(value, &current.run.budget)?);
            }
            match self {
                Items::Begun(items) => items.next(&current.run.budget),
                _ => Ok(None),
            }
        });
        if !matches!(next, Ok(Some(_))) {
            *self = Items::Ended;
        }
        next.transpose().map(|item| item.map(from_value))
    }
}
