//! Files of inventory come in: each once, each of its reports to its host.
//!
//! The file is written down first, with everything it says; then its reports find their hosts, some at a time, so that no
//! transaction is long. Whatever breaks off in between goes on when the file comes again.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::{Actor, Scope},
    host::{Key, KeyKind, Whose, keys, whose},
    id::{Id, Ids, kind},
    inventory::{Inventory, time_of},
    right::Right,
    text::sort_key,
};
use jiff::Timestamp;
use review::inventory::{Odd, Read, Refused, Why};
use serde_json::json;

use super::{Source, doc, held};
use crate::{Db, Query, Sql, StoreError, Topic, Tx, args, blobs, blobs::Blob, findings, jobs, write};

/// So many hosts find their places in one transaction: a second or two at most.
pub const AT_ONCE: u32 = 100;
/// At most so many hosts are taken from one file: a scan of a province's networks.
pub const HOSTS_MAX: usize = 20_000;
/// At most so many packages of one host are kept: a build server with every module of every project has fewer.
pub const PACKAGES_MAX: usize = 100_000;
/// At most so many characters of a file's name.
const NAME_MAX: usize = 255;

/// How a file came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A person's upload.
    Page,
    /// A program's, by token.
    Api,
    /// By an upload link.
    Link,
    /// The command line.
    Command,
}

impl Via {
    const ALL: &'static [(Via, &'static str)] =
        &[(Via::Page, "page"), (Via::Api, "api"), (Via::Link, "link"), (Via::Command, "command")];
    /// Its stable name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(s, _)| *s == self).map_or("", |(_, n)| n)
    }
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n)| *n == name).map(|(s, _)| *s)
    }
}

/// A file to be taken in.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// Its id.
    pub id: Id<kind::InventoryFile>,
    /// Whose hosts it speaks of.
    pub body: Id<kind::Body>,
    /// What it is called.
    pub name: &'a str,
    /// Its bytes as they are kept; of a refused one they are not.
    pub blob: &'a Blob,
    /// How it came in.
    pub via: Via,
    /// By which link.
    pub link: Option<Id<kind::InventoryLink>>,
    /// What its host is called if it does not say: the folder it lay in, or the file's own name.
    pub hint: Option<&'a str>,
    /// What it says, or why it was not read.
    pub read: Result<&'a Read, &'a Refused>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Took {
    /// The file: the one taken before, if it is the same.
    pub file: Id<kind::InventoryFile>,
    /// Whether the same file was there already.
    pub again: bool,
}

/// Takes a file in and settles whose its reports are. Needs [`Right::Answer`] or [`Right::Register`] over the body.
/// Refusals: `inventory-hosts-many`.
pub async fn take_in(
    db: &Db,
    actor: Actor,
    now: Timestamp,
    scope: &Scope,
    ids: &dyn Ids,
    new: &NewFile<'_>,
) -> Result<Took, StoreError> {
    let took: Took = write!(db, actor, now, tx => take(tx, scope, ids, new).await)?;
    loop {
        let left: Result<u32, StoreError> =
            write!(db, actor, now, tx => settle(tx, scope, ids, took.file, AT_ONCE).await);
        if left? == 0 {
            return Ok(took);
        }
    }
}

/// Fails unless the scope may hand inventory in for that body.
pub async fn may(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.closed_at is null and b.id =");
    query.bind(body).push("and (").visible(scope, Right::Answer, "b.id");
    query.push("or").visible(scope, Right::Register, "b.id").push(")");
    query.row(sql).await?.map(|_| ()).ok_or(StoreError::NotFound("body"))
}

/// Writes a file down with everything it says.
async fn take(tx: &mut Tx, scope: &Scope, ids: &dyn Ids, new: &NewFile<'_>) -> Result<Took, StoreError> {
    may(tx, scope, new.body).await?;
    let hosts = new.read.map_or(&[][..], |read| &read.hosts);
    if hosts.len() > HOSTS_MAX {
        return Err(StoreError::Refused("inventory-hosts-many"));
    }
    // Two machines may write the same bytes: what tells them apart then is where the file lay.
    let hint = new.hint.filter(|_| matches!(hosts, [only] if keys(only).is_empty()));
    let digest = hint.map_or(new.blob.sha256.clone(), |h| format!("{}:{h}", new.blob.sha256));
    let known = tx
        .row(
            "select id, refused from inventory_file where body = $1 and digest = $2",
            args![new.body, &digest],
        )
        .await?;
    if let Some(known) = known {
        let file: Id<kind::InventoryFile> = known.id("id")?;
        if known.opt_text("refused")?.is_none() || new.read.is_err() {
            tx.unchanged();
            return Ok(Took { file, again: true });
        }
        // What was refused once is read now: a newer Canh, or a child that was not killed this time.
        tx.exec("delete from inventory_file where id = $1", args![file]).await?;
    }
    let (now, name) =
        (tx.now(), new.name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect::<String>());
    let sha256 = new.read.is_ok().then_some(new.blob.sha256.as_str());
    if sha256.is_some() {
        let subject = format!("inventory:{}", new.id);
        blobs::attach(tx, new.blob, new.body, &subject, &name, "application/octet-stream").await?;
    }
    let (mut odd, mut odd_count) =
        new.read.map_or((Vec::new(), 0), |read| (read.odd.clone(), read.odd.len() + read.odd_more));
    let cut = hosts.iter().filter(|h| h.packages.len() > PACKAGES_MAX).count();
    if cut > 0 {
        odd.push(Odd { at: None, text: PACKAGES_MAX.to_string(), why: Why::TooMany });
        odd_count += cut;
    }
    let (kind, by) = (new.read.ok().map(tool), tx.actor().to_string());
    tx.exec(
        "insert into inventory_file (id, body, digest, sha256, name, len, kind, refused, via, by_actor, link, received_at, hosts, odd, odd_count)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
        args![
            new.id,
            new.body,
            &digest,
            sha256,
            &name,
            i64::try_from(new.blob.len).unwrap_or(i64::MAX),
            kind.clone(),
            new.read.err().map(Refused::code),
            new.via.name(),
            by,
            new.link,
            now,
            count(hosts.len()),
            json!(odd),
            count(odd_count)
        ],
    )
    .await?;
    for (place, host) in hosts.iter().enumerate() {
        let mut says = host.clone();
        says.packages.truncate(PACKAGES_MAX);
        if let Some(hint) = hint {
            says.host = Some(hint.to_owned());
        }
        let taken = says.taken.as_deref().and_then(|t| time_of(t, now));
        tx.exec(
            "insert into inventory_report (id, file, place, body, state, name, tool, taken_at, received_at, doc)
             values ($1,$2,$3,$4,'waiting',$5,$6,$7,$8,$9)",
            args![
                Id::<kind::InventoryReport>::new(ids),
                new.id,
                count(place),
                new.body,
                says.host.clone(),
                kind.clone().unwrap_or_default(),
                taken,
                now,
                doc::pack(&says)?
            ],
        )
        .await?;
    }
    let detail =
        json!({ "sha256": new.blob.sha256, "hosts": hosts.len(), "odd": odd_count, "via": new.via.name() });
    tx.changed(Topic::Inventory, format!("inventory:{}", new.id), Some(new.body));
    tx.record("inventory.received", format!("inventory:{}", new.id), Some(new.body), &detail);
    Ok(Took { file: new.id, again: false })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The stable name of what wrote a file.
fn tool(read: &Read) -> String {
    serde_json::to_value(read.kind).ok().and_then(|k| k.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Finds the hosts of some of a file's reports that wait. Returns how many still wait.
async fn settle(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    file: Id<kind::InventoryFile>,
    at_most: u32,
) -> Result<u32, StoreError> {
    let mut query = Query::new(
        "select r.id, r.body, r.doc from inventory_report r where r.state = 'waiting' and r.file =",
    );
    query.bind(file).push("order by r.place limit").bind(at_most);
    let rows = query.rows(tx).await?;
    let Some(first) = rows.first() else {
        tx.unchanged();
        return Ok(0);
    };
    let body: Id<kind::Body> = first.id("body")?;
    may(tx, scope, body).await?;
    let revision = tx.record(
        "inventory.settled",
        format!("inventory:{file}"),
        Some(body),
        &json!({ "reports": rows.len() }),
    );
    let mut touched = BTreeSet::new();
    for row in &rows {
        let (report, says) = (row.id("id")?, doc::unpack(&row.bytes("doc")?)?);
        let told = keys(&says);
        let near = near(tx, body, &told).await?;
        let host = match whose(&told, &near) {
            Whose::Known(host) => Some(host),
            Whose::New => Some(found(tx, ids, body, &says, &told).await?),
            Whose::Unclear(hosts) => {
                unclear(tx, report, &hosts).await?;
                None
            }
            Whose::Nameless => {
                unclear(tx, report, &[]).await?;
                None
            }
        };
        if let Some(host) = host {
            belongs(tx, report, host, &told).await?;
            touched.insert(host);
        }
    }
    if !touched.is_empty() {
        // Judged at once: somebody waits for "fixed".
        let now = tx.now();
        jobs::enqueue(tx, Id::new(ids), findings::JOB, findings::JOB, now, &serde_json::Value::Null).await?;
    }
    for host in touched {
        held::merge(tx, host, revision).await?;
    }
    let left = tx
        .row("select count(*) as n from inventory_report where file = $1 and state = 'waiting'", args![file])
        .await?;
    left.map_or(Ok(0), |r| r.count("n"))
}

/// The hosts of a body that share anything by which a report tells its own.
pub(super) async fn near(
    sql: &mut Sql,
    body: Id<kind::Body>,
    told: &BTreeSet<Key>,
) -> Result<BTreeMap<Id<kind::Host>, BTreeSet<Key>>, StoreError> {
    let mut query = Query::new(
        "select k.host, k.kind, k.value from host_key k join host h on h.id = k.host where h.body =",
    );
    query.bind(body).push("and k.host in (select n.host from host_key n where n.look in");
    query.list(told.iter().map(Key::look)).push(")");
    let mut found: BTreeMap<Id<kind::Host>, BTreeSet<Key>> = BTreeMap::new();
    for row in query.rows(sql).await? {
        let key = Key { kind: row.word("kind", KeyKind::parse)?, value: row.text("value")? };
        found.entry(row.id("host")?).or_default().insert(key);
    }
    Ok(found)
}

/// A host not seen before.
pub(super) async fn found(
    tx: &mut Tx,
    ids: &dyn Ids,
    body: Id<kind::Body>,
    says: &Inventory,
    told: &BTreeSet<Key>,
) -> Result<Id<kind::Host>, StoreError> {
    let (id, now) = (Id::new(ids), tx.now());
    let by = |kind| told.iter().find(|k| k.kind == kind).map(|k| k.value.clone());
    let name = by(KeyKind::Name).or_else(|| by(KeyKind::Address)).or_else(|| says.host.clone());
    let name =
        name.or_else(|| by(KeyKind::Serial)).or_else(|| by(KeyKind::Uuid)).unwrap_or_else(|| id.to_string());
    tx.exec(
        "insert into host (id, body, name, sort_key, search, source, created_at) values ($1,$2,$3,$4,'',$5,$6)",
        args![id, body, &name, sort_key(&name), Source::Report.name(), now],
    )
    .await?;
    tx.changed(Topic::System, format!("host:{id}"), Some(body));
    tx.record("host.found", format!("host:{id}"), Some(body), &json!({ "host": id }));
    Ok(id)
}

/// A report is that host's, and the host is known by what the report tells it by. One that was out of service is in use.
pub(super) async fn belongs(
    tx: &mut Tx,
    report: Id<kind::InventoryReport>,
    host: Id<kind::Host>,
    told: &BTreeSet<Key>,
) -> Result<(), StoreError> {
    tx.exec(
        "update inventory_report set host = $1, state = 'live', candidates = null where id = $2",
        args![host, report],
    )
    .await?;
    for key in told.iter().filter(|k| k.kind != KeyKind::Address) {
        tx.exec(
            "insert into host_key (host, kind, value, look, told) values ($1,$2,$3,$4,false)
             on conflict (host, kind, value) do nothing",
            args![host, key.kind.name(), &key.value, key.look()],
        )
        .await?;
    }
    tx.exec("update host set closed_at = null where id = $1 and closed_at is not null", args![host]).await?;
    Ok(())
}

async fn unclear(
    tx: &mut Tx,
    report: Id<kind::InventoryReport>,
    hosts: &[Id<kind::Host>],
) -> Result<(), StoreError> {
    tx.exec(
        "update inventory_report set state = 'unclear', candidates = $1 where id = $2",
        args![json!(hosts), report],
    )
    .await?;
    Ok(())
}
