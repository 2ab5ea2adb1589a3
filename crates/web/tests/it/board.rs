//! The board as people meet it: grid, drill-down, CSV, search, live.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{
    evidence::{State, Verdict},
    fact::kinds,
    id::{Id, Ids, Uuid, kind},
    legal::Legal,
    right::Role,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use store::{
    Topic, args,
    testing::{World, fact, issued, minute},
};
use web::testing::TestApp;

struct Here {
    t: TestApp,
    w: World,
    above: std::sync::Arc<web::User>,
    own: std::sync::Arc<web::User>,
}

async fn here() -> Here {
    let t = TestApp::new().await;
    let w = issued(&t.db.db, &*t.ids, 3, &["VFIX", "LEAD"], minute(0), minute(100)).await;
    let person = |n| -> Id<kind::Person> { Id::from_uuid(Uuid::from_u128(n)) };
    let above = t.user(person(1), &[(Role::Coordinator, w.root)]);
    let own = t.user(person(2), &[(Role::Clerk, w.bodies[0])]);
    Here { t, w, above, own }
}

impl Here {
    /// 88 of 143 machines of the first body are handled, accepted by its superior.
    async fn judged(&self) {
        let task = format!("task:{}", self.w.tasks[0][0]);
        let value = json!({"submission": "s", "handled": 88, "all": 143});
        let (db, ids) = (&self.t.db.db, &*self.t.ids);
        for (kind, at) in [(kinds::SUBMITTED, 2), (kinds::ACCEPTED, 3)] {
            fact(db, ids, Topic::Task, kind, self.w.bodies[0], &task, value.clone(), minute(at)).await;
        }
        self.evaluate(4).await;
    }
    async fn evaluate(&self, at: i64) {
        // What the worker does, for the few tasks of this test: floor 3 does not lean on its neighbour.
        use domain::evidence::{Known, evaluate};
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(domain::time::date(minute(at)));
        let mut tx = self.t.db.db.begin_quiet(minute(at)).await.unwrap();
        let ids: Vec<_> = self.w.tasks.iter().flatten().copied().collect();
        let tasks = store::verdicts::load(&mut tx, &ids).await.unwrap();
        let mut judged = Vec::new();
        for task in tasks {
            let subjects = [format!("task:{}", task.id), format!("assignment:{}", task.assignment)];
            let facts = store::verdicts::facts(&mut tx, &subjects, &[]).await.unwrap();
            let known = Known { facts: facts.into_values().flatten().collect(), ..Known::nothing(task.due) };
            let rule = pack.duty(task.code.as_str()).unwrap().evaluator;
            let verdict = evaluate(&task.code, rule, task.window, minute(at), &known);
            judged.push((task, verdict));
        }
        store::verdicts::save(&mut tx, &judged).await.unwrap();
        tx.commit().await.unwrap();
    }
    fn board(&self) -> String {
        format!("/campaigns/{}/board", self.w.campaign)
    }
    fn cell(&self, number: u32) -> String {
        format!("/campaigns/{}/b/{number}/VFIX", self.w.campaign)
    }
}

#[tokio::test]
async fn the_board_opens_down_to_the_fact() {
    let h = here().await;
    h.judged().await;
    let request = Request::builder().uri("/board").body(Body::empty()).unwrap();
    let start = h.t.send(Some(&h.above), request).await;
    assert_eq!(start.headers()[header::LOCATION], h.board());
    let (status, page) = h.t.get(Some(&h.above), &h.board()).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("<td class=p><a href=b/1/VFIX>88/143</a>"), "{page}");
    assert_eq!(page.matches("<tr id=r").count(), 3);
    assert!(page.contains("88/143</b>"), "machines stand in the strip");
    let (status, cell) = h.t.get(Some(&h.above), &h.cell(1)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(cell.contains("Minh chứng đã được chấp nhận") && cell.contains("Nộp minh chứng"), "{cell}");
    let (_, row) = h.t.get(Some(&h.above), &format!("/campaigns/{}/b/1", h.w.campaign)).await;
    assert!(row.contains("1/VFIX"), "{row}");
    let (_, filtered) = h.t.get(Some(&h.above), &format!("{}?s=p&sort=-VFIX", h.board())).await;
    assert_eq!(filtered.matches("<tr id=r").count(), 1);
}

#[tokio::test]
async fn a_large_board_comes_in_pages_and_leaves_nothing_out() {
    let t = TestApp::new().await;
    let w = issued(&t.db.db, &*t.ids, 230, &["VFIX", "LEAD"], minute(0), minute(100)).await;
    let h = Here {
        above: t.user(Id::from_uuid(Uuid::from_u128(1)), &[(Role::Coordinator, w.root)]),
        own: t.user(Id::from_uuid(Uuid::from_u128(2)), &[(Role::Clerk, w.bodies[0])]),
        t,
        w,
    };
    let mut tx = h.t.db.db.begin_quiet(minute(1)).await.unwrap();
    // The last by name is the worst: it stands first on the first page.
    tx.run_for_test("update body set name = 'Ỷ', sort_key = 'zzz' where id = $1", args![h.w.bodies[7]])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    judged_as(&h, h.w.tasks[7][0], State::NotMet, 2).await;
    let get = async |query: &str| h.t.get(Some(&h.above), &format!("{}{query}", h.board())).await.1;
    let numbers = |page: &str| -> Vec<u32> {
        let rows = page.split("<tr id=r").skip(1);
        rows.map(|r| r.split('>').next().unwrap().parse().unwrap()).collect()
    };
    let first = get("?sort=").await;
    assert_eq!((numbers(&first).len(), numbers(&first)[0]), (100, 8));
    assert!(first.contains("Đơn vị 1–100 trên 230") && first.contains("230 trên 230"), "{first}");
    assert!(first.contains("rel=\"next\" href=\"?page=2\">100 đơn vị") && !first.contains("rel=\"prev\""));
    assert!(first.contains("data-last=\"230\""));
    assert!(first.contains("<span>Chưa đạt</span><b id=\"n-not\">1</b>"), "figures are of all rows: {first}");
    let (second, third) = (get("?page=2").await, get("?page=3").await);
    assert!(!second.contains("id=r8>") && second.contains("id=\"n-not\">1</b>"));
    assert!(third.contains("Đơn vị 201–230 trên 230") && third.contains("rel=\"prev\" href=\"?page=2\""));
    assert!(second.contains("href=\"?page=3\">30 đơn vị") && !third.contains("rel=\"next\""));
    let mut seen = [numbers(&first), numbers(&second), numbers(&third)].concat();
    seen.sort_unstable();
    assert_eq!(seen, (1..=230).collect::<Vec<_>>(), "each body once");
    // An old link to a page that is no more opens the last one.
    for (odd, like) in [("?page=99", &third), ("?page=0", &first), ("?page=x", &first)] {
        assert_eq!(numbers(&get(odd).await), numbers(like), "{odd}");
    }
    // Order and filters are kept from page to page; all rows stay all rows.
    let sorted = get("?q=xa&sort=name&page=2").await;
    assert!(
        sorted.contains("href=\"?q=xa&amp;sort=name&amp;page=3\"")
            || sorted.contains("href=\"?q=xa&#38;sort=name&#38;page=3\""),
        "{sorted}"
    );
    assert!(sorted.contains("230 trên 230") && sorted.contains("Đơn vị 101–200 trên 230"), "{sorted}");
    let whole = get("?page=all").await;
    assert_eq!(numbers(&whole).len(), 230);
    assert!(!whole.contains("data-last") && whole.contains("name=\"page\" value=\"all\""));
    assert_eq!(numbers(&get("?wall=1").await).len(), 230);
    assert!(!get("?s=n").await.contains("class=\"pager\""), "what fits on a page has no pages");
    // Tables and programs get every row.
    let csv = h.t.get(Some(&h.above), &format!("{}.csv?page=2", h.board())).await.1;
    assert_eq!(csv.trim().lines().count(), 231);
    let api = h.t.get(Some(&h.above), &format!("/api/v1{}?page=2", h.board())).await.1;
    assert_eq!(serde_json::from_str::<Value>(&api).unwrap()["rows"].as_array().unwrap().len(), 230);
}

#[tokio::test]
async fn a_body_sees_its_own_row_and_a_stranger_nothing() {
    let h = here().await;
    let (_, page) = h.t.get(Some(&h.own), &h.board()).await;
    assert_eq!(page.matches("<tr id=r").count(), 1);
    assert!(!page.contains("Xã Số 1") && page.contains("Xã Số 0"));
    assert_eq!(h.t.get(Some(&h.own), &h.cell(1)).await.0, StatusCode::OK);
    let stranger =
        h.t.user(Id::from_uuid(Uuid::from_u128(3)), &[(Role::Head, Id::from_uuid(Uuid::from_u128(4)))]);
    for path in [h.board(), format!("{}.csv", h.board()), h.cell(1), format!("/api/v1{}", h.board())] {
        assert_eq!(h.t.get(Some(&stranger), &path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for number in [2, 3, 99] {
        assert_eq!(h.t.get(Some(&h.own), &h.cell(number)).await.0, StatusCode::NOT_FOUND);
    }
    let (_, empty) = h.t.get(Some(&stranger), "/board").await;
    assert!(empty.contains("class=\"empty\""), "{empty}");
}

#[tokio::test]
async fn a_name_that_is_a_formula_is_only_text_in_the_csv() {
    let h = here().await;
    let mut tx = h.t.db.db.begin_quiet(minute(1)).await.unwrap();
    tx.run_for_test("update body set name = '=cmd|calc' where id = $1", args![h.w.bodies[0]]).await.unwrap();
    tx.commit().await.unwrap();
    let (status, csv) = h.t.get(Some(&h.above), &format!("{}.csv", h.board())).await;
    assert_eq!(status, StatusCode::OK);
    assert!(csv.contains("'=cmd|calc") && !csv.contains("\n=cmd"), "{csv}");
    assert!(csv.contains("Chưa đến hạn"), "{csv}");
}

#[tokio::test]
async fn programs_get_the_same() {
    let h = here().await;
    h.judged().await;
    let get = async |path: &str| -> (StatusCode, Value) {
        let (status, text) = h.t.get(Some(&h.above), path).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let (_, board) = get(&format!("/api/v1{}?sort=name", h.board())).await;
    assert_eq!(
        board["rows"][0]["cells"][0],
        json!({"state": "partly", "handled": 88, "total": 143, "overdue": false})
    );
    assert_eq!(board["figures"]["bodies"], 3);
    let (_, evidence) = get(&format!("/api/v1{}/1/VFIX", h.board())).await;
    let because = &evidence[0]["because"][0];
    assert_eq!(because["sentence"], "evidence-accepted");
    let (status, one) = get(&format!("/api/v1/facts/{}", because["fact"].as_str().unwrap())).await;
    assert_eq!((status, one["kind"].as_str()), (StatusCode::OK, Some("evidence.accepted")));
    let subject = format!("/api/v1/facts?limit=1&subject=task:{}", h.w.tasks[0][0]);
    let (_, first) = get(&subject).await;
    let (_, second) = get(&format!("{subject}&cursor={}", first["cursor"].as_str().unwrap())).await;
    assert_eq!(first["items"][0]["kind"], "evidence.accepted");
    assert_eq!(second["items"][0]["kind"], "evidence.submitted");
    let (_, boards) = get("/api/v1/boards").await;
    assert_eq!(boards.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_changes_is_told_to_those_who_may_see_it() {
    let h = here().await;
    h.evaluate(1).await;
    let listen = async |user| {
        let path = format!("/events?topics=board&campaign={}", h.w.campaign);
        let response = h.t.send(Some(user), Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        response.into_body()
    };
    let (mut above, mut neighbour) = (
        listen(&h.above).await,
        listen(&h.t.user(Id::from_uuid(Uuid::from_u128(7)), &[(Role::Clerk, h.w.bodies[1])])).await,
    );
    h.judged().await;
    let mut heard = String::new();
    while !heard.contains("event: texts") {
        let frame =
            tokio::time::timeout(Duration::from_secs(10), above.frame()).await.unwrap().unwrap().unwrap();
        heard.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert!(heard.contains(r#"["r1","VFIX","p","88/143"]"#), "{heard}");
    assert!(heard.contains("\"n-machines\":\"88/143\"") && heard.contains("id: "), "{heard}");
    let mut other = String::new();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(Duration::from_secs(4), neighbour.frame()).await {
        other.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    assert!(!other.contains("r1") && !other.contains("88/143"), "{other}");
}

/// Reads a stream until it has said that.
async fn until(body: &mut Body, said: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(said) {
        let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await;
        heard.push_str(
            std::str::from_utf8(frame.expect(&heard).unwrap().unwrap().data_ref().unwrap()).unwrap(),
        );
    }
    heard
}

async fn met(h: &Here, task: Id<kind::Task>, at: i64) {
    judged_as(h, task, State::Met, at).await;
}

async fn judged_as(h: &Here, task: Id<kind::Task>, state: State, at: i64) {
    let db = &h.t.db.db;
    let loaded = store::verdicts::load(&mut db.read().await.unwrap(), &[task]).await.unwrap();
    let verdict = Verdict { state, handled: 2, all: 2, because: vec![], next_check: None };
    let mut tx = db.begin_quiet(minute(at)).await.unwrap();
    store::verdicts::save(&mut tx, &[(loaded[0].clone(), verdict)]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_new_row_and_what_was_passed_on_come_to_an_open_board() {
    let h = here().await;
    let (db, w) = (&h.t.db.db, &h.w);
    let below = issued(db, &*h.t.ids, 2, &["VFIX"], minute(0), minute(100)).await;
    let mut tx = db.begin_quiet(minute(1)).await.unwrap();
    for (sql, id) in [
        ("update campaign set parent_assignment = $1 where id = $2", below.campaign),
        ("update assignment set parent = $1 where campaign = $2", below.campaign),
    ] {
        tx.run_for_test(sql, args![w.assignments[0], id]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let user = h.t.user(
        Id::from_uuid(Uuid::from_u128(8)),
        &[(Role::Coordinator, w.root), (Role::Coordinator, below.root)],
    );
    let (_, page) = h.t.get(Some(&user), &h.board()).await;
    assert!(page.contains("<tr class=sum id=s1>") && page.contains("id=\"rows\" data-anew"), "{page}");
    assert!(!page.contains("<tr id=r4>"));
    let path = format!("/events?topics=board&campaign={}", w.campaign);
    let stream = |who| h.t.send(Some(who), Request::builder().uri(&path).body(Body::empty()).unwrap());
    let (mut seen, mut without) = (stream(&user).await.into_body(), stream(&h.above).await.into_body());

    met(&h, below.tasks[1][0], 2).await;
    let heard = until(&mut seen, "event: cells").await;
    assert!(heard.contains(r#"["s1","VFIX","d","1/2"]"#), "{heard}");

    // Assigned later, to a body the page has no row of.
    let (task, assignment) = (Id::new(&*h.t.ids), h.t.ids.next().to_string());
    let mut tx = db.begin_quiet(minute(3)).await.unwrap();
    tx.run_for_test(
        "insert into assignment (id, campaign, body, received_at) values ($1,$2,$3,$4)",
        args![&assignment, w.campaign, below.bodies[0], minute(3)],
    )
    .await
    .unwrap();
    tx.run_for_test(
        "insert into task (id, assignment, campaign, body, duty, code, due_at)
         select $1, $2, d.campaign, $3, d.id, d.code, d.due_at from campaign_duty d where d.campaign = $4 and d.code = 'VFIX'",
        args![task, &assignment, below.bodies[0], w.campaign],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    met(&h, task, 4).await;
    let heard = until(&mut seen, r#"["r4""#).await;
    assert!(heard.contains(r#"["r4","VFIX","m","2/2"]"#), "{heard}");
    let (_, page) = h.t.get(Some(&user), &h.board()).await;
    assert!(page.contains("<tr id=r4>"), "what the page fetches then has it");

    // Amended: rows and columns may have gone.
    let mut tx = db.begin_quiet(minute(5)).await.unwrap();
    tx.changed(Topic::Campaign, format!("campaign:{}", w.campaign), Some(w.root));
    tx.commit().await.unwrap();
    let heard = until(&mut seen, "event: anew").await;
    // Browsers pass over an event without a line of data.
    let told = heard.split("\n\n").filter(|event| event.contains("event: "));
    assert!(told.clone().all(|event| event.contains("\ndata: ")), "{heard}");
    // Whoever does not see those below heard nothing of them.
    let heard = until(&mut without, "event: anew").await;
    assert!(!heard.contains("s1") && !heard.contains("r4"), "{heard}");
}

#[tokio::test]
async fn one_person_cannot_hold_every_stream_open() {
    let h = here().await;
    let mut open = Vec::new();
    let person = h.t.user(Id::from_uuid(Uuid::from_u128(77)), &[(Role::Clerk, h.w.bodies[1])]);
    loop {
        let request = Request::builder().uri("/events?topics=task").body(Body::empty()).unwrap();
        let response = h.t.send(Some(&person), request).await;
        if response.status() != StatusCode::OK {
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            break;
        }
        open.push(response);
        assert!(open.len() < 50);
    }
    drop(open);
    let request = Request::builder().uri("/events?topics=task").body(Body::empty()).unwrap();
    assert_eq!(h.t.send(Some(&person), request).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_are_compressed_and_streams_are_not() {
    let h = here().await;
    let get = async |path: &str| {
        let request = Request::builder()
            .uri(path)
            .header(header::ACCEPT_ENCODING, "gzip, br")
            .body(Body::empty())
            .unwrap();
        h.t.send(Some(&h.above), request).await
    };
    assert_eq!(get(&h.board()).await.headers()[header::CONTENT_ENCODING], "br");
    assert!(!get("/events?topics=task").await.headers().contains_key(header::CONTENT_ENCODING));
    let token = |page: &str| {
        page.split("name=\"csrf\" content=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (one, two) = (h.t.get(Some(&h.above), "/search").await.1, h.t.get(Some(&h.above), "/search").await.1);
    assert_ne!(token(&one), token(&two), "the form token wears another mask on every page");
}

#[tokio::test]
async fn search_groups_what_it_finds_within_the_scope() {
    let h = here().await;
    let (status, page) = h.t.get(Some(&h.above), "/search?q=xa+so+2").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains(&format!("/register/bodies/{}", h.w.bodies[2])), "{page}");
    let (_, page) = h.t.get(Some(&h.own), "/search?q=xa+so+2").await;
    assert!(!page.contains("/register/bodies/"), "{page}");
}
