//! What one statement may use: SQLite's own limits, and the watch over its time and memory while it runs.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::limits::Limit;

use super::Error;
use super::request::Request;
use crate::config::Limits;

/// The limits of the configuration that a statement can meet.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    pub(super) rows: usize,
    pub(super) reply_bytes: usize,
    pub(super) request_bytes: usize,
    pub(super) value_bytes: usize,
    pub(super) memory_bytes: usize,
    pub(super) database_bytes: usize,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Bounds {
        Bounds {
            rows: limits.rows_max,
            reply_bytes: limits.reply_bytes_max,
            request_bytes: limits.request_bytes_max,
            value_bytes: limits.value_bytes_max,
            memory_bytes: limits.expression_memory_bytes_max,
            database_bytes: limits.database_bytes_max,
        }
    }

    /// Sets SQLite's own limits. Within them no single function call, which nothing can stop halfway, takes long
    /// or much: their cost is the product of two lengths at worst.
    pub(super) fn apply(&self, connection: &Connection) -> rusqlite::Result<()> {
        let limits = [
            (Limit::SQLITE_LIMIT_LENGTH, c_int(self.value_bytes).min(1_048_576)),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, c_int(self.request_bytes)),
            (Limit::SQLITE_LIMIT_COLUMN, 500),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (Limit::SQLITE_LIMIT_PARSER_DEPTH, 500),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 200),
            (Limit::SQLITE_LIMIT_VDBE_OP, 250_000),
            (Limit::SQLITE_LIMIT_FUNCTION_ARG, 64),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500),
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 999),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 50),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
            // Tables, indexes, views and triggers: all are kept in memory, with their text.
            (Limit::SQLITE_LIMIT_SCHEMA, 500),
            (Limit::SQLITE_LIMIT_TRIGGER_STEPS, 100),
        ];
        for (limit, value) in limits {
            connection.set_limit(limit, value)?;
        }
        Ok(())
    }
}

fn c_int(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// SQLite looks at the watch every so many steps of its machine: some microseconds.
const STEPS: i32 = 100;

/// Memory is looked at this often: asking the kernel takes longer than asking for the time.
const MEMORY_INTERVAL: Duration = Duration::from_millis(1);

/// The whole process is measured, so what the others take meanwhile must fit in as well.
const MEMORY_SLACK: u64 = 4;

/// What SQLite's hooks know of the statement that is running.
pub(super) struct Watch {
    running: Mutex<Option<Running>>,
    /// Set by a hook that stopped it, and by the thread to keep a statement from committing.
    stopped: Mutex<Option<Error>>,
    /// Absent where the kernel tells nothing of it.
    memory: Option<Memory>,
    memory_bytes: usize,
}

struct Running {
    request: Arc<Request>,
    /// Measured at the first look, so that a short statement pays nothing.
    memory_at_start: Option<u64>,
    memory_seen: Instant,
}

impl Watch {
    /// A watch over this connection's statements: over their time and memory as they run, and over their commit.
    pub(super) fn install(connection: &mut Connection, bounds: &Bounds) -> rusqlite::Result<Arc<Watch>> {
        let watch = Arc::new(Watch {
            running: Mutex::new(None),
            stopped: Mutex::new(None),
            memory: Memory::of_this_process(),
            memory_bytes: bounds.memory_bytes,
        });
        let progress = Arc::clone(&watch);
        connection.progress_handler(STEPS, Some(move || progress.must_stop()))?;
        let commit = Arc::clone(&watch);
        connection.commit_hook(Some(move || !commit.may_commit()))?;
        Ok(watch)
    }

    /// Begins to watch; nothing is stopped while no request is given.
    pub(super) fn begin(&self, request: Arc<Request>) {
        *self.stopped.lock() = None;
        *self.running.lock() = Some(Running { request, memory_at_start: None, memory_seen: Instant::now() });
    }

    /// Ends it; the reason why the statement was stopped, if it was.
    pub(super) fn end(&self) -> Option<Error> {
        *self.running.lock() = None;
        self.stopped.lock().take()
    }

    /// Keeps the running statement from committing. The first reason counts.
    pub(super) fn stop(&self, reason: Error) {
        self.stopped.lock().get_or_insert(reason);
    }

    fn must_stop(&self) -> bool {
        let mut running = self.running.lock();
        let Some(running) = running.as_mut() else { return false };
        let now = Instant::now();
        if now >= running.request.deadline {
            self.stop(running.request.time_limit.clone());
        } else if now.duration_since(running.memory_seen) >= MEMORY_INTERVAL {
            running.memory_seen = now;
            if self.memory.as_ref().is_some_and(|memory| self.is_too_much(memory, running)) {
                self.stop(Error::Limit {
                    name: "expression_memory_bytes_max",
                    value: self.memory_bytes as u64,
                });
            }
        }
        self.stopped.lock().is_some()
    }

    /// Whether more memory came in use since the statement began than it may take, or that cannot be seen.
    fn is_too_much(&self, memory: &Memory, running: &mut Running) -> bool {
        let Some(held) = memory.bytes() else { return true };
        let grown = held.saturating_sub(*running.memory_at_start.get_or_insert(held));
        grown > MEMORY_SLACK.saturating_mul(self.memory_bytes as u64)
    }

    fn may_commit(&self) -> bool {
        if self.stopped.lock().is_some() {
            return false;
        }
        let running = self.running.lock();
        let Some(running) = running.as_ref() else { return true };
        let may = running.request.may_commit();
        if !may {
            self.stop(running.request.time_limit.clone());
        }
        may
    }
}

/// The memory that the process has for itself, where the kernel tells: SQLite's allocator cannot be asked safely. Opened
/// once: while a statement runs there may be no file descriptor left.
struct Memory(File);

impl Memory {
    fn of_this_process() -> Option<Memory> {
        File::open("/proc/self/status").ok().map(Memory)
    }

    /// In bytes, by now.
    fn bytes(&self) -> Option<u64> {
        let mut status = [0; 4_096];
        let count = self.0.read_at(&mut status, 0).ok()?;
        let status = String::from_utf8_lossy(status.get(..count)?);
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kilobytes.checked_mul(1_024)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::database::Parameters;

    /// A watch over a statement that has run for long enough to be looked at, by what the file says.
    fn watch(status: &str) -> (Watch, std::path::PathBuf, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status");
        std::fs::write(&path, status).unwrap();
        let watch = Watch {
            running: Mutex::new(None),
            stopped: Mutex::new(None),
            memory: Some(Memory(File::open(&path).unwrap())),
            memory_bytes: 1_024,
        };
        let request =
            Request::new("SELECT 1", Parameters::None, Duration::from_secs(3_600), "statement_ms_max");
        watch.begin(Arc::new(request));
        look_again(&watch);
        (watch, path, folder)
    }

    fn look_again(watch: &Watch) {
        let long_ago = Instant::now().checked_sub(MEMORY_INTERVAL).unwrap();
        watch.running.lock().as_mut().unwrap().memory_seen = long_ago;
    }

    #[test]
    fn the_kernel_tells_of_this_process() {
        let memory = Memory::of_this_process().unwrap();
        let before = memory.bytes().unwrap();
        let taken = vec![1_u8; 64 << 20];
        assert!(memory.bytes().unwrap() >= before + (32 << 20), "read again each time");
        drop(taken);
    }

    #[test]
    fn a_statement_is_stopped_where_the_memory_grows_or_cannot_be_seen() {
        let (grows, path, _folder) = watch("Name: x\nRssAnon:\t  100 kB\n");
        assert!(!grows.must_stop());
        std::fs::write(&path, "RssAnon:\t  104 kB\n").unwrap();
        look_again(&grows);
        assert!(!grows.must_stop());
        std::fs::write(&path, "RssAnon:\t  105 kB\n").unwrap();
        look_again(&grows);
        assert!(grows.must_stop());
        let (unseen, _, _folder) = watch("");
        assert!(unseen.must_stop());
    }
}
