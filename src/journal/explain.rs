//! What SQLite says of the journal's file, in words.

use rusqlite::ErrorCode;

use super::Error;

/// What went wrong, in words, without the path.
pub(super) fn storage(error: &rusqlite::Error) -> Error {
    Error::Storage(match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::SystemIoFailure) => "the disk cannot be read or written".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "the data file is damaged".to_owned(),
        Some(ErrorCode::NotADatabase) => "the data file is not a database; it is left as it is".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "the data file is in use by another program".to_owned()
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            "the data file cannot be opened for writing".to_owned()
        }
        Some(ErrorCode::OutOfMemory) => "there is not enough memory".to_owned(),
        _ => match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) => {
                format!("the data file cannot be used: {message}")
            }
            rusqlite::Error::InvalidQuery => "the data file cannot keep a write-ahead log there".to_owned(),
            _ => "the data file cannot be used".to_owned(),
        },
    })
}
