//! The link beneath a session: what comes over it, how one that broke without a word is noticed, and how little is
//! entrusted to it.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

/// A link that is silent for so long is asked whether it still lives,
const KEEPALIVE_AFTER: Duration = Duration::from_secs(30);
/// again after so long,
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// so often; then it is dead.
const KEEPALIVE_PROBES: u32 = 3;
/// What was sent must be acknowledged within that time, else the link is dead: keepalive does not ask while there is
/// something on its way.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(60);
/// The system is given no more than this beyond what is on the wire: what it holds of messages cannot go back to the
/// inbox, and counts nowhere.
const UNSENT_BYTES_MAX: u32 = 32_768;
/// What one read takes at most.
const READ_BYTES: usize = 16_384;

thread_local! {
    /// What a read fills: of the thread and not of the session, of which there may be thousands.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
}

/// Reads what has come, which is nothing where nothing more will.
pub(super) fn poll_read<T>(
    stream: &mut TcpStream,
    task: &mut Context<'_>,
    take: impl FnOnce(&[u8]) -> T,
) -> Poll<io::Result<T>> {
    SCRATCH.with_borrow_mut(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(stream).poll_read(task, &mut buffer))?;
        Poll::Ready(Ok(take(buffer.filled())))
    })
}

/// Has the system watch over the link.
pub(super) fn keep_alive(stream: &TcpStream) {
    // A reply is one write; there is nothing to be gathered with it.
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_PROBES);
    // Where the system knows none of this, a dead link is noticed by the next write.
    let _ = socket.set_tcp_keepalive(&keepalive);
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX));
    let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES_MAX);
}
