//! What is counted: operations and their latencies, and what the server's process spent, within the measured time.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;

use crate::options::Options;

/// The time that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// When counting starts.
    pub start: Instant,
    /// When it ends, and the load with it.
    pub end: Instant,
}

impl Window {
    /// The window of a load that starts now.
    pub fn new(options: &Options) -> Window {
        let start = Instant::now() + options.warm;
        Window { start, end: start + options.time }
    }
}

/// The operations of one thread.
#[derive(Debug)]
pub struct Tally {
    window: Window,
    latencies: Histogram<u64>,
}

impl Tally {
    /// Nothing yet.
    ///
    /// # Errors
    /// None: the bounds are right.
    pub fn new(window: Window) -> Result<Tally> {
        Ok(Tally { window, latencies: Histogram::new_with_bounds(1, 120_000_000_000, 3)? })
    }

    /// Counts an operation that began and ended then. False where the load is to end.
    pub fn count(&mut self, began: Instant, ended: Instant) -> bool {
        if ended >= self.window.end {
            return false;
        }
        if ended >= self.window.start {
            let latency = ended.saturating_duration_since(began).as_nanos();
            self.latencies.saturating_record(u64::try_from(latency).unwrap_or(u64::MAX));
        }
        true
    }

    /// Takes another thread's operations in.
    ///
    /// # Errors
    /// None: all have the same bounds.
    pub fn add(&mut self, other: &Tally) -> Result<()> {
        Ok(self.latencies.add(&other.latencies)?)
    }

    /// One line of JSON, with what the server's process spent in the time.
    pub fn report(&self, spent: Option<Spent>) -> String {
        let seconds = (self.window.end - self.window.start).as_secs_f64();
        let operations = self.latencies.len();
        let micros = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1_000.0;
        let mut line = format!(
            "{{\"operations\":{operations},\"seconds\":{seconds:.3},\"rate\":{:.3},\"mean_us\":{:.2},\
             \"p50_us\":{:.2},\"p99_us\":{:.2},\"max_us\":{:.2}",
            operations as f64 / seconds,
            self.latencies.mean() / 1_000.0,
            micros(0.5),
            micros(0.99),
            self.latencies.max() as f64 / 1_000.0,
        );
        if let Some(spent) = spent {
            line += &format!(
                ",\"server_cpu_s\":{:.3},\"server_written_bytes\":{}",
                spent.processor.as_secs_f64(),
                spent.written_bytes
            );
        }
        line.push('}');
        line
    }
}

/// What a process spent, since it began or between two looks.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Time on a processor, its own and the kernel's for it.
    pub processor: Duration,
    /// Bytes that it had the kernel write to a disk.
    pub written_bytes: u64,
}

impl Spent {
    /// What the process spent until now.
    ///
    /// # Errors
    /// Where there is no such process, or it is somebody else's.
    pub fn look(process: u32) -> Result<Spent> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("no /proc/PID/stat")?;
        let ticks: u64 =
            fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        let io = std::fs::read_to_string(format!("/proc/{process}/io"))?;
        let written = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
        Ok(Spent {
            // Linux counts in hundredths for every program that asks, whatever its own tick.
            processor: Duration::from_millis(ticks * 10),
            written_bytes: written.context("no write_bytes")?.parse()?,
        })
    }

    /// What was spent since that look.
    #[must_use]
    pub fn since(self, earlier: Spent) -> Spent {
        Spent {
            processor: self.processor.saturating_sub(earlier.processor),
            written_bytes: self.written_bytes.saturating_sub(earlier.written_bytes),
        }
    }
}
