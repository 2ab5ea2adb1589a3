//! Hosts and what reports say of them.

use domain::{
    actor::{Actor, Scope},
    host::{Host, HostKind},
    id::{Id, kind},
    person::{Lang, Membership},
    right::Role,
};
use review::inventory::{Read, read};
use sha2::{Digest, Sha256};
use store::{
    Db, StoreError, Topic,
    blobs::Blob,
    both_engines,
    hosts::{
        self, Change, Filter, Source, held, links,
        reports::{self, Says},
        take::{self, NewFile, Took, Via},
    },
    sign_in::InstanceKey,
    testing::{TestIds, minute},
};

use crate::{NOBODY, body};

type BodyId = Id<kind::Body>;

const DPKG: &str = "Desired=Unknown/Install/Remove/Purge/Hold\n||/ Name Version Architecture Description\n+++-====-====-====-====\nii  openssl  VERSION  amd64  toolkit\n";
const RELEASE: &str = "ID=debian\nNAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n";

fn windows(name: &str, uuid: &str, ubr: u32, taken: &str) -> String {
    serde_json::json!({ "hosts": [{
        "host": name, "uuid": uuid, "taken": taken, "addresses": ["10.1.0.9"], "kbs": [5_031_356], "kbs_listed": true,
        "os": { "family": "windows", "name": "Windows 10 Pro", "build": "10.0.19045", "ubr": ubr, "arch": "x64" },
    }] })
    .to_string()
}

struct Story<'a> {
    db: &'a Db,
    ids: TestIds,
    body: BodyId,
    scope: Scope,
}

impl<'a> Story<'a> {
    async fn new(db: &'a Db) -> Self {
        let ids = TestIds::default();
        let body = body(db, &ids, None).await;
        Self { db, ids, body, scope: Scope::of(vec![(Role::Coordinator, body)]) }
    }

    async fn take(&self, name: &str, hint: Option<&str>, text: &str, at: i64) -> Took {
        let read = read(name, text.as_bytes());
        self.file(name, hint, text, read.as_ref(), at).await.unwrap()
    }

    async fn file(
        &self,
        name: &str,
        hint: Option<&str>,
        text: &str,
        read: Result<&Read, &review::inventory::Refused>,
        at: i64,
    ) -> Result<Took, StoreError> {
        let blob = Blob { sha256: hex::encode(Sha256::digest(text)), len: text.len() as u64 };
        let (via, link) = (Via::Page, None);
        let new =
            NewFile { id: Id::new(&self.ids), body: self.body, name, blob: &blob, via, link, hint, read };
        take::take_in(self.db, NOBODY, minute(at), &self.scope, &self.ids, &new).await
    }

    async fn all(&self) -> Vec<hosts::Entry> {
        hosts::of_body(&mut self.db.read().await.unwrap(), &self.scope, self.body).await.unwrap()
    }
}

async fn numbers(db: &Db) -> [i64; 5] {
    let mut sql = db.read().await.unwrap();
    let mut found = [0; 5];
    for (n, query) in found.iter_mut().zip([
        "select count(*) as n from host",
        "select count(*) as n from inventory_file",
        "select count(*) as n from inventory_report",
        "select count(*) as n from audit_entry",
        "select count(*) as n from host_key",
    ]) {
        *n = sql.count_for_test(query).await.unwrap();
    }
    found
}

both_engines! {
    async fn ten_times_the_same_makes_nothing_new(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let from = t.db.last_change().await.unwrap();
        let (a, b) = (windows("MAY01", "4c4c-0001", 3803, "2027-01-20T00:30:00Z"), DPKG.replace("VERSION", "3.0.11-1~deb12u2"));
        for (name, hint, text) in [("may01.json", None, &*a), ("dpkg.txt", Some("web01"), &*b), ("os-release", Some("web01"), RELEASE)] {
            assert!(!s.take(name, hint, text, 1).await.again);
        }
        let before = numbers(&t.db).await;
        for n in 0..10 {
            for (name, hint, text) in [("copy.json", None, &*a), ("dpkg.txt", Some("web01"), &*b), ("os-release", Some("web01"), RELEASE)] {
                assert!(s.take(name, hint, text, 2 + n).await.again);
            }
        }
        assert_eq!(numbers(&t.db).await, before);
        let all = s.all().await;
        let names: Vec<_> = all.iter().map(|e| (e.name.as_str(), e.host.kind, e.reports, e.build.as_deref())).collect();
        assert_eq!(names, [("may01", Some(HostKind::Workstation), 1, Some("10.0.19045.3803")), ("web01", None, 2, Some("12"))]);
        let mut sql = t.db.read().await.unwrap();
        let web = hosts::inventory(&mut sql, &s.scope, all[1].host.id).await.unwrap().unwrap();
        assert_eq!(web.inventory.packages[0].ecosystem.as_deref(), Some("Debian:12"), "judged as it is");
        let windows = hosts::inventory(&mut sql, &s.scope, all[0].host.id).await.unwrap().unwrap();
        assert_eq!(windows.inventory.os.unwrap().product.as_deref(), Some("Windows 10 Version 22H2 for x64-based Systems"));
        let changed = held::changed_after(&mut sql, &s.scope, None, (0, None), 10).await.unwrap();
        assert_eq!(changed.len(), 2);
        let (last, host, _) = changed[1];
        assert!(held::changed_after(&mut sql, &s.scope, None, (last, Some(host)), 10).await.unwrap().is_empty());
        drop(sql);
        let told = t.db.changes(from, &[Topic::Inventory]).now().await.unwrap();
        assert!(told.iter().any(|c| c.subject == format!("host:{host}") && c.body == Some(s.body)));
    }

    async fn a_newer_report_stands_for_the_older_and_an_older_one_changes_nothing(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.take("a", None, &windows("MAY01", "4c4c-0001", 3803, "2027-01-10T00:00:00Z"), 1).await;
        s.take("b", None, &windows("may01.xa.example", "4c4c-0001", 6456, "2027-01-19T00:00:00Z"), 2).await;
        s.take("c", None, &windows("MAY01", "4c4c-0001", 1, "2026-12-01T00:00:00Z"), 3).await;
        let all = s.all().await;
        assert_eq!((all.len(), all[0].reports, all[0].build.as_deref(), all[0].disagreements), (1, 1, Some("10.0.19045.6456"), 0));
        assert_eq!((all[0].last_seen.unwrap().to_string(), all[0].seen_told), ("2027-01-19T00:00:00Z".into(), true));
        let mut sql = t.db.read().await.unwrap();
        let reports = reports::of_host(&mut sql, &s.scope, all[0].host.id, 10).await.unwrap();
        let states: Vec<_> = reports.iter().map(|r| r.state.as_str()).collect();
        assert_eq!(states, ["superseded", "live", "superseded"]);
        drop(sql);
        let other = r#"[{"hostname":"MAY01","version":"10.0.19045","build":"19045","name":"Microsoft Windows 10 Pro","platform_like":"windows"}]"#;
        s.take("osquery.json", None, &other.replace("\"hostname\":\"MAY01\",", ""), 4).await;
        assert_eq!(s.all().await.len(), 1, "a nameless report without a place waits");
    }

    async fn what_is_not_sure_waits_for_a_person(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.take("a", None, &windows("DESKTOP", "4c4c-0001", 1, "2027-01-10T00:00:00Z"), 1).await;
        s.take("b", None, &windows("DESKTOP", "4c4c-0002", 2, "2027-01-11T00:00:00Z"), 2).await;
        s.take("c", None, &RELEASE.replace("12", "11"), 3).await;
        assert_eq!(s.all().await.len(), 1);
        let open = reports::unclear(&mut t.db.read().await.unwrap(), &s.scope, None, 10).await.unwrap();
        assert_eq!(open.iter().map(|r| r.candidates.len()).collect::<Vec<_>>(), [1, 0]);
        let say = async |id, says| {
            let done: Result<_, StoreError> = store::write!(t.db, NOBODY, minute(4), tx => reports::say(tx, &s.scope, &s.ids, id, says).await);
            done
        };
        let new = say(open[0].id, Says::New).await.unwrap().unwrap();
        assert!(matches!(say(open[0].id, Says::Drop).await, Err(StoreError::Refused("inventory-settled"))));
        assert_eq!(say(open[1].id, Says::Of(new)).await.unwrap(), Some(new));
        // Once told, its number finds it.
        s.take("d", None, &windows("DESKTOP", "4c4c-0002", 9, "2027-01-20T01:04:30Z"), 5).await;
        let all = s.all().await;
        assert_eq!(all.len(), 2);
        let second = all.iter().find(|e| e.host.id == new).unwrap();
        assert_eq!((second.build.as_deref(), second.reports), (Some("10.0.19045.9"), 2));
        assert!(second.disagreements > 0, "Debian on a Windows machine is not averaged");
    }

    async fn a_refused_file_is_written_down_and_not_kept(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let took = s.take("thư.txt", None, "Kính gửi: các đơn vị", 1).await;
        let mut sql = t.db.read().await.unwrap();
        let file = reports::get(&mut sql, &s.scope, took.file).await.unwrap();
        assert_eq!((file.refused.as_deref(), file.sha256, file.hosts), (Some("unknown"), None, 0));
        let open = reports::files(&mut sql, &s.scope, Some(s.body), true, None, 10).await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(sql.count_for_test("select count(*) as n from blob").await.unwrap(), 0);
        drop(sql);
        // A child that was killed once is no reason to refuse the file for ever.
        let text = windows("MAY01", "4c4c-0001", 1, "2027-01-10T00:00:00Z");
        let broken = review::inventory::Refused::TooHard;
        assert!(!s.file("a", None, &text, Err(&broken), 2).await.unwrap().again);
        assert!(s.file("a", None, &text, Err(&broken), 3).await.unwrap().again);
        assert!(!s.take("a", None, &text, 4).await.again);
        assert_eq!(s.all().await.len(), 1);
    }

    async fn nobody_sees_or_changes_a_neighbours_hosts(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let took = s.take("a", None, &windows("MAY01", "4c4c-0001", 1, "2027-01-10T00:00:00Z"), 1).await;
        let host = s.all().await[0].host.clone();
        let other = body(&t.db, &s.ids, None).await;
        let (neighbour, viewer) = (Scope::of(vec![(Role::Coordinator, other)]), Scope::of(vec![(Role::Viewer, s.body)]));
        let mut sql = t.db.read().await.unwrap();
        assert!(hosts::list(&mut sql, &neighbour, &Filter::default(), None, 9).await.unwrap().is_empty());
        assert!(matches!(hosts::get(&mut sql, &neighbour, host.id).await, Err(StoreError::NotFound(_))));
        assert!(hosts::inventory(&mut sql, &neighbour, host.id).await.unwrap().is_none());
        assert!(reports::get(&mut sql, &neighbour, took.file).await.is_err());
        assert!(held::changed_after(&mut sql, &neighbour, None, (0, None), 9).await.unwrap().is_empty());
        // Who may only see the board sees that there is a host, and not what is on it.
        assert_eq!(hosts::number(&mut sql, &viewer, &Filter::default()).await.unwrap(), 1);
        assert!(hosts::inventory(&mut sql, &viewer, host.id).await.unwrap().is_none());
        assert!(reports::of_host(&mut sql, &viewer, host.id, 9).await.unwrap().is_empty());
        drop(sql);
        let stolen = Story { db: &t.db, ids: TestIds::default(), body: s.body, scope: neighbour.clone() };
        let read = read("x", RELEASE.as_bytes());
        assert!(matches!(stolen.file("x", None, RELEASE, read.as_ref(), 2).await, Err(StoreError::NotFound(_))));
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(3), tx => hosts::close(tx, &neighbour, host.id).await);
        assert!(matches!(done, Err(StoreError::NotFound(_))));
    }

    async fn people_put_in_change_close_and_find_hosts(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let host = Host { id: Id::new(&s.ids), body: s.body, system: None, names: vec!["CAM-01".into(), "10.9.0.1".into()], kind: Some(HostKind::Camera), in_charge: Some(" Lê  Thị Hoa ".into()), note: None };
        let act = async |n: i64, host: &Host, first: bool| {
            let done: Result<bool, StoreError> = store::write!(t.db, NOBODY, minute(n), tx => {
                if first { hosts::add(tx, &s.scope, host, Source::Hand).await.map(|()| true) } else { hosts::update(tx, &s.scope, host).await }
            });
            done
        };
        assert!(act(1, &host, true).await.unwrap());
        let same = s.all().await[0].host.clone();
        assert!(!act(2, &same, false).await.unwrap(), "nothing different");
        assert!(act(2, &Host { names: vec!["cam-cong".into()], ..same.clone() }, false).await.unwrap());
        for (text, want) in [("CAM-CONG", 1), ("le thi hoa", 1), ("cam-01", 0), ("10.9", 0)] {
            let filter = Filter { text: Some(text.into()), ..Filter::default() };
            assert_eq!(hosts::number(&mut t.db.read().await.unwrap(), &s.scope, &filter).await.unwrap(), want, "{text}");
        }
        let many = Change { kind: Some(None), in_charge: Some(Some("Tổ CNTT".into())), ..Change::default() };
        let changed: Result<u32, StoreError> = store::write!(t.db, NOBODY, minute(3), tx => hosts::change(tx, &s.scope, &[host.id], &many).await);
        assert_eq!(changed.unwrap(), 1);
        let closed: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(4), tx => hosts::close(tx, &s.scope, host.id).await);
        closed.unwrap();
        assert!(s.all().await.is_empty());
        // A machine that is out of service and reports is in use.
        s.take("release", Some("cam-cong"), RELEASE, 5).await;
        let all = s.all().await;
        assert_eq!((all.len(), all[0].os.as_deref(), all[0].seen_told), (1, Some("Debian GNU/Linux 12 (bookworm)"), false));
        let gone: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(6), tx => hosts::remove(tx, &s.scope, host.id).await);
        assert!(matches!(gone, Err(StoreError::Refused("host-reported"))));
    }

    async fn a_link_reaches_one_body_until_it_ends(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let person: Id<kind::Person> = Id::new(&s.ids);
        let granted: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            let memberships = vec![Membership { body: s.body, position: None, contact: false }];
            let new = store::register::people::NewPerson { id: person, name: "Lê Hoa".into(), title: None, lang: Lang::Vi, memberships };
            store::register::people::create(tx, &Scope::system(), &new).await?;
            let grant = store::register::grants::NewGrant { id: Id::new(&s.ids), person, role: Role::Clerk, body: s.body, from: None, until: None };
            store::register::grants::give(tx, &Scope::system(), &grant).await
        });
        granted.unwrap();
        let (key, id) = (InstanceKey::new([3; 32]), Id::new(&s.ids));
        let made: Result<(), StoreError> = store::write!(t.db, Actor::Person(person), minute(1), tx => links::create(tx, &s.scope, id, s.body, "Phòng máy", minute(60)).await);
        made.unwrap();
        let late: Result<(), StoreError> = store::write!(t.db, Actor::Person(person), minute(1), tx => links::create(tx, &s.scope, Id::new(&s.ids), s.body, "x", minute(1)).await);
        assert!(matches!(late, Err(StoreError::Refused("inventory-link-until"))));
        let token = links::token(&key, id);
        let mut sql = t.db.read().await.unwrap();
        let (link, actor, scope) = links::open(&mut sql, &key, &token, minute(2)).await.unwrap();
        assert_eq!((link.body, actor), (s.body, Actor::Link(id.cast(), person)));
        assert!(hosts::list(&mut sql, &scope, &Filter::default(), None, 9).await.unwrap().is_empty(), "it hands in and reads nothing");
        assert!(links::open(&mut sql, &key, &token, minute(61)).await.is_err());
        assert!(links::open(&mut sql, &InstanceKey::new([4; 32]), &token, minute(2)).await.is_err());
        drop(sql);
        let revoked: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(3), tx => links::revoke(tx, &s.scope, id).await);
        revoked.unwrap();
        assert!(links::open(&mut t.db.read().await.unwrap(), &key, &token, minute(4)).await.is_err());
    }
}
