//! What may never be filtered: no list passes, however it was made.

use domain::request::filter::ItemKind;

use super::*;

fn item(kind: ItemKind, value: &str) -> Item {
    Item { kind, value: value.into() }
}

/// A host of the register, of a body with which nobody here has to do.
async fn host(s: &Story<'_>, name: &str) {
    let host = s.ids.next().to_string();
    let mut tx = s.t.db.begin_quiet(minute(0)).await.unwrap();
    for (sql, args) in [
        (
            "insert into host (id, body, name, sort_key, search, source, created_at) values ($1,$2,'x','x','x','hand',0)",
            args![&host, s.w.bodies[2]],
        ),
        (
            "insert into host_key (host, kind, value, look, told) values ($1,'name',$2,$2,true)",
            args![&host, name],
        ),
    ] {
        tx.run_for_test(sql, args).await.unwrap();
    }
    tx.commit().await.unwrap();
}

both_engines! {
    async fn entries_made_by_hand_are_judged_in_the_store(t: &TestDb) {
        let s = Story::new(t).await;
        host(&s, "may01.trangchu.example.org").await;
        host(&s, "203.0.113.10").await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let base = s.filter(&s.w.bodies[..1], "evil.com");
        for bad in [
            item(ItemKind::Domain, "thue.gov.vn"),
            item(ItemKind::Domain, "example.org"),
            item(ItemKind::Domain, "trangchu.example.org"),
            item(ItemKind::Address, "203.0.113.0/24"),
            item(ItemKind::Address, "203.0.113.10"),
            item(ItemKind::Address, "10.0.0.1"),
            item(ItemKind::Address, "evil.com"),
            item(ItemKind::Domain, "EVIL.com"),
            item(ItemKind::Domain, "nothing at all"),
        ] {
            let items = vec![base.items[0].clone(), bad];
            refused(s.ask(&above, &NewRequest { items, ..base.clone() }, 5).await, "request-item-protected");
        }
        s.ask(&above, &base, 6).await.unwrap();
    }

    async fn what_became_protected_is_not_passed_on(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let outside = NewRequest { asker: Asker::Outside("A05".into()), ..s.filter(&[s.w.root], "evil.com") };
        let top = s.ask(&above, &outside, 5).await.unwrap()[0];
        s.pass_on(&above, top, &s.w.bodies[..1], 6).await.unwrap();
        host(&s, "mail.evil.com").await;
        refused(s.pass_on(&above, top, &s.w.bodies[1..2], 7).await, "request-item-protected");
    }

    async fn an_answer_says_how_many_were_handled(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let id = s.ask(&above, &s.work(&s.w.bodies[..1]), 5).await.unwrap()[0];
        let tools = s.tools();
        let answer = async |handled, all| {
            let count = Some(domain::evidence::Count { handled, all });
            let proof_id = Id::new(&s.ids as &dyn Ids);
            let new = Answer { outcome: Outcome::Done, text: "xong".into(), count, proof: None, proof_id };
            let done: Result<(), StoreError> = store::write!(t.db, clerk.actor, minute(9), tx => r::answer(tx, &clerk.scope, &tools, id, &new).await);
            done
        };
        refused(answer(5, 4).await, "evidence-count");
        answer(3, 4).await.unwrap();
        let count = s.get(&above, id, 10).await.unwrap().count.unwrap();
        assert_eq!((count.handled, count.all), (3, 4));
    }
}
