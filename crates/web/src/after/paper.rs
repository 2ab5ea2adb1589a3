//! What remains of a campaign as a paper, for whoever prepares papers of the body whose campaign it was.

use std::collections::HashMap;

use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    order::CampaignState,
    outcome::{self, Outcome},
    report::ReportKind,
    right::Right,
    time,
};
use jiff::{SignedDuration, Timestamp};
use letter::{
    after::{After, GAPS_MAX, Lines, Rounds, Sum, Watch, after},
    model::Document,
};
use store::{board, history, lines::Total, quick_reports, register::require, reports, templates};

use super::{
    holes,
    lessons::said,
    lines,
    outcome::{NAMED, lasted},
    watch,
};
use crate::{
    Access, AppError, LIMIT_LETTER, Lang, Route, Visit,
    board::{number, short, state},
    report::{self, Kind},
};

type Campaign = Id<kind::Campaign>;

pub(super) fn routes() -> Vec<Route> {
    use axum::http::Method;
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::page(Method::GET, "/reports/after/{campaign}/report.pdf", prepare, LIMIT_LETTER, pdf),
        Route::page(Method::GET, "/reports/after/{campaign}/report.docx", prepare, LIMIT_LETTER, docx),
        Route::get("/api/v1/campaigns/{id}/after.pdf", prepare, pdf),
        Route::get("/api/v1/campaigns/{id}/after.docx", prepare, docx),
    ]
}

async fn pdf(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    file(v, super::id(&campaign)?, Kind::Pdf).await
}

async fn docx(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    file(v, super::id(&campaign)?, Kind::Docx).await
}

async fn file(v: Visit, campaign: Campaign, kind: Kind) -> Result<Response, AppError> {
    // The paper is Vietnamese, whatever language its reader has.
    let v = Visit { lang: Lang::Vi, ..v };
    let document = paper(&v, campaign).await?;
    let (ending, mime) = match kind {
        Kind::Pdf => ("pdf", print::PDF),
        Kind::Docx => ("docx", print::DOCX),
    };
    let name = format!("tong-ket-{}.{ending}", time::date(v.now));
    Ok(report::download(report::printed(document, kind).await?, &name, mime))
}

async fn paper(v: &Visit, campaign: Campaign) -> Result<Document, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = board::campaign(&mut sql, v.scope(), campaign).await?;
    // Figures of part of the campaign, in the name of the whole, would be no report of it.
    require(&mut sql, v.scope(), Right::Prepare, campaign.body).await?;
    let named = history::outcomes(&mut sql, v.scope(), campaign.id).await?;
    let reported = quick_reports::summary(&mut sql, v.scope(), &v.app.legal, campaign.id, &[], v.now).await?;
    let lessons = templates::lessons(&mut sql, v.scope(), campaign.id).await?;
    let answers = reports::answers(&mut sql, v.scope(), campaign.id).await?;
    let head = reports::propose(
        &mut sql,
        v.pack(),
        ReportKind::Campaign,
        campaign.body,
        campaign.id,
        answers,
        v.now,
        time::date(v.now),
    )
    .await?;
    let outcomes: Vec<Outcome> = named.iter().map(|(_, o)| o.clone()).collect();
    let courses = lines::load(v, &mut sql, &campaign, &outcomes).await?;
    let watched = watch::load(v, &mut sql, &campaign, &outcomes).await?;
    let (left, left_at) = holes::load(v, &mut sql, &campaign).await?;
    drop(sql);
    let names: HashMap<Id<kind::Body>, String> = named.into_iter().map(|(n, o)| (o.body, n)).collect();
    let name = |body: Id<kind::Body>| names.get(&body).cloned().unwrap_or_default();
    let sum = |s: &outcome::Sum| {
        let who = |at: Option<(SignedDuration, Id<kind::Body>)>| {
            at.map(|(took, body)| format!("{} ({})", name(body), lasted(v, took))).unwrap_or_default()
        };
        Sum {
            all: s.all,
            met: s.met,
            in_time: s.in_time,
            open: s.open,
            median: s.median.map(|m| lasted(v, m)).unwrap_or_default(),
            fastest: who(s.fastest),
            slowest: who(s.slowest),
        }
    };
    let bodies = outcome::by_body(&outcomes);
    let body = |(of, s): &(Id<kind::Body>, outcome::Sum)| (name(*of), sum(s));
    let open = outcomes.iter().filter(|o| o.open()).map(|o| {
        let due = time::local(o.due).strftime("%H:%M %d/%m/%Y").to_string();
        [name(o.body), short(v, &o.code), state::word(v.words(), o.state), due]
    });
    Ok(after(&After {
        superior: Some(head.superior).filter(|s| !s.is_empty()),
        issuer: head.issuer,
        symbol: head.symbol,
        place: head.place,
        to: head.to,
        copies: head.copies,
        capacity: head.capacity,
        signer: head.signer,
        window: campaign.window.map(|w| (time::date(w.from), time::last_day(w))),
        over: campaign.window.is_some_and(|w| w.to <= v.now) || campaign.state == CampaignState::Closed,
        at: at(v.now),
        href: format!("{}/reports/after/{}", v.app.config.public_url, campaign.id),
        campaign: campaign.name,
        whole: sum(&outcome::sum(&outcomes)),
        duties: outcome::by_duty(&outcomes).iter().map(|(code, s)| (short(v, code), sum(s))).collect(),
        first: bodies.iter().take(NAMED).map(body).collect(),
        last: bodies.iter().skip(NAMED).rev().take(NAMED).map(body).collect(),
        watch: watched.filter(|w| !w.bodies.is_empty()).map(|w| watch_in_words(v, &w, &names)),
        rounds: rounds(&reported),
        lines: (!courses.is_empty()).then(|| in_words(v, &courses)),
        holes: (left.hosts > 0).then(|| holes::in_words(&left, at(left_at))),
        open: open.collect(),
        lessons: lessons.into_iter().map(|l| (l.text, said(v, &l.change))).collect(),
    }))
}

fn at(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M ngày %d/%m/%Y").to_string()
}

fn rounds(reported: &quick_reports::Summary) -> Option<Rounds> {
    (reported.expected > 0).then(|| Rounds {
        expected: reported.expected,
        in_time: reported.in_time,
        late: reported.late.len(),
        missing: reported.missing.len(),
        bodies: super::outcome::missed(reported),
    })
}

fn watch_in_words(v: &Visit, of: &store::rosters::Watch, names: &HashMap<Id<kind::Body>, String>) -> Watch {
    let when = |at: Timestamp| time::local(at).strftime("%H:%M %d/%m/%Y").to_string();
    let gap = |g: &store::rosters::Gap| {
        let (from, to, lasted) = (when(g.span.from), when(g.span.to), lasted(v, g.lasted()));
        [watch::whose(g, names), g.name.clone(), from, to, lasted, v.t(watch::word(g.held))]
    };
    Watch {
        whole: watch::times(v, of.tally),
        without: watch::without(of),
        bodies: watch::with_gaps(v, of, names),
        gaps: of.gaps.iter().take(GAPS_MAX).map(gap).collect(),
        all: of.gaps.len(),
    }
}

fn in_words(v: &Visit, courses: &[store::lines::Course]) -> Lines {
    let time = |minutes: u32| lasted(v, SignedDuration::from_mins(minutes.into()));
    let figures =
        |s: &Total| [number(s.lines), number(s.outages), time(s.minutes.down), time(s.minutes.unknown)];
    let providers = Total::by_provider(courses).into_iter().map(|(name, s)| {
        let [lines, outages, down, unknown] = figures(&s);
        [name, lines, outages, down, unknown]
    });
    let by_line = courses.iter().filter(|c| lines::is_amiss(c)).take(GAPS_MAX).map(|c| {
        let outages = number(c.outages.len() as u64);
        let (down, unknown) = (time(c.minutes.down), time(c.minutes.unknown));
        [c.name.clone(), c.body.clone(), c.provider.clone(), outages, down, unknown]
    });
    Lines { whole: figures(&Total::of(courses)), providers: providers.collect(), lines: by_line.collect() }
}
