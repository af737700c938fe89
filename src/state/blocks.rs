//! Keys in order, many to a block: what a scan walks over.
//!
//! A block holds its keys end to end, so that a scan reads memory from front to back instead of jumping from key
//! to key. Blocks are shared with the snapshots that scans look at, and copied when they change meanwhile: taking
//! a snapshot costs a reference count for each block, whatever happens afterwards. Owns nothing of the rules.

use std::ops::Range;
use std::sync::Arc;

/// A block with more keys is cut in two.
const BLOCK_KEYS_MAX: usize = 512;
/// So is one with more bytes. Far below what 16 bits can count, since one more key must fit in before the cut.
const BLOCK_BYTES_MAX: usize = 16_384;
/// A block with fewer keys joins its neighbour, if both fit into half a block.
const BLOCK_KEYS_MIN: usize = 64;

/// All keys.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Never empty; the first one's bound is the empty text.
    leaves: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    /// No key of this block comes before it, and none of an earlier block after it.
    bound: Box<str>,
    block: Arc<Block>,
}

/// Some keys that follow each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    text: String,
    /// Where each key ends.
    ends: Vec<u16>,
}

impl Default for Blocks {
    fn default() -> Blocks {
        Blocks { leaves: vec![Leaf { bound: Box::default(), block: Arc::default() }] }
    }
}

impl Blocks {
    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: &str) {
        let at = self.leaf_of(key);
        let Some(leaf) = self.leaves.get_mut(at) else { return };
        let block = Arc::make_mut(&mut leaf.block);
        let (Ok(place) | Err(place)) = block.find(key);
        block.insert(place, key);
        if block.ends.len() > BLOCK_KEYS_MAX || block.text.len() > BLOCK_BYTES_MAX {
            // Keys that come in order fill their blocks; others leave room on both sides.
            let cut = if place + 1 == block.ends.len() { place } else { block.ends.len() / 2 };
            let later = block.cut(cut);
            if let Some(bound) = later.key(0).map(Box::from) {
                self.leaves.insert(at + 1, Leaf { bound, block: Arc::new(later) });
            }
        }
    }

    /// Takes a key away.
    pub(super) fn remove(&mut self, key: &str) {
        let at = self.leaf_of(key);
        let Some(leaf) = self.leaves.get_mut(at) else { return };
        let Ok(place) = leaf.block.find(key) else { return };
        let block = Arc::make_mut(&mut leaf.block);
        block.remove(place);
        if block.ends.len() < BLOCK_KEYS_MIN {
            self.join(at);
        }
    }

    /// The blocks that hold keys which begin with `prefix`.
    pub(super) fn under(&self, prefix: &str) -> impl Iterator<Item = &Arc<Block>> {
        let first = self.leaf_of(prefix);
        let leaves = self.leaves.get(first..).unwrap_or_default();
        let within = move |(index, leaf): &(usize, &Leaf)| *index == 0 || leaf.bound.starts_with(prefix);
        leaves.iter().enumerate().take_while(within).map(|(_, leaf)| &leaf.block)
    }

    fn leaf_of(&self, key: &str) -> usize {
        // Many keys come in order.
        if let [.., last] = &*self.leaves
            && &*last.bound <= key
        {
            return self.leaves.len() - 1;
        }
        self.leaves.partition_point(|leaf| &*leaf.bound <= key).saturating_sub(1)
    }

    /// Joins a small block with one of its neighbours.
    fn join(&mut self, at: usize) {
        let small = |range: Range<usize>| {
            let pair = self.leaves.get(range).unwrap_or_default();
            let keys: usize = pair.iter().map(|leaf| leaf.block.ends.len()).sum();
            let bytes: usize = pair.iter().map(|leaf| leaf.block.text.len()).sum();
            pair.len() == 2 && keys <= BLOCK_KEYS_MAX / 2 && bytes <= BLOCK_BYTES_MAX / 2
        };
        let left = if small(at..at + 2) {
            at
        } else if at > 0 && small(at - 1..at + 1) {
            at - 1
        } else {
            return;
        };
        let right = self.leaves.remove(left + 1);
        if let Some(left) = self.leaves.get_mut(left) {
            Arc::make_mut(&mut left.block).append(&right.block);
        }
    }
}

impl Block {
    /// How many keys it holds.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The keys that begin with `prefix`, in order.
    pub(super) fn keys_under<'a>(&'a self, prefix: &str) -> impl Iterator<Item = &'a str> {
        let (Ok(first) | Err(first)) = self.find(prefix);
        let last = match self.last() {
            Some(last) if last.starts_with(prefix) => self.len(),
            // Some of the last keys do not begin so.
            _ => first + self.keys(first..self.len()).take_while(|key| key.starts_with(prefix)).count(),
        };
        self.keys(first..last)
    }

    fn keys(&self, range: Range<usize>) -> impl Iterator<Item = &str> {
        let mut start = self.start(range.start);
        self.ends.get(range).unwrap_or_default().iter().map(move |end| {
            let end = usize::from(*end);
            let key = self.text.get(start..end).unwrap_or_default();
            start = end;
            key
        })
    }

    fn key(&self, index: usize) -> Option<&str> {
        let end = usize::from(*self.ends.get(index)?);
        self.text.get(self.start(index)..end)
    }

    fn last(&self) -> Option<&str> {
        self.key(self.len().checked_sub(1)?)
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| usize::from(*end))
    }

    /// The place of a key, or where it would be.
    fn find(&self, key: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        if self.last().is_some_and(|last| last < key) {
            return Err(high);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle).unwrap_or_default().cmp(key) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    fn insert(&mut self, place: usize, key: &str) {
        let start = self.start(place);
        let length = counted(key.len());
        self.text.insert_str(start, key);
        self.ends.insert(place, counted(start));
        self.ends.iter_mut().skip(place).for_each(|end| *end = end.saturating_add(length));
    }

    fn remove(&mut self, place: usize) {
        let start = self.start(place);
        let Some(end) = self.ends.get(place).copied() else { return };
        let length = end - counted(start);
        self.text.replace_range(start..usize::from(end), "");
        self.ends.remove(place);
        self.ends.iter_mut().skip(place).for_each(|end| *end -= length);
    }

    /// Takes the keys from `place` on away into a block of their own.
    fn cut(&mut self, place: usize) -> Block {
        let start = self.start(place);
        let text = self.text.split_off(start);
        let start = counted(start);
        let ends = self.ends.split_off(place).into_iter().map(|end| end - start).collect();
        Block { text, ends }
    }

    fn append(&mut self, later: &Block) {
        let length = counted(self.text.len());
        self.text.push_str(&later.text);
        self.ends.extend(later.ends.iter().map(|end| end + length));
    }
}

/// A block has far fewer bytes than 16 bits can count.
fn counted(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}
