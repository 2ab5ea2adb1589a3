//! What the pages ask of the records does not grow with the posts: a province has hundreds.

use std::sync::atomic::Ordering;

use store::testing::STATEMENTS;

use super::*;

/// So many posts of ours more, each with somebody on duty who has two channels, was called, and was tested.
async fn more(s: &Story, posts: std::ops::Range<usize>) {
    let day = time::date(minute(0)).to_string();
    for n in posts {
        let [post, person, phone, mail, callout] = [(); 5].map(|()| s.t.ids.next().to_string());
        let (name, key) = (format!("Vị trí {n}"), format!("k{n}"));
        let why = json!({"by": "layer", "id": &post}).to_string();
        let made: Result<(), StoreError> = store::write!(s.t.app.db, Actor::System, minute(0), tx => {
            for (sql, args) in [
                ("insert into post (id, body, name, folded, sort_key, presence, needed, backup, check_in, created_at)
                  values ($1,$2,$3,$3,$3,'on-site',1,false,'{\"at_start\":true,\"at_end\":true,\"every_minutes\":null,\"grace_minutes\":15}',0)", args![&post, s.f.ours, &name]),
                ("insert into person (id, name, folded, sort_key, lang, created_at) values ($1,$2,$2,$2,'vi',0)", args![&person, &name]),
                ("insert into membership (person, body, contact) values ($1,$2,true)", args![&person, s.f.ours]),
                ("insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'email','a@xa.example',0,0)", args![&mail, &person]),
                ("insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'phone','0900000000',0,0)", args![&phone, &person]),
                ("insert into shift (post, line, person, from_at, to_at, why) values ($1,'primary',$2,$3,$4,$5)", args![&post, &person, minute(-60), minute(6_000), &why]),
                ("insert into callout (id, key, about, subject, body, post, person, severity, words, policy, standing, since, taken, round, touched, at)
                  values ($1,$2,'drill','x',$3,$4,$5,'high','{}','{\"name\":\"\",\"steps\":[],\"repeats\":0,\"pause_minutes\":5,\"lapse_minutes\":null}','open',0,0,0,0,$6)",
                 args![&callout, &key, s.f.ours, &post, &person, minute(0)]),
                ("insert into channel_test (day, channel, body, kind, person, at, outcome) values ($1,$2,$3,'email',$4,0,'ok')", args![&day, &mail, s.f.ours, &person]),
            ] {
                tx.run_for_test(sql, args).await?;
            }
            tx.record("test.posts", "test", None, &());
            Ok(())
        });
        made.unwrap();
    }
}

#[tokio::test]
async fn pages_of_the_watch_ask_as_much_for_thirty_posts_as_for_three() {
    let s = Story::new().await;
    let ahead = format!("/roster/posts?from={}&to={}", at(0), at(3_000));
    let paths = [
        ahead.as_str(),
        "/roster",
        "/roster/card",
        "/roster/posts",
        "/roster/posts.csv",
        "/roster/posts/new",
        "/roster/callouts",
        "/roster/callouts?side=all",
        "/roster/reachability",
        "/roster/commitments",
        "/roster/policies/new",
        "/api/v1/awake",
        "/api/v1/posts",
        "/api/v1/reachability",
    ];
    let asked = async || {
        let mut asked = Vec::new();
        for path in paths {
            let before = STATEMENTS.load(Ordering::Relaxed);
            s.page(&s.planner, path).await;
            asked.push((path, STATEMENTS.load(Ordering::Relaxed) - before));
        }
        asked
    };
    more(&s, 0..3).await;
    // The first time a page is asked for, more is looked up that stays known.
    asked().await;
    let few = asked().await;
    more(&s, 3..30).await;
    assert!(s.page(&s.planner, "/roster").await.contains("Vị trí 29"));
    assert_eq!(asked().await, few);
    let most = few.iter().map(|(_, n)| *n).max();
    assert!(most < Some(40), "{few:?}");
}
