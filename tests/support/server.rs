//! A server in this process, on a port of the system's choice, with its clock and its disk in the test's hand.
//! The one file that knows how a daemon is started as a library.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use sharesrv::clock::Clock;
use sharesrv::config::{Config, Durability, Limits};
use sharesrv::{Parts, daemon, pipeline, run};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::disk::Disk;
use super::wire::{Connection, Peer};

/// 2026-11-20 23:05:12, where manual clocks begin.
pub const EPOCH_MICROS: i64 = 1_795_215_912_000_000;

/// How a server is to be.
pub struct Setup {
    pub config: Config,
    pub clock: Clock,
    pub disk: Option<Disk>,
}

impl Setup {
    /// The machine's clock and disk, the defaults, but kind to the disk, and with time enough on a busy machine: who
    /// tests the limits on time sets them.
    pub fn system() -> Setup {
        let limits = Limits { expression_ms_max: 10_000, state_ms_max: 10_000, ..Limits::default() };
        let config = Config { durability: Durability::Normal, limits, ..Config::default() };
        Setup { config, clock: Clock::system(), disk: None }
    }

    /// A clock that stands still until the test moves it.
    pub fn manual() -> Setup {
        Setup { clock: Clock::manual(EPOCH_MICROS), ..Setup::system() }
    }

    pub fn configure(mut self, change: impl FnOnce(&mut Config)) -> Setup {
        change(&mut self.config);
        self
    }

    pub fn disk(mut self, disk: &Disk) -> Setup {
        self.disk = Some(disk.clone());
        self
    }

    pub fn start(mut self) -> Server {
        let folder = TempDir::new().expect("a folder for the data");
        self.config.data = Some(folder.path().to_owned());
        let running = Running::start(&self);
        Server { setup: self, running: Some(running), folder: Arc::new(folder) }
    }
}

/// A server that runs; it ends with this value.
pub struct Server {
    setup: Setup,
    running: Option<Running>,
    folder: Arc<TempDir>,
}

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), daemon::Error>>,
}

impl Running {
    fn start(setup: &Setup) -> Running {
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let (config, clock, disk) = (setup.config.clone(), setup.clock.clone(), setup.disk.clone());
        let thread = std::thread::spawn(move || {
            let disk = disk
                .map(|disk| disk.open(config.data.as_deref().unwrap_or(Path::new(".")), config.durability));
            let parts = Parts { clock, disk, ..Parts::system() };
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_stack_size(pipeline::STACK_BYTES)
                .enable_all()
                .build()
                .expect("threads");
            runtime.block_on(async move {
                let listener =
                    sharesrv::server::listen(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), 0).expect("a port");
                let _ = tell.send(listener.local_addr().expect("a port"));
                run(config, listener, parts, async {
                    let _ = stopped.await;
                })
                .await
            })
        });
        let address = told.recv().expect("the server listens");
        Running { address, stop, thread }
    }

    fn stop(self) -> Result<(), daemon::Error> {
        let _ = self.stop.send(());
        self.thread.join().expect("the server does not panic")
    }
}

impl Server {
    pub fn start() -> Server {
        Setup::system().start()
    }

    pub fn manual() -> Server {
        Setup::manual().start()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Moves a manual clock on.
    pub fn advance(&self, by: Duration) {
        self.setup.clock.advance(by);
    }

    /// Moves a manual clock on, step by step, until the connection is answered; by how much.
    #[track_caller]
    pub fn advance_until_answered(&self, connection: &Connection, step: Duration) -> Duration {
        let mut passed = Duration::ZERO;
        for _ in 0..200 {
            // The server may need a moment of real time to see that its own has come.
            if !connection.is_silent(Duration::from_millis(50)) {
                return passed;
            }
            self.advance(step);
            passed += step;
        }
        panic!("no answer after {passed:?}");
    }

    pub fn clock(&self) -> &Clock {
        &self.setup.clock
    }

    /// Ends the server in order and starts another one on the same data.
    pub fn restart(&mut self) {
        self.stop().expect("the server ends in order");
        self.running = Some(Running::start(&self.setup));
    }

    /// Ends the server; how it ended.
    pub fn stop(&mut self) -> Result<(), daemon::Error> {
        self.running.take().expect("a running server").stop()
    }

    /// Waits until the server has ended by itself; how it ended.
    pub fn ended(&mut self) -> Result<(), daemon::Error> {
        let running = self.running.take().expect("a running server");
        let ended = running.thread.join().expect("the server does not panic");
        drop(running.stop);
        ended
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed while it held the disk is to say so, not to wait for it.
        if let Some(disk) = self.setup.disk.as_ref().filter(|_| std::thread::panicking()) {
            disk.release();
        }
        if let Some(running) = self.running.take() {
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }
}

impl Peer for Server {
    fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("a running server").address
    }
}
