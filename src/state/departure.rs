//! How a client goes: by its own wish or by expiry, with everything that was its own.

use super::transaction::Undo;
use super::{ClientId, Error, Fulfilment, Result, Space, State, Table, check};
use crate::value::Value;

/// Why a client goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It said `exit`.
    Exit,
    /// Nothing was heard of it for too long; its ID is remembered for a day.
    Expired,
}

impl State {
    /// Frees a client: its inbox, memberships, name, watches and everything under `client.ID.`; whoever waits on
    /// any of that is told that it is closed.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]
    pub fn exit(&mut self, client: ClientId) -> Result<()> {
        let number = self.number_of(client)?;
        self.remove_client(number, Reason::Exit);
        Ok(())
    }

    pub(super) fn remove_client(&mut self, number: u64, reason: Reason) {
        let Some(client) = self.clients.live.get(&number) else { return };
        let (id, name) = (client.id, client.name_value());
        let groups: Vec<_> = client.groups.keys().cloned().collect();
        let watches: Vec<_> = client.watches.keys().cloned().collect();
        for waiter in self.waiters.of_inbox(number) {
            let reason = format!("the inbox is closed: its client '{id}' is gone");
            self.finish_waiter(waiter, Fulfilment::Closed(Error::State(reason)));
        }
        // Watches and memberships first, so that nothing of what follows is told to the one who goes.
        for pattern in &watches {
            self.change_watch(number, pattern, None);
        }
        for group in &groups {
            self.change_member(group, number, None);
        }
        self.remove_owned(id);
        let messages = self.clients.live.get(&number).map_or_else(Vec::new, |client| client.inbox.numbers());
        for message in messages {
            self.change_delivery(number, message, None);
        }
        let was = self.swap_client(number, None);
        if let Some(session) = was.as_ref().and_then(|was| was.session.as_ref()) {
            self.transaction.ended.push(session.window.session());
        }
        self.record_delete(Table::Client, number);
        self.transaction.undo.push(Undo::Client { number, was });
        if reason == Reason::Expired {
            self.bury(id);
        }
        let event = match reason {
            Reason::Exit => "client_exit",
            Reason::Expired => "client_expired",
        };
        self.announce(event, Value::dict([("id", Value::from(id.as_str())), ("name", name)]));
    }

    fn remove_owned(&mut self, id: ClientId) {
        let prefix = check::owned_prefix(id);
        let keys: Vec<_> = self.registry.entries.under(&prefix).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.change_entry(Space::Registry, &key, None);
        }
        let queues: Vec<_> = self.queues.under(&prefix).map(|(name, _)| name.clone()).collect();
        for queue in queues {
            self.remove_queue(&queue);
        }
        for waiter in self.waiters.of_queues_under(&prefix) {
            let reason = format!("the queue is closed: its client '{id}' is gone");
            self.finish_waiter(waiter, Fulfilment::Closed(Error::State(reason)));
        }
        let members: Vec<_> = super::range(&self.groups, &prefix)
            .flat_map(|(group, members)| members.values().map(move |member| (group.clone(), *member)))
            .collect();
        for (group, member) in members {
            self.change_member(&group, member, None);
            self.announce_member("group_leave", member, &group);
        }
    }
}
