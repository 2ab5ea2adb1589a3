//! The layers of a post's roster: drafts until they are published.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Pack,
    right::Right,
    roster::{
        Shift, resolve,
        rules::{Layer, Person, Rules},
    },
    time::{self, Window},
};

use super::{Need, changed, changes, held, subject, swaps};
use crate::{Query, Sql, StoreError, Tx, args};

/// A roster with more layers than this is several posts.
const LAYERS_MAX: u32 = 50;
/// The name of a layer.
const NAME_MAX: usize = 100;

/// Adds a layer to the draft; needs [`Right::Prepare`] over the post's body and sight of everybody in it. `Refused`:
/// `layer-bad`, `layers-many`, `text-empty`, `text-long`, `person-unknown`.
pub async fn add(tx: &mut Tx, scope: &Scope, post: Id<kind::Post>, layer: &Layer) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Plan, post).await?;
    let content = checked(tx, scope, layer).await?;
    if u32::try_from(layers(tx, scope, post).await?.len()).unwrap_or(u32::MAX) >= LAYERS_MAX {
        return Err(StoreError::Refused("layers-many"));
    }
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into roster_layer (id, post, content, at, by_person) values ($1,$2,$3,$4,$5)",
        args![layer.id, post, content, now, by],
    )
    .await?;
    tx.record("roster.layer-added", subject(post), Some(of.body), layer);
    changed(tx, &of).await
}

/// Puts another content in a layer's place, where it stood; what was published with it stays until the next publishing.
/// Refused as [`add`] is.
pub async fn change(
    tx: &mut Tx,
    scope: &Scope,
    post: Id<kind::Post>,
    layer: &Layer,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Plan, post).await?;
    let content = checked(tx, scope, layer).await?;
    let touched = tx
        .exec(
            "update roster_layer set content = $1 where id = $2 and post = $3 and retired_at is null",
            args![content, layer.id, post],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::NotFound("layer"));
    }
    tx.record("roster.layer-changed", subject(post), Some(of.body), layer);
    changed(tx, &of).await
}

/// What is kept of a layer that can be one.
async fn checked(tx: &mut Tx, scope: &Scope, layer: &Layer) -> Result<serde_json::Value, StoreError> {
    layer.check().map_err(|_| StoreError::Refused("layer-bad"))?;
    crate::assignments::said(&layer.name, NAME_MAX)?;
    let people: Vec<Person> = layer.crews.iter().flatten().copied().collect();
    known_people(tx, scope, &people).await?;
    serde_json::to_value(layer).map_err(|e| StoreError::Corrupt("roster_layer", e.to_string()))
}

/// Takes a layer out of the draft; what was published with it stays until the next publishing.
pub async fn retire(
    tx: &mut Tx,
    scope: &Scope,
    post: Id<kind::Post>,
    layer: Id<kind::Layer>,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Plan, post).await?;
    let now = tx.now();
    let touched = tx
        .exec(
            "update roster_layer set retired_at = $1 where id = $2 and post = $3 and retired_at is null",
            args![now, layer, post],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::NotFound("layer"));
    }
    tx.record("roster.layer-retired", subject(post), Some(of.body), &layer);
    changed(tx, &of).await
}

/// The layers of the draft, in the order made.
pub async fn layers(sql: &mut Sql, scope: &Scope, post: Id<kind::Post>) -> Result<Vec<Layer>, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let rows = sql
        .rows(
            "select content from roster_layer where post = $1 and retired_at is null order by at, id",
            args![post],
        )
        .await?;
    rows.iter().map(|row| row.json("content")).collect()
}

/// The shifts the draft makes over a window, with every change by hand in them.
pub async fn draft(
    sql: &mut Sql,
    scope: &Scope,
    pack: &Pack,
    post: Id<kind::Post>,
    window: Window,
) -> Result<Vec<Shift>, StoreError> {
    let of = held(sql, scope, Need::See, post).await?;
    let layers = layers(sql, scope, post).await?;
    let rules = rules(sql, post, layers, window).await?;
    Ok(resolve(&of, &rules, window, &time::zone(), &|day| pack.is_worked(day)))
}

/// Layers with what people changed by hand around a window.
pub(super) async fn rules(
    sql: &mut Sql,
    post: Id<kind::Post>,
    layers: Vec<Layer>,
    window: Window,
) -> Result<Rules, StoreError> {
    let overrides = changes::overrides_within(sql, post, window).await?;
    let swaps = swaps::approved_within(sql, post, window).await?;
    let mut people: Vec<Person> = layers.iter().flat_map(|l| l.crews.iter().flatten()).copied().collect();
    people.extend(overrides.iter().flat_map(|o| &o.people).copied());
    people.extend(swaps.iter().map(|s| s.to));
    people.sort_unstable();
    people.dedup();
    let leave = changes::absences_within(sql, &people, window).await?;
    Ok(Rules { layers, overrides, swaps, leave })
}

/// Everybody named is somebody the scope may see, and still there. `Refused`: `person-unknown`.
pub(super) async fn known_people(tx: &mut Tx, scope: &Scope, people: &[Person]) -> Result<(), StoreError> {
    let mut wanted = people.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut query = Query::new(
        "select p.id from person p where p.closed_at is null
           and exists (select 1 from membership m where m.person = p.id and",
    );
    query.visible(scope, Right::See, "m.body").push(") and p.id in");
    query.list(wanted.iter().copied());
    let found = query.rows(tx).await?.len();
    if found == wanted.len() { Ok(()) } else { Err(StoreError::Refused("person-unknown")) }
}

/// The names of people on a roster, for those who have asked for the roster already.
pub async fn names(sql: &mut Sql, people: &[Person]) -> Result<HashMap<Person, String>, StoreError> {
    let mut found = HashMap::new();
    for some in people.chunks(CHUNK) {
        let mut query = Query::new("select id, name from person where id in");
        query.list(some.iter().copied());
        for row in query.rows(sql).await? {
            found.insert(row.id("id")?, row.text("name")?);
        }
    }
    Ok(found)
}

/// People asked for in one statement.
const CHUNK: usize = 500;
