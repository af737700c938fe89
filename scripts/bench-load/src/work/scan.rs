//! All keys that match a pattern, over and over, on one connection: how long until the last of them has come.
//! `--keys` says how many match.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::blocking;
use crate::link::Link;
use crate::options::Options;
use crate::tally::{Tally, Window};
use crate::wire::{Ask, Kind};

/// Scans for the time that the options give.
pub(super) fn run(options: &Options) -> Result<String> {
    blocking(async {
        let mut link = Link::open(options.address, &options.protocol, &format!("s-{}", options.tag)).await?;
        let pushed = options.protocol == "share";
        if pushed {
            let answers = link.push(Ask::Listen(""))?;
            link.expect(answers).await?;
        }
        let mut tally = Tally::new(Window::new(options))?;
        loop {
            let began = Instant::now();
            let found = match pushed {
                true => fetch(&mut link, options).await?,
                false => scan(&mut link, options).await?,
            };
            ensure!(found == options.keys, "{found} keys instead of {}", options.keys);
            if !tally.count(began, Instant::now()) {
                break;
            }
        }
        link.close().await?;
        Ok(tally.report(None))
    })
}

/// sharesrv: one message a key, with its value, and how many there are.
async fn fetch(link: &mut Link, options: &Options) -> Result<usize> {
    link.push(Ask::Scan(&options.pattern, 0))?;
    let (mut came, mut told) = (0, None);
    while told.is_none_or(|told| came < told) {
        match link.next().await? {
            Kind::Pushed => came += 1,
            _ => told = Some(std::str::from_utf8(link.body())?.parse::<usize>()?),
        }
    }
    Ok(came)
}

/// Redis: pages of keys, without the values, until the cursor is back at 0.
async fn scan(link: &mut Link, options: &Options) -> Result<usize> {
    let (mut came, mut cursor) = (0, 0);
    loop {
        match link.ask(Ask::Scan(&options.pattern, cursor)).await? {
            Kind::Page(count, next) => {
                came += count;
                cursor = next;
            }
            other => anyhow::bail!("no page: {other:?}"),
        }
        if cursor == 0 {
            return Ok(came);
        }
    }
}
