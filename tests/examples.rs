//! Runs every example of every function of the catalogue, each function's on a fresh server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use sharesrv::functions::{Example, Function, all};
use support::{Lines, Peer, Server};

#[test]
fn every_example_of_every_function_goes_as_it_is_written() {
    let wrong: Vec<String> = all().filter_map(|function| play(function).err()).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_function_has_an_example_that_calls_it() {
    for function in all() {
        let name = function.name.rsplit('.').next().unwrap();
        // What is reached through MyData may be written with brackets or operators.
        let written = |example: &Example| example.send.contains(name) || example.send.contains("MyData");
        assert!(function.examples.iter().any(written), "{}", function.name);
    }
}

#[test]
fn an_example_that_goes_otherwise_is_found() {
    let ping = sharesrv::functions::find("ping").unwrap();
    let example = |send, reply| Example { send, reply, session: false };
    let with = |examples: &'static [Example]| play(&Function { examples, ..*ping });
    with(Box::leak(Box::new([example("ping()", "po…")]))).unwrap();
    assert!(with(Box::leak(Box::new([example("ping()", "po")]))).unwrap_err().contains("ping"));
}

fn play(function: &Function) -> Result<(), String> {
    let server = Server::start();
    let mut session: Option<Lines> = None;
    for Example { send, reply, session: in_session } in function.examples {
        let got = if *in_session {
            session.get_or_insert_with(|| server.lines()).ask(send)
        } else {
            server.ask(send)
        };
        if !matches(reply, &got) {
            return Err(format!("{}: {send}\n  expected {reply}\n  got      {got}", function.name));
        }
    }
    Ok(())
}

/// Whether the text is as the pattern says, in which `…` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let whole: Vec<String> = pattern.split('…').map(regex::escape).collect();
    regex::Regex::new(&format!("(?s)^{}$", whole.join(".*"))).unwrap().is_match(text)
}
