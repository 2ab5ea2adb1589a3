//! What moved in campaigns, kept between calls: verdicts that have been added up are not read again. Nothing here is the
//! only copy; another process reads it anew.

use std::sync::{Mutex, PoisonError};

use domain::{
    actor::Scope,
    id::{Id, kind},
    readiness::{Moved, QUARTER},
    right::Right,
};
use jiff::Timestamp;
use store::{Sql, StoreError, history};

/// So many campaigns as different people see them are kept, about 100 KB each in a year.
const KEPT_MAX: usize = 64;

/// The tops of the subtrees somebody sees; `None` = everything.
type Seen = Option<Vec<Id<kind::Body>>>;

/// The movements of the campaigns looked at last, the newest last.
#[derive(Default)]
pub struct Movements(Mutex<Vec<Kept>>);

struct Kept {
    campaign: Id<kind::Campaign>,
    seen: Seen,
    /// The tasks it was added up over.
    stamp: u64,
    /// The first quarter of an hour that is not in it.
    next: i64,
    moved: Vec<Moved>,
}

impl Movements {
    /// The movements of a campaign as the scope sees them, in quarters of an hour. Reads what is new since the last call;
    /// everything where tasks were added, taken back or moved into or out of sight.
    pub(super) async fn of(
        &self,
        sql: &mut Sql,
        scope: &Scope,
        campaign: Id<kind::Campaign>,
        now: Timestamp,
    ) -> Result<Vec<Moved>, StoreError> {
        let seen = scope.tops(Right::See);
        let stamp = history::stamp(sql, scope, campaign).await?;
        let kept = self.take(campaign, &seen, stamp);
        let (next, mut moved) = kept.map_or((i64::MIN, Vec::new()), |k| (k.next, k.moved));
        let new = history::moved(sql, scope, campaign, QUARTER, next).await?;
        // A write bears the time it began: the quarter before this one may still be added to.
        let settled = (now.as_microsecond().div_euclid(QUARTER) - 1).max(next);
        let (old, open): (Vec<Moved>, Vec<Moved>) = new.into_iter().partition(|m| m.step < settled);
        moved.extend(old);
        let whole = moved.iter().chain(&open).copied().collect();
        self.keep(Kept { campaign, seen, stamp, next: settled, moved });
        Ok(whole)
    }

    /// Two who ask at once: the second reads everything.
    fn take(&self, campaign: Id<kind::Campaign>, seen: &Seen, stamp: u64) -> Option<Kept> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|k| k.campaign == campaign && k.seen == *seen)?;
        Some(all.remove(at)).filter(|k| k.stamp == stamp)
    }

    fn keep(&self, new: Kept) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|k| k.campaign != new.campaign || k.seen != new.seen);
        if all.len() >= KEPT_MAX {
            all.remove(0);
        }
        all.push(new);
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        evidence::{State, Verdict},
        right::Role,
    };
    use store::{
        testing::{TestDb, TestIds, issued, minute},
        verdicts,
    };

    use super::*;

    async fn judge(t: &TestDb, task: Id<kind::Task>, at: i64, state: State) {
        let loaded = verdicts::load(&mut t.db.read().await.unwrap(), &[task]).await.unwrap();
        let verdict = Verdict { state, handled: 0, all: 1, because: vec![], next_check: None };
        let mut tx = t.db.begin_quiet(minute(at)).await.unwrap();
        verdicts::save(&mut tx, &[(loaded[0].clone(), verdict)]).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn sorted(mut moved: Vec<Moved>) -> Vec<(i64, &'static str, u32)> {
        moved.sort_by_key(|m| m.step);
        let first = moved.first().map_or(0, |m| m.step);
        moved.iter().map(|m| (m.step - first, m.state.name(), m.tasks)).collect()
    }

    #[tokio::test]
    async fn only_what_is_new_is_read_again() {
        let t = store::testing::sqlite().await;
        let w = issued(&t.db, &TestIds::default(), 2, &["VFIX"], minute(0), minute(900)).await;
        let (all, own) =
            (Scope::of(vec![(Role::Viewer, w.root)]), Scope::of(vec![(Role::Viewer, w.bodies[1])]));
        let kept = Movements::default();
        let of = async |scope: &Scope, now: i64| {
            sorted(kept.of(&mut t.db.read().await.unwrap(), scope, w.campaign, minute(now)).await.unwrap())
        };
        judge(&t, w.tasks[0][0], 1, State::Unknown).await;
        assert_eq!(of(&all, 2).await, [(0, "unknown", 1)]);
        judge(&t, w.tasks[1][0], 2, State::Unknown).await;
        assert_eq!(of(&all, 3).await, [(0, "unknown", 2)], "the quarter that runs is read again");
        judge(&t, w.tasks[0][0], 120, State::Met).await;
        let whole = of(&all, 180).await;
        assert_eq!(whole, [(0, "unknown", 2), (8, "met", 1)]);
        assert_eq!(of(&own, 180).await, [(0, "unknown", 1)], "another's eyes see their own");
        // What has settled is not read again: even a record that is gone would still be told.
        let mut tx = t.db.begin_quiet(minute(181)).await.unwrap();
        tx.run_for_test("delete from verdict_change where was = ''", store::args![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(of(&all, 182).await, whole);
        // But when the tasks change, so does the past.
        let mut tx = t.db.begin_quiet(minute(183)).await.unwrap();
        tx.run_for_test("update task set withdrawn_at = 1 where id = $1", store::args![w.tasks[1][0]])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(of(&all, 184).await, [(0, "met", 1)]);
    }
}
