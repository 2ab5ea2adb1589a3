//! Warnings that agencies write themselves: judged like any other, changed and taken back with their history; weaknesses.

use domain::{
    actor::Scope,
    flaw::{Grade, Rules, State},
    id::{Id, Ids, kind},
    legal::Legal,
    own::{Own, Product},
    right::Role,
    time,
    weakness::Weakness,
};
use jiff::civil::date;
use review::inventory::read;
use sha2::{Digest, Sha256};
use store::{
    Db, StoreError, advisories,
    blobs::Blob,
    both_engines,
    findings::{self, Filter, Order},
    hosts::take::{self, NewFile, Via},
    testing::{TestIds, minute},
    warnings::{self, Change},
};

use crate::{NOBODY, body};

struct Story<'a> {
    db: &'a Db,
    ids: TestIds,
    body: Id<kind::Body>,
}

impl Story<'_> {
    async fn report(&self, body: Id<kind::Body>, host: &str, version: &str, open: bool, at: i64) {
        let services =
            if open { vec![serde_json::json!({ "port": 3389, "protocol": "tcp" })] } else { vec![] };
        let text = serde_json::json!({ "hosts": [{
            "host": host, "taken": minute(at).to_string(), "kbs_listed": false, "services": services,
            "packages": [{ "name": "Mot Cua", "version": version }],
        }] })
        .to_string();
        let read = read("may.json", text.as_bytes());
        let blob = Blob { sha256: hex::encode(Sha256::digest(&text)), len: text.len() as u64 };
        let id = Id::new(&self.ids as &dyn Ids);
        let (via, read) = (Via::Command, read.as_ref());
        let new = NewFile { id, body, name: "may.json", blob: &blob, via, link: None, hint: None, read };
        take::take_in(self.db, NOBODY, minute(at), &Scope::system(), &self.ids, &new).await.unwrap();
    }

    async fn judge(&self, at: i64) {
        let (rules, legal) = (Rules::default(), Legal::builtin().unwrap());
        let weaknesses = legal.on(date(2027, 1, 20)).weaknesses().clone();
        let done: Result<(), StoreError> = store::write!(self.db, NOBODY, minute(at), tx => {
            findings::gather(tx).await?;
            let ids = findings::pending(tx, 100).await?;
            findings::judge(tx, &rules, &weaknesses, &ids).await.map(|_| ())
        });
        done.unwrap();
    }

    async fn found(&self, flaw: &str) -> Vec<findings::Finding> {
        let filter = Filter { flaw: Some(flaw.into()), all: true, ..Filter::default() };
        let mut sql = self.db.read().await.unwrap();
        findings::findings(&mut sql, &Scope::system(), &filter, Order::Host, None, minute(0)).await.unwrap()
    }

    async fn publish(&self, scope: &Scope, own: &Own) -> Result<Id<kind::Warning>, StoreError> {
        let id = Id::new(&self.ids as &dyn Ids);
        let new = (id, self.body, date(2027, 1, 20));
        store::write!(self.db, NOBODY, minute(5), tx => {
            warnings::publish(tx, scope, &self.ids, new, own).await.map(|()| id)
        })
    }
}

fn own() -> Own {
    Own {
        title: "Lỗ hổng phần mềm một cửa".into(),
        text: "Nhà cung cấp báo".into(),
        numbers: vec![],
        products: vec![Product { name: "Mot Cua".into(), fixed: Some("4.2".into()), ..Product::default() }],
        weaknesses: vec![Weakness::RemoteDesktop],
        severity: Grade::Critical,
        fix: "Nâng cấp".into(),
        due: Some(date(2027, 1, 22)),
    }
}

both_engines! {
    async fn an_agency_writes_what_all_machines_below_are_judged_by(t: &TestDb) {
        let ids = TestIds::default();
        let top = body(&t.db, &ids, None).await;
        let below = body(&t.db, &ids, Some(top)).await;
        let other = body(&t.db, &ids, None).await;
        let s = Story { db: &t.db, ids, body: top };
        s.report(below, "may01", "4.1", true, 1).await;
        s.report(below, "may02", "4.2", false, 1).await;
        s.report(other, "may03", "4.1", false, 1).await;
        s.judge(2).await;
        assert!(s.found("CB-2027-0001").await.is_empty());
        let weak = s.found("WEAK-REMOTE-DESKTOP").await;
        assert_eq!((weak.len(), weak[0].state, weak[0].severity), (1, State::Affected, Grade::High), "by the rules alone");

        let coordinator = Scope::of(vec![(Role::Coordinator, top)]);
        let clerk = Scope::of(vec![(Role::Clerk, top)]);
        assert!(s.publish(&clerk, &own()).await.is_err());
        let empty = Own { products: vec![], weaknesses: vec![], ..own() };
        assert!(matches!(s.publish(&coordinator, &empty).await, Err(StoreError::Refused("own-nothing"))));
        let id = s.publish(&coordinator, &own()).await.unwrap();
        s.judge(6).await;
        let it = s.found("CB-2027-0001").await;
        let names: Vec<_> = it.iter().map(|f| (f.host_name.as_str(), f.state)).collect();
        assert_eq!(names, [("may01", State::Affected), ("may02", State::Fixed)], "whoever is not below is not judged by it");
        assert_eq!((it[0].severity, it[0].fix.as_deref(), it[0].weak), (Grade::Critical, Some("Mot Cua 4.2"), true));
        assert_eq!(it[0].due_at, Some(time::end_of(date(2027, 1, 22))), "by its own day");
        let mut sql = t.db.read().await.unwrap();
        let sums = findings::body_sums(&mut sql, &coordinator, id).await.unwrap();
        assert_eq!((sums[0].all, sums[0].handled), (2, 1));
        let weak = findings::weakness_sums(&mut sql, &coordinator).await.unwrap();
        assert_eq!(weak[&Weakness::RemoteDesktop].open, 1);
        let known = advisories::by_number(&mut sql, &coordinator, "CB-2027-0001").await.unwrap();
        assert_eq!(known[0].advisory.title, own().title);
        let stranger = Scope::of(vec![(Role::Coordinator, other)]);
        assert!(advisories::by_number(&mut sql, &stranger, "CB-2027-0001").await.unwrap().is_empty());
        let asked = advisories::Filter::default();
        assert_eq!(advisories::count(&mut sql, &stranger, &asked).await.unwrap(), 0);
        assert_eq!(advisories::count(&mut sql, &coordinator, &asked).await.unwrap(), 1);
    }

    async fn what_is_changed_or_taken_back_is_judged_again_and_stays_in_its_history(t: &TestDb) {
        let ids = TestIds::default();
        let top = body(&t.db, &ids, None).await;
        let s = Story { db: &t.db, ids, body: top };
        let scope = Scope::of(vec![(Role::Coordinator, top)]);
        s.report(top, "may01", "4.1", true, 1).await;
        let id = s.publish(&scope, &own()).await.unwrap();
        s.judge(6).await;
        assert_eq!(s.found("CB-2027-0001").await[0].state, State::Affected);

        // A wrong version is put right: nothing was mended, it is taken back.
        let earlier = Product { name: "Mot Cua".into(), fixed: Some("4.0".into()), ..Product::default() };
        let better = Own { products: vec![earlier], weaknesses: vec![], ..own() };
        let edit = async |own: &Own, why: &str| -> Result<(), StoreError> {
            store::write!(t.db, NOBODY, minute(7), tx => warnings::edit(tx, &scope, &s.ids, id, own, why).await)
        };
        assert!(matches!(edit(&better, " ").await, Err(StoreError::Refused("own-why"))));
        edit(&better, "Nhà cung cấp đính chính").await.unwrap();
        s.judge(8).await;
        let it = &s.found("CB-2027-0001").await[0];
        assert_eq!((it.state, it.fixed_at), (State::NotAffected, None));
        let mut sql = t.db.read().await.unwrap();
        let flaws = warnings::flaws(&mut sql, id).await.unwrap();
        assert_eq!(flaws.iter().map(|f| f.number.as_str()).collect::<Vec<_>>(), ["CB-2027-0001"]);
        drop(sql);

        // Put back, then withdrawn: what only it said is said no more.
        edit(&own(), "Xác nhận lại").await.unwrap();
        s.judge(9).await;
        assert_eq!(s.found("CB-2027-0001").await[0].state, State::Affected);
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(10), tx => {
            warnings::take_back(tx, &scope, &s.ids, id, "Nhầm").await
        });
        done.unwrap();
        s.judge(11).await;
        assert_eq!(s.found("CB-2027-0001").await[0].state, State::NotAffected);
        assert_eq!(s.found("WEAK-REMOTE-DESKTOP").await[0].state, State::Affected, "the rules still say so");
        assert!(matches!(edit(&better, "x").await, Err(StoreError::Refused("own-withdrawn"))));
        let mut sql = t.db.read().await.unwrap();
        let history = warnings::history(&mut sql, &scope, id).await.unwrap();
        let told: Vec<_> = history.iter().map(|v| (v.version, v.change, v.why.as_str())).collect();
        assert_eq!(told, [
            (4, Change::Withdrawn, "Nhầm"),
            (3, Change::Edited, "Xác nhận lại"),
            (2, Change::Edited, "Nhà cung cấp đính chính"),
            (1, Change::Published, ""),
        ]);
        assert_eq!(history[2].own, better);
    }

    async fn a_system_whose_support_ends_overnight_is_judged_again(t: &TestDb) {
        let ids = TestIds::default();
        let top = body(&t.db, &ids, None).await;
        let s = Story { db: &t.db, ids, body: top };
        s.report(top, "may01", "4.1", false, 1).await;
        s.judge(2).await;
        let day = async |today, ends: bool| -> usize {
            let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(3), tx => {
                findings::new_day(tx, today, move |_, _| ends).await
            });
            done.unwrap();
            findings::pending(&mut t.db.read().await.unwrap(), 10).await.unwrap().len()
        };
        assert_eq!(day(date(2027, 1, 1), true).await, 0, "the first day is no new one");
        assert_eq!(day(date(2027, 1, 2), false).await, 0);
        assert_eq!(day(date(2027, 1, 2), true).await, 0, "the same day");
        assert_eq!(day(date(2027, 1, 3), true).await, 1);
    }
}
