//! A chat: names, who is here, what others say while you type.
//!
//! Start a server with `sharesrv --port 2980`, then, in as many terminals as there are people:
//! `cargo run -p share-client --example chat -- 127.0.0.1:2980 anna`
//!
//! What you type goes to all in the room. `/who` says who is there, `/to NAME text` tells one of them alone, `/quit`
//! (or the end of the input) leaves. A link that breaks is announced to the others and comes back by itself.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use share_client::{Client, Error, Session, SessionOptions};

const ROOM: &str = "example chat";

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:2980".to_owned());
    let name = arguments.next().unwrap_or_else(|| "somebody".to_owned());
    chat(&address, &name, io::stdin().lock(), io::stdout())
}

/// What a message of the group `EVENTS` tells of a client.
#[derive(Deserialize)]
struct Presence {
    id: String,
    name: Option<String>,
    group: Option<String>,
}

/// The names of those in the room, by their IDs.
type People = Arc<Mutex<HashMap<String, String>>>;

/// One person's chat, from login to logout.
pub fn chat(
    address: &str,
    name: &str,
    input: impl BufRead,
    out: impl Write + Send + 'static,
) -> Result<(), Error> {
    let out = Arc::new(Mutex::new(out));
    let show = {
        let out = Arc::clone(&out);
        move |line: String| {
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        }
    };
    let Some(session) = log_in(address, name)? else {
        show(format!("there is a {name} here already"));
        return Ok(());
    };
    let people: People = Arc::default();
    listen(&session, &people, show.clone())?;
    show(format!("welcome, {name}; here are: {}", names(&people)));
    let report = |sent: Result<(), Error>| sent.unwrap_or_else(|error| show(format!("not sent: {error}")));
    for line in input.lines() {
        let line = line?;
        match line.split_once(' ').unwrap_or((line.as_str(), "")) {
            ("/quit", _) => break,
            ("/who", _) => show(format!("here are: {}", names(&people))),
            ("/to", private) => {
                let (to, text) = private.split_once(' ').unwrap_or((private, ""));
                // A group of that name would take it in silence; a person is found first.
                report(session.find(to).and_then(|peer| session.emit(peer.id(), "private", text)));
            }
            _ if line.is_empty() => {}
            _ => report(session.emit(ROOM, "say", &line)),
        }
    }
    // The client goes, and its name with it.
    session.exit()
}

/// The client of this name, which may have been here before; nothing where somebody is.
fn log_in(address: &str, name: &str) -> Result<Option<Session>, Error> {
    let clients = Client::connect(address)?.who(None)?;
    if clients.iter().any(|client| client.connected && client.name.as_deref() == Some(name)) {
        return Ok(None);
    }
    Session::connect_with(address, SessionOptions::new().name(name)).map(Some)
}

/// Handlers for what is said and who comes and goes. They are called while the person types.
fn listen(
    session: &Session,
    people: &People,
    show: impl Fn(String) + Clone + Send + 'static,
) -> Result<(), Error> {
    let (who, say) = (Arc::clone(people), show.clone());
    session.on("say", move |session, message| {
        if message.from != session.id() {
            say(format!("{}: {}", name_of(&who, &message.from), message.body));
        }
    })?;
    let (who, say) = (Arc::clone(people), show.clone());
    session.on("private", move |_, message| {
        say(format!("{}, to you alone: {}", name_of(&who, &message.from), message.body));
    })?;
    for event in
        ["group_join", "group_leave", "session_open", "session_close", "client_exit", "client_expired"]
    {
        let (who, say) = (Arc::clone(people), show.clone());
        session.on(event, move |session, message| {
            let Ok(presence) = message.read::<Presence>() else { return };
            if message.from == "EVENTS" && presence.id != session.id() {
                announce(event, presence, &who).into_iter().for_each(&say);
            }
        })?;
    }
    let say = show;
    session.on_reconnect(move |_, news| {
        say(format!("the link was lost and is back; {} things were not kept", news.lost.len()));
    })?;
    session.join("EVENTS")?;
    session.join(ROOM)?;
    for client in session.who(Some(ROOM))? {
        let name = client.name.unwrap_or_else(|| client.id.clone());
        people.lock().unwrap_or_else(PoisonError::into_inner).insert(client.id, name);
    }
    Ok(())
}

/// What is to be said of somebody who comes or goes.
fn announce(event: &str, presence: Presence, people: &People) -> Option<String> {
    let Presence { id, name, group } = presence;
    let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
    if event == "group_join" {
        let name = name.unwrap_or_else(|| id.clone());
        let is_new = group.as_deref() == Some(ROOM) && people.insert(id, name.clone()).is_none();
        return is_new.then(|| format!("* {name} has come"));
    }
    // Of those who are not in the room nothing is to be said.
    let name = people.get(&id)?.clone();
    match event {
        "session_open" => Some(format!("* {name} is back")),
        "session_close" => Some(format!("* {name} has lost the link")),
        "group_leave" if group.as_deref() != Some(ROOM) => None,
        _ => {
            people.remove(&id);
            Some(format!("* {name} has gone"))
        }
    }
}

fn name_of(people: &People, id: &str) -> String {
    let people = people.lock().unwrap_or_else(PoisonError::into_inner);
    people.get(id).cloned().unwrap_or_else(|| id.to_owned())
}

fn names(people: &People) -> String {
    let people = people.lock().unwrap_or_else(PoisonError::into_inner);
    let mut names: Vec<&str> = people.values().map(String::as_str).collect();
    names.sort_unstable();
    names.join(", ")
}
