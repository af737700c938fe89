//! One connection: what it is, its reply, and an end that cannot destroy the reply on its way.

use std::borrow::Cow;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::one_shot::{self, Request};
use super::session;
use crate::clock::Clock;
use crate::pipeline::{Caller, Done, Failure, Form, Pipeline, Session, closed};

/// After the reply, a client may take that long to read it and to close; what it still sends is thrown away.
const LINGER: Duration = Duration::from_secs(2);
/// A client that does not read its reply is given up after that long.
const WRITE_TIME_MAX: Duration = Duration::from_secs(20);

/// `MSG_MORE` of Linux's send(2); nothing elsewhere.
const MORE_COMES: i32 = if cfg!(target_os = "linux") { 0x8000 } else { 0 };

const HTTP_ANSWER: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 61\r\nConnection: close\r\n\r\n\
    This is sharesrv. It takes expressions over a plain socket.\r\n";

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    address: IpAddr,
    closing: watch::Receiver<bool>,
}

/// A connection that has become a session.
struct Opened {
    stream: TcpStream,
    session: Session,
    welcome: Done,
    /// What came behind the first line.
    rest: Vec<u8>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, address: IpAddr, closing: watch::Receiver<bool>) -> Connection {
        Connection { stream, address, closing }
    }

    /// Serves the connection to its end. Each part in a box of its own: thousands of sessions that are idle need not
    /// have room for what reads a request.
    pub(super) async fn serve(self, pipeline: &Pipeline) {
        let closing = self.closing.clone();
        let opened = Box::pin(self.one_shot(pipeline)).await;
        if let Some(Opened { stream, session, welcome, rest }) = opened {
            let ended = Box::pin(session::serve(stream, session, welcome, rest, pipeline)).await;
            if let Some(stream) = ended {
                Box::pin(linger(stream, pipeline.clock(), closing)).await;
            }
        }
    }

    /// Reads the request, answers it and closes; or opens a session.
    async fn one_shot(mut self, pipeline: &Pipeline) -> Option<Opened> {
        let bytes_max = pipeline.world().limits.request_bytes_max;
        let clock = pipeline.clock();
        let mut buffer = pipeline.buffer();
        let request = tokio::select! {
            biased;
            request = one_shot::read(&mut self.stream, bytes_max, clock, &mut buffer) => request,
            () = closed(self.closing.clone()) => return None,
        };
        let answer = match request {
            Request::Nothing => return None,
            Request::Http => Cow::Borrowed(HTTP_ANSWER),
            Request::Refused(failure) => {
                pipeline.refused();
                text(failure.to_string())
            }
            Request::Hello(Ok(hello), rest) => match pipeline.open(&hello, self.address) {
                Ok((session, welcome)) => {
                    return Some(Opened { stream: self.stream, session, welcome, rest });
                }
                Err(failure) => text(hello.form.failure(&failure)),
            },
            Request::Hello(Err((failure, form)), _) => {
                pipeline.refused();
                text(form.failure(&failure))
            }
            Request::Text(request) => {
                let caller = Caller { address: self.address, session: None, objects: false };
                let done = tokio::select! {
                    biased;
                    done = pipeline.evaluate(&request, caller, Form::OneShot.render()) => done,
                    // Nothing is lost by that: a parked wait ends, and what it was given goes back.
                    () = gone(&self.stream) => return None,
                    () = buffer.full(request.len()) => return None,
                };
                drop(request);
                let bytes = done.bytes();
                let reply = tokio::select! {
                    biased;
                    reply = pipeline.reply(done) => reply,
                    () = gone(&self.stream) => return None,
                    () = buffer.full(bytes) => return None,
                };
                text(reply.unwrap_or_else(|failure| failure.to_string()))
            }
        };
        let bytes = answer.len();
        let full = async move { buffer.full(bytes).await };
        self.answer(answer, clock, full).await;
        None
    }

    /// Answers with the failure and closes.
    pub(super) async fn refuse(self, failure: &Failure, clock: &Clock) {
        self.answer(text(failure.to_string()), clock, std::future::pending()).await;
    }

    /// Answers with the failure, as far as that can be done at once, and closes.
    pub(super) fn refuse_in_passing(self, failure: &Failure) {
        let _ = begin_last_write(&self.stream, failure.to_string().as_bytes());
    }

    /// Writes the answer whole, says that nothing more will come, and reads what the client still sends until it
    /// closes: closing with unread input would send a reset, which destroys a reply on its way. Where it is `full`
    /// before that is written, it is closed at once.
    async fn answer(
        mut self,
        answer: Cow<'static, [u8]>,
        clock: &Clock,
        full: impl Future<Output = ()> + Send,
    ) {
        let written = async {
            let begun = begin_last_write(&self.stream, &answer)?;
            self.stream.write_all(answer.get(begun..).unwrap_or_default()).await?;
            self.stream.shutdown().await
        };
        let written = tokio::select! {
            biased;
            written = written => written.is_ok(),
            () = clock.sleep(WRITE_TIME_MAX) => false,
            () = full => false,
        };
        // Not for as long as the client takes to close.
        drop(answer);
        if !written {
            return;
        }
        linger(self.stream, clock, self.closing).await;
    }
}

/// Reads what the client still sends until it closes. Nothing more will be said over the connection.
async fn linger(stream: TcpStream, clock: &Clock, closing: watch::Receiver<bool>) {
    tokio::select! {
        biased;
        _ = drained(&stream) => {}
        () = clock.sleep(LINGER) => {}
        () = closed(closing) => {}
    }
}

fn text(answer: String) -> Cow<'static, [u8]> {
    Cow::Owned(answer.into_bytes())
}

/// Resolves when the connection was reset. Whatever else the client sends is thrown away; that it has nothing more
/// to send does not mean that it reads no reply.
async fn gone(stream: &TcpStream) {
    if drained(stream).await.is_ok() {
        std::future::pending().await
    }
}

/// Throws away what the client sends, until it has nothing more to send; an error where the connection was reset.
async fn drained(stream: &TcpStream) -> io::Result<()> {
    loop {
        stream.readable().await?;
        match throw_away(stream) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Apart, so that the scratch is of the stack and not of every connection that waits.
fn throw_away(stream: &TcpStream) -> io::Result<usize> {
    stream.try_read(&mut [0; 4096])
}

/// Writes as much of the answer as the system takes at once. It is told that more comes, which is the end: so the
/// two travel in one segment, and the client wakes once for them.
fn begin_last_write(stream: &TcpStream, answer: &[u8]) -> io::Result<usize> {
    let send = || SockRef::from(stream).send_with_flags(answer, MORE_COMES);
    match stream.try_io(Interest::WRITABLE, send) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        sent => sent,
    }
}
