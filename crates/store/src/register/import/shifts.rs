//! Shifts, as layers of the drafts of their posts: what people rely on changes only when a draft is published.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    register::ShiftRow,
    roster::{
        Line, Post,
        pattern::{Listed, listed},
        rules::{Days, Layer, Person},
    },
    text::fold,
};
use jiff::{ToSpan, civil::DateTime};

use super::{Found, Index, Report, people::Known, refusal};
use crate::{StoreError, Tx, rosters};

/// What the layer of a table is called. Taking a table in again replaces the layer of that name.
pub const TABLE: &str = "Bảng ca trực";
/// A table says exactly who: it lies over ordinary layers (0) and temporary ones (1).
const RANK: u16 = 2;

/// A turn as it stands in a layer.
type Turned = (DateTime, DateTime, Person);
/// A turn with the row that tells it.
type Told<'a> = (u32, Turned, &'a ShiftRow);

/// Takes shifts in: for each post and line of the table one layer, which replaces what an earlier table made there.
/// Rows without a body are of posts of `top`. See the module.
pub async fn shifts(
    tx: &mut Tx,
    scope: &Scope,
    top: Id<kind::Body>,
    rows: &[(u32, ShiftRow)],
    ids: &dyn Ids,
) -> Result<Report, StoreError> {
    let index = Index::load(tx, scope).await?;
    let people = Known::load(tx, scope).await?;
    let posts = by_name(rosters::list(tx, scope, None, false).await?.into_iter().map(|s| s.post));
    let mut report = Report::default();
    let mut seen = HashSet::new();
    let mut tables: BTreeMap<(Id<kind::Post>, Line), Vec<Told<'_>>> = BTreeMap::new();
    for (row, shift) in rows {
        let body = match index.resolve(shift.body_code.as_deref(), shift.body.as_deref(), top) {
            Found::One(body) => body,
            other => {
                let many = matches!(other, Found::Many);
                let code = if many { "import-body-ambiguous" } else { "import-body-unknown" };
                let value = shift.body_code.as_deref().or(shift.body.as_deref()).unwrap_or("");
                report.problem(*row, "body", code, value);
                continue;
            }
        };
        let Some(post) = posts.get(&(body, fold(&shift.post))) else {
            report.problem(*row, "post", "import-post-unknown", &shift.post);
            continue;
        };
        let person = match people.whom(body, &shift.person, shift.email.as_deref()) {
            Ok(person) => person,
            Err(code) => {
                report.problem(*row, "person", code, &shift.person);
                continue;
            }
        };
        if !seen.insert((*post, shift.line, person, shift.from)) {
            report.problem(*row, "person", "import-twice", &shift.person);
            continue;
        }
        tables.entry((*post, shift.line)).or_default().push((*row, (shift.from, shift.to, person), shift));
    }
    for ((post, line), rows) in tables {
        table(tx, scope, (post, line), &rows, ids, &mut report).await?;
    }
    if report.is_idle() {
        tx.nothing_to_do();
    }
    Ok(report.in_order())
}

/// Posts by body and name.
fn by_name(posts: impl Iterator<Item = Post>) -> HashMap<(Id<kind::Body>, String), Id<kind::Post>> {
    posts.map(|p| ((p.body, fold(&p.name)), p.id)).collect()
}

/// The turns of one post and line.
async fn table(
    tx: &mut Tx,
    scope: &Scope,
    (post, line): (Id<kind::Post>, Line),
    rows: &[Told<'_>],
    ids: &dyn Ids,
    report: &mut Report,
) -> Result<(), StoreError> {
    let Some((first, _, shift)) = rows.first() else { return Ok(()) };
    let turns: Vec<Turned> = rows.iter().map(|(_, turn, _)| *turn).collect();
    let Some(Listed { first: day, last, cycle_days, crews, slots }) = listed(&turns) else {
        report.problem(*first, "shift-from", "layer-bad", &shift.post);
        return Ok(());
    };
    let old = rosters::layers(tx, scope, post).await?;
    let old: Vec<&Layer> = old.iter().filter(|l| l.line == line && l.name == TABLE).collect();
    let had: HashSet<Turned> = old.iter().flat_map(|l| unrolled(l)).collect();
    let gone = had.iter().any(|turn| !turns.contains(turn));
    if gone || turns.iter().any(|turn| !had.contains(turn)) {
        let layer = Layer {
            id: Id::new(ids),
            name: TABLE.to_owned(),
            line,
            rank: RANK,
            days: Days::All,
            first: day,
            last: Some(last),
            cycle_days,
            crews,
            slots,
        };
        let mut done = Ok(());
        for layer in &old {
            done = rosters::retire_layer(tx, scope, post, layer.id).await;
            if done.is_err() {
                break;
            }
        }
        if done.is_ok() {
            done = rosters::add_layer(tx, scope, post, &layer).await;
        }
        if let Err(error) = done {
            let code = refusal(error)?;
            let (column, value) =
                if code == "person-unknown" { ("person", &shift.person) } else { ("post", &shift.post) };
            report.problem(*first, column, code, value);
            return Ok(());
        }
    }
    for (row, turn, shift) in rows {
        // Where the table has fewer turns than the one before, its first row tells so.
        let fields = if gone && row == first { vec!["post"] } else { Vec::new() };
        report.line(*row, &format!("{} · {}", shift.post, shift.person), !had.contains(turn), fields);
    }
    Ok(())
}

/// The turns of a layer that a table made.
fn unrolled(layer: &Layer) -> Vec<Turned> {
    let turn = |slot: &domain::roster::rules::Slot| {
        let day = layer.first.checked_add(i64::from(slot.day).days()).ok()?;
        let from = day.at(0, 0, 0, 0).checked_add(i64::from(slot.minute).minutes()).ok()?;
        let to = from.checked_add(i64::from(slot.minutes).minutes()).ok()?;
        Some((from, to, *layer.crews.get(usize::from(slot.crew))?.first()?))
    };
    layer.slots.iter().filter_map(turn).collect()
}
