//! Rust's types into values and back.
//!
//! Owns the `From` and `TryFrom` between them. A value of another type than asked for is an error that says
//! which; nothing is converted that Python would not take for the same (an int where a float is asked for).

use crate::{Error, Value};

macro_rules! into_int {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Value {
                Value::Int(i64::from(number))
            }
        }
    )*};
}

into_int!(i8, i16, i32, i64, u8, u16, u32);

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<f32> for Value {
    fn from(number: f32) -> Value {
        Value::Float(f64::from(number))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Str(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// `None` is Python's None.
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::None, Into::into)
    }
}

impl From<Vec<Value>> for Value {
    /// A list.
    fn from(items: Vec<Value>) -> Value {
        Value::List(items)
    }
}

impl<const N: usize> From<[Value; N]> for Value {
    /// A list.
    fn from(items: [Value; N]) -> Value {
        Value::List(items.into())
    }
}

impl<K: Into<Value>, const N: usize> From<[(K, Value); N]> for Value {
    /// A dict.
    fn from(entries: [(K, Value); N]) -> Value {
        Value::Dict(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl TryFrom<Value> for bool {
    type Error = Error;

    fn try_from(value: Value) -> Result<bool, Error> {
        match value {
            Value::Bool(truth) => Ok(truth),
            other => Err(mismatch("a bool", &other)),
        }
    }
}

macro_rules! from_int {
    ($($number:ty),*) => {$(
        impl TryFrom<Value> for $number {
            type Error = Error;

            fn try_from(value: Value) -> Result<$number, Error> {
                match value {
                    Value::Int(number) => <$number>::try_from(number).map_err(|_| {
                        Error::Protocol(format!("{number} does not fit into {}", stringify!($number)))
                    }),
                    other => Err(mismatch("an int", &other)),
                }
            }
        }
    )*};
}

from_int!(i32, i64, u32, u64, usize);

impl TryFrom<Value> for f64 {
    type Error = Error;

    #[expect(clippy::cast_precision_loss, reason = "as Python's float() does")]
    fn try_from(value: Value) -> Result<f64, Error> {
        match value {
            Value::Float(number) => Ok(number),
            Value::Int(number) => Ok(number as f64),
            other => Err(mismatch("a float", &other)),
        }
    }
}

impl TryFrom<Value> for String {
    type Error = Error;

    fn try_from(value: Value) -> Result<String, Error> {
        match value {
            Value::Str(text) => Ok(text),
            other => Err(mismatch("a str", &other)),
        }
    }
}

impl TryFrom<Value> for Vec<u8> {
    type Error = Error;

    fn try_from(value: Value) -> Result<Vec<u8>, Error> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(mismatch("bytes", &other)),
        }
    }
}

impl TryFrom<Value> for Vec<Value> {
    type Error = Error;

    fn try_from(value: Value) -> Result<Vec<Value>, Error> {
        match value {
            Value::List(items) | Value::Tuple(items) => Ok(items),
            other => Err(mismatch("a list", &other)),
        }
    }
}

impl TryFrom<Value> for Vec<String> {
    type Error = Error;

    fn try_from(value: Value) -> Result<Vec<String>, Error> {
        Vec::<Value>::try_from(value)?.into_iter().map(String::try_from).collect()
    }
}

/// What was asked for, and what it is instead.
fn mismatch(expected: &str, value: &Value) -> Error {
    Error::Protocol(format!("expected {expected}, not a value of type {}", value.type_name()))
}

#[cfg(test)]
mod tests {
    use crate::{Error, Value};

    #[test]
    fn what_goes_in_comes_out() -> Result<(), Error> {
        assert_eq!(i64::try_from(Value::from(-5_i64))?, -5);
        assert_eq!(u32::try_from(Value::from(7_u8))?, 7);
        assert!(bool::try_from(Value::from(true))?);
        assert_eq!(f64::try_from(Value::from(2.5))?, 2.5);
        assert_eq!(f64::try_from(Value::from(2))?, 2.0);
        assert_eq!(String::try_from(Value::from("È"))?, "È");
        assert_eq!(Vec::<u8>::try_from(Value::from(b"\xff".as_slice()))?, b"\xff");
        assert_eq!(Vec::<String>::try_from(Value::from(["a", "b"].map(Value::from)))?, ["a", "b"]);
        assert_eq!(Value::from(None::<i64>), Value::None);
        assert_eq!(Value::from([("k", Value::Int(1))]).repr(), "{'k': 1}");
        Ok(())
    }

    #[test]
    fn another_type_is_an_error_that_names_it() {
        let told = |result: Result<(), Error>| result.map_err(|error| error.to_string());
        let error = told(i64::try_from(Value::from("5")).map(drop));
        assert_eq!(error, Err("expected an int, not a value of type str".to_owned()));
        let error = told(i64::try_from(Value::Bool(true)).map(drop));
        assert_eq!(error, Err("expected an int, not a value of type bool".to_owned()));
        let error = told(u32::try_from(Value::Int(-1)).map(drop));
        assert_eq!(error, Err("-1 does not fit into u32".to_owned()));
    }
}
