//! From a letter to an issued campaign, as the lead body's coordinator does it: the same store functions as the pages.

use anyhow::{Context, Result};
use domain::{
    id::{Id, kind},
    order::{self, Change, Draft},
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp};
use letter::Reader;
use store::{StoreError, campaigns, letters};

use super::cast::Player;
use crate::centre::Centre;

/// Takes a letter in, mends what is to be mended, and confirms it.
pub async fn receive(
    centre: &Centre,
    reader: &Reader,
    by: &Player,
    body: Id<kind::Body>,
    (name, text): (&str, &str),
    mend: &[Change],
    at: Timestamp,
) -> Result<Id<kind::Letter>> {
    let id = Id::new(&*centre.ids);
    let reading = serde_json::to_value(reader.read(text))?;
    let blob = centre.blobs.put(centre.ids.next(), text.as_bytes(), text.len() as u64).await?;
    let new = letters::NewLetter {
        id,
        body,
        source: "upload",
        file: Some((&blob, name, "text/plain")),
        text,
        reading: &reading,
    };
    written(store::write!(centre.db, by.actor(), at, tx => letters::add(tx, &by.scope, &new).await))?;
    let mut now = after(at, 10);
    if !mend.is_empty() {
        written(store::write!(centre.db, by.actor(), now, tx => {
            letters::edit(tx, &by.scope, id, 1, mend).await
        }))?;
        now = after(now, 5);
    }
    let version = letters::get(&mut centre.db.read().await?, &by.scope, id).await?.version;
    written(
        store::write!(centre.db, by.actor(), now, tx => letters::confirm(tx, &by.scope, id, version).await),
    )?;
    Ok(id)
}

/// Drafts the campaign of a confirmed letter, confirms every line as proposed, issues it and hands it out.
pub async fn issue(
    centre: &Centre,
    by: &Player,
    body: Id<kind::Body>,
    letter: Id<kind::Letter>,
    at: Timestamp,
) -> Result<Id<kind::Campaign>> {
    let id = Id::new(&*centre.ids);
    let pack = centre.legal.on(time::date(at));
    let (paper, bodies) = {
        let mut sql = centre.db.read().await?;
        let paper = letters::get(&mut sql, &by.scope, letter).await?.paper();
        (paper, campaigns::candidates(&mut sql, &by.scope, body).await?)
    };
    let draft = order::draft(&paper, pack);
    let lines = draft
        .lines
        .iter()
        .map(|line| campaigns::NewLine {
            role: line.role,
            line: line.line.clone(),
            resolved: true,
            bodies: order::resolve(pack, &line.line, &bodies).bodies,
        })
        .collect();
    let new = campaigns::NewCampaign {
        id,
        body,
        letter: Some(letter),
        head: head(&draft),
        duties: duties(centre, &draft),
        lines,
    };
    written(store::write!(centre.db, by.actor(), at, tx => campaigns::create(tx, &by.scope, &new).await))?;
    put_in_force(centre, by, id, after(at, 20)).await?;
    Ok(id)
}

/// Passes an assignment on to everybody below.
pub async fn pass_on(
    centre: &Centre,
    by: &Player,
    assignment: Id<kind::Assignment>,
    at: Timestamp,
) -> Result<Id<kind::Campaign>> {
    let id = Id::new(&*centre.ids);
    written(store::write!(centre.db, by.actor(), at, tx => {
        campaigns::pass_on(tx, &by.scope, assignment, id, None, None, &*centre.ids).await
    }))?;
    let lines = campaigns::lines(&mut centre.db.read().await?, id).await?;
    for line in lines {
        let bodies: Vec<_> = line.bodies.iter().map(|b| b.0).collect();
        written(store::write!(centre.db, by.actor(), after(at, 5), tx => {
            campaigns::set_line(tx, &by.scope, id, line.role, &line.line, &bodies).await
        }))?;
    }
    put_in_force(centre, by, id, after(at, 10)).await?;
    Ok(id)
}

/// Issues a campaign and hands it out.
pub async fn put_in_force(centre: &Centre, by: &Player, id: Id<kind::Campaign>, at: Timestamp) -> Result<()> {
    let pack = centre.legal.on(time::date(at));
    let url = centre.config.public_url();
    written(store::write!(centre.db, by.actor(), at, tx => {
        campaigns::issue(tx, &by.scope, id, pack, &*centre.ids, &url).await
    }))
    .context("issuing the demo's campaign")?;
    while campaigns::fill(&centre.db, after(at, 1), &*centre.ids, id, &url).await?.more {}
    Ok(())
}

fn head(draft: &Draft) -> campaigns::Head {
    campaigns::Head {
        name: draft.name.clone(),
        occasion: draft.occasion.clone(),
        window: draft.window.map(|w| Window::days(w.first, w.last)),
        window_by: draft.window.map(|w| window_by(w.from)),
        scope: draft.scope,
        contacts: draft.contacts.clone(),
        note: None,
    }
}

fn duties(centre: &Centre, draft: &Draft) -> Vec<campaigns::NewDuty> {
    let made = draft.duties.iter().map(|duty| campaigns::NewDuty {
        id: Id::new(&*centre.ids),
        code: duty.code.clone(),
        path: duty.path.clone(),
        quote: duty.quote.clone(),
        actor: duty.actor.clone(),
        due_at: duty.due,
        evidence: String::new(),
        standing: duty.standing,
    });
    made.collect()
}

/// So many minutes later.
pub fn after(at: Timestamp, minutes: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(at)
}

/// A write of the demo; its error names the place.
pub fn written<T>(outcome: Result<T, StoreError>) -> Result<T> {
    Ok(outcome?)
}

/// The word under which records keep on what a window rests.
fn window_by(from: order::WindowFrom) -> String {
    serde_json::to_value(from).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
