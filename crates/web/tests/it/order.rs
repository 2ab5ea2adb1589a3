//! From a pasted letter to an issued campaign, through pages and API.

use axum::http::{Method, StatusCode, header};
use domain::{
    body::BodyKind,
    id::{Id, Ids, kind},
    right::Role,
};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{args, campaigns, jobs};
use web::{User, testing::TestApp};

pub const LETTER: &str = "CÔNG AN TỈNH SÔNG TRÀ\nSố: 112/CAT-PA05\nV/v bảo đảm an ninh mạng dịp Tết Nguyên đán Đinh Mùi 2027\n\nSông Trà, ngày 12 tháng 01 năm 2027\n\nKính gửi:\n- Các sở, ban, ngành;\n- UBND các xã, phường.\n\nCăn cứ Nghị định số 85/2016/NĐ-CP ngày 01/7/2016 của Chính phủ, Công an tỉnh đề nghị:\n\n1. Phân công lực lượng trực giám sát, ứng cứu sự cố 24/7.\n\n2. Rà soát, kiểm tra và bóc gỡ các phần mềm độc hại cho toàn bộ máy chủ, máy trạm.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nGIÁM ĐỐC\n\nTrần Văn Bình\n";

pub struct Province {
    pub t: TestApp,
    pub head: Arc<User>,
    pub other: Arc<User>,
}

async fn body(
    t: &TestApp,
    parent: Option<Id<kind::Body>>,
    kind: BodyKind,
    name: &'static str,
) -> Id<kind::Body> {
    let id = Id::new(&*t.ids as &dyn Ids);
    let mut tx = t.db.db.begin_quiet(store::testing::minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,$3,$4,$5,$5,0)",
        args![id, parent, kind.name(), name, domain::text::fold(name)],
    )
    .await
    .unwrap();
    tx.run_for_test("insert into body_closure (above, below, depth) values ($1,$1,0)", args![id])
        .await
        .unwrap();
    if let Some(parent) = parent {
        tx.run_for_test("insert into body_closure (above, below, depth) values ($1,$2,1)", args![parent, id])
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    id
}

pub async fn province() -> Province {
    let t = TestApp::new().await;
    let root = body(&t, None, BodyKind::Lead, "Công an tỉnh Sông Trà").await;
    body(&t, Some(root), BodyKind::Department, "Sở Y tế tỉnh Sông Trà").await;
    let commune = body(&t, Some(root), BodyKind::Commune, "UBND xã Hòa Lộc").await;
    let mut people = Vec::new();
    for _ in 0..2 {
        let id: Id<kind::Person> = Id::new(&*t.ids as &dyn Ids);
        let mut tx = t.db.db.begin_quiet(store::testing::minute(0)).await.unwrap();
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1,'A','a','a',0)",
            args![id],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        people.push(id);
    }
    let head = t.user(people[0], &[(Role::Head, root)]);
    let other = t.user(people[1], &[(Role::Head, commune)]);
    Province { t, head, other }
}

pub async fn location(p: &Province, path: &str, fields: &[(&str, &str)]) -> String {
    let response = p.t.post(Some(&p.head), path, fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn run_jobs(p: &Province) {
    let now = store::testing::minute(5);
    while let Some(job) = jobs::claim(&p.t.db.db, now).await.unwrap() {
        let outcome = campaigns::run(&p.t.db.db, now, &*p.t.ids, &job).await;
        jobs::finish(&p.t.db.db, now, &job, &outcome).await.unwrap();
    }
}

pub async fn count(p: &Province, sql: &'static str) -> i64 {
    p.t.db.db.read().await.unwrap().count_for_test(sql).await.unwrap()
}

#[tokio::test]
async fn a_letter_goes_in_and_an_order_comes_out() {
    let p = province().await;
    let letter = location(&p, "/orders/letters/paste", &[("text", LETTER)]).await;
    let (status, page) = p.t.get(Some(&p.head), &letter).await;
    assert_eq!(status, StatusCode::OK);
    for part in ["<mark id=\"s", "112", "CAT-PA05", "DUTY", "MALW", "85/2016/NĐ-CP", "Căn cứ đã hết hiệu lực"]
    {
        assert!(page.contains(part), "{part}\n{page}");
    }
    location(
        &p,
        &format!("{letter}/field"),
        &[("version", "1"), ("op", "set"), ("pointer", "/number"), ("value", "113")],
    )
    .await;
    let (_, page) = p.t.get(Some(&p.head), &letter).await;
    assert!(page.contains("113/CAT-PA05") && page.contains("đã sửa"), "{page}");
    let draft = location(&p, &format!("{letter}/draft"), &[("version", "2")]).await;
    let (_, page) = p.t.get(Some(&p.head), &draft).await;
    for part in [
        "Tết Nguyên đán Đinh Mùi 2027",
        "Chưa ban hành được",
        "Sở Y tế tỉnh Sông Trà",
        "UBND xã Hòa Lộc",
        "luôn có",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    // Issuing is refused while lines are open, and says so.
    location(&p, &format!("{draft}/issue"), &[]).await;
    assert_eq!(count(&p, "select count(*) as n from campaign where state = 'issued'").await, 0);
    location(&p, &format!("{draft}/lines/sure"), &[]).await;
    location(&p, &format!("{draft}/issue"), &[]).await;
    let (_, page) = p.t.get(Some(&p.head), &draft).await;
    assert!(page.contains("hx-trigger=\"every 2s\""), "progress while issuing runs\n{page}");
    run_jobs(&p).await;
    assert_eq!(count(&p, "select count(*) as n from assignment").await, 2);
    let (_, page) = p.t.get(Some(&p.head), &draft).await;
    assert!(page.contains("Chưa quán triệt") && !page.contains("every 2s"), "{page}");
    // An addressee sees the order and only its own row; a letter of another body is not there at all.
    let (status, page) = p.t.get(Some(&p.other), &draft).await;
    assert!(
        status == StatusCode::OK && page.contains("UBND xã Hòa Lộc") && !page.contains("Sở Y tế"),
        "{page}"
    );
    assert_eq!(p.t.get(Some(&p.other), &letter).await.0, StatusCode::NOT_FOUND);
    let refused = p.t.post(Some(&p.other), &format!("{draft}/cancel"), &[("reason", "x")]).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    // The commune passes it on: a draft of its own.
    let mut sql = p.t.db.db.read().await.unwrap();
    let id: Id<kind::Campaign> = draft.rsplit('/').next().unwrap().parse().unwrap();
    let rows = campaigns::addressees(&mut sql, &p.other.scope, id, &campaigns::Addressees::default(), 5)
        .await
        .unwrap();
    drop(sql);
    let assignment = rows[0].1.assignment;
    let response = p.t.post(Some(&p.other), &format!("/assignments/{assignment}/pass-on"), &[]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    for path in ["/orders", "/orders/letters", &format!("{draft}/amend")] {
        let (status, page) = p.t.get(Some(&p.head), path).await;
        assert_eq!(status, StatusCode::OK, "{path}\n{page}");
    }
}

#[tokio::test]
async fn a_secret_paper_leaves_nothing_behind() {
    let p = province().await;
    let secret = format!("MẬT\n{LETTER}");
    let (status, problem) =
        p.t.api(Some(&p.head), Method::POST, "/api/v1/letters", &json!({"text": secret})).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/letter-secret"))
    );
    let pasted = p.t.post(Some(&p.head), "/orders/letters/paste", &[("text", &secret)]).await;
    let (status, page) = TestApp::read(pasted).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("id=\"text-e\"") && !page.contains("bảo đảm an ninh mạng dịp Tết"), "{page}");
    for table in [
        "select count(*) as n from letter",
        "select count(*) as n from blob",
        "select count(*) as n from change",
    ] {
        assert_eq!(count(&p, table).await, 0, "{table}");
    }
    assert_eq!(
        count(&p, "select count(*) as n from audit_entry where action = 'letter.refused-secret'").await,
        2
    );
    assert_eq!(count(&p, "select count(*) as n from audit_entry").await, 2);
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let p = province().await;
    let send = async |method: Method, path: &str, json: Value| {
        let (status, answer) = p.t.api(Some(&p.head), method, path, &json).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    };
    let made = send(Method::POST, "/api/v1/letters", json!({"text": LETTER})).await;
    let letter = format!("/api/v1/letters/{}", made["id"].as_str().unwrap());
    assert_eq!(made["duplicates"], json!([]));
    assert_eq!(
        send(Method::POST, "/api/v1/letters", json!({"text": LETTER})).await["duplicates"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let change = json!({"version": 1, "changes": [{"op": "set", "pointer": "/place", "value": "Sông Trà"}]});
    send(Method::PATCH, &letter, change.clone()).await;
    assert_eq!(p.t.api(Some(&p.head), Method::PATCH, &letter, &change).await.0, StatusCode::CONFLICT);
    send(Method::POST, &format!("{letter}/reread"), json!({"version": 2})).await;
    send(Method::POST, &format!("{letter}/confirm"), json!({"version": 3})).await;
    let full = send(Method::GET, &letter, Value::Null).await;
    assert_eq!(
        (full["state"].as_str(), full["corrected"]["place"].as_str()),
        (Some("confirmed"), Some("Sông Trà"))
    );
    let made = send(Method::POST, &format!("{letter}/campaign"), Value::Null).await;
    let campaign = format!("/api/v1/campaigns/{}", made["id"].as_str().unwrap());
    send(Method::POST, &format!("{campaign}/duties"), json!({"code": "HUNT", "quote": "Săn lùng"})).await;
    let lines = send(Method::GET, &campaign, Value::Null).await["lines"].as_array().unwrap().clone();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let bodies: Vec<_> = line["bodies"].as_array().unwrap().iter().map(|b| b["id"].clone()).collect();
        assert_eq!(bodies.len(), 1, "{line}");
        send(
            Method::PUT,
            &format!("{campaign}/lines"),
            json!({"role": line["role"], "line": line["line"], "bodies": bodies}),
        )
        .await;
    }
    send(Method::POST, &format!("{campaign}/issue"), Value::Null).await;
    run_jobs(&p).await;
    let full = send(Method::GET, &campaign, Value::Null).await;
    assert_eq!((full["state"].as_str(), full["progress"]["assigned"].as_u64()), (Some("issued"), Some(2)));
    assert_eq!(
        send(Method::GET, &format!("{campaign}/addressees"), Value::Null).await["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let duty = full["duties"][0]["id"].clone();
    send(Method::POST, &format!("{campaign}/amend"), json!({"note": "Bớt một việc", "withdraw": [duty]}))
        .await;
    send(Method::POST, &format!("{campaign}/cancel"), json!({"reason": "Nhầm"})).await;
    assert_eq!(
        send(Method::GET, &format!("{campaign}/history"), Value::Null).await.as_array().unwrap().len(),
        3
    );
    send(Method::GET, &format!("{campaign}/chain"), Value::Null).await;
    send(Method::GET, "/api/v1/campaigns?q=dinh+mui", Value::Null).await;
    // A stranger gets nowhere, and cannot tell what is there.
    for path in [&letter, &format!("{campaign}x")] {
        assert_eq!(p.t.api(Some(&p.other), Method::GET, path, &Value::Null).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn lists_are_sorted_paged_and_kept_as_files() {
    let p = province().await;
    let all = "ABC"
        .chars()
        .map(|c| LETTER.replace("ngày 12 tháng 01", &format!("ngày 1{} tháng 01", c as u32 % 10)));
    for text in all {
        location(&p, "/orders/letters/paste", &[("text", &text)]).await;
    }
    let places = |page: &str, parts: [&str; 3]| {
        parts.map(|part| page.find(part).unwrap_or_else(|| panic!("{part}\n{page}")))
    };
    // A, B, C are 65, 66, 67: the 15th, 16th, 17th.
    let (_, page) = p.t.get(Some(&p.head), "/orders/letters?sort=date").await;
    let at = places(&page, ["15/01/2027", "16/01/2027", "17/01/2027"]);
    assert!(at.is_sorted() && page.contains("aria-sort=\"ascending\""), "{page}");
    let (_, page) = p.t.get(Some(&p.head), "/orders/letters?sort=-date").await;
    assert!(places(&page, ["17/01/2027", "16/01/2027", "15/01/2027"]).is_sorted());
    let (status, csv) = p.t.get(Some(&p.head), "/orders/letters.csv?sort=date&q=an+ninh").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.contains("112/CAT-PA05,15/01/2027"), "{csv}");
    // Nothing of it for another body.
    let (_, csv) = p.t.get(Some(&p.other), "/orders/letters.csv").await;
    assert_eq!(csv.lines().count(), 1, "{csv}");
    for name in ["Đợt một", "Đợt hai"] {
        location(&p, "/orders", &[("name", name)]).await;
    }
    let (_, csv) = p.t.get(Some(&p.head), "/orders.csv?sort=name").await;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.find("Đợt hai").unwrap() < csv.find("Đợt một").unwrap(), "{csv}");
    let response = p.t.post(Some(&p.head), "/orders", &[("name", "  ")]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_order_is_passed_on_in_part_with_an_addition() {
    let p = province().await;
    let letter = location(&p, "/orders/letters/paste", &[("text", LETTER)]).await;
    let draft = location(&p, &format!("{letter}/draft"), &[("version", "1")]).await;
    location(&p, &format!("{draft}/lines/sure"), &[]).await;
    location(&p, &format!("{draft}/issue"), &[]).await;
    run_jobs(&p).await;
    // The commune gets two schools below it.
    let commune = p.other.body.unwrap();
    let schools = [
        body(&p.t, Some(commune), BodyKind::School, "Trường A").await,
        body(&p.t, Some(commune), BodyKind::School, "Trường B").await,
    ];
    let (_, mine) = p.t.get(Some(&p.other), "/tasks").await;
    let at = mine.split_once("/assignments/").map(|(_, rest)| rest.chars().take(36).collect::<String>());
    let assignment = match at {
        Some(at) => at,
        None => panic!("{mine}"),
    };
    let here = format!("/assignments/{assignment}/pass-on");
    let (_, page) = p.t.get(Some(&p.other), &format!("/assignments/{assignment}")).await;
    assert!(page.contains(&here), "{page}");
    assert_eq!(p.t.get(Some(&p.other), &here).await.0, StatusCode::OK);
    let (_, page) = p.t.get(Some(&p.other), &here).await;
    let duties: Vec<&str> =
        page.split("name=\"duty\" value=\"").skip(1).filter_map(|rest| rest.get(..36)).collect();
    assert_eq!(duties.len(), 2, "{page}");
    let school = schools[0].to_string();
    let fields = [("chosen", "1"), ("body", school.as_str()), ("code", "AWAR"), ("quote", "nhắc học sinh")];
    let (status, again) = TestApp::read(p.t.post(Some(&p.other), &here, &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.contains("Hãy chọn ít nhất một nhiệm vụ") && again.contains("nhắc học sinh</textarea>"),
        "{again}"
    );
    assert_eq!(again.matches(" checked").count(), 1, "only the school that was ticked\n{again}");
    let fields = [fields.as_slice(), &[("duty", duties[1])]].concat();
    let response = p.t.post(Some(&p.other), &here, &fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let made = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let (_, page) = p.t.get(Some(&p.other), &made).await;
    assert!(page.contains("MALW") && page.contains("AWAR") && !page.contains("<code>DUTY</code>"), "{page}");
    assert!(
        page.contains("<span class=\"tag\">Trường A</span>")
            && !page.contains("<span class=\"tag\">Trường B</span>"),
        "{page}"
    );
    // A body that is not below is nobody to pass on to.
    let elsewhere = p.head.body.unwrap().to_string();
    let fields = [("chosen", "1"), ("body", elsewhere.as_str()), ("duty", duties[0])];
    let response = p.t.post(Some(&p.other), &here, &fields).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
