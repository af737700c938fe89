//! Groups: who is in which, and what members of EVENTS are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rules::{check_name, is_closed};
use super::{ClientId, Error, Result, Row, State, Table};
use crate::value::{Key, Value};

/// Everybody, always.
pub(super) const ALL: &str = "ALL";
const EVENTS: &str = "EVENTS";

/// The members of a group: the number of the membership's row, so in order of joining, and of the client.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) members: BTreeMap<u64, u64>,
}

impl State {
    /// Puts the client into the group, which appears where need be.
    ///
    /// # Errors
    /// `value` where the name cannot be one, `denied` where the server owns it, `limit` where there are too many
    /// groups.
    pub fn join(&mut self, client: ClientId, group: &str) -> Result<()> {
        let number = self.number_of(client)?;
        if group == ALL {
            return Ok(());
        }
        check_name("group", group)?;
        if is_closed(group) {
            return Err(Error::Denied(format!("'{group}' belongs to the server; nobody can join it")));
        }
        self.check_owner(group)?;
        if self.is_member(group, number) {
            return Ok(());
        }
        if !self.groups.contains_key(group) && self.groups.len() >= self.limits.groups_max {
            return Err(Error::limit("groups_max", self.limits.groups_max));
        }
        let (row, group) = (self.number(), Arc::<str>::from(group));
        // Before it is a member: whoever joins EVENTS hears of what comes after.
        self.announce_group("group_join", client, &group);
        self.add_member(&group, row, number);
        self.record_new(row, Row::Member { group: Arc::clone(&group), client: number });
        Ok(())
    }

    /// Takes the client out of the group.
    ///
    /// # Errors
    /// `denied` for ALL, `state` where the client is not in the group.
    pub fn leave(&mut self, client: ClientId, group: &str) -> Result<()> {
        let number = self.number_of(client)?;
        if group == ALL {
            return Err(Error::Denied("everybody is in ALL, always".to_owned()));
        }
        let own = self.clients.get(&number).and_then(|client| client.groups.get_key_value(group));
        let Some((name, row)) = own.map(|(name, row)| (Arc::clone(name), *row)) else {
            return Err(Error::State(format!("the client is not in the group '{group}'")));
        };
        self.remove_member(&name, row);
        self.announce_group("group_leave", client, &name);
        Ok(())
    }

    /// All groups that have a member, and `ALL`, or those of one client; sorted.
    ///
    /// # Errors
    /// `state` where there is no such client.
    pub fn groups(&self, client: Option<ClientId>) -> Result<Vec<Arc<str>>> {
        match client {
            Some(client) => Ok(self.groups_of(self.number_of(client)?)),
            None => {
                let mut groups: Vec<Arc<str>> = self.groups.keys().cloned().chain([Arc::from(ALL)]).collect();
                groups.sort();
                Ok(groups)
            }
        }
    }

    /// The members' IDs in order of joining; none for a group nobody is in.
    ///
    /// # Errors
    /// None at present.
    pub fn members(&self, group: &str) -> Result<Vec<ClientId>> {
        let id = |number: &u64| self.clients.get(number).map(|client| client.id);
        if group == ALL {
            return Ok(self.clients.values().map(|client| client.id).collect());
        }
        Ok(self
            .groups
            .get(group)
            .map(|group| group.members.values().filter_map(id).collect())
            .unwrap_or_default())
    }

    pub(super) fn is_member(&self, group: &str, client: u64) -> bool {
        self.clients.get(&client).is_some_and(|client| client.groups.contains_key(group))
    }

    pub(super) fn groups_of(&self, client: u64) -> Vec<Arc<str>> {
        let own = self.clients.get(&client).map(|client| client.groups.keys().cloned());
        let mut groups: Vec<Arc<str>> = own.into_iter().flatten().chain([Arc::from(ALL)]).collect();
        groups.sort();
        groups
    }

    pub(super) fn add_member(&mut self, group: &Arc<str>, row: u64, client: u64) {
        self.insert_member(group, row, client);
        let group = Arc::clone(group);
        self.undo(move |state| state.take_member(&group, row, client));
    }

    fn remove_member(&mut self, group: &Arc<str>, row: u64) {
        let Some(client) = self.groups.get(group).and_then(|found| found.members.get(&row).copied()) else {
            return;
        };
        self.take_member(group, row, client);
        let group = Arc::clone(group);
        self.undo(move |state| state.insert_member(&group, row, client));
        self.record_gone(Table::Member, row);
    }

    fn insert_member(&mut self, group: &Arc<str>, row: u64, client: u64) {
        self.groups.entry(Arc::clone(group)).or_default().members.insert(row, client);
        if let Some(client) = self.clients.get_mut(&client) {
            client.groups.insert(Arc::clone(group), row);
        }
    }

    fn take_member(&mut self, group: &Arc<str>, row: u64, client: u64) {
        if let Some(client) = self.clients.get_mut(&client) {
            client.groups.remove(group);
        }
        if let Some(found) = self.groups.get_mut(group) {
            found.members.remove(&row);
            if found.members.is_empty() {
                self.groups.remove(group);
            }
        }
    }

    pub(super) fn leave_all(&mut self, client: u64) {
        let groups = self.clients.get(&client).map(|client| client.groups.clone()).unwrap_or_default();
        groups.iter().for_each(|(group, row)| self.remove_member(group, *row));
    }

    /// A group under `client.ID.` goes with its client.
    pub(super) fn empty_groups_beginning_with(&mut self, prefix: &str) {
        let rows: Vec<(Arc<str>, u64)> = self
            .groups
            .range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix))
            .flat_map(|(name, group)| group.members.keys().map(|row| (Arc::clone(name), *row)))
            .collect();
        rows.iter().for_each(|(group, row)| self.remove_member(group, *row));
    }

    fn announce_group(&mut self, event: &'static str, client: ClientId, group: &Arc<str>) {
        let name = self.name_of(client);
        self.announce(event, client, name, &[("group", Value::Str(Arc::clone(group)))]);
    }

    /// Tells the members of EVENTS. What their full inboxes refuse is counted as dropped; it fails nobody's call.
    pub(super) fn announce(
        &mut self,
        event: &'static str,
        client: ClientId,
        name: Option<Arc<str>>,
        more: &[(&str, Value)],
    ) {
        let Some(listeners) = self.groups.get(EVENTS) else { return };
        let listeners: Vec<u64> = listeners.members.values().copied().collect();
        let id = Value::from(client.as_str());
        let name = name.map_or(Value::None, Value::Str);
        let entries = [("id", id), ("name", name)].into_iter().chain(more.iter().cloned());
        let body = Value::Dict(Arc::new(entries.map(|(key, value)| (Key::from(key), value)).collect()));
        if self.deliver(EVENTS, EVENTS, Some(event), &body, &listeners).is_err() {
            self.dropped += listeners.len() as u64;
        }
    }
}
