//! Counts in the API: the same acts as on the pages.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    counts::{Comparison, Kind, Source},
    id::{Id, kind},
    right::Right,
    time,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::counts::{self, Filter};
use utoipa::{IntoParams, ToSchema};

use super::act::{self, LIMIT_LIST, write};
use crate::{Access, AppError, Json, LIMIT_FORM, Route, Upload, Visit, act::id};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::api(see, LIMIT_FORM, operation!(all)),
        Route::api(see, LIMIT_FORM, operation!(of_body)),
        Route::api(see, LIMIT_FORM, operation!(record)),
        Route::api(see, LIMIT_LIST, operation!(take_in)),
        Route::api(see, LIMIT_FORM, operation!(withdraw)),
    ]
}

/// One source beside the register.
#[derive(Serialize, ToSchema)]
struct SourceOut {
    /// `directory`, `dhcp`, `anti-malware`, `staff`, `other`.
    source: &'static str,
    /// What it counted.
    n: u32,
    /// How many machines that makes credible.
    machines: u32,
    /// The day of the list.
    on: String,
    /// `agrees`, `more`, `fewer`, `stale`.
    differs: &'static str,
}

/// The register beside everybody else's count.
#[derive(Serialize, ToSchema)]
struct MachinesOut {
    body: String,
    registered: u32,
    /// The largest credible number.
    all: u32,
    /// Whether the register falls short of a fresh count.
    short: bool,
    /// Whether there are counts and none is fresh.
    stale: bool,
    sources: Vec<SourceOut>,
}

fn machines(body: Id<kind::Body>, found: &Comparison) -> MachinesOut {
    let source = |l: &domain::counts::Line| SourceOut {
        source: l.source.name(),
        n: l.n,
        machines: l.machines,
        on: l.on.to_string(),
        differs: l.differs.name(),
    };
    MachinesOut {
        body: body.to_string(),
        registered: found.registered,
        all: found.all(),
        short: found.more().is_some(),
        stale: found.stale(),
        sources: found.lines.iter().map(source).collect(),
    }
}

/// One count as it was recorded.
#[derive(Serialize, ToSchema)]
struct CountOut {
    id: String,
    source: &'static str,
    /// `servers`, `workstations`, `all`, `staff`.
    kind: &'static str,
    n: u32,
    on: String,
    note: String,
    /// SHA-256 of the list; `GET /api/v1/files/{sha256}` gives it.
    file: Option<String>,
    /// Lines of the list that did not count, by reason.
    left_out: std::collections::BTreeMap<String, u32>,
    at: String,
    by: Option<String>,
    withdrawn_at: Option<String>,
    withdrawn_why: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BodyCountsOut)]
struct BodyOut {
    machines: MachinesOut,
    counts: Vec<CountOut>,
}

#[derive(Serialize, ToSchema)]
struct ListOut {
    items: Vec<MachinesOut>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Part of a body's name.
    q: Option<String>,
    /// In the subtree of that body.
    under: Option<String>,
    /// Only where the register falls short.
    #[serde(default)]
    short: bool,
}

#[utoipa::path(get, path = "/api/v1/counts", tag = "register", params(Asked), responses((status = 200, body = ListOut)))]
async fn all(v: Visit, Query(asked): Query<Asked>) -> Result<Out<ListOut>, AppError> {
    let under = asked.under.as_deref().filter(|u| !u.is_empty()).map(id).transpose()?;
    let filter = Filter { text: asked.q, under };
    let mut sql = v.app.db.read().await?;
    let gaps = counts::gaps(&mut sql, v.scope(), v.pack(), &filter, time::date(v.now)).await?;
    let items = gaps.iter().filter(|g| !asked.short || g.machines.more().is_some());
    Ok(Out(ListOut { items: items.map(|g| machines(g.body, &g.machines)).collect() }))
}

#[utoipa::path(get, path = "/api/v1/bodies/{id}/counts", tag = "register", responses((status = 200, body = BodyOut)))]
async fn of_body(v: Visit, Path(body): Path<String>) -> Result<Out<BodyOut>, AppError> {
    shown(&v, id(&body)?).await
}

async fn shown(v: &Visit, body: Id<kind::Body>) -> Result<Out<BodyOut>, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = counts::of(&mut sql, v.scope(), v.pack(), &[body], time::date(v.now)).await?;
    let machines = machines(body, found.get(&body).ok_or(AppError::NotFound)?);
    let counts = counts::history(&mut sql, v.scope(), body).await?.into_iter().map(count).collect();
    Ok(Out(BodyOut { machines, counts }))
}

fn count(c: counts::Count) -> CountOut {
    CountOut {
        id: c.id.to_string(),
        source: c.source.name(),
        kind: c.kind.name(),
        n: c.n,
        on: c.on.to_string(),
        note: c.note,
        file: c.sha256,
        left_out: c.left_out.into_iter().map(|(why, n)| (why.name().to_owned(), n)).collect(),
        at: c.at.to_string(),
        by: c.by,
        withdrawn_at: c.withdrawn_at.map(|t| t.to_string()),
        withdrawn_why: c.withdrawn_why,
    }
}

/// A count by hand.
#[derive(Deserialize, ToSchema)]
struct CountIn {
    #[schema(value_type = String)]
    source: Source,
    #[schema(value_type = String)]
    kind: Kind,
    n: u32,
    /// The day of the list; today if absent.
    #[schema(value_type = Option<String>)]
    on: Option<Date>,
    #[serde(default)]
    note: String,
}

#[utoipa::path(post, path = "/api/v1/bodies/{id}/counts", tag = "register", request_body = CountIn, responses((status = 201, body = BodyOut)))]
async fn record(
    v: Visit,
    Path(body): Path<String>,
    Json(new): Json<CountIn>,
) -> Result<(StatusCode, Out<BodyOut>), AppError> {
    let body = id(&body)?;
    act::by_hand(&v, body, new.source, &[(new.kind, new.n)], new.on, &new.note).await?;
    Ok((StatusCode::CREATED, shown(&v, body).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListIn {
    /// `directory`, `dhcp`, `anti-malware`, `staff`, `other`.
    #[param(value_type = String)]
    source: Source,
    /// The day of the list; today if absent.
    #[param(value_type = Option<String>)]
    on: Option<Date>,
    /// Only say what it comes to.
    #[serde(default)]
    dry_run: bool,
}

/// What a list came to.
#[derive(Serialize, ToSchema)]
struct TallyOut {
    /// By kind: `servers`, `workstations`, `all`, `staff`.
    counts: std::collections::BTreeMap<&'static str, u32>,
    /// Lines that did not count, by reason: `nameless`, `twice`, `off`, `unseen`, `chance`.
    left_out: std::collections::BTreeMap<&'static str, u32>,
}

/// Counts a list: a directory's or console's export (CSV, XLSX), DHCP leases (ISC, dnsmasq, Windows' CSV), a staff list.
/// The file is a multipart field `file`.
#[utoipa::path(post, path = "/api/v1/bodies/{id}/counts/file", tag = "register", params(("id" = String, Path), ListIn),
    responses((status = 200, body = TallyOut)))]
async fn take_in(
    v: Visit,
    Path(body): Path<String>,
    Query(how): Query<ListIn>,
    upload: Upload,
) -> Result<Out<TallyOut>, AppError> {
    let body = id(&body)?;
    act::may(&v, body).await?;
    let file = upload.files.first().ok_or_else(|| AppError::Unreadable("no file".into()))?;
    let tally = if how.dry_run {
        act::look(&v, how.source, how.on.unwrap_or_else(|| time::date(v.now)), &file.bytes).await?
    } else {
        act::from_list(&v, body, how.source, how.on, (&file.name, &file.bytes)).await?
    };
    Ok(Out(TallyOut {
        counts: tally.counts.iter().map(|(kind, n)| (kind.name(), *n)).collect(),
        left_out: tally.left_out.iter().map(|(why, n)| (why.name(), *n)).collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
struct WhyIn {
    why: String,
}

#[utoipa::path(post, path = "/api/v1/counts/{id}/withdraw", tag = "register", request_body = WhyIn, responses((status = 200, body = BodyOut)))]
async fn withdraw(
    v: Visit,
    Path(count): Path<String>,
    Json(why): Json<WhyIn>,
) -> Result<Out<BodyOut>, AppError> {
    let count = id(&count)?;
    let body = write!(v, tx => counts::withdraw(tx, v.scope(), &*v.app.ids, count, &why.why).await)?;
    shown(&v, body).await
}
