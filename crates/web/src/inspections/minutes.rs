//! The minutes of a visit, to be read and printed, and as a paper to be signed.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    inspection::Answer,
    right::Right,
};
use letter::{minutes::minutes, model::Document};
use store::{inspections, register::bodies};

use super::say;
use crate::{
    Access, AppError, Page, Route, Visit,
    report::{self, Kind},
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::get("/inspections/{id}/minutes", read, get),
        Route::get("/inspections/{id}/minutes.docx", read, docx),
        Route::get("/inspections/{id}/minutes.pdf", read, pdf),
        Route::get("/api/v1/inspections/{id}/minutes.docx", read, docx),
        Route::get("/api/v1/inspections/{id}/minutes.pdf", read, pdf),
    ]
}

type VisitId = Id<kind::Visit>;

/// What stands in the minutes, for page and file alike.
pub(super) struct Minutes {
    pub visit: inspections::Visit,
    pub team: Vec<inspections::Member>,
    pub groups: Vec<(String, Vec<Line>)>,
    pub findings: Vec<inspections::Finding>,
    pub photos: Vec<inspections::Photo>,
    pub answers: Vec<inspections::AnswerLine>,
    pub ok: usize,
    pub bad: usize,
    pub na: usize,
}

/// One item of the list.
pub(super) struct Line {
    pub n: usize,
    pub text: String,
    pub basis: String,
    pub word: String,
    pub class: &'static str,
    pub note: String,
    pub photos: usize,
}

/// Reads them; whoever may not read the answers finds nothing.
pub(super) async fn load(v: &Visit, id: VisitId) -> Result<Minutes, AppError> {
    let mut sql = v.app.db.read().await?;
    let (visit, team, _) = inspections::get(&mut sql, v.scope(), v.actor(), id, v.now).await?;
    let answers = inspections::answers(&mut sql, v.scope(), v.actor(), id).await?;
    let photos = inspections::photos(&mut sql, v.scope(), id).await?;
    let filter = inspections::FindingFilter { visit: Some(id), ..Default::default() };
    let findings = inspections::findings(&mut sql, v.scope(), &filter, Default::default(), v.now).await?;
    drop(sql);
    let english = v.lang == crate::Lang::En;
    let mut n = 0;
    let groups = visit
        .checklist
        .by_group()
        .into_iter()
        .map(|(group, items)| {
            let title = group
                .map_or_else(|| v.t("inspect-other"), |g| if english { g.en.clone() } else { g.vi.clone() });
            let lines = items
                .into_iter()
                .map(|item| {
                    n += 1;
                    let given = answers.iter().find(|a| a.item == item.key);
                    let answer = given.and_then(|a| a.answer);
                    Line {
                        n,
                        text: say::item(v, item),
                        basis: item.basis.clone(),
                        word: say::answer(v, answer),
                        class: match answer {
                            Some(Answer::Ok) => "m",
                            Some(Answer::Bad) => "n",
                            Some(Answer::Na) => "a",
                            None => "u",
                        },
                        note: given.map(|a| a.note.clone()).unwrap_or_default(),
                        photos: photos.iter().filter(|p| p.item == item.key).count(),
                    }
                })
                .collect();
            (title, lines)
        })
        .collect();
    let count = |wanted| answers.iter().filter(|a| a.answer == Some(wanted)).count();
    let (ok, bad, na) = (count(Answer::Ok), count(Answer::Bad), count(Answer::Na));
    Ok(Minutes { visit, team, groups, findings, photos, answers, ok, bad, na })
}

#[derive(Template)]
#[template(path = "inspections/minutes.html")]
struct MinutesPage {
    p: Page,
    m: Minutes,
    place: String,
    from: String,
    to: String,
    findings: Vec<(usize, String, String, String)>,
    photos: Vec<(usize, String, String, String)>,
}

async fn get(v: Visit, Path(id): Path<VisitId>) -> Result<Response, AppError> {
    let m = load(&v, id).await?;
    let p = v.page(v.t("inspect-minutes"));
    let text = |at: Option<jiff::Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    let findings = (1..)
        .zip(&m.findings)
        .map(|(n, f)| (n, f.text.clone(), say::severity(&v, f.severity), p.date(&f.due_on)))
        .collect();
    let item = |key: &str| m.visit.checklist.item(key).map(|i| say::item(&v, i)).unwrap_or_default();
    let photos =
        (1..).zip(&m.photos).map(|(n, f)| (n, item(&f.item), p.time(&f.at), f.sha256.clone())).collect();
    v.html(&MinutesPage {
        place: m.visit.place.clone(),
        from: text(m.visit.started_at),
        to: text(m.visit.done_at),
        findings,
        photos,
        m,
        p,
    })
}

async fn docx(v: Visit, Path(id): Path<String>) -> Result<Response, AppError> {
    file(&v, &id, Kind::Docx).await
}

async fn pdf(v: Visit, Path(id): Path<String>) -> Result<Response, AppError> {
    file(&v, &id, Kind::Pdf).await
}

async fn file(v: &Visit, id: &str, kind: Kind) -> Result<Response, AppError> {
    let m = load(v, id.parse().map_err(|_| AppError::NotFound)?).await?;
    let mut sql = v.app.db.read().await?;
    let above = bodies::ancestors(&mut sql, v.scope(), m.visit.inspector).await?;
    drop(sql);
    let paper = paper(v, &m, &above.into_iter().map(|b| b.name).collect::<Vec<_>>());
    let day = m.visit.done_at.unwrap_or(m.visit.planned_at);
    let (ending, mime) = match kind {
        Kind::Pdf => ("pdf", print::PDF),
        Kind::Docx => ("docx", print::DOCX),
    };
    let name = format!("bien-ban-kiem-tra-{}.{ending}", domain::time::date(day));
    Ok(report::download(report::printed(paper, kind).await?, &name, mime))
}

/// The paper is Vietnamese, whatever language its reader has.
fn paper(v: &Visit, m: &Minutes, above: &[String]) -> Document {
    let words = crate::words::of(crate::Lang::Vi);
    let at = |at: jiff::Timestamp| domain::time::local(at).strftime("%H:%M ngày %d/%m/%Y").to_string();
    let text = |t: Option<jiff::Timestamp>| t.map(at).unwrap_or_default();
    let item = |key: &str| m.visit.checklist.item(key).map(|i| i.vi.clone()).unwrap_or_default();
    let groups = m.visit.checklist.by_group();
    let answer = |key: &str| m.answers.iter().find(|a| a.item == key);
    // The nearest stands last.
    let names: Vec<&str> = std::iter::once(m.visit.inspector_name.as_str())
        .chain(above.iter().rev().map(String::as_str))
        .collect();
    minutes(&letter::minutes::Minutes {
        superior: above.last().cloned(),
        seat: domain::report::place(&names).unwrap_or_default(),
        inspector: m.visit.inspector_name.clone(),
        body: m.visit.body_name.clone(),
        day: m.visit.done_at.map(domain::time::date),
        from: text(m.visit.started_at),
        to: text(m.visit.done_at),
        place: m.visit.place.clone(),
        team: m.team.iter().map(|t| (t.name.clone(), t.position.clone().unwrap_or_default())).collect(),
        met_by: m.visit.said.met_by.clone(),
        groups: groups
            .into_iter()
            .map(|(group, items)| {
                let title = group.map_or_else(|| words.t("inspect-other"), |g| g.vi.clone());
                let line = |i: &domain::inspection::Item| {
                    let given = answer(&i.key);
                    let word = given.and_then(|a| a.answer).map_or_else(
                        || words.t("inspect-answer-not-yet"),
                        |a| words.t(&format!("inspect-answer-{a}")),
                    );
                    [i.vi.clone(), i.basis.clone(), word, given.map(|a| a.note.clone()).unwrap_or_default()]
                };
                (title, items.into_iter().map(line).collect())
            })
            .collect(),
        sums: [m.ok, m.bad, m.na],
        findings: m
            .findings
            .iter()
            .map(|f| {
                let due = f.due_on.strftime("%d/%m/%Y").to_string();
                [f.text.clone(), words.t(&format!("inspect-severity-{}", f.severity)), due]
            })
            .collect(),
        opinion: m.visit.said.opinion.clone(),
        conclusion: m.visit.said.conclusion.clone(),
        photos: m.photos.iter().map(|p| [item(&p.item), v.page("").time(&p.at), p.sha256.clone()]).collect(),
    })
}
