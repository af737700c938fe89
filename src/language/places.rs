//! Changes in place: `x[0] = 5`, `x.append(2)`, `x += [1]`, `del MyData['k'][0]`.
//!
//! Values here are values, Python's are objects that several names may share. A change is read, made and written
//! back; where Python would have shown it through another name too, it is refused, never lost. Two values are one
//! object where they share their allocation, which every copy ends.

use std::sync::Arc;

use super::objects::{Root, is_mutable, same_object};
use super::operations::{self, Binary, Call};
use super::run::Run;
use super::{Budget, Error};
use crate::value::Value;

/// What is done at a place.
#[derive(Debug)]
pub enum Change {
    /// `place[index] = value`
    Set(Value, Value),
    /// `del place[index]`
    Delete(Value),
    /// `place.name(…)`
    Method(String, Call),
    /// `place operator= value`
    Augment(Binary, Value),
    /// `place[index] operator= value`
    AugmentItem(Value, Binary, Value),
}

impl Run {
    /// Makes the change at the place: reads it, changes it, writes it back.
    ///
    /// # Errors
    /// `value` where Python would show the change through another name too.
    pub fn change(&mut self, root: &Root, path: &[Value], change: Change) -> Result<Value, Error> {
        self.usable()?;
        let mut whole = self.read_root(root)?;
        let mut target = whole.clone();
        for index in path {
            target = operations::index(&target, index)?;
        }
        self.check_alone(root, &whole, path, &target, &change)?;
        let before = whole.clone();
        drop(target);
        let answer =
            at_path(&mut whole, path, &self.budget, &mut |value, budget| apply(value, &change, budget))?;
        if path.is_empty() || !same_object(&before, &whole) {
            self.write_root(root, whole)?;
        }
        Ok(answer)
    }

    /// Reads what is at the place, for its errors.
    ///
    /// # Errors
    /// As reading it.
    pub fn peek(&mut self, root: &Root, path: &[Value], index: Option<&Value>) -> Result<Value, Error> {
        let mut value = self.read_root(root)?;
        for index in path.iter().chain(index) {
            value = operations::index(&value, index)?;
        }
        Ok(value)
    }

    fn read_root(&mut self, root: &Root) -> Result<Value, Error> {
        match root {
            Root::Name(name) => self.load(name),
            Root::Key(key) => self.my_data_row("item", vec![Value::Str(Arc::clone(key))]),
        }
    }

    fn write_root(&mut self, root: &Root, value: Value) -> Result<(), Error> {
        match root {
            Root::Name(name) => self.store(name, value),
            Root::Key(key) => self.my_data_row("set", vec![Value::Str(Arc::clone(key)), value]).map(|_| ()),
        }
    }

    /// Refuses the change of an object that something else holds as well.
    fn check_alone(
        &mut self,
        root: &Root,
        whole: &Value,
        path: &[Value],
        target: &Value,
        change: &Change,
    ) -> Result<(), Error> {
        let object = match change {
            Change::AugmentItem(index, ..) if !operations::is_slice_index(index) => {
                let item = operations::index(target, index)?;
                if is_mutable(&item) { item } else { target.clone() }
            }
            _ => target.clone(),
        };
        if !is_mutable(&object) {
            return Ok(());
        }
        for argument in arguments(change) {
            if count(argument, &object, &self.budget)? > 0 {
                return Err(Error::Value(String::from("a container cannot be put into itself here")));
            }
        }
        if (!path.is_empty() || !same_object(whole, &object)) && count(whole, &object, &self.budget)? > 1 {
            return Err(shared("another part of the same value"));
        }
        for value in self.touched.held() {
            if count(value, &object, &self.budget)? > 0 {
                return Err(shared("another part of the same statement"));
            }
        }
        let others: Vec<Root> = self.touched.roots().filter(|other| *other != root).cloned().collect();
        for other in others {
            let (value, what) = match &other {
                Root::Name(name) => (self.context.shared_name(name), format!("the name '{name}'")),
                Root::Key(key) => (self.context.registry_value(key), format!("MyData['{key}']")),
            };
            if let Some(value) = value
                && count(&value, &object, &self.budget)? > 0
            {
                return Err(shared(&what));
            }
        }
        Ok(())
    }
}

fn shared(with: &str) -> Error {
    Error::Value(format!(
        "in Python this would change {with} too, which holds the same object; copy it first, with list(…) or dict(…)"
    ))
}

/// What a change puts into the place.
fn arguments(change: &Change) -> Vec<&Value> {
    match change {
        Change::Set(index, value) if operations::is_slice_index(index) => children(value),
        Change::Set(_, value) => vec![value],
        Change::Delete(_) => Vec::new(),
        Change::Augment(_, value) | Change::AugmentItem(_, _, value) => children(value),
        Change::Method(name, call) => {
            let values = call.positional.iter().chain(call.keyword.iter().map(|(_, value)| value));
            // These take the members of their argument, not the argument.
            if matches!(name.as_str(), "append" | "insert" | "setdefault" | "add") {
                values.collect()
            } else {
                values.flat_map(children).collect()
            }
        }
    }
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::List(items) | Value::Tuple(items) => items.iter().collect(),
        Value::Dict(entries) => entries.values().collect(),
        _ => Vec::new(),
    }
}

/// How often the object occurs in the value.
fn count(value: &Value, object: &Value, budget: &Budget) -> Result<usize, Error> {
    if same_object(value, object) {
        return Ok(1);
    }
    budget.tick()?;
    let mut found = 0;
    match value {
        Value::List(items) | Value::Tuple(items) => {
            for item in items.iter() {
                found += count(item, object, budget)?;
            }
        }
        Value::Dict(entries) => {
            for item in entries.values() {
                found += count(item, object, budget)?;
            }
        }
        _ => {}
    }
    Ok(found)
}

type Apply<'a> = &'a mut dyn FnMut(&mut Value, &Budget) -> Result<Value, Error>;

/// Applies at the path, writing each level back into the one above.
fn at_path(value: &mut Value, path: &[Value], budget: &Budget, apply: Apply) -> Result<Value, Error> {
    let Some((index, rest)) = path.split_first() else { return apply(value, budget) };
    let mut item = operations::index(value, index)?;
    let before = item.clone();
    let answer = at_path(&mut item, rest, budget, apply)?;
    if same_object(&before, &item) {
        return Ok(answer);
    }
    if let Value::Tuple(items) = value {
        // A tuple holds the same list as before; only here it is another one.
        let items =
            items.iter().map(|old| if same_object(old, &before) { item.clone() } else { old.clone() });
        *value = Value::tuple(items.collect());
    } else {
        operations::set_index(value, index, item, budget)?;
    }
    Ok(answer)
}

fn apply(value: &mut Value, change: &Change, budget: &Budget) -> Result<Value, Error> {
    match change {
        Change::Set(index, item) => {
            operations::set_index(value, index, item.clone(), budget)?;
            Ok(Value::None)
        }
        Change::Delete(index) => {
            operations::delete_index(value, index)?;
            Ok(Value::None)
        }
        Change::Method(name, call) => {
            let call = Call { positional: call.positional.clone(), keyword: call.keyword.clone() };
            operations::method(value, name, call, budget)
        }
        Change::Augment(operator, operand) => {
            augment(value, *operator, operand, budget)?;
            Ok(Value::None)
        }
        Change::AugmentItem(index, operator, operand) => {
            let mut item = operations::index(value, index)?;
            augment(&mut item, *operator, operand, budget)?;
            operations::set_index(value, index, item, budget)?;
            Ok(Value::None)
        }
    }
}

/// `value operator= operand`, which for a list takes any iterable where `+` takes only a list.
fn augment(value: &mut Value, operator: Binary, operand: &Value, budget: &Budget) -> Result<(), Error> {
    let method = match (&*value, operator, operand) {
        (Value::List(_), Binary::Add, _) => "extend",
        (Value::Dict(_), Binary::Or, _) => "update",
        _ => {
            *value = operations::binary(operator, value, operand, budget)?;
            return Ok(());
        }
    };
    let call = Call { positional: vec![operand.clone()], keyword: Vec::new() };
    operations::method(value, method, call, budget).map(|_| ())
}
