//! The client's text -> Value: the dialect's parser, the engine, its limits, Python's operations and builtins.
//!
//! Knows no socket, no SQL and no state but the shared names: the functions that reach those come from `functions`,
//! as a catalogue. A text is parsed to a tree; the tree runs as it stands where it has no branch, else it is lowered
//! to calls of our own functions, which Rhai evaluates under its limits.

mod analysis;
mod budget;
mod cache;
mod convert;
mod current;
mod dialect;
mod direct;
mod engine;
mod error;
mod literal_call;
mod lower;
mod modules;
mod names;
mod objects;
mod operations;
mod places;
mod prepare;
mod recent;
mod rhai_script;
mod run;
mod scan;
mod user_functions;

pub use budget::Budget;
pub use error::Error;
pub use literal_call::{LiteralCall, literal_call};
pub use prepare::{Lane, Prepared};
pub use scan::Scanner;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::config::Limits;
use crate::functions::{Context, Outcome};
use cache::Cache;
use engine::Purpose;
use prepare::{Parsed, Program, Speech};
use user_functions::Stamps;

/// The language, with the users' own functions: shared by all threads.
pub struct Language {
    speech: RwLock<Arc<Speech>>,
    /// The speech's number, for what threads keep for themselves.
    version: AtomicU64,
    cache: Cache,
    /// The files of the functions folder as they were read, and what was wrong with them.
    folder: Mutex<(Stamps, Vec<String>)>,
    request_bytes_max: usize,
}

impl Language {
    /// The language without functions of the users' own.
    #[must_use]
    pub fn new(limits: &Limits) -> Language {
        Language {
            speech: RwLock::new(Arc::new(Speech::new(&user_functions::Library::default()))),
            version: AtomicU64::new(recent::next_version()),
            cache: Cache::default(),
            folder: Mutex::default(),
            request_bytes_max: limits.request_bytes_max,
        }
    }

    /// Parses the client's text; what needs Rhai is compiled once and found in the cache.
    ///
    /// # Errors
    /// `syntax` and the other kinds that need no values: the text is no expression, or it is refused.
    pub fn prepare(&self, text: &str) -> Result<Prepared, Error> {
        if text.len() > self.request_bytes_max {
            return Err(Error::Limit(format!("request_bytes_max is {}", self.request_bytes_max)));
        }
        if let Some(call) = Prepared::call(text) {
            return Ok(call);
        }
        let program = recent::prepared(
            text,
            self.version.load(Ordering::Acquire),
            || Arc::clone(&self.speech.read()),
            |speech| self.prepare_anew(text, speech),
        );
        program.map(Prepared::Program)
    }

    fn prepare_anew(&self, text: &str, speech: Arc<Speech>) -> Result<Arc<Program>, Error> {
        // Parsed before the cache is asked: most texts end here, and need not touch what all threads share.
        let parsed = Parsed::new(text, &speech);
        if parsed.is_direct() {
            return Ok(Arc::new(Program::new(text, parsed, speech).map_err(Error::told)?));
        }
        if let Some(prepared) = self.cache.get(text)
            && prepared.is_of(&speech)
        {
            return Ok(prepared);
        }
        let prepared = Arc::new(Program::new(text, parsed, speech).map_err(Error::told)?);
        self.cache.keep(text, &prepared);
        Ok(prepared)
    }

    /// Runs it in the context; never panics, keeps every limit. The context comes back, its transaction open.
    pub fn run(&self, prepared: &Prepared, context: Context) -> (Context, Result<Outcome, Error>) {
        let (context, result) = prepared.run(context);
        (context, result.map_err(Error::told))
    }

    /// Reads the functions folder again where a file changed; what is wrong with which file (name, line, why).
    #[must_use]
    pub fn reload(&self, folder: &Path) -> Vec<String> {
        let mut known = self.folder.lock();
        let stamps = match user_functions::stamps(folder) {
            Ok(stamps) => stamps,
            Err(complaint) => return vec![complaint],
        };
        if stamps == known.0 {
            return known.1.clone();
        }
        let compiler = engine::build(Purpose::Script, &[]);
        let library = user_functions::load(folder, &stamps, &compiler);
        *self.speech.write() = Arc::new(Speech::new(&library));
        self.version.store(recent::next_version(), Ordering::Release);
        self.cache.clear();
        *known = (stamps, library.complaints.clone());
        library.complaints
    }
}

#[cfg(test)]
mod tests;
