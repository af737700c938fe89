//! Scans: which registry keys match a pattern, found out without holding the state for long.
//!
//! A scan first looks at a snapshot of the keys, which needs no lock, and is then brought up to date inside the
//! transaction: only blocks of keys that changed in the meantime are looked at again. What it finds is what there
//! is at that moment, so that the expression stays atomic.

use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;

use super::blocks::Block;
use super::{Pattern, Result, State};
use crate::clock::Clock;

/// As many blocks can be looked at at once, while others wait: some ten thousand keys.
const SHORT_BLOCKS_MAX: usize = 32;
/// How often what changed since is looked at without holding the state, at most.
const ROUNDS_MAX: u32 = 5;

/// A scan of the registry's keys.
#[derive(Debug)]
pub struct Scan {
    pattern: Option<Pattern>,
    looks: Vec<Look>,
    /// Looks at what has changed since: to be dropped when the state is not held.
    stale: Vec<Look>,
    rounds: u32,
}

/// A block of keys, and those of them that match, once they were looked at.
#[derive(Debug)]
struct Look {
    block: Arc<Block>,
    found: Option<Vec<Arc<str>>>,
}

impl Scan {
    /// Whether so much is to be looked at that others should not wait for it.
    #[must_use]
    pub fn is_long(&self) -> bool {
        let open = self.looks.iter().filter(|look| look.found.is_none()).count();
        self.rounds < ROUNDS_MAX && open > SHORT_BLOCKS_MAX
    }

    /// Looks at all that was not looked at yet; needs no state. Stops where the clock shows more than `deadline`,
    /// in monotonic time. Whether it got through.
    pub fn look(&mut self, clock: &Clock, deadline: Duration) -> bool {
        self.rounds += 1;
        self.stale.clear();
        for look in self.looks.iter_mut().filter(|look| look.found.is_none()) {
            if clock.now().monotonic > deadline {
                return false;
            }
            look.found = Some(matching(&look.block, self.pattern.as_ref()));
        }
        true
    }

    /// The keys that were found, in order.
    pub(super) fn found(&self) -> impl Iterator<Item = &Arc<str>> {
        self.looks.iter().filter_map(|look| look.found.as_ref()).flatten()
    }

    /// How many keys were found.
    pub(super) fn count(&self) -> usize {
        self.looks.iter().filter_map(|look| look.found.as_ref()).map(Vec::len).sum()
    }

    fn prefix(&self) -> &str {
        self.pattern.as_ref().map_or("", Pattern::prefix)
    }
}

impl State {
    /// Begins a scan for the registry keys that match; `None` is all.
    ///
    /// # Errors
    /// The limit on patterns.
    pub fn scan(&self, pattern: Option<&str>) -> Result<Scan> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let mut scan = Scan { pattern, looks: Vec::new(), stale: Vec::new(), rounds: 0 };
        self.refresh(&mut scan);
        Ok(scan)
    }

    /// Brings a scan up to date: afterwards it has not been looked at where keys came or went since.
    pub fn refresh(&self, scan: &mut Scan) {
        let now = || self.registry.entries.blocks_under(scan.prefix());
        if now().count() == scan.looks.len()
            && now().zip(&scan.looks).all(|(block, look)| Arc::ptr_eq(block, &look.block))
        {
            return;
        }
        let place = |block: &Arc<Block>| Arc::as_ptr(block).addr();
        let mut before: AHashMap<usize, Look> =
            std::mem::take(&mut scan.looks).into_iter().map(|look| (place(&look.block), look)).collect();
        // The scan holds its blocks, so none of them was changed in place, and no other one is where it is.
        let look = |block: &Arc<Block>| {
            before.remove(&place(block)).unwrap_or_else(|| Look { block: Arc::clone(block), found: None })
        };
        let looks = self.registry.entries.blocks_under(scan.prefix()).map(look).collect();
        scan.looks = looks;
        scan.stale.extend(before.into_values());
    }

    /// Brings a scan up to date for good: afterwards it knows what there is now, without keys that expired.
    pub(super) fn complete(&self, scan: &mut Scan) {
        self.refresh(scan);
        let pattern = scan.pattern.as_ref();
        for look in scan.looks.iter_mut().filter(|look| look.found.is_none()) {
            look.found = Some(matching(&look.block, pattern));
        }
        if self.backlog() {
            let lasts =
                |key: &Arc<str>| self.registry.entries.get(key).is_some_and(|entry| self.lasts(entry));
            scan.looks
                .iter_mut()
                .filter_map(|look| look.found.as_mut())
                .for_each(|found| found.retain(lasts));
        }
    }
}

fn matching(block: &Block, pattern: Option<&Pattern>) -> Vec<Arc<str>> {
    match pattern {
        Some(pattern) => {
            block.keys_under(pattern.prefix()).filter(|key| pattern.matches(key)).map(Arc::from).collect()
        }
        None => block.keys_under("").map(Arc::from).collect(),
    }
}
