//! Judging hosts by what changed only: the flaws of which something else is said. Whatever cannot be told from that is left
//! to be judged whole, so that both come to the same.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::id::{Id, kind};
use review::{
    advisory::{Advisory, Feed},
    judge::{self, Fresh, Knowledge, keys},
};

use super::{
    judge::{Judge, Of, Round, Told, update},
    keep::{self, Row, Rows},
    sums::Sums,
    warned::{self, Settled},
    words,
};
use crate::{Query, StoreError, Tx, hosts::Held};

/// What mends findings of one host, the changed ones left out: what their advisories want, what is said to mend them,
/// whether any is open.
type Fits = Vec<(String, String, bool)>;

/// What is needed to judge hosts by changed flaws.
struct Changed {
    flaws: BTreeSet<String>,
    /// Of their advisories only.
    about: Knowledge,
    fresh: Fresh,
    /// Whether any is about Microsoft's products.
    microsoft: bool,
}

impl Judge<'_> {
    /// Judges those of the hosts that need no more by the flaws that changed; returns the others.
    pub(super) async fn again(
        &mut self,
        tx: &mut Tx,
        all: Vec<Of>,
        round: &mut Round,
    ) -> Result<Vec<Of>, StoreError> {
        let held: Vec<&Held> = all.iter().map(|of| &of.held).collect();
        let few = only_flaws(tx, &held).await?;
        if few.is_empty() {
            return Ok(all);
        }
        let (some, mut whole): (Vec<Of>, Vec<Of>) =
            all.into_iter().partition(|of| few.contains(&of.held.host));
        let ids: Vec<_> = some.iter().map(|of| of.held.host).collect();
        let mut standing = keep::standing(tx, &ids, true).await?;
        let mut settled = warned::settled(tx, &ids).await?;
        let mut changed = self.changed(tx, &some, &standing, round).await?;
        let mut fits =
            if changed.microsoft || named(&standing) { fits(tx, &ids).await? } else { HashMap::new() };
        for of in some {
            let host = of.held.host;
            let before = standing.remove(&host).unwrap_or_default();
            let settled = settled.remove(&host).unwrap_or_default();
            let fits = fits.remove(&host).unwrap_or_default();
            match self.few(tx, &of, before, &settled, fits, &mut changed, round).await? {
                Some(sums) => round.after.push((host, of.held.body, sums)),
                None => whole.push(of),
            }
        }
        Ok(whole)
    }

    /// Learns what is said of the flaws that changed, and of Microsoft's updates for those hosts if any is hers.
    async fn changed(
        &mut self,
        tx: &mut Tx,
        hosts: &[Of],
        standing: &HashMap<Id<kind::Host>, Rows>,
        round: &Round,
    ) -> Result<Changed, StoreError> {
        let rows = tx.rows("select flaw from flaw_dirty", vec![]).await?;
        let flaws: BTreeSet<String> = rows.iter().map(|r| r.text("flaw")).collect::<Result<_, _>>()?;
        let mut wanted: BTreeSet<String> = flaws.iter().map(|flaw| keys::of_number(flaw)).collect();
        let asked = || flaws.iter().map(String::as_str).chain(round.warned.flaws());
        self.known.learn(tx, self.weaknesses, &wanted, asked()).await?;
        let of = |it: &Self| -> Vec<Advisory> {
            // One may be about several of them.
            let mut seen = HashSet::new();
            let all = flaws.iter().flat_map(|flaw| it.known.of(flaw));
            all.filter(|a| seen.insert(std::ptr::from_ref(*a))).cloned().collect()
        };
        let mut about = of(self);
        let microsoft = judge::of_microsoft(about.iter());
        if microsoft || named(standing) {
            wanted.extend(hosts.iter().flat_map(|of| keys::of_system(&of.held.inventory)));
            self.known.learn(tx, self.weaknesses, &wanted, asked()).await?;
            about = of(self);
        }
        let fresh = Fresh::of(self.known.knowledge(), &flaws, about.iter());
        let about = Knowledge::new(Feed { advisories: about, ..Feed::default() });
        Ok(Changed { flaws, about, fresh, microsoft })
    }

    /// Judges one host by the flaws that changed, and counts its findings on from what they were; none if it must be judged
    /// whole: then nothing is noted of it.
    #[allow(clippy::too_many_arguments)]
    async fn few(
        &self,
        tx: &mut Tx,
        of: &Of,
        before: Rows,
        settled: &Settled,
        fits: Fits,
        changed: &mut Changed,
        round: &mut Round,
    ) -> Result<Option<Sums>, StoreError> {
        let (host, body, inventory) = (of.held.host, of.held.body, &of.held.inventory);
        let mut sums = round.before.get(&host).cloned().unwrap_or_default();
        // What was counted must be what is counted now: the same warnings, by the same sums.
        let reaching = round.warned.reaching(body);
        let counted = |w: &Id<kind::Warning>| settled.get(w) == Some(&(body, sums.warning(*w)));
        if reaching.len() != settled.len() || !reaching.iter().all(counted) {
            return Ok(None);
        }
        // Those whom a new update tells more of were not looked up: all of the host is.
        match changed.fresh.besides(inventory, self.known.knowledge()) {
            Some(besides) if besides.is_subset(&changed.flaws) => {}
            _ => return Ok(None),
        }
        let mut flaws: BTreeSet<String> =
            changed.about.concerning(inventory).into_iter().flat_map(Advisory::numbers).collect();
        flaws.extend(round.warned.of(body).into_iter().map(str::to_owned));
        flaws.retain(|flaw| changed.flaws.contains(flaw));
        flaws.extend(before.keys().cloned());
        let mut rows: BTreeMap<String, Told> = BTreeMap::new();
        for flaw in flaws {
            if let Some(told) = self.flaw(tx, of, &flaw, before.get(&flaw), &round.warned).await? {
                rows.insert(flaw, told);
            }
        }
        let Some(refits) = refit(&of.held, &before, &mut rows, &fits, self.known.knowledge()) else {
            return Ok(None);
        };
        // Counted on: what was there comes out, what mends the rest gets its new name, what is there now comes in.
        for (flaw, old) in &before {
            if sums.take_out(body, flaw, old, &round.warned).is_none() {
                return Ok(None);
            }
        }
        for (from, to) in &refits {
            sums.refit(from, to);
        }
        for (flaw, told) in &rows {
            sums.add(body, flaw, &told.row, &round.warned);
        }
        if !sums.sure() {
            return Ok(None);
        }
        for (from, to) in refits {
            round.changes.fixes.entry((Some(from), Some(to))).or_default().push(host);
            round.bodies.insert(body);
        }
        for (flaw, told) in rows {
            let same = |old: &Row| old.same_but_fix(&told.row) && old.fix == told.row.fix;
            if !before.get(&flaw).is_some_and(same) {
                round.changes.rows.push((host, flaw.clone(), told.row));
                round.bodies.insert(body);
            }
            round.changes.because.extend(told.because.map(|because| (host, flaw.clone(), because)));
            round.changes.turns.extend(told.turn.map(|turn| (host, body, flaw, turn)));
        }
        Ok(Some(sums))
    }
}

/// Of those hosts the ones of which only flaws changed since they were judged.
async fn only_flaws(tx: &mut Tx, held: &[&Held]) -> Result<HashSet<Id<kind::Host>>, StoreError> {
    let mut query = Query::new("select host from host_dirty where whole = false and host in");
    query.list(held.iter().map(|held| held.host));
    let rows = query.rows(tx).await?;
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let as_judged = words::unchanged(tx, held).await?;
    let few: HashSet<Id<kind::Host>> = rows.iter().map(|r| r.id("host")).collect::<Result<_, _>>()?;
    Ok(few.into_iter().filter(|host| as_judged.contains(host)).collect())
}

/// Whether any of those wants an update by its number.
fn named(standing: &HashMap<Id<kind::Host>, Rows>) -> bool {
    let mut rows = standing.values().flat_map(BTreeMap::values);
    rows.any(|row| row.wants.as_deref().and_then(update).is_some())
}

async fn fits(tx: &mut Tx, ids: &[Id<kind::Host>]) -> Result<HashMap<Id<kind::Host>, Fits>, StoreError> {
    let mut query = Query::new(
        "select host, wants, fix, cast(max(case when shelf = 0 then 1 else 0 end) as bigint) as n_open from host_flaw
         where wants like 'KB%' and flaw not in (select d.flaw from flaw_dirty d) and host in",
    );
    query.list(ids.iter().copied()).push("group by host, wants, fix");
    let mut found: HashMap<Id<kind::Host>, Fits> = HashMap::new();
    for r in query.rows(tx).await? {
        let fit = (r.text("wants")?, r.text("fix")?, r.int("n_open")? > 0);
        found.entry(r.id("host")?).or_default().push(fit);
    }
    Ok(found)
}

/// One installation does for several flaws: says of the changed findings what mends them, and of all others that name one
/// update which names it from now on; none where those that name one come to name several.
fn refit(
    held: &Held,
    before: &Rows,
    rows: &mut BTreeMap<String, Told>,
    fits: &Fits,
    knowledge: &Knowledge,
) -> Option<BTreeMap<String, String>> {
    let open = rows.values().filter(|told| told.row.standing.state.is_open());
    let mut wanted: BTreeSet<u32> = open.filter_map(|told| update(told.row.wants.as_deref()?)).collect();
    wanted.extend(fits.iter().filter(|(.., open)| *open).filter_map(|(wants, ..)| update(wants)));
    let covering = knowledge.covering(&held.inventory, &wanted);
    let mut known: HashMap<u32, String> = HashMap::new();
    let mut by = |kb: u32| known.entry(kb).or_insert_with(|| format!("KB{}", covering.by(kb))).clone();
    let mut of: BTreeMap<String, String> = BTreeMap::new();
    for (wants, fix, _) in fits {
        if let Some(kb) = update(wants)
            && of.entry(fix.clone()).or_insert_with(|| by(kb)) != &by(kb)
        {
            return None;
        }
    }
    for (flaw, told) in rows {
        if let Some(kb) = told.row.wants.as_deref().and_then(update) {
            told.row.fix = Some(by(kb));
        }
        // The statement that renames them all finds this one, too; what says something else is written after it.
        let was = before.get(flaw).and_then(|old| of.get(old.fix.as_ref()?));
        if was.is_some_and(|to| told.row.fix.as_ref().is_some_and(|own| own != to)) {
            return None;
        }
    }
    of.retain(|from, to| from != to);
    // One after the other they would run together.
    let chained = of.values().any(|to| of.contains_key(to));
    (!chained).then_some(of)
}
