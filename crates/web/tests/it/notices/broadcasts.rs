//! Receipts of broadcasts on the page: with a recording, without, and wrong ones.

use std::sync::Arc;

use web::User;

use super::*;
use crate::tasks::multipart;

/// The broadcast at 08:30 of the test's first day.
const SLOT: i64 = 30;

/// A bulletin out to our child, which is a commune for the purpose.
async fn broadcast(t: &TestApp, f: &Fixture) -> Id<kind::Bulletin> {
    let (rules, day) = (rules(), "2027-01-20".parse().unwrap());
    let id = Id::new(&*t.ids);
    let words = bulletins::Words {
        title: "Bản tin Tết".into(),
        text: "Kính thưa bà con.".into(),
        lang: "vi".into(),
        schedule: Schedule::read(day, day, "8:30, 17:00").unwrap(),
        tops: vec![f.ours],
        campaign: None,
    };
    let new = bulletins::NewBulletin { id, body: f.ours, template: None, words };
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.run_for_test("update body set kind = 'commune' where id = $1", args![f.child]).await?;
        bulletins::create(tx, &Scope::system(), &rules, &new).await?;
        bulletins::issue(tx, &Scope::system(), &*t.ids, id, "http://localhost").await
    });
    made.unwrap();
    while bulletins::step(&t.app.db, minute(0), &rules, &*t.ids, "http://localhost", id)
        .await
        .unwrap()
        .is_some_and(|next| next <= minute(0))
    {}
    t.clock.move_to_minute(SLOT + 5);
    id
}

async fn send(
    t: &TestApp,
    user: &Arc<User>,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> (StatusCode, String) {
    TestApp::read(t.send(Some(user), multipart(user, path, fields, file)).await).await
}

#[tokio::test]
async fn a_commune_confirms_with_a_recording_which_only_those_who_may_can_fetch() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let id = broadcast(&t, &f).await;
    let page = format!("/bulletins/{id}");
    let path = format!("{page}/receipts");
    let commune = t.user(f.asker, &[(Role::Clerk, f.child)]);
    let (body, slot) = (f.child.to_string(), minute(SLOT).to_string());
    let fields = |cluster, note| {
        [
            ("body", &*body),
            ("slot", &*slot),
            ("aired", "2027-01-20T08:31"),
            ("by", "Lê Văn Loa"),
            ("cluster", cluster),
            ("note", note),
        ]
    };
    let sound: &[u8] = b"ID3\x04\0\0\0\0\0\x0a0123456789\xff\xfb\x90\0";
    let count = async |sql| t.app.db.read().await.unwrap().count_for_test(sql).await.unwrap();

    // Nobody else, and nothing without the page's token; nothing of it is kept.
    let stranger = t.user(f.asker, &[(Role::Head, f.neighbour)]);
    let good = fields("Cụm chợ", "");
    assert_eq!(send(&t, &stranger, &path, &good, Some(("a.mp3", sound))).await.0, StatusCode::NOT_FOUND);
    let forged = User { csrf: "wrong".into(), ..(*commune).clone() };
    let no_token = t.send(Some(&commune), multipart(&forged, &path, &good, Some(("a.mp3", sound)))).await;
    assert_eq!(no_token.status(), StatusCode::FORBIDDEN);
    assert_eq!(count("select count(*) as n from blob").await, 0);

    // What is wrong is said, and what was typed stays: a missing cluster, a file that could run.
    let (_, again) = send(&t, &commune, &path, &fields("", "mưa to"), Some(("a.mp3", sound))).await;
    assert!(again.contains("Xin ghi cụm loa") && again.contains("mưa to"), "{again}");
    let (status, again) =
        send(&t, &commune, &path, &fields("Cụm chợ", "mưa to"), Some(("a.mp3", b"<html><script>"))).await;
    assert!(status == StatusCode::OK && again.contains("không nhận"), "{status} {again}");
    assert!(again.contains("mưa to") && again.contains("Cụm chợ"), "{again}");
    assert_eq!(count("select count(*) as n from broadcast").await, 0);

    let (status, _) = send(&t, &commune, &path, &good, Some(("loa chợ.mp3", sound))).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, shown) = t.get(Some(&commune), &page).await;
    assert!(
        shown.contains("Cụm chợ") && shown.contains("loa chợ.mp3") && shown.contains("Lê Văn Loa"),
        "{shown}"
    );
    let file = shown.split("href=\"/files/").nth(1).unwrap().split('"').next().unwrap();
    let file = format!("/files/{file}");
    assert_eq!(t.fetch(Some(&commune), &file, None).await.as_deref(), Some(sound));
    assert_eq!(t.get(Some(&stranger), &file).await.0, StatusCode::NOT_FOUND);

    // The same cluster once, another cluster without a file too.
    let (_, twice) = send(&t, &commune, &path, &good, None).await;
    assert!(twice.contains("đã được xác nhận"), "{twice}");
    let (status, _) = send(&t, &commune, &path, &fields("Cụm thôn Đông", ""), Some(("", b""))).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(count("select count(*) as n from broadcast").await, 2);
    assert_eq!(count("select count(*) as n from broadcast where sha256 is not null").await, 1);
}
