//! How people and bodies are reached, over HTTP: a chat, a browser, webhooks, and what channels call back with.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    actor::{Actor, Scope},
    id::Id,
    intent::To,
    right::Role,
};
use store::{
    StoreError, kept,
    register::webhooks,
    sign_in::InstanceKey,
    testing::{TestSecrets, minute},
};
use web::testing::TestApp;

use crate::fixture::{Fixture, OURS};

/// A webhook of our body.
pub async fn webhook(t: &TestApp, f: &Fixture) -> String {
    let (key, secrets) = (InstanceKey::new([9; 32]), TestSecrets::default());
    let new = webhooks::NewWebhook {
        id: Id::new(&*t.ids),
        body: f.ours,
        name: OURS.into(),
        url: "https://soc.example/in".into(),
        shape: domain::webhook::Shape::Canh,
        details: false,
    };
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        webhooks::create(tx, &Scope::system(), &key, &secrets, &new, "whsec_x").await
    });
    made.unwrap();
    new.id.to_string()
}

#[tokio::test]
async fn a_chat_gets_a_long_code_and_a_typed_one_is_not_taken() {
    let (t, f) = ground().await;
    let me = t.user(f.person, &[(Role::Clerk, f.ours)]);
    let at = format!("/register/people/{}", f.person);
    let made =
        t.post(Some(&me), &format!("{at}/channels"), &[("kind", "telegram"), ("address", "@truc_ban")]).await;
    let (status, page) = TestApp::read(made).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let code = page.split("https://t.me/canh_bot?start=").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(code.len(), 20);
    assert!(page.contains(&format!("/start {code}")));
    assert!(
        store::intents::claim(&t.db.db, minute(0)).await.unwrap().is_none(),
        "nothing is sent: the chat sends"
    );
    let (_, page) = t.get(Some(&me), &at).await;
    let named = |part: &str| {
        let (id, rest) = part.split_at_checked(36)?;
        rest.starts_with("/link").then(|| id.to_owned())
    };
    let channel = page.split("/channels/").find_map(named).unwrap();
    let typed = t.post(Some(&me), &format!("{at}/channels/{channel}/verify"), &[("code", code)]).await;
    assert_eq!(typed.status(), StatusCode::SEE_OTHER);
    let (_, page) = t.get(Some(&me), &at).await;
    assert!(!page.contains("class=\"st m\""), "{page}");
}

#[tokio::test]
async fn a_browser_subscribes_and_gets_its_code() {
    let (t, f) = ground().await;
    let me = t.user(f.person, &[(Role::Clerk, f.ours)]);
    let at = format!("/register/people/{}", f.person);
    let (_, page) = t.get(Some(&me), &at).await;
    assert!(page.contains("data-push=\"BKey\""));
    let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let fields = [
        ("endpoint", "https://push.example/x"),
        ("p256dh", key),
        ("auth", "BTBZMqHH6r4Tts7J_aSIgg"),
        ("device", "Chrome · Android"),
    ];
    let bad = [fields[0], ("p256dh", "AAAA"), fields[2], fields[3]];
    t.post(Some(&me), &format!("{at}/channels/push"), &bad).await;
    assert!(store::intents::claim(&t.db.db, minute(0)).await.unwrap().is_none());
    t.post(Some(&me), &format!("{at}/channels/push"), &fields).await;
    let claimed = store::intents::claim(&t.db.db, minute(0)).await.unwrap().unwrap();
    assert_eq!((claimed.intent.template.as_str(), claimed.channel.as_str()), ("channel-code", "push"));
    assert!(matches!(claimed.intent.to, To::Channel(_)));
    let (_, page) = t.get(Some(&me), &at).await;
    assert!(page.contains("Chrome · Android"));
    t.post(Some(&me), &format!("{at}/quiet"), &[("quiet_from", "22:00"), ("quiet_to", "06:00")]).await;
    let (_, page) = t.get(Some(&me), &at).await;
    assert!(page.contains("value=\"22:00\"") && page.contains("value=\"06:00\""));
    let wrong =
        t.post(Some(&me), &format!("{at}/quiet"), &[("quiet_from", "22:00"), ("quiet_to", "25:00")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_webhook_shows_its_secret_once_and_is_verified_by_what_it_heard() {
    let (t, f) = ground().await;
    let head = t.user(f.person, &[(Role::Administrator, f.ours)]);
    let at = format!("/register/bodies/{}", f.ours);
    let fields = [("name", "SOC"), ("url", "https://soc.example/in"), ("shape", "canh")];
    let (status, page) = TestApp::read(t.post(Some(&head), &format!("{at}/webhooks"), &fields).await).await;
    assert!(status == StatusCode::OK && page.contains("whsec_"), "{page}");
    let (_, page) = t.get(Some(&head), &format!("{at}/sending")).await;
    assert!(page.contains("https://soc.example/in") && !page.contains("whsec_"));
    let id = page.split("/webhooks/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    t.post(Some(&head), &format!("{at}/webhooks/{id}/code"), &[]).await;
    let claimed = store::intents::claim(&t.db.db, minute(0)).await.unwrap().unwrap();
    assert_eq!(claimed.channel, "webhook");
    t.post(Some(&head), &format!("{at}/webhooks/{id}/verify"), &[("code", &claimed.intent.vars["code"])])
        .await;
    let (_, page) = t.get(Some(&head), &format!("{at}/sending")).await;
    assert!(page.contains("class=\"st m\""), "{page}");
    t.post(Some(&head), &format!("{at}/sending"), &[("abroad", "1")]).await;
    let (_, page) = t.get(Some(&head), &format!("{at}/sending")).await;
    assert!(page.contains("name=\"abroad\" value=\"1\" checked"), "{page}");
    let (status, _) = t.get(Some(&head), "/admin/channels").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "who administers a part does not see the whole");
    let above = t.user(f.asker, &[(Role::Administrator, f.root)]);
    let (status, page) = t.get(Some(&above), "/admin/channels").await;
    assert!(status == StatusCode::OK && page.contains("Telegram"), "{page}");
}

async fn ground() -> (TestApp, Fixture) {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    (t, f)
}

async fn call(t: &TestApp, path: &str, headers: &[(&'static str, &str)], body: &str) -> (StatusCode, String) {
    let mut request =
        Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    TestApp::read(t.send(None, request.body(Body::from(body.to_owned())).unwrap()).await).await
}

#[tokio::test]
async fn what_channels_call_back_with_is_taken_once_and_only_with_its_secret() {
    let (t, _) = ground().await;
    let secret = [("x-telegram-bot-api-secret-token", "telegram-secret-0")];
    let update = r#"{"update_id":7,"message":{}}"#;
    for headers in [&[][..], &[("x-telegram-bot-api-secret-token", "guess")]] {
        assert_eq!(call(&t, "/in/telegram", headers, update).await.0, StatusCode::NOT_FOUND);
    }
    for _ in 0..2 {
        assert_eq!(call(&t, "/in/telegram", &secret, update).await.0, StatusCode::OK);
    }
    assert_eq!(call(&t, "/in/voice/guess", &[], "{}").await.0, StatusCode::NOT_FOUND);
    for _ in 0..2 {
        let (status, said) = call(&t, "/in/voice/voice-secret-0123?digit=1", &[], r#"{"t":"x"}"#).await;
        assert_eq!((status, said.as_str()), (StatusCode::OK, "<ok/>"));
    }
    let mut sources = Vec::new();
    while let Some(came) = kept::take(&t.db.db, minute(1)).await.unwrap() {
        sources.push(came.source);
    }
    assert_eq!(sources, ["telegram", "voice"]);
}

#[tokio::test]
async fn a_program_sets_quiet_hours_and_the_order_of_channels() {
    let (t, f) = ground().await;
    let me = t.user(f.person, &[(Role::Clerk, f.ours)]);
    let at = format!("/api/v1/people/{}", f.person);
    let mut made = Vec::new();
    for address in ["mot@tinh.example", "hai@tinh.example"] {
        let given = serde_json::json!({ "kind": "email", "address": address });
        let (_, one) = t.api(Some(&me), axum::http::Method::POST, &format!("{at}/channels"), &given).await;
        made.push(one["id"].as_str().unwrap().to_owned());
    }
    let read = async || {
        t.api(Some(&me), axum::http::Method::GET, &format!("{at}/reach"), &serde_json::Value::Null).await
    };
    let (status, plan) = read().await;
    assert_eq!((status, &plan["quiet"]), (StatusCode::OK, &serde_json::Value::Null));
    let mut order: Vec<String> =
        plan["channels"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect();
    order.reverse();
    let put = async |path: &str, given: serde_json::Value| {
        t.api(Some(&me), axum::http::Method::PUT, &format!("{at}/{path}"), &given).await.0
    };
    let set = put("channel-order", serde_json::json!({ "channels": order })).await;
    assert_eq!(set, StatusCode::NO_CONTENT);
    let hours = serde_json::json!({ "quiet": { "from": "22:00", "to": "06:30" } });
    assert_eq!(put("quiet", hours).await, StatusCode::NO_CONTENT);
    let (_, plan) = read().await;
    assert_eq!(plan["channels"][0]["id"], order[0]);
    assert_eq!(plan["quiet"], serde_json::json!({ "from": "22:00", "to": "06:30" }));
    let short = serde_json::json!({ "channels": [order[0]] });
    assert_eq!(put("channel-order", short).await, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = serde_json::json!({ "quiet": { "from": "25:00", "to": "06:30" } });
    assert_eq!(put("quiet", wrong).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(put("quiet", serde_json::json!({ "quiet": null })).await, StatusCode::NO_CONTENT);
    assert_eq!(read().await.1["quiet"], serde_json::Value::Null);
    let other = f.everything(&t, f.neighbour);
    let (status, _) =
        t.api(Some(&other), axum::http::Method::GET, &format!("{at}/reach"), &serde_json::Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
