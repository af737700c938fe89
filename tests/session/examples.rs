//! The client crate's examples, each run against a server: what they print is what their heads promise.

use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use share_client::{Error, Session};

use super::support::{Peer, Server};
use super::{SOON, open, quick};

#[allow(dead_code, reason = "the examples are programs of their own")]
#[path = "../../share-client/examples"]
mod programs {
    pub mod chat;
    pub mod dict;
    pub mod events;
    pub mod nonblocking;
    pub mod pipes;
    pub mod queues;
    pub mod work_farm;
}

/// What an example prints.
fn printed(run: impl FnOnce(&str, &mut Vec<u8>) -> Result<(), Error>) -> Vec<String> {
    let server = Server::start();
    let mut out = Vec::new();
    run(&server.address().to_string(), &mut out).expect("the example ends well");
    String::from_utf8(out).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn the_example_of_dicts() {
    let expected = [
        "the peer reads the client's temperature: Some(21.5)",
        "the client reads the target that the peer set: Some(19)",
        "the peer is told of a change: temperature is Some(22.0)",
        "the peer reads the client's list: Some([1, 2, 3])",
        "… and a struct: Some(Bed { crop: \"beans\", plants: [(1, 0.25), (2, 0.5)] })",
        "both have counted: 2",
        "example.dict.count = 2",
        "example.dict.list = [1, 2, 3]",
        "3 keys removed",
        "after the client's exit its temperature is None",
    ];
    assert_eq!(printed(programs::dict::run), expected);
}

#[test]
fn the_example_of_pipes() {
    let expected = [
        "the client hears: It is me, your peer.",
        "a sum: Some(3)",
        "a sum: Some(7)",
        "a sum: Some(42)",
        "nothing more in time: None",
        "the peer heard: Hello, who is there?, then that the pipe is closed",
    ];
    assert_eq!(printed(programs::pipes::run), expected);
}

#[test]
fn the_example_of_queues() {
    let expected = [
        "Some(\"the first\"), Some((\"the second\", 2)), then None",
        "three getters have got 30 numbers: Some(1) to Some(30)",
        "the peer gets: Some(\"for whoever knows me\")",
        "taken and forgotten: Some(\"water the beans\")",
        "handed out again: \"water the beans\"",
        "left over: 0",
    ];
    assert_eq!(printed(programs::queues::run), expected);
}

#[test]
fn the_example_of_events() {
    let expected = [
        "found, though it came before: Some(\"sun\") 0.5",
        "catch-all: Some(\"storm\") from the west",
        "rain handler: Ok((\"Tuesday\", 2.5))",
        "wind handler: Some(\"wind.north\") 7",
        "catch-all: Some(\"snow\") [1, 2]",
        "the station was thanked for the rain",
        "catch-all: Some(\"rain\") 0",
    ];
    assert_eq!(printed(programs::events::run), expected);
}

#[tokio::test]
async fn the_example_of_a_session_on_tokio() {
    let server = Server::start();
    let mut out = Vec::new();
    programs::nonblocking::run(&server.address().to_string(), &mut out).await.unwrap();
    let expected =
        "a change: limit.high is Some(31.5)\na message: is all well?\na task: Some(\"open the window\")\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn the_example_of_a_work_farm() {
    let lines = printed(programs::work_farm::run);
    assert_eq!(lines.len(), 32, "{lines:?}");
    assert_eq!(lines[0], "carl has died: 2 tasks done, one in his hands");
    for (line, task) in lines[1..31].iter().zip(1_000_000_u64..) {
        let (number, factors) = line.split_once(" = ").unwrap();
        let product: u64 = factors.split(" · ").map(|factor| factor.parse::<u64>().unwrap()).product();
        assert_eq!((number.parse(), product), (Ok(task), task));
    }
    assert!(
        lines[31].starts_with("30 tasks done, by {") && lines[31].contains("\"carl\": 2"),
        "{}",
        lines[31]
    );
}

/// Somebody at a keyboard.
struct Person {
    typed: Option<Sender<Vec<u8>>>,
    seen: Receiver<String>,
    program: JoinHandle<Result<(), Error>>,
}

/// What is typed, as it is.
struct Keyboard(Receiver<Vec<u8>>);

impl Read for Keyboard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.recv() {
            Ok(line) => (&*line).read(buffer),
            Err(_) => Ok(0),
        }
    }
}

/// What is shown, line by line.
struct Screen(Sender<String>, Vec<u8>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.extend_from_slice(bytes);
        while let Some(end) = self.1.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.1.drain(..=end).collect();
            let _ = self.0.send(String::from_utf8(line).unwrap().trim_end().to_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Person {
    fn come(server: &Server, name: &'static str) -> Person {
        let (typed, keys) = mpsc::channel();
        let (show, seen) = mpsc::channel();
        let address = server.address().to_string();
        let program = thread::spawn(move || {
            let keyboard = BufReader::new(Keyboard(keys));
            programs::chat::chat(&address, name, keyboard, Screen(show, Vec::new()))
        });
        Person { typed: Some(typed), seen, program }
    }

    fn types(&self, line: &str) {
        self.typed.as_ref().unwrap().send(format!("{line}\n").into_bytes()).unwrap();
    }

    #[track_caller]
    fn sees(&self, line: &str) {
        assert_eq!(self.seen.recv_timeout(SOON).as_deref(), Ok(line));
    }

    /// Leaves; what was shown and nobody looked at.
    fn goes(mut self) -> Vec<String> {
        drop(self.typed.take());
        self.program.join().unwrap().unwrap();
        self.seen.iter().collect()
    }
}

#[test]
fn the_example_of_a_chat() {
    let server = Server::start();
    let anna = Person::come(&server, "anna");
    anna.sees("welcome, anna; here are: anna");
    let ben = Person::come(&server, "ben");
    ben.sees("welcome, ben; here are: anna, ben");
    anna.sees("* ben has come");
    anna.types("hello ben");
    ben.sees("anna: hello ben");
    ben.types("hello anna");
    anna.sees("ben: hello anna");
    // Who comes late sees nothing of that; a name that is taken is nobody else's.
    let carl = Person::come(&server, "carl");
    carl.sees("welcome, carl; here are: anna, ben, carl");
    anna.sees("* carl has come");
    ben.sees("* carl has come");
    assert_eq!(Person::come(&server, "carl").goes(), ["there is a carl here already"]);
    anna.types("/to carl psst");
    carl.sees("anna, to you alone: psst");
    // A stranger in the same server, whose link breaks, is none of theirs; one of the room is.
    open(&server).close();
    let guest = Session::connect_with(server.address(), quick().name("guest")).unwrap();
    guest.join("example chat").unwrap();
    for person in [&anna, &ben, &carl] {
        person.sees("* guest has come");
    }
    guest.close();
    for person in [&anna, &ben, &carl] {
        person.sees("* guest has lost the link");
    }
    assert_eq!(ben.goes(), Vec::<String>::new());
    for person in [&anna, &carl] {
        person.sees("* ben has gone");
    }
    anna.types("/who");
    anna.sees("here are: anna, carl, guest");
    carl.types("/to nobody hello");
    carl.sees("not sent: state: no client is called 'nobody'");
    carl.types("/quit");
    assert_eq!(carl.goes(), Vec::<String>::new());
    anna.sees("* carl has gone");
    assert_eq!(anna.goes(), Vec::<String>::new());
}
