//! What one expression may still use: time, operations and memory. Growing functions ask before they allocate.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Error;
use crate::config::Limits;

/// Steps between two looks at the clock.
const STEPS: u32 = 64;
/// Bytes that are looked at or copied in the time of a step.
const STEP_BYTES: usize = 64;
/// What is smaller is done before the clock could tell.
const SMALL_BYTES: usize = 65_536;
/// How long an operation may take over a byte that it reads; the slowest take that.
const READ_NANOS: usize = 20;
/// How long an operation may take over a byte that it makes.
const MADE_NANOS: usize = 5;

/// How long it takes to undo a change of the state.
const UNDO_TIME: Duration = Duration::from_nanos(500);
/// Bytes that are let go of in a microsecond, once the expression has ended: all that one may use in ten milliseconds.
const LET_GO_BYTES: usize = 1_600;

/// What one expression may still use. Lives on the thread that runs it.
#[derive(Debug)]
pub struct Budget {
    started: Instant,
    time: Duration,
    /// Of that, what did not go by elsewhere.
    time_left: Duration,
    /// After this it must go on elsewhere.
    stay: Option<Duration>,
    memory: usize,
    used: Cell<usize>,
    /// Steps until the clock is looked at.
    left: Cell<u32>,
}

impl Budget {
    /// A whole budget.
    #[must_use]
    pub fn new(limits: &Limits) -> Budget {
        Budget::staying(limits, None, Duration::ZERO)
    }

    /// A budget of which so much time went by elsewhere in vain, and so little may go by here before it is
    /// [`Error::Long`].
    #[must_use]
    pub fn staying(limits: &Limits, stay: Option<Duration>, in_vain: Duration) -> Budget {
        let time = Duration::from_millis(limits.expression_ms_max);
        Budget {
            started: Instant::now(),
            time,
            time_left: time.saturating_sub(in_vain),
            stay,
            memory: limits.expression_memory_bytes_max,
            used: Cell::new(0),
            left: Cell::new(STEPS),
        }
    }

    /// About to allocate that many bytes. They count until the expression ends.
    ///
    /// # Errors
    /// `limit` where the expression would have used more than it may.
    pub fn reserve(&self, bytes: usize) -> Result<(), Error> {
        let used = self.used.get().saturating_add(bytes);
        if used > self.memory {
            return Err(Error::Limit(format!("expression_memory_bytes_max is {}", self.memory)));
        }
        self.used.set(used);
        self.work(bytes)?;
        self.ahead(bytes, MADE_NANOS)
    }

    /// How many bytes may still be allocated.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.memory.saturating_sub(self.used.get())
    }

    /// One step of a loop inside a native function; looks at the clock now and then.
    ///
    /// # Errors
    /// `limit` where the time is over.
    pub fn tick(&self) -> Result<(), Error> {
        self.steps(1)
    }

    /// A step that goes over that many bytes: the clock is looked at the sooner.
    ///
    /// # Errors
    /// `limit` where the time is over.
    pub fn work(&self, bytes: usize) -> Result<(), Error> {
        self.steps(u32::try_from(bytes / STEP_BYTES).unwrap_or(u32::MAX).saturating_add(1))
    }

    fn steps(&self, steps: u32) -> Result<(), Error> {
        match self.left.get().checked_sub(steps) {
            Some(left @ 1..) => {
                self.left.set(left);
                Ok(())
            }
            _ => {
                self.left.set(STEPS);
                self.check_time()
            }
        }
    }

    /// About to do in one go what goes over that many bytes: nobody looks at the clock before it is done, so there
    /// must be time for it.
    ///
    /// # Errors
    /// `limit` where the time would not do.
    pub fn afford(&self, bytes: usize) -> Result<(), Error> {
        self.ahead(bytes, READ_NANOS)
    }

    fn ahead(&self, bytes: usize, nanos: usize) -> Result<(), Error> {
        if bytes < SMALL_BYTES {
            return Ok(());
        }
        let needed = u64::try_from(bytes.saturating_mul(nanos)).unwrap_or(u64::MAX);
        self.check_until(Duration::from_nanos(needed))
    }

    /// Looks at the clock.
    ///
    /// # Errors
    /// `limit` where the time is over.
    pub fn check_time(&self) -> Result<(), Error> {
        self.check_until(Duration::ZERO)
    }

    /// Looks at the clock, with time to be left to undo so many changes.
    ///
    /// # Errors
    /// `limit` where it is not.
    pub fn check_undoable(&self, changes: usize) -> Result<(), Error> {
        self.check_until(UNDO_TIME.saturating_mul(u32::try_from(changes).unwrap_or(u32::MAX)))
    }

    fn check_until(&self, ahead: Duration) -> Result<(), Error> {
        let needed = self.started.elapsed().saturating_add(ahead);
        if self.stay.is_some_and(|stay| needed > stay) {
            return Err(Error::Long);
        }
        let let_go = u64::try_from(self.used.get() / LET_GO_BYTES).unwrap_or(u64::MAX);
        let let_go = Duration::from_micros(let_go).min(self.time / 10);
        if needed.saturating_add(let_go) > self.time_left {
            return Err(Error::Limit(format!("expression_ms_max is {}", self.time.as_millis())));
        }
        Ok(())
    }
}
