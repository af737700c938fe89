//! The jail: what a statement may do, how long, and how much.
//!
//! An authorizer refuses whatever would leave the file or change its settings, a progress handler keeps the time,
//! SQLite's own limits keep the sizes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode};

use super::{Error, Parameters, statement};
use crate::config::Limits;
use crate::value::Value;

/// Instructions of SQLite's virtual machine between two looks at the clock.
const STEPS_PER_LOOK: i32 = 1_000;
/// The longest text or blob in a statement, in bytes.
const LENGTH_MAX: i32 = 1_000_000;
/// What SQLite may cache of the file, in KiB.
const CACHE_KIB: i32 = 2_048;
const PAGE_BYTES: usize = 4_096;

/// Pragmas that only tell something about the users' own tables.
const PRAGMAS: [&str; 7] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
];
/// Virtual tables that stay within the file.
const MODULES: [&str; 3] = ["fts5", "rtree", "rtree_i32"];

/// What the hooks and the statement share.
#[derive(Default)]
struct Watch {
    deadline: Option<Instant>,
    refused: Option<String>,
}

/// The connection, with its hooks.
pub(super) struct Jail {
    connection: Connection,
    watch: Arc<Mutex<Watch>>,
    limits: Limits,
}

impl Jail {
    pub(super) fn open(path: Option<&Path>, full: bool, limits: &Limits) -> Result<Jail, Error> {
        let storage = |error: rusqlite::Error| Error::Storage(message(&error));
        let connection = match path {
            Some(path) => Connection::open(path),
            None => Connection::open_in_memory(),
        }
        .map_err(storage)?;
        let watch = Arc::new(Mutex::new(Watch::default()));
        let mut jail = Jail { connection, watch, limits: limits.clone() };
        jail.set_up(full).map_err(storage)?;
        Ok(jail)
    }

    fn set_up(&mut self, full: bool) -> rusqlite::Result<()> {
        let pages = self.limits.database_bytes_max.div_ceil(PAGE_BYTES).max(2);
        let synchronous = if full { "FULL" } else { "NORMAL" };
        // A daemon that ended just now may still be closing the file.
        self.connection.busy_timeout(Duration::from_secs(2))?;
        self.connection.execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
             PRAGMA max_page_count = {pages}; PRAGMA cache_size = -{CACHE_KIB}; PRAGMA temp_store = MEMORY;"
        ))?;
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, LENGTH_MAX),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 65_536),
            (Limit::SQLITE_LIMIT_COLUMN, 500),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
            (Limit::SQLITE_LIMIT_FUNCTION_ARG, 50),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1_000),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            self.connection.set_limit(limit, value)?;
        }
        let watch = Arc::clone(&self.watch);
        let late = move || watch.lock().deadline.is_some_and(|deadline| Instant::now() >= deadline);
        self.connection.progress_handler(STEPS_PER_LOOK, Some(late))?;
        let watch = Arc::clone(&self.watch);
        self.connection.authorizer(Some(move |context: AuthContext<'_>| match refusal(&context.action) {
            None => Authorization::Allow,
            Some(refusal) => {
                watch.lock().refused.get_or_insert(refusal);
                Authorization::Deny
            }
        }))
    }

    /// Runs one statement, a transaction of its own.
    pub(super) fn run(
        &mut self,
        sql: &str,
        parameters: Parameters,
        deadline: Instant,
        limit: &Error,
    ) -> Result<Vec<Value>, Error> {
        *self.watch.lock() = Watch { deadline: Some(deadline), refused: None };
        let rows = statement::run(&self.connection, sql, parameters, &self.limits);
        let refused = std::mem::take(&mut *self.watch.lock()).refused;
        if !self.connection.is_autocommit() {
            // Not reached as long as BEGIN is refused; a transaction left open would hold up everybody.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        rows.map_err(|problem| match problem {
            statement::Problem::Ours(error) => error,
            statement::Problem::Sqlite(error) => self.explain(&error, refused, deadline, limit),
        })
    }

    fn explain(
        &self,
        error: &rusqlite::Error,
        refused: Option<String>,
        deadline: Instant,
        limit: &Error,
    ) -> Error {
        if let Some(refused) = refused {
            return Error::Denied(refused);
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted)
                if deadline.saturating_duration_since(Instant::now()) == Duration::ZERO =>
            {
                limit.clone()
            }
            Some(ErrorCode::DiskFull) => {
                Error::Limit { name: "database_bytes_max", value: self.limits.database_bytes_max as u64 }
            }
            Some(ErrorCode::ApiMisuse) => Error::Sql("there is no statement in the text".to_owned()),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly,
            ) => Error::Storage(message(error)),
            _ => Error::Sql(message(error)),
        }
    }
}

/// SQLite's own sentence, without the text of the statement.
fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::MultipleStatement => "only one statement at a time".to_owned(),
        other => other.to_string(),
    }
}

/// Why an action is refused, if it is.
fn refusal(action: &AuthAction<'_>) -> Option<String> {
    Some(match action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            "the statement would leave the users' database; ATTACH, DETACH and VACUUM are not allowed".to_owned()
        }
        AuthAction::Pragma { pragma_name, .. } if !PRAGMAS.contains(&pragma_name.to_ascii_lowercase().as_str()) => {
            format!("PRAGMA {pragma_name} is not allowed")
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            "BEGIN, COMMIT, ROLLBACK and SAVEPOINT are not allowed; each statement is a transaction of its own".to_owned()
        }
        AuthAction::CreateVtable { module_name, .. } if !MODULES.contains(module_name) => {
            format!("virtual tables of {module_name} are not allowed")
        }
        AuthAction::Function { function_name } if is_closed(function_name) => {
            format!("the function {function_name}() is not allowed")
        }
        AuthAction::Unknown { .. } => "the statement does something that the server does not know".to_owned(),
        _ => return None,
    })
}

/// Functions that load code, tell of files, or change how text is cut up by code.
fn is_closed(function: &str) -> bool {
    ["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"]
        .iter()
        .any(|closed| function.eq_ignore_ascii_case(closed))
}
