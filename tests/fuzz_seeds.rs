//! The fuzzer's seeds, run by the code that the fuzzer runs: nothing panics, every request has its answer, and a second
//! run says the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use sharesrv::config::Limits;
use sharesrv::pipeline::STACK_BYTES;
use support::room::{NEXT, Room};

/// The seeds are shared out over that many threads.
const THREADS: usize = 4;
/// Many seeds loop until their time is over, which is what most of the test's time goes into.
const EXPRESSION_MS: u64 = 20;

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

fn run_twice<'s>(seeds: impl Iterator<Item = (&'s String, &'s String)>) {
    let limits = Limits { expression_ms_max: EXPRESSION_MS, ..Limits::default() };
    let (room, other) = (Room::new(limits.clone()), Room::new(limits));
    for (name, input) in seeds {
        let said = room.run(input);
        assert_eq!(said.len(), input.split(NEXT).count().min(8), "{name}");
        let again = other.run(input);
        // What meets a limit of time meets it somewhere, and all that follows may differ; and chance is no part of
        // the test.
        let limit = said.iter().chain(&again).any(|said| said.starts_with("Error: limit: "));
        let chance = ["random", "memory"].iter().any(|word| input.contains(word));
        for (first, second) in said.iter().zip(&again) {
            assert!(limit || chance || first == second, "{name}\n  {first}\n  {second}");
        }
    }
}

#[test]
fn every_seed_is_answered_without_a_panic_and_the_same_twice() {
    let seeds = seeds();
    assert!(seeds.len() >= 200, "{} seeds", seeds.len());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let mine = seeds.iter().skip(thread).step_by(THREADS);
            let run = move || run_twice(mine);
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run).unwrap();
        }
    });
}
