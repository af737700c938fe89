//! The journal on the disk: the log, which a commit is written to, and the tables, which the log goes into.
//!
//! A commit is one write at the end of a file, whatever rows it changes: in random rows of a table it would be a
//! page each. Puts `log`, `tables` and `compactor` together.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use super::codec::Encoded;
use super::compactor::{Compactor, Done};
use super::latest::Latest;
use super::log::{self, Content, Header, Mark, Place, Segment};
use super::tables::{Reached, Tables};
use super::{Durability, Error, Group, Rows, Store, Tell};
use crate::state::Row;

/// How many numbers past the log's next one are taken as used at a start: the journal tells of numbers that were
/// used and left no row only now and then.
const NUMBERS_RESERVED: u64 = 1_024;

/// A file of the log goes into the tables when it is that long, and the other one is free. Longer is kinder to the
/// card, since a row that is set again and again goes into the tables once a turn; shorter starts faster.
const TURN_BYTES: u64 = 16 * 1_024 * 1_024;

/// Rows that the start hands from thread to thread at a time.
const CHUNK_ROWS: usize = 1_024;

/// How many of these may lie ready.
const CHUNKS_AHEAD: usize = 8;

/// So many turns long the log may get while the other file is still on its way into the tables; longer, and each
/// group waits a little, so that it can catch up.
const TURNS_AHEAD: u64 = 4;

/// That little, for each turn more.
const PAUSE: Duration = Duration::from_millis(1);

/// From so many on commits wait until the other file is free.
const TURNS_AHEAD_MAX: u64 = 8;

/// The journal's files.
pub struct SqliteStore {
    full: bool,
    current: Segment,
    /// The file of the log whose turn is next; None while it goes into the tables.
    spare: Option<Place>,
    compactor: Compactor,
    turn_bytes: u64,
    /// The highest that the log knows.
    next_number: u64,
    buffer: Vec<u8>,
    /// Nothing more is written.
    failed: bool,
}

impl SqliteStore {
    /// Opens or makes the files, brings the schema up to date and reads every row.
    ///
    /// # Errors
    /// Where a file cannot be opened or made, is damaged, is in use, or is not one of this program's; it is left as
    /// it is.
    pub fn open(path: &Path, durability: Durability) -> Result<(SqliteStore, Rows), Error> {
        let mut rows = Rows::default();
        let (store, next_number) =
            SqliteStore::open_into(path, durability, |number, row| rows.rows.push((number, row)))?;
        rows.next_number = next_number;
        Ok((store, rows))
    }

    /// As [`SqliteStore::open`], giving each row to `take`, in the order of [`Rows`], while another thread reads
    /// the next ones: a large journal is never in memory twice. The next number that no row has.
    ///
    /// # Errors
    /// As for `open`; rows may have been given by then.
    pub fn open_into(
        path: &Path,
        durability: Durability,
        take: impl FnMut(u64, Row),
    ) -> Result<(SqliteStore, u64), Error> {
        SqliteStore::open_turning(path, durability, TURN_BYTES, take)
    }

    fn open_turning(
        path: &Path,
        durability: Durability,
        turn_bytes: u64,
        take: impl FnMut(u64, Row),
    ) -> Result<(SqliteStore, u64), Error> {
        let tables = Tables::open(path)?;
        let reached = tables.reached()?;
        let Found { current, waiting, spare, records, next_number } =
            find([beside(path, "-log0"), beside(path, "-log1")], reached)?;
        let (tables, after_rows) = read_aside(tables, records, take)?;
        let after_log = if next_number > 0 { next_number.saturating_add(NUMBERS_RESERVED) } else { 0 };
        let after_all = after_rows.max(reached.next_number).max(after_log);
        current.sync()?;
        sync_folder(path.parent().unwrap_or(Path::new("")))?;
        let compactor = Compactor::start(tables, NUMBERS_RESERVED)?;
        if let Some((place, end)) = waiting {
            compactor.compact(place, end);
        }
        let full = durability == Durability::Full;
        let current = if full { current.ahead() } else { current };
        let store = SqliteStore {
            full,
            current,
            spare,
            compactor,
            turn_bytes,
            next_number,
            buffer: Vec::new(),
            failed: false,
        };
        Ok((store, after_all))
    }

    /// Goes on in the other file where this one is long and the other one free.
    fn turn(&mut self) -> Result<(), Error> {
        while let Some(Done::Compacted(place)) = self.compactor.done()? {
            self.spare = Some(place);
        }
        if self.current.mark().bytes < self.turn_bytes {
            return Ok(());
        }
        self.let_catch_up()?;
        let Some(spare) = self.spare.take() else { return Ok(()) };
        let end = self.current.end()?;
        if self.full {
            // What is in the next file counts only if the end of this one is there.
            self.current.sync()?;
        }
        let begun = Segment::begin(spare.turn(self.current.place.generation + 1), end.sum)?;
        let begun = if self.full { begun.ahead() } else { begun };
        let ended = std::mem::replace(&mut self.current, begun);
        // Before the other file is free again, so that a power cut never leaves a later turn without this one.
        self.compactor.sync(self.current.file());
        self.compactor.compact(ended.place, end);
        Ok(())
    }

    /// Waits where the log is far ahead of the tables: a disk that cannot keep up holds up those who write, instead of
    /// being filled.
    fn let_catch_up(&mut self) -> Result<(), Error> {
        let ahead = self.current.mark().bytes / self.turn_bytes.max(1);
        if self.spare.is_some() {
            return Ok(());
        }
        if ahead < TURNS_AHEAD {
            return Ok(());
        }
        if ahead >= TURNS_AHEAD_MAX {
            let Done::Compacted(place) = self.compactor.next_done()?;
            self.spare = Some(place);
        } else {
            let turns = u32::try_from(ahead - TURNS_AHEAD + 1).unwrap_or(u32::MAX);
            std::thread::sleep(PAUSE.saturating_mul(turns));
        }
        Ok(())
    }

    fn write(&mut self, group: &Group) -> Result<(), Error> {
        self.turn()?;
        self.current.append(&group.records, group.next_number, &mut self.buffer)?;
        // A huge commit does not keep its memory for ever.
        self.buffer.shrink_to(1 << 18);
        self.next_number = self.next_number.max(group.next_number);
        self.compactor.filled(self.current.mark().bytes, self.turn_bytes);
        if self.full { self.current.sync() } else { Ok(()) }
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, group: &Group) -> Result<(), Error> {
        if group.records.is_empty() && group.next_number <= self.next_number {
            return Ok(());
        }
        let written = self.write(group);
        self.failed |= written.is_err();
        written
    }

    fn sync(&mut self) -> Result<(), Error> {
        let synced = self.current.sync();
        self.failed |= synced.is_err();
        synced
    }

    fn sync_soon(&mut self) -> Result<(), Error> {
        self.compactor.sync(self.current.file());
        Ok(())
    }

    fn on_failure(&mut self, tell: Tell) {
        self.compactor.on_failure(tell);
    }

    fn is_prompt(&self) -> bool {
        !self.full && self.current.mark().bytes < self.turn_bytes
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if !self.failed {
            self.compactor.finish(self.current.place.clone(), self.current.mark());
        }
    }
}

/// What there is of the log.
struct Found {
    current: Segment,
    /// An ended file that is not in the tables yet.
    waiting: Option<(Place, Mark)>,
    spare: Option<Place>,
    records: Latest,
    /// The next number that no row has; 0 where no group says.
    next_number: u64,
}

/// Reads what of the log is not in the tables, in order, and finds where to go on.
fn find(paths: [PathBuf; 2], reached: Reached) -> Result<Found, Error> {
    let [first, second] = paths;
    let (first, second) = (Place::open(first)?, Place::open(second)?);
    let mut headers = Vec::new();
    for place in [&first, &second] {
        headers.extend(log::header(place)?.filter(|header| header.place.generation > reached.generation));
    }
    headers.sort_by_key(|header: &Header| header.place.generation);
    let mut headers = headers.into_iter();
    let generation = reached.generation + 1;
    let Some(header) = headers.next() else {
        let current = Segment::begin(first.turn(generation), 0)?;
        return Ok(Found {
            current,
            waiting: None,
            spare: Some(second),
            records: Latest::default(),
            next_number: 0,
        });
    };
    if header.place.generation != generation {
        return Err(Error::Storage("the data file is damaged: a part of its log is missing".to_owned()));
    }
    let other = if header.place.path == first.path { second } else { first };
    let mut records = Latest::default();
    let mut add = |record: Encoded<'_>| -> Result<(), Error> {
        records.add(&record);
        Ok(())
    };
    let Content { mut next_number, mark, ended } = log::content(&header, &mut add)?;
    if !ended {
        // What a power cut left of the other file came after something that it did not leave: it must not come
        // back once this file is in the tables.
        cut_off(&header, mark)?;
        if let Some(next) = headers.next() {
            tell_lost(&next.place, log::content(&next, |_| Ok::<_, Error>(()))?.mark.bytes);
            next.place.cut(0)?;
        }
        let current = Segment::resume(header.place, header.salt, mark)?;
        return Ok(Found { current, waiting: None, spare: Some(other), records, next_number });
    }
    let current = match headers.next().filter(|next| next.seed == mark.sum) {
        Some(next) => {
            let content = log::content(&next, &mut add)?;
            next_number = next_number.max(content.next_number);
            cut_off(&next, content.mark)?;
            Segment::resume(next.place, next.salt, content.mark)?
        }
        None => Segment::begin(other.turn(generation + 1), mark.sum)?,
    };
    Ok(Found { current, waiting: Some((header.place, mark)), spare: None, records, next_number })
}

/// Cuts off what lies behind a damaged place, and tells of it: it does not count, nor is it to be found again.
fn cut_off(header: &Header, end: Mark) -> Result<(), Error> {
    let bytes = log::lost(header, end)?;
    tell_lost(&header.place, bytes);
    if bytes > 0 { header.place.cut(end.bytes) } else { Ok(()) }
}

fn tell_lost(place: &Place, bytes: u64) {
    if bytes > 0 {
        let file = place.path.display();
        tracing::error!(
            "{file}: {bytes} bytes behind a damaged place are lost, as a power cut or a bad disk can leave it"
        );
    }
}

/// Reads the tables and what the log comes to on a thread of its own, and gives the rows to `take` here.
fn read_aside(tables: Tables, log: Latest, mut take: impl FnMut(u64, Row)) -> Result<(Tables, u64), Error> {
    let (chunks, read) = sync_channel::<Vec<(u64, Row)>>(CHUNKS_AHEAD);
    let work = move || {
        let mut chunk = Vec::new();
        let after_rows = tables.read(log, |number, row| {
            chunk.push((number, row));
            if chunk.len() == CHUNK_ROWS {
                // Whoever takes them waits for the end.
                let _ = chunks.send(std::mem::take(&mut chunk));
            }
        })?;
        let _ = chunks.send(chunk);
        Ok((tables, after_rows))
    };
    let thread = std::thread::Builder::new().name("journal-reader".to_owned()).spawn(work);
    let thread = thread.map_err(|_| Error::Storage("the journal's reader cannot be started".to_owned()))?;
    for (number, row) in read.into_iter().flatten() {
        take(number, row);
    }
    thread.join().unwrap_or_else(|_| Err(Error::Storage("the journal's reader stopped".to_owned())))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| Error::Storage(format!("the disk cannot be synced: {}", error.kind())))
}

#[cfg(test)]
mod tests;
