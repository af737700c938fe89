//! What the line of a session is doing that was begun last, where it has no reply yet.
//!
//! May use `pipeline`. Knows no socket.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::oneshot;

use crate::pipeline::{Done, Pipeline, Running, Waiting};

/// What it is doing.
pub(super) enum Busy<'p> {
    No,
    /// It is evaluated elsewhere.
    Running(Running<'p>),
    /// It waits; the sender ends that early.
    Waiting(Pin<Box<dyn Future<Output = Done> + Send + 'p>>, Option<oneshot::Sender<()>>),
}

impl<'p> Busy<'p> {
    /// It waits.
    pub(super) fn waiting(pipeline: &'p Pipeline, waiting: Waiting) -> Busy<'p> {
        let (enough, told) = oneshot::channel::<()>();
        let wait = async move {
            let told = async {
                if told.await.is_err() {
                    std::future::pending().await
                }
            };
            pipeline.wait(waiting, told).await
        };
        Busy::Waiting(Box::pin(wait), Some(enough))
    }

    /// Who hung up waits for nothing any more; what was waited for stays where it is.
    pub(super) fn enough(&mut self) {
        if let Busy::Waiting(_, enough) = self
            && let Some(enough) = enough.take()
        {
            let _ = enough.send(());
        }
    }
}
