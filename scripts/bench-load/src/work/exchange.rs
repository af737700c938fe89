//! A request and its answer, over and over: as fast as it goes, or at a rate.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::JoinSet;

use super::{Crew, Shared, finished};
use crate::data::{self, Random};
use crate::link::Link;
use crate::options::Options;
use crate::tally::{Tally, Window};
use crate::wire::{Ask, Kind};

/// The exchanges of one thread.
pub(super) async fn thread(crew: Crew) -> Result<Tally> {
    let mut links = Vec::new();
    for number in crew.mine() {
        let link = Link::open(crew.options.address, &crew.options.protocol, &crew.name(number)).await?;
        links.push((number, link));
    }
    let window = crew.begin();
    let tally = Rc::new(RefCell::new(Tally::new(window)?));
    let mut tasks = JoinSet::new();
    for (number, link) in links {
        let exchange = Exchange::new(link, &crew.options, number);
        let pace = Pace::new(&crew.options, number, window);
        tasks.spawn_local(exchange.run(pace, Rc::clone(&tally)));
    }
    finished(tasks, &tally, window).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Eval,
    Get,
    Set,
}

/// One connection and what it asks for.
struct Exchange {
    link: Link,
    work: Work,
    depth: usize,
    keys: usize,
    random: Random,
    key: String,
    value: String,
    /// When each request on its way was due, and its key.
    sent: VecDeque<(Instant, usize)>,
}

impl Exchange {
    fn new(link: Link, options: &Options, number: usize) -> Exchange {
        let work = match options.work.as_str() {
            "get" => Work::Get,
            "set" => Work::Set,
            _ => Work::Eval,
        };
        // A seed of this run: not the same keys again.
        let seed = number + 1_000_003 * std::process::id() as usize;
        Exchange {
            link,
            work,
            depth: options.depth,
            keys: options.keys,
            random: Random::new(seed),
            key: String::new(),
            value: String::new(),
            sent: VecDeque::new(),
        }
    }

    async fn run(mut self, mut pace: Pace, tally: Shared) -> Result<()> {
        let mut going = true;
        loop {
            while going && self.sent.len() < self.depth {
                let Some(due) = pace.next().await else {
                    going = false;
                    break;
                };
                self.push(due)?;
            }
            if self.sent.is_empty() {
                return self.link.close().await;
            }
            let mut kind = Some(self.link.next().await?);
            while let Some(answer) = kind {
                let due = self.check(answer)?;
                going &= tally.borrow_mut().count(due, Instant::now());
                kind = self.link.ready()?;
            }
        }
    }

    fn push(&mut self, due: Instant) -> Result<()> {
        let number = self.random.below(self.keys);
        data::key(&mut self.key, number);
        match self.work {
            Work::Eval => self.link.push(Ask::Eval)?,
            Work::Get => self.link.push(Ask::Get(&self.key))?,
            Work::Set => {
                data::value(&mut self.value, self.random.below(10_000_000));
                self.link.push(Ask::Set(&self.key, &self.value))?
            }
        };
        self.sent.push_back((due, number));
        Ok(())
    }

    /// When the request was due whose answer this is.
    fn check(&mut self, answer: Kind) -> Result<Instant> {
        let sent = self.sent.pop_front();
        ensure!(sent.is_some(), "an answer that nobody asked for");
        let (due, number) = sent.unwrap_or((Instant::now(), 0));
        let right = match self.work {
            _ if answer == Kind::Echo => true,
            Work::Eval => answer == Kind::Body && self.link.body() == b"4",
            Work::Set => answer == Kind::Done,
            Work::Get => {
                data::value(&mut self.value, number);
                answer == Kind::Body && self.link.body() == self.value.as_bytes()
            }
        };
        ensure!(right, "a wrong answer: {answer:?} {}", String::from_utf8_lossy(self.link.body()));
        Ok(due)
    }
}

/// When the next request of a connection is due.
struct Pace {
    next: Instant,
    interval: Option<Duration>,
    end: Instant,
}

impl Pace {
    fn new(options: &Options, number: usize, window: Window) -> Pace {
        let interval = options.rate.map(|rate| Duration::from_secs_f64(options.connections as f64 / rate));
        let share = number as f64 / options.connections as f64;
        let offset = interval.map_or(Duration::ZERO, |interval| interval.mul_f64(share));
        Pace { next: Instant::now() + offset, interval, end: window.end }
    }

    /// Waits until the next request is due; None where that is after the end. At a rate, a request that is late
    /// counts from when it was due: a server that stops for a while is not spared the requests of that while.
    async fn next(&mut self) -> Option<Instant> {
        let Some(interval) = self.interval else { return Some(Instant::now()) };
        let due = self.next;
        self.next += interval;
        if due >= self.end {
            return None;
        }
        // The runtime's timer has steps of a millisecond; the rest is spent looking at the clock.
        let early = due.saturating_duration_since(Instant::now());
        if early > Duration::from_millis(5) {
            tokio::time::sleep(early - Duration::from_millis(3)).await;
        }
        while Instant::now() < due {
            tokio::task::yield_now().await;
        }
        Some(due)
    }
}
