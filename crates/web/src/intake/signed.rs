//! The digital signatures of a letter's file: what they are worth, in words, and checking them again.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::Path,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;
use paper::signature::{self, Person, Signature, Signatures, State};
use serde::Deserialize;
use serde_json::Value;
use store::{StoreError, intake, letters};
use tokio::io::AsyncReadExt;

use crate::{Access, AppError, Flash, Form, LIMIT_FORM, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::post("/orders/letters/{id}/signatures", prepare, again),
        Route::api(prepare, LIMIT_FORM, route!(check)),
    ]
}

/// One signature, as it stands on the page.
pub(crate) struct Signed {
    /// Code of the state, for its colour.
    pub state: &'static str,
    pub state_text: String,
    /// Who signed, or whose certificate it claims.
    pub who: String,
    /// What that means.
    pub why: String,
    pub warn: bool,
    /// Whatever else is known: name and value.
    pub facts: Vec<(String, String)>,
}

/// What the page says of signatures; `None` if the file carries none.
#[derive(Default)]
pub(crate) struct Signings {
    pub list: Vec<Signed>,
    /// When they were checked; empty if they never were.
    pub checked: String,
    pub more: bool,
}

/// Puts what records keep into words.
pub(crate) fn told(v: &Visit, p: &Page, raw: &Value) -> Option<Signings> {
    if raw.is_null() {
        return None;
    }
    // Letters taken in before signatures were checked have nothing but *found*.
    let Ok(found) = serde_json::from_value::<Signatures>(raw.clone()) else {
        return Some(Signings::default());
    };
    let list = found.list.iter().map(|one| said(v, p, one)).collect();
    Some(Signings { list, checked: p.time(&found.checked), more: found.more })
}

fn said(v: &Visit, p: &Page, one: &Signature) -> Signed {
    let (state, word) = match one.state {
        State::Trusted => ("m", "trusted"),
        State::Valid => ("p", "valid"),
        State::Altered => ("n", "altered"),
        State::Invalid => ("n", "invalid"),
        State::Unchecked => ("u", "unchecked"),
    };
    let mut who = one.signer.as_ref().map(named).unwrap_or_default();
    if one.stamp_only {
        who = p.t1("signature-stamp-by", "name", who);
    }
    let why = match &one.why {
        None => v.t("signature-trusted-why"),
        Some(code) => v.t(&format!("signature-why-{code}")),
    };
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push((v.t(&format!("signature-{name}")), value));
        }
    };
    let time = |at: Option<Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    let made = time(one.made);
    fact(
        "made",
        match (made.is_empty(), one.made_stamped) {
            (true, _) => made,
            (false, true) => p.t1("signature-made-stamped", "time", made),
            (false, false) => p.t1("signature-made-said", "time", made),
        },
    );
    if let Some(person) = &one.signer {
        fact("unit", person.unit.clone().unwrap_or_default());
        fact("issuer", person.issuer.clone().unwrap_or_default());
        fact("serial", person.serial.clone());
        fact("until", p.t2("signature-from-until", "from", time(person.from), "until", time(person.until)));
    }
    if let Some(stamp) = &one.stamp {
        let (by, at) = (stamp.by.clone().unwrap_or_else(|| "?".to_owned()), time(stamp.at));
        let state = v.t(&format!("signature-stamp-{}", word_of(stamp.state)));
        fact("stamp", format!("{} · {state}", p.t2("signature-stamp-said", "name", by, "time", at)));
    }
    fact("how", one.how.clone().unwrap_or_default());
    if one.weak {
        fact("weak", v.t("signature-weak-why"));
    }
    let (of, all) = one.revision;
    if of != all {
        fact("part", p.t2("signature-part-said", "of", of, "all", all));
    }
    Signed {
        state,
        state_text: v.t(&format!("signature-{word}")),
        who,
        why,
        warn: one.state != State::Trusted || one.weak,
        facts,
    }
}

fn word_of(state: State) -> &'static str {
    match state {
        State::Trusted => "trusted",
        State::Valid => "valid",
        State::Altered | State::Invalid => "invalid",
        State::Unchecked => "unchecked",
    }
}

fn named(person: &Person) -> String {
    let organisation = person.organisation.clone().filter(|o| Some(o) != person.name.as_ref());
    [person.name.clone(), organisation].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Checks the signatures of a letter's file again: once more certificates are trusted, say.
async fn checked(v: &Visit, letter: Id<kind::Letter>) -> Result<Value, AppError> {
    let mut sql = v.app.db.read().await?;
    let at = letters::get(&mut sql, v.scope(), letter).await?;
    store::register::require(&mut sql, v.scope(), Right::Prepare, at.row.body).await?;
    let sha256 = at.sha256.ok_or(AppError::NotFound)?;
    let (file, _) = v.app.blobs.open(&mut sql, v.scope(), &sha256).await?;
    drop(sql);
    let mut bytes = Vec::new();
    file.take(paper::limits::FILE as u64).read_to_end(&mut bytes).await.map_err(anyhow::Error::from)?;
    let kind = paper::kind::sniff(&bytes);
    let found = signature::check(&v.app.worker, &v.app.roots, v.now, kind, &bytes).await;
    let found = serde_json::to_value(found).map_err(anyhow::Error::from)?;
    let done: Result<(), StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
        intake::vouched(tx, v.scope(), letter, &found).await
    });
    done?;
    Ok(found)
}

/// A form that only says *do it*; taking it checks its token.
#[derive(Deserialize)]
struct Nothing {}

async fn again(v: Visit, Path(letter): Path<String>, _: Form<Nothing>) -> Result<Response, AppError> {
    let letter: Id<kind::Letter> = letter.parse().map_err(|_| AppError::NotFound)?;
    checked(&v, letter).await?;
    Ok(v.redirect(&format!("/orders/letters/{letter}#signatures"), Flash::ok("signature-checked-done")))
}

/// Checks the digital signatures of a letter's file again, with the certificates trusted now.
///
/// Answers with what `signatures` of `GET /api/v1/letters/{id}/beside` is from now on.
#[utoipa::path(post, path = "/api/v1/letters/{id}/signatures", tag = "letters", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404)))]
async fn check(v: Visit, Path(letter): Path<String>, _: crate::ApiGuard) -> Result<Response, AppError> {
    let letter: Id<kind::Letter> = letter.parse().map_err(|_| AppError::NotFound)?;
    Ok(Answer(checked(&v, letter).await?).into_response())
}
