//! Things under names: found by hash, so that a million of them cost what a thousand cost, and listed in order.
//!
//! Owns nothing of the rules.

use std::sync::Arc;

use ahash::AHashMap;

use super::blocks::{Block, Blocks};

/// A hash table grows by moving all that it holds: many small ones never do so at once.
const SHARDS: usize = 256;

/// The things.
#[derive(Debug)]
pub(super) struct Directory<T> {
    shards: Box<[AHashMap<Arc<str>, T>]>,
    order: Blocks,
    len: usize,
}

impl<T> Default for Directory<T> {
    fn default() -> Directory<T> {
        Directory { shards: (0..SHARDS).map(|_| AHashMap::new()).collect(), order: Blocks::default(), len: 0 }
    }
}

impl<T> Directory<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.shards.get(shard(name))?.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.shards.get_mut(shard(name))?.get_mut(name)
    }

    /// The thing, and its name to be shared.
    pub(super) fn get_key_value(&self, name: &str) -> Option<(&Arc<str>, &T)> {
        self.shards.get(shard(name))?.get_key_value(name)
    }

    /// Puts a thing under a name; what was there.
    pub(super) fn insert(&mut self, name: &Arc<str>, thing: T) -> Option<T> {
        let shard = self.shards.get_mut(shard(name))?;
        // Most names are there already, and need not be shared once more.
        if let Some(there) = shard.get_mut(name) {
            return Some(std::mem::replace(there, thing));
        }
        self.order.insert(name);
        self.len += 1;
        shard.insert(Arc::clone(name), thing)
    }

    /// Takes the thing of this name away.
    pub(super) fn remove(&mut self, name: &str) -> Option<T> {
        let shard = self.shards.get_mut(shard(name))?;
        let thing = shard.remove(name)?;
        // What was large once need not stay so.
        if shard.capacity() > 64 && shard.len() < shard.capacity() / 8 {
            let room = shard.len() * 2;
            shard.shrink_to(room);
        }
        self.order.remove(name);
        self.len -= 1;
        Some(thing)
    }

    /// The things whose names begin with `prefix`, in order.
    pub(super) fn under(&self, prefix: &str) -> impl Iterator<Item = (&Arc<str>, &T)> {
        self.order
            .under(prefix)
            .flat_map(move |block| block.keys_under(prefix))
            .filter_map(|name| self.get_key_value(name))
    }

    /// The blocks of names that hold those which begin with `prefix`, in order.
    pub(super) fn blocks_under(&self, prefix: &str) -> impl Iterator<Item = &Arc<Block>> {
        self.order.under(prefix)
    }
}

/// Which of the tables: a quick and weak hash, whose only work is to spread their growing. Whoever sends names that
/// all fall into one table gains nothing but that one large table, whose own hash is keyed.
fn shard(name: &str) -> usize {
    let mut hash = name.len() as u64;
    for chunk in name.as_bytes().chunks(8) {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    usize::try_from(hash >> 56).unwrap_or_default()
}
