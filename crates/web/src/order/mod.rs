//! The order: letters come in, are read, corrected and confirmed; campaigns are drafted, issued, passed on, amended.
//!
//! Pages and API call the same functions: those of `store` directly, or of [`act`] where more than one thing happens.

mod act;
mod amend;
mod api;
mod campaign;
mod draft;
mod draft_forms;
mod facts;
mod field_form;
mod letter;
mod letters;
mod list;
mod pages;
mod pass_on;
mod sheet;

use domain::id::{Id, kind};

pub(crate) use self::list::tabs;
use crate::{
    AppError, Route, Visit,
    act::{id, own_body, write},
};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(letters::routes());
    all.extend(letter::routes());
    all.extend(draft_forms::routes());
    all.extend(campaign::routes());
    all.extend(pass_on::routes());
    all.extend(amend::routes());
    all.extend(api::routes());
    all
}

/// A field left blank is nothing.
fn blank(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

/// The tabs of this section, with how much of what came by itself waits for a person.
pub(crate) async fn tabs_with_inbox(
    v: &Visit,
    sql: &mut store::Sql,
    here: &str,
) -> Result<Vec<(&'static str, String, bool, String)>, AppError> {
    let waiting = store::intake::open_troubles(sql, v.scope()).await?;
    let count = |href: &str| match href {
        "/orders/inbox" if waiting > 0 => waiting.to_string(),
        _ => String::new(),
    };
    Ok(list::tabs(v, here).into_iter().map(|(href, name, on, _)| (href, name, on, count(href))).collect())
}

/// Takes in a file that a person hands over.
pub(crate) async fn take_in_file(v: &Visit, file: crate::UploadedFile) -> Result<Id<kind::Letter>, AppError> {
    Ok(act::take_in(v, "upload", act::Paperwork::File(file)).await?.id)
}
