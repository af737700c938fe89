//! The daemon: opens the data, puts the rooms together, and takes them apart in order.
//!
//! May use every room. Knows no arguments and no signals: those are `main`'s.

use std::fs::{self, File, TryLockError};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::RngExt;
use rand::distr::Alphanumeric;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{Config, Durability};
use crate::database::{self, Database};
use crate::event_loops::Loops;
use crate::functions::{Counters, Random, World, WorldHandle};
use crate::journal::{self, Journal, Rows, SqliteStore, Store};
use crate::language::Language;
use crate::pipeline::{self, Pipeline, Sessions, Waits};
use crate::server;
use crate::state::{ClientId, FreshIds, State};

/// How long connections may take to finish what they were doing when the daemon ends.
const DRAIN_TIME: Duration = Duration::from_millis(1_200);
/// How long replies that tell of a failed commit may take to reach their clients.
const FAREWELL_TIME: Duration = Duration::from_millis(200);
/// How often the functions folder is looked at.
const RELOAD_PAUSE: Duration = Duration::from_secs(1);

/// Why the daemon cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder cannot be made or written.
    #[error("the data folder {} cannot be used: {reason}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
    /// Another daemon uses the data folder.
    #[error("the data folder {} is in use by another sharesrv", .0.display())]
    InUse(PathBuf),
    /// The journal cannot be opened, or a commit failed.
    #[error("the journal failed")]
    Journal(#[from] journal::Error),
    /// The users' database cannot be opened.
    #[error("the database failed")]
    Database(#[from] database::Error),
    /// The data folder was not named.
    #[error(transparent)]
    Config(#[from] crate::config::Error),
}

/// What is handed in, so that tests may choose it.
pub struct Parts {
    /// The clock.
    pub clock: Clock,
    /// Where IDs come from.
    pub ids: Box<dyn FreshIds>,
    /// Where expressions' random numbers come from.
    pub random: Random,
    /// The journal's store and what it held; absent: the file in the data folder.
    pub disk: Option<(Box<dyn Store>, Rows)>,
    /// Where connections are served; absent: in the runtime that the daemon is started in.
    pub loops: Option<Loops>,
}

impl Parts {
    /// The machine's clock, randomness and disk.
    #[must_use]
    pub fn system() -> Parts {
        Parts {
            clock: Clock::system(),
            ids: Box::new(RandomIds),
            random: Box::new(|| rand::rng().random()),
            disk: None,
            loops: None,
        }
    }
}

/// IDs from a cryptographic generator, seeded by the system.
struct RandomIds;

impl FreshIds for RandomIds {
    fn fresh(&mut self) -> ClientId {
        // The thread's generator is a cryptographic one, seeded by the system.
        let mut generator = rand::rng();
        loop {
            let text: String = (0..8).map(|_| char::from(generator.sample(Alphanumeric))).collect();
            if let Some(id) = ClientId::parse(&text) {
                return id;
            }
        }
    }
}

/// A daemon that has read its data and can serve.
pub struct Daemon {
    world: WorldHandle,
    language: Arc<Language>,
    journal: Journal,
    waits: Arc<Waits>,
    sessions: Arc<Sessions>,
    loops: Loops,
    functions: Option<PathBuf>,
    /// Whether the configuration names the folder of functions.
    functions_named: bool,
    /// What was wrong in the folder of functions when it was last read.
    complaints: Mutex<Vec<String>>,
    /// Held as long as the daemon lives: nobody else uses the folder.
    _lock: Option<File>,
}

/// Starts a daemon and serves until `shutdown` resolves.
///
/// # Errors
/// Where the data cannot be used, or a commit failed.
pub async fn run(
    config: Config,
    listener: TcpListener,
    parts: Parts,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    Daemon::start(&config, parts)?.serve(listener, shutdown).await
}

impl Daemon {
    /// Opens the data and reads it. Called inside a tokio runtime.
    ///
    /// # Errors
    /// Where the data cannot be used.
    pub fn start(config: &Config, parts: Parts) -> Result<Daemon, Error> {
        let folder = match config.durability {
            Durability::Memory => None,
            Durability::Full | Durability::Normal => {
                Some(config.data_folder(|name| std::env::var(name).ok())?)
            }
        };
        let lock = folder.as_deref().map(lock_folder).transpose()?;
        let expiry = Duration::from_secs(config.client_expiry_s);
        let mut state = State::new(config.limits.clone(), expiry, parts.ids);
        state.begin_restore(parts.clock.now());
        let (store, next_number) = match (parts.disk, &folder) {
            (Some((store, rows)), _) => {
                rows.rows.into_iter().for_each(|(number, row)| state.restore(number, row));
                (Some(store), rows.next_number)
            }
            (None, Some(folder)) => {
                let path = folder.join("journal.sqlite");
                let (store, next_number) =
                    SqliteStore::open_into(&path, config.durability, |number, row| {
                        state.restore(number, row);
                    })?;
                (Some(Box::new(store) as Box<dyn Store>), next_number)
            }
            (None, None) => (None, 1),
        };
        let started = parts.clock.now();
        state.restored(next_number, started);
        let database_path = folder.as_deref().map(|folder| folder.join("database.sqlite"));
        let full = config.durability == Durability::Full;
        let database = Database::open(database_path.as_deref(), full, &config.limits)?;
        let loops = parts.loops.unwrap_or_else(Loops::here);
        let journal = Journal::start(store, config.durability, &loops);
        let waits = Arc::new(Waits::default());
        let sessions = Arc::new(Sessions::default());
        let world = World {
            state: Arc::new(Mutex::new(state)),
            script_turn: Arc::new(Mutex::new(())),
            hand_over: Box::new(pipeline::hand_over(
                journal.clone(),
                Arc::clone(&waits),
                Arc::clone(&sessions),
            )),
            database,
            clock: parts.clock,
            random: parts.random,
            limits: config.limits.clone(),
            counters: Counters::default(),
            durability: config.durability.as_str(),
            started,
        };
        let functions = config.functions.clone().or_else(|| folder.map(|folder| folder.join("functions")));
        let daemon = Daemon {
            world: Arc::new(Arc::new(world)),
            language: Arc::new(Language::new(&config.limits)),
            journal,
            waits,
            sessions,
            loops,
            functions,
            functions_named: config.functions.is_some(),
            complaints: Mutex::default(),
            _lock: lock,
        };
        daemon.reload();
        Ok(daemon)
    }

    /// Serves until `shutdown` resolves or a commit fails; what was promised is on the disk at the end.
    ///
    /// # Errors
    /// Where a commit failed.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let (close, closing) = watch::channel(false);
        let pipeline = Pipeline::new(
            Arc::clone(&self.world),
            Arc::clone(&self.language),
            self.journal.clone(),
            Arc::clone(&self.waits),
            Arc::clone(&self.sessions),
            closing.clone(),
        );
        let serving = server::serve(listener, Arc::new(pipeline), self.loops.clone(), closing);
        let mut serving = tokio::spawn(serving);
        let failed = tokio::select! {
            () = shutdown => None,
            error = self.journal.failed() => Some(error),
            // These never end.
            () = pipeline::sweep(Arc::clone(&self.world), Arc::clone(&self.waits)) => None,
            () = self.keep_reloading() => None,
        };
        if failed.is_some() {
            tokio::time::sleep(FAREWELL_TIME).await;
        }
        close.send_replace(true);
        if tokio::time::timeout(DRAIN_TIME, &mut serving).await.is_err() {
            serving.abort();
        }
        pipeline::sweep_once(&self.world, &self.waits);
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(self.journal.close().await?),
        }
    }

    /// For a process that ends: all of the state is on the disk, and the system takes the memory of a million keys back
    /// in less time than it takes to drop them one by one. The rest is closed as ever.
    pub fn leave_state(&self) {
        std::mem::forget(Arc::clone(&self.world.state));
    }

    async fn keep_reloading(&self) {
        loop {
            self.world.clock.sleep(RELOAD_PAUSE).await;
            self.reload();
        }
    }

    fn reload(&self) {
        let Some(folder) = &self.functions else { return };
        // The default folder need not be there.
        let complaints =
            if self.functions_named || folder.is_dir() { self.language.reload(folder) } else { Vec::new() };
        let mut told = self.complaints.lock();
        for complaint in complaints.iter().filter(|complaint| !told.contains(complaint)) {
            tracing::warn!("{complaint}");
        }
        *told = complaints;
    }
}

/// Makes the folder where need be, and makes sure that nobody else uses it.
fn lock_folder(folder: &Path) -> Result<File, Error> {
    let unusable = |reason| Error::Folder { folder: folder.to_owned(), reason };
    fs::create_dir_all(folder).map_err(unusable)?;
    let lock = File::create(folder.join("lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(folder.to_owned())),
        Err(TryLockError::Error(reason)) => Err(unusable(reason)),
    }
}
