//! What a statement may do: an allow-list over SQLite's authorizer. Whatever is not on it is denied, by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Pragmas that only tell about the users' own tables; `foreign_keys` and the like without a new value.
const PRAGMAS: [&str; 7] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
];

/// Pragmas that may be read but not set. FTS5 reads `data_version` itself.
const READABLE_PRAGMAS: [&str; 7] =
    ["foreign_keys", "user_version", "data_version", "schema_version", "page_count", "page_size", "encoding"];

/// Functions that reach out of the database, or whose memory and time SQLite's limits do not bound.
const DENIED_FUNCTIONS: [&str; 11] = [
    "load_extension",
    "fts3_tokenizer",
    "readfile",
    "writefile",
    "edit",
    "sqlite_log",
    "json_pretty",
    "highlight",
    "snippet",
    "fts5_decode",
    "fts5_decode_none",
];

/// Modules of virtual tables that keep everything in the users' file.
const MODULES: [&str; 4] = ["fts5", "fts5vocab", "rtree", "rtree_i32"];

/// The jail of one connection.
pub(super) struct Jail {
    denial: Arc<Mutex<Option<String>>>,
    open: Arc<AtomicBool>,
}

impl Jail {
    /// Closes the connection in. From here on no setting of it can be changed by SQL.
    pub(super) fn install(connection: &mut Connection) -> rusqlite::Result<Jail> {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false)?;
        // As Python's sqlite3 has them.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, true)?;
        let denial = Arc::new(Mutex::new(None));
        let open = Arc::new(AtomicBool::new(false));
        let (told, is_open) = (Arc::clone(&denial), Arc::clone(&open));
        connection.authorizer(Some(move |context: AuthContext<'_>| match judge(&context) {
            Some(reason) if !is_open.load(Ordering::Relaxed) => {
                told.lock().get_or_insert(reason);
                Authorization::Deny
            }
            _ => Authorization::Allow,
        }))?;
        Ok(Jail { denial, open })
    }

    /// Does something of the thread's own that a statement may not.
    pub(super) fn open_for(&self, work: impl FnOnce()) {
        self.open.store(true, Ordering::Relaxed);
        work();
        self.open.store(false, Ordering::Relaxed);
    }

    /// What was denied since this was last asked.
    pub(super) fn denial(&self) -> Option<String> {
        self.denial.lock().take()
    }
}

/// Why this is denied, in a sentence; `None` where it is not.
fn judge(context: &AuthContext<'_>) -> Option<String> {
    let one_statement = || Some("each statement is a transaction of its own here".to_owned());
    let temporary = || Some("temporary tables, views and triggers are not available here".to_owned());
    match context.action {
        AuthAction::CreateTable { .. }
        | AuthAction::CreateVtable { .. }
        | AuthAction::CreateView { .. }
        // Of the schema: how a trigger comes there that is named `temp.…`.
        | AuthAction::Insert { .. }
            if context.database_name == Some("temp") =>
        {
            temporary()
        }
        AuthAction::Select
        | AuthAction::Recursive
        | AuthAction::Read { .. }
        | AuthAction::Insert { .. }
        | AuthAction::Update { .. }
        | AuthAction::Delete { .. }
        | AuthAction::CreateTable { .. }
        | AuthAction::CreateIndex { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::CreateTrigger { .. }
        | AuthAction::DropTable { .. }
        | AuthAction::DropIndex { .. }
        | AuthAction::DropView { .. }
        | AuthAction::DropTrigger { .. }
        | AuthAction::AlterTable { .. }
        | AuthAction::Reindex { .. }
        | AuthAction::Analyze { .. } => None,
        AuthAction::Function { function_name } => listed(&DENIED_FUNCTIONS, function_name)
            .then(|| format!("the function {function_name} is not available here")),
        AuthAction::CreateVtable { module_name, .. } | AuthAction::DropVtable { module_name, .. } => {
            (!listed(&MODULES, module_name))
                .then(|| format!("virtual tables of {module_name} are not available here"))
        }
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let allowed = listed(&PRAGMAS, pragma_name)
                || (listed(&READABLE_PRAGMAS, pragma_name) && pragma_value.is_none());
            (!allowed).then(|| format!("PRAGMA {pragma_name} is not available here"))
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => one_statement(),
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            Some("ATTACH, DETACH and VACUUM are not available here: there is one database".to_owned())
        }
        AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::DropTempTable { .. }
        | AuthAction::DropTempIndex { .. }
        | AuthAction::DropTempView { .. }
        | AuthAction::DropTempTrigger { .. } => temporary(),
        _ => Some("that is not available here".to_owned()),
    }
}

fn listed(list: &[&str], name: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(name))
}
