//! What patterns and matches are asked: their attributes and methods.

use std::sync::Arc;

use super::functions;
use super::matcher::NOWHERE;
use super::objects::{Match, match_of, pattern_of, pattern_value};
use super::template::Template;
use crate::language::operations::Call;
use crate::language::{Budget, Error};
use crate::value::{Key, Value};

fn whole(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn signed(place: Option<usize>) -> Value {
    place.map_or(Value::Int(-1), whole)
}

fn pair(span: Option<(usize, usize)>) -> Value {
    Value::tuple(vec![signed(span.map(|span| span.0)), signed(span.map(|span| span.1))])
}

/// `value.name` of a pattern or a match.
pub fn attribute(value: &Value, name: &str) -> Option<Result<Value, Error>> {
    if let Some(pattern) = pattern_of(value) {
        return Some(Ok(match name {
            "pattern" => Value::Str(Arc::clone(&pattern.text)),
            "flags" => Value::Int(i64::from(pattern.flags)),
            "groups" => whole(pattern.program.groups),
            "groupindex" => {
                let entry = |(name, number): &(String, u32)| {
                    (Key::from(name.as_str()), Value::Int(i64::from(*number)))
                };
                Value::Dict(Arc::new(pattern.names.iter().map(entry).collect()))
            }
            _ => return None,
        }));
    }
    let found = match_of(value)?;
    Some(Ok(match name {
        "string" => Value::Str(Arc::clone(&found.subject.text)),
        "re" => pattern_value(Arc::clone(&found.pattern)),
        "pos" => whole(found.bounds.0),
        "endpos" => whole(found.bounds.1),
        "lastindex" if found.last == NOWHERE => Value::None,
        "lastindex" => whole(found.last),
        "lastgroup" => {
            let mut names = found.pattern.names.iter();
            let name = names.find(|(_, number)| *number as usize == found.last);
            name.map_or(Value::None, |(name, _)| Value::from(name.as_str()))
        }
        "regs" => {
            Value::tuple((0..=found.pattern.program.groups).map(|group| pair(found.span(group))).collect())
        }
        _ => return None,
    }))
}

/// `value.name(…)` of a pattern or a match.
pub fn method(value: &Value, name: &str, call: &Call, budget: &Budget) -> Option<Result<Value, Error>> {
    let call = Call { positional: call.positional.clone(), keyword: call.keyword.clone() };
    if let Some(pattern) = pattern_of(value) {
        return functions::method(&pattern, name, call, budget);
    }
    let found = match_of(value)?;
    Some(match name {
        "group" => call.all(name).and_then(|groups| group(found, &groups, budget)),
        "groups" => call.bind(name, ["default"], 0).and_then(|[default]| {
            let default = default.unwrap_or(Value::None);
            let groups = (1..=found.pattern.program.groups).map(|group| found.value(group, &default, budget));
            groups.collect::<Result<_, _>>().map(Value::tuple)
        }),
        "groupdict" => call.bind(name, ["default"], 0).and_then(|[default]| {
            let default = default.unwrap_or(Value::None);
            let entry = |(name, number): &(String, u32)| {
                Ok((Key::from(name.as_str()), found.value(*number as usize, &default, budget)?))
            };
            let entries = found.pattern.names.iter().map(entry).collect::<Result<_, Error>>()?;
            Ok(Value::Dict(Arc::new(entries)))
        }),
        "start" | "end" | "span" => call.bind(name, ["/group"], 0).and_then(|[group]| {
            let group = group.map_or(Ok(0), |group| found.which(&group))?;
            let span = found.span(group);
            Ok(match name {
                "start" => signed(span.map(|span| span.0)),
                "end" => signed(span.map(|span| span.1)),
                _ => pair(span),
            })
        }),
        "expand" => call.one(name).and_then(|template| match template {
            Value::Str(template) => {
                let template = Template::parse(&template, &found.pattern)?;
                let mut out = String::new();
                template.expand(found, &mut out, budget)?;
                Ok(Value::from(out))
            }
            other => Err(Error::Type(format!("expected str instance, {} found", other.type_name()))),
        }),
        _ => return None,
    })
}

fn group(found: &Match, groups: &[Value], budget: &Budget) -> Result<Value, Error> {
    let text = |which: &Value| found.value(found.which(which)?, &Value::None, budget);
    match groups {
        [] => found.value(0, &Value::None, budget),
        [one] => text(one),
        several => several.iter().map(text).collect::<Result<_, _>>().map(Value::tuple),
    }
}
