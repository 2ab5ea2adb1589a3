//! Advisories as pages, warnings and the judge ask for them.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::Scope,
    feed::Signed,
    id::{Id, kind},
    right::Right,
    text::fold,
};
use review::{
    advisory::{Advisory, Exploited, Signals},
    judge::keys,
};

use super::PAGE_MAX;
use crate::{Query, Row, Sql, StoreError, register::containing, warnings};

/// An advisory and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Advised {
    /// What it says.
    pub advisory: Advisory,
    /// Its grade: the issuer's, or that of its score.
    pub severity: Option<String>,
    /// The day it was published.
    pub published: Option<String>,
    /// Which feed gave it.
    pub feed: Id<kind::Feed>,
    /// Its name.
    pub feed_name: String,
    /// Whether that was signed.
    pub signed: Signed,
}

/// Which advisories.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of number or title.
    pub text: Option<String>,
    /// Only of that grade.
    pub severity: Option<String>,
    /// Only of that feed.
    pub feed: Option<Id<kind::Feed>>,
    /// Only of what is known to be exploited.
    pub exploited: bool,
}

/// What is known of how a flaw is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signal {
    /// Known to be exploited.
    pub exploited: bool,
    /// By blackmailers.
    pub ransomware: bool,
    /// Probability of exploitation within thirty days, in millionths.
    pub likely: Option<u32>,
}

const SELECT: &str = "select a.content, a.severity, a.published, a.feed, f.name as feed_name, f.signed
    from advisory a join feed f on f.id = a.feed where";

/// The newest advisories that fit, without their statements being read.
pub async fn list(sql: &mut Sql, scope: &Scope, filter: &Filter) -> Result<Vec<Advised>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let mut query = Query::new(SELECT);
    narrow(query.push("1 = 1"), scope, filter);
    query.push("order by coalesce(a.published, '') desc, a.number limit").bind(PAGE_MAX as i64);
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// How many fit.
pub async fn count(sql: &mut Sql, scope: &Scope, filter: &Filter) -> Result<u32, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(0);
    }
    let mut query = Query::new("select count(*) as n from advisory a where 1 = 1");
    narrow(&mut query, scope, filter);
    query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))
}

/// What an agency wrote itself is seen by whoever sees its warning; all else is public knowledge.
fn seen(query: &mut Query, scope: &Scope) {
    query.push("and (a.source <> 'own' or a.number in (select o.number from own_advisory o join warning w on w.id = o.id where");
    warnings::seen(query, scope);
    query.push("))");
}

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    seen(query, scope);
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        query.push("and a.folded like").bind(containing(&fold(text))).push("escape '\\'");
    }
    if let Some(severity) = &filter.severity {
        query.push("and a.severity =").bind(severity);
    }
    if let Some(feed) = filter.feed {
        query.push("and a.feed =").bind(feed);
    }
    if filter.exploited {
        query.push("and exists (select 1 from flaw_signal s where s.flaw = a.number and s.exploited = true)");
    }
}

/// What all issuers say of one number.
pub async fn by_number(sql: &mut Sql, scope: &Scope, number: &str) -> Result<Vec<Advised>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let mut query = Query::new(SELECT);
    query.push("a.id in (select k.advisory from advisory_key k where k.key =").bind(keys::of_number(number));
    seen(query.push(")"), scope);
    query.push("order by f.name, a.file, a.number");
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// Asked for in one query.
const BATCH: usize = 400;

/// The advisories that share a word with those, for the judge.
pub async fn ids_by_keys(sql: &mut Sql, words: &BTreeSet<String>) -> Result<BTreeSet<String>, StoreError> {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let words: Vec<&String> = words.iter().collect();
    for part in words.chunks(BATCH) {
        let mut query = Query::new("select distinct advisory from advisory_key where key in");
        query.list(part.iter().copied());
        for row in query.rows(sql).await? {
            ids.insert(row.text("advisory")?);
        }
    }
    Ok(ids)
}

/// Advisories by id; what is gone is left out.
pub async fn bodies(sql: &mut Sql, ids: &[String]) -> Result<Vec<Advisory>, StoreError> {
    let mut found = Vec::new();
    for part in ids.chunks(BATCH) {
        let mut query = Query::new("select content from advisory where id in");
        query.list(part).push("order by id");
        for row in query.rows(sql).await? {
            found.push(row.json("content")?);
        }
    }
    Ok(found)
}

/// The flaws a vendor told of between two days, of those grades (all if none is given): number and advisory.
pub async fn in_months(
    sql: &mut Sql,
    vendor: &str,
    from: &str,
    to: &str,
    severities: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    let Some(word) = keys::of_vendor(vendor) else { return Ok(BTreeMap::new()) };
    let mut query = Query::new(
        "select a.number, k.key from advisory a join advisory_key v on v.advisory = a.id
         join advisory_key k on k.advisory = a.id and k.key like 'c:CVE-%'
         where a.withdrawn = false and v.key =",
    );
    query.bind(word).push("and a.published >=").bind(from).push("and a.published <=").bind(to);
    if !severities.is_empty() {
        query.push("and a.severity in").list(severities);
    }
    let mut found = BTreeMap::new();
    for row in query.rows(sql).await? {
        let flaw = row.text("key")?.trim_start_matches("c:").to_owned();
        found.insert(flaw, row.text("number")?);
    }
    Ok(found)
}

/// What is known of how one flaw is used.
pub async fn signal(sql: &mut Sql, flaw: &str) -> Result<Signal, StoreError> {
    let found = signals(sql, &[flaw.to_uppercase()]).await?;
    let likely = found.likely.values().next().map(|p| (p * 1e6).round() as u32);
    let entry = found.exploited.values().next();
    Ok(Signal { exploited: entry.is_some(), ransomware: entry.is_some_and(|e| e.ransomware), likely })
}

/// What is known of how flaws are used.
pub async fn signals(sql: &mut Sql, flaws: &[String]) -> Result<Signals, StoreError> {
    let mut found = Signals::default();
    for part in flaws.chunks(BATCH) {
        let mut query = Query::new(
            "select flaw, exploited, added, due, ransomware, likely from flaw_signal where flaw in",
        );
        query.list(part);
        for row in query.rows(sql).await? {
            let flaw = row.text("flaw")?;
            if let Some(likely) = row.opt_int("likely")? {
                found.likely.insert(flaw.clone(), likely as f64 / 1e6);
            }
            if row.bool("exploited")? {
                let entry = Exploited {
                    added: row.opt_text("added")?,
                    due: row.opt_text("due")?,
                    ransomware: row.bool("ransomware")?,
                };
                found.exploited.insert(flaw, entry);
            }
        }
    }
    Ok(found)
}

fn from_row(row: &Row) -> Result<Advised, StoreError> {
    Ok(Advised {
        advisory: row.json("content")?,
        severity: row.opt_text("severity")?,
        published: row.opt_text("published")?,
        feed: row.id("feed")?,
        feed_name: row.text("feed_name")?,
        signed: row.word("signed", Signed::parse)?,
    })
}
