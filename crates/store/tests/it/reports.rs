//! Reports: begun, edited, signed off, frozen; what they were made from.

use domain::{
    actor::{Actor, Scope},
    fact::kinds,
    id::{Id, Ids, kind},
    legal::Legal,
    line::LineKind,
    report::{ReportKind, ReportState, Value, compare},
    right::Role,
    time,
};
use serde_json::json;
use store::{
    StoreError, Topic, args,
    assignments::Tools,
    blobs::Blob,
    both_engines,
    lines::{self, NewLine, NewOutage, OutageChange},
    reports::{self, Filter, Frozen, NewReport},
    testing::{TestDb, TestIds, World, fact, issued, minute, passed_on},
};

fn blob(n: u8) -> Blob {
    Blob { sha256: hex(n), len: 3 }
}

fn hex(n: u8) -> String {
    format!("{n:02x}").repeat(32)
}

fn frozen(digest: &str) -> Frozen {
    Frozen {
        made_at: minute(10),
        digest: digest.to_owned(),
        files: [blob(1), blob(2), blob(3), blob(4)],
        draft: domain::report::Draft::default(),
        name: "bao-cao".into(),
    }
}

struct Story {
    w: World,
    ids: TestIds,
    legal: Legal,
    who: Actor,
    above: Scope,
    /// The reporting body's own head.
    head: Scope,
}

async fn setting(t: &TestDb) -> Story {
    let ids = TestIds::default();
    let w = issued(&t.db, &ids, 3, &["VFIX", "SELF"], minute(0), minute(100)).await;
    let person: Id<kind::Person> = Id::new(&ids as &dyn Ids);
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into person (id, name, folded, sort_key, created_at) values ($1,'Lê An','le an','le an',0)",
        args![person],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let above = Scope::of(vec![(Role::Coordinator, w.root)]);
    let head = Scope::of(vec![(Role::Head, w.root)]);
    for body in [w.root, w.bodies[0]] {
        grant(t, &ids, person, body, None).await;
    }
    Story { w, ids, legal: Legal::builtin().unwrap(), who: Actor::Person(person), above, head }
}

/// The role of head, in one's own name or by a delegation.
async fn grant(
    t: &TestDb,
    ids: &TestIds,
    person: Id<kind::Person>,
    body: Id<kind::Body>,
    by: Option<Id<kind::Person>>,
) {
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into role_grant (id, person, role, body, delegated_by, from_at, until_at, created_at)
         values ($1,$2,'head',$3,$4,null,null,0)",
        args![Id::<kind::Grant>::new(ids as &dyn Ids), person, body, by],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

impl Story {
    async fn begin(
        &self,
        t: &TestDb,
        scope: &Scope,
        kind: ReportKind,
        of: Option<usize>,
    ) -> Result<Id<kind::Report>, StoreError> {
        let pack = self.legal.on(time::date(minute(0)));
        let body = of.map_or(self.w.root, |n| self.w.bodies[n]);
        let assignment = of.map(|n| self.w.assignments[n]);
        let mut sql = t.db.read().await.unwrap();
        let on = time::date(minute(1));
        let draft =
            reports::propose(&mut sql, pack, kind, body, self.w.campaign, assignment, minute(1), on).await?;
        drop(sql);
        let id = Id::new(&self.ids as &dyn Ids);
        let new = NewReport { id, kind, body, campaign: self.w.campaign, assignment, draft };
        let done: Result<(), StoreError> =
            store::write!(t.db, self.who, minute(1), tx => reports::create(tx, scope, &new).await);
        done.map(|()| id)
    }

    async fn sign(
        &self,
        t: &TestDb,
        scope: &Scope,
        id: Id<kind::Report>,
        version: i64,
    ) -> Result<(), StoreError> {
        let pack = self.legal.on(time::date(minute(0)));
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, scope, id).await?;
        let person = self.who.person().unwrap();
        let draft =
            reports::signed_by(&mut sql, pack, &report, person, minute(10)).await?.unwrap_or_default();
        drop(sql);
        let frozen = Frozen { draft, ..frozen("d") };
        store::write!(t.db, self.who, minute(10), tx => {
            let tools = Tools { ids: &self.ids, base: "https://canh.test", pack };
            reports::sign(tx, scope, &tools, id, version, &frozen).await
        })
    }
}

both_engines! {
    async fn a_report_is_begun_edited_and_signed_off_once(t: &TestDb) {
        let s = setting(t).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        assert_eq!((report.state, report.version, report.rights.sign), (ReportState::Draft, 1, false));
        assert_eq!(report.draft.title, "BÁO CÁO");
        assert_eq!(report.draft.unfit(), []);
        drop(sql);
        let draft = domain::report::Draft { place: "Sông Trà".into(), ..report.draft.clone() };
        let save = async |version| -> Result<(), StoreError> {
            store::write!(t.db, s.who, minute(2), tx => reports::save(tx, &s.above, id, version, &draft).await)
        };
        save(1).await.unwrap();
        assert!(matches!(save(1).await, Err(StoreError::Stale)), "somebody was faster");
        let clerk = Scope::of(vec![(Role::Clerk, s.w.root)]);
        assert!(matches!(s.sign(t, &clerk, id, 2).await, Err(StoreError::NotFound(_) | StoreError::Refused(_))));
        assert!(s.sign(t, &s.above, id, 2).await.is_err(), "a coordinator prepares, the head signs off");
        s.sign(t, &s.head, id, 2).await.unwrap();
        assert!(matches!(s.sign(t, &s.head, id, 3).await, Err(StoreError::Refused("report-signed"))));
        assert!(matches!(save(3).await, Err(StoreError::Refused("report-signed"))));
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        let signed = report.signed.unwrap();
        assert_eq!((signed.digest.as_str(), signed.pdf), ("d", hex(3)));
        assert_eq!((report.draft.signer.as_str(), report.draft.capacity), ("Lê An", vec!["GIÁM ĐỐC".to_owned()]));
        assert!(!report.rights.prepare && !report.rights.sign);
        // Somebody who rewrites the record is told on by the log.
        let dir = tempfile::tempdir().unwrap();
        let blobs = store::blobs::Blobs::open_dir(dir.path()).await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        let found = reports::verify(&mut sql, &blobs, &report, &s.legal, minute(20)).await.unwrap();
        assert!(found.logged && !found.good(), "the files of this test are nowhere");
        drop(sql);
        let mut tx = t.db.begin_quiet(minute(11)).await.unwrap();
        tx.run_for_test("update report set digest = 'forged' where id = $1", args![id]).await.unwrap();
        tx.commit().await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let forged = reports::get(&mut sql, &s.above, id).await.unwrap();
        assert!(!reports::verify(&mut sql, &blobs, &forged, &s.legal, minute(20)).await.unwrap().logged);
        assert_eq!(reports::of_file(&mut sql, &s.above, &hex(4)).await.unwrap().id, id);
        assert_eq!(reports::list(&mut sql, &s.above, &Filter::default(), 10).await.unwrap().len(), 1);
    }

    async fn another_body_gets_nothing_and_the_one_above_only_what_was_handed_up(t: &TestDb) {
        let s = setting(t).await;
        let own = Scope::of(vec![(Role::Head, s.w.bodies[0])]);
        let other = Scope::of(vec![(Role::Head, s.w.bodies[1])]);
        assert!(s.begin(t, &other, ReportKind::Reply, Some(0)).await.is_err());
        assert!(s.begin(t, &own, ReportKind::Campaign, None).await.is_err());
        let id = s.begin(t, &own, ReportKind::Reply, Some(0)).await.unwrap();
        // The root's own people outside the tree of the body: a scope over the root's centre alone.
        let mut sql = t.db.read().await.unwrap();
        assert!(reports::get(&mut sql, &other, id).await.is_err());
        let report = reports::get(&mut sql, &own, id).await.unwrap();
        assert_eq!(report.draft.to, ["Sở Công an giả định"]);
        let figures = reports::figures(&mut sql, &report, &s.legal, minute(5)).await.unwrap();
        assert_eq!(figures.value("bodies"), Some(Value::Number(1, format!("/assignments/{}", s.w.assignments[0]))));
        assert_eq!(figures.value("incidents"), Some(Value::Missing));
        drop(sql);
        assert!(s.sign(t, &s.head, id, 1).await.is_err(), "the head of the level above does not sign for a body below");
        s.sign(t, &own, id, 1).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert!(reports::get(&mut sql, &other, id).await.is_err(), "a neighbour still sees nothing");
        assert!(reports::get(&mut sql, &s.above, id).await.is_ok());
        // Handed up through Canh, it is the result the self-review asks for, and of nothing else.
        let submitted = store::facts::about(&mut sql, &Scope::system(), &[format!("task:{}", s.w.tasks[0][1])], &[kinds::SUBMITTED], 9).await.unwrap();
        assert_eq!(submitted.len(), 1);
        assert_eq!(submitted[0].source, domain::fact::Source::Report(format!("report:{id}")));
        let other = store::facts::about(&mut sql, &Scope::system(), &[format!("task:{}", s.w.tasks[0][0])], &[kinds::SUBMITTED], 9).await.unwrap();
        assert!(other.is_empty());
    }

    async fn who_signs_stands_under_it_in_their_capacity(t: &TestDb) {
        let s = setting(t).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let deputy: Id<kind::Person> = Id::new(&s.ids as &dyn Ids);
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test("insert into person (id, name, folded, sort_key, created_at, title) values ($1,'Võ Hà','vo ha','vo ha',0,'Thượng tá')", args![deputy]).await.unwrap();
        tx.run_for_test("insert into membership (person, body, position, contact) values ($1,$2,'Phó Giám đốc',false)", args![deputy, s.w.root]).await.unwrap();
        tx.commit().await.unwrap();
        let pack = s.legal.on(time::date(minute(0)));
        let as_of = async |person| {
            let mut sql = t.db.read().await.unwrap();
            let report = reports::get(&mut sql, &s.above, id).await.unwrap();
            reports::signed_by(&mut sql, pack, &report, person, minute(9)).await.unwrap()
        };
        assert_eq!(as_of(deputy).await, None, "no grant, no signature");
        grant(t, &s.ids, deputy, s.w.root, s.who.person()).await;
        let signed = as_of(deputy).await.unwrap();
        assert_eq!(signed.capacity, ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]);
        assert_eq!(signed.signer, "Thượng tá Võ Hà");
        // Where the draft names who signs, what people wrote there stays.
        let mut draft = as_of(s.who.person().unwrap()).await.unwrap();
        draft.capacity = vec!["Q. GIÁM ĐỐC".into()];
        draft.signer = "Đại tá Lê An".into();
        let saved: Result<(), StoreError> =
            store::write!(t.db, s.who, minute(2), tx => reports::save(tx, &s.above, id, 1, &draft).await);
        saved.unwrap();
        assert_eq!(as_of(s.who.person().unwrap()).await.unwrap().signer, "Đại tá Lê An");
        let sql = &mut t.db.read().await.unwrap();
        let all = reports::signers(sql, s.w.root, None, minute(9)).await.unwrap();
        assert_eq!(all.iter().map(|x| x.bare.as_str()).collect::<Vec<_>>(), ["Lê An", "Võ Hà"]);
    }

    async fn a_draft_that_waits_tells_its_signer_and_what_became_of_it_its_author(t: &TestDb) {
        let s = setting(t).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let author: Id<kind::Person> = Id::new(&s.ids as &dyn Ids);
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test("insert into person (id, name, folded, sort_key, created_at) values ($1,'Võ Hà','vo ha','vo ha',0)", args![author]).await.unwrap();
        tx.commit().await.unwrap();
        let head = s.who.person().unwrap();
        let pack = s.legal.on(time::date(minute(0)));
        let tools = Tools { ids: &s.ids, base: "https://canh.test", pack };
        let submit = async |version, at: i64| -> Result<(), StoreError> {
            store::write!(t.db, Actor::Person(author), minute(at), tx => reports::submit(tx, &s.above, &tools, id, version).await)
        };
        let send_back = async |scope: &Scope, version, why: &str, at: i64| -> Result<(), StoreError> {
            store::write!(t.db, s.who, minute(at), tx => reports::send_back(tx, scope, &tools, id, version, why).await)
        };
        // Drafts that wait, that came back, papers signed.
        let told = async || {
            let mut sql = t.db.read().await.unwrap();
            let mut found = [0; 3];
            for (n, query) in [
                "select count(*) as n from intent where template = 'report-asked'",
                "select count(*) as n from intent where template = 'report-returned'",
                "select count(*) as n from intent where template = 'report-signed'",
            ].into_iter().enumerate() {
                found[n] = sql.count_for_test(query).await.unwrap();
            }
            found
        };
        let mine = async |scope: &Scope, person| {
            let found = reports::waiting(&mut t.db.read().await.unwrap(), scope, person).await.unwrap();
            found.len()
        };
        assert!(send_back(&s.head, 1, "x", 2).await.is_err(), "it does not wait yet");
        assert_eq!((mine(&s.head, head).await, mine(&s.above, author).await), (0, 0));
        submit(1, 3).await.unwrap();
        assert!(matches!(submit(1, 3).await, Err(StoreError::Stale)));
        assert!(matches!(submit(2, 3).await, Err(StoreError::Refused("report-asked"))));
        assert_eq!(told().await, [1, 0, 0], "once");
        assert_eq!((mine(&s.head, head).await, mine(&s.above, author).await), (1, 0));
        assert!(send_back(&s.above, 2, "x", 4).await.is_err(), "who prepares does not decide");
        assert!(matches!(send_back(&s.head, 2, " ", 4).await, Err(StoreError::Refused("text-empty"))));
        send_back(&s.head, 2, "Thiếu số liệu của Sở Y tế", 5).await.unwrap();
        assert_eq!(told().await, [1, 1, 0]);
        assert_eq!((mine(&s.head, head).await, mine(&s.above, author).await), (0, 1));
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        drop(sql);
        let (_, by, why) = report.returned.unwrap();
        assert_eq!((by.as_str(), why.as_str()), ("Lê An", "Thiếu số liệu của Sở Y tế"));
        // Laid before the signer again, then edited: taken back, nothing waits.
        submit(3, 6).await.unwrap();
        assert_eq!(told().await, [2, 1, 0], "a new state is told anew");
        let draft = domain::report::Draft { place: "Sông Trà".into(), ..report.draft };
        let saved: Result<(), StoreError> =
            store::write!(t.db, Actor::Person(author), minute(7), tx => reports::save(tx, &s.above, id, 4, &draft).await);
        saved.unwrap();
        assert_eq!((mine(&s.head, head).await, mine(&s.above, author).await), (0, 0));
        submit(5, 8).await.unwrap();
        s.sign(t, &s.head, id, 6).await.unwrap();
        assert_eq!(told().await, [3, 1, 1]);
        assert_eq!(mine(&s.head, head).await, 0);
        // Every one of them ends.
        let mut sql = t.db.read().await.unwrap();
        let endless = "select count(*) as n from intent where expires > created_at + 691200000000";
        assert_eq!(sql.count_for_test(endless).await.unwrap(), 0);
    }

    async fn it_is_addressed_to_whom_the_chain_of_letters_begins_with(t: &TestDb) {
        let s = setting(t).await;
        let (ours, above): (Id<kind::Letter>, Id<kind::Letter>) = (Id::new(&s.ids as &dyn Ids), Id::new(&s.ids as &dyn Ids));
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        for (id, number, issuer, parent) in [(above, "5120", "Cục Giả định", None), (ours, "112", "Sở Công an giả định", Some(above))] {
            tx.run_for_test(
                "insert into letter (id, body, state, received_at, source, text, reading, corrected, number, symbol, date, issuer, folded, parent_letter)
                 values ($1,$2,'confirmed',0,'paste','x','{}','{}',$3,'A05','2026-11-02',$4,'',$5)",
                args![id, s.w.root, number, issuer, parent],
            ).await.unwrap();
        }
        tx.run_for_test("update campaign set letter = $1 where id = $2", args![ours, s.w.campaign]).await.unwrap();
        tx.commit().await.unwrap();
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let report = reports::get(&mut sql, &s.above, id).await.unwrap();
        assert_eq!(report.draft.to, ["Cục Giả định"]);
        let about = reports::figures(&mut sql, &report, &s.legal, minute(5)).await.unwrap().about;
        assert_eq!(about.paper.as_deref(), Some("Văn bản số 5120/A05 ngày 02/11/2026 của Cục Giả định"));
        assert_eq!(about.order.as_deref(), Some("Văn bản số 112/A05 ngày 02/11/2026 của Sở Công an giả định"));
    }

    async fn those_below_and_their_inspections_are_counted(t: &TestDb) {
        let s = setting(t).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let figures = async || {
            let mut sql = t.db.read().await.unwrap();
            let report = reports::get(&mut sql, &s.above, id).await.unwrap();
            let figures = reports::figures(&mut sql, &report, &s.legal, minute(5)).await.unwrap();
            let basis = reports::basis(&mut sql, &report, &figures, &figures.lines, minute(5)).await.unwrap();
            (figures, basis)
        };
        let (before, alone) = figures().await;
        assert!(matches!(before.value("below_bodies"), Some(Value::Number(0, _))), "nobody passed it on");
        assert_eq!(before.value("inspections"), Some(Value::Missing));
        passed_on(&t.db, &s.ids, &s.w, 3, 4, &["VFIX"], minute(2), minute(100)).await;
        let (after, with) = figures().await;
        let number = |name: &str| match after.value(name) {
            Some(Value::Number(n, _)) => n,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(["bodies", "below_bodies", "all_bodies", "below_cells"].map(number), [3, 4, 7, 4]);
        assert_eq!((alone.verdicts.len(), with.verdicts.len()), (6, 10), "the digest holds those below too");
    }

    async fn outages_follow_their_corrections_and_freeze_with_the_digest(t: &TestDb) {
        let s = setting(t).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let seen = async |at: i64, lines: Option<&domain::report::Basis>| {
            let mut sql = t.db.read().await.unwrap();
            let report = reports::get(&mut sql, &s.above, id).await.unwrap();
            let figures = reports::figures(&mut sql, &report, &s.legal, minute(at)).await.unwrap();
            let lines = lines.map_or(&figures.lines, |b| &b.lines);
            let basis = reports::basis(&mut sql, &report, &figures, lines, minute(at.min(60))).await.unwrap();
            (figures, basis)
        };
        assert_eq!(seen(1, None).await.0.value("outages"), Some(Value::Missing), "no line: no data, not none");
        let pack = s.legal.on(time::date(minute(0)));
        let tools = Tools { ids: &s.ids, base: "https://canh.test", pack };
        let reply = async || {
            let mut sql = t.db.read().await.unwrap();
            let (kind, of) = (ReportKind::Reply, s.w.bodies[0]);
            let at = minute(1);
            let draft = reports::propose(&mut sql, pack, kind, of, s.w.campaign, None, at, time::date(at)).await.unwrap();
            (draft.blocks.iter().any(|b| b.table == "lines"), draft.appendices)
        };
        assert_eq!(reply().await, (false, vec![]), "a reply says nothing of lines that are not there");
        // The operator is no addressee; its line serves one.
        let operator = crate::body(&t.db, &s.ids, Some(s.w.root)).await;
        let own = Scope::of(vec![(Role::Clerk, operator)]);
        let (line, outage) = (Id::new(&s.ids as &dyn Ids), Id::new(&s.ids as &dyn Ids));
        let new = NewLine {
            id: line, body: operator, served: Some(s.w.bodies[0]), name: "Kênh 1".into(), kind: LineKind::Dedicated,
            provider: "Viễn thông Sông Trà".into(), code: String::new(), capacity: String::new(), hotline: String::new(),
        };
        let made: Result<(), StoreError> =
            store::write!(t.db, s.who, minute(1), tx => lines::create(tx, &s.above, &new).await);
        made.unwrap();
        assert_eq!(reply().await, (true, vec!["outages".to_owned()]), "as in the report up");
        let said = |from, to: Option<i64>, cause: &str| OutageChange {
            from: minute(from), to: to.map(minute), cause: cause.into(), effect: String::new(), bodies: vec![],
        };
        let begun = NewOutage { id: outage, line, said: said(10, None, "") };
        let done: Result<(), StoreError> =
            store::write!(t.db, s.who, minute(20), tx => lines::open(tx, &s.above, &tools, &begun).await);
        done.unwrap();
        let amend = async |at: i64, change: OutageChange| {
            let done: Result<_, StoreError> =
                store::write!(t.db, Actor::System, minute(at), tx => lines::amend(tx, &own, &tools, outage, &change).await);
            done.unwrap();
        };
        let numbers = |f: &domain::report::Figures| {
            ["lines", "outages", "outages_open", "outages_unexplained", "outage_minutes", "lines_unknown_minutes"]
                .map(|name| match f.value(name) {
                    Some(Value::Number(n, href)) => {
                        assert_eq!(href, format!("/lines/outages?campaign={}", s.w.campaign));
                        n
                    }
                    other => panic!("{name}: {other:?}"),
                })
        };
        let (lasting, _) = seen(40, None).await;
        assert_eq!(numbers(&lasting), [1, 1, 1, 1, 30, 10], "it lasts; before it nobody knew");
        let row = |f: &domain::report::Figures| f.sections["outages"].rows[0][4..].to_vec();
        assert_eq!(row(&lasting), ["30", "Chưa rõ nguyên nhân", "Đang gián đoạn", "Lê An"]);
        assert_eq!(lasting.sections["outages"].opens, [format!("/lines/{line}")]);
        assert_eq!(lasting.sections["providers"].rows[0], ["Viễn thông Sông Trà", "1", "1", "1", "30", "10"]);
        // Ended, and why: nothing said before was wrong.
        amend(50, said(10, Some(45), "Đứt cáp")).await;
        let (over, then) = seen(60, None).await;
        assert_eq!(row(&over), ["35", "Đứt cáp", "Đã khắc phục", "Lê An"]);
        assert_eq!((then.lines.as_slice(), then.facts.len() - 3), (&[line][..], 2), "both facts of the outage");
        // Corrected after the report was made: its numbers have moved on, what it rests on is untouched.
        amend(70, said(10, Some(30), "Đứt cáp")).await;
        let (corrected, now) = seen(80, Some(&then)).await;
        assert_eq!(row(&corrected), ["20", "Đứt cáp", "Đã khắc phục; đã đính chính", "Lê An"]);
        let found = compare(&then, &now);
        assert!(found.untouched(), "{found:?}");
        assert!(found.numbers.iter().any(|m| (m.what.as_str(), m.then.as_str(), m.now.as_str()) == ("outage_minutes", "35", "20")));
        assert_eq!(then.facts, now.facts);
        // Whoever rewrites what was said then is told on.
        let digest = reports::digest(&then);
        let mut tx = t.db.begin_quiet(minute(90)).await.unwrap();
        tx.run_for_test("update fact set from_at = from_at + 60000000 where kind = 'line.out'", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let (_, forged) = seen(91, Some(&then)).await;
        assert!(!compare(&then, &forged).untouched() && reports::digest(&forged) != digest);
    }

    async fn what_it_was_made_from_tells_time_from_tampering(t: &TestDb) {
        let s = setting(t).await;
        let subject = format!("task:{}", s.w.tasks[0][0]);
        fact(&t.db, &s.ids, Topic::Task, kinds::SUBMITTED, s.w.bodies[0], &subject, json!({"submission": "a"}), minute(2)).await;
        let id = s.begin(t, &s.above, ReportKind::Campaign, None).await.unwrap();
        let now = async || {
            let mut sql = t.db.read().await.unwrap();
            let report = reports::get(&mut sql, &s.above, id).await.unwrap();
            {
                let figures = reports::figures(&mut sql, &report, &s.legal, minute(9)).await.unwrap();
                reports::basis(&mut sql, &report, &figures, &figures.lines, minute(3)).await.unwrap()
            }
        };
        let then = now().await;
        assert_eq!((then.facts.len(), then.verdicts.len()), (4, 6));
        // Later facts are later: they change nothing of what was known then.
        fact(&t.db, &s.ids, Topic::Task, kinds::ACCEPTED, s.w.bodies[0], &subject, json!({"submission": "a"}), minute(8)).await;
        assert_eq!(compare(&then, &now().await), domain::report::Compared::default());
        assert_eq!(reports::digest(&then), reports::digest(&now().await));
        let mut tx = t.db.begin_quiet(minute(9)).await.unwrap();
        tx.run_for_test("update fact set value = '{\"submission\":\"b\"}' where kind = 'evidence.submitted'", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let found = compare(&then, &now().await);
        assert!(!found.untouched() && found.altered.len() == 1);
    }
}
