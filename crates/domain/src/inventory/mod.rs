//! What reports say is on a host: its system, its updates, its software, its open ports.
//!
//! Facts as reported, never averaged: two reports that disagree stay two, and whoever judges says which one it took.

mod current;
mod merge;
mod ports;
mod windows;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use current::{Current, Report, current, time_of};
pub use merge::{Disagreement, merge};
pub use ports::Ports;
pub use windows::{build_of_caption, product_of};

/// What one report says of one host, or several reports of it together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inventory {
    /// Its name, as it calls itself.
    pub host: Option<String>,
    /// The number its firmware gives it (SMBIOS UUID), or its machine id.
    pub uuid: Option<String>,
    /// The maker's serial number.
    pub serial: Option<String>,
    /// Addresses it was seen at.
    pub addresses: BTreeSet<String>,
    /// Which reports this comes from, in their order: file names, agents.
    pub reports: Vec<String>,
    /// When it was so, as the report says it; none if it does not.
    pub taken: Option<String>,
    /// Its operating system.
    pub os: Option<Os>,
    /// Numbers of installed updates of Windows (KB).
    pub kbs: BTreeSet<u32>,
    /// Whether the list of updates was asked for: an empty list is then one.
    pub kbs_listed: bool,
    /// Installed software.
    pub packages: Vec<Package>,
    /// Whether archives of Java were looked for: none found is then an answer.
    pub jars_listed: bool,
    /// Open ports.
    pub services: Vec<Service>,
    /// TCP ports that a scan from the network tried, whether open or not; none if that is not told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scanned: Vec<Ports>,
    /// Anti-malware programs and their state.
    pub protection: Vec<Protection>,
    /// What a scanner found by itself.
    pub reported: Vec<Reported>,
    /// Where reports contradicted each other.
    pub disagreements: Vec<Disagreement>,
}

/// An operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Os {
    /// What kind it is.
    pub family: Family,
    /// As it calls itself: `Microsoft Windows 10 Pro`, `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
    /// Edition of Windows (`Professional`, `ServerStandard`) or a distribution's id (`debian`).
    pub edition: Option<String>,
    /// Release: `22H2`, `12`, `9.4`.
    pub version: Option<String>,
    /// Build of Windows without its revision: `10.0.19045`.
    pub build: Option<String>,
    /// Revision of the *running* build (UBR): what is effective, whatever the list of updates says.
    pub ubr: Option<u32>,
    /// `x64`, `x86`, `arm64`, `amd64` …
    pub arch: Option<String>,
    /// Server Core; none if nobody said.
    pub core: Option<bool>,
    /// The exact name under which Microsoft's advisories know it, if a report says it or it follows from the rest.
    pub product: Option<String>,
}

impl Os {
    /// Running build with its revision: `10.0.19045.6456`.
    #[must_use]
    pub fn running(&self) -> Option<String> {
        Some(format!("{}.{}", self.build.as_deref()?, self.ubr?))
    }
}

/// Kinds of operating systems that are judged in their own way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Windows.
    Windows,
    /// A Linux distribution.
    Linux,
    /// Something else, or not known.
    #[default]
    Other,
}

/// One installed package, program, library or jar.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// OSV ecosystem (`Maven`, `Debian:12`); none for programs that belong to none.
    pub ecosystem: Option<String>,
    /// Its name there.
    pub name: String,
    /// Its version as reported.
    pub version: String,
    /// Whether the version is told with its epoch; `rpm -qa` leaves it out.
    pub epoch_known: bool,
    /// The source package it was built from, by which distributions speak of flaws.
    pub source: Option<String>,
    /// The source package's version, where it differs.
    pub source_version: Option<String>,
    /// Package URL, canonical.
    pub purl: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Vendor or publisher.
    pub vendor: Option<String>,
    /// Where it lies; a jar within a jar after `!`.
    pub path: Option<String>,
    /// SHA-256 or SHA-1 of the file, hexadecimal.
    pub hash: Option<String>,
}

/// An open port and what answers on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Port number.
    pub port: u16,
    /// `tcp`, `udp`.
    pub protocol: String,
    /// Address it listens at, if told.
    pub address: Option<String>,
    /// `ssh`, `ms-wbt-server` …
    pub name: Option<String>,
    /// Product that answered.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its CPE name.
    pub cpe: Option<String>,
}

/// An anti-malware program on a host, as the system tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Protection {
    /// What it is called.
    pub name: String,
    /// Whether it watches; none if that is not told.
    pub on: Option<bool>,
    /// Whether its definitions are of date, or the day they are of; none if that is not told.
    pub current: Option<bool>,
    /// The day its definitions are of, if told.
    pub definitions: Option<String>,
}

/// What a scanner says it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Reported {
    /// The scanner: `nessus`, `openvas`, `nmap`.
    pub scanner: String,
    /// Its own number of the check.
    pub check: Option<String>,
    /// What it calls it.
    pub title: String,
    /// As it grades it.
    pub severity: Option<String>,
    /// CVE numbers it names.
    pub cves: Vec<String>,
    /// Port, if it is about one.
    pub port: Option<u16>,
    /// What it saw, in its own words, where these tell more than the title; never a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
