//! A connection for each request: connect, ask for a key, read the value, done.
//!
//! Each from another source address (127.0.0.2 and on), so that ports which wait after a close (TIME_WAIT) do not
//! run out.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::{Crew, Shared, finished};
use crate::data::{self, Random};
use crate::link::Link;
use crate::options::Options;
use crate::tally::Tally;
use crate::wire::{self, Ask, Kind};

/// The requests of one thread.
pub(super) async fn thread(crew: Crew) -> Result<Tally> {
    let window = crew.begin();
    let tally = Rc::new(RefCell::new(Tally::new(window)?));
    let mut tasks = JoinSet::new();
    for number in crew.mine() {
        tasks.spawn_local(run((*crew.options).clone(), number, Rc::clone(&tally)));
    }
    finished(tasks, &tally, window).await
}

async fn run(options: Options, number: usize, tally: Shared) -> Result<()> {
    let mut random = Random::new(number);
    let (mut key, mut value, mut reply) = (String::new(), String::new(), Vec::new());
    for count in 0_usize.. {
        let asked = random.below(options.keys);
        data::key(&mut key, asked);
        data::value(&mut value, asked);
        let began = Instant::now();
        let socket = TcpSocket::new_v4()?;
        let source = IpAddr::V4(source(number + count * options.connections));
        socket.bind(SocketAddr::new(source, 0))?;
        let stream = socket.connect(options.address).await?;
        if options.protocol == "one-shot" {
            one_shot(stream, &key, &mut reply).await?;
        } else {
            let mut link = Link::over(stream, wire::by_name(&options.protocol)?)?;
            ensure!(link.ask(Ask::Get(&key)).await? == Kind::Body, "no value of {key}");
            reply.clear();
            reply.extend_from_slice(link.body());
        }
        ensure!(reply == value.as_bytes(), "a wrong value: {}", String::from_utf8_lossy(&reply));
        if !tally.borrow_mut().count(began, Instant::now()) {
            break;
        }
    }
    Ok(())
}

/// As a board does it: no newline, no half-close; the server closes after the reply.
async fn one_shot(mut stream: TcpStream, key: &str, reply: &mut Vec<u8>) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(format!("getReg('{key}')").as_bytes()).await?;
    reply.clear();
    while stream.read_buf(reply).await? > 0 {}
    Ok(())
}

/// One of a thousand addresses of the loopback.
fn source(number: usize) -> Ipv4Addr {
    let (high, low) = (number / 250 % 4, number % 250);
    Ipv4Addr::new(127, 0, high as u8, low as u8 + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_sources_follow_each_other() {
        assert_eq!(source(0), Ipv4Addr::new(127, 0, 0, 2));
        assert_eq!(source(999), Ipv4Addr::new(127, 0, 3, 251));
        assert_eq!(source(1_000), source(0));
    }
}
