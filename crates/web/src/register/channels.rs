//! How a person is reached: adding, verifying, removing channels.

use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    person::ChannelKind,
};
use store::register::channels::{self, Checked};

use super::{
    act,
    draft::Draft,
    people::{Fields, PersonId, page, show},
    write,
};
use crate::{Access, AppError, Flash, Form, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let post = |path: &str| format!("/register/people/{{id}}/channels{path}");
    vec![
        Route::post(&post(""), Access::SignedIn, add),
        Route::post(&post("/{channel}/code"), Access::SignedIn, send),
        Route::post(&post("/{channel}/verify"), Access::SignedIn, verify),
        Route::post(&post("/{channel}/attest"), Access::SignedIn, attest),
        Route::post(&post("/{channel}/remove"), Access::SignedIn, remove),
    ]
}

type Place = Path<(PersonId, Id<kind::Channel>)>;

async fn add(v: Visit, Path(id): Path<PersonId>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    if let Some(kind) = d.word("kind", ChannelKind::parse) {
        let new = channels::NewChannel {
            id: v.id(),
            person: id,
            kind,
            address: d.v("address").to_owned(),
            rank: 0,
        };
        match write!(v, tx => channels::add(tx, v.scope(), &new).await) {
            // The next thing anybody does is to verify it, so the code goes out at once.
            Ok(()) if kind.takes_code() => {
                let sent = act::send_code(&v, new.id).await;
                return v.acted(&page(id), sent, "register-code-sent");
            }
            Ok(()) => return Ok(v.redirect(&page(id), Flash::ok("register-channel-added"))),
            Err(error) => d.refuse(error)?,
        }
    }
    show(&v, id, d).await
}

async fn send(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = act::send_code(&v, channel).await;
    v.acted(&page(id), done, "register-code-sent")
}

async fn verify(v: Visit, Path((id, channel)): Place, Form(typed): Fields) -> Result<Response, AppError> {
    let d = Draft::typed(&v, typed);
    match act::check_code(&v, channel, d.v("code")).await {
        Ok(Checked::Wrong { left }) => {
            Ok(v.redirect(&page(id), Flash::bad("register-code-wrong").what(&left.to_string())))
        }
        Ok(Checked::Expired) => Ok(v.redirect(&page(id), Flash::bad("register-code-expired"))),
        done => v.acted(&page(id), done, "register-verified"),
    }
}

async fn attest(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => channels::attest(tx, v.scope(), channel).await);
    v.acted(&page(id), done, "register-verified")
}

async fn remove(v: Visit, Path((id, channel)): Place, Form(_): Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => channels::remove(tx, v.scope(), channel).await);
    v.acted(&page(id), done, "register-channel-removed")
}
