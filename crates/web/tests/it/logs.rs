//! Searching logs on pages, in files and by program: one's own events, and nothing of anybody else's.

use axum::http::StatusCode;
use domain::{
    event::{Column, Event, Kind},
    id::{Id, kind},
    right::Role,
};
use lake::{About, Feed, Position};
use store::testing::minute;
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A place of the log.
fn place(n: u32) -> Position {
    Position { segment: 1, offset: 36 + n }
}

/// An event of a body, in the table; its name in addresses.
fn event(t: &TestApp, body: Id<kind::Body>, n: u32, host: &str, raw: &str) -> String {
    let mut event = Event::default();
    let field = event.push(Column::Host.name(), host, Kind::Text).unwrap();
    event.point(Column::Host, field);
    event.push("TruongRieng", raw, Kind::Text);
    let mut feed = Feed::new(t.lake.fed());
    let source = Id::new(&*t.ids);
    feed.push(
        body,
        &event,
        &About { source, came: minute(0), position: place(n), line: 0, raw: raw.as_bytes() },
    );
    feed.upto(place(n + 1));
    t.lake.take(feed).unwrap();
    format!("{}-0", place(n).packed())
}

/// An event of ours.
pub fn ours(t: &TestApp, f: &Fixture) -> String {
    event(t, f.ours, 1, "may-rieng", "dòng Riêng Tư của sở")
}

#[tokio::test]
async fn what_is_found_is_ones_own_on_pages_in_files_and_by_program() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let own = ours(&t, &f);
    let other = event(&t, f.neighbour, 2, "may-khac", "dòng của láng giềng");
    t.lake.convert().unwrap();
    let latest = event(&t, f.ours, 3, "may-moi", "vừa đến");
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let get = async |path: &str| t.get(Some(&officer), path).await;
    for path in ["/logs", "/logs.csv?q=*", "/logs.ndjson", "/api/v1/events/search?count=true"] {
        let (status, text) = get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(text.contains("may-rieng") && text.contains("vừa đến"), "{path}: {text}");
        assert!(!text.contains("may-khac") && !text.contains("láng giềng"), "{path}: another's");
    }
    // The machines' names stand plain in what a Parquet file tells of its columns.
    for path in ["/logs.parquet?q=*", "/api/v1/events/parquet"] {
        let (status, text) = get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(text.starts_with("PAR1") && text.contains("may-rieng") && text.contains("may-moi"), "{path}");
        assert!(!text.contains("may-khac"), "{path}: another's");
    }
    let (_, found) = get("/api/v1/events/search?count=true&q=d%C3%B2ng").await;
    assert!(found.contains(r#""total":1"#), "{found}");
    let (_, none) = get("/api/v1/events/search?count=true&q=host:may-khac").await;
    assert!(
        none.contains(r#""total":0"#) && none.contains(r#""top":[{"column":"host.name","values":[]"#),
        "{none}"
    );
    let (_, none) = get(&format!("/logs?q=%2A&body={}", f.neighbour)).await;
    assert!(!none.contains("may-khac") && !none.contains("may-rieng"));
    // One event by its place: another's and none are alike.
    for (place, status) in [(&own, 200), (&latest, 200), (&other, 404), (&"5-0".to_owned(), 404)] {
        assert_eq!(get(&format!("/logs/{place}")).await.0.as_u16(), status, "{place}");
        assert_eq!(get(&format!("/api/v1/events/{place}")).await.0.as_u16(), status, "{place}");
    }
    assert!(get(&format!("/logs/{own}")).await.1.contains("TruongRieng"));
    let root = t.user(f.asker, &[(Role::DutyOfficer, f.root)]);
    assert!(t.get(Some(&root), "/logs?q=host:may-khac").await.1.contains("láng giềng"), "from above");
}

#[tokio::test]
async fn a_query_that_is_wrong_is_said_where_and_stays_in_the_box() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let (status, page) = t.get(Some(&officer), "/logs?q=host%3A%28a").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Ký tự 6") && page.contains(r#"value="host:(a""#), "{page}");
    let (status, problem) = t.get(Some(&officer), "/api/v1/events/search?q=host%3A%28a").await;
    assert!(status == StatusCode::BAD_REQUEST && problem.contains("Ký tự 6"), "{problem}");
    let (_, page) = t.get(Some(&officer), "/logs?from=hom-qua").await;
    assert!(page.contains("hom-qua") && page.contains("Không đọc được thời điểm"));
    // As people write it, and as programs do: shown as people write it.
    for from in ["21/11/2026%2008:05", "2026-11-21T01:05:00Z", "2026-11-21T08:05"] {
        let (_, page) = t.get(Some(&officer), &format!("/logs?from={from}&to=31/12/2199%2000:00:00")).await;
        assert!(page.contains(r#"value="21/11/2026 08:05:00""#), "{from}: {page}");
        assert!(!page.contains("Không đọc được thời điểm"), "{from}");
    }
    let (status, _) = t.get(Some(&officer), "/logs.csv?from=hom-qua").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
