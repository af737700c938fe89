//! The judge of expressions: rows with CPython's answers, as `scripts/judge` writes them, against the whole language.
//!
//! Every row is run as it stands, and once more behind a statement that has a branch, so that it goes through Rhai.
//! Each row runs in a transaction that is undone, so that rows do not see each other's names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "for tests and their example")]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sharesrv::clock::Clock;
use sharesrv::config::Limits;
use sharesrv::database::Database;
use sharesrv::functions::{Caller, Context, Counters, Outcome, World, WorldHandle};
use sharesrv::language::{Lane, Language};
use sharesrv::state::{ClientId, FreshIds, State};
use sharesrv::value::{self, Key, Set, Value};

/// What the server says where it has not what Python has, whatever else is wrong with the text.
const REFUSALS: [&str; 17] = [
    "numbers that are not finite",
    "cannot be looked at here",
    "cannot be put into itself",
    "only items of a name or of MyData",
    "unhashable type: 'range'",
    "is used before the 'for'",
    "and no value here",
    "only functions and methods that have a name",
    "the server does not have",
    "a lambda may stand only",
    "a lambda or a function's name is expected here",
    "a generator expression may stand only",
    "in Python this would change",
    "assign a copy to a name first",
    "cannot be stored or sent",
    "a change cannot stand inside",
    "change something themselves",
];

/// What a row came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same value, or an error of the same kind.
    Same,
    /// The same members in another order, where the order is a set's, which CPython does not promise.
    Order,
    /// CPython has a value where the page of the language says that there is none here: beyond 64 bits, complex.
    Beyond,
    /// CPython has a value, and the server says that it has none.
    Refused(String),
    /// Another value, a value where CPython has an error, or another kind of error.
    Different(String),
}

/// The sums of many rows.
#[derive(Debug, Default)]
pub struct Count {
    pub rows: usize,
    pub values: usize,
    pub order: usize,
    pub beyond: usize,
    pub refused: Vec<String>,
    pub different: Vec<String>,
}

impl Count {
    pub fn add(&mut self, line: &str, verdict: Verdict) {
        self.rows += 1;
        self.values += usize::from(is_value(line));
        match verdict {
            Verdict::Same => {}
            Verdict::Order => self.order += 1,
            Verdict::Beyond => self.beyond += 1,
            Verdict::Refused(reply) => self.refused.push(format!("{line}\n    here {reply}")),
            Verdict::Different(reply) => self.different.push(format!("{line}\n    here {reply}")),
        }
    }

    pub fn join(&mut self, other: Count) {
        self.rows += other.rows;
        self.values += other.values;
        self.order += other.order;
        self.beyond += other.beyond;
        self.refused.extend(other.refused);
        self.different.extend(other.different);
    }
}

struct Ids(u32);

impl FreshIds for Ids {
    fn fresh(&mut self) -> ClientId {
        self.0 += 1;
        ClientId::parse(&format!("{:08}", self.0)).expect("eight digits")
    }
}

/// A language in a world of its own.
pub struct Judge {
    language: Language,
    world: WorldHandle,
}

impl Judge {
    pub fn new() -> Judge {
        // What is judged is meaning, on machines that are busy: the time of one expression is not.
        let limits = Limits { expression_ms_max: 10_000, state_ms_max: 10_000, ..Limits::default() };
        let clock = Clock::system();
        let state = State::new(limits.clone(), Duration::from_secs(600), Box::new(Ids(0)));
        let world = World {
            state: Arc::new(Mutex::new(state)),
            script_turn: Arc::default(),
            database: Database::open(None, false, &limits).expect("a database in memory"),
            started: clock.now(),
            clock,
            limits: limits.clone(),
            counters: Counters::default(),
            durability: "memory",
            random: Box::new(|| 4),
            hand_over: Box::new(|_| {}),
        };
        Judge { language: Language::new(&limits), world: Arc::new(Arc::new(world)) }
    }

    /// The reply, of a text whose changes are kept.
    #[allow(dead_code, reason = "each that judges uses its part")]
    pub fn tell(&self, text: &str) -> String {
        self.run(text, value::str, true)
    }

    /// The reply, of a text that leaves nothing behind.
    #[allow(dead_code, reason = "each that judges uses its part")]
    pub fn say(&self, text: &str) -> String {
        self.say_by(text, value::str)
    }

    fn say_by(&self, text: &str, shown: fn(&Value) -> String) -> String {
        self.run(text, shown, false)
    }

    fn run(&self, text: &str, shown: fn(&Value) -> String, keeps: bool) -> String {
        let result = self.language.prepare(text).and_then(|prepared| {
            let caller = Caller { address: IpAddr::V4(Ipv4Addr::LOCALHOST), session: None, objects: false };
            let context =
                Context::new(Arc::clone(&self.world), caller, prepared.lane() == Lane::Script, true);
            let (mut context, result) = self.language.run(&prepared, context);
            context.finish(keeps && result.is_ok());
            result
        });
        match result {
            Ok(Outcome::Value(value)) => shown(&value),
            Ok(Outcome::Wait(_)) => String::from("(waits)"),
            Err(error) => format!("Error: {}: {error}", error.kind()),
        }
    }

    /// Judges one line: an expression, a tab, and CPython's answer.
    pub fn line(&self, line: &str) -> Verdict {
        let (text, answer) = line.split_once('\t').expect("an expression, a tab and an answer");
        let text = text.replace('␤', "\n").replace('␉', "\t").replace('␍', "\r");
        let shown = if answer.starts_with('≈') { by_value } else { value::str };
        let said = self.say_by(&text, shown);
        let verdict = verdict(&said, answer);
        if !matches!(verdict, Verdict::Same | Verdict::Order) || answer == "!syntax" {
            return verdict;
        }
        let said = self.say_by(&format!("1 and 1\n{}", text.trim_start_matches([' ', '\t'])), shown);
        match self::verdict(&said, answer) {
            Verdict::Different(said) => Verdict::Different(format!("through Rhai: {said}")),
            Verdict::Refused(said) => Verdict::Refused(format!("through Rhai: {said}")),
            verdict => verdict,
        }
    }
}

fn verdict(said: &str, answer: &str) -> Verdict {
    let kind = said.strip_prefix("Error: ").and_then(|rest| rest.split_once(": ")).map(|(kind, _)| kind);
    let is_beyond = |said: &str| {
        said == "Error: limit: the result does not fit into 64 bits" || said.contains("complex number")
    };
    if let Some(value) = answer.strip_prefix(['=', '≈', '~']) {
        return match kind {
            _ if escaped(said) == value => Verdict::Same,
            Some(_) if is_beyond(said) => Verdict::Beyond,
            Some(_) => Verdict::Refused(said.to_owned()),
            None if answer.starts_with('~') && signs(&escaped(said)) == signs(value) => Verdict::Order,
            None => Verdict::Different(escaped(said)),
        };
    }
    let expected = answer.trim_start_matches('!');
    match kind {
        Some("value" | "limit") if expected == "overflow" => Verdict::Same,
        Some(kind) if kind == expected => Verdict::Same,
        // What is refused on the way to CPython's error is refused.
        Some(_) if is_beyond(said) => Verdict::Beyond,
        Some(kind) if kind == "limit" || REFUSALS.iter().any(|refusal| said.contains(refusal)) => {
            Verdict::Refused(said.to_owned())
        }
        _ => Verdict::Different(escaped(said)),
    }
}

/// Whether the line's answer is a value.
pub fn is_value(line: &str) -> bool {
    line.split_once('\t').is_some_and(|(_, answer)| answer.starts_with(['=', '≈', '~']))
}

fn signs(text: &str) -> Vec<char> {
    let mut signs: Vec<char> = text.chars().collect();
    signs.sort_unstable();
    signs
}

/// Python's text of the value, but for the members of sets, which stand in the order of their texts.
fn by_value(value: &Value) -> String {
    let joined = |items: &[Value]| items.iter().map(by_value).collect::<Vec<_>>().join(", ");
    let sorted = |members: &Set| {
        let mut members: Vec<String> = members.iter().map(|member| by_value(member.value())).collect();
        members.sort();
        members.join(", ")
    };
    match value {
        Value::List(items) => format!("[{}]", joined(items)),
        Value::Tuple(items) if items.len() == 1 => format!("({},)", joined(items)),
        Value::Tuple(items) => format!("({})", joined(items)),
        Value::Dict(entries) => {
            let pair =
                |(key, value): (&Key, &Value)| format!("{}: {}", by_value(key.value()), by_value(value));
            format!("{{{}}}", entries.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Value::Set(members) if !members.is_empty() => format!("{{{}}}", sorted(members)),
        Value::FrozenSet(members) if !members.is_empty() => format!("frozenset({{{}}})", sorted(members)),
        other => value::repr(other),
    }
}

fn escaped(reply: &str) -> String {
    let mut out = String::with_capacity(reply.len());
    for sign in reply.chars() {
        match sign {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            sign if sign.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(sign))),
            sign => out.push(sign),
        }
    }
    out
}

/// Judges the lines on so many threads, each with the stack that scripts run on.
pub fn judge(lines: &[&str], threads: usize) -> Count {
    let mut count = Count::default();
    std::thread::scope(|scope| {
        let mut workers = Vec::new();
        for chunk in lines.chunks(lines.len().div_ceil(threads.max(1)).max(1)) {
            let work = move || {
                let judge = Judge::new();
                let mut count = Count::default();
                chunk.iter().for_each(|line| count.add(line, judge.line(line)));
                count
            };
            let builder = std::thread::Builder::new().stack_size(8 * 1024 * 1024);
            workers.push(builder.spawn_scoped(scope, work).expect("a thread"));
        }
        for worker in workers {
            count.join(worker.join().expect("no row panics"));
        }
    });
    count
}

/// What is refused or different, a sentence for each reply that occurs and how often.
pub fn summary(rows: &[String]) -> String {
    let mut kinds: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for row in rows {
        let reply = row.rsplit("    here ").next().unwrap_or_default();
        let reply = reply.split(" (line ").next().unwrap_or_default();
        let plain: String = reply.split('\'').step_by(2).collect::<Vec<_>>().join("'…'");
        kinds.entry(plain).or_insert((0, row)).0 += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    kinds.iter().map(|(kind, (count, row))| format!("{count:6} {kind}\n         {row}\n")).collect()
}
