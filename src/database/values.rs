//! Values in and out of SQL: parameters are bound, never pasted; rows become tuples, as Python's sqlite3 has them.

use chrono::NaiveDateTime;
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, ValueRef};
use std::sync::Arc;

use super::limits::Bounds;
use super::thread::Failure;
use super::{Error, Parameters};
use crate::value::Value;

/// Binds every parameter of the statement.
pub(super) fn bind(statement: &mut Statement<'_>, parameters: &Parameters) -> Result<(), Failure> {
    let count = statement.parameter_count();
    let given = match parameters {
        Parameters::None => 0,
        Parameters::Positional(values) => values.len(),
        Parameters::Named(values) => return bind_named(statement, values),
    };
    if given != count {
        return Err(Failure::Own(Error::Sql(format!(
            "the statement has {count} parameters, and {given} values are given"
        ))));
    }
    if let Parameters::Positional(values) = parameters {
        for (index, value) in (1..).zip(values) {
            bind_one(statement, index, value)?;
        }
    }
    Ok(())
}

/// Python's rule: every parameter must have a value; values that no parameter asks for are let be.
fn bind_named(statement: &mut Statement<'_>, values: &[(String, Value)]) -> Result<(), Failure> {
    for index in 1..=statement.parameter_count() {
        let Some(name) = statement.parameter_name(index).and_then(|name| name.get(1..)).map(str::to_owned)
        else {
            return Err(Failure::Own(Error::Sql(format!(
                "parameter {index} has no name, and the values are given by name"
            ))));
        };
        let value = values.iter().find(|(given, _)| *given == name);
        let Some((_, value)) = value else {
            return Err(Failure::Own(Error::Sql(format!("there is no value for the parameter {name}"))));
        };
        bind_one(statement, index, value)?;
    }
    Ok(())
}

fn bind_one(statement: &mut Statement<'_>, index: usize, value: &Value) -> Result<(), Failure> {
    let text;
    let bound = match value {
        Value::None => ValueRef::Null,
        Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
        Value::Int(number) => ValueRef::Integer(*number),
        Value::Float(number) => ValueRef::Real(*number),
        Value::Str(text) => ValueRef::Text(text.as_bytes()),
        Value::Bytes(bytes) => ValueRef::Blob(bytes),
        Value::DateTime(moment) => {
            text = date_time(moment);
            ValueRef::Text(text.as_bytes())
        }
        Value::Date(date) => {
            text = date.format("%Y-%m-%d").to_string();
            ValueRef::Text(text.as_bytes())
        }
        other => {
            return Err(Failure::Own(Error::Type(format!(
                "parameter {index} is a {}, which SQL does not have",
                other.type_name()
            ))));
        }
    };
    statement.raw_bind_parameter(index, ToSqlOutput::Borrowed(bound)).map_err(Failure::Sqlite)
}

/// As Python's sqlite3 stores it.
fn date_time(moment: &NaiveDateTime) -> String {
    let form = if moment.and_utc().timestamp_subsec_micros() == 0 {
        "%Y-%m-%d %H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S%.6f"
    };
    moment.format(form).to_string()
}

/// Gathers rows within the limits of their number and bytes.
pub(super) struct Gather<'b> {
    bounds: &'b Bounds,
    rows: Vec<Value>,
    bytes: usize,
}

impl<'b> Gather<'b> {
    pub(super) fn new(bounds: &'b Bounds) -> Gather<'b> {
        Gather { bounds, rows: Vec::new(), bytes: 0 }
    }

    /// Takes a row of so many columns.
    pub(super) fn add(&mut self, row: &rusqlite::Row<'_>, columns: usize) -> Result<(), Failure> {
        if self.rows.len() >= self.bounds.rows {
            return Err(Failure::Own(Error::Limit { name: "rows_max", value: self.bounds.rows as u64 }));
        }
        let mut items = Vec::with_capacity(columns);
        for column in 0..columns {
            let value = row.get_ref(column).map_err(Failure::Sqlite)?;
            // The least that each takes in a reply, with its comma and blank.
            self.bytes = self.bytes.saturating_add(match value {
                ValueRef::Null => 6,
                ValueRef::Integer(_) => 3,
                ValueRef::Real(_) => 5,
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len().saturating_add(4),
            });
            if self.bytes > self.bounds.reply_bytes {
                return Err(Failure::Own(Error::Limit {
                    name: "reply_bytes_max",
                    value: self.bounds.reply_bytes as u64,
                }));
            }
            items.push(from_sql(value));
        }
        self.rows.push(Value::tuple(items));
        Ok(())
    }

    pub(super) fn rows(self) -> Vec<Value> {
        self.rows
    }
}

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::None,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(bytes) => Value::from(&*String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => Value::Bytes(Arc::from(bytes)),
    }
}
