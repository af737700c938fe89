//! The log's two files: how they take turns, and what a crash leaves of them.

use twox_hash::XxHash3_64;

use super::*;

/// A folder, the journal's path in it, and a copy of what the tables are before anything is in them.
fn empty_tables() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    drop(Tables::open(&path).unwrap());
    let empty = folder.path().join("empty");
    fs::copy(&path, &empty).unwrap();
    (folder, path, empty)
}

/// The files of the log beside a copy of an empty journal: what a kill leaves before anything went into the tables.
struct Crashed {
    folder: tempfile::TempDir,
}

impl Crashed {
    /// With that much of each file of the log.
    fn new(empty: &Path, log: [&[u8]; 2]) -> Crashed {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        fs::copy(empty, &path).unwrap();
        fs::write(beside(&path, "-log0"), log[0]).unwrap();
        fs::write(beside(&path, "-log1"), log[1]).unwrap();
        Crashed { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journal.sqlite")
    }

    /// How many groups of five rows are there; no half ones, and none without those before it.
    fn groups(&self) -> u64 {
        let (mut store, rows) = open(&self.path());
        let numbers: Vec<u64> = rows.rows.iter().map(|(number, _)| *number).collect();
        let count = numbers.len() as u64;
        assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
        assert_eq!(count % 5, 0, "half a group");
        assert!(rows.next_number > count);
        // It goes on from there, and nothing that was cut off comes back.
        store.commit(&Group { records: vec![queue(1_000, "y")], next_number: 1_001 }).unwrap();
        drop(store);
        let (_store, rows) = open(&self.path());
        assert_eq!(rows.rows.len() as u64, count + 1);
        count / 5
    }
}

#[test]
fn after_a_crash_whole_groups_are_there_and_no_half_ones() {
    let (_folder, path, empty) = empty_tables();
    let log = || ["-log0", "-log1"].map(|ending| fs::read(beside(&path, ending)).unwrap_or_default());
    // The log goes on in the second file after ten groups or so, and not back to the first.
    let (mut store, _) = open_turning(&path, Durability::Normal, 100_000);
    for group in 0..15_u64 {
        let records = (1..=5).map(|row| queue(group * 5 + row, &"x".repeat(2_000))).collect();
        store.commit(&Group { records, next_number: group * 5 + 6 }).unwrap();
        let [first, second] = log();
        assert_eq!(Crashed::new(&empty, [&first, &second]).groups(), group + 1);
    }
    let [first, second] = log();
    assert!(second.len() > 20_000, "there are groups in both files");
    let mut seen = std::collections::BTreeSet::new();
    for part in 0..=40 {
        let cut = &first[..first.len() * part / 40];
        // What came after a cut does not count, though it is whole. The head was synced long before.
        let cut = if part == 0 { &first[..32] } else { cut };
        seen.insert(Crashed::new(&empty, [cut, &second]).groups());
        seen.insert(Crashed::new(&empty, [&first, &second[..second.len() * part / 40]]).groups());
        let mut torn = first.clone();
        let at = 32 + (torn.len() - 32) * part / 41;
        torn[at] ^= 0x10;
        seen.insert(Crashed::new(&empty, [&torn, &second]).groups());
    }
    assert!(seen.len() == 16, "cuts at every group: {seen:?}");
}

#[test]
fn the_log_goes_into_the_tables_turn_by_turn() {
    for durability in [Durability::Full, Durability::Normal] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let mut expected = std::collections::BTreeMap::new();
        for start in 0..3 {
            let (mut store, rows) = open_turning(&path, durability, 1_000);
            let told: Vec<String> = expected.iter().map(|(number, name)| format!("{number}{name}")).collect();
            assert_eq!(names(&rows), told);
            for step in 0..if durability == Durability::Full { 150 } else { 600 } {
                let (number, name) = (step * 7 % 50 + 1, format!("{start}-{step}"));
                let record = match expected.contains_key(&number) && step % 3 == 0 {
                    true => {
                        expected.remove(&number);
                        Record::Delete { table: Table::Queue, number }
                    }
                    false => {
                        expected.insert(number, name.clone());
                        Record::Put { number, row: Row::Queue { name: Arc::from(name) }, fresh: false }
                    }
                };
                store.commit(&Group { records: vec![record], next_number: 51 }).unwrap();
            }
            let longest = ["-log0", "-log1"].map(|ending| fs::metadata(beside(&path, ending)).unwrap().len());
            assert!(longest.iter().all(|bytes| *bytes > 1_000), "both had their turn");
            // As a kill does, the second time: nothing more goes into the tables.
            store.failed = start == 1;
        }
    }
}

/// The log was on its way into the tables when the daemon was killed, so that they hold rows of it without saying so.
#[test]
fn what_the_log_deletes_does_not_come_back_from_tables_that_had_a_part_of_it() {
    let (_folder, path, empty) = empty_tables();
    let put = || queue(1, &"x".repeat(200));
    let delete = || Record::Delete { table: Table::Queue, number: 1 };
    let (mut store, _) = open_turning(&path, Durability::Normal, 100);
    store.commit(&Group { records: vec![put()], next_number: 2 }).unwrap();
    let put_alone = fs::read(beside(&path, "-log0")).unwrap();
    store.commit(&Group { records: vec![delete()], next_number: 2 }).unwrap();
    let [first, second] = ["-log0", "-log1"].map(|ending| fs::read(beside(&path, ending)).unwrap());
    // The first file was on its way, and the row is deleted in the second.
    let crashed = Crashed::new(&empty, [&first, &second]);
    Tables::open(&crashed.path()).unwrap().apply([Ok(put())], || Ok::<_, Error>(())).unwrap();
    for _ in 0..2 {
        assert!(open(&crashed.path()).1.rows.is_empty());
    }
    // It was on its way when it was not at its end, and the row is deleted later.
    let crashed = Crashed::new(&empty, [&put_alone, b""]);
    Tables::open(&crashed.path()).unwrap().apply([Ok(put())], || Ok::<_, Error>(())).unwrap();
    let (mut store, rows) = open(&crashed.path());
    assert_eq!(rows.rows.len(), 1);
    store.commit(&Group { records: vec![delete()], next_number: 2 }).unwrap();
    drop(store);
    assert!(open(&crashed.path()).1.rows.is_empty());
}

#[test]
fn a_log_that_lacks_a_part_is_refused() {
    let (_folder, path, empty) = empty_tables();
    let (mut store, _) = open_turning(&path, Durability::Full, 100);
    for number in 1..4 {
        store.commit(&Group { records: vec![queue(number, &"x".repeat(200))], next_number: 4 }).unwrap();
    }
    let second = fs::read(beside(&path, "-log1")).unwrap();
    let crashed = Crashed::new(&empty, [b"", &second]);
    assert_eq!(error(&crashed.path()), "the data file is damaged: a part of its log is missing");
}

/// A log of one group with these bytes in place of others, checksum and all: no torn write, but what a program wrote.
/// (32 bytes of head: from 8 on the turn, which is in each checksum, and from 24 on the checksum that the first frame goes on from; then its length, its checksum, and
/// from 44 on its content.)
fn rewritten(log: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut log = log.to_vec();
    let at = log.windows(from.len()).position(|window| window == from).unwrap();
    log[at..at + from.len()].copy_from_slice(to);
    let number = |at: usize| u64::from_le_bytes(log[at..at + 8].try_into().unwrap());
    let length = usize::try_from(number(32) & 0xffff_ffff).unwrap();
    let salt = number(8).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let sum = XxHash3_64::oneshot_with_seed(number(24) ^ salt, &log[44..44 + length]);
    log[36..44].copy_from_slice(&sum.to_le_bytes());
    log
}

#[test]
fn a_row_of_the_log_that_cannot_be_read_is_refused_unless_a_later_one_took_its_place() {
    let (_folder, path, empty) = empty_tables();
    let (mut store, _) = open_turning(&path, Durability::Full, 100_000);
    let records = vec![queue(1, "first"), queue(1, "again"), queue(2, "other")];
    store.commit(&Group { records, next_number: 3 }).unwrap();
    let log = fs::read(beside(&path, "-log0")).unwrap();
    let none = |text: &[u8]| Crashed::new(&empty, [&rewritten(&log, text, &[0xff; 5]), &[]]);
    assert_eq!(names(&open(&none(b"first").path()).1), ["1again", "2other"]);
    for last in [b"again", b"other"] {
        let crashed = none(last);
        for _ in 0..2 {
            let told = error(&crashed.path());
            assert!(
                told.starts_with("the data file is damaged") && told.ends_with("cannot be read"),
                "{told}"
            );
        }
    }
}

#[test]
fn a_log_that_is_far_ahead_of_the_tables_waits_for_them() {
    let (_folder, path, _) = empty_tables();
    let turn_bytes = 1_000;
    let (mut store, _) = open_turning(&path, Durability::Normal, turn_bytes);
    let most = TURNS_AHEAD_MAX * turn_bytes + 2_000;
    for number in 1..=300 {
        // Each is more than a turn, and written in far less time than it takes to bring one into the tables.
        let records = vec![queue(number, &"x".repeat(1_500))];
        store.commit(&Group { records, next_number: number + 1 }).unwrap();
        assert!(
            store.current.mark().bytes <= most,
            "{} bytes after {number} groups",
            store.current.mark().bytes
        );
    }
    drop(store);
    assert_eq!(open(&path).1.rows.len(), 300);
}

#[test]
fn a_commit_that_may_wait_for_the_disk_is_not_prompt() {
    let (_folder, path, _) = empty_tables();
    let (mut store, _) = open_turning(&path, Durability::Normal, 1_000);
    assert!(store.is_prompt());
    store.commit(&Group { records: vec![queue(1, &"x".repeat(1_500))], next_number: 2 }).unwrap();
    assert!(!store.is_prompt(), "the log is about to turn");
    store.commit(&Group { records: vec![queue(2, "x")], next_number: 3 }).unwrap();
    assert!(store.is_prompt());
    drop(store);
    let (store, _) = open_turning(&path, Durability::Full, 1_000);
    assert!(!store.is_prompt(), "each is synced");
}
