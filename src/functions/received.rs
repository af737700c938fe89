//! How messages look to whoever receives them, and what a wait ends with.

use std::sync::Arc;

use super::{Caller, Context, Error, Pending};
use crate::state::{Fulfilment, Message, Received, Space, Wait};
use crate::value::{Dict, Key, Value, str};

thread_local! {
    /// The keys of a message as a dict, in order: made once for each thread, since to count references to what all
    /// threads share is what threads wait for.
    static KEYS: [Key; 6] = ["n", "at", "from", "to", "event", "body"].map(Key::from);
}

/// A message as `recv` gives it: `fromÈtoÈtext`, or a dict in a JSON session. Nothing received is
/// `NoneÈNoneÈNone`, or None.
#[must_use]
pub fn received(received: Option<&Received>, caller: Caller) -> Value {
    match (received, caller.objects) {
        (Some(received), false) => Value::from(message_text(&received.message)),
        (None, false) => Value::from("NoneÈNoneÈNone"),
        (Some(received), true) => message_dict(received),
        (None, true) => Value::None,
    }
}

/// A message as text: `fromÈtoÈtext`.
#[must_use]
pub fn message_text(message: &Message) -> String {
    format!("{}È{}È{}", message.from, message.to, text(message))
}

/// The text of a message: an emitted one's is `event:body`.
fn text(message: &Message) -> String {
    match &message.event {
        Some(event) => format!("{event}:{}", str(&message.body)),
        None => str(&message.body),
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 stay exact for two centuries")]
fn message_dict(received: &Received) -> Value {
    let message = &received.message;
    let values = [
        super::number(received.number),
        Value::Float(message.at as f64 / 1e6),
        Value::Str(Arc::clone(&message.from)),
        Value::Str(Arc::clone(&message.to)),
        message.event.clone().map_or(Value::None, Value::Str),
        message.body.clone(),
    ];
    Value::Dict(Arc::new(KEYS.with(|keys| keys.iter().cloned().zip(values).collect::<Dict>())))
}

/// The value of an expression whose wait was fulfilled.
///
/// # Errors
/// Where what was waited on is gone.
pub fn fulfilled(fulfilment: Fulfilment, caller: Caller) -> Result<Value, Error> {
    match fulfilment {
        Fulfilment::Message(message) => Ok(received(Some(&message), caller)),
        Fulfilment::Item { value, .. } | Fulfilment::Changed(value) => Ok(value),
        Fulfilment::Closed(error) => Err(error.into()),
    }
}

/// The value of an expression that waited in vain.
#[must_use]
pub fn timed_out(pending: &Pending, context: &mut Context) -> Value {
    match &pending.wait {
        Wait::Message { .. } => received(None, context.caller),
        Wait::Item { .. } => Value::None,
        Wait::Changed { key, .. } => context.state().get(Space::Registry, key).unwrap_or(Value::None),
    }
}
