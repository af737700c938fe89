//! Python's `datetime`: naive datetimes, dates, times and durations, to the microsecond.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike, Local, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::clock::Clock;
use crate::language::Error;
use crate::language::operations::{Binary, Call, Unary};
use crate::value::{Value, str};

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

fn moved(moment: NaiveDateTime, by: TimeDelta) -> Result<NaiveDateTime, Error> {
    let moved = moment.checked_add_signed(by).filter(|moved| (1..=9999).contains(&moved.year()));
    moved.ok_or_else(out_of_range)
}

fn moved_date(date: NaiveDate, by: TimeDelta) -> Result<NaiveDate, Error> {
    let days = i64::try_from(micros(by).div_euclid(MICROS_PER_DAY)).map_err(|_| out_of_range())?;
    let days = TimeDelta::try_days(days).ok_or_else(out_of_range)?;
    let moved = date.checked_add_signed(days).filter(|moved| (1..=9999).contains(&moved.year()));
    moved.ok_or_else(out_of_range)
}

pub(super) fn binary(operator: Binary, left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    use Binary::{Add, FloorDiv, Mod, Mul, Sub, TrueDiv};
    Some(match (operator, left, right) {
        (Add, Value::DateTime(moment), Value::Delta(by))
        | (Add, Value::Delta(by), Value::DateTime(moment)) => moved(*moment, *by).map(Value::DateTime),
        (Sub, Value::DateTime(moment), Value::Delta(by)) => moved(*moment, -*by).map(Value::DateTime),
        (Sub, Value::DateTime(a), Value::DateTime(b)) => Ok(Value::Delta(*a - *b)),
        (Add, Value::Date(date), Value::Delta(by)) | (Add, Value::Delta(by), Value::Date(date)) => {
            moved_date(*date, *by).map(Value::Date)
        }
        (Sub, Value::Date(date), Value::Delta(by)) => moved_date(*date, -*by).map(Value::Date),
        (Sub, Value::Date(a), Value::Date(b)) => Ok(Value::Delta(*a - *b)),
        (Add, Value::Delta(a), Value::Delta(b)) => delta(micros(*a) + micros(*b)).map(Value::Delta),
        (Sub, Value::Delta(a), Value::Delta(b)) => delta(micros(*a) - micros(*b)).map(Value::Delta),
        (Mul, Value::Delta(a), Value::Int(by)) | (Mul, Value::Int(by), Value::Delta(a)) => {
            micros(*a).checked_mul(i128::from(*by)).ok_or_else(out_of_range).and_then(delta).map(Value::Delta)
        }
        (FloorDiv | Mod | TrueDiv, Value::Delta(a), Value::Delta(b)) => {
            divided(operator, micros(*a), micros(*b))
        }
        (FloorDiv, Value::Delta(a), Value::Int(by)) => match by {
            0 => Err(value_error("integer division or modulo by zero")),
            by => delta(floor_div(micros(*a), i128::from(*by))).map(Value::Delta),
        },
        (TrueDiv, Value::Delta(a), Value::Int(by)) => match by {
            0 => Err(value_error("division by zero")),
            by => delta(divided_half_even(micros(*a), i128::from(*by))).map(Value::Delta),
        },
        _ => return None,
    })
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

fn divided_half_even(a: i128, b: i128) -> i128 {
    let quotient = floor_div(a, b);
    let twice = 2 * (a - quotient * b).abs();
    let up = twice > b.abs() || (twice == b.abs() && quotient % 2 != 0);
    if up { quotient + 1 } else { quotient }
}

#[expect(clippy::cast_precision_loss, reason = "the quotient of two floats is what is asked")]
fn divided(operator: Binary, a: i128, b: i128) -> Result<Value, Error> {
    if b == 0 {
        return Err(value_error("division by zero"));
    }
    match operator {
        Binary::FloorDiv => i64::try_from(floor_div(a, b))
            .map(Value::Int)
            .map_err(|_| Error::Limit("the result does not fit into 64 bits".to_owned())),
        Binary::Mod => delta(a - floor_div(a, b) * b).map(Value::Delta),
        _ => Ok(Value::Float(a as f64 / b as f64)),
    }
}

pub(super) fn unary(operator: Unary, operand: &Value) -> Option<Result<Value, Error>> {
    match (operator, operand) {
        (Unary::Neg, Value::Delta(by)) => Some(delta(-micros(*by)).map(Value::Delta)),
        (Unary::Pos, Value::Delta(_)) => Some(Ok(operand.clone())),
        _ => None,
    }
}

fn from_u32(number: u32) -> Value {
    Value::Int(i64::from(number))
}

pub(super) fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
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

pub(super) fn method(value: &Value, name: &str, call: &Call) -> Option<Result<Value, Error>> {
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

pub(super) fn format(value: &Value, specification: &str) -> Option<Result<Value, Error>> {
    let call = Call { positional: vec![Value::from(specification)], keyword: Vec::new() };
    match value {
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) if specification.is_empty() => {
            Some(Ok(Value::from(str(value))))
        }
        Value::DateTime(_) | Value::Date(_) | Value::Time(_) => method(value, "strftime", &call),
        _ => None,
    }
}
