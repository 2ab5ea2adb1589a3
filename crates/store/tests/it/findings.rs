//! Flaws on hosts: found, mended on newer inventory, back again, never doubled; sums of warnings; figures of duties.

use domain::{
    actor::Scope,
    feed::{Place, Signed},
    flaw::{Rules, State},
    id::{Id, Ids, kind},
    right::Role,
    warning::{Item, Warned},
    weakness::Weaknesses,
};
use jiff::civil::date;
use review::{advisory, inventory::read};
use sha2::{Digest, Sha256};
use store::{
    Db, StoreError,
    advisories::{self, FileRead, NewFeed},
    blobs::Blob,
    both_engines,
    findings::{self, Filter, Order},
    hosts::take::{self, NewFile, Via},
    testing::{TestIds, issued, minute},
    verdicts,
    warnings::{self, NewWarning},
};

use crate::{NOBODY, body};

mod again;
mod lists;

const CVE: &str = "CVE-2099-7001";

struct Story<'a> {
    db: &'a Db,
    ids: TestIds,
    body: Id<kind::Body>,
    feed: Id<kind::Feed>,
}

impl<'a> Story<'a> {
    async fn new(db: &'a Db) -> Self {
        let ids = TestIds::default();
        let body = body(db, &ids, None).await;
        let feed = Id::new(&ids as &dyn Ids);
        let new = NewFeed { id: feed, name: "MS", kind: Place::Directory, place: "/ms", signed: Signed::No };
        let done: Result<(), StoreError> =
            store::write!(db, NOBODY, minute(0), tx => advisories::add(tx, &Scope::system(), &new).await);
        done.unwrap();
        Self { db, ids, body, feed }
    }

    async fn advise(&self, build: &str, at: i64) {
        let text = format!(
            "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n\
             {CVE},5099001,Windows 10 Version 22H2 for x64-based Systems,Important,2099-01-12,Lỗi,{build}\n"
        );
        let read = advisory::read("ms.csv", text.as_bytes()).unwrap();
        let file = FileRead { name: "ms.csv", sha256: "x", read: Some(&read) };
        let done: Result<_, StoreError> = store::write!(self.db, NOBODY, minute(at), tx => {
            advisories::take(tx, self.feed, std::slice::from_ref(&file)).await
        });
        done.unwrap();
    }

    /// A report of a Windows host with that running revision, taken in that minute.
    async fn report(&self, host: &str, ubr: Option<u32>, at: i64) {
        let text = serde_json::json!({ "hosts": [{
            "host": host, "taken": minute(at).to_string(), "kbs_listed": ubr.is_some(),
            "os": { "family": "windows", "name": "Windows 10 Pro", "build": "10.0.19045", "ubr": ubr, "arch": "x64" },
        }] })
        .to_string();
        let read = read("may.json", text.as_bytes());
        let blob = Blob { sha256: hex::encode(Sha256::digest(&text)), len: text.len() as u64 };
        let id = Id::new(&self.ids as &dyn Ids);
        let (via, read) = (Via::Command, read.as_ref());
        let new =
            NewFile { id, body: self.body, name: "may.json", blob: &blob, via, link: None, hint: None, read };
        take::take_in(self.db, NOBODY, minute(at), &Scope::system(), &self.ids, &new).await.unwrap();
    }

    /// Reports of so many Windows hosts in one file, each some builds behind the one before.
    async fn reports(&self, body: Id<kind::Body>, hosts: std::ops::Range<u32>, at: i64) {
        let hosts: Vec<_> = hosts
            .map(|n| {
                serde_json::json!({
                    "host": format!("tram-{n:02}"), "taken": minute(at).to_string(), "kbs_listed": true,
                    "os": { "family": "windows", "name": "Windows 10 Pro", "build": "10.0.19045", "ubr": 3990 + 2 * n,
                        "arch": "x64" },
                })
            })
            .collect();
        let text = serde_json::json!({ "hosts": hosts }).to_string();
        let read = read("may.json", text.as_bytes());
        let blob = Blob { sha256: hex::encode(Sha256::digest(&text)), len: text.len() as u64 };
        let id = Id::new(&self.ids as &dyn Ids);
        let (via, read) = (Via::Command, read.as_ref());
        let new = NewFile { id, body, name: "may.json", blob: &blob, via, link: None, hint: None, read };
        take::take_in(self.db, NOBODY, minute(at), &Scope::system(), &self.ids, &new).await.unwrap();
    }

    /// Twelve flaws, each mended by a build of its own.
    async fn advise_many(&self) {
        let mut text = String::from("CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n");
        for n in 0..12 {
            let severity = ["Critical", "Important", "Moderate", "Low"][n % 4];
            text += &format!(
                "CVE-2099-{},{},Windows 10 Version 22H2 for x64-based Systems,{severity},2099-01-12,Lỗi,10.0.19045.{}\n",
                7001 + n,
                5_099_001 + n,
                4000 + 10 * n
            );
        }
        let read = advisory::read("nhieu.csv", text.as_bytes()).unwrap();
        let file = FileRead { name: "nhieu.csv", sha256: "y", read: Some(&read) };
        let done: Result<_, StoreError> = store::write!(self.db, NOBODY, minute(1), tx => {
            advisories::take(tx, self.feed, std::slice::from_ref(&file)).await
        });
        done.unwrap();
    }

    /// All that fit, page by page.
    async fn pages(&self, scope: &Scope, filter: &Filter, order: Order, at: i64) -> Vec<findings::Finding> {
        let mut sql = self.db.read().await.unwrap();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page =
                findings::findings(&mut sql, scope, filter, order, after.as_ref(), minute(at)).await.unwrap();
            let Some(last) = page.last() else { return found };
            after = Some(findings::After::of(last, order).to_string().parse().unwrap());
            found.extend(page);
        }
    }

    async fn judge(&self, at: i64) -> findings::Judged {
        let done: Result<bool, StoreError> =
            store::write!(self.db, NOBODY, minute(at), tx => findings::gather(tx).await);
        done.unwrap();
        let ids = findings::pending(&mut self.db.read().await.unwrap(), 100).await.unwrap();
        let rules = Rules::default();
        // Flaws alone; weaknesses are in `own_warnings`.
        let weaknesses = Weaknesses::default();
        let done: Result<_, StoreError> = store::write!(self.db, NOBODY, minute(at), tx => findings::judge(tx, &rules, &weaknesses, &ids).await);
        done.unwrap()
    }

    async fn all(&self) -> Vec<findings::Finding> {
        let filter = Filter { all: true, ..Filter::default() };
        let mut sql = self.db.read().await.unwrap();
        findings::findings(&mut sql, &Scope::system(), &filter, Order::Host, None, minute(99)).await.unwrap()
    }

    async fn because(&self, it: &findings::Finding) -> Vec<review::judge::Verdict> {
        let mut sql = self.db.read().await.unwrap();
        findings::because(&mut sql, &Scope::system(), it.host, &it.flaw).await.unwrap()
    }

    async fn warn(&self) -> Id<kind::Warning> {
        let warned = Warned {
            items: vec![Item::Flaws { name: None, numbers: vec![CVE.into(), "CVE-2099-7777".into()] }],
            open: false,
        };
        let id = Id::new(&self.ids as &dyn Ids);
        let new = NewWarning {
            id,
            body: self.body,
            campaign: None,
            title: "Cảnh báo",
            on: date(2027, 1, 20),
            warned: &warned,
        };
        let done: Result<(), StoreError> =
            store::write!(self.db, NOBODY, minute(1), tx => warnings::make(tx, &Scope::system(), &new).await);
        done.unwrap();
        id
    }
}

both_engines! {
    async fn found_mended_by_a_newer_report_and_back_again(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.advise("10.0.19045.4000", 1).await;
        s.report("may01", Some(3803), 2).await;
        let judged = s.judge(3).await;
        assert_eq!((judged.hosts, judged.found), (1, 1));
        let all = s.all().await;
        let it = &all[0];
        assert_eq!((all.len(), it.flaw.as_str(), it.state, it.first_seen), (1, CVE, State::Affected, Some(minute(3))));
        assert_eq!(it.fix.as_deref(), Some("KB5099001"));
        let because = s.because(it).await;
        assert!(it.due_at.is_some() && !because[0].because.is_empty());

        // Ten times the same report and advisory: nothing new.
        let entries = "select count(*) as n from host_flaw_event";
        for n in 0..10 {
            s.report("may01", Some(3803), 2).await;
            s.advise("10.0.19045.4000", 4 + n).await;
            let judged = s.judge(4 + n).await;
            assert_eq!((judged.found, judged.fixed), (0, 0));
        }
        assert_eq!(s.all().await, all, "never doubled, never changed");
        assert_eq!(t.db.read().await.unwrap().count_for_test(entries).await.unwrap(), 1);

        // A changed advisory alone mends nothing: it is taken back, not fixed.
        s.advise("10.0.19045.3000", 20).await;
        s.judge(20).await;
        let it = s.all().await.remove(0);
        assert_eq!((it.state, it.fixed_at), (State::NotAffected, None));
        s.advise("10.0.19045.4000", 21).await;
        s.judge(21).await;
        s.report("may01", Some(4001), 22).await;
        assert_eq!(s.judge(23).await.fixed, 1);
        let it = s.all().await.remove(0);
        assert_eq!((it.state, it.fixed_at), (State::Fixed, Some(minute(23))));
        s.report("may01", Some(3803), 30).await;
        assert_eq!(s.judge(31).await.reopened, 1);
        let it = s.all().await.remove(0);
        assert_eq!((it.state, it.reopened), (State::Affected, 2));
        let mut sql = t.db.read().await.unwrap();
        let told = findings::events(&mut sql, &Scope::system(), it.host, CVE).await.unwrap();
        let kinds: Vec<_> = told.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["found", "taken-back", "reopened", "fixed", "reopened"]);
        let days = findings::trend(&mut sql, &Scope::system(), minute(0)).await.unwrap();
        assert_eq!((days.len(), days[0].found, days[0].fixed), (1, 3, 1));
    }

    async fn what_a_campaign_left_open_is_as_of_its_end(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let world = issued(&t.db, &s.ids, 2, &["VREV"], minute(1), minute(1_000)).await;
        let s = Story { body: world.bodies[0], ..s };
        s.advise("10.0.19045.4000", 2).await;
        s.report("may01", Some(3803), 10).await;
        s.judge(11).await;
        s.report("may01", Some(4001), 22).await;
        s.judge(23).await;
        s.report("may01", Some(3803), 30).await;
        s.judge(31).await;
        let left = async |at: i64, who: &Scope| {
            let mut sql = t.db.read().await.unwrap();
            findings::left(&mut sql, who, world.campaign, minute(at), 20).await.unwrap()
        };
        let all = Scope::system();
        assert_eq!(left(5, &all).await, findings::Left::default(), "nothing known yet is not nothing open");
        let first = left(15, &all).await;
        assert_eq!((first.hosts, first.known, first.bodies.len(), first.gravest.len()), (1, 1, 1, 1));
        assert_eq!((first.bodies[0].body, first.bodies[0].open, first.bodies[0].hosts), (s.body, 1, 1));
        assert_eq!((first.gravest[0].flaw.as_str(), first.gravest[0].hosts), (CVE, 1));
        let mended = left(25, &all).await;
        assert_eq!((mended.hosts, mended.bodies.len()), (1, 0));
        assert_eq!(left(40, &all).await.bodies[0].open, 1, "back again");
        let other = Scope::of(vec![(Role::Clerk, world.bodies[1])]);
        assert_eq!(left(15, &other).await, findings::Left::default(), "a neighbour sees none of it");
        let host = s.all().await[0].host;
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(45), tx => {
            findings::work_around(tx, &Scope::system(), host, CVE, "Đã ngắt mạng", None).await
        });
        done.unwrap();
        assert_eq!((left(40, &all).await.bodies.len(), left(50, &all).await.bodies.len()), (1, 0));
    }

    async fn what_was_reported_since_the_order_came_is_reviewed_before_its_window_begins(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let world = issued(&t.db, &s.ids, 1, &["VREV"], minute(10), minute(20_000)).await;
        let s = Story { body: world.bodies[0], ..s };
        let later: Result<u64, StoreError> = store::write!(t.db, NOBODY, minute(10), tx => {
            tx.unchanged();
            tx.run_for_test("update campaign set window_from = window_to - 60000000", vec![]).await
        });
        later.unwrap();
        let reviewed = async || {
            let mut sql = t.db.read().await.unwrap();
            let tasks = verdicts::load(&mut sql, &world.tasks[0]).await.unwrap();
            let tasks: Vec<_> = tasks.iter().collect();
            let found = findings::task_figures(&mut sql, &tasks).await.unwrap();
            let count = found[&tasks[0].id].iter().find(|(name, _)| *name == "review-hosts").unwrap().1;
            (count.handled, count.all)
        };
        s.report("may01", Some(3803), 9).await;
        s.judge(11).await;
        assert_eq!(reviewed().await, (0, 1), "reported before the order came");
        s.report("may01", Some(3804), 12).await;
        s.judge(13).await;
        assert_eq!(reviewed().await, (1, 1));
    }

    async fn a_warning_counts_each_host_once_and_what_cannot_be_told(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.advise("10.0.19045.4000", 1).await;
        let warning = s.warn().await;
        s.report("may01", Some(3803), 2).await;
        s.report("may02", Some(4001), 2).await;
        s.report("may03", None, 2).await;
        s.judge(3).await;
        let see = Scope::of(vec![(Role::Coordinator, s.body)]);
        let mut sql = t.db.read().await.unwrap();
        let sums = findings::body_sums(&mut sql, &see, warning).await.unwrap();
        let b = &sums[0];
        assert_eq!((sums.len(), b.hosts, b.judged, b.all, b.handled), (1, 3, 3, 2, 1));
        assert_eq!(b.unclear, 3, "of CVE-2099-7777 nobody knows anything");
        let hosts = findings::host_sums(&mut sql, &see, warning, None).await.unwrap();
        assert_eq!((hosts.len(), hosts[0].name.as_str(), hosts[0].open, hosts[0].unclear), (3, "may01", 1, 1));
        let (fixes, more) = findings::fixes(&mut sql, &see, None, Some(warning), 0).await.unwrap();
        let all: Vec<_> = fixes.iter().map(|f| (f.what.as_deref(), f.hosts, f.closes)).collect();
        assert_eq!((all, more), (vec![(Some("KB5099001"), 1, 1)], false));
        assert!(findings::fixes(&mut sql, &see, None, Some(warning), 1).await.unwrap().0.is_empty(), "behind the last");
        let by_host = findings::host_fixes(&mut sql, &see, Some(s.body), Some(warning), 10).await.unwrap();
        let told: Vec<_> = by_host.iter().map(|f| (f.host_name.as_str(), f.what.as_deref(), f.closes)).collect();
        assert_eq!(told, [("may01", Some("KB5099001"), 1)]);
        let stranger = Scope::of(vec![(Role::Coordinator, body(&t.db, &s.ids, None).await)]);
        assert!(findings::host_fixes(&mut sql, &stranger, None, None, 10).await.unwrap().is_empty());
        assert!(findings::body_sums(&mut sql, &stranger, warning).await.unwrap().is_empty());
        assert!(findings::fixes(&mut sql, &stranger, None, None, 0).await.unwrap().0.is_empty());
        drop(sql);

        let blob = Blob { sha256: hex::encode(Sha256::digest("anh")), len: 3 };
        let proof = findings::Proof { blob, name: "anh.png".into(), mime: "image/png".into() };
        // A workaround counts as handled; only who may answer records one, and only who may review excuses.
        let host = hosts[0].host;
        let viewer = Scope::of(vec![(Role::Viewer, s.body)]);
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(4), tx => {
            findings::work_around(tx, &viewer, host, CVE, "x", None).await
        });
        assert!(matches!(done, Err(StoreError::NotFound("finding"))));
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(4), tx => {
            findings::work_around(tx, &see, host, CVE, "Tắt dịch vụ, đã kiểm tra", Some(&proof)).await
        });
        done.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let file = findings::events(&mut sql, &see, host, CVE).await.unwrap().pop().unwrap().file;
        assert_eq!(file, Some((proof.blob.sha256.clone(), "anh.png".to_owned())));
        let aside = findings::aside(&mut sql, &see, s.body, Some(warning), minute(5)).await.unwrap();
        assert_eq!((aside.worked_around, aside.excused), (1, 0));
        let sums = findings::body_sums(&mut sql, &see, warning).await.unwrap();
        assert_eq!((sums[0].all, sums[0].handled), (2, 2));
        assert!(findings::fixes(&mut sql, &see, None, None, 0).await.unwrap().0.is_empty());
        drop(sql);
        let clerk = Scope::of(vec![(Role::Clerk, s.body)]);
        for (scope, until, good) in [(&clerk, 9_000, false), (&see, 1, false), (&see, 9_000, true)] {
            let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(5), tx => {
                findings::excuse(tx, scope, host, CVE, minute(until), "Chờ hãng").await
            });
            assert_eq!(done.is_ok(), good);
        }
    }
}
