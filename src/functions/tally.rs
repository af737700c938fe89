//! A count that all threads add to, each in a place of its own: threads that add in one place take turns at it.
//!
//! Knows nothing of what is counted.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More threads than this share places.
const PLACES: usize = 8;

/// A count.
#[derive(Debug, Default)]
pub struct Tally([Place; PLACES]);

/// A cache line, and a second one that is fetched with it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Place(AtomicU64);

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % PLACES;
}

impl Tally {
    /// One more.
    pub fn add(&self) {
        if let Some(place) = OWN.with(|own| self.0.get(*own)) {
            place.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many so far.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|place| place.0.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_threads_add_is_all_counted() {
        let tally = Tally::default();
        std::thread::scope(|scope| {
            for _ in 0..PLACES + 3 {
                scope.spawn(|| (0..1_000).for_each(|_| tally.add()));
            }
        });
        assert_eq!(tally.sum(), (PLACES as u64 + 3) * 1_000);
    }
}
