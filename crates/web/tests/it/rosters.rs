//! The duty roster's pages: a roster drawn with a gap is refused, closed, published, and somebody checks in.

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    right::Role,
    time,
};
use serde_json::{Value, json};
use store::{StoreError, args, testing::minute};
use web::{User, testing::TestApp};

use crate::{
    all_routes::samples,
    fixture::{Fixture, OURS},
};

mod bounded;
mod papers;

/// A post of ours with one of everything: ids of post, layer, override, swap, absence, hand-over, commitment, calendar.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 8] {
    let ids: [String; 8] = std::array::from_fn(|_| t.ids.next().to_string());
    let [post, layer, over, swap, absence, hand_over, commitment, calendar] = &ids;
    let far = minute(600_000);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        for (sql, args) in [
            ("insert into post (id, body, name, folded, sort_key, presence, needed, backup, check_in, created_at)
              values ($1,$2,'Vị trí Riêng Tư','x','x','on-site',1,false,'{\"at_start\":true,\"at_end\":true,\"every_minutes\":null,\"grace_minutes\":15}',0)", args![post, f.ours]),
            ("insert into roster_layer (id, post, content, at) values ($1,$2,'{}',0)", args![layer, post]),
            ("update roster_layer set retired_at = 1 where id = $1", args![layer]),
            ("insert into roster_override (id, post, line, from_at, to_at, people, why, at) values ($1,$2,'primary',0,$3,'[]','x',0)", args![over, post, far]),
            ("insert into swap (id, post, giver, taker, from_at, to_at, why, state, at) values ($1,$2,$3,$3,0,$4,'x','asked',0)", args![swap, post, f.person, far]),
            ("insert into absence (id, person, body, from_at, to_at, why, at) values ($1,$2,$3,0,$4,'x',0)", args![absence, f.person, f.ours, far]),
            ("insert into hand_over (id, post, giver, at, note, items) values ($1,$2,$3,0,'x','[]')", args![hand_over, post, f.person]),
            ("insert into commitment (id, provider, body, contract, people, licence, from_at, to_at, at) values ($1,$2,$2,'Hợp đồng Riêng Tư',1,'x',0,$3,0)", args![commitment, f.ours, far]),
            ("insert into calendar (id, person, digest, at) values ($1,$2,'x',0)", args![calendar, f.person]),
        ] {
            tx.run_for_test(sql, args).await?;
        }
        tx.record("test.roster", "test", None, &());
        Ok(())
    });
    made.unwrap();
    ids
}

/// What the roster's routes take, for the test of all routes.
pub fn sample(route: &str, f: &Fixture) -> Option<(&'static str, String)> {
    let span = ("2027-02-01T00:00:00Z", "2027-02-02T00:00:00Z");
    let json = |value: Value| Some(samples::json(value));
    match route {
        "POST /api/v1/posts" | "PUT /api/v1/posts/{id}" => {
            json(json!({"body": f.ours, "name": "x", "presence": "on-site", "version": 1}))
        }
        "POST /api/v1/posts/{id}/layers" | "PUT /api/v1/posts/{id}/layers/{layer}" => json(json!({
            "name": "x", "first": "2027-02-01", "cycle_days": 1, "crews": [[f.person]],
            "slots": [{"day": 0, "minute": 0, "minutes": 1440, "crew": 0}],
        })),
        "POST /api/v1/posts/{id}/publications" => json(json!({"from": span.0, "to": span.1})),
        "POST /api/v1/posts/{id}/overrides" => {
            json(json!({"from": span.0, "to": span.1, "people": [f.person], "why": "x"}))
        }
        "POST /api/v1/posts/{id}/swaps" => {
            json(json!({"giver": f.person, "taker": f.asker, "from": span.0, "to": span.1, "why": "x"}))
        }
        "POST /api/v1/posts/{id}/absences" => {
            json(json!({"person": f.person, "from": span.0, "to": span.1, "why": "x"}))
        }
        "POST /roster/commitments/new" | "POST /roster/commitments/{id}/edit" => {
            let ours = f.ours.to_string();
            Some(samples::form(&[
                ("provider", &ours),
                ("body", &ours),
                ("contract", "x"),
                ("people", "1"),
                ("from", "2027-02-01T00:00"),
                ("to", "2027-02-02T00:00"),
            ]))
        }
        "POST /api/v1/calendars" => json(json!({})),
        "POST /api/v1/swaps/{id}/agree" | "POST /api/v1/swaps/{id}/decide" => json(json!({"yes": true})),
        "POST /api/v1/commitments" => json(json!({
            "provider": f.ours, "body": f.ours, "contract": "x", "people": 1, "from": span.0, "to": span.1,
        })),
        _ => None,
    }
}

struct Story {
    t: TestApp,
    f: Fixture,
    planner: Arc<User>,
    head: Arc<User>,
}

impl Story {
    async fn new() -> Self {
        let t = TestApp::new().await;
        let f = Fixture::new(&t).await;
        let planner = t.user(f.person, &[(Role::Coordinator, f.ours)]);
        let head = t.user(f.asker, &[(Role::Head, f.ours)]);
        Self { t, f, planner, head }
    }
    async fn post(
        &self,
        who: &Arc<User>,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (StatusCode, String, String) {
        let response = self.t.post(Some(who), path, fields).await;
        let to = response.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned());
        let (status, text) = TestApp::read(response).await;
        (status, to.unwrap_or_default(), text)
    }
    async fn page(&self, who: &Arc<User>, path: &str) -> String {
        let (status, text) = self.t.get(Some(who), path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }
    /// A post made on the page; its id.
    async fn make(&self) -> Id<kind::Post> {
        let body = self.f.ours.to_string();
        let fields = [
            ("body", body.as_str()),
            ("name", "Trực trung tâm"),
            ("presence", "on-site"),
            ("needed", "1"),
            ("at_start", "1"),
            ("at_end", "1"),
            ("grace", "15"),
        ];
        let (status, ..) = self.post(&self.planner, "/roster/posts/new", &fields).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let mut sql = self.t.app.db.read().await.unwrap();
        let all = store::rosters::list(&mut sql, &self.planner.scope, None, false).await.unwrap();
        all[0].post.id
    }
    async fn layer(&self, id: Id<kind::Post>, start: &str, end: &str) -> (StatusCode, String) {
        let (person, first) = (self.f.person.to_string(), time::date(minute(0)).to_string());
        let fields = [
            ("name", "Ca"),
            ("pattern", "daily"),
            ("every", "1"),
            ("start", start),
            ("end", end),
            ("first", first.as_str()),
            ("a", person.as_str()),
            ("b", ""),
            ("c", ""),
        ];
        let (status, _, text) =
            self.post(&self.planner, &format!("/roster/posts/{id}/layers"), &fields).await;
        (status, text)
    }
}

/// A form's local time of a minute of the test's clock.
fn at(n: i64) -> String {
    time::local(minute(n)).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[tokio::test]
async fn a_gap_is_refused_by_name_and_what_is_published_is_watched() {
    let s = Story::new().await;
    let id = s.make().await;
    let (status, text) = s.layer(id, "7 giờ", "07:00").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("viết như 07:00") && text.contains("value=\"7 giờ\""), "typed text is kept");
    assert_eq!(s.layer(id, "00:00", "12:00").await.0, StatusCode::SEE_OTHER);

    let (from, to) = (at(0), at(3 * 24 * 60));
    let window = [("from", from.as_str()), ("to", to.as_str())];
    let publish = format!("/roster/posts/{id}/publish");
    let (status, _, text) = s.post(&s.planner, &publish, &window).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("chưa công bố được") && text.contains("có 0/1 người"), "{text}");
    assert!(!text.contains("name=\"why\""), "a coordinator is not offered what only the head may");
    assert!(
        s.page(&s.head, &format!("/roster/posts/{id}/plan?from={from}&to={to}"))
            .await
            .contains("name=\"why\"")
    );

    assert_eq!(s.layer(id, "12:00", "00:00").await.0, StatusCode::SEE_OTHER);
    let (status, to_page, text) = s.post(&s.planner, &publish, &window).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
    assert!(to_page.starts_with(&format!("/roster/posts/{id}")));
    let text = s.page(&s.planner, &to_page).await;
    assert!(text.contains("Trần Văn Riêng Tư") && !text.contains("class=\"gap\""));

    let text = s.page(&s.planner, "/roster").await;
    assert!(text.contains("Trần Văn Riêng Tư") && text.contains("chưa điểm danh ca này"), "{text}");
    let (status, ..) = s.post(&s.planner, &format!("/roster/posts/{id}/check-in"), &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let text = s.page(&s.planner, "/roster").await;
    assert!(!text.contains("chưa điểm danh ca này"));
    assert!(s.page(&s.planner, "/roster/mine").await.contains("Trực trung tâm"));
}

#[tokio::test]
async fn what_is_wrong_with_a_post_is_said_and_what_was_typed_stays() {
    let s = Story::new().await;
    let body = s.f.ours.to_string();
    let fields = [
        ("body", body.as_str()),
        ("name", "Trực đêm"),
        ("presence", "covered"),
        ("needed", "1"),
        ("grace", "15"),
    ];
    let (status, _, text) = s.post(&s.planner, "/roster/posts/new", &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("Hãy chọn vị trí trực thay") && text.contains("value=\"Trực đêm\""), "{text}");
}

#[tokio::test]
async fn every_tab_of_a_post_opens_and_the_list_is_a_file_too() {
    let s = Story::new().await;
    let id = s.make().await;
    for end in ["", "/plan", "/changes", "/history", "/edit", "?days=1", "?days=7&from=2027-02-01"] {
        s.page(&s.planner, &format!("/roster/posts/{id}{end}")).await;
    }
    assert!(s.page(&s.planner, "/roster/posts.csv").await.contains("Trực trung tâm"));
    assert!(s.page(&s.planner, "/roster/card").await.contains("Trực trung tâm"));
    let text = s.page(&s.planner, "/roster").await;
    assert!(text.contains("Không có ai trực"), "a post without a roster is a gap");
    assert!(text.contains("awakechip burn") || s.planner.body.is_none(), "and the frame says so");
}

async fn api(s: &Story, who: &Arc<User>, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    s.t.api(Some(who), method, path, body).await
}

#[tokio::test]
async fn a_program_draws_publishes_and_watches_a_roster() {
    let s = Story::new().await;
    let (planner, person) = (s.planner.clone(), s.f.person);
    let new = json!({"body": s.f.ours, "name": "Trực máy", "presence": "on-site"});
    let (status, made) = api(&s, &planner, Method::POST, "/api/v1/posts", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let at = format!("/api/v1/posts/{}", made["id"].as_str().unwrap());
    let (_, post) = api(&s, &planner, Method::GET, &at, &Value::Null).await;
    assert_eq!((&post["name"], &post["check_in"]["at_start"]), (&json!("Trực máy"), &json!(true)));

    // Half of each day is missing: refused, with the reason of each gap.
    let layer = |from: u32| {
        json!({
            "name": "Ca", "first": time::date(minute(0)).to_string(), "cycle_days": 1, "crews": [[person]],
            "slots": [{"day": 0, "minute": from, "minutes": 720, "crew": 0}],
        })
    };
    let (status, text) = api(
        &s,
        &planner,
        Method::POST,
        &format!("{at}/layers"),
        &json!({"name": "x", "first": "2027-01-01", "cycle_days": 1, "crews": [["nobody"]], "slots": []}),
    )
    .await;
    assert_eq!((status, &text["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("crews")));
    let (status, text) = api(&s, &planner, Method::POST, &format!("{at}/layers"), &layer(0)).await;
    assert_eq!(status, StatusCode::CREATED, "{text}");
    let window = json!({"from": minute(0).to_string(), "to": minute(2 * 24 * 60).to_string()});
    let publications = format!("{at}/publications");
    let (status, refused) = api(&s, &planner, Method::POST, &publications, &window).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["type"], "/problems/roster-gap");
    let gap = &refused["troubles"][0];
    assert_eq!((&gap["kind"], &gap["forbids"]), (&json!("gap"), &json!(true)));
    assert!(gap["from"].is_string() && gap["text"].as_str().unwrap().contains("0/1"), "{gap}");
    let span = format!("from={}&to={}", minute(0), minute(2 * 24 * 60));
    let (_, draft) = api(&s, &planner, Method::GET, &format!("{at}/draft?{span}"), &Value::Null).await;
    assert_eq!(draft["troubles"], refused["troubles"], "the draft says the same");

    assert_eq!(
        api(&s, &planner, Method::POST, &format!("{at}/layers"), &layer(720)).await.0,
        StatusCode::CREATED
    );
    let (status, text) = api(&s, &planner, Method::POST, &publications, &window).await;
    assert_eq!(status, StatusCode::CREATED, "{text}");
    let (_, now) = api(&s, &planner, Method::GET, &format!("{at}/shifts"), &Value::Null).await;
    assert_eq!(now.as_array().unwrap().len(), 1, "{now}");
    assert_eq!((&now[0]["person"], &now[0]["by"]), (&json!(person), &json!("layer")));
    let (_, all) = api(&s, &planner, Method::GET, &format!("{at}/shifts?{span}"), &Value::Null).await;
    assert!(all.as_array().unwrap().len() >= 4, "{all}");
    let (_, mine) = api(&s, &planner, Method::GET, &format!("/api/v1/my-shifts?{span}"), &Value::Null).await;
    assert_eq!(mine, all);

    let (_, awake) = api(&s, &planner, Method::GET, "/api/v1/awake", &Value::Null).await;
    assert_eq!((&awake[0]["held"], &awake[0]["people"][0]["checked_in"]), (&json!(true), &Value::Null));
    let (status, done) = api(&s, &planner, Method::POST, &format!("{at}/check-ins"), &json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{done}");
    let (_, awake) = api(&s, &planner, Method::GET, "/api/v1/awake", &Value::Null).await;
    assert!(awake[0]["people"][0]["checked_in"].is_string(), "{awake}");
    let over = json!({"note": "yên tĩnh", "items": ["theo dõi web01"]});
    let (status, made) = api(&s, &planner, Method::POST, &format!("{at}/hand-overs"), &over).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (_, over) = api(&s, &planner, Method::GET, &format!("{at}/hand-overs"), &Value::Null).await;
    assert_eq!(over[0]["items"], json!(["theo dõi web01"]));
}

#[tokio::test]
async fn a_neighbours_program_learns_nothing_of_a_roster() {
    let s = Story::new().await;
    let id = s.make().await;
    let other = s.f.everything(&s.t, s.f.neighbour);
    for path in ["posts", "awake", "commitments"] {
        let (status, all) = api(&s, &other, Method::GET, &format!("/api/v1/{path}"), &Value::Null).await;
        assert_eq!((status, all), (StatusCode::OK, json!([])), "{path}");
    }
    for path in ["", "/draft", "/shifts", "/layers", "/overrides", "/swaps", "/absences", "/missed"] {
        let path = format!("/api/v1/posts/{id}{path}");
        let (status, text) = api(&s, &other, Method::GET, &path, &Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!text.to_string().contains(OURS));
    }
}
