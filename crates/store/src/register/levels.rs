//! What the register holds of a system besides its level and marks: dossier, papers, plan, where it stands. Seen and changed
//! by whoever sees and changes the system.

use domain::{
    actor::Scope,
    id::{Id, kind},
    level::{Detail, Listed},
    register::ROWS_MAX,
    right::Right,
    system::{Level, System},
    time,
};

use super::systems::{done, get, owned};
use crate::{Query, Row, Sql, StoreError, Tx, args};

/// Of one system; all blank where nobody said anything.
pub async fn detail(sql: &mut Sql, scope: &Scope, id: Id<kind::System>) -> Result<Detail, StoreError> {
    get(sql, scope, id).await?;
    let row = sql.row("select detail from system where id = $1", args![id]).await?;
    row.ok_or(StoreError::NotFound("system"))?.json("detail")
}

/// Says it anew. Needs [`Right::Register`] over the owner. Refusals: those of [`Detail::wrong`], `system-closed`.
pub async fn set(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::System>,
    detail: &Detail,
) -> Result<(), StoreError> {
    let entry = owned(tx, scope, id).await?;
    if entry.closed_at.is_some() {
        return Err(StoreError::Refused("system-closed"));
    }
    if let Some(code) = detail.wrong(time::date(tx.now())) {
        return Err(StoreError::Refused(code));
    }
    let row = tx.row("select detail from system where id = $1", args![id]).await?;
    let old: Detail = row.ok_or(StoreError::NotFound("system"))?.json("detail")?;
    if old == *detail {
        tx.nothing_to_do();
        return Ok(());
    }
    let doc = serde_json::to_value(detail).map_err(|e| StoreError::Corrupt("detail", e.to_string()))?;
    tx.exec("update system set detail = $1 where id = $2", args![doc, id]).await?;
    done(tx, "system.detailed", id, entry.system.body, detail);
    Ok(())
}

/// The systems in service whose owners lie in the subtree of `top`, as the yearly form lists them.
pub async fn listed(sql: &mut Sql, scope: &Scope, top: Id<kind::Body>) -> Result<Vec<Listed>, StoreError> {
    let mut query = Query::new(
        "select s.id, s.body, s.operator, s.name, s.level, s.important, s.personal_data, s.national_platform, s.detail,
           b.name as body_name, o.name as operator_name
         from system s join body b on b.id = s.body left join body o on o.id = s.operator
         join body_closure u on u.below = s.body where s.closed_at is null and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "s.body");
    query.push("order by u.depth, b.sort_key, b.id, s.sort_key, s.id limit");
    query.bind(u32::try_from(ROWS_MAX).unwrap_or(u32::MAX));
    let one = |row: &Row| {
        Ok(Listed {
            system: System {
                id: row.id("id")?,
                body: row.id("body")?,
                operator: row.opt_id("operator")?,
                name: row.text("name")?,
                level: row.opt_int("level")?.and_then(|l| u8::try_from(l).ok()).and_then(Level::new),
                important: row.bool("important")?,
                personal_data: row.bool("personal_data")?,
                national_platform: row.bool("national_platform")?,
            },
            owner: row.text("body_name")?,
            operator: row.opt_text("operator_name")?,
            detail: row.json("detail")?,
        })
    };
    query.rows(sql).await?.iter().map(one).collect()
}
