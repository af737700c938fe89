//! What the server must be told again after a lost connection, and what was lost with it.
//!
//! Owns the first lines of a connection and what is made of their replies. Knows no socket.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::line::{Line, Reply, parse_line};
use crate::call::Call;
use crate::{Error, Kind, Value};

/// What came of a connection that was lost and is back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// What could not be kept, a sentence each. Empty where nothing is known to be lost: of messages that were written
    /// to the link when it broke nobody knows.
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

/// What a line tells the server when the connection is back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It asks what the server knows of the client.
    Known,
    Group(String),
    Name(String),
    Watch(String),
    Listen,
}

/// What a server says before it ends a session for good: somebody else is the client now, or it is no more.
const FOR_GOOD: [&str; 2] = ["another session carries this client on", "the client of this session is gone"];
/// What it says before it ends itself.
const SERVER_ENDS: &str = "the server ends";

/// Whether this is the reply to no line, but why the server ends the session.
pub(crate) fn is_farewell(error: &Error) -> bool {
    is_for_good(error) || is_end_of_server(error)
}

/// Whether the server says that it ends, in the place of a reply.
pub(crate) fn is_end_of_server(error: &Error) -> bool {
    matches!(error, Error::Server { kind: Kind::State, message } if message == SERVER_ENDS)
}

/// Whether coming back would be wrong: it would end whoever took the client over.
pub(crate) fn is_for_good(error: &Error) -> bool {
    matches!(error, Error::Server { kind: Kind::State, message } if FOR_GOOD.contains(&message.as_str()))
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
    error.kind() == Some(Kind::State) && !is_farewell(error)
}

impl Memory {
    /// One stream less of this pattern; whether it was the last.
    pub(crate) fn forget_watch(&mut self, pattern: &str) -> bool {
        match self.watches.get_mut(pattern) {
            Some(count) if *count > 1 => {
                *count -= 1;
                false
            }
            Some(_) => self.watches.remove(pattern).is_some(),
            None => false,
        }
    }

    /// What the server is told when the connection is back: first a question, the answer to which shows what it has
    /// forgotten.
    pub(crate) fn restoration(&self, id: &str) -> Vec<(Step, String)> {
        let call = |function: &str| Call::new(function).arg(id);
        let mut steps = vec![(Step::Known, Call::new("who").arg(id).typed())];
        let groups = self.groups.iter();
        steps.extend(groups.map(|group| (Step::Group(group.clone()), call("join").arg(group).text())));
        let name = self.name.iter();
        steps.extend(name.map(|name| (Step::Name(name.clone()), call("setName").arg(name).text())));
        let watches = self.watches.keys();
        steps
            .extend(watches.map(|pattern| (Step::Watch(pattern.clone()), call("watch").arg(pattern).text())));
        if self.listening {
            steps.push((Step::Listen, Call::new("listen").text()));
        }
        steps
    }

    /// The connection is back, as the client of this ID, and these replies came to the steps.
    pub(super) fn restored(&mut self, id: String, replies: Vec<(Step, Reply)>) -> Reconnected {
        let previous_id = (id != self.id).then(|| std::mem::replace(&mut self.id, id.clone()));
        let mut anew = previous_id.is_some();
        let mut news = Reconnected { id, previous_id, ..Reconnected::default() };
        let mut known = (None, Vec::new());
        let mut unwatched = Vec::new();
        for (step, reply) in replies {
            match step {
                Step::Known => known = known_of(reply, &news.id).unwrap_or_default(),
                Step::Group(group) if known.1.contains(&group) => {}
                Step::Group(group) => {
                    anew = true;
                    if reply.is_ok() {
                        news.rejoined.push(group);
                    } else {
                        self.groups.remove(&group);
                        news.lost.push(format!("the client is no longer in the group '{group}'"));
                    }
                }
                Step::Name(name) if known.0.as_ref() == Some(&name) => {}
                Step::Name(name) => {
                    anew = true;
                    if reply.is_ok() {
                        news.renamed = Some(name);
                    } else {
                        self.name = None;
                        news.lost.push(format!("the name '{name}' belongs to another client now"));
                    }
                }
                Step::Watch(pattern) => {
                    if let Err(error) = reply {
                        unwatched.push(format!("'{pattern}' is not watched any more: {error}"));
                    }
                }
                Step::Listen => {}
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
        news.lost.append(&mut unwatched);
        news
    }
}

/// The name and the groups that the server knows of the client.
fn known_of(reply: Reply, id: &str) -> Option<(Option<String>, Vec<String>)> {
    let Ok(Value::Str(literal)) = reply else { return None };
    let clients = Vec::<Value>::try_from(literal.parse::<Value>().ok()?).ok()?;
    let own = |client: &&Value| matches!(client.get("id"), Some(Value::Str(other)) if other == id);
    let client = clients.iter().find(own)?;
    let name = client.get("name").cloned().and_then(|name| String::try_from(name).ok());
    let groups = client.get("groups").cloned().and_then(|groups| Vec::try_from(groups).ok());
    Some((name, groups.unwrap_or_default()))
}
