//! Content that several deliveries share: one row, however many inboxes it waits in.
//!
//! Owns the content table; a row goes with its last delivery.

use std::sync::Arc;

use super::rows::Shared;
use super::transaction::Undo;
use super::{Message, Row, State, Table};

impl State {
    /// Puts a content row that is held until [`State::release_content`].
    pub(super) fn hold_content(&mut self, message: Arc<Message>, bytes: usize) -> u64 {
        let number = self.allocate();
        self.change_content(number, Some(Shared { message, bytes, references: 0 }));
        // Not undone by itself: the undo entry of the row takes it as a whole.
        self.refer_to(number, true);
        number
    }

    /// Lets go of a content row that was held.
    pub(super) fn release_content(&mut self, number: u64) {
        self.refer_to(number, false);
        self.drop_unused_content(number);
    }

    /// Removes a content row that no delivery refers to any more.
    pub(super) fn drop_unused_content(&mut self, number: u64) {
        if self.contents.get(&number).is_some_and(|content| content.references == 0) {
            self.change_content(number, None);
        }
    }

    /// Counts one delivery more or less.
    pub(super) fn refer_to(&mut self, number: u64, more: bool) {
        if let Some(content) = self.contents.get_mut(&number) {
            content.references =
                if more { content.references + 1 } else { content.references.saturating_sub(1) };
        }
    }

    fn change_content(&mut self, number: u64, new: Option<Shared>) {
        let message = new.as_ref().map(|new| Arc::clone(&new.message));
        let was = self.swap_content(number, new);
        match message {
            Some(message) => self.record_put(number, Row::Content { message }, was.is_some()),
            None => self.record_delete(Table::Content, number),
        }
        self.transaction.undo.push(Undo::Content { number, was });
    }

    pub(super) fn swap_content(&mut self, number: u64, new: Option<Shared>) -> Option<Shared> {
        let bytes = |content: &Option<Shared>| content.as_ref().map_or(0, |content| content.bytes);
        let added = bytes(&new);
        let old = self.contents.remove(&number);
        if let Some(new) = new {
            self.contents.insert(number, new);
        }
        self.account(added, bytes(&old));
        old
    }
}
