//! Clients: getClientID, exit, setName, who.

use super::arguments::{optional, required};
use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome};
use crate::state::ClientInfo;
use crate::value::Value;

const FAMILY: &str = "Clients";

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "getClientID",
        alias: Some("getUserID"),
        form: None,
        family: FAMILY,
        parameters: &[optional("name")],
        caller_first: false,
        effect: Effect::State,
        summary: "Makes a client with an inbox, a member of ALL, and returns its ID.",
        details: "The ID is 8 letters and digits from a cryptographic generator. With a name: the live client of \
            that name if there is one, so that a board which restarts finds its inbox again, else a new one with \
            that name. A client without a request of its own for 10 minutes (`client_expiry_s`), and without a \
            session, is forgotten.",
        examples: &[
            example("len(getClientID())", "8"),
            example("getClientID('alice') == getClientID('alice')", "True"),
        ],
        run: get_client_id,
    },
    Function {
        name: "exit",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[required("id")],
        caller_first: true,
        effect: Effect::State,
        summary: "Frees the client: its inbox, memberships, name and everything under `client.ID.`.",
        details: "",
        examples: &[
            example("getClientID('alice')", "…"),
            example("exit('alice')", "OK"),
            example("exit('alice')", "Error: state: …"),
        ],
        run: exit,
    },
    Function {
        name: "setName",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[required("id"), required("name")],
        caller_first: true,
        effect: Effect::State,
        summary: "Gives the client a display name, usable wherever an ID or a destination is; `''` takes it away.",
        details: "1 to 60 characters, spaces allowed, no È and no control character. Unique among live clients, else a \
            `state` error.",
        examples: &[
            example("getClientID('alice')", "…"),
            example("setName('alice', 'Alice in the garden')", "OK"),
            example("pending('Alice in the garden')", "0"),
        ],
        run: set_name,
    },
    Function {
        name: "who",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[optional("pattern")],
        caller_first: false,
        effect: Effect::State,
        summary: "Lists the live clients.",
        details: "A list of dicts with `id`, `name`, `groups`, `address`, `connected` (has a session), `idle` \
            (seconds) and `pending` (messages). The pattern matches an ID, a name or a group.",
        examples: &[
            example("getClientID('alice')", "…"),
            example("[c['name'] for c in who('al*')]", "['alice']"),
            example("who('nobody')", "[]"),
        ],
        run: who,
    },
];

fn get_client_id(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let name = arguments.optional_text(0)?;
    let address = context.caller.address;
    let id = context.state().client(name.as_deref(), address)?;
    Ok(Outcome::from(id.as_str()))
}

fn exit(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let client = context.client(&arguments.text(0)?)?;
    context.state().exit(client)?;
    Ok(Outcome::ok())
}

fn set_name(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let client = context.client(&arguments.text(0)?)?;
    let name = arguments.text(1)?;
    context.state().set_name(client, &name)?;
    Ok(Outcome::ok())
}

fn who(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let pattern = arguments.optional_text(0)?;
    let clients = context.state().who(pattern.as_deref())?;
    Ok(Outcome::Value(Value::list(clients.into_iter().map(client_value).collect())))
}

fn client_value(client: ClientInfo) -> Value {
    Value::dict([
        ("id", Value::from(client.id.as_str())),
        ("name", client.name.map_or(Value::None, Value::Str)),
        ("groups", Value::list(client.groups.into_iter().map(Value::Str).collect())),
        ("address", client.address.map_or(Value::None, |address| Value::from(address.to_string()))),
        ("connected", Value::Bool(client.connected)),
        ("idle", Value::Float(client.idle.as_secs_f64())),
        ("pending", super::count(client.pending)),
    ])
}
