//! Information systems.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    level::Detail,
    register::SystemRow,
    right::Right,
    system::System,
};

use super::{Found, Index, Report, refusal};
use crate::{
    Query, StoreError, Tx,
    register::{
        levels,
        systems::{create, owned, update},
    },
};

/// Takes systems in; rows without an owner belong to `top`. See the module.
pub async fn systems(
    tx: &mut Tx,
    scope: &Scope,
    top: Id<kind::Body>,
    rows: &[(u32, SystemRow)],
    ids: &dyn Ids,
) -> Result<Report, StoreError> {
    let index = Index::load(tx, scope).await?;
    let mut query = Query::new("select s.id, s.body, s.name from system s where s.closed_at is null and");
    query.visible(scope, Right::See, "s.body");
    let mut known: HashMap<(Id<kind::Body>, String), Id<kind::System>> = HashMap::new();
    for row in query.rows(tx).await? {
        known.insert((row.id("body")?, row.text("name")?.to_lowercase()), row.id("id")?);
    }
    let mut report = Report::default();
    let mut seen = HashSet::new();
    'rows: for (row, system) in rows {
        let mut found = [None, None];
        let columns = [
            (&system.body_code, &system.body, "body-code", "body", true),
            (&system.operator_code, &system.operator, "operator-code", "operator", false),
        ];
        for (place, (code, name, code_key, key, needed)) in found.iter_mut().zip(columns) {
            if !needed && code.is_none() && name.is_none() {
                continue;
            }
            let (column, value) = match code {
                Some(code) => (code_key, code.as_str()),
                None => (key, name.as_deref().unwrap_or("")),
            };
            match index.resolve(code.as_deref(), name.as_deref(), top) {
                Found::One(body) => *place = Some(body),
                Found::None => {
                    report.problem(*row, column, "import-body-unknown", value);
                    continue 'rows;
                }
                Found::Many => {
                    report.problem(*row, column, "import-body-ambiguous", value);
                    continue 'rows;
                }
            }
        }
        let [body, operator] = found;
        let body = body.unwrap_or(top);
        if !seen.insert((body, system.name.to_lowercase())) {
            report.problem(*row, "name", "import-twice", &system.name);
            continue;
        }
        let old = known.get(&(body, system.name.to_lowercase())).copied();
        let outcome = match old {
            None => {
                let new = System {
                    id: Id::new(ids),
                    body,
                    operator,
                    name: system.name.clone(),
                    level: system.level,
                    important: system.important.unwrap_or(false),
                    personal_data: system.personal_data.unwrap_or(false),
                    national_platform: system.national_platform.unwrap_or(false),
                };
                let (detail, fields) = system.detail(&Detail::default());
                match create(tx, scope, &new, system.note.as_deref()).await {
                    Ok(()) if !fields.is_empty() => levels::set(tx, scope, new.id, &detail).await,
                    done => done,
                }
                .map(|()| Vec::new())
            }
            Some(id) => change(tx, scope, id, operator, system).await,
        };
        match outcome {
            Ok(fields) => report.line(*row, &system.name, old.is_none(), fields),
            Err(error) => {
                let code = refusal(error)?;
                let (column, value) = match code {
                    "system-note-bad" => ("note", ""),
                    "system-detail-long" => ("services", ""),
                    "system-decision-future" => ("decision-date", ""),
                    "system-approved-undecided" => ("decision", ""),
                    "import-not-yours" => ("body", index.name_of(body)),
                    _ => ("name", system.name.as_str()),
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

async fn change(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::System>,
    operator: Option<Id<kind::Body>>,
    row: &SystemRow,
) -> Result<Vec<&'static str>, StoreError> {
    let entry = owned(tx, scope, id).await?;
    let old = &entry.system;
    let new = System {
        operator: operator.filter(|o| *o != old.body).or(old.operator),
        level: row.level.or(old.level),
        important: row.important.unwrap_or(old.important),
        personal_data: row.personal_data.unwrap_or(old.personal_data),
        national_platform: row.national_platform.unwrap_or(old.national_platform),
        ..old.clone()
    };
    let note = row.note.as_deref().or(entry.note.as_deref());
    let mut fields = Vec::new();
    for (differs, key) in [
        (new.operator != old.operator, "operator"),
        (new.level != old.level, "level"),
        (new.important != old.important, "important"),
        (new.personal_data != old.personal_data, "personal-data"),
        (new.national_platform != old.national_platform, "national-platform"),
        (note != entry.note.as_deref(), "note"),
    ] {
        if differs {
            fields.push(key);
        }
    }
    if !fields.is_empty() {
        update(tx, scope, &new, note).await?;
    }
    let (detail, more) = row.detail(&levels::detail(tx, scope, id).await?);
    if !more.is_empty() {
        levels::set(tx, scope, id, &detail).await?;
    }
    fields.extend(more);
    Ok(fields)
}
