//! Replies that go out together.
//!
//! A thread that has several requests before it evaluates them all, and only then sends the replies: what evaluates
//! and what sends each finds its own code and data in the processor's cache, and a peer on the same machine is woken
//! once and not for every reply. The first request after a pause is answered at once. Owns nothing but that a
//! thread is in the middle of a burst.

use std::cell::Cell;

thread_local! {
    static LASTS: Cell<bool> = const { Cell::new(false) };
}

/// A thread of the runtime has nothing to do: a burst is over.
pub fn end() {
    LASTS.set(false);
}

/// Waits, where the thread answered somebody since it last had nothing to do, until all others had their turn that
/// have something to do now.
pub(super) async fn others() {
    if LASTS.replace(true) {
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn the_first_of_a_burst_waits_for_nobody_and_the_next_for_all_others() {
        let mut task = Context::from_waker(Waker::noop());
        end();
        assert!(std::pin::pin!(others()).poll(&mut task).is_ready());
        let turns = Rc::new(Cell::new(0));
        let local = tokio::task::LocalSet::new();
        local
            .run_until(async {
                for _ in 0..3 {
                    let turns = Rc::clone(&turns);
                    tokio::task::spawn_local(async move { turns.set(turns.get() + 1) });
                }
                others().await;
            })
            .await;
        assert_eq!(turns.get(), 3);
        end();
        assert!(std::pin::pin!(others()).poll(&mut task).is_ready());
    }
}
