//! The kinds of load, a file each, and what they share: two threads, each with an event loop of its own.

mod connect;
mod exchange;
mod fanout;
mod fill;
mod idle;
mod pairs;
mod queue;
mod scan;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Barrier, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use tokio::task::{JoinSet, LocalSet};

use crate::options::Options;
use crate::tally::{Spent, Tally, Window};

/// How many threads make the load.
const THREADS: usize = 2;

/// Runs the work that the options name; returns the line that tells its result.
///
/// # Errors
/// Where there is no such work, or where a server did not do what was asked of it.
pub fn run(options: &Options) -> Result<String> {
    match options.work.as_str() {
        "eval" | "get" | "set" => on_threads(options, exchange::thread),
        "pairs" => on_threads(options, pairs::thread),
        "queue" => {
            queue::prepare(options)?;
            on_threads(options, queue::thread)
        }
        "fanout" => {
            let fan = Arc::new(fanout::Fan::new(options));
            on_threads(options, move |crew| fanout::thread(crew, Arc::clone(&fan)))
        }
        "connect" => on_threads(options, connect::thread),
        "scan" => scan::run(options),
        "fill" => fill::run(options),
        "idle" => idle::run(options),
        work => bail!("no work '{work}'"),
    }
}

/// One of the threads that make the load.
struct Crew {
    options: Arc<Options>,
    number: usize,
    start: Arc<Start>,
}

/// Where the threads meet before the load begins.
struct Start {
    barrier: Barrier,
    window: Mutex<Option<Window>>,
    /// What the server had spent when the measured time began, and in it.
    spent: Mutex<Option<Spent>>,
}

impl Crew {
    /// The numbers of the connections that are this thread's.
    fn mine(&self) -> impl Iterator<Item = usize> {
        (self.number..self.options.connections).step_by(THREADS)
    }

    /// The name of a connection's client, in this run alone.
    fn name(&self, number: usize) -> String {
        format!("c{number}-{}", self.options.tag)
    }

    /// Waits until every thread is ready; the load begins. Starts the look at the server's process.
    fn begin(&self) -> Window {
        self.start.barrier.wait();
        let mut window = self.start.window.lock().unwrap_or_else(PoisonError::into_inner);
        let window = *window.get_or_insert_with(|| Window::new(&self.options));
        if let (0, Some(server)) = (self.number, self.options.server) {
            let start = Arc::clone(&self.start);
            tokio::task::spawn_local(async move {
                tokio::time::sleep_until(window.start.into()).await;
                let first = Spent::look(server).ok();
                tokio::time::sleep_until(window.end.into()).await;
                let spent = first.and_then(|first| Some(Spent::look(server).ok()?.since(first)));
                *start.spent.lock().unwrap_or_else(PoisonError::into_inner) = spent;
            });
        }
        window
    }
}

/// Runs one asynchronous function in each thread and adds up what they counted.
fn on_threads<F, Fut>(options: &Options, thread: F) -> Result<String>
where
    F: Fn(Crew) -> Fut + Sync,
    Fut: Future<Output = Result<Tally>>,
{
    let options = Arc::new(options.clone());
    let start =
        Arc::new(Start { barrier: Barrier::new(THREADS), window: Mutex::new(None), spent: Mutex::new(None) });
    let tallies = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let crew = Crew { options: Arc::clone(&options), number, start: Arc::clone(&start) };
                let thread = &thread;
                scope.spawn(move || match blocking(thread(crew)) {
                    Ok(tally) => tally,
                    Err(error) => {
                        // The other thread may wait at the barrier for ever: the run is over.
                        eprintln!("bench-load: {error:#}");
                        std::process::exit(1);
                    }
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().ok()).collect::<Option<Vec<Tally>>>()
    });
    let mut tallies = tallies.context("a thread ended badly")?.into_iter();
    let mut sum = tallies.next().context("no threads")?;
    tallies.try_for_each(|tally| sum.add(&tally))?;
    let spent = *start.spent.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(sum.report(spent))
}

/// Runs a future to its end in an event loop of this thread.
fn blocking<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, work)
}

/// What the tasks of a thread count in.
type Shared = Rc<RefCell<Tally>>;

/// Waits for all tasks of a thread; returns what they counted.
async fn finished(mut tasks: JoinSet<Result<()>>, tally: &Shared, window: Window) -> Result<Tally> {
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    // So that the look at the server's process has ended too.
    tokio::time::sleep_until((window.end + std::time::Duration::from_millis(20)).into()).await;
    Ok(tally.replace(Tally::new(window)?))
}
