//! Texts that are no Python and look like Rhai: the rule that decides which grammar an error speaks for.
//!
//! Owns that rule alone; looks at tokens, not at meaning.

/// Whether the text has signs of Rhai that Python does not have.
pub fn looks_like_rhai(text: &str) -> bool {
    let mut previous = ' ';
    let mut start = Some(' ');
    let mut brackets = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((position, character)) = characters.next() {
        let rest = text.get(position..).unwrap_or_default();
        if let Some(before) = start
            && brackets.is_empty()
            && !character.is_whitespace()
            && !matches!(character, '{' | '}' | ';')
        {
            let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            let goes_on = rest.get(end..).unwrap_or_default().trim_start();
            // Behind a Python dict or set these go on with the expression.
            let goes_on_in_python = before == '}' && matches!(word, "if" | "for");
            if begins_statement(word, goes_on) && !goes_on_in_python && !looks_like_python_statement(rest) {
                return true;
            }
            if word == "try" && goes_on.starts_with('{') {
                return true;
            }
            if matches!(word, "throw" | "switch") && position == 0 {
                return true;
            }
        }
        match character {
            '\'' | '"' => {
                while let Some((_, inner)) = characters.next() {
                    if inner == '\\' {
                        characters.next();
                    } else if inner == character {
                        break;
                    }
                }
            }
            '`' => return true,
            '#' if rest.starts_with("#{") => return true,
            '#' => while characters.next_if(|(_, inner)| *inner != '\n').is_some() {},
            '&' if rest.starts_with("&&") => return true,
            '|' if rest.starts_with("||") => return true,
            '?' if rest.starts_with("??") || rest.starts_with("?.") || rest.starts_with("?[") => return true,
            '/' if rest.starts_with("/*") => return true,
            '!' if !rest.starts_with("!=") => return true,
            ':' if is_path(rest, previous) && brackets.last() != Some(&'[') => return true,
            _ => {}
        }
        match character {
            '(' | '[' => brackets.push(character),
            ')' | ']' => drop(brackets.pop()),
            _ => {}
        }
        if matches!(character, ';' | '\n' | '{' | '}') {
            start = Some(character);
        } else if !character.is_whitespace() {
            start = None;
        }
        previous = character;
    }
    false
}

/// Whether a statement of Rhai's begins with the word, with what follows it: in Python most of them are names.
fn begins_statement(word: &str, goes_on: &str) -> bool {
    let name = goes_on.starts_with(|c: char| c == '_' || c.is_alphabetic());
    match word {
        "let" | "const" | "fn" | "private" => name || goes_on.starts_with("//"),
        "for" => name || goes_on.starts_with(['(', '/']),
        "loop" | "do" => goes_on.starts_with(['{', '/']),
        "if" | "while" => !goes_on.is_empty() && !goes_on.starts_with(['=', ',', '.']),
        _ => false,
    }
}

/// `math::sqrt`; the two colons of a slice stand in square brackets.
fn is_path(rest: &str, previous: char) -> bool {
    let name = rest.strip_prefix("::").and_then(|rest| rest.chars().next());
    (previous.is_alphanumeric() || previous == '_')
        && name.is_some_and(|first| first == '_' || first.is_alphabetic())
}

/// Whether the text holds comments alone, so that there is nothing to run.
pub fn is_blank(text: &str) -> bool {
    let mut rest = text.trim_start();
    loop {
        if rest.starts_with("//") {
            rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default();
        } else if rest.starts_with("/*") {
            rest = behind_comment(rest);
        } else {
            return rest.is_empty();
        }
        rest = rest.trim_start();
    }
}

/// What follows a comment, which may hold others.
fn behind_comment(text: &str) -> &str {
    let (mut depth, mut place) = (0_usize, 0);
    let bytes = text.as_bytes();
    while let Some(two) = bytes.get(place..place + 2) {
        place += match two {
            b"/*" => {
                depth += 1;
                2
            }
            b"*/" => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        if depth == 0 {
            return text.get(place..).unwrap_or_default();
        }
    }
    ""
}

/// `for x in y:` and its like are Python, whatever the first word: a colon stands outside of all brackets.
fn looks_like_python_statement(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if !matches!(word, "if" | "for" | "while") {
        return false;
    }
    let mut depth = 0_u32;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (_, '\n') => return false,
            (Some(_), '\\') => drop(characters.next()),
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ':') if characters.next_if_eq(&':').is_some() => {}
            (None, ':') if depth == 0 => return true,
            (None, _) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{is_blank, looks_like_rhai};

    #[test]
    fn comments_alone_are_no_script() {
        for text in ["/* a */", "/*", "// a", "// a\n/* b /* c */ */ ", "/***"] {
            assert!(is_blank(text), "{text}");
        }
        for text in ["/* a */ 1", "// a\n1", "/*/**/*/x", "1", "/"] {
            assert!(!is_blank(text), "{text}");
        }
    }

    #[test]
    fn rhai_is_known_by_its_signs() {
        for text in [
            "let x = 1; x",
            "const X = 1; X",
            "if true { 1 } else { 2 }",
            "for i in 0..3 { i }",
            "loop { break 1; }",
            "let // c\nx = 5; x",
            "for (a, b) in c { a }",
            "do { x } while y",
            "#{a: 1}",
            "`a${1}`",
            "true && false",
            "fn f(x) { x } f(1)",
            "x; let y = 2; y",
            "!true",
            "math::sqrt(4)",
            "/* c */ 1",
            "try { 1 } catch { 2 }",
            "if a { \"b:c\" }",
            "if a == #{x: 1} { 2 }",
            "for x in a::b() { x }",
            "if x { y } else { z: 1 }",
            "a ?? 5",
            "a?.b",
        ] {
            assert!(looks_like_rhai(text), "{text}");
        }
    }

    #[test]
    fn python_is_not_taken_for_it() {
        for text in [
            "1 +",
            "017",
            "7//2",
            "for x in y: print(x)",
            "if x: 1",
            "while True:\n  pass",
            "'let x' +",
            "# let x = 1\n1 +",
            "a != b !=",
            "x = 'a && b' )",
            "let = 5 5",
            "x[1:2:3:4]",
            "x[a::b] = 5 5",
            "x = 1\nif x: 2",
            "for x in {1: 2}: y",
            "if x == '{': y",
            "while {1: 2}[x]: y",
            "a ? b",
            "x = 1\nfor y in [1]: z",
            "0..3",
            "...",
            "try:\n  1",
            "{'a': 1}.get([] * {1, 2} if [] else 2 not",
            "{1} if x else y +",
            "lambda // ; for [ 2",
            "let 5",
            "x; loop 5",
        ] {
            assert!(!looks_like_rhai(text), "{text}");
        }
    }
}
