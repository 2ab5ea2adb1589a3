//! What one-time links do: read an order, acknowledge it, answer a question or a request, check in. One entry a purpose; who adds a purpose
//! adds an entry.

use std::collections::HashMap;

use domain::id::{Id, kind};
use store::{
    StoreError,
    assignments::{self, Assignment, Task, Tools},
    sign_in::links::{self, Link, Purpose},
};

use super::links::{LinkAct, Shown};
use crate::{AppError, FieldError, Lang, Visit, quick_reports, requests, rosters};

/// Every purpose.
pub(super) fn acts() -> [LinkAct; 6] {
    [
        LinkAct {
            purpose: Purpose::Read,
            show: |visit, link| Box::pin(async move { show_order(&visit, &link, "sign-in-link-read").await }),
            act: |visit, link, _| Box::pin(async move { read(&visit, &link).await }),
        },
        LinkAct {
            purpose: Purpose::Acknowledge,
            show: |visit, link| {
                Box::pin(async move { show_order(&visit, &link, "sign-in-link-acknowledge").await })
            },
            act: |visit, link, _| Box::pin(async move { acknowledge(&visit, &link).await }),
        },
        LinkAct {
            purpose: Purpose::Answer,
            show: |visit, link| Box::pin(async move { show_question(&visit, &link).await }),
            act: |visit, link, sent| Box::pin(async move { answer(&visit, &link, &sent.fields).await }),
        },
        LinkAct {
            purpose: Purpose::Report,
            show: |visit, link| Box::pin(quick_reports::link_show(visit, link)),
            act: |visit, link, sent| Box::pin(quick_reports::link_act(visit, link, sent.fields)),
        },
        LinkAct {
            purpose: Purpose::Request,
            show: |visit, link| Box::pin(requests::link_show(visit, link)),
            act: |visit, link, sent| Box::pin(requests::link_act(visit, link, sent)),
        },
        LinkAct {
            purpose: Purpose::CheckIn,
            show: |visit, link| Box::pin(rosters::link_show(visit, link)),
            act: |visit, link, _| Box::pin(rosters::link_act(visit, link)),
        },
    ]
}

fn tools(visit: &Visit) -> Tools<'_> {
    Tools { ids: &*visit.app.ids, base: &visit.app.config.public_url, pack: visit.pack() }
}

fn assignment(link: &Link) -> Result<Id<kind::Assignment>, AppError> {
    link.subject_id("assignment").ok_or(AppError::NotFound)
}

/// The order as its page tells it; `deed` is the id of the button's text.
async fn show_order(visit: &Visit, link: &Link, deed: &str) -> Result<Shown, AppError> {
    let id = assignment(link)?;
    let mut sql = visit.app.db.read().await?;
    let order = assignments::get(&mut sql, visit.scope(), id).await?;
    let tasks = assignments::tasks(&mut sql, visit.scope(), id).await?;
    drop(sql);
    let p = visit.page("");
    let mut told = vec![p.t2(
        "sign-in-link-given",
        "issuer",
        order.issuer_name.as_str(),
        "body",
        order.body_name.as_str(),
    )];
    told.extend(order.note.clone());
    told.extend(tasks.iter().map(|task| duty(visit, &p.time(&task.due), task)));
    let done = match (&order, deed) {
        (Assignment { acknowledged: Some(done), .. }, "sign-in-link-acknowledge") => {
            p.t2("sign-in-link-acknowledged", "by", done.by.as_str(), "at", p.time(&done.at))
        }
        _ if order.cancelled_at.is_some() => visit.t("sign-in-link-ended"),
        _ => visit.t("sign-in-link-done"),
    };
    // Acknowledged another way meanwhile: there is nothing left to press.
    let over =
        order.cancelled_at.is_some() || (deed == "sign-in-link-acknowledge" && order.acknowledged.is_some());
    Ok(Shown {
        title: order.order,
        told,
        note: p.t2("sign-in-link-recorded", "person", link.name.as_str(), "body", order.body_name.as_str()),
        button: if over { String::new() } else { visit.t(deed) },
        done,
        ..Shown::default()
    })
}

/// One duty in one paragraph: what it is, the letter's words, when it is due.
fn duty(visit: &Visit, due: &str, task: &Task) -> String {
    let term = visit.pack().duty(&task.code);
    let name = term.map_or(task.code.as_str(), |d| if visit.lang == Lang::En { &d.en } else { &d.vi });
    let mark = if task.path.is_empty() { "–" } else { &task.path };
    visit.words().with(
        "sign-in-link-duty",
        [
            ("mark", mark.into()),
            ("name", name.into()),
            ("quote", task.quote.as_str().into()),
            ("due", due.into()),
        ],
    )
}

async fn read(visit: &Visit, link: &Link) -> Result<(), AppError> {
    let (id, tools) = (assignment(link)?, tools(visit));
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        links::use_up(tx, link.id).await?;
        assignments::opened(tx, visit.scope(), &tools, id).await.map(|_| ())
    });
    Ok(done?)
}

async fn acknowledge(visit: &Visit, link: &Link) -> Result<(), AppError> {
    let (id, tools) = (assignment(link)?, tools(visit));
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        links::use_up(tx, link.id).await?;
        assignments::acknowledge(tx, visit.scope(), &tools, id).await.map(|_| ())
    });
    Ok(done?)
}

fn question(link: &Link) -> Result<Id<kind::Question>, AppError> {
    link.subject_id("question").ok_or(AppError::NotFound)
}

async fn show_question(visit: &Visit, link: &Link) -> Result<Shown, AppError> {
    let mut sql = visit.app.db.read().await?;
    let question = assignments::question(&mut sql, visit.scope(), question(link)?).await?;
    let order = assignments::get(&mut sql, visit.scope(), question.assignment).await?;
    drop(sql);
    let p = visit.page("");
    let asker = question.asked_by.clone().unwrap_or_default();
    let told = vec![
        p.t2("sign-in-link-asked", "person", asker, "body", order.body_name.as_str()),
        question.text.clone(),
    ];
    let open = question.answer.is_none();
    let text = |id: &str| if open { visit.t(id) } else { String::new() };
    Ok(Shown {
        title: order.order,
        told,
        note: p.t2("sign-in-link-recorded", "person", link.name.as_str(), "body", order.issuer_name.as_str()),
        button: text("sign-in-link-answer"),
        ask: text("sign-in-link-your-answer"),
        done: question.answer.unwrap_or_default(),
        ..Shown::default()
    })
}

async fn answer(visit: &Visit, link: &Link, fields: &HashMap<String, String>) -> Result<(), AppError> {
    let (id, tools) = (question(link)?, tools(visit));
    let given = fields.get("text").map(|t| t.trim()).unwrap_or_default();
    if given.is_empty() {
        return Err(AppError::Invalid(vec![FieldError::new("text", "error-answer-empty")]));
    }
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        links::use_up(tx, link.id).await?;
        assignments::answer(tx, visit.scope(), &tools, id, given).await.map(|_| ())
    });
    Ok(done?)
}
