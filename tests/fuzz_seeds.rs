//! The fuzzer's seeds, run once each by the code that the fuzzer runs: nothing panics, every request has its answer,
//! and a second run says the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use sharesrv::pipeline::STACK_BYTES;
use support::room::{NEXT, Room};

fn seeds() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, String::from_utf8(std::fs::read(&path).unwrap()).unwrap())
        })
        .collect()
}

#[test]
fn every_seed_is_answered_without_a_panic_and_the_same_twice() {
    let seeds = seeds();
    assert!(seeds.len() >= 200, "{} seeds", seeds.len());
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let (room, other) = (Room::new(), Room::new());
        for (name, input) in &seeds {
            let said = room.run(input);
            assert_eq!(said.len(), input.split(NEXT).count().min(8), "{name}");
            let again = other.run(input);
            for (first, second) in said.iter().zip(&again) {
                // What meets a limit of time meets it somewhere; and time and chance are no part of the test.
                let varies = ["now(", "time", "random", "today", "nan", "age(", "memory", "uptime"]
                    .iter()
                    .any(|word| input.contains(word));
                let limit = [first, second].iter().any(|said| said.starts_with("Error: limit: "));
                assert!(varies || limit || first == second, "{name}\n  {first}\n  {second}");
            }
        }
    });
    if let Err(panic) = thread.unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}
