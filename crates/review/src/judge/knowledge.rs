//! All advisories, indexed by what they speak of, and Microsoft's updates: which build each brings, which takes the place
//! of which.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap, HashSet},
};

use domain::{
    inventory::Inventory,
    weakness::{Weakness, Weaknesses},
};
use jiff::civil::Date;

use super::{
    Because, Finding, Reason, State, named,
    package::{archive, artifact},
    weakness,
};
use crate::{
    advisory::{Advisory, Feed, Product, Signals, Statement},
    version::compare_numbers,
};

/// Longest way from an update to those that take its place; in fifteen years of monthly updates it is below 200.
const FARTHEST: usize = 2000;

/// Stands for an ecosystem where archives of Java are known by their files' names only.
const ARCHIVES: &str = "*.jar";

/// What is known of flaws.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// The advisories, in the order they came in.
    pub advisories: Vec<Advisory>,
    /// What is exploited, and how likely.
    pub signals: Signals,
    by_product: HashMap<Product, Vec<usize>>,
    by_package: HashMap<(String, String), Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    by_cve: HashMap<String, Vec<usize>>,
    updates: HashMap<Product, Updates>,
    /// The rules of weaknesses, and the day by which ends are judged; none where only flaws are.
    weaknesses: Option<(Weaknesses, Date)>,
    /// Advisories that may concern any host.
    of_all: Vec<usize>,
}

/// Updates of one product.
#[derive(Debug, Default)]
pub(super) struct Updates {
    /// Builds by update, the newest first: several where issuers disagree.
    builds: HashMap<u32, Vec<String>>,
    /// Which updates take an update's place.
    later: HashMap<u32, Vec<u32>>,
    /// Cumulative builds by the day their advisory came out.
    dated: Vec<(String, String)>,
    /// The first day a cumulative update was named on.
    days: HashMap<u32, String>,
}

impl Knowledge {
    /// Indexes what was read.
    #[must_use]
    pub fn new(feed: Feed) -> Self {
        let mut it = Self { signals: feed.signals, ..Self::default() };
        for advisory in feed.advisories {
            it.add(advisory);
        }
        it
    }

    /// Weaknesses are judged too, by those rules as of that day.
    #[must_use]
    pub fn with_weaknesses(mut self, rules: &Weaknesses, on: Date) -> Self {
        for advisory in weakness::advisories(rules) {
            self.add(advisory);
        }
        self.weaknesses = Some((rules.clone(), on));
        self
    }

    pub(super) fn weakness(&self, host: &Inventory, kind: Weakness) -> Finding {
        match &self.weaknesses {
            Some((rules, on)) => weakness::judge(host, kind, rules, *on),
            None => Finding::elsewhere(State::Unknown, Because::new(Reason::NothingSaid, [])),
        }
    }

    /// Adds one more advisory.
    pub fn add(&mut self, advisory: Advisory) {
        let at = self.advisories.len();
        let (mut products, mut packages, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for statement in &advisory.statements {
            match statement {
                Statement::Microsoft(it) => {
                    products.insert(it.product.clone());
                    let updates = self.updates.entry(it.product.clone()).or_default();
                    updates.learn(it, dated(&advisory));
                }
                Statement::Package(it) => {
                    packages.insert((base(&it.ecosystem).to_owned(), it.name.clone()));
                    if base(&it.ecosystem) == "Maven" {
                        packages.insert((ARCHIVES.to_owned(), artifact(&it.name).to_owned()));
                    }
                }
                Statement::Named(it) => {
                    names.extend(named::key(&it.product));
                }
                Statement::Weakness(_) => self.of_all.push(at),
            }
        }
        for product in products {
            self.by_product.entry(product).or_default().push(at);
        }
        for package in packages {
            self.by_package.entry(package).or_default().push(at);
        }
        for name in names {
            self.by_name.entry(name).or_default().push(at);
        }
        for cve in advisory.cves().map(str::to_owned).collect::<BTreeSet<_>>() {
            self.by_cve.entry(cve).or_default().push(at);
        }
        self.advisories.push(advisory);
    }

    /// Advisories of a flaw, by any of its numbers.
    pub fn of(&self, number: &str) -> impl Iterator<Item = &Advisory> {
        let found = self.by_cve.get(&number.to_ascii_uppercase());
        found.into_iter().flatten().filter_map(|at| self.advisories.get(*at))
    }

    /// Advisories that speak of anything the host has.
    #[must_use]
    pub fn concerning(&self, host: &Inventory) -> Vec<&Advisory> {
        let mut found: BTreeSet<usize> = self.of_all.iter().copied().collect();
        if let Some(product) = host.os.as_ref().and_then(|os| os.product.as_deref()) {
            let product = Product::new(product);
            found.extend(self.by_product.get(&product).into_iter().flatten());
            found.extend(self.by_product.get(&product.full()).into_iter().flatten());
        }
        let packages =
            if self.by_package.is_empty() && self.by_name.is_empty() { &[][..] } else { &host.packages };
        for package in packages {
            if let Some(name) = archive(package) {
                let key = (ARCHIVES.to_owned(), name.to_owned());
                found.extend(self.by_package.get(&key).into_iter().flatten());
            }
            let Some(ecosystem) = package.ecosystem.as_deref() else {
                if !self.by_name.is_empty() {
                    let key = named::key(&package.name);
                    found.extend(key.and_then(|k| self.by_name.get(&k)).into_iter().flatten());
                }
                continue;
            };
            for name in [Some(&package.name), package.source.as_ref()].into_iter().flatten() {
                let key = (base(ecosystem).to_owned(), name.clone());
                found.extend(self.by_package.get(&key).into_iter().flatten());
            }
        }
        for cve in host.reported.iter().flat_map(|r| &r.cves) {
            found.extend(self.by_cve.get(cve).into_iter().flatten());
        }
        found.into_iter().filter_map(|at| self.advisories.get(at)).collect()
    }

    /// How the updates that are `wanted` on a host do for each other.
    #[must_use]
    pub fn covering(&self, host: &Inventory, wanted: &BTreeSet<u32>) -> Covering<'_> {
        let os = host.os.as_ref().and_then(|os| Some((os.product.as_deref()?, os.build.as_deref()?)));
        let Some((product, branch)) = os else { return Covering::default() };
        let product = Product::new(product);
        let updates = self.updates(&product).or_else(|| self.updates(&product.full()));
        let built = |kb: &u32| Some((*kb, updates?.build(*kb, branch)?));
        let mut built: Vec<_> = wanted.iter().filter_map(built).collect();
        built.sort_by(|a, b| compare_numbers(b.1, a.1).then(b.0.cmp(&a.0)));
        Covering { updates, branch: branch.to_owned(), built }
    }

    pub(super) fn updates(&self, product: &Product) -> Option<&Updates> {
        self.updates.get(product)
    }

    /// What is known of a product's updates without what those flaws' advisories say.
    pub(super) fn updates_but_for(&self, product: &Product, flaws: &BTreeSet<String>) -> Updates {
        let others = |a: &&Advisory| !a.numbers().iter().any(|number| flaws.contains(number));
        Updates::told(product, self.of_product(product).filter(others))
    }

    /// Advisories that speak of a product of Microsoft's.
    pub(super) fn of_product(&self, product: &Product) -> impl Iterator<Item = &Advisory> {
        let found = self.by_product.get(product).into_iter().flatten();
        found.filter_map(|at| self.advisories.get(*at))
    }
}

/// Updates that are wanted on a host, and which of them contains which.
#[derive(Debug, Default)]
pub struct Covering<'a> {
    updates: Option<&'a Updates>,
    branch: String,
    /// With their builds, the newest first.
    built: Vec<(u32, &'a str)>,
}

impl Covering<'_> {
    /// The newest that contains `kb`, so that one installation does for several; `kb` itself if none does.
    #[must_use]
    pub fn by(&self, kb: u32) -> u32 {
        let Some((updates, own)) = self.updates.and_then(|u| Some((u, u.build(kb, &self.branch)?))) else {
            return kb;
        };
        // From Windows 10 on every month's update contains the ones before.
        let monthly = self.branch.starts_with("10.");
        let mut containing = None;
        let good = |(other, build): &&(u32, &str)| {
            monthly && compare_numbers(build, own).is_ge()
                || containing.get_or_insert_with(|| updates.containing(kb)).contains(other)
        };
        self.built.iter().find(good).map_or(kb, |(newest, _)| *newest)
    }
}

/// The day by which an advisory's updates are put in order. Notes without a number of a flaw are of other kinds of updates,
/// which contain nothing.
fn dated(advisory: &Advisory) -> Option<&str> {
    advisory.published.as_deref().filter(|_| advisory.id.starts_with("CVE-"))
}

/// An ecosystem without its release.
pub(super) fn base(ecosystem: &str) -> &str {
    ecosystem.split(':').next().unwrap_or(ecosystem)
}

impl Updates {
    /// What those tell of the updates of a product.
    pub fn told<'a>(product: &Product, advisories: impl Iterator<Item = &'a Advisory>) -> Self {
        let mut it = Self::default();
        for advisory in advisories {
            for statement in &advisory.statements {
                if let Statement::Microsoft(statement) = statement
                    && statement.product == *product
                {
                    it.learn(statement, dated(advisory));
                }
            }
        }
        it
    }

    fn learn(&mut self, statement: &crate::advisory::MicrosoftStatement, published: Option<&str>) {
        for fix in &statement.fixes {
            if let (Some(kb), Some(build)) = (fix.kb, &fix.build) {
                let builds = self.builds.entry(kb).or_default();
                if let Err(at) =
                    builds.binary_search_by(|b| compare_numbers(build, b).then_with(|| build.cmp(b)))
                {
                    builds.insert(at, build.clone());
                }
            }
            if let (Some(build), Some(day), true) = (&fix.build, published.and_then(day), fix.cumulative) {
                let entry = (day, build.clone());
                if !self.dated.contains(&entry) {
                    self.dated.push(entry);
                }
            }
            if let (Some(kb), Some(day), true) = (fix.kb, published.and_then(day), fix.cumulative) {
                let first = self.days.entry(kb).or_insert_with(|| day.clone());
                if day < *first {
                    *first = day;
                }
            }
            for before in &fix.supersedes {
                let later = self.later.entry(*before).or_default();
                if let Some(kb) = fix.kb.filter(|kb| kb != before && !later.contains(kb)) {
                    later.push(kb);
                }
            }
        }
    }

    /// Updates of which something else is known than in `less`, which knows less; and the builds that came out on other
    /// days.
    pub fn beyond<'a>(&'a self, less: &'a Self) -> (HashSet<u32>, Vec<&'a str>) {
        let mut found: HashSet<u32> = self
            .builds
            .iter()
            .filter(|(kb, of)| less.builds.get(kb) != Some(of))
            .map(|(kb, _)| *kb)
            .collect();
        found.extend(self.days.iter().filter(|(kb, day)| less.days.get(kb) != Some(day)).map(|(kb, _)| *kb));
        for (before, later) in &self.later {
            let known = less.later.get(before).map_or(&[][..], Vec::as_slice);
            found.extend(later.iter().filter(|kb| !known.contains(kb)));
        }
        let known: HashSet<&(String, String)> = less.dated.iter().collect();
        let dated = self.dated.iter().filter(|it| !known.contains(it)).map(|(_, build)| build.as_str());
        (found, dated.collect())
    }

    /// The build an update brings, if it belongs to the branch; the newest, if issuers disagree.
    pub fn build(&self, kb: u32, branch: &str) -> Option<&str> {
        self.builds.get(&kb)?.iter().map(String::as_str).find(|b| of_branch(b, branch))
    }

    /// An update and all that take its place, directly or through others.
    pub fn containing(&self, kb: u32) -> HashSet<u32> {
        let mut found = HashSet::from([kb]);
        let mut next = vec![kb];
        while let Some(kb) = next.pop() {
            for later in self.later.get(&kb).into_iter().flatten() {
                if found.len() < FARTHEST && found.insert(*later) {
                    next.push(*later);
                }
            }
        }
        found
    }

    /// The lowest build of the branch that came out on a later day: it, and all above it, contain what came before.
    pub fn first_after(&self, published: &str, branch: &str) -> Option<&str> {
        let wanted = day(published)?;
        let after = self.dated.iter().filter(|(day, build)| *day > wanted && of_branch(build, branch));
        after.map(|(_, build)| build.as_str()).min_by(|a, b| compare_numbers(a, b))
    }

    /// The highest build of the branch that came out on an earlier day: it, and all below it, lack what came later.
    pub fn last_before(&self, published: &str, branch: &str) -> Option<&str> {
        let wanted = day(published)?;
        let before = self.dated.iter().filter(|(day, build)| *day < wanted && of_branch(build, branch));
        before.map(|(_, build)| build.as_str()).max_by(|a, b| compare_numbers(a, b))
    }

    /// Whether the newest of the listed updates came out before that day; none if none of them is known.
    pub fn all_before(&self, kbs: &BTreeSet<u32>, published: &str) -> Option<bool> {
        let newest = kbs.iter().filter_map(|kb| self.days.get(kb)).max()?;
        Some(*newest < day(published)?)
    }

    /// The newest of the listed updates whose build is known.
    pub fn newest(&self, kbs: &BTreeSet<u32>, branch: &str) -> Option<(u32, &str)> {
        let known = kbs.iter().filter_map(|kb| Some((*kb, self.build(*kb, branch)?)));
        known.max_by(|a, b| compare_numbers(a.1, b.1).then(Ordering::Less))
    }
}

/// Whether `10.0.19045.3693` belongs to `10.0.19045`.
pub(super) fn of_branch(build: &str, branch: &str) -> bool {
    build.strip_prefix(branch).is_some_and(|rest| rest.starts_with('.'))
}

/// `20240312` from `2024-03-12T07:00:00` or `20240312`.
fn day(text: &str) -> Option<String> {
    let digits: String =
        text.chars().take_while(|c| *c != 'T').filter(char::is_ascii_digit).take(8).collect();
    (digits.len() == 8).then_some(digits)
}
