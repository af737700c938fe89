//! What CPython 3.11 prints for the same fields.

use super::{Date, DateTime, Delta, Time};

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

fn moment(second: u32, microsecond: u32) -> DateTime {
    let date = Date { year: 2026, month: 11, day: 20 };
    DateTime { date, time: Time { hour: 23, minute: 5, second, microsecond } }
}

#[test]
fn a_datetime_leaves_trailing_zero_fields_out() {
    for (second, microsecond, str, repr) in [
        (12, 123, "2026-11-20 23:05:12.000123", "datetime.datetime(2026, 11, 20, 23, 5, 12, 123)"),
        (12, 0, "2026-11-20 23:05:12", "datetime.datetime(2026, 11, 20, 23, 5, 12)"),
        (0, 0, "2026-11-20 23:05:00", "datetime.datetime(2026, 11, 20, 23, 5)"),
        (0, 7, "2026-11-20 23:05:00.000007", "datetime.datetime(2026, 11, 20, 23, 5, 0, 7)"),
    ] {
        assert_eq!(written(|out| moment(second, microsecond).write_str(out)), str);
        assert_eq!(written(|out| moment(second, microsecond).write_repr(out)), repr);
        assert_eq!(written(|out| moment(second, microsecond).write_iso(out)), str.replace(' ', "T"));
    }
}

#[test]
fn dates_and_times_stand_alone() {
    let date = Date { year: 7, month: 1, day: 2 };
    assert_eq!(written(|out| date.write_str(out)), "0007-01-02");
    assert_eq!(written(|out| date.write_repr(out)), "datetime.date(7, 1, 2)");
    let midnight = Time { hour: 0, minute: 0, second: 0, microsecond: 0 };
    assert_eq!(written(|out| midnight.write_str(out)), "00:00:00");
    assert_eq!(written(|out| midnight.write_repr(out)), "datetime.time(0, 0)");
    let late = Time { hour: 23, minute: 59, second: 0, microsecond: 999_999 };
    assert_eq!(written(|out| late.write_str(out)), "23:59:00.999999");
    assert_eq!(written(|out| late.write_repr(out)), "datetime.time(23, 59, 0, 999999)");
}

#[test]
fn a_timedelta_names_its_fields() {
    for (days, seconds, microseconds, str, repr) in [
        (0, 0, 0, "0:00:00", "datetime.timedelta(0)"),
        (1, 1, 0, "1 day, 0:00:01", "datetime.timedelta(days=1, seconds=1)"),
        (
            1,
            1,
            500_000,
            "1 day, 0:00:01.500000",
            "datetime.timedelta(days=1, seconds=1, microseconds=500000)",
        ),
        (
            -1,
            86399,
            999_999,
            "-1 day, 23:59:59.999999",
            "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)",
        ),
        (-2, 0, 0, "-2 days, 0:00:00", "datetime.timedelta(days=-2)"),
        (0, 45296, 0, "12:34:56", "datetime.timedelta(seconds=45296)"),
        (
            999_999_999,
            0,
            1,
            "999999999 days, 0:00:00.000001",
            "datetime.timedelta(days=999999999, microseconds=1)",
        ),
    ] {
        let delta = Delta { days, seconds, microseconds };
        assert_eq!(written(|out| delta.write_str(out)), str);
        assert_eq!(written(|out| delta.write_repr(out)), repr);
    }
}
