//! One run of one expression: its context, its budget, and everything that natives do on its behalf.
//!
//! Owns how a tree's operations reach `operations`, `modules`, the catalogue and the shared names. Both ways of
//! running a tree call what is here, so that they cannot differ. Knows no parser and no Rhai.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::objects::is_mutable;
use super::objects::{Touched, same_object};
use super::operations::{self, Binary, Call, Unary};
use super::{Budget, Error, modules};
use crate::functions::{self, Context, Function, Outcome, Pending};
use crate::value::{Opaque, Value};

/// One run.
pub struct Run {
    /// What functions run in.
    pub context: Context,
    /// What may still be used.
    pub budget: Budget,
    /// Which places this run has read or written, where that matters.
    pub touched: Touched,
    wait: Option<Pending>,
    /// An error that no script may catch.
    fatal: Option<Error>,
    state_time: Duration,
    calls: u32,
}

/// Stands for a wait until the expression ends.
#[derive(Debug)]
struct WaitMark;

impl Opaque for WaitMark {
    fn type_name(&self) -> &'static str {
        "wait"
    }
    fn repr(&self) -> String {
        String::from("wait")
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn state_error(message: impl Into<String>) -> Error {
    Error::Function(functions::Error::state(message))
}

fn misplaced_wait() -> Error {
    state_error("a call with a time to wait may stand only as the whole expression")
}

impl Run {
    /// A run in this context. `tracks`: it changes values in place, so aliases matter.
    pub fn new(context: Context, tracks: bool) -> Run {
        let limits = &context.world.limits;
        let (stay, in_vain) = context.stay();
        Run {
            budget: Budget::staying(limits, stay, in_vain),
            state_time: Duration::from_millis(limits.state_ms_max),
            context,
            touched: Touched::new(tracks),
            wait: None,
            fatal: None,
            calls: 0,
        }
    }

    /// Ends the run: the context, and the outcome that its value is.
    pub fn finish(self, result: Result<Value, Error>) -> (Context, Result<Outcome, Error>) {
        let outcome = match (self.fatal, self.wait, result) {
            (Some(fatal), _, _) => Err(fatal),
            (None, _, Err(error)) => Err(error),
            (None, Some(pending), Ok(value)) if is_wait(&value) => Ok(Outcome::Wait(pending)),
            (None, Some(_), Ok(_)) => Err(misplaced_wait()),
            (None, None, Ok(value)) => Ok(Outcome::Value(value)),
        };
        (self.context, outcome)
    }

    /// Nothing may follow a wait.
    pub fn usable(&self) -> Result<(), Error> {
        if self.wait.is_some() { Err(misplaced_wait()) } else { Ok(()) }
    }

    /// Looks at both clocks: how long it computes and how long it holds the state.
    pub fn check_time(&self) -> Result<(), Error> {
        // What was changed may have to be undone, which is a part of the time that an answer takes.
        self.budget.check_undoable(self.context.changes())?;
        let Some(since) = self.context.held_since() else { return Ok(()) };
        let held = self.context.world.clock.now().monotonic.saturating_sub(since);
        if held > self.state_time {
            return Err(Error::Limit(format!("state_ms_max is {}", self.state_time.as_millis())));
        }
        Ok(())
    }

    /// Keeps an error that ends the run whatever a script does about it.
    pub fn remember_fatal(&mut self, error: &Error) {
        if error.is_fatal() && self.fatal.is_none() {
            self.fatal = Some(error.clone());
        }
    }

    /// An operation goes over a text in one go.
    fn afford(&self, value: &Value) -> Result<(), Error> {
        match value {
            Value::Str(text) => self.budget.afford(text.len()),
            Value::Bytes(bytes) => self.budget.afford(bytes.len()),
            _ => Ok(()),
        }
    }

    /// A binary operator. The result is never the same object as an operand, as in Python.
    pub fn binary(&self, operator: Binary, left: &Value, right: &Value) -> Result<Value, Error> {
        self.usable()?;
        self.budget.tick()?;
        self.afford(left)?;
        self.afford(right)?;
        let value = operations::binary(operator, left, right, &self.budget)?;
        Ok(fresh(value, left, right))
    }

    /// A prefix operator.
    pub fn unary(&self, operator: Unary, operand: &Value) -> Result<Value, Error> {
        self.usable()?;
        operations::unary(operator, operand)
    }

    /// `base[start:stop:step]`, a new object.
    pub fn slice(&self, base: &Value, start: &Value, stop: &Value, step: &Value) -> Result<Value, Error> {
        self.usable()?;
        self.afford(base)?;
        let value = operations::slice(base, start, stop, step, &self.budget)?;
        Ok(fresh(value, base, base))
    }

    /// An f-string's field as text.
    pub fn field(
        &self,
        value: &Value,
        conversion: Option<char>,
        specification: &str,
    ) -> Result<String, Error> {
        self.usable()?;
        let text = operations::format_field(value, conversion, specification, &self.budget)?;
        let text = crate::value::str(&text);
        self.budget.reserve(text.len())?;
        Ok(text)
    }

    /// A type where it stands as a value: `isinstance(x, int)`.
    pub fn type_value(&self, name: &str) -> Result<Value, Error> {
        operations::type_object(name)
            .ok_or_else(|| Error::Name(format!("'{name}' is a function and no value here; call it")))
    }

    /// The items as an iterator: what `map` or `filter` gives.
    pub fn iterator(&self, kind: &str, items: Value) -> Result<Value, Error> {
        self.builtin(&format!("__{kind}__"), Call { positional: vec![items], keyword: Vec::new() })
    }

    /// `str.upper(text)`: a function of a class, or its method on the first argument.
    pub fn class(&self, path: &str, name: &str, mut call: Call) -> Result<Value, Error> {
        if operations::is_builtin(path) {
            return self.builtin(path, call);
        }
        let class = path.split('.').next().unwrap_or_default();
        if operations::method_names(class).is_some_and(|names| !names.contains(&name)) {
            return Err(if operations::is_attribute(class, name) {
                Error::Type(format!("{path} is no function"))
            } else {
                Error::Name(format!("type object '{class}' has no attribute '{name}'"))
            });
        }
        if call.positional.is_empty() {
            return Err(Error::Type(format!("{path}() needs an argument")));
        }
        let receiver = call.positional.remove(0);
        // A bool has the methods of int, and takes ints for them.
        let class = if class == "bool" { "int" } else { class };
        if receiver.type_name() != class && !(class == "int" && matches!(receiver, Value::Bool(_))) {
            let article = if class == "int" { "an" } else { "a" };
            return Err(Error::Type(format!(
                "{path}() needs {article} {class}, not {}",
                receiver.type_name()
            )));
        }
        self.method(receiver, name, call, true)
    }

    /// Why a name that is no function cannot be called.
    pub fn no_function(&mut self, name: &str) -> Error {
        match self.context.shared_name(name) {
            Some(value) => Error::Type(format!("'{}' object is not callable", value.type_name())),
            None => Error::Name(format!("there is no function '{name}'; help() lists them all")),
        }
    }

    /// The value of a shared name.
    pub fn load(&mut self, name: &str) -> Result<Value, Error> {
        self.usable()?;
        self.step()?;
        match self.context.shared_name(name) {
            Some(value) => {
                self.touched.name(name);
                Ok(value)
            }
            None => Err(Error::Name(format!("name '{name}' is not defined"))),
        }
    }

    /// Assigns a shared name.
    pub fn store(&mut self, name: &str, value: Value) -> Result<(), Error> {
        self.usable()?;
        self.step()?;
        self.context.set_shared_name(name, value)?;
        self.touched.name(name);
        Ok(())
    }

    /// `del name`
    pub fn delete(&mut self, name: &str) -> Result<(), Error> {
        self.usable()?;
        match self.context.remove_shared_name(name)? {
            Some(_) => Ok(()),
            None => Err(Error::Name(format!("name '{name}' is not defined"))),
        }
    }

    /// The session's own ID.
    pub fn me(&self) -> Result<Value, Error> {
        match self.context.caller.session {
            Some(client) => Ok(Value::from(client.as_str())),
            None => Err(Error::Name(String::from("'me' is a session's own ID, and this is no session"))),
        }
    }

    /// Calls a function of the catalogue.
    pub fn catalogue(&mut self, function: &'static Function, call: Call) -> Result<Value, Error> {
        self.usable()?;
        self.step()?;
        let key = match call.positional.first() {
            Some(Value::Str(key)) if function.name.starts_with("MyData.") => Some(Arc::clone(key)),
            _ => None,
        };
        let outcome = functions::call(function, &mut self.context, call.positional, call.keyword)?;
        if let Some(key) = key {
            self.touched.key(&key);
        }
        match outcome {
            Outcome::Value(value) => Ok(value),
            Outcome::Wait(pending) => {
                self.wait = Some(pending);
                Ok(Value::Opaque(Arc::new(WaitMark)))
            }
        }
    }

    /// Calls a builtin of Python's.
    pub fn builtin(&self, name: &str, mut call: Call) -> Result<Value, Error> {
        self.usable()?;
        self.budget.tick()?;
        call.positional.iter().try_for_each(|value| self.afford(value))?;
        let copied = match name {
            // These make a new object in Python even where they only copy.
            "list" | "dict" | "set" | "sorted" | "sum" => call.positional.first().cloned(),
            _ => None,
        };
        if matches!(name, "sorted" | "min" | "max") {
            call.keyword.retain(|(name, value)| !(name == "key" && matches!(value, Value::None)));
        }
        let value = operations::builtin(name, call, &self.budget)?;
        Ok(match copied {
            Some(argument) => fresh(value, &argument, &argument),
            None => value,
        })
    }

    /// Calls a module's function.
    pub fn module(&self, path: &str, call: Call) -> Result<Value, Error> {
        self.usable()?;
        self.budget.tick()?;
        call.positional.iter().try_for_each(|value| self.afford(value))?;
        let world = &self.context.world;
        let around =
            modules::Surroundings { clock: &world.clock, random: &*world.random, budget: &self.budget };
        modules::call(path, call, &around)
    }

    /// Calls a method of a value that is no place. `kept`: the value may be part of something that is kept, so that
    /// a change of it would have to be seen there.
    pub fn method(&self, receiver: Value, name: &str, call: Call, kept: bool) -> Result<Value, Error> {
        self.usable()?;
        self.budget.tick()?;
        if kept && operations::mutates(name) && is_mutable(&receiver) {
            return Err(Error::Value(format!(
                "{name}() would change a value that has no name of its own here; assign a copy to a name first"
            )));
        }
        self.afford(&receiver)?;
        call.positional.iter().try_for_each(|value| self.afford(value))?;
        let original = receiver.clone();
        let mut receiver = receiver;
        let value = operations::method(&mut receiver, name, call, &self.budget)?;
        Ok(fresh(value, &original, &original))
    }

    /// The whole registry as a dict.
    pub fn my_data(&mut self) -> Result<Value, Error> {
        self.usable()?;
        let entries = self.context.registry_entries()?;
        let mut pairs = Vec::new();
        for (key, value) in entries {
            self.budget.reserve(64 + key.len())?;
            self.touched.key(&key);
            pairs.push((Value::Str(key), value));
        }
        operations::make_dict(pairs, &self.budget)
    }

    /// A method of the registry as a dictionary.
    pub fn my_data_method(&mut self, name: &str, mut call: Call) -> Result<Value, Error> {
        if let Some(function) = functions::find(&format!("{}.{name}", super::names::MY_DATA)) {
            let value = self.catalogue(function, call)?;
            return match name {
                "keys" if operations::is_builtin("__dict_keys__") => {
                    self.builtin("__dict_keys__", Call { positional: vec![value], keyword: Vec::new() })
                }
                _ => Ok(value),
            };
        }
        match (name, call.positional.len()) {
            ("update", 1) if call.keyword.is_empty() => {
                let argument = call.positional.pop().unwrap_or(Value::None);
                let updates =
                    self.builtin("dict", Call { positional: vec![argument], keyword: Vec::new() })?;
                let Value::Dict(updates) = updates else { return Ok(Value::None) };
                for (key, value) in updates.iter() {
                    self.my_data_row("set", vec![key.value().clone(), value.clone()])?;
                }
                Ok(Value::None)
            }
            ("setdefault", 1 | 2) => {
                let default = if call.positional.len() == 2 { call.positional.pop() } else { None };
                let key = call.positional.pop().unwrap_or(Value::None);
                if self.my_data_row("has", vec![key.clone()])?.truth() {
                    return self.my_data_row("item", vec![key]);
                }
                let default = default.unwrap_or(Value::None);
                self.my_data_row("set", vec![key, default.clone()])?;
                Ok(default)
            }
            ("copy", 0) => self.my_data(),
            ("items" | "values", 0) => {
                let snapshot = self.my_data()?;
                self.method(snapshot, name, call, false)
            }
            _ => Err(Error::Name(format!("MyData has no method '{name}' here"))),
        }
    }

    /// Calls one of the catalogue's rows for the registry as a dictionary.
    pub fn my_data_row(&mut self, row: &str, positional: Vec<Value>) -> Result<Value, Error> {
        let name = format!("{}.{row}", super::names::MY_DATA);
        let Some(function) = functions::find(&name) else {
            return Err(Error::Name(format!("the server does not have {name}")));
        };
        self.catalogue(function, Call { positional, keyword: Vec::new() })
    }

    /// One call of many: now and then both clocks are looked at.
    fn step(&mut self) -> Result<(), Error> {
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(16) { self.check_time() } else { Ok(()) }
    }
}

/// Whether the value stands for a wait.
pub fn is_wait(value: &Value) -> bool {
    matches!(value, Value::Opaque(opaque) if opaque.as_any().is::<WaitMark>())
}

/// The value as an object of its own where it is one of the two others: an operation may answer with its operand
/// where that has the right content, but in Python the result is a new object.
fn fresh(value: Value, left: &Value, right: &Value) -> Value {
    if !same_object(&value, left) && !same_object(&value, right) {
        return value;
    }
    match value {
        Value::List(items) => Value::List(Arc::new(items.to_vec())),
        Value::Dict(entries) => Value::Dict(Arc::new((*entries).clone())),
        Value::Set(members) => Value::Set(Arc::new((*members).clone())),
        value => value,
    }
}
