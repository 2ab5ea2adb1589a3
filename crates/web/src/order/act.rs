//! Acts of more than one step, for pages and API alike.

use std::sync::Arc;

use domain::{
    id::{Id, kind},
    intake,
    order::{self, LineRole, Paper},
    right::Right,
    time,
};
use serde_json::Value;
use store::{
    Sql, StoreError,
    blobs::Blob,
    campaigns::{self, Head, NewCampaign, NewDuty, NewLine},
    intake::Origin,
    letters::{self, Letter, LetterRow, NewLetter},
};

use super::write;
use crate::{AppError, UploadedFile, Visit};

/// Letters: 20 MB, as the reader of files allows.
const FILE_MAX: u64 = 20 * 1024 * 1024;
/// Text that somebody pastes: two hundred pages of the densest kind.
pub(super) const TEXT_MAX: usize = 1024 * 1024;

/// A letter that was taken in.
pub(super) struct Taken {
    pub id: Id<kind::Letter>,
    /// Letters that seem to be the same paper.
    pub doubles: Vec<LetterRow>,
}

/// Where a letter comes from.
pub(super) enum Paperwork {
    File(UploadedFile),
    Text(String),
}

/// Takes a letter in: opened in the sandbox, read, and only then kept. A paper marked secret is turned away before
/// anything of it is written anywhere.
pub(super) async fn take_in(v: &Visit, source: &'static str, paper: Paperwork) -> Result<Taken, AppError> {
    let body = super::own_body(v)?;
    {
        // Before any work is done for them: may they at all.
        let mut sql = v.app.db.read().await?;
        store::register::require(&mut sql, v.scope(), Right::Prepare, body).await?;
    }
    let mut beside = Origin::default();
    let (text, file) = match paper {
        Paperwork::Text(text) => (text, None),
        Paperwork::File(file) => {
            let read = paper::open(&v.app.worker, &file.bytes).await.map_err(unreadable)?;
            (beside.scan, beside.signatures) =
                paper::signature::beside(&v.app.worker, &v.app.roots, v.now, &read, &file.bytes).await;
            (read.text, Some((file, read.kind)))
        }
    };
    // A scan that could not be read goes in all the same, for a person to type.
    if text.trim().is_empty() && beside.scan.is_null() {
        return Err(AppError::Refused("error-paper-empty".into()));
    }
    if text.len() > TEXT_MAX {
        return Err(AppError::TooLarge);
    }
    let reading = read(v, text.clone()).await?;
    if intake::is_secret(&reading) {
        write!(v, tx => letters::refused(tx, v.scope(), body).await)?;
        return Err(AppError::Refused("error-letter-secret".into()));
    }
    let kept: Option<(Blob, String, &'static str)> = match file {
        None => None,
        Some((file, kind)) => {
            let blob = v.app.blobs.put(v.app.ids.next(), &*file.bytes, FILE_MAX).await?;
            Some((blob, file.name, kind.mime()))
        }
    };
    let id = v.id();
    let facts = Paper::of(&reading).unwrap_or_default();
    let doubles = write!(v, tx => {
        let sha256 = kept.as_ref().map(|k| k.0.sha256.as_str());
        let doubles = letters::duplicates(tx, v.scope(), body, sha256, &facts).await?;
        let file = kept.as_ref().map(|(blob, name, kind)| (blob, name.as_str(), *kind));
        letters::add(tx, v.scope(), &NewLetter { id, body, source, file, text: &text, reading: &reading }).await?;
        store::intake::remember(tx, id, &beside).await?;
        Ok(doubles)
    })?;
    Ok(Taken { id, doubles })
}

/// Reads a text, off the threads that serve others: two hundred pages take their time.
async fn read(v: &Visit, text: String) -> Result<Value, AppError> {
    let app = Arc::clone(&v.app);
    let reading = tokio::task::spawn_blocking(move || serde_json::to_value(app.reader.read(&text))).await;
    Ok(reading.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?)
}

/// The file's own fault, said so that the person can do something about it. Nothing of the file is logged.
fn unreadable(error: paper::PaperError) -> AppError {
    match error {
        paper::PaperError::TooLarge { .. } => AppError::TooLarge,
        paper::PaperError::Failed { .. } => {
            tracing::warn!(code = error.code(), "a paper could not be read");
            AppError::Refused("error-paper-failed".into())
        }
        _ => AppError::Refused(format!("error-paper-{}", error.code())),
    }
}

/// Reads the letter again, with its text mended or not; people's changes stay.
pub(super) async fn reread(
    v: &Visit,
    id: Id<kind::Letter>,
    version: i64,
    text: Option<String>,
) -> Result<(), AppError> {
    let letter = letters::get(&mut v.app.db.read().await?, v.scope(), id).await?;
    // Forms send lines ended by CR LF; the characters of the reading count LF.
    let text = text.map(|t| t.replace("\r\n", "\n"));
    if text.as_ref().is_some_and(|t| t.len() > TEXT_MAX) {
        return Err(AppError::TooLarge);
    }
    let reading = read(v, text.clone().unwrap_or(letter.text)).await?;
    if intake::is_secret(&reading) {
        return Err(AppError::Refused("error-letter-secret".into()));
    }
    write!(v, tx => {
        letters::reread(tx, v.scope(), id, version, text.as_deref(), &reading).await?;
        if text.is_some() {
            store::intake::mended(tx, id).await?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Drafts the campaign of a confirmed letter, every line with the bodies it seems to mean.
pub(super) async fn draft(v: &Visit, letter: Id<kind::Letter>) -> Result<Id<kind::Campaign>, AppError> {
    let mut sql = v.app.db.read().await?;
    let letter = letters::get(&mut sql, v.scope(), letter).await?;
    let new = propose(v, &mut sql, &letter).await?;
    drop(sql);
    write!(v, tx => campaigns::create(tx, v.scope(), &new).await)?;
    Ok(new.id)
}

async fn propose(v: &Visit, sql: &mut Sql, letter: &Letter) -> Result<NewCampaign, StoreError> {
    let paper = letter.paper();
    let day = paper.day().unwrap_or_else(|| time::date(letter.row.received_at));
    let pack = v.app.legal.on(day);
    let made = order::draft(&paper, pack);
    let bodies = campaigns::candidates(sql, v.scope(), letter.row.body).await?;
    let lines = made.lines.into_iter().map(|line| {
        let found = order::resolve(pack, &line.line, &bodies);
        // "Như trên" and "Lưu" are meant for nobody: there is nothing to confirm.
        NewLine { role: line.role, line: line.line, resolved: found.nobody, bodies: found.bodies }
    });
    let by = made.window.map(|w| match w.from {
        order::WindowFrom::Paper => "paper",
        order::WindowFrom::Announced => "announced",
        order::WindowFrom::Rule => "rule",
    });
    let name = if made.name.is_empty() { letter.row.id.to_string() } else { made.name };
    Ok(NewCampaign {
        id: v.id(),
        body: letter.row.body,
        letter: Some(letter.row.id),
        head: Head {
            name: name.chars().take(500).collect(),
            occasion: made.occasion,
            window: made.window.map(|w| w.window()),
            window_by: by.map(str::to_owned),
            scope: made.scope,
            contacts: made.contacts,
            note: None,
        },
        duties: made
            .duties
            .into_iter()
            .map(|d| NewDuty {
                id: v.id(),
                code: d.code,
                path: d.path,
                quote: d.quote,
                actor: d.actor,
                due_at: d.due,
                evidence: String::new(),
                standing: d.standing,
            })
            .collect(),
        lines: lines.collect(),
    })
}

/// A campaign without a letter: an empty draft with the standing duties.
pub(super) async fn manual(v: &Visit, head: Head) -> Result<Id<kind::Campaign>, AppError> {
    let standing = order::draft(&Paper::default(), v.pack()).duties;
    let duties = standing.into_iter().map(|d| NewDuty {
        id: v.id(),
        code: d.code,
        path: d.path,
        quote: d.quote,
        actor: None,
        due_at: None,
        evidence: String::new(),
        standing: true,
    });
    let new = NewCampaign {
        id: v.id(),
        body: super::own_body(v)?,
        letter: None,
        head,
        duties: duties.collect(),
        lines: Vec::new(),
    };
    write!(v, tx => campaigns::create(tx, v.scope(), &new).await)?;
    Ok(new.id)
}

/// Confirms every line whose proposal leaves nothing open.
pub(super) async fn confirm_sure(v: &Visit, id: Id<kind::Campaign>) -> Result<u32, AppError> {
    let proposals = proposals(v, id).await?;
    let done = write!(v, tx => {
        let mut done = 0;
        for (line, found) in &proposals {
            if !line.resolved && found.sure() {
                campaigns::set_line(tx, v.scope(), id, line.role, &line.line, &found.bodies).await?;
                done += 1;
            }
        }
        if done == 0 {
            return Err(StoreError::Refused("line-none-sure"));
        }
        Ok(done)
    })?;
    Ok(done)
}

/// Every line of a draft with what it seems to mean.
pub(super) async fn proposals(
    v: &Visit,
    id: Id<kind::Campaign>,
) -> Result<Vec<(campaigns::Line, order::Proposal)>, AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = campaigns::get(&mut sql, v.scope(), id).await?;
    let bodies = campaigns::candidates(&mut sql, v.scope(), campaign.body).await?;
    let lines = campaigns::lines(&mut sql, id).await?;
    Ok(lines
        .into_iter()
        .map(|line| {
            let found = order::resolve(v.pack(), &line.line, &bodies);
            (line, found)
        })
        .collect())
}

/// Adds a line with the bodies it seems to mean.
pub(super) async fn add_line(
    v: &Visit,
    id: Id<kind::Campaign>,
    role: LineRole,
    line: &str,
) -> Result<(), AppError> {
    let mut sql = v.app.db.read().await?;
    let campaign = campaigns::get(&mut sql, v.scope(), id).await?;
    let bodies = campaigns::candidates(&mut sql, v.scope(), campaign.body).await?;
    drop(sql);
    let found = order::resolve(v.pack(), line, &bodies);
    let new = NewLine { role, line: line.trim().to_owned(), resolved: false, bodies: found.bodies };
    write!(v, tx => campaigns::add_line(tx, v.scope(), id, &new).await)?;
    Ok(())
}

/// Puts a draft in force; the assignments follow by the job.
pub(super) async fn issue(v: &Visit, id: Id<kind::Campaign>) -> Result<(), AppError> {
    let (pack, ids, url) = (v.pack(), &*v.app.ids, &v.app.config.public_url);
    write!(v, tx => campaigns::issue(tx, v.scope(), id, pack, ids, url).await)?;
    Ok(())
}

/// Amends a campaign in force.
pub(super) async fn amend(
    v: &Visit,
    id: Id<kind::Campaign>,
    change: &campaigns::Amendment,
) -> Result<(), AppError> {
    let (pack, ids, url) = (v.pack(), &*v.app.ids, &v.app.config.public_url);
    write!(v, tx => campaigns::amend(tx, v.scope(), id, change, pack, ids, url).await)?;
    Ok(())
}

/// Takes a campaign back.
pub(super) async fn cancel(v: &Visit, id: Id<kind::Campaign>, reason: &str) -> Result<(), AppError> {
    let (ids, url) = (&*v.app.ids, &v.app.config.public_url);
    write!(v, tx => campaigns::cancel(tx, v.scope(), id, reason, ids, url).await)?;
    Ok(())
}

/// What of an assignment is passed on, and to whom.
#[derive(Default)]
pub(super) struct PassOn {
    /// The duties passed on; `None`: all.
    pub keep: Option<Vec<Id<kind::Duty>>>,
    /// The bodies below; `None`: all directly below, to be confirmed on the draft.
    pub bodies: Option<Vec<Id<kind::Body>>>,
    /// What the body asks for beside.
    pub added: Option<NewDuty>,
}

/// Drafts a campaign that passes an assignment on.
pub(super) async fn pass_on(
    v: &Visit,
    assignment: Id<kind::Assignment>,
    what: &PassOn,
) -> Result<Id<kind::Campaign>, AppError> {
    let (id, ids) = (v.id(), &*v.app.ids);
    let line = v.words().with("order-line-below", []);
    write!(v, tx => {
        let lines = what.bodies.as_ref().map(|bodies| {
            vec![NewLine { role: LineRole::To, line: line.clone(), resolved: true, bodies: bodies.clone() }]
        });
        campaigns::pass_on(tx, v.scope(), assignment, id, what.keep.as_deref(), lines, ids).await?;
        match &what.added {
            Some(duty) => campaigns::add_duty(tx, v.scope(), id, duty).await,
            None => Ok(()),
        }
    })?;
    Ok(id)
}
