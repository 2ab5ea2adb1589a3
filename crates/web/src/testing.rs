//! A running application on a throw-away SQLite database, for router tests.
#![allow(clippy::unwrap_used, clippy::expect_used)] // only tests use it

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    legal::Legal,
    right::Role,
};
use http_body_util::BodyExt;
use lake::{Bounds, Lake};
use letter::{Lexicon, Reader};
use store::{
    blobs::Blobs,
    testing::{TestClock, TestDb, TestIds, TestSecrets},
};
use tower::ServiceExt;

use crate::{App, Config, Guard, User, router};

/// The one rule the centre brings.
pub const RULE: &str = "title: Của trung tâm\nid: r\nstatus: stable\nlevel: high\ntags: [attack.t1003]\nlogsource: {product: windows}\ndetection: {k: [mimikatz], condition: k}\n";

/// The application, its router, and the handles a test turns.
pub struct TestApp {
    /// The application.
    pub app: Arc<App>,
    /// The clock, at minute 0 until moved.
    pub clock: Arc<TestClock>,
    /// The ids.
    pub ids: Arc<TestIds>,
    /// The database.
    pub db: TestDb,
    /// The events.
    pub lake: Lake,
    router: Router,
}

impl TestApp {
    /// A new application without any records.
    pub async fn new() -> Self {
        let db = store::testing::sqlite().await;
        let (clock, ids) = (Arc::new(TestClock::at_minute(0)), Arc::new(TestIds::default()));
        let lake = Lake::open(&db.dir.path().join("lake"), Bounds::default()).unwrap();
        let app = Arc::new(App {
            db: db.db.clone(),
            blobs: Blobs::open_dir(&db.dir.path().join("blobs")).await.unwrap(),
            legal: Legal::builtin().unwrap(),
            reader: Reader::new(&Lexicon::builtin()),
            worker: sandbox::Worker::new("/nonexistent", ["worker"], 1),
            roots: paper::signature::Roots::default(),
            clock: clock.clone(),
            ids: ids.clone(),
            secrets: Arc::new(TestSecrets::default()),
            guard: Guard::default(),
            movements: crate::Movements::default(),
            searches: crate::Searches::new(lake.clone()),
            rules: crate::RuleBook::new(Arc::new(detect::Brought {
                own: vec![("own.yml".into(), RULE.into())],
                ..detect::Brought::default()
            })),
            config: Config {
                public_url: "http://localhost".into(),
                instance_key: [9; 32],
                insecure_cookies: false,
                trusted_proxies: 0,
                ways: crate::Ways {
                    kinds: [
                        ("email", false),
                        ("telegram", true),
                        ("sms", false),
                        ("push", true),
                        ("webhook", false),
                    ]
                    .into(),
                    push_key: Some("BKey".into()),
                    bot: Some("canh_bot".into()),
                    telegram_secret: Some("telegram-secret-0".into()),
                    voice: Some(crate::VoiceDoor {
                        secret: "voice-secret-0123".into(),
                        answer: "<ok/>".into(),
                        answer_type: "application/xml".into(),
                    }),
                },
            },
        });
        Self { router: router(app.clone()), app, clock, ids, db, lake }
    }

    /// Somebody with these roles, as the gate would make them after sign-in.
    pub fn user(&self, person: Id<kind::Person>, roles: &[(Role, Id<kind::Body>)]) -> Arc<User> {
        Arc::new(User {
            actor: Actor::Person(person),
            scope: Scope::of(roles.to_vec()),
            person: Some(person),
            name: "Trần Minh Khoa".into(),
            body: roles.first().map(|(_, b)| *b),
            csrf: "token".into(),
            session: Some(Id::new(&*self.ids)),
            ..User::nobody()
        })
    }

    /// Sends a request as somebody; `None` is nobody.
    pub async fn send(&self, user: Option<&Arc<User>>, mut request: Request<Body>) -> Response {
        if let Some(user) = user {
            request.extensions_mut().insert(user.clone());
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Reads a page.
    pub async fn get(&self, user: Option<&Arc<User>>, path: &str) -> (StatusCode, String) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        Self::read(self.send(user, request).await).await
    }

    /// The bytes of an answer as they go over the line; `None` unless it is 200.
    pub async fn fetch(
        &self,
        user: Option<&Arc<User>>,
        path: &str,
        encoding: Option<&str>,
    ) -> Option<Vec<u8>> {
        let mut request = Request::builder().uri(path);
        if let Some(encoding) = encoding {
            request = request.header(header::ACCEPT_ENCODING, encoding);
        }
        let response = self.send(user, request.body(Body::empty()).unwrap()).await;
        let good = response.status() == StatusCode::OK;
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        good.then(|| bytes.to_vec())
    }

    /// Posts a form with the right token.
    pub async fn post(&self, user: Option<&Arc<User>>, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", user.map_or("", |u| &u.csrf)).extend_pairs(fields);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "http://localhost")
            .header(header::HOST, "localhost")
            .body(Body::from(form.finish()))
            .unwrap();
        self.send(user, request).await
    }

    /// Sends JSON to the API with the session's token.
    pub async fn api(
        &self,
        user: Option<&Arc<User>>,
        method: Method,
        path: &str,
        json: &serde_json::Value,
    ) -> (StatusCode, serde_json::Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-csrf-token", user.map_or("", |u| &u.csrf))
            .body(Body::from(json.to_string()))
            .unwrap();
        let (status, text) = Self::read(self.send(user, request).await).await;
        (status, serde_json::from_str(&text).unwrap_or(serde_json::Value::Null))
    }

    /// Status and text of a response.
    pub async fn read(response: Response) -> (StatusCode, String) {
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }
}
