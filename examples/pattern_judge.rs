//! Compares the pattern matcher with CPython's answers, which `scripts/pattern-judge.py` writes; reads them from
//! standard input and ends with 1 where one differs.

use std::io::BufRead;
use std::process::ExitCode;

use sharesrv::state::Pattern;

fn main() -> ExitCode {
    let (mut pairs, mut matching, mut different) = (0_u64, 0_u64, 0_u64);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let mut fields = line.split('\t');
        let (Some(pattern), Some(text), Some(answer)) = (fields.next(), fields.next(), fields.next()) else {
            eprintln!("no pair: {line}");
            return ExitCode::FAILURE;
        };
        let matches = Pattern::new(&unescape(pattern)).is_ok_and(|pattern| pattern.matches(&unescape(text)));
        pairs += 1;
        matching += u64::from(matches);
        if matches != (answer == "1") {
            different += 1;
            println!("CPython says {answer}: {line}");
        }
    }
    println!("{pairs} pairs, {matching} match, {different} differ from CPython");
    if pairs > 0 && different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    plain
}
