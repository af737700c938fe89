//! Shared dicts: one that all clients share, and one of each client's own that is seen from both ends.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --example dict -- 127.0.0.1:2980`
//!
//! One program plays both sides here; in yours they are two, on two machines.

use std::io::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use share_client::{Error, Session};

/// Anything that serde can write is a value.
#[derive(Debug, Serialize, Deserialize)]
struct Bed {
    crop: String,
    plants: Vec<(u32, f64)>,
}

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    run(&address, &mut std::io::stdout())
}

/// The example, at the server of this address.
pub fn run(address: &str, out: &mut impl Write) -> Result<(), Error> {
    let client = Session::connect(address)?;
    let peer = Session::connect(address)?;

    // The client's own dict is reached by its ID from anywhere, in both directions.
    let seen = peer.peer(client.id()).local();
    client.local().set("temperature", &21.5)?;
    let temperature: Option<f64> = seen.get("temperature")?;
    writeln!(out, "the peer reads the client's temperature: {temperature:?}")?;
    seen.set("target", &19)?;
    let target: Option<i64> = client.local().get("target")?;
    writeln!(out, "the client reads the target that the peer set: {target:?}")?;

    // A watch is an iterator over what changes from here on.
    let mut changes = seen.watch::<f64>("*")?;
    client.local().set("temperature", &22.0)?;
    if let Some(change) = changes.next_within(Duration::from_secs(10))? {
        writeln!(out, "the peer is told of a change: {} is {:?}", change.key, change.value)?;
    }

    // The global one is the same for everybody.
    let globals = client.globals();
    globals.set("example.dict.list", &vec![1, 2, 3])?;
    let list: Option<Vec<i64>> = peer.globals().get("example.dict.list")?;
    writeln!(out, "the peer reads the client's list: {list:?}")?;
    let bed = Bed { crop: "beans".to_owned(), plants: vec![(1, 0.25), (2, 0.5)] };
    globals.set("example.dict.bed", &bed)?;
    let bed: Option<Bed> = peer.globals().get("example.dict.bed")?;
    writeln!(out, "… and a struct: {bed:?}")?;

    // What changes a value is atomic, whoever else does the same at the same time.
    globals.incr("example.dict.count", &1)?;
    let count: i64 = peer.globals().incr("example.dict.count", &1)?;
    writeln!(out, "both have counted: {count}")?;
    for entry in globals.iter::<share_client::Value>("example.dict.[cl]*")? {
        let (key, value) = entry?;
        writeln!(out, "{key} = {value}")?;
    }
    let removed = globals.remove_matching("example.dict.*")?;
    writeln!(out, "{removed} keys removed")?;

    // What a client owns goes with it.
    client.exit()?;
    writeln!(out, "after the client's exit its temperature is {:?}", seen.get::<f64>("temperature")?)?;
    peer.exit()
}
