//! The format of the conversations: read into steps, replies compared. Knows no server.

use std::collections::HashMap;
use std::time::Duration;

use regex::Regex;

/// A conversation.
#[derive(Debug, Default)]
pub struct Script {
    pub settings: Vec<(String, String)>,
    /// Each with the number of its first line.
    pub steps: Vec<(usize, Step)>,
    pub moves_the_clock: bool,
}

#[derive(Debug)]
pub enum Step {
    Ask {
        text: String,
        reply: String,
    },
    Begin {
        label: String,
        text: String,
    },
    End {
        label: String,
        reply: String,
    },
    /// A line over a connection that stays open; the first one opens it.
    Say {
        label: String,
        text: String,
    },
    /// The next line that comes over it.
    Hear {
        label: String,
        line: String,
    },
    /// The server closes it.
    Closed {
        label: String,
    },
    /// The client does.
    HangUp {
        label: String,
    },
    Advance(Duration),
    Restart,
}

impl Script {
    pub fn parse(text: &str) -> Result<Script, String> {
        let mut script = Script::default();
        let mut asked: Option<(usize, String)> = None;
        let mut lines = text.lines().zip(1..).peekable();
        while let Some((line, number)) = lines.next() {
            let wrong = |what: &str| Err(format!("line {number}: {what}: {line}"));
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if asked.is_some() && !line.starts_with("< ") && line != "<" {
                return wrong("the reply of the expression before is missing");
            }
            let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
            let more = if mark.starts_with('<') { mark } else { "." };
            let mut whole = rest.to_owned();
            while mark.starts_with(['<', '>']) {
                let Some((next, _)) = lines.next_if(|(next, _)| next.split(' ').next() == Some(more)) else {
                    break;
                };
                whole.push('\n');
                whole.push_str(next.split_once(' ').map_or("", |(_, rest)| rest));
            }
            match (mark.split_at_checked(1), asked.take()) {
                (Some((">", "")), _) => asked = Some((number, whole)),
                (Some(("<", "")), Some((at, text))) => {
                    script.steps.push((at, Step::Ask { text, reply: whole }))
                }
                (Some((">", label)), _) if !label.is_empty() => {
                    script.steps.push((number, Step::Begin { label: label.to_owned(), text: whole }));
                }
                (Some(("<", label)), _) if !label.is_empty() => {
                    script.steps.push((number, Step::End { label: label.to_owned(), reply: whole }));
                }
                (Some(("!", "")), _) => script.direct(number, rest)?,
                _ => match script.kept_open(mark, rest) {
                    Some(step) => script.steps.push((number, step)),
                    None => return wrong("not understood"),
                },
            }
        }
        match asked {
            Some((number, text)) => Err(format!("line {number}: the reply is missing: {text}")),
            None => Ok(script),
        }
    }

    /// A step of a connection that stays open, whose name stands before the sign.
    fn kept_open(&self, mark: &str, rest: &str) -> Option<Step> {
        let sign = mark.chars().next_back()?;
        let (label, rest) = (mark.strip_suffix(sign)?.to_owned(), rest.to_owned());
        let named = !label.is_empty() && label.chars().all(char::is_alphanumeric);
        named.then_some(match sign {
            '>' => Step::Say { label, text: rest },
            '<' => Step::Hear { label, line: rest },
            '|' => Step::Closed { label },
            '~' => Step::HangUp { label },
            _ => return None,
        })
    }

    fn direct(&mut self, number: usize, words: &str) -> Result<(), String> {
        let mut words_of = words.split_whitespace();
        match (words_of.next(), words_of.next(), words_of.next()) {
            (Some("advance"), Some(time), None) => {
                let by = duration(time).ok_or_else(|| format!("line {number}: no time: {time}"))?;
                self.moves_the_clock = true;
                self.steps.push((number, Step::Advance(by)));
            }
            (Some("restart"), None, None) => self.steps.push((number, Step::Restart)),
            (Some("set"), Some(key), Some(value)) if self.steps.is_empty() => {
                self.settings.push((key.to_owned(), value.to_owned()));
            }
            _ => return Err(format!("line {number}: not understood: {words}")),
        }
        Ok(())
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

/// What `$name` stands for.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// The text with every `$name` replaced.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Any => filled.push('…'),
                Part::Name(name) => {
                    filled
                        .push_str(self.0.get(name).ok_or_else(|| format!("${name} stands for nothing yet"))?);
                }
            }
        }
        Ok(filled)
    }

    /// Compares a reply with what was expected, and remembers what new names stand for.
    pub fn compare(&mut self, expected: &str, got: &str) -> Result<(), String> {
        let mut pattern = "(?s)^".to_owned();
        let mut new: Vec<&str> = Vec::new();
        for part in parts(expected) {
            match part {
                Part::Text(text) => pattern.push_str(&regex::escape(text)),
                Part::Any => pattern.push_str(".*"),
                Part::Name(name) => match self.0.get(name) {
                    Some(known) => pattern.push_str(&regex::escape(known)),
                    None => {
                        new.push(name);
                        pattern.push_str("([A-Za-z0-9]+)");
                    }
                },
            }
        }
        pattern.push('$');
        let pattern = Regex::new(&pattern).map_err(|error| error.to_string())?;
        let Some(captures) = pattern.captures(got) else {
            let known = self.fill(expected).unwrap_or_else(|_| expected.to_owned());
            return Err(format!("  expected {known:?}\n  got      {got:?}"));
        };
        for (index, name) in new.into_iter().enumerate() {
            self.0.insert(name.to_owned(), captures[index + 1].to_owned());
        }
        Ok(())
    }
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
    Any,
}

/// Splits at `$name` and `…`; a `$` without a letter behind it is text.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('…') {
            parts.push(Part::Any);
            rest = behind;
            continue;
        }
        let name = rest.strip_prefix('$').map_or("", |behind| {
            let end = behind.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(behind.len());
            &behind[..end]
        });
        if name.starts_with(|char: char| char.is_ascii_alphabetic()) {
            parts.push(Part::Name(name));
            rest = &rest[name.len() + 1..];
            continue;
        }
        let next = rest.char_indices().skip(1).find(|(_, char)| matches!(char, '$' | '…'));
        let end = next.map_or(rest.len(), |(at, _)| at);
        parts.push(Part::Text(&rest[..end]));
        rest = &rest[end..];
    }
    parts
}
