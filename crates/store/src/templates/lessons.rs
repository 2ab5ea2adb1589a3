//! Lessons: written down after a campaign by those who prepare orders, and put into a template.

use domain::{
    actor::Scope,
    id::{Id, kind},
    order::template::{Change, Unfit},
    right::Right,
};

use super::{LESSONS_MAX, Lesson, get, write};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, campaigns, register::require};

/// A lesson to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLesson {
    /// Its id.
    pub id: Id<kind::Lesson>,
    /// Of which campaign.
    pub campaign: Id<kind::Campaign>,
    /// In words.
    pub text: String,
    /// What it changes.
    pub change: Change,
}

/// Writes a lesson down. Refuses `lesson-text`, `lesson-many`.
pub async fn learn(tx: &mut Tx, scope: &Scope, new: &NewLesson) -> Result<(), StoreError> {
    let campaign = campaigns::get(tx, scope, new.campaign).await?;
    require(tx, scope, Right::Prepare, campaign.body).await?;
    // A page of text; more belongs into the report.
    if new.text.trim().is_empty() || new.text.chars().count() > 4_000 {
        return Err(StoreError::Refused("lesson-text"));
    }
    let there = tx.row("select count(*) as n from lesson where campaign = $1", args![new.campaign]).await?;
    if there.map_or(Ok(0), |r| r.int("n"))? >= LESSONS_MAX {
        return Err(StoreError::Refused("lesson-many"));
    }
    let change =
        serde_json::to_value(&new.change).map_err(|e| StoreError::Corrupt("lesson", e.to_string()))?;
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into lesson (id, campaign, body, text, change, at, by_person) values ($1, $2, $3, $4, $5, $6, $7)",
        args![new.id, new.campaign, campaign.body, new.text.trim(), change, now, by],
    )
    .await?;
    touched(tx, "lesson.learnt", new.id, campaign.body, &new.text);
    Ok(())
}

/// Takes a lesson back that went into no template. Refuses `lesson-applied`.
pub async fn unlearn(tx: &mut Tx, scope: &Scope, id: Id<kind::Lesson>) -> Result<(), StoreError> {
    let (lesson, body) = own(tx, scope, id).await?;
    if lesson.applied.is_some() {
        return Err(StoreError::Refused("lesson-applied"));
    }
    tx.exec("delete from lesson where id = $1", args![id]).await?;
    touched(tx, "lesson.taken-back", id, body, &lesson.text);
    Ok(())
}

/// Puts a lesson into a template. Refuses `lesson-applied`, and `lesson-no-duty`, `lesson-duty-there` or
/// `lesson-code` where it does not fit.
pub async fn apply(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Lesson>,
    template: Id<kind::Template>,
) -> Result<(), StoreError> {
    let (lesson, _) = own(tx, scope, id).await?;
    if lesson.applied.is_some() {
        return Err(StoreError::Refused("lesson-applied"));
    }
    let kept = get(tx, scope, template).await?;
    let content = kept.content.changed(&lesson.change).map_err(|unfit| {
        StoreError::Refused(match unfit {
            Unfit::NoDuty => "lesson-no-duty",
            Unfit::Duty => "lesson-duty-there",
            Unfit::Code => "lesson-code",
        })
    })?;
    write::save(tx, template, kept.version, &kept.name, &content).await?;
    let now = tx.now();
    tx.exec("update lesson set template = $1, applied_at = $2 where id = $3", args![template, now, id])
        .await?;
    write::touched(tx, "template.taught", template, kept.body, &lesson.text);
    Ok(())
}

/// The lessons of a campaign, oldest first, for those who prepare orders there.
pub async fn lessons(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
) -> Result<Vec<Lesson>, StoreError> {
    let mut query = seen(scope);
    query.push("and l.campaign =").bind(campaign).push("order by l.at, l.id limit").bind(LESSONS_MAX);
    query.rows(sql).await?.iter().map(lesson).collect()
}

async fn own(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Lesson>,
) -> Result<(Lesson, Id<kind::Body>), StoreError> {
    let mut query = seen(scope);
    query.push("and l.id =").bind(id);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("lesson"))?;
    Ok((lesson(&row)?, row.id("body")?))
}

fn seen(scope: &Scope) -> Query {
    let mut query = Query::new(
        "select l.*, p.name as person_name, t.name as template_name from lesson l
         left join person p on p.id = l.by_person left join template t on t.id = l.template where",
    );
    query.visible(scope, Right::Prepare, "l.body");
    query
}

fn lesson(row: &Row) -> Result<Lesson, StoreError> {
    let template = row.opt_id("template")?.zip(row.opt_text("template_name")?);
    Ok(Lesson {
        id: row.id("id")?,
        text: row.text("text")?,
        change: row.json("change")?,
        at: row.time("at")?,
        by: row.opt_text("person_name")?,
        applied: template.zip(row.opt_time("applied_at")?).map(|((id, name), at)| (id, name, at)),
    })
}

fn touched(tx: &mut Tx, action: &'static str, id: Id<kind::Lesson>, body: Id<kind::Body>, text: &str) {
    tx.changed(Topic::Campaign, format!("lesson:{id}"), Some(body));
    tx.record(action, format!("lesson:{id}"), Some(body), &text);
}
