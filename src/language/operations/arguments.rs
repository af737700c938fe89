//! The arguments of a call, put into the order of a signature, and what numbers arguments may be.
//!
//! Uses `errors` and values; knows no function.

use super::Call;
use super::errors::{overflow, type_error};
use crate::language::Error;
use crate::value::Value;

impl Call {
    /// The arguments in the order of `names`: `/name` is by position only, `*name` by keyword only. The first
    /// `required` must be there.
    pub(in crate::language) fn bind<const N: usize>(
        self,
        function: &str,
        names: [&str; N],
        required: usize,
    ) -> Result<[Option<Value>; N], Error> {
        let mut bound = [const { None }; N];
        let most = names.iter().filter(|name| !name.starts_with('*')).count();
        let given = self.positional.len();
        if given > most {
            return Err(type_error(match most {
                0 => format!("{function}() takes no arguments ({given} given)"),
                1 => format!("{function}() takes at most 1 argument ({given} given)"),
                _ => format!("{function}() takes at most {most} arguments ({given} given)"),
            }));
        }
        for (slot, value) in bound.iter_mut().zip(self.positional) {
            *slot = Some(value);
        }
        for (name, value) in self.keyword {
            let place = names.iter().position(|known| known.trim_start_matches('*') == name);
            match place.and_then(|place| bound.get_mut(place)) {
                Some(Some(_)) => {
                    return Err(type_error(format!(
                        "{function}() got multiple values for argument '{name}'"
                    )));
                }
                Some(slot) => *slot = Some(value),
                None => {
                    return Err(type_error(format!(
                        "'{name}' is an invalid keyword argument for {function}()"
                    )));
                }
            }
        }
        if let Some((name, _)) = names.iter().zip(&bound).take(required).find(|(_, value)| value.is_none()) {
            let name = name.trim_start_matches(['*', '/']);
            return Err(type_error(format!("{function}() missing required argument: '{name}'")));
        }
        Ok(bound)
    }

    /// No arguments at all.
    pub(in crate::language) fn none(self, function: &str) -> Result<(), Error> {
        self.bind(function, [], 0).map(|[]| ())
    }

    /// Exactly one argument, by position.
    pub(in crate::language) fn one(self, function: &str) -> Result<Value, Error> {
        let [value] = self.bind(function, ["/argument"], 1)?;
        value.ok_or_else(|| type_error(format!("{function}() takes exactly one argument (0 given)")))
    }

    /// Any number of arguments by position, none by keyword.
    pub(in crate::language) fn all(self, function: &str) -> Result<Vec<Value>, Error> {
        match self.keyword.first() {
            None => Ok(self.positional),
            Some(_) => Err(type_error(format!("{function}() takes no keyword arguments"))),
        }
    }
}

/// A whole number: an int or a bool.
pub(in crate::language) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(truth) => Some(i64::from(*truth)),
        _ => None,
    }
}

/// What Python's `operator.index` accepts.
pub(in crate::language) fn integer(value: &Value) -> Result<i64, Error> {
    whole(value).ok_or_else(|| {
        type_error(format!("'{}' object cannot be interpreted as an integer", value.type_name()))
    })
}

/// An integer argument that may be missing.
pub(in crate::language) fn integer_or(value: Option<&Value>, default: i64) -> Result<i64, Error> {
    value.map_or(Ok(default), integer)
}

/// A bound of a slice or a search: None or missing is the default.
pub(in crate::language) fn bound_or(value: Option<&Value>, default: i64) -> Result<i64, Error> {
    match value {
        None | Some(Value::None) => Ok(default),
        Some(value) => whole(value).ok_or_else(|| type_error("slice indices must be integers or None")),
    }
}

/// A text argument.
pub(in crate::language) fn text<'v>(function: &str, value: &'v Value) -> Result<&'v str, Error> {
    match value {
        Value::Str(text) => Ok(text),
        _ => Err(type_error(format!("{function}() argument must be str, not {}", value.type_name()))),
    }
}

/// A length as Python's int.
pub(in crate::language) fn length(count: usize) -> Result<Value, Error> {
    i64::try_from(count).map(Value::Int).map_err(|_| overflow())
}
