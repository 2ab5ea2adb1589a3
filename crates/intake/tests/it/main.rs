//! The data path, from outside: real sockets on loopback, real rules, a real database.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod clients;
mod http;
mod path;
mod rules;
mod syslog;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    indicator::{self, Tlp},
    legal::Legal,
    request::filter::Guard,
    source::Kind,
};
use intake::{Door, path::Path};
use lake::{Bounds, Lake, Limits, Log, Position, Tools};
use store::{
    StoreError, args,
    indicators::{self, NewPart, Terms},
    sign_in::digest,
    sources::{self, New},
    testing::{TestClock, TestDb, TestIds, TestSecrets, minute},
};
use tower::ServiceExt;

pub struct Ground {
    pub t: TestDb,
    pub clock: Arc<TestClock>,
    pub ids: Arc<TestIds>,
    pub log: Log,
    pub lake: Lake,
    pub door: Arc<Door>,
    pub router: Router,
    pub body: Id<kind::Body>,
    pub lists: Arc<intake::Lists>,
    pub blobs: store::blobs::Blobs,
    /// By kind; the token is the kind's name.
    pub sources: Vec<(Kind, Id<kind::Source>)>,
    dir: tempfile::TempDir,
}

impl Ground {
    pub async fn new() -> Self {
        let t = store::testing::sqlite().await;
        let (clock, ids) = (Arc::new(TestClock::at_minute(0)), Arc::new(TestIds::default()));
        let body: Id<kind::Body> = Id::new(&*ids as &dyn Ids);
        let sources: Vec<_> = Kind::ALL.iter().map(|kind| (*kind, Id::new(&*ids as &dyn Ids))).collect();
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            tx.run_for_test(
                "insert into body (id, kind, name, folded, sort_key, created_at) values ($1,'department','Sở','so','so',0)",
                args![body],
            ).await?;
            tx.run_for_test("insert into body_closure (above, below, depth) values ($1,$1,0)", args![body]).await?;
            for (kind, id) in &sources {
                let new = New {
                    id: *id,
                    body,
                    system: None,
                    name: kind.name().into(),
                    kind: *kind,
                    digest: digest(kind.name()),
                    address: (*kind == Kind::Syslog).then(|| "127.0.0.0/8".into()),
                    zone: "Asia/Ho_Chi_Minh".into(),
                    rate: 1_000,
                    quiet_minutes: 10,
                };
                sources::create(tx, &Scope::system(), &new).await?;
            }
            Ok(())
        });
        made.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let log = open(&dir, &clock);
        let lake = table(&dir);
        let door = Arc::new(Door::open(t.db.clone(), log.clone(), clock.clone()).await.unwrap());
        let router = intake::http::router(door.clone());
        let blobs = store::blobs::Blobs::open_dir(&dir.path().join("blobs")).await.unwrap();
        let lists = Arc::new(intake::Lists::new(t.db.clone(), blobs.clone()));
        Self { t, clock, ids, log, lake, door, router, body, lists, blobs, sources, dir }
    }

    pub fn source(&self, kind: Kind) -> Id<kind::Source> {
        self.sources.iter().find(|(k, _)| *k == kind).unwrap().1
    }

    /// Posts; status and body.
    pub async fn post(
        &self,
        path: &str,
        token: &str,
        body: impl Into<Body>,
    ) -> (StatusCode, serde_json::Value) {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> (StatusCode, serde_json::Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null))
    }

    /// All lines in the log, with what stands beside them.
    pub fn lines(&self) -> Vec<(String, String)> {
        let page = self.log.read(Position::default(), 64 << 20).unwrap();
        let records = page.batches.into_iter().flat_map(|(_, _, batch)| batch.records);
        records.map(|r| (String::from_utf8(r.line).unwrap(), r.meta)).collect()
    }

    /// Where what correlations remember is kept.
    pub fn memory(&self) -> std::path::PathBuf {
        self.dir.path().join("correlations")
    }

    /// What follows the log, with the rules of our own.
    pub fn path(&self) -> Path {
        Path {
            door: self.door.clone(),
            lake: self.lake.clone(),
            rules: tokio::sync::watch::channel(rules()).1,
            lists: self.lists.clone(),
            memory: intake::Memory::open(&self.memory()).unwrap(),
            ids: self.ids.clone(),
            legal: Arc::new(Legal::builtin().unwrap()),
            base: "https://canh.test".into(),
        }
    }

    /// A list with one indicator.
    pub async fn made(&self, value: &str, tlp: Tlp) -> Id<kind::IndicatorList> {
        let id = Id::new(&*self.ids as &dyn Ids);
        let what = indicator::read(value, &Guard::default().watching()).unwrap();
        let kinds = [(what.kind, 1)].into();
        let line = indicator::line(&indicator::Entry { indicator: what, until: None });
        let blob = self.blobs.put(self.ids.next(), line.as_bytes(), 1 << 20).await.unwrap();
        let terms = Terms {
            name: "Chỉ dấu".into(),
            origin: String::new(),
            tlp,
            confidence: 90,
            from: minute(0),
            until: None,
        };
        let new = indicators::New { id, body: self.body, letter: None, terms };
        let part = NewPart {
            blob,
            name: String::new(),
            shape: "text",
            kinds,
            merged: 0,
            passed: 0,
            faults: 0,
            problems: vec![],
            replaces: false,
        };
        let made: Result<(), StoreError> = store::write!(self.t.db, Actor::System, minute(0), tx => {
            indicators::create(tx, &Scope::system(), &new).await?;
            indicators::import(tx, &Scope::system(), id, &part).await
        });
        made.unwrap();
        id
    }

    /// The same, watched for at once.
    pub async fn list(&self, value: &str, tlp: Tlp) -> Id<kind::IndicatorList> {
        let id = self.made(value, tlp).await;
        self.lists.load().await.unwrap();
        id
    }

    /// As after a kill: log and door opened again over the same folder and database.
    pub async fn again(mut self) -> Self {
        let dir = self.dir;
        self.log = open(&dir, &self.clock);
        self.lake = table(&dir);
        self.door =
            Arc::new(Door::open(self.t.db.clone(), self.log.clone(), self.clock.clone()).await.unwrap());
        self.router = intake::http::router(self.door.clone());
        Self { dir, ..self }
    }
}

fn open(dir: &tempfile::TempDir, clock: &Arc<TestClock>) -> Log {
    let tools = Tools { clock: clock.clone(), secrets: Arc::new(TestSecrets::default()) };
    Log::open(dir.path(), Limits::default(), tools).unwrap()
}

fn table(dir: &tempfile::TempDir) -> Lake {
    Lake::open(&dir.path().join("lake"), Bounds::default()).unwrap()
}

/// A backup that speaks fewer than twice within ten minutes of a first time.
const FEW: &str = "title: Sao lưu\nname: backup\nlevel: low\ndetection: {k: ['backup done'], condition: k}\n---
title: Sao lưu dừng\nid: few\nlevel: high\ncorrelation: {type: event_count, rules: [backup], group-by: [host.name], timespan: 10m, condition: {lt: 2}}\n";

fn rules() -> intake::Rules {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
    let mut set = detect::Ruleset::default();
    let of = |kind: &str| std::fs::read_dir(std::path::Path::new(dir).join(kind)).unwrap();
    for entry in of("linux").chain(of("web")) {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if name.ends_with(".yml") && !name.ends_with(".events.yml") {
            set.add(&name, detect::rule::read::file(&std::fs::read_to_string(&path).unwrap()));
        }
    }
    set.add("few", detect::rule::read::file(FEW));
    Arc::new(set.watch(&[], &detect::Sources::builtin()).unwrap())
}
