//! Named events: handlers, a catch-all, a receive that finds what came before it was called; groups and names.
//!
//! Start a server with `sharesrv --port 2980`, then:
//! `cargo run -p share-client --example events -- 127.0.0.1:2980`
//!
//! One program plays both sides here; in yours they are two, on two machines.

use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use share_client::{Error, Session, SessionOptions};

const LONG: Duration = Duration::from_secs(30);

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    run(&address, &mut std::io::stdout())
}

/// The example, at the server of this address.
pub fn run(address: &str, out: &mut impl Write) -> Result<(), Error> {
    let station = Session::connect(address)?;
    // By this name others reach it; a program that starts again under it finds its messages.
    let house = Session::connect_with(address, SessionOptions::new().name("example house"))?;
    house.join("example weather")?;

    // To all of a group, before anybody asked for it.
    station.emit("example weather", "storm", "from the west")?;
    station.emit("example weather", "sun", &0.5)?;
    if let Some(sun) = house.recv_event("sun", LONG)? {
        writeln!(out, "found, though it came before: {:?} {}", sun.event, sun.body)?;
    }

    // Handlers: of one event, of several by a pattern, and `*` for what nobody else handles.
    let (tell, told) = mpsc::channel();
    let (of_rain, of_wind, of_rest) = (tell.clone(), tell.clone(), tell);
    let rain = house.on("rain", move |session, message| {
        // The type that was sent; another would be an error here.
        let fell: Result<(String, f64), Error> = message.read();
        let _ = of_rain.send(format!("rain handler: {fell:?}"));
        let _ = session.emit(&message.from, "thanks", "for the rain");
    })?;
    house.on("wind.*", move |_, message| {
        let _ = of_wind.send(format!("wind handler: {:?} {}", message.event, message.body));
    })?;
    house.on("*", move |_, message| {
        let _ = of_rest.send(format!("catch-all: {:?} {}", message.event, message.body));
    })?;
    // The storm has waited since.
    say_next(out, &told)?;

    station.emit("example weather", "rain", &("Tuesday", 2.5))?;
    say_next(out, &told)?;
    station.emit("example house", "wind.north", &7)?;
    say_next(out, &told)?;
    station.emit("example weather", "snow", &[1, 2])?;
    say_next(out, &told)?;
    if let Some(thanks) = station.recv_event("thanks", LONG)? {
        writeln!(out, "the station was thanked {}", thanks.body)?;
    }

    // Without its handler rain is what nobody handles.
    house.off(rain);
    station.emit("example weather", "rain", &0)?;
    say_next(out, &told)?;
    house.exit()?;
    station.exit()
}

/// What a handler has to say; handlers are called in a thread of their own.
fn say_next(out: &mut impl Write, told: &mpsc::Receiver<String>) -> Result<(), Error> {
    if let Ok(said) = told.recv_timeout(LONG) {
        writeln!(out, "{said}")?;
    }
    Ok(())
}
