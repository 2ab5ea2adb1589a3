//! Reading campaigns. Drafts are seen by those who prepare them; issued ones by the issuer's side and the addressees,
//! each addressee seeing only what reached bodies within its own sight.

use domain::{
    actor::Scope,
    id::{Id, kind},
    order::{CampaignState, LineRole},
    right::Right,
    text::fold,
    time::Window,
};
use jiff::Timestamp;

use super::{Addressee, Campaign, CampaignRow, Duty, Line, PAGE_MAX, Progress, Revision};
use crate::{Query, Row, Sql, StoreError, args, letters::escape_like};

/// What of the campaigns is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Only in this state.
    pub state: Option<CampaignState>,
    /// Only issued by this body.
    pub body: Option<Id<kind::Body>>,
    /// Only with these words in the name.
    pub q: &'a str,
    /// Only after this row, the last one of the page before: for the order in which they were drafted.
    pub after: Option<(Timestamp, Id<kind::Campaign>)>,
    /// `created`, `name`, `window` or `state`, with `-` for down; anything else: newest first.
    pub sort: &'a str,
    /// So many rows of that order were shown before.
    pub skip: usize,
}

/// One campaign.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Campaign>) -> Result<Campaign, StoreError> {
    let mut query = Query::new(
        "select c.*, b.name as body_name, l.number, l.symbol from campaign c join body b on b.id = c.body
         left join letter l on l.id = c.letter where c.id =",
    );
    query.bind(id).push("and");
    seen(&mut query, scope);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("campaign"))?;
    let reference = match (row.opt_text("number")?, row.opt_text("symbol")?) {
        (Some(number), Some(symbol)) => Some(format!("{number}/{symbol}")),
        (None, symbol) => symbol,
        (number, None) => number,
    };
    Ok(Campaign {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        letter: row.opt_id("letter")?,
        reference,
        parent: row.opt_id("parent_assignment")?,
        name: row.text("name")?,
        occasion: row.opt_text("occasion")?,
        window: window(&row)?,
        window_by: row.opt_text("window_by")?,
        state: row.word("state", CampaignState::parse)?,
        scope: row.json("scope")?,
        contacts: row.json("contact")?,
        note: row.opt_text("note")?,
        issued_at: row.opt_time("issued_at")?,
        closed_at: row.opt_time("closed_at")?,
        revision: row.int("revision")?,
        created_at: row.time("created_at")?,
    })
}

/// Campaigns, newest first, at most `limit` (≤ [`PAGE_MAX`]).
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter<'_>,
    limit: usize,
) -> Result<Vec<CampaignRow>, StoreError> {
    let mut query = rows_query(scope);
    if let Some(state) = filter.state {
        query.push("and c.state =").bind(state.name());
    }
    if let Some(body) = filter.body {
        query.push("and c.body =").bind(body);
    }
    for word in fold(filter.q).split(' ').filter(|w| !w.is_empty()) {
        query.push("and c.folded like").bind(format!("%{}%", escape_like(word))).push("escape '!'");
    }
    if let Some((at, id)) = filter.after {
        query.push("and (c.created_at <").bind(at).push("or (c.created_at =").bind(at);
        query.push("and c.id <").bind(id).push("))");
    }
    query.push(match filter.sort {
        "created" => "order by c.created_at, c.id",
        "name" => "order by c.folded, c.id",
        "-name" => "order by c.folded desc, c.id desc",
        "window" => "order by coalesce(c.window_from, 0), c.id",
        "-window" => "order by coalesce(c.window_from, 0) desc, c.id desc",
        "state" => "order by c.state, c.created_at desc, c.id",
        "-state" => "order by c.state desc, c.created_at desc, c.id",
        _ => "order by c.created_at desc, c.id desc",
    });
    query.push("limit").bind(limit.min(PAGE_MAX) as i64).push("offset").bind(filter.skip as i64);
    query.rows(sql).await?.iter().map(campaign_row).collect()
}

/// The campaigns made from a letter.
pub async fn of_letter(
    sql: &mut Sql,
    scope: &Scope,
    letter: Id<kind::Letter>,
) -> Result<Vec<CampaignRow>, StoreError> {
    let mut query = rows_query(scope);
    query.push("and c.letter =").bind(letter).push("order by c.created_at, c.id limit").bind(PAGE_MAX as i64);
    query.rows(sql).await?.iter().map(campaign_row).collect()
}

fn rows_query(scope: &Scope) -> Query {
    let mut query = Query::new(
        "select c.id, c.body, b.name as body_name, c.name, c.state, c.window_from, c.window_to, c.issued_at, c.created_at,
           (select count(*) from assignment a where a.campaign = c.id and a.cancelled_at is null and",
    );
    query.visible(scope, Right::See, "a.body");
    query.push(
        ") as bodies,
           (select count(*) from assignment a where a.campaign = c.id and a.cancelled_at is null
              and a.acknowledged_at is not null and",
    );
    query.visible(scope, Right::See, "a.body");
    query.push(") as acknowledged from campaign c join body b on b.id = c.body where");
    seen(&mut query, scope);
    query
}

/// Who may see campaign `c`.
fn seen(query: &mut Query, scope: &Scope) {
    query.push("(").visible(scope, Right::Prepare, "c.body");
    query.push("or (c.state <> 'draft' and (").visible(scope, Right::See, "c.body");
    query.push("or exists (select 1 from assignment mine where mine.campaign = c.id and");
    query.visible(scope, Right::See, "mine.body").push("))))");
}

/// The duties of a campaign the caller has read, in order; withdrawn ones too.
pub async fn duties(sql: &mut Sql, id: Id<kind::Campaign>) -> Result<Vec<Duty>, StoreError> {
    let rows =
        sql.rows("select * from campaign_duty where campaign = $1 order by place, id", args![id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Duty {
                id: row.id("id")?,
                place: row.int("place")?,
                code: row.text("code")?,
                path: row.text("path")?,
                quote: row.text("quote")?,
                actor: row.opt_text("actor")?,
                due_at: row.opt_time("due_at")?,
                evidence: row.text("evidence")?,
                standing: row.bool("standing")?,
                withdrawn_at: row.opt_time("withdrawn_at")?,
            })
        })
        .collect()
}

/// The lines of a campaign the caller may prepare, *Kính gửi* first, with their bodies.
pub async fn lines(sql: &mut Sql, id: Id<kind::Campaign>) -> Result<Vec<Line>, StoreError> {
    let rows = sql
        .rows(
            "select role, line, resolved from campaign_line where campaign = $1 order by role desc, place",
            args![id],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        found.push(Line {
            role: row.word("role", LineRole::parse)?,
            line: row.text("line")?,
            resolved: row.bool("resolved")?,
            bodies: Vec::new(),
        });
    }
    let bodies = sql
        .rows(
            "select x.role, x.line, x.body, b.name from campaign_line_body x join body b on b.id = x.body
             where x.campaign = $1 order by b.sort_key, b.id",
            args![id],
        )
        .await?;
    for row in &bodies {
        let (role, line) = (row.word("role", LineRole::parse)?, row.text("line")?);
        if let Some(place) = found.iter_mut().find(|l| l.role == role && l.line == line) {
            place.bodies.push((row.id("body")?, row.text("name")?));
        }
    }
    Ok(found)
}

/// A stretch of addressees.
#[derive(Debug, Clone, Default)]
pub struct Addressees<'a> {
    /// Only those that have not acknowledged.
    pub waiting: bool,
    /// Only with these words in the name.
    pub q: &'a str,
    /// Only after this one: sort key and id of the last one of the page before.
    pub after: Option<(String, Id<kind::Body>)>,
}

/// The addressees within sight, by name, each with the key for [`Addressees::after`].
pub async fn addressees(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Campaign>,
    filter: &Addressees<'_>,
    limit: usize,
) -> Result<Vec<(String, Addressee)>, StoreError> {
    let mut query = Query::new(
        "select a.*, b.name as body_name, b.sort_key,
           (select count(*) from task t where t.assignment = a.id and t.withdrawn_at is null) as tasks,
           (select count(*) from task t where t.assignment = a.id and t.withdrawn_at is null
              and t.state in ('met', 'excused', 'not-applicable')) as done
         from assignment a join body b on b.id = a.body where a.campaign =",
    );
    query.bind(id).push("and").visible(scope, Right::See, "a.body");
    if filter.waiting {
        query.push("and a.acknowledged_at is null and a.cancelled_at is null");
    }
    for word in fold(filter.q).split(' ').filter(|w| !w.is_empty()) {
        query.push("and b.folded like").bind(format!("%{}%", escape_like(word))).push("escape '!'");
    }
    if let Some((key, body)) = &filter.after {
        query.push("and (b.sort_key >").bind(key).push("or (b.sort_key =").bind(key);
        query.push("and b.id >").bind(*body).push("))");
    }
    query.push("order by b.sort_key, b.id limit").bind(limit.min(PAGE_MAX) as i64);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|row| {
            let addressee = Addressee {
                assignment: row.id("id")?,
                body: row.id("body")?,
                body_name: row.text("body_name")?,
                received_at: row.time("received_at")?,
                read_at: row.opt_time("read_at")?,
                acknowledged_at: row.opt_time("acknowledged_at")?,
                ack_how: row.opt_text("ack_how")?,
                passed_on_at: row.opt_time("passed_on_at")?,
                cancelled_at: row.opt_time("cancelled_at")?,
                chased: row.count("chased")?,
                tasks: row.count("tasks")?,
                done: row.count("done")?,
            };
            Ok((row.text("sort_key")?, addressee))
        })
        .collect()
}

/// How far a campaign is, as far as the reader sees its addressees.
pub async fn progress(sql: &mut Sql, scope: &Scope, id: Id<kind::Campaign>) -> Result<Progress, StoreError> {
    let mut query =
        Query::new("select count(distinct x.body) as bodies from campaign_line_body x where x.campaign =");
    query.bind(id).push("and").visible(scope, Right::See, "x.body");
    let bodies = query.row(sql).await?.map_or(Ok(0), |r| r.count("bodies"))?;
    let mut query = Query::new(
        "select count(*) as assigned, count(a.acknowledged_at) as acknowledged, count(a.passed_on_at) as passed_on
         from assignment a where a.campaign =",
    );
    query.bind(id).push("and").visible(scope, Right::See, "a.body");
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("campaign"))?;
    let mut query = Query::new(
        "select count(*) as tasks, count(case when t.state in ('met', 'excused', 'not-applicable') then 1 end) as done
         from task t where t.withdrawn_at is null and t.campaign =",
    );
    query.bind(id).push("and").visible(scope, Right::See, "t.body");
    let tasks = query.row(sql).await?.ok_or(StoreError::NotFound("campaign"))?;
    Ok(Progress {
        bodies,
        assigned: row.count("assigned")?,
        acknowledged: row.count("acknowledged")?,
        passed_on: row.count("passed_on")?,
        tasks: tasks.count("tasks")?,
        done: tasks.count("done")?,
    })
}

/// What became of a campaign the caller has read, oldest first.
pub async fn history(sql: &mut Sql, id: Id<kind::Campaign>) -> Result<Vec<Revision>, StoreError> {
    let rows = sql
        .rows(
            "select r.*, p.name as made_by_name from campaign_revision r left join person p on p.id = r.made_by
             where r.campaign = $1 order by r.revision",
            args![id],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Revision {
                revision: row.int("revision")?,
                at: row.time("at")?,
                made_by: row.opt_id("made_by")?,
                made_by_name: row.opt_text("made_by_name")?,
                kind: row.text("kind")?,
                note: row.text("note")?,
                before: row.json("before")?,
            })
        })
        .collect()
}

fn campaign_row(row: &Row) -> Result<CampaignRow, StoreError> {
    Ok(CampaignRow {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        name: row.text("name")?,
        state: row.word("state", CampaignState::parse)?,
        window: window(row)?,
        issued_at: row.opt_time("issued_at")?,
        created_at: row.time("created_at")?,
        bodies: row.count("bodies")?,
        acknowledged: row.count("acknowledged")?,
    })
}

fn window(row: &Row) -> Result<Option<Window>, StoreError> {
    Ok(row.opt_time("window_from")?.zip(row.opt_time("window_to")?).map(|(from, to)| Window { from, to }))
}
