//! A statement on its way: who asked, until when it may run, and how it ended.
//!
//! Caller and thread agree here, under one lock, whether a statement counts: once the caller gave up it never
//! commits, and once it commits the caller waits for the answer.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rusqlite::InterruptHandle;

use super::{Error, Parameters};
use crate::value::Value;

/// One statement, shared by its caller and the thread.
pub(super) struct Request {
    pub(super) sql: String,
    pub(super) parameters: Parameters,
    pub(super) deadline: Instant,
    pub(super) time_limit: Error,
    phase: Mutex<Phase>,
    finished: Condvar,
}

enum Phase {
    /// In line.
    Waiting,
    Running,
    /// The decision to commit is taken; what remains is the disk.
    Committing,
    /// The caller does not wait any more.
    Abandoned,
    Finished(Result<Vec<Value>, Error>),
    /// The caller has its answer.
    Answered,
}

impl Request {
    pub(super) fn new(
        sql: &str,
        parameters: Parameters,
        time: Duration,
        limit_name: &'static str,
    ) -> Request {
        let now = Instant::now();
        Request {
            sql: sql.to_owned(),
            parameters,
            deadline: now.checked_add(time).unwrap_or(now),
            time_limit: Error::Limit {
                name: limit_name,
                value: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            },
            phase: Mutex::new(Phase::Waiting),
            finished: Condvar::new(),
        }
    }

    /// For the caller: the answer, or the time limit's error once the deadline has passed. A statement that is
    /// then running is interrupted.
    pub(super) fn answer(&self, interrupt: &InterruptHandle) -> Result<Vec<Value>, Error> {
        let mut phase = self.phase.lock();
        loop {
            match &*phase {
                Phase::Finished(_) => {
                    return match std::mem::replace(&mut *phase, Phase::Answered) {
                        Phase::Finished(result) => result,
                        _ => Err(stopped()),
                    };
                }
                Phase::Committing => self.finished.wait(&mut phase),
                Phase::Answered => return Err(stopped()),
                Phase::Waiting | Phase::Running | Phase::Abandoned => {
                    if self.finished.wait_until(&mut phase, self.deadline).timed_out() {
                        match &*phase {
                            // Under the lock, so that it meets this statement and not the next one.
                            Phase::Running => interrupt.interrupt(),
                            Phase::Waiting | Phase::Abandoned => {}
                            _ => continue,
                        }
                        *phase = Phase::Abandoned;
                        return Err(self.time_limit.clone());
                    }
                }
            }
        }
    }

    /// For the thread: whether somebody still waits and there is time left.
    pub(super) fn begin(&self) -> bool {
        let mut phase = self.phase.lock();
        let wanted = matches!(*phase, Phase::Waiting) && Instant::now() < self.deadline;
        if wanted {
            *phase = Phase::Running;
        }
        wanted
    }

    /// For the thread: whether the statement may commit. From then on the caller waits.
    pub(super) fn may_commit(&self) -> bool {
        let mut phase = self.phase.lock();
        match *phase {
            Phase::Running if Instant::now() < self.deadline => {
                *phase = Phase::Committing;
                true
            }
            // SQLite may ask more than once for one statement.
            Phase::Committing => true,
            _ => false,
        }
    }

    /// For the thread: this is the answer. The first one counts.
    pub(super) fn finish(&self, result: Result<Vec<Value>, Error>) {
        let mut phase = self.phase.lock();
        if matches!(*phase, Phase::Waiting | Phase::Running | Phase::Committing) {
            *phase = Phase::Finished(result);
        }
        drop(phase);
        self.finished.notify_all();
    }
}

/// What a caller is told whose statement the thread dropped.
pub(super) fn stopped() -> Error {
    Error::Storage("the database has stopped".to_owned())
}
