//! A link between clients and a server that the test can cut, freeze, and lead to another server.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// It listens on a port of the system's choice as long as the test runs.
pub struct Relay {
    address: SocketAddr,
    routes: Arc<Mutex<Routes>>,
}

struct Routes {
    target: SocketAddr,
    links: Vec<Link>,
}

struct Link {
    ends: [TcpStream; 2],
    is_frozen: Arc<AtomicBool>,
}

impl Relay {
    pub fn to(target: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = Arc::new(Mutex::new(Routes { target, links: Vec::new() }));
        let shared = Arc::clone(&routes);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let mut routes = shared.lock().expect("no panic");
                // Where nobody listens the client finds its connection closed.
                let Ok(server) = TcpStream::connect(routes.target) else { continue };
                routes.links.push(Link::between(client, server));
            }
        });
        Relay { address, routes }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where connections lead from now on.
    pub fn lead_to(&self, target: SocketAddr) {
        self.routes.lock().expect("no panic").target = target;
    }

    /// An address where nobody listens: no socket can be bound to its port.
    pub fn nowhere() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    /// Ends all connections, at both ends.
    pub fn cut(&self) {
        for link in self.routes.lock().expect("no panic").links.drain(..) {
            for end in link.ends {
                let _ = end.shutdown(Shutdown::Both);
            }
        }
    }

    /// Nothing comes through the connections of now any more, and neither end is told.
    pub fn freeze(&self) {
        for link in &self.routes.lock().expect("no panic").links {
            link.is_frozen.store(true, Ordering::SeqCst);
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Link {
    fn between(client: TcpStream, server: TcpStream) -> Link {
        let is_frozen = Arc::new(AtomicBool::new(false));
        let copy = |stream: &TcpStream| stream.try_clone().expect("a socket");
        for (from, to) in [(copy(&client), copy(&server)), (copy(&server), copy(&client))] {
            let is_frozen = Arc::clone(&is_frozen);
            thread::spawn(move || forward(from, to, &is_frozen));
        }
        Link { ends: [client, server], is_frozen }
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, is_frozen: &AtomicBool) {
    let mut chunk = [0; 4096];
    while let Ok(count) = from.read(&mut chunk) {
        if is_frozen.load(Ordering::SeqCst) {
            if count == 0 {
                return;
            }
            continue;
        }
        if count == 0 || to.write_all(&chunk[..count]).is_err() {
            break;
        }
    }
    if !is_frozen.load(Ordering::SeqCst) {
        let _ = to.shutdown(Shutdown::Write);
    }
}
