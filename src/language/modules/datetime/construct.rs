//! What makes dates, times and datetimes: the classes themselves and their functions.

use chrono::{NaiveDateTime, NaiveTime};

use super::iso::{self, Fault};
use super::{
    Parsed, Surroundings, date, from_ordinal, integer, moment, no_zones, offset_at, out_of_range, strptime,
    time, type_error, value_error,
};
use crate::language::Error;
use crate::language::operations::Call;
use crate::value::{Value, repr};

/// Calls the class, or the function of it.
pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    let now = || around.clock.now().unix_micros;
    match name {
        "datetime" => datetime(call),
        "date" => {
            let [year, month, day] = call.bind(name, ["year", "month", "day"], 3)?;
            Ok(Value::Date(date(or(year, 0)?, or(month, 0)?, or(day, 0)?)?))
        }
        "time" => {
            let names = ["hour", "minute", "second", "microsecond", "tzinfo", "*fold"];
            let [hour, minute, second, micro, zone, fold] = call.bind(name, names, 0)?;
            check_zone(zone, fold)?;
            Ok(Value::Time(time(or(hour, 0)?, or(minute, 0)?, or(second, 0)?, or(micro, 0)?)?))
        }
        "timedelta" => super::delta::timedelta(call),
        "datetime.now" => {
            let [zone] = call.bind(name, ["tz"], 0)?;
            check_zone(zone, None)?;
            local(i128::from(now())).map(Value::DateTime)
        }
        "datetime.today" => call.none(name).and_then(|()| local(i128::from(now())).map(Value::DateTime)),
        "date.today" => {
            call.none(name).and_then(|()| local(i128::from(now())).map(|now| Value::Date(now.date())))
        }
        "datetime.utcnow" => call.none(name).and_then(|()| moment(i128::from(now())).map(Value::DateTime)),
        "datetime.fromtimestamp" => {
            let [stamp, zone] = call.bind(name, ["timestamp", "tz"], 1)?;
            check_zone(zone, None)?;
            local(stamp_micros(stamp.as_ref())?).map(Value::DateTime)
        }
        "datetime.utcfromtimestamp" => {
            let [stamp] = call.bind(name, ["/timestamp"], 1)?;
            moment(stamp_micros(stamp.as_ref())?).map(Value::DateTime)
        }
        "date.fromtimestamp" => {
            let [stamp] = call.bind(name, ["/timestamp"], 1)?;
            let seconds = stamp_micros(stamp.as_ref())?;
            local(seconds).map(|moment| Value::Date(moment.date()))
        }
        "datetime.combine" => combine(call),
        "datetime.fromordinal" | "date.fromordinal" => {
            let day = from_ordinal(integer(&call.one(name)?)?)?;
            Ok(midnight(name, day))
        }
        "datetime.fromisocalendar" | "date.fromisocalendar" => {
            let [year, week, day] = call.bind(name, ["year", "week", "day"], 3)?;
            let day = iso::of_week(or(year, 0)?, or(week, 0)?, or(day, 0)?).map_err(value_error)?;
            Ok(midnight(name, day))
        }
        "datetime.strptime" => {
            let [text, format] = call.bind(name, ["/date_string", "/format"], 2)?;
            let Parsed { moment, zoned, .. } = strptime(text.as_ref(), format.as_ref(), around.budget)?;
            if zoned {
                return Err(no_zones());
            }
            moment.map(Value::DateTime)
        }
        _ => from_iso(name, call),
    }
}

/// A class's function gives the class's type.
fn midnight(name: &str, day: chrono::NaiveDate) -> Value {
    if name.starts_with("datetime.") {
        Value::DateTime(day.and_time(NaiveTime::MIN))
    } else {
        Value::Date(day)
    }
}

fn or(value: Option<Value>, default: i64) -> Result<i64, Error> {
    value.map_or(Ok(default), |value| integer(&value))
}

fn check_zone(zone: Option<Value>, fold: Option<Value>) -> Result<(), Error> {
    if zone.is_some_and(|zone| !matches!(zone, Value::None)) || or(fold, 0)? != 0 {
        return Err(no_zones());
    }
    Ok(())
}

fn datetime(call: Call) -> Result<Value, Error> {
    let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "*fold"];
    let [year, month, day, hour, minute, second, micro, zone, fold] = call.bind("datetime", names, 3)?;
    check_zone(zone, fold)?;
    let day = date(or(year, 0)?, or(month, 0)?, or(day, 0)?)?;
    let time = time(or(hour, 0)?, or(minute, 0)?, or(second, 0)?, or(micro, 0)?)?;
    Ok(Value::DateTime(day.and_time(time)))
}

fn combine(call: Call) -> Result<Value, Error> {
    let [day, time, zone] = call.bind("combine", ["date", "time", "tzinfo"], 2)?;
    check_zone(zone, None)?;
    let day = match day {
        Some(Value::Date(day)) => day,
        Some(Value::DateTime(moment)) => moment.date(),
        other => return Err(wrong("combine", 1, "datetime.date", other)),
    };
    match time {
        Some(Value::Time(time)) => Ok(Value::DateTime(day.and_time(time))),
        other => Err(wrong("combine", 2, "datetime.time", other)),
    }
}

fn wrong(function: &str, place: usize, wanted: &str, given: Option<Value>) -> Error {
    let given = given.unwrap_or(Value::None);
    type_error(format!("{function}() argument {place} must be {wanted}, not {}", given.type_name()))
}

/// Local time at that moment.
fn local(unix_micros: i128) -> Result<NaiveDateTime, Error> {
    let seconds = i64::try_from(unix_micros.div_euclid(1_000_000)).map_err(|_| out_of_range())?;
    moment(unix_micros + i128::from(offset_at(seconds)) * 1_000_000)
}

/// Microseconds since 1970, the nearest to the seconds, half to even.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn stamp_micros(stamp: Option<&Value>) -> Result<i128, Error> {
    match stamp {
        Some(Value::Float(seconds)) if seconds.is_nan() => {
            Err(value_error("Invalid value NaN (not a number)"))
        }
        Some(Value::Float(seconds)) if seconds.abs() < 1e15 => {
            let whole = seconds.trunc();
            let part = ((seconds - whole) * 1e6).round_ties_even();
            Ok(whole as i128 * 1_000_000 + part as i128)
        }
        Some(Value::Float(_)) => Err(value_error("timestamp out of range for platform time_t")),
        Some(value) => Ok(i128::from(integer(value)?) * 1_000_000),
        None => Err(type_error("a timestamp must be given")),
    }
}

fn from_iso(name: &str, call: Call) -> Result<Value, Error> {
    let text = match call.one("fromisoformat")? {
        Value::Str(text) => text,
        _ => return Err(type_error("fromisoformat: argument must be str")),
    };
    let parsed = match name {
        "date.fromisoformat" => iso::parse_date(text.as_bytes()).map(Value::Date),
        "time.fromisoformat" => {
            let bare = text.strip_prefix('T').unwrap_or(&text);
            iso::parse_time(bare.as_bytes()).map(Value::Time)
        }
        _ => both(&text),
    };
    parsed.map_err(|fault| match fault {
        Fault::Form => value_error(format!("Invalid isoformat string: {}", repr(&Value::Str(text)))),
        Fault::Zone => no_zones(),
        Fault::Range(error) => error,
    })
}

/// A date, and perhaps any one character and a time.
fn both(text: &str) -> Result<Value, Fault> {
    let length = iso::date_length(text.as_bytes())?;
    let day = iso::parse_date(text.as_bytes().get(..length).ok_or(Fault::Form)?)?;
    let mut rest = text.get(length..).ok_or(Fault::Form)?.chars();
    if rest.next().is_none() {
        return Ok(Value::DateTime(day.and_time(NaiveTime::MIN)));
    }
    iso::parse_time(rest.as_str().as_bytes()).map(|time| Value::DateTime(day.and_time(time)))
}
