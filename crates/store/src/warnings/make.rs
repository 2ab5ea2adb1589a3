//! Warnings come to be: with an order, or by hand.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    order::Paper,
    right::Right,
    text::fold,
    time,
    warning::{FLAWS_MAX, Item, TITLE_MAX, Warned},
};
use jiff::civil::Date;
use serde_json::Value;

use super::{expand, get};
use crate::{StoreError, Topic, Tx, args, campaigns::Campaign, findings, jobs, letters, register::require};

/// The duties whose words tell of what a letter warns.
const CODES: [&str; 3] = ["VREV", "VFIX", "WARN"];

/// A warning to be made.
#[derive(Debug, Clone)]
pub struct NewWarning<'a> {
    /// Its id.
    pub id: Id<kind::Warning>,
    /// Who warns.
    pub body: Id<kind::Body>,
    /// The order it belongs to.
    pub campaign: Option<Id<kind::Campaign>>,
    /// What it is called.
    pub title: &'a str,
    /// Its date.
    pub on: Date,
    /// What it warns of.
    pub warned: &'a Warned,
}

/// Makes one and looks it up. Needs [`Right::Issue`] over the body; an agency that only answers for itself warns nobody.
/// Refusals: `warning-title`, `warning-empty`, `warning-many`.
pub async fn make(tx: &mut Tx, scope: &Scope, new: &NewWarning<'_>) -> Result<(), StoreError> {
    require(tx, scope, Right::Issue, new.body).await?;
    let title = new.title.trim();
    if title.is_empty() || title.chars().count() > TITLE_MAX || title.chars().any(char::is_control) {
        return Err(StoreError::Refused("warning-title"));
    }
    if new.warned.items.is_empty() {
        return Err(StoreError::Refused("warning-empty"));
    }
    let many = |i: &Item| matches!(i, Item::Flaws { numbers, .. } if numbers.len() > FLAWS_MAX);
    if new.warned.items.iter().any(many) {
        return Err(StoreError::Refused("warning-many"));
    }
    let (now, day) = (tx.now(), new.on.to_string());
    tx.exec(
        "insert into warning (id, body, campaign, title, folded, on_day, is_open, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![new.id, new.body, new.campaign, title, fold(title), day, new.warned.open, now],
    )
    .await?;
    for (n, item) in new.warned.items.iter().enumerate() {
        let content =
            serde_json::to_value(item).map_err(|e| StoreError::Corrupt("warning", e.to_string()))?;
        tx.exec(
            "insert into warning_item (warning, n, content) values ($1,$2,$3)",
            args![new.id, n as i64, content],
        )
        .await?;
    }
    if let Some(campaign) = new.campaign {
        under(tx, campaign, new.id).await?;
    }
    expand(tx, new.id).await?;
    tx.record("warning.made", format!("warning:{}", new.id), Some(new.body), &new.warned.items);
    tx.changed(Topic::Advisory, format!("warning:{}", new.id), Some(new.body));
    Ok(())
}

/// Takes back a warning made by hand; one of an order goes with its order.
pub async fn withdraw(tx: &mut Tx, scope: &Scope, id: Id<kind::Warning>) -> Result<(), StoreError> {
    let warning = get(tx, scope, id).await?;
    require(tx, scope, Right::Issue, warning.body).await.map_err(|e| match e {
        StoreError::NotFound(_) => StoreError::NotFound("warning"),
        e => e,
    })?;
    if warning.campaign.is_some() {
        return Err(StoreError::Refused("warning-of-order"));
    }
    if tx.row("select id from own_advisory where id = $1", args![id]).await?.is_some() {
        return Err(StoreError::Refused("warning-own"));
    }
    let now = tx.now();
    let gone = tx
        .exec("update warning set closed_at = $1 where id = $2 and closed_at is null", args![now, id])
        .await?;
    if gone == 0 {
        tx.unchanged();
        return Ok(());
    }
    tx.record("warning.withdrawn", format!("warning:{id}"), Some(warning.body), &warning.title);
    tx.changed(Topic::Advisory, format!("warning:{id}"), Some(warning.body));
    Ok(())
}

/// The warning of an order that is being issued: of what its letter names, or the one of the order it passes on.
/// An order that names nothing has none.
pub async fn of_campaign(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    campaign: &Campaign,
    duties: &[(&str, &str)],
) -> Result<(), StoreError> {
    if let Some(parent) = campaign.parent {
        let above = tx
            .row(
                "select w.warning from warning_campaign w join assignment a on a.campaign = w.campaign where a.id = $1",
                args![parent],
            )
            .await?;
        if let Some(row) = above {
            return under(tx, campaign.id, row.id("warning")?).await;
        }
    }
    let Some(letter) = campaign.letter else { return Ok(()) };
    let letter = letters::get(tx, scope, letter).await?;
    let paper = letter.paper();
    let open = letter.corrected.get("open_list").and_then(Value::as_bool).unwrap_or(false);
    let quotes: Vec<&str> = duties.iter().filter(|(c, _)| CODES.contains(c)).map(|(_, q)| *q).collect();
    let warned = Warned::of(&paper, &quotes, open);
    if warned.items.is_empty() {
        return Ok(());
    }
    let today = time::date(tx.now());
    let on = paper.date.as_deref().and_then(|d| d.parse::<Date>().ok()).unwrap_or(today);
    let title: String =
        title(&paper, &campaign.name).chars().filter(|c| !c.is_control()).take(TITLE_MAX).collect();
    let id = Id::new(ids);
    let new = NewWarning {
        id,
        body: campaign.body,
        campaign: Some(campaign.id),
        title: &title,
        on,
        warned: &warned,
    };
    make(tx, scope, &new).await?;
    // The province knows within the minute whom it concerns.
    let now = tx.now();
    jobs::enqueue(tx, Id::new(ids), findings::JOB, findings::JOB, now, &Value::Null).await?;
    Ok(())
}

fn title(paper: &Paper, campaign: &str) -> String {
    match (&paper.number, &paper.symbol) {
        (Some(number), Some(symbol)) => format!("{number}/{symbol} – {campaign}"),
        _ => campaign.to_owned(),
    }
}

async fn under(
    tx: &mut Tx,
    campaign: Id<kind::Campaign>,
    warning: Id<kind::Warning>,
) -> Result<(), StoreError> {
    tx.exec(
        "insert into warning_campaign (campaign, warning) values ($1,$2) on conflict (campaign) do nothing",
        args![campaign, warning],
    )
    .await?;
    Ok(())
}
