//! Frames: whole ones, cut ones, and what is left of an older turn.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use super::*;
use crate::state::{Row, Table};

fn place(folder: &Path, generation: u64) -> Place {
    Place::open(folder.join("log")).unwrap().turn(generation)
}

fn put(number: u64) -> Record {
    Record::Put { number, row: Row::Queue { name: Arc::from("q") }, fresh: true }
}

fn append(segment: &mut Segment, number: u64) {
    segment.append(&[put(number)], number + 1, &mut Vec::new()).unwrap();
}

fn header_at(path: &Path) -> Option<Header> {
    header(&Place::open(path.to_path_buf()).unwrap()).unwrap()
}

fn found(path: &Path) -> Content {
    content(&header_at(path).unwrap(), |_| Ok::<_, Error>(())).unwrap()
}

fn numbers(path: &Path) -> Vec<u64> {
    let mut numbers = Vec::new();
    let take = |record: Encoded<'_>| {
        numbers.push(record.number);
        Ok::<_, Error>(())
    };
    content(&header_at(path).unwrap(), take).unwrap();
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
    let mut segment = Segment::resume(place(folder.path(), 1), Salt::of(1), content.mark).unwrap();
    append(&mut segment, 4);
    let end = segment.end().unwrap();
    append(&mut segment, 5);
    let content = found(&path);
    assert_eq!((numbers(&path), content.ended), (vec![1, 2, 3, 4], true), "nothing counts after the end");
    assert_eq!(content.mark, end);
}

#[test]
fn no_file_and_no_turn_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    assert!(header_at(&path).is_none());
    drop(Segment::begin(place(folder.path(), 7), 9).unwrap());
    let bytes = fs::read(&path).unwrap();
    let whole = header_at(&path).unwrap();
    assert_eq!((whole.place.generation, whole.seed), (7, 9));
    for at in 0..bytes.len() {
        fs::write(&path, &bytes[..at]).unwrap();
        assert!(header_at(&path).is_none(), "cut at {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(header_at(&path).is_none(), "changed at {at}");
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
    let mut again = Segment::resume(place(folder.path(), 1), Salt::of(1), one.mark).unwrap();
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
    let told = content(&header_at(&path).unwrap(), |_| Ok::<_, Error>(())).err().unwrap();
    assert!(told.to_string().contains("damaged"), "{told}");
    assert_eq!(Table::Push as u8, 10, "0x3f is no table");
}

#[test]
fn who_takes_the_records_can_end_that() {
    let folder = tempfile::tempdir().unwrap();
    let mut segment = Segment::begin(place(folder.path(), 1), 0).unwrap();
    segment.append(&[put(1), put(2), put(3)], 4, &mut Vec::new()).unwrap();
    let mut taken = 0;
    let ended = content(&header(&segment.place).unwrap().unwrap(), |_| {
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
    let mut segment = Segment::resume(place(folder.path(), 1), Salt::of(1), content.mark).unwrap().ahead();
    let long = Record::Put { number: 4, row: Row::Queue { name: "q".repeat(1 << 20).into() }, fresh: true };
    segment.append(&[long], 5, &mut Vec::new()).unwrap();
    append(&mut segment, 5);
    assert_eq!(numbers(&path), [1, 2, 3, 4, 5]);
    assert_eq!(fs::metadata(&path).unwrap().len(), 2 * AHEAD_BYTES);
}

#[test]
fn what_is_lost_behind_a_damaged_place_is_known_and_an_older_turn_is_not_taken_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let lost = || lost(&header_at(&path).unwrap(), found(&path).mark).unwrap();
    for generation in 1..4 {
        let mut segment = Segment::begin(place(folder.path(), generation), 0).unwrap();
        for number in 1..=5 - generation {
            append(&mut segment, number);
            // In the first turn there is nothing behind it, later there are frames of the turn before, each whole.
            assert_eq!(lost(), 0, "{generation} {number}");
        }
    }
    let mut segment = Segment::begin(place(folder.path(), 9), 0).unwrap();
    (1..4).for_each(|number| append(&mut segment, number));
    let whole = fs::read(&path).unwrap();
    let frame = usize::try_from(segment.mark().bytes - HEADER_BYTES).unwrap() / 3;
    let flip = |at: usize| {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, damaged).unwrap();
    };
    flip(32 + frame + FRAME_BYTES);
    assert_eq!((numbers(&path), lost()), (vec![1], 2 * frame as u64));
    flip(32 + FRAME_BYTES);
    assert_eq!((numbers(&path), lost()), (vec![], 3 * frame as u64));
    // The last one may be what a kill left.
    flip(32 + 2 * frame + FRAME_BYTES);
    assert_eq!((numbers(&path), lost()), (vec![1, 2], 0));
}

/// A file of version 1, whose checksums are of no turn.
#[test]
fn a_file_of_the_version_before_is_read_and_written_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    drop(Segment::begin(place(folder.path(), 3), 5).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[..8].copy_from_slice(&MAGIC_1);
    let sum = checksum(3, &bytes[..24]);
    bytes[24..32].copy_from_slice(&sum.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let header = header_at(&path).unwrap();
    assert_eq!((header.salt, header.seed), (Salt(0), 5));
    let mut segment = Segment::resume(header.place, header.salt, found(&path).mark).unwrap();
    (1..3).for_each(|number| append(&mut segment, number));
    let bytes = fs::read(&path).unwrap();
    let length = usize::from(bytes[32]);
    let stored = u64::from_le_bytes(bytes[36..44].try_into().unwrap());
    assert_eq!(stored, checksum(sum, &bytes[44..44 + length]));
    assert_eq!(numbers(&path), [1, 2]);
}
