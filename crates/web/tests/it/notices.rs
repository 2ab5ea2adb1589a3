//! The personal page of a notice, as people, scanners, forwarders and forgers meet it.

mod broadcasts;
mod excused;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    legal::Legal,
    notice::{Audience, NoticeRules, Question, Quiz, Rates, Schedule},
    right::Role,
};
use store::{
    StoreError, args,
    notices::{self as n, NewNotice, Opening, PeopleFilter, PersonState, Tools, Words, bulletins, personal},
    register::import,
    sign_in::InstanceKey,
    testing::minute,
};
use web::testing::TestApp;

use crate::{fixture::Fixture, sign_in::Browser};

fn rules() -> NoticeRules {
    let legal = Legal::builtin().unwrap();
    legal.on(domain::time::date(minute(0))).notice_rules().unwrap().clone()
}

fn key(t: &TestApp) -> InstanceKey {
    InstanceKey::new(t.app.config.instance_key)
}

fn quiz() -> Quiz {
    let question = Question {
        ask: "Nhận được đường dẫn lạ?".into(),
        options: vec!["Bấm".into(), "Báo ngay cho người phụ trách".into()],
        right: 2,
        because: "Báo để được kiểm tra.".into(),
    };
    Quiz { questions: vec![question; 5], pass_percent: 80, attempts: 2 }
}

/// A draft notice and a draft bulletin of our body, for the test of all routes.
pub async fn ours(t: &TestApp, f: &Fixture) -> (String, String) {
    let rules = rules();
    let notice = NewNotice {
        id: Id::new(&*t.ids),
        body: f.ours,
        template: None,
        words: words(Quiz::default(), vec![]),
    };
    let day = "2027-02-01".parse().unwrap();
    let bulletin = bulletins::NewBulletin {
        id: Id::new(&*t.ids),
        body: f.ours,
        template: None,
        words: bulletins::Words {
            title: "Bản tin riêng".into(),
            text: "Kính thưa bà con.".into(),
            lang: "vi".into(),
            schedule: Schedule::read(day, day, "5:30").unwrap(),
            tops: vec![],
            campaign: None,
        },
    };
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        n::create(tx, &Scope::system(), &rules, &notice).await?;
        bulletins::create(tx, &Scope::system(), &rules, &bulletin).await
    });
    made.unwrap();
    (notice.id.to_string(), bulletin.id.to_string())
}

fn words(quiz: Quiz, lists: Vec<Id<kind::StaffList>>) -> Words {
    Words {
        title: "Cảnh giác lừa đảo".into(),
        text: "Không bấm vào đường dẫn lạ.\n\nBáo ngay khi nghi ngờ.".into(),
        lang: "vi".into(),
        quiz,
        audience: Audience { lists, ..Audience::default() },
        campaign: None,
    }
}

/// A notice out to two people of our body; their personal paths.
async fn out(t: &TestApp, f: &Fixture, quiz: Quiz) -> (Id<kind::Notice>, Vec<String>) {
    let (list, id, rules) = (Id::new(&*t.ids), Id::new(&*t.ids), rules());
    let row = |name: &str, email: &str| domain::register::StaffRow {
        name: name.into(),
        email: email.into(),
        body: None,
        body_code: None,
    };
    let rows = [(2, row("Nguyễn Văn An", "an@x.gov.vn")), (3, row("Lê Thị Bình", "binh@x.gov.vn"))];
    let new = NewNotice { id, body: f.ours, template: None, words: words(quiz, vec![list]) };
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into body_name (body, place, text, folded, alias) select id, 0, name, folded, false from body", args![],
        ).await?;
        n::list_create(tx, &Scope::system(), list, f.ours, "Cán bộ").await?;
        let report = import::staff(tx, &Scope::system(), list, f.ours, &rows).await?;
        assert_eq!(report.problems, []);
        n::create(tx, &Scope::system(), &rules, &new).await?;
        let opening = Opening { opens: None, closes: Some(minute(100)) };
        n::issue(tx, &Scope::system(), &rules, &*t.ids, id, opening).await
    });
    made.unwrap();
    let key = key(t);
    let tools = Tools { ids: &*t.ids, base: "http://localhost", key: &key, rules: &rules };
    while n::step(&t.app.db, minute(0), &tools, id).await.unwrap().is_some_and(|next| next <= minute(0)) {}
    let mut sql = t.app.db.read().await.unwrap();
    let notice = n::get(&mut sql, &Scope::system(), id).await.unwrap();
    let all = PeopleFilter { body: None, state: PersonState::All, q: "", after: None };
    let people = n::people(&mut sql, &Scope::system(), &notice, &all, 10).await.unwrap();
    let path = |name: &str| {
        let person = people.iter().find(|p| p.name == name).unwrap();
        format!("/n/{}", personal::token(&key, person.id))
    };
    (id, vec![path("Nguyễn Văn An"), path("Lê Thị Bình")])
}

async fn rates(t: &TestApp, id: Id<kind::Notice>) -> Rates {
    let mut sql = t.app.db.read().await.unwrap();
    let notice = n::get(&mut sql, &Scope::system(), id).await.unwrap();
    n::rates(&mut sql, &Scope::system(), &notice).await.unwrap()
}

const NOTHING: Rates =
    Rates { recipients: 2, excused: 0, delivered: 0, opened: 0, committed: 0, asked: 0, passed: 0 };

#[tokio::test]
async fn scanners_and_previews_neither_open_nor_commit() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, paths) = out(&t, &f, Quiz::default()).await;
    for method in [Method::HEAD, Method::GET] {
        for purpose in ["prefetch", "preview", "document"] {
            let asked =
                Request::builder().method(method.clone()).uri(&paths[0]).header("sec-purpose", purpose);
            let answer = t.send(None, asked.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }
    let (_, page) = t.get(None, &paths[0]).await;
    assert!(
        page.contains("Nguyễn Văn An") && !page.contains("Không bấm vào đường dẫn lạ"),
        "words come after the question"
    );
    // Posts without the page's token, with every field guessed.
    for fields in
        [&[("do", "open")][..], &[("do", "commit"), ("agree", "1")], &[("do", "answer"), ("attempt", "0")]]
    {
        assert_eq!(t.post(None, &paths[0], fields).await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(rates(&t, id).await, NOTHING);
}

#[tokio::test]
async fn a_person_reads_ticks_and_commits_once_under_their_own_name() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, paths) = out(&t, &f, Quiz::default()).await;
    t.clock.move_to_minute(1);
    let mut b = Browser::new(&t, "10.0.0.9");
    let page = b.get(&paths[0]).await;
    assert!(page.text.contains("Bạn là Nguyễn Văn An, Sở Thử nghiệm Riêng tư?"), "{}", page.text);
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    // Committing before having opened it does nothing.
    b.post(&paths[0], &[("do", "commit"), ("agree", "1")]).await;
    assert_eq!(rates(&t, id).await, NOTHING);
    assert_eq!(b.post(&paths[0], &[("do", "open")]).await.status, StatusCode::SEE_OTHER);
    let page = b.get(&paths[0]).await;
    assert!(page.text.contains("Không bấm vào đường dẫn lạ") && page.text.contains("Tôi là Nguyễn Văn An"));
    // Without the tick nothing happens, and the page says why.
    let page = b.post(&paths[0], &[("do", "commit")]).await;
    assert!(page.text.contains("Xin đánh dấu"), "{}", page.text);
    assert_eq!(rates(&t, id).await, Rates { opened: 1, ..NOTHING });
    for _ in 0..3 {
        let page = b.post(&paths[0], &[("do", "commit"), ("agree", "1")]).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(rates(&t, id).await, Rates { opened: 1, committed: 1, ..NOTHING });
    let sql = "select count(*) as n from audit_entry where action = 'notice.committed' and actor like 'recipient:%'";
    assert_eq!(t.app.db.read().await.unwrap().count_for_test(sql).await.unwrap(), 1);
    let page = b.get(&paths[0]).await;
    assert!(
        page.text.contains("Nguyễn Văn An đã đọc và cam kết lúc 20/01/2027 08:01")
            && page.text.contains("Số xác nhận"),
        "{}",
        page.text
    );
    // The link signs nobody in.
    assert_eq!(b.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn forwarded_forged_and_ended_links() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, paths) = out(&t, &f, Quiz::default()).await;
    // Whoever opens Bình's link is asked whether they are Bình; An's form token is none for Bình's.
    let mut b = Browser::new(&t, "10.0.0.9");
    let page = b.get(&paths[1]).await;
    assert!(page.text.contains("Lê Thị Bình") && !page.text.contains("Nguyễn Văn An"));
    b.get(&paths[0]).await;
    assert_eq!(b.post(&paths[1], &[("do", "open")]).await.status, StatusCode::FORBIDDEN);
    // Every character matters; another purpose's token is none.
    let token = paths[0].strip_prefix("/n/").unwrap();
    for at in 0..token.len() {
        let mut bad = token.to_owned();
        bad.replace_range(at..=at, if token.as_bytes()[at] == b'A' { "B" } else { "A" });
        assert_eq!(t.get(None, &format!("/n/{bad}")).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(t.get(None, &format!("/l/{token}")).await.0, StatusCode::NOT_FOUND);
    // Past its date nothing can be done any more.
    b.get(&paths[0]).await;
    t.clock.move_to_minute(100);
    assert_eq!(b.post(&paths[0], &[("do", "open")]).await.status, StatusCode::SEE_OTHER);
    assert!(b.get(&paths[0]).await.text.contains("đã hết hạn"));
    assert_eq!(rates(&t, id).await, NOTHING);
}

#[tokio::test]
async fn a_quiz_explains_what_was_wrong_and_is_taken_so_often() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, paths) = out(&t, &f, quiz()).await;
    let mut b = Browser::new(&t, "10.0.0.9");
    b.get(&paths[0]).await;
    b.post(&paths[0], &[("do", "open")]).await;
    b.post(&paths[0], &[("do", "commit"), ("agree", "1")]).await;
    let wrong = [("do", "answer"), ("attempt", "0"), ("a1", "2"), ("a2", "1")];
    b.post(&paths[0], &wrong).await;
    b.post(&paths[0], &wrong).await;
    let page = b.get(&paths[0]).await;
    assert!(page.text.contains("Đúng 1/5") && page.text.contains("Báo để được kiểm tra"), "{}", page.text);
    assert!(page.text.contains("Còn 1 lần"), "the form sent twice was one attempt");
    let right =
        [("do", "answer"), ("attempt", "1"), ("a1", "2"), ("a2", "2"), ("a3", "2"), ("a4", "2"), ("a5", "1")];
    b.post(&paths[0], &right).await;
    let rates = rates(&t, id).await;
    assert_eq!((rates.asked, rates.passed), (2, 1));
    assert!(!b.get(&paths[0]).await.text.contains("Gửi câu trả lời"));
}

#[tokio::test]
async fn names_are_for_those_who_may_read_them() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, _) = out(&t, &f, Quiz::default()).await;
    let page = format!("/notices/{id}");
    let clerk = t.user(f.asker, &[(Role::Clerk, f.ours)]);
    assert!(t.get(Some(&clerk), &page).await.1.contains(crate::fixture::OURS));
    assert!(t.get(Some(&clerk), &format!("{page}/people")).await.1.contains("Nguyễn Văn An"));
    assert!(t.get(Some(&clerk), &format!("{page}/people.csv?state=missing")).await.1.contains("an@x.gov.vn"));
    let viewer = t.user(f.asker, &[(Role::Viewer, f.ours)]);
    assert_eq!(t.get(Some(&viewer), &page).await.0, StatusCode::OK);
    assert_eq!(t.get(Some(&viewer), &format!("{page}/people")).await.0, StatusCode::NOT_FOUND);
    let other = t.user(f.asker, &[(Role::Coordinator, f.neighbour)]);
    for path in [page.clone(), format!("{page}/people"), format!("{page}/bodies.csv")] {
        assert_eq!(t.get(Some(&other), &path).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn nobody_comes_to_another_persons_page_and_nothing_is_done_after_it_was_taken_back() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, paths) = out(&t, &f, Quiz::default()).await;
    // Signed in, somebody it did not go to: neither listed nor reached.
    let other = t.user(f.asker, &[(Role::Coordinator, f.ours)]);
    assert_eq!(t.get(Some(&other), &format!("/notices/mine/{id}")).await.0, StatusCode::NOT_FOUND);
    assert!(!t.get(Some(&other), "/notices/mine").await.1.contains("Cảnh giác lừa đảo"));
    // A page that was open when the notice was taken back does nothing any more.
    let mut b = Browser::new(&t, "10.0.0.9");
    b.get(&paths[0]).await;
    assert_eq!(
        t.post(Some(&other), &format!("/notices/{id}/cancel"), &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    b.post(&paths[0], &[("do", "open")]).await;
    assert!(b.get(&paths[0]).await.text.contains("đã được thu hồi"));
    assert_eq!(rates(&t, id).await, NOTHING);
}
