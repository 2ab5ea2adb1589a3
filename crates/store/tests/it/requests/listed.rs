//! Passed on, withdrawn, listed, counted.

use super::*;

both_engines! {
    async fn what_is_passed_on_is_counted_at_any_depth_and_withdrawn_with_its_root(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let grandchild = crate::body(&t.db, &s.ids, Some(s.w.bodies[0])).await;
        let other = crate::body(&t.db, &s.ids, Some(s.w.bodies[0])).await;
        let head = s.person("Chủ tịch", Role::Head, s.w.bodies[0]).await;
        let school = s.person("Trường", Role::Clerk, grandchild).await;
        let outside = NewRequest { asker: Asker::Outside("Cục A05".into()), ..s.work(&[s.w.root]) };
        let top = s.ask(&above, &outside, 5).await.unwrap()[0];
        let children = s.pass_on(&above, top, &s.w.bodies, 6).await.unwrap();
        refused(s.pass_on(&above, top, &s.w.bodies, 7).await, "request-nobody");
        let child = children[0];
        gone(s.pass_on(&school, child, &[grandchild], 7).await);
        refused(s.pass_on(&head, child, &[s.w.bodies[1]], 7).await, "body-not-yours");
        let below = s.pass_on(&head, child, &[grandchild, other, grandchild], 8).await.unwrap();
        assert_eq!(below.len(), 2, "the same body twice is once");
        s.answer(&school, below[0], Outcome::Done, "xong", 9).await.unwrap();
        s.answer(&head, child, Outcome::Done, "cả xã xong", 10).await.unwrap();
        assert_eq!(s.get(&above, top, 11).await.unwrap().brief.below, (2, 5));
        assert_eq!(s.get(&head, child, 11).await.unwrap().brief.below, (1, 2));
        let mut sql = t.db.read().await.unwrap();
        let seen = r::descendants(&mut sql, &above.scope, top, minute(11)).await.unwrap();
        assert_eq!(seen.len(), 5);
        let own = s.get(&school, below[0], 11).await.unwrap();
        assert_eq!((own.brief.parent, own.brief.asker), (Some(child), Some(s.w.bodies[0])));
        gone(r::get(&mut sql, &school.scope, top).await);
        drop(sql);
        s.withdraw(&above, child, 12).await.unwrap();
        assert_eq!(s.get(&head, below[1], 13).await.map(|r| r.brief.state).unwrap(), RequestState::Withdrawn);
        refused(s.answer(&head, below[1], Outcome::Done, "x", 13).await, "request-withdrawn");
        assert_eq!(s.get(&above, top, 14).await.unwrap().brief.below, (0, 2));
    }

    async fn a_window_counts_what_stood_open_in_it(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let to = &s.w.bodies[..1];
        let ask = async |at: i64, due: i64| {
            s.ask(&above, &NewRequest { due: Some(minute(due)), ..s.work(to) }, at).await.unwrap()[0]
        };
        let before = ask(1, 100).await;
        s.answer(&clerk, before, Outcome::Done, "xong", 50).await.unwrap();
        let over = ask(2, 150).await;
        let done = ask(110, 300).await;
        s.answer(&clerk, done, Outcome::Done, "xong", 200).await.unwrap();
        let open = ask(120, 900).await;
        let cannot = ask(130, 900).await;
        s.answer(&clerk, cannot, Outcome::Impossible, "không", 140).await.unwrap();
        let taken_back = ask(131, 900).await;
        s.withdraw(&above, taken_back, 132).await.unwrap();
        ask(600, 900).await;
        let window = Window { from: minute(100), to: minute(500) };
        let mut sql = t.db.read().await.unwrap();
        let sums = r::summary(&mut sql, &above.scope, window, &s.w.bodies, minute(400)).await.unwrap();
        let sum = &sums[&s.w.bodies[0]];
        assert_eq!(sum.asked, [over, done, open, cannot]);
        assert_eq!((&sum.done, &sum.late), (&vec![done], &vec![]));
        assert_eq!((&sum.overdue, &sum.open, &sum.impossible), (&vec![over], &vec![over, open], &vec![cannot]));
        assert_eq!(sums[&s.w.bodies[1]], r::Summary::default());
    }

    async fn lists_are_filtered_and_sorted(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let work = s.ask(&above, &s.work(&s.w.bodies), 5).await.unwrap();
        let list = s.ask(&above, &s.filter(&s.w.bodies[..1], "evil.com"), 6).await.unwrap();
        s.answer(&clerk, work[0], Outcome::Done, "xong", 9).await.unwrap();
        let found = async |who: &Who, filter: Filter| -> Vec<RequestId> {
            let mut sql = t.db.read().await.unwrap();
            r::list(&mut sql, &who.scope, &filter, minute(DUE), 0, 50).await.unwrap().iter().map(|b| b.id).collect()
        };
        assert_eq!(found(&above, Filter::default()).await, [list[0], work[1], work[2], work[0]], "owed first");
        assert_eq!(found(&clerk, Filter::default()).await, [list[0], work[0]]);
        assert_eq!(found(&above, Filter { state: State::Open, ..Filter::default() }).await.len(), 3);
        assert_eq!(found(&above, Filter { state: State::Ended, ..Filter::default() }).await, [work[0]]);
        let overdue = State::Overdue(minute(2 * 24 * HOUR));
        assert_eq!(found(&above, Filter { state: overdue, ..Filter::default() }).await, list);
        assert_eq!(found(&above, Filter { kind: Some(RequestKind::Filter), ..Filter::default() }).await, list);
        assert_eq!(found(&above, Filter { text: Some("GIA MAO".into()), ..Filter::default() }).await, list);
        assert!(found(&above, Filter { text: Some("100%".into()), ..Filter::default() }).await.is_empty());
        let asking = Filter { body: Some(s.w.root), side: Side::Asking, ..Filter::default() };
        assert_eq!(found(&above, asking).await.len(), 4);
        let asked = Filter { body: Some(s.w.root), side: Side::Asked, ..Filter::default() };
        assert!(found(&above, asked).await.is_empty());
        assert_eq!(found(&above, Filter { sort: Sort::Newest, ..Filter::default() }).await[0], list[0]);
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(r::open_count(&mut sql, s.w.bodies[0]).await.unwrap(), 1);
        assert_eq!(r::list(&mut sql, &above.scope, &Filter::default(), minute(9), 3, 50).await.unwrap().len(), 1);
        assert_eq!(s.get(&above, work[1], 9).await.unwrap().batch, r::AskedTo { answered: 1, all: 3 });
    }

    async fn what_cannot_be_asked_is_refused(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let base = s.work(&s.w.bodies[..1]);
        let cases = [
            (NewRequest { to: vec![], ..base.clone() }, "request-nobody"),
            (NewRequest { to: vec![s.w.root], ..base.clone() }, "request-self"),
            (NewRequest { due: None, ..base.clone() }, "request-due"),
            (NewRequest { due: Some(minute(1)), ..base.clone() }, "request-due-past"),
            (NewRequest { title: " ".into(), ..base.clone() }, "text-empty"),
            (NewRequest { text: "x".repeat(r::WORDS_MAX + 1), ..base.clone() }, "text-long"),
            (NewRequest { under_law: true, basis: " ".into(), ..base.clone() }, "request-basis"),
            (NewRequest { kind: RequestKind::Filter, ..base.clone() }, "request-no-items"),
            (NewRequest { items: s.filter(&[], "a.top").items, ..base.clone() }, "request-no-items"),
        ];
        for (new, why) in cases {
            refused(s.ask(&above, &new, 5).await, why);
        }
        let many: String = (0..filter::ITEMS_MAX).map(|n| format!("a{n}.top ")).collect();
        let new = s.filter(&s.w.bodies, &many);
        assert_eq!(s.ask(&above, &new, 5).await.unwrap().len(), 3, "15,000 entries are not too many");
        let mut sql = t.db.read().await.unwrap();
        let all = r::list(&mut sql, &above.scope, &Filter::default(), minute(9), 0, 50).await.unwrap();
        assert_eq!(all[0].items, (0, 5_000));
        assert_eq!(r::all_items(&mut sql, &above.scope, all[0].id).await.unwrap().len(), 5_000);
    }
}
