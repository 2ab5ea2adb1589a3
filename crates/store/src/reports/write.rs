//! Begun, edited, discarded; signed off once.

use domain::{
    actor::Scope,
    evidence::Evaluator,
    fact::{Fact, Source, kinds},
    id::{Id, kind},
    report::{Draft, ReportKind},
    right::Right,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Report,
    ask::tell_author,
    get,
    signer::{signed_by, signs},
    verify::signing,
};
use crate::{
    StoreError, Topic, Tx, args,
    assignments::Tools,
    blobs::{self, Blob},
    facts,
    register::require,
};

/// A report to begin.
#[derive(Debug, Clone)]
pub struct NewReport {
    /// Its id.
    pub id: Id<kind::Report>,
    /// What it answers.
    pub kind: ReportKind,
    /// Who reports.
    pub body: Id<kind::Body>,
    /// On which campaign.
    pub campaign: Id<kind::Campaign>,
    /// The assignment it is handed up to.
    pub assignment: Option<Id<kind::Assignment>>,
    /// Its first wording.
    pub draft: Draft,
}

/// What a report is frozen as: files already stored.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The moment its figures are of.
    pub made_at: Timestamp,
    /// Digest of what it was made from.
    pub digest: String,
    /// What it was made from, its model, the PDF, the Word file.
    pub files: [Blob; 4],
    /// The draft as its signer signs it; see [`super::signed_by`].
    pub draft: Draft,
    /// What the files are called, without their ending.
    pub name: String,
}

/// Begins a report; needs [`Right::Prepare`] over the reporting body, which is the issuer of the campaign, or for a
/// reply the body of the assignment.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewReport) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, new.body).await.map_err(|_| StoreError::NotFound("campaign"))?;
    let (sql, values) = match (new.kind, new.assignment) {
        (ReportKind::Reply, None) => return Err(StoreError::NotFound("assignment")),
        (ReportKind::Reply, Some(assignment)) => (
            "select id from assignment where id = $1 and campaign = $2 and body = $3 and cancelled_at is null",
            args![assignment, new.campaign, new.body],
        ),
        (ReportKind::Campaign, _) => (
            "select id from campaign where id = $1 and body = $2 and state <> 'draft'",
            args![new.campaign, new.body],
        ),
    };
    if tx.row(sql, values).await?.is_none() {
        return Err(StoreError::NotFound("campaign"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    let draft = text(&new.draft)?;
    tx.exec(
        "insert into report (id, kind, body, campaign, assignment, state, draft, created_at, created_by, changed_at, changed_by)
         values ($1,$2,$3,$4,$5,'draft',$6,$7,$8,$7,$8)",
        args![new.id, new.kind.name(), new.body, new.campaign, new.assignment, &draft, now, person],
    )
    .await?;
    let subject = format!("report:{}", new.id);
    tx.record("report.begun", subject.clone(), Some(new.body), &(new.kind, new.campaign, &draft));
    tx.changed(Topic::Campaign, subject, Some(new.body));
    Ok(())
}

/// Keeps what was edited. `Refused("report-unfit")` for what cannot be printed, [`StoreError::Stale`] when somebody was
/// faster, `Refused("report-signed")` once it is frozen.
pub async fn save(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Report>,
    version: i64,
    draft: &Draft,
) -> Result<(), StoreError> {
    let report = open(tx, scope, id, version, Right::Prepare).await?;
    if !draft.unfit().is_empty() {
        return Err(StoreError::Refused("report-unfit"));
    }
    if report.draft == *draft {
        tx.unchanged();
        return Ok(());
    }
    let (now, person) = (tx.now(), tx.actor().person());
    let draft = text(draft)?;
    // What the signer was asked for was the draft before.
    tx.exec(
        "update report set asked_at = null, draft = $1, version = version + 1, changed_at = $2, changed_by = $3 where id = $4",
        args![&draft, now, person, id],
    )
    .await?;
    tx.record("report.edited", format!("report:{id}"), Some(report.body), &draft);
    tx.changed(Topic::Campaign, format!("report:{id}"), Some(report.body));
    Ok(())
}

/// Throws a draft away; the log keeps that there was one.
pub async fn discard(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Report>,
    version: i64,
) -> Result<(), StoreError> {
    let report = open(tx, scope, id, version, Right::Prepare).await?;
    tx.exec("delete from report where id = $1", args![id]).await?;
    tx.record("report.discarded", format!("report:{id}"), Some(report.body), &id);
    tx.changed(Topic::Campaign, format!("report:{id}"), Some(report.body));
    Ok(())
}

/// Signs a draft off; needs [`Right::Sign`] at the reporting body itself, in one's own name or by a delegation in force:
/// who prepares does not sign. From then on it is frozen. Handed up to an assignment, it proves every duty of it that
/// asks for a result in time. Whoever prepared it is told.
pub async fn sign(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Report>,
    version: i64,
    frozen: &Frozen,
) -> Result<(), StoreError> {
    let report = open(tx, scope, id, version, Right::Sign).await?;
    if !signs(scope, report.body) {
        return Err(StoreError::NotFound("report"));
    }
    let person = tx.actor().person().ok_or(StoreError::Refused("person-needed"))?;
    let (now, subject) = (tx.now(), format!("report:{id}"));
    // Who signs stands under it: a paper printed for another's signature is not what this person signs.
    match signed_by(tx, tools.pack, &report, person, now).await? {
        Some(draft) if draft == frozen.draft => {}
        _ => return Err(StoreError::Refused("report-signer")),
    }
    let draft = text(&frozen.draft)?;
    let above = match report.assignment {
        None => None,
        Some(assignment) => tx
            .row(
                "select c.body from assignment a join campaign c on c.id = a.campaign where a.id = $1",
                args![assignment],
            )
            .await?
            .map(|row| row.id("body"))
            .transpose()?,
    };
    let [basis, model, pdf, docx] = &frozen.files;
    let name = &frozen.name;
    let json = "application/json";
    let files = [
        (basis, format!("{name}.basis.json"), json),
        (model, format!("{name}.json"), json),
        (pdf, format!("{name}.pdf"), "application/pdf"),
        (
            docx,
            format!("{name}.docx"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ];
    for (blob, name, kind) in &files {
        blobs::attach(tx, blob, report.body, &subject, name, kind).await?;
    }
    // Whom it is handed up to reads the paper, not what the body keeps beside it.
    if let Some(above) = above.filter(|above| *above != report.body) {
        for (blob, name, kind) in files.iter().skip(2) {
            blobs::attach(tx, blob, above, &subject, name, kind).await?;
        }
    }
    tx.exec(
        "update report set state = 'signed', version = version + 1, changed_at = $1, changed_by = $2, signed_at = $1,
           signed_by = $2, made_at = $3, digest = $4, basis = $5, model = $6, pdf = $7, docx = $8, draft = $9
         where id = $10",
        args![
            now, person, frozen.made_at, &frozen.digest, &basis.sha256, &model.sha256, &pdf.sha256, &docx.sha256,
            &draft, id
        ],
    )
    .await?;
    tx.record(
        "report.signed",
        subject.clone(),
        Some(report.body),
        &signing(&frozen.digest, &pdf.sha256, &docx.sha256),
    );
    tx.changed(Topic::Campaign, subject, Some(report.body));
    tell_author(tx, tools, &report, format!("report/{id}/signed"), "report-signed", None).await?;
    hand_up(tx, tools, &report).await
}

/// The report is the result which some duties of the assignment ask for.
async fn hand_up(tx: &mut Tx, tools: &Tools<'_>, report: &Report) -> Result<(), StoreError> {
    let Some(assignment) = report.assignment else { return Ok(()) };
    let rows = tx
        .rows(
            "select id, code, body from task where assignment = $1 and withdrawn_at is null",
            args![assignment],
        )
        .await?;
    let now = tx.now();
    for row in rows {
        let code = row.text("code")?;
        if tools.pack.duty(&code).is_none_or(|d| d.evaluator != Evaluator::OnTime) {
            continue;
        }
        let (task, body): (Id<kind::Task>, _) = (row.id("id")?, row.id("body")?);
        let subject = format!("task:{task}");
        let fact = Fact {
            id: Id::new(tools.ids),
            key: format!("{}/report/{}/{task}", kinds::SUBMITTED, report.id),
            kind: kinds::SUBMITTED.to_owned(),
            body,
            subject: subject.clone(),
            from: now,
            to: now,
            learnt: now,
            source: Source::Report(format!("report:{}", report.id)),
            value: json!({"submission": report.id, "at": now.to_string()}),
        };
        facts::learn(tx, &fact).await?;
        tx.changed(Topic::Task, subject, Some(body));
    }
    Ok(())
}

/// A draft one may change.
pub(super) async fn open(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Report>,
    version: i64,
    right: Right,
) -> Result<Report, StoreError> {
    let report = get(tx, scope, id).await?;
    require(tx, scope, right, report.body).await?;
    if report.signed.is_some() {
        return Err(StoreError::Refused("report-signed"));
    }
    if report.version != version {
        return Err(StoreError::Stale);
    }
    Ok(report)
}

fn text(draft: &Draft) -> Result<String, StoreError> {
    serde_json::to_string(draft).map_err(|e| StoreError::Corrupt("report", e.to_string()))
}
