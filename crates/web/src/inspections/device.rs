//! What a device sends, perhaps hours later and more than once: one answer at a time, and photos.

use crate::route::operation;
use axum::{Json as Out, extract::Path};
use domain::{
    id::{Id, kind},
    inspection::Answer,
    right::Right,
};
use jiff::Timestamp;
use paper::photo;
use serde::{Deserialize, Serialize};
use store::inspections::{self, Given, NewPhoto, Outcome, PHOTO_MAX};
use utoipa::ToSchema;

use super::{say, write};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Upload, UploadedFile, Visit};

const SEE: Access = Access::Right(Right::See);
/// A photo, and the form around it.
pub(super) const LIMIT_PHOTO: usize = 8 * 1024 * 1024 + 64 * 1024;
/// A longer name is cut.
const NAME_MAX: usize = 120;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::api(SEE, LIMIT_FORM, operation!(give)),
        Route::api(SEE, LIMIT_PHOTO, operation!(add_photo)),
        Route::api(SEE, LIMIT_FORM, operation!(remove_photo)),
    ]
}

/// An answer to one item.
#[derive(Deserialize, ToSchema)]
#[schema(as = VisitAnswerIn)]
struct AnswerIn {
    item: String,
    /// `ok`, `bad`, `na`; absent takes the answer back.
    #[schema(value_type = Option<String>)]
    answer: Option<Answer>,
    #[serde(default)]
    note: String,
    /// The version that was seen; 0 where nobody had answered.
    #[serde(default)]
    base: u32,
    /// The device's own number of this act: sent again it is not done again.
    op: String,
    /// When it was given, by the clock of the device; now if absent.
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
struct OutcomeOut {
    /// `kept`, or `conflict`: somebody else had answered meanwhile; what they said stands and is told here.
    outcome: &'static str,
    /// The version that stands.
    version: u32,
    /// With a conflict: their answer.
    answer: Option<&'static str>,
    /// Its word.
    word: Option<String>,
    /// Their words.
    note: Option<String>,
    /// Who.
    by: Option<String>,
}

#[utoipa::path(post, path = "/api/v1/inspections/{id}/answers", tag = "inspections", request_body = AnswerIn, responses((status = 200, body = OutcomeOut)))]
async fn give(
    v: Visit,
    Path(id): Path<String>,
    Json(given): Json<AnswerIn>,
) -> Result<Out<OutcomeOut>, AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let given = Given {
        item: given.item,
        answer: given.answer,
        note: given.note,
        base: given.base,
        op: given.op,
        at: given.at.map_or(v.now, domain::time::cut),
    };
    let outcome = write!(v, tx => inspections::give(tx, v.scope(), id, &given).await)?;
    Ok(Out(match outcome {
        Outcome::Kept(version) => {
            OutcomeOut { outcome: "kept", version, answer: None, word: None, note: None, by: None }
        }
        Outcome::Conflict(stands) => OutcomeOut {
            outcome: "conflict",
            version: stands.version,
            answer: stands.answer.map(Answer::name),
            word: Some(say::answer(&v, stands.answer)),
            note: Some(stands.note),
            by: stands.by,
        },
    }))
}

/// A photo as it was kept.
#[derive(Serialize, ToSchema)]
struct PhotoOut {
    id: String,
    sha256: String,
}

/// Keeps a photo: multipart fields `id` (a UUID of the device's, absent: a new one), `item`, `at`, and a file. JPEG, PNG
/// or WebP, at most 8 MB; what tells where and by which device it was taken is taken out.
#[utoipa::path(post, path = "/api/v1/inspections/{id}/photos", tag = "inspections", responses((status = 200, body = PhotoOut)))]
async fn add_photo(v: Visit, Path(id): Path<String>, upload: Upload) -> Result<Out<PhotoOut>, AppError> {
    let visit = id.parse().map_err(|_| AppError::NotFound)?;
    let photo = match upload.field("id") {
        "" => v.id(),
        id => id.parse().map_err(|_| AppError::Unreadable("id is no UUID".into()))?,
    };
    let at = upload.field("at").parse().map_or(v.now, domain::time::cut);
    let file = upload.files.first().ok_or_else(|| AppError::Unreadable("no file".into()))?;
    let sha256 = keep(&v, visit, photo, upload.field("item"), at, file).await?;
    Ok(Out(PhotoOut { id: photo.to_string(), sha256 }))
}

/// Cleans and keeps a photo; returns its digest.
pub(super) async fn keep(
    v: &Visit,
    visit: Id<kind::Visit>,
    id: Id<kind::Photo>,
    item: &str,
    at: Timestamp,
    file: &UploadedFile,
) -> Result<String, AppError> {
    // Before any work is done for them: may they at all.
    let mut sql = v.app.db.read().await?;
    let (_, _, rights) = inspections::get(&mut sql, v.scope(), v.actor(), visit, v.now).await?;
    drop(sql);
    if !rights.answer {
        return Err(AppError::NotFound);
    }
    let (kind, cleaned) =
        photo::clean(&file.bytes).ok_or_else(|| AppError::Refused("error-photo-kind".into()))?;
    let blob = v.app.blobs.put(v.app.ids.next(), &*cleaned, PHOTO_MAX).await?;
    let name: String = file.name.chars().take(NAME_MAX).collect();
    let name = if name.is_empty() { "anh.jpg".to_owned() } else { name };
    let new = NewPhoto { id, item, blob: &blob, name: &name, mime: kind.mime(), at };
    write!(v, tx => inspections::add_photo(tx, v.scope(), visit, &new).await)?;
    Ok(blob.sha256)
}

#[utoipa::path(delete, path = "/api/v1/inspections/photos/{photo}", tag = "inspections", responses((status = 204)))]
async fn remove_photo(
    v: Visit,
    _: ApiGuard,
    Path(photo): Path<String>,
) -> Result<axum::http::StatusCode, AppError> {
    let photo = photo.parse().map_err(|_| AppError::NotFound)?;
    write!(v, tx => inspections::remove_photo(tx, v.scope(), photo).await)?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
