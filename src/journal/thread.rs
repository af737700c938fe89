//! Who writes, and when: a task of an event loop, or the journal's thread.
//!
//! A prompt store is written to where the commits come from, by a task among those that serve or by who waits alone:
//! to wake a thread, and to be woken by it, takes longer than the write. What may wait for the disk, a sync or a turn
//! of the log, is the thread's, which leaves the next group to a task again as soon as it can.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::pile::Pile;
use super::promise::Promise;
use super::writer::{Writer, stopped};
use super::{Error, Store};
use crate::event_loops::Loops;
use crate::state::Record;
use parking_lot::{Condvar, Mutex, MutexGuard};

/// So many times a task finds that somebody else writes, and looks round once more: another loop has done in a moment.
const BUSY_MAX: usize = 16;

/// The thread and what is shared with it. Dropped, it lets the thread write what there is and end.
pub(super) struct Handle {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    /// Starts the thread; with `interval`, the store is synced that long after something was written.
    pub(super) fn start(store: Box<dyn Store>, interval: Option<Duration>, loops: &Loops) -> Handle {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { tasks: vec![false; loops.count()].into(), ..Queue::default() }),
            called: Condvar::new(),
            writer: Mutex::new(Some(Writer::new(store, interval))),
            promise: Promise::new(loops.clone()),
            loops: loops.clone(),
            gathers: interval.is_none(),
        });
        let told = Arc::downgrade(&shared);
        if let Some(writer) = &mut *shared.writer.lock() {
            writer.on_failure(Box::new(move |error| {
                if let Some(shared) = told.upgrade() {
                    shared.fail(error);
                }
            }));
        }
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || of_thread.run());
        if thread.is_err() {
            shared.fail(Error::Storage("the journal's thread cannot be started".to_owned()));
        }
        Handle { shared, thread: Mutex::new(thread.ok()) }
    }

    /// Takes a commit, and sees to it that somebody writes it: after all requests that have come in by now had their
    /// turn, so that their commits are one group. Whoever asks for it alone writes it then.
    pub(super) fn submit(&self, sequence: u64, records: impl IntoIterator<Item = Record>, next_number: u64) {
        let mut queue = self.shared.queue.lock();
        if queue.closed {
            return;
        }
        queue.commits.push(sequence, records, next_number);
        if queue.thread_writes {
            return;
        }
        if self.shared.loops.count() > 0 {
            self.shared.call_task(queue);
        } else {
            self.shared.call_thread(queue);
        }
    }

    /// Whether this commit is done; if not yet, the task is woken when it is.
    pub(super) fn poll_committed(&self, sequence: u64, task: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.write_if_alone(sequence);
        self.shared.promise.poll_kept(sequence, task)
    }

    /// Waits until this commit is done.
    pub(super) async fn committed(&self, sequence: u64) -> Result<(), Error> {
        self.write_if_alone(sequence);
        self.shared.promise.kept(sequence).await
    }

    /// Writes, where somebody asks for that commit on a loop that slept just before: probably there is nobody to wait
    /// for, and the reply can be sent without another round. Where the write could take long, or somebody else is at
    /// it, the loop's task sees to it, for then it pays to wait for others.
    fn write_if_alone(&self, sequence: u64) {
        let shared = &self.shared;
        if !shared.gathers && shared.promise.committed() < sequence && shared.loops.has_slept() {
            let own = shared.loops.own();
            if shared.is_called(own) {
                shared.write_here(own);
            }
        }
    }

    pub(super) fn promise(&self) -> &Promise {
        &self.shared.promise
    }

    /// Writes all that was submitted, syncs it and ends the thread.
    pub(super) async fn close(&self) -> Result<(), Error> {
        self.shared.close();
        let result = self.shared.promise.ended().await;
        // The end is the last thing the thread tells: there is nothing left to wait long for. (Where a task told it,
        // because its write failed, the daemon ends, and may as well see the store closed.)
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
        result
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}

struct Shared {
    queue: Mutex<Queue>,
    /// The thread is to look at the queue.
    called: Condvar,
    /// Whoever has it writes: it is locked before commits are taken, so that they are written in their order. None
    /// once the thread has ended.
    writer: Mutex<Option<Writer>>,
    promise: Promise,
    /// Where the commits come from.
    loops: Loops,
    /// Every group waits for the disk: one task gathers for all loops, since two would make two groups of it.
    gathers: bool,
}

/// What was submitted and not yet taken.
#[derive(Default)]
struct Queue {
    commits: Pile,
    /// By loop: there is a task that is going to look whether there is something to be written. Each loop has its own,
    /// so that no loop waits until another comes round to it, but where one gathers for all.
    tasks: Box<[bool]>,
    /// The thread is called, or at it.
    thread_writes: bool,
    /// When the thread is to sync the store.
    due: Option<Instant>,
    /// Nothing is taken in any more; the thread ends when it has written what there is.
    closed: bool,
}

/// Why the thread is awake.
enum Call {
    Write,
    Sync,
    End,
}

async fn write_among_others(shared: Arc<Shared>, own: usize) {
    let mut in_vain = 0;
    // Who asked for a commit here may have written it already.
    while shared.is_called(own) {
        // Comes back when the loop has looked for what else is ready.
        tokio::task::yield_now().await;
        if !shared.is_called(own) {
            return;
        }
        match shared.write_here(own) {
            Found::Done => return,
            Found::More => in_vain = 0,
            Found::Busy if in_vain < BUSY_MAX => in_vain += 1,
            Found::Busy | Found::Long => return shared.leave_to_thread(own),
        }
    }
}

/// The task of that loop need not come again.
fn rests(queue: &mut Queue, own: usize) {
    if let Some(is_called) = queue.tasks.get_mut(own) {
        *is_called = false;
    }
}

/// What who wants to write on a loop found.
enum Found {
    /// Nothing is left to be written.
    Done,
    /// It has written, and there is more.
    More,
    /// Somebody else writes.
    Busy,
    /// What could take long, and is the thread's.
    Long,
}

impl Shared {
    /// Has a task write, on the loop whose thread this is or on the first one, unless one is going to.
    fn call_task(self: &Arc<Shared>, mut queue: MutexGuard<'_, Queue>) {
        if self.gathers && queue.tasks.contains(&true) {
            return;
        }
        let own = self.loops.own();
        let Some(is_called) = queue.tasks.get_mut(own) else { return };
        if !std::mem::replace(is_called, true) {
            drop(queue);
            self.loops.run(own, write_among_others(Arc::clone(self), own));
        }
    }

    fn call_thread(&self, mut queue: MutexGuard<'_, Queue>) {
        queue.thread_writes = true;
        drop(queue);
        self.called.notify_one();
    }

    /// Whether a task of that loop is to write: not where the thread is called or at it, which takes all there is.
    fn is_called(&self, own: usize) -> bool {
        let mut queue = self.queue.lock();
        if queue.thread_writes {
            rests(&mut queue, own);
        }
        queue.tasks.get(own) == Some(&true)
    }

    fn leave_to_thread(&self, own: usize) {
        let mut queue = self.queue.lock();
        rests(&mut queue, own);
        self.call_thread(queue);
    }

    /// Writes a group on that loop, if that can be done at once.
    fn write_here(&self, own: usize) -> Found {
        let written = catch_unwind(AssertUnwindSafe(|| self.write_and_tell(own)));
        written.unwrap_or_else(|_| Err(stopped())).unwrap_or_else(|error| {
            self.fail(error);
            Found::Done
        })
    }

    fn write_and_tell(&self, own: usize) -> Result<Found, Error> {
        let (news, more) = {
            let Some(mut locked) = self.writer.try_lock() else { return Ok(Found::Busy) };
            let Some(writer) = locked.as_mut() else { return Ok(Found::Long) };
            if !writer.is_prompt() {
                return Ok(if self.is_more(writer, Some(own)) { Found::Long } else { Found::Done });
            }
            if !self.take(writer, Some(own)) {
                return Ok(Found::Done);
            }
            let sequence = writer.write()?;
            (self.promise.note(sequence), self.is_more(writer, Some(own)))
        };
        self.promise.tell(&news);
        Ok(if more { Found::More } else { Found::Done })
    }

    /// Has the writer take what is to be written next. Where there is nothing, whoever asks need not come again.
    fn take(&self, writer: &mut Writer, task: Option<usize>) -> bool {
        let mut queue = self.queue.lock();
        self.tell_due(&mut queue, writer);
        let taken = writer.take(&mut queue.commits);
        if !taken {
            queue.thread_writes = false;
            task.iter().for_each(|own| rests(&mut queue, *own));
        }
        taken
    }

    /// Whether there is something to be written next, which is not taken yet: more of it can come. Where there is
    /// not, whoever asks need not come again.
    fn is_more(&self, writer: &Writer, task: Option<usize>) -> bool {
        let mut queue = self.queue.lock();
        self.tell_due(&mut queue, writer);
        let more = writer.has_taken() || !queue.commits.is_empty();
        if !more {
            queue.thread_writes = false;
            task.iter().for_each(|own| rests(&mut queue, *own));
        }
        more
    }

    /// The thread is to wake when the store is to be synced. Called with both locks held: so the two agree.
    fn tell_due(&self, queue: &mut Queue, writer: &Writer) {
        if queue.due != writer.due() {
            queue.due = writer.due();
            self.called.notify_one();
        }
    }

    /// The thread.
    fn run(self: &Arc<Shared>) {
        let _guard = Guard(self);
        let result = catch_unwind(AssertUnwindSafe(|| self.serve())).unwrap_or_else(|_| Err(stopped()));
        // The store goes first: closing the file is part of the work that `close` waits for.
        drop(self.writer.lock().take());
        self.promise.end(result);
    }

    fn serve(self: &Arc<Shared>) -> Result<(), Error> {
        loop {
            let call = self.wait();
            let mut locked = self.writer.lock();
            let Some(writer) = locked.as_mut() else { return Ok(()) };
            match call {
                Call::Sync => {
                    writer.sync_if_due()?;
                    self.tell_due(&mut self.queue.lock(), writer);
                }
                Call::Write => {
                    let mut left = false;
                    while !left && self.take(writer, None) {
                        self.write_from_outside(writer)?;
                        left = self.is_left_to_task(writer);
                    }
                    drop(locked);
                    if left {
                        self.call_task(self.queue.lock());
                    }
                }
                Call::End => {
                    while self.take(writer, None) {
                        self.write_from_outside(writer)?;
                    }
                    return writer.sync();
                }
            }
        }
    }

    /// Whether there is something to be written next that a task can write: then the thread does not.
    fn is_left_to_task(&self, writer: &Writer) -> bool {
        let left = self.loops.count() > 0 && writer.is_prompt() && self.is_more(writer, None);
        if left {
            self.queue.lock().thread_writes = false;
        }
        left
    }

    fn write_from_outside(&self, writer: &mut Writer) -> Result<(), Error> {
        let sequence = writer.write()?;
        let news = self.promise.note(sequence);
        self.promise.tell_from_outside(&news);
        writer.sync_if_due()
    }

    /// Sleeps until there is something for the thread to do.
    fn wait(&self) -> Call {
        let mut queue = self.queue.lock();
        loop {
            if queue.closed {
                return Call::End;
            }
            if queue.thread_writes {
                return Call::Write;
            }
            match queue.due {
                None => self.called.wait(&mut queue),
                Some(due) => {
                    if self.called.wait_until(&mut queue, due).timed_out() {
                        return Call::Sync;
                    }
                }
            }
        }
    }

    /// Nothing more will be written.
    fn fail(&self, error: Error) {
        self.close();
        self.queue.lock().commits = Pile::default();
        self.promise.end(Err(error));
    }

    fn close(&self) {
        self.queue.lock().closed = true;
        self.called.notify_one();
    }
}

/// Ends the promise when the thread ends in whatever way, so that no waiter waits for ever.
struct Guard<'s>(&'s Shared);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fail(stopped());
    }
}
