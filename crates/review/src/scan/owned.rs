//! Which files a distribution's own packages brought. What others packed (an application under `/usr/share` from its
//! maker's package) is nobody's feed's, and stays.

use std::collections::{BTreeMap, BTreeSet};

/// Most paths that are remembered; a full desktop has some thousand of the kinds that matter.
const MOST: usize = 500_000;
/// Longest path of them all.
const LONGEST: usize = 4096;

#[derive(Default)]
pub struct Owned {
    paths: BTreeSet<String>,
    /// Paths by the package of dpkg's, until it is known who made it.
    by_package: BTreeMap<String, Vec<String>>,
    /// Packages of dpkg's that the distribution itself made.
    distribution: BTreeSet<String>,
    held: usize,
}

impl Owned {
    pub fn add(&mut self, path: String) {
        if self.held < MOST && path.len() <= LONGEST && matters(&path) {
            self.held += 1;
            self.paths.insert(path);
        }
    }

    /// `/var/lib/dpkg/info/libspring-beans-java.list`.
    pub fn dpkg_list(&mut self, list: &str, text: &str) {
        let stem = list.rsplit('/').next().unwrap_or(list).trim_end_matches(".list");
        let name = stem.split(':').next().unwrap_or(stem);
        for path in text.lines().map(str::trim).filter(|p| p.len() <= LONGEST && matters(p)) {
            if self.held >= MOST {
                return;
            }
            self.held += 1;
            self.by_package.entry(name.to_owned()).or_default().push(path.to_owned());
        }
    }

    pub fn dpkg_status(&mut self, text: &str) {
        for block in text.split("\n\n") {
            let field = |name: &str| block.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
            let maker = field("Maintainer:").unwrap_or_default().to_lowercase();
            if let (Some(name), true) = (field("Package:"), is_distribution(&maker)) {
                self.distribution.insert(name.to_owned());
            }
        }
    }

    pub fn by_distribution(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Settles who made what; before, dpkg's packages own nothing.
    pub fn settle(&mut self) {
        for (package, paths) in std::mem::take(&mut self.by_package) {
            if self.distribution.contains(&package) {
                self.paths.extend(paths);
            }
        }
    }
}

/// Whether that is how a distribution signs its packages.
pub fn is_distribution(maker: &str) -> bool {
    const SIGNS: &[&str] = &[
        "debian.org",
        "ubuntu.com",
        "red hat",
        "centos",
        "almalinux",
        "rocky",
        "fedora",
        "oracle america",
        "suse",
        "amazon linux",
        "openeuler",
        "mageia",
    ];
    SIGNS.iter().any(|sign| maker.contains(sign))
}

/// Only files that tell of libraries.
fn matters(path: &str) -> bool {
    super::wanted(path, true).is_some_and(|what| what != super::What::Program) || in_programs(path)
}

fn in_programs(path: &str) -> bool {
    path.contains("/bin/") || path.contains("/sbin/") || path.contains("/libexec/")
}
