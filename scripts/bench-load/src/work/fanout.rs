//! Messages to a group: one sender, `--connections` listeners, `--depth` messages on their way. An operation is a
//! delivery; its latency is from before the sending to the arrival.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Crew, Shared, finished};
use crate::data;
use crate::link::Link;
use crate::options::Options;
use crate::tally::{Tally, Window};
use crate::wire::{Ask, Kind};

/// What the sender and the listeners share.
pub(super) struct Fan {
    /// Messages carry the time of their sending, counted from here.
    epoch: Instant,
    /// How many have each of the messages on their way.
    arrived: Vec<AtomicUsize>,
    listeners: usize,
    /// How many more may be on their way.
    room: Semaphore,
}

impl Fan {
    /// Nothing is on its way.
    pub(super) fn new(options: &Options) -> Fan {
        Fan {
            epoch: Instant::now(),
            arrived: (0..1_024).map(|_| AtomicUsize::new(0)).collect(),
            listeners: options.connections,
            room: Semaphore::new(options.depth),
        }
    }

    /// One listener has the message of that number.
    fn arrive(&self, number: u64) -> Result<()> {
        let slots = self.arrived.len() as u64;
        let slot = self.arrived.get((number % slots) as usize).context("no slot")?;
        if slot.fetch_add(1, Ordering::AcqRel) + 1 == self.listeners {
            slot.store(0, Ordering::Release);
            self.room.add_permits(1);
        }
        Ok(())
    }
}

/// The listeners of one thread; the first has the sender too.
pub(super) async fn thread(crew: Crew, fan: Arc<Fan>) -> Result<Tally> {
    let group = format!("g-{}", crew.options.tag);
    let mut links = Vec::new();
    for number in crew.mine() {
        let mut link = Link::open(crew.options.address, &crew.options.protocol, &crew.name(number)).await?;
        let answers = link.push(Ask::Listen(&group))?;
        link.expect(answers).await?;
        links.push(link);
    }
    let sender = match crew.number {
        0 => Some(Link::open(crew.options.address, &crew.options.protocol, &crew.name(9_999)).await?),
        _ => None,
    };
    let window = crew.begin();
    let tally = Rc::new(RefCell::new(Tally::new(window)?));
    let mut tasks = JoinSet::new();
    for link in links {
        tasks.spawn_local(listen(link, Arc::clone(&fan), window, Rc::clone(&tally)));
    }
    if let Some(link) = sender {
        tasks.spawn_local(send(link, group, fan, window));
    }
    finished(tasks, &tally, window).await
}

async fn listen(mut link: Link, fan: Arc<Fan>, window: Window, tally: Shared) -> Result<()> {
    // What is on its way at the end arrives before anybody leaves.
    let end = tokio::time::sleep_until((window.end + Duration::from_millis(200)).into());
    tokio::pin!(end);
    loop {
        while let Some(kind) = link.ready()? {
            if kind == Kind::Pushed {
                let (number, sent) = data::numbers(link.body()).context("not what was sent")?;
                tally.borrow_mut().count(fan.epoch + Duration::from_nanos(sent), Instant::now());
                fan.arrive(number)?;
            }
        }
        tokio::select! {
            biased;
            filled = link.fill() => filled?,
            () = &mut end => return link.close().await,
        }
    }
}

async fn send(mut link: Link, group: String, fan: Arc<Fan>, window: Window) -> Result<()> {
    let mut body = String::new();
    let mut number = 0;
    let end = tokio::time::sleep_until(window.end.into());
    tokio::pin!(end);
    loop {
        while link.ready()?.is_some() {}
        link.flush().await?;
        let mut room = tokio::select! {
            biased;
            room = fan.room.acquire() => Some(room?),
            filled = link.fill() => filled.map(|()| None)?,
            () = &mut end => break,
        };
        while let Some(permit) = room {
            permit.forget();
            number += 1;
            let sent = u64::try_from(fan.epoch.elapsed().as_nanos())?;
            data::body(&mut body, number, sent);
            link.push(Ask::Publish(&group, &body))?;
            room = fan.room.try_acquire().ok();
        }
    }
    // The listeners still have the last messages to come; who sends leaves after them.
    tokio::time::sleep_until((window.end + Duration::from_millis(300)).into()).await;
    link.expect(0).await
}
