//! A disk that does not keep what was written to it.

use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;

/// Changes a byte of the log's first file, as a bad disk does.
fn flip(path: &Path, at: u64) {
    let mut file = fs::File::options().read(true).write(true).open(beside(path, "-log0")).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut byte)).unwrap();
    byte[0] ^= 1;
    file.seek(SeekFrom::Start(at)).and_then(|_| file.write_all(&byte)).unwrap();
}

#[test]
fn a_log_that_is_not_as_it_was_written_is_told_of_and_not_said_to_be_in_the_tables() {
    for at_the_end in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let (mut store, _) = open_turning(&path, Durability::Normal, 1_000);
        let (tell, told) = channel();
        store.on_failure(Box::new(move |error| tell.send(error.to_string()).unwrap()));
        let mut commit = |number| {
            let records = vec![queue(number, &"x".repeat(300))];
            store.commit(&Group { records, next_number: number + 1 })
        };
        (1..=if at_the_end { 2 } else { 4 }).for_each(|number| commit(number).unwrap());
        flip(&path, 400);
        // The first of these finds that the file is long enough.
        let mut number = 5;
        if !at_the_end {
            while commit(number).is_ok() {
                number += 1;
            }
        }
        drop(store);
        let told = told.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(told, "the data file is damaged: its log does not hold what was written to it");
        assert_eq!(Tables::open(&path).unwrap().reached().unwrap().generation, 0);
        // What comes before the damage is there.
        assert_eq!(open(&path).1.rows.len(), 1);
    }
}

#[test]
fn what_lies_behind_a_damaged_place_is_cut_off_once() {
    for durability in [Durability::Full, Durability::Normal] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let (mut store, _) = open_turning(&path, durability, 100_000);
        for number in 1..=4 {
            let records = vec![queue(number, &"x".repeat(300))];
            store.commit(&Group { records, next_number: number + 1 }).unwrap();
        }
        // As a kill does: nothing goes into the tables.
        store.failed = true;
        drop(store);
        flip(&path, 400);
        let length = || fs::metadata(beside(&path, "-log0")).unwrap().len();
        let before = length();
        let (mut store, rows) = open_turning(&path, Durability::Normal, 100_000);
        assert_eq!(rows.rows.len(), 1);
        assert!(length() < before.min(500), "{} of {before}", length());
        store.commit(&Group { records: vec![queue(9, "x")], next_number: 10 }).unwrap();
        store.failed = true;
        drop(store);
        assert_eq!(open(&path).1.rows.len(), 2);
    }
}
