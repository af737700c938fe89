//! Talking to a server as clients do. Knows nothing of the daemon but its address.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Nothing here takes that long: whatever does hangs, and the test says so.
const HANGS: Duration = Duration::from_secs(40);

/// Something that listens.
pub trait Peer {
    fn address(&self) -> SocketAddr;

    fn connect(&self) -> Connection {
        Connection::to(self.address())
    }

    /// A connection that stays open.
    fn lines(&self) -> Lines {
        Lines::new(self.connect())
    }

    /// A session in JSON form, and its ID.
    #[track_caller]
    fn session(&self) -> (Lines, String) {
        let mut lines = self.lines();
        let welcome = lines.ask("session()");
        let id = welcome.split('"').nth(5).expect("an ID").to_owned();
        assert!(welcome.starts_with("{\"ok\":{\"id\":"), "{welcome}");
        (lines, id)
    }

    /// As a client of 2020 does it: no newline, no half-close, read to the end.
    fn ask(&self, text: &str) -> String {
        self.connect().send(text).reply()
    }

    /// The same, ended by a newline.
    fn ask_line(&self, text: &str) -> String {
        self.connect().send(text).send("\n").reply()
    }

    /// The same, ended by a half-close.
    fn ask_half_close(&self, text: &str) -> String {
        self.connect().send(text).half_close().reply()
    }

    /// `ask`, for what must succeed.
    #[track_caller]
    fn ok(&self, text: &str) -> String {
        let reply = self.ask(text);
        assert!(!reply.starts_with("Error"), "{text} -> {reply}");
        reply
    }

    /// A new client's ID.
    #[track_caller]
    fn client(&self) -> String {
        self.ok("getClientID()")
    }
}

impl Peer for SocketAddr {
    fn address(&self) -> SocketAddr {
        *self
    }
}

/// One connection.
pub struct Connection(TcpStream);

impl Connection {
    #[track_caller]
    pub fn to(address: SocketAddr) -> Connection {
        Connection::try_to(address).expect("the server listens")
    }

    /// Over a socket that is connected already.
    pub fn over(stream: TcpStream) -> Connection {
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(HANGS)).expect("a socket");
        stream.set_write_timeout(Some(HANGS)).expect("a socket");
        Connection(stream)
    }

    /// A connection, unless the server is gone.
    pub fn try_to(address: SocketAddr) -> Option<Connection> {
        Some(Connection::over(TcpStream::connect(address).ok()?))
    }

    /// The whole reply, unless the server is gone.
    pub fn try_ask(self, text: &[u8]) -> Option<Vec<u8>> {
        if self.try_send(text) { self.try_bytes().ok() } else { None }
    }

    #[track_caller]
    pub fn send(self, text: impl AsRef<[u8]>) -> Connection {
        self.try_send(text.as_ref());
        self
    }

    /// Sends; the server may have closed already.
    pub fn try_send(&self, bytes: &[u8]) -> bool {
        (&self.0).write_all(bytes).is_ok()
    }

    /// Sends each piece as a segment of its own.
    pub fn send_pieces<'a>(self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Connection {
        for piece in pieces {
            if !self.try_send(piece) {
                break;
            }
            // No Nagle, so a write is a segment; the yield lets the server read it by itself most of the time.
            std::thread::yield_now();
        }
        self
    }

    pub fn half_close(self) -> Connection {
        let _ = self.0.shutdown(Shutdown::Write);
        self
    }

    /// Everything up to the server's close.
    #[track_caller]
    pub fn reply(self) -> String {
        let bytes = self.bytes();
        String::from_utf8(bytes).expect("replies are UTF-8")
    }

    /// Everything up to the server's close, as bytes.
    #[track_caller]
    pub fn bytes(self) -> Vec<u8> {
        self.try_bytes().unwrap_or_else(|error| panic!("no whole reply: {error}"))
    }

    pub fn try_bytes(mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether the server has neither answered nor closed within that time.
    pub fn is_silent(&self, time: Duration) -> bool {
        self.0.set_read_timeout(Some(time)).expect("a socket");
        let peeked = self.0.peek(&mut [0]);
        self.0.set_read_timeout(Some(HANGS)).expect("a socket");
        matches!(peeked, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    pub fn stream(&self) -> &TcpStream {
        &self.0
    }

    /// Ends the connection by a reset, as a machine that lost its power does when it is back.
    pub fn reset(self) {
        let socket = socket2::Socket::from(self.0);
        socket.set_linger(Some(Duration::ZERO)).expect("a socket");
    }
}

/// A connection that stays open, line by line.
pub struct Lines(BufReader<TcpStream>);

impl Lines {
    pub fn new(connection: Connection) -> Lines {
        Lines(BufReader::new(connection.0))
    }

    /// Sends a line.
    pub fn say(&mut self, line: &str) {
        self.send(format!("{line}\n").as_bytes());
    }

    /// Sends bytes as they are; the server may have closed already.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.get_mut().write_all(bytes);
    }

    /// The next line, without its end; `None` where the server has closed.
    #[track_caller]
    pub fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let count = self.0.read_line(&mut line).expect("a line, or an end");
        (count > 0).then(|| line.strip_suffix('\n').expect("a whole line").to_owned())
    }

    /// A line and the next one that comes back.
    #[track_caller]
    pub fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.hear().expect("a reply")
    }

    /// Whether nothing comes within that time.
    pub fn is_silent(&mut self, time: Duration) -> bool {
        self.0.buffer().is_empty()
            && {
                self.0.get_mut().set_read_timeout(Some(time)).expect("a socket");
                let peeked = self.0.get_mut().peek(&mut [0]);
                self.0.get_mut().set_read_timeout(Some(HANGS)).expect("a socket");
                matches!(peeked, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
            }
    }

    /// Nothing more will be sent.
    pub fn half_close(&mut self) {
        let _ = self.0.get_mut().shutdown(Shutdown::Write);
    }

    pub fn stream(&self) -> &TcpStream {
        self.0.get_ref()
    }

    /// The rest as bytes: what was heard already is gone.
    pub fn into_stream(self) -> BufReader<TcpStream> {
        self.0
    }
}

/// The reply where it is an ID.
#[track_caller]
pub fn captured(reply: &str) -> &str {
    assert!(reply.len() == 8 && reply.bytes().all(|byte| byte.is_ascii_alphanumeric()), "no ID: {reply}");
    reply
}
