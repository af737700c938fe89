//! What one expression may still use: time, operations and memory. Growing functions ask before they allocate.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Error;
use crate::config::Limits;

/// What one expression may still use. Lives on the thread that runs it.
#[derive(Debug)]
pub struct Budget {
    started: Instant,
    time: Duration,
    memory: usize,
    used: Cell<usize>,
    ticks: Cell<u32>,
}

impl Budget {
    /// A whole budget.
    #[must_use]
    pub fn new(limits: &Limits) -> Budget {
        Budget {
            started: Instant::now(),
            time: Duration::from_millis(limits.expression_ms_max),
            memory: limits.expression_memory_bytes_max,
            used: Cell::new(0),
            ticks: Cell::new(0),
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
        self.tick()
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
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks.is_multiple_of(64) { self.check_time() } else { Ok(()) }
    }

    /// Looks at the clock.
    ///
    /// # Errors
    /// `limit` where the time is over.
    pub fn check_time(&self) -> Result<(), Error> {
        if self.started.elapsed() > self.time {
            return Err(Error::Limit(format!("expression_ms_max is {}", self.time.as_millis())));
        }
        Ok(())
    }
}
