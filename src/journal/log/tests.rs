//! Frames: whole ones, cut ones, and what is left of an older turn.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use super::*;
use crate::state::{Row, Table};

fn place(folder: &Path, generation: u64) -> Place {
    Place { path: folder.join("log"), generation }
}

fn put(number: u64) -> Record {
    Record::Put { number, row: Row::Queue { name: Arc::from("q") }, fresh: true }
}

fn append(segment: &mut Segment, number: u64) {
    segment.append(&[put(number)], number + 1, &mut Vec::new()).unwrap();
}

fn found(path: &Path) -> Content {
    content(&header(path).unwrap().unwrap(), |_| Ok::<_, Error>(())).unwrap()
}

fn numbers(path: &Path) -> Vec<u64> {
    let mut numbers = Vec::new();
    let take = |record: Encoded<'_>| {
        numbers.push(record.number);
        Ok::<_, Error>(())
    };
    content(&header(path).unwrap().unwrap(), take).unwrap();
    numbers
}

#[test]
fn groups_come_back_in_order_and_the_log_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap();
    (1..4).for_each(|number| append(&mut segment, number));
    let path = folder.path().join("log");
    let content = found(&path);
    assert_eq!((numbers(&path), content.next_number, content.ended), (vec![1, 2, 3], 4, false));
    let mut segment = Segment::resume(place(folder.path(), 1), content.sum, content.bytes).unwrap();
    append(&mut segment, 4);
    let sum = segment.end().unwrap();
    append(&mut segment, 5);
    let content = found(&path);
    assert_eq!((numbers(&path), content.ended), (vec![1, 2, 3, 4], true), "nothing counts after the end");
    assert_eq!(content.sum, sum);
}

#[test]
fn no_file_and_no_turn_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    assert!(header(&path).unwrap().is_none());
    drop(Segment::begin(place(folder.path(), 7), 9).unwrap());
    let bytes = fs::read(&path).unwrap();
    let whole = header(&path).unwrap().unwrap();
    assert_eq!((whole.place.generation, whole.seed), (7, 9));
    for at in 0..bytes.len() {
        fs::write(&path, &bytes[..at]).unwrap();
        assert!(header(&path).unwrap().is_none(), "cut at {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(header(&path).unwrap().is_none(), "changed at {at}");
    }
}

#[test]
fn what_is_left_of_an_older_turn_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    // The same frames at the same places in every turn: only the chain of checksums tells them apart.
    for seed in [0, 0, 5] {
        for generation in 1..5 {
            let mut segment = Segment::begin(place(folder.path(), generation), seed).unwrap();
            assert_eq!(numbers(&path), Vec::<u64>::new());
            append(&mut segment, 1);
            assert_eq!(numbers(&path), [1]);
            append(&mut segment, 2);
            append(&mut segment, 3);
        }
    }
}

#[test]
fn a_frame_that_was_written_over_cuts_off_those_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap();
    append(&mut segment, 1);
    let one = found(&path);
    append(&mut segment, 2);
    append(&mut segment, 3);
    // As long as the second was, but another.
    let mut again = Segment::resume(place(folder.path(), 1), one.sum, one.bytes).unwrap();
    append(&mut again, 9);
    assert_eq!(numbers(&path), [1, 9]);
}

#[test]
fn a_length_that_lies_is_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap();
    append(&mut segment, 1);
    let whole = fs::read(&path).unwrap();
    for lie in [0_u32, 1, 1_000, u32::MAX] {
        let mut lying = whole.clone();
        lying[32..36].copy_from_slice(&lie.to_le_bytes());
        fs::write(&path, &lying).unwrap();
        assert_eq!(numbers(&path), Vec::<u64>::new());
    }
}

#[test]
fn a_group_that_is_whole_but_none_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap();
    let mut frame = vec![0; FRAME_BYTES];
    frame.extend_from_slice(&[1, 0x3f, 1]);
    segment.write(&mut frame).unwrap();
    let told = content(&header(&path).unwrap().unwrap(), |_| Ok::<_, Error>(())).err().unwrap();
    assert!(told.to_string().contains("damaged"), "{told}");
    assert_eq!(Table::Push as u8, 10, "0x3f is no table");
}

#[test]
fn who_takes_the_records_can_end_that() {
    let folder = tempfile::tempdir().unwrap();
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap();
    segment.append(&[put(1), put(2), put(3)], 4, &mut Vec::new()).unwrap();
    let mut taken = 0;
    let ended = content(&header(&segment.place.path).unwrap().unwrap(), |_| {
        taken += 1;
        if taken == 2 { Err(Error::Storage("enough".to_owned())) } else { Ok(()) }
    });
    assert_eq!((ended.err().unwrap().to_string(), taken), ("enough".to_owned(), 2));
}

#[test]
fn a_file_that_is_ahead_holds_what_was_written_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap().ahead();
    (1..4).for_each(|number| append(&mut segment, number));
    assert_eq!(fs::metadata(&path).unwrap().len(), AHEAD_BYTES);
    let content = found(&path);
    assert_eq!((numbers(&path), content.ended), (vec![1, 2, 3], false));
    let mut segment = Segment::resume(place(folder.path(), 1), content.sum, content.bytes).unwrap().ahead();
    let long = Record::Put { number: 4, row: Row::Queue { name: "q".repeat(1 << 20).into() }, fresh: true };
    segment.append(&[long], 5, &mut Vec::new()).unwrap();
    append(&mut segment, 5);
    assert_eq!(numbers(&path), [1, 2, 3, 4, 5]);
    assert_eq!(fs::metadata(&path).unwrap().len(), 2 * AHEAD_BYTES);
}
