//! A work farm: tasks out, results in, and workers that may die without a task being lost or done twice.
//!
//! Start a server with `sharesrv --port 2980`, then, for a boss and three workers, one of which dies in the middle:
//! `cargo run -p share-client --example work_farm -- 127.0.0.1:2980`
//!
//! Or each in a terminal of its own, the boss first, as many workers as you like, on any machine; end one with Ctrl-C
//! while it works:
//! `cargo run -p share-client --example work_farm -- 127.0.0.1:2980 boss`
//! `cargo run -p share-client --example work_farm -- 127.0.0.1:2980 worker anna`

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use share_client::session::Peer;
use share_client::{Error, Kind, Session, SessionOptions};

const BOSS: &str = "example boss";
/// Who has taken a task has so long for it; then it is another's.
const LEASE: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    task: u64,
    factors: Vec<u64>,
    worker: String,
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    match arguments.next().as_deref() {
        Some("boss") => collect(hand_out(&address)?, &mut io::stdout()),
        Some("worker") => {
            let name = arguments.next().unwrap_or_else(|| "somebody".to_owned());
            let done = work(&address, &name, None)?;
            println!("{name} goes home, with {done} tasks done");
            Ok(())
        }
        _ => run(&address, &mut io::stdout()),
    }
}

/// The whole farm, at the server of this address.
pub fn run(address: &str, out: &mut impl Write) -> Result<(), Error> {
    let boss = hand_out(address)?;
    let done = work(address, "carl", Some(2))?;
    writeln!(out, "carl has died: {done} tasks done, one in his hands")?;
    let workers = ["anna", "ben"].map(|name| {
        let address = address.to_owned();
        thread::spawn(move || work(&address, name, None))
    });
    collect(boss, out)?;
    for worker in workers {
        worker.join().map_err(|_| io::Error::other("a worker failed"))??;
    }
    Ok(())
}

/// The boss comes, and puts the tasks into a queue of his own.
fn hand_out(address: &str) -> Result<Session, Error> {
    let boss = Session::connect_with(address, SessionOptions::new().name(BOSS))?;
    for queue in [boss.local_queue("tasks"), boss.local_queue("results")] {
        // Whoever was boss before may have left something.
        let _ = queue.remove();
    }
    boss.local_queue("tasks").put_all(1_000_000_u64..1_000_030)?;
    Ok(boss)
}

/// Collects the results until there is one for each task, and goes: the queues with him, so that the workers stop.
fn collect(boss: Session, out: &mut impl Write) -> Result<(), Error> {
    let (mut results, mut workers) = (BTreeMap::new(), BTreeMap::<String, usize>::new());
    while results.len() < 30 {
        let Some(outcome) = boss.local_queue("results").get_wait::<Outcome>(LONG)? else {
            writeln!(out, "no result for a minute: is there a worker?")?;
            continue;
        };
        // Who was slow, or died between result and done, may have been overtaken: what counts is one for each task.
        if results.insert(outcome.task, outcome.factors).is_none() {
            *workers.entry(outcome.worker).or_default() += 1;
        }
    }
    for (task, factors) in &results {
        let factors: Vec<String> = factors.iter().map(u64::to_string).collect();
        writeln!(out, "{task} = {}", factors.join(" · "))?;
    }
    writeln!(out, "{} tasks done, by {workers:?}", results.len())?;
    boss.exit()
}

/// Works until the boss has gone, or, with a task in its hands, dies after so many; how many tasks it has done.
fn work(address: &str, name: &str, dies_after: Option<usize>) -> Result<usize, Error> {
    let session = Session::connect(address)?;
    let boss = session.find(BOSS)?;
    let mut done = 0;
    loop {
        match work_once(&boss, name, dies_after.is_some_and(|most| done >= most)) {
            Ok(true) => done += 1,
            // As if the power were cut: nothing is said, and the connection is gone.
            Ok(false) => return Ok(done),
            Err(error) if error.kind() == Some(Kind::State) => break,
            Err(error) => return Err(error),
        }
    }
    session.exit()?;
    Ok(done)
}

/// Does one task; whether it lives.
fn work_once(boss: &Peer, name: &str, dies: bool) -> Result<bool, Error> {
    loop {
        let Some(job) = boss.queue("tasks").take_wait::<u64>(LEASE, LONG)? else { continue };
        if dies {
            return Ok(false);
        }
        // The result first: who dies in between leaves it twice, and never a task without one.
        let outcome = Outcome { task: job.value, factors: factors(job.value), worker: name.to_owned() };
        boss.queue("results").put(&outcome)?;
        match job.done() {
            // Too late: the task was handed out again.
            Err(error) if error.kind() == Some(Kind::State) => {}
            other => other?,
        }
        return Ok(true);
    }
}

fn factors(mut number: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let mut divisor = 2;
    while divisor * divisor <= number {
        while number.is_multiple_of(divisor) {
            found.push(divisor);
            number /= divisor;
        }
        divisor += 1;
    }
    if number > 1 {
        found.push(number);
    }
    found
}
