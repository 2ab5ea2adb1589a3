//! Judgement: what an inventory and the advisories together say of one host and one flaw, with why.
//!
//! No data is *unknown*. A running build is believed before a list of updates; a distribution's own feed before anything
//! said of the package elsewhere; a product known by name only is judged, and the verdict marked weak.

mod again;
pub mod keys;
mod knowledge;
mod microsoft;
mod named;
mod package;
mod range;
mod spring;
mod weakness;

use std::collections::BTreeMap;

use domain::inventory::Inventory;
use serde::{Deserialize, Serialize};

use crate::advisory::{Advisory, Statement};

pub use again::{Fresh, microsoft as of_microsoft};
pub use knowledge::{Covering, Knowledge};
pub use microsoft::not_effective;

/// What is the matter with a host, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has the flaw.
    Affected,
    /// What mends it is installed, and not in effect: the running build is older.
    NotEffective,
    /// Nobody can tell from what was reported.
    Unknown,
    /// It had the flaw, and is mended.
    Fixed,
    /// It never had it: another product, another version, or the issuer says so.
    NotAffected,
}

/// Judgement of one host and one advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The advisory's number.
    pub advisory: String,
    /// The file it stood in.
    pub document: String,
    /// What it is.
    pub state: State,
    /// It rests on a product's name only.
    pub weak: bool,
    /// What would mend it, if it is known: `KB5035857`, `openssl 3.0.11-1~deb12u2`.
    pub fix: Option<String>,
    /// Why, in order.
    pub because: Vec<Because>,
}

/// One link of the evidence: a reason, and the facts it speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Because {
    /// Which sentence.
    pub reason: Reason,
    /// What stands in it.
    pub facts: BTreeMap<String, String>,
}

impl Because {
    fn new<const N: usize>(reason: Reason, facts: [(&str, &str); N]) -> Self {
        Self { reason, facts: facts.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect() }
    }
}

/// Sentences of evidence; each has its text in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The running build `running` is not older than `build`.
    RunningHasFix,
    /// The running build `running` is older than `build`.
    RunningOlder,
    /// The running build `running` came out before the flaw did: `build` was already older than the advisory.
    RunsFromBefore,
    /// The update `kb` is listed, but its build `build` does not run: restart.
    ListedNotRunning,
    /// The update `kb` is listed; it is, or contains, `fix`.
    UpdateListed,
    /// A later update for the product, build `build`, runs, and later ones contain earlier ones.
    LaterRuns,
    /// Neither `fix` nor any update that contains it is listed.
    UpdateMissing,
    /// The newest listed update `kb` has build `build`, older than `fixed`.
    NewestListedOlder,
    /// The report does not tell the running build, and no listed update tells it.
    NoBuild,
    /// No list of updates was reported.
    NoUpdates,
    /// Which product of Microsoft's the host runs is not known.
    NoProduct,
    /// The advisory speaks of other products than `product`.
    OtherProduct,
    /// Whether `product` is installed was not reported.
    NotReported,
    /// The advisory names no fix for `product`.
    NoFix,
    /// The issuer says that `product` is not affected.
    IssuerSaysNot,
    /// The issuer is still looking whether `product` is affected.
    IssuerLooks,
    /// `package` `version` lies in an affected range, mended in `fixed`.
    InRange,
    /// `package` `version` is one of the affected versions.
    NamedVersion,
    /// `package` `version` is not older than `fixed`.
    HasFix,
    /// `package` `version` lies outside the affected ranges.
    OutsideRange,
    /// None of the host's packages is `package`.
    NotInstalled,
    /// No list of packages of `ecosystem` was reported.
    NoPackages,
    /// The host runs another system than `ecosystem`.
    OtherSystem,
    /// `package` has no version in the report.
    NoVersion,
    /// Versions of `package` cannot be compared exactly.
    NoOrder,
    /// `package` lies at `path`.
    Lies,
    /// Around it: `context`; noted, not a condition.
    Context,
    /// The advisory was withdrawn.
    Withdrawn,
    /// The advisory says nothing that could be judged.
    NothingSaid,
    /// The scanner `scanner` reported it: `title`.
    ScannerSays,
    /// The scanner `scanner`, which looks for such things, reported none.
    ScannerSilent,
    /// No scan that would tell was reported.
    NotScanned,
    /// `product` was reached at port `port`.
    Reachable,
    /// It listens at port `port` of `address`; whether it can be reached nobody looked.
    Listens,
    /// A scan reached `n` ports, none of the kind.
    NotReachable,
    /// It listens at `n` ports, none of the kind.
    NotListening,
    /// `product` watches.
    Protected,
    /// `product` watches by what it knew on `day`.
    ProtectionOld,
    /// `product` is switched off.
    ProtectionOff,
    /// Whether any anti-malware watches was not reported.
    ProtectionUnknown,
    /// The maker of `system` mended it until `day`.
    SupportEnded,
    /// The maker of `system` mends it until `day`.
    Supported,
    /// Until when `system` is mended is not in the pack.
    SupportUnknown,
    /// The certificate at port `port` ran out on `day`.
    CertificateEnded,
    /// The certificate at port `port` is good until `day`.
    CertificateGood,
}

impl Reason {
    /// Its name, as texts are kept under it.
    #[must_use]
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// What one statement comes to.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    state: State,
    weak: bool,
    /// The statement is about something the host has.
    concerns: bool,
    fix: Option<String>,
    because: Vec<Because>,
}

impl Finding {
    fn new(state: State, because: Because) -> Self {
        Self { state, weak: false, concerns: true, fix: None, because: vec![because] }
    }

    fn elsewhere(state: State, because: Because) -> Self {
        Self { concerns: false, ..Self::new(state, because) }
    }
}

/// Judges one host by one advisory.
#[must_use]
pub fn judge(host: &Inventory, advisory: &Advisory, knowledge: &Knowledge) -> Verdict {
    let mut findings: Vec<Finding> = Vec::new();
    if advisory.withdrawn {
        findings.push(Finding::new(State::NotAffected, Because::new(Reason::Withdrawn, [])));
    } else {
        findings.extend(microsoft::judge(host, advisory, knowledge));
        findings.extend(package::judge(host, advisory));
        let named = advisory.statements.iter().filter_map(|s| match s {
            Statement::Named(named) => Some(named),
            _ => None,
        });
        findings.extend(named.map(|statement| named::judge(host, statement)));
        findings.extend(advisory.statements.iter().filter_map(|s| match s {
            Statement::Weakness(kind) => Some(knowledge.weakness(host, *kind)),
            _ => None,
        }));
        findings.extend(scanners(host, advisory));
    }
    let mut verdict = settle(findings);
    verdict.advisory.clone_from(&advisory.id);
    verdict.document.clone_from(&advisory.document);
    if matches!(verdict.state, State::Affected | State::NotEffective) && verdict.fix.is_none() {
        verdict.fix.clone_from(&advisory.fix);
    }
    if verdict.state == State::Affected && advisory.is(spring::CVE) {
        verdict.because.push(spring::context(host));
    }
    verdict
}

/// What concerns the host decides, the worst of it first; a weak finding never outweighs an exact one.
fn settle(findings: Vec<Finding>) -> Verdict {
    let any = findings.iter().any(|f| f.concerns);
    let exact = findings.iter().any(|f| f.concerns && !f.weak && f.state != State::Unknown);
    let counts = |f: &&Finding| (f.concerns || !any) && (!exact || !f.weak);
    let state = findings.iter().filter(counts).map(|f| f.state).min();
    let Some(state) = state else {
        return Verdict {
            advisory: String::new(),
            document: String::new(),
            state: State::Unknown,
            weak: false,
            fix: None,
            because: vec![Because::new(Reason::NothingSaid, [])],
        };
    };
    let mut because: Vec<Because> = Vec::new();
    let mut fix = None;
    let mut weak = true;
    for finding in findings.iter().filter(counts).filter(|f| f.state == state) {
        weak &= finding.weak;
        fix = fix.or_else(|| finding.fix.clone());
        for link in &finding.because {
            if !because.contains(link) {
                because.push(link.clone());
            }
        }
    }
    Verdict { advisory: String::new(), document: String::new(), state, weak, fix, because }
}

/// What scanners report is a fact of its own: it makes a host affected where nothing better is known.
fn scanners(host: &Inventory, advisory: &Advisory) -> Option<Finding> {
    let found = host.reported.iter().find(|r| r.cves.iter().any(|cve| advisory.is(cve)))?;
    let facts = [("scanner", found.scanner.as_str()), ("title", found.title.as_str())];
    Some(Finding { weak: true, ..Finding::new(State::Affected, Because::new(Reason::ScannerSays, facts)) })
}

/// Several advisories of one flaw: what an exact one knows outweighs what another does not.
#[must_use]
pub fn together(verdicts: &[Verdict]) -> Option<State> {
    let known = |v: &&Verdict| v.state != State::Unknown && !v.weak;
    let exact = verdicts.iter().filter(known).map(|v| v.state).min();
    exact
        .or_else(|| verdicts.iter().filter(|v| v.state != State::Unknown).map(|v| v.state).min())
        .or_else(|| verdicts.first().map(|v| v.state))
}

#[cfg(test)]
mod tests;
