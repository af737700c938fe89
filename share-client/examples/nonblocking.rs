//! A session on tokio: what is waited for in one place, a change, a message or a task, whichever comes first.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --features tokio --example nonblocking -- 127.0.0.1:2980`
//!
//! One program plays both sides here; in yours they are two, on two machines.

use std::io::Write;
use std::time::Duration;

use share_client::Error;
use share_client::nonblocking::Session;

const LONG: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    run(&address, &mut std::io::stdout()).await
}

/// The example, at the server of this address.
pub async fn run(address: &str, out: &mut impl Write) -> Result<(), Error> {
    let greenhouse = Session::connect(address).await?;
    let desk = Session::connect(address).await?;
    let id = greenhouse.id();

    let mut limits = greenhouse.local().watch::<f64>("limit.*").await?;
    let mut messages = greenhouse.messages().await?;
    let tasks = greenhouse.local_queue("tasks");
    desk.peer(&id).local().set("limit.high", &31.5).await?;
    desk.peer(&id).queue("tasks").put("open the window").await?;
    desk.send(&id, "is all well?").await?;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        // Those that do not come first are dropped and begun again; nothing is lost by that.
        seen.push(tokio::select! {
            Some(change) = limits.next() => {
                let change = change?;
                format!("a change: {} is {:?}", change.key, change.value)
            }
            Some(message) = messages.next() => format!("a message: {}", message.body),
            task = tasks.get_wait::<String>(LONG) => format!("a task: {:?}", task?),
            else => break,
        });
    }
    // They come in any order.
    seen.sort();
    for line in seen {
        writeln!(out, "{line}")?;
    }
    greenhouse.exit().await?;
    desk.exit().await
}
