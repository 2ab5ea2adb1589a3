//! Orders of versions: one small file a scheme, each as its ecosystem's own tool orders.
//!
//! All of them are total: a text its tool would refuse is still ordered somehow, and always the same way, because an
//! inventory is not a place to fail.

mod alpine;
mod dpkg;
mod generic;
mod maven;
mod number;
mod packagist;
mod pypi;
mod rpm;
mod rubygems;
mod semver;

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Longest version that is compared whole; what is longer is cut. No ecosystem allows a quarter of it.
pub const LONGEST: usize = 1024;

/// How an ecosystem orders its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Debian, Ubuntu: `epoch:upstream-revision`.
    Dpkg,
    /// Red Hat and kin, SUSE: `epoch:version-release`.
    Rpm,
    /// Alpine and kin.
    Alpine,
    /// Semantic versions: npm, Go, crates.io and others; a leading `v` is no part of it.
    Semver,
    /// As semver, with up to four numbers and no difference of case.
    Nuget,
    /// As semver, and build labels count.
    Pub,
    /// Numbers with points, of any count.
    Hackage,
    /// Numbers with points or hyphens, of any count.
    Cran,
    /// Maven's `ComparableVersion`.
    Maven,
    /// PEP 440, older ones below.
    Pypi,
    /// RubyGems.
    RubyGems,
    /// Composer (`version_compare` of PHP).
    Packagist,
    /// None of these: numbers as numbers, words as words, words of trial versions below.
    Generic,
}

impl Scheme {
    /// The order of an OSV ecosystem (`Debian:12`, `PyPI`); none if we know no exact one.
    #[must_use]
    pub fn of_ecosystem(ecosystem: &str) -> Option<Self> {
        let name = ecosystem.split(':').next().unwrap_or(ecosystem);
        Some(match name {
            "Debian" | "Ubuntu" | "Echo" => Self::Dpkg,
            "Red Hat" | "AlmaLinux" | "Rocky Linux" | "openSUSE" | "SUSE" | "openEuler" | "Mageia"
            | "Oracle" | "Fedora" | "CentOS" | "Amazon" => Self::Rpm,
            "Alpine" | "Alpaquita" | "Chainguard" | "Wolfi" | "MinimOS" | "BellSoft Hardened Containers" => {
                Self::Alpine
            }
            "npm"
            | "Go"
            | "crates.io"
            | "Hex"
            | "SwiftURL"
            | "Bitnami"
            | "Bioconductor"
            | "ConanCenter"
            | "GHC"
            | "Julia"
            | "Docker Hardened Images"
            | "VSCode" => Self::Semver,
            "NuGet" => Self::Nuget,
            "Pub" => Self::Pub,
            "Hackage" => Self::Hackage,
            "CRAN" => Self::Cran,
            "Maven" => Self::Maven,
            "PyPI" => Self::Pypi,
            "RubyGems" => Self::RubyGems,
            "Packagist" => Self::Packagist,
            _ => return None,
        })
    }

    /// Which of the two is the newer.
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        let (a, b) = (cut(a), cut(b));
        match self {
            Self::Dpkg => dpkg::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Alpine => alpine::compare(a, b),
            Self::Semver => semver::compare(a, b),
            Self::Nuget => semver::compare_nuget(a, b),
            Self::Pub => semver::compare_pub(a, b),
            Self::Hackage => semver::compare_hackage(a, b),
            Self::Cran => generic::compare_cran(a, b),
            Self::Maven => maven::compare(a, b),
            Self::Pypi => pypi::compare(a, b),
            Self::RubyGems => rubygems::compare(a, b),
            Self::Packagist => packagist::compare(a, b),
            Self::Generic => generic::compare(a, b),
        }
    }
}

/// Builds of Windows and other dotted numbers: `10.0.19045.6456`.
#[must_use]
pub fn compare_numbers(a: &str, b: &str) -> Ordering {
    number::dotted(cut(a), cut(b))
}

fn cut(version: &str) -> &str {
    let version = version.trim();
    let end = (0..=LONGEST.min(version.len())).rev().find(|i| version.is_char_boundary(*i)).unwrap_or(0);
    version.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
