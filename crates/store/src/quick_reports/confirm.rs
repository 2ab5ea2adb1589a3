//! Confirming: the one act of a quick report.

use domain::{
    actor::{Actor, Scope},
    fact::{Fact, Source, kinds},
    id::{Id, kind},
    quick_reports::{self as rules, Content, Figure, Said, Unfit},
    right::Right,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Desk, course,
    draft::{self, Filled},
    subject,
};
use crate::{Sql, StoreError, Topic, Tx, args, facts, sign_in::links};

/// How a report was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Signed in, on the page.
    Page,
    /// By a program, with a token.
    Api,
    /// By a one-time link.
    Link,
}

impl How {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            How::Page => "page",
            How::Api => "api",
            How::Link => "link",
        }
    }
    pub(super) fn parse(name: &str) -> Option<Self> {
        [How::Page, How::Api, How::Link].into_iter().find(|h| h.name() == name)
    }
}

/// A report to be confirmed.
#[derive(Debug, Clone, Copy)]
pub struct NewReport<'a> {
    /// The id of the new version.
    pub id: Id<kind::QuickReport>,
    /// Of which assignment.
    pub assignment: Id<kind::Assignment>,
    /// The round's hour.
    pub round: Timestamp,
    /// The version it corrects; 0 where there is none yet.
    pub corrects: u32,
    /// [`fingerprint`] of the draft the person saw; `None` where nothing was shown (a program states it all).
    pub shown: Option<&'a str>,
    /// What the person says.
    pub said: &'a Said,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Confirmed {
    /// Which version now stands.
    pub version: u32,
    /// SHA-256 of what was frozen.
    pub digest: String,
    /// After the due time.
    pub late: bool,
}

/// Confirms the report of a body for a round: [`Right::Answer`] held **at that very body**, in one's own name or by a
/// delegation in force. What is confirmed is frozen; its digest enters the audit log.
///
/// `Refused`: `quick-not-open` before the round opens, `quick-not-owed`, `quick-changed` if what Canh filled in is no
/// longer what was shown, `quick-already` if a version was confirmed meanwhile, and the reasons of [`Unfit`].
pub async fn confirm(
    tx: &mut Tx,
    scope: &Scope,
    desk: &Desk<'_>,
    new: &NewReport<'_>,
) -> Result<Confirmed, StoreError> {
    let now = tx.now();
    let by = tx.actor().person().ok_or(StoreError::Refused("person-needed"))?;
    let filled = draft::draft(tx, scope, desk.legal, new.assignment, new.round, now).await?;
    if !may(scope, filled.draft.body) {
        return Err(StoreError::NotFound("assignment"));
    }
    filled.course.in_force()?;
    if now < filled.round.opens {
        return Err(StoreError::Refused("quick-not-open"));
    }
    let owed = course::expected(tx, &Scope::system(), &filled.course).await?;
    if !owed.iter().any(|e| e.assignment == new.assignment && e.owes(&filled.round)) {
        return Err(StoreError::Refused("quick-not-owed"));
    }
    let newest = filled.versions.first();
    if newest.map_or(0, |r| r.content.version) != new.corrects {
        return Err(StoreError::Refused("quick-already"));
    }
    if new.shown.is_some_and(|shown| shown != fingerprint(&filled.draft)) {
        return Err(StoreError::Refused("quick-changed"));
    }
    let row = tx.row("select name from person where id = $1", args![by]).await?;
    let name = row.ok_or(StoreError::NotFound("person"))?.text("name")?;
    let version = new.corrects.saturating_add(1);
    let content = rules::confirm(&filled.draft, new.said, &filled.terms, version, (by, &name), now)
        .map_err(|unfit| StoreError::Refused(refusal(unfit)))?;
    let late = newest.map_or(filled.round.due <= now, |first| first.late);
    let how = how(tx.actor());
    let digest = write(tx, desk, new, &filled, &content, late, how).await?;
    // Whatever other links were sent for it are good for nothing any more.
    links::revoke_on(tx, &subject(new.assignment, new.round)).await?;
    Ok(Confirmed { version, digest, late })
}

/// Whether the scope may confirm for that very body.
pub(super) fn may(scope: &Scope, body: Id<kind::Body>) -> bool {
    scope.tops(Right::Answer).is_some_and(|tops| tops.contains(&body))
}

fn how(actor: Actor) -> How {
    match actor {
        Actor::Link(..) => How::Link,
        Actor::Token(..) => How::Api,
        _ => How::Page,
    }
}

/// The version, its fact, its audit entry, its change: in one commit with whatever else the transaction does.
async fn write(
    tx: &mut Tx,
    desk: &Desk<'_>,
    new: &NewReport<'_>,
    filled: &Filled,
    content: &Content,
    late: bool,
    how: How,
) -> Result<String, StoreError> {
    let now = tx.now();
    let json_error = |e: serde_json::Error| StoreError::Corrupt("quick_report", e.to_string());
    let text = serde_json::to_string(content).map_err(json_error)?;
    // The entry's own digest is that of this very text: the log proves every word of the report.
    let digest = digest_of(&text);
    let action = if content.version == 1 { "quick-report.confirmed" } else { "quick-report.corrected" };
    let entry = tx.record(action, format!("quick-report:{}", new.id), Some(content.body), content);
    tx.exec(
        "update quick_report set superseded_at = $1 where assignment = $2 and round_at = $3 and superseded_at is null",
        args![now, new.assignment, new.round],
    )
    .await?;
    tx.exec(
        "insert into quick_report (id, campaign, assignment, body, round_at, due_at, version, nil, late, content, digest,
                                   how, entry, confirmed_at, confirmed_by)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
        args![
            new.id,
            content.campaign,
            new.assignment,
            content.body,
            new.round,
            content.due,
            content.version,
            content.nil,
            late,
            text,
            &digest,
            how.name(),
            i64::try_from(entry).unwrap_or(i64::MAX),
            now,
            content.by
        ],
    )
    .await?;
    let fact = Fact {
        id: Id::new(desk.ids),
        key: format!(
            "{}/{}/{}/{}",
            kinds::QUICK_REPORT,
            new.assignment,
            new.round.as_second(),
            content.version
        ),
        kind: kinds::QUICK_REPORT.to_owned(),
        body: content.body,
        subject: format!("assignment:{}", new.assignment),
        from: content.since,
        to: content.round,
        learnt: now,
        source: Source::Report(format!("quick-report:{}", new.id)),
        value: json!({
            "report": new.id, "campaign": content.campaign, "round": content.round, "due": content.due, "late": late,
            "nil": content.nil, "version": content.version, "digest": &digest,
            "incidents": content.total(Figure::Incidents), "alerts": content.total(Figure::Alerts),
        }),
    };
    match old_fact(tx, new, content.version).await? {
        Some(old) => facts::supersede(tx, old, &fact).await?,
        None => {
            facts::learn(tx, &fact).await?;
        }
    }
    let tasks = tx
        .rows(
            "select id from task where assignment = $1 and code = $2 and withdrawn_at is null",
            args![new.assignment, course::CODE],
        )
        .await?;
    for row in tasks {
        tx.changed(Topic::Task, format!("task:{}", row.text("id")?), Some(content.body));
    }
    tx.changed(Topic::QuickReport, format!("campaign:{}", content.campaign), Some(filled.course.issuer));
    tx.changed(Topic::QuickReport, format!("quick-report:{}", new.id), Some(content.body));
    Ok(digest)
}

/// What a draft showed, in short: a form carries it, so that nothing is signed unseen.
pub fn fingerprint(draft: &rules::Draft) -> String {
    digest_of(&draft.shown())
}

fn digest_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The fact of the version that is corrected.
async fn old_fact(
    sql: &mut Sql,
    new: &NewReport<'_>,
    version: u32,
) -> Result<Option<Id<kind::Fact>>, StoreError> {
    let before = version.saturating_sub(1);
    let key = format!("{}/{}/{}/{before}", kinds::QUICK_REPORT, new.assignment, new.round.as_second());
    let row = sql.row("select id from fact where key = $1", args![key]).await?;
    row.map(|r| r.id("id")).transpose()
}

/// The reason as `error-…` texts name it.
fn refusal(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Blank(Figure::Incidents) => "quick-blank-incidents",
        Unfit::Blank(_) => "quick-blank-alerts",
        Unfit::Figure(_) => "quick-figure",
        Unfit::NotNil => "quick-not-nil",
        Unfit::Nil => "quick-nil",
        Unfit::OnDuty => "quick-on-duty",
        Unfit::Long => "text-long",
    }
}
