use axum::http::{Method, StatusCode};
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    right::Role,
};
use serde_json::Value;
use store::{
    StoreError,
    audit::{
        checkpoint::{self, Keys, Signer},
        export,
        list::get as entry_of,
        proof,
    },
    register::{self, Founding},
    testing::minute,
};
use web::testing::TestApp;

struct Story {
    t: TestApp,
    root: Id<kind::Body>,
    signer: Signer,
}

/// A founded province with a log of a few entries, of which the first are signed.
async fn story() -> Story {
    let t = TestApp::new().await;
    let ids = &*t.ids as &dyn Ids;
    let founding = Founding {
        root: Id::new(ids),
        name: "Tỉnh <b>Sông Trà</b>".into(),
        kind: domain::body::BodyKind::Lead,
        code: None,
        person: Id::new(ids),
        person_name: "Trần Minh Khoa".into(),
        grant: Id::new(ids),
    };
    let signer = Signer::from_seed("tinh.example/audit", &[1; 32]).unwrap();
    let made: Result<(), StoreError> =
        store::write!(t.db.db, Actor::System, minute(0), tx => register::found(tx, &founding).await);
    made.unwrap();
    let signed: Result<_, StoreError> =
        store::write!(t.db.db, Actor::System, minute(1), tx => checkpoint::sign(tx, &signer).await);
    signed.unwrap();
    let by = Actor::Person(founding.person);
    for n in 0..60 {
        let done: Result<(), StoreError> = store::write!(t.db.db, by, minute(2), tx => {
            tx.record("letter.read", format!("letter:{n}"), Some(founding.root), &n);
            Ok(())
        });
        done.unwrap();
    }
    Story { t, root: founding.root, signer }
}

#[tokio::test]
async fn an_auditor_reads_filters_and_pages_and_nobody_else_does() {
    let Story { t, root, .. } = story().await;
    let auditor = t.user(Id::new(&*t.ids), &[(Role::Auditor, root)]);
    let (status, page) = t.get(Some(&auditor), "/audit").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Trần Minh Khoa") && page.contains("letter.read"));
    assert!(page.contains("Tỉnh &#60;b&#62;") || page.contains("Tỉnh &lt;b&gt;"), "names are escaped");
    assert!(page.contains("before="), "there is a second page");
    let (_, page) = t.get(Some(&auditor), "/audit?action=body").await;
    assert!(page.contains("body.created") && !page.contains("letter.read"));
    let (status, page) = t.get(Some(&auditor), "/audit?from=hom-qua").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Ngày không đúng") && page.contains("hom-qua"), "what was typed is still there");

    let viewer = t.user(Id::new(&*t.ids), &[(Role::Viewer, root)]);
    for path in [
        "/audit",
        "/audit/entries/0",
        "/audit/csv",
        "/audit/export",
        "/audit/checkpoint",
        "/audit/entries/0/proof",
    ] {
        assert_eq!(t.get(Some(&viewer), path).await.0, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(t.get(None, path).await.0, StatusCode::SEE_OTHER, "{path}");
    }
    let elsewhere = t.user(Id::new(&*t.ids), &[(Role::Auditor, Id::new(&*t.ids))]);
    let (status, page) = t.get(Some(&elsewhere), "/audit").await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("letter.read"));
    for path in ["/audit/entries/0", "/audit/export", "/audit/entries/0/proof"] {
        assert_eq!(t.get(Some(&elsewhere), path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn what_is_downloaded_verifies_elsewhere() {
    let Story { t, root, signer } = story().await;
    let auditor = t.user(Id::new(&*t.ids), &[(Role::Auditor, root)]);
    let keys = Keys::parse([signer.verifier_key()]).unwrap();
    let (status, log) = t.get(Some(&auditor), "/audit/export").await;
    assert_eq!(status, StatusCode::OK);
    let report = export::verify(log.as_bytes(), &[], &keys).unwrap();
    assert_eq!((report.faults, report.checkpoints), (vec![], 1));
    let (status, text) = t.get(Some(&auditor), "/audit/entries/0/proof").await;
    assert_eq!(status, StatusCode::OK);
    let mut sql = t.db.db.read().await.unwrap();
    let leaf = entry_of(&mut sql, &domain::actor::Scope::system(), 0).await.unwrap().entry.leaf();
    assert!(proof::check(&text, &leaf, &keys).is_some());
    let (status, page) = t.get(Some(&auditor), "/audit/entries/40").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Chưa ký"), "no checkpoint covers it yet");
    assert_eq!(t.get(Some(&auditor), "/audit/entries/40/proof").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, csv) = t.get(Some(&auditor), "/audit/csv?action=letter.read").await;
    assert_eq!(csv.lines().count(), 61);
}

#[tokio::test]
async fn the_api_says_the_same_page_by_page() {
    let Story { t, root, .. } = story().await;
    let auditor = t.user(Id::new(&*t.ids), &[(Role::Auditor, root)]);
    let read = async |path: &str| t.api(Some(&auditor), Method::GET, path, &Value::Null).await;
    let (status, log) = read("/api/v1/audit").await;
    assert_eq!(status, StatusCode::OK);
    let size = log["size"].as_u64().unwrap();
    let (mut seen, mut cursor) = (0, None::<u64>);
    loop {
        let before = cursor.map(|c| format!("&before={c}")).unwrap_or_default();
        let (_, page) = read(&format!("/api/v1/audit/entries?limit=25{before}")).await;
        seen += page["items"].as_array().unwrap().len() as u64;
        cursor = page["cursor"].as_u64();
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, size);
    let (status, entry) = read("/api/v1/audit/entries/0").await;
    assert_eq!((status, &entry["action"]), (StatusCode::OK, &"body.created".into()));
    assert_eq!(read("/api/v1/audit/entries?actor=me").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(read("/api/v1/audit/entries/99999").await.0, StatusCode::NOT_FOUND);
}
