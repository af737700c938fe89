//! Watches: who is told of every later change of which keys.
//!
//! Owns the watch table; `registry` tells of the changes.

use std::sync::Arc;

use super::transaction::Undo;
use super::{ClientId, Error, Pattern, Result, Row, State, Table, check};

/// How many patterns one client may watch.
const WATCHES_PER_CLIENT_MAX: usize = 1_000;
/// What a watch counts towards `state_bytes_max`, beside its pattern.
const WATCH_BYTES: usize = 128;

impl State {
    /// From now on every change of a matching registry key comes as a message from `REGISTRY`: event the key,
    /// body the value, None for one that is gone. The same pattern twice is one watch.
    ///
    /// # Errors
    /// [`Error::UnknownClient`], the limits on patterns and on watches (1,000 for each client), and
    /// `state_bytes_max`.
    pub fn watch(&mut self, client: ClientId, pattern: &str) -> Result<()> {
        let number = self.number_of(client)?;
        let pattern = Pattern::new(pattern)?;
        let Some(row) = self.clients.live.get(&number) else { return Ok(()) };
        if row.watches.contains_key(pattern.text()) {
            return Ok(());
        }
        if row.watches.len() >= WATCHES_PER_CLIENT_MAX {
            return Err(check::limit("watches_per_client_max", WATCHES_PER_CLIENT_MAX, ""));
        }
        self.room_for(WATCH_BYTES + pattern.text().len(), 0)?;
        let watch = self.allocate();
        self.change_watch(number, &Arc::from(pattern.text()), Some(watch));
        Ok(())
    }

    /// Takes one watch away, or all of the client's.
    ///
    /// # Errors
    /// [`Error::UnknownClient`], the limit on patterns, [`Error::State`] where the client does not watch this one.
    pub fn unwatch(&mut self, client: ClientId, pattern: Option<&str>) -> Result<()> {
        let number = self.number_of(client)?;
        let pattern = pattern.map(Pattern::new).transpose()?;
        let Some(row) = self.clients.live.get(&number) else { return Ok(()) };
        let patterns: Vec<Arc<str>> = match &pattern {
            None => row.watches.keys().cloned().collect(),
            Some(pattern) => match row.watches.get_key_value(pattern.text()) {
                Some((text, _)) => vec![Arc::clone(text)],
                None => {
                    let pattern = check::shown(pattern.text());
                    return Err(Error::State(format!("the client does not watch '{pattern}'")));
                }
            },
        };
        for pattern in &patterns {
            self.change_watch(number, pattern, None);
        }
        Ok(())
    }

    pub(super) fn change_watch(&mut self, client: u64, pattern: &Arc<str>, new: Option<u64>) {
        let was = self.swap_watch(client, pattern, new);
        if let Some(old) = was {
            self.record_delete(Table::Watch, old);
        }
        if let Some(new) = new {
            self.record_put(new, Row::Watch { client, pattern: Arc::clone(pattern) }, false);
        }
        self.transaction.undo.push(Undo::Watch { client, pattern: Arc::clone(pattern), was });
    }

    pub(super) fn swap_watch(&mut self, client: u64, pattern: &Arc<str>, new: Option<u64>) -> Option<u64> {
        let cost = |watch: Option<u64>| watch.map_or(0, |_| WATCH_BYTES + pattern.len());
        let compiled = Pattern::new(pattern).ok()?;
        let row = self.clients.live.get_mut(&client)?;
        let old = match new {
            Some(new) => row.watches.insert(Arc::clone(pattern), new),
            None => row.watches.remove(pattern),
        };
        self.watches.note(client, &compiled, new.is_some());
        self.account(cost(new), cost(old));
        old
    }
}
