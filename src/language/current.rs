//! The run of this thread: where the natives that Rhai calls find their context.
//!
//! A run is put here before Rhai starts and taken out when it ends, in an error and in a panic too. No native calls
//! Rhai, so that nothing is borrowed twice.

use std::cell::RefCell;

use rhai::{Dynamic, EvalAltResult, Position};

use super::Error;
use super::run::Run;
use crate::value::Value;

/// What a native may reach.
pub struct Current {
    /// The run.
    pub run: Run,
    /// The constants of the prepared text.
    pub constants: std::sync::Arc<[Value]>,
    /// A script may build values in a loop, so that every value's depth is looked at.
    pub script: bool,
}

thread_local! {
    static CURRENT: RefCell<Option<Current>> = const { RefCell::new(None) };
}

/// What Rhai's functions answer.
pub type Native<T> = Result<T, Box<EvalAltResult>>;

/// Runs `body` with this run as the thread's, and gives the run back.
#[expect(clippy::expect_used, reason = "no native keeps the borrow or takes the run: it is where it was put")]
pub fn enter<T>(current: Current, body: impl FnOnce() -> T) -> (Run, std::thread::Result<T>) {
    CURRENT.with(|cell| cell.replace(Some(current)));
    // The run is taken out whatever happens; nothing else outlives the body.
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    let current = CURRENT.with(RefCell::take).expect("the run that was put there");
    (current.run, result)
}

/// Runs a native's body with the thread's run.
pub fn with<T>(body: impl FnOnce(&mut Current) -> Result<T, Error>) -> Native<T> {
    CURRENT.with(|cell| {
        let Ok(mut current) = cell.try_borrow_mut() else {
            return Err(raise(Error::Value(String::from("internal error"))));
        };
        let Some(current) = current.as_mut() else {
            return Err(raise(Error::Value(String::from("internal error"))));
        };
        body(current).map_err(|error| {
            current.run.remember_fatal(&error);
            raise(error)
        })
    })
}

/// The error as Rhai carries it. What no script may catch ends the script.
fn raise(error: Error) -> Box<EvalAltResult> {
    let fatal = error.is_fatal();
    let carried = Dynamic::from(error);
    Box::new(if fatal {
        EvalAltResult::ErrorTerminated(carried, Position::NONE)
    } else {
        EvalAltResult::ErrorRuntime(carried, Position::NONE)
    })
}
