//! Whether summer time holds: what the zone's own file says, which `chrono` reads but does not tell.
//!
//! Reads that file once; what is no such file has no summer time.

use std::path::Path;
use std::sync::OnceLock;

/// Where the files of zones may be.
const FOLDERS: [&str; 4] =
    ["/usr/share/zoneinfo", "/share/zoneinfo", "/etc/zoneinfo", "/usr/share/lib/zoneinfo"];

/// What a zone's file says of summer time.
#[derive(Debug, Default)]
struct Zone {
    /// From that second on it holds, or does not.
    changes: Vec<(i64, bool)>,
    rule: Rule,
}

/// What holds behind the last change.
#[derive(Clone, Copy, Debug, Default)]
enum Rule {
    /// As it was then.
    #[default]
    AsBefore,
    /// No summer time.
    Never,
    /// Summer time, where the offset is not this one.
    Unless(i64),
}

/// Whether summer time holds in local time at that second, which is `offset` ahead of UTC.
pub(in super::super) fn is_daylight(unix_seconds: i64, offset: i64) -> bool {
    static ZONE: OnceLock<Zone> = OnceLock::new();
    ZONE.get_or_init(Zone::local).holds(unix_seconds, offset)
}

impl Zone {
    fn local() -> Zone {
        let Ok(name) = std::env::var("TZ") else { return Zone::of_file(Path::new("/etc/localtime")) };
        let name = name.strip_prefix(':').unwrap_or(&name);
        if name == "localtime" {
            return Zone::of_file(Path::new("/etc/localtime"));
        }
        // Joined to a folder, a whole path stays as it is.
        let file = FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
        match file {
            Some(file) => Zone::of_file(&file),
            None => Zone { changes: Vec::new(), rule: Rule::parse(name.trim()).unwrap_or_default() },
        }
    }

    fn of_file(path: &Path) -> Zone {
        std::fs::read(path).ok().and_then(|bytes| Zone::parse(&bytes)).unwrap_or_default()
    }

    /// RFC 8536: a part with times of 32 bits, then one with 64, then a rule as text.
    fn parse(bytes: &[u8]) -> Option<Zone> {
        let mut rest = bytes;
        let version = rest.get(4).copied()?;
        let mut changes = block(&mut rest, 4)?;
        if version == 0 {
            return Some(Zone { changes, rule: Rule::AsBefore });
        }
        changes = block(&mut rest, 8)?;
        let text = std::str::from_utf8(rest).ok()?.trim_matches('\n');
        Some(Zone { changes, rule: Rule::parse(text).unwrap_or_default() })
    }

    fn holds(&self, unix_seconds: i64, offset: i64) -> bool {
        let behind = self.changes.partition_point(|(from, _)| *from <= unix_seconds);
        let change = behind.checked_sub(1).and_then(|last| self.changes.get(last));
        if behind == self.changes.len() {
            match self.rule {
                Rule::AsBefore => {}
                Rule::Never => return false,
                Rule::Unless(standard) => return offset != standard,
            }
        }
        change.is_some_and(|(_, holds)| *holds)
    }
}

impl Rule {
    /// `CET-1CEST,M3.5.0,M10.5.0/3`: a name, how far behind UTC it is, perhaps a name of summer time.
    fn parse(text: &str) -> Option<Rule> {
        let behind_name = match text.strip_prefix('<') {
            Some(quoted) => quoted.split_once('>')?.1,
            None => text.trim_start_matches(|character: char| character.is_ascii_alphabetic()),
        };
        let end = behind_name.find(|character: char| !matches!(character, '0'..='9' | '+' | '-' | ':'));
        let (behind, summer) = behind_name.split_at(end.unwrap_or(behind_name.len()));
        if summer.is_empty() {
            return (!behind.is_empty()).then_some(Rule::Never);
        }
        let (sign, size) = match behind.strip_prefix('-') {
            Some(size) => (1, size),
            None => (-1, behind.strip_prefix('+').unwrap_or(behind)),
        };
        let mut seconds = 0;
        for (part, unit) in size.split(':').zip([3_600, 60, 1]) {
            seconds += part.parse::<i64>().ok().filter(|part| *part < 1_000)? * unit;
        }
        Some(Rule::Unless(sign * seconds))
    }
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    Some(taken)
}

/// A part of the file, its times of so many bytes.
fn block(rest: &mut &[u8], width: usize) -> Option<Vec<(i64, bool)>> {
    let header = take(rest, 44)?;
    if !header.starts_with(b"TZif") {
        return None;
    }
    let number = |place: usize| {
        let bytes = header.get(20 + 4 * place..24 + 4 * place)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let (at_utc, at_standard, leaps, times, types, letters) =
        (number(0)?, number(1)?, number(2)?, number(3)?, number(4)?, number(5)?);
    let seconds = take(rest, times.checked_mul(width)?)?;
    let kinds = take(rest, times)?;
    let descriptions = take(rest, types.checked_mul(6)?)?;
    take(
        rest,
        letters.checked_add(leaps.checked_mul(width + 4)?)?.checked_add(at_standard)?.checked_add(at_utc)?,
    )?;
    let holds = |kind: u8| descriptions.get(6 * usize::from(kind) + 4).map(|flag| *flag != 0);
    let second = |bytes: &[u8]| match width {
        8 => bytes.try_into().ok().map(i64::from_be_bytes),
        _ => bytes.try_into().ok().map(|bytes| i64::from(i32::from_be_bytes(bytes))),
    };
    seconds.chunks(width).zip(kinds).map(|(bytes, kind)| Some((second(bytes)?, holds(*kind)?))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn rules_are_read() {
        for (text, expected) in [
            ("CET-1CEST,M3.5.0,M10.5.0/3", Some("Unless(3600)")),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", Some("Unless(3600)")),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", Some("Unless(37800)")),
            ("EST5EDT", Some("Unless(-18000)")),
            ("IST-5:30", Some("Never")),
            ("UTC0", Some("Never")),
            ("UTC", None),
            ("", None),
            ("<", None),
            ("A9999999999999999999999B", None),
        ] {
            assert_eq!(Rule::parse(text).map(|rule| format!("{rule:?}")).as_deref(), expected, "{text}");
        }
    }

    /// One change to summer time, in both widths.
    fn file() -> Vec<u8> {
        let mut bytes = Vec::new();
        for width in [4, 8] {
            bytes.extend(b"TZif2");
            bytes.extend([0; 15]);
            for count in [0_u32, 0, 0, 2, 2, 4] {
                bytes.extend(count.to_be_bytes());
            }
            for second in [1_000_i64, 2_000] {
                bytes.extend(second.to_be_bytes().get(8 - width..).unwrap());
            }
            bytes.extend([1, 0]);
            bytes.extend([0, 0, 0, 0, 0, 0, 0, 0, 14, 16, 1, 0]);
            bytes.extend(b"UTC\0");
        }
        bytes
    }

    #[test]
    fn files_are_read() {
        let mut bytes = file();
        bytes.extend(b"\nUTC0\n");
        let zone = Zone::parse(&bytes).unwrap();
        let held: Vec<bool> =
            [0, 999, 1_000, 1_999, 2_000].into_iter().map(|second| zone.holds(second, 0)).collect();
        assert_eq!(held, [false, false, true, true, false]);
        assert_eq!(zone.changes, [(1_000, true), (2_000, false)]);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let bytes = file();
        for length in 0..bytes.len() {
            assert!(Zone::parse(bytes.get(..length).unwrap()).is_none(), "{length}");
        }
        assert!(Zone::parse(&[b'x'; 500]).is_none());
        assert!(Zone::parse(&[b"TZif2".as_slice(), &[255; 500]].concat()).is_none());
    }
}
