//! Lists of what is to be filtered: read from pasted text or a file, also where entries were written so that nobody
//! can click them (`hxxp`, `[.]`), each line judged by itself, and nothing protected ever let in.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::Net;
use crate::right::names;

/// So many entries of one list: what an operator can put into a router in one go and a person can look through.
pub const ITEMS_MAX: usize = 5_000;
/// A pasted or uploaded list: [`ITEMS_MAX`] entries of the longest usual kind.
pub const TEXT_MAX: usize = 1024 * 1024;
/// Problems beyond this many are only counted: the list is of another kind, not a list with mistakes.
pub const PROBLEMS_MAX: usize = 200;
/// Longer addresses are cut by programs on the way.
const URL_MAX: usize = 2_000;
/// A network of more than 256 addresses takes uninvolved people off the net.
const PREFIX_V4_MIN: u8 = 24;
/// The same for version 6: one site.
const PREFIX_V6_MIN: u8 = 48;
/// Networks that are only watched take nobody off the net; wider ones are half the internet.
const WATCHED_V4_MIN: u8 = 8;
/// The same for version 6: one provider.
const WATCHED_V6_MIN: u8 = 24;
/// Of a faulty entry so many characters are shown again.
const SHOWN_MAX: usize = 120;

/// What an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemKind {
    /// An address, or a network of a few.
    Address,
    /// A domain with everything below it.
    Domain,
    /// One page.
    Url,
}
names!(ItemKind { Address = "address", Domain = "domain", Url = "url" } "kind of entry");

/// One entry, in the one spelling in which it is kept and exported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// What it names.
    pub kind: ItemKind,
    /// The name.
    pub value: String,
}

/// Why an entry is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Neither an address nor a domain nor a URL.
    Unreadable,
    /// A name or network that is protected (`gov.vn`, …); one page of it may be named by its full URL.
    Protected,
    /// Everybody's ending (`com.vn`, `github.io`), not somebody's domain.
    PublicSuffix,
    /// Belongs to a body of the register.
    Own,
    /// Not an address of the public internet.
    NotPublic,
    /// A network of too many addresses.
    TooWide,
    /// Longer than an address can be.
    TooLong,
    /// With a user name, which only disguises where it leads.
    Disguised,
    /// The list is full.
    TooMany,
}
names!(Why {
    Unreadable = "unreadable", Protected = "protected", PublicSuffix = "public-suffix", Own = "own",
    NotPublic = "not-public", TooWide = "too-wide", TooLong = "too-long", Disguised = "disguised",
    TooMany = "too-many",
} "fault of an entry");

/// A fault, at its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The entry as it was written.
    pub text: String,
    /// What is wrong.
    pub why: Why,
}

/// What a text held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// The entries, each once, in the order of the text.
    pub items: Vec<Item>,
    /// What could not be taken; the first [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// All faults, also those not shown.
    pub faults: usize,
    /// How many entries stood there already.
    pub merged: usize,
}

/// What must never be filtered.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Protected names; everything below them is protected too.
    pub names: Vec<String>,
    /// Protected networks.
    pub nets: Vec<Net>,
    /// Names of hosts in the register, each with every name above it: a register of a hundred thousand hosts is asked
    /// once for each of five thousand entries.
    own_names: BTreeSet<String>,
    /// Public addresses of hosts in the register.
    own_nets: Vec<Net>,
    /// Whether what is listed is only watched for.
    watching: bool,
}

impl Guard {
    /// What the law protects; the register's hosts come by [`Guard::own`].
    pub fn new(names: Vec<String>, nets: Vec<Net>) -> Self {
        Self { names, nets, ..Self::default() }
    }
    /// The same for what is only watched for: networks may be wider.
    #[must_use]
    pub fn watching(self) -> Self {
        Self { watching: true, ..self }
    }
    /// Adds a host's name or address as the register has it.
    pub fn own(&mut self, name: &str) {
        match name.parse::<Net>() {
            // Any other is refused for being none of the public internet.
            Ok(net) if is_public(net.first()) || !net.is_single() => self.own_nets.push(net),
            Ok(_) => {}
            Err(_) => {
                let name = name.trim_end_matches('.').to_lowercase();
                let above = name.match_indices('.').filter_map(|(dot, _)| name.get(dot + 1..));
                self.own_names.extend(above.chain([name.as_str()]).map(str::to_owned));
            }
        }
    }
}

/// Reads a list: entries stand on lines of their own or between blanks, commas and semicolons; `#` begins a remark.
pub fn read(text: &str, guard: &Guard) -> List {
    let mut list = List::default();
    let mut seen = BTreeSet::new();
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split_once(" #").map_or(line, |(head, _)| head).trim();
        if line.starts_with('#') || n == 0 && is_heading(line) {
            continue;
        }
        for entry in entries(line) {
            match item(entry, guard) {
                Ok(item) if seen.contains(&item) => list.merged += 1,
                Ok(_) if list.items.len() >= ITEMS_MAX => list.fault(n, entry, Why::TooMany),
                Ok(item) => {
                    seen.insert(item.clone());
                    list.items.push(item);
                }
                Err(why) => list.fault(n, entry, why),
            }
        }
    }
    list
}

impl List {
    fn fault(&mut self, line: usize, entry: &str, why: Why) {
        self.faults += 1;
        if self.problems.len() < PROBLEMS_MAX {
            let text = entry.chars().take(SHOWN_MAX).collect();
            self.problems.push(Problem { line: line + 1, text, why });
        }
    }
}

/// The pieces of a line. A comma inside a URL is part of it.
fn entries(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || c == ';' || c == '"')
        .flat_map(|piece| if piece.contains('/') { vec![piece] } else { piece.split(',').collect() })
        .map(|piece| piece.trim_matches([',', '\'']))
        .filter(|piece| !piece.is_empty())
}

/// The head of a table, as programs export one.
fn is_heading(line: &str) -> bool {
    const WORDS: [&str; 12] =
        ["value", "kind", "type", "domain", "url", "ip", "address", "indicator", "host", "no", "state", "at"];
    let mut words = line.split([',', ';', '\t']).map(|w| w.trim().trim_matches('"').to_lowercase());
    words.all(|w| WORDS.contains(&w.as_str()))
}

/// One entry in the spelling in which it is kept.
pub fn item(entry: &str, guard: &Guard) -> Result<Item, Why> {
    let text = refang(entry);
    if text.len() > URL_MAX {
        return Err(Why::TooLong);
    }
    if let Ok(net) = text.trim_matches(['[', ']']).parse::<Net>() {
        return address(net, guard);
    }
    if text.contains("://") {
        return page(&text, guard);
    }
    let bare = text.trim_end_matches('/');
    if bare.contains(['/', '?', '#', ':', '@']) {
        return page(&format!("http://{text}"), guard);
    }
    domain(bare.strip_prefix("*.").unwrap_or(bare).trim_matches('.'), guard)
}

/// As it was before somebody made it unclickable.
fn refang(entry: &str) -> String {
    let mut text = entry.trim().to_owned();
    for (marks, plain) in [
        (["[.]", "(.)", "{.}"].as_slice(), "."),
        (&["[dot]", "(dot)", "{dot}", "[DOT]", "(DOT)"], "."),
        (&["[://]", "[:]//", "(:)//"], "://"),
        (&["[:]", "(:)"], ":"),
        (&["[/]"], "/"),
        (&["[.", ".]"], "."),
    ] {
        for mark in marks {
            text = text.replace(mark, plain);
        }
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let scheme = scheme.to_lowercase().replace("xx", "tt").replace("fxp", "ftp");
        text = format!("{scheme}://{rest}");
    }
    text
}

fn address(net: Net, guard: &Guard) -> Result<Item, Why> {
    let least = match (net.first().is_ipv4(), guard.watching) {
        (true, false) => PREFIX_V4_MIN,
        (false, false) => PREFIX_V6_MIN,
        (true, true) => WATCHED_V4_MIN,
        (false, true) => WATCHED_V6_MIN,
    };
    if net.prefix() < least {
        return Err(Why::TooWide);
    }
    if !is_public(net.first()) {
        return Err(Why::NotPublic);
    }
    if guard.nets.iter().any(|n| n.overlaps(&net)) {
        return Err(Why::Protected);
    }
    if guard.own_nets.iter().any(|n| n.overlaps(&net)) {
        return Err(Why::Own);
    }
    Ok(Item { kind: ItemKind::Address, value: net.to_string() })
}

fn domain(name: &str, guard: &Guard) -> Result<Item, Why> {
    let Ok(Host::Domain(name)) = Host::parse(name) else { return Err(Why::Unreadable) };
    let name = name.trim_end_matches('.').to_owned();
    // Only endings that exist: `invoice.exe` is a file, not a domain.
    let known = psl::suffix(name.as_bytes()).filter(psl::Suffix::is_known).ok_or(Why::Unreadable)?;
    if guard.names.iter().any(|p| is_below(&name, p) || is_below(p, &name)) {
        return Err(Why::Protected);
    }
    if known == name.as_bytes() {
        return Err(Why::PublicSuffix);
    }
    if !name.split('.').all(is_label) || name.len() > 253 {
        return Err(Why::Unreadable);
    }
    if guard.own_names.contains(&name) {
        return Err(Why::Own);
    }
    Ok(Item { kind: ItemKind::Domain, value: name })
}

/// One page. Also of a protected site, for a page there may have been taken over; but the site itself is no page.
fn page(text: &str, guard: &Guard) -> Result<Item, Why> {
    let mut url = Url::parse(text).map_err(|_| Why::Unreadable)?;
    if !matches!(url.scheme(), "http" | "https" | "ftp") {
        return Err(Why::Unreadable);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Why::Disguised);
    }
    url.set_fragment(None);
    let whole = url.path() == "/" && url.query().is_none();
    match url.host().ok_or(Why::Unreadable)? {
        Host::Ipv4(a) if whole => address(Net::single(IpAddr::V4(a)), guard).map(drop)?,
        Host::Ipv6(a) if whole => address(Net::single(IpAddr::V6(a)), guard).map(drop)?,
        Host::Ipv4(a) if !is_public(IpAddr::V4(a)) => return Err(Why::NotPublic),
        Host::Ipv6(a) if !is_public(IpAddr::V6(a)) => return Err(Why::NotPublic),
        Host::Domain(name) => {
            let name = name.to_owned();
            match domain(&name, guard) {
                Ok(_) => {}
                Err(Why::Protected | Why::Own | Why::PublicSuffix) if !whole => {}
                Err(why) => return Err(why),
            }
        }
        _ => {}
    }
    let value = String::from(url);
    if value.len() > URL_MAX { Err(Why::TooLong) } else { Ok(Item { kind: ItemKind::Url, value }) }
}

/// Whether `name` is `top` or lies below it.
fn is_below(name: &str, top: &str) -> bool {
    name.strip_suffix(top).is_some_and(|head| head.is_empty() || head.ends_with('.'))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether an address is one of the public internet. Networks kept for documentation pass: nobody is reached there.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(a) => is_public_v4(a),
        IpAddr::V6(a) => is_public_v6(a),
    }
}
fn is_public_v4(a: Ipv4Addr) -> bool {
    let [first, second, ..] = a.octets();
    let shared = first == 100 && (64..128).contains(&second);
    !(a.is_private() || a.is_loopback() || a.is_link_local() || first == 0 || first >= 224 || shared)
}
fn is_public_v6(a: Ipv6Addr) -> bool {
    // Today's whole internet lies in 2000::/3.
    a.segments().first().is_some_and(|s| s & 0xe000 == 0x2000)
}

#[cfg(test)]
mod tests;
