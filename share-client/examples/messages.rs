//! Messages: two clients, a group, an event, and one message that is acknowledged.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --example messages -- 127.0.0.1:2980`

use std::time::Duration;

use share_client::{Client, Error, Value};

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    let server = Client::connect(address)?;

    let board = server.get_client_id(Some("example board"))?;
    let desk = server.get_client_id(Some("example desk"))?;
    board.join("example garden")?;
    desk.join("example garden")?;

    board.send("example garden", "the sun is out")?;
    if let Some(message) = desk.recv_wait(Duration::from_secs(5))? {
        println!("{} to {}: {}", message.from, message.to, message.text);
    }

    board.emit("example garden", "rain", [("millimetres", Value::from(2.5))])?;
    while let Some(message) = desk.lease(Duration::from_secs(30))? {
        println!("{:?} {}", message.event, message.body);
        desk.ack(message.number)?;
    }

    for client in server.who(Some("example *"))? {
        println!("{} {:?} in {:?}, {} pending", client.id, client.name, client.groups, client.pending);
    }
    board.exit()?;
    desk.exit()
}
