//! A connection that speaks one of the protocols.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::wire::{self, Ask, Buffers, Kind, Step, Wire};

/// A connection, its protocol, and what is on its way in and out.
pub struct Link {
    stream: TcpStream,
    wire: Box<dyn Wire>,
    buffers: Buffers,
    input: Vec<u8>,
    /// How much of the input was answered for.
    read: usize,
}

impl Link {
    /// Connects and says hello as the client of that name.
    ///
    /// # Errors
    /// Where the server cannot be reached or does not answer as it should.
    pub async fn open(address: SocketAddr, protocol: &str, name: &str) -> Result<Link> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        let mut link = Link::over(stream, wire::by_name(protocol)?)?;
        let answers = link.wire.hello(name, &mut link.buffers.output);
        link.expect(answers).await?;
        Ok(link)
    }

    /// A link over a connection, before any hello.
    ///
    /// # Errors
    /// Where the connection is gone.
    pub fn over(stream: TcpStream, wire: Box<dyn Wire>) -> Result<Link> {
        stream.set_nodelay(true)?;
        Ok(Link { stream, wire, buffers: Buffers::default(), input: Vec::with_capacity(4096), read: 0 })
    }

    /// Writes a request into the output; returns how many answers it has.
    ///
    /// # Errors
    /// Where the protocol knows no such thing.
    pub fn push(&mut self, ask: Ask<'_>) -> Result<usize> {
        self.wire.ask(ask, &mut self.buffers.output)
    }

    /// Sends what was pushed.
    ///
    /// # Errors
    /// Where the connection is gone.
    pub async fn flush(&mut self) -> Result<()> {
        if !self.buffers.output.is_empty() {
            self.stream.write_all(&self.buffers.output).await?;
            self.buffers.output.clear();
        }
        Ok(())
    }

    /// The next answer that has come already, if one has.
    ///
    /// # Errors
    /// Where the server says that something went wrong.
    pub fn ready(&mut self) -> Result<Option<Kind>> {
        loop {
            let rest = self.input.get(self.read..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(None);
            }
            match self.wire.parse(rest, &mut self.buffers)? {
                Step::Incomplete => return Ok(None),
                Step::Skip(length) => self.read += length,
                Step::Reply(length, kind) => {
                    self.read += length;
                    return Ok(Some(kind));
                }
            }
        }
    }

    /// Sends what is to be sent and waits for more input. Losing the future loses nothing.
    ///
    /// # Errors
    /// Where the connection is gone.
    pub async fn fill(&mut self) -> Result<()> {
        self.flush().await?;
        self.input.drain(..self.read);
        self.read = 0;
        loop {
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.input) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The next answer or pushed message.
    ///
    /// # Errors
    /// Where the connection is gone, or the server says that something went wrong.
    pub async fn next(&mut self) -> Result<Kind> {
        loop {
            if let Some(kind) = self.ready()? {
                return Ok(kind);
            }
            self.fill().await?;
        }
    }

    /// Asks one thing and waits for its answer.
    ///
    /// # Errors
    /// As for [`Link::next`].
    pub async fn ask(&mut self, ask: Ask<'_>) -> Result<Kind> {
        self.push(ask)?;
        self.next().await
    }

    /// Waits for so many answers and looks at none; pushed messages do not count.
    ///
    /// # Errors
    /// As for [`Link::next`].
    pub async fn expect(&mut self, answers: usize) -> Result<()> {
        let mut left = answers;
        while left > 0 {
            if self.next().await? != Kind::Pushed {
                left -= 1;
            }
        }
        self.flush().await
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.buffers.body
    }

    /// Says goodbye, so that the server forgets the client, and closes.
    ///
    /// # Errors
    /// As for [`Link::next`].
    pub async fn close(mut self) -> Result<()> {
        let answers = self.wire.goodbye(&mut self.buffers.output);
        self.expect(answers).await
    }
}
