//! `strftime` as CPython has it over glibc, in the C locale: flags and widths are glibc's, `%f` is `datetime`'s own.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::seconds_of_local;
use crate::language::modules::named::Named;
use crate::language::{Budget, Error};
use crate::value::Value;

pub(super) const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The longest field that a width asks for.
const WIDTH_MAX: usize = 1_000;
/// The longest format, in bytes: each directive may become a thousand times as long.
const FORMAT_BYTES_MAX: usize = 4_096;

/// What is known of the zone.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) enum Zone {
    /// It is in none.
    #[default]
    Without,
    /// Nothing.
    Unknown,
    /// How many seconds it is ahead of UTC.
    Ahead(i64),
}

/// What is formatted.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Moment {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    /// From Monday, which is 0.
    pub weekday: i64,
    /// From 1.
    pub day_of_year: i64,
    /// Only `datetime`'s own know it.
    pub micros: Option<u32>,
    pub zone: Zone,
}

impl From<NaiveDateTime> for Moment {
    fn from(moment: NaiveDateTime) -> Moment {
        Moment {
            year: i64::from(moment.year()),
            month: i64::from(moment.month()),
            day: i64::from(moment.day()),
            hour: i64::from(moment.hour()),
            minute: i64::from(moment.minute()),
            second: i64::from(moment.second()),
            weekday: i64::from(moment.weekday().num_days_from_monday()),
            day_of_year: i64::from(moment.ordinal()),
            micros: Some(moment.nanosecond() / 1_000),
            zone: Zone::Without,
        }
    }
}

/// `Thu Jan  1 00:00:00 1970`, the year of so many digits at least.
pub(in super::super) fn asctime(moment: &Moment, digits: usize) -> String {
    let name = |names: &[&'static str], place: i64| {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        names.get(place).and_then(|name| name.get(..3)).unwrap_or("???")
    };
    let Moment { year, day, hour, minute, second, .. } = moment;
    format!(
        "{} {} {day:2} {hour:02}:{minute:02}:{second:02} {year:0digits$}",
        name(&DAYS, moment.weekday),
        name(&MONTHS, moment.month - 1)
    )
}

pub(in super::super) const STRUCT_TIME: &str = "time.struct_time";
const FIELDS: [&str; 9] =
    ["tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"];

/// The moment as a tuple with names; `daylight` is 1 in summer, -1 where that is unknown.
pub(in super::super) fn struct_time(moment: &Moment, daylight: i64) -> Value {
    let Moment { year, month, day, hour, minute, second, weekday, day_of_year, .. } = *moment;
    let items = [year, month, day, hour, minute, second, weekday, day_of_year, daylight];
    Named::value(STRUCT_TIME, &FIELDS, items)
}

/// How one directive is to look.
#[derive(Clone, Copy, Default)]
struct Look {
    /// `_`, `-` or `0` instead of the directive's own.
    pad: Option<char>,
    upper: bool,
    swapped: bool,
    width: usize,
}

/// The moment in that format.
pub(in super::super) fn strftime(moment: &Moment, format: &str, budget: &Budget) -> Result<String, Error> {
    if format.len() > FORMAT_BYTES_MAX {
        return Err(Error::Limit(format!("a format of strftime() may have {FORMAT_BYTES_MAX} bytes")));
    }
    let mut out = String::new();
    write(&mut out, moment, format, budget)?;
    Ok(out)
}

fn write(out: &mut String, moment: &Moment, format: &str, budget: &Budget) -> Result<(), Error> {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let directive = rest.get(at..).unwrap_or_default();
        let mut characters = directive.chars();
        characters.next();
        let look = look(&mut characters)?;
        let mut name = characters.next();
        let modifier = name.filter(|name| matches!(name, 'E' | 'O'));
        if modifier.is_some() {
            name = characters.next();
        }
        let length = directive.len() - characters.as_str().len();
        let written = match name {
            // Python looks for its own before it asks the C library.
            Some('f') if length == 2 => moment.micros.map(|micros| format!("{micros:06}")),
            Some(name) if takes_modifier(name, modifier) => field(moment, name, look, budget)?,
            _ => None,
        };
        let written = written.unwrap_or_else(|| text(directive.get(..length).unwrap_or_default(), look));
        budget.reserve(written.len())?;
        out.push_str(&written);
        rest = characters.as_str();
    }
    out.push_str(rest);
    Ok(())
}

/// Whether glibc knows the directive with this modifier.
fn takes_modifier(name: char, modifier: Option<char>) -> bool {
    match modifier {
        None => true,
        Some('E') => !"aAbBdDeFgGhHIjklmMSUVWw".contains(name),
        Some(_) => !"aAcDFxXY".contains(name),
    }
}

fn look(characters: &mut std::str::Chars<'_>) -> Result<Look, Error> {
    let mut look = Look::default();
    loop {
        match characters.as_str().chars().next() {
            Some(pad @ ('_' | '-' | '0')) => look.pad = Some(pad),
            Some('^') => look.upper = true,
            Some('#') => look.swapped = true,
            Some(digit @ '1'..='9') => {
                let mut width = 0_usize;
                let mut next = Some(digit);
                while let Some(value) = next.and_then(|digit| digit.to_digit(10)) {
                    width = width.saturating_mul(10).saturating_add(value as usize);
                    characters.next();
                    next = characters.as_str().chars().next();
                }
                if width > WIDTH_MAX {
                    return Err(Error::Limit(format!("a width of strftime() may be {WIDTH_MAX}")));
                }
                look.width = width;
                return Ok(look);
            }
            _ => return Ok(look),
        }
        characters.next();
    }
}

fn number(value: i64, digits: usize, pad: char, look: Look) -> String {
    let pad = look.pad.unwrap_or(pad);
    let width = if look.width > 0 { look.width } else { digits };
    let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    match pad {
        '-' => format!("{sign}{size}"),
        '_' => format!("{:>width$}", format!("{sign}{size}")),
        _ => format!("{sign}{size:0>width$}", width = width.saturating_sub(sign.len())),
    }
}

fn text(value: &str, look: Look) -> String {
    let value = if look.upper { value.to_uppercase() } else { value.to_owned() };
    match look.pad {
        Some('0') => format!("{value:0>width$}", width = look.width),
        _ => format!("{value:>width$}", width = look.width),
    }
}

fn name_of(names: &[&str], place: i64, short: bool, look: Look) -> String {
    let name = usize::try_from(place).ok().and_then(|place| names.get(place)).copied().unwrap_or("?");
    let name = if short { name.get(..3).unwrap_or(name) } else { name };
    text(name, Look { upper: look.upper || look.swapped, ..look })
}

/// The year and week of ISO 8601.
fn iso_week(moment: &Moment) -> (i64, i64) {
    let week = (moment.day_of_year - (moment.weekday + 1) + 10) / 7;
    let weeks_in = |year: i64| {
        let shift = |year: i64| {
            (year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400)).rem_euclid(7)
        };
        if shift(year) == 4 || shift(year - 1) == 3 { 53 } else { 52 }
    };
    if week < 1 {
        (moment.year - 1, weeks_in(moment.year - 1))
    } else if week > weeks_in(moment.year) {
        (moment.year + 1, 1)
    } else {
        (moment.year, week)
    }
}

/// One directive; None where glibc knows none of that name and leaves it as it stands.
fn field(moment: &Moment, name: char, look: Look, budget: &Budget) -> Result<Option<String>, Error> {
    let twelve = match moment.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let sunday = (moment.weekday + 1) % 7;
    let two = |value: i64| Some(number(value, 2, '0', look));
    let composed = |format: &str| -> Result<Option<String>, Error> {
        let mut out = String::new();
        write(&mut out, moment, format, budget)?;
        Ok(Some(text(&out, look)))
    };
    Ok(match name {
        'a' => Some(name_of(&DAYS, moment.weekday, true, look)),
        'A' => Some(name_of(&DAYS, moment.weekday, false, look)),
        'b' | 'h' => Some(name_of(&MONTHS, moment.month - 1, true, look)),
        'B' => Some(name_of(&MONTHS, moment.month - 1, false, look)),
        'c' => return composed("%a %b %e %H:%M:%S %Y"),
        'C' => Some(number(moment.year.div_euclid(100), 1, '0', look)),
        'd' => two(moment.day),
        'D' | 'x' => return composed("%m/%d/%y"),
        'e' => Some(number(moment.day, 2, '_', look)),
        'F' => return composed("%Y-%m-%d"),
        'g' => two(iso_week(moment).0.rem_euclid(100)),
        'G' => Some(number(iso_week(moment).0, 1, '0', look)),
        'H' => two(moment.hour),
        'I' => two(twelve),
        'j' => Some(number(moment.day_of_year, 3, '0', look)),
        'k' => Some(number(moment.hour, 2, '_', look)),
        'l' => Some(number(twelve, 2, '_', look)),
        'm' => two(moment.month),
        'M' => two(moment.minute),
        'n' => Some(text("\n", look)),
        'p' | 'P' => {
            let half = if moment.hour < 12 { "AM" } else { "PM" };
            let small = name == 'P' || look.swapped;
            Some(if small {
                text(&half.to_lowercase(), Look { upper: false, ..look })
            } else {
                text(half, look)
            })
        }
        'r' => return composed("%I:%M:%S %p"),
        'R' => return composed("%H:%M"),
        's' => Some(number(unix_seconds(moment)?, 1, '0', look)),
        'S' => two(moment.second),
        't' => Some(text("\t", look)),
        'T' | 'X' => return composed("%H:%M:%S"),
        'u' => Some(number(moment.weekday + 1, 1, '0', look)),
        'U' => two((moment.day_of_year + 6 - sunday) / 7),
        'V' => two(iso_week(moment).1),
        'w' => Some(number(sunday, 1, '0', look)),
        'W' => two((moment.day_of_year + 6 - moment.weekday) / 7),
        'y' => two(moment.year.rem_euclid(100)),
        'Y' => Some(number(moment.year, 1, '0', look)),
        'z' => return zone_offset(moment.zone),
        'Z' => match moment.zone {
            Zone::Without => Some(text("", look)),
            _ => return Err(Error::Value(String::from("the server does not have the names of time zones"))),
        },
        '%' => Some(text("%", look)),
        _ => None,
    })
}

fn zone_offset(zone: Zone) -> Result<Option<String>, Error> {
    match zone {
        Zone::Without => Ok(Some(String::new())),
        Zone::Unknown => Err(Error::Value(String::from("the server does not have time zones of tuples"))),
        Zone::Ahead(offset) => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.abs() / 60;
            Ok(Some(format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)))
        }
    }
}

fn unix_seconds(moment: &Moment) -> Result<i64, Error> {
    let day = super::date(moment.year, moment.month, moment.day)?;
    let time = super::time(moment.hour, moment.minute, moment.second, 0)?;
    Ok(seconds_of_local(day.and_time(time)))
}
