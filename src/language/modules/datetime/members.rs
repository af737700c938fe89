//! The attributes and methods of dates, times and durations.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::strftime::{asctime, struct_time};
use super::{
    MICROS_PER_DAY, MICROS_PER_SECOND, Moment, date, integer, micros, no_zones, strftime, time, type_error,
    value_error,
};
use crate::language::modules::named::Named;
use crate::language::operations::Call;
use crate::language::{Budget, Error};
use crate::value::{Value, str};

fn from_u32(number: u32) -> Value {
    Value::Int(i64::from(number))
}

pub fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
    let found = match value {
        Value::DateTime(moment) => {
            date_field(moment, name).or_else(|| time_field(moment, name)).or_else(|| zone_field(name))
        }
        Value::Date(date) => date_field(date, name),
        Value::Time(time) => time_field(time, name).or_else(|| zone_field(name)),
        Value::Delta(by) => {
            let (days, rest) =
                (micros(*by).div_euclid(MICROS_PER_DAY), micros(*by).rem_euclid(MICROS_PER_DAY));
            let number = match name {
                "days" => Some(days),
                "seconds" => Some(rest / MICROS_PER_SECOND),
                "microseconds" => Some(rest % MICROS_PER_SECOND),
                _ => None,
            };
            number.and_then(|number| i64::try_from(number).ok()).map(Value::Int)
        }
        _ => return None,
    };
    // What the class has, its values have as well.
    let class = value.type_name().strip_prefix("datetime.")?;
    found.or_else(|| super::constant(&format!("{class}.{name}"))).map(Ok)
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

fn zone_field(name: &str) -> Option<Value> {
    match name {
        "tzinfo" => Some(Value::None),
        "fold" => Some(Value::Int(0)),
        _ => None,
    }
}

pub fn method(value: &Value, name: &str, call: &Call, budget: &Budget) -> Option<Result<Value, Error>> {
    let moment = match value {
        Value::DateTime(moment) => *moment,
        Value::Date(date) => date.and_time(NaiveTime::MIN),
        Value::Time(time) => NaiveDate::from_ymd_opt(1900, 1, 1)?.and_time(*time),
        Value::Delta(by) if name == "total_seconds" => {
            let seconds = Value::Float(super::delta::quotient(micros(*by), MICROS_PER_SECOND));
            return Some(no_arguments(name, call).map(|()| seconds));
        }
        _ => return None,
    };
    let is_date = !matches!(value, Value::Time(_));
    let is_time = !matches!(value, Value::Date(_));
    let plain = match name {
        "date" if is_date && is_time => Ok(Value::Date(moment.date())),
        "time" | "timetz" if is_date && is_time => Ok(Value::Time(moment.time())),
        "weekday" if is_date => Ok(from_u32(moment.weekday().num_days_from_monday())),
        "isoweekday" if is_date => Ok(from_u32(moment.weekday().number_from_monday())),
        "toordinal" if is_date => Ok(Value::Int(i64::from(moment.num_days_from_ce()))),
        "timestamp" if is_date && is_time => Ok(timestamp(moment)),
        "isocalendar" if is_date => {
            let week = moment.iso_week();
            let day = moment.weekday().number_from_monday();
            let items = [i64::from(week.year()), i64::from(week.week()), i64::from(day)];
            Ok(Named::value("datetime.IsoCalendarDate", &["year", "week", "weekday"], items))
        }
        "ctime" if is_date => Ok(Value::from(asctime(&Moment::from(moment), 4))),
        "timetuple" if is_date => Ok(struct_time(&Moment::from(moment), -1)),
        "utctimetuple" if is_date && is_time => Ok(struct_time(&Moment::from(moment), 0)),
        "utcoffset" | "dst" | "tzname" if is_time => Ok(Value::None),
        "astimezone" if is_date && is_time => return Some(Err(no_zones())),
        "strftime" | "isoformat" | "replace" => {
            return Some(match name {
                "strftime" => formatted(&moment, call, budget),
                "isoformat" => isoformat(value, moment, call),
                _ => replaced(value, call),
            });
        }
        "__format__" => return None,
        _ => return None,
    };
    Some(no_arguments(name, call).and(plain))
}

fn no_arguments(name: &str, call: &Call) -> Result<(), Error> {
    match call.positional.len() + call.keyword.len() {
        0 => Ok(()),
        given => Err(type_error(format!("{name}() takes no arguments ({given} given)"))),
    }
}

/// The arguments in the order of `names`, by place or name.
fn bound<const N: usize>(function: &str, call: &Call, names: [&str; N]) -> Result<[Option<Value>; N], Error> {
    Call { positional: call.positional.clone(), keyword: call.keyword.clone() }.bind(function, names, 0)
}

fn formatted(moment: &NaiveDateTime, call: &Call, budget: &Budget) -> Result<Value, Error> {
    let [format] = bound("strftime", call, ["format"])?;
    match format {
        Some(Value::Str(format)) => strftime(&Moment::from(*moment), &format, budget).map(Value::from),
        None => Err(type_error("strftime() missing required argument 'format' (pos 1)")),
        Some(other) => {
            Err(type_error(format!("strftime() argument 1 must be str, not {}", other.type_name())))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "so does CPython")]
fn timestamp(moment: NaiveDateTime) -> Value {
    let micros = moment.and_utc().timestamp_subsec_micros();
    Value::Float(super::seconds_of_local(moment) as f64 + f64::from(micros) / 1e6)
}

fn isoformat(value: &Value, moment: NaiveDateTime, call: &Call) -> Result<Value, Error> {
    let (separator, precision) = match value {
        Value::Date(_) => return no_arguments("isoformat", call).map(|()| Value::from(str(value))),
        Value::DateTime(_) => {
            let [separator, precision] = bound("isoformat", call, ["sep", "timespec"])?;
            (separator, precision)
        }
        _ => {
            let [precision] = bound("isoformat", call, ["timespec"])?;
            (None, precision)
        }
    };
    let separator = match &separator {
        None => 'T',
        Some(Value::Str(text)) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(separator), None) => separator,
                _ => return Err(type_error("isoformat() argument 1 must be a unicode character, not str")),
            }
        }
        Some(other) => {
            return Err(type_error(format!(
                "isoformat() argument 1 must be a unicode character, not {}",
                other.type_name()
            )));
        }
    };
    let micros = moment.nanosecond() / 1_000;
    let precision = match &precision {
        None => "auto",
        Some(Value::Str(precision)) => precision,
        Some(other) => {
            return Err(type_error(format!("isoformat() argument 2 must be str, not {}", other.type_name())));
        }
    };
    let seconds = moment.format("%H:%M:%S");
    let clock = match precision {
        "auto" if micros == 0 => seconds.to_string(),
        "auto" | "microseconds" => format!("{seconds}.{micros:06}"),
        "hours" => moment.format("%H").to_string(),
        "minutes" => moment.format("%H:%M").to_string(),
        "seconds" => seconds.to_string(),
        "milliseconds" => format!("{seconds}.{:03}", micros / 1_000),
        _ => return Err(value_error("Unknown timespec value")),
    };
    Ok(Value::from(match value {
        Value::DateTime(moment) => format!("{}{separator}{clock}", str(&Value::Date(moment.date()))),
        _ => clock,
    }))
}

fn replaced(value: &Value, call: &Call) -> Result<Value, Error> {
    let names: &[&'static str] = match value {
        Value::DateTime(_) => &["year", "month", "day", "hour", "minute", "second", "microsecond"],
        Value::Date(_) => &["year", "month", "day"],
        _ => &["hour", "minute", "second", "microsecond"],
    };
    if call.positional.len() > names.len() {
        return Err(type_error(format!("replace() takes at most {} arguments", names.len())));
    }
    for (name, given) in &call.keyword {
        let place = names.iter().position(|known| known == name);
        match place {
            Some(place) if place < call.positional.len() => {
                return Err(type_error(format!("replace() got multiple values for argument '{name}'")));
            }
            Some(_) => {}
            None if name == "tzinfo" && matches!(given, Value::None) && !matches!(value, Value::Date(_)) => {}
            None if name == "fold" && matches!(given, Value::Int(0)) && !matches!(value, Value::Date(_)) => {}
            None if matches!(name.as_str(), "tzinfo" | "fold") => return Err(no_zones()),
            None => return Err(type_error(format!("'{name}' is an invalid keyword argument for replace()"))),
        }
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

pub fn format(value: &Value, specification: &str) -> Option<Result<Value, Error>> {
    let call = Call { positional: vec![Value::from(specification)], keyword: Vec::new() };
    match value {
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) if specification.is_empty() => {
            Some(Ok(Value::from(str(value))))
        }
        // The format is short and so is the text.
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) => {
            let budget = Budget::new(&crate::config::Limits::default());
            method(value, "strftime", &call, &budget)
        }
        _ => None,
    }
}
