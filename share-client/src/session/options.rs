//! How a session is to be: who it is on the server, how long things may take, how it comes back after a lost link.
//!
//! Owns the settings and their defaults. Opens nothing.

use std::time::Duration;

use crate::Timeouts;

/// How a session is to be. [`Session::connect`](crate::Session::connect) takes the defaults.
///
/// ```no_run
/// use std::time::Duration;
/// use share_client::{Session, SessionOptions};
///
/// let options = SessionOptions::new().name("greenhouse").give_up_after(Duration::from_secs(3600));
/// let session = Session::connect_with("127.0.0.1:2980", options)?;
/// # Ok::<(), share_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SessionOptions {
    pub(crate) identity: Identity,
    pub(crate) timeouts: Timeouts,
    pub(crate) heartbeat: Duration,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
    pub(crate) give_up_after: Option<Duration>,
}

/// Which client of the server the session is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A new one.
    New,
    /// The one of this name, or a new one that gets it.
    Name(String),
    /// The one of this ID.
    Id(String),
}

impl Default for SessionOptions {
    fn default() -> SessionOptions {
        SessionOptions {
            identity: Identity::New,
            timeouts: Timeouts::default(),
            heartbeat: Duration::from_secs(30),
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(5),
            give_up_after: None,
        }
    }
}

impl SessionOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> SessionOptions {
        SessionOptions::default()
    }

    /// The client of this name where there is one, so that a program that starts again finds its inbox; else a new
    /// one that gets the name. A session that the client already has ends.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> SessionOptions {
        self.identity = Identity::Name(name.into());
        self
    }

    /// The client of this ID, which must be known to the server. A session that it already has ends.
    #[must_use]
    pub fn resume(mut self, id: impl Into<String>) -> SessionOptions {
        self.identity = Identity::Id(id.into());
        self
    }

    /// How long connecting and replies may take.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> SessionOptions {
        self.timeouts = timeouts;
        self
    }

    /// After how long a silence the server is asked whether it is still there: 30 s by default.
    #[must_use]
    pub fn heartbeat(mut self, silence: Duration) -> SessionOptions {
        self.heartbeat = silence.max(Duration::from_millis(1));
        self
    }

    /// The pause before the second attempt to come back, and the longest one: it doubles from the one to the other.
    /// 50 ms and 5 s by default.
    #[must_use]
    pub fn pauses(mut self, first: Duration, longest: Duration) -> SessionOptions {
        self.first_pause = first.max(Duration::from_millis(1));
        self.longest_pause = longest.max(self.first_pause);
        self
    }

    /// After how long a lost connection is given up and the session is closed: never by default.
    #[must_use]
    pub fn give_up_after(mut self, time: Duration) -> SessionOptions {
        self.give_up_after = Some(time);
        self
    }

    /// The pause before the attempt of this number, counted from 0. A part of it is left to chance, so that a
    /// thousand clients of a server that was started again do not all come at once.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        if attempt == 0 {
            return Duration::ZERO;
        }
        let doubled = self.first_pause.saturating_mul(1 << (attempt - 1).min(20));
        let pause = doubled.min(self.longest_pause);
        pause.mul_f64(0.5 + chance() / 2.0)
    }
}

/// From 0 to 1: the standard library seeds each of its hashers anew.
fn chance() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let bits = RandomState::new().hash_one(0) >> 40;
    bits.to_string().parse::<f64>().unwrap_or_default() / f64::from(1 << 24)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{SessionOptions, chance};

    #[test]
    fn pauses_double_up_to_the_longest() {
        let options = SessionOptions::new().pauses(Duration::from_millis(100), Duration::from_secs(1));
        assert_eq!(options.pause(0), Duration::ZERO);
        for (attempt, most) in
            [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (6, 1000), (4_000_000_000, 1000)]
        {
            let most = Duration::from_millis(most);
            let pause = options.pause(attempt);
            assert!(pause <= most && pause >= most / 2, "{attempt}: {pause:?}");
        }
    }

    #[test]
    fn chance_is_a_part_of_one() {
        assert!((0..1000).all(|_| (0.0..1.0).contains(&chance())));
        assert!((0..1000).any(|_| chance() < 0.5) && (0..1000).any(|_| chance() >= 0.5));
    }
}
