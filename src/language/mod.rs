//! The client's text -> Value: the dialect's parser, the engine, its limits, Python's operations and builtins.
//!
//! Knows no socket, no SQL and no state: the functions that reach those come from `functions`, as a catalogue.

mod budget;
mod error;
mod modules;
mod operations;
mod scan;

pub use budget::Budget;
pub use error::Error;
pub use scan::Scanner;

use crate::functions::{Context, Outcome};

/// Where a prepared expression may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Straight-line: where the request is.
    Here,
    /// With a loop or a function of the user's: on a script thread.
    Script,
}

/// The language, with the users' own functions: shared by all threads.
pub struct Language {}

/// An expression that was parsed.
pub struct Prepared {}

impl Prepared {
    /// Where it may run.
    #[must_use]
    pub fn lane(&self) -> Lane {
        Lane::Here
    }
}

#[expect(clippy::todo, unused_variables, reason = "skeleton")]
#[allow(missing_docs, clippy::missing_errors_doc, clippy::unused_self, clippy::new_without_default)]
impl Language {
    pub fn new(limits: &crate::config::Limits) -> Language {
        todo!()
    }
    /// Parses the client's text, or finds it in the cache.
    pub fn prepare(&self, text: &str) -> Result<std::sync::Arc<Prepared>, Error> {
        todo!()
    }
    /// Runs it in the context; never panics, keeps every limit. The context comes back, its transaction open.
    pub fn run(&self, prepared: &Prepared, context: Context) -> (Context, Result<Outcome, Error>) {
        todo!()
    }
    /// Reads the functions folder again where a file changed; what was wrong with which file (name, line, why).
    pub fn reload(&self, folder: &std::path::Path) -> Vec<String> {
        todo!()
    }
}
