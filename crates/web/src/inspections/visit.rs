//! One visit: what is planned, and the form that is filled in on the spot.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, http::Method, response::Response};
use domain::{
    id::{Id, kind},
    inspection::{Answer, VisitState},
    right::Right,
};
use store::{
    StoreError,
    inspections::{self, Conclusion, Given, Outcome, Photo},
};

use super::{back, device, say, tools, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Upload, Visit};

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/inspections/{id}", SEE, get),
        Route::post("/inspections/{id}/answers", SEE, answers),
        Route::post("/inspections/{id}/finish", SEE, finish),
        Route::page(Method::POST, "/inspections/{id}/photos", SEE, device::LIMIT_PHOTO, photo),
        Route::post("/inspections/photos/{photo}/remove", SEE, remove_photo),
    ]
}

type VisitId = Id<kind::Visit>;

#[derive(Template)]
#[template(path = "inspections/visit.html")]
struct VisitPage {
    p: Page,
    v: inspections::Visit,
    at: String,
    announced: String,
    started: String,
    done: String,
    class: &'static str,
    word: String,
    team: Vec<(String, String)>,
    lead: bool,
    /// The form is open: the visit is not over and the asker may answer.
    open: bool,
    over: bool,
    groups: Vec<GroupView>,
    findings: Vec<FindingLine>,
    op: String,
    person: String,
}

struct GroupView {
    title: String,
    items: Vec<ItemView>,
}

struct ItemView {
    key: String,
    text: String,
    basis: String,
    severity: String,
    heavy: bool,
    answer: &'static str,
    word: String,
    class: &'static str,
    note: String,
    version: u32,
    who: String,
    photos: Vec<PhotoView>,
}

struct PhotoView {
    id: String,
    sha256: String,
    label: String,
}

struct FindingLine {
    id: String,
    text: String,
    due: String,
    class: &'static str,
    word: String,
}

async fn get(v: Visit, Path(id): Path<VisitId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (visit, team, rights) = inspections::get(&mut sql, v.scope(), v.actor(), id, v.now).await?;
    let answers = inspections::answers(&mut sql, v.scope(), v.actor(), id).await?;
    let photos = inspections::photos(&mut sql, v.scope(), id).await?;
    let filter = inspections::FindingFilter { visit: Some(id), ..Default::default() };
    let found = inspections::findings(&mut sql, v.scope(), &filter, Default::default(), v.now).await?;
    drop(sql);
    let p = v.page(visit.body_name.clone());
    let groups = groups(&v, &p, &visit, &answers, &photos);
    let findings = found
        .into_iter()
        .map(|f| {
            let overdue = domain::inspection::finding::overdue(f.state, f.due_at, v.now);
            let (class, word) = say::finding(&v, f.state, overdue);
            FindingLine { id: f.id.to_string(), text: f.text, due: p.date(&f.due_on), class, word }
        })
        .collect();
    let (class, word) = say::visit(&v, visit.state);
    let over = matches!(visit.state, VisitState::Done | VisitState::Cancelled);
    let text = |at: Option<jiff::Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    v.html(&VisitPage {
        at: p.time(&visit.planned_at),
        announced: text(visit.announced_at),
        started: text(visit.started_at),
        done: text(visit.done_at),
        class,
        word,
        team: team.into_iter().map(|m| (m.name, m.position.unwrap_or_default())).collect(),
        lead: rights.lead,
        open: rights.answer && !over,
        over,
        groups,
        findings,
        op: v.app.ids.next().to_string(),
        person: v.user.person.map(|p| p.to_string()).unwrap_or_default(),
        v: visit,
        p,
    })
}

fn groups(
    v: &Visit,
    p: &Page,
    visit: &inspections::Visit,
    answers: &[inspections::AnswerLine],
    photos: &[Photo],
) -> Vec<GroupView> {
    let english = v.lang == crate::Lang::En;
    let list = visit.checklist.by_group();
    list.into_iter()
        .map(|(group, items)| GroupView {
            title: group
                .map_or_else(|| v.t("inspect-other"), |g| if english { g.en.clone() } else { g.vi.clone() }),
            items: items
                .into_iter()
                .map(|item| {
                    let given = answers.iter().find(|a| a.item == item.key);
                    let answer = given.and_then(|a| a.answer);
                    ItemView {
                        key: item.key.clone(),
                        text: say::item(v, item),
                        basis: item.basis.clone(),
                        severity: say::severity(v, item.severity),
                        heavy: item.severity == domain::inspection::Severity::High,
                        answer: answer.map_or("", Answer::name),
                        word: say::answer(v, answer),
                        class: match answer {
                            Some(Answer::Ok) => "m",
                            Some(Answer::Bad) => "n",
                            Some(Answer::Na) => "a",
                            None => "u",
                        },
                        note: given.map(|a| a.note.clone()).unwrap_or_default(),
                        version: given.map_or(0, |a| a.version),
                        who: given.map_or_else(String::new, |a| {
                            let by = a.by.clone().unwrap_or_default();
                            p.t2("inspect-answered-by", "by", by, "at", p.time(&a.at))
                        }),
                        photos: photos
                            .iter()
                            .filter(|f| f.item == item.key)
                            .map(|f| PhotoView {
                                id: f.id.to_string(),
                                sha256: f.sha256.clone(),
                                label: p.t1("inspect-photo-of", "at", p.time(&f.at)),
                            })
                            .collect(),
                    }
                })
                .collect(),
        })
        .collect()
}

/// The whole form, sent without script: every item that is other than it was when the page was made.
async fn answers(
    v: Visit,
    Path(id): Path<VisitId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (_, _, rights) = inspections::get(&mut sql, v.scope(), v.actor(), id, v.now).await?;
    drop(sql);
    if !rights.answer {
        return Err(AppError::NotFound);
    }
    let mut given = Vec::new();
    let field = |name: String| typed.get(&name).map_or("", |t| t.trim());
    for (name, word) in &typed {
        let Some(item) = name.strip_prefix("a-") else { continue };
        let (answer, note) = (Answer::parse(word), field(format!("n-{item}")));
        let (was, was_note) = (field(format!("w-{item}")), field(format!("m-{item}")));
        if word == was && note == was_note {
            continue;
        }
        given.push(Given {
            item: item.to_owned(),
            answer,
            note: note.to_owned(),
            base: field(format!("b-{item}")).parse().unwrap_or_default(),
            op: format!("{}/{item}", field("op".into())).chars().filter(char::is_ascii).take(64).collect(),
            at: v.now,
        });
    }
    // In one order whatever the form's, so that two senders do not wait for each other.
    given.sort_by(|a, b| a.item.cmp(&b.item));
    let done = give_all(&v, id, &given).await;
    let flash = done.map(|lost| match lost {
        0 => Flash::ok("inspect-saved"),
        n => Flash::warn("inspect-conflicts").what(&n.to_string()),
    });
    back(&v, &format!("/inspections/{id}"), flash.map_err(Into::into))
}

/// Gives them; returns how many others had answered meanwhile.
async fn give_all(v: &Visit, id: VisitId, given: &[Given]) -> Result<usize, StoreError> {
    let mut lost = 0;
    for one in given {
        let outcome = write!(v, tx => inspections::give(tx, v.scope(), id, one).await)?;
        lost += usize::from(matches!(outcome, Outcome::Conflict(_)));
    }
    Ok(lost)
}

async fn finish(
    v: Visit,
    Path(id): Path<VisitId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let field = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let said =
        Conclusion { met_by: field("met_by"), opinion: field("opinion"), conclusion: field("conclusion") };
    let done = if field("do") == "finish" {
        let tools = tools(&v);
        let made = write!(v, tx => inspections::finish(tx, v.scope(), &tools, id, &said).await);
        made.map(|n| Flash::ok("inspect-finished").what(&n.to_string()))
    } else {
        write!(v, tx => inspections::conclude(tx, v.scope(), id, &said).await)
            .map(|()| Flash::ok("inspect-saved"))
    };
    // What was typed is kept even where it is too early to end.
    if matches!(done, Err(StoreError::Refused("visit-unanswered"))) {
        write!(v, tx => inspections::conclude(tx, v.scope(), id, &said).await)?;
    }
    back(&v, &format!("/inspections/{id}"), done.map_err(Into::into))
}

async fn photo(v: Visit, Path(id): Path<VisitId>, upload: Upload) -> Result<Response, AppError> {
    let item = upload.field("item").to_owned();
    let done = match upload.files.first() {
        None => Err(AppError::Refused("error-photo-none".into())),
        Some(file) => {
            device::keep(&v, id, v.id(), &item, v.now, file).await.map(|_| Flash::ok("inspect-photo-kept"))
        }
    };
    let item: String = item.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    back(&v, &format!("/inspections/{id}#i-{item}"), done)
}

async fn remove_photo(
    v: Visit,
    Path(photo): Path<Id<kind::Photo>>,
    Form(_): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let visit = write!(v, tx => inspections::remove_photo(tx, v.scope(), photo).await)?;
    Ok(v.redirect(&format!("/inspections/{visit}"), Flash::ok("inspect-photo-removed")))
}
