//! What a statement of the users' may do: stay in its own file, leave its settings alone, keep its size.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Result};

use crate::config::Limits;

/// PRAGMAs that only tell something of the schema.
const PRAGMAS: [&str; 12] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_info",
    "index_xinfo",
    "index_list",
    "foreign_key_list",
    "foreign_key_check",
    "function_list",
    "collation_list",
    "integrity_check",
    "quick_check",
];

/// Functions that reach out of the database, or that only serve to attack it.
const FUNCTIONS: [&str; 4] = ["load_extension", "fts3_tokenizer", "readfile", "writefile"];

/// Modules of virtual tables that keep to the file.
const MODULES: [&str; 3] = ["fts5", "rtree", "rtree_i32"];

/// Closes the jail around a connection. While `open` is true, what passes is ours.
pub(super) fn close(connection: &mut Connection, limits: &Limits, open: Arc<AtomicBool>) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    let at_most = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, at_most(limits.reply_bytes_max)),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, at_most(limits.request_bytes_max)),
        (Limit::SQLITE_LIMIT_COLUMN, 200),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 50),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1000),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        if open.load(Ordering::Relaxed) || allows(&context) {
            Authorization::Allow
        } else {
            Authorization::Deny
        }
    }))
}

fn allows(context: &AuthContext<'_>) -> bool {
    match context.action {
        // VACUUM attaches behind the scenes.
        AuthAction::Attach { .. } | AuthAction::Detach { .. } | AuthAction::Unknown { .. } => false,
        // No transaction is left open behind a statement; each is one by itself.
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => false,
        AuthAction::Pragma { pragma_name, .. } => is_one_of(&PRAGMAS, pragma_name),
        AuthAction::Function { function_name } => !is_one_of(&FUNCTIONS, function_name),
        AuthAction::CreateVtable { module_name, .. } => is_one_of(&MODULES, module_name),
        // What is temporary lives outside of the file, where no limit holds.
        AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. } => false,
        _ => true,
    }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
