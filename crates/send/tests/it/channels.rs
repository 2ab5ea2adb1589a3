//! Every channel that speaks HTTP against a fake that also misbehaves.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use domain::{id::Secrets, time::Clock};
use jiff::Timestamp;
use send::{
    Action, ActionKind, Channel, GatewayChannel, GatewayConfig, HttpConfig, Keeping, Kept, Lang, Letterhead,
    Message, NtfyChannel, NtfyConfig, Outcome, PushChannel, PushConfig, PushKey, Recipient, Shape,
    TelegramChannel, TelegramConfig, WebhookChannel, WebhookConfig, WebhookTarget, ZaloChannel, ZaloConfig,
    render,
};
use serde_json::{Value, json};

use crate::fake::{Fake, Plan, say};

pub struct At(pub i64);
impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0).unwrap()
    }
}

struct Fixed;
impl Secrets for Fixed {
    fn bytes(&self) -> [u8; 32] {
        [9; 32]
    }
}

#[derive(Default)]
pub struct Memory(Mutex<HashMap<String, String>>, Mutex<Vec<String>>);
impl Kept for Memory {
    fn get<'a>(&'a self, name: &'a str) -> Keeping<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(self.0.lock().unwrap().get(name).cloned())))
    }
    fn swap<'a>(&'a self, name: &'a str, before: Option<&'a str>, value: &'a str) -> Keeping<'a, bool> {
        let mut held = self.0.lock().unwrap();
        let same = held.get(name).map(String::as_str) == before;
        if same {
            held.insert(name.into(), value.into());
        }
        Box::pin(std::future::ready(Ok(same)))
    }
    fn gone<'a>(&'a self, kind: &'a str, address: &'a str) -> Keeping<'a, ()> {
        self.1.lock().unwrap().push(format!("{kind} {address}"));
        Box::pin(std::future::ready(Ok(())))
    }
}

/// One second is enough on loopback, and a silent fake is not waited for.
fn http() -> HttpConfig {
    HttpConfig { connect_seconds: 1, seconds: 1, ..HttpConfig::default() }
}

pub fn page(address: &str) -> Message {
    let vars = [
        ("person", "Trần Thị Bưởi"),
        ("post", "Trực giám sát Trung tâm"),
        ("silent", "Nguyễn Văn Ổn"),
        ("due", "03:00 05/02/2027"),
        ("link", "https://canh.songxanh.example/rosters/7"),
    ];
    let vars = vars.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let head = Letterhead { centre: "Trung tâm giám sát tỉnh Sông Xanh".into(), contact: None };
    let rendered = render("watch-silent", Lang::Vi, &vars, &head).unwrap();
    let to = Recipient { name: Some("Trần Thị Bưởi".into()), address: address.into() };
    let mut message = Message::new("0190f3c2-77aa", "2027-02-05T01:02:03Z".parse().unwrap(), to, rendered);
    message.urgent = true;
    message.actions = [(ActionKind::Acknowledge, "tok-a"), (ActionKind::Escalate, "tok-e")]
        .map(|(k, t)| Action::new(k, Lang::Vi, t, format!("https://canh.songxanh.example/p/{t}")).unwrap())
        .into();
    message
}

fn telegram(fake: &Fake) -> TelegramChannel {
    let config: TelegramConfig =
        toml::from_str(&format!("token = \"123:SeCrEt\"\napi = \"{}\"", fake.url)).unwrap();
    TelegramChannel::new(&config, &http()).unwrap()
}

fn gateway(text: &str) -> GatewayConfig {
    toml::from_str(text).unwrap()
}

fn seconds(outcome: &Outcome) -> Option<u32> {
    match outcome {
        Outcome::RetryAfter { seconds, .. } => *seconds,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn telegram_writes_with_buttons_says_that_and_not_what_and_shows_who_took_it() {
    let sent = r#"{"ok":true,"result":{"message_id":42}}"#;
    let same = r#"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified"}"#;
    let fake = Fake::start([say(200, sent), say(200, sent), say(400, same)]).await;
    let (channel, mut message) = (telegram(&fake), page("77"));
    assert_eq!(channel.send(&message).await, Outcome::Receipt { provider_id: "77/42".into() });
    message.taken = Some("Lê Văn Cam đã nhận lúc 03:12".into());
    message.actions.clear();
    for _ in 0..2 {
        let done = channel.revise("77/42", &message).await;
        assert_eq!(done, Outcome::Receipt { provider_id: "77/42".into() });
    }
    let asked = fake.asked();
    assert_eq!(asked[0].path, "/bot123:SeCrEt/sendMessage");
    let said = asked[0].json();
    assert_eq!(said["chat_id"], 77);
    assert_eq!(said["link_preview_options"]["is_disabled"], true, "a preview would fetch our links");
    let buttons = &said["reply_markup"]["inline_keyboard"];
    assert_eq!(
        (&buttons[0][0]["callback_data"], &buttons[1][0]["callback_data"]),
        (&json!("a:tok-a"), &json!("e:tok-e"))
    );
    let text = said["text"].as_str().unwrap();
    assert!(
        text.starts_with("🔴") && !text.contains("Nguyễn Văn Ổn") && !text.contains("Trực giám sát"),
        "{text}"
    );
    assert_eq!(asked[1].path, "/bot123:SeCrEt/editMessageText");
    let edited = asked[1].json();
    assert_eq!((&edited["message_id"], &edited["reply_markup"]["inline_keyboard"]), (&json!(42), &json!([])));
    assert!(edited["text"].as_str().unwrap().ends_with("✅ Lê Văn Cam đã nhận lúc 03:12"));
}

#[tokio::test]
async fn telegram_misbehaving_is_read_for_what_it_is() {
    let slow =
        r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":17}}"#;
    let fake = Fake::start([
        say(429, slow),
        say(502, "<html>bad gateway"),
        say(403, r#"{"ok":false,"description":"Forbidden: bot was blocked by the user"}"#),
        say(401, r#"{"ok":false,"description":"Unauthorized"}"#),
        say(404, r#"{"ok":false,"description":"Not Found"}"#),
        Plan::Say(302, "location: http://127.0.0.1:1/\r\n", String::new()),
        say(200, "not json"),
        Plan::Drop,
        Plan::Hang,
        Plan::Flood,
    ])
    .await;
    let (channel, message) = (telegram(&fake), page("77"));
    assert_eq!(seconds(&channel.send(&message).await), Some(17));
    assert_eq!(seconds(&channel.send(&message).await), None);
    let blocked = channel.send(&message).await;
    assert!(
        matches!(&blocked, Outcome::Refused { why } if why.contains("blocked by the user")),
        "{blocked:?}"
    );
    assert_eq!(seconds(&channel.send(&message).await), None, "a wrong token is no fault of the message");
    assert_eq!(seconds(&channel.send(&message).await), None);
    assert!(matches!(channel.send(&message).await, Outcome::Refused { .. }), "a redirect is not followed");
    for _ in 0..4 {
        let said = channel.send(&message).await;
        assert_eq!(seconds(&said), None);
        let text = format!("{said:?}");
        assert!(!text.contains("SeCrEt") && !text.contains("127.0.0.1"), "{text}");
    }
    let unlinked = channel.send(&page("@truc_ban")).await;
    assert!(matches!(unlinked, Outcome::Refused { .. }));
    assert_eq!(fake.asked().len(), 10);
    let nobody =
        TelegramConfig { api: "http://127.0.0.1:9".into(), ..toml::from_str("token = \"1:a\"").unwrap() };
    assert_eq!(seconds(&TelegramChannel::new(&nobody, &http()).unwrap().send(&message).await), None);
}

#[tokio::test]
async fn telegram_hands_updates_over_with_their_numbers() {
    let two = json!({ "ok": true, "result": [
        { "update_id": 7, "message": { "text": "/start X", "chat": { "id": 1, "type": "private" } } },
        { "update_id": 9, "poll": {} } ] });
    let fake = Fake::start([say(200, two.to_string())]).await;
    let got = telegram(&fake).updates(7, 0).await.unwrap();
    assert_eq!(got.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [7, 9]);
    assert_eq!(fake.asked()[0].json()["offset"], 7);
}

#[tokio::test]
async fn ntfy_says_that_abroad_and_what_at_home() {
    let fake = Fake::start([
        say(200, r#"{"id":"Xy1"}"#),
        say(200, r#"{"id":"Xy2"}"#),
        Plan::Say(429, "retry-after: 5\r\n", "{}".into()),
    ])
    .await;
    let config = |own: bool| -> NtfyConfig {
        toml::from_str(&format!("url = \"{}\"\ntoken = \"tk_1\"\nown = {own}", fake.url)).unwrap()
    };
    let (abroad, home) = (
        NtfyChannel::new(&config(false), &http()).unwrap(),
        NtfyChannel::new(&config(true), &http()).unwrap(),
    );
    let message = page("truc-7f3a");
    assert_eq!(abroad.send(&message).await, Outcome::Receipt { provider_id: "Xy1".into() });
    assert_eq!(home.send(&message).await, Outcome::Receipt { provider_id: "Xy2".into() });
    assert_eq!(seconds(&home.send(&message).await), Some(5));
    let asked = fake.asked();
    let (far, near) = (asked[0].json(), asked[1].json());
    assert_eq!(asked[0].header("authorization"), "Bearer tk_1");
    assert_eq!((&far["topic"], &far["priority"]), (&json!("truc-7f3a"), &json!(5)));
    assert_eq!(far["actions"][0]["url"], "https://canh.songxanh.example/p/tok-a");
    assert!(!far.to_string().contains("Nguyễn Văn Ổn") && far.get("click").is_none(), "{far}");
    assert!(near["message"].as_str().unwrap().contains("Nguyễn Văn Ổn"));
    assert_eq!(near["click"], "https://canh.songxanh.example/rosters/7");
}

#[tokio::test]
async fn sms_goes_through_any_gateway_that_data_describes() {
    let fake = Fake::start([
        say(200, r#"{"CodeResult":"100","SMSID":"sms-1"}"#),
        say(200, r#"{"CodeResult":"104"}"#),
        say(200, r#"{"CodeResult":"99"}"#),
        say(503, "busy"),
    ])
    .await;
    let config = gateway(&format!(
        r#"
        url = "{}/send?ref={{id}}"
        headers = {{ Authorization = "Bearer gw-secret" }}
        body = '{{"Phone":"{{to}}","Content":"{{text}}"}}'
        number = "digits"
        marks = "remove"
        parts = 1
        [answer]
        code = "/CodeResult"
        success = ["100"]
        later = ["99"]
        id = "/SMSID"
        "#,
        fake.url
    ));
    let channel = GatewayChannel::sms(&config, &http(), "https://canh.example").unwrap();
    let message = page("+84912345678");
    assert_eq!(channel.send(&message).await, Outcome::Receipt { provider_id: "sms-1".into() });
    assert!(matches!(channel.send(&message).await, Outcome::Refused { .. }), "104 is no success");
    assert_eq!(seconds(&channel.send(&message).await), None);
    assert_eq!(seconds(&channel.send(&message).await), None);
    let asked = &fake.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/send?ref=0190f3c2-77aa"));
    assert_eq!(asked.header("authorization"), "Bearer gw-secret");
    let said = asked.json();
    assert_eq!(said["Phone"], "84912345678");
    let text = said["Content"].as_str().unwrap();
    assert!(text.is_ascii() && text.ends_with(" https://canh.songxanh.example/p/tok-a"), "{text}");
    assert_eq!(send::measure(text).1, 1);
    assert!(matches!(channel.send(&page("0912")).await, Outcome::Refused { .. }));
    assert!(!format!("{config:?} {channel:?}").contains("gw-secret"));
}

#[tokio::test]
async fn a_voice_says_which_key_means_what_and_carries_the_token() {
    let fake = Fake::start([say(200, "QUEUED 17")]).await;
    let config = gateway(&format!(
        r#"
        url = "{}/call"
        format = "form"
        body = "to={{to}}&say={{text}}&custom={{token}}&back={{callback}}"
        number = "national"
        [answer]
        contains = "QUEUED"
        [callback]
        secret = "0123456789abcdef"
        token = "custom"
        key = "digit"
        "#,
        fake.url
    ));
    let channel = GatewayChannel::voice(&config, &http(), "https://canh.example").unwrap();
    assert_eq!(channel.send(&page("+84912345678")).await, Outcome::Receipt { provider_id: "200".into() });
    let asked = fake.asked();
    let fields: HashMap<String, String> =
        url::form_urlencoded::parse(asked[0].text().as_bytes()).into_owned().collect();
    assert_eq!((fields["to"].as_str(), fields["custom"].as_str()), ("0912345678", "tok-a"));
    assert_eq!(fields["back"], "https://canh.example/in/voice/0123456789abcdef");
    assert!(fields["say"].contains("Bấm phím 1 để nhận việc"), "{}", fields["say"]);
    let without = gateway("url = \"https://gw.example/call\"");
    assert!(GatewayChannel::voice(&without, &http(), "https://canh.example").is_err());
}

pub fn target(url: &str, shape: Shape, details: bool) -> String {
    let secrets = vec![send::secret_of(&[1; 32]), send::secret_of(&[2; 32])];
    serde_json::to_string(&WebhookTarget { url: url.into(), secrets, shape, details }).unwrap()
}

/// A sender that knows one webhook, `w1`.
pub fn hooks(allow: &[&str], target: String) -> WebhookChannel {
    hooks_at(1_800_000_000, allow, target)
}

/// The same at another time.
pub fn hooks_at(at: i64, allow: &[&str], target: String) -> WebhookChannel {
    let config = WebhookConfig { allow: allow.iter().map(|s| s.to_string()).collect() };
    let kept = Memory::default();
    kept.0.lock().unwrap().insert("webhook/w1".into(), target);
    WebhookChannel::new(&config, &http(), Arc::new(At(at)), Arc::new(kept)).unwrap()
}

#[tokio::test]
async fn webhooks_are_signed_and_stay_out_of_the_own_network() {
    let fake = Fake::start([say(204, ""), say(200, ""), say(200, ""), say(410, "gone"), Plan::Drop]).await;
    let local = |shape, details| hooks(&["127.0.0.1"], target(&fake.url, shape, details));
    for &shape in Shape::ALL {
        let said = local(shape, shape != Shape::Canh).send(&page("w1")).await;
        assert!(matches!(said, Outcome::Receipt { .. }), "{said:?}");
    }
    let asked = fake.asked();
    let first = &asked[0];
    assert_eq!(
        (first.header("webhook-id"), first.header("webhook-timestamp")),
        ("0190f3c2-77aa", "1800000000")
    );
    let secrets = [send::secret_of(&[1; 32]), send::secret_of(&[2; 32])];
    let want = send::sign(&secrets, "0190f3c2-77aa", 1_800_000_000, first.text()).unwrap();
    assert_eq!(first.header("webhook-signature"), want);
    let own = first.json();
    assert_eq!(own["type"], "canh.watch-silent");
    assert!(!own.to_string().contains("Nguyễn Văn Ổn"), "details are off by default: {own}");
    let manager = asked[1].json();
    assert_eq!((&manager["version"], &manager["status"]), (&json!("4"), &json!("firing")));
    assert!(manager.to_string().contains("Nguyễn Văn Ổn"));
    assert_eq!(asked[2].json()[0]["labels"]["severity"], "critical");
    let channel = local(Shape::Canh, false);
    assert!(matches!(channel.send(&page("w1")).await, Outcome::Refused { .. }));
    assert_eq!(seconds(&channel.send(&page("w1")).await), None);
    assert!(matches!(channel.send(&page("w2")).await, Outcome::Refused { .. }));

    let before = fake.asked().len();
    for (allow, url) in [
        (&[][..], fake.url.as_str()),
        (&[], "https://127.0.0.1/"),
        (&[], "https://localhost/"),
        (&["127.0.0.1"], "https://[::1]/"),
    ] {
        let said = hooks(allow, target(url, Shape::Canh, false)).send(&page("w1")).await;
        assert!(matches!(said, Outcome::Refused { .. }), "{url}: {said:?}");
    }
    assert_eq!(fake.asked().len(), before, "nobody was asked");
}

#[tokio::test]
async fn a_webhook_hears_who_took_it_once_under_an_id_of_its_own() {
    let fake = Fake::start([(); 4].map(|()| say(200, ""))).await;
    let hooks = hooks(&["127.0.0.1"], target(&fake.url, Shape::Canh, true));
    let mut message = page("w1");
    assert!(matches!(hooks.send(&message).await, Outcome::Receipt { .. }));
    for taken in ["A đã nhận", "A đã nhận", "A đã nhận. Đã tự trở lại bình thường"] {
        message.taken = Some(taken.into());
        assert!(matches!(hooks.revise("200", &message).await, Outcome::Receipt { .. }));
    }
    let asked = fake.asked();
    let ids: Vec<_> = asked.iter().map(|a| a.header("webhook-id").to_owned()).collect();
    assert_eq!(asked[1].json()["data"]["taken"], "A đã nhận");
    assert!(ids[1].starts_with(&format!("{}-", ids[0])) && ids[1] != ids[0], "{ids:?}");
    assert_eq!(ids[1], ids[2], "the same twice is one thing");
    assert_ne!(ids[2], ids[3]);
}

fn subscription(url: &str) -> String {
    json!({ "endpoint": format!("{url}/push/abc"),
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg" })
    .to_string()
}

#[tokio::test]
async fn web_push_is_encrypted_and_a_subscription_that_is_no_more_is_removed() {
    let fake =
        Fake::start([say(201, ""), say(410, ""), Plan::Say(429, "retry-after: 30\r\n", String::new())]).await;
    let kept = Arc::new(Memory::default());
    let config: PushConfig =
        toml::from_str("contact = \"mailto:canh@tinh.example\"\nallow = [\"127.0.0.1\"]").unwrap();
    let key = PushKey::from_bytes(&[7; 32]).unwrap();
    let channel =
        PushChannel::new(&config, &http(), key, Arc::new(At(1_800_000_000)), Arc::new(Fixed), kept.clone())
            .unwrap();
    let message = page(&subscription(&fake.url));
    assert!(matches!(channel.send(&message).await, Outcome::Receipt { .. }));
    assert!(matches!(channel.send(&message).await, Outcome::Refused { .. }));
    assert_eq!(kept.1.lock().unwrap().as_slice(), [format!("push {}", subscription(&fake.url))]);
    assert_eq!(seconds(&channel.send(&message).await), Some(30));
    let asked = &fake.asked()[0];
    assert_eq!((asked.header("content-encoding"), asked.header("urgency")), ("aes128gcm", "high"));
    assert!(asked.header("authorization").starts_with("vapid t=") && asked.header("topic").len() == 32);
    assert!(asked.body.len() > 86 && !String::from_utf8_lossy(&asked.body).contains("Canh"));
    let private = page(&subscription("https://10.0.0.1"));
    assert!(matches!(channel.send(&private).await, Outcome::Refused { .. }));
}

#[tokio::test]
async fn zalo_renews_a_spent_token_once_and_keeps_what_comes_next() {
    let spent = r#"{"error":-124,"message":"Access token invalid"}"#;
    let renewed = |n: u8| {
        say(200, format!(r#"{{"access_token":"acc{n}","refresh_token":"ref{n}","expires_in":"90000"}}"#))
    };
    let fake = Fake::start([
        renewed(1),
        say(200, r#"{"error":0,"data":{"msg_id":"m1"}}"#),
        say(200, spent),
        renewed(2),
        say(200, r#"{"error":0,"data":{"msg_id":"m2"}}"#),
        say(200, r#"{"error":-118,"message":"Zalo account not existed"}"#),
        say(200, r#"{"error":-32,"message":"limit"}"#),
        say(500, ""),
    ])
    .await;
    let config: ZaloConfig = toml::from_str(&format!(
        r#"
        app_id = "app"
        secret_key = "app-secret"
        refresh_token = "ref0"
        api = "{0}"
        oauth = "{0}"
        [templates.default]
        id = "7001"
        data = {{ viec = "{{short}}", ten = "{{name}}", co = "{{brief}} {{x}}" }}
        "#,
        fake.url
    ))
    .unwrap();
    let kept = Arc::new(Memory::default());
    let channel = ZaloChannel::new(&config, &http(), kept.clone()).unwrap();
    let mut message = page("+84912345678");
    message.to.name = Some("{short}".into());
    assert_eq!(channel.send(&message).await, Outcome::Receipt { provider_id: "m1".into() });
    assert_eq!(channel.send(&message).await, Outcome::Receipt { provider_id: "m2".into() });
    assert!(matches!(channel.send(&message).await, Outcome::Refused { why } if why.contains("-118")));
    assert_eq!(seconds(&channel.send(&message).await), None);
    assert_eq!(seconds(&channel.send(&message).await), None);
    let asked = fake.asked();
    let form = |n: usize| asked[n].text().to_owned();
    assert!(form(0).contains("refresh_token=ref0") && form(3).contains("refresh_token=ref1"));
    assert_eq!(asked[0].header("secret_key"), "app-secret");
    assert_eq!((asked[1].header("access_token"), asked[4].header("access_token")), ("acc1", "acc2"));
    let said = asked[1].json();
    assert_eq!((&said["phone"], &said["template_id"]), (&json!("84912345678"), &json!("7001")));
    assert_eq!(said["template_data"]["ten"], "{short}", "what a message says is no field");
    assert_eq!(kept.0.lock().unwrap()["zalo.refresh-token"], "ref2");
    let none: Value = said["template_data"]["co"].clone();
    assert!(none.as_str().unwrap().ends_with("{x}"));
}
