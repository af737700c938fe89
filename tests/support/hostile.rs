//! The hostile expressions of `tests/hostile/expressions.txt`: reading the file, judging an answer.

use std::path::Path;

/// One request.
pub struct Hostile {
    pub kind: String,
    pub line: usize,
    pub text: String,
    /// How many times it is sent.
    pub times: usize,
    /// What it may be answered with.
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Error(String),
    Value(String),
    Beginning(String),
}

impl Hostile {
    /// All of them, in order.
    pub fn all() -> Vec<Hostile> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/expressions.txt");
        read(&std::fs::read_to_string(path).expect("the file of hostile expressions"))
    }

    /// Whether this reply is one that the request may get.
    pub fn accepts(&self, reply: &str) -> bool {
        // The time may be over before anything else is found, on a machine that is busy or in a build that is slow.
        let slow = ["expression_ms_max", "state_ms_max"]
            .iter()
            .any(|limit| reply.starts_with(&format!("Error: limit: {limit}")));
        slow || self.answers.iter().any(|answer| match answer {
            Answer::Error(kind) => reply.starts_with(&format!("Error: {kind}: ")),
            Answer::Value(value) => reply == value,
            Answer::Beginning(value) => reply.starts_with(value),
        })
    }
}

fn read(file: &str) -> Vec<Hostile> {
    let mut kind = String::new();
    let mut all: Vec<Hostile> = Vec::new();
    for (number, line) in file.lines().enumerate() {
        let (sign, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        match sign {
            "#" => kind = rest.trim().to_owned(),
            ">" => {
                let (times, text) = rest.split_once(' ').expect("a blank behind >");
                let times = times.strip_prefix('×').map_or(1, |times| times.parse().expect("a number"));
                let (kind, text) = (kind.clone(), expand(text));
                all.push(Hostile { kind, line: number + 1, text, times, answers: Vec::new() });
            }
            "<" => {
                let answers: Vec<Answer> = rest.trim().split(" | ").map(answer).collect();
                for hostile in all.iter_mut().filter(|hostile| hostile.answers.is_empty()) {
                    hostile.answers = answers.clone();
                }
            }
            _ => assert!(kind.is_empty(), "line {}: {line}", number + 1),
        }
    }
    all
}

fn answer(text: &str) -> Answer {
    let Some(value) = text.strip_prefix('=') else { return Answer::Error(text.to_owned()) };
    let value = value.strip_prefix(' ').unwrap_or(value).replace('⏎', "\n");
    match value.strip_suffix('…') {
        Some(value) => Answer::Beginning(value.to_owned()),
        None => Answer::Value(value),
    }
}

/// Writes out what is repeated.
fn expand(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('⟦') {
        let (body, after) = after.split_once('⟧').expect("a closing ⟧");
        let after = after.strip_prefix('×').expect("× behind ⟧");
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (times, after) = after.split_at(digits);
        written.push_str(before);
        written.push_str(&body.repeat(times.parse().expect("a number")));
        rest = after;
    }
    written.push_str(rest);
    written.replace('⏎', "\n")
}
