//! An item put into the one queue that all share, and one taken out, over and over. An operation is both.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use super::{Crew, Shared, blocking, finished};
use crate::data;
use crate::link::Link;
use crate::options::Options;
use crate::tally::Tally;
use crate::wire::{Ask, CONSUMER, Kind, STREAM};

/// Makes JetStream's stream and consumer, which the others need not.
pub(super) fn prepare(options: &Options) -> Result<()> {
    if options.protocol != "nats" {
        return Ok(());
    }
    blocking(async {
        let mut link = Link::open(options.address, &options.protocol, "maker").await?;
        link.ask(Ask::Put(STREAM, "")).await?;
        link.ask(Ask::Put(CONSUMER, "")).await?;
        link.close().await
    })
}

/// The getters and putters of one thread.
pub(super) async fn thread(crew: Crew) -> Result<Tally> {
    let mut links = Vec::new();
    for number in crew.mine() {
        let link = Link::open(crew.options.address, &crew.options.protocol, &crew.name(number)).await?;
        links.push((number, link));
    }
    let window = crew.begin();
    let tally = Rc::new(RefCell::new(Tally::new(window)?));
    let mut tasks = JoinSet::new();
    let queue: Rc<str> = format!("q-{}", crew.options.tag).into();
    for (number, link) in links {
        tasks.spawn_local(run(link, number as u64, Rc::clone(&queue), Rc::clone(&tally)));
    }
    finished(tasks, &tally, window).await
}

async fn run(mut link: Link, number: u64, queue: Rc<str>, tally: Shared) -> Result<()> {
    let mut body = String::new();
    for count in 0.. {
        let began = Instant::now();
        data::body(&mut body, number, count);
        let answer = link.ask(Ask::Put(&queue, &body)).await?;
        ensure!(matches!(answer, Kind::Done | Kind::Body | Kind::Echo), "not put: {answer:?}");
        // Whoever takes has put before: there is always one, though it may be another's.
        let answer = link.ask(Ask::Take(&queue)).await?;
        let right = match answer {
            Kind::Body => data::numbers(link.body()).is_some(),
            answer => answer == Kind::Echo,
        };
        ensure!(right, "not taken: {answer:?}");
        if !tally.borrow_mut().count(began, Instant::now()) {
            break;
        }
    }
    link.close().await
}
