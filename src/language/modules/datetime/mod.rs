//! Python's `datetime`: naive datetimes, dates, times and durations, to the microsecond.

mod arithmetic;
mod members;

pub(super) use arithmetic::{binary, unary};
use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
pub(super) use members::{attribute, format, method};

use crate::clock::Clock;
use crate::language::Error;
use crate::language::operations::Call;
use crate::value::Value;

/// Every function here.
pub(super) const NAMES: [&str; 14] = [
    "datetime",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "datetime.fromisoformat",
    "datetime.fromtimestamp",
    "datetime.combine",
    "date",
    "date.today",
    "date.fromisoformat",
    "date.fromtimestamp",
    "time",
    "time.fromisoformat",
    "timedelta",
];

const MICROS_PER_SECOND: i128 = 1_000_000;
const MICROS_PER_DAY: i128 = 86_400 * MICROS_PER_SECOND;
/// The longest duration: 999999999 days, as in CPython.
const DAYS_MAX: i128 = 999_999_999;

pub(super) fn constant(_name: &str) -> Option<Value> {
    None
}

fn type_error(message: &str) -> Error {
    Error::Type(message.to_owned())
}

fn value_error(message: &str) -> Error {
    Error::Value(message.to_owned())
}

fn out_of_range() -> Error {
    value_error("date value out of range")
}

fn integer(value: &Value) -> Result<i64, Error> {
    match value {
        Value::Int(number) => Ok(*number),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        other => {
            Err(Error::Type(format!("'{}' object cannot be interpreted as an integer", other.type_name())))
        }
    }
}

/// Arguments by position or name, in the order of `names`.
fn bound<const N: usize>(function: &str, call: Call, names: [&str; N]) -> Result<[Option<Value>; N], Error> {
    let mut slots = [const { None }; N];
    if call.positional.len() > N {
        return Err(Error::Type(format!("{function}() takes at most {N} arguments")));
    }
    for (slot, value) in slots.iter_mut().zip(call.positional) {
        *slot = Some(value);
    }
    for (name, value) in call.keyword {
        let slot = names.iter().position(|known| *known == name).and_then(|place| slots.get_mut(place));
        match slot {
            Some(slot @ None) => *slot = Some(value),
            Some(_) => return Err(Error::Type(format!("{function}() got '{name}' twice"))),
            None => return Err(Error::Type(format!("{function}() has no argument '{name}'"))),
        }
    }
    Ok(slots)
}

fn fields<const N: usize>(slots: &[Option<Value>; N], defaults: [Option<i64>; N]) -> Result<[i64; N], Error> {
    let mut numbers = [0; N];
    for ((number, slot), default) in numbers.iter_mut().zip(slots).zip(defaults) {
        *number = match (slot, default) {
            (Some(value), _) => integer(value)?,
            (None, Some(default)) => default,
            (None, None) => return Err(type_error("year, month and day must be given")),
        };
    }
    Ok(numbers)
}

pub(super) fn call(name: &str, call: Call, clock: &Clock) -> Result<Value, Error> {
    let now = || local(clock.now().unix_micros);
    match name {
        "datetime" => {
            let names = ["year", "month", "day", "hour", "minute", "second", "microsecond"];
            let slots = bound("datetime", call, names)?;
            let zero = Some(0);
            let [year, month, day, hour, minute, second, micro] =
                fields(&slots, [None, None, None, zero, zero, zero, zero])?;
            Ok(Value::DateTime(date(year, month, day)?.and_time(time(hour, minute, second, micro)?)))
        }
        "date" => {
            let [year, month, day] = fields(&bound("date", call, ["year", "month", "day"])?, [None; 3])?;
            Ok(Value::Date(date(year, month, day)?))
        }
        "time" => {
            let slots = bound("time", call, ["hour", "minute", "second", "microsecond"])?;
            let [hour, minute, second, micro] = fields(&slots, [Some(0); 4])?;
            Ok(Value::Time(time(hour, minute, second, micro)?))
        }
        "timedelta" => timedelta(call),
        "datetime.now" | "datetime.today" | "datetime.utcnow" | "date.today" => {
            let [zone] = bound(name, call, ["tz"])?;
            if zone.is_some_and(|zone| !matches!(zone, Value::None)) {
                return Err(type_error("the server does not have time zones; times are local"));
            }
            match name {
                "datetime.utcnow" => utc(clock.now().unix_micros).map(Value::DateTime),
                "date.today" => now().map(|now| Value::Date(now.date())),
                _ => now().map(Value::DateTime),
            }
        }
        "datetime.fromtimestamp" | "date.fromtimestamp" => {
            let [stamp] = bound(name, call, ["timestamp"])?;
            let moment = local(timestamp_micros(stamp.as_ref())?)?;
            Ok(if name.starts_with("datetime") {
                Value::DateTime(moment)
            } else {
                Value::Date(moment.date())
            })
        }
        "datetime.combine" => match bound(name, call, ["date", "time"])? {
            [Some(Value::Date(date)), Some(Value::Time(time))] => Ok(Value::DateTime(date.and_time(time))),
            _ => Err(type_error("combine() needs a date and a time")),
        },
        _ => {
            let [text] = bound(name, call, ["text"])?;
            let Some(Value::Str(text)) = text else {
                return Err(type_error("fromisoformat: argument must be str"));
            };
            from_iso(name, &text).ok_or_else(|| Error::Value(format!("Invalid isoformat string: {text:?}")))
        }
    }
}

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

fn utc(unix_micros: i64) -> Result<NaiveDateTime, Error> {
    DateTime::from_timestamp_micros(unix_micros).map(|moment| moment.naive_utc()).ok_or_else(out_of_range)
}

fn local(unix_micros: i64) -> Result<NaiveDateTime, Error> {
    let moment = DateTime::from_timestamp_micros(unix_micros).ok_or_else(out_of_range)?;
    Ok(moment.with_timezone(&Local).naive_local())
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn timestamp_micros(stamp: Option<&Value>) -> Result<i64, Error> {
    match stamp {
        Some(Value::Float(seconds)) if seconds.abs() < 1e11 => Ok((seconds * 1e6).round_ties_even() as i64),
        Some(Value::Float(_)) => Err(out_of_range()),
        Some(value) => integer(value)?.checked_mul(1_000_000).ok_or_else(out_of_range),
        None => Err(type_error("a timestamp must be given")),
    }
}

fn from_iso(name: &str, text: &str) -> Option<Value> {
    let date_of = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    let time_of = |text: &str| {
        let known = ["%H:%M:%S%.f", "%H:%M", "%H"];
        known.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
    };
    match name {
        "date.fromisoformat" => date_of(text).map(Value::Date),
        "time.fromisoformat" => time_of(text).map(Value::Time),
        _ => {
            let day = date_of(text.get(..10)?)?;
            match text.get(10..)? {
                "" => Some(Value::DateTime(day.and_time(NaiveTime::MIN))),
                rest => {
                    let mut characters = rest.chars();
                    characters.next()?;
                    time_of(characters.as_str()).map(|time| Value::DateTime(day.and_time(time)))
                }
            }
        }
    }
}

fn timedelta(call: Call) -> Result<Value, Error> {
    let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
    let units: [i128; 7] = [
        MICROS_PER_DAY,
        MICROS_PER_SECOND,
        1,
        1_000,
        60 * MICROS_PER_SECOND,
        3_600 * MICROS_PER_SECOND,
        7 * MICROS_PER_DAY,
    ];
    let mut whole = 0_i128;
    let mut part = 0.0_f64;
    for (slot, unit) in bound("timedelta", call, names)?.into_iter().zip(units) {
        match slot {
            None => {}
            Some(Value::Float(amount)) => add_part(&mut whole, &mut part, amount, unit)?,
            Some(amount) => whole += i128::from(integer(&amount)?) * unit,
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "a part is less than a few microseconds")]
    let rounded = part.round_ties_even() as i128;
    delta(whole + rounded).map(Value::Delta)
}

/// The whole part of a float counts exactly; only what is left of it is a float.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked first"
)]
fn add_part(whole: &mut i128, part: &mut f64, amount: f64, unit: i128) -> Result<(), Error> {
    if !amount.is_finite() {
        return Err(value_error("cannot convert float NaN or infinity to integer"));
    }
    if amount.abs() > 1e15 {
        return Err(value_error("days out of range for a timedelta"));
    }
    *whole += amount.trunc() as i128 * unit;
    let rest = (amount - amount.trunc()) * unit as f64;
    *whole += rest.trunc() as i128;
    *part += rest - rest.trunc();
    Ok(())
}

fn delta(micros: i128) -> Result<TimeDelta, Error> {
    if micros.div_euclid(MICROS_PER_DAY).abs() > DAYS_MAX {
        return Err(Error::Value(format!(
            "days={}; must have magnitude <= 999999999",
            micros.div_euclid(MICROS_PER_DAY)
        )));
    }
    let seconds = i64::try_from(micros.div_euclid(MICROS_PER_SECOND)).map_err(|_| out_of_range())?;
    let nanos = u32::try_from(micros.rem_euclid(MICROS_PER_SECOND) * 1_000).map_err(|_| out_of_range())?;
    TimeDelta::new(seconds, nanos).ok_or_else(out_of_range)
}

fn micros(delta: TimeDelta) -> i128 {
    i128::from(delta.num_seconds()) * MICROS_PER_SECOND + i128::from(delta.subsec_nanos() / 1_000)
}
