//! Who watches a key: one key meets many patterns at once.
//!
//! A pattern that begins with ordinary characters is found by them, one look-up for each length in use. One that
//! begins with a wildcard is sieved by `globset`, which sees only its stars and ordinary characters (a wildcard
//! of one character becomes a star, for globset counts bytes) and so lets through all that match and more. What
//! is found either way is a candidate: the matcher decides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ahash::AHashMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Pattern;
use super::pattern::{Part, Piece};

/// Fewer open patterns than this are tried one by one.
const SIEVE_PATTERNS_MIN: usize = 16;
/// How many keys are looked up one by one after a change before a sieve is made: it costs about as much.
const LOOKUPS_BEFORE_SIEVE: usize = 16;

/// Ends every key and glob in the sieve: globset takes texts for paths, and reads one that ends in `..` or `/` in
/// ways of its own. No key has a control character.
const END: char = '\u{1}';

/// All watched patterns.
#[derive(Default)]
pub(super) struct WatchIndex {
    patterns: BTreeMap<Arc<str>, Watched>,
    by_prefix: AHashMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// The lengths in bytes of the prefixes, and how many prefixes have each.
    lengths: BTreeMap<usize, usize>,
    /// Patterns that begin with a wildcard.
    open: BTreeSet<Arc<str>>,
    sieve: Sieve,
}

struct Watched {
    pattern: Pattern,
    watchers: BTreeSet<u64>,
}

#[derive(Default)]
enum Sieve {
    /// Not made since the last change; so many keys were looked up.
    #[default]
    Fresh,
    Stale(usize),
    Made(GlobSet, Vec<Arc<str>>),
    /// globset refused a pattern.
    Refused,
}

impl WatchIndex {
    /// The numbers of the clients that watch `key`, sorted, each once.
    pub(super) fn watchers(&mut self, key: &str) -> Vec<u64> {
        if self.patterns.is_empty() {
            return Vec::new();
        }
        let mut watchers = BTreeSet::new();
        for length in self.lengths.range(..=key.len()).map(|(length, _)| *length) {
            let found = key.get(..length).and_then(|prefix| self.by_prefix.get(prefix));
            for text in found.into_iter().flatten() {
                self.collect(text, key, &mut watchers);
            }
        }
        self.sift();
        match &self.sieve {
            Sieve::Made(set, texts) => {
                for text in
                    set.matches(format!("{key}{END}")).into_iter().filter_map(|index| texts.get(index))
                {
                    self.collect(text, key, &mut watchers);
                }
            }
            _ => self.open.iter().for_each(|text| self.collect(text, key, &mut watchers)),
        }
        watchers.into_iter().collect()
    }

    /// Adds or removes a client's watch of a pattern.
    pub(super) fn note(&mut self, client: u64, pattern: &Pattern, watches: bool) {
        let text = pattern.text();
        if watches {
            if let Some(watched) = self.patterns.get_mut(text) {
                watched.watchers.insert(client);
                return;
            }
            let text: Arc<str> = Arc::from(text);
            let watched = Watched { pattern: pattern.clone(), watchers: BTreeSet::from([client]) };
            self.patterns.insert(Arc::clone(&text), watched);
            self.index(pattern.prefix(), text, true);
        } else if let Some(watched) = self.patterns.get_mut(text) {
            watched.watchers.remove(&client);
            if watched.watchers.is_empty() {
                self.patterns.remove(text);
                self.index(pattern.prefix(), Arc::from(text), false);
            }
        }
    }

    /// The index as text, without the sieve, which is made anew when it is needed.
    #[cfg(test)]
    pub(super) fn dump(&self) -> String {
        let watchers: Vec<_> =
            self.patterns.iter().map(|(text, watched)| (text, &watched.watchers)).collect();
        let by_prefix: BTreeMap<_, _> = self.by_prefix.iter().collect();
        format!("{watchers:?} {by_prefix:?} {:?} {:?}", self.lengths, self.open)
    }

    fn collect(&self, text: &Arc<str>, key: &str, watchers: &mut BTreeSet<u64>) {
        if let Some(watched) = self.patterns.get(text)
            && watched.pattern.matches(key)
        {
            watchers.extend(&watched.watchers);
        }
    }

    fn index(&mut self, prefix: &str, text: Arc<str>, watches: bool) {
        if prefix.is_empty() {
            if watches {
                self.open.insert(text);
            } else {
                self.open.remove(&text);
            }
            self.sieve = Sieve::Fresh;
            return;
        }
        let length = prefix.len();
        if watches {
            if !self.by_prefix.contains_key(prefix) {
                *self.lengths.entry(length).or_default() += 1;
            }
            self.by_prefix.entry(Arc::from(prefix)).or_default().insert(text);
            return;
        }
        let Some(texts) = self.by_prefix.get_mut(prefix) else { return };
        texts.remove(&text);
        if texts.is_empty() {
            self.by_prefix.remove(prefix);
            if let Some(count) = self.lengths.get_mut(&length) {
                *count -= 1;
                if *count == 0 {
                    self.lengths.remove(&length);
                }
            }
        }
    }

    fn sift(&mut self) {
        if self.open.len() < SIEVE_PATTERNS_MIN {
            return;
        }
        match self.sieve {
            Sieve::Fresh => self.sieve = Sieve::Stale(1),
            Sieve::Stale(lookups) if lookups < LOOKUPS_BEFORE_SIEVE => {
                self.sieve = Sieve::Stale(lookups + 1);
            }
            Sieve::Stale(_) => self.sieve = self.make_sieve(),
            Sieve::Made(..) | Sieve::Refused => {}
        }
    }

    fn make_sieve(&self) -> Sieve {
        let mut builder = GlobSetBuilder::new();
        let mut texts = Vec::with_capacity(self.open.len());
        for text in &self.open {
            let Some(watched) = self.patterns.get(text) else { continue };
            let Ok(glob) = GlobBuilder::new(&translate(&watched.pattern)).backslash_escape(true).build()
            else {
                return Sieve::Refused;
            };
            builder.add(glob);
            texts.push(Arc::clone(text));
        }
        builder.build().map_or(Sieve::Refused, |set| Sieve::Made(set, texts))
    }
}

/// A glob that matches all that the pattern matches.
fn translate(pattern: &Pattern) -> String {
    // Ordinary characters; nothing for any text.
    let mut characters = Vec::new();
    for (index, part) in pattern.parts().iter().enumerate() {
        if index > 0 {
            characters.push(None);
        }
        match part {
            Part::Text(text) => characters.extend(text.chars().map(Some)),
            Part::Pieces(pieces) => characters.extend(pieces.iter().map(|piece| match piece {
                Piece::Literal(character) => Some(*character),
                _ => None,
            })),
        }
    }
    characters.dedup_by(|a, b| a.is_none() && b.is_none());
    let mut glob = String::new();
    for character in characters {
        match character {
            Some(character) if character.is_ascii_punctuation() => glob.extend(['\\', character]),
            Some(character) => glob.push(character),
            None => glob.push('*'),
        }
    }
    glob.push(END);
    glob
}
