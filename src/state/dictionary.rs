//! One of the two dictionaries: its keys by hash, for whoever asks for one, and in order, for whoever asks for many.
//!
//! Plain data; knows no rule. A look-up in a tree of a hundred thousand keys waits for memory a dozen times, one by
//! hash for two or three.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use indexmap::IndexMap;

use super::rows::Entry;

/// Keys and their entries.
#[derive(Default)]
pub(super) struct Dictionary {
    /// Keeps each key's hash, so that growing reads no key.
    entries: IndexMap<Arc<str>, Entry>,
    /// The same keys, but while they are loose.
    order: BTreeSet<Arc<str>>,
    /// Many keys are coming: they are put in order when all are there.
    loose: bool,
    /// What `registry_bytes_max` counts.
    pub(super) bytes: usize,
}

impl Dictionary {
    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry of a key, and the key as it is kept.
    pub(super) fn get(&self, key: &str) -> Option<(&Arc<str>, &Entry)> {
        self.entries.get_key_value(key)
    }

    /// All entries, in no order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Arc<str>, &Entry)> {
        self.entries.iter()
    }

    /// The keys that begin with `prefix`, in order.
    pub(super) fn keys_under(&self, prefix: String) -> impl Iterator<Item = &Arc<str>> {
        self.order
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .take_while(move |key| key.starts_with(&*prefix))
    }

    /// Many keys are coming: until `put_in_order` they are found one by one only.
    pub(super) fn loosen(&mut self) {
        self.loose = true;
    }

    /// Puts the keys in order, all at once.
    pub(super) fn put_in_order(&mut self) {
        if std::mem::take(&mut self.loose) {
            self.order = self.entries.keys().cloned().collect();
        }
    }

    /// Puts an entry under a key, or takes it away; what was there.
    pub(super) fn swap(&mut self, key: &Arc<str>, new: Option<Entry>) -> Option<Entry> {
        let added = new.as_ref().map_or(0, |new| new.cost);
        let old = match new {
            Some(new) => match self.entries.get_mut(&**key) {
                Some(entry) => Some(std::mem::replace(entry, new)),
                None => {
                    if !self.loose {
                        self.order.insert(Arc::clone(key));
                    }
                    self.entries.insert(Arc::clone(key), new)
                }
            },
            None => {
                let old = self.entries.swap_remove(&**key);
                if old.is_some() {
                    self.order.remove(key);
                }
                old
            }
        };
        self.bytes = (self.bytes + added).saturating_sub(old.as_ref().map_or(0, |old| old.cost));
        old
    }
}
