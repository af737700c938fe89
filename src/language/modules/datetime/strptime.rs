//! `strptime`: the format becomes a pattern of `re`, as in CPython, so that it takes the same texts.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::strftime::{DAYS, MONTHS};
use super::{date, from_ordinal, time, value_error};
use crate::language::modules::re;
use crate::language::{Budget, Error};
use crate::value::{Value, repr};

/// What a text said.
pub(in super::super) struct Parsed {
    /// The moment; an error where its numbers make none.
    pub moment: Result<NaiveDateTime, Error>,
    /// Year, month, day, hour, minute, second, weekday from Monday, day of the year.
    pub fields: [i64; 8],
    /// Whether it names a zone.
    pub zoned: bool,
}

/// The numbers that directives gave.
#[derive(Default)]
struct Found {
    year: Option<i64>,
    iso_year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    weekday: Option<i64>,
    day_of_year: Option<i64>,
    /// A week of the year, and whether weeks begin on Monday.
    week: Option<(i64, bool)>,
    iso_week: Option<i64>,
    zoned: bool,
}

fn directive(name: char) -> Option<String> {
    let names = |names: &[&str], short: bool, group: char| {
        let mut names: Vec<&str> =
            names.iter().map(|name| if short { name.get(..3).unwrap_or(name) } else { name }).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        format!("(?P<{group}>{})", names.join("|").to_lowercase())
    };
    let pattern = match name {
        'd' => r"(?P<d>3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])",
        'f' => r"(?P<f>[0-9]{1,6})",
        'H' => r"(?P<H>2[0-3]|[0-1]\d|\d)",
        'I' => r"(?P<I>1[0-2]|0[1-9]|[1-9])",
        'G' => r"(?P<G>\d\d\d\d)",
        'j' => r"(?P<j>36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9])",
        'm' => r"(?P<m>1[0-2]|0[1-9]|[1-9])",
        'M' => r"(?P<M>[0-5]\d|\d)",
        'S' => r"(?P<S>6[0-1]|[0-5]\d|\d)",
        'U' => r"(?P<U>5[0-3]|[0-4]\d|\d)",
        'W' => r"(?P<W>5[0-3]|[0-4]\d|\d)",
        'w' => r"(?P<w>[0-6])",
        'u' => r"(?P<u>[1-7])",
        'V' => r"(?P<V>5[0-3]|0[1-9]|[1-4]\d|\d)",
        'y' => r"(?P<y>\d\d)",
        'Y' => r"(?P<Y>\d\d\d\d)",
        'z' => r"(?P<z>[+-]\d\d:?[0-5]\d(:?[0-5]\d(\.\d{1,6})?)?|(?-i:Z))",
        'Z' => r"(?P<Z>utc|gmt)",
        'p' => r"(?P<p>am|pm)",
        '%' => "%",
        'A' => return Some(names(&DAYS, false, 'A')),
        'a' => return Some(names(&DAYS, true, 'a')),
        'B' => return Some(names(&MONTHS, false, 'B')),
        'b' => return Some(names(&MONTHS, true, 'b')),
        'c' => return pattern("%a %b %d %H:%M:%S %Y").ok(),
        'x' => return pattern("%m/%d/%y").ok(),
        'X' => return pattern("%H:%M:%S").ok(),
        _ => return None,
    };
    Some(pattern.to_owned())
}

fn pattern(format: &str) -> Result<String, Error> {
    let mut out = String::new();
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '%' => {
                let Some(name) = characters.next() else {
                    return Err(value_error(format!("stray % in format '{format}'")));
                };
                let found = directive(name).ok_or_else(|| {
                    // Python finds its own escapes here.
                    let name =
                        if name.is_whitespace() || r"\.^$*+?(){}[]|".contains(name) { '%' } else { name };
                    value_error(format!("'{name}' is a bad directive in format '{format}'"))
                })?;
                out.push_str(&found);
            }
            character if re::is_space(character) => {
                while characters.next_if(|next| re::is_space(*next)).is_some() {}
                out.push_str(r"\s+");
            }
            character => {
                if r"\.^$*+?(){}[]|".contains(character) {
                    out.push('\\');
                }
                out.push(character);
            }
        }
    }
    Ok(out)
}

/// Reads the text by the format.
pub(in super::super) fn strptime(
    text: Option<&Value>,
    format: Option<&Value>,
    budget: &Budget,
) -> Result<Parsed, Error> {
    let (Some(Value::Str(text)), Some(Value::Str(format))) = (text, format) else {
        let place = usize::from(matches!(text, Some(Value::Str(_))));
        let other = if place == 0 { text } else { format };
        let name = other.map_or("NoneType", Value::type_name);
        return Err(Error::Type(format!("strptime() argument {place} must be str, not <class '{name}'>")));
    };
    let found = re::named_groups(&pattern(format)?, text, budget)?;
    let Some((groups, end)) = found else {
        let text = repr(&Value::Str(text.clone()));
        let format = repr(&Value::Str(format.clone()));
        return Err(value_error(format!("time data {text} does not match format {format}")));
    };
    if end < text.len() {
        let rest = text.get(end..).unwrap_or_default();
        return Err(value_error(format!("unconverted data remains: {rest}")));
    }
    resolve(read(&groups)?)
}

fn read(groups: &[(String, String)]) -> Result<Found, Error> {
    let mut found = Found::default();
    let half = groups.iter().find(|(name, _)| name == "p").map(|(_, text)| text.to_lowercase());
    for (name, text) in groups {
        let number = || operations_int(text);
        let lower = text.to_lowercase();
        let among = |names: &[&str], short: bool| {
            let same = |name: &&str| {
                let name = name.to_lowercase();
                if short { name.get(..3) == Some(&*lower) } else { name == lower }
            };
            names.iter().position(same).and_then(|place| i64::try_from(place).ok())
        };
        match name.as_str() {
            "y" => {
                let year = number()?;
                found.year = Some(if year <= 68 { year + 2000 } else { year + 1900 });
            }
            "Y" => found.year = Some(number()?),
            "G" => found.iso_year = Some(number()?),
            "m" => found.month = Some(number()?),
            "B" => found.month = among(&MONTHS, false).map(|place| place + 1),
            "b" => found.month = among(&MONTHS, true).map(|place| place + 1),
            "d" => found.day = Some(number()?),
            "H" => found.hour = number()?,
            "I" => {
                let hour = number()? % 12;
                found.hour = if half.as_deref() == Some("pm") { hour + 12 } else { hour };
            }
            "M" => found.minute = number()?,
            "S" => found.second = number()?,
            "f" => {
                found.micros =
                    number()? * 10_i64.pow(u32::try_from(6_usize.saturating_sub(text.len())).unwrap_or(0));
            }
            "A" => found.weekday = among(&DAYS, false),
            "a" => found.weekday = among(&DAYS, true),
            "w" => found.weekday = Some((number()? + 6) % 7),
            "u" => found.weekday = Some(number()? - 1),
            "j" => found.day_of_year = Some(number()?),
            "U" => found.week = Some((number()?, false)),
            "W" => found.week = Some((number()?, true)),
            "V" => found.iso_week = Some(number()?),
            "z" | "Z" => found.zoned |= name == "z",
            _ => {}
        }
    }
    Ok(found)
}

/// The number of digits of any script, as Python's `int`.
fn operations_int(text: &str) -> Result<i64, Error> {
    let call = crate::language::operations::Call { positional: vec![Value::from(text)], keyword: Vec::new() };
    let budget = Budget::new(&crate::config::Limits::default());
    let number = crate::language::operations::builtin("int", call, &budget)?;
    crate::language::operations::integer(&number)
}

fn check_weeks(found: &Found) -> Result<(), Error> {
    if found.year.is_none() && found.iso_year.is_some() {
        if found.iso_week.is_none() || found.weekday.is_none() {
            return Err(value_error(
                "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', '%w', or '%u').",
            ));
        }
        if found.day_of_year.is_some() {
            return Err(value_error(
                "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.",
            ));
        }
    } else if found.week.is_none() && found.iso_week.is_some() {
        return Err(value_error(if found.weekday.is_none() {
            "ISO week directive '%V' must be used with the ISO year directive '%G' and a weekday directive ('%A', '%a', '%w', or '%u')."
        } else {
            "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead."
        }));
    }
    Ok(())
}

fn ordinal(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce())
}

/// The date that all the numbers together mean.
fn resolve(found: Found) -> Result<Parsed, Error> {
    check_weeks(&found)?;
    let (mut month, mut day) = (found.month.unwrap_or(1), found.day.unwrap_or(1));
    let leap_day = found.year.is_none() && month == 2 && day == 29;
    let mut year = found.year.unwrap_or(if leap_day { 1904 } else { 1900 });
    let mut day_of_year = found.day_of_year;
    if day_of_year.is_none()
        && let Some(weekday) = found.weekday
    {
        if let Some((week, from_monday)) = found.week {
            day_of_year = Some(day_of_week(year, week, weekday, from_monday)?);
        } else if let (Some(iso_year), Some(iso_week)) = (found.iso_year, found.iso_week) {
            let fourth = date(iso_year, 1, 4)?;
            let correction = i64::from(fourth.weekday().number_from_monday()) + 3;
            let mut place = iso_week * 7 + weekday + 1 - correction;
            year = iso_year;
            if place < 1 {
                place += ordinal(date(iso_year, 1, 1)?);
                year -= 1;
                place -= ordinal(date(year, 1, 1)?);
            }
            day_of_year = Some(place);
        }
        if let Some(place) = day_of_year
            && place <= 0
        {
            year -= 1;
            day_of_year = Some(place + ordinal(date(year, 12, 31)?) - ordinal(date(year, 1, 1)?) + 1);
        }
    }
    let place = match day_of_year {
        None => ordinal(date(year, month, day)?) - ordinal(date(year, 1, 1)?) + 1,
        Some(place) => {
            let exact = from_ordinal(place - 1 + ordinal(date(year, 1, 1)?))?;
            year = i64::from(exact.year());
            (month, day) = (i64::from(exact.month()), i64::from(exact.day()));
            place
        }
    };
    let weekday = match found.weekday {
        Some(weekday) => weekday,
        None => i64::from(date(year, month, day)?.weekday().num_days_from_monday()),
    };
    if leap_day {
        year = 1900;
    }
    let moment = date(year, month, day).and_then(|day| {
        time(found.hour, found.minute, found.second, found.micros).map(|time| day.and_time(time))
    });
    let fields = [year, month, day, found.hour, found.minute, found.second, weekday, place];
    Ok(Parsed { moment, fields, zoned: found.zoned })
}

/// The day of the year that a weekday of a week of it is.
fn day_of_week(year: i64, week: i64, weekday: i64, from_monday: bool) -> Result<i64, Error> {
    let first = i64::from(date(year, 1, 1)?.weekday().num_days_from_monday());
    let (first, weekday) = if from_monday { (first, weekday) } else { ((first + 1) % 7, (weekday + 1) % 7) };
    let week_zero = (7 - first) % 7;
    Ok(if week == 0 { 1 + weekday - first } else { 1 + week_zero + 7 * (week - 1) + weekday })
}
