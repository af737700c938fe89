//! Which core a loop runs on.
//!
//! The scheduler leaves a thread where it ran last when no other core is idle at that moment, so loops that sleep often
//! come to share a core while another has time to spare, and stay there. Each has a core of its own instead: what else
//! runs on it can go elsewhere.

use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that the process could use before it kept threads on some.
static ALL: OnceLock<CpuSet> = OnceLock::new();

/// How many cores the process may use, as far as the system tells.
pub(super) fn usable() -> Option<usize> {
    sched_getaffinity(None).ok().and_then(|usable| usize::try_from(usable.count()).ok())
}

/// Keeps this thread on a core of those that the process may use: the first thread on the first one, and so on. Where
/// there are not as many, or the system does not allow it, the thread stays free.
pub(super) fn keep_on_core(number: usize) {
    let Ok(usable) = sched_getaffinity(None) else { return };
    let usable = ALL.get_or_init(|| usable);
    let mut cores = (0..CpuSet::MAX_CPU).filter(|core| usable.is_set(*core));
    if let Some(core) = cores.nth(number) {
        let mut own = CpuSet::new();
        own.set(core);
        let _ = sched_setaffinity(None, &own);
    }
}

/// Lets this thread run on all cores again: one that a loop started is kept where the loop is.
pub(super) fn leave_core() {
    if let Some(usable) = ALL.get() {
        let _ = sched_setaffinity(None, usable);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// The cores of a thread that was kept on one.
    fn kept(number: usize) -> Vec<usize> {
        let thread = std::thread::spawn(move || {
            keep_on_core(number);
            let own = sched_getaffinity(None).unwrap();
            (0..CpuSet::MAX_CPU).filter(|core| own.is_set(*core)).collect()
        });
        thread.join().unwrap()
    }

    #[test]
    fn a_thread_that_a_loop_started_can_leave_the_loops_core() {
        let usable = sched_getaffinity(None).unwrap();
        let kept_then_free = std::thread::spawn(move || {
            keep_on_core(0);
            let started = std::thread::spawn(|| {
                let before = sched_getaffinity(None).unwrap().count();
                leave_core();
                (before, sched_getaffinity(None).unwrap())
            });
            started.join().unwrap()
        });
        assert_eq!(kept_then_free.join().unwrap(), (1, usable));
    }

    #[test]
    fn each_thread_has_one_core_of_those_that_may_be_used_and_none_has_two() {
        let usable = sched_getaffinity(None).unwrap();
        let all: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| usable.is_set(*core)).collect();
        let given: Vec<usize> = (0..all.len()).flat_map(kept).collect();
        assert_eq!(given, all);
        assert_eq!(kept(all.len()), all, "there is none for it");
        assert_eq!(sched_getaffinity(None).unwrap(), usable, "whoever starts them stays free");
    }
}
