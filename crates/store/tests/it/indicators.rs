//! Lists of indicators, on both engines.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    indicator::{Kind, Tlp},
    right::Role,
};
use store::{
    StoreError,
    blobs::Blob,
    both_engines,
    indicators::{self, New, NewPart, Terms},
    testing::{TestDb, TestIds, minute},
};

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    root: Id<kind::Body>,
    own: Id<kind::Body>,
    other: Id<kind::Body>,
}

fn scope(role: Role, body: Id<kind::Body>) -> Scope {
    Scope::of(vec![(role, body)])
}

fn terms(name: &str) -> Terms {
    Terms {
        name: name.into(),
        origin: "A05".into(),
        tlp: Tlp::Amber,
        confidence: 80,
        from: minute(0),
        until: None,
    }
}

fn part(n: u64, replaces: bool) -> NewPart {
    NewPart {
        blob: Blob { sha256: format!("{n:064}"), len: n },
        name: "ioc.txt".into(),
        shape: "text",
        kinds: BTreeMap::from([(Kind::Domain, n)]),
        merged: 1,
        passed: 2,
        faults: 0,
        problems: vec![],
        replaces,
    }
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let own = crate::body(&t.db, &ids, Some(root)).await;
        let other = crate::body(&t.db, &ids, Some(root)).await;
        Self { t, ids, root, own, other }
    }

    async fn create(&self, scope: &Scope, terms: Terms) -> Result<Id<kind::IndicatorList>, StoreError> {
        let id = Id::new(&self.ids as &dyn Ids);
        let new = New { id, body: self.own, letter: None, terms };
        store::write!(self.t.db, Actor::System, minute(0), tx => {
            indicators::create(tx, scope, &new).await?;
            Ok(id)
        })
    }

    async fn import(
        &self,
        scope: &Scope,
        id: Id<kind::IndicatorList>,
        part: NewPart,
    ) -> Result<(), StoreError> {
        store::write!(self.t.db, Actor::System, minute(1), tx => indicators::import(tx, scope, id, &part).await)
    }
}

both_engines! {
    async fn a_list_grows_by_parts_and_is_whole_for_who_watches(t: &TestDb) {
        let s = Story::new(t).await;
        let officer = scope(Role::DutyOfficer, s.own);
        let id = s.create(&officer, terms("Chỉ dấu")).await.unwrap();
        s.import(&officer, id, part(3, false)).await.unwrap();
        s.import(&officer, id, part(4, false)).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let shown = indicators::get(&mut sql, &officer, id).await.unwrap();
        assert_eq!((shown.entries, shown.version, shown.may_change), (7, 2, true));
        let watched = indicators::watched(&mut sql, None).await.unwrap();
        assert_eq!((watched.len(), watched[0].files.len()), (1, 2));
        drop(sql);
        s.import(&officer, id, part(5, true)).await.unwrap();
        let gone: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx =>
            indicators::withdraw(tx, &officer, id, (Kind::Domain, "a.example"), "nhầm").await);
        gone.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let watched = indicators::watched(&mut sql, Some(id)).await.unwrap();
        assert_eq!(watched[0].files, [format!("{:064}", 5)]);
        assert!(watched[0].gone.contains(&(Kind::Domain, "a.example".into())) && watched[0].version == 4);
        let parts = indicators::parts(&mut sql, &officer, id).await.unwrap();
        assert_eq!(parts.iter().map(|p| p.replaced_at.is_some()).collect::<Vec<_>>(), [false, true, true]);
        let reach = indicators::reach(&mut sql, &[s.root].into()).await.unwrap();
        assert!([s.root, s.own, s.other].iter().all(|b| reach[&s.root].contains(b)));
        drop(sql);
        let closed: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(3), tx =>
            indicators::close(tx, &officer, id).await);
        closed.unwrap();
        assert!(indicators::watched(&mut t.db.read().await.unwrap(), None).await.unwrap().is_empty());
        assert!(matches!(s.import(&officer, id, part(1, false)).await, Err(StoreError::NotFound(_))));
    }

    async fn nobody_reads_or_changes_anothers_list(t: &TestDb) {
        let s = Story::new(t).await;
        let id = s.create(&scope(Role::Responder, s.own), terms("Chỉ dấu")).await.unwrap();
        s.import(&scope(Role::Responder, s.own), id, part(1, false)).await.unwrap();
        for (who, sees, changes) in [
            (scope(Role::DutyOfficer, s.other), false, false),
            (scope(Role::Viewer, s.own), false, false),
            (scope(Role::Auditor, s.own), true, false),
            (scope(Role::Coordinator, s.root), true, true),
        ] {
            let mut sql = t.db.read().await.unwrap();
            assert_eq!(indicators::get(&mut sql, &who, id).await.is_ok(), sees, "{who:?}");
            assert_eq!(indicators::list(&mut sql, &who, None).await.unwrap().len(), usize::from(sees));
            assert_eq!(indicators::parts(&mut sql, &who, id).await.is_ok(), sees);
            drop(sql);
            assert_eq!(s.import(&who, id, part(2, false)).await.is_ok(), changes, "{who:?}");
            assert_eq!(s.create(&who, terms("x")).await.is_ok(), changes);
        }
    }

    async fn what_a_list_cannot_be_is_refused(t: &TestDb) {
        let s = Story::new(t).await;
        let officer = scope(Role::DutyOfficer, s.own);
        let refused = async |terms: Terms| match s.create(&officer, terms).await {
            Err(StoreError::Refused(code)) => code,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(terms(" ")).await, "text-empty");
        assert_eq!(refused(Terms { confidence: 101, ..terms("x") }).await, "indicator-confidence");
        assert_eq!(refused(Terms { until: Some(minute(0)), ..terms("x") }).await, "indicator-until");
        let id = s.create(&officer, terms("x")).await.unwrap();
        assert!(matches!(s.import(&officer, id, part(0, false)).await, Err(StoreError::Refused("indicator-none"))));
        let many = NewPart { kinds: BTreeMap::from([(Kind::Url, indicators::ENTRIES_MAX + 1)]), ..part(1, false) };
        assert!(matches!(s.import(&officer, id, many).await, Err(StoreError::Refused("indicator-many"))));
    }
}
