//! The minutes of a visit, to be read and printed.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    inspection::Answer,
    right::Right,
};
use store::inspections;

use super::say;
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/inspections/{id}/minutes", Access::Right(Right::Read), get)]
}

type VisitId = Id<kind::Visit>;

/// What stands in the minutes, for page and file alike.
pub(super) struct Minutes {
    pub visit: inspections::Visit,
    pub team: Vec<inspections::Member>,
    pub groups: Vec<(String, Vec<Line>)>,
    pub findings: Vec<inspections::Finding>,
    pub photos: Vec<inspections::Photo>,
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
    Ok(Minutes { visit, team, groups, findings, photos, ok, bad, na })
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
