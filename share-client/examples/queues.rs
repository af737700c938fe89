//! Queues: each item goes to exactly one getter, whoever asks first.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --example queues -- 127.0.0.1:2980`
//!
//! One program plays all sides here; in yours they are several, on several machines.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use share_client::{Error, Session};

const LONG: Duration = Duration::from_secs(30);

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    run(&address, &mut io::stdout())
}

/// The example, at the server of this address.
pub fn run(address: &str, out: &mut impl Write) -> Result<(), Error> {
    let client = Session::connect(address)?;
    let peer = Session::connect(address)?;

    // A queue of all: put and got once each.
    client.queue("example news").put("the first")?;
    client.queue("example news").put(&("the second", 2))?;
    let first: Option<String> = peer.queue("example news").get()?;
    let second: Option<(String, i64)> = client.queue("example news").get()?;
    let third: Option<String> = peer.queue("example news").get()?;
    writeln!(out, "{first:?}, {second:?}, then {third:?}")?;

    // Getters that wait share what comes.
    let getters: Vec<_> = (0..3)
        .map(|_| {
            let session = peer.clone();
            thread::spawn(move || drain(&session))
        })
        .collect();
    client.queue("example numbers").put_all(1..=30)?;
    client.queue("example numbers").put_all([0; 3])?;
    let mut got = Vec::new();
    for getter in getters {
        got.extend(getter.join().map_err(|_| io::Error::other("a getter failed"))??);
    }
    got.sort_unstable();
    writeln!(out, "three getters have got {} numbers: {:?} to {:?}", got.len(), got.first(), got.last())?;

    // A queue of one client's own, which the peer reaches by its ID, and which goes with the client.
    client.local_queue("letters").put("for whoever knows me")?;
    let letters = peer.peer(client.id()).queue("letters");
    writeln!(out, "the peer gets: {:?}", letters.get_wait::<String>(LONG)?)?;

    // What is taken and not done in time is handed out again: no item is lost with the one who took it.
    client.queue("example jobs").put("water the beans")?;
    let lost = peer.queue("example jobs").take::<String>(Duration::from_millis(200))?;
    writeln!(out, "taken and forgotten: {:?}", lost.map(|job| job.value))?;
    if let Some(job) = client.queue("example jobs").take_wait::<String>(LONG, LONG)? {
        writeln!(out, "handed out again: {:?}", job.value)?;
        job.done()?;
    }
    writeln!(out, "left over: {}", client.queue("example jobs").len()?)?;
    client.exit()?;
    peer.exit()
}

/// Gets numbers until a 0 comes.
fn drain(session: &Session) -> Result<Vec<i64>, Error> {
    let numbers = session.queue("example numbers");
    let mut got = Vec::new();
    while let Some(number) = numbers.get_wait(LONG)? {
        if number == 0 {
            break;
        }
        got.push(number);
    }
    Ok(got)
}
