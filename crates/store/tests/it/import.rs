use domain::{
    actor::{Actor, Scope},
    body::BodyKind,
    host::HostKind,
    id::{Id, kind},
    person::Lang,
    register::{
        BODY_COLUMNS, BodyRow, HostRow, PERSON_COLUMNS, PersonRow, Problem, SYSTEM_COLUMNS, SystemRow,
        body_cells, headings, person_cells, read_bodies, read_people, read_systems, system_cells,
    },
    right::Role,
    system::Level,
};
use jiff::civil::date;
use store::{
    Db, StoreError, both_engines,
    register::{
        self, Founding, bodies, export,
        import::{self, Report, What},
    },
    testing::{TestIds, minute},
};

struct World {
    ids: TestIds,
    root: Id<kind::Body>,
    scope: Scope,
}

async fn world(db: &Db) -> World {
    let ids = TestIds::default();
    let root = Id::new(&ids);
    let founding = Founding {
        root,
        name: "UBND tỉnh Sông Trà".into(),
        kind: BodyKind::Lead,
        code: Some("H99".into()),
        person: Id::new(&ids),
        person_name: "Nguyễn Văn An".into(),
        grant: Id::new(&ids),
    };
    let done: Result<(), StoreError> =
        store::write!(db, Actor::System, minute(0), tx => register::found(tx, &founding).await);
    done.unwrap();
    World { ids, root, scope: Scope::of(vec![(Role::Administrator, root)]) }
}

/// Takes in, keeping it only if there are no problems: as callers do.
macro_rules! take {
    ($db:expr, $w:expr, $scope:expr, $of:ident, $rows:expr) => {{
        let mut tx = $db.begin(Actor::System, minute(5)).await.unwrap();
        let report = import::$of(&mut tx, $scope, $w.root, $rows, &$w.ids).await.unwrap();
        if report.problems.is_empty() {
            tx.commit().await.unwrap()
        } else {
            tx.rollback().await
        }
        report
    }};
}

fn what(report: &Report) -> Vec<(u32, What, Vec<&'static str>)> {
    report.lines.iter().map(|l| (l.row, l.what, l.fields.clone())).collect()
}

fn body(name: &str, kind: BodyKind, parent: Option<&str>) -> BodyRow {
    BodyRow { name: name.into(), kind: Some(kind), parent: parent.map(Into::into), ..BodyRow::default() }
}

fn some_bodies() -> Vec<(u32, BodyRow)> {
    vec![
        // The child before its parent.
        (2, body("THPT Đồng Tiến", BodyKind::School, Some("sở giáo dục"))),
        (
            3,
            BodyRow {
                code: Some("H99.01".into()),
                aliases: vec!["Sở Giáo dục".into()],
                ..body("Sở Giáo dục và Đào tạo", BodyKind::Department, None)
            },
        ),
        (
            4,
            BodyRow {
                code: Some("H99.02".into()),
                ..body("Sở Y tế", BodyKind::Department, Some("UBND tỉnh Sông Trà"))
            },
        ),
    ]
}

fn problem(row: u32, column: &'static str, code: &'static str, value: &str) -> Problem {
    Problem { row, column, code, value: value.into() }
}

both_engines! {
    async fn bodies_come_in_any_order_and_again_changes_nothing(t: &TestDb) {
        let w = world(&t.db).await;
        let first = take!(t.db, w, &w.scope, bodies, &some_bodies());
        assert_eq!(first.problems, []);
        assert_eq!(what(&first), [(2, What::New, vec![]), (3, What::New, vec![]), (4, What::New, vec![])]);
        let again = take!(t.db, w, &w.scope, bodies, &some_bodies());
        assert_eq!((again.count(What::Same), again.problems.len()), (3, 0));
        // A new name by code with its day, and a move; the alias still finds the parent.
        let rows = vec![
            (2, BodyRow { code: Some("H99.02".into()), from: Some(date(2026, 3, 1)), name: "Sở Y tế và Dân số".into(), ..BodyRow::default() }),
            (3, body("Sở Giáo dục", BodyKind::Department, None)),
        ];
        let changed = take!(t.db, w, &w.scope, bodies, &rows);
        assert_eq!(changed.problems, []);
        assert_eq!(what(&changed), [(2, What::Changed, vec!["name"]), (3, What::Same, vec![])]);
        let mut sql = t.db.read().await.unwrap();
        let old = bodies::find_by_name(&mut sql, &w.scope, "Sở Y tế", date(2026, 2, 1)).await.unwrap();
        assert_eq!(old[0].name, "Sở Y tế và Dân số");
        let tree = bodies::tree(&mut sql, &w.scope).await.unwrap();
        assert_eq!(tree.iter().map(|n| n.depth).collect::<Vec<_>>(), [0, 1, 2, 1]);
    }

    async fn every_problem_is_named_and_nothing_is_kept(t: &TestDb) {
        let w = world(&t.db).await;
        take!(t.db, w, &w.scope, bodies, &some_bodies());
        let rows = vec![
            (2, body("Xã Một", BodyKind::Commune, None)),
            (3, body("Xã Hai", BodyKind::Commune, Some("Sở lạ"))),
            (4, BodyRow { name: "Xã Ba".into(), ..BodyRow::default() }),
            (5, body("Xã Một", BodyKind::Commune, None)),
            (6, BodyRow { code: Some("H99.03".into()), ..body("Sở Y tế", BodyKind::Department, None) }),
            (7, BodyRow { code: Some("H99.01".into()), ..body("Sở Giáo dục", BodyKind::Department, Some("THPT Đồng Tiến")) }),
        ];
        let report = take!(t.db, w, &w.scope, bodies, &rows);
        assert_eq!(report.problems, [
            problem(3, "parent", "import-body-unknown", "Sở lạ"),
            problem(4, "kind", "import-cell-empty", ""),
            problem(5, "name", "import-twice", "Xã Một"),
            problem(6, "name", "body-name-taken", "Sở Y tế"),
            problem(7, "parent", "body-cycle", "THPT Đồng Tiến"),
        ]);
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sql.count_for_test("select count(*) as n from body").await.unwrap(), 4);
    }

    async fn nobody_imports_into_a_neighbour(t: &TestDb) {
        let w = world(&t.db).await;
        take!(t.db, w, &w.scope, bodies, &some_bodies());
        let mut sql = t.db.read().await.unwrap();
        let health = bodies::find_by_name(&mut sql, &w.scope, "Sở Y tế", date(2026, 2, 1)).await.unwrap()[0].id;
        drop(sql);
        let theirs = Scope::of(vec![(Role::Administrator, health)]);
        let report = take!(t.db, w, &theirs, bodies, &[(2, body("X", BodyKind::School, None)), (3, body("Y", BodyKind::School, Some("Sở Giáo dục")))]);
        let codes: Vec<_> = report.problems.iter().map(|p| (p.row, p.code)).collect();
        assert_eq!(codes, [(2, "import-not-yours"), (3, "import-body-unknown")]);
    }

    async fn people_are_one_by_their_address_and_serve_several_bodies(t: &TestDb) {
        let w = world(&t.db).await;
        take!(t.db, w, &w.scope, bodies, &some_bodies());
        let hoa = PersonRow { name: "Lê Thị Hoa".into(), body: Some("Sở Y tế".into()), contact: Some(true), email: Some("hoa@songtra.gov.vn".into()), phone: Some("+84912345678".into()), ..PersonRow::default() };
        let rows = vec![
            (2, hoa.clone()),
            (3, PersonRow { body: Some("THPT Đồng Tiến".into()), position: Some("Kiêm nhiệm".into()), phone: None, ..hoa.clone() }),
            (4, PersonRow { email: Some("hoa2@songtra.gov.vn".into()), ..hoa.clone() }),
            (5, PersonRow { name: "Trần Bình".into(), ..PersonRow::default() }),
        ];
        let report = take!(t.db, w, &w.scope, people, &rows);
        assert_eq!(report.problems, []);
        // Row 4 is a namesake with another address.
        assert_eq!(what(&report), [(2, What::New, vec![]), (3, What::Changed, vec!["body"]), (4, What::New, vec![]), (5, What::New, vec![])]);
        let again = take!(t.db, w, &w.scope, people, &rows);
        assert_eq!((again.count(What::Same), again.problems.len()), (4, 0));
        let more = take!(t.db, w, &w.scope, people, &[(2, PersonRow { title: Some("BS".into()), ..hoa.clone() }), (3, hoa.clone()), (4, PersonRow { body: Some("Sở lạ".into()), ..hoa })]);
        assert_eq!(more.problems, [problem(3, "name", "import-twice", "Lê Thị Hoa"), problem(4, "body", "import-body-unknown", "Sở lạ")]);
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sql.count_for_test("select count(*) as n from person").await.unwrap(), 4);
        assert_eq!(sql.count_for_test("select count(*) as n from channel").await.unwrap(), 4);
    }

    async fn systems_keep_what_a_blank_leaves_open(t: &TestDb) {
        let w = world(&t.db).await;
        take!(t.db, w, &w.scope, bodies, &some_bodies());
        let portal = SystemRow { name: "Cổng".into(), body: Some("Sở Y tế".into()), operator_code: Some("H99.01".into()), level: Level::new(3), important: Some(true), note: Some("n".into()), ..SystemRow::default() };
        assert_eq!(what(&take!(t.db, w, &w.scope, systems, &[(2, portal.clone())])), [(2, What::New, vec![])]);
        let blank = SystemRow { name: "cổng".into(), body: Some("Sở Y tế".into()), ..SystemRow::default() };
        assert_eq!(what(&take!(t.db, w, &w.scope, systems, &[(2, blank.clone())])), [(2, What::Same, vec![])]);
        let lower = SystemRow { level: Level::new(2), important: Some(false), ..blank.clone() };
        assert_eq!(what(&take!(t.db, w, &w.scope, systems, &[(2, lower)])), [(2, What::Changed, vec!["level", "important"])]);
        let report = take!(t.db, w, &w.scope, systems, &[(2, blank.clone()), (3, blank.clone()), (4, SystemRow { operator: Some("?".into()), ..blank })]);
        assert_eq!(report.problems, [problem(3, "name", "import-twice", "cổng"), problem(4, "operator", "import-body-unknown", "?")]);
    }

    async fn hosts_are_one_by_any_of_their_names_and_go_out_as_they_came_in(t: &TestDb) {
        let w = world(&t.db).await;
        let system = SystemRow { name: "Một cửa".into(), ..SystemRow::default() };
        take!(&t.db, &w, &w.scope, systems, &[(2, system)]);
        let row = |name: &str| HostRow { name: name.into(), ..HostRow::default() };
        let first = HostRow {
            names: vec!["10.0.0.5".into()],
            kind: Some(HostKind::Server),
            system: Some("một cửa".into()),
            in_charge: Some("Lê Văn An".into()),
            ..row("may01")
        };
        let report = take!(&t.db, &w, &w.scope, hosts, &[(2, first.clone()), (3, row("may02"))]);
        assert_eq!((report.count(What::New), &report.problems), (2, &vec![]));
        assert_eq!(take!(&t.db, &w, &w.scope, hosts, &[(2, first)]).count(What::Same), 1);

        // By its address, with another name and another person; what is blank stays.
        let again = HostRow { names: vec!["10.0.0.5".into()], in_charge: Some("Trần Bình".into()), ..row("MAY01.so.vn") };
        let report = take!(&t.db, &w, &w.scope, hosts, &[(2, again)]);
        assert_eq!(report.lines[0].fields, ["host-names", "in-charge"]);
        let rows = export::hosts(&mut t.db.read().await.unwrap(), &w.scope, w.root).await.unwrap();
        assert_eq!((rows[0].name.as_str(), rows[0].kind, rows[0].system.as_deref()), ("may01", Some(HostKind::Server), Some("Một cửa")));
        assert_eq!((rows[0].in_charge.as_deref(), rows.len()), (Some("Trần Bình"), 2));
        assert!(rows[0].names.contains(&"may01.so.vn".to_owned()) && rows[0].names.contains(&"10.0.0.5".to_owned()));
        let numbered: Vec<_> = rows.into_iter().zip(2..).map(|(r, n)| (n, r)).collect();
        assert_eq!(take!(&t.db, &w, &w.scope, hosts, &numbered).count(What::Same), 2, "what goes out comes back in");

        // Every row that is wrong is named, and nothing is kept.
        let bad = [
            (2, row("may09")),
            (3, HostRow { system: Some("Không có".into()), ..row("may10") }),
            (4, row("MAY09")),
            (5, row("hai chữ")),
            (6, HostRow { body: Some("Sở Lạ".into()), ..row("may11") }),
        ];
        let report = take!(&t.db, &w, &w.scope, hosts, &bad);
        let told: Vec<_> = report.problems.iter().map(|p| (p.row, p.column, p.code)).collect();
        assert_eq!(told, [
            (3, "host-system", "import-system-unknown"),
            (4, "host", "import-twice"),
            (5, "host", "host-names-bad"),
            (6, "body", "import-body-unknown"),
        ]);
        let rows = export::hosts(&mut t.db.read().await.unwrap(), &w.scope, w.root).await.unwrap();
        assert_eq!(rows.len(), 2);
    }

    async fn what_goes_out_comes_back_in_unchanged(t: &TestDb) {
        let w = world(&t.db).await;
        take!(t.db, w, &w.scope, bodies, &some_bodies());
        take!(t.db, w, &w.scope, people, &[(2, PersonRow { name: "Lê Thị Hoa".into(), title: Some("BS".into()), body: Some("Sở Y tế".into()), contact: Some(true), email: Some("a@b.vn".into()), phone: Some("+84912345678".into()), ..PersonRow::default() })]);
        take!(t.db, w, &w.scope, systems, &[(2, SystemRow { name: "Cổng".into(), operator: Some("Sở Y tế".into()), level: Level::new(4), ..SystemRow::default() })]);
        let lines = |head: Vec<&'static str>, rows: Vec<Vec<String>>| -> Vec<(u32, Vec<String>)> {
            let head = head.into_iter().map(str::to_owned).collect();
            (1..).zip(std::iter::once(head).chain(rows)).collect()
        };
        for lang in [Lang::Vi, Lang::En] {
            let mut sql = t.db.read().await.unwrap();
            let bodies = export::bodies(&mut sql, &w.scope, w.root).await.unwrap();
            let people = export::people(&mut sql, &w.scope, w.root).await.unwrap();
            let systems = export::systems(&mut sql, &w.scope, w.root).await.unwrap();
            drop(sql);
            assert_eq!((bodies.len(), people.len(), systems.len()), (4, 2, 1));
            let bodies = read_bodies(&lines(headings(BODY_COLUMNS, lang), bodies.iter().map(|b| body_cells(b, lang)).collect()));
            let report = take!(t.db, w, &w.scope, bodies, &bodies.rows);
            assert_eq!((report.count(What::Same), report.problems), (4, vec![]));
            let people = read_people(&lines(headings(PERSON_COLUMNS, lang), people.iter().map(|p| person_cells(p, lang)).collect()));
            let report = take!(t.db, w, &w.scope, people, &people.rows);
            assert_eq!((report.count(What::Same), report.problems), (2, vec![]));
            let systems = read_systems(&lines(headings(SYSTEM_COLUMNS, lang), systems.iter().map(|s| system_cells(s, lang)).collect()));
            let report = take!(t.db, w, &w.scope, systems, &systems.rows);
            assert_eq!((report.count(What::Same), report.problems), (1, vec![]));
        }
        // Addresses only for who may read them.
        let viewer = Scope::of(vec![(Role::Viewer, w.root)]);
        let mut sql = t.db.read().await.unwrap();
        assert!(export::people(&mut sql, &viewer, w.root).await.unwrap().iter().all(|p| p.email.is_none()));
    }
}

#[tokio::test]
async fn a_thousand_bodies_come_in_within_seconds() {
    let t = store::testing::sqlite().await;
    let w = world(&t.db).await;
    let rows: Vec<_> =
        (2..1_002).map(|n| (n, body(&format!("Xã số {n}"), BodyKind::Commune, None))).collect();
    let report = take!(t.db, w, &w.scope, bodies, &rows);
    assert_eq!((report.count(What::New), report.problems.len()), (1_000, 0));
    let mut sql = t.db.read().await.unwrap();
    assert_eq!(bodies::tree(&mut sql, &w.scope).await.unwrap().len(), 1_001);
}
