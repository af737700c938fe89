//! Makes the keys and the queued items that the other works find.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::blocking;
use crate::data;
use crate::link::Link;
use crate::options::Options;
use crate::wire::{Ask, Kind};

/// How many requests are on their way.
const DEPTH: usize = 256;

/// Sets `--keys` keys and puts `--items` items.
pub(super) fn run(options: &Options) -> Result<String> {
    blocking(async {
        let began = Instant::now();
        let mut link = Link::open(options.address, &options.protocol, &format!("f-{}", options.tag)).await?;
        let (mut key, mut text) = (String::new(), String::new());
        let mut open = 0;
        for number in 0..options.keys + options.items {
            match number.checked_sub(options.keys) {
                None => {
                    data::key(&mut key, number);
                    data::value(&mut text, number);
                    link.push(Ask::Set(&key, &text))?;
                }
                Some(item) => {
                    data::body(&mut text, 0, item as u64);
                    link.push(Ask::Put("filled", &text))?;
                }
            }
            open += 1;
            if open == DEPTH {
                answered(&mut link, DEPTH / 2).await?;
                open -= DEPTH / 2;
            }
        }
        answered(&mut link, open).await?;
        link.close().await?;
        Ok(format!("{{\"seconds\":{:.3}}}", began.elapsed().as_secs_f64()))
    })
}

async fn answered(link: &mut Link, count: usize) -> Result<()> {
    for _ in 0..count {
        let answer = link.next().await?;
        ensure!(matches!(answer, Kind::Done | Kind::Body), "not done: {answer:?}");
    }
    Ok(())
}
