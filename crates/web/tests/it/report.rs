//! A report through the router: begun, edited, signed off, verified; a neighbour gets nothing.

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use domain::{
    id::{Id, kind},
    right::Role,
};
use serde_json::json;
use store::{
    args,
    testing::{World, issued, minute},
};
use web::{User, testing::TestApp};

struct Setting {
    t: TestApp,
    w: World,
    lead: Arc<User>,
    /// The head of the body that reports.
    chief: Arc<User>,
    head: Arc<User>,
    neighbour: Arc<User>,
}

async fn setting() -> Setting {
    let t = TestApp::new().await;
    let w = issued(&t.db.db, &*t.ids, 3, &["VFIX", "SELF"], minute(0), minute(100)).await;
    let mut users = Vec::new();
    for (role, body) in [
        (Role::Coordinator, w.root),
        (Role::Head, w.bodies[0]),
        (Role::Head, w.bodies[1]),
        (Role::Head, w.root),
    ] {
        let person: Id<kind::Person> = Id::new(&*t.ids);
        let mut tx = t.db.db.begin_quiet(minute(0)).await.unwrap();
        let sql = "insert into person (id, name, folded, sort_key, created_at) values ($1,'Lê An','le an','le an',0)";
        tx.run_for_test(sql, args![person]).await.unwrap();
        let grant: Id<kind::Grant> = Id::new(&*t.ids);
        let sql = "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)";
        tx.run_for_test(sql, args![grant, person, role.name(), body]).await.unwrap();
        tx.commit().await.unwrap();
        users.push(t.user(person, &[(role, body)]));
    }
    let [lead, head, neighbour, chief] = <[Arc<User>; 4]>::try_from(users).ok().unwrap();
    Setting { t, w, lead, chief, head, neighbour }
}

fn place(response: &axum::response::Response) -> String {
    response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_report_is_begun_mended_signed_off_and_verified() {
    let s = setting().await;
    let campaign = s.w.campaign.to_string();
    let made = s.t.post(Some(&s.lead), "/reports/up", &[("campaign", &campaign)]).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let at = place(&made);
    let (status, page) = s.t.get(Some(&s.lead), &at).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") && page.contains("chưa có số liệu"));
    assert!(
        page.contains(&format!("href=\"/campaigns/{campaign}/board?state=met\"")),
        "numbers open their evidence"
    );
    // A slip keeps what was typed and says what it is.
    let typed = [
        ("version", "1"),
        ("subject", "Về {{mett}}"),
        ("issuer", "Sở"),
        ("heading", "Một"),
        ("text", "Hai"),
        ("table", ""),
    ];
    let (status, page) = TestApp::read(s.t.post(Some(&s.lead), &at, &typed).await).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Không có số liệu tên mett") && page.contains("Về {{mett}}"), "{page}");
    let typed = [
        ("version", "1"),
        ("title", "BÁO CÁO"),
        ("subject", "Về {{met}}"),
        ("issuer", "Sở <b>"),
        ("heading", "Một"),
        ("text", "Có {{bodies}} đơn vị"),
        ("table", "bodies"),
    ];
    assert_eq!(s.t.post(Some(&s.lead), &at, &typed).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        s.t.post(Some(&s.lead), &at, &typed).await.status(),
        StatusCode::CONFLICT,
        "somebody was faster"
    );
    let (_, page) = s.t.get(Some(&s.lead), &at).await;
    assert!(page.contains("SỞ &#60;B&#62;") && page.contains(">03</a> đơn vị"), "{page}");
    // Laid before the head: in their to-do, until it comes back with a reason or is signed.
    let to_sign = async |user| s.t.get(Some(user), "/tasks").await.1.contains("Ký duyệt: Về");
    assert!(!to_sign(&s.chief).await);
    let asked = s.t.post(Some(&s.lead), &format!("{at}/submit"), &[("version", "2")]).await;
    assert_eq!(asked.status(), StatusCode::SEE_OTHER);
    assert!(to_sign(&s.chief).await && !to_sign(&s.lead).await);
    let why = [("version", "3"), ("why", "Thiếu số liệu <i>")];
    assert_eq!(
        s.t.post(Some(&s.lead), &format!("{at}/return"), &why).await.status(),
        StatusCode::NOT_FOUND,
        "who prepares does not decide"
    );
    let returned = s.t.post(Some(&s.chief), &format!("{at}/return"), &why).await;
    assert_eq!(returned.status(), StatusCode::SEE_OTHER);
    let (_, page) = s.t.get(Some(&s.lead), &at).await;
    assert!(page.contains("trả lại, chưa ký") && page.contains("Thiếu số liệu &#60;i&#62;"), "{page}");
    assert!(s.t.get(Some(&s.lead), "/tasks").await.1.contains("Sửa và trình lại"));
    let again = format!("/api/v1{at}/submit");
    let (status, _) = s.t.api(Some(&s.lead), Method::POST, &again, &json!({ "version": 4 })).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(to_sign(&s.chief).await);
    // Who prepares is told who signs, and cannot sign.
    let (_, page) = s.t.get(Some(&s.lead), &at).await;
    assert!(!page.contains("/sign\"") && page.contains("Chờ ký") && page.contains("Lê An"), "{page}");
    let tried = s.t.post(Some(&s.lead), &format!("{at}/sign"), &[("version", "5")]).await;
    assert_eq!(tried.status(), StatusCode::NOT_FOUND);
    // Signed off by the head: frozen, and it verifies.
    let signed = s.t.post(Some(&s.chief), &format!("{at}/sign"), &[("version", "5")]).await;
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    let (_, page) = s.t.get(Some(&s.lead), &at).await;
    assert!(page.contains("SHA-256") && !page.contains("name=\"heading\""));
    let pdf = s.t.fetch(Some(&s.lead), &format!("{at}/report.pdf"), None).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let (status, page) = s.t.get(Some(&s.lead), &format!("{at}/verify")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Báo cáo nguyên vẹn"), "{page}");
    let (_, seen) = s.t.api(Some(&s.lead), Method::GET, &format!("/api/v1{at}/verify"), &json!({})).await;
    assert_eq!(seen["good"], true);
}

#[tokio::test]
async fn a_reply_is_the_bodys_own_until_it_is_handed_up() {
    let s = setting().await;
    let assignment = s.w.assignments[0];
    let made = s.t.post(Some(&s.head), &format!("/assignments/{assignment}/reply"), &[]).await;
    let at = place(&made);
    assert!(at.starts_with("/reports/up/"), "{at}");
    for path in [at.clone(), format!("{at}/report.pdf"), format!("/api/v1{at}")] {
        assert_eq!(s.t.get(Some(&s.neighbour), &path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, whole) = s.t.api(Some(&s.head), Method::GET, &format!("/api/v1{at}"), &json!({})).await;
    assert_eq!(whole["report"]["kind"], "reply");
    assert_eq!(whole["document"]["to"][0], "Sở Công an giả định.");
    let sent =
        s.t.api(Some(&s.head), Method::POST, &format!("/api/v1{at}/sign"), &json!({ "version": 1 })).await;
    assert_eq!(sent.0, StatusCode::NO_CONTENT, "{}", sent.1);
    assert_eq!(s.t.get(Some(&s.lead), &at).await.0, StatusCode::OK);
    assert_eq!(s.t.get(Some(&s.neighbour), &at).await.0, StatusCode::NOT_FOUND);
}
