//! Slices as places: `x[1:3] = …`, `del x[::2]`, and the bounds that every slice is brought into.
//!
//! Bounds are an index that no client can keep: they stand only where a place is assigned or deleted.

use std::any::Any;
use std::sync::Arc;

use super::arguments::bound_or;
use super::errors::{type_error, value_error};
use super::{Budget, iterate, shape};
use crate::language::Error;
use crate::value::{Opaque, Value};

/// `start:stop:step`, a missing one None.
#[derive(Debug)]
pub(super) struct Bounds(pub(super) [Value; 3]);

/// Bounds as an index of [`super::set_index`] and [`super::delete_index`].
#[must_use]
pub fn slice_index(bounds: [Value; 3]) -> Value {
    Value::Opaque(Arc::new(Bounds(bounds)))
}

/// Whether the index is one of those.
#[must_use]
pub fn is_slice_index(index: &Value) -> bool {
    Bounds::of(index).is_some()
}

impl Bounds {
    pub(super) fn of(index: &Value) -> Option<&Bounds> {
        match index {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref(),
            _ => None,
        }
    }

    fn within(&self, count: usize) -> Result<(usize, i64, usize, usize), Error> {
        let [start, stop, step] = &self.0;
        let (start, stop, step, count) = bounds(i64::try_from(count).unwrap_or(i64::MAX), start, stop, step)?;
        let start = usize::try_from(start).unwrap_or(0);
        Ok((start, step, count, usize::try_from(stop).unwrap_or(0).max(start)))
    }
}

impl Opaque for Bounds {
    fn type_name(&self) -> &'static str {
        "slice"
    }

    fn repr(&self) -> String {
        String::from("slice")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Bounds brought into a sequence of `count` items, as CPython does, and how many items they hold.
pub(super) fn bounds(
    count: i64,
    start: &Value,
    stop: &Value,
    step: &Value,
) -> Result<(i64, i64, i64, usize), Error> {
    let step = bound_or(Some(step), 1)?;
    if step == 0 {
        return Err(value_error("slice step cannot be zero"));
    }
    let step = step.max(-i64::MAX);
    let (lowest, highest) = if step < 0 { (-1, count - 1) } else { (0, count) };
    let inside = |bound: &Value, default: i64| {
        if matches!(bound, Value::None) {
            return Ok(default);
        }
        let bound = bound_or(Some(bound), default)?;
        let bound = if bound < 0 { bound.saturating_add(count) } else { bound };
        Ok::<i64, Error>(bound.clamp(lowest, highest))
    };
    let (start, stop) = if step < 0 {
        (inside(start, highest)?, inside(stop, lowest)?)
    } else {
        (inside(start, lowest)?, inside(stop, highest)?)
    };
    let span = if step < 0 { start - stop } else { stop - start };
    let held = if span <= 0 { 0 } else { (span - 1) / step.abs() + 1 };
    Ok((start, stop, step, usize::try_from(held).unwrap_or(0)))
}

/// The places of a slice that is no plain range, from the first one on.
fn places(start: usize, step: i64, count: usize) -> impl Iterator<Item = usize> {
    let distance = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    (0..count).map(move |number| {
        let way = number.saturating_mul(distance);
        if step < 0 { start.saturating_sub(way) } else { start.saturating_add(way) }
    })
}

/// `items[start:stop:step] = value`
pub(super) fn assign(
    items: &mut Arc<Vec<Value>>,
    place: &Bounds,
    value: &Value,
    budget: &Budget,
) -> Result<(), Error> {
    let [_, _, step] = &place.0;
    let plain = matches!(bound_or(Some(step), 1), Ok(1));
    let new = iterate(value, budget).map_err(|error| match error {
        Error::Type(_) if plain => type_error("can only assign an iterable"),
        Error::Type(_) => type_error("must assign iterable to extended slice"),
        other => other,
    });
    let (start, step, count, stop) = place.within(items.len())?;
    let new = new?;
    shape::check_members(&new)?;
    let copied = if Arc::get_mut(items).is_none() { items.len() } else { 0 };
    budget.reserve(copied.saturating_add(new.len().saturating_mul(2)).saturating_mul(shape::ITEM))?;
    if step == 1 {
        Arc::make_mut(items).splice(start..stop, new);
        return Ok(());
    }
    if new.len() != count {
        return Err(value_error(format!(
            "attempt to assign sequence of size {} to extended slice of size {count}",
            new.len()
        )));
    }
    let items = Arc::make_mut(items);
    for (place, value) in places(start, step, count).zip(new) {
        if let Some(slot) = items.get_mut(place) {
            *slot = value;
        }
    }
    Ok(())
}

/// `del items[start:stop:step]`
pub(super) fn delete(items: &mut Arc<Vec<Value>>, place: &Bounds) -> Result<(), Error> {
    let (start, step, count, stop) = place.within(items.len())?;
    let items = Arc::make_mut(items);
    if step == 1 {
        items.drain(start..stop);
        return Ok(());
    }
    let mut gone = vec![false; items.len()];
    for place in places(start, step, count) {
        if let Some(gone) = gone.get_mut(place) {
            *gone = true;
        }
    }
    let mut gone = gone.into_iter();
    items.retain(|_| !gone.next().unwrap_or(false));
    Ok(())
}
