//! Python's `time`: the clocks, and moments as tuples. There is no sleep.

use chrono::{DateTime, NaiveDate};

use super::Surroundings;
use super::datetime::{
    Moment, Parsed, STRUCT_TIME, Zone, asctime, offset_at, seconds_of_local, strftime, strptime, struct_time,
};
use super::named::Named;
use crate::language::Error;
use crate::language::operations::{self, Call, integer};
use crate::value::Value;

pub(super) const CONSTANTS: [&str; 0] = [];
pub(super) const FUNCTIONS: [&str; 13] = [
    "asctime",
    "ctime",
    "gmtime",
    "localtime",
    "mktime",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "strftime",
    "strptime",
    "time",
    "time_ns",
];
pub(super) fn constant(_name: &str) -> Option<Value> {
    None
}

fn value_error(message: &str) -> Error {
    Error::Value(message.to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "seconds as floats are what is asked")]
pub(super) fn call(name: &'static str, call: Call, around: &Surroundings<'_>) -> Result<Value, Error> {
    let now = around.clock.now();
    let monotonic = i64::try_from(now.monotonic.as_nanos()).unwrap_or(i64::MAX);
    match name {
        "time" => call.none(name).map(|()| Value::Float(now.unix_micros as f64 / 1e6)),
        "time_ns" => call.none(name).map(|()| Value::Int(now.unix_micros.saturating_mul(1_000))),
        "monotonic" | "perf_counter" => call.none(name).map(|()| Value::Float(monotonic as f64 / 1e9)),
        "monotonic_ns" | "perf_counter_ns" => call.none(name).map(|()| Value::Int(monotonic)),
        "localtime" | "gmtime" | "ctime" => {
            let [seconds] = call.bind(name, ["/seconds"], 0)?;
            let seconds = given_or_now(seconds, now.unix_micros)?;
            let offset = if name == "gmtime" { 0 } else { offset_at(seconds) };
            let moment = at(seconds, offset)?;
            match name {
                "ctime" => Ok(Value::from(asctime(&moment, 0))),
                "gmtime" => Ok(struct_time(&moment, 0)),
                _ => Ok(struct_time(&moment, i64::from(is_daylight(seconds, offset)))),
            }
        }
        "mktime" => {
            let moment = fields(&call.one(name)?)?;
            // Months and days beyond their ends go on into the next, as in C.
            let months = moment.year * 12 + moment.month - 1;
            let first = i32::try_from(months.div_euclid(12)).ok();
            let first = first.zip(u32::try_from(months.rem_euclid(12) + 1).ok());
            let first = first.and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1));
            let seconds = moment.hour * 3_600 + moment.minute * 60 + moment.second;
            let by = chrono::TimeDelta::try_seconds(seconds)
                .and_then(|by| by.checked_add(&chrono::TimeDelta::try_days(moment.day - 1)?));
            let local =
                first.zip(by).and_then(|(first, by)| first.and_hms_opt(0, 0, 0)?.checked_add_signed(by));
            let local = local.ok_or_else(|| value_error("mktime argument out of range"))?;
            Ok(Value::Float(seconds_of_local(local) as f64))
        }
        "asctime" => {
            let [tuple] = call.bind(name, ["/tuple"], 0)?;
            Ok(Value::from(asctime(&tuple_or_now(tuple, now.unix_micros)?, 0)))
        }
        "strftime" => {
            let [format, tuple] = call.bind(name, ["/format", "/tuple"], 1)?;
            let Some(Value::Str(format)) = format else {
                let given = format.as_ref().map_or("NoneType", Value::type_name);
                return Err(Error::Type(format!("strftime() argument 1 must be str, not {given}")));
            };
            let moment = tuple_or_now(tuple, now.unix_micros)?;
            strftime(&moment, &format, around.budget).map(Value::from)
        }
        _ => {
            let [text, format] = call.bind(name, ["/string", "/format"], 1)?;
            let format = format.unwrap_or_else(|| Value::from("%a %b %d %H:%M:%S %Y"));
            let Parsed { fields: [year, month, day, hour, minute, second, weekday, day_of_year], .. } =
                strptime(text.as_ref(), Some(&format), around.budget)?;
            let moment =
                Moment { year, month, day, hour, minute, second, weekday, day_of_year, ..Moment::default() };
            Ok(struct_time(&moment, -1))
        }
    }
}

fn given_or_now(seconds: Option<Value>, unix_micros: i64) -> Result<i64, Error> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
    match seconds {
        None | Some(Value::None) => Ok(unix_micros.div_euclid(1_000_000)),
        Some(Value::Float(seconds)) if seconds.is_nan() => {
            Err(value_error("Invalid value NaN (not a number)"))
        }
        Some(Value::Float(seconds)) if seconds.abs() < 9_223_372_036_854_774_784.0 => {
            Ok(seconds.floor() as i64)
        }
        Some(Value::Float(_)) => Err(value_error("timestamp out of range for platform time_t")),
        Some(seconds) => integer(&seconds),
    }
}

fn at(seconds: i64, offset: i64) -> Result<Moment, Error> {
    let moment = DateTime::from_timestamp(seconds.saturating_add(offset), 0);
    let moment = moment.ok_or_else(|| value_error("the server does not have years so far away"))?;
    Ok(Moment { micros: None, zone: Zone::Ahead(offset), ..Moment::from(moment.naive_utc()) })
}

/// Whether the clocks are ahead of the smaller of winter's and summer's offset in that year.
fn is_daylight(seconds: i64, offset: i64) -> bool {
    let half_year = 15_778_476;
    offset > offset_at(seconds.saturating_sub(half_year)).min(offset_at(seconds.saturating_add(half_year)))
}

fn tuple_or_now(tuple: Option<Value>, unix_micros: i64) -> Result<Moment, Error> {
    match tuple {
        None => {
            let seconds = unix_micros.div_euclid(1_000_000);
            at(seconds, offset_at(seconds))
        }
        Some(tuple) => checked(&tuple),
    }
}

fn fields(tuple: &Value) -> Result<Moment, Error> {
    let items: Vec<Value> = match tuple {
        Value::Tuple(items) => items.to_vec(),
        other => match Named::of(other).filter(|named| named.is(STRUCT_TIME)) {
            Some(named) => named.items().to_vec(),
            None => return Err(Error::Type(String::from("Tuple or struct_time argument required"))),
        },
    };
    let numbers = items.iter().map(operations::integer).collect::<Result<Vec<i64>, _>>()?;
    let Ok([year, month, day, hour, minute, second, weekday, day_of_year, _]) = <[i64; 9]>::try_from(numbers)
    else {
        return Err(Error::Type(String::from("the tuple must have 9 numbers")));
    };
    let sane = |number: i64| (-1_000_000..=1_000_000_000).contains(&number);
    if ![year, month, day, hour, minute, second].into_iter().all(sane) {
        return Err(value_error("argument out of range"));
    }
    Ok(Moment { year, month, day, hour, minute, second, weekday, day_of_year, ..Moment::default() })
}

/// As CPython checks what `strftime` gets: a month or a day of 0 is 1.
fn checked(tuple: &Value) -> Result<Moment, Error> {
    let mut moment = fields(tuple)?;
    moment.month = if moment.month == 0 { 1 } else { moment.month };
    moment.day = if moment.day == 0 { 1 } else { moment.day };
    moment.day_of_year = if moment.day_of_year == 0 { 1 } else { moment.day_of_year };
    moment.weekday = (moment.weekday.max(-1) + 1 + 6) % 7;
    for (number, range, message) in [
        (moment.month, 1..=12, "month out of range"),
        (moment.day, 1..=31, "day of month out of range"),
        (moment.hour, 0..=23, "hour out of range"),
        (moment.minute, 0..=59, "minute out of range"),
        (moment.second, 0..=61, "seconds out of range"),
        (moment.day_of_year, 1..=366, "day of year out of range"),
    ] {
        if !range.contains(&number) {
            return Err(value_error(message));
        }
    }
    moment.zone = Zone::Unknown;
    Ok(moment)
}
