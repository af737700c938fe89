//! Groups: who is in them. `ALL` is everybody and has no rows.
//!
//! Owns the membership table.

use std::sync::Arc;

use super::rows::Client;
use super::transaction::Undo;
use super::{ClientId, Error, Result, Row, State, Table, check};
use crate::value::Value;

/// What a membership counts towards `state_bytes_max`, beside the group's name.
const MEMBER_BYTES: usize = 64;

impl State {
    /// Makes a client a member of a group, which appears if it was not there. `ALL`, and a group that one is in,
    /// change nothing.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no name, [`Error::Denied`] for a group of the server that cannot be joined,
    /// [`Error::State`] where the group belongs to a client that is gone, the limits `groups_max` and
    /// `state_bytes_max`.
    pub fn join(&mut self, client: ClientId, group: &str) -> Result<()> {
        let number = self.number_of(client)?;
        if group == "ALL" {
            return Ok(());
        }
        check::group_name(group)?;
        self.owner_lives(group, "group")?;
        let name = match self.groups.get_key_value(group) {
            Some((name, _)) => Arc::clone(name),
            None if self.groups.len() >= self.limits.groups_max => {
                return Err(check::limit("groups_max", self.limits.groups_max, ""));
            }
            None => Arc::from(group),
        };
        if self.clients.live.get(&number).is_some_and(|client| client.groups.contains_key(group)) {
            return Ok(());
        }
        self.room_for(MEMBER_BYTES + group.len(), 0)?;
        let membership = self.allocate();
        // Told first: who joins `EVENTS` hears of what comes after.
        self.announce_member("group_join", number, &name);
        self.change_member(&name, number, Some(membership));
        Ok(())
    }

    /// Ends a client's membership of a group.
    ///
    /// # Errors
    /// [`Error::Denied`] for `ALL`, [`Error::State`] where the client is not in it.
    pub fn leave(&mut self, client: ClientId, group: &str) -> Result<()> {
        let number = self.number_of(client)?;
        if group == "ALL" {
            return Err(Error::Denied("everybody is in 'ALL', always".to_owned()));
        }
        let member = self.clients.live.get(&number).and_then(|client| client.groups.get_key_value(group));
        let Some((name, _)) = member else {
            return Err(Error::State(format!("the client is not in the group '{}'", check::shown(group))));
        };
        let name = Arc::clone(name);
        self.change_member(&name, number, None);
        self.announce_member("group_leave", number, &name);
        Ok(())
    }

    /// All groups with a member and `ALL`, or those of one client; sorted.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]
    pub fn groups(&self, client: Option<ClientId>) -> Result<Vec<Arc<str>>> {
        let Some(client) = client else { return Ok(with_all(self.groups.keys())) };
        let number = self.number_of(client)?;
        Ok(self.clients.live.get(&number).map_or_else(Vec::new, |client| client.groups_and_all()))
    }

    /// The IDs of a group's members, in order of joining; none for a group nobody is in.
    ///
    /// # Errors
    /// None so far: what is no group's name is a group nobody is in.
    pub fn members(&self, group: &str) -> Result<Vec<ClientId>> {
        let numbers = self.member_numbers(group);
        Ok(numbers.iter().filter_map(|number| self.clients.live.get(number)).map(|c| c.id).collect())
    }

    /// The numbers of a group's live members, in order of joining.
    pub(super) fn member_numbers(&self, group: &str) -> Vec<u64> {
        let alive = |number: &u64| self.alive(*number);
        if group == "ALL" {
            return self.clients.order.iter().copied().filter(alive).collect();
        }
        self.groups
            .get(group)
            .map_or_else(Vec::new, |members| members.values().copied().filter(alive).collect())
    }

    /// Refuses what begins `client.ID.` where that client is not here.
    pub(super) fn owner_lives(&self, name: &str, what: &str) -> Result<()> {
        match check::owner(name) {
            Some(owner) if self.number_of(owner).is_err() => {
                Err(Error::State(format!("the {what} is closed: its client '{owner}' is gone")))
            }
            _ => Ok(()),
        }
    }

    /// Tells the members of `EVENTS` who came into a group or left it.
    pub(super) fn announce_member(&mut self, event: &'static str, number: u64, group: &Arc<str>) {
        let Some(client) = self.clients.live.get(&number) else { return };
        let body = Value::dict([
            ("id", Value::from(Arc::clone(&client.text))),
            ("name", client.name_value()),
            ("group", Value::from(Arc::clone(group))),
        ]);
        self.announce(event, body);
    }

    pub(super) fn change_member(&mut self, group: &Arc<str>, client: u64, new: Option<u64>) {
        let was = self.swap_member(group, client, new);
        if let Some(old) = was {
            self.record_delete(Table::Member, old);
        }
        if let Some(new) = new {
            self.record_put(new, Row::Member { group: Arc::clone(group), client }, false);
        }
        self.transaction.undo.push(Undo::Member { group: Arc::clone(group), client, was });
    }

    pub(super) fn swap_member(&mut self, group: &Arc<str>, client: u64, new: Option<u64>) -> Option<u64> {
        let cost = |membership: Option<u64>| membership.map_or(0, |_| MEMBER_BYTES + group.len());
        let row = self.clients.live.get_mut(&client)?;
        let old = match new {
            Some(new) => row.groups.insert(Arc::clone(group), new),
            None => row.groups.remove(group),
        };
        let members = self.groups.entry(Arc::clone(group)).or_default();
        if let Some(old) = old {
            members.remove(&old);
        }
        if let Some(new) = new {
            members.insert(new, client);
        }
        if members.is_empty() {
            self.groups.remove(group);
        }
        self.account(cost(new), cost(old));
        old
    }
}

impl Client {
    /// Its groups, sorted, with `ALL`.
    pub(super) fn groups_and_all(&self) -> Vec<Arc<str>> {
        with_all(self.groups.keys())
    }
}

fn with_all<'a>(groups: impl Iterator<Item = &'a Arc<str>>) -> Vec<Arc<str>> {
    let mut groups: Vec<_> = groups.cloned().chain([Arc::from("ALL")]).collect();
    groups.sort();
    groups
}
