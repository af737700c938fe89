//! Texts that were prepared before, bounded by their number and by their bytes.
//!
//! Only texts that need Rhai are worth a place: the others are parsed in less time than a look-up is worth.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::prepare::Program;

/// The longest text that is kept.
const TEXT_BYTES_MAX: usize = 1_024;
/// Bytes of texts that are kept: what is compiled of one may take a hundred times as many.
const BYTES_MAX: usize = 65_536;
/// Texts that are kept.
const TEXTS_MAX: usize = 256;

/// The cache.
#[derive(Default)]
pub struct Cache {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    texts: HashMap<Box<str>, Arc<Program>>,
    bytes: usize,
}

impl Cache {
    /// The prepared text, if it was kept.
    pub fn get(&self, text: &str) -> Option<Arc<Program>> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        self.kept.lock().texts.get(text).map(Arc::clone)
    }

    /// Keeps it. A full cache starts anew, which costs each text one more preparation.
    pub fn keep(&self, text: &str, program: &Arc<Program>) {
        if text.len() > TEXT_BYTES_MAX {
            return;
        }
        let mut kept = self.kept.lock();
        if kept.bytes + text.len() > BYTES_MAX || kept.texts.len() >= TEXTS_MAX {
            *kept = Kept::default();
        }
        if kept.texts.insert(text.into(), Arc::clone(program)).is_none() {
            kept.bytes += text.len();
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.kept.lock() = Kept::default();
    }
}
