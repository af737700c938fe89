//! The bare echo server: what any server on this runtime can reach at most. With a file it keeps what comes before it
//! answers, as little as a durable server can do: all that came while the disk was busy is written and synced at once.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// The file's length from the start, in bytes, so that a sync need not write its size; filled in turns.
const FILE_BYTES: u64 = 64 << 20;

/// Listens on a free port of the loopback, says which, and sends back whatever comes; where there is a file, when it
/// is in there for good.
///
/// # Errors
/// Where it cannot listen or make the file.
pub fn run(file: Option<&Path>) -> Result<()> {
    let log = file.map(Log::begin).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(serve(stream, log.clone()));
        }
    })
}

async fn serve(mut stream: TcpStream, log: Option<Arc<Log>>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let text = buffer.get(..length).unwrap_or_default();
        if let Some(log) = &log
            && log.keep(text).await.is_err()
        {
            break;
        }
        if stream.write_all(text).await.is_err() {
            break;
        }
    }
}

/// What is written by a thread of its own, a group at a time.
#[derive(Default)]
struct Log {
    group: Mutex<Group>,
    come: Condvar,
}

/// What came since the last group was taken.
#[derive(Default)]
struct Group {
    bytes: Vec<u8>,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Log {
    fn begin(path: &Path) -> Result<Arc<Log>> {
        let file = File::create_new(path)?;
        let zeros = vec![0; 1 << 20];
        for offset in (0..FILE_BYTES).step_by(zeros.len()) {
            file.write_all_at(&zeros, offset)?;
        }
        file.sync_all()?;
        let log = Arc::new(Log::default());
        let of_thread = Arc::clone(&log);
        std::thread::spawn(move || {
            if let Err(error) = of_thread.write(&file) {
                eprintln!("bench-load: {error:#}");
                std::process::exit(1);
            }
        });
        Ok(log)
    }

    /// Waits until the text is in the file for good.
    async fn keep(&self, text: &[u8]) -> Result<()> {
        let (done, kept) = oneshot::channel();
        {
            let mut group = self.lock();
            group.bytes.extend_from_slice(text);
            group.waiting.push(done);
        }
        self.come.notify_one();
        Ok(kept.await?)
    }

    fn write(&self, file: &File) -> Result<()> {
        let mut offset = 0;
        loop {
            let empty = |group: &mut Group| group.waiting.is_empty();
            let mut group = self.come.wait_while(self.lock(), empty).unwrap_or_else(PoisonError::into_inner);
            let Group { bytes, waiting } = std::mem::take(&mut *group);
            drop(group);
            if offset + bytes.len() as u64 > FILE_BYTES {
                offset = 0;
            }
            file.write_all_at(&bytes, offset)?;
            file.sync_data()?;
            offset += bytes.len() as u64;
            for task in waiting {
                // Who is gone does not wait.
                let _ = task.send(());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
