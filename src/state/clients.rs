//! Clients: their IDs and names, how they come and go.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::due::Due;
use super::inbox::Inbox;
use super::rules::{check_name, is_server_owned, own_prefix};
use super::{ClientId, ClientInfo, Error, Pattern, Result, Row, Space, State, Table};
use crate::value::Value;

/// A live client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) id: ClientId,
    pub(super) name: Option<Arc<str>>,
    pub(super) address: Option<IpAddr>,
    /// When it last made a request.
    pub(super) seen: Duration,
    pub(super) sessions: u32,
    /// The groups it is in, and the row of each membership.
    pub(super) groups: BTreeMap<Arc<str>, u64>,
    pub(super) inbox: Inbox,
}

impl Client {
    pub(super) fn new(id: ClientId, name: Option<Arc<str>>, seen: Duration) -> Client {
        Client {
            id,
            name,
            address: None,
            seen,
            sessions: 0,
            groups: BTreeMap::new(),
            inbox: Inbox::default(),
        }
    }
}

impl State {
    /// getClientID: with the name of a live client, that client; else a new one.
    ///
    /// # Errors
    /// `value` where the name cannot be one, `limit` where there are too many clients.
    pub fn client(&mut self, name: Option<&str>, address: IpAddr) -> Result<ClientId> {
        let name = name.filter(|name| !name.is_empty());
        if let Some(number) = name.and_then(|name| self.by_name.get(name).copied()) {
            return self.seen(number, address);
        }
        if let Some(name) = name {
            self.check_client_name(name)?;
        }
        let id = loop {
            let id = self.ids.fresh();
            if !self.by_id.contains_key(&id) && !self.expired.contains_key(&id) {
                break id;
            }
        };
        let number = self.add_client(id, name.map(Arc::from))?;
        self.seen(number, address)
    }

    /// The live client of this ID or name, which made a request just now: counts as a sign of life. An ID that
    /// expired less than 24 hours ago is made anew, with its notice from SYSTEM.
    ///
    /// # Errors
    /// `state` where nobody has that ID or name.
    pub fn caller(&mut self, id_or_name: &str, address: IpAddr) -> Result<ClientId> {
        if let Ok(number) = self.number_of_text(id_or_name) {
            return self.seen(number, address);
        }
        let id = ClientId::parse(id_or_name).filter(|id| self.expired.contains_key(id));
        let id = id.ok_or_else(|| Error::UnknownClient(shortened(id_or_name)))?;
        if let Some((row, deadline)) = self.expired.remove(&id) {
            self.undo(move |state| {
                state.expired.insert(id, (row, deadline));
            });
            self.record_gone(Table::Expired, row);
        }
        let number = self.add_client(id, None)?;
        let notice =
            "this client was silent for too long and expired; it was made anew: join your groups again";
        self.notify("SYSTEM", id, None, Value::from(notice))?;
        self.seen(number, address)
    }

    /// The live client of this ID or name, without a sign of life.
    ///
    /// # Errors
    /// `state` where nobody has that ID or name.
    pub fn find(&self, id_or_name: &str) -> Result<ClientId> {
        let number = self.number_of_text(id_or_name)?;
        self.clients
            .get(&number)
            .map(|client| client.id)
            .ok_or_else(|| Error::UnknownClient(shortened(id_or_name)))
    }

    /// The client's display name.
    #[must_use]
    pub fn name_of(&self, client: ClientId) -> Option<Arc<str>> {
        self.clients.get(self.by_id.get(&client)?)?.name.clone()
    }

    /// Frees the client: its inbox, memberships, name and everything under `client.ID.`.
    ///
    /// # Errors
    /// `state` where there is no such client.
    pub fn exit(&mut self, client: ClientId) -> Result<()> {
        let number = self.number_of(client)?;
        let name = self.name_of(client);
        self.remove_client(number);
        self.announce("client_exit", client, name, &[]);
        Ok(())
    }

    /// Gives the client a name; `''` takes it away.
    ///
    /// # Errors
    /// `value` where the name cannot be one, `state` where another client has it.
    pub fn set_name(&mut self, client: ClientId, name: &str) -> Result<()> {
        let number = self.number_of(client)?;
        if self.name_of(client).as_deref().unwrap_or_default() == name {
            return Ok(());
        }
        if !name.is_empty() {
            self.check_client_name(name)?;
        }
        let name = Some(name).filter(|name| !name.is_empty()).map(Arc::<str>::from);
        self.rename(number, name.clone());
        self.record(number, Row::Client { id: client, name: name.clone() });
        self.announce("client_name", client, name, &[]);
        Ok(())
    }

    /// What is known of the clients whose ID, name or one of whose groups matches the pattern; `None` is all.
    ///
    /// # Errors
    /// `limit` where the pattern is too long.
    pub fn who(&self, pattern: Option<&str>) -> Result<Vec<ClientInfo>> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let mut found = Vec::new();
        for (number, client) in &self.clients {
            let groups = self.groups_of(*number);
            let matches = pattern.as_ref().is_none_or(|pattern| {
                pattern.matches(client.id.as_str())
                    || client.name.as_ref().is_some_and(|name| pattern.matches(name))
                    || groups.iter().any(|group| pattern.matches(group))
            });
            if matches {
                found.push(ClientInfo {
                    id: client.id,
                    name: client.name.clone(),
                    groups,
                    address: client.address,
                    connected: client.sessions > 0,
                    idle: self.now.monotonic.saturating_sub(client.seen),
                    pending: client.inbox.waiting(),
                });
            }
        }
        Ok(found)
    }

    /// A session opened or closed for the client: while one is open it does not expire.
    ///
    /// # Errors
    /// `state` where there is no such client.
    pub fn connected(&mut self, client: ClientId, connected: bool) -> Result<()> {
        let number = self.number_of(client)?;
        let (now, expiry) = (self.now.monotonic, self.client_expiry);
        let mut name = None;
        if let Some(found) = self.clients.get_mut(&number) {
            found.sessions = if connected { found.sessions + 1 } else { found.sessions.saturating_sub(1) };
            found.seen = now;
            name.clone_from(&found.name);
        }
        if !connected {
            self.schedule.push(now.saturating_add(expiry), Due::Client(number));
        }
        self.announce(if connected { "session_open" } else { "session_close" }, client, name, &[]);
        Ok(())
    }

    /// The client was silent for too long.
    pub(super) fn expire(&mut self, number: u64) {
        let Some(client) = self.clients.get(&number) else { return };
        let (id, name) = (client.id, client.name.clone());
        self.remove_client(number);
        self.remember_expired(id);
        self.announce("client_expired", id, name, &[]);
    }

    pub(super) fn number_of(&self, client: ClientId) -> Result<u64> {
        self.by_id.get(&client).copied().ok_or_else(|| Error::UnknownClient(client.to_string()))
    }

    pub(super) fn number_of_text(&self, id_or_name: &str) -> Result<u64> {
        let by_id = ClientId::parse(id_or_name).and_then(|id| self.by_id.get(&id));
        by_id
            .or_else(|| self.by_name.get(id_or_name))
            .copied()
            .ok_or_else(|| Error::UnknownClient(shortened(id_or_name)))
    }

    /// A sign of life; not written down, since after a restart everyone gets the full time.
    fn seen(&mut self, number: u64, address: IpAddr) -> Result<ClientId> {
        let now = self.now.monotonic;
        let client = self.clients.get_mut(&number).ok_or_else(|| Error::UnknownClient(String::new()))?;
        client.seen = now;
        client.address = Some(address);
        Ok(client.id)
    }

    fn check_client_name(&self, name: &str) -> Result<()> {
        check_name("client", name)?;
        if is_server_owned(name) {
            return Err(Error::Denied(format!("the name '{name}' belongs to the server")));
        }
        let is_id = ClientId::parse(name)
            .is_some_and(|id| self.by_id.contains_key(&id) || self.expired.contains_key(&id));
        if is_id || self.by_name.contains_key(name) {
            return Err(Error::NameTaken(name.to_owned()));
        }
        Ok(())
    }

    fn add_client(&mut self, id: ClientId, name: Option<Arc<str>>) -> Result<u64> {
        if self.clients.len() >= self.limits.clients_max {
            return Err(Error::limit("clients_max", self.limits.clients_max));
        }
        let number = self.number();
        let now = self.now.monotonic;
        self.clients.insert(number, Client::new(id, None, now));
        self.by_id.insert(id, number);
        self.undo(move |state| {
            state.clients.remove(&number);
            state.by_id.remove(&id);
        });
        self.schedule.push(now.saturating_add(self.client_expiry), Due::Client(number));
        self.rename(number, name.clone());
        self.record_new(number, Row::Client { id, name: name.clone() });
        self.announce("client_new", id, name, &[]);
        Ok(number)
    }

    /// Changes the name in memory.
    fn rename(&mut self, number: u64, name: Option<Arc<str>>) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        let before = std::mem::replace(&mut client.name, name.clone());
        if let Some(before) = &before {
            self.by_name.remove(before);
        }
        if let Some(name) = name {
            self.by_name.insert(name, number);
        }
        self.undo(move |state| state.rename(number, before));
    }

    /// Takes the client and everything of its out; nobody is told.
    fn remove_client(&mut self, number: u64) {
        let Some(client) = self.clients.get(&number) else { return };
        let id = client.id;
        for delivery in client.inbox.numbers() {
            self.remove_delivery(number, delivery);
        }
        self.leave_all(number);
        self.remove_watches(number, None);
        let prefix = own_prefix(id);
        for key in self.registry.beginning_with(&prefix) {
            self.remove_entry(Space::Registry, &key);
        }
        for queue in self.queues_beginning_with(&prefix) {
            self.remove_queue(&queue);
        }
        self.empty_groups_beginning_with(&prefix);
        self.rename(number, None);
        if let Some(client) = self.clients.remove(&number) {
            self.by_id.remove(&id);
            self.undo(move |state| {
                state.by_id.insert(id, number);
                state.clients.insert(number, client);
            });
        }
        self.transaction.inboxes.insert(number);
        self.record_gone(Table::Client, number);
    }
}

/// What a client sent, short enough to be quoted in an error.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
