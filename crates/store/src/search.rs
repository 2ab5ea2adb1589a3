//! One question over everything: bodies, people, systems, campaigns, letters, each within the scope.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    text::fold,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError, register::containing};

/// What was found, each list at most [`EACH_MAX`] long.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Bodies: id, name, name of the body above.
    pub bodies: Vec<(Id<kind::Body>, String, Option<String>)>,
    /// People: id, name, where they serve.
    pub people: Vec<(Id<kind::Person>, String, String)>,
    /// Systems: id, name, whose.
    pub systems: Vec<(Id<kind::System>, String, String)>,
    /// Campaigns: id, name, who issued it.
    pub campaigns: Vec<(Id<kind::Campaign>, String, String)>,
    /// Letters: id, number and symbol, subject, when it came.
    pub letters: Vec<(Id<kind::Letter>, String, String, Timestamp)>,
}

/// So many of each kind; whoever needs more has the lists.
pub const EACH_MAX: i64 = 20;

/// Looks for a text in every name, old spelling or new, marks or none. Fewer than two letters find nothing.
pub async fn everywhere(sql: &mut Sql, scope: &Scope, text: &str) -> Result<Found, StoreError> {
    if fold(text.trim()).chars().count() < 2 {
        return Ok(Found::default());
    }
    let like: Vec<String> = alike(text).iter().map(|w| containing(w)).collect();
    Ok(Found {
        bodies: bodies(sql, scope, &like).await?,
        people: people(sql, scope, &like).await?,
        systems: systems(sql, scope, &like).await?,
        campaigns: campaigns(sql, scope, &like).await?,
        letters: letters(sql, scope, &like).await?,
    })
}

/// Terms that name one thing before and after the law changed its words: a search accepts the old and the new alike.
const TERMS: [(&str, &str); 3] = [
    ("an toan thong tin mang", "an ninh mang"),
    ("ung cuu su co", "ung pho su co"),
    ("an toan thong tin", "an ninh mang"),
];

/// The text folded, and the same with the other term where one occurs in it.
fn alike(text: &str) -> Vec<String> {
    let text = fold(text.trim());
    let other = TERMS.iter().find_map(|(old, new)| {
        let to_new = text.contains(old).then(|| text.replace(old, new));
        to_new.or_else(|| text.contains(new).then(|| text.replace(new, old)))
    });
    std::iter::once(text).chain(other).collect()
}

/// Adds that the column contains one of the texts.
fn named(query: &mut Query, column: &'static str, like: &[String]) {
    query.push("(1 = 0");
    for like in like {
        query.push("or").push(column).push("like").bind(like).push("escape '\\'");
    }
    query.push(")");
}

async fn bodies(
    sql: &mut Sql,
    scope: &Scope,
    like: &[String],
) -> Result<Vec<(Id<kind::Body>, String, Option<String>)>, StoreError> {
    let mut query = Query::new(
        "select b.id, b.name, u.name as above from body b left join body u on u.id = b.parent where",
    );
    named(&mut query, "b.folded", like);
    query.push("and").visible(scope, Right::See, "b.id");
    query.push("order by b.closed_at is not null, b.sort_key, b.id limit").bind(EACH_MAX);
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.text("name")?, r.opt_text("above")?))).collect()
}

async fn people(
    sql: &mut Sql,
    scope: &Scope,
    like: &[String],
) -> Result<Vec<(Id<kind::Person>, String, String)>, StoreError> {
    let mut query = Query::new(
        "select p.id, p.name, p.sort_key, min(b.name) as serves from person p
         join membership m on m.person = p.id join body b on b.id = m.body
         where p.closed_at is null and",
    );
    named(&mut query, "p.folded", like);
    query.push("and").visible(scope, Right::Read, "m.body");
    query.push("group by p.id, p.name, p.sort_key order by p.sort_key, p.id limit").bind(EACH_MAX);
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.text("name")?, r.text("serves")?))).collect()
}

async fn systems(
    sql: &mut Sql,
    scope: &Scope,
    like: &[String],
) -> Result<Vec<(Id<kind::System>, String, String)>, StoreError> {
    let mut query = Query::new(
        "select s.id, s.name, b.name as whose from system s join body b on b.id = s.body
         where s.closed_at is null and",
    );
    named(&mut query, "s.folded", like);
    query.push("and").visible(scope, Right::See, "s.body");
    query.push("order by s.sort_key, s.id limit").bind(EACH_MAX);
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.text("name")?, r.text("whose")?))).collect()
}

async fn campaigns(
    sql: &mut Sql,
    scope: &Scope,
    like: &[String],
) -> Result<Vec<(Id<kind::Campaign>, String, String)>, StoreError> {
    let mut query = Query::new(
        "select c.id, c.name, b.name as whose from campaign c join body b on b.id = c.body
         where c.state <> 'draft' and",
    );
    named(&mut query, "c.folded", like);
    query.push("and (").visible(scope, Right::See, "c.body");
    query
        .push("or exists (select 1 from assignment a where a.campaign = c.id and a.cancelled_at is null and");
    query
        .visible(scope, Right::See, "a.body")
        .push(")) order by c.created_at desc, c.id limit")
        .bind(EACH_MAX);
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, r.text("name")?, r.text("whose")?))).collect()
}

async fn letters(
    sql: &mut Sql,
    scope: &Scope,
    like: &[String],
) -> Result<Vec<(Id<kind::Letter>, String, String, Timestamp)>, StoreError> {
    let mut query =
        Query::new("select l.id, l.number, l.symbol, l.subject, l.received_at from letter l where");
    named(&mut query, "l.folded", like);
    query.push("and").visible(scope, Right::Read, "l.body");
    query.push("order by l.received_at desc, l.id limit").bind(EACH_MAX);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|r| {
            let number = [r.opt_text("number")?, r.opt_text("symbol")?].into_iter().flatten();
            let number = number.collect::<Vec<_>>().join("/");
            Ok((r.id("id")?, number, r.opt_text("subject")?.unwrap_or_default(), r.time("received_at")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn the_old_and_the_new_term_find_the_same() {
        assert_eq!(alike("An ninh mạng"), ["an ninh mang", "an toan thong tin mang"]);
        assert_eq!(alike("kỳ an toàn thông tin mạng"), ["ky an toan thong tin mang", "ky an ninh mang"]);
        assert_eq!(alike("Xã Hòa Lộc"), ["xa hoa loc"]);
    }
}
