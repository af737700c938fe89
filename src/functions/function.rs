//! What a function is: its signature, what it touches, its help, its examples, and what does it.

use std::fmt;

use super::{Arguments, Context, Error, Outcome, Parameter};

/// What calling a function does to the world, so that a caller knows where it may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Touches nothing shared.
    None,
    /// Reads or changes the state.
    State,
    /// May run SQL, so it may block.
    Sql,
}

/// One line of an example: what is sent and what comes back, in order, on a fresh daemon. In the reply `…` stands
/// for any text.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The expression.
    pub send: &'static str,
    /// The one-shot reply.
    pub reply: &'static str,
    /// It is a line of a session, in JSON form, and not a request of its own.
    pub session: bool,
}

/// An example.
pub(super) const fn example(send: &'static str, reply: &'static str) -> Example {
    Example { send, reply, session: false }
}

/// An example that is a line of a session; the first of them opens it.
pub(super) const fn session_example(send: &'static str, reply: &'static str) -> Example {
    Example { send, reply, session: true }
}

/// A row of the catalogue.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name, such as `setReg`, or `MyData.get` for what is reached through MyData.
    pub name: &'static str,
    /// Another name for the same.
    pub alias: Option<&'static str>,
    /// How it is written, where that is not `name(parameters)`.
    pub form: Option<&'static str>,
    /// The family, a heading in the docs.
    pub family: &'static str,
    /// Its parameters in order.
    pub parameters: &'static [Parameter],
    /// Whether the first parameter is the caller's own ID, which a session may leave out.
    pub caller_first: bool,
    /// What it touches.
    pub effect: Effect,
    /// One sentence.
    pub summary: &'static str,
    /// More, in Markdown: units, errors, rules. May be empty.
    pub details: &'static str,
    /// Examples, each of which a test runs. At least one.
    pub examples: &'static [Example],
    /// Does it.
    pub run: fn(&mut Context, Arguments) -> Result<Outcome, Error>,
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Function {
    /// How it is written, such as `getReg(key[, default])`.
    #[must_use]
    pub fn signature(&self) -> String {
        if let Some(form) = self.form {
            return form.to_owned();
        }
        let mut signature = format!("{}(", self.name);
        for (index, parameter) in self.parameters.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let name = parameter.name;
            signature +=
                &if parameter.optional { format!("[{comma}{name}]") } else { format!("{comma}{name}") };
        }
        signature + ")"
    }
}
