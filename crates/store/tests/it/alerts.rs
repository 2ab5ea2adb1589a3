//! Sources and alerts. Each story on both engines.

use domain::{
    actor::{Actor, Scope},
    alert::{Finding, Reason, Status},
    id::{Id, Ids, kind},
    legal::Legal,
    paging::Severity,
    right::Role,
    source::Kind,
    time,
};
use store::{
    StoreError,
    alerts::{self, Act, Filter, NewSuppression, Recorded},
    args,
    assignments::Tools,
    both_engines, callouts,
    sources::{self, Flush, New, Stranger},
    testing::{TestDb, TestIds, minute},
};

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    legal: Legal,
    root: Id<kind::Body>,
    own: Id<kind::Body>,
    other: Id<kind::Body>,
    person: Id<kind::Person>,
    source: Id<kind::Source>,
}

fn scope(role: Role, body: Id<kind::Body>) -> Scope {
    Scope::of(vec![(role, body)])
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let own = crate::body(&t.db, &ids, Some(root)).await;
        let other = crate::body(&t.db, &ids, Some(root)).await;
        let (person, source) = (Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids));
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            tx.run_for_test(
                "insert into person (id, name, folded, sort_key, lang, created_at) values ($1,'Người Trực','x','x','vi',0)",
                args![person],
            ).await?;
            sources::create(tx, &scope(Role::Coordinator, own), &new(source, own, Kind::Syslog, Some("10.0.0.0/24"))).await
        });
        made.unwrap();
        Self { t, ids, legal: Legal::builtin().unwrap(), root, own, other, person, source }
    }

    fn tools(&self) -> Tools<'_> {
        Tools { ids: &self.ids, base: "https://canh.test", pack: self.legal.on(time::date(minute(0))) }
    }

    fn found(&self, rule: &str, host: &str, severity: Severity) -> Finding {
        Finding {
            rule: rule.into(),
            title: format!("Luật {rule}"),
            about: "Vì sao".into(),
            severity: Some(severity),
            body: self.own,
            system: None,
            source: self.source,
            host: host.into(),
            user: "root".into(),
            address: "10.0.0.7".into(),
            group: vec![],
            at: minute(0),
            because: vec![Reason { field: "user".into(), value: "root".into(), asked: "root".into() }],
            raw: "<34>x".into(),
            place: (7, 1),
        }
    }

    async fn record(&self, step: (i64, i64), found: &[Finding], at: i64) -> Recorded {
        let to = sources::Followed { position: step.1, upto: minute(at) };
        let done: Result<Recorded, StoreError> = store::write!(self.t.db, Actor::System, minute(at), tx =>
            alerts::record(tx, &self.tools(), "detect", (step.0, to), found).await);
        done.unwrap()
    }

    async fn open(&self, scope: &Scope) -> Vec<alerts::Shown> {
        let mut sql = self.t.db.read().await.unwrap();
        alerts::list(&mut sql, scope, &Filter::default(), None, 100).await.unwrap()
    }

    async fn act(&self, id: Id<kind::Alert>, act: Act) -> Result<bool, StoreError> {
        store::write!(self.t.db, Actor::Person(self.person), minute(2), tx =>
            alerts::act(tx, &scope(Role::DutyOfficer, self.own), &self.tools(), id, &act, "page").await)
    }
}

fn new(id: Id<kind::Source>, body: Id<kind::Body>, kind: Kind, address: Option<&str>) -> New {
    New {
        id,
        body,
        system: None,
        name: "Máy chủ web".into(),
        kind,
        digest: id.to_string(),
        address: address.map(Into::into),
        zone: "Asia/Ho_Chi_Minh".into(),
        rate: 100,
        quiet_minutes: 10,
    }
}

both_engines! {
    async fn what_was_found_is_recorded_once_however_often_the_log_is_read(t: &TestDb) {
        let s = Story::new(t).await;
        let found = [s.found("a", "web01", Severity::High), s.found("a", "web01", Severity::High)];
        let first = s.record((0, 10), &found, 0).await;
        assert_eq!((first.before, first.raised.len(), first.paged), (false, 1, 1));
        assert!(s.record((0, 10), &found, 0).await.before, "read again after a crash");
        assert!(s.record((5, 12), &found, 0).await.before, "somebody else had come further");
        let more = s.record((10, 20), &found[..1], 1).await;
        assert_eq!((more.raised.len(), more.paged), (0, 0));
        let open = s.open(&scope(Role::DutyOfficer, s.root)).await;
        assert_eq!((open.len(), open[0].alert.events), (1, 3));
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sources::followed(&mut sql, "detect").await.unwrap().map(|f| (f.position, f.upto)), Some((20, minute(1))));
        let seen = alerts::events(&mut sql, &Scope::system(), open[0].alert.id).await.unwrap();
        assert_eq!((seen.len(), seen[0].event.because[0].value.as_str()), (3, "root"));
        let subject = format!("alert:{}", open[0].alert.id);
        assert_eq!(callouts::of_subject(&mut sql, &Scope::system(), &subject, 9).await.unwrap().len(), 1);
    }
    async fn an_alert_is_owned_closed_and_opened_again_and_its_call_is_over(t: &TestDb) {
        let s = Story::new(t).await;
        let id = s.record((0, 1), &[s.found("a", "web01", Severity::Critical)], 0).await.raised[0];
        assert!(s.act(id, Act::Own).await.unwrap());
        assert!(!s.act(id, Act::Own).await.unwrap(), "once");
        {
            let mut sql = t.db.read().await.unwrap();
            let calls = callouts::of_subject(&mut sql, &Scope::system(), &format!("alert:{id}"), 9).await.unwrap();
            assert!(calls[0].callout.state.standing.is_over());
        }
        s.act(id, Act::Comment("đang xem".into())).await.unwrap();
        assert!(matches!(s.act(id, Act::Close(" ".into())).await, Err(StoreError::Refused("text-empty"))));
        s.act(id, Act::FalsePositive("quét định kỳ".into())).await.unwrap();
        assert!(matches!(s.act(id, Act::Own).await, Err(StoreError::Refused("alert-over"))));
        assert!(s.open(&Scope::system()).await.is_empty());
        s.act(id, Act::Reopen("không phải".into())).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let shown = alerts::get(&mut sql, &scope(Role::DutyOfficer, s.own), id).await.unwrap();
        assert_eq!((shown.alert.status, shown.may_act), (Status::Owned, true));
        assert_eq!(shown.owner_name.as_deref(), Some("Người Trực"));
        let lines = alerts::entries(&mut sql, &Scope::system(), id).await.unwrap();
        let what: Vec<&str> = lines.iter().map(|l| l.what.as_str()).collect();
        assert_eq!(what, ["raised", "owned", "comment", "false-positive", "reopened"]);
    }
    async fn what_each_rule_found_is_counted_as_far_as_it_may_be_read(t: &TestDb) {
        let s = Story::new(t).await;
        let found = [s.found("a", "web01", Severity::Low), s.found("a", "web02", Severity::Low), s.found("b", "web01", Severity::Low)];
        let raised = s.record((0, 1), &found, 1).await.raised;
        s.act(raised[0], Act::FalsePositive("quét định kỳ".into())).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let yields = alerts::by_rule(&mut sql, &Scope::system(), minute(0)).await.unwrap();
        let of = |rule: &str| yields.get(rule).map(|y| (y.alerts, y.wrong, y.last));
        assert_eq!((of("a"), of("b")), (Some((2, 1, minute(1))), Some((1, 0, minute(1)))));
        for (scope, since) in [(scope(Role::Coordinator, s.other), minute(0)), (Scope::system(), minute(2))] {
            assert!(alerts::by_rule(&mut sql, &scope, since).await.unwrap().is_empty());
        }
        let filter = Filter { rule: "b".into(), ..Filter::default() };
        let of_b = alerts::list(&mut sql, &Scope::system(), &filter, None, 9).await.unwrap();
        assert_eq!(of_b.iter().map(|a| a.alert.id).collect::<Vec<_>>(), [raised[2]]);
    }
    async fn nobody_sees_or_touches_anothers_alerts_and_sources(t: &TestDb) {
        let s = Story::new(t).await;
        let id = s.record((0, 1), &[s.found("a", "web01", Severity::Low)], 0).await.raised[0];
        let strange = scope(Role::Coordinator, s.other);
        assert!(s.open(&strange).await.is_empty());
        let mut sql = t.db.read().await.unwrap();
        assert!(alerts::get(&mut sql, &strange, id).await.is_err());
        assert!(alerts::events(&mut sql, &strange, id).await.is_err());
        assert!(alerts::entries(&mut sql, &strange, id).await.is_err());
        assert!(sources::get(&mut sql, &strange, s.source).await.is_err());
        assert!(sources::list(&mut sql, &strange, &sources::Filter::default()).await.unwrap().is_empty());
        let viewer = scope(Role::Viewer, s.own);
        assert!(alerts::get(&mut sql, &viewer, id).await.is_err(), "a line may hold anything: it needs the right to read");
        drop(sql);
        let tried: Result<bool, StoreError> = store::write!(t.db, Actor::Person(s.person), minute(2), tx =>
            alerts::act(tx, &strange, &s.tools(), id, &Act::Own, "page").await);
        assert!(matches!(tried, Err(StoreError::NotFound(_))));
        let tried: Result<(), StoreError> = store::write!(t.db, Actor::Person(s.person), minute(2), tx =>
            sources::close(tx, &strange, s.source).await);
        assert!(matches!(tried, Err(StoreError::NotFound(_))));
    }
    async fn silence_has_a_reason_an_owner_and_an_end(t: &TestDb) {
        let s = Story::new(t).await;
        let id = s.record((0, 1), &[s.found("a", "web01", Severity::Medium)], 0).await.raised[0];
        let silence = |until: i64, reason: &str| NewSuppression {
            id: Id::new(&s.ids as &dyn Ids),
            alert: id,
            field: "host".into(),
            value: "web02".into(),
            reason: reason.into(),
            until: minute(until),
        };
        let put = |new: NewSuppression| async move {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(s.person), minute(1), tx =>
                alerts::suppress(tx, &scope(Role::DutyOfficer, s.own), &new).await);
            done
        };
        assert!(matches!(put(silence(0, "x")).await, Err(StoreError::Refused("suppress-until"))));
        assert!(matches!(put(silence(60 * 24 * 91, "x")).await, Err(StoreError::Refused("suppress-until"))));
        let new = silence(30, "kiểm thử của đơn vị");
        put(new.clone()).await.unwrap();
        let found = [s.found("a", "web02", Severity::Medium), s.found("b", "web02", Severity::Medium)];
        assert_eq!(s.record((1, 2), &found, 2).await.raised.len(), 1, "the other rule speaks");
        {
            let mut sql = t.db.read().await.unwrap();
            let kept = alerts::suppressions(&mut sql, &scope(Role::DutyOfficer, s.own), minute(2)).await.unwrap();
            assert_eq!((kept[0].hits, kept[0].owner.as_str(), kept[0].may_lift), (1, "Người Trực", true));
            assert!(alerts::suppressions(&mut sql, &scope(Role::Head, s.other), minute(2)).await.unwrap().is_empty());
        }
        let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(s.person), minute(3), tx =>
            alerts::lift(tx, &scope(Role::DutyOfficer, s.own), new.id).await);
        done.unwrap();
        assert_eq!(s.record((2, 3), &found[..1], 4).await.raised.len(), 1);
    }
    async fn a_source_is_made_counts_and_is_closed(t: &TestDb) {
        let s = Story::new(t).await;
        let mine = scope(Role::Coordinator, s.own);
        let make = |new: New| {
            let mine = mine.clone();
            async move {
                let done: Result<(), StoreError> =
                    store::write!(t.db, Actor::System, minute(0), tx => sources::create(tx, &mine, &new).await);
                done
            }
        };
        let id = || Id::new(&s.ids as &dyn Ids);
        for (bad, code) in [
            (new(id(), s.own, Kind::Syslog, None), "source-address"),
            (new(id(), s.own, Kind::Syslog, Some("nowhere")), "source-address"),
            (new(id(), s.own, Kind::Syslog, Some("10.0.0.0/24")), "source-taken"),
            (New { zone: "Mars".into(), ..new(id(), s.own, Kind::Hec, None) }, "source-zone"),
            (New { rate: 0, ..new(id(), s.own, Kind::Hec, None) }, "source-rate"),
            (New { quiet_minutes: 0, ..new(id(), s.own, Kind::Hec, None) }, "source-quiet"),
            (New { system: Some(id().cast()), ..new(id(), s.own, Kind::Hec, None) }, "source-system"),
            (New { name: " ".into(), ..new(id(), s.own, Kind::Hec, None) }, "text-empty"),
        ] {
            assert!(matches!(make(bad).await, Err(StoreError::Refused(found)) if found == code), "{code}");
        }
        assert!(matches!(make(new(id(), s.other, Kind::Hec, None)).await, Err(StoreError::NotFound(_))));
        let flush = |last: i64, sample: &str| Flush {
            received: 10,
            kept: 9,
            refused: 1,
            unparsed: 1,
            skewed: 0,
            last_at: Some(minute(last)),
            samples: vec![sample.into()],
            contacts: std::collections::BTreeMap::new(),
        };
        let stranger = Stranger { address: "10.9.9.9".into(), lines: 3, last_at: minute(1) };
        for n in 0..25 {
            sources::flush(&t.db, minute(n), &[(s.source, flush(n, &n.to_string()))], std::slice::from_ref(&stranger)).await.unwrap();
        }
        let mut sql = t.db.read().await.unwrap();
        let shown = sources::get(&mut sql, &mine, s.source).await.unwrap();
        assert_eq!((shown.counts.received, shown.counts.kept, shown.counts.refused), (250, 225, 25));
        assert_eq!((shown.counts.first_at, shown.counts.last_at), (Some(minute(0)), Some(minute(24))));
        assert_eq!((shown.counts.samples.len(), shown.counts.samples[19].as_str()), (20, "24"));
        assert!(!shown.is_silent(minute(34)) && shown.is_silent(minute(35)));
        assert_eq!(sources::strangers(&mut sql, &Scope::system()).await.unwrap()[0].lines, 75);
        assert!(sources::strangers(&mut sql, &mine).await.unwrap().is_empty());
        assert_eq!(sources::known(&mut sql).await.unwrap().len(), 1);
        drop(sql);
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            sources::new_token(tx, &mine, s.source, "other").await?;
            sources::close(tx, &mine, s.source).await
        });
        done.unwrap();
        assert!(sources::known(&mut t.db.read().await.unwrap()).await.unwrap().is_empty());
    }
}
