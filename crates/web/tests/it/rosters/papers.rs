//! What leaves the roster and comes into it: calendars, tables, prints, commitments.

use super::*;

#[tokio::test]
async fn a_calendar_opens_by_its_address_until_it_is_revoked() {
    let s = Story::new().await;
    let id = s.make().await;
    for (start, end) in [("00:00", "12:00"), ("12:00", "00:00")] {
        assert_eq!(s.layer(id, start, end).await.0, StatusCode::SEE_OTHER);
    }
    let (from, to) = (at(0), at(2 * 24 * 60));
    let window = [("from", from.as_str()), ("to", to.as_str())];
    s.post(&s.planner, &format!("/roster/posts/{id}/publish"), &window).await;

    let (status, _, text) = s.post(&s.planner, "/roster/calendars", &[("post", &id.to_string())]).await;
    assert_eq!(status, StatusCode::OK);
    let url = text.split("/calendars/").find_map(|t| t.split_once(".ics")).unwrap().0.to_owned();
    assert!(!s.page(&s.planner, "/roster/calendars").await.contains(&url), "the address is told once");
    let feed = format!("/calendars/{url}.ics");
    let (status, text) = s.t.get(None, &feed).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "its maker holds no role in the register: {text}");
    let grant: Result<(), StoreError> = store::write!(s.t.app.db, Actor::System, minute(0), tx => {
        let id = s.t.ids.next().to_string();
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'viewer',$3,0)",
            args![id, s.f.person, s.f.ours],
        ).await?;
        tx.record("test.grant", "test", None, &());
        Ok(())
    });
    grant.unwrap();
    let (status, text) = s.t.get(None, &feed).await;
    assert_eq!(status, StatusCode::OK);
    let whole = text.replace("\r\n ", "");
    assert!(whole.contains("SUMMARY:Trần Văn Riêng Tư · trực chính\r\n"), "{whole}");
    assert!(whole.contains("SEQUENCE:1\r\n") && whole.matches("BEGIN:VEVENT").count() >= 4, "{whole}");
    assert_eq!(s.t.get(None, "/calendars/guess.ics").await.0, StatusCode::NOT_FOUND);

    let mut sql = s.t.app.db.read().await.unwrap();
    let link = store::rosters::calendars(&mut sql, s.f.person).await.unwrap()[0].id;
    drop(sql);
    let (status, ..) = s.post(&s.head, &format!("/roster/calendars/{link}/revoke"), &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "somebody else's");
    let (status, ..) = s.post(&s.planner, &format!("/roster/calendars/{link}/revoke"), &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(s.t.get(None, &feed).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_table_of_shifts_is_taken_published_and_given_back() {
    let s = Story::new().await;
    let id = s.make().await;
    let day = time::date(minute(0));
    let next = day.tomorrow().unwrap();
    let row = |from: jiff::civil::Date, to: jiff::civil::Date, name: &str| {
        json!(["Trực trung tâm", format!("{from} 00:00"), format!("{to} 00:00"), name])
    };
    // What the confirming form sends: the rows that were tried.
    let take = |user: &Arc<User>, lines: Value| {
        let field = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = field("top", &s.f.ours.to_string()) + &field("rows", &lines.to_string()) + "--b--\r\n";
        let request = axum::http::Request::post("/register/import/shifts/apply")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .header("x-csrf-token", &user.csrf)
            .body(axum::body::Body::from(body));
        let (t, user) = (&s.t, user.clone());
        async move { TestApp::read(t.send(Some(&user), request.unwrap()).await).await }
    };
    let send = |rows: &[Value]| {
        let head = json!(["Vị trí trực", "Nhận ca", "Giao ca", "Họ và tên"]);
        let lines: Vec<_> = (1..).zip(std::iter::once(&head).chain(rows)).collect();
        take(&s.planner, json!(lines))
    };
    let layers = || async {
        let mut sql = s.t.app.db.read().await.unwrap();
        store::rosters::layers(&mut sql, &s.planner.scope, id).await.unwrap()
    };
    let me = "Trần Văn Riêng Tư";
    let (status, text) = send(&[row(day, next, "Ai Đó"), row(next, day, me)]).await;
    assert_eq!(status, StatusCode::OK, "the page again, with what is wrong");
    assert!(
        text.contains("Không có người này trong danh bạ") && text.contains("phải sau giờ nhận ca"),
        "{text}"
    );
    assert!(layers().await.is_empty(), "nothing of it is written");

    let good = [row(day, next, me), row(next, next.tomorrow().unwrap(), me)];
    assert_eq!(send(&good).await.0, StatusCode::SEE_OTHER);
    let made = layers().await;
    assert_eq!((made.len(), made[0].slots.len()), (1, 2));
    assert_eq!(send(&good).await.0, StatusCode::SEE_OTHER);
    assert_eq!(layers().await, made, "again changes nothing");
    assert_eq!(send(&good[..1]).await.0, StatusCode::SEE_OTHER);
    let fewer = layers().await;
    assert_eq!((fewer.len(), fewer[0].slots.len()), (1, 1), "a table replaces the one before");

    let (from, to) = (at(0), format!("{next}T00:00"));
    let window = [("from", from.as_str()), ("to", to.as_str())];
    let (status, _, text) = s.post(&s.planner, &format!("/roster/posts/{id}/publish"), &window).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
    let table = s.page(&s.planner, &format!("/roster/posts/{id}/table?from={day}")).await;
    assert!(table.contains("Trực trung tâm") && table.contains(me), "{table}");
    let print = s.page(&s.planner, &format!("/roster/posts/{id}/print?from={day}&to={next}")).await;
    assert!(print.contains(me) && print.contains("Chưa có người trực được công bố"));

    // The files that go out come back in; whoever plans may, though the register is not theirs.
    for format in ["csv", "xlsx"] {
        let request = axum::http::Request::get(format!("/register/export/shifts?format={format}"));
        let answer = s.t.send(Some(&s.planner), request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{format}");
        let file = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let book = paper::sheet::read(&file).unwrap();
        // The fixture's bodies have no names that tables know: theirs is the top of the import.
        let lines: Vec<_> = book.sheets[0].rows.iter().map(|r| (r.number, &r.cells[..6])).collect();
        assert_eq!(lines.len(), 2, "{format}: {lines:?}");
        let (status, text) = take(&s.head, json!(lines)).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{format}: {text}");
        let again = layers().await;
        assert_eq!((again.len(), again[0].slots.len()), (1, 1), "{format}");
    }
    assert_eq!(s.t.get(Some(&s.head), "/register/import/bodies").await.0, StatusCode::NOT_FOUND);
    let viewer = s.t.user(s.f.person, &[(Role::Viewer, s.f.ours)]);
    assert_eq!(s.t.get(Some(&viewer), "/register/import/shifts").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_commitment_is_entered_changed_and_its_licence_warned_of() {
    let s = Story::new().await;
    let (ours, from, to) = (s.f.ours.to_string(), at(60), at(10 * 24 * 60));
    let short = time::date(minute(9 * 24 * 60)).to_string();
    let mut fields = vec![
        ("provider", ours.as_str()),
        ("body", ours.as_str()),
        ("contract", "Hợp đồng 18"),
        ("people", "0"),
        ("licence", "GP 7"),
        ("licence_to", short.as_str()),
        ("from", from.as_str()),
        ("to", to.as_str()),
    ];
    let (status, _, text) = s.post(&s.planner, "/roster/commitments/new", &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("value=\"Hợp đồng 18\""), "what was typed stays");
    fields[3].1 = "3";
    let (status, _, text) = s.post(&s.planner, "/roster/commitments/new", &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
    let list = s.page(&s.planner, "/roster/commitments").await;
    assert!(list.contains("Hợp đồng 18") && list.contains("trước khi hết cam kết"), "{list}");
    let edit = list.split("/roster/commitments/").find_map(|t| t.split_once("/edit\"")).unwrap().0;
    assert!(s.page(&s.planner, &format!("/roster/commitments/{edit}/edit")).await.contains("GP 7"));
    let long = time::date(minute(200 * 24 * 60)).to_string();
    fields[5].1 = long.as_str();
    let (status, _, text) = s.post(&s.planner, &format!("/roster/commitments/{edit}/edit"), &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
    let list = s.page(&s.planner, "/roster/commitments").await;
    assert!(list.matches("Hợp đồng 18").count() == 1 && !list.contains("trước khi hết cam kết"), "{list}");
}

#[tokio::test]
async fn a_turn_of_a_week_stands_on_each_of_its_days_on_paper() {
    let s = Story::new().await;
    let id = s.make().await;
    let (person, day) = (s.f.person.to_string(), time::date(minute(0)));
    let first = day.to_string();
    let fields = [
        ("name", "Tuần"),
        ("pattern", "turns"),
        ("every", "168"),
        ("start", "00:00"),
        ("first", first.as_str()),
        ("a", person.as_str()),
    ];
    let (status, _, text) = s.post(&s.planner, &format!("/roster/posts/{id}/layers"), &fields).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
    let (from, to) = (at(0), at(3 * 24 * 60));
    let window = [("from", from.as_str()), ("to", to.as_str())];
    s.post(&s.planner, &format!("/roster/posts/{id}/publish"), &window).await;
    let last = day.tomorrow().unwrap().tomorrow().unwrap();
    let print = s.page(&s.planner, &format!("/roster/posts/{id}/print?from={day}&to={last}")).await;
    assert_eq!(print.matches("<td><b>Trần Văn Riêng Tư</b></td>").count(), 3, "{print}");
    assert!(!print.contains("Chưa có người trực được công bố"), "{print}");
}
