//! The same for programs.

use crate::route::operation;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    quick_reports::{Content, Draft, Figure, Round, Rule, Said},
    right::Right,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    quick_reports::{self, Confirmed, NewReport, Report, fingerprint},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    course, desk, hour, id, key,
    sheet::{Asked, Place, chosen, place, total},
};
use crate::{Access, AppError, Json, LIMIT_FORM, Lang, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::api(see, LIMIT_FORM, operation!(due)),
        Route::api(see, LIMIT_FORM, operation!(own)),
        Route::api(Access::Right(Right::Answer), LIMIT_FORM, operation!(confirm)),
        Route::api(see, LIMIT_FORM, operation!(one)),
        Route::api(see, LIMIT_FORM, operation!(rounds)),
        Route::api(Access::Right(Right::Issue), LIMIT_FORM, operation!(set)),
        Route::api(see, LIMIT_FORM, operation!(sheet)),
    ]
}

/// A round.
#[derive(Serialize, ToSchema)]
struct RoundView {
    /// Its name within the campaign: `2027-02-06-0800`.
    round: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    opens: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
}

impl From<&Round> for RoundView {
    fn from(r: &Round) -> Self {
        Self { round: r.key(), at: r.at, since: r.since, opens: r.opens, due: r.due }
    }
}

/// One version of a report.
#[derive(Serialize, ToSchema)]
#[schema(as = QuickReportView)]
struct ReportView {
    id: String,
    assignment: String,
    /// SHA-256 of what was frozen; the audit entry `entry` carries it too.
    digest: String,
    entry: u64,
    /// Whether what is stored still has that digest.
    intact: bool,
    /// `page`, `api`, `link`.
    how: &'static str,
    late: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    superseded_at: Option<Timestamp>,
    /// What was frozen: statement, figures with both values, who was on duty, difficulties, proposals, by whom, when.
    #[schema(value_type = Object)]
    report: Content,
}

impl From<Report> for ReportView {
    fn from(r: Report) -> Self {
        Self {
            id: r.id.to_string(),
            assignment: r.assignment.to_string(),
            digest: r.digest,
            entry: r.entry,
            intact: r.intact,
            how: r.how.name(),
            late: r.late,
            superseded_at: r.superseded_at,
            report: r.content,
        }
    }
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
struct DueAsked {
    /// Whose; by default the body one works for.
    body: String,
}

/// A report of the round under way.
#[derive(Serialize, ToSchema)]
struct DueView {
    assignment: String,
    campaign: String,
    order: String,
    body: String,
    round: RoundView,
    /// The report as it stands; absent while nobody has confirmed one.
    confirmed: Option<ReportView>,
    /// Rounds before this one that are still missing.
    missing: Vec<String>,
}

/// What a body has to report now
#[utoipa::path(get, path = "/api/v1/quick-reports/due", tag = "quick reports", params(DueAsked), responses((status = 200, body = Vec<DueView>)))]
async fn due(v: Visit, Query(asked): Query<DueAsked>) -> Result<Answer<Vec<DueView>>, AppError> {
    let body = asked.body.parse().ok().or(v.user.body).ok_or(AppError::NotFound)?;
    let mut sql = v.app.db.read().await?;
    let found = quick_reports::due_now(&mut sql, v.scope(), &v.app.legal, body, v.now).await?;
    let view = |d: quick_reports::Due| DueView {
        assignment: d.assignment.to_string(),
        campaign: d.campaign.to_string(),
        order: d.name,
        body: d.body.to_string(),
        round: RoundView::from(&d.round),
        confirmed: d.report.map(ReportView::from),
        missing: d.missing.iter().map(Round::key).collect(),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// A body's report of a round.
#[derive(Serialize, ToSchema)]
struct OwnView {
    round: RoundView,
    /// What Canh knows now: figures with source and time, blank where nothing is known, and the sub-bodies' sums.
    #[schema(value_type = Object)]
    draft: Draft,
    /// Given back when confirming, it makes sure that nothing changed in between.
    seen: String,
    /// The versions confirmed, newest first.
    versions: Vec<ReportView>,
}

/// A body's report of a round: what Canh filled in, and what was confirmed
#[utoipa::path(get, path = "/api/v1/assignments/{assignment}/quick-reports/{round}", tag = "quick reports", params(("assignment" = String, Path), ("round" = String, Path)), responses((status = 200, body = OwnView)))]
async fn own(
    v: Visit,
    Path((assignment, round)): Path<(String, String)>,
) -> Result<Answer<OwnView>, AppError> {
    let mut sql = v.app.db.read().await?;
    let filled =
        quick_reports::draft(&mut sql, v.scope(), &v.app.legal, id(&assignment)?, hour(&round)?, v.now)
            .await?;
    Ok(Answer(OwnView {
        round: RoundView::from(&filled.round),
        seen: fingerprint(&filled.draft),
        draft: filled.draft,
        versions: filled.versions.into_iter().map(ReportView::from).collect(),
    }))
}

/// A figure that is stated or changed.
#[derive(Deserialize, ToSchema)]
struct Stated {
    /// `incidents`, `alerts`, `duties-met`, `duties-all`, `machines-handled`, `machines-all`, `lines-up`, `lines-all`, `outages`.
    figure: String,
    value: u32,
}

#[derive(Deserialize, ToSchema)]
struct Statement {
    /// Nothing happened: no incident, no alert.
    #[serde(default)]
    nil: bool,
    /// Figures Canh does not know, and those to be changed.
    #[serde(default)]
    figures: Vec<Stated>,
    /// Names of those on duty.
    #[serde(default)]
    on_duty: Vec<String>,
    #[serde(default)]
    difficulties: String,
    #[serde(default)]
    proposals: String,
    /// `seen` of the draft; absent: whatever Canh has filled in by now is confirmed.
    seen: Option<String>,
    /// The version this corrects; 0 or absent for the first.
    #[serde(default)]
    corrects: u32,
}

/// What was confirmed.
#[derive(Serialize, ToSchema)]
struct ConfirmedView {
    id: String,
    version: u32,
    digest: String,
    late: bool,
}

/// Confirms or corrects a body's report of a round
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/quick-reports/{round}", tag = "quick reports", params(("assignment" = String, Path), ("round" = String, Path)), request_body = Statement, responses((status = 201, body = ConfirmedView)))]
async fn confirm(
    v: Visit,
    Path((assignment, round)): Path<(String, String)>,
    Json(given): Json<Statement>,
) -> Result<(StatusCode, Answer<ConfirmedView>), AppError> {
    let figure = |s: &Stated| {
        let figure = Figure::parse(&s.figure).ok_or_else(|| AppError::Unreadable("figure".into()))?;
        Ok::<_, AppError>((figure, s.value))
    };
    let said = Said {
        nil: given.nil,
        figures: given.figures.iter().map(figure).collect::<Result<_, _>>()?,
        on_duty: given.on_duty,
        difficulties: given.difficulties,
        proposals: given.proposals,
        english: v.lang == Lang::En,
    };
    let key = key(&v);
    let (desk, report) = (desk(&v, &key), v.id());
    let new = NewReport {
        id: report,
        assignment: id(&assignment)?,
        round: hour(&round)?,
        corrects: given.corrects,
        shown: given.seen.as_deref(),
        said: &said,
    };
    let done: Result<Confirmed, StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
        quick_reports::confirm(tx, v.scope(), &desk, &new).await
    });
    let Confirmed { version, digest, late } = done?;
    Ok((StatusCode::CREATED, Answer(ConfirmedView { id: report.to_string(), version, digest, late })))
}

/// One version of a report
#[utoipa::path(get, path = "/api/v1/quick-reports/{quick}", tag = "quick reports", params(("quick" = String, Path)), responses((status = 200, body = ReportView)))]
async fn one(v: Visit, Path(quick): Path<String>) -> Result<Answer<ReportView>, AppError> {
    let found = quick_reports::report(&mut v.app.db.read().await?, v.scope(), id(&quick)?).await?;
    Ok(Answer(found.into()))
}

/// What a campaign asks for.
#[derive(Serialize, ToSchema)]
struct Rounds {
    /// Hours, minutes before and after, steps of chasing.
    #[schema(value_type = Object)]
    rule: Rule,
    /// Whether it is the legal pack's default.
    default: bool,
    rounds: Vec<RoundView>,
}

/// The hours a campaign sets, and its rounds
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/quick-reports", tag = "quick reports", params(("id" = String, Path)), responses((status = 200, body = Rounds)))]
async fn rounds(v: Visit, Path(campaign): Path<String>) -> Result<Answer<Rounds>, AppError> {
    let mut sql = v.app.db.read().await?;
    let set = quick_reports::setting(&mut sql, v.scope(), &v.app.legal, id(&campaign)?, v.now).await?;
    let rounds = set.course.rounds.iter().map(RoundView::from).collect();
    Ok(Answer(Rounds { rule: set.rule, default: set.default, rounds }))
}

/// A step of chasing.
#[derive(Deserialize, ToSchema)]
struct StepGiven {
    /// `body`, `head`, `superior`.
    to: String,
    /// Minutes from the due time; negative: before it.
    minutes: i32,
}

#[derive(Deserialize, ToSchema)]
struct RuleGiven {
    /// Whether reports are asked for.
    #[serde(default)]
    on: bool,
    /// `08:00`, one to six.
    #[serde(default)]
    hours: Vec<String>,
    /// Minutes before its hour at which a round opens.
    #[serde(default)]
    opens: u32,
    /// Minutes after its hour at which it is due.
    #[serde(default)]
    grace: u32,
    #[serde(default)]
    chase: Vec<StepGiven>,
}

/// Sets the hours of a campaign from the next round on
#[utoipa::path(put, path = "/api/v1/campaigns/{id}/quick-reports", tag = "quick reports", params(("id" = String, Path)), request_body = RuleGiven, responses((status = 204)))]
async fn set(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<RuleGiven>,
) -> Result<StatusCode, AppError> {
    use domain::quick_reports::{Audience, Step};
    let of = id(&campaign)?;
    quick_reports::setting(&mut v.app.db.read().await?, v.scope(), &v.app.legal, of, v.now).await?;
    let refused = |code: &str| AppError::Refused(code.to_owned());
    let hour = |h: &String| h.parse().map_err(|_| refused("error-quick-hours"));
    let step = |s: &StepGiven| {
        let to = Audience::parse(&s.to).ok_or_else(|| refused("error-quick-steps"))?;
        Ok::<_, AppError>(Step { to, minutes: s.minutes })
    };
    let rule = Rule {
        on: given.on,
        hours: given.hours.iter().map(hour).collect::<Result<_, AppError>>()?,
        opens: given.opens,
        grace: given.grace,
        chase: given.chase.iter().map(step).collect::<Result<_, _>>()?,
    };
    let done: Result<(), StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
        quick_reports::set_rule(tx, v.scope(), &v.app.legal, &*v.app.ids, of, rule.clone()).await
    });
    done?;
    Ok(StatusCode::NO_CONTENT)
}

/// A body's line.
#[derive(Serialize, ToSchema)]
#[schema(as = QuickReportRow)]
struct RowView {
    assignment: String,
    body: String,
    name: String,
    /// `missing`, `late`, `waiting`, `in-time`, `not-owed`.
    state: &'static str,
    reminders: u32,
    /// The campaign by which the body passed the order on.
    below: Option<String>,
    report: Option<ReportView>,
}

/// The sum of a figure.
#[derive(Serialize, ToSchema)]
struct Sum {
    figure: &'static str,
    value: u32,
}

/// A round from above.
#[derive(Serialize, ToSchema)]
struct SheetView {
    round: RoundView,
    /// Each figure over all lines shown; what nobody stated is absent, not zero.
    totals: Vec<Sum>,
    rows: Vec<RowView>,
}

/// A round from above: the sum, and a line a body
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/quick-reports/{round}", tag = "quick reports", params(("id" = String, Path), ("round" = String, Path), Asked), responses((status = 200, body = SheetView)))]
async fn sheet(
    v: Visit,
    Path((campaign, round)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Answer<SheetView>, AppError> {
    let mut sql = v.app.db.read().await?;
    let course = course(&v, &mut sql, &campaign).await?;
    let round = course.round_named(&round)?;
    let sheet = chosen(quick_reports::sheet(&mut sql, v.scope(), course, round).await?, &asked, v.now);
    let totals = Figure::ALL
        .iter()
        .filter_map(|f| total(&sheet.rows, *f).map(|value| Sum { figure: f.name(), value }))
        .collect();
    let row = |r: quick_reports::Row| RowView {
        state: match place(&r, &round, v.now) {
            Place::Missing => "missing",
            Place::Late => "late",
            Place::Waiting => "waiting",
            Place::InTime => "in-time",
            Place::NotOwed => "not-owed",
        },
        assignment: r.assignment.to_string(),
        body: r.body.to_string(),
        name: r.name,
        reminders: r.chased,
        below: r.below.map(|c| c.to_string()),
        report: r.report.map(ReportView::from),
    };
    Ok(Answer(SheetView {
        round: RoundView::from(&round),
        totals,
        rows: sheet.rows.into_iter().map(row).collect(),
    }))
}
