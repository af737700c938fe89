//! SQL on the users' own database: dbExec and sql.

use std::time::Duration;

use super::arguments::{optional, required};
use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome};
use crate::database::Parameters;
use crate::value::{Value, str};

const FAMILY: &str = "SQL";

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "dbExec",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[required("id"), required("sql")],
        caller_first: true,
        effect: Effect::Sql,
        summary: "Runs one SQL statement; each row that it yields comes as a message from `SQLite`.",
        details: "The text of such a message is the row as a Python tuple. `send(id, 'SQLite', sql)` is the same. A \
            statement may run for `statement_ms_max` and yield `rows_max` rows; it is a transaction of its own and \
            stays done even where the expression ends in an error.",
        examples: &[
            example("getClientID('alice')", "…"),
            example("dbExec('alice', 'CREATE TABLE plants (id integer PRIMARY KEY, name TEXT)')", "OK"),
            example("dbExec('alice', \"INSERT INTO plants (name) VALUES ('basil')\")", "OK"),
            example("dbExec('alice', 'SELECT * FROM plants')", "OK"),
            example("recv('alice')", "SQLiteÈ…È(1, 'basil')"),
        ],
        run: db_exec,
    },
    Function {
        name: "sql",
        alias: None,
        form: None,
        family: FAMILY,
        parameters: &[required("query"), optional("params")],
        caller_first: false,
        effect: Effect::Sql,
        summary: "Runs one SQL statement and returns its rows at once, as a list of tuples.",
        details: "`params` is a list for `?`, or a dict for `:name`; they are bound, never pasted into the text.",
        examples: &[
            example("sql('SELECT 1 + 1, ?', ['two'])", "[(2, 'two')]"),
            example("sql('SELECT :a', {'a': None})", "[(None,)]"),
            example("sql('SELEC 1')", "Error: sql: …"),
        ],
        run: sql,
    },
];

fn db_exec(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (id, statement) = (arguments.text(0)?, arguments.text(1)?);
    execute(context, &id, &statement)
}

/// Runs a statement for the client; the rows become messages to it.
pub(super) fn execute(context: &mut Context, id: &str, statement: &str) -> Result<Outcome, Error> {
    if !context.may_block {
        return Err(Error::MayBlock);
    }
    let client = context.client_in_passing(id)?;
    for row in rows(context, statement, Parameters::None)? {
        context.state().notify("SQLite", client, None, row)?;
    }
    Ok(Outcome::ok())
}

fn sql(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let statement = arguments.text(0)?;
    let parameters = match arguments.value(1) {
        Value::None => Parameters::None,
        Value::List(values) | Value::Tuple(values) => Parameters::Positional(values.as_ref().clone()),
        Value::Dict(entries) => Parameters::Named(
            entries.iter().map(|(name, value)| (str(name.value()), value.clone())).collect(),
        ),
        other => {
            return Err(Error::Type(format!(
                "sql() needs a list or a dict as params, not {}",
                other.type_name()
            )));
        }
    };
    if !context.may_block {
        return Err(Error::MayBlock);
    }
    Ok(Outcome::Value(Value::list(rows(context, &statement, parameters)?)))
}

/// Whoever holds the shared state while a statement runs holds everybody up: then only what is left of
/// `state_ms_max` is given to it.
fn rows(context: &mut Context, statement: &str, parameters: Parameters) -> Result<Vec<Value>, Error> {
    let limits = &context.world.limits;
    let (time, limit) = match context.held_since() {
        None => (Duration::from_millis(limits.statement_ms_max), "statement_ms_max"),
        Some(since) => {
            let held = context.world.clock.now().monotonic.saturating_sub(since);
            (Duration::from_millis(limits.state_ms_max).saturating_sub(held), "state_ms_max")
        }
    };
    Ok(context.world.database.run(statement, parameters, time, limit)?)
}
