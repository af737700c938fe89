//! Queues: each item goes to exactly one getter.

use super::arguments::{optional, required};
use super::function::example;
use super::{Arguments, Context, Effect, Error, Function, Outcome, Pending, wait_max};
use crate::state::Wait;
use crate::value::Value;

const FAMILY: &str = "Queues";

/// The longest time that an item can be taken for, in seconds: an hour.
const TAKE_MAX: u32 = 3600;

macro_rules! row {
    ($name:literal, [$($parameter:expr),*], $run:ident, $summary:literal, $details:literal, [$($example:expr),+ $(,)?]) => {
        Function {
            name: $name,
            alias: None,
            form: None,
            family: FAMILY,
            parameters: &[$($parameter),*],
            caller_first: false,
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
        "put",
        [required("queue"), required("value")],
        put,
        "Appends a value to the queue, which appears where need be.",
        "A queue whose name begins `client.ID.` belongs to that client and goes with it.",
        [example("put('news', 'rain')", "OK"), example("size('news')", "1")]
    ),
    row!(
        "get",
        [required("queue"), optional("seconds")],
        get,
        "The queue's oldest item, removed; None where there is none.",
        "With seconds it waits that long for one: at most 15 in one-shot, 3600 in a session, and only as the whole \
         expression. Those who wait are served in the order in which they came.",
        [
            example("put('news', 'rain')", "OK"),
            example("get('news')", "rain"),
            example("get('news')", "None")
        ]
    ),
    row!(
        "take",
        [required("queue"), required("seconds")],
        take,
        "The queue's oldest item as `[n, value]`, which is handed out again unless done in time.",
        "None where there is none. `done(queue, n)` says that it is done. At most 3600 seconds.",
        [
            example("put('jobs', 'weed')", "OK"),
            example("take('jobs', 60)", "[…, 'weed']"),
            example("take('jobs', 60)", "None")
        ]
    ),
    row!(
        "done",
        [required("queue"), required("n")],
        done,
        "Says that a taken item is done: it is gone.",
        "A `state` error where no item of that number is taken, or its time is over.",
        [example("put('jobs', 'weed')", "OK"), example("done('jobs', take('jobs', 60)[0])", "OK")]
    ),
    row!(
        "size",
        [required("queue")],
        size,
        "How many items can be had now; taken ones are not counted.",
        "",
        [example("size('news')", "0")]
    ),
    row!(
        "queues",
        [optional("pattern")],
        queues,
        "The names of the queues, or of those that match, sorted.",
        "",
        [example("put('news', 1)", "OK"), example("queues('n*')", "['news']")]
    ),
    row!(
        "drop",
        [required("queue")],
        drop_queue,
        "Removes the queue with its items, and returns how many there were.",
        "Whoever waits on it gets a `state` error that says closed. A `state` error where there is no such queue.",
        [
            example("put('news', 1)", "OK"),
            example("drop('news')", "1"),
            example("drop('news')", "Error: state: …")
        ]
    ),
];

fn put(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (queue, value) = (arguments.text(0)?, arguments.value(1));
    context.state().put(&queue, value)?;
    Ok(Outcome::ok())
}

fn get(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let queue = arguments.text(0)?;
    let time = arguments.optional_seconds(1, wait_max(context.caller))?.unwrap_or_default();
    if time.is_zero() {
        return Ok(Outcome::Value(context.state().take_out(&queue)?.unwrap_or(Value::None)));
    }
    Ok(Outcome::Wait(Pending { wait: Wait::Item { queue }, time }))
}

fn take(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (queue, time) = (arguments.text(0)?, arguments.seconds(1, TAKE_MAX)?);
    let taken = context.state().take(&queue, time)?;
    Ok(Outcome::Value(
        taken.map_or(Value::None, |(number, value)| Value::list(vec![super::number(number), value])),
    ))
}

fn done(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let (queue, number) = (arguments.text(0)?, arguments.number(1)?);
    context.state().done(&queue, number)?;
    Ok(Outcome::ok())
}

fn size(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let queue = arguments.text(0)?;
    let size = context.state().size(&queue)?;
    Ok(Outcome::Value(super::count(size)))
}

fn queues(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let pattern = arguments.optional_text(0)?;
    let queues = context.state().queues(pattern.as_deref())?;
    Ok(Outcome::Value(Value::list(queues.into_iter().map(Value::Str).collect())))
}

fn drop_queue(context: &mut Context, mut arguments: Arguments) -> Result<Outcome, Error> {
    let queue = arguments.text(0)?;
    let items = context.state().drop_queue(&queue)?;
    Ok(Outcome::Value(super::count(items)))
}
