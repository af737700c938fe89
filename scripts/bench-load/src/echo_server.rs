//! The bare echo server: what any server on this runtime can reach at most.

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Listens on a free port of the loopback, says which, and sends back whatever comes.
///
/// # Errors
/// Where it cannot listen.
pub fn run() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                    if stream.write_all(buffer.get(..length).unwrap_or_default()).await.is_err() {
                        break;
                    }
                }
            });
        }
    })
}
