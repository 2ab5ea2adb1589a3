//! Taking in what a feed gave, file by file: only what is different is written.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet, btree_map::Entry},
};

use domain::{
    feed::Place,
    id::{Id, Ids, kind},
    text::fold,
};
use review::{
    advisory::{Advisory, Feed as Read, Signals, grade_of},
    judge::keys,
};
use sha2::{Digest, Sha256};

use super::signals;
use crate::{
    Query, StoreError, Topic, Tx, args,
    findings::{self, Stirred},
};

/// One file of a feed, read.
#[derive(Debug)]
pub struct FileRead<'a> {
    /// Its name within the feed.
    pub name: &'a str,
    /// Its digest.
    pub sha256: &'a str,
    /// What it says; nothing for a file that is gone.
    pub read: Option<&'a Read>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Advisories that are new.
    pub added: u32,
    /// Advisories that say something else than before.
    pub changed: u32,
    /// Advisories that are gone.
    pub removed: u32,
    /// Marks of exploitation that are new or different.
    pub signals: u32,
}

impl Taken {
    /// Whether anything is different.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
    /// Both together.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            added: self.added + more.added,
            changed: self.changed + more.changed,
            removed: self.removed + more.removed,
            signals: self.signals + more.signals,
        }
    }
}

/// Rows of one insert: below the number of values that SQLite takes at once.
const ROWS: usize = 400;
/// Advisories of one insert, of thirteen values each.
const AT_ONCE: usize = 200;

/// Takes files in, all of them in this transaction. What stands already is not written again.
pub async fn take(tx: &mut Tx, feed: Id<kind::Feed>, files: &[FileRead<'_>]) -> Result<Taken, StoreError> {
    let known = known(tx, feed, files).await?;
    let (mut all, mut fresh, mut stirred) = (Taken::default(), Vec::new(), Stirred::default());
    for file in files {
        let taken = one(tx, feed, file, known.contains(file.name), &mut fresh, &mut stirred).await?;
        all = all.and(taken);
    }
    write(tx, feed, &mut fresh).await?;
    note(tx, feed, files).await?;
    stirred.note(tx).await?;
    if all.any() {
        findings::moved(tx).await?;
        let what = [all.added, all.changed, all.removed, all.signals];
        tx.record("advisories.taken", format!("feed:{feed}"), None, &what);
        tx.changed(Topic::Advisory, format!("feed:{feed}"), None);
    } else {
        tx.unchanged();
    }
    Ok(all)
}

/// Keeps an advisory that a body wrote itself; `feed` is the id of the feed of such, should there be none yet.
pub async fn own(tx: &mut Tx, ids: &dyn Ids, advisory: &Advisory) -> Result<(), StoreError> {
    let kind = Place::Own.name();
    let id: Id<kind::Feed> = match tx.row("select id from feed where kind = $1", args![kind]).await? {
        Some(row) => row.id("id")?,
        None => {
            let (id, now): (Id<kind::Feed>, _) = (Id::new(ids), tx.now());
            tx.exec(
                "insert into feed (id, name, kind, place, created_at) values ($1,$2,$3,$3,$4)",
                args![id, "–", kind, now],
            )
            .await?;
            id
        }
    };
    let read = Read { advisories: vec![advisory.clone()], ..Read::default() };
    let file = FileRead { name: &advisory.id, sha256: "", read: Some(&read) };
    let files = std::slice::from_ref(&file);
    let (mut fresh, mut stirred) = (Vec::new(), Stirred::default());
    let taken = one(tx, id, &file, true, &mut fresh, &mut stirred).await?;
    write(tx, id, &mut fresh).await?;
    note(tx, id, files).await?;
    stirred.note(tx).await?;
    let now = tx.now();
    tx.exec(
        "update feed set read_at = $1, changed_at = $1,
           advisories = (select count(*) from advisory a where a.feed = $2) where id = $2",
        args![now, id],
    )
    .await?;
    if taken.any() {
        findings::moved(tx).await?;
        tx.changed(Topic::Advisory, format!("feed:{id}"), None);
    }
    Ok(())
}

/// Which of the files were read before.
async fn known(
    tx: &mut Tx,
    feed: Id<kind::Feed>,
    files: &[FileRead<'_>],
) -> Result<HashSet<String>, StoreError> {
    let mut found = HashSet::new();
    for part in files.chunks(ROWS) {
        let mut query = Query::new("select name from feed_file where feed =");
        query.bind(feed).push("and name in").list(part.iter().map(|file| file.name));
        for row in &query.rows(tx).await? {
            found.insert(row.text("name")?);
        }
    }
    Ok(found)
}

/// An advisory that is new, or says something else than before.
struct Fresh<'a> {
    id: String,
    file: &'a str,
    advisory: Cow<'a, Advisory>,
    content: String,
    digest: String,
    /// Whether it stood before.
    stood: bool,
}

/// One file; what is to be written is added to `fresh`, and written when that is much.
async fn one<'a>(
    tx: &mut Tx,
    feed: Id<kind::Feed>,
    file: &FileRead<'a>,
    known: bool,
    fresh: &mut Vec<Fresh<'a>>,
    stirred: &mut Stirred,
) -> Result<Taken, StoreError> {
    let (nothing, advisories) = (Signals::default(), file.read.map_or(&[][..], |read| &read.advisories));
    let told = file.read.map_or(&nothing, |read| &read.signals);
    let mut old = if known { standing(tx, feed, file.name).await? } else { HashMap::new() };
    let mut taken = Taken::default();
    for (number, advisory) in together(advisories) {
        let content =
            serde_json::to_string(&advisory).map_err(|e| StoreError::Corrupt("advisory", e.to_string()))?;
        let digest = hex::encode(Sha256::digest(content.as_bytes()));
        let before = old.remove(number);
        if before.as_ref().is_some_and(|(_, standing)| *standing == digest) {
            continue;
        }
        let stood = before.is_some();
        if stood {
            taken.changed += 1;
            before_it(tx, &id_of(feed, file.name, number), Some(&advisory), stirred).await?;
        } else {
            taken.added += 1;
            stirred.fresh(&advisory);
        }
        let id = id_of(feed, file.name, number);
        fresh.push(Fresh { id, file: file.name, advisory, content, digest, stood });
        if fresh.len() >= AT_ONCE {
            write(tx, feed, fresh).await?;
        }
    }
    for (id, _) in old.into_values() {
        taken.removed += 1;
        before_it(tx, &id, None, stirred).await?;
        tx.exec("delete from advisory_key where advisory = $1", args![&id]).await?;
        tx.exec("delete from advisory where id = $1", args![&id]).await?;
    }
    let marks = !told.exploited.is_empty() || !told.likely.is_empty();
    if known || marks {
        taken.signals = signals::keep(tx, feed, file.name, told, stirred).await?;
    }
    Ok(taken)
}

/// Notes which files were read as they are now, and which are gone.
async fn note(tx: &mut Tx, feed: Id<kind::Feed>, files: &[FileRead<'_>]) -> Result<(), StoreError> {
    let there: Vec<&FileRead<'_>> = files.iter().filter(|file| file.read.is_some()).collect();
    for part in there.chunks(ROWS) {
        let mut query = Query::new("insert into feed_file (feed, name, sha256) values");
        for (n, file) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(feed).push(",").bind(file.name);
            query.push(",").bind(file.sha256).push(")");
        }
        query.push("on conflict (feed, name) do update set sha256 = excluded.sha256");
        query.exec(tx).await?;
    }
    for file in files.iter().filter(|file| file.read.is_none()) {
        tx.exec("delete from feed_file where feed = $1 and name = $2", args![feed, file.name]).await?;
    }
    Ok(())
}

/// By number; what one file says of one number in several places is one advisory.
fn together(advisories: &[Advisory]) -> BTreeMap<&str, Cow<'_, Advisory>> {
    let mut found: BTreeMap<&str, Cow<'_, Advisory>> = BTreeMap::new();
    for advisory in advisories.iter().filter(|a| !a.id.is_empty()) {
        match found.entry(&advisory.id) {
            Entry::Vacant(entry) => {
                entry.insert(Cow::Borrowed(advisory));
            }
            Entry::Occupied(mut first) => {
                let first = first.get_mut();
                let more: Vec<_> =
                    advisory.statements.iter().filter(|s| !first.statements.contains(s)).cloned().collect();
                if !more.is_empty() {
                    first.to_mut().statements.extend(more);
                }
            }
        }
    }
    found
}

/// Whether it stands: id and digest by number.
async fn standing(
    tx: &mut Tx,
    feed: Id<kind::Feed>,
    file: &str,
) -> Result<HashMap<String, (String, String)>, StoreError> {
    let rows = tx
        .rows("select number, id, digest from advisory where feed = $1 and file = $2", args![feed, file])
        .await?;
    rows.iter().map(|r| Ok((r.text("number")?, (r.text("id")?, r.text("digest")?)))).collect()
}

/// The same file and number have the same id for good.
fn id_of(feed: Id<kind::Feed>, file: &str, number: &str) -> String {
    let mut digest = Sha256::new();
    for part in [feed.to_string().as_str(), "\0", file, "\0", number] {
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize()).chars().take(32).collect()
}

/// What an advisory said until now and says from now on, for the judge.
async fn before_it(
    tx: &mut Tx,
    id: &str,
    after: Option<&Advisory>,
    stirred: &mut Stirred,
) -> Result<(), StoreError> {
    if !stirred.all()
        && let Some(row) = tx.row("select content from advisory where id = $1", args![id]).await?
    {
        stirred.changed(&row.json("content")?, after);
    }
    Ok(())
}

/// The day as lookups compare it: `2022-04-12` of whatever begins so, `20220412` likewise.
fn day(text: &str) -> Option<String> {
    let digits: String =
        text.chars().take(10).take_while(|c| *c != 'T').filter(char::is_ascii_digit).collect();
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    Some(format!("{year}-{month}-{day}"))
}

/// Writes what is new, many at a time.
async fn write(tx: &mut Tx, feed: Id<kind::Feed>, fresh: &mut Vec<Fresh<'_>>) -> Result<(), StoreError> {
    for part in std::mem::take(fresh).chunks(AT_ONCE) {
        rows(tx, feed, part).await?;
        let stood: Vec<&str> = part.iter().filter(|it| it.stood).map(|it| it.id.as_str()).collect();
        if !stood.is_empty() {
            let mut query = Query::new("delete from advisory_key where advisory in");
            query.list(stood);
            query.exec(tx).await?;
        }
        let words: Vec<(String, &str)> = part
            .iter()
            .flat_map(|it| keys::of_advisory(&it.advisory).into_iter().map(|word| (word, it.id.as_str())))
            .collect();
        for words in words.chunks(ROWS) {
            let mut query = Query::new("insert into advisory_key (key, advisory) values");
            for (n, (word, id)) in words.iter().enumerate() {
                query.push(if n == 0 { "(" } else { ",(" }).bind(word.as_str()).push(",").bind(*id).push(")");
            }
            query.exec(tx).await?;
        }
    }
    Ok(())
}

async fn rows(tx: &mut Tx, feed: Id<kind::Feed>, fresh: &[Fresh<'_>]) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into advisory (id, feed, file, number, source, title, folded, severity, published, withdrawn,
           digest, content, changed_at) values",
    );
    for (n, it) in fresh.iter().enumerate() {
        let advisory = &it.advisory;
        let source = serde_json::to_value(advisory.source).ok();
        let source = source.as_ref().and_then(|s| s.as_str()).unwrap_or_default();
        let severity = advisory.severity.clone().or_else(|| advisory.score.and_then(grade_of));
        let published = advisory.published.as_deref().and_then(day);
        let (title, now) = (advisory.title.trim(), tx.now());
        let folded = fold(&format!("{} {title}", advisory.id));
        query.push(if n == 0 { "(" } else { ",(" }).bind(it.id.as_str()).push(",").bind(feed);
        query.push(",").bind(it.file).push(",").bind(advisory.id.as_str()).push(",").bind(source);
        query.push(",").bind(title).push(",").bind(folded).push(",").bind(severity);
        query.push(",").bind(published).push(",").bind(advisory.withdrawn).push(",").bind(it.digest.as_str());
        query.push(",").bind(it.content.as_str()).push(",").bind(now).push(")");
    }
    query.push(
        "on conflict (id) do update set source = excluded.source, title = excluded.title,
           folded = excluded.folded, severity = excluded.severity, published = excluded.published,
           withdrawn = excluded.withdrawn, digest = excluded.digest, content = excluded.content,
           changed_at = excluded.changed_at",
    );
    query.exec(tx).await?;
    Ok(())
}
