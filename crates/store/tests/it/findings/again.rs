//! Judging by what changed comes to what judging everything comes to.

use domain::weakness::Weaknesses;
use review::advisory::{Exploited, Feed};

use super::*;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

const SYSTEMS: &[&str] =
    &["Windows 10 Version 22H2 for x64-based Systems", "Windows 11 Version 23H2 for x64-based Systems"];

impl Story<'_> {
    async fn take(&self, name: &str, read: Option<&Feed>, at: i64) {
        let file = FileRead { name, sha256: "x", read };
        let done: Result<_, StoreError> = store::write!(self.db, NOBODY, minute(at), tx => {
            advisories::take(tx, self.feed, std::slice::from_ref(&file)).await
        });
        done.unwrap();
    }

    /// Updates of Microsoft's, some without a build, some in place of others.
    async fn microsoft(&self, dice: &mut Dice, at: i64) {
        let mut text =
            String::from("CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild,Supersedes\n");
        for _ in 0..1 + dice.below(3) {
            let (system, revision) = (dice.below(2) as usize, 4000 + 10 * dice.below(8));
            let build = ["10.0.19045", "10.0.22631"][system];
            let build = if dice.below(4) == 0 { String::new() } else { format!("{build}.{revision}") };
            let before =
                if dice.below(3) == 0 { (5_099_000 + dice.below(8)).to_string() } else { String::new() };
            text += &format!(
                "CVE-2099-{},{},{},{},2099-0{}-12,Lỗi,{build},{before}\n",
                7001 + dice.below(9),
                5_099_000 + (revision - 4000) / 10,
                SYSTEMS[system],
                dice.one(&["Critical", "Important", "Low"]),
                1 + dice.below(9),
            );
        }
        let read = advisory::read("ms.csv", text.as_bytes()).unwrap();
        self.take(&format!("ms{}.csv", dice.below(5)), Some(&read), at).await;
    }

    /// A table that tells updates and what they take the place of, and no builds; each time with other rows.
    async fn table(&self, dice: &mut Dice, at: i64) {
        let mut text = String::from("CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,Supersedes\n");
        for _ in 0..1 + dice.below(4) {
            let kb = dice.below(10);
            let before: Vec<String> =
                (0..dice.below(3)).map(|_| (5_099_000 + dice.below(10)).to_string()).collect();
            text += &format!(
                "CVE-2099-{},{},{},Important,20990{}12,Lỗi,{}\n",
                7001 + dice.below(9),
                5_099_000 + kb,
                SYSTEMS[dice.below(2) as usize],
                1 + dice.below(9),
                before.join(";"),
            );
        }
        let read = advisory::read("bang.csv", text.as_bytes()).unwrap();
        self.take(&format!("bang{}.csv", dice.below(3)), Some(&read), at).await;
    }

    /// What OSV says of a library.
    async fn library(&self, dice: &mut Dice, at: i64) {
        let text = format!(
            r#"{{"id":"GHSA-{}","aliases":["CVE-2099-{}"],"affected":[{{"package":{{"ecosystem":"PyPI","name":"{}"}},
            "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.{}"}}]}}]}}]}}"#,
            dice.below(3),
            7001 + dice.below(9),
            dice.one(&["django", "flask"]),
            dice.below(6),
        );
        let read = advisory::read("osv.json", text.as_bytes()).unwrap();
        self.take(&format!("osv{}.json", dice.below(3)), Some(&read), at).await;
    }

    async fn exploited(&self, dice: &mut Dice, at: i64) {
        let mut read = Feed::default();
        for n in 7001..7010 {
            if dice.below(3) == 0 {
                read.signals.exploited.insert(format!("CVE-2099-{n}"), Exploited::default());
            }
            read.signals.likely.insert(format!("CVE-2099-{n}"), dice.below(30) as f64 / 100.0);
        }
        self.take("kev.json", Some(&read), at).await;
    }

    async fn machine(&self, dice: &mut Dice, at: i64) {
        let (n, system) = (dice.below(5), dice.below(2) as usize);
        let build = ["10.0.19045", "10.0.22631"][system];
        let kbs: Vec<u64> = (0..dice.below(3)).map(|_| 5_099_000 + dice.below(8)).collect();
        let text = serde_json::json!({ "hosts": [{
            "host": format!("may{n}"), "taken": minute(at).to_string(), "kbs": kbs, "kbs_listed": dice.below(3) > 0,
            "os": { "family": "windows", "name": "Windows", "build": build,
                "ubr": (dice.below(4) > 0).then(|| 3990 + 10 * dice.below(9)), "arch": "x64",
                "product": SYSTEMS[system] },
            "packages": [{ "ecosystem": "PyPI", "name": dice.one(&["django", "flask"]),
                "version": format!("1.{}", dice.below(6)), "epoch_known": true }],
        }] })
        .to_string();
        let read = read("may.json", text.as_bytes());
        let blob = Blob { sha256: hex::encode(Sha256::digest(&text)), len: text.len() as u64 };
        let (id, via, read) = (Id::new(&self.ids as &dyn Ids), Via::Command, read.as_ref());
        let new =
            NewFile { id, body: self.body, name: "may.json", blob: &blob, via, link: None, hint: None, read };
        take::take_in(self.db, NOBODY, minute(at), &Scope::system(), &self.ids, &new).await.unwrap();
    }

    async fn work_around_one(&self, dice: &mut Dice, at: i64) {
        let open: Vec<_> = self.all().await.into_iter().filter(|f| f.state.is_open()).collect();
        if open.is_empty() {
            return;
        }
        let one = &open[dice.below(open.len() as u64) as usize];
        let done: Result<(), StoreError> = store::write!(self.db, NOBODY, minute(at), tx => {
            findings::work_around(tx, &Scope::system(), one.host, &one.flaw, "Đã tắt", None).await
        });
        done.unwrap();
    }

    /// Judges all that waits, a few at a time; returns how many were judged.
    async fn judge_all(&self, at: i64) -> u32 {
        let (rules, weaknesses, mut hosts) = (Rules::default(), Weaknesses::default(), 0);
        let mut judge = findings::Judge::new(&rules, &weaknesses);
        let done: Result<bool, StoreError> =
            store::write!(self.db, NOBODY, minute(at), tx => findings::gather(tx).await);
        done.unwrap();
        loop {
            let ids = findings::pending(&mut self.db.read().await.unwrap(), 3).await.unwrap();
            if ids.is_empty() {
                return hosts;
            }
            let done: Result<_, StoreError> =
                store::write!(self.db, NOBODY, minute(at), tx => judge.hosts(tx, &ids).await);
            hosts += done.unwrap().hosts;
        }
    }

    /// All that is kept of findings.
    async fn kept(&self) -> Vec<String> {
        let mut sql = self.db.read().await.unwrap();
        let mut found = Vec::new();
        for query in [
            "select f.host || ' ' || f.flaw || ' ' || f.state || ' ' || f.severity || ' ' || coalesce(f.fix, '-') || ' '
               || coalesce(f.wants, '-') || ' ' || f.digest || ' ' || coalesce(cast(f.first_seen as text), '-') || ' '
               || cast(f.reopened as text) || ' ' || cast(f.due as text) || ' ' || coalesce(cast(f.likely as text), '-')
               || case when f.exploited then ' exploited ' else ' ' end || coalesce(f.workaround, '-') || v.because as t
             from host_flaw f join flaw_verdict v on v.host = f.host and v.flaw = f.flaw",
            "select 'sum ' || host || warning || cast(shelf as text) || state || severity || cast(due as text) || ' '
               || cast(n as text) || ' ' || cast(around as text) || ' ' || cast(seen as text) as t from flaw_sum",
            "select 'fix ' || host || warning || fix || ' ' || cast(n as text) || ' ' || cast(exploited as text) || ' '
               || cast(due as text) as t from fix_sum",
            "select 'warned ' || warning || host || ' ' || cast(open as text) || ' ' || cast(handled as text) || ' '
               || cast(unclear as text) || ' ' || coalesce(cast(due_at as text), '-') as t from warning_host",
            "select 'event ' || host || flaw || kind || cast(at as text) as t from host_flaw_event",
        ] {
            found.extend(sql.texts_for_test(query).await.unwrap());
        }
        found.sort();
        found
    }
}

/// Whatever happens, judging everything anew afterwards changes nothing.
async fn random(t: &store::testing::TestDb, seed: u64, steps: i64) {
    let s = Story::new(&t.db).await;
    let mut dice = Dice(seed);
    for n in 0..3 {
        s.microsoft(&mut dice, 1).await;
        s.machine(&mut dice, 2 + n).await;
    }
    for step in 0..steps {
        let at = 10 + step * 2;
        match dice.below(20) {
            0..5 => s.microsoft(&mut dice, at).await,
            5..8 => s.library(&mut dice, at).await,
            8 => s.take(&format!("ms{}.csv", dice.below(5)), None, at).await,
            9 => s.take(&format!("osv{}.json", dice.below(3)), None, at).await,
            10 => s.exploited(&mut dice, at).await,
            11 | 12 => s.machine(&mut dice, at).await,
            13 => {
                s.warn().await;
            }
            14..18 => s.table(&mut dice, at).await,
            _ => s.work_around_one(&mut dice, at).await,
        }
        s.judge_all(at).await;
        let by_change = s.kept().await;
        let done: Result<u64, StoreError> = store::write!(t.db, NOBODY, minute(at), tx => {
            tx.unchanged();
            tx.run_for_test("insert into host_dirty (host) select host from host_inventory where 1 = 1
                on conflict (host) do nothing", vec![]).await
        });
        done.unwrap();
        assert!(s.judge_all(at + 1).await > 0);
        let from_scratch = s.kept().await;
        let missing: Vec<_> = from_scratch.iter().filter(|it| !by_change.contains(it)).collect();
        let wrong: Vec<_> = by_change.iter().filter(|it| !from_scratch.contains(it)).collect();
        assert!(
            missing.is_empty() && wrong.is_empty(),
            "seed {seed} step {step}\nanew: {missing:#?}\nby what changed: {wrong:#?}"
        );
    }
}

#[tokio::test]
async fn by_what_changed_is_as_from_scratch() {
    for seed in 0..12 {
        random(&store::testing::sqlite().await, seed, 30).await;
    }
}

both_engines! {
    async fn by_what_changed_is_as_from_scratch_on_both_engines(t: &TestDb) {
        random(t, 99, 25).await;
    }

    async fn one_advisory_judges_only_its_flaw_where_it_may_matter(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.advise_many().await;
        s.reports(s.body, 0..4, 2).await;
        s.judge_all(3).await;
        let before = s.all().await;
        // Whoever judged by anything else would find these changed.
        let done: Result<u64, StoreError> = store::write!(t.db, NOBODY, minute(4), tx => {
            tx.unchanged();
            tx.run_for_test("update host_flaw set weak = true where 1 = 1", vec![]).await
        });
        done.unwrap();
        let text = format!(
            "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n\
             {CVE},5099050,{},Important,2099-02-12,Lỗi,10.0.19045.5000\n",
            SYSTEMS[0]
        );
        let read = advisory::read("moi.csv", text.as_bytes()).unwrap();
        s.take("moi.csv", Some(&read), 4).await;
        assert_eq!(s.judge_all(5).await, 4);
        let after = s.all().await;
        let of = |flaw: &str| after.iter().filter(|f| f.flaw == flaw).count();
        assert_eq!(of(CVE), 4, "each has it now, by the later file");
        assert!(after.iter().filter(|f| f.flaw != CVE).all(|f| f.weak));
        assert!(before.iter().any(|f| f.flaw != CVE && !f.weak));
        // A flaw that is exploited now is due earlier, though no machine reported anything.
        let read = Feed {
            signals: review::advisory::Signals {
                exploited: [(CVE.to_owned(), Exploited::default())].into(),
                ..Default::default()
            },
            ..Feed::default()
        };
        s.take("kev.json", Some(&read), 6).await;
        assert_eq!(s.judge_all(7).await, 4);
        let due = |all: &[findings::Finding]| all.iter().find(|f| f.flaw == CVE).unwrap().due_at;
        assert!(due(&s.all().await) < due(&after));
    }

    async fn a_table_without_builds_judges_only_its_flaws_where_they_may_matter(t: &TestDb) {
        let s = Story::new(&t.db).await;
        let head = "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild,Supersedes\n";
        let row = |flaw: &str, kb: u32, before: &str| {
            format!("{flaw},{kb},{},Important,20990312,Lỗi,,{before}\n", SYSTEMS[0])
        };
        let base = format!("{head}{}{}", row("CVE-2099-7001", 5_099_001, ""), row("CVE-2099-7002", 5_099_002, "5099001"));
        let take = async |name: &str, text: &str, at| {
            let read = advisory::read(name, text.as_bytes()).unwrap();
            s.take(name, Some(&read), at).await;
        };
        take("bang.csv", &base, 1).await;
        s.reports(s.body, 0..2, 2).await;
        s.judge_all(3).await;
        let marked = async |at| {
            let done: Result<u64, StoreError> = store::write!(t.db, NOBODY, minute(at), tx => {
                tx.unchanged();
                tx.run_for_test("update host_flaw set weak = true where 1 = 1", vec![]).await
            });
            done.unwrap();
        };
        // Whoever judged by anything else would find these changed.
        let untouched = async || {
            let all = s.all().await;
            all.iter().filter(|f| f.weak).map(|f| f.flaw.clone()).collect::<std::collections::BTreeSet<_>>()
        };
        let both = std::collections::BTreeSet::from(["CVE-2099-7001".to_owned(), "CVE-2099-7002".to_owned()]);
        marked(4).await;
        take("moi.csv", &format!("{head}{}", row("CVE-2099-7003", 5_099_003, "5099002")), 5).await;
        assert_eq!(s.judge_all(6).await, 2);
        assert_eq!(s.all().await.iter().filter(|f| f.flaw == "CVE-2099-7003").count(), 2);
        assert_eq!(untouched().await, both, "an update that takes their place, and that no machine lists");
        // The same table once more, with another title and another row: what it said of updates still stands.
        let more = base.replace("Lỗi", "Lỗi khác") + &row("CVE-2099-7004", 5_099_004, "5099003");
        take("moi.csv", &format!("{head}{}", row("CVE-2099-7003", 5_099_003, "5099002;5099001")), 7).await;
        assert_eq!(s.judge_all(8).await, 2);
        assert_eq!(untouched().await, both);
        take("bang.csv", &more, 9).await;
        assert_eq!(s.judge_all(10).await, 2);
        assert!(untouched().await.is_empty(), "both say something else");
        // What it said of an update it says no more: any flaw of the product may lean on it.
        marked(11).await;
        take("moi.csv", &format!("{head}{}", row("CVE-2099-7003", 5_099_003, "")), 12).await;
        assert_eq!(s.judge_all(13).await, 2);
        assert!(untouched().await.is_empty());
    }

    async fn many_changed_flaws_judge_only_machines_they_concern(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.advise_many().await;
        s.reports(s.body, 0..2, 2).await;
        s.judge_all(3).await;
        let table = |product: &str| {
            let rows = (0..1_010).map(|n| format!("CVE-2098-{},{},{product},Low,20980312,Lỗi\n", 10_000 + n, 5_000_000 + n));
            let text = format!("CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title\n{}", rows.collect::<String>());
            advisory::read("bang.csv", text.as_bytes()).unwrap()
        };
        s.take("khac.csv", Some(&table("Windows Server 2012 R2")), 4).await;
        assert_eq!(s.judge_all(5).await, 0, "nobody runs it");
        s.take("may.csv", Some(&table(SYSTEMS[0])), 6).await;
        assert_eq!(s.judge_all(7).await, 2);
        assert!(s.all().await.iter().filter(|f| f.flaw.starts_with("CVE-2098")).count() >= 2);
        // Gone again: nobody's product is told of it any more, and who has the findings is judged.
        s.take("may.csv", Some(&table("Windows Server 2012 R2")), 8).await;
        assert_eq!(s.judge_all(9).await, 2);
        assert_eq!(s.judge_all(10).await, 0);
    }

    async fn what_was_done_instead_does_not_hold_for_what_is_back(t: &TestDb) {
        let s = Story::new(&t.db).await;
        s.advise("10.0.19045.4000", 1).await;
        s.report("may01", Some(3803), 2).await;
        s.judge_all(3).await;
        let host = s.all().await[0].host;
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(4), tx => {
            findings::work_around(tx, &Scope::system(), host, CVE, "Đã tắt", None).await
        });
        done.unwrap();
        s.report("may01", Some(4001), 5).await;
        s.judge_all(6).await;
        assert!(s.all().await[0].workaround.is_some(), "mended, and what was done before is still told");
        s.report("may01", Some(3803), 7).await;
        s.judge_all(8).await;
        let it = s.all().await.remove(0);
        assert_eq!((it.state, it.workaround), (State::Affected, None));
    }
}
