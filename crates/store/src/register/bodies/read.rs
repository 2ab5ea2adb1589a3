//! Reading the tree.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    body::{Body, BodyKind},
    id::{Id, kind},
    right::Right,
    text::fold,
};
use jiff::civil::Date;

use super::{Filter, Node};
use crate::{
    Query, Row, Sql, StoreError,
    register::{PAGE_MAX, containing},
};

const BODY: &str = "select b.id, b.parent, b.kind, b.name, b.code, b.closed_at from body b where";

/// One body.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Body>) -> Result<Body, StoreError> {
    let mut query = Query::new(BODY);
    query.push("b.id =").bind(id).push("and").visible(scope, Right::See, "b.id");
    query.row(sql).await?.as_ref().map(body).transpose()?.ok_or(StoreError::NotFound("body"))
}

/// Bodies in the order of their names. `after` is the sort key ([`domain::text::sort_key`] of the name) and the id
/// of the last one seen.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    after: Option<(String, Id<kind::Body>)>,
    limit: u32,
) -> Result<Vec<Body>, StoreError> {
    let mut query = Query::new(BODY);
    query.visible(scope, Right::See, "b.id");
    narrow(&mut query, filter);
    if let Some((key, id)) = after {
        query.push("and (b.sort_key >").bind(&key).push("or (b.sort_key =").bind(&key);
        query.push("and b.id >").bind(id).push("))");
    }
    query.push("order by b.sort_key, b.id limit").bind(limit.min(PAGE_MAX));
    bodies(query.rows(sql).await?)
}

fn narrow(query: &mut Query, filter: &Filter) {
    if !filter.closed {
        query.push("and b.closed_at is null");
    }
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and (b.folded like").bind(containing(text)).push("escape '\\'");
        query.push("or b.code =").bind(text.trim()).push(")");
    }
    if !filter.kinds.is_empty() {
        query.push("and b.kind in").list(filter.kinds.iter().map(|k| k.name()));
    }
    if let Some(top) = filter.under {
        query.push("and exists (select 1 from body_closure u where u.below = b.id and u.above =").bind(top);
        query.push(")");
    }
    if let Some(parent) = filter.parent {
        query.push("and b.parent =").bind(parent);
    }
}

/// Every open body of some kinds below a top, the top itself included: what a line of *Kính gửi* such as
/// "Các sở, ban, ngành" can mean. No kinds = every kind. In the order of the names.
pub async fn of_kinds(
    sql: &mut Sql,
    scope: &Scope,
    top: Id<kind::Body>,
    kinds: &[BodyKind],
) -> Result<Vec<Body>, StoreError> {
    let mut query = Query::new(BODY);
    query.visible(scope, Right::See, "b.id");
    narrow(&mut query, &Filter { kinds: kinds.to_vec(), under: Some(top), ..Filter::default() });
    query.push("order by b.sort_key, b.id");
    bodies(query.rows(sql).await?)
}

/// The whole visible tree in order, parents before their children. Closed bodies are left out.
pub async fn tree(sql: &mut Sql, scope: &Scope) -> Result<Vec<Node>, StoreError> {
    choices(sql, scope, Right::See).await
}

/// The tree as far as the scope holds `right` there: what a form offers.
pub async fn choices(sql: &mut Sql, scope: &Scope, right: Right) -> Result<Vec<Node>, StoreError> {
    let mut query = Query::new(BODY);
    query.push("b.closed_at is null and").visible(scope, right, "b.id");
    query.push("order by b.sort_key, b.id");
    Ok(in_order(bodies(query.rows(sql).await?)?))
}

/// The open bodies directly below one, in the order of their names.
pub async fn children(sql: &mut Sql, scope: &Scope, parent: Id<kind::Body>) -> Result<Vec<Body>, StoreError> {
    let mut query = Query::new(BODY);
    query.push("b.closed_at is null and b.parent =").bind(parent);
    query.push("and").visible(scope, Right::See, "b.id").push("order by b.sort_key, b.id");
    bodies(query.rows(sql).await?)
}

/// The bodies above one that the scope sees, the topmost first, without itself.
pub async fn ancestors(sql: &mut Sql, scope: &Scope, of: Id<kind::Body>) -> Result<Vec<Body>, StoreError> {
    let mut query = Query::new(
        "select b.id, b.parent, b.kind, b.name, b.code, b.closed_at
         from body_closure up join body b on b.id = up.above where up.depth > 0 and up.below =",
    );
    query.bind(of).push("and").visible(scope, Right::See, "b.id").push("order by up.depth desc");
    bodies(query.rows(sql).await?)
}

/// The visible bodies that bear exactly that name or alias on that day, marks and case aside; open ones first.
pub async fn find_by_name(
    sql: &mut Sql,
    scope: &Scope,
    name: &str,
    on: Date,
) -> Result<Vec<Body>, StoreError> {
    let mut query = Query::new(BODY);
    query.push("exists (select 1 from body_name n where n.body = b.id and n.folded =").bind(fold(name));
    query.push("and (n.valid_from is null or n.valid_from <=").bind(on);
    query.push(") and (n.valid_until is null or n.valid_until >=").bind(on).push("))");
    query.push("and").visible(scope, Right::See, "b.id");
    query.push("order by case when b.closed_at is null then 0 else 1 end, b.sort_key, b.id");
    bodies(query.rows(sql).await?)
}

fn bodies(rows: Vec<Row>) -> Result<Vec<Body>, StoreError> {
    rows.iter().map(body).collect()
}

fn body(row: &Row) -> Result<Body, StoreError> {
    Ok(Body {
        id: row.id("id")?,
        parent: row.opt_id("parent")?,
        kind: row.word("kind", BodyKind::parse)?,
        name: row.text("name")?,
        code: row.opt_text("code")?,
        closed_at: row.opt_time("closed_at")?,
    })
}

/// Puts bodies that come in the order of their names into the order of the tree.
fn in_order(bodies: Vec<Body>) -> Vec<Node> {
    let known: HashSet<_> = bodies.iter().map(|b| b.id).collect();
    let mut below: HashMap<Option<Id<kind::Body>>, Vec<Body>> = HashMap::new();
    for body in bodies {
        below.entry(body.parent.filter(|p| known.contains(p))).or_default().push(body);
    }
    let mut nodes = Vec::with_capacity(known.len());
    let mut stack: Vec<(u32, Body)> = Vec::new();
    let mut put = |stack: &mut Vec<(u32, Body)>, parent, depth| -> u32 {
        let children = below.remove(&parent).unwrap_or_default();
        let count = u32::try_from(children.len()).unwrap_or(u32::MAX);
        stack.extend(children.into_iter().rev().map(|b| (depth, b)));
        count
    };
    put(&mut stack, None, 0);
    while let Some((depth, body)) = stack.pop() {
        let children = put(&mut stack, Some(body.id), depth + 1);
        nodes.push(Node { body, depth, children });
    }
    nodes
}
