//! Pipes: two directions between a client and whoever talks to it, under any name.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --example pipes -- 127.0.0.1:2980`
//!
//! One program plays both sides here, the peer in a thread; in yours they are two, on two machines.

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
    let id = client.id();
    let other_end = thread::spawn(move || answer(&peer, &id));

    let talk = client.pipe("talk");
    talk.send("Hello, who is there?")?;
    if let Some(reply) = talk.recv::<String>(LONG)? {
        writeln!(out, "the client hears: {reply}")?;
    }

    // Another name is another pipe: nothing of the one is found in the other.
    let sums = client.pipe("sums");
    for pair in [(1, 2), (3, 4), (20, 22)] {
        sums.send(&pair)?;
    }
    for _ in 0..3 {
        writeln!(out, "a sum: {:?}", sums.recv::<i64>(LONG)?)?;
    }
    let nothing = sums.recv::<i64>(Duration::from_millis(100))?;
    writeln!(out, "nothing more in time: {nothing:?}")?;

    // A pipe goes with its owner, and who waits at the other end is told.
    client.exit()?;
    let heard = other_end.join().map_err(|_| io::Error::other("the peer failed"))??;
    writeln!(out, "the peer heard: {heard}")?;
    Ok(())
}

/// The peer: answers over both pipes until they are closed.
fn answer(session: &Session, client: &str) -> Result<String, Error> {
    let client = session.peer(client);
    let talk = client.pipe("talk");
    let heard: Option<String> = talk.recv(LONG)?;
    talk.send("It is me, your peer.")?;
    let sums = client.pipe("sums");
    loop {
        match sums.recv::<(i64, i64)>(LONG) {
            Ok(Some((one, other))) => sums.send(&(one + other))?,
            Ok(None) => {}
            Err(Error::Closed(_)) => {
                return Ok(format!("{}, then that the pipe is closed", heard.unwrap_or_default()));
            }
            Err(error) => return Err(error),
        }
    }
}
