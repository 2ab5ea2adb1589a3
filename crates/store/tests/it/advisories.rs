//! Knowledge of flaws: taken in file by file, looked up for warnings.

use domain::{
    actor::Scope,
    feed::{Place, Signed, Trouble},
    id::{Id, Ids, kind},
    right::Role,
    warning::{Item, Warned},
};
use jiff::civil::date;
use review::{advisory, judge::keys};
use store::{
    Db, StoreError,
    advisories::{self, FileRead, Filter, NewFeed, Taken},
    both_engines,
    testing::{TestIds, minute},
    warnings::{self, NewWarning},
};

use crate::{NOBODY, body};

const ONE: &str = r#"[{"id":"GHSA-1","aliases":["CVE-2099-1001"],"summary":"Lỗi một","published":"2099-01-10T00:00:00Z",
  "database_specific":{"severity":"HIGH"},"affected":[{"package":{"ecosystem":"npm","name":"mot"},
  "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.3"}]}]}]},
  {"id":"GHSA-2","summary":"Lỗi hai","affected":[{"package":{"ecosystem":"npm","name":"hai"},
  "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}]"#;
const TABLE: &str = "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title\n\
  CVE-2099-2001,5099001,Windows Server 2022,Critical,2099-01-12,A\n\
  CVE-2099-2002,5099001,Windows Server 2022,Important,2099-04-30,B\n\
  CVE-2099-2003,5099001,Windows Server 2022,Moderate,2099-02-12,C\n\
  CVE-2099-2004,5099002,Windows Server 2022,Critical,2099-05-01,D\n";

async fn feed(db: &Db, ids: &TestIds, place: &str) -> Id<kind::Feed> {
    let id = Id::new(ids as &dyn Ids);
    let new = NewFeed { id, name: "Thử", kind: Place::Directory, place, signed: Signed::No };
    let done: Result<(), StoreError> =
        store::write!(db, NOBODY, minute(0), tx => advisories::add(tx, &Scope::system(), &new).await);
    done.unwrap();
    id
}

async fn take(db: &Db, feed: Id<kind::Feed>, name: &str, text: Option<&str>) -> Taken {
    let read = text.map(|t| advisory::read(name, t.as_bytes()).unwrap());
    let file = FileRead { name, sha256: "x", read: read.as_ref() };
    let done: Result<Taken, StoreError> = store::write!(db, NOBODY, minute(1), tx => advisories::take(tx, feed, std::slice::from_ref(&file)).await);
    done.unwrap()
}

both_engines! {
    async fn a_feed_writes_only_what_is_different(t: &TestDb) {
        let ids = TestIds::default();
        let id = feed(&t.db, &ids, "/feeds").await;
        let all = Scope::system();
        assert_eq!(take(&t.db, id, "a.json", Some(ONE)).await, Taken { added: 2, ..Taken::default() });
        let stirred = async || {
            let mut sql = t.db.read().await.unwrap();
            sql.texts_for_test("select flaw as t from flaw_dirty order by flaw").await.unwrap().len()
        };
        assert_eq!(stirred().await, 2);
        let mut tx = t.db.begin_quiet(minute(2)).await.unwrap();
        tx.run_for_test("delete from flaw_dirty", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(take(&t.db, id, "a.json", Some(ONE)).await, Taken::default(), "once more is nothing");
        assert_eq!(stirred().await, 0);
        let other = ONE.replace("1.2.3", "1.2.4").replace("GHSA-2", "GHSA-3");
        let taken = take(&t.db, id, "a.json", Some(&other)).await;
        assert_eq!(taken, Taken { added: 1, changed: 1, removed: 1, signals: 0 });
        assert_eq!(stirred().await, 3, "what was, what is, what says something else");
        let mut sql = t.db.read().await.unwrap();
        let found = advisories::by_number(&mut sql, &all, "cve-2099-1001").await.unwrap();
        assert_eq!((found.len(), found[0].advisory.id.as_str()), (1, "GHSA-1"));
        assert_eq!(found[0].published.as_deref(), Some("2099-01-10"));
        let words = [format!("p:{}/{}", "npm", "mot")].into();
        assert_eq!(advisories::ids_by_keys(&mut sql, &words).await.unwrap().len(), 1);
        let text = Filter { text: Some("loi hai".into()), ..Filter::default() };
        assert_eq!(advisories::count(&mut sql, &all, &text).await.unwrap(), 1);
        assert_eq!(advisories::list(&mut sql, &Scope::nothing(), &text).await.unwrap(), []);
        drop(sql);
        assert_eq!(take(&t.db, id, "a.json", None).await.removed, 2, "a file that is gone says nothing any more");
    }

    async fn marks_of_two_files_stand_side_by_side(t: &TestDb) {
        let ids = TestIds::default();
        let id = feed(&t.db, &ids, "/feeds").await;
        let kev = r#"{"catalogVersion":"x","vulnerabilities":[{"cveID":"CVE-2099-1001","dateAdded":"2099-02-01",
          "dueDate":"2099-02-21","knownRansomwareCampaignUse":"Known"}]}"#;
        assert_eq!(take(&t.db, id, "kev.json", Some(kev)).await.signals, 1);
        assert_eq!(take(&t.db, id, "epss.csv", Some("cve,epss,percentile\nCVE-2099-1001,0.5,0.9\n")).await.signals, 1);
        assert_eq!(take(&t.db, id, "kev.json", Some(kev)).await, Taken::default());
        let mut sql = t.db.read().await.unwrap();
        let signal = advisories::signal(&mut sql, "CVE-2099-1001").await.unwrap();
        assert_eq!((signal.exploited, signal.ransomware, signal.likely), (true, true, Some(500_000)));
        assert_eq!(advisories::signal(&mut sql, "CVE-2099-1").await.unwrap(), advisories::Signal::default());
    }

    async fn trouble_leaves_what_was_known_and_is_recorded_once(t: &TestDb) {
        let ids = TestIds::default();
        let id = feed(&t.db, &ids, "https://feeds.example/x").await;
        take(&t.db, id, "a.json", Some(ONE)).await;
        for _ in 0..2 {
            let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(3), tx => {
                advisories::wrong(tx, id, Trouble::Broken, "a.json").await
            });
            done.unwrap();
        }
        let mut sql = t.db.read().await.unwrap();
        let found = advisories::feed(&mut sql, &Scope::system(), id).await.unwrap();
        assert_eq!(found.trouble, Some((Trouble::Broken, "a.json".to_owned())));
        let failed = "select count(*) as n from audit_entry where action = 'feed.failed'";
        assert_eq!(sql.count_for_test(failed).await.unwrap(), 1);
        assert_eq!(sql.count_for_test("select count(*) as n from advisory").await.unwrap(), 2);
        drop(sql);
        let nobody = Scope::of(vec![(Role::Head, body(&t.db, &ids, None).await)]);
        let done: Result<(), StoreError> =
            store::write!(t.db, NOBODY, minute(4), tx => advisories::remove(tx, &nobody, id).await);
        assert!(matches!(done, Err(StoreError::NotFound("feed"))), "only who administers all");
        let done: Result<(), StoreError> =
            store::write!(t.db, NOBODY, minute(4), tx => advisories::remove(tx, &Scope::system(), id).await);
        done.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sql.count_for_test("select count(*) as n from advisory_key").await.unwrap(), 0);
        drop(sql);
        feed(&t.db, &ids, "https://feeds.example/x").await;
    }

    async fn a_vendors_months_grow_with_the_feed(t: &TestDb) {
        let ids = TestIds::default();
        let top = body(&t.db, &ids, None).await;
        let scope = Scope::of(vec![(Role::Coordinator, top)]);
        let months = Item::Months {
            vendor: "Microsoft".into(),
            from: date(2099, 1, 1),
            to: date(2099, 4, 30),
            severities: vec!["high".into(), "critical".into()],
        };
        let named = Item::Flaws { name: Some("Spring4Shell".into()), numbers: vec!["CVE-2022-22965".into()] };
        let warned = Warned { items: vec![months, named], open: true };
        let id: Id<kind::Warning> = Id::new(&ids as &dyn Ids);
        let new = NewWarning { id, body: top, campaign: None, title: "Cảnh báo quý I", on: date(2099, 5, 2), warned: &warned };
        let done: Result<(), StoreError> =
            store::write!(t.db, NOBODY, minute(1), tx => warnings::make(tx, &scope, &new).await);
        done.unwrap();
        let numbers = async || {
            let mut sql = t.db.read().await.unwrap();
            let flaws = warnings::flaws(&mut sql, id).await.unwrap();
            flaws.into_iter().map(|f| f.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers().await, ["CVE-2022-22965"], "what is named is warned of, known or not");
        let feed = feed(&t.db, &ids, "/feeds").await;
        take(&t.db, feed, "ms.csv", Some(TABLE)).await;
        let mut tx = t.db.begin_quiet(minute(2)).await.unwrap();
        assert_eq!(warnings::expand_all(&mut tx).await.unwrap(), [id]);
        assert!(warnings::expand_all(&mut tx).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert_eq!(numbers().await, ["CVE-2099-2001", "CVE-2099-2002", "CVE-2022-22965"], "gravest first");
        let again = NewWarning { id: Id::new(&ids as &dyn Ids), on: date(2099, 6, 1), warned: &Warned { items: vec![Item::All], open: false }, ..new };
        let done: Result<(), StoreError> =
            store::write!(t.db, NOBODY, minute(3), tx => warnings::make(tx, &scope, &again).await);
        done.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(warnings::get(&mut sql, &scope, again.id).await.unwrap().flaws, 3, "all that was warned of");
        let stranger = Scope::of(vec![(Role::Coordinator, body(&t.db, &ids, None).await)]);
        assert!(warnings::get(&mut sql, &stranger, id).await.is_err());
        assert_eq!(keys::of_number("cve-1"), "c:CVE-1");
    }
}
