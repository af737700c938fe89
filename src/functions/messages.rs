//! Messages: groups, sending and receiving.

use super::arguments::{optional, required};
use super::function::example;
use super::{
    Arguments, Context, Effect, Error, Function, Outcome, Pending, received, registry, server, sql, wait_max,
};
use crate::state::{Received, Wait};
use crate::value::Value;

const FAMILY: &str = "Messages";

/// The longest lease, in seconds: an hour.
const LEASE_MAX: u32 = 3600;

macro_rules! row {
    ($name:literal, [$($parameter:expr),*], $own:literal, $run:ident, $summary:literal, $details:literal, [$($example:expr),+ $(,)?]) => {
        Function {
            name: $name,
            alias: None,
            form: None,
            family: FAMILY,
            parameters: &[$($parameter),*],
            caller_first: $own,
            effect: Effect::State,
            summary: $summary,
            details: $details,
            examples: &[$($example),+],
            run: $run,
        }
    };
}

pub(super) static FUNCTIONS: &[Function] = &[
    row!(
        "join",
        [required("id"), required("group")],
        true,
        join,
        "Puts the client into a group, which appears where need be.",
        "A group's name has 1 to 60 characters, spaces allowed, no È and no control character. `CONSOLE`, \
         `SYSADMIN` and `EVENTS` can be joined; what else the server owns cannot (`denied`). Joining ALL, or a group \
         one is in, is OK and changes nothing.",
        [
            example("getClientID('alice')", "…"),
            example("join('alice', 'garden')", "OK"),
            example("join('alice', 'SYSTEM')", "Error: denied: …")
        ]
    ),
    row!(
        "leave",
        [required("id"), required("group")],
        true,
        leave,
        "Takes the client out of a group.",
        "ALL cannot be left (`denied`); leaving a group one is not in is a `state` error.",
        [
            example("getClientID('alice')", "…"),
            example("join('alice', 'garden')", "OK"),
            example("leave('alice', 'garden')", "OK"),
            example("groups('alice')", "['ALL']")
        ]
    ),
    row!(
        "groups",
        [optional("id")],
        false,
        groups,
        "Lists the groups that have members, or those of one client.",
        "",
        [
            example("getClientID('alice')", "…"),
            example("join('alice', 'garden')", "OK"),
            example("groups()", "['ALL', 'garden']"),
            example("groups('alice')", "['ALL', 'garden']")
        ]
    ),
    row!(
        "members",
        [required("group")],
        false,
        members,
        "Lists the IDs of a group's members, in order of joining.",
        "",
        [
            example("getClientID('alice')", "…"),
            example("join('alice', 'garden')", "OK"),
            example("len(members('garden'))", "1"),
            example("members('nobody here')", "[]")
        ]
    ),
    Function {
        name: "send",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[required("from"), required("to"), required("body")],
        caller_first: true,
        effect: Effect::Sql,
        summary: "Puts a copy of the body into the inbox of every member of `to`: a group, an ID or a name.",
        details: "The sender gets one too if it is a member. A group nobody is in takes it silently. The body keeps its \
            type. To `SYSTEM` it is a command (`send(id, 'SYSTEM', 'help')` lists them), to `SQLite` a statement as \
            for `dbExec`, to `REGISTRY` a pattern as for `fetch`; to `NOPLY` it is `denied`. From `NOPLY` it is \
            anonymous. A body that starts with `++ping`, sent to a group, is also answered by each member with \
            `++pong, NAME-OR-ID, ADDRESS`.",
        examples: &[
            example("getClientID('alice')", "…"),
            example("send('alice', 'ALL', 'This is a test.')", "OK"),
            example("recv('alice')", "…ÈALLÈThis is a test."),
        ],
        run: send,
    },
    row!(
        "emit",
        [required("from"), required("to"), required("event"), required("body")],
        true,
        emit,
        "The same as send, with the name of an event.",
        "An event's name follows the rules of a group's. The text of an emitted message is `event:body`.",
        [
            example("getClientID('alice')", "…"),
            example("emit('alice', 'alice', 'temperature', 21.5)", "OK"),
            example("recv('alice')", "…È…Ètemperature:21.5")
        ]
    ),
    row!(
        "recv",
        [required("id"), optional("seconds"), optional("event")],
        true,
        recv,
        "The client's oldest message, removed from its inbox.",
        "In one-shot the text `fromÈtoÈtext` (È is U+00C8), `NoneÈNoneÈNone` where there is none; in a JSON session \
         an object, or null. With seconds it waits that long for one: at most 15 in one-shot, 3600 in a session, and \
         only as the whole expression. With an event, a pattern, it takes the oldest message whose event matches \
         (`'*'`: any event) and leaves the others in place.",
        [
            example("getClientID('alice')", "…"),
            example("recv('alice')", "NoneÈNoneÈNone"),
            example("emit('alice', 'alice', 'door', 'open')", "OK"),
            example("recv('alice', 5, 'do*')", "…È…Èdoor:open"),
        ]
    ),
    row!(
        "pending",
        [required("id")],
        true,
        pending,
        "How many messages wait in the client's inbox.",
        "",
        [
            example("getClientID('alice')", "…"),
            example("send('alice', 'ALL', 1)", "OK"),
            example("pending('alice')", "1")
        ]
    ),
    row!(
        "lease",
        [required("id"), required("seconds")],
        true,
        lease,
        "The client's oldest message, which stays in the inbox, hidden, and comes back unless acknowledged in time.",
        "A list `[n, from, to, event, body]`, or None where there is none. `ack(id, n)` acknowledges. At most 3600 \
         seconds.",
        [
            example("getClientID('alice')", "…"),
            example("send('alice', 'ALL', 'water the plants')", "OK"),
            example("lease('alice', 60)", "[…, '…', 'ALL', None, 'water the plants']"),
            example("lease('alice', 60)", "None"),
        ]
    ),
    row!(
        "ack",
        [required("id"), required("n")],
        true,
        ack,
        "Acknowledges a leased message: it is gone.",
        "A `state` error where no message of that number is leased, or its time is over.",
        [
            example("getClientID('alice')", "…"),
            example("send('alice', 'ALL', 'water the plants')", "OK"),
            example("ack('alice', lease('alice', 60)[0])", "OK"),
            example("pending('alice')", "0"),
        ]
    ),
];

fn join(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let client = context.client(&arguments.text(0)?)?;
    let group = arguments.text(1)?;
    context.state().join(client, &group)?;
    Ok(Outcome::ok())
}

fn leave(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let client = context.client(&arguments.text(0)?)?;
    let group = arguments.text(1)?;
    context.state().leave(client, &group)?;
    Ok(Outcome::ok())
}

fn groups(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let client = match arguments.optional_text(0)? {
        Some(id) => Some(context.client(&id)?),
        None => None,
    };
    let groups = context.state().groups(client)?;
    Ok(Outcome::Value(Value::list(groups.into_iter().map(Value::Str).collect())))
}

fn members(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let group = arguments.text(0)?;
    let members = context.state().members(&group)?;
    Ok(Outcome::Value(Value::list(members.iter().map(|id| Value::from(id.as_str())).collect())))
}

fn send(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (from, to, body) = (arguments.text(0)?, arguments.text(1)?, arguments.value(2));
    check_sender(&from)?;
    match (to.as_ref(), &body) {
        ("SQLite", Value::Str(statement)) => return sql::execute(context, &from, statement),
        ("SYSTEM", Value::Str(command)) => return server::command(context, &from, command),
        ("REGISTRY", Value::Str(pattern)) => {
            let client = context.client(&from)?;
            registry::fetch_to(context, client, pattern)?;
            return Ok(Outcome::ok());
        }
        ("SQLite" | "SYSTEM" | "REGISTRY", _) => {
            return Err(Error::Type(format!("'{to}' takes a text, not {}", body.type_name())));
        }
        _ => {}
    }
    deliver(context, &from, &to, None, body)
}

fn emit(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (from, to, event, body) =
        (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?, arguments.value(3));
    check_sender(&from)?;
    if matches!(to.as_ref(), "SQLite" | "SYSTEM" | "REGISTRY") {
        return Err(Error::Denied(format!("'{to}' takes messages from send(), not events")));
    }
    deliver(context, &from, &to, Some(&event), body)
}

fn check_sender(from: &str) -> Result<(), Error> {
    if matches!(from, "SYSTEM" | "SQLite" | "REGISTRY" | "EVENTS") {
        return Err(Error::Denied(format!("nobody can send as '{from}'; that name belongs to the server")));
    }
    Ok(())
}

fn deliver(
    context: &mut Context,
    from: &str,
    to: &str,
    event: Option<&str>,
    body: Value,
) -> Result<Outcome, Error> {
    if from == "NOPLY" {
        context.state().send_anonymously(to, event, body)?;
    } else {
        let client = context.client(from)?;
        context.state().send(client, to, event, body)?;
    }
    Ok(Outcome::ok())
}

fn recv(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let id = arguments.text(0)?;
    let time = arguments.optional_seconds(1, wait_max(context.caller))?.unwrap_or_default();
    let event = arguments.optional_text(2)?;
    let client = context.client(&id)?;
    if time.is_zero() {
        let found = context.state().recv(client, event.as_deref())?;
        return Ok(Outcome::Value(received::received(found.as_ref(), context.caller)));
    }
    Ok(Outcome::Wait(Pending { wait: Wait::Message { client, event }, time }))
}

fn pending(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let client = context.client(&arguments.text(0)?)?;
    let count = context.state().pending(client)?;
    Ok(Outcome::Value(super::count(count)))
}

fn lease(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let id = arguments.text(0)?;
    let time = arguments.seconds(1, LEASE_MAX)?;
    let client = context.client(&id)?;
    let leased = context.state().lease(client, time)?;
    Ok(Outcome::Value(leased.map_or(Value::None, |leased| leased_list(&leased))))
}

fn leased_list(leased: &Received) -> Value {
    let message = &leased.message;
    Value::list(vec![
        super::number(leased.number),
        Value::Str(message.from.clone()),
        Value::Str(message.to.clone()),
        message.event.clone().map_or(Value::None, Value::Str),
        message.body.clone(),
    ])
}

fn ack(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (id, number) = (arguments.text(0)?, arguments.number(1)?);
    let client = context.client(&id)?;
    context.state().ack(client, number)?;
    Ok(Outcome::ok())
}
