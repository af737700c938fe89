//! What the rules cost by themselves, from a thousand keys to a million and from one client to ten thousand: the
//! state alone, without socket, language or journal. `cargo bench --bench state`.

#![allow(
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench may stop; criterion's macros write no docs"
)]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use sharesrv::clock::{Clock, Moment};
use sharesrv::config::Limits;
use sharesrv::state::{ClientId, FreshIds, Result, Space, State, Wait};
use sharesrv::value::Value;

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const KEYS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const CLIENTS: [usize; 3] = [1, 100, 10_000];
/// A step that visits keys in an order of no use to any cache.
const STRIDE: usize = 7_919;

struct Counted(u64);

impl FreshIds for Counted {
    fn fresh(&mut self) -> ClientId {
        self.0 += 1;
        ClientId::parse(&format!("{:08}", self.0)).unwrap_or_else(|| unreachable!("eight digits"))
    }
}

fn empty() -> State {
    let limits = Limits {
        clients_max: 100_000,
        registry_keys_max: 2_000_000,
        registry_bytes_max: 1 << 30,
        state_bytes_max: 4 << 30,
        queues_max: 100_000,
        queue_items_max: 2_000_000,
        queue_bytes_max: 1 << 30,
        ..Limits::default()
    };
    State::new(limits, Duration::from_secs(600), Box::new(Counted(0)))
}

fn now() -> Moment {
    Moment { monotonic: Duration::from_secs(1), unix_micros: 1_795_215_912_000_000 }
}

/// One expression that is kept.
fn run<T>(state: &mut State, expression: impl FnOnce(&mut State) -> Result<T>) -> T {
    state.begin(now());
    let value = match expression(state) {
        Ok(value) => value,
        Err(error) => unreachable!("{error}"),
    };
    black_box(state.commit());
    value
}

/// Key number `index` of so many: a thousand of them end in `.temp7` whatever their number.
fn key(index: usize, keys: usize) -> String {
    let kinds = keys / 1_000;
    format!("sensor.{:06}.temp{}", index / kinds, 7 + index % kinds)
}

fn with_keys(keys: usize) -> State {
    let mut state = empty();
    for index in 0..keys {
        let index = index.wrapping_mul(STRIDE) % keys;
        run(&mut state, |state| state.set(Space::Registry, &key(index, keys), Value::from(1.5), None));
    }
    state
}

fn with_clients(clients: usize) -> (State, Vec<ClientId>) {
    let mut state = empty();
    let ids = (0..clients).map(|_| run(&mut state, |state| state.client(None, HOME))).collect();
    (state, ids)
}

/// How many bytes of memory the process has, as the kernel counts; 0 where there is no such count.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    kilobytes.and_then(|kilobytes| kilobytes.trim().parse::<usize>().ok()).unwrap_or(0) * 1024
}

/// Prints what each of so many costs. All that was made stays until the end, so that no memory is used again.
fn memory(_: &mut Criterion) {
    let print = |what: &str, count: usize, before: usize| {
        println!("memory: {count} {what}: {} bytes each", resident().saturating_sub(before) / count);
    };
    let mut kept = Vec::new();
    for keys in [100_000, 1_000_000] {
        let before = resident();
        kept.push(with_keys(keys));
        print("keys of 19 bytes with a float", keys, before);
    }
    for clients in [1_000, 10_000] {
        let before = resident();
        let (mut state, ids) = with_clients(clients);
        print("clients", clients, before);
        let before = resident();
        for id in &ids {
            run(&mut state, |state| state.send(*id, id.as_str(), None, Value::from("x")));
        }
        print("messages of one byte, in an inbox each", clients, before);
        let before = resident();
        for id in &ids {
            let event = Some(Arc::from("answer"));
            drop(run(&mut state, |state| state.wait(Wait::Message { client: *id, event })));
        }
        print("parked waits, for an inbox each", clients, before);
        kept.push(state);
    }
    drop(kept);
}

fn registry(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("registry");
    for keys in KEYS {
        let mut state = with_keys(keys);
        let names: Vec<String> = (0..keys).map(|index| key(index, keys)).collect();
        let mut index = 0;
        let mut next = || {
            index = (index + STRIDE) % keys;
            &names[index]
        };
        group.bench_function(BenchmarkId::new("get", keys), |bencher| {
            bencher.iter(|| run(&mut state, |state| Ok(state.get(Space::Registry, next()))));
        });
        group.bench_function(BenchmarkId::new("set", keys), |bencher| {
            bencher
                .iter(|| run(&mut state, |state| state.set(Space::Registry, next(), Value::from(2), None)));
        });
        group.bench_function(BenchmarkId::new("set a new key and remove it", keys), |bencher| {
            bencher.iter(|| {
                let name = format!("{}.new", next());
                run(&mut state, |state| state.set(Space::Registry, &name, Value::from(2), None));
                run(&mut state, |state| state.remove(Space::Registry, &name))
            });
        });
    }
    group.finish();
}

fn scans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan");
    group.sample_size(10);
    let mut state = with_keys(1_000_000);
    for pattern in
        ["sensor.000123.*", "sensor.*.temp7", "*.temp7", "*000*temp7*", "sensor.??????.temp[7]", "*[7]"]
    {
        group.bench_function(BenchmarkId::new("1000000 keys", pattern), |bencher| {
            bencher.iter(|| {
                let found =
                    run(&mut state, |state| state.scan(Some(pattern)).map(|mut scan| state.keys(&mut scan)));
                assert!(found.len() >= 1_000, "{}", found.len());
            });
        });
    }
    group.finish();
}

/// What a long scan does while it holds the state: all else it does while others are served.
fn holds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a scan of 1000000 keys holds the state");
    group.sample_size(10);
    let clock = Clock::system();
    let mut state = with_keys(1_000_000);
    let client = run(&mut state, |state| state.client(None, HOME));
    let pattern = Some("*000*temp7*");
    group.bench_function("to begin", |bencher| {
        bencher.iter_with_large_drop(|| state.scan(pattern));
    });
    for changed in [0, 30, 10_000] {
        let mut number = 0;
        group.bench_function(BenchmarkId::new("to fetch, keys having come meanwhile", changed), |bencher| {
            let mut looked_at = |state: &mut State| {
                let Ok(mut scan) = state.scan(pattern) else { unreachable!("a pattern") };
                assert!(scan.look(&clock, Duration::MAX));
                for _ in 0..changed {
                    number = (number + STRIDE) % 1_000_000;
                    let name = key(number, 1_000_000);
                    run(state, |state| state.remove(Space::Registry, &name));
                    run(state, |state| state.set(Space::Registry, &name, Value::from(1.5), None));
                }
                scan
            };
            bencher.iter_custom(|times| {
                let mut held = Duration::ZERO;
                for _ in 0..times {
                    let mut scan = looked_at(&mut state);
                    let start = Instant::now();
                    state.refresh(&mut scan);
                    let to_refresh = start.elapsed();
                    if scan.is_long() {
                        // While others are served.
                        assert!(scan.look(&clock, Duration::MAX));
                    }
                    let start = Instant::now();
                    run(&mut state, |state| state.fetch(client, &mut scan));
                    held += to_refresh.max(start.elapsed());
                }
                held
            });
        });
    }
    group.bench_function("to delete 100000 keys", |bencher| {
        bencher.iter_custom(|times| {
            let mut held = Duration::ZERO;
            for _ in 0..times {
                for number in 0..100_000 {
                    let name = format!("short-lived.{number}");
                    run(&mut state, |state| state.set(Space::Registry, &name, Value::from(1.5), None));
                }
                let Ok(mut scan) = state.scan(Some("short*")) else { unreachable!("a pattern") };
                assert!(scan.look(&clock, Duration::MAX));
                let start = Instant::now();
                let gone = run(&mut state, |state| Ok(state.delete(&mut scan)));
                held += start.elapsed();
                assert_eq!(gone, 100_000);
            }
            held
        });
    });
    group.finish();
}

fn clients(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clients");
    for clients in CLIENTS {
        let (mut state, ids) = with_clients(clients);
        let mut index = 0;
        let mut next = || {
            index = (index + STRIDE) % clients;
            ids[index]
        };
        group.bench_function(BenchmarkId::new("sign of life", clients), |bencher| {
            bencher.iter(|| run(&mut state, |state| state.caller(next().as_str(), HOME)));
        });
        group.bench_function(BenchmarkId::new("send and recv", clients), |bencher| {
            bencher.iter(|| {
                let (from, to) = (next(), next());
                run(&mut state, |state| state.send(from, to.as_str(), None, Value::from("x")));
                run(&mut state, |state| state.recv(to, None))
            });
        });
        group.bench_function(BenchmarkId::new("join and leave", clients), |bencher| {
            bencher.iter(|| {
                let client = next();
                run(&mut state, |state| state.join(client, "a group"));
                run(&mut state, |state| state.leave(client, "a group"));
            });
        });
        group.bench_function(BenchmarkId::new("come and go", clients), |bencher| {
            bencher.iter(|| {
                let client = run(&mut state, |state| state.client(None, HOME));
                run(&mut state, |state| state.exit(client));
            });
        });
    }
    group.finish();
}

fn groups(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("send to a group");
    for members in [1, 60, 1_000] {
        let (mut state, ids) = with_clients(members);
        for client in &ids {
            run(&mut state, |state| state.join(*client, "a group"));
        }
        group.bench_function(BenchmarkId::new("and recv by each", members), |bencher| {
            bencher.iter(|| {
                run(&mut state, |state| state.send(ids[0], "a group", None, Value::from("x")));
                for client in &ids {
                    run(&mut state, |state| state.recv(*client, None));
                }
            });
        });
    }
    group.finish();
}

fn queues(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("queues");
    for items in [0, 1_000, 1_000_000] {
        let mut state = empty();
        for _ in 0..items {
            run(&mut state, |state| state.put("jobs", Value::from(1)));
        }
        group.bench_function(BenchmarkId::new("put and get behind items", items), |bencher| {
            bencher.iter(|| {
                run(&mut state, |state| state.put("jobs", Value::from(1)));
                run(&mut state, |state| state.take_out("jobs"))
            });
        });
    }
    for queues in [1, 10_000] {
        let mut state = empty();
        let names: Vec<String> = (0..queues).map(|index| format!("queue.{index}")).collect();
        for name in &names {
            run(&mut state, |state| state.put(name, Value::from(1)));
        }
        let mut index = 0;
        group.bench_function(BenchmarkId::new("put and get of queues", queues), |bencher| {
            bencher.iter(|| {
                index = (index + STRIDE) % queues;
                run(&mut state, |state| state.put(&names[index], Value::from(1)));
                run(&mut state, |state| state.take_out(&names[index]))
            });
        });
    }
    group.finish();
}

fn waits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("waits");
    for waiters in [1, 100, 10_000] {
        let mut state = empty();
        let queue: Arc<str> = Arc::from("jobs");
        let client = run(&mut state, |state| state.client(None, HOME));
        let item = || Wait::Item { queue: Arc::clone(&queue) };
        let message = || Wait::Message { client, event: None };
        for _ in 0..waiters {
            drop(run(&mut state, |state| state.wait(item())));
            drop(run(&mut state, |state| state.wait(message())));
        }
        group.bench_function(BenchmarkId::new("wake one of queue waiters, park one", waiters), |bencher| {
            bencher.iter(|| {
                run(&mut state, |state| state.put("jobs", Value::from(1)));
                run(&mut state, |state| state.wait(item())).is_err()
            });
        });
        group.bench_function(BenchmarkId::new("wake one of inbox waiters, park one", waiters), |bencher| {
            bencher.iter(|| {
                run(&mut state, |state| state.send(client, client.as_str(), None, Value::from("x")));
                run(&mut state, |state| state.wait(message())).is_err()
            });
        });
    }
    for waiters in [1, 100, 10_000] {
        let mut state = empty();
        let client = run(&mut state, |state| state.client(None, HOME));
        let set = |state: &mut State| state.set(Space::Registry, "mode", Value::from("idle"), None);
        run(&mut state, set);
        for number in 0..waiters {
            let event = Some(Arc::from(format!("answer {number}")));
            drop(run(&mut state, |state| state.wait(Wait::Message { client, event })));
            let changed = || Wait::Changed { key: Arc::from("mode"), old: Value::from("idle") };
            drop(run(&mut state, |state| state.wait(changed())));
        }
        group.bench_function(BenchmarkId::new("a message that no waiter takes", waiters), |bencher| {
            bencher.iter(|| {
                run(&mut state, |state| state.send(client, client.as_str(), Some("x"), Value::from("x")));
                run(&mut state, |state| state.recv(client, None))
            });
        });
        group.bench_function(BenchmarkId::new("a value that all waiters know", waiters), |bencher| {
            bencher.iter(|| run(&mut state, set));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30);
    targets = memory, registry, scans, holds, clients, groups, queues, waits
}
criterion_main!(benches);
