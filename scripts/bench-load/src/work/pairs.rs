//! Two clients that send each other a message and receive it, over and over. An operation is one message, sent,
//! received and compared.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use super::{Crew, Shared, finished};
use crate::data;
use crate::link::Link;
use crate::tally::Tally;
use crate::wire::{Ask, Kind};

/// The pairs of one thread.
pub(super) async fn thread(crew: Crew) -> Result<Tally> {
    let mut pairs = Vec::new();
    for number in crew.mine().filter(|number| number + super::THREADS < crew.options.connections) {
        if (number / super::THREADS).is_multiple_of(2) {
            let peer = number + super::THREADS;
            pairs.push([open(&crew, number, peer).await?, open(&crew, peer, number).await?]);
        }
    }
    let window = crew.begin();
    let tally = Rc::new(RefCell::new(Tally::new(window)?));
    let mut tasks = JoinSet::new();
    for pair in pairs {
        tasks.spawn_local(run(pair, Rc::clone(&tally)));
    }
    finished(tasks, &tally, window).await
}

/// One of the two clients.
struct End {
    link: Link,
    number: usize,
    peer: usize,
    peer_name: String,
    body: String,
}

async fn open(crew: &Crew, number: usize, peer: usize) -> Result<End> {
    let link = Link::open(crew.options.address, &crew.options.protocol, &crew.name(number)).await?;
    Ok(End { link, number, peer, peer_name: crew.name(peer), body: String::new() })
}

async fn run([mut left, mut right]: [End; 2], tally: Shared) -> Result<()> {
    let mut count = 0;
    loop {
        count += 1;
        let began = Instant::now();
        let (sent, other) = tokio::join!(left.send(count), right.send(count));
        sent.and(other)?;
        let (one, other) = tokio::join!(left.receive(count), right.receive(count));
        let (one, other) = (one?, other?);
        let mut tally = tally.borrow_mut();
        if !(tally.count(began, one) & tally.count(began, other)) {
            break;
        }
    }
    left.link.close().await?;
    right.link.close().await
}

impl End {
    async fn send(&mut self, count: u64) -> Result<()> {
        data::body(&mut self.body, self.number as u64, count);
        let answer = self.link.ask(Ask::Send(&self.peer_name, &self.body)).await?;
        // Redis answers with the length of the list.
        ensure!(matches!(answer, Kind::Done | Kind::Body | Kind::Echo), "not sent: {answer:?}");
        Ok(())
    }

    async fn receive(&mut self, count: u64) -> Result<Instant> {
        let answer = self.link.ask(Ask::Receive).await?;
        let right = match answer {
            Kind::Body => data::numbers(self.link.body()) == Some((self.peer as u64, count)),
            answer => answer == Kind::Echo,
        };
        ensure!(right, "not what was sent: {answer:?}");
        Ok(Instant::now())
    }
}
