//! Rust source as text: comments and literals blanked, functions measured, imports listed. Knows no rule.

use std::collections::BTreeSet;

/// The text with every comment and the inside of every literal turned into blanks; lines stay where they are.
pub fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<char> = chars.clone();
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => find(&chars, at, |rest| rest[0] == '\n').unwrap_or(chars.len()),
            ('/', Some('*')) => block_comment_end(&chars, at),
            ('"', _) => string_end(&chars, at + 1),
            ('r', Some('"' | '#')) if starts_word(&chars, at) => match raw_string_end(&chars, at + 1) {
                Some(end) => end,
                None => at + 1,
            },
            ('\'', _) => char_end(&chars, at),
            _ => at + 1,
        };
        if end > at + 1 {
            let keep_quotes = chars[at] != '/';
            for (index, slot) in out.iter_mut().enumerate().take(end).skip(at) {
                let edge = keep_quotes && (index == at || index == end - 1);
                if *slot != '\n' && !edge {
                    *slot = ' ';
                }
            }
        }
        at = end;
    }
    out.into_iter().collect()
}

fn find(chars: &[char], from: usize, is: impl Fn(&[char]) -> bool) -> Option<usize> {
    (from..chars.len()).find(|at| is(&chars[*at..]))
}

fn starts_word(chars: &[char], at: usize) -> bool {
    match at.checked_sub(1).map(|before| chars[before]) {
        Some('b' | 'c') => true,
        Some(before) => !(before.is_alphanumeric() || before == '_'),
        None => true,
    }
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from..].iter().take_while(|char| **char == '#').count();
    if chars.get(from + hashes) != Some(&'"') {
        return None;
    }
    let close =
        |rest: &[char]| rest[0] == '"' && rest[1..].iter().take_while(|c| **c == '#').count() >= hashes;
    Some(find(chars, from + hashes + 1, close).map_or(chars.len(), |at| at + 1 + hashes))
}

/// The end of a character literal; of a lifetime, only its quote.
fn char_end(chars: &[char], at: usize) -> usize {
    match chars.get(at + 1) {
        Some('\\') => find(chars, at + 3, |rest| rest[0] == '\'').map_or(chars.len(), |end| end + 1),
        Some(_) if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at + 1,
    }
}

/// Blanked source without its `#[cfg(test)]` modules.
pub fn without_tests(blanked: &str) -> String {
    let mut rest = blanked;
    let mut out = String::new();
    while let Some(at) = rest.find("#[cfg(test)]") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let brace = after.find('{').unwrap_or(after.len());
        let semicolon = after.find(';').unwrap_or(after.len());
        let end = if semicolon < brace { semicolon + 1 } else { block_end(after, brace) };
        rest = after.get(end..).unwrap_or_default();
    }
    out + rest
}

/// Behind the brace that closes the one at `open`.
fn block_end(text: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, char) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match char {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && char == '}' {
            return at + 1;
        }
    }
    text.len()
}

/// A function and how long it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// Every function with a body in blanked source.
pub fn functions(blanked: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in blanked.match_indices("fn ") {
        if blanked[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let name: String =
            blanked[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let Some(open) = body_start(blanked, at) else { continue };
        if name.is_empty() {
            continue;
        }
        let line = blanked[..at].matches('\n').count() + 1;
        let lines = blanked[at..block_end(blanked, open)].matches('\n').count() + 1;
        found.push(Function { name, line, lines });
    }
    found
}

fn body_start(blanked: &str, from: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, char) in blanked[from..].char_indices() {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(from + at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Every path that blanked source names, from `use` or in place: `crate::state::Error`, `tokio::sync::watch`.
pub fn paths(blanked: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = blanked.replace('\n', " ");
    let mut rest = text.as_str();
    while let Some(at) = rest.find("use ") {
        let is_word = rest[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        rest = &rest[at + 4..];
        let Some(end) = rest.find(';') else { break };
        if !is_word {
            expand("", &rest[..end], &mut found);
        }
    }
    let words = text.split(|char: char| !(char.is_alphanumeric() || char == '_' || char == ':'));
    for word in words.filter(|word| word.contains("::")) {
        found.insert(word.trim_matches(':').to_owned());
    }
    found
}

/// The paths of a tree of `use`.
fn expand(prefix: &str, tree: &str, found: &mut BTreeSet<String>) {
    let tree = tree.trim();
    match tree.split_once('{') {
        Some((head, inner)) => {
            let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
            let prefix = format!("{prefix}{}", head.trim());
            split_at_commas(inner).into_iter().for_each(|part| expand(&prefix, part, found));
        }
        None if tree.is_empty() => {}
        None => {
            let path = tree.split(" as ").next().unwrap_or(tree).trim();
            found.insert(format!("{prefix}{path}").trim_end_matches("::self").to_owned());
        }
    }
}

fn split_at_commas(list: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, char) in list.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_become_blanks() {
        assert_eq!(blank("a // fn {\nb"), "a        \nb");
        assert_eq!(blank("a /* { /* } */ { */ b").replace(' ', ""), "ab");
        assert_eq!(blank(r#"f("}\"{", 'x', '\'', '{')"#).replace(' ', ""), "f(\"\",'','','')");
        assert_eq!(blank("r#\"a\"{\"# + r\"\\\" {"), "r      # + r  \" {");
        assert_eq!(blank("fn f<'a>(x: &'a str) {}"), "fn f<'a>(x: &'a str) {}");
    }

    #[test]
    fn functions_are_measured_from_their_name_to_their_last_brace() {
        let text =
            "pub fn a(x: [u8; 3]) -> u8 {\n  {\n  }\n}\ntrait T { fn b(); }\ntype F = fn (u8);\nfn c() {}";
        let found = functions(text);
        let brief: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
        assert_eq!(brief, [("a", 1, 4), ("c", 7, 1)]);
    }

    #[test]
    fn paths_come_from_use_trees_and_from_code() {
        let text = "use crate::{a::{B, c::D as E}, f};\nuse super::g::self;\nlet x = tokio::sync::watch();";
        let found = paths(text);
        for path in ["crate::a::B", "crate::a::c::D", "crate::f", "super::g", "tokio::sync::watch"] {
            assert!(found.contains(path), "{path} in {found:?}");
        }
    }

    #[test]
    fn test_modules_are_left_out() {
        let text = "a\n#[cfg(test)]\nmod tests {\n fn x() {}\n}\nb\n#[cfg(test)]\nmod tests;\nc";
        assert_eq!(without_tests(text).split_whitespace().collect::<String>(), "abc");
    }
}
