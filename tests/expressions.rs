//! Thousands of expressions against CPython's answers, which `python3.11 scripts/judge 311 12000` wrote: the
//! whole language, both ways; and the examples of its page.

#![allow(clippy::panic, reason = "tests")]

#[path = "support/judge.rs"]
mod judge;

const ROWS: &str = include_str!("corpus/expressions.tsv");

#[test]
fn expressions_mean_what_they_mean_in_cpython() {
    let lines: Vec<&str> = ROWS.lines().collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let count = judge::judge(&lines, threads);
    assert!(
        count.different.is_empty(),
        "{} of {} rows differ from CPython:\n{}",
        count.different.len(),
        count.rows,
        count.different.join("\n")
    );
    assert!(count.rows >= 5_000, "{} rows", count.rows);
    let refused =
        count.refused.iter().filter(|row| judge::is_value(row.lines().next().unwrap_or_default())).count();
    assert!(
        refused * 100 < count.values,
        "{refused} of {} values are refused:\n{}",
        count.values,
        judge::summary(&count.refused)
    );
}

#[test]
fn the_judge_sees_what_differs() {
    let judge = judge::Judge::new();
    for (line, same) in [
        ("1 + 1\t=2", true),
        ("1 + 1\t=3", false),
        ("1/0\t!value", true),
        ("1/0\t!type", false),
        ("1/0\t=1", false),
        ("2\t!syntax", false),
        ("{'a', None, 1}\t≈{'a', 1, None}", true),
        ("{'a', None, 1}\t≈{'a', 2, None}", false),
        ("'{1}'\t≈{1}", false),
        ("x = 1␤x + 1\t=2", true),
        ("'a␉b'\t=a\\tb", true),
    ] {
        assert_eq!(judge.line(line) == judge::Verdict::Same, same, "{line}");
    }
    assert_eq!(judge.line("list({'a', 'b'})\t~['b', 'a']"), judge::Verdict::Order);
    assert!(matches!(judge.line("list({'a', 'b'})\t~['b', 'c']"), judge::Verdict::Different(_)));
    assert!(matches!(judge.line("list(['a', 'b'])\t=['b', 'a']"), judge::Verdict::Different(_)));
    assert_eq!(judge.line("2 ** 64\t=18446744073709551616"), judge::Verdict::Beyond);
    assert!(matches!(judge.line("(lambda: 1)()\t=1"), judge::Verdict::Refused(_)));
}

/// The page of the language: its blocks of examples, its tables, its scripts, each with a fresh state.
#[test]
fn every_example_of_the_page_of_the_language_goes_as_it_is_written() {
    let mut played = 0;
    let judge = judge::Judge::new();
    let wrong: Vec<String> = conversations(include_str!("../docs/language.md"))
        .into_iter()
        .filter_map(|conversation| {
            played += conversation.len();
            play(&judge, &conversation).err()
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(played > 120, "{played} examples");
}

#[test]
fn an_example_of_a_page_that_goes_otherwise_is_found() {
    let judge = judge::Judge::new();
    let page = "```text\n1 + 1 -> 2\n1 + 1 -> 3\n```\n| `2 * 2` | `4` | `5` |\n```rhai\nlet x = 1;\nx\n// -> 2\n```\n";
    let wrong: Vec<Result<(), String>> = conversations(page).iter().map(|rows| play(&judge, rows)).collect();
    assert_eq!(wrong.len(), 3);
    assert!(wrong.iter().all(Result::is_err), "{wrong:?}");
    assert!(conversations("| `5` | x | y |\n```sh\n1 -> 2\n```\n").is_empty());
}

/// What is sent and what comes back, a conversation each: a block, a row of a table, a script.
fn conversations(page: &str) -> Vec<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let block = line.strip_prefix("```").map(|_| {
            let inner: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            inner
        });
        match (line, block) {
            ("```text", Some(block)) => {
                let row =
                    |line: &&str| line.split_once(" -> ").map(|(sent, reply)| (sent.into(), reply.into()));
                assert!(
                    block.iter().all(|line| row(line).is_some()),
                    "an example without a reply: {block:?}"
                );
                found.push(block.iter().filter_map(row).collect());
            }
            ("```rhai", Some(block)) => {
                let Some((Some(reply), script)) =
                    block.split_last().map(|(last, script)| (last.strip_prefix("// -> "), script))
                else {
                    panic!("a script without a reply: {block:?}");
                };
                found.push(vec![(script.join("\n"), reply.into())]);
            }
            (row, None) if row.starts_with("| `") => {
                let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
                let code = |cell: &&str| {
                    cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`')).map(String::from)
                };
                if let (Some(sent), Some(reply)) = (cells.first().and_then(code), cells.last().and_then(code))
                    && cells.len() > 1
                {
                    found.push(vec![(sent, reply)]);
                }
            }
            _ => {}
        }
    }
    found
}

/// Plays it with the judge, and where it keeps something, with one of its own.
fn play(judge: &judge::Judge, conversation: &[(String, String)]) -> Result<(), String> {
    let own = conversation.iter().any(|(_, reply)| reply == "OK").then(judge::Judge::new);
    for (sent, reply) in conversation {
        let got = own.as_ref().map_or_else(|| judge.say(sent), |own| own.tell(sent));
        if !is_as(reply, &got) {
            return Err(format!("{sent}\n  expected {reply}\n  got      {got}"));
        }
    }
    Ok(())
}

/// Whether the text is as the pattern says, in which `…` stands for any text.
fn is_as(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    true
}
