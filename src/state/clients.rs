//! Clients: who is here, under which ID and name, and who was here a day ago.
//!
//! Owns the client and expired-ID tables. How a client goes is `departure`'s.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::deadline::{Deadline, Due};
use super::departure::Reason;
use super::rows::{Client, Tombstone};
use super::transaction::Undo;
use super::{ClientId, ClientInfo, Error, Pattern, Result, Row, State, Table, check};
use crate::value::Value;

/// How many IDs are tried before a free one is found.
const FRESH_IDS_TRIED_MAX: usize = 1_000;
/// How long an ID that expired is remembered.
pub(super) const TOMBSTONE_TIME: Duration = Duration::from_secs(24 * 60 * 60);
/// How many expired IDs are remembered.
const TOMBSTONES_MAX: usize = 100_000;

impl State {
    /// getClientID: with the name of a live client that client, which counts as a sign of life; else a new one.
    ///
    /// # Errors
    /// What [`State::set_name`] refuses as a name, and the limit `clients_max`.
    pub fn client(&mut self, name: Option<&str>, address: IpAddr) -> Result<ClientId> {
        let name = name.filter(|name| !name.is_empty());
        if let Some(name) = name {
            if let Some(number) = self.clients.by_name.get(name).copied() {
                if self.alive(number) {
                    return self.sign_of_life(number, address);
                }
                self.remove_client(number, Reason::Expired);
            }
            self.free_name(name, None)?;
        }
        self.room_for_client()?;
        let id = self.fresh_id()?;
        self.add_client(id, name.map(Arc::from), address);
        Ok(id)
    }

    /// The live client of this ID or name, which made a request just now: a sign of life, which no rollback
    /// takes back. An ID that expired less than 24 h ago is made anew, with a first message that says so.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]; the limit `clients_max` where it would be made anew.
    pub fn caller(&mut self, id_or_name: &str, address: IpAddr) -> Result<ClientId> {
        if let Some(number) = self.look_up(id_or_name) {
            if self.alive(number) {
                return self.sign_of_life(number, address);
            }
            self.remove_client(number, Reason::Expired);
        }
        let expired = ClientId::parse(id_or_name).filter(|id| {
            self.tombstones.by_id.get(id).is_some_and(|tombstone| tombstone.until > self.now.monotonic)
        });
        let Some(id) = expired else { return Err(Error::UnknownClient(check::shown(id_or_name))) };
        self.room_for_client()?;
        self.change_tombstone(id, None);
        let number = self.add_client(id, None, address);
        let text = "this ID had expired: its messages, groups and name are gone, join the groups again";
        self.deliver_from_server("SYSTEM", number, None, Value::from(text));
        Ok(id)
    }

    /// The live client of this ID or name, without a sign of life.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]
    pub fn find(&self, id_or_name: &str) -> Result<ClientId> {
        self.look_up(id_or_name)
            .filter(|number| self.alive(*number))
            .and_then(|number| self.clients.live.get(&number))
            .map(|client| client.id)
            .ok_or_else(|| Error::UnknownClient(check::shown(id_or_name)))
    }

    /// The display name of a client.
    #[must_use]
    pub fn name_of(&self, client: ClientId) -> Option<Arc<str>> {
        let number = self.clients.by_id.get(&client)?;
        self.clients.live.get(number)?.name.clone()
    }

    /// Gives a client a display name; `''` takes it away.
    ///
    /// # Errors
    /// [`Error::NameTaken`] where another live client has it as its name or ID, [`Error::Denied`] for a name of
    /// the server, [`Error::Value`] for what is no name.
    pub fn set_name(&mut self, client: ClientId, name: &str) -> Result<()> {
        let number = self.number_of(client)?;
        let new = if name.is_empty() {
            None
        } else {
            self.free_name(name, Some(number))?;
            Some(Arc::from(name))
        };
        let old = self.clients.live.get(&number).map_or(Value::None, |client| client.name_value());
        let name = new.clone().map_or(Value::None, Value::from);
        if old == name {
            return Ok(());
        }
        let was = self.swap_name(number, new.clone());
        self.transaction.undo.push(Undo::Name { client: number, was });
        self.record_put(number, Row::Client { id: client, name: new }, true);
        let body = Value::dict([("id", Value::from(client.as_str())), ("name", name), ("old", old)]);
        self.announce("client_name", body);
        Ok(())
    }

    /// Every live client, or those whose ID, name or one of whose groups matches; in order of creation.
    ///
    /// # Errors
    /// The limit on patterns.
    pub fn who(&self, pattern: Option<&str>) -> Result<Vec<ClientInfo>> {
        let pattern = pattern.map(Pattern::new).transpose()?;
        let meant = |client: &Client| {
            pattern.as_ref().is_none_or(|pattern| {
                pattern.matches(&client.text)
                    || client.name.as_ref().is_some_and(|name| pattern.matches(name))
                    || client.groups.keys().any(|group| pattern.matches(group))
                    || pattern.matches("ALL")
            })
        };
        let numbers = self.clients.order.iter().filter(|number| self.alive(**number));
        let live = numbers.filter_map(|number| Some((number, self.clients.live.get(number)?)));
        Ok(live
            .filter(|(_, client)| meant(client))
            .map(|(number, client)| ClientInfo {
                id: client.id,
                name: client.name.clone(),
                groups: client.groups_and_all(),
                address: client.address,
                connected: client.session.is_some(),
                idle: self.now.monotonic.saturating_sub(client.last_seen),
                pending: self.pending_of(*number),
            })
            .collect())
    }

    /// Whether a client did not expire, swept or not.
    pub(super) fn alive(&self, number: u64) -> bool {
        self.clients.live.get(&number).is_some_and(|client| {
            client.session.is_some()
                || client.last_seen.saturating_add(self.client_expiry) > self.now.monotonic
                || self.waiters.wait_for_inbox(number)
        })
    }

    /// The number of a live client.
    pub(super) fn number_of(&self, client: ClientId) -> Result<u64> {
        self.known(client)
            .ok()
            .filter(|number| self.alive(*number))
            .ok_or_else(|| Error::UnknownClient(client.to_string()))
    }

    fn known(&self, client: ClientId) -> Result<u64> {
        self.clients.by_id.get(&client).copied().ok_or_else(|| Error::UnknownClient(client.to_string()))
    }

    /// The client of this ID or name, expired or not.
    pub(super) fn look_up(&self, id_or_name: &str) -> Option<u64> {
        ClientId::parse(id_or_name)
            .and_then(|id| self.clients.by_id.get(&id))
            .or_else(|| self.clients.by_name.get(id_or_name))
            .copied()
    }

    fn sign_of_life(&mut self, number: u64, address: IpAddr) -> Result<ClientId> {
        let now = self.now.monotonic;
        let client = self.clients.live.get_mut(&number);
        let client = client.ok_or_else(|| Error::State("the client is gone".to_owned()))?;
        client.last_seen = now;
        client.address = Some(address);
        Ok(client.id)
    }

    fn room_for_client(&self) -> Result<()> {
        let max = self.limits.clients_max;
        if self.clients.live.len() < max { Ok(()) } else { Err(check::limit("clients_max", max, "")) }
    }

    /// Whether `name` may become the name of `own`, or of a new client.
    fn free_name(&self, name: &str, own: Option<u64>) -> Result<()> {
        check::display_name(name)?;
        let id = ClientId::parse(name);
        let holder = self.look_up(name).filter(|holder| Some(*holder) != own);
        if holder.is_some() || id.is_some_and(|id| self.tombstones.by_id.contains_key(&id)) {
            return Err(Error::NameTaken(name.to_owned()));
        }
        Ok(())
    }

    fn fresh_id(&mut self) -> Result<ClientId> {
        for _ in 0..FRESH_IDS_TRIED_MAX {
            let id = self.ids.fresh();
            let taken = self.look_up(id.as_str()).is_some() || self.tombstones.by_id.contains_key(&id);
            if !taken {
                return Ok(id);
            }
        }
        Err(Error::State("no free ID was found".to_owned()))
    }

    fn add_client(&mut self, id: ClientId, name: Option<Arc<str>>, address: IpAddr) -> u64 {
        let number = self.allocate();
        let mut client = Client::new(id, name.clone(), self.now.monotonic, self.client_expiry);
        client.address = Some(address);
        let body = Value::dict([
            ("id", Value::from(id.as_str())),
            ("name", client.name_value()),
            ("address", Value::from(address.to_string())),
        ]);
        let was = self.swap_client(number, Some(Box::new(client)));
        self.record_put(number, Row::Client { id, name }, was.is_some());
        self.transaction.undo.push(Undo::Client { number, was });
        self.announce("client_new", body);
        number
    }

    pub(super) fn swap_client(&mut self, number: u64, new: Option<Box<Client>>) -> Option<Box<Client>> {
        let old = self.clients.live.remove(&number);
        let look_at = |client: &Client| client.look_at;
        self.reschedule(&Due::Client(number), old.as_deref().map(look_at), new.as_deref().map(look_at));
        if let Some(old) = &old {
            self.clients.by_id.remove(&old.id);
            if let Some(name) = &old.name {
                self.clients.by_name.remove(name);
            }
        }
        if let Some(new) = new {
            self.clients.by_id.insert(new.id, number);
            if let Some(name) = &new.name {
                self.clients.by_name.insert(Arc::clone(name), number);
            }
            self.clients.live.insert(number, new);
            self.clients.order.insert(number);
        } else {
            self.clients.order.remove(&number);
        }
        old
    }

    pub(super) fn swap_name(&mut self, number: u64, new: Option<Arc<str>>) -> Option<Arc<str>> {
        let client = self.clients.live.get_mut(&number)?;
        let old = std::mem::replace(&mut client.name, new);
        if let Some(old) = &old {
            self.clients.by_name.remove(old);
        }
        if let Some(new) = &client.name {
            self.clients.by_name.insert(Arc::clone(new), number);
        }
        old
    }

    pub(super) fn bury(&mut self, id: ClientId) {
        if self.tombstones.by_id.len() >= TOMBSTONES_MAX
            && let Some(oldest) = self.tombstones.by_number.values().next().copied()
        {
            self.change_tombstone(oldest, None);
        }
        let until = Deadline::after(self.now, TOMBSTONE_TIME).at;
        let number = self.allocate();
        self.change_tombstone(id, Some(Tombstone { number, at: self.now.unix_micros, until }));
    }

    pub(super) fn change_tombstone(&mut self, id: ClientId, new: Option<Tombstone>) {
        let was = self.swap_tombstone(id, new);
        if let Some(old) = &was {
            self.record_delete(Table::Expired, old.number);
        }
        if let Some(new) = new {
            self.record_put(new.number, Row::Expired { id, at: new.at }, false);
        }
        self.transaction.undo.push(Undo::Tombstone { id, was });
    }

    pub(super) fn swap_tombstone(&mut self, id: ClientId, new: Option<Tombstone>) -> Option<Tombstone> {
        let old = self.tombstones.by_id.remove(&id);
        self.reschedule(&Due::Tombstone(id), old.map(|old| old.until), new.map(|new| new.until));
        if let Some(old) = old {
            self.tombstones.by_number.remove(&old.number);
        }
        if let Some(new) = new {
            self.tombstones.by_number.insert(new.number, id);
            self.tombstones.by_id.insert(id, new);
        }
        old
    }
}
