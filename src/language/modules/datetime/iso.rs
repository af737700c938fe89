//! `fromisoformat`: all of ISO 8601 that CPython 3.11 reads.

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::{date, time};

/// Why a text is none.
pub(super) enum Fault {
    /// It is not in that form.
    Form,
    /// It names a zone.
    Zone,
    /// Its numbers make no date or time.
    Range(crate::language::Error),
}

type Parsed<T> = Result<T, Fault>;

fn number(digits: &[u8]) -> Parsed<i64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::Form);
    }
    std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).ok_or(Fault::Form)
}

fn part(text: &[u8], from: usize, length: usize) -> Parsed<i64> {
    number(text.get(from..from + length).ok_or(Fault::Form)?)
}

/// The date of an ISO year, week and day.
pub(super) fn of_week(year: i64, week: i64, day: i64) -> Result<NaiveDate, String> {
    if !(1..=9999).contains(&year) {
        return Err(format!("Year is out of range: {year}"));
    }
    let first = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 4));
    let Some(first) = first else { return Err(format!("Year is out of range: {year}")) };
    let last =
        first.with_month(12).and_then(|date| date.with_day(28)).map_or(52, |date| date.iso_week().week());
    if !(1..=i64::from(last)).contains(&week) {
        return Err(format!("Invalid week: {week}"));
    }
    if !(1..=7).contains(&day) {
        return Err(format!("Invalid weekday: {day} (range is [1, 7])"));
    }
    let monday = i64::from(first.num_days_from_ce()) - i64::from(first.weekday().num_days_from_monday());
    super::from_ordinal(monday + (week - 1) * 7 + day - 1).map_err(|_| format!("year {year} is out of range"))
}

/// A date of 7, 8 or 10 characters.
pub(super) fn parse_date(text: &[u8]) -> Parsed<NaiveDate> {
    if !matches!(text.len(), 7 | 8 | 10) {
        return Err(Fault::Form);
    }
    let year = part(text, 0, 4)?;
    let separated = text.get(4) == Some(&b'-');
    let mut at = 4 + usize::from(separated);
    if text.get(at) == Some(&b'W') {
        let week = part(text, at + 1, 2)?;
        at += 3;
        let mut day = 1;
        if at < text.len() {
            if (text.get(at) == Some(&b'-')) != separated {
                return Err(Fault::Form);
            }
            at += usize::from(separated);
            day = part(text, at, 1)?;
            at += 1;
        }
        if at != text.len() {
            return Err(Fault::Form);
        }
        return of_week(year, week, day).map_err(|message| Fault::Range(super::value_error(message)));
    }
    let month = part(text, at, 2)?;
    at += 2;
    if (text.get(at) == Some(&b'-')) != separated {
        return Err(Fault::Form);
    }
    at += usize::from(separated);
    let day = part(text, at, 2)?;
    if at + 2 != text.len() {
        return Err(Fault::Form);
    }
    date(year, month, day).map_err(Fault::Range)
}

/// A time, perhaps with a zone, which is refused.
pub(super) fn parse_time(text: &[u8]) -> Parsed<NaiveTime> {
    let zone = text.iter().position(|byte| matches!(byte, b'+' | b'-' | b'Z'));
    let (numbers, all) = clock(text, zone.unwrap_or(text.len()))?;
    if let Some(zone) = zone {
        let rest = text.get(zone + 1..).unwrap_or_default();
        let named = text.get(zone) == Some(&b'Z');
        let good = if named { rest.is_empty() } else { clock(rest, rest.len()).is_ok_and(|(_, all)| all) };
        return Err(if good { Fault::Zone } else { Fault::Form });
    }
    if !all {
        return Err(Fault::Form);
    }
    let [hour, minute, second, micros] = numbers;
    time(hour, minute, second, micros).map_err(Fault::Range)
}

/// `HH[:MM[:SS[.ffffff]]]`, or the same without colons, up to `end`; whether that was all of the text. As generous
/// as CPython: a colon may stand for the point, and the point may come early.
fn clock(text: &[u8], end: usize) -> Parsed<([i64; 4], bool)> {
    let mut numbers = [0; 4];
    let mut at = 0;
    let mut separated = false;
    for place in 0..3 {
        let found = part(text, at, 2)?;
        if let Some(number) = numbers.get_mut(place) {
            *number = found;
        }
        at += 2;
        let next = text.get(at).copied();
        at += 1;
        if place == 0 {
            separated = next == Some(b':');
        }
        if at >= end {
            return Ok((numbers, next.is_none()));
        }
        match next {
            Some(b':') if separated => {}
            Some(b'.' | b',') => break,
            _ if !separated => at -= 1,
            _ => return Err(Fault::Form),
        }
    }
    let kept = end.saturating_sub(at).min(6);
    let [_, _, _, micros] = &mut numbers;
    *micros = part(text, at, kept)? * 10_i64.pow(u32::try_from(6 - kept).unwrap_or(0));
    let digits = text.get(at + kept..).unwrap_or_default();
    Ok((numbers, digits.iter().all(u8::is_ascii_digit)))
}

/// Where the date ends in a text of both.
pub(super) fn date_length(text: &[u8]) -> Parsed<usize> {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let length = text.len();
    if length < 7 {
        return Err(Fault::Form);
    }
    if length == 7 {
        return Ok(7);
    }
    if text.get(4) == Some(&b'-') {
        if text.get(5) != Some(&b'W') {
            return Ok(10);
        }
        if text.get(8) == Some(&b'-') {
            return match length {
                9 => Err(Fault::Form),
                _ if digit(10) => Ok(8),
                _ => Ok(10),
            };
        }
        return Ok(8);
    }
    if text.get(4) != Some(&b'W') {
        return Ok(8);
    }
    let end = (7..length).find(|at| !digit(*at)).unwrap_or(length);
    Ok(match end {
        ..9 => end,
        end if end % 2 == 0 => 7,
        _ => 8,
    })
}
