//! Independent counts of machines.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    counts::{Differs, Kind, LeftOut, Source},
    fact::kinds,
    id::{Id, kind},
    legal::Legal,
    right::Role,
    time,
};
use jiff::civil::Date;
use store::{
    Db, StoreError, both_engines, counts, facts,
    testing::{TestIds, minute},
};

use crate::{NOBODY, body};

fn today() -> Date {
    time::date(minute(0))
}

async fn record(
    db: &Db,
    ids: &TestIds,
    scope: &Scope,
    of: Id<kind::Body>,
    source: Source,
    n: &[(Kind, u32)],
    on: Date,
) -> Result<u32, StoreError> {
    let left_out = BTreeMap::from([(LeftOut::Off, 2)]);
    let new = counts::NewCount {
        body: of,
        source,
        counts: n,
        on,
        note: " xuất từ AD ",
        file: None,
        left_out: &left_out,
    };
    store::write!(db, NOBODY, minute(5), tx => counts::record(tx, scope, ids, &new).await)
}

both_engines! {
    async fn a_count_stands_beside_the_register_and_can_be_taken_back(t: &TestDb) {
        let ids = TestIds::default();
        let of = body(&t.db, &ids, None).await;
        let scope = Scope::of(vec![(Role::Responder, of)]);
        let (directory, n) = (Source::Directory, [(Kind::Servers, 3), (Kind::Workstations, 38)]);
        assert_eq!(record(&t.db, &ids, &scope, of, directory, &n, today()).await.unwrap(), 2);
        assert_eq!(record(&t.db, &ids, &scope, of, directory, &n, today()).await.unwrap(), 0, "once");
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(today());
        let mut sql = t.db.read().await.unwrap();
        let found = counts::of(&mut sql, &scope, pack, &[of], today()).await.unwrap();
        let line = found[&of].more().unwrap();
        assert_eq!((found[&of].registered, line.n, line.on, line.differs), (0, 41, today(), Differs::More));
        let known = facts::about(&mut sql, &scope, &[format!("body:{of}")], &[kinds::MACHINES_COUNTED], 9).await.unwrap();
        assert!(line.fact.is_some_and(|f| known.iter().any(|k| k.id == f && k.from == time::start_of(today()))));
        let all = counts::history(&mut sql, &scope, of).await.unwrap();
        assert_eq!((all.len(), all[0].note.as_str(), all[0].left_out[&LeftOut::Off]), (2, "xuất từ AD", 2));
        drop(sql);
        let withdraw = async |why| {
            let done: Result<_, StoreError> = store::write!(t.db, NOBODY, minute(6), tx => counts::withdraw(tx, &scope, &ids, all[0].id, why).await);
            done
        };
        assert!(matches!(withdraw(" ").await, Err(StoreError::Refused("count-why"))));
        assert_eq!(withdraw("nhầm đơn vị").await.unwrap(), of);
        assert!(matches!(withdraw("nhầm").await, Err(StoreError::Refused("count-withdrawn"))));
        let mut sql = t.db.read().await.unwrap();
        let found = counts::of(&mut sql, &scope, pack, &[of], today()).await.unwrap();
        assert!(found[&of].more().unwrap().n < 41);
        let known = facts::about(&mut sql, &scope, &[format!("body:{of}")], &[], 9).await.unwrap();
        let kinds: Vec<_> = known.iter().map(|f| f.kind.as_str()).collect();
        assert_eq!(kinds, ["machines.counted", "machines.count-withdrawn"]);
    }

    async fn what_cannot_be_is_refused(t: &TestDb) {
        let ids = TestIds::default();
        let of = body(&t.db, &ids, None).await;
        let scope = Scope::of(vec![(Role::Coordinator, of)]);
        let tomorrow = today().tomorrow().unwrap();
        for (source, n, on, code) in [
            (Source::Staff, vec![(Kind::Servers, 3)], today(), "count-kind"),
            (Source::Dhcp, vec![], today(), "count-nothing"),
            (Source::Dhcp, vec![(Kind::All, 1_000_001)], today(), "count-many"),
            (Source::Dhcp, vec![(Kind::All, 1)], tomorrow, "count-day"),
        ] {
            let refused = record(&t.db, &ids, &scope, of, source, &n, on).await;
            assert!(matches!(refused, Err(StoreError::Refused(c)) if c == code), "{code}: {refused:?}");
        }
    }

    async fn a_neighbour_neither_sees_nor_counts(t: &TestDb) {
        let ids = TestIds::default();
        let top = body(&t.db, &ids, None).await;
        let (of, other) = (body(&t.db, &ids, Some(top)).await, body(&t.db, &ids, Some(top)).await);
        let n = [(Kind::All, 41)];
        record(&t.db, &ids, &Scope::of(vec![(Role::Coordinator, top)]), of, Source::Dhcp, &n, today()).await.unwrap();
        let neighbour = Scope::of(vec![(Role::Coordinator, other)]);
        let refused = record(&t.db, &ids, &neighbour, of, Source::Dhcp, &n, today()).await;
        assert!(matches!(refused, Err(StoreError::NotFound("body"))));
        let viewer = Scope::of(vec![(Role::Viewer, of)]);
        assert!(record(&t.db, &ids, &viewer, of, Source::Dhcp, &n, today()).await.is_err());
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(today());
        let mut sql = t.db.read().await.unwrap();
        assert!(counts::of(&mut sql, &neighbour, pack, &[of], today()).await.unwrap().is_empty());
        assert!(counts::history(&mut sql, &neighbour, of).await.unwrap().is_empty());
        let mine = counts::history(&mut sql, &viewer, of).await.unwrap();
        assert!(matches!(counts::get(&mut sql, &neighbour, mine[0].id).await, Err(StoreError::NotFound(_))));
        let filter = counts::Filter { under: Some(top), ..Default::default() };
        let seen = counts::gaps(&mut sql, &Scope::of(vec![(Role::Viewer, top)]), pack, &filter, today()).await.unwrap();
        assert_eq!((seen.len(), seen.iter().filter(|g| g.machines.more().is_some()).count()), (3, 1));
    }
}
