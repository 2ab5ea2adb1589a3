//! Reports up and reply letters: written as drafts, signed off once, then frozen with the files, the model and what they
//! were made from.
//!
//! Whoever may read the reporting body's papers reads its reports; what was handed up is read at the body it was handed
//! to as well. The figures of a report are those its body sees, whoever opens it: the same moment gives the same paper.

mod ask;
mod basis;
mod below;
mod figures;
mod inspected;
mod machines;
mod outages;
mod propose;
mod sections;
mod signer;
mod verify;
mod write;

use domain::{
    actor::Scope,
    id::{Id, kind},
    report::{Draft, ReportKind, ReportState},
    right::Right,
};
use jiff::Timestamp;

use self::signer::signs;
pub use self::{
    ask::{WHY_MAX, send_back, submit, waiting},
    basis::{basis, digest, task_names},
    figures::figures,
    propose::{answers, head, propose},
    signer::{Signer, signed_by, signers},
    verify::{Verified, verify},
    write::{Frozen, NewReport, create, discard, save, sign},
};
use crate::{Query, Row, Sql, StoreError};

/// At most so many rows of a page.
pub const PAGE_MAX: usize = 500;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its id.
    pub id: Id<kind::Report>,
    /// What it answers.
    pub kind: ReportKind,
    /// Who reports.
    pub body: Id<kind::Body>,
    /// Their name.
    pub body_name: String,
    /// On which campaign.
    pub campaign: Id<kind::Campaign>,
    /// Its name.
    pub campaign_name: String,
    /// The assignment it is handed up to, if there is one here.
    pub assignment: Option<Id<kind::Assignment>>,
    /// Where it stands.
    pub state: ReportState,
    /// What is edited.
    pub draft: Draft,
    /// For the optimistic lock.
    pub version: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<String>,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: Option<String>,
    /// Since when it waits for its signer, and who laid it there.
    pub asked: Option<(Timestamp, String)>,
    /// When it came back unsigned, from whom, and why; until it is laid before the signer again.
    pub returned: Option<(Timestamp, String, String)>,
    /// What was frozen, once signed off.
    pub signed: Option<Signed>,
    /// What whoever looks may do.
    pub rights: Rights,
}

impl Report {
    /// What it is about, its one common field filled in without reckoning all figures.
    pub fn subject(&self) -> String {
        self.draft.subject.replace("{{campaign}}", &self.campaign_name)
    }
}

/// What whoever looks may do: decides which buttons a page shows, never whether an act succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// Edit and discard the draft.
    pub prepare: bool,
    /// Sign it off: only at that very body.
    pub sign: bool,
}

/// A report signed off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The moment its figures are of.
    pub made_at: Timestamp,
    /// Digest of what it was made from.
    pub digest: String,
    /// SHA-256 of what it was made from.
    pub basis: String,
    /// SHA-256 of its model.
    pub model: String,
    /// SHA-256 of the PDF.
    pub pdf: String,
    /// SHA-256 of the Word file.
    pub docx: String,
}

/// Which reports.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// On one campaign.
    pub campaign: Option<Id<kind::Campaign>>,
    /// Answering one assignment.
    pub assignment: Option<Id<kind::Assignment>>,
    /// In one state.
    pub state: Option<ReportState>,
    /// Only after this one: the last of the page before.
    pub after: Option<(Timestamp, Id<kind::Report>)>,
}

/// The reports within sight, changed last first.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Report>, StoreError> {
    let mut query = query(scope);
    if let Some(campaign) = filter.campaign {
        query.push("and r.campaign =").bind(campaign);
    }
    if let Some(assignment) = filter.assignment {
        query.push("and r.assignment =").bind(assignment);
    }
    if let Some(state) = filter.state {
        query.push("and r.state =").bind(state.name());
    }
    if let Some((at, id)) = filter.after {
        query.push("and (r.changed_at <").bind(at).push("or (r.changed_at =").bind(at);
        query.push("and r.id <").bind(id).push("))");
    }
    query.push("order by r.changed_at desc, r.id desc limit").bind(limit.min(PAGE_MAX) as i64);
    query.rows(sql).await?.iter().map(|row| from_row(row, scope)).collect()
}

/// One report.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Report>) -> Result<Report, StoreError> {
    let mut query = query(scope);
    query.push("and r.id =").bind(id);
    query
        .row(sql)
        .await?
        .as_ref()
        .map(|row| from_row(row, scope))
        .transpose()?
        .ok_or(StoreError::NotFound("report"))
}

/// The report a file with that SHA-256 is the PDF or Word file of.
pub async fn of_file(sql: &mut Sql, scope: &Scope, sha256: &str) -> Result<Report, StoreError> {
    let mut query = query(scope);
    query.push("and (r.pdf =").bind(sha256).push("or r.docx =").bind(sha256).push(") order by r.id limit 1");
    query
        .row(sql)
        .await?
        .as_ref()
        .map(|row| from_row(row, scope))
        .transpose()?
        .ok_or(StoreError::NotFound("report"))
}

/// The predicate of reading stands in it: papers of the reporting body, or what was handed up to one's own.
fn query(scope: &Scope) -> Query {
    let mut query = Query::new("select r.*, b.name as body_name, c.name as campaign_name, (");
    query.visible(scope, Right::Prepare, "r.body").push(
        ") as may_prepare, p.name as creator, e.name as changer, s.name as signer, q.name as asker, t.name as returner
         from report r join body b on b.id = r.body join campaign c on c.id = r.campaign
         left join person p on p.id = r.created_by left join person e on e.id = r.changed_by
         left join person s on s.id = r.signed_by left join person q on q.id = r.asked_by
         left join person t on t.id = r.returned_by
         left join assignment a on a.id = r.assignment left join campaign k on k.id = a.campaign where (",
    );
    query.visible(scope, Right::Read, "r.body").push("or (r.state = 'signed' and k.id is not null and");
    query.visible(scope, Right::Read, "k.body").push("))");
    query
}

fn from_row(row: &Row, scope: &Scope) -> Result<Report, StoreError> {
    let state = row.word("state", ReportState::parse)?;
    let open = state == ReportState::Draft;
    let missing = || StoreError::Corrupt("report", "signed without its files".into());
    let signed = match row.opt_time("signed_at")? {
        None => None,
        Some(at) => Some(Signed {
            at,
            by: row.opt_text("signer")?.unwrap_or_default(),
            made_at: row.opt_time("made_at")?.unwrap_or(at),
            digest: row.opt_text("digest")?.ok_or_else(missing)?,
            basis: row.opt_text("basis")?.ok_or_else(missing)?,
            model: row.opt_text("model")?.ok_or_else(missing)?,
            pdf: row.opt_text("pdf")?.ok_or_else(missing)?,
            docx: row.opt_text("docx")?.ok_or_else(missing)?,
        }),
    };
    let body = row.id("body")?;
    let named = |column| row.opt_text(column).map(Option::unwrap_or_default);
    let asked = match row.opt_time("asked_at")? {
        Some(at) => Some((at, named("asker")?)),
        None => None,
    };
    let returned = match row.opt_time("returned_at")? {
        Some(at) => Some((at, named("returner")?, named("returned_why")?)),
        None => None,
    };
    Ok(Report {
        id: row.id("id")?,
        kind: row.word("kind", ReportKind::parse)?,
        body,
        body_name: row.text("body_name")?,
        campaign: row.id("campaign")?,
        campaign_name: row.text("campaign_name")?,
        assignment: row.opt_id("assignment")?,
        state,
        draft: row.json("draft")?,
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        created_by: row.opt_text("creator")?,
        changed_at: row.time("changed_at")?,
        changed_by: row.opt_text("changer")?,
        asked,
        returned,
        signed,
        rights: Rights { prepare: open && row.bool("may_prepare")?, sign: open && signs(scope, body) },
    })
}
