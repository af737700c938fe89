//! What a `for` of Rhai's goes over: everything that Python iterates over, item by item as Python does.
//!
//! Owns the iterators alone. An iterable that cannot be gone through is an error and never an empty loop.

use std::any::TypeId;

use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, Module};

use crate::language::Error;
use crate::language::convert::{Held, MyData, from_value, to_value};
use crate::language::current::{Current, with};
use crate::language::operations::Iteration;

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
    match with(|current| begin(current, &iterable)) {
        Ok(items) => Box::new(Items(Some(items))),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

fn begin(current: &mut Current, iterable: &Dynamic) -> Result<Iteration, Error> {
    current.run.usable()?;
    let value = if iterable.is::<MyData>() {
        current.run.my_data()?
    } else {
        to_value(iterable, &current.run.budget)?
    };
    Iteration::of(&value, &current.run.budget)
}

/// One item at a time, until there are no more or one fails.
struct Items(Option<Iteration>);

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let items = self.0.as_mut()?;
        let next = with(|current| items.next(&current.run.budget)).transpose();
        if !matches!(next, Some(Ok(_))) {
            self.0 = None;
        }
        next.map(|item| item.map(from_value))
    }
}
