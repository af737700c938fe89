//! The parameters of a function and the arguments of a call: bound to them and checked for their types.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::Error;
use crate::value::Value;

/// One for each argument in order, or for each parameter. Nearly all functions have no more than fit in here.
pub(super) type Slots = SmallVec<[Option<Value>; 4]>;

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, which a keyword argument may use.
    pub name: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.optional { write!(formatter, "[{}]", self.name) } else { formatter.write_str(self.name) }
    }
}

/// A parameter that must be given.
pub(super) const fn required(name: &'static str) -> Parameter {
    Parameter { name, optional: false }
}

/// A parameter that may be left out.
pub(super) const fn optional(name: &'static str) -> Parameter {
    Parameter { name, optional: true }
}

/// The arguments of one call, one slot per parameter; an optional one that was not given is empty.
#[derive(Clone, Debug)]
pub struct Arguments {
    slots: Slots,
    function: &'static str,
    parameters: &'static [Parameter],
}

impl Arguments {
    /// Binds positional and keyword arguments to the parameters of the function of that name. `slots`: the positional
    /// ones.
    ///
    /// # Errors
    /// `type` where one is missing, given twice, unknown or too many.
    pub(super) fn bind(
        function: &'static str,
        parameters: &'static [Parameter],
        mut slots: Slots,
        keyword: Vec<(String, Value)>,
    ) -> Result<Arguments, Error> {
        let given = slots.len() + keyword.len();
        let wrong_count = || {
            let names: Vec<String> = parameters.iter().map(|parameter| parameter.to_string()).collect();
            let takes = if names.is_empty() { "no arguments".to_owned() } else { names.join(", ") };
            let were = if given == 1 { "1 was" } else { &format!("{given} were") };
            Error::Type(format!("{}() takes {takes}; {were} given", function))
        };
        if slots.len() > parameters.len() {
            return Err(wrong_count());
        }
        slots.resize(parameters.len(), None);
        for (name, value) in keyword {
            let index = parameters.iter().position(|parameter| parameter.name == name);
            let slot = index
                .and_then(|index| slots.get_mut(index))
                .ok_or_else(|| Error::Type(format!("{}() has no parameter '{name}'", function)))?;
            if slot.replace(value).is_some() {
                return Err(Error::Type(format!("{}() got '{name}' twice", function)));
            }
        }
        if parameters.iter().zip(&slots).any(|(parameter, slot)| slot.is_none() && !parameter.optional) {
            return Err(wrong_count());
        }
        Ok(Arguments { slots, function, parameters })
    }

    /// The argument at `index`, if it was given.
    pub(super) fn optional(&mut self, index: usize) -> Option<Value> {
        self.slots.get_mut(index).and_then(Option::take)
    }

    /// The argument at `index`, None where it was not given.
    pub(super) fn value(&mut self, index: usize) -> Value {
        self.optional(index).unwrap_or(Value::None)
    }

    /// The text at `index`.
    pub(super) fn text(&mut self, index: usize) -> Result<Arc<str>, Error> {
        match self.value(index) {
            Value::Str(text) => Ok(text),
            other => Err(self.wrong_type(index, "a text", &other)),
        }
    }

    /// The text at `index`; nothing where it was not given, or is None.
    pub(super) fn optional_text(&mut self, index: usize) -> Result<Option<Arc<str>>, Error> {
        match self.value(index) {
            Value::None => Ok(None),
            Value::Str(text) => Ok(Some(text)),
            other => Err(self.wrong_type(index, "a text", &other)),
        }
    }

    /// The time at `index`, in seconds from 0 to `most`; nothing where it was not given, or is None.
    pub(super) fn optional_seconds(&mut self, index: usize, most: u32) -> Result<Option<Duration>, Error> {
        #[expect(clippy::cast_precision_loss, reason = "a number of seconds so large is refused below")]
        let seconds = match self.value(index) {
            Value::None => return Ok(None),
            Value::Int(seconds) => seconds as f64,
            Value::Float(seconds) => seconds,
            other => return Err(self.wrong_type(index, "a number of seconds", &other)),
        };
        let time = Duration::try_from_secs_f64(seconds).ok().filter(|_| seconds <= f64::from(most));
        time.map(Some).ok_or_else(|| {
            let name = self.parameter(index);
            Error::Value(format!("{}(): {name} must be from 0 to {most} seconds", self.function))
        })
    }

    /// The time at `index`, in seconds from 0 to `most`.
    pub(super) fn seconds(&mut self, index: usize, most: u32) -> Result<Duration, Error> {
        match self.optional_seconds(index, most)? {
            Some(time) => Ok(time),
            None => Err(self.wrong_type(index, "a number of seconds", &Value::None)),
        }
    }

    /// The number of a message or an item at `index`.
    pub(super) fn number(&mut self, index: usize) -> Result<u64, Error> {
        match self.value(index) {
            Value::Int(number) => u64::try_from(number).map_err(|_| {
                Error::Value(format!("{}(): {} must not be negative", self.function, self.parameter(index)))
            }),
            other => Err(self.wrong_type(index, "an int", &other)),
        }
    }

    fn parameter(&self, index: usize) -> &'static str {
        self.parameters.get(index).map_or("the argument", |parameter| parameter.name)
    }

    fn wrong_type(&self, index: usize, wanted: &str, got: &Value) -> Error {
        let (function, parameter) = (self.function, self.parameter(index));
        Error::Type(format!("{function}() needs {wanted} as {parameter}, not {}", got.type_name()))
    }
}
