//! The load generator of `scripts/bench`: `bench-load WORK PROTOCOL ADDRESS [--name value]…`, or `bench-load echo [FILE]`.
//!
//! Two threads drive every server in the same way; each answer is compared with what it has to be, and the first
//! wrong one ends the run. Prints one line of JSON.

mod data;
mod echo_server;
mod link;
mod options;
mod tally;
mod wire;
mod work;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    if words.next_if(|word| word == "echo").is_some() {
        return echo_server::run(words.next().as_deref().map(Path::new));
    }
    let options = options::Options::read(words)?;
    println!("{}", work::run(&options)?);
    Ok(())
}
