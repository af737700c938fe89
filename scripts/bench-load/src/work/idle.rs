//! Connections that do nothing, until standard input ends.

use anyhow::Result;
use tokio::io::AsyncReadExt as _;

use super::blocking;
use crate::link::Link;
use crate::options::Options;

/// Opens `--connections` of them, says so, and waits.
pub(super) fn run(options: &Options) -> Result<String> {
    blocking(async {
        let mut links = Vec::new();
        for number in 0..options.connections {
            // What MQTT and NATS must have; a session of sharesrv needs no name.
            let name = if options.protocol == "share" {
                String::new()
            } else {
                format!("i{number}-{}", options.tag)
            };
            links.push(Link::open(options.address, &options.protocol, &name).await?);
        }
        println!("{{\"open\":{}}}", links.len());
        tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
        Ok("{}".to_owned())
    })
}
