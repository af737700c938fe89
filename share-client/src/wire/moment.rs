//! Dates, times and durations as plain fields, and their text as CPython 3.11 writes it.
//!
//! Owns the fields and both of Python's forms, `str()` and `repr()`. Pure; knows no calendar: whether a day
//! exists is for whoever makes the fields.

use std::fmt::Write;

/// A `datetime.date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// The year, 1 to 9999 in Python.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: u32,
    /// The day of the month, 1 to 31.
    pub day: u32,
}

/// A naive `datetime.time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time {
    /// The hour, 0 to 23.
    pub hour: u32,
    /// The minute, 0 to 59.
    pub minute: u32,
    /// The second, 0 to 59.
    pub second: u32,
    /// The microsecond, 0 to 999,999.
    pub microsecond: u32,
}

/// A naive `datetime.datetime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime {
    /// The day.
    pub date: Date,
    /// The time of the day.
    pub time: Time,
}

/// A `datetime.timedelta`, normalised as Python does: only the days may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Delta {
    /// Whole days.
    pub days: i64,
    /// Seconds beyond them, 0 to 86,399.
    pub seconds: u32,
    /// Microseconds beyond those, 0 to 999,999.
    pub microseconds: u32,
}

impl Date {
    /// Appends `2026-11-20`.
    pub fn write_str(self, out: &mut String) {
        let _ = write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day);
    }

    /// Appends `datetime.date(2026, 11, 20)`.
    pub fn write_repr(self, out: &mut String) {
        let _ = write!(out, "datetime.date({}, {}, {})", self.year, self.month, self.day);
    }
}

impl Time {
    /// Appends `23:05:12.000123`, without the fraction where it is 0.
    pub fn write_str(self, out: &mut String) {
        let _ = write!(out, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second);
        if self.microsecond != 0 {
            let _ = write!(out, ".{:06}", self.microsecond);
        }
    }

    /// Appends `datetime.time(23, 5, 12, 123)`, without the trailing zeros of second and microsecond.
    pub fn write_repr(self, out: &mut String) {
        out.push_str("datetime.time(");
        self.write_fields(out);
    }

    fn write_fields(self, out: &mut String) {
        let _ = write!(out, "{}, {}", self.hour, self.minute);
        if self.second != 0 || self.microsecond != 0 {
            let _ = write!(out, ", {}", self.second);
        }
        if self.microsecond != 0 {
            let _ = write!(out, ", {}", self.microsecond);
        }
        out.push(')');
    }
}

impl DateTime {
    /// Appends `2026-11-20 23:05:12.000123`, without the fraction where it is 0.
    pub fn write_str(self, out: &mut String) {
        self.write_joined(out, ' ');
    }

    /// Appends the ISO form, `2026-11-20T23:05:12.000123`.
    pub fn write_iso(self, out: &mut String) {
        self.write_joined(out, 'T');
    }

    /// Appends `datetime.datetime(2026, 11, 20, 23, 5, 12, 123)`, without the trailing zeros of second and
    /// microsecond.
    pub fn write_repr(self, out: &mut String) {
        let Date { year, month, day } = self.date;
        let _ = write!(out, "datetime.datetime({year}, {month}, {day}, ");
        self.time.write_fields(out);
    }

    fn write_joined(self, out: &mut String, separator: char) {
        self.date.write_str(out);
        out.push(separator);
        self.time.write_str(out);
    }
}

impl Delta {
    /// Appends `1 day, 0:00:01.500000`.
    pub fn write_str(self, out: &mut String) {
        if self.days != 0 {
            let plural = if self.days.unsigned_abs() == 1 { "" } else { "s" };
            let _ = write!(out, "{} day{plural}, ", self.days);
        }
        let (minutes, seconds) = (self.seconds / 60, self.seconds % 60);
        let _ = write!(out, "{}:{:02}:{seconds:02}", minutes / 60, minutes % 60);
        if self.microseconds != 0 {
            let _ = write!(out, ".{:06}", self.microseconds);
        }
    }

    /// Appends `datetime.timedelta(days=1, seconds=1)`, or `datetime.timedelta(0)`.
    pub fn write_repr(self, out: &mut String) {
        out.push_str("datetime.timedelta(");
        let fields = [
            ("days", self.days),
            ("seconds", i64::from(self.seconds)),
            ("microseconds", i64::from(self.microseconds)),
        ];
        let mut separator = "";
        for (name, number) in fields.into_iter().filter(|(_, number)| *number != 0) {
            let _ = write!(out, "{separator}{name}={number}");
            separator = ", ";
        }
        out.push_str(if separator.is_empty() { "0)" } else { ")" });
    }
}

#[cfg(test)]
mod tests;
