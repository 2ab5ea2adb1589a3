use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use domain::{
    actor::{Actor, Scope},
    body::BodyKind,
    id::{Id, kind},
    right::Role,
};
use serde_json::{Value, json};
use store::{
    StoreError,
    register::{self, Founding, bodies},
    testing::minute,
};
use web::{User, testing::TestApp};

struct World {
    t: TestApp,
    root: Id<kind::Body>,
    health: Id<kind::Body>,
    schools: Id<kind::Body>,
    admin_id: Id<kind::Person>,
    admin: Arc<User>,
    stranger: Arc<User>,
}

async fn world() -> World {
    let t = TestApp::new().await;
    let ids = &*t.ids;
    let founding = Founding {
        root: Id::new(ids),
        name: "UBND tỉnh Sông Trà".into(),
        kind: BodyKind::Lead,
        code: Some("H99".into()),
        person: Id::new(ids),
        person_name: "Nguyễn Văn An".into(),
        grant: Id::new(ids),
    };
    let (health, schools) = (Id::new(ids), Id::new(ids));
    let done: Result<(), StoreError> = store::write!(t.db.db, Actor::System, minute(0), tx => {
        register::found(tx, &founding).await?;
        for (id, name) in [(health, "Sở Y tế"), (schools, "Sở Giáo dục và Đào tạo")] {
            let new = bodies::NewBody { id, parent: Some(founding.root), kind: BodyKind::Department, name: name.into(), code: None, from: None, aliases: vec![] };
            bodies::create(tx, &Scope::system(), &new).await?;
        }
        Ok(())
    });
    done.unwrap();
    let admin = t.user(founding.person, &[(Role::Administrator, founding.root), (Role::Head, founding.root)]);
    let stranger = t.user(Id::new(ids), &[(Role::Administrator, health)]);
    World { root: founding.root, health, schools, admin_id: founding.person, admin, stranger, t }
}

fn place(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// A multipart form with text fields and at most one file.
async fn upload(
    w: &World,
    user: &Arc<User>,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<&[u8]>,
) -> (StatusCode, String, Option<String>) {
    let mut body = Vec::new();
    for (name, value) in [("csrf", &*user.csrf)].iter().chain(fields) {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    if let Some(file) = file {
        body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n");
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header(header::ORIGIN, "http://localhost")
        .header(header::HOST, "localhost")
        .body(Body::from(body))
        .unwrap();
    let response = w.t.send(Some(user), request).await;
    let to = response.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned());
    let (status, text) = TestApp::read(response).await;
    (status, text, to)
}

#[tokio::test]
async fn a_body_is_made_changed_and_found_and_bad_input_comes_back_as_typed() {
    let w = world().await;
    let (status, tree) = w.t.get(Some(&w.admin), "/register").await;
    assert_eq!(status, StatusCode::OK);
    assert!(tree.contains("Sở Y tế") && tree.contains("<ul class=\"tree\">"), "{tree}");
    let new = format!("/register/bodies/{}/new", w.health);
    let bad =
        w.t.post(
            Some(&w.admin),
            &new,
            &[("name", "Bệnh viện <b>Đa khoa"), ("kind", "hospital"), ("from", "mai")],
        )
        .await;
    let (status, page) = TestApp::read(bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Bệnh viện &#60;b&#62;Đa khoa") && page.contains("id=\"from-e\""), "{page}");
    let made =
        w.t.post(
            Some(&w.admin),
            &new,
            &[("name", "Bệnh viện Đa khoa"), ("kind", "hospital"), ("aliases", "BVĐK\nĐa khoa tỉnh")],
        )
        .await;
    let at = place(&made);
    let twin = w.t.post(Some(&w.admin), &new, &[("name", "Bệnh viện Đa khoa"), ("kind", "hospital")]).await;
    let (status, page) = TestApp::read(twin).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("name-e"), "{page}");
    let (_, found) = w.t.get(Some(&w.admin), "/register?q=bvdk").await;
    assert!(found.contains("Bệnh viện Đa khoa"), "{found}");
    let (_, form) = w.t.get(Some(&w.admin), &format!("{at}/edit")).await;
    assert!(form.contains("BVĐK\nĐa khoa tỉnh"), "{form}");
    let edit =
        [("name", "Bệnh viện Trung tâm"), ("kind", "hospital"), ("from", "2026-03-01"), ("aliases", "BVĐK")];
    assert_eq!(place(&w.t.post(Some(&w.admin), &format!("{at}/edit"), &edit).await), at);
    assert_eq!(
        place(
            &w.t.post(
                Some(&w.admin),
                &format!("{at}/edit"),
                &[("name", "Bệnh viện Trung tâm"), ("kind", "hospital"), ("aliases", "BVĐK")]
            )
            .await
        ),
        at
    );
    let (_, page) = w.t.get(Some(&w.admin), &at).await;
    assert!(page.contains("đến 28/02/2026") && page.contains("từ 01/03/2026"), "{page}");
    let moved = w.t.post(Some(&w.admin), &format!("{at}/move"), &[("parent", &w.schools.to_string())]).await;
    assert_eq!(place(&moved), at);
    let cycle =
        w.t.post(
            Some(&w.admin),
            &format!("/register/bodies/{}/move", w.schools),
            &[("parent", at.rsplit('/').next().unwrap())],
        )
        .await;
    assert_eq!(cycle.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let successor =
        [("function", "security"), ("successor", &*w.schools.to_string()), ("since", "2025-07-01")];
    place(&w.t.post(Some(&w.admin), &format!("{at}/successors"), &successor).await);
    let (_, page) = w.t.get(Some(&w.admin), &at).await;
    assert!(page.contains("An ninh mạng →"), "{page}");
    place(
        &w.t.post(
            Some(&w.admin),
            &format!("{at}/successors/remove"),
            &[("function", "security"), ("since", "2025-07-01")],
        )
        .await,
    );
    place(&w.t.post(Some(&w.admin), &format!("{at}/close"), &[]).await);
    place(&w.t.post(Some(&w.admin), &format!("{at}/reopen"), &[]).await);
}

#[tokio::test]
async fn a_stranger_sees_and_changes_nothing() {
    let w = world().await;
    let body = format!("/register/bodies/{}", w.schools);
    for path in [
        body.clone(),
        format!("{body}/edit"),
        format!("{body}/new"),
        format!("/register/people/{}", w.admin_id),
        format!("/register/export/bodies?top={}", w.schools),
    ] {
        assert_eq!(w.t.get(Some(&w.stranger), &path).await.0, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(w.t.get(None, &path).await.0, StatusCode::SEE_OTHER, "{path}");
    }
    for (path, fields) in [
        (format!("{body}/new"), vec![("name", "X"), ("kind", "school")]),
        (format!("{body}/close"), vec![]),
        (format!("/register/people/{}/channels", w.admin_id), vec![("kind", "email"), ("address", "a@b.vn")]),
        (format!("/register/people/{}/edit", w.admin_id), vec![("name", "X"), ("lang", "vi")]),
    ] {
        assert_eq!(
            w.t.post(Some(&w.stranger), &path, &fields).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let (_, tree) = w.t.get(Some(&w.stranger), "/register").await;
    assert!(tree.contains("Sở Y tế") && !tree.contains("Sở Giáo dục"), "{tree}");
    let (status, _, _) = upload(
        &w,
        &w.stranger,
        "/register/import/bodies/apply",
        &[("top", &w.root.to_string()), ("rows", r#"[[1,["Tên","Loại"]],[2,["X","Xã"]]]"#)],
        None,
    )
    .await;
    assert_eq!(status, StatusCode::OK); // the page again, saying why
    let mut sql = w.t.db.db.read().await.unwrap();
    assert_eq!(bodies::tree(&mut sql, &Scope::system()).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_person_is_reached_after_the_code_came_back() {
    let w = world().await;
    let fields =
        [("name", "Trần Thị Bình"), ("lang", "vi"), ("body", &*w.health.to_string()), ("contact", "1")];
    let at = place(&w.t.post(Some(&w.admin), "/register/people/new", &fields).await);
    let id: Id<kind::Person> = at.rsplit('/').next().unwrap().parse().unwrap();
    let bad =
        w.t.post(Some(&w.admin), &format!("{at}/channels"), &[("kind", "email"), ("address", "binh(at)x")])
            .await;
    let (status, page) = TestApp::read(bad).await;
    assert!(
        status == StatusCode::UNPROCESSABLE_ENTITY
            && page.contains("address-e")
            && page.contains("binh(at)x"),
        "{page}"
    );
    let me = w.t.user(id, &[(Role::Clerk, w.health)]);
    place(
        &w.t.post(Some(&me), &format!("{at}/channels"), &[("kind", "email"), ("address", "Binh@yte.gov.vn")])
            .await,
    );
    let claimed = store::intents::claim(&w.t.db.db, minute(0)).await.unwrap().unwrap();
    assert_eq!((claimed.intent.template.as_str(), claimed.channel.as_str()), ("channel-code", "email"));
    assert!(matches!(claimed.intent.to, domain::intent::To::Channel(_)));
    let code = claimed.intent.vars["code"].clone();
    let (_, page) = w.t.get(Some(&me), &at).await;
    let channel = page.split("/channels/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let verify = |code: String| {
        let (w, me, at, channel) = (&w, &me, &at, &channel);
        async move { w.t.post(Some(me), &format!("{at}/channels/{channel}/verify"), &[("code", &code)]).await }
    };
    let wrong = if code == "000000" { "000001" } else { "000000" };
    place(&verify(wrong.into()).await);
    assert!(w.t.get(Some(&me), &at).await.1.contains("Chưa xác minh"));
    place(
        &verify({
            let (first, rest) = code.split_at(3);
            format!("{first} {rest}")
        })
        .await,
    );
    assert!(!w.t.get(Some(&me), &at).await.1.contains("Chưa xác minh"));
    let (_, page) = w.t.get(Some(&w.admin), &format!("/register/bodies/{}", w.health)).await;
    assert!(page.contains("<span class=\"st p\">1/2</span>"), "{page}");
    place(
        &w.t.post(Some(&me), &format!("{at}/channels"), &[("kind", "phone"), ("address", "0912345678")])
            .await,
    );
    let (_, page) = w.t.get(Some(&w.admin), &at).await;
    let phone = page
        .split("/channels/")
        .find(|p| p.contains("/attest"))
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(
        w.t.post(Some(&me), &format!("{at}/channels/{phone}/attest"), &[]).await.status(),
        StatusCode::NOT_FOUND
    );
    place(&w.t.post(Some(&w.admin), &format!("{at}/channels/{phone}/attest"), &[]).await);
    let (_, page) = w.t.get(Some(&w.admin), &format!("/register/bodies/{}", w.health)).await;
    assert!(page.contains("<span class=\"st m\">2/2</span>"), "{page}");
    // Roles and delegation.
    place(
        &w.t.post(
            Some(&w.admin),
            &format!("{at}/grants"),
            &[("role", "clerk"), ("grant_body", &w.health.to_string())],
        )
        .await,
    );
    let endless =
        w.t.post(
            Some(&w.admin),
            &format!("{at}/delegate"),
            &[("delegated_role", "administrator"), ("delegated_body", &w.root.to_string())],
        )
        .await;
    let (status, page) = TestApp::read(endless).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("delegated_until-e"), "{page}");
    place(
        &w.t.post(
            Some(&w.admin),
            &format!("{at}/delegate"),
            &[
                ("delegated_role", "administrator"),
                ("delegated_body", &w.root.to_string()),
                ("delegated_until", "2027-02-12"),
            ],
        )
        .await,
    );
    let (_, own) = w.t.get(Some(&w.admin), &format!("/register/people/{}", w.admin_id)).await;
    assert!(own.contains("Trần Thị Bình") && own.contains("đến 13/02/2027 00:00"), "{own}");
}

#[tokio::test]
async fn a_system_with_its_hosts() {
    let w = world().await;
    let fields = [
        ("name", "Cổng dịch vụ công"),
        ("body", &*w.health.to_string()),
        ("operator", &*w.schools.to_string()),
        ("level", "3"),
        ("important", "1"),
        ("note", "n"),
    ];
    let at = place(&w.t.post(Some(&w.admin), "/register/systems/new", &fields).await);
    place(&w.t.post(Some(&w.admin), &format!("{at}/hosts"), &[("hosts", "web01 10.0.0.5")]).await);
    let (_, page) = w.t.get(Some(&w.admin), &at).await;
    assert!(page.contains("web01") && page.contains("Cấp độ 3") && page.contains("Sở Giáo dục"), "{page}");
    let (status, form) = w.t.get(Some(&w.admin), &format!("{at}/edit")).await;
    assert!(
        status == StatusCode::OK && form.contains("value=\"important\" checked")
            || form.contains("name=\"important\" value=\"1\" checked"),
        "{form}"
    );
    let bad =
        w.t.post(
            Some(&w.admin),
            &format!("{at}/edit"),
            &[("name", ""), ("body", &w.health.to_string()), ("level", "9")],
        )
        .await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(place(&w.t.post(Some(&w.admin), &format!("{at}/close"), &[]).await), at);
    let (_, list) = w.t.get(Some(&w.admin), "/register/systems?level=3&flag=important&closed=1").await;
    assert!(list.contains("Cổng dịch vụ công"), "{list}");
}

#[tokio::test]
async fn a_table_is_taken_in_and_comes_out() {
    let w = world().await;
    let (status, form) = w.t.get(Some(&w.admin), &format!("/register/import/people?top={}", w.health)).await;
    assert!(status == StatusCode::OK && form.contains("Họ và tên"), "{form}");
    let top = w.root.to_string();
    let rows = r#"[[1,["Tên đơn vị","Loại","Cấp trên"]],[2,["=Xã Hòa Lộc","Xã",""]],[3,["Xã Hai","thôn","Sở Y tế"]]]"#;
    let (_, page, _) =
        upload(&w, &w.admin, "/register/import/bodies/apply", &[("top", &top), ("rows", rows)], None).await;
    assert!(page.contains("thôn") && page.contains("Không có loại đơn vị này"), "{page}");
    let rows = rows.replace("thôn", "Xã");
    let (status, _, to) =
        upload(&w, &w.admin, "/register/import/bodies/apply", &[("top", &top), ("rows", &rows)], None).await;
    assert_eq!((status, to.as_deref()), (StatusCode::SEE_OTHER, Some("/register")));
    let (status, _, _) =
        upload(&w, &w.admin, "/register/import/bodies/apply", &[("top", &top), ("rows", &rows)], None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, csv) = w.t.get(Some(&w.admin), "/register/export/bodies?format=csv").await;
    assert!(csv.contains("'=Xã Hòa Lộc,,Xã,UBND tỉnh Sông Trà,H99"), "{csv}");
    let (status, _) = w.t.get(Some(&w.admin), "/register/export/people?format=xlsx").await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = w.t.get(Some(&w.admin), "/register/export/secrets").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_tree_of_a_thousand_bodies_is_quick() {
    let w = world().await;
    let top = w.root.to_string();
    let mut rows = vec![json!([1, ["Tên", "Loại"]])];
    rows.extend((2..1002).map(|n| json!([n, [format!("Xã số {n}"), "Xã"]])));
    let rows = Value::from(rows).to_string();
    let (status, _, _) =
        upload(&w, &w.admin, "/register/import/bodies/apply", &[("top", &top), ("rows", &rows)], None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, page) = w.t.get(Some(&w.admin), "/register").await;
    assert!(status == StatusCode::OK && page.contains("Xã số 1001"));
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let w = world().await;
    let admin = Some(&w.admin);
    let new =
        json!({"parent": w.health, "kind": "hospital", "name": "Bệnh viện Đa khoa", "from": "2020-01-01"});
    let (status, made) = w.t.api(admin, Method::POST, "/api/v1/bodies", &new).await;
    assert_eq!((status, made["kind"].as_str()), (StatusCode::CREATED, Some("hospital")));
    let (status, problem) = w.t.api(admin, Method::POST, "/api/v1/bodies", &new).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/body-name-taken"))
    );
    let at = format!("/api/v1/bodies/{}", made["id"].as_str().unwrap());
    let change = json!({"kind": "hospital", "name": "Bệnh viện Trung tâm", "renamed_on": "2026-01-01"});
    let (status, detail) = w.t.api(admin, Method::PUT, &at, &change).await;
    assert_eq!((status, detail["names"].as_array().unwrap().len()), (StatusCode::OK, 2));
    let (_, first) = w.t.api(admin, Method::GET, "/api/v1/bodies?limit=2", &Value::Null).await;
    let rest = format!("/api/v1/bodies?limit=2&after={}", first["next"].as_str().unwrap());
    let (_, second) = w.t.api(admin, Method::GET, &rest, &Value::Null).await;
    assert_eq!((second["items"].as_array().unwrap().len(), second["next"].as_str()), (2, None));
    let (_, theirs) = w.t.api(Some(&w.stranger), Method::GET, &rest, &Value::Null).await;
    assert_eq!(
        (theirs["items"].as_array().unwrap().len(), &theirs["items"][0]["name"]),
        (1, &json!("Sở Y tế"))
    );
    let person = json!({"name": "Lê Hoa", "memberships": [{"body": w.health, "contact": true}]});
    let (status, person) = w.t.api(admin, Method::POST, "/api/v1/people", &person).await;
    assert_eq!((status, person["lang"].as_str()), (StatusCode::CREATED, Some("vi")));
    let of = format!("/api/v1/people/{}", person["id"].as_str().unwrap());
    let channel = json!({"kind": "phone", "address": "0912 345 678"});
    let (status, channel) = w.t.api(admin, Method::POST, &format!("{of}/channels"), &channel).await;
    assert_eq!(status, StatusCode::CREATED);
    let channel = format!("/api/v1/channels/{}", channel["id"].as_str().unwrap());
    assert_eq!(
        w.t.api(admin, Method::POST, &format!("{channel}/code"), &Value::Null).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        w.t.api(admin, Method::POST, &format!("{channel}/attest"), &Value::Null).await.0,
        StatusCode::NO_CONTENT
    );
    let grant = json!({"role": "clerk", "body": w.health});
    let (_, grant) = w.t.api(admin, Method::POST, &format!("{of}/grants"), &grant).await;
    let (_, detail) = w.t.api(admin, Method::GET, &of, &Value::Null).await;
    assert_eq!(
        (detail["channels"][0]["address"].as_str(), detail["grants"][0]["role"].as_str()),
        (Some("+84912345678"), Some("clerk"))
    );
    let grant = format!("/api/v1/grants/{}", grant["id"].as_str().unwrap());
    assert_eq!(
        w.t.api(Some(&w.stranger), Method::DELETE, &channel, &Value::Null).await.0,
        StatusCode::NO_CONTENT,
        "theirs too: health"
    );
    assert_eq!(w.t.api(admin, Method::DELETE, &grant, &Value::Null).await.0, StatusCode::NO_CONTENT);
    let system = json!({"body": w.schools, "name": "LMS", "level": 2, "personal_data": true});
    let (status, system) = w.t.api(admin, Method::POST, "/api/v1/systems", &system).await;
    assert_eq!((status, system["level"].as_u64()), (StatusCode::CREATED, Some(2)));
    let at = format!("/api/v1/systems/{}", system["id"].as_str().unwrap());
    assert_eq!(
        w.t.api(admin, Method::POST, &format!("{at}/hosts"), &json!({"names": ["web01"]})).await.0,
        StatusCode::CREATED
    );
    assert_eq!(w.t.api(Some(&w.stranger), Method::GET, &at, &Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        w.t.api(admin, Method::GET, &at, &Value::Null).await.1["host_list"][0]["names"],
        json!(["web01"])
    );
    let document = serde_json::to_value(web::openapi::openapi()).unwrap();
    assert!(
        document["paths"]["/api/v1/bodies"]["post"].is_object()
            && document["components"]["schemas"]["BodyNew"].is_object()
    );
}
