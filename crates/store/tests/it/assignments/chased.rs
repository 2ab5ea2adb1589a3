//! What is excused, reminded of, sent as a link, cancelled.

use super::*;

both_engines! {
    async fn an_excuse_has_an_approver_and_an_end(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let (tools, task) = (s.tools(), s.w.tasks[0][1]);
        let new = NewExcuse {
            id: Id::new(&s.ids),
            task,
            kind: ExcuseKind::Excused,
            reason: "đang sửa chữa lớn".into(),
            until: Some(minute(DUE)),
        };
        let grant = async |who: &Who, new: &NewExcuse| -> Result<(), StoreError> {
            store::write!(t.db, who.actor, minute(3), tx => a::excuse(tx, &who.scope, &tools, new).await)
        };
        gone(grant(&head, &new).await);
        refused(grant(&above, &NewExcuse { until: None, ..new.clone() }).await, "excuse-endless");
        refused(grant(&above, &NewExcuse { until: Some(minute(2)), ..new.clone() }).await, "excuse-past");
        grant(&above, &new).await.unwrap();
        let second = NewExcuse {
            id: Id::new(&s.ids),
            kind: ExcuseKind::NotApplicable,
            until: None,
            ..new.clone()
        };
        grant(&above, &second).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let all = a::excuses(&mut sql, &head.scope, task).await.unwrap();
        assert_eq!(all.iter().filter(|e| e.holds(minute(4))).count(), 1, "the newer takes the older's place");
        assert_eq!(a::task(&mut sql, &head.scope, task).await.unwrap().excuse, Some(ExcuseKind::NotApplicable));
        drop(sql);
        let back = async |who: &Who| -> Result<(), StoreError> {
            store::write!(t.db, who.actor, minute(5), tx => a::take_back(tx, &who.scope, &tools, task).await)
        };
        gone(back(&head).await);
        back(&above).await.unwrap();
        gone(back(&above).await);
        assert_eq!(s.facts(format!("task:{task}"), kinds::EXCUSED).await.len(), 2);
        assert_eq!(s.facts(format!("task:{task}"), kinds::UNEXCUSED).await.len(), 1);
    }

    async fn reminders_go_out_on_time_once_each_and_survive_being_run_again(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let (tools, id) = (s.tools(), s.w.assignments[0]);
        let started: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            a::chase::start(tx, &s.ids, id).await?;
            a::chase::start(tx, &s.ids, id).await?;
            tx.unchanged();
            Ok(())
        });
        started.unwrap();
        assert!(jobs::claim(&t.db, minute(HOUR)).await.unwrap().is_some());
        assert!(jobs::claim(&t.db, minute(HOUR)).await.unwrap().is_none(), "started twice is started once");
        let run = async |at: i64| -> Vec<Reminder> {
            let done: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(at), tx => {
                let next = a::chase::run(tx, &tools, id).await;
                tx.unchanged();
                next
            });
            assert!(done.unwrap().unwrap() > minute(at));
            let mut sql = t.db.read().await.unwrap();
            a::chase::history(&mut sql, &head.scope, id).await.unwrap().iter().map(|s| s.kind).collect()
        };
        use Reminder::*;
        assert_eq!(run(0).await, []);
        assert_eq!(run(24 * HOUR).await, [Acknowledge]);
        assert_eq!(run(24 * HOUR + 1).await, [Acknowledge], "not twice");
        s.acknowledge(&head, 25 * HOUR, 0).await.unwrap();
        assert_eq!(run(DUE - 48 * HOUR).await, [Acknowledge, Soon]);
        assert_eq!(run(DUE + 1).await, [Acknowledge, Soon, Overdue]);
        assert_eq!(run(DUE + 25 * HOUR).await, [Acknowledge, Soon, Overdue, Escalated]);
        let shown = a::get(&mut t.db.read().await.unwrap(), &head.scope, id).await.unwrap();
        assert_eq!((shown.chased, shown.chased_at), (4, Some(minute(DUE + 25 * HOUR))));
    }

    async fn what_is_excused_or_waits_for_a_decision_is_not_chased(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let (tools, id) = (s.tools(), s.w.assignments[0]);
        s.acknowledge(&head, 5, 0).await.unwrap();
        let by_hand = async |who: &Who, at: i64| -> Result<(), StoreError> {
            store::write!(t.db, who.actor, minute(at), tx => a::chase::by_hand(tx, &who.scope, &tools, id).await)
        };
        gone(by_hand(&head, 10).await);
        by_hand(&above, 10).await.unwrap();
        refused(by_hand(&above, 69).await, "chase-recent");
        for task in 0..3 {
            if task == 1 {
                let new = NewExcuse {
                    id: Id::new(&s.ids),
                    task: s.w.tasks[0][1],
                    kind: ExcuseKind::NotApplicable,
                    reason: "không có máy chủ".into(),
                    until: None,
                };
                let done: Result<(), StoreError> = store::write!(t.db, above.actor, minute(11), tx => {
                    a::excuse(tx, &above.scope, &tools, &new).await
                });
                done.unwrap();
            } else {
                s.note(&head, "xong", 0, task).await.unwrap();
            }
        }
        refused(by_hand(&above, 75).await, "chase-nothing");
        let mut tx: Tx = t.db.begin_quiet(minute(DUE)).await.unwrap();
        a::chase::run(&mut tx, &tools, id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(s.told().await, ["reminder-duties"], "only the one by hand");
    }

    async fn a_link_goes_to_a_head_and_to_nobody_else(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Coordinator, s.w.bodies[1]).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let (tools, id) = (s.tools(), s.w.assignments[0]);
        let send = async |who: &Who, to: &Who, at: i64| -> Result<(), StoreError> {
            let (to, link) = (to.actor.person().unwrap(), Id::new(&s.ids));
            store::write!(t.db, who.actor, minute(at), tx => {
                a::send_link(tx, &who.scope, &tools, id, to, link, "https://canh.test/l/x").await
            })
        };
        gone(send(&neighbour, &head, 3).await);
        refused(send(&above, &clerk, 3).await, "link-not-head");
        send(&above, &head, 3).await.unwrap();
        refused(send(&clerk, &head, 60).await, "link-recent");
        send(&clerk, &head, 64).await.unwrap();
        s.acknowledge(&head, 65, 0).await.unwrap();
        refused(send(&above, &head, 300).await, "link-acknowledged");
        assert_eq!(s.told().await, ["acknowledgement-link", "acknowledgement-link"]);
    }

    async fn what_is_cancelled_takes_no_more_acts(t: &TestDb) {
        let s = Story::new(t).await;
        let head = s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        let mut tx = t.db.begin_quiet(minute(1)).await.unwrap();
        tx.run_for_test("update campaign set state = 'cancelled' where id = $1", args![s.w.campaign]).await.unwrap();
        tx.commit().await.unwrap();
        refused(s.acknowledge(&head, 2, 0).await, "assignment-over");
        refused(s.note(&head, "muộn", 0, 1).await, "assignment-over");
        let mut sql = t.db.read().await.unwrap();
        assert!(a::todo(&mut sql, &head.scope, s.w.bodies[0], a::TaskFilter::Open).await.unwrap().is_empty());
        assert!(a::get(&mut sql, &head.scope, s.w.assignments[0]).await.is_ok(), "but it can still be read");
    }

    async fn the_to_do_list_is_ones_own_worst_first(t: &TestDb) {
        let s = Story::new(t).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let neighbour = s.person("Láng giềng", Role::Clerk, s.w.bodies[1]).await;
        let mut tx = t.db.begin_quiet(minute(1)).await.unwrap();
        tx.run_for_test("update task set state = 'not-met', rank = 0 where id = $1", args![s.w.tasks[0][2]]).await.unwrap();
        tx.run_for_test("update task set state = 'met', rank = 5 where id = $1", args![s.w.tasks[0][0]]).await.unwrap();
        tx.commit().await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let open = a::todo(&mut sql, &clerk.scope, s.w.bodies[0], a::TaskFilter::Open).await.unwrap();
        assert_eq!(open.iter().map(|t| t.code.as_str()).collect::<Vec<_>>(), ["WARN", "VFIX"]);
        let done = a::todo(&mut sql, &clerk.scope, s.w.bodies[0], a::TaskFilter::Done).await.unwrap();
        assert_eq!(done.len(), 1);
        assert!(a::todo(&mut sql, &neighbour.scope, s.w.bodies[0], a::TaskFilter::Open).await.unwrap().is_empty());
        let waiting = a::acknowledgements(&mut sql, &clerk.scope, s.w.bodies[0]).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].tasks), (1, Count { handled: 1, all: 3 }));
        let page = a::list(&mut sql, &Scope::system(), &a::Filter::default(), None, 2).await.unwrap();
        let last = page.last().map(|b| (b.received_at, b.id));
        assert_eq!(a::list(&mut sql, &Scope::system(), &a::Filter::default(), last, 2).await.unwrap().len(), 1);
    }
}
