//! Windows, and what Microsoft makes besides: the running build first; then which build an update brings; then which
//! update contains which; the mere presence of an update only where nothing better exists.

use std::collections::HashSet;

use domain::inventory::{Family, Inventory, Os};

use super::{Because, Finding, Knowledge, Reason, State, knowledge::of_branch, named};
use crate::{
    advisory::{Advisory, Fix, MicrosoftStatement, Product, Statement, Status},
    version::compare_numbers,
};

pub fn judge(host: &Inventory, advisory: &Advisory, knowledge: &Knowledge) -> Vec<Finding> {
    let statements: Vec<&MicrosoftStatement> = advisory
        .statements
        .iter()
        .filter_map(|s| match s {
            Statement::Microsoft(it) => Some(it),
            _ => None,
        })
        .collect();
    if statements.is_empty() {
        return Vec::new();
    }
    let (systems, others): (Vec<_>, Vec<_>) = statements.into_iter().partition(|s| s.product.is_windows());
    let mut found: Vec<Finding> = others.into_iter().filter_map(|s| other(host, s, knowledge)).collect();
    found.extend(windows(host, &systems, advisory.published.as_deref(), knowledge));
    found
}

/// Updates that a host lists, and whose build it does not run: `(update, its build)`. A restart is due, or an installation
/// has failed.
#[must_use]
pub fn not_effective<'a>(host: &Inventory, knowledge: &'a Knowledge) -> Vec<(u32, &'a str)> {
    let Some((os, product)) = system(host) else { return Vec::new() };
    let (Some(running), Some(branch)) = (os.running(), os.build.as_deref()) else { return Vec::new() };
    let Some(updates) = knowledge.updates(&product).or_else(|| knowledge.updates(&product.full())) else {
        return Vec::new();
    };
    let built = host.kbs.iter().filter_map(|kb| Some((*kb, updates.build(*kb, branch)?)));
    built.filter(|(_, build)| compare_numbers(&running, build).is_lt()).collect()
}

fn system(host: &Inventory) -> Option<(&Os, Product)> {
    let os = host.os.as_ref()?;
    Some((os, Product::new(os.product.as_deref()?)))
}

fn windows(
    host: &Inventory,
    statements: &[&MicrosoftStatement],
    published: Option<&str>,
    knowledge: &Knowledge,
) -> Option<Finding> {
    if statements.is_empty() {
        return None;
    }
    let Some((os, product)) = system(host) else {
        let is_other = host.os.as_ref().is_some_and(|os| match os.family {
            Family::Windows => false,
            Family::Linux => true,
            Family::Other => !os.name.is_empty(),
        });
        return Some(match is_other {
            true => {
                let because = Because::new(Reason::OtherSystem, [("ecosystem", "Windows")]);
                Finding::elsewhere(State::NotAffected, because)
            }
            false => Finding::elsewhere(State::Unknown, Because::new(Reason::NoProduct, [])),
        });
    };
    let exactly = |p: &Product| statements.iter().find(|s| s.product == *p);
    let Some(statement) = exactly(&product).or_else(|| exactly(&product.full())) else {
        let because = Because::new(Reason::OtherProduct, [("product", product.as_str())]);
        return Some(Finding::elsewhere(State::NotAffected, because));
    };
    let said = [("product", product.as_str())];
    Some(match (statement.status, os.build.as_deref()) {
        (Status::NotAffected, _) => {
            Finding::new(State::NotAffected, Because::new(Reason::IssuerSaysNot, said))
        }
        (Status::Investigating, _) => Finding::new(State::Unknown, Because::new(Reason::IssuerLooks, said)),
        (Status::Affected, _) if statement.fixes.is_empty() => {
            Finding::new(State::Affected, Because::new(Reason::NoFix, said))
        }
        (Status::Affected, None) => by_list(host, statement, published, "", knowledge),
        (Status::Affected, Some(branch)) => match os.running() {
            Some(running) => by_build(host, statement, published, &running, branch, knowledge),
            None => by_list(host, statement, published, branch, knowledge),
        },
    })
}

/// What mends it, in words.
fn named_fix(fix: &Fix) -> Option<String> {
    match (fix.kb, &fix.build) {
        (Some(kb), _) => Some(format!("KB{kb}")),
        (None, build) => build.clone(),
    }
}

/// The build a fix brings in the branch, from itself or from what is known of its update.
fn build_of<'a>(fix: &'a Fix, product: &Product, branch: &str, knowledge: &'a Knowledge) -> Option<&'a str> {
    let own = fix.build.as_deref().filter(|b| of_branch(b, branch));
    own.or_else(|| knowledge.updates(product)?.build(fix.kb?, branch))
}

fn by_build(
    host: &Inventory,
    statement: &MicrosoftStatement,
    published: Option<&str>,
    running: &str,
    branch: &str,
    knowledge: &Knowledge,
) -> Finding {
    let product = &statement.product;
    let built: Vec<(&Fix, &str)> = statement
        .fixes
        .iter()
        .filter_map(|fix| Some((fix, build_of(fix, product, branch, knowledge)?)))
        .collect();
    if let Some((_, build)) = built.iter().find(|(_, build)| compare_numbers(running, build).is_ge()) {
        let facts = [("running", running), ("build", *build), ("product", product.as_str())];
        return Finding::new(State::Fixed, Because::new(Reason::RunningHasFix, facts));
    }
    let Some((fix, build)) = built.first() else {
        return without_build(host, statement, published, running, branch, knowledge);
    };
    let facts = [("running", running), ("build", *build), ("product", product.as_str())];
    let mut finding = Finding::new(State::Affected, Because::new(Reason::RunningOlder, facts));
    finding.fix = named_fix(fix);
    // Listed, but not what runs: the build wins, and both are shown.
    if let Some(listed) = listed(host, statement, knowledge) {
        let kb = listed.to_string();
        let own = knowledge.updates(product).and_then(|u| u.build(listed, branch)).unwrap_or(build);
        finding.state = State::NotEffective;
        finding.because.push(Because::new(Reason::ListedNotRunning, [("kb", kb.as_str()), ("build", own)]));
    }
    finding
}

/// A listed update that is one of the fixes, or takes the place of one.
fn listed(host: &Inventory, statement: &MicrosoftStatement, knowledge: &Knowledge) -> Option<u32> {
    let updates = knowledge.updates(&statement.product);
    statement.fixes.iter().filter_map(|fix| fix.kb).find_map(|kb| {
        let containing = updates.map_or_else(|| HashSet::from([kb]), |u| u.containing(kb));
        host.kbs.iter().copied().find(|kb| containing.contains(kb))
    })
}

/// The advisory names updates without builds, as Microsoft's did until 2022.
fn without_build(
    host: &Inventory,
    statement: &MicrosoftStatement,
    published: Option<&str>,
    running: &str,
    branch: &str,
    knowledge: &Knowledge,
) -> Finding {
    let updates = knowledge.updates(&statement.product);
    let later = published.and_then(|day| updates?.first_after(day, branch));
    let cumulative = statement.fixes.iter().any(|f| f.cumulative);
    if let Some(build) = later.filter(|b| cumulative && compare_numbers(running, b).is_ge()) {
        let facts = [("running", running), ("build", build)];
        return Finding::new(State::Fixed, Because::new(Reason::LaterRuns, facts));
    }
    let containing: HashSet<u32> = statement
        .fixes
        .iter()
        .filter_map(|f| f.kb)
        .flat_map(|kb| updates.map(|u| u.containing(kb)))
        .flatten()
        .collect();
    let runs = containing.iter().filter_map(|kb| updates?.build(*kb, branch));
    if let Some(build) =
        runs.min_by(|a, b| compare_numbers(a, b)).filter(|b| compare_numbers(running, b).is_ge())
    {
        let facts = [("running", running), ("build", build)];
        return Finding::new(State::Fixed, Because::new(Reason::LaterRuns, facts));
    }
    let fix = statement.fixes.iter().find_map(named_fix);
    let wanted = fix.clone().unwrap_or_default();
    if let Some(kb) = listed(host, statement, knowledge) {
        let number = kb.to_string();
        let build = updates.and_then(|u| u.build(kb, branch)).filter(|b| compare_numbers(running, b).is_lt());
        let (state, reason) = match build {
            Some(_) => (State::NotEffective, Reason::ListedNotRunning),
            None => (State::Fixed, Reason::UpdateListed),
        };
        let facts = [
            ("kb", number.as_str()),
            ("fix", wanted.as_str()),
            ("build", build.unwrap_or_default()),
            ("running", running),
        ];
        return Finding { fix, ..Finding::new(state, Because::new(reason, facts)) };
    }
    let before = published.and_then(|day| updates?.last_before(day, branch));
    if let Some(build) = before.filter(|b| compare_numbers(running, b).is_le()) {
        let facts = [("running", running), ("build", build), ("fix", wanted.as_str())];
        return Finding { fix, ..Finding::new(State::Affected, Because::new(Reason::RunsFromBefore, facts)) };
    }
    if !host.kbs_listed {
        return Finding { fix, ..Finding::new(State::Unknown, Because::new(Reason::NoUpdates, [])) };
    }
    let because = Because::new(Reason::UpdateMissing, [("fix", wanted.as_str())]);
    Finding { fix, ..Finding::new(State::Affected, because) }
}

/// The report does not tell the running build: the list of updates has to.
fn by_list(
    host: &Inventory,
    statement: &MicrosoftStatement,
    published: Option<&str>,
    branch: &str,
    knowledge: &Knowledge,
) -> Finding {
    let fix = statement.fixes.iter().find_map(named_fix);
    let wanted = fix.clone().unwrap_or_default();
    if let Some(kb) = listed(host, statement, knowledge) {
        let facts = [("kb", kb.to_string()), ("fix", wanted)];
        let facts = facts.each_ref().map(|(k, v)| (*k, v.as_str()));
        return Finding::new(State::Fixed, Because::new(Reason::UpdateListed, facts));
    }
    if !host.kbs_listed {
        return Finding { fix, ..Finding::new(State::Unknown, Because::new(Reason::NoUpdates, [])) };
    }
    let updates = knowledge.updates(&statement.product);
    let newest = updates.and_then(|u| u.newest(&host.kbs, branch));
    let product = &statement.product;
    let own = statement.fixes.iter().find_map(|f| build_of(f, product, branch, knowledge));
    let later = published.and_then(|day| updates?.first_after(day, branch));
    if let (Some((kb, build)), Some(fixed)) = (newest, own.or(later)) {
        let number = kb.to_string();
        let facts = [("kb", number.as_str()), ("build", build), ("fixed", fixed)];
        if compare_numbers(build, fixed).is_ge() {
            let facts = [("kb", number.as_str()), ("fix", wanted.as_str())];
            return Finding::new(State::Fixed, Because::new(Reason::UpdateListed, facts));
        }
        if own.is_some() {
            return Finding {
                fix,
                ..Finding::new(State::Affected, Because::new(Reason::NewestListedOlder, facts))
            };
        }
    }
    // From Windows 10 on every month's update contains the ones before. A list without any that is known says nothing.
    let monthly = branch.starts_with("10.");
    let old = published.and_then(|day| updates?.all_before(&host.kbs, day));
    if monthly && newest.is_none() && old != Some(true) {
        return Finding { fix, ..Finding::new(State::Unknown, Because::new(Reason::NoBuild, [])) };
    }
    let because = Because::new(Reason::UpdateMissing, [("fix", wanted.as_str())]);
    Finding { fix, ..Finding::new(State::Affected, because) }
}

/// Not Windows itself: .NET, Office, SQL Server, browsers.
fn other(host: &Inventory, statement: &MicrosoftStatement, knowledge: &Knowledge) -> Option<Finding> {
    let product = &statement.product;
    let on =
        product.as_str().split_once(" on windows").map(|(_, rest)| Product::new(&format!("windows{rest}")));
    let os = system(host).map(|(_, own)| own);
    // `… on Windows …` is about that Windows only.
    if let Some(on) = &on {
        match &os {
            Some(own) if own == on || own.full() == *on => {}
            _ => return None,
        }
    }
    let fix = statement.fixes.iter().find_map(named_fix);
    if let Some(kb) = listed(host, statement, knowledge) {
        let kb = kb.to_string();
        let wanted = fix.unwrap_or_default();
        let facts = [("kb", kb.as_str()), ("fix", wanted.as_str())];
        return Some(Finding::new(State::Fixed, Because::new(Reason::UpdateListed, facts)));
    }
    let name = product.own_name();
    if let Some(program) = host.packages.iter().find(|p| p.ecosystem.is_none() && named::same(&p.name, name))
    {
        let build = statement.fixes.iter().find_map(|f| f.build.as_deref());
        let (state, reason) = match build {
            Some(build) if compare_numbers(&program.version, build).is_ge() => (State::Fixed, Reason::HasFix),
            Some(_) => (State::Affected, Reason::InRange),
            None => (State::Unknown, Reason::NoFix),
        };
        let facts = [
            ("package", program.name.as_str()),
            ("version", program.version.as_str()),
            ("fixed", build.unwrap_or_default()),
            ("product", product.as_str()),
        ];
        return Some(Finding { weak: true, fix, ..Finding::new(state, Because::new(reason, facts)) });
    }
    let programs = host.packages.iter().any(|p| p.ecosystem.is_none());
    let is_windows = host.os.as_ref().is_some_and(|os| os.family == Family::Windows);
    Some(match (on.is_some(), programs, is_windows) {
        // A part of Windows is in no list of programs.
        (true, ..) | (false, false, true) => {
            Finding::new(State::Unknown, Because::new(Reason::NotReported, [("product", name)]))
        }
        (false, true, _) => {
            Finding::elsewhere(State::NotAffected, Because::new(Reason::NotInstalled, [("package", name)]))
        }
        (false, false, false) => {
            Finding::elsewhere(State::Unknown, Because::new(Reason::NotReported, [("product", name)]))
        }
    })
}
