//! What the server must be told again after a lost connection, and what was lost with it.
//!
//! Owns the first lines of a connection and what is made of their replies. Knows no socket.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::line::{Line, Reply, parse_line};
use crate::call::Call;
use crate::{Error, Kind, Value};

/// What came of a connection that was lost and is back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconnected {
    /// The session's client, now.
    pub id: String,
    /// The client that it was, where the server knows it no more: its inbox, its names and all that it owned are gone.
    pub previous_id: Option<String>,
    /// How long the connection was away.
    pub away: Duration,
    /// How many attempts it took.
    pub attempts: u32,
    /// The groups that the server had forgotten and the client was put into again: what was sent to them meanwhile is
    /// lost.
    pub rejoined: Vec<String>,
    /// The name that the server had forgotten and gave again; nothing where it had not, or where another has it now.
    pub renamed: Option<String>,
    /// What could not be kept, a sentence each. Empty where nothing was lost.
    pub lost: Vec<String>,
    /// How many requests were under way of which nobody knows whether the server carried them out. Each of them ended
    /// in an error that says so.
    pub unanswered: usize,
}

/// What the server must be told again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) groups: BTreeSet<String>,
    /// The watched patterns, and by how many streams.
    pub(crate) watches: BTreeMap<String, usize>,
    pub(crate) listening: bool,
}

/// The line that opens a session.
pub(crate) fn greeting(id: Option<&str>) -> String {
    Call::new("session").optional(id).text()
}

/// The ID that the server granted.
///
/// # Errors
/// What the server refuses.
pub(crate) fn granted(line: &str) -> Result<String, Error> {
    match parse_line(line)? {
        Line::Reply(Ok(value)) => match value.get("id") {
            Some(Value::Str(id)) => Ok(id.clone()),
            _ => Err(Error::Protocol("the server granted a session without an ID".to_owned())),
        },
        Line::Reply(Err(error)) => Err(error),
        Line::Message(_) => Err(Error::Protocol("a message before the session was granted".to_owned())),
    }
}

/// Whether the server does not know the client that a session was asked for.
pub(crate) fn is_unknown(error: &Error) -> bool {
    error.kind() == Some(Kind::State)
}

impl Memory {
    /// One stream less of this pattern; whether it was the last.
    pub(super) fn forget_watch(&mut self, pattern: &str) -> bool {
        match self.watches.get_mut(pattern) {
            Some(count) if *count > 1 => {
                *count -= 1;
                false
            }
            Some(_) => self.watches.remove(pattern).is_some(),
            None => false,
        }
    }

    /// What the server is told when the connection is back, each a line: first a question, the answer to which shows
    /// what it has forgotten.
    pub(crate) fn restoration(&self, id: &str) -> Vec<String> {
        let call = |function: &str| Call::new(function).arg(id);
        let mut lines = vec![Call::new("who").arg(id).typed()];
        lines.extend(self.groups.iter().map(|group| call("join").arg(group).text()));
        lines.extend(self.name.iter().map(|name| call("setName").arg(name).text()));
        lines.extend(self.watches.keys().map(|pattern| call("watch").arg(pattern).text()));
        if self.listening {
            lines.push(Call::new("listen").text());
        }
        lines
    }

    /// The connection is back, and these replies came to the lines of [`Memory::restoration`].
    pub(super) fn restored(
        &mut self,
        id: String,
        replies: Vec<Reply>,
        away: Duration,
        attempts: u32,
        unanswered: usize,
    ) -> Reconnected {
        let previous_id = (id != self.id).then(|| std::mem::replace(&mut self.id, id.clone()));
        let mut replies = replies.into_iter();
        let known = replies.next().and_then(|reply| known(reply, &id));
        let (known_name, known_groups) = known.unwrap_or_default();
        let mut news = Reconnected {
            id,
            previous_id,
            away,
            attempts,
            rejoined: Vec::new(),
            renamed: None,
            lost: Vec::new(),
            unanswered,
        };
        let mut anew = news.previous_id.is_some();
        for group in self.groups.clone() {
            let reply = replies.next();
            if known_groups.contains(&group) {
                continue;
            }
            anew = true;
            match reply {
                Some(Ok(_)) => news.rejoined.push(group),
                _ => {
                    news.lost.push(format!("the client is no longer in the group '{group}'"));
                    self.groups.remove(&group);
                }
            }
        }
        if let Some(name) = self.name.clone() {
            let reply = replies.next();
            if known_name.as_deref() != Some(name.as_str()) {
                anew = true;
                match reply {
                    Some(Ok(_)) => news.renamed = Some(name),
                    _ => {
                        news.lost.push(format!("the name '{name}' belongs to another client now"));
                        self.name = None;
                    }
                }
            }
        }
        if anew {
            news.lost.push(
                "the client was made anew: its messages, leases and own keys and queues are gone".into(),
            );
            if !self.watches.is_empty() {
                news.lost.push("changes of watched keys in the meantime were not seen".into());
            }
        }
        for (pattern, reply) in self.watches.keys().zip(replies) {
            if let Err(error) = reply {
                news.lost.push(format!("'{pattern}' is not watched any more: {error}"));
            }
        }
        news
    }
}

/// The name and the groups that the server knows of the client.
fn known(reply: Reply, id: &str) -> Option<(Option<String>, Vec<String>)> {
    let Ok(Value::Str(literal)) = reply else { return None };
    let clients = Vec::<Value>::try_from(literal.parse::<Value>().ok()?).ok()?;
    let own = |client: &&Value| matches!(client.get("id"), Some(Value::Str(other)) if other == id);
    let client = clients.iter().find(own)?;
    let name = client.get("name").cloned().and_then(|name| String::try_from(name).ok());
    let groups = client.get("groups").cloned().and_then(|groups| Vec::try_from(groups).ok());
    Some((name, groups.unwrap_or_default()))
}
