//! What a thread parsed of late: programs ask the same thing over and over.
//!
//! One small table for each thread, so that finding a text waits for nobody. A text is kept when it comes for the
//! second time in a row in its place, so that texts which differ each time cost no more than a look.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;

use super::prepare::{Program, Speech};

/// Texts that a thread keeps.
const TEXTS_MAX: usize = 32;
/// The longest text that is kept.
const TEXT_BYTES_MAX: usize = 128;

/// The numbers of speeches: no two have the same.
static VERSIONS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static RECENT: RefCell<Option<Recent>> = const { RefCell::new(None) };
}

struct Recent {
    version: u64,
    speech: Arc<Speech>,
    hasher: RandomState,
    places: [Place; TEXTS_MAX],
}

#[derive(Default)]
struct Place {
    /// The hash of the text that came here last.
    came: u64,
    kept: Option<(Box<str>, Arc<Program>)>,
}

/// A number that no speech has had.
pub(super) fn next_version() -> u64 {
    VERSIONS.fetch_add(1, Ordering::Relaxed)
}

/// The prepared text as this thread has it, or as `prepare` makes it with the speech of that version, which `current`
/// gives.
pub(super) fn prepared<E>(
    text: &str,
    version: u64,
    current: impl FnOnce() -> Arc<Speech>,
    prepare: impl FnOnce(Arc<Speech>) -> Result<Arc<Program>, E>,
) -> Result<Arc<Program>, E> {
    RECENT.with_borrow_mut(|recent| {
        // What was prepared with another speech goes, and that speech with it.
        if recent.as_ref().is_none_or(|recent| recent.version != version) {
            *recent = None;
        }
        let recent = recent.get_or_insert_with(|| Recent {
            version,
            speech: current(),
            hasher: RandomState::new(),
            places: std::array::from_fn(|_| Place::default()),
        });
        recent.prepared(text, prepare)
    })
}

impl Recent {
    fn prepared<E>(
        &mut self,
        text: &str,
        prepare: impl FnOnce(Arc<Speech>) -> Result<Arc<Program>, E>,
    ) -> Result<Arc<Program>, E> {
        let hash = self.hasher.hash_one(text);
        let place = self.places.get_mut(hash as usize % TEXTS_MAX).filter(|_| text.len() <= TEXT_BYTES_MAX);
        let Some(place) = place else { return prepare(Arc::clone(&self.speech)) };
        if let Some((kept, prepared)) = &place.kept
            && **kept == *text
        {
            return Ok(Arc::clone(prepared));
        }
        let prepared = prepare(Arc::clone(&self.speech))?;
        if std::mem::replace(&mut place.came, hash) == hash {
            place.kept = Some((text.into(), Arc::clone(&prepared)));
        }
        Ok(prepared)
    }
}
