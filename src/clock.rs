//! The clock that is handed in: the time of the machine, or one that a test moves.
//!
//! May be read by every room; uses none of them.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use tokio::sync::watch;

/// A point in time, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Since some fixed moment before the daemon's start; never goes back. What every deadline counts by.
    pub monotonic: Duration,
    /// Microseconds since 1970 UTC, as the machine believes. For people, and to carry deadlines over a restart.
    pub unix_micros: i64,
}

/// Tells the time and sleeps.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(Instant),
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    now: Mutex<Moment>,
    moved: watch::Sender<Duration>,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Clock {
        Clock(Source::System(Instant::now()))
    }

    /// A clock that stands still until [`Clock::advance`] moves it: for tests.
    #[must_use]
    pub fn manual(unix_micros: i64) -> Clock {
        let now = Moment { monotonic: Duration::ZERO, unix_micros };
        Clock(Source::Manual(Arc::new(Manual {
            now: Mutex::new(now),
            moved: watch::Sender::new(Duration::ZERO),
        })))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System(start) => Moment {
                monotonic: start.elapsed(),
                unix_micros: SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)),
            },
            Source::Manual(manual) => *manual.now.lock(),
        }
    }

    /// Moves a manual clock on, both its times; nothing for the machine's.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(manual) = &self.0 {
            let mut now = manual.now.lock();
            now.monotonic += by;
            now.unix_micros += i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            manual.moved.send_replace(now.monotonic);
        }
    }

    /// Sets what a manual clock believes the date to be, as an administrator or NTP may; its monotonic time
    /// stays. Nothing for the machine's.
    pub fn set_wall(&self, unix_micros: i64) {
        if let Source::Manual(manual) = &self.0 {
            manual.now.lock().unix_micros = unix_micros;
        }
    }

    /// Sleeps until the monotonic time is `deadline`.
    pub async fn sleep_until(&self, deadline: Duration) {
        match &self.0 {
            Source::System(start) => tokio::time::sleep_until((*start + deadline).into()).await,
            Source::Manual(manual) => {
                let mut moved = manual.moved.subscribe();
                // The sender lives as long as `manual`, so the wait ends only when the time has come.
                let _ = moved.wait_for(|now| *now >= deadline).await;
            }
        }
    }

    /// Sleeps for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now().monotonic.saturating_add(duration)).await;
    }
}
