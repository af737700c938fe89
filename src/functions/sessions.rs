//! Sessions: session, listen, unlisten.

use super::arguments::optional;
use super::function::{example, session_example};
use super::{Arguments, Context, Effect, Error, Function, Outcome, Parameter};
use crate::state::ClientId;
use crate::value::Value;

const FAMILY: &str = "Sessions";

/// The function whose call is a session's first line.
pub const SESSION: &str = "session";

/// What it takes.
pub const SESSION_PARAMETERS: &[Parameter] = &[optional("id"), optional("form")];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: SESSION,
        alias: None,
        form: None,
        family: FAMILY,
        parameters: SESSION_PARAMETERS,
        caller_first: false,
        effect: Effect::None,
        summary: "As the first line of a connection, with a newline behind it: opens a session.",
        details: "From then on each line is one expression and has one reply line, in order; lines may be sent \
            ahead. Without an ID it makes a client, with one it carries that client on, whose older session, if \
            there is one, is told so and ends. The form is `'json'` (the default) or `'text'`, for boards: `+` \
            and the value, `-` and the error, `>` and a pushed message, with line breaks escaped. Anywhere else \
            it is a `state` error. See protocol.md.",
        examples: &[
            session_example("session()", "{\"ok\":{\"id\":\"…\",\"server\":\"sharesrv\",\"version\":\"…\"}}"),
            session_example("1 + 1", "{\"ok\":2}"),
        ],
        run: session,
    },
    Function {
        name: "listen",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[],
        caller_first: false,
        effect: Effect::State,
        summary: "In a session: messages are pushed as they come, those that wait already first.",
        details: "A pushed message has left the inbox. What its receiver does not read in time stays in the inbox: \
            no more than 256 KiB is on its way to a session. Who must not miss one even if the link breaks uses \
            `lease` and `ack` instead.",
        examples: &[
            session_example("session()", "{\"ok\":{…}}"),
            session_example("listen()", "{\"ok\":\"OK\"}"),
            example("listen()", "Error: state: …"),
        ],
        run: listen,
    },
    Function {
        name: "unlisten",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[],
        caller_first: false,
        effect: Effect::State,
        summary: "In a session: messages stay in the inbox again.",
        details: "What is on its way already still comes.",
        examples: &[
            session_example("session()", "{\"ok\":{…}}"),
            session_example("unlisten()", "{\"ok\":\"OK\"}"),
        ],
        run: unlisten,
    },
];

/// What a session is told when it opens.
#[must_use]
pub fn welcome(client: ClientId) -> Value {
    Value::dict([
        ("id", Value::from(client.as_str())),
        ("server", Value::from("sharesrv")),
        ("version", Value::from(env!("CARGO_PKG_VERSION"))),
    ])
}

fn session(_: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    let message = "session() opens a session as the first line of a connection, with a newline behind it";
    Err(Error::state(message))
}

fn listen(context: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    set_listening(context, true)
}

fn unlisten(context: &mut Context, _: Arguments) -> Result<Outcome, Error> {
    set_listening(context, false)
}

fn set_listening(context: &mut Context, listening: bool) -> Result<Outcome, Error> {
    let Some(client) = context.caller.session else {
        return Err(Error::state("messages are pushed in a session only; this is none"));
    };
    context.state().listen(client, listening)?;
    Ok(Outcome::ok())
}
