//! The load generator of `scripts/bench`: `bench-load WORK PROTOCOL ADDRESS [--name value]…`, or `bench-load echo`.
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

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    if words.peek().is_some_and(|word| word == "echo") {
        return echo_server::run();
    }
    let options = options::Options::read(words)?;
    println!("{}", work::run(&options)?);
    Ok(())
}
