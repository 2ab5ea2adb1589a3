use domain::{
    actor::{Actor, Scope},
    body::{BodyKind, Successor},
    fact::kinds,
    host::Host,
    id::{Id, Ids, kind},
    person::{ChannelKind, Lang, Membership},
    right::Role,
    system::{Level, System},
};
use jiff::civil::date;
use store::{
    Db, StoreError, Topic, both_engines, facts, hosts,
    register::{self, Founding, bodies, channels, grants, people, systems},
    testing::{TestIds, minute},
};

type BodyId = Id<kind::Body>;
type PersonId = Id<kind::Person>;

/// A province with a lead body, two departments, and a school below the first.
struct World {
    ids: TestIds,
    root: BodyId,
    admin: PersonId,
    health: BodyId,
    school_board: BodyId,
    school: BodyId,
}

fn new_body(id: BodyId, parent: BodyId, kind: BodyKind, name: &str) -> bodies::NewBody {
    let aliases = if name == "Sở Y tế" { vec!["SYT".to_owned()] } else { vec![] };
    bodies::NewBody { id, parent: Some(parent), kind, name: name.into(), code: None, from: None, aliases }
}

macro_rules! act {
    ($db:expr, $actor:expr, $at:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, StoreError> = store::write!($db, $actor, minute($at), $tx => $body);
        done
    }};
}

async fn world(db: &Db) -> World {
    let ids = TestIds::default();
    let founding = Founding {
        root: Id::new(&ids),
        name: "Công an tỉnh Lâm Giang".into(),
        kind: BodyKind::Lead,
        code: Some("LG".into()),
        person: Id::new(&ids),
        person_name: "Nguyễn Văn An".into(),
        grant: Id::new(&ids),
    };
    act!(db, Actor::System, 0, tx => register::found(tx, &founding).await).unwrap();
    let (root, admin) = (founding.root, founding.person);
    let (health, school_board, school) = (Id::new(&ids), Id::new(&ids), Id::new(&ids));
    act!(db, Actor::Person(admin), 0, tx => {
        let scope = Scope::of(vec![(Role::Administrator, root)]);
        bodies::create(tx, &scope, &new_body(health, root, BodyKind::Department, "Sở Y tế")).await?;
        bodies::create(tx, &scope, &new_body(school_board, root, BodyKind::Department, "Sở Giáo dục và Đào tạo")).await?;
        bodies::create(tx, &scope, &new_body(school, school_board, BodyKind::School, "THPT Đồng Tiến")).await
    })
    .unwrap();
    World { ids, root, admin, health, school_board, school }
}

fn administrator(of: BodyId) -> Scope {
    Scope::of(vec![(Role::Administrator, of)])
}

async fn person(db: &Db, w: &World, name: &str, at: &[BodyId]) -> PersonId {
    let id = Id::new(&w.ids as &dyn Ids);
    let memberships =
        at.iter().map(|b| Membership { body: *b, position: None, contact: true }).collect::<Vec<_>>();
    let new = people::NewPerson { id, name: name.into(), title: None, lang: Lang::Vi, memberships };
    act!(db, Actor::System, 1, tx => people::create(tx, &Scope::system(), &new).await).unwrap();
    id
}

async fn names(db: &Db, scope: &Scope, filter: &bodies::Filter) -> Vec<String> {
    let mut sql = db.read().await.unwrap();
    bodies::list(&mut sql, scope, filter, None, 100).await.unwrap().into_iter().map(|b| b.name).collect()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>, code: &str) {
    assert!(matches!(&outcome, Err(StoreError::Refused(c)) if *c == code), "{outcome:?} is not {code}");
}

fn hidden<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(&outcome, Err(StoreError::NotFound(_))), "{outcome:?}");
}

both_engines! {
    async fn the_tree_stands_in_order_and_each_sees_their_part(t: &TestDb) {
        let w = world(&t.db).await;
        let mut sql = t.db.read().await.unwrap();
        let tree = bodies::tree(&mut sql, &Scope::system()).await.unwrap();
        let shape: Vec<_> = tree.iter().map(|n| (n.depth, n.children, n.body.name.as_str())).collect();
        assert_eq!(shape, [
            (0, 2, "Công an tỉnh Lâm Giang"),
            (1, 1, "Sở Giáo dục và Đào tạo"),
            (2, 0, "THPT Đồng Tiến"),
            (1, 0, "Sở Y tế"),
        ]);
        let part = bodies::tree(&mut sql, &administrator(w.school_board)).await.unwrap();
        assert_eq!(part.iter().map(|n| n.depth).collect::<Vec<_>>(), [0, 1]);
        hidden(bodies::get(&mut sql, &administrator(w.health), w.school).await);
        let above = bodies::ancestors(&mut sql, &Scope::system(), w.school).await.unwrap();
        assert_eq!(above.iter().map(|b| b.id).collect::<Vec<_>>(), [w.root, w.school_board]);
        let departments = bodies::of_kinds(&mut sql, &Scope::system(), w.root, &[BodyKind::Department]).await.unwrap();
        assert_eq!(departments.len(), 2);
        drop(sql);
        let search = |text: &str| bodies::Filter { text: Some(text.into()), ..Default::default() };
        assert_eq!(names(&t.db, &Scope::system(), &search("dong tien")).await, ["THPT Đồng Tiến"]);
        assert_eq!(names(&t.db, &Scope::system(), &search("syt")).await, ["Sở Y tế"]);
        assert_eq!(names(&t.db, &Scope::system(), &search("LG")).await, ["Công an tỉnh Lâm Giang"]);
        assert!(names(&t.db, &Scope::system(), &search("%")).await.is_empty());
        let mut sql = t.db.read().await.unwrap();
        let page = bodies::list(&mut sql, &Scope::system(), &Default::default(), None, 2).await.unwrap();
        let last = page.last().unwrap();
        let next = bodies::list(&mut sql, &Scope::system(), &Default::default(), Some((domain::text::sort_key(&last.name), last.id)), 100).await.unwrap();
        assert_eq!((page.len(), next.len()), (2, 2));
    }

    async fn moving_keeps_the_closure_right_and_refuses_cycles(t: &TestDb) {
        let w = world(&t.db).await;
        let all = Scope::system();
        let step = |id, parent| { let (db, all) = (&t.db, &all); async move { act!(db, Actor::System, 2, tx => bodies::move_to(tx, all, id, parent).await) } };
        refused(step(w.school_board, w.school).await, "body-cycle");
        refused(step(w.school_board, w.school_board).await, "body-cycle");
        refused(step(w.root, w.health).await, "body-is-root");
        step(w.school_board, w.health).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let above = bodies::ancestors(&mut sql, &all, w.school).await.unwrap();
        assert_eq!(above.iter().map(|b| b.id).collect::<Vec<_>>(), [w.root, w.health, w.school_board]);
        assert_eq!(sql.count_for_test("select count(*) as n from body_closure").await.unwrap(), 4 + 3 + 2 + 1);
        drop(sql);
        step(w.school, w.root).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sql.count_for_test("select count(*) as n from body_closure").await.unwrap(), 4 + 1 + 2 + 1);
        drop(sql);
        // Nobody takes a body out of its superior's sight: the old parent must be theirs as well.
        let own = administrator(w.school_board);
        hidden(act!(t.db, Actor::System, 3, tx => bodies::move_to(tx, &own, w.school_board, w.root).await));
    }

    async fn a_rename_keeps_history_and_the_old_name_is_found_on_its_days(t: &TestDb) {
        let w = world(&t.db).await;
        let change = bodies::Change {
            kind: BodyKind::Department,
            name: "Sở Y tế và Dân số".into(),
            renamed_on: Some(date(2026, 3, 1)),
            code: Some("H07".into()),
            aliases: vec!["SYT".into()],
        };
        let update = |change: bodies::Change| { let w = &w; async move { act!(t.db, Actor::System, 2, tx => bodies::update(tx, &administrator(w.health), w.health, &change).await) } };
        assert!(update(change.clone()).await.unwrap());
        let mut sql = t.db.read().await.unwrap();
        for (name, day, want) in [
            ("so y te", date(2026, 2, 28), 1),
            ("Sở Y tế", date(2026, 3, 1), 0),
            ("sở y tế và dân số", date(2026, 3, 1), 1),
            ("SYT", date(2020, 1, 1), 1),
        ] {
            let found = bodies::find_by_name(&mut sql, &Scope::system(), name, day).await.unwrap();
            assert_eq!(found.len(), want, "{name} on {day}");
        }
        assert_eq!(bodies::names(&mut sql, &Scope::system(), w.health).await.unwrap().len(), 3);
        drop(sql);
        refused(update(bodies::Change { name: "X".into(), renamed_on: Some(date(2026, 3, 1)), ..change.clone() }).await, "body-renamed-before");
        refused(update(bodies::Change { name: "X".into(), renamed_on: Some(date(2030, 1, 1)), ..change.clone() }).await, "body-renamed-later");
        refused(update(bodies::Change { name: "Sở Giáo dục và Đào tạo".into(), renamed_on: None, ..change.clone() }).await, "body-name-taken");
        refused(update(bodies::Change { code: Some("LG".into()), ..change }).await, "body-code-taken");
    }

    async fn a_function_is_carried_on_by_the_end_of_the_chain(t: &TestDb) {
        let w = world(&t.db).await;
        let all = Scope::system();
        act!(t.db, Actor::System, 2, tx => {
            bodies::add_successor(tx, &all, w.health, &Successor { function: "security".into(), body: w.school_board, from: date(2025, 3, 1) }).await?;
            bodies::add_successor(tx, &all, w.school_board, &Successor { function: "all".into(), body: w.root, from: date(2025, 7, 1) }).await
        }).unwrap();
        let mut sql = t.db.read().await.unwrap();
        for (day, function, want) in [
            (date(2025, 2, 1), "security", w.health),
            (date(2025, 3, 1), "security", w.school_board),
            (date(2025, 7, 1), "security", w.root),
            (date(2025, 7, 1), "loudspeakers", w.health),
        ] {
            assert_eq!(bodies::carrier(&mut sql, w.health, function, day).await.unwrap(), want);
        }
        assert_eq!(bodies::predecessors(&mut sql, &all, w.school_board).await.unwrap()[0].1, "Sở Y tế");
        drop(sql);
        act!(t.db, Actor::System, 3, tx => bodies::remove_successor(tx, &all, w.health, "security", date(2025, 3, 1)).await).unwrap();
        refused(act!(t.db, Actor::System, 3, tx => bodies::add_successor(tx, &all, w.health, &Successor { function: "all".into(), body: w.health, from: date(2025, 3, 1) }).await), "successor-is-itself");
    }

    async fn a_body_closes_from_above_when_nothing_hangs_below(t: &TestDb) {
        let w = world(&t.db).await;
        let close = |scope: Scope, id| async move { act!(t.db, Actor::System, 2, tx => bodies::close(tx, &scope, id).await) };
        refused(close(administrator(w.root), w.school_board).await, "body-has-children");
        hidden(close(administrator(w.school), w.school).await);
        refused(close(administrator(w.root), w.root).await, "body-is-root");
        close(administrator(w.root), w.school).await.unwrap();
        assert_eq!(names(&t.db, &Scope::system(), &bodies::Filter { parent: Some(w.school_board), ..Default::default() }).await.len(), 0);
        act!(t.db, Actor::System, 3, tx => bodies::reopen(tx, &administrator(w.root), w.school).await).unwrap();
        assert_eq!(names(&t.db, &Scope::system(), &bodies::Filter { parent: Some(w.school_board), ..Default::default() }).await.len(), 1);
    }

    async fn nobody_writes_outside_their_subtree(t: &TestDb) {
        let w = world(&t.db).await;
        let theirs = administrator(w.health);
        let new = new_body(Id::new(&w.ids), w.school_board, BodyKind::School, "Trường lạ");
        hidden(act!(t.db, Actor::System, 2, tx => bodies::create(tx, &theirs, &new).await));
        let rootless = bodies::NewBody { parent: None, ..new };
        hidden(act!(t.db, Actor::System, 2, tx => bodies::create(tx, &theirs, &rootless).await));
        let viewer = Scope::of(vec![(Role::Viewer, w.root)]);
        hidden(act!(t.db, Actor::System, 2, tx => bodies::close(tx, &viewer, w.school).await));
        let system = System { id: Id::new(&w.ids), body: w.school, operator: None, name: "LMS".into(), level: None, important: false, personal_data: true, national_platform: false };
        hidden(act!(t.db, Actor::System, 2, tx => systems::create(tx, &theirs, &system, None).await));
        let stranger = person(&t.db, &w, "Trần Thị Bình", &[w.school]).await;
        let change = people::Change { name: "X".into(), title: None, lang: Lang::Vi };
        hidden(act!(t.db, Actor::System, 2, tx => people::update(tx, &theirs, stranger, &change).await));
        let mut sql = t.db.read().await.unwrap();
        hidden(people::get(&mut sql, &theirs, stranger).await);
        assert!(people::list(&mut sql, &theirs, &Default::default(), None, 10).await.unwrap().is_empty());
    }

    async fn who_serves_two_bodies_is_changed_only_by_who_has_both(t: &TestDb) {
        let w = world(&t.db).await;
        let shared = person(&t.db, &w, "Lê Văn Cường", &[w.health, w.school]).await;
        let change = people::Change { name: "Lê Văn Cương".into(), title: Some("ThS".into()), lang: Lang::En };
        hidden(act!(t.db, Actor::System, 2, tx => people::update(tx, &administrator(w.health), shared, &change).await));
        assert!(act!(t.db, Actor::System, 2, tx => people::update(tx, &administrator(w.root), shared, &change).await).unwrap());
        assert!(!act!(t.db, Actor::System, 2, tx => {
            people::update(tx, &administrator(w.root), shared, &change).await
        }).unwrap());
        // A role above counts like a membership: else a school could take over the account of an administrator.
        let chief = person(&t.db, &w, "Phạm Dũng", &[w.school]).await;
        give(&t.db, &w, chief, Role::Head, w.root, None).await.unwrap();
        hidden(act!(t.db, Actor::System, 2, tx => people::update(tx, &administrator(w.school), chief, &change).await));
        // Everyone may change themselves.
        act!(t.db, Actor::Person(shared), 2, tx => people::update(tx, &Scope::nothing(), shared, &people::Change { lang: Lang::Vi, ..change.clone() }).await).unwrap();
        let mut sql = t.db.read().await.unwrap();
        let seen = people::serves(&mut sql, &administrator(w.health), &[shared]).await.unwrap();
        assert_eq!(seen.iter().map(|s| s.body_name.as_str()).collect::<Vec<_>>(), ["Sở Y tế"]);
    }

    async fn a_channel_counts_once_its_code_came_back(t: &TestDb) {
        let w = world(&t.db).await;
        let contact = person(&t.db, &w, "Trần Thị Bình", &[w.school]).await;
        let (mail, phone) = (Id::new(&w.ids), Id::new(&w.ids));
        let me = Actor::Person(contact);
        let none = Scope::nothing();
        act!(t.db, me, 2, tx => {
            channels::add(tx, &none, &channels::NewChannel { id: mail, person: contact, kind: ChannelKind::Email, address: "Binh@Truong.edu.vn".into(), rank: 0 }).await?;
            channels::add(tx, &none, &channels::NewChannel { id: phone, person: contact, kind: ChannelKind::Phone, address: "0912 345 678".into(), rank: 1 }).await
        }).unwrap();
        let again = channels::NewChannel { id: Id::new(&w.ids), person: contact, kind: ChannelKind::Email, address: "binh@truong.edu.vn".into(), rank: 0 };
        refused(act!(t.db, me, 2, tx => channels::add(tx, &none, &again).await), "channel-there");
        assert_eq!(count(&t.db, w.school).await, 0);
        act!(t.db, me, 3, tx => channels::start_check(tx, &none, mail, "right").await).unwrap();
        let verify = |code: &'static str, at| async move { act!(t.db, me, at, tx => channels::verify(tx, &Scope::nothing(), mail, code).await).unwrap() };
        assert_eq!(verify("wrong", 4).await, channels::Checked::Wrong { left: 4 });
        assert_eq!(verify("right", 19).await, channels::Checked::Expired);
        act!(t.db, me, 20, tx => channels::start_check(tx, &none, mail, "second").await).unwrap();
        for left in (0..5).rev() {
            assert_eq!(verify("guess", 21).await, channels::Checked::Wrong { left });
        }
        assert_eq!(verify("second", 21).await, channels::Checked::Expired);
        act!(t.db, me, 22, tx => channels::start_check(tx, &none, mail, "third").await).unwrap();
        let before = t.db.last_change().await.unwrap();
        assert_eq!(verify("third", 23).await, channels::Checked::Verified);
        assert_eq!(verify("third", 23).await, channels::Checked::Expired);
        assert_eq!(count(&t.db, w.school).await, 1);
        let changes = t.db.changes(before, &[Topic::Register]).now().await.unwrap();
        assert_eq!(changes[0].body, Some(w.school));
        let mut sql = t.db.read().await.unwrap();
        let known = facts::about(&mut sql, &Scope::system(), &[format!("person:{contact}")], &[kinds::CHANNEL_VERIFIED], 10).await.unwrap();
        assert_eq!((known.len(), known[0].from), (1, minute(23)));
        drop(sql);
        // A number is verified by somebody else's call, never by one's own word.
        let own = Scope::of(vec![(Role::Administrator, w.school)]);
        refused(act!(t.db, me, 24, tx => channels::attest(tx, &own, phone).await), "channel-is-own");
        hidden(act!(t.db, Actor::Person(w.admin), 24, tx => channels::attest(tx, &administrator(w.health), phone).await));
        refused(act!(t.db, Actor::Person(w.admin), 24, tx => channels::attest(tx, &administrator(w.root), mail).await), "channel-takes-code");
        act!(t.db, Actor::Person(w.admin), 24, tx => channels::attest(tx, &administrator(w.root), phone).await).unwrap();
        assert_eq!(count(&t.db, w.school).await, 2);
        // Who becomes another body's contact brings the verified channels along.
        act!(t.db, Actor::System, 25, tx => people::serve(tx, &Scope::system(), contact, &Membership { body: w.health, position: None, contact: true }).await).unwrap();
        assert_eq!(count(&t.db, w.health).await, 2);
        let mut sql = t.db.read().await.unwrap();
        let known = facts::about(&mut sql, &administrator(w.health), &[format!("person:{contact}")], &[], 10).await.unwrap();
        assert_eq!(known.len(), 2);
        assert!(channels::list(&mut sql, &Scope::of(vec![(Role::Viewer, w.root)]), contact).await.unwrap().is_empty());
        drop(sql);
        act!(t.db, me, 26, tx => channels::remove(tx, &none, phone).await).unwrap();
        assert_eq!(count(&t.db, w.health).await, 1);
    }

    async fn codes_do_not_flood_a_mailbox(t: &TestDb) {
        let w = world(&t.db).await;
        let id = Id::new(&w.ids);
        let me = Actor::Person(w.admin);
        act!(t.db, me, 1, tx => channels::add(tx, &Scope::nothing(), &channels::NewChannel { id, person: w.admin, kind: ChannelKind::Email, address: "a@b.vn".into(), rank: 0 }).await).unwrap();
        let send = |at| async move { act!(t.db, me, at, tx => channels::start_check(tx, &Scope::nothing(), id, "d").await) };
        for at in 1..=5 {
            send(at).await.unwrap();
        }
        refused(send(6).await, "channel-codes-many");
        send(61).await.unwrap();
    }

    async fn a_delegation_never_carries_more_than_its_giver_holds(t: &TestDb) {
        let w = world(&t.db).await;
        let head = person(&t.db, &w, "Hoàng Thị Em", &[w.school_board]).await;
        let clerk = person(&t.db, &w, "Vũ Giang", &[w.school_board]).await;
        give(&t.db, &w, head, Role::Head, w.school_board, Some(1_000)).await.unwrap();
        let scope = Scope::of(vec![(Role::Head, w.school_board)]);
        let grant = |role, body, until: Option<i64>| grants::NewGrant { id: Id::new(&w.ids), person: clerk, role, body, from: None, until: until.map(minute) };
        let delegate = |actor, new: grants::NewGrant| { let scope = &scope; async move { act!(t.db, actor, 5, tx => grants::delegate(tx, scope, &new).await) } };
        let me = Actor::Person(head);
        refused(delegate(me, grant(Role::Administrator, w.school_board, Some(50))).await, "delegation-not-held");
        refused(delegate(me, grant(Role::Head, w.school_board, None)).await, "delegation-endless");
        refused(delegate(me, grant(Role::Head, w.school_board, Some(1_001))).await, "delegation-outlasts");
        hidden(delegate(me, grant(Role::Head, w.root, Some(50))).await);
        refused(delegate(Actor::Person(clerk), grant(Role::Head, w.school_board, Some(50))).await, "delegation-to-self");
        let given = grant(Role::Head, w.school, Some(50));
        let id = given.id;
        delegate(me, given).await.unwrap();
        refused(delegate(me, grant(Role::Head, w.school, Some(60))).await, "grant-there");
        assert_eq!(of_person(&t.db, clerk, 6).await, [(Role::Head, w.school)]);
        assert!(of_person(&t.db, clerk, 50).await.is_empty());
        // Not passed on further.
        let onward = grants::NewGrant { person: w.admin, ..grant(Role::Head, w.school, Some(40)) };
        let clerks = Scope::system();
        refused(act!(t.db, Actor::Person(clerk), 6, tx => grants::delegate(tx, &clerks, &onward).await), "delegation-not-held");
        // What the giver loses, the delegate loses at once.
        let mut sql = t.db.read().await.unwrap();
        let own = grants::held(&mut sql, &Scope::system(), head, minute(6)).await.unwrap();
        drop(sql);
        act!(t.db, Actor::Person(w.admin), 7, tx => grants::revoke(tx, &administrator(w.root), own[0].id).await).unwrap();
        assert!(of_person(&t.db, clerk, 8).await.is_empty());
        // Who delegated may take it back without being an administrator.
        act!(t.db, me, 9, tx => grants::revoke(tx, &Scope::nothing(), id).await).unwrap();
    }

    async fn the_root_keeps_an_administrator(t: &TestDb) {
        let w = world(&t.db).await;
        let mut sql = t.db.read().await.unwrap();
        let own = grants::of_body(&mut sql, &Scope::system(), w.root, minute(1)).await.unwrap();
        drop(sql);
        assert_eq!((own.len(), own[0].person_name.as_str(), own[0].role), (1, "Nguyễn Văn An", Role::Administrator));
        refused(act!(t.db, Actor::System, 1, tx => grants::revoke(tx, &Scope::system(), own[0].id).await), "grant-last-administrator");
        refused(act!(t.db, Actor::System, 1, tx => people::close(tx, &Scope::system(), w.admin).await), "grant-last-administrator");
        let second = person(&t.db, &w, "Đỗ Hà", &[w.root]).await;
        give(&t.db, &w, second, Role::Administrator, w.root, None).await.unwrap();
        act!(t.db, Actor::System, 2, tx => people::close(tx, &Scope::system(), w.admin).await).unwrap();
        assert!(of_person(&t.db, w.admin, 3).await.is_empty());
        refused(act!(t.db, Actor::System, 3, tx => register::found(tx, &Founding { root: Id::new(&w.ids), name: "X".into(), kind: BodyKind::Lead, code: None, person: Id::new(&w.ids), person_name: "Y".into(), grant: Id::new(&w.ids) }).await), "already-founded");
    }

    async fn systems_and_hosts_are_seen_by_owner_and_operator(t: &TestDb) {
        let w = world(&t.db).await;
        let id = Id::new(&w.ids);
        let system = System { id, body: w.school, operator: Some(w.health), name: "Cổng thông tin".into(), level: Level::new(2), important: true, personal_data: false, national_platform: false };
        act!(t.db, Actor::System, 1, tx => systems::create(tx, &administrator(w.root), &system, Some("ghi chú")).await).unwrap();
        let host = Host { id: Id::new(&w.ids), body: w.school, system: Some(id), names: vec!["WEB01".into(), "10.0.0.5".into()], kind: None, in_charge: None, note: None };
        act!(t.db, Actor::System, 1, tx => hosts::add(tx, &administrator(w.school), &host, hosts::Source::Hand).await).unwrap();
        let twin = Host { id: Id::new(&w.ids), names: vec!["web01".into()], ..host.clone() };
        refused(act!(t.db, Actor::System, 1, tx => hosts::add(tx, &administrator(w.school), &twin, hosts::Source::Hand).await), "host-name-taken");
        hidden(act!(t.db, Actor::System, 1, tx => hosts::remove(tx, &administrator(w.health), host.id).await));
        let copy = System { id: Id::new(&w.ids), ..system.clone() };
        refused(act!(t.db, Actor::System, 1, tx => systems::create(tx, &administrator(w.root), &copy, None).await), "system-name-taken");
        let mut sql = t.db.read().await.unwrap();
        for (scope, want) in [(administrator(w.health), 1), (administrator(w.school_board), 1), (Scope::nothing(), 0)] {
            assert_eq!(systems::list(&mut sql, &scope, &systems::Filter { text: Some("cong thong".into()), ..Default::default() }, None, 10).await.unwrap().len(), want);
            assert_eq!(hosts::of_system(&mut sql, &scope, id).await.unwrap().len(), want);
        }
        let seen = systems::get(&mut sql, &administrator(w.health), id).await.unwrap();
        assert_eq!((seen.hosts, seen.operator_name.as_deref(), seen.system.clone()), (1, Some("Sở Y tế"), system.clone()));
        let none = systems::Filter { unclassified: true, ..Default::default() };
        assert!(systems::list(&mut sql, &Scope::system(), &none, None, 10).await.unwrap().is_empty());
        drop(sql);
        let better = System { level: Level::new(3), ..system };
        hidden(act!(t.db, Actor::System, 2, tx => systems::update(tx, &administrator(w.health), &better, None).await));
        // The owner's side keeps an operator it cannot see.
        assert!(act!(t.db, Actor::System, 2, tx => systems::update(tx, &administrator(w.school), &better, None).await).unwrap());
        act!(t.db, Actor::System, 3, tx => systems::close(tx, &administrator(w.school), id).await).unwrap();
        act!(t.db, Actor::System, 3, tx => systems::reopen(tx, &administrator(w.school), id).await).unwrap();
        act!(t.db, Actor::System, 3, tx => hosts::remove(tx, &administrator(w.school), host.id).await).unwrap();
    }
}

async fn count(db: &Db, body: BodyId) -> u32 {
    channels::contact_channels(&mut db.read().await.unwrap(), body).await.unwrap().handled
}

async fn of_person(db: &Db, person: PersonId, at: i64) -> Vec<(Role, BodyId)> {
    grants::of_person(&mut db.read().await.unwrap(), person, minute(at)).await.unwrap()
}

async fn give(
    db: &Db,
    w: &World,
    person: PersonId,
    role: Role,
    body: BodyId,
    until: Option<i64>,
) -> Result<(), StoreError> {
    let new =
        grants::NewGrant { id: Id::new(&w.ids), person, role, body, from: None, until: until.map(minute) };
    act!(db, Actor::Person(w.admin), 2, tx => grants::give(tx, &administrator(w.root), &new).await)
}
