//! A one-shot request: where it ends (contract, 1.1).

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use share_client::wire::Kind;
use tokio::io::{AsyncRead, ReadBuf};

use super::sniff::{Sniffed, is_control, sniff};
use crate::clock::Clock;
use crate::pipeline::{Buffer, Failure, Form, Hello, Scanner, hello, may_be_hello};

/// A connection that says nothing at all is closed after that long.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// A request that was begun must be complete after that long.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);
/// What is lexically complete is a request when nothing more came for that long.
const SETTLED: Duration = Duration::from_millis(20);
/// The same for what may still become something else: `T` may be a shared name or the T of TRACE, and `session()`
/// may have its newline yet to come.
const SETTLED_UNDECIDED: Duration = Duration::from_millis(500);
/// What one read takes at most.
const READ_BYTES: usize = 4096;

/// Within that many bytes of a line that is not whole, it is clear whether it can be HTTP.
const SNIFF_BYTES: usize = 64;

/// What came over a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A script to be evaluated.
    Text(String),
    /// An HTTP request.
    Http,
    /// Nothing, or nothing that deserves an answer.
    Nothing,
    /// The first line of a session, or why it cannot be one; and what came behind it.
    Hello(Result<Hello, (Failure, Form)>, Vec<u8>),
    /// Something to be answered with an error.
    Refused(Failure),
}

/// Reads one request; what of it has come is in the buffer meanwhile.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    bytes_max: usize,
    clock: &Clock,
    buffer: &mut Buffer<'_>,
) -> Request {
    let mut reader = Reader::new(bytes_max);
    let mut piece = Vec::new();
    let out_of_time = clock.sleep(SILENCE_MAX);
    tokio::pin!(out_of_time);
    loop {
        piece.clear();
        let settles_after = reader.settles_after();
        let settled = async {
            match settles_after {
                Some(time) => clock.sleep(time).await,
                None => std::future::pending().await,
            }
        };
        // Reading first: what is there already needs no clock.
        let read = tokio::select! {
            biased;
            read = poll_fn(|task| poll_read(stream, &mut piece, task)) => read,
            () = &mut out_of_time => return reader.out_of_time(),
            () = settled => return reader.request(),
            () = buffer.full(reader.bytes.len()) => return Request::Nothing,
        };
        let Ok(count) = read else { return Request::Nothing };
        let begins = reader.is_empty();
        if let Some(request) = reader.take(&piece, count == 0) {
            return request;
        }
        if begins {
            out_of_time.set(clock.sleep(REQUEST_TIME_MAX));
        }
    }
}

/// Reads a piece. The scratch is of the stack and not of every connection that waits.
fn poll_read(
    stream: &mut (impl AsyncRead + Unpin),
    piece: &mut Vec<u8>,
    task: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let mut scratch = [MaybeUninit::uninit(); READ_BYTES];
    let mut buffer = ReadBuf::uninit(&mut scratch);
    ready!(Pin::new(stream).poll_read(task, &mut buffer))?;
    piece.extend_from_slice(buffer.filled());
    Poll::Ready(Ok(buffer.filled().len()))
}

/// A request as it comes.
struct Reader {
    bytes: Vec<u8>,
    /// Where the first line begins that is not empty: it tells what this is.
    line_at: usize,
    /// How many bytes the scanner has seen; they are whole characters.
    scanned: usize,
    scanner: Scanner,
    sniffed: Sniffed,
    /// It may become the first line of a session.
    may_be_hello: bool,
    /// The first line is whole: what comes after it does not change what this is.
    line_whole: bool,
    bytes_max: usize,
}

impl Reader {
    fn new(bytes_max: usize) -> Reader {
        Reader {
            bytes: Vec::new(),
            line_at: 0,
            scanned: 0,
            scanner: Scanner::default(),
            sniffed: Sniffed::Text,
            may_be_hello: false,
            line_whole: false,
            bytes_max,
        }
    }

    fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes a piece, the last one where it `ended`; the request, if that is where it ends.
    fn take(&mut self, piece: &[u8], ended: bool) -> Option<Request> {
        self.bytes.extend_from_slice(piece);
        self.line_at += self.line().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        // Looked at anew only where that can tell more: a request of many small pieces would cost their square.
        if !self.line_whole && (ended || piece.contains(&b'\n') || self.bytes.len() <= SNIFF_BYTES) {
            self.sniffed = sniff(self.line(), ended);
            self.line_whole = self.line().contains(&b'\n');
            if let (Sniffed::Text, Some(session)) = (self.sniffed, self.hello()) {
                return Some(session);
            }
        }
        match self.sniffed {
            Sniffed::Foreign => return Some(Request::Nothing),
            Sniffed::Http => return Some(Request::Http),
            Sniffed::Text | Sniffed::MaybeMethod | Sniffed::MaybeHttp => {}
        }
        if self.bytes.len() > self.bytes_max {
            let message = format!("request_bytes_max is {}", self.bytes_max);
            return Some(Request::Refused(Failure::new(Kind::Limit, &message)));
        }
        if let Err(failure) = self.scan(ended) {
            return Some(Request::Refused(failure));
        }
        if self.is_empty() {
            return ended.then_some(Request::Nothing);
        }
        let whole = self.scanned == self.bytes.len();
        // An expression may stand behind empty lines, however the two are split.
        let blank = self.bytes.iter().all(u8::is_ascii_whitespace);
        let complete = whole
            && !blank
            && ((self.scanner.ends_in_newline() && self.scanner.is_complete())
                || (self.sniffed == Sniffed::Text && !self.may_be_hello && self.scanner.is_one_call()));
        (ended || complete).then(|| self.request())
    }

    /// What has come but for empty lines before it.
    fn line(&self) -> &[u8] {
        self.bytes.get(self.line_at..).unwrap_or_default()
    }

    /// Finds out whether this is a session: its first line, once it is whole.
    fn hello(&mut self) -> Option<Request> {
        let line = self.line();
        let end = line.iter().position(|byte| *byte == b'\n');
        let line = std::str::from_utf8(line.get(..end.unwrap_or(line.len()))?).unwrap_or_default();
        let hello = hello(line.trim_end_matches('\r')).filter(|_| end.is_some());
        self.may_be_hello = end.is_none() && !line.trim_ascii().is_empty() && may_be_hello(line);
        let hello = hello?;
        let rest = self.bytes.split_off(end.map_or(0, |end| self.line_at + end + 1));
        Some(Request::Hello(hello, rest))
    }

    /// Hands new whole characters to the scanner.
    fn scan(&mut self, ended: bool) -> Result<(), Failure> {
        let new = self.bytes.get(self.scanned..).unwrap_or_default();
        if let Some(byte) = new.iter().find(|byte| is_control(**byte)) {
            let message = format!("a control byte (0x{byte:02x}) is no part of an expression");
            return Err(Failure::new(Kind::Syntax, &message));
        }
        let text = match std::str::from_utf8(new) {
            Ok(text) => text,
            // A character may be cut where a segment ends.
            Err(error) if error.error_len().is_none() && !ended => new
                .get(..error.valid_up_to())
                .and_then(|part| std::str::from_utf8(part).ok())
                .unwrap_or_default(),
            Err(error) => {
                let place = self.scanned + error.valid_up_to() + 1;
                let message = format!("the text is not UTF-8: byte {place} of the request");
                return Err(Failure::new(Kind::Syntax, &message));
            }
        };
        self.scanner.feed(text);
        self.scanned += text.len();
        Ok(())
    }

    /// How long after the last piece the request ends by itself, if it can.
    fn settles_after(&self) -> Option<Duration> {
        let complete = self.scanned == self.bytes.len() && self.scanner.is_complete();
        match self.sniffed {
            Sniffed::Text if complete && !self.may_be_hello => Some(SETTLED),
            Sniffed::Text if complete => Some(SETTLED_UNDECIDED),
            Sniffed::MaybeMethod if complete => Some(SETTLED_UNDECIDED),
            _ => None,
        }
    }

    fn request(&mut self) -> Request {
        match String::from_utf8(std::mem::take(&mut self.bytes)) {
            Ok(text) => Request::Text(text),
            Err(_) => Request::Refused(Failure::new(Kind::Syntax, "the text is not UTF-8")),
        }
    }

    fn out_of_time(&self) -> Request {
        if self.is_empty() {
            return Request::Nothing;
        }
        if self.sniffed == Sniffed::MaybeHttp {
            return Request::Http;
        }
        let lacks = if self.scanned < self.bytes.len() {
            "the rest of a character"
        } else {
            // It may have come in small pieces all the time.
            self.scanner.lacks().unwrap_or("the end of the request")
        };
        let seconds = REQUEST_TIME_MAX.as_secs();
        let message = format!("{lacks} has not come within {seconds} seconds");
        Request::Refused(Failure::new(Kind::Incomplete, &message))
    }
}
