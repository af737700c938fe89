//! What a function runs in: the world it may touch, and the one lock on the state, taken at first touch.

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use parking_lot::{ArcMutexGuard, Mutex, RawMutex};

use super::{Error, Tally};
use crate::clock::{Clock, Moment};
use crate::config::Limits;
use crate::database::Database;
use crate::state::{self, ClientId, Commit, Scan, State};

/// So often the lock on the state is looked at before this thread gives its core away: for some microseconds, in which
/// who holds it is mostly done. parking_lot does so for half a microsecond.
const LOOKS: usize = 100;

/// Takes what a commit leaves: records for the journal, fulfilled waits for those who wait. What is left of it is
/// room for the next one.
pub type HandOver = Box<dyn Fn(&mut Commit) + Send + Sync>;

/// Where random numbers come from: 64 fresh bits a call.
pub type Random = Box<dyn Fn() -> u64 + Send + Sync>;

/// Everything that all expressions share.
pub struct World {
    /// The state behind its one lock.
    pub state: Arc<Mutex<State>>,
    /// Whoever runs a script holds this while it waits for the state and while it has it, and gives it back only
    /// after the state: so between two scripts every single call that waits goes first.
    pub script_turn: Arc<Mutex<()>>,
    /// Where commits go; called with the lock on the state held, so that they come in their order.
    pub hand_over: HandOver,
    /// The users' SQL.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub random: Random,
    /// The limits.
    pub limits: Limits,
    /// What is counted for `server.*`.
    pub counters: Counters,
    /// `full`, `normal` or `memory`.
    pub durability: &'static str,
    /// When the daemon started.
    pub started: Moment,
}

/// The world, held by many. Each handle that is made of the inner one has a count of its own: threads that count
/// references in one place take turns at it, and with it at all that stands beside it.
pub type WorldHandle = Arc<Arc<World>>;

/// Counters since the start, and gauges that the server keeps.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections open now.
    pub connections: AtomicU64,
    /// Requests since the start.
    pub requests: Tally,
    /// Requests that ended in an error.
    pub errors: AtomicU64,
}

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The address of the connection.
    pub address: IpAddr,
    /// The client of the session, if it is one.
    pub session: Option<ClientId>,
    /// Messages are given as objects, not as text.
    pub objects: bool,
}

/// One expression's context: owned, so that it can be put aside while the expression runs.
pub struct Context {
    /// The world.
    pub world: WorldHandle,
    /// Who calls.
    pub caller: Caller,
    /// Whether this thread may block on SQL.
    pub may_block: bool,
    script: bool,
    /// How long it may run before it must go on elsewhere, and how long it ran elsewhere in vain.
    stay: Option<Duration>,
    in_vain: Duration,
    turn: Option<ArcMutexGuard<RawMutex, ()>>,
    state: Option<ArcMutexGuard<RawMutex, State>>,
    held_since: Option<Duration>,
    /// Whether the call that runs found the state held: then it must not let it go.
    held_before_call: bool,
    /// A scan that may be large: to be dropped when the state is let go.
    spent: Option<Box<Scan>>,
}

impl Context {
    /// For an expression that others wait for: how long it may run before it must go on elsewhere, from its
    /// beginning; and how long it ran elsewhere in vain.
    #[must_use]
    pub fn staying(mut self, stay: Option<Duration>, in_vain: Duration) -> Context {
        self.stay = stay;
        self.in_vain = in_vain;
        self
    }

    /// As [`Context::staying`] says.
    #[must_use]
    pub fn stay(&self) -> (Option<Duration>, Duration) {
        (self.stay, self.in_vain)
    }

    /// The context of one expression. `script`: it may hold the state for a while, so it waits its turn.
    #[must_use]
    pub fn new(world: WorldHandle, caller: Caller, script: bool, may_block: bool) -> Context {
        Context {
            world,
            caller,
            may_block,
            script,
            stay: None,
            in_vain: Duration::ZERO,
            turn: None,
            state: None,
            held_since: None,
            held_before_call: false,
            spent: None,
        }
    }

    /// The state, inside this expression's transaction: the first touch takes the lock and begins it.
    pub fn state(&mut self) -> &mut State {
        let Context { world, script, turn, held_since, state, .. } = self;
        state.get_or_insert_with(|| {
            if *script {
                *turn = Some(Mutex::lock_arc(&world.script_turn));
            }
            let mut guard = lock(&world.state);
            let now = world.clock.now();
            *held_since = Some(now.monotonic);
            guard.begin(now);
            guard
        })
    }

    /// Since when this expression holds the state, in monotonic time.
    #[must_use]
    pub fn held_since(&self) -> Option<Duration> {
        self.held_since
    }

    /// How many changes would have to be undone.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.state.as_ref().map_or(0, |state| state.changes())
    }

    /// Ends the transaction, keeping or undoing its changes. The number of the commit that a reply must wait for:
    /// the last one, which covers all that was changed and seen. Nothing where the state was not touched.
    pub fn finish(&mut self, keep: bool) -> Option<u64> {
        let mut guard = self.state.take()?;
        let mut commit = if keep { guard.commit() } else { guard.rollback() };
        let sequence = guard.last_sequence();
        (self.world.hand_over)(&mut commit);
        guard.reuse(commit);
        if self.script {
            ArcMutexGuard::unlock_fair(guard);
        } else {
            drop(guard);
        }
        self.turn = None;
        self.held_since = None;
        self.spent = None;
        Some(sequence)
    }

    /// A call begins.
    pub(super) fn begin_call(&mut self) {
        self.held_before_call = self.state.is_some();
    }

    /// What `found` makes of a scan of the registry. A long one looks at a snapshot of the keys while the state is
    /// let go, if this call is the first of the expression that touches it; else it has to get through within
    /// `state_ms_max`.
    ///
    /// # Errors
    /// The limits on patterns, `state_ms_max` and `expression_ms_max`; [`Error::MayBlock`] where a long scan must
    /// not run.
    pub fn scan<T>(
        &mut self,
        pattern: Option<&str>,
        found: impl FnOnce(&mut State, &mut Scan) -> T,
    ) -> Result<T, Error> {
        let mut scan = self.state().scan(pattern)?;
        self.look(&mut scan)?;
        let found = found(self.state(), &mut scan);
        if !self.held_before_call {
            self.spent = Some(Box::new(scan));
        }
        Ok(found)
    }

    /// Looks at so much that the state can finish the scan at once.
    fn look(&mut self, scan: &mut Scan) -> Result<(), Error> {
        let world = Arc::clone(&self.world);
        let (clock, limits) = (&world.clock, &world.limits);
        let out_of_time =
            |name, value| Error::from(state::Error::Limit { name, value, detail: String::new() });
        let deadline = clock.now().monotonic + Duration::from_millis(limits.expression_ms_max);
        loop {
            let held_since = self.held_since.unwrap_or_default();
            let state_deadline = held_since + Duration::from_millis(limits.state_ms_max);
            if (self.held_before_call || !scan.is_long()) && scan.look(clock, state_deadline) {
                return Ok(());
            }
            if self.held_before_call {
                return Err(out_of_time("state_ms_max", limits.state_ms_max));
            }
            if !self.may_block {
                return Err(Error::MayBlock);
            }
            // What this call did so far, a client's sign of life, stands by itself.
            self.finish(true);
            if !scan.look(clock, deadline) {
                return Err(out_of_time("expression_ms_max", limits.expression_ms_max));
            }
            self.state().refresh(scan);
        }
    }

    /// The live client that `id_or_name` calls, with a sign of life.
    ///
    /// # Errors
    /// `state` where nobody has that ID or name.
    pub fn client(&mut self, id_or_name: &str) -> Result<ClientId, Error> {
        let address = self.caller.address;
        Ok(self.state().caller(id_or_name, address)?)
    }

    /// The same before something that takes long: where this expression did not hold the state before, it does not
    /// hold it afterwards.
    ///
    /// # Errors
    /// As for [`Context::client`].
    pub fn client_in_passing(&mut self, id_or_name: &str) -> Result<ClientId, Error> {
        let held = self.state.is_some();
        let client = self.client(id_or_name);
        if !held {
            self.finish(client.is_ok());
        }
        client
    }
}

impl Drop for Context {
    /// An expression that did not end in `finish` (a panic) leaves nothing behind.
    fn drop(&mut self) {
        self.finish(false);
    }
}

/// Takes the lock. A core that is given away, to the thread that brings the log into the tables, say, comes back much
/// later than the lock.
fn lock(state: &Arc<Mutex<State>>) -> ArcMutexGuard<RawMutex, State> {
    for _ in 0..LOOKS {
        if !state.is_locked()
            && let Some(guard) = Mutex::try_lock_arc(state)
        {
            return guard;
        }
        std::hint::spin_loop();
    }
    Mutex::lock_arc(state)
}
