//! Compares the language with CPython's answers, which `scripts/judge` writes: reads them from standard input, prints
//! what is refused and what differs, and ends with 1 where a row differs.
//!
//! `--all` prints every row that is refused or differs; without it, one for each reply.

use std::process::ExitCode;

#[path = "../tests/support/judge.rs"]
mod judge;

fn main() -> ExitCode {
    let all = std::env::args().any(|argument| argument == "--all");
    let mut text = String::new();
    if let Err(error) = std::io::Read::read_to_string(&mut std::io::stdin().lock(), &mut text) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let lines: Vec<&str> = text.lines().filter(|line| line.contains('\t')).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(3);
    let count = judge::judge(&lines, threads);
    for (name, rows) in [("refused", &count.refused), ("different", &count.different)] {
        println!("## {name}");
        print!("{}", if all { rows.join("\n") + "\n" } else { judge::summary(rows) });
    }
    let refused =
        count.refused.iter().filter(|row| judge::is_value(row.lines().next().unwrap_or_default())).count();
    println!(
        "{} rows, {} with a value: {} same, {} in another order of a set, {} beyond 64 bits or complex, {} refused, of \
         which {refused} are values ({:.2} %), {} different",
        count.rows,
        count.values,
        count.rows - count.order - count.beyond - count.refused.len() - count.different.len(),
        count.order,
        count.beyond,
        count.refused.len(),
        100.0 * refused as f64 / count.values.max(1) as f64,
        count.different.len()
    );
    if count.rows > 0 && count.different.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
