//! What happens by itself: expiry, times to live, leases that end, and what is left of messages and waits.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use super::Waits;
use super::waits::Orphan;
use crate::functions::{Caller, Context, WorldHandle};

/// Sweeps whenever something is due, for ever.
pub async fn sweep(world: WorldHandle, waits: Arc<Waits>) {
    let mut deadline = waits.deadline.subscribe();
    loop {
        let due = *deadline.borrow_and_update();
        tokio::select! {
            () = waits.orphaned.notified() => {}
            // An earlier deadline was set: look at it.
            _ = deadline.changed() => continue,
            () = async { match due {
                Some(due) => world.clock.sleep_until(due).await,
                None => std::future::pending().await,
            } } => {
                // What is due now is done below; the commit sets what is due next.
                waits.disarm();
            }
        }
        sweep_once(&world, &waits);
    }
}

/// One transaction: its beginning does what is due, and what is left is seen to. At the end of the daemon once more,
/// so that what every listener has is not found at the next start.
pub fn sweep_once(world: &WorldHandle, waits: &Waits) {
    let caller = Caller { address: IpAddr::V6(Ipv6Addr::LOCALHOST), session: None, objects: false };
    let mut context = Context::new(Arc::clone(world), caller, false, false);
    let state = context.state();
    for orphan in waits.take_orphans() {
        match orphan {
            Orphan::GivenBack(wait, fulfilment) => state.give_back(&wait, fulfilment),
            Orphan::Arrived(row) => state.arrived(row),
        }
    }
    context.finish(true);
}
