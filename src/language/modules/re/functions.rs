//! `re.search`, `re.sub` and so on, of the module and of compiled patterns.

use std::sync::Arc;

use super::matcher::{Goal, Matcher, Subject};
use super::objects::{Match, Pattern, pattern_argument, pattern_value};
use super::template::Template;
use crate::language::operations::{self, Call, integer, integer_or};
use crate::language::{Budget, Error};
use crate::value::Value;

/// Calls the module's function.
pub fn call(name: &'static str, call: Call, budget: &Budget) -> Result<Value, Error> {
    let compiled =
        |pattern: Option<Value>, flags: &Option<Value>| pattern_argument(pattern, flags.as_ref(), budget);
    match name {
        "compile" => {
            let [pattern, flags] = call.bind(name, ["pattern", "flags"], 1)?;
            compiled(pattern, &flags).map(pattern_value)
        }
        "purge" => call.none(name).map(|()| Value::None),
        "escape" => escape(&call.bind(name, ["pattern"], 1)?, budget),
        "sub" | "subn" => {
            let [pattern, template, text, count, flags] =
                call.bind(name, ["pattern", "repl", "string", "count", "flags"], 3)?;
            substitute(&compiled(pattern, &flags)?, template, text, count.as_ref(), name == "subn", budget)
        }
        "split" => {
            let [pattern, text, most, flags] =
                call.bind(name, ["pattern", "string", "maxsplit", "flags"], 2)?;
            split(&compiled(pattern, &flags)?, text, most.as_ref(), budget)
        }
        _ => {
            let [pattern, text, flags] = call.bind(name, ["pattern", "string", "flags"], 2)?;
            find(&compiled(pattern, &flags)?, name, text, (None, None), budget)
        }
    }
}

/// Calls a compiled pattern's method; None where there is none.
pub fn method(
    pattern: &Arc<Pattern>,
    name: &str,
    call: Call,
    budget: &Budget,
) -> Option<Result<Value, Error>> {
    Some(match name {
        "sub" | "subn" => {
            call.bind(name, ["repl", "string", "count"], 2).and_then(|[template, text, count]| {
                substitute(pattern, template, text, count.as_ref(), name == "subn", budget)
            })
        }
        "split" => call
            .bind(name, ["string", "maxsplit"], 1)
            .and_then(|[text, most]| split(pattern, text, most.as_ref(), budget)),
        "search" | "match" | "fullmatch" | "findall" | "finditer" => call
            .bind(name, ["string", "pos", "endpos"], 1)
            .and_then(|[text, from, to]| find(pattern, name, text, (from, to), budget)),
        _ => return None,
    })
}

fn subject(text: Option<Value>, budget: &Budget) -> Result<Arc<Subject>, Error> {
    match text.unwrap_or(Value::None) {
        Value::Str(text) => Ok(Arc::new(Subject::new(text, budget)?)),
        Value::Bytes(_) => {
            Err(Error::Type(String::from("cannot use a string pattern on a bytes-like object")))
        }
        other => {
            Err(Error::Type(format!("expected string or bytes-like object, got '{}'", other.type_name())))
        }
    }
}

/// All matches from a place on, by Python's rule for empty ones.
struct Matches<'p> {
    matcher: Matcher<'p>,
    from: usize,
    not_at: Option<usize>,
}

impl<'p> Matches<'p> {
    fn new(
        pattern: &'p Pattern,
        subject: &'p Subject,
        bounds: (usize, usize),
        budget: &'p Budget,
    ) -> Result<Self, Error> {
        let matcher = Matcher::new(&pattern.program, subject, bounds, budget)?;
        Ok(Matches { matcher, from: bounds.0, not_at: None })
    }

    fn next(&mut self) -> Result<Option<(usize, usize)>, Error> {
        let goal = Goal { whole: false, not_at: self.not_at };
        let found = self.matcher.search(self.from, true, goal)?;
        if let Some((start, end)) = found {
            self.from = end;
            self.not_at = (start == end).then_some(end);
        }
        Ok(found)
    }
}

fn find(
    pattern: &Arc<Pattern>,
    name: &str,
    text: Option<Value>,
    bounds: (Option<Value>, Option<Value>),
    budget: &Budget,
) -> Result<Value, Error> {
    let subject = subject(text, budget)?;
    let place = |value: Option<Value>, default: usize| -> Result<usize, Error> {
        let Some(value) = value else { return Ok(default) };
        Ok(usize::try_from(integer(&value)?.max(0)).unwrap_or(usize::MAX).min(subject.len()))
    };
    let end = place(bounds.1, subject.len())?;
    let begin = place(bounds.0, 0)?;
    let bounds = (begin, end);
    let found = |matcher: &Matcher<'_>, found| Match::new(pattern, &subject, matcher, found, bounds);
    if !matches!(name, "findall" | "finditer") {
        // Behind its end CPython searches nothing, but does match what takes nothing.
        let crossed = if begin <= end {
            None
        } else if name == "match" {
            Some(pattern.crossed(budget)?)
        } else {
            return Ok(Value::None);
        };
        let program = crossed.as_ref().unwrap_or(&pattern.program);
        let mut matcher = Matcher::new(program, &subject, bounds, budget)?;
        let goal = Goal { whole: name == "fullmatch", not_at: None };
        let first = matcher.search(begin, name == "search", goal)?;
        return Ok(first.map_or(Value::None, |span| Value::Opaque(Arc::new(found(&matcher, span)))));
    }
    let mut matches = Matches::new(pattern, &subject, bounds, budget)?;
    let mut items = Vec::new();
    while let Some(span) = matches.next()? {
        let groups = pattern.program.groups;
        // A match as a value has its places and two shared parts with it.
        budget.reserve(if name == "finditer" { 192 } else { 64 } + 32 * groups)?;
        let one = found(&matches.matcher, span);
        let text = |group| Ok::<Value, Error>(Value::from(one.text(group, budget)?.unwrap_or_default()));
        items.push(match (name, groups) {
            ("finditer", _) => Value::Opaque(Arc::new(one)),
            (_, 0) => text(0)?,
            (_, 1) => text(1)?,
            _ => Value::tuple((1..=groups).map(text).collect::<Result<_, _>>()?),
        });
    }
    if name == "findall" {
        return Ok(Value::list(items));
    }
    operations::builtin("iter", Call { positional: vec![Value::list(items)], keyword: Vec::new() }, budget)
}

fn substitute(
    pattern: &Arc<Pattern>,
    template: Option<Value>,
    text: Option<Value>,
    count: Option<&Value>,
    counted: bool,
    budget: &Budget,
) -> Result<Value, Error> {
    let template = match template {
        Some(Value::Str(template)) => Template::parse(&template, pattern)?,
        other => {
            let given = other.as_ref().map_or("NoneType", Value::type_name);
            return Err(Error::Type(format!("a replacement must be str, not {given}")));
        }
    };
    let most = usize::try_from(integer_or(count, 0)?).unwrap_or(0);
    let subject = subject(text, budget)?;
    let bounds = (0, subject.len());
    let mut matches = Matches::new(pattern, &subject, bounds, budget)?;
    let (mut out, mut kept, mut done) = (String::new(), 0, 0_usize);
    let rest = |from: usize, to: usize| {
        budget.reserve(to - from)?;
        Ok::<String, Error>(subject.between(from, to))
    };
    while most == 0 || done < most {
        let Some((start, end)) = matches.next()? else { break };
        out.push_str(&rest(kept, start)?);
        let found = Match::new(pattern, &subject, &matches.matcher, (start, end), bounds);
        template.expand(&found, &mut out, budget)?;
        kept = end;
        done += 1;
    }
    out.push_str(&rest(kept, subject.len())?);
    let text = Value::from(out);
    if !counted {
        return Ok(text);
    }
    Ok(Value::tuple(vec![text, Value::Int(i64::try_from(done).unwrap_or(i64::MAX))]))
}

fn split(
    pattern: &Arc<Pattern>,
    text: Option<Value>,
    most: Option<&Value>,
    budget: &Budget,
) -> Result<Value, Error> {
    let most = integer_or(most, 0)?;
    let subject = subject(text, budget)?;
    let bounds = (0, subject.len());
    let mut matches = Matches::new(pattern, &subject, bounds, budget)?;
    let (mut parts, mut kept, mut done) = (Vec::new(), 0, 0);
    let part = |from: usize, to: usize| {
        budget.reserve((to - from).saturating_add(48))?;
        Ok::<Value, Error>(Value::from(subject.between(from, to)))
    };
    while most == 0 || done < most {
        let Some((start, end)) = matches.next()? else { break };
        parts.push(part(kept, start)?);
        let found = Match::new(pattern, &subject, &matches.matcher, (start, end), bounds);
        for group in 1..=pattern.program.groups {
            parts.push(found.text(group, budget)?.map_or(Value::None, Value::from));
        }
        kept = end;
        done += 1;
    }
    parts.push(part(kept, subject.len())?);
    Ok(Value::list(parts))
}

fn escape(arguments: &[Option<Value>; 1], budget: &Budget) -> Result<Value, Error> {
    let [Some(Value::Str(text))] = arguments else {
        return Err(Error::Type(String::from("escape() needs a str")));
    };
    budget.reserve(text.len().saturating_mul(2))?;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    Ok(Value::from(out))
}
