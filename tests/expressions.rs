//! Thousands of expressions against CPython's answers, which `scripts/judge` wrote: the whole language, both ways.

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
