//! Lines of operators.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    line::LineKind,
    register::LineRow,
    right::Right,
};

use super::{Found, Index, Report, refusal};
use crate::{
    Query, Row, StoreError, Tx,
    lines::{NewLine, change, create},
};

/// Takes lines in; rows without a body belong to `top`. A line is found again by its mark, else by its name, within its
/// body. See the module.
pub async fn lines(
    tx: &mut Tx,
    scope: &Scope,
    top: Id<kind::Body>,
    rows: &[(u32, LineRow)],
    ids: &dyn Ids,
) -> Result<Report, StoreError> {
    let index = Index::load(tx, scope).await?;
    let known = Known::load(tx, scope).await?;
    let mut report = Report::default();
    let mut seen = HashSet::new();
    for (row, line) in rows {
        let body = match index.resolve(line.body_code.as_deref(), line.body.as_deref(), top) {
            Found::One(body) => body,
            other => {
                let value = line.body_code.as_deref().or(line.body.as_deref()).unwrap_or("");
                report.problem(*row, "body", unresolved(&other), value);
                continue;
            }
        };
        let served = match (&line.served_code, &line.served) {
            (None, None) => None,
            (code, name) => match index.resolve(code.as_deref(), name.as_deref(), top) {
                Found::One(served) => Some(served),
                other => {
                    let value = code.as_deref().or(name.as_deref()).unwrap_or("");
                    report.problem(*row, "served", unresolved(&other), value);
                    continue;
                }
            },
        };
        if !seen.insert((body, line.name.to_lowercase())) {
            report.problem(*row, "line", "import-twice", &line.name);
            continue;
        }
        let old = known.of(body, line);
        let new = told(line, old, Id::new(ids), body, served);
        let fields = old.map(|old| differs(old, &new)).unwrap_or_default();
        let outcome = match old {
            None => create(tx, scope, &new).await,
            Some(_) if fields.is_empty() => Ok(()),
            Some(_) => change(tx, scope, &new).await,
        };
        match outcome {
            Ok(()) => report.line(*row, &line.name, old.is_none(), fields),
            Err(error) => {
                let code = refusal(error)?;
                let (column, value) = match code {
                    "import-not-yours" => ("body", index.name_of(body)),
                    "line-code" => ("line-code", line.code.as_deref().unwrap_or("")),
                    _ => ("line", line.name.as_str()),
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

fn unresolved(found: &Found) -> &'static str {
    if matches!(found, Found::Many) { "import-body-ambiguous" } else { "import-body-unknown" }
}

/// The line as the row tells it; an empty cell keeps what stands.
fn told(
    row: &LineRow,
    old: Option<&NewLine>,
    id: Id<kind::Line>,
    body: Id<kind::Body>,
    served: Option<Id<kind::Body>>,
) -> NewLine {
    let keep = |text: &Option<String>, of: fn(&NewLine) -> &String| {
        text.clone().or_else(|| old.map(|o| of(o).clone())).unwrap_or_default()
    };
    NewLine {
        id: old.map_or(id, |o| o.id),
        body,
        served: served.or(old.and_then(|o| o.served)),
        name: row.name.clone(),
        kind: row.kind,
        provider: keep(&row.provider, |o| &o.provider),
        code: keep(&row.code, |o| &o.code),
        capacity: keep(&row.capacity, |o| &o.capacity),
        hotline: keep(&row.hotline, |o| &o.hotline),
    }
}

fn differs(old: &NewLine, new: &NewLine) -> Vec<&'static str> {
    let all = [
        (old.code != new.code, "line-code"),
        (old.name != new.name, "line"),
        (old.kind != new.kind, "line-kind"),
        (old.served != new.served, "served"),
        (old.provider != new.provider, "provider"),
        (old.capacity != new.capacity, "capacity"),
        (old.hotline != new.hotline, "hotline"),
    ];
    all.into_iter().filter(|(differs, _)| *differs).map(|(_, key)| key).collect()
}

type Key = (Id<kind::Body>, String);

/// The lines in use that may be changed.
struct Known {
    all: Vec<NewLine>,
    by_code: HashMap<Key, usize>,
    by_name: HashMap<Key, usize>,
}

impl Known {
    async fn load(tx: &mut Tx, scope: &Scope) -> Result<Self, StoreError> {
        let mut query = Query::new("select l.* from line l where l.closed_at is null and");
        query.visible(scope, Right::See, "l.body");
        let rows = query.rows(tx).await?;
        let all: Vec<NewLine> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let by = |of: fn(&NewLine) -> &String| {
            let named = all.iter().enumerate().filter(|(_, l)| !of(l).is_empty());
            named.map(|(n, l)| ((l.body, of(l).to_lowercase()), n)).collect()
        };
        Ok(Self { by_code: by(|l| &l.code), by_name: by(|l| &l.name), all })
    }
    fn of(&self, body: Id<kind::Body>, row: &LineRow) -> Option<&NewLine> {
        let by_code = row.code.as_ref().and_then(|code| self.by_code.get(&(body, code.to_lowercase())));
        let found = by_code.or_else(|| self.by_name.get(&(body, row.name.to_lowercase())))?;
        self.all.get(*found)
    }
}

fn read(row: &Row) -> Result<NewLine, StoreError> {
    Ok(NewLine {
        id: row.id("id")?,
        body: row.id("body")?,
        served: row.opt_id("served")?,
        name: row.text("name")?,
        kind: row.word("kind", LineKind::parse)?,
        provider: row.text("provider")?,
        code: row.text("code")?,
        capacity: row.text("capacity")?,
        hotline: row.text("hotline")?,
    })
}
