//! How a statement failed, before it is put into words.

use super::Error;

/// How a statement failed: by what this room says, or by what SQLite says and the thread puts into words.
pub(super) enum Failure {
    Own(Error),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Sqlite(error)
    }
}
