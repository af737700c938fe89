//! The catalogue: every function that a client can call, found by its name, called and listed.

use std::sync::LazyLock;

use ahash::AHashMap;

use super::arguments::{Slots, optional};
use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome};
use super::{clients, messages, mydata, queues, registry, server, sessions, sql};
use crate::value::Value;

/// Every function, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        clients::FUNCTIONS,
        sessions::FUNCTIONS,
        messages::FUNCTIONS,
        registry::FUNCTIONS,
        mydata::FUNCTIONS,
        queues::FUNCTIONS,
        sql::FUNCTIONS,
        server::FUNCTIONS,
        std::slice::from_ref(&HELP),
    ]
    .into_iter()
    .flatten()
}

/// The function of this name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    static BY_NAME: LazyLock<AHashMap<&'static str, &'static Function>> = LazyLock::new(|| {
        all()
            .flat_map(|function| {
                function.alias.into_iter().chain([function.name]).map(move |name| (name, function))
            })
            .collect()
    });
    BY_NAME.get(name).copied()
}

/// Calls a function with what stands between the brackets. In a session the caller's own ID may be left out: it is
/// put before the others where there are fewer arguments than the function requires, or where the first is no text,
/// and so can be neither an ID nor a name.
///
/// # Errors
/// `type` where an argument is missing, given twice, unknown, too many or of the wrong type; what the function says.
pub fn call(
    function: &'static Function,
    context: &mut Context,
    positional: impl IntoIterator<Item = Value>,
    keyword: Vec<(String, Value)>,
) -> Result<Outcome, Error> {
    let mut slots: Slots = positional.into_iter().map(Some).collect();
    if function.caller_first
        && let Some(caller) = context.caller.session
    {
        let required = function.parameters.iter().filter(|parameter| !parameter.optional).count();
        let given = slots.len() + keyword.len();
        let no_id = slots.first().is_some_and(|first| !matches!(first, Some(Value::Str(_))));
        if given < required || (no_id && given < function.parameters.len()) {
            slots.insert(0, Some(Value::from(caller.as_str())));
        }
    }
    let arguments = Arguments::bind(function.name, function.parameters, slots, keyword)?;
    context.begin_call();
    (function.run)(context, arguments)
}

/// It lists the catalogue, so it stands here and not with its family.
static HELP: Function = Function {
    name: "help",
    alias: None,
    form: None,
    family: server::FAMILY,
    parameters: &[optional("function")],
    caller_first: false,
    effect: Effect::None,
    summary: "Lists the functions, or shows one with an example.",
    details: "The server's own keys answer `getReg`, `fetch` and `keys` and are read-only: `server.name`, \
        `.version`, `.time` (a datetime, local), `.uptime` (seconds), `.clients`, `.connections`, `.groups`, \
        `.keys`, `.queues`, `.messages` (waiting in all inboxes), `.requests`, `.errors`, `.dropped` (messages \
        that full inboxes dropped; these three since the start), `.durability`, `.memory` (bytes resident, None \
        where the system does not tell).",
    examples: &[example("help('ping')", "ping()…"), example("getReg('server.name')", "sharesrv")],
    run: help,
};

fn help(_: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    match arguments.optional_text(0)? {
        Some(name) => match find(&name) {
            Some(function) => Ok(Outcome::from(one(function))),
            None => Err(Error::Name(format!("there is no function '{name}'; help() lists them"))),
        },
        None => Ok(Outcome::from(list())),
    }
}

fn list() -> String {
    let mut lines = Vec::new();
    let mut family = "";
    for function in all() {
        if function.family != family {
            family = function.family;
            lines.push(format!("{family}:"));
        }
        lines.push(format!("  {} - {}", function.signature(), function.summary));
    }
    lines.push("help('send') shows one of them with an example.".to_owned());
    lines.join("\n")
}

fn one(function: &Function) -> String {
    let mut lines = vec![function.signature(), function.summary.to_owned()];
    if !function.details.is_empty() {
        lines.push(function.details.to_owned());
    }
    lines.push("Example:".to_owned());
    for example in function.examples {
        lines.push(format!("  {} -> {}", example.send, example.reply));
    }
    lines.join("\n")
}
