//! Local time: the machine's, which the `TZ` of its surroundings chooses.

use chrono::{DateTime, Local, NaiveDateTime, Offset, TimeZone, Utc};

/// How many seconds local time is ahead of UTC at that second since 1970.
pub(in super::super) fn offset_at(unix_seconds: i64) -> i64 {
    let Some(moment) = DateTime::<Utc>::from_timestamp(unix_seconds, 0) else { return 0 };
    i64::from(Local.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc())
}

/// The seconds since 1970 of a local time, as CPython finds them: the first of two, and one beside a gap.
pub(in super::super) fn seconds_of_local(moment: NaiveDateTime) -> i64 {
    let wanted = moment.and_utc().timestamp();
    let local = |seconds: i64| seconds + offset_at(seconds);
    let first_offset = local(wanted) - wanted;
    let first = wanted - first_offset;
    let found = local(first);
    let second_offset = if found == wanted {
        let earlier = first - 86_400;
        let offset = local(earlier) - earlier;
        if offset == first_offset {
            return first;
        }
        offset
    } else {
        found - first
    };
    let second = wanted - second_offset;
    if local(second) == wanted {
        second
    } else if found == wanted {
        first
    } else {
        first.max(second)
    }
}
