//! The attributes and methods of dates, times and durations.

use chrono::format::{Item, StrftimeItems};
use chrono::{Datelike, Local, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, date, integer, micros, time, type_error, value_error};
use crate::language::Error;
use crate::language::operations::Call;
use crate::value::{Value, str};

fn from_u32(number: u32) -> Value {
    Value::Int(i64::from(number))
}

pub fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
    let found = match value {
        Value::DateTime(moment) => date_field(moment, name).or_else(|| time_field(moment, name)),
        Value::Date(date) => date_field(date, name),
        Value::Time(time) => time_field(time, name),
        Value::Delta(by) => {
            let (days, rest) =
                (micros(*by).div_euclid(MICROS_PER_DAY), micros(*by).rem_euclid(MICROS_PER_DAY));
            let number = match name {
                "days" => days,
                "seconds" => rest / MICROS_PER_SECOND,
                "microseconds" => rest % MICROS_PER_SECOND,
                _ => return None,
            };
            i64::try_from(number).ok().map(Value::Int)
        }
        _ => return None,
    };
    found.map(Ok)
}

fn date_field(date: &impl Datelike, name: &str) -> Option<Value> {
    match name {
        "year" => Some(Value::Int(i64::from(date.year()))),
        "month" => Some(from_u32(date.month())),
        "day" => Some(from_u32(date.day())),
        _ => None,
    }
}

fn time_field(time: &impl Timelike, name: &str) -> Option<Value> {
    match name {
        "hour" => Some(from_u32(time.hour())),
        "minute" => Some(from_u32(time.minute())),
        "second" => Some(from_u32(time.second())),
        "microsecond" => Some(from_u32(time.nanosecond() / 1_000)),
        _ => None,
    }
}

pub fn method(value: &Value, name: &str, call: &Call) -> Option<Result<Value, Error>> {
    let moment = match value {
        Value::DateTime(moment) => *moment,
        Value::Date(date) => date.and_time(NaiveTime::MIN),
        Value::Time(time) => NaiveDate::from_ymd_opt(1900, 1, 1)?.and_time(*time),
        Value::Delta(by) if name == "total_seconds" => {
            #[expect(clippy::cast_precision_loss, reason = "the float nearest to it is what is asked")]
            return Some(Ok(Value::Float(micros(*by) as f64 / 1e6)));
        }
        _ => return None,
    };
    let is_date = !matches!(value, Value::Time(_));
    let is_time = !matches!(value, Value::Date(_));
    Some(match name {
        "strftime" => match call.positional.first() {
            Some(Value::Str(format)) => strftime(&moment, format).map(Value::from),
            _ => Err(type_error("strftime() argument must be str")),
        },
        "isoformat" => isoformat(value, call),
        "date" if is_date && is_time => Ok(Value::Date(moment.date())),
        "time" if is_date && is_time => Ok(Value::Time(moment.time())),
        "weekday" if is_date => Ok(from_u32(moment.weekday().num_days_from_monday())),
        "isoweekday" if is_date => Ok(from_u32(moment.weekday().number_from_monday())),
        "toordinal" if is_date => Ok(Value::Int(i64::from(moment.num_days_from_ce()))),
        "timestamp" if is_date && is_time => timestamp(moment),
        "replace" => replaced(value, call),
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "the float nearest to it is what is asked")]
fn timestamp(moment: NaiveDateTime) -> Result<Value, Error> {
    let local = moment
        .and_local_timezone(Local)
        .earliest()
        .ok_or_else(|| value_error("there was no such local time"))?;
    Ok(Value::Float(local.timestamp_micros() as f64 / 1e6))
}

fn isoformat(value: &Value, call: &Call) -> Result<Value, Error> {
    let text = str(value);
    match (value, call.positional.first()) {
        (Value::DateTime(_), Some(Value::Str(separator))) => {
            Ok(Value::from(text.replacen(' ', separator, 1)))
        }
        (Value::DateTime(_), None) if call.keyword.is_empty() => Ok(Value::from(text.replacen(' ', "T", 1))),
        (_, None) if call.keyword.is_empty() => Ok(Value::from(text)),
        _ => Err(type_error("isoformat() takes a separator only")),
    }
}

fn replaced(value: &Value, call: &Call) -> Result<Value, Error> {
    let names: &[&str] = match value {
        Value::DateTime(_) => &["year", "month", "day", "hour", "minute", "second", "microsecond"],
        Value::Date(_) => &["year", "month", "day"],
        _ => &["hour", "minute", "second", "microsecond"],
    };
    if call.positional.len() > names.len() {
        return Err(type_error("replace() takes fewer arguments"));
    }
    if let Some((name, _)) = call.keyword.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        return Err(Error::Type(format!("replace() has no argument '{name}'")));
    }
    let field = |name: &str| -> Result<i64, Error> {
        let place = names.iter().position(|known| *known == name);
        let given = place.and_then(|place| call.positional.get(place));
        let given =
            given.or_else(|| call.keyword.iter().find(|(known, _)| known == name).map(|(_, value)| value));
        match (given, attribute(value, name)) {
            (Some(given), _) => integer(given),
            (None, Some(present)) => integer(&present?),
            (None, None) => Ok(0),
        }
    };
    let date = || date(field("year")?, field("month")?, field("day")?);
    let time = || time(field("hour")?, field("minute")?, field("second")?, field("microsecond")?);
    match value {
        Value::DateTime(_) => Ok(Value::DateTime(date()?.and_time(time()?))),
        Value::Date(_) => Ok(Value::Date(date()?)),
        _ => Ok(Value::Time(time()?)),
    }
}

/// Python's strftime as glibc has it: `%f` is microseconds, and what is no directive stays as it is.
fn strftime(moment: &NaiveDateTime, format: &str) -> Result<String, Error> {
    if format.len() > 1_000 {
        return Err(value_error("the format is longer than 1000 bytes"));
    }
    let format = format.replace("%%", "\u{0}").replace("%f", "%6f").replace('\u{0}', "%%");
    let items: Vec<Item<'_>> = StrftimeItems::new(&format).collect();
    if items.contains(&Item::Error) {
        return Err(value_error("the format holds a directive that the server does not have"));
    }
    if format.contains("%z") || format.contains("%Z") || format.contains("%:") || format.contains("%+") {
        return Err(value_error("the server does not have time zones; times are local"));
    }
    Ok(moment.format_with_items(items.iter()).to_string())
}

pub fn format(value: &Value, specification: &str) -> Option<Result<Value, Error>> {
    let call = Call { positional: vec![Value::from(specification)], keyword: Vec::new() };
    match value {
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) if specification.is_empty() => {
            Some(Ok(Value::from(str(value))))
        }
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) => method(value, "strftime", &call),
        _ => None,
    }
}
