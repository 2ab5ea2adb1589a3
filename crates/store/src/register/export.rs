//! The register as tables, in the very rows that imports read.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    body::BodyKind,
    host::HostKind,
    id::{Id, kind},
    line::LineKind,
    person::{ChannelKind, Lang},
    register::{BodyRow, HostRow, LineRow, PersonRow, ROWS_MAX, ShiftRow, SystemRow},
    right::Right,
    roster::Line,
    system::Level,
    time::{self, Window},
};

use crate::{Query, Row, Sql, StoreError};

/// The visible open bodies in the subtree of `top`, parents before their children.
pub async fn bodies(sql: &mut Sql, scope: &Scope, top: Id<kind::Body>) -> Result<Vec<BodyRow>, StoreError> {
    let mut names = Query::new(
        "select n.body, n.text, n.alias, n.valid_from from body_name n
         join body_closure u on u.below = n.body where n.valid_until is null and u.above =",
    );
    names.bind(top).push("and").visible(scope, Right::See, "n.body").push("order by n.body, n.place");
    let mut named: HashMap<Id<kind::Body>, BodyRow> = HashMap::new();
    for row in names.rows(sql).await? {
        let of = named.entry(row.id("body")?).or_default();
        if row.bool("alias")? {
            of.aliases.push(row.text("text")?);
        } else {
            of.from = row.opt_date("valid_from")?;
        }
    }
    let mut query = Query::new(
        "select b.id, b.name, b.code, b.kind, p.name as parent, p.code as parent_code
         from body b join body_closure u on u.below = b.id left join body p on p.id = b.parent
         where b.closed_at is null and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "b.id").push("order by u.depth, b.sort_key, b.id");
    let rows = query.rows(sql).await?;
    let read = |row: &Row| {
        let id: Id<kind::Body> = row.id("id")?;
        let known = named.remove(&id).unwrap_or_default();
        // The top's own parent lies outside the table; without it the table can be taken in anywhere.
        let inside = id != top;
        Ok(BodyRow {
            name: row.text("name")?,
            code: row.opt_text("code")?,
            kind: Some(row.word("kind", BodyKind::parse)?),
            parent: row.opt_text("parent")?.filter(|_| inside),
            parent_code: row.opt_text("parent_code")?.filter(|_| inside),
            ..known
        })
    };
    rows.iter().map(read).collect()
}

/// The people who serve visible bodies in the subtree of `top`, a row for each body; addresses only where the scope
/// holds [`Right::Read`].
pub async fn people(sql: &mut Sql, scope: &Scope, top: Id<kind::Body>) -> Result<Vec<PersonRow>, StoreError> {
    let mut query = Query::new(
        "select distinct c.person, c.kind, c.address, c.rank from channel c
         join membership m on m.person = c.person join body_closure u on u.below = m.body
         where c.kind in ('email', 'phone') and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::Read, "m.body");
    query.push("order by c.person, c.rank, c.kind, c.address");
    let mut reached: HashMap<Id<kind::Person>, [Option<String>; 2]> = HashMap::new();
    for row in query.rows(sql).await? {
        let [mail, phone] = reached.entry(row.id("person")?).or_default();
        let place = match row.word("kind", ChannelKind::parse)? {
            ChannelKind::Email => mail,
            _ => phone,
        };
        // The first by rank.
        if place.is_none() {
            *place = Some(row.text("address")?);
        }
    }
    let mut query = Query::new(
        "select p.id, p.name, p.title, p.lang, m.position, m.contact, b.name as body, b.code as body_code
         from membership m join person p on p.id = m.person and p.closed_at is null
         join body b on b.id = m.body join body_closure u on u.below = m.body where u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "m.body");
    query.push("order by u.depth, b.sort_key, b.id, p.sort_key, p.id");
    let rows = query.rows(sql).await?;
    let read = |row: &Row| {
        let [email, phone] = reached.get(&row.id("id")?).cloned().unwrap_or_default();
        Ok(PersonRow {
            name: row.text("name")?,
            title: row.opt_text("title")?,
            position: row.opt_text("position")?,
            body: Some(row.text("body")?),
            body_code: row.opt_text("body_code")?,
            contact: Some(row.bool("contact")?),
            email,
            phone,
            lang: Some(row.word("lang", Lang::parse)?),
        })
    };
    rows.iter().map(read).collect()
}

/// The systems in service whose owners lie in the subtree of `top`.
pub async fn systems(
    sql: &mut Sql,
    scope: &Scope,
    top: Id<kind::Body>,
) -> Result<Vec<SystemRow>, StoreError> {
    let mut query = Query::new(
        "select s.name, s.level, s.important, s.personal_data, s.national_platform, s.note, s.detail,
                b.name as body, b.code as body_code, o.name as operator, o.code as operator_code
         from system s join body b on b.id = s.body left join body o on o.id = s.operator
         join body_closure u on u.below = s.body where s.closed_at is null and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "s.body");
    query.push("order by u.depth, b.sort_key, b.id, s.sort_key, s.id");
    let rows = query.rows(sql).await?;
    let read = |row: &Row| {
        Ok(SystemRow {
            name: row.text("name")?,
            body: Some(row.text("body")?),
            body_code: row.opt_text("body_code")?,
            operator: row.opt_text("operator")?,
            operator_code: row.opt_text("operator_code")?,
            level: row.opt_int("level")?.and_then(|l| u8::try_from(l).ok()).and_then(Level::new),
            important: Some(row.bool("important")?),
            personal_data: Some(row.bool("personal_data")?),
            national_platform: Some(row.bool("national_platform")?),
            note: row.opt_text("note")?,
            ..SystemRow::default()
        }
        .with_detail(&row.json("detail")?))
    };
    rows.iter().map(read).collect()
}

/// The published turns of the posts of bodies in the subtree of `top`, or of one post, within a window.
pub async fn shifts(
    sql: &mut Sql,
    scope: &Scope,
    top: Id<kind::Body>,
    post: Option<Id<kind::Post>>,
    window: Window,
) -> Result<Vec<ShiftRow>, StoreError> {
    let mut query = Query::new(
        "select s.line, s.from_at, s.to_at, o.name as post, p.name as person, b.name as body, b.code as body_code
         from shift s join post o on o.id = s.post join person p on p.id = s.person join body b on b.id = o.body
         join body_closure u on u.below = b.id where u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "b.id");
    query.push("and s.to_at >").bind(window.from).push("and s.from_at <").bind(window.to);
    query.push("and s.from_at < s.to_at");
    if let Some(post) = post {
        query.push("and o.id =").bind(post);
    }
    query.push("order by u.depth, b.sort_key, b.id, o.sort_key, o.id, s.from_at, s.line desc, p.sort_key");
    query.push("limit").bind(u32::try_from(ROWS_MAX).unwrap_or(u32::MAX));
    let read = |row: &Row| {
        Ok(ShiftRow {
            post: row.text("post")?,
            from: time::local(row.time("from_at")?).datetime(),
            to: time::local(row.time("to_at")?).datetime(),
            person: row.text("person")?,
            line: row.word("line", Line::parse)?,
            email: None,
            body: Some(row.text("body")?),
            body_code: row.opt_text("body_code")?,
        })
    };
    query.rows(sql).await?.iter().map(read).collect()
}

/// The lines in use of the bodies in the subtree of `top`.
pub async fn lines(sql: &mut Sql, scope: &Scope, top: Id<kind::Body>) -> Result<Vec<LineRow>, StoreError> {
    let mut query = Query::new(
        "select l.code as mark, l.name, l.kind, l.provider, l.capacity, l.hotline,
                b.name as body, b.code as body_code, s.name as served, s.code as served_code
         from line l join body b on b.id = l.body left join body s on s.id = l.served
         join body_closure u on u.below = l.body where l.closed_at is null and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "l.body");
    query.push("order by u.depth, b.sort_key, b.id, l.sort_key, l.id");
    let given = |text: String| if text.is_empty() { None } else { Some(text) };
    let read = |row: &Row| {
        Ok(LineRow {
            code: given(row.text("mark")?),
            name: row.text("name")?,
            kind: row.word("kind", LineKind::parse)?,
            body: Some(row.text("body")?),
            body_code: row.opt_text("body_code")?,
            served: row.opt_text("served")?,
            served_code: row.opt_text("served_code")?,
            provider: given(row.text("provider")?),
            capacity: given(row.text("capacity")?),
            hotline: given(row.text("hotline")?),
        })
    };
    query.rows(sql).await?.iter().map(read).collect()
}

/// The hosts in service of the bodies in the subtree of `top`, with the names a person told, or the one they go by.
pub async fn hosts(sql: &mut Sql, scope: &Scope, top: Id<kind::Body>) -> Result<Vec<HostRow>, StoreError> {
    let mut query = Query::new(
        "select h.id, h.name, h.kind, h.in_charge, h.note, b.name as body, b.code as body_code, s.name as serves
         from host h join body b on b.id = h.body left join system s on s.id = h.system
         join body_closure u on u.below = h.body where h.closed_at is null and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "h.body");
    query.push("order by u.depth, b.sort_key, b.id, h.sort_key, h.id");
    let rows = query.rows(sql).await?;
    let mut query = Query::new(
        "select k.host, k.value from host_key k join host h on h.id = k.host
         join body_closure u on u.below = h.body where h.closed_at is null and k.kind in ('name', 'address') and u.above =",
    );
    query.bind(top).push("and").visible(scope, Right::See, "h.body").push("order by k.kind desc, k.value");
    let mut names: HashMap<Id<kind::Host>, Vec<String>> = HashMap::new();
    for row in query.rows(sql).await? {
        names.entry(row.id("host")?).or_default().push(row.text("value")?);
    }
    let mut read = |row: &Row| {
        let name = row.text("name")?;
        let mut others = names.remove(&row.id("id")?).unwrap_or_default();
        others.retain(|n| *n != name);
        Ok(HostRow {
            names: others,
            name,
            kind: row.opt_text("kind")?.as_deref().and_then(HostKind::parse),
            body: Some(row.text("body")?),
            body_code: row.opt_text("body_code")?,
            system: row.opt_text("serves")?,
            in_charge: row.opt_text("in_charge")?,
            note: row.opt_text("note")?,
        })
    };
    rows.iter().map(&mut read).collect()
}
