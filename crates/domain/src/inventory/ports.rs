//! Which ports a scan tried: only of these it tells that they are closed.

use serde::{Deserialize, Serialize};

use super::{Inventory, Reported, Service};

/// Ports from one number to another, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ports {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

impl Ports {
    /// Whether one of the ranges holds a port.
    #[must_use]
    pub fn hold(all: &[Ports], port: u16) -> bool {
        all.iter().any(|p| (p.from..=p.to).contains(&port))
    }
}

/// A service somebody reached from outside, not one the machine itself says it listens at.
fn reached(s: &Service) -> bool {
    s.protocol != "udp" && s.address.as_deref().is_none_or(str::is_empty)
}

/// What scans of a host that were made later tried, and found open.
#[derive(Default)]
pub(super) struct Later {
    tried: Vec<Ports>,
    open: Vec<u16>,
}

impl Later {
    /// Leaves out of an older report what they tell of newly: ports they tried. Returns whether they tried every port that
    /// it did.
    pub fn settle(&self, it: &mut Inventory) -> bool {
        let tried = |port: u16| Ports::hold(&self.tried, port);
        it.services.retain(|s| !reached(s) || !tried(s.port));
        // What a script saw behind a port stands as long as the port is open, unless it is seen anew.
        let gone =
            |r: &Reported| r.scanner == "nmap" && r.port.is_some_and(|p| tried(p) && !self.open.contains(&p));
        it.reported.retain(|r| !gone(r));
        it.scanned.iter().all(|p| (p.from..=p.to).all(tried))
    }

    /// Adds what a report tried.
    pub fn add(&mut self, it: &Inventory) {
        if !it.scanned.is_empty() {
            self.tried.extend(&it.scanned);
            self.open.extend(it.services.iter().filter(|s| reached(s)).map(|s| s.port));
        }
    }
}
