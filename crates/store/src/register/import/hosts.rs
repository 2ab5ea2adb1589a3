//! Hosts. A row is matched by any of its names within its body, so a table that came out goes in again without a change.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    host::{Host, Key},
    id::{Id, Ids, kind},
    register::HostRow,
    right::Right,
};

use super::{Found, Index, Report, refusal};
use crate::{
    Query, StoreError, Tx,
    hosts::{self, Source, add, update},
};

/// What hosts and systems there are, by body and name.
struct Known {
    hosts: HashMap<(Id<kind::Body>, String), Id<kind::Host>>,
    systems: HashMap<String, Vec<Served>>,
}

/// A system and a body that owns or runs it.
type Served = (Id<kind::System>, Id<kind::Body>);

/// Takes hosts in; rows without a body belong to `top`. See the module.
pub async fn hosts(
    tx: &mut Tx,
    scope: &Scope,
    top: Id<kind::Body>,
    rows: &[(u32, HostRow)],
    ids: &dyn Ids,
) -> Result<Report, StoreError> {
    let index = Index::load(tx, scope).await?;
    let mut known = Known::load(tx, scope).await?;
    let mut report = Report::default();
    let mut seen = HashSet::new();
    for (row, line) in rows {
        let (column, value) = match &line.body_code {
            Some(code) => ("body-code", code.as_str()),
            None => ("body", line.body.as_deref().unwrap_or("")),
        };
        let body = match index.resolve(line.body_code.as_deref(), line.body.as_deref(), top) {
            Found::One(body) => body,
            Found::None => {
                report.problem(*row, column, "import-body-unknown", value);
                continue;
            }
            Found::Many => {
                report.problem(*row, column, "import-body-ambiguous", value);
                continue;
            }
        };
        let system = match line.system.as_deref().map(|name| known.system(name, body)) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(code)) => {
                report.problem(*row, "host-system", code, line.system.as_deref().unwrap_or(""));
                continue;
            }
        };
        if !seen.insert((body, look(&line.name))) {
            report.problem(*row, "host", "import-twice", &line.name);
            continue;
        }
        let names = std::iter::once(&line.name).chain(&line.names);
        let old = names.clone().find_map(|n| known.hosts.get(&(body, look(n))).copied());
        let outcome = match old {
            None => {
                let new = Host {
                    id: Id::new(ids),
                    body,
                    system,
                    names: names.cloned().collect(),
                    kind: line.kind,
                    in_charge: line.in_charge.clone(),
                    note: line.note.clone(),
                };
                let added = add(tx, scope, &new, Source::List).await.map(|()| Vec::new());
                if added.is_ok() {
                    known.hosts.extend(new.names.iter().map(|n| ((body, look(n)), new.id)));
                }
                added
            }
            Some(id) => change(tx, scope, id, system, line).await,
        };
        match outcome {
            Ok(fields) => report.line(*row, &line.name, old.is_none(), fields),
            Err(error) => {
                let code = refusal(error)?;
                let (column, value) = match code {
                    "host-note-bad" => ("note", ""),
                    "host-in-charge-bad" => ("in-charge", line.in_charge.as_deref().unwrap_or("")),
                    "host-system-bad" => ("host-system", line.system.as_deref().unwrap_or("")),
                    "import-not-yours" => ("body", index.name_of(body)),
                    _ => ("host", line.name.as_str()),
                };
                report.problem(*row, column, code, value);
            }
        }
    }
    if report.is_idle() {
        tx.nothing_to_do();
    }
    Ok(report.in_order())
}

/// Case aside, and one writing of an address.
fn look(name: &str) -> String {
    Key::named(name).map_or_else(|| name.trim().to_lowercase(), |key| key.value)
}

impl Known {
    async fn load(tx: &mut Tx, scope: &Scope) -> Result<Self, StoreError> {
        let mut query = Query::new(
            "select h.id, h.body, k.value from host_key k join host h on h.id = k.host where h.closed_at is null and",
        );
        query.visible(scope, Right::See, "h.body").push("order by k.told, h.id");
        let mut hosts = HashMap::new();
        for row in query.rows(tx).await? {
            hosts.insert((row.id("body")?, row.text("value")?.to_lowercase()), row.id("id")?);
        }
        let mut query = Query::new(
            "select s.id, s.body, s.operator, s.name from system s where s.closed_at is null and (",
        );
        query.visible(scope, Right::See, "s.body").push("or");
        query.visible(scope, Right::See, "s.operator").push(") order by s.id");
        let mut systems: HashMap<String, Vec<Served>> = HashMap::new();
        for row in query.rows(tx).await? {
            let of = systems.entry(row.text("name")?.to_lowercase()).or_default();
            of.push((row.id("id")?, row.id("body")?));
            if let Some(operator) = row.opt_id("operator")? {
                of.push((row.id("id")?, operator));
            }
        }
        Ok(Self { hosts, systems })
    }

    /// The system of that name: the body's own first, else the only one there is.
    fn system(&self, name: &str, body: Id<kind::Body>) -> Result<Id<kind::System>, &'static str> {
        let all = self.systems.get(&name.trim().to_lowercase()).ok_or("import-system-unknown")?;
        if let Some((id, _)) = all.iter().find(|(_, of)| *of == body) {
            return Ok(*id);
        }
        let ids: HashSet<_> = all.iter().map(|(id, _)| *id).collect();
        match (ids.len(), all.first()) {
            (1, Some((id, _))) => Ok(*id),
            _ => Err("import-system-ambiguous"),
        }
    }
}

async fn change(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Host>,
    system: Option<Id<kind::System>>,
    row: &HostRow,
) -> Result<Vec<&'static str>, StoreError> {
    let old = hosts::get(tx, scope, id).await?.host;
    // What it is called and what a person told stays; the table adds to it.
    let mut names: Vec<String> = old.names.first().cloned().into_iter().collect();
    for name in hosts::told(tx, id).await? {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let before = names.len();
    for name in std::iter::once(&row.name).chain(&row.names) {
        let known = names.iter().chain(&old.names).any(|n| look(n) == look(name));
        if !known {
            names.push(name.clone());
        }
    }
    let changed_names = names.len() != before;
    let new = Host {
        system: system.or(old.system),
        kind: row.kind.or(old.kind),
        in_charge: row.in_charge.clone().or_else(|| old.in_charge.clone()),
        note: row.note.clone().or_else(|| old.note.clone()),
        names,
        ..old.clone()
    };
    let fields: Vec<&'static str> = [
        (changed_names, "host-names"),
        (new.system != old.system, "host-system"),
        (new.kind != old.kind, "host-kind"),
        (new.in_charge != old.in_charge, "in-charge"),
        (new.note != old.note, "note"),
    ]
    .into_iter()
    .filter_map(|(differs, key)| differs.then_some(key))
    .collect();
    if !fields.is_empty() {
        update(tx, scope, &new).await?;
    }
    Ok(fields)
}
