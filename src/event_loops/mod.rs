//! The event loops: the threads that serve, each with connections of its own.
//!
//! A connection is given to the loop that has the fewest, and stays there: what it needs stays in one core's cache, and
//! nobody takes tasks from anybody, which costs two threads that are half busy more than it gains them. What runs long
//! runs elsewhere, so a loop has nothing that another would have to take from it.
//! May be used by `server`, `pipeline` and `journal`; knows nothing of what it runs.

#[cfg(target_os = "linux")]
mod cores;

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

thread_local! {
    /// Which loop this thread is; the first for threads that are none.
    static OWN: Cell<usize> = const { Cell::new(0) };

    /// This thread is a loop that has slept since it was last asked.
    static HAS_SLEPT: Cell<bool> = const { Cell::new(false) };
}

/// Loops with threads of their own. Dropped, they end, and what still runs there ends with them; not to be dropped
/// inside a runtime.
pub struct EventLoops {
    handle: Loops,
    _runtimes: Vec<Runtime>,
}

impl EventLoops {
    /// So many loops, at least one; the stack of each in bytes. Where there are as many as cores, each is kept on one:
    /// with fewer, as many processes may share the machine, and the first cores would be everybody's.
    ///
    /// # Errors
    /// Where the system has no threads or file descriptors for them.
    pub fn start(count: usize, stack_bytes: usize) -> io::Result<EventLoops> {
        let count = count.max(1);
        #[cfg(target_os = "linux")]
        let one_each = cores::usable() == Some(count);
        let runtimes: Vec<Runtime> = (0..count)
            .map(|number| {
                // Wakes from other threads are cheaper than with a `current_thread` runtime, which makes a system call
                // for each.
                Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .thread_name(format!("loop-{number}"))
                    .thread_stack_size(stack_bytes)
                    .on_thread_start(move || {
                        OWN.set(number);
                        #[cfg(target_os = "linux")]
                        if one_each {
                            cores::keep_on_core(number);
                        }
                    })
                    .on_thread_park(|| HAS_SLEPT.set(true))
                    .build()
            })
            .collect::<io::Result<_>>()?;
        let loops = runtimes.iter().map(|runtime| Loop::new(runtime.handle().clone())).collect();
        Ok(EventLoops { handle: Loops::of(loops), _runtimes: runtimes })
    }

    /// What gives them work.
    #[must_use]
    pub fn handle(&self) -> Loops {
        self.handle.clone()
    }
}

/// Lets this thread run on every core: one that was started from a loop is kept on that loop's.
pub fn leave_core() {
    #[cfg(target_os = "linux")]
    cores::leave_core();
}

/// Gives work to event loops. Cheap to clone.
#[derive(Clone)]
pub struct Loops(Arc<All>);

struct All {
    loops: Box<[Loop]>,
    /// Which of those that have as few connections is the next: not the first for everybody, who may share the machine.
    turn: AtomicUsize,
}

struct Loop {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
}

impl Loop {
    fn new(runtime: Handle) -> Loop {
        Loop { runtime, connections: Arc::default() }
    }
}

impl Loops {
    /// The runtime that this is called in as the only loop; none where it has no threads of its own.
    #[must_use]
    pub fn here() -> Loops {
        let here = Handle::try_current().ok();
        let here = here.filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        Loops::of(here.into_iter().map(Loop::new).collect())
    }

    fn of(loops: Box<[Loop]>) -> Loops {
        let turn = AtomicUsize::new(std::process::id().try_into().unwrap_or_default());
        Loops(Arc::new(All { loops, turn }))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.loops.len()
    }

    /// The loop whose thread this is; the first where it is the thread of none.
    #[must_use]
    pub fn own(&self) -> usize {
        OWN.get().min(self.count().saturating_sub(1))
    }

    /// Whether this loop was without work since somebody last asked: then whoever asks is probably alone. Never where
    /// this thread is no loop.
    #[must_use]
    pub fn has_slept(&self) -> bool {
        HAS_SLEPT.replace(false)
    }

    /// Runs something on that loop; gives it back where there is no such loop.
    pub fn run<F>(&self, number: usize, work: F) -> Option<F>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        match self.0.loops.get(number) {
            Some(chosen) => {
                drop(chosen.runtime.spawn(work));
                None
            }
            None => Some(work),
        }
    }

    /// Has a connection served by the loop that has the fewest; here, where there are no loops. Called inside a
    /// runtime.
    ///
    /// # Errors
    /// Where the system does not let it move.
    pub fn give<F>(
        &self,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) -> io::Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed) % self.count().max(1);
        let (later, first) = self.0.loops.split_at_checked(turn).unwrap_or_default();
        let in_turn = first.iter().chain(later);
        let chosen = in_turn.min_by_key(|candidate| candidate.connections.load(Ordering::Relaxed));
        let Some(chosen) = chosen.filter(|chosen| chosen.runtime.id() != Handle::current().id()) else {
            drop(tokio::spawn(serve(stream)));
            return Ok(());
        };
        let counted = Counted::new(&chosen.connections);
        let stream = stream.into_std()?;
        drop(chosen.runtime.spawn(async move {
            let _counted = counted;
            match TcpStream::from_std(stream) {
                Ok(stream) => serve(stream).await,
                Err(error) => tracing::warn!("cannot serve a connection: {error}"),
            }
        }));
        Ok(())
    }
}

/// One connection more, until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(connections: &Arc<AtomicUsize>) -> Counted {
        connections.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(connections))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::thread;

    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;

    fn in_a_runtime<T>(work: impl Future<Output = T>) -> T {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn a_connection_goes_to_the_loop_that_has_the_fewest_and_is_served_there_to_its_end() {
        let loops = EventLoops::start(3, 1 << 20).unwrap();
        let handle = loops.handle();
        in_a_runtime(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (told, mut served) = mpsc::channel(1);
            let mut clients = Vec::new();
            let mut connect = async || {
                let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
                let (stream, _) = listener.accept().await.unwrap();
                let (told, own) = (told.clone(), handle.clone());
                let serve = move |stream: TcpStream| async move {
                    told.send((own.own(), thread::current().name().unwrap().to_owned())).await.unwrap();
                    stream.readable().await.unwrap();
                    told.send((own.own(), "gone".to_owned())).await.unwrap();
                };
                handle.give(stream, serve).unwrap();
                clients.push(Some(client));
                served.recv().await.unwrap()
            };
            let mut each = [connect().await, connect().await, connect().await];
            let second = each.get(1).unwrap().0;
            each.sort();
            assert_eq!(each, [0, 1, 2].map(|number| (number, format!("loop-{number}"))));
            connect().await;
            drop(clients.get_mut(1).unwrap().take());
            assert_eq!(served.recv().await.unwrap(), (second, "gone".to_owned()));
            let served =
                || handle.0.loops.iter().map(|one| one.connections.load(Ordering::Relaxed)).sum::<usize>();
            while served() > 3 {
                tokio::task::yield_now().await;
            }
            assert_eq!(served(), 3);
        });
    }

    #[test]
    fn work_runs_on_the_loop_that_it_is_for_and_comes_back_where_there_is_none() {
        let loops = EventLoops::start(2, 1 << 20).unwrap();
        let handle = loops.handle();
        assert_eq!((handle.count(), handle.own()), (2, 0));
        for number in 0..2 {
            let (told, mut own) = mpsc::channel(1);
            let there = handle.clone();
            let work = async move { told.send(there.own()).await.unwrap() };
            assert!(handle.run(number, work).is_none());
            assert_eq!(own.blocking_recv(), Some(number));
        }
        assert!(handle.run(2, async {}).is_some());
        assert_eq!(Loops::here().count(), 0);
        assert_eq!(in_a_runtime(async { Loops::here().count() }), 0, "it has no threads");
        assert_eq!(loops._runtimes.first().unwrap().block_on(async { Loops::here().count() }), 1);
    }
}
