//! Notices and bulletins through the API.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    notice::{Audience, NoticeState, Quiz, Rates, Schedule},
    right::Right,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::notices::{
    self, BodyFilter, NewNotice, NoticeFilter, Opening, PeopleFilter, PersonState, bulletins,
};
use utoipa::{IntoParams, ToSchema};

use super::{id, rules, write};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{Made, made},
};

/// Rows of a list at most.
const LIMIT_MAX: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    let (prepare, issuing) = (Access::Right(Right::Prepare), Access::Right(Right::Issue));
    vec![
        Route::api(see, LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(create)),
        Route::api(see, LIMIT_FORM, route!(get)),
        Route::api(issuing, LIMIT_FORM, route!(issue)),
        Route::api(issuing, LIMIT_FORM, route!(cancel)),
        Route::api(see, LIMIT_FORM, route!(bodies)),
        Route::api(Access::Right(Right::Read), LIMIT_FORM, route!(people)),
        Route::api(Access::Right(Right::Review), LIMIT_FORM, route!(super::excuses::excuse)),
        Route::api(Access::Right(Right::Review), LIMIT_FORM, route!(super::excuses::expect)),
        Route::api(see, LIMIT_FORM, route!(list_bulletins)),
        Route::api(prepare, LIMIT_FORM, route!(create_bulletin)),
        Route::api(see, LIMIT_FORM, route!(communes)),
        Route::api(issuing, LIMIT_FORM, route!(issue_bulletin)),
        Route::api(Access::Right(Right::Answer), LIMIT_FORM, route!(receipt)),
    ]
}

/// A notice with its figures.
#[derive(Debug, Serialize, ToSchema)]
struct NoticeItem {
    id: String,
    /// The body that issues it.
    body: String,
    body_name: String,
    campaign: Option<String>,
    title: String,
    /// `draft`, `issued`, `closed`, `cancelled`.
    state: String,
    opens_at: Option<String>,
    closes_at: Option<String>,
    recipients: u32,
    /// Of them excused with a reason; not waited for.
    excused: u32,
    /// Whose mail server took the letter.
    delivered: u32,
    /// Who opened it by pressing the button.
    opened: u32,
    committed: u32,
    /// Recipients who are asked a quiz.
    asked: u32,
    passed: u32,
}

fn item(n: &notices::Notice, r: &Rates) -> NoticeItem {
    NoticeItem {
        id: n.id.to_string(),
        body: n.body.to_string(),
        body_name: n.body_name.clone(),
        campaign: n.campaign.map(|c| c.to_string()),
        title: n.title.clone(),
        state: n.state.to_string(),
        opens_at: n.opens_at.map(|t| t.to_string()),
        closes_at: n.closes_at.map(|t| t.to_string()),
        recipients: r.recipients,
        excused: r.excused,
        delivered: r.delivered,
        opened: r.opened,
        committed: r.committed,
        asked: r.asked,
        passed: r.passed,
    }
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct NoticeQuery {
    /// Words to look for.
    q: String,
    /// Only in this state.
    state: String,
    /// Only of this campaign.
    campaign: String,
}

/// Notices, newest first; at most 1,000.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", params(NoticeQuery),
    responses((status = 200, body = Vec<NoticeItem>)))]
async fn list(v: Visit, Query(asked): Query<NoticeQuery>) -> Result<Response, AppError> {
    let filter = NoticeFilter {
        state: NoticeState::parse(&asked.state),
        campaign: asked.campaign.parse().ok(),
        q: &asked.q,
        after: None,
    };
    let rows = notices::list(&mut v.app.db.read().await?, v.scope(), &filter, LIMIT_MAX).await?;
    Ok(Answer(rows.iter().map(|r| item(&r.notice, &r.rates)).collect::<Vec<_>>()).into_response())
}

/// A notice to be begun.
#[derive(Debug, Deserialize, ToSchema)]
struct NoticeDraft {
    /// The body that issues it.
    body: String,
    title: String,
    text: String,
    /// `vi` or `en`.
    #[serde(default)]
    lang: String,
    #[serde(default)]
    campaign: Option<String>,
    /// `{tops: [body], roles: [role], lists: [list]}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    audience: Audience,
    /// `{questions: [{ask, options, right, because}], pass_percent, attempts}`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    quiz: Option<Quiz>,
}

/// Begins a notice.
#[utoipa::path(post, path = "/api/v1/notices", tag = "notices", request_body = NoticeDraft,
    responses((status = 201, body = Made)))]
async fn create(v: Visit, Json(draft): Json<NoticeDraft>) -> Result<Response, AppError> {
    let rules = rules(&v)?;
    let words = notices::Words {
        title: draft.title,
        text: draft.text,
        lang: draft.lang,
        quiz: draft.quiz.unwrap_or_default(),
        audience: draft.audience,
        campaign: draft.campaign.map(|c| id(&c)).transpose()?,
    };
    let new = NewNotice { id: v.id(), body: id(&draft.body)?, template: None, words };
    write!(v, tx => notices::create(tx, v.scope(), rules, &new).await)?;
    Ok(made(new.id))
}

/// One notice with its figures.
#[utoipa::path(get, path = "/api/v1/notices/{notice}", tag = "notices", params(("notice" = String, Path)),
    responses((status = 200, body = NoticeItem)))]
async fn get(v: Visit, Path(notice): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), id(&notice)?).await?;
    let rates = notices::rates(&mut sql, v.scope(), &notice).await?;
    Ok(Answer(item(&notice, &rates)).into_response())
}

/// When a notice goes out and closes.
#[derive(Debug, Deserialize, ToSchema)]
struct NoticeTimes {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    opens: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    closes: Option<Timestamp>,
}

/// Sends a notice; recipients and letters follow.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/issue", tag = "notices", request_body = NoticeTimes,
    params(("notice" = String, Path)), responses((status = 204)))]
async fn issue(
    v: Visit,
    Path(notice): Path<String>,
    Json(times): Json<NoticeTimes>,
) -> Result<Response, AppError> {
    let (at, rules) = (id(&notice)?, rules(&v)?);
    let opening = Opening { opens: times.opens, closes: times.closes };
    write!(v, tx => notices::issue(tx, v.scope(), rules, &*v.app.ids, at, opening).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Takes a notice back.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/cancel", tag = "notices", params(("notice" = String, Path)),
    responses((status = 204)))]
async fn cancel(v: Visit, Path(notice): Path<String>, _: ApiGuard) -> Result<Response, AppError> {
    let at = id(&notice)?;
    write!(v, tx => notices::cancel(tx, v.scope(), &*v.app.ids, at).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The figures of one body.
#[derive(Debug, Serialize, ToSchema)]
struct NoticeBody {
    body: String,
    name: String,
    recipients: u32,
    excused: u32,
    delivered: u32,
    opened: u32,
    committed: u32,
    passed: u32,
    /// Recipients without an address or whose mail server takes nothing.
    unreachable: u32,
}

/// The figures body by body, most people missing first; at most 1,000.
#[utoipa::path(get, path = "/api/v1/notices/{notice}/bodies", tag = "notices", params(("notice" = String, Path)),
    responses((status = 200, body = Vec<NoticeBody>)))]
async fn bodies(v: Visit, Path(notice): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), id(&notice)?).await?;
    let rows = notices::bodies(&mut sql, v.scope(), &notice, &BodyFilter::default(), LIMIT_MAX).await?;
    let rows: Vec<NoticeBody> = rows
        .into_iter()
        .map(|r| NoticeBody {
            body: r.body.to_string(),
            name: r.name,
            recipients: r.rates.recipients,
            excused: r.rates.excused,
            delivered: r.rates.delivered,
            opened: r.rates.opened,
            committed: r.rates.committed,
            passed: r.rates.passed,
            unreachable: r.without_address + r.failed,
        })
        .collect();
    Ok(Answer(rows).into_response())
}

/// Which people.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// Only of this body.
    body: String,
    /// `missing` (unless given), `done`, `opened`, `unreached`, `excused`, `all`.
    state: String,
    /// What the page before named as `next`.
    cursor: String,
}

/// A recipient.
#[derive(Debug, Serialize, ToSchema)]
struct NoticePerson {
    id: String,
    name: String,
    body: String,
    delivered_at: Option<String>,
    opened_at: Option<String>,
    committed_at: Option<String>,
    passed_at: Option<String>,
    /// Why they are excused, if they are.
    excused: Option<String>,
}

/// A page of recipients.
#[derive(Debug, Serialize, ToSchema)]
struct NoticePeople {
    items: Vec<NoticePerson>,
    next: Option<String>,
}

/// The people of a notice, of bodies whose people one may read.
#[utoipa::path(get, path = "/api/v1/notices/{notice}/people", tag = "notices",
    params(("notice" = String, Path), PeopleQuery), responses((status = 200, body = NoticePeople)))]
async fn people(
    v: Visit,
    Path(notice): Path<String>,
    Query(asked): Query<PeopleQuery>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), id(&notice)?).await?;
    let after = asked.cursor.rsplit_once('_').and_then(|(key, id)| Some((key.to_owned(), id.parse().ok()?)));
    let state = PersonState::parse(&asked.state).unwrap_or(PersonState::Missing);
    let filter = PeopleFilter { body: asked.body.parse().ok(), state, q: "", after };
    let rows = notices::people(&mut sql, v.scope(), &notice, &filter, LIMIT_MAX).await?;
    let next = rows.last().filter(|_| rows.len() == LIMIT_MAX).map(|r| format!("{}_{}", r.key, r.id));
    let text = |t: Option<Timestamp>| t.map(|t| t.to_string());
    let items = rows
        .into_iter()
        .map(|r| NoticePerson {
            id: r.id.to_string(),
            name: r.name,
            body: r.body.to_string(),
            delivered_at: text(r.delivered_at),
            opened_at: text(r.opened_at),
            committed_at: text(r.committed_at),
            passed_at: text(r.passed_at),
            excused: r.excuse.map(|x| x.reason),
        })
        .collect();
    Ok(Answer(NoticePeople { items, next }).into_response())
}

/// A bulletin with its figures.
#[derive(Debug, Serialize, ToSchema)]
struct BulletinItem {
    id: String,
    body: String,
    title: String,
    /// `draft`, `issued`, `closed`, `cancelled`.
    state: String,
    seconds: u32,
    communes: u32,
    /// Broadcasts with a receipt, of all communes together.
    broadcast: u32,
}

/// Bulletins, newest first; at most 1,000.
#[utoipa::path(get, path = "/api/v1/bulletins", tag = "notices", params(NoticeQuery),
    responses((status = 200, body = Vec<BulletinItem>)))]
async fn list_bulletins(v: Visit, Query(asked): Query<NoticeQuery>) -> Result<Response, AppError> {
    let filter =
        bulletins::BulletinFilter { state: NoticeState::parse(&asked.state), q: &asked.q, after: None };
    let rows = bulletins::list(&mut v.app.db.read().await?, v.scope(), &filter, LIMIT_MAX).await?;
    let rows: Vec<BulletinItem> = rows
        .into_iter()
        .map(|r| BulletinItem {
            id: r.bulletin.id.to_string(),
            body: r.bulletin.body.to_string(),
            title: r.bulletin.title,
            state: r.bulletin.state.to_string(),
            seconds: r.bulletin.seconds,
            communes: r.communes,
            broadcast: r.broadcast,
        })
        .collect();
    Ok(Answer(rows).into_response())
}

/// A bulletin to be begun.
#[derive(Debug, Deserialize, ToSchema)]
struct BulletinDraft {
    body: String,
    title: String,
    text: String,
    #[serde(default)]
    lang: String,
    /// First and last day of broadcasts.
    #[schema(value_type = String)]
    first_day: Date,
    #[schema(value_type = String)]
    last_day: Date,
    /// `05:30, 17:00`.
    times: String,
    /// Below which bodies the communes are.
    tops: Vec<String>,
    #[serde(default)]
    campaign: Option<String>,
}

/// Begins a bulletin.
#[utoipa::path(post, path = "/api/v1/bulletins", tag = "notices", request_body = BulletinDraft,
    responses((status = 201, body = Made)))]
async fn create_bulletin(v: Visit, Json(draft): Json<BulletinDraft>) -> Result<Response, AppError> {
    let rules = rules(&v)?;
    let schedule = Schedule::read(draft.first_day, draft.last_day, &draft.times)
        .map_err(|_| AppError::Refused("error-bulletin-times".into()))?;
    let words = bulletins::Words {
        title: draft.title,
        text: draft.text,
        lang: draft.lang,
        schedule,
        tops: draft.tops.iter().map(|t| id(t)).collect::<Result<_, _>>()?,
        campaign: draft.campaign.map(|c| id(&c)).transpose()?,
    };
    let new = bulletins::NewBulletin { id: v.id(), body: id(&draft.body)?, template: None, words };
    write!(v, tx => bulletins::create(tx, v.scope(), rules, &new).await)?;
    Ok(made(new.id))
}

/// A commune and its broadcasts.
#[derive(Debug, Serialize, ToSchema)]
struct BulletinCommune {
    body: String,
    name: String,
    broadcast: u32,
    /// Broadcasts whose receipt is due and missing.
    missing: u32,
}

/// The communes of a bulletin, most behind first; at most 1,000.
#[utoipa::path(get, path = "/api/v1/bulletins/{bulletin}/communes", tag = "notices",
    params(("bulletin" = String, Path)), responses((status = 200, body = Vec<BulletinCommune>)))]
async fn communes(v: Visit, Path(bulletin): Path<String>) -> Result<Response, AppError> {
    let clock = (rules(&v)?.receipt_hours, v.now);
    let mut sql = v.app.db.read().await?;
    let b = bulletins::get(&mut sql, v.scope(), id(&bulletin)?).await?;
    let all = bulletins::BodyFilter::default();
    let rows = bulletins::bodies(&mut sql, v.scope(), &b, &all, clock, LIMIT_MAX).await?;
    let rows: Vec<BulletinCommune> = rows
        .into_iter()
        .map(|r| BulletinCommune {
            body: r.body.to_string(),
            name: r.name,
            broadcast: r.broadcast,
            missing: r.missing,
        })
        .collect();
    Ok(Answer(rows).into_response())
}

/// Sends a bulletin to its communes.
#[utoipa::path(post, path = "/api/v1/bulletins/{bulletin}/issue", tag = "notices",
    params(("bulletin" = String, Path)), responses((status = 204)))]
async fn issue_bulletin(v: Visit, Path(bulletin): Path<String>, _: ApiGuard) -> Result<Response, AppError> {
    let at = id(&bulletin)?;
    let base = &v.app.config.public_url;
    write!(v, tx => bulletins::issue(tx, v.scope(), &*v.app.ids, at, base).await)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A broadcast receipt; a recording is added on the page.
#[derive(Debug, Deserialize, ToSchema)]
struct BroadcastReceipt {
    /// The commune.
    body: String,
    /// Which broadcast of the schedule.
    #[schema(value_type = String)]
    slot: Timestamp,
    /// When it was really read.
    #[schema(value_type = String)]
    aired: Timestamp,
    /// Which cluster of loudspeakers.
    cluster: String,
    /// Who switched it on.
    by: String,
    #[serde(default)]
    note: String,
}

/// Records that a commune has broadcast.
#[utoipa::path(post, path = "/api/v1/bulletins/{bulletin}/receipts", tag = "notices", request_body = BroadcastReceipt,
    params(("bulletin" = String, Path)), responses((status = 201, body = Made)))]
async fn receipt(
    v: Visit,
    Path(bulletin): Path<String>,
    Json(given): Json<BroadcastReceipt>,
) -> Result<Response, AppError> {
    let rules = rules(&v)?;
    let new = bulletins::NewReceipt {
        id: v.id(),
        bulletin: id(&bulletin)?,
        body: id(&given.body)?,
        slot: given.slot,
        aired: given.aired,
        cluster: given.cluster,
        by: given.by,
        note: given.note,
        recording: None,
    };
    write!(v, tx => bulletins::record(tx, v.scope(), rules, &*v.app.ids, &new).await)?;
    Ok(made(new.id))
}
