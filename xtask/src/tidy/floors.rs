//! Who may lean on whom, read from `cargo metadata`: arrows point down only.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Finding;

/// The floor of every crate. A new crate takes its place here first (`docs/ARCHITECTURE.md`).
const FLOORS: &[(u8, &[&str])] = &[
    (0, &["domain"]),
    (1, &["letter", "normalise", "detect", "review", "share"]),
    (2, &["store", "paper", "print", "sandbox", "send", "post", "lake", "sql", "sweep"]),
    (3, &["web", "intake", "watch"]),
    (4, &["canh", "agent"]),
];
/// Lies lowest on its floor: the rest of that floor may lean on it, and it on none of them (`docs/adr/0006`).
const LOWEST_ON_ITS_FLOOR: &[&str] = &["sandbox"];
/// Stands beside the house: may use every floor, and no floor uses it.
const TOOLS: &[&str] = &["xtask"];

/// `(who, may not reach, why)`, through any number of crates between.
const OUT_OF_REACH: &[(Who, &[&str], &str)] = &[
    (
        Who::UpToFloor(1),
        &["tokio", "sqlx", "sqlx-core", "reqwest", "axum"],
        "domain and engines are pure: no I/O, no clock, no async",
    ),
    (
        Who::Crate("agent"),
        &["store", "lake", "web", "paper"],
        "the agent stays small enough for a commune's workstation",
    ),
];
/// `(crate, its only user)`: one door hides it, and lets none of its types out.
const ONE_DOOR: &[(&str, &str)] = &[
    ("sqlx", "store"),
    ("rusqlite", "sql"),
    ("typst", "print"),
    ("typst-pdf", "print"),
    ("docx-rs", "print"),
];

#[derive(Clone, Copy)]
enum Who {
    UpToFloor(u8),
    Crate(&'static str),
}

/// The workspace's crates, and what each package of the whole graph is built from.
pub struct Workspace {
    pub crates: Vec<Crate>,
    /// Package → packages it links, without those only its tests use.
    links: BTreeMap<String, BTreeSet<String>>,
}

/// One crate of ours with its manifest.
pub struct Crate {
    name: String,
    manifest: String,
    manifest_text: String,
    /// Everything its manifest names, for tests and build scripts too.
    needs: Vec<String>,
}

pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for own in &workspace.crates {
        findings.extend(arrows(own));
        findings.extend(doors(own));
        findings.extend(reach(own, &workspace.links));
    }
    findings
}

fn arrows(own: &Crate) -> Vec<Finding> {
    if TOOLS.contains(&own.name.as_str()) {
        return Vec::new();
    }
    let Some(floor) = floor(&own.name) else {
        let what = format!("{} has no floor", own.name);
        return vec![Finding::error(
            &own.manifest,
            0,
            what,
            "give it one in xtask/src/tidy/floors.rs, and say why in docs/adr",
        )];
    };
    let mut findings = Vec::new();
    // A crate may name itself, to have its own tests switch on one of its features.
    for need in own.needs.iter().filter(|need| **need != own.name) {
        let what = match self::floor(need) {
            _ if TOOLS.contains(&need.as_str()) => format!("{} uses the tool {need}", own.name),
            Some(below) if below > floor => {
                format!("{} (floor {floor}) leans on {need} above it (floor {below})", own.name)
            }
            Some(below) if below == floor && !lies_below(need, &own.name) => {
                format!("{} and {need} share floor {floor} and may not know each other", own.name)
            }
            _ => continue,
        };
        let advice = match floor {
            3 => "let them meet in store or lake, or wire them in canh",
            _ => "arrows point down only: move what is shared to a floor below both",
        };
        findings.push(Finding::error(&own.manifest, own.line(need), what, advice));
    }
    findings
}

fn doors(own: &Crate) -> Vec<Finding> {
    let behind = ONE_DOOR
        .iter()
        .filter(|(hidden, door)| own.name != *door && own.needs.iter().any(|need| need == hidden));
    behind
        .map(|(hidden, door)| {
            let what = format!("{} uses {hidden}, which only {door} may know", own.name);
            Finding::error(
                &own.manifest,
                own.line(hidden),
                what,
                format!("ask for what is needed in {door}'s own words"),
            )
        })
        .collect()
}

fn reach(own: &Crate, links: &BTreeMap<String, BTreeSet<String>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (who, forbidden, why) in OUT_OF_REACH {
        let meant = match who {
            Who::UpToFloor(top) => floor(&own.name).is_some_and(|floor| floor <= *top),
            Who::Crate(name) => own.name == *name,
        };
        if !meant {
            continue;
        }
        for target in *forbidden {
            if let Some(way) = way(&own.name, target, links) {
                let first = way.get(1).map_or(*target, String::as_str);
                let what = format!("{} reaches {target} ({})", own.name, way.join(" → "));
                findings.push(Finding::error(&own.manifest, own.line(first), what, *why));
            }
        }
    }
    findings
}

/// The shortest way from one package to another, both ends included.
fn way(from: &str, to: &str, links: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut round = vec![from];
    while !round.is_empty() {
        let mut next = Vec::new();
        for at in round {
            for link in links.get(at).into_iter().flatten() {
                if link != from && !came_from.contains_key(link.as_str()) {
                    came_from.insert(link, at);
                    next.push(link.as_str());
                }
            }
        }
        if came_from.contains_key(to) {
            let mut way: Vec<String> =
                std::iter::successors(Some(to), |at| came_from.get(at).copied()).map(Into::into).collect();
            way.reverse();
            return Some(way);
        }
        round = next;
    }
    None
}

/// Of two crates on one floor.
fn lies_below(need: &str, own: &str) -> bool {
    LOWEST_ON_ITS_FLOOR.contains(&need) && !LOWEST_ON_ITS_FLOOR.contains(&own)
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, crates)| crates.contains(&name)).map(|(floor, _)| *floor)
}

impl Crate {
    fn line(&self, need: &str) -> usize {
        let starts =
            |line: &str| line.strip_prefix(need).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
        self.manifest_text.lines().position(|line| starts(line.trim_start())).map_or(0, |at| at + 1)
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    workspace_root: String,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<NodeDep>,
}

#[derive(Deserialize)]
struct NodeDep {
    pkg: String,
    dep_kinds: Vec<DepKind>,
}

#[derive(Deserialize)]
struct DepKind {
    kind: Option<String>,
}

/// Asks cargo.
///
/// # Errors
/// When cargo fails, for instance because the lock file is not up to date.
pub fn workspace() -> Result<Workspace> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--all-features", "--locked"])
        .output()
        .context("could not start cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata failed: {}", said.trim());
    let metadata =
        serde_json::from_slice(&output.stdout).context("cargo metadata has another shape than expected")?;
    from_metadata(metadata)
}

fn from_metadata(metadata: Metadata) -> Result<Workspace> {
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    let name = |id: &str| names.get(id).copied().unwrap_or(id).to_owned();
    let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in &metadata.resolve.nodes {
        let linked = node
            .deps
            .iter()
            .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")));
        links.entry(name(&node.id)).or_default().extend(linked.map(|dep| name(&dep.pkg)));
    }
    let mut crates = Vec::new();
    for package in metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id))
    {
        let path = &package.manifest_path;
        let manifest = path.strip_prefix(&metadata.workspace_root).unwrap_or(path).trim_start_matches('/');
        crates.push(Crate {
            name: package.name.clone(),
            manifest: manifest.to_owned(),
            manifest_text: std::fs::read_to_string(path)
                .with_context(|| format!("could not read {manifest}"))?,
            needs: package.dependencies.iter().map(|dependency| dependency.name.clone()).collect(),
        });
    }
    Ok(Workspace { crates, links })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace out of `(crate, what its manifest names)`; names that are no crate of ours stand for themselves.
    fn found(crates: &[(&str, &[&str])], foreign: &[(&str, &[&str])]) -> Vec<String> {
        let links = crates
            .iter()
            .chain(foreign)
            .map(|(name, needs)| ((*name).to_owned(), needs.iter().map(|need| (*need).to_owned()).collect()));
        let crates = crates.iter().map(|(name, needs)| Crate {
            name: (*name).to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            manifest_text: needs.iter().map(|need| format!("{need}.workspace = true\n")).collect(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        });
        let workspace = Workspace { crates: crates.collect(), links: links.collect() };
        check(&workspace)
            .into_iter()
            .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
            .collect()
    }

    #[test]
    fn arrows_down_are_fine() {
        let crates: &[(&str, &[&str])] = &[
            ("canh", &["web", "watch", "store", "domain"]),
            ("web", &["store"]),
            ("store", &["sqlx", "domain", "store"]),
            ("paper", &["sandbox"]),
            ("xtask", &["letter"]),
        ];
        assert_eq!(found(crates, &[]), [""; 0]);
    }

    #[test]
    fn arrows_up_and_sideways_are_found() {
        assert_eq!(
            found(&[("domain", &["serde", "store"])], &[]),
            ["crates/domain/Cargo.toml:2: domain (floor 0) leans on store above it (floor 2)"]
        );
        assert_eq!(
            found(&[("web", &["watch"])], &[]),
            ["crates/web/Cargo.toml:1: web and watch share floor 3 and may not know each other"]
        );
        assert_eq!(
            found(&[("sandbox", &["paper"])], &[]),
            ["crates/sandbox/Cargo.toml:1: sandbox and paper share floor 2 and may not know each other"]
        );
        assert_eq!(found(&[("web", &["xtask"])], &[]), ["crates/web/Cargo.toml:1: web uses the tool xtask"]);
    }

    #[test]
    fn a_crate_without_floor_is_found() {
        assert_eq!(found(&[("helpers", &[])], &[]), ["crates/helpers/Cargo.toml:0: helpers has no floor"]);
    }

    #[test]
    fn an_engine_with_async_below_it_is_found() {
        assert_eq!(
            found(&[("letter", &["domain", "fetch"])], &[("fetch", &["pool"]), ("pool", &["tokio"])]),
            ["crates/letter/Cargo.toml:2: letter reaches tokio (letter → fetch → pool → tokio)"]
        );
    }

    #[test]
    fn sql_outside_its_door_is_found() {
        assert_eq!(
            found(&[("watch", &["sqlx"])], &[]),
            ["crates/watch/Cargo.toml:1: watch uses sqlx, which only store may know"]
        );
    }

    #[test]
    fn an_agent_that_reaches_the_store_is_found() {
        let crates: &[(&str, &[&str])] = &[("agent", &["intake"]), ("intake", &["store"])];
        assert_eq!(
            found(crates, &[]),
            ["crates/agent/Cargo.toml:1: agent reaches store (agent → intake → store)"]
        );
    }

    #[test]
    fn metadata_is_read_without_what_only_tests_use() {
        let json = r#"{
            "packages": [
                {"id": "1", "name": "letter", "manifest_path": "Cargo.toml", "dependencies": [{"name": "a"}]},
                {"id": "2", "name": "a", "manifest_path": "", "dependencies": []},
                {"id": "3", "name": "tokio", "manifest_path": "", "dependencies": []}],
            "workspace_members": ["1"], "workspace_root": "",
            "resolve": {"nodes": [{"id": "1", "deps": [
                {"pkg": "2", "dep_kinds": [{"kind": null}]}, {"pkg": "3", "dep_kinds": [{"kind": "dev"}]}]}]}
        }"#;
        let workspace =
            from_metadata(serde_json::from_str(json).expect("the shape cargo writes")).expect("read");
        assert_eq!(workspace.links["letter"], BTreeSet::from(["a".to_owned()]));
        assert_eq!(workspace.crates[0].needs, ["a"]);
    }
}
