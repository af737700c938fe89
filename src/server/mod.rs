//! Sockets and nothing else: accepting connections, their number, what a connection is, reading and answering.
//!
//! May use `pipeline`, `event_loops` and `config`. No function of a client's ever holds a socket.

mod burst;
mod busy;
mod connection;
mod lines;
mod link;
mod one_shot;
mod output;
mod session;
mod sniff;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use share_client::wire::Kind;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::event_loops::Loops;
use crate::pipeline::{Failure, Pipeline, closed};
use connection::Connection;

/// After an error of accept(2), such as no free file descriptor, wait that long before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// So many of those that are too many are told so at a time, and waited for until they have read it. What comes beyond
/// them is told in passing: each that waits takes a descriptor.
const REFUSED_MAX: usize = 64;

/// Connections that may wait to be accepted; the kernel caps it by its own limit.
const BACKLOG: i32 = 4096;

/// Listens on the address; on all of them, IPv6 and IPv4 by one socket, where none is given.
/// Called inside a tokio runtime.
///
/// # Errors
/// What the system says, such as that the port is in use.
pub fn listen(address: Option<IpAddr>, port: u16) -> io::Result<TcpListener> {
    match address {
        Some(address) => listen_on(SocketAddr::new(address, port)),
        None => match listen_on(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                // A machine without IPv6.
                listen_on(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))
            }
            listener => listener,
        },
    }
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the old connections' TIME_WAIT.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves connections on these loops until `closing` turns true, then waits until those that are open have had their
/// replies.
pub async fn serve(
    listener: TcpListener,
    pipeline: Arc<Pipeline>,
    loops: Loops,
    closing: watch::Receiver<bool>,
) {
    // Every connection holds a sender; when all are gone the receiver ends.
    let (open, mut all_closed) = mpsc::channel::<()>(1);
    let ends = closed(closing.clone());
    tokio::pin!(ends);
    let mut refused = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut ends => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                refused = false;
                let (pipeline, closing, open) = (Arc::clone(&pipeline), closing.clone(), open.clone());
                let given = loops.give(stream, move |stream| async move {
                    one_connection(stream, peer.ip(), &pipeline, closing).await;
                    drop(open);
                });
                if let Err(error) = given {
                    tracing::warn!("cannot serve a connection: {error}");
                }
            }
            Err(error) => {
                // Once, and not with each try.
                if !std::mem::replace(&mut refused, true) {
                    tracing::warn!("cannot accept a connection: {error}");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drop(open);
    pipeline.end_sessions();
    let _ = all_closed.recv().await;
}

async fn one_connection(
    stream: TcpStream,
    peer: IpAddr,
    pipeline: &Pipeline,
    closing: watch::Receiver<bool>,
) {
    let world = pipeline.world();
    let connections = &world.counters.connections;
    let connections_max = world.limits.connections_max;
    let number = connections.fetch_add(1, Ordering::Relaxed);
    let connection = Connection::new(stream, peer.to_canonical(), closing);
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    if number < connections_max {
        connection.serve(pipeline).await;
    } else {
        pipeline.refused();
        let failure = Failure::new(Kind::Limit, &format!("connections_max is {connections_max}"));
        if number - connections_max < REFUSED_MAX {
            Box::pin(connection.refuse(&failure, pipeline.clock())).await;
        } else {
            connection.refuse_in_passing(&failure);
        }
    }
    connections.fetch_sub(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Done, Session};

    /// There may be ten thousand sessions, most of them idle: what a field more costs is seen here first.
    const SESSION_BYTES_MAX: usize = 750;

    fn bytes_of<'p, F>(_: impl FnOnce(TcpStream, Session, Done, Vec<u8>, &'p Pipeline) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn the_task_of_a_session_is_small() {
        let bytes = bytes_of(session::serve);
        assert!(bytes <= SESSION_BYTES_MAX, "{bytes}");
    }
}
