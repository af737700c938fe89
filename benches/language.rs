//! What an expression costs, parsed and run: without sockets, threads and disk, its transaction ended and its records
//! thrown away. `cargo bench --bench language`.
//!
//! `again` is a text that was seen before, as clients send them; `new` is another text each time, so that no cache
//! knows it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench")]

#[path = "../tests/support/room.rs"]
#[allow(dead_code, reason = "the fuzzer uses the rest")]
mod room;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use room::Room;
use sharesrv::config::Limits;

/// The daemon's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Another text for each number, of always the same length.
type Numbered = fn(u32) -> String;

const EXPRESSIONS: [(&str, Numbered); 6] = [
    ("(1+1)*2", |number| format!("(1+1)*{number}")),
    ("setReg('garden.soil.temp', 56)", |number| format!("setReg('garden.soil.temp', {number})")),
    ("getReg('garden.soil.temp')", |number| format!("getReg('garden.soil.{number}')")),
    ("round(3.14159 * 2 ** 2, 2)", |number| format!("round(3.{number} * 2 ** 2, 2)")),
    ("'%.1f of %d' % (21.5, 3)", |number| format!("'%.1f of %d' % ({number}.5, 3)")),
    ("[x * x for x in range(10) if x % 2]", |number| format!("[x * x for x in range(10) if x % {number}]")),
];
/// More texts than any cache holds.
const TEXTS: u32 = 20_000;

fn parse_and_run(criterion: &mut Criterion) {
    let room = Room::new(Limits::default());
    let world = room.world();
    room.answer(&world, None, "setReg('garden.soil.temp', 56)").expect("an answer");
    let mut group = criterion.benchmark_group("again");
    for (text, _) in EXPRESSIONS {
        group.bench_function(BenchmarkId::from_parameter(text), |bencher| {
            bencher.iter(|| room.answer(&world, None, black_box(text)));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("new");
    for (text, numbered) in EXPRESSIONS {
        let texts: Vec<String> = (0..TEXTS).map(|number| numbered(10_000 + number)).collect();
        let mut next = texts.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(text), |bencher| {
            bencher.iter(|| room.answer(&world, None, black_box(next.next().expect("a cycle"))));
        });
    }
    group.finish();
}

criterion_group!(benches, parse_and_run);
criterion_main!(benches);
