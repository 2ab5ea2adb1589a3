//! What a measurement is made of: wall and processor time of a deed done many times.
//!
//! Wall time is what people wait for, and on a machine that does other things besides it says little about us; processor
//! time hardly minds the neighbours. Both are printed.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::time::{Duration, Instant};

/// When a deed began.
pub struct Began {
    wall: Instant,
    cpu: Duration,
}

impl Began {
    /// Processor time since then.
    pub fn cpu(&self) -> Duration {
        cpu().saturating_sub(self.cpu)
    }
}

/// Begins to measure.
pub fn begin() -> Began {
    Began { wall: Instant::now(), cpu: cpu() }
}

/// How long each of many took.
#[derive(Default)]
pub struct Times {
    wall: Vec<Duration>,
    cpu: Vec<Duration>,
}

impl Times {
    /// Adds one that ends now.
    pub fn end(&mut self, began: &Began) {
        self.wall.push(began.wall.elapsed());
        self.cpu.push(cpu().saturating_sub(began.cpu));
    }
    /// Wall time within which so many of a hundred were done.
    pub fn wall(&self, percent: usize) -> Duration {
        at(&self.wall, percent)
    }
    /// Processor time within which so many of a hundred were done.
    pub fn cpu(&self, percent: usize) -> Duration {
        at(&self.cpu, percent)
    }
    /// One line of figures.
    pub fn print(&self, name: &str, note: &str) {
        println!(
            "{name:22} {:>8} p50 {:>8} p95   processor {:>8} p50 {:>8} p95   {note}",
            ms(self.wall(50)),
            ms(self.wall(95)),
            ms(self.cpu(50)),
            ms(self.cpu(95)),
        );
    }
}

/// Milliseconds as people compare them.
pub fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn at(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}

/// Processor time of all threads that live, to the nanosecond; where the system does not tell, none.
fn cpu() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let nanos = |path: std::path::PathBuf| -> Option<u64> {
        std::fs::read_to_string(path.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    Duration::from_nanos(threads.flatten().filter_map(|t| nanos(t.path())).sum())
}
