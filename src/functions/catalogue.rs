//! The catalogue: every function that a client can call, with its help and its examples.

use super::{Arguments, Context, Error, Outcome};

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

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name, which a keyword argument may use.
    pub name: &'static str,
    /// Whether it may be left out.
    pub optional: bool,
}

/// One line of an example: what is sent and what comes back, in order, on a fresh daemon. In the reply `…` stands
/// for any text.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The expression.
    pub send: &'static str,
    /// The one-shot reply.
    pub reply: &'static str,
}

/// A row of the catalogue.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name, such as `setReg`, or `MyData.get` for what is reached through MyData.
    pub name: &'static str,
    /// Another name for the same.
    pub alias: Option<&'static str>,
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

/// Every function, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [].iter()
}

/// The function of this name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name || function.alias == Some(name))
}
