//! Bodies. Parents may stand below their children in the file.

use std::collections::HashSet;

use domain::{
    actor::Scope,
    body::Body,
    id::{Id, Ids, kind},
    register::BodyRow,
};

use super::{Found, Index, Report, refusal};
use crate::{
    StoreError, Tx,
    register::bodies::{Change, NewBody, create, move_to, names_of, update},
};

/// Takes bodies in; rows without a parent hang below `top` (or are `top` itself). See the module.
pub async fn bodies(
    tx: &mut Tx,
    scope: &Scope,
    top: Id<kind::Body>,
    rows: &[(u32, BodyRow)],
    ids: &dyn Ids,
) -> Result<Report, StoreError> {
    let mut index = Index::load(tx, scope).await?;
    let mut report = Report::default();
    let mut seen = HashSet::new();
    let mut waiting: Vec<&(u32, BodyRow)> = rows.iter().collect();
    // Each pass takes the rows whose parents are known; a pass that takes none ends it.
    loop {
        let mut later = Vec::new();
        let before = waiting.len();
        for &(row, ref body) in waiting {
            let parent = match index.resolve(body.parent_code.as_deref(), body.parent.as_deref(), top) {
                Found::One(parent) => parent,
                Found::Many => {
                    report.problem(row, "parent", "import-body-ambiguous", text(&body.parent));
                    continue;
                }
                Found::None => {
                    later.push((row, body));
                    continue;
                }
            };
            take(tx, scope, (top, parent), (row, body), &mut index, &mut seen, &mut report, ids).await?;
        }
        if later.is_empty() || later.len() == before {
            for (row, body) in later {
                let (column, value) = match &body.parent_code {
                    Some(code) => ("parent-code", code.as_str()),
                    None => ("parent", text(&body.parent)),
                };
                report.problem(row, column, "import-body-unknown", value);
            }
            break;
        }
        waiting = rows.iter().filter(|(row, _)| later.iter().any(|(r, _)| r == row)).collect();
    }
    if report.is_idle() {
        tx.nothing_to_do();
    }
    Ok(report.in_order())
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("")
}

#[allow(clippy::too_many_arguments)] // the loop's own state
async fn take(
    tx: &mut Tx,
    scope: &Scope,
    (top, parent): (Id<kind::Body>, Id<kind::Body>),
    (row, body): (u32, &BodyRow),
    index: &mut Index,
    seen: &mut HashSet<Id<kind::Body>>,
    report: &mut Report,
    ids: &dyn Ids,
) -> Result<(), StoreError> {
    let old = existing(index, top, parent, body);
    if let Some(old) = &old
        && !seen.insert(old.id)
    {
        report.problem(row, "name", "import-twice", &body.name);
        return Ok(());
    }
    let (new, outcome) = match &old {
        None => (true, make(tx, scope, parent, body, ids).await),
        Some(old) => {
            let placed = body.parent.is_some() || body.parent_code.is_some();
            let to = (placed && old.parent.is_some() && old.parent != Some(parent) && old.id != parent)
                .then_some(parent);
            (false, change(tx, scope, old, to, body).await)
        }
    };
    match outcome {
        Ok((now, fields)) => {
            seen.insert(now.id);
            report.line(row, &body.name, new, fields);
            for alias in &body.aliases {
                index.add_name(now.id, alias);
            }
            index.add(now);
        }
        Err(error) => {
            let code = refusal(error)?;
            let (column, value) = match code {
                "body-code-bad" | "body-code-taken" => ("code", text(&body.code)),
                "import-cell-empty" => ("kind", ""),
                "body-aliases-many" => ("aliases", ""),
                "body-renamed-before" | "body-renamed-later" => ("from", body.name.as_str()),
                "body-parent-closed" | "body-cycle" | "body-is-root" | "import-not-yours" => {
                    ("parent", index.name_of(parent))
                }
                _ => ("name", body.name.as_str()),
            };
            report.problem(row, column, code, value);
        }
    }
    Ok(())
}

/// The body a row means: by code; else by name below its parent, or the top itself.
fn existing(index: &Index, top: Id<kind::Body>, parent: Id<kind::Body>, row: &BodyRow) -> Option<Body> {
    if let Some(id) = row.code.as_ref().and_then(|c| index.by_code.get(c)) {
        return index.all.get(id).cloned();
    }
    let placed = row.parent.is_some() || row.parent_code.is_some();
    let ids = index.by_name.get(&row.name.to_lowercase())?;
    let fits = |b: &&Body| {
        let here = b.parent == Some(parent) || (!placed && b.id == top);
        // Another code is another body, which its siblings' names then refuse.
        here && (row.code.is_none() || b.code.is_none() || row.code == b.code)
    };
    let same: Vec<&Body> = ids.iter().filter_map(|id| index.all.get(id)).filter(fits).collect();
    // An official name goes before an alias.
    let official = same.iter().find(|b| b.name.to_lowercase() == row.name.to_lowercase());
    official.or(same.first()).map(|b| (*b).clone())
}

async fn make(
    tx: &mut Tx,
    scope: &Scope,
    parent: Id<kind::Body>,
    row: &BodyRow,
    ids: &dyn Ids,
) -> Result<(Body, Vec<&'static str>), StoreError> {
    let kind = row.kind.ok_or(StoreError::Refused("import-cell-empty"))?;
    let new = NewBody {
        id: Id::new(ids),
        parent: Some(parent),
        kind,
        name: row.name.clone(),
        code: row.code.clone(),
        from: row.from,
        aliases: row.aliases.clone(),
    };
    create(tx, scope, &new).await?;
    let body =
        Body { id: new.id, parent: Some(parent), kind, name: new.name, code: new.code, closed_at: None };
    Ok((body, Vec::new()))
}

async fn change(
    tx: &mut Tx,
    scope: &Scope,
    old: &Body,
    to: Option<Id<kind::Body>>,
    row: &BodyRow,
) -> Result<(Body, Vec<&'static str>), StoreError> {
    let names = names_of(tx, old.id).await?;
    let old_aliases: Vec<String> = names.iter().filter(|n| n.alias).map(|n| n.text.clone()).collect();
    let aliases = if row.aliases.is_empty() { old_aliases.clone() } else { row.aliases.clone() };
    // Matched by an alias, or by letters alone, it keeps the name and the capitals it has.
    let said = row.name.to_lowercase();
    let known_as = names.iter().any(|n| n.until.is_none() && n.text.to_lowercase() == said);
    let new = Body {
        id: old.id,
        parent: to.or(old.parent),
        kind: row.kind.unwrap_or(old.kind),
        name: if known_as { old.name.clone() } else { row.name.clone() },
        code: row.code.clone().or_else(|| old.code.clone()),
        closed_at: None,
    };
    let mut fields = Vec::new();
    for (differs, key) in [
        (new.name != old.name, "name"),
        (new.code != old.code, "code"),
        (new.kind != old.kind, "kind"),
        (new.parent != old.parent, "parent"),
        (aliases != old_aliases, "aliases"),
    ] {
        if differs {
            fields.push(key);
        }
    }
    if fields.is_empty() {
        return Ok((new, fields));
    }
    if let Some(to) = to {
        move_to(tx, scope, old.id, to).await?;
    }
    let change = Change {
        kind: new.kind,
        name: new.name.clone(),
        renamed_on: row.from,
        code: new.code.clone(),
        aliases,
    };
    if fields != ["parent"] {
        update(tx, scope, old.id, &change).await?;
    }
    Ok((new, fields))
}
