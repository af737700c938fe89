//! The shared registry: values with their types, a counter, a key that expires, a change that is waited for.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --example registry -- 127.0.0.1:2980`

use std::thread;
use std::time::Duration;

use share_client::{Client, Error, Value};

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    let server = Client::connect(address)?;

    server.set_reg("example.name", "greenhouse")?;
    server.set_reg("example.limits", [("low", Value::from(5)), ("high", Value::from(31.5))])?;
    server.set_reg_ttl("example.heartbeat", true, Duration::from_secs(60))?;

    let name: String = server.get_reg("example.name")?.try_into()?;
    let limits = server.get_reg("example.limits")?;
    println!("{name}: {limits}, at most {:?}", limits.get("high"));

    let count = server.incr("example.runs", 1)?;
    println!("run {count} of this example");

    let other = server.clone();
    let setter = thread::spawn(move || other.set_reg("example.door", "open"));
    let door = server.wait_reg("example.door", Value::None, Duration::from_secs(5))?;
    println!("the door is {door}");
    if let Ok(set) = setter.join() {
        set?;
    }

    for key in server.keys(Some("example.*"))? {
        println!("{key} = {}", server.get_reg(&key)?.repr());
    }
    server.delete("example.[!r]*")?;
    Ok(())
}
