//! Parser and engine with the limits on: no panic, no answer that takes longer than 275 ms of this thread's time,
//! none that needs more than 32 MB at once or keeps them.

#![no_main]

#[path = "../../tests/support/room.rs"]
#[allow(dead_code)]
mod room;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use room::{NEXT, Room};
use rustix::time::{ClockId, clock_gettime};
use sharesrv::config::Limits;

/// How long the requests of an input may take, each.
const ANSWER_MAX: Duration = Duration::from_millis(275);
/// How much an input may allocate at once, and keep.
const GROWTH_MAX: isize = 32 << 20;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Counts what the thread holds.
struct Counting;

fn count(bytes: isize) {
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        PEAK.with(|peak| peak.set(peak.get().max(live.get())));
    });
}

#[allow(clippy::cast_possible_wrap)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static ROOM: LazyLock<Room> = LazyLock::new(|| Room::in_time(Limits::default()));

/// The time that this thread has worked: a machine that does other things too does not count.
fn worked() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// `SHARESRV_FUZZ_SLOWER=5` allows five times as long, for a build with sanitizers.
static SLOWER: LazyLock<u32> = LazyLock::new(|| {
    std::env::var("SHARESRV_FUZZ_SLOWER").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
});

fuzz_target!(|input: &str| {
    LazyLock::force(&ROOM);
    let requests = u32::try_from(input.split(NEXT).count()).unwrap_or(u32::MAX);
    let (before, started) = (LIVE.get(), worked());
    PEAK.set(before);
    drop(ROOM.run(input));
    let took = worked() - started;
    assert!(took <= ANSWER_MAX * requests.min(8) * *SLOWER, "{took:?}");
    let (peak, kept) = (PEAK.get() - before, LIVE.get() - before);
    assert!(peak <= GROWTH_MAX, "{peak} bytes at once");
    assert!(kept <= GROWTH_MAX, "{kept} bytes kept");
});
