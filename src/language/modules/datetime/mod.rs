//! Python's `datetime`: naive datetimes, dates, times and durations, to the microsecond. There are no time zones.

mod arithmetic;
mod construct;
mod delta;
mod iso;
mod local;
mod members;
mod strftime;
mod strptime;

pub(super) use arithmetic::{binary, unary};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
pub(super) use local::{offset_at, seconds_of_local};
pub(super) use members::{attribute, format, method};
pub(super) use strftime::{Moment, STRUCT_TIME, Zone, asctime, strftime, struct_time};
pub(super) use strptime::{Parsed, strptime};

use super::Surroundings;
use crate::language::Error;
use crate::language::operations::{Call, integer};
use crate::value::Value;

pub(super) const FUNCTIONS: [&str; 25] = [
    "date",
    "date.fromisocalendar",
    "date.fromisoformat",
    "date.fromordinal",
    "date.fromtimestamp",
    "date.today",
    "datetime",
    "datetime.combine",
    "datetime.fromisocalendar",
    "datetime.fromisoformat",
    "datetime.fromordinal",
    "datetime.fromtimestamp",
    "datetime.now",
    "datetime.strptime",
    "datetime.today",
    "datetime.utcfromtimestamp",
    "datetime.utcnow",
    "time",
    "time.fromisoformat",
    "timedelta",
    // What Python calls as a method of the class.
    "date.isoformat",
    "datetime.isoformat",
    "datetime.strftime",
    "date.strftime",
    "timedelta.total_seconds",
];

pub(super) const CONSTANTS: [&str; 14] = [
    "MAXYEAR",
    "MINYEAR",
    "date.max",
    "date.min",
    "date.resolution",
    "datetime.max",
    "datetime.min",
    "datetime.resolution",
    "time.max",
    "time.min",
    "time.resolution",
    "timedelta.max",
    "timedelta.min",
    "timedelta.resolution",
];

const MICROS_PER_SECOND: i128 = 1_000_000;
const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;
/// The longest duration: 999999999 days, as in CPython.
const DAYS_MAX: i128 = 999_999_999;
/// From 0001-01-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_163;

pub(super) fn constant(name: &str) -> Option<Value> {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    let last = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999);
    let widest = |days: i128, micros| delta(days * MICROS_PER_DAY + micros).ok().map(Value::Delta);
    match name {
        "MINYEAR" => Some(Value::Int(1)),
        "MAXYEAR" => Some(Value::Int(9999)),
        "date.min" => day(1, 1, 1).map(Value::Date),
        "date.max" => day(9999, 12, 31).map(Value::Date),
        "date.resolution" => widest(1, 0),
        "datetime.min" => Some(Value::DateTime(day(1, 1, 1)?.and_time(NaiveTime::MIN))),
        "datetime.max" => Some(Value::DateTime(day(9999, 12, 31)?.and_time(last?))),
        "time.min" => Some(Value::Time(NaiveTime::MIN)),
        "time.max" => last.map(Value::Time),
        "datetime.resolution" | "time.resolution" | "timedelta.resolution" => widest(0, 1),
        "timedelta.min" => widest(-DAYS_MAX, 0),
        "timedelta.max" => widest(DAYS_MAX + 1, -1),
        _ => None,
    }
}

pub(super) fn call(name: &'static str, mut call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    if let Some((class, method)) = name.split_once('.')
        && matches!(method, "isoformat" | "strftime" | "total_seconds")
    {
        if call.positional.is_empty() {
            return Err(Error::Type(format!("unbound method {name}() needs an argument")));
        }
        let receiver = call.positional.remove(0);
        let known = receiver.type_name() == format!("datetime.{class}")
            || (class == "date" && matches!(receiver, Value::DateTime(_)));
        if !known {
            let given = receiver.type_name();
            return Err(Error::Type(format!(
                "descriptor '{method}' for 'datetime.{class}' objects doesn't apply to a '{given}' object"
            )));
        }
        let answer = members::method(&receiver, method, &call, around.budget);
        return answer.unwrap_or_else(|| Err(Error::Name(format!("the server does not have {name}"))));
    }
    construct::call(name, call, around)
}

fn type_error(message: impl Into<String>) -> Error {
    Error::Type(message.into())
}

fn value_error(message: impl Into<String>) -> Error {
    Error::Value(message.into())
}

fn out_of_range() -> Error {
    value_error("date value out of range")
}

fn no_zones() -> Error {
    value_error("the server does not have time zones; times are local, and datetime.utcnow() is UTC")
}

/// The date of these numbers, as Python checks them.
fn date(year: i64, month: i64, day: i64) -> Result<NaiveDate, Error> {
    if !(1..=9999).contains(&year) {
        return Err(Error::Value(format!("year {year} is out of range")));
    }
    if !(1..=12).contains(&month) {
        return Err(value_error("month must be in 1..12"));
    }
    let parts = (i32::try_from(year).ok(), u32::try_from(month).ok(), u32::try_from(day).ok());
    match parts {
        (Some(year), Some(month), Some(day)) => NaiveDate::from_ymd_opt(year, month, day),
        _ => None,
    }
    .ok_or_else(|| value_error("day is out of range for month"))
}

/// The time of these numbers, as Python checks them.
fn time(hour: i64, minute: i64, second: i64, micro: i64) -> Result<NaiveTime, Error> {
    let within = |value: i64, end: i64, message: &str| {
        u32::try_from(value).ok().filter(|_| value < end).ok_or_else(|| value_error(message))
    };
    let hour = within(hour, 24, "hour must be in 0..23")?;
    let minute = within(minute, 60, "minute must be in 0..59")?;
    let second = within(second, 60, "second must be in 0..59")?;
    let micro = within(micro, 1_000_000, "microsecond must be in 0..999999")?;
    NaiveTime::from_hms_micro_opt(hour, minute, second, micro).ok_or_else(|| value_error("no such time"))
}

/// The date of that day, of which 0001-01-01 is the first.
fn from_ordinal(ordinal: i64) -> Result<NaiveDate, Error> {
    if ordinal < 1 {
        return Err(value_error("ordinal must be >= 1"));
    }
    let day = i32::try_from(ordinal).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    day.filter(|_| ordinal <= 3_652_059).ok_or_else(|| value_error("year is out of range"))
}

/// The moment, its microseconds counted from 1970.
fn moment(micros: i128) -> Result<NaiveDateTime, Error> {
    let days = i64::try_from(micros.div_euclid(MICROS_PER_DAY)).map_err(|_| out_of_range())?;
    let day = from_ordinal(days.saturating_add(EPOCH_DAYS)).map_err(|_| {
        let year = chrono::DateTime::from_timestamp_micros(i64::try_from(micros).unwrap_or(i64::MAX))
            .map_or(10_000, |moment| chrono::Datelike::year(&moment));
        value_error(format!("year {year} is out of range"))
    })?;
    let rest = TimeDelta::microseconds(i64::try_from(micros.rem_euclid(MICROS_PER_DAY)).unwrap_or(0));
    Ok(day.and_time(NaiveTime::MIN) + rest)
}

fn delta(micros: i128) -> Result<TimeDelta, Error> {
    let days = micros.div_euclid(MICROS_PER_DAY);
    if days.abs() > DAYS_MAX {
        return Err(Error::Value(format!("days={days}; must have magnitude <= 999999999")));
    }
    let seconds = i64::try_from(micros.div_euclid(MICROS_PER_SECOND)).map_err(|_| out_of_range())?;
    let nanos = u32::try_from(micros.rem_euclid(MICROS_PER_SECOND) * 1_000).map_err(|_| out_of_range())?;
    TimeDelta::new(seconds, nanos).ok_or_else(out_of_range)
}

fn micros(delta: TimeDelta) -> i128 {
    i128::from(delta.num_seconds()) * MICROS_PER_SECOND + i128::from(delta.subsec_nanos() / 1_000)
}
