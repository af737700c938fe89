//! Things under names: found by hash, so that a million of them cost what a thousand cost, and listed in order.
//!
//! Owns nothing of the rules.

use std::borrow::Cow;
use std::sync::Arc;

use ahash::RandomState;
use hashbrown::HashTable;

use super::blocks::{Block, Blocks};

/// A hash table grows by moving all that it holds: many small ones never do so at once.
const SHARDS: usize = 256;

/// The things.
#[derive(Debug)]
pub(super) struct Directory<T> {
    /// Keyed, so that no client can choose names that collide.
    hasher: RandomState,
    shards: Box<[Shard<T>]>,
    order: Blocks,
    len: usize,
}

type Shard<T> = HashTable<(Arc<str>, T)>;

impl<T> Default for Directory<T> {
    fn default() -> Directory<T> {
        Directory {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
            order: Blocks::default(),
            len: 0,
        }
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
        Some(self.get_key_value(name)?.1)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let hash = self.hasher.hash_one(name);
        let (_, thing) = self.shards.get_mut(shard(hash))?.find_mut(hash, |(there, _)| &**there == name)?;
        Some(thing)
    }

    /// The thing, and its name to be shared.
    pub(super) fn get_key_value(&self, name: &str) -> Option<(&Arc<str>, &T)> {
        let hash = self.hasher.hash_one(name);
        let (name, thing) = self.shards.get(shard(hash))?.find(hash, |(there, _)| &**there == name)?;
        Some((name, thing))
    }

    /// Puts a thing under a name; what was there, and the name, which is only kept where it is a new one.
    pub(super) fn insert<'n>(&mut self, name: Cow<'n, Arc<str>>, thing: T) -> Option<(Cow<'n, Arc<str>>, T)> {
        let hash = self.hasher.hash_one(&**name);
        let shard = self.shards.get_mut(shard(hash))?;
        if let Some((_, there)) = shard.find_mut(hash, |(there, _)| *there == *name) {
            return Some((name, std::mem::replace(there, thing)));
        }
        self.order.insert(&name);
        self.len += 1;
        let hasher = &self.hasher;
        shard.insert_unique(hash, (name.into_owned(), thing), |(name, _)| hasher.hash_one(&**name));
        None
    }

    /// Takes the thing of this name away.
    pub(super) fn remove(&mut self, name: &str) -> Option<T> {
        let hash = self.hasher.hash_one(name);
        let shard = self.shards.get_mut(shard(hash))?;
        let ((_, thing), _) = shard.find_entry(hash, |(there, _)| &**there == name).ok()?.remove();
        // What was large once need not stay so.
        if shard.capacity() > 64 && shard.len() < shard.capacity() / 8 {
            let room = shard.len() * 2;
            let hasher = &self.hasher;
            shard.shrink_to(room, |(name, _)| hasher.hash_one(&**name));
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

/// Which of the tables, by bits that a table itself makes no use of: it goes by the lowest and the highest ones.
fn shard(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or_default() % SHARDS
}
