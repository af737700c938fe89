//! The last record of each row in a part of the log: what the log comes to.
//!
//! Records stay bytes until they are needed, since most are of rows that a later one is of as well. May use `codec`.

use ahash::AHashMap;

use super::codec::Encoded;
use crate::state::Table;

/// Rows of neighbouring numbers lie together, so many at most: they often change together, and a table of such pages is
/// a small one. Where each row stands alone, its page is 128 bytes.
const PAGE_ROWS: usize = 8;

/// A record's row, and the record as bytes.
pub(super) type Kept = ((Table, u64), Box<[u8]>);

type Page = [Option<Box<[u8]>>; PAGE_ROWS];

/// Takes record after record, of which there may be too many to be held at once. Found by hash and put in order at the
/// end: in a tree, each record would wait for memory several times.
#[derive(Debug, Default)]
pub(super) struct Latest {
    pages: AHashMap<(Table, u64), Box<Page>>,
    rows: u64,
}

impl Latest {
    /// Takes the next record. None of a log is fresh (`codec`), so a later one always counts alone.
    pub(super) fn add(&mut self, record: &Encoded<'_>) {
        let (page, slot) = split(record.number);
        let page = self.pages.entry((record.table, page)).or_default();
        match page.get_mut(slot) {
            // Most values are as long as the ones before them.
            Some(Some(there)) if there.len() == record.bytes.len() => there.copy_from_slice(record.bytes),
            Some(there) => {
                self.rows += u64::from(there.is_none());
                *there = Some(record.bytes.into());
            }
            None => {}
        }
    }

    /// How many rows there are records of.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }
}

impl IntoIterator for Latest {
    type Item = Kept;
    type IntoIter = Box<dyn Iterator<Item = Kept> + Send>;

    /// By table and rising number.
    fn into_iter(self) -> Self::IntoIter {
        let mut pages: Vec<_> = self.pages.into_iter().collect();
        pages.sort_unstable_by_key(|(place, _)| *place);
        Box::new(pages.into_iter().flat_map(|((table, page), records)| {
            let numbered = (0..).zip(*records);
            numbered
                .filter_map(move |(slot, record)| Some(((table, page * PAGE_ROWS as u64 + slot), record?)))
        }))
    }
}

/// In which page a row is, and where there.
fn split(number: u64) -> (u64, usize) {
    let rows = PAGE_ROWS as u64;
    (number / rows, usize::try_from(number % rows).unwrap_or_default())
}

#[cfg(test)]
mod tests;
