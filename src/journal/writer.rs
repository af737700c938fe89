//! One group after the other: what has piled up, folded and written, and when that has to be synced.
//!
//! May use the store that was handed in; knows no SQLite, and not who calls.

use std::time::{Duration, Instant};

use super::fold::Folder;
use super::pile::{Batch, Pile};
use super::{Error, Group, Store, Tell};

/// How far numbers may run ahead of what the store knows by commits that folded to nothing. Less than a store
/// reserves (`store::NUMBERS_RESERVED`), so that no number is used twice.
const NUMBERS_AHEAD_MAX: u64 = 512;

/// A store that says it is prompt is not believed when a write took so long, as those to a card do while it is synced.
const LONG: Duration = Duration::from_millis(10);

/// Not for so long at first; twice as long where it happens again soon.
const DISTRUST_MIN: Duration = Duration::from_secs(1);

/// Not for longer than that.
const DISTRUST_MAX: Duration = Duration::from_secs(64);

/// The store and what is known of it.
pub(super) struct Writer {
    store: Box<dyn Store>,
    /// What was taken and is not written.
    commits: Pile,
    folder: Folder,
    /// The one that the store was last told.
    next_number: u64,
    /// The store is synced so long after something was written.
    interval: Option<Duration>,
    due: Option<Instant>,
    distrust: Duration,
    distrusted_until: Option<Instant>,
    /// Why nothing more is written; while a group is being written, that it was not.
    failed: Option<Error>,
}

impl Writer {
    pub(super) fn new(store: Box<dyn Store>, interval: Option<Duration>) -> Writer {
        Writer {
            store,
            commits: Pile::default(),
            folder: Folder::default(),
            next_number: 0,
            interval,
            due: None,
            distrust: DISTRUST_MIN,
            distrusted_until: None,
            failed: None,
        }
    }

    /// Takes whom to tell of what fails while nobody writes.
    pub(super) fn on_failure(&mut self, tell: Tell) {
        self.store.on_failure(tell);
    }

    /// Whether the next group can be written where others wait for it: without a wait for the disk.
    pub(super) fn is_prompt(&self) -> bool {
        self.store.is_prompt() && self.distrusted_until.is_none_or(|until| until <= Instant::now())
    }

    /// Takes what has piled up, unless there is something left; whether there is anything to be written.
    pub(super) fn take(&mut self, commits: &mut Pile) -> bool {
        if self.commits.is_empty() {
            std::mem::swap(&mut self.commits, commits);
        }
        self.has_taken()
    }

    /// Whether there is something to be written.
    pub(super) fn has_taken(&self) -> bool {
        !self.commits.is_empty()
    }

    /// Writes a group; the number of its last commit. After a failure nothing is written any more, whoever asks: the
    /// promise for what failed cannot be kept by what comes behind it.
    pub(super) fn write(&mut self) -> Result<u64, Error> {
        self.usable()?;
        self.failed = Some(stopped());
        let written = self.write_group();
        self.failed = written.as_ref().err().cloned();
        written
    }

    fn write_group(&mut self) -> Result<u64, Error> {
        let Some(Batch { records, sequence, next_number, .. }) = self.commits.pop() else { return Ok(0) };
        let group = Group { records: self.folder.fold(records), next_number };
        if !group.records.is_empty() || next_number > self.next_number.saturating_add(NUMBERS_AHEAD_MAX) {
            let prompt = self.is_prompt();
            let begun = Instant::now();
            self.store.commit(&group)?;
            self.next_number = next_number;
            let done = Instant::now();
            if prompt && done - begun >= LONG {
                self.took_long(done);
            }
            if let (Some(interval), None) = (self.interval, self.due) {
                self.due = Some(done + interval);
            }
        }
        self.commits.reuse(group.records);
        Ok(sequence)
    }

    fn usable(&self) -> Result<(), Error> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn took_long(&mut self, now: Instant) {
        self.distrust = match self.distrusted_until {
            Some(until) if now < until + self.distrust => (self.distrust * 2).min(DISTRUST_MAX),
            _ => DISTRUST_MIN,
        };
        self.distrusted_until = Some(now + self.distrust);
        tracing::debug!(
            seconds = self.distrust.as_secs(),
            "the disk is slow: its own thread writes for a while"
        );
    }

    /// When the store is to be synced.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Begins to sync the store, where that is due.
    pub(super) fn sync_if_due(&mut self) -> Result<(), Error> {
        match self.due {
            Some(due) if Instant::now() >= due => {
                self.due = None;
                self.store.sync_soon()
            }
            _ => Ok(()),
        }
    }

    /// Syncs the store where something was written since the last time.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        self.usable()?;
        match self.due.take() {
            Some(_) => self.store.sync(),
            None => Ok(()),
        }
    }
}

/// What is said where it cannot be said why nothing more is written.
pub(super) fn stopped() -> Error {
    Error::Storage("the journal stopped".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    struct Prompt;

    impl Store for Prompt {
        fn commit(&mut self, _: &Group) -> Result<(), Error> {
            Ok(())
        }
        fn sync(&mut self) -> Result<(), Error> {
            Ok(())
        }
        fn is_prompt(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_store_that_took_long_is_not_prompt_for_a_while_and_longer_where_it_happens_again() {
        let mut writer = Writer::new(Box::new(Prompt), None);
        assert!(writer.is_prompt());
        let mut now = Instant::now();
        let mut distrusted = |writer: &mut Writer, after: Duration| {
            now += after;
            writer.took_long(now);
            writer.distrusted_until.unwrap() - now
        };
        let seconds = Duration::from_secs;
        assert_eq!(distrusted(&mut writer, seconds(0)), seconds(1));
        assert!(!writer.is_prompt());
        assert_eq!(distrusted(&mut writer, seconds(1)), seconds(2));
        assert_eq!(distrusted(&mut writer, seconds(3)), seconds(4));
        // Long after, it counts as the first time.
        assert_eq!(distrusted(&mut writer, seconds(8)), seconds(1));
        for _ in 0..20 {
            distrusted(&mut writer, seconds(1));
        }
        assert_eq!(writer.distrust, DISTRUST_MAX);
    }
}
