//! A server of a few lines, in the test's hand: it says what it is told to, hangs up and falls silent.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The granted ID, unless the test says otherwise.
pub const ID: &str = "2UQp4It1";

/// What the server does about one line.
pub enum Act {
    /// Says these lines.
    Say(Vec<String>),
    /// Says nothing.
    Nothing,
    /// Closes the connection.
    HangUp,
}

/// One connection, for the test to speak on by itself.
#[derive(Clone, Debug)]
pub struct Peer(Arc<TcpStream>);

impl Peer {
    pub fn say(&self, line: &str) {
        (&*self.0).write_all(format!("{line}\n").as_bytes()).expect("a reader");
    }

    pub fn hang_up(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// What came: the number of the connection from 0, and the line.
type Asked = (usize, String);

pub struct Fake {
    pub address: SocketAddr,
    asked: Receiver<Asked>,
    connections: Receiver<Peer>,
}

pub fn ok(value: &str) -> Act {
    Act::Say(vec![format!("{{\"ok\":{value}}}")])
}

pub fn error(kind: &str, message: &str) -> Act {
    Act::Say(vec![format!("{{\"error\":{{\"kind\":\"{kind}\",\"message\":\"{message}\"}}}}")])
}

pub fn message(number: u64, event: Option<&str>, body: &str) -> String {
    let event = event.map_or("null".to_owned(), |event| format!("\"{event}\""));
    format!(
        "{{\"message\":{{\"n\":{number},\"at\":1.5,\"from\":\"a\",\"to\":\"b\",\"event\":{event},\"body\":{body}}}}}"
    )
}

/// What every session begins and goes on with, where the test has nothing else to say.
pub fn usual(line: &str) -> Act {
    if line == "session()" || line.starts_with("session('") {
        return ok(&format!("{{\"id\":\"{ID}\",\"server\":\"sharesrv\",\"version\":\"0.1.0\"}}"));
    }
    if line.starts_with("repr(who(") {
        return ok(&format!("\"[{{'id': '{ID}', 'name': None, 'groups': ['ALL', 'garden']}}]\""));
    }
    ok("\"OK\"")
}

impl Fake {
    /// A server that does this about each line, unless it has nothing to say about it: then the usual.
    pub fn new(act: impl FnMut(usize, &str) -> Option<Act> + Send + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (tell, asked) = mpsc::channel();
        let (show, connections) = mpsc::channel();
        let act = Arc::new(Mutex::new(act));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (act, tell) = (Arc::clone(&act), tell.clone());
                let stream = Arc::new(stream.expect("a connection"));
                if show.send(Peer(Arc::clone(&stream))).is_err() {
                    return;
                }
                thread::spawn(move || {
                    for line in BufReader::new(&*stream).lines() {
                        let Ok(line) = line else { break };
                        let acted = (act.lock().expect("no panic"))(number, &line);
                        if tell.send((number, line.clone())).is_err() {
                            break;
                        }
                        match acted.unwrap_or_else(|| usual(&line)) {
                            Act::Say(lines) => {
                                for line in lines {
                                    if (&*stream).write_all(format!("{line}\n").as_bytes()).is_err() {
                                        return;
                                    }
                                }
                            }
                            Act::Nothing => {}
                            Act::HangUp => {
                                let _ = stream.shutdown(Shutdown::Both);
                                return;
                            }
                        }
                    }
                });
            }
        });
        Fake { address, asked, connections }
    }

    /// The next line that came.
    #[track_caller]
    pub fn asked(&self) -> (usize, String) {
        self.asked.recv_timeout(Duration::from_secs(20)).expect("a line")
    }

    /// Waits for this line, on this connection.
    #[track_caller]
    pub fn wait_for(&self, connection: usize, line: &str) {
        loop {
            let (number, asked) = self.asked();
            if (number, asked.as_str()) == (connection, line) {
                return;
            }
        }
    }

    /// Whether nothing more has come.
    pub fn is_left_alone(&self) -> bool {
        self.asked.try_recv().is_err() && self.connections.try_recv().is_err()
    }

    /// The next connection that came.
    #[track_caller]
    pub fn connection(&self) -> Peer {
        self.connections.recv_timeout(Duration::from_secs(20)).expect("a connection")
    }
}
