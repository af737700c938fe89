//! One statement: its parameters in, its rows out.

use rusqlite::types::{Null, ValueRef};
use rusqlite::{Connection, PrepFlags, Row, Statement};

use super::{Error, Parameters};
use crate::config::Limits;
use crate::value::{Value, str};

/// Why a statement has no rows to give.
pub(super) enum Problem {
    Ours(Error),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Problem {
        Problem::Sqlite(error)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        Problem::Ours(error)
    }
}

pub(super) fn run(
    connection: &Connection,
    sql: &str,
    parameters: Parameters,
    limits: &Limits,
) -> Result<Vec<Value>, Problem> {
    if sql.contains('\0') {
        return Err(Error::Sql("the statement holds a NUL character".to_owned()).into());
    }
    let mut statement = connection.prepare_with_flags(sql, PrepFlags::empty())?;
    bind(&mut statement, parameters)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let (mut found, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        if found.len() >= limits.rows_max {
            return Err(Error::Limit { name: "rows_max", value: limits.rows_max as u64 }.into());
        }
        let tuple = tuple(row, columns)?;
        bytes += tuple.measure().bytes;
        if bytes > limits.reply_bytes_max {
            return Err(Error::Limit { name: "reply_bytes_max", value: limits.reply_bytes_max as u64 }.into());
        }
        found.push(tuple);
    }
    Ok(found)
}

fn bind(statement: &mut Statement<'_>, parameters: Parameters) -> Result<(), Problem> {
    let wanted = statement.parameter_count();
    let wrong_count = |given: usize| {
        let message = format!("the statement takes {wanted} parameters; {given} were given");
        Problem::Ours(Error::Sql(message))
    };
    match parameters {
        Parameters::None if wanted == 0 => Ok(()),
        Parameters::None => Err(wrong_count(0)),
        Parameters::Positional(values) => {
            if values.len() != wanted {
                return Err(wrong_count(values.len()));
            }
            values.iter().enumerate().try_for_each(|(index, value)| bind_one(statement, index + 1, value))
        }
        Parameters::Named(values) => {
            for index in 1..=wanted {
                let name = statement.parameter_name(index).unwrap_or("?").to_owned();
                let bare = name.trim_start_matches([':', '@', '$']);
                let value = values.iter().find(|(given, _)| given == bare).map(|(_, value)| value);
                let missing = || Error::Sql(format!("the parameter {name} was not given"));
                bind_one(statement, index, value.ok_or_else(missing)?)?;
            }
            Ok(())
        }
    }
}

fn bind_one(statement: &mut Statement<'_>, index: usize, value: &Value) -> Result<(), Problem> {
    match value {
        Value::None => statement.raw_bind_parameter(index, Null)?,
        Value::Bool(truth) => statement.raw_bind_parameter(index, i64::from(*truth))?,
        Value::Int(number) => statement.raw_bind_parameter(index, number)?,
        Value::Float(number) => statement.raw_bind_parameter(index, number)?,
        Value::Str(text) => statement.raw_bind_parameter(index, text.as_ref())?,
        Value::Bytes(bytes) => statement.raw_bind_parameter(index, bytes.as_ref())?,
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) => {
            statement.raw_bind_parameter(index, str(value))?;
        }
        other => {
            let message = format!("a {} cannot be a parameter of a statement", other.type_name());
            return Err(Error::Type(message).into());
        }
    }
    Ok(())
}

fn tuple(row: &Row<'_>, columns: usize) -> Result<Value, Problem> {
    let mut values = Vec::with_capacity(columns);
    for index in 0..columns {
        values.push(match row.get_ref(index)? {
            ValueRef::Null => Value::None,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Real(number) => Value::Float(number),
            ValueRef::Text(bytes) => Value::from(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
        });
    }
    Ok(Value::tuple(values))
}
