//! One connection: what it is, its reply, and an end that cannot destroy the reply on its way.

use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::one_shot::{self, Request};
use super::session;
use crate::clock::Clock;
use crate::pipeline::{Caller, Failure, Form, Hello, Pipeline, closed};

/// After the reply, a client may take that long to read it and to close; what it still sends is thrown away.
const LINGER: Duration = Duration::from_secs(2);
/// A client that does not read its reply is given up after that long.
const WRITE_TIME_MAX: Duration = Duration::from_secs(20);

const HTTP_ANSWER: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 61\r\nConnection: close\r\n\r\n\
    This is sharesrv. It takes expressions over a plain socket.\r\n";

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    address: IpAddr,
    closing: watch::Receiver<bool>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, address: IpAddr, closing: watch::Receiver<bool>) -> Connection {
        Connection { stream, address, closing }
    }

    /// Reads the request, answers it and closes.
    pub(super) async fn serve(mut self, pipeline: &Pipeline) {
        let bytes_max = pipeline.world().limits.request_bytes_max;
        let clock = pipeline.clock();
        let request = tokio::select! {
            request = one_shot::read(&mut self.stream, bytes_max, clock) => request,
            () = closed(self.closing.clone()) => return,
        };
        match request {
            Request::Nothing => {}
            Request::Http => self.answer(HTTP_ANSWER, clock).await,
            Request::Refused(failure) => {
                pipeline.refused();
                self.refuse(&failure, clock).await;
            }
            Request::Hello(Ok(hello), rest) => self.session(&hello, rest, pipeline).await,
            Request::Hello(Err((failure, form)), _) => {
                pipeline.refused();
                self.answer(form.failure(&failure).as_bytes(), clock).await;
            }
            Request::Text(text) => {
                let caller = Caller { address: self.address, session: None, objects: false };
                let reply = tokio::select! {
                    biased;
                    reply = pipeline.run(&text, caller, Form::OneShot.render()) => reply,
                    // Nothing is lost by that: a parked wait ends, and what it was given goes back.
                    () = gone(&mut self.stream) => return,
                };
                match reply {
                    Ok(reply) => self.answer(reply.as_bytes(), clock).await,
                    Err(failure) => self.refuse(&failure, clock).await,
                }
            }
        }
    }

    async fn session(self, hello: &Hello, rest: Vec<u8>, pipeline: &Pipeline) {
        match pipeline.open(hello, self.address) {
            // Boxed: a one-shot connection need not have room for it.
            Ok((open, welcome)) => {
                Box::pin(session::serve(self.stream, open, welcome, rest, pipeline)).await;
            }
            Err(failure) => self.answer(hello.form.failure(&failure).as_bytes(), pipeline.clock()).await,
        }
    }

    /// Answers with the failure and closes.
    pub(super) async fn refuse(self, failure: &Failure, clock: &Clock) {
        self.answer(failure.to_string().as_bytes(), clock).await;
    }

    /// Writes the answer whole, says that nothing more will come, and reads what the client still sends until it
    /// closes: closing with unread input would send a reset, which destroys a reply on its way.
    async fn answer(mut self, answer: &[u8], clock: &Clock) {
        let written = async {
            self.stream.write_all(answer).await?;
            self.stream.shutdown().await
        };
        let written = tokio::select! {
            written = written => written.is_ok(),
            () = clock.sleep(WRITE_TIME_MAX) => false,
        };
        if !written {
            return;
        }
        let drained = async {
            let mut scratch = [0; 4096];
            while matches!(self.stream.read(&mut scratch).await, Ok(count) if count > 0) {}
        };
        tokio::select! {
            () = drained => {}
            () = clock.sleep(LINGER) => {}
            () = closed(self.closing.clone()) => {}
        }
    }
}

/// Resolves when the connection was reset. Whatever else the client sends is thrown away; that it has nothing more
/// to send does not mean that it reads no reply.
async fn gone(stream: &mut TcpStream) {
    let mut scratch = [0; 512];
    loop {
        match stream.read(&mut scratch).await {
            Ok(0) => std::future::pending().await,
            Ok(_) => {}
            Err(_) => return,
        }
    }
}
