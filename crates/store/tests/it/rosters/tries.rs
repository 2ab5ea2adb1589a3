//! Daily channel tests, drills and calls of shifts: each once, each seen by whom it concerns.

use std::collections::BTreeMap;

use domain::{fact::kinds, intent::Delivery, paging::About};
use store::{facts, intents, tries};

use super::*;

/// An order of the province to the department with that duty, for that window.
async fn order(s: &Story<'_>, code: &str, from: i64, to: i64) {
    let [campaign, duty, assignment, task] = [(); 4].map(|()| s.ids.next().to_string());
    let (root, own, name) = (s.bodies[0], s.bodies[1], code.to_owned());
    let made: Result<(), StoreError> = store::write!(s.t.db, Actor::System, minute(0), tx => {
        for (sql, args) in [
            ("insert into campaign (id, body, name, folded, window_from, window_to, state, created_at)
              values ($1,$2,$3,'x',$4,$5,'issued',0)", args![&campaign, root, &name, minute(from), minute(to)]),
            ("insert into campaign_duty (id, campaign, place, code, path, quote) values ($1,$2,0,$3,'','x')",
             args![&duty, &campaign, &name]),
            ("insert into assignment (id, campaign, body, received_at) values ($1,$2,$3,0)", args![&assignment, &campaign, own]),
            ("insert into task (id, assignment, campaign, body, duty, code, due_at) values ($1,$2,$3,$4,$5,$6,$7)",
             args![&task, &assignment, &campaign, own, &duty, &name, minute(to)]),
        ] {
            tx.run_for_test(sql, args).await?;
        }
        tx.record("test.order", "test", None, &());
        Ok(())
    });
    made.unwrap();
}

async fn channel(s: &Story<'_>, person: usize, kind: &str) {
    let (id, of, address) =
        (s.ids.next().to_string(), s.people[person], format!("{kind}-{person}@tinh.example"));
    let made: Result<(), StoreError> = store::write!(s.t.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into channel (id, person, kind, address, rank, created_at, verified_at) values ($1,$2,$3,$4,0,0,0)",
            args![&id, of, kind, &address],
        ).await?;
        tx.record("test.channel", "test", None, &());
        Ok(())
    });
    made.unwrap();
}

async fn look(s: &Story<'_>, at: i64) {
    let key = store::sign_in::InstanceKey::new([1; 32]);
    tries::look(&s.t.db, &s.tools(), &key, minute(at)).await.unwrap();
}

/// Everything waiting is sent; what goes over that kind is refused.
async fn send(s: &Story<'_>, at: i64, refused: &str) -> BTreeMap<String, u32> {
    let mut sent = BTreeMap::new();
    while let Some(claimed) = intents::claim(&s.t.db, minute(at)).await.unwrap() {
        let first = intents::spread(&s.t.db, minute(at), &claimed).await.unwrap();
        let Some(one) = first.or(claimed.to.is_some().then_some(claimed)) else { continue };
        *sent.entry(one.intent.template.clone()).or_insert(0) += 1;
        let became = if one.channel == refused {
            Delivery::Failed { next: None, why: "no such address".into() }
        } else {
            Delivery::Sent { receipt: "ok".into() }
        };
        intents::settle(&s.t.db, minute(at), &one, &became).await.unwrap();
    }
    sent
}

async fn calls(s: &Story<'_>, about: About) -> usize {
    let all = Filter { side: Side::All, body: None };
    let mut sql = s.t.db.read().await.unwrap();
    let found = callouts::list(&mut sql, &Scope::system(), None, all, None, 100).await.unwrap();
    found.iter().filter(|c| c.callout.about == about).count()
}

both_engines! {
    async fn every_channel_is_tested_once_a_day_and_what_came_of_it_is_a_fact(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, DAY), None).await.unwrap();
        order(&s, "SHAR", 0, 3 * DAY).await;
        let contact: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            tx.run_for_test("update membership set contact = true where person = $1", args![s.people[2]]).await?;
            tx.record("test.contact", "test", None, &());
            Ok(())
        });
        contact.unwrap();
        for (person, kind) in [(0, "email"), (0, "ntfy"), (2, "email")] {
            channel(&s, person, kind).await;
        }
        send(&s, 1, "").await;
        look(&s, 29).await;
        assert!(send(&s, 29, "").await.is_empty(), "half past eight is the hour");
        look(&s, 30).await;
        let own = s.planner();
        let read = async |who: &Scope| tries::tested(&mut t.db.read().await.unwrap(), who).await.unwrap();
        assert_eq!(read(&own).await[0].waits, 3);
        assert_eq!(send(&s, 30, "ntfy").await, BTreeMap::from([("channel-daily".to_owned(), 3)]));
        look(&s, 31).await;
        look(&s, 36).await;
        let told = send(&s, 36, "").await;
        assert_eq!(told, BTreeMap::from([("channel-daily-failed".to_owned(), 1)]), "no test twice a day");
        let found = read(&own).await;
        assert_eq!(found.len(), 1);
        let f = &found[0];
        assert_eq!((f.people, f.reached, f.channels, f.ok, f.waits), (3, 2, 3, 2, 0));
        let failing: Vec<_> = f.failing.iter().map(|f| (f.person.as_str(), f.kind.as_str())).collect();
        assert_eq!(failing, [("Người 0", "ntfy"), ("Người 1", "")]);
        assert!(read(&scope(Role::Viewer, s.bodies[2])).await.is_empty(), "a neighbour sees nothing");
        let mut sql = t.db.read().await.unwrap();
        let subject = [format!("body:{}", s.bodies[1])];
        let known = facts::about(&mut sql, &Scope::system(), &subject, &[kinds::CHANNELS_TESTED], 10).await.unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!((&known[0].value["reached"], &known[0].value["contacts-reached"]), (&2.into(), &1.into()));
        let kinds = tries::by_kind(&mut sql).await.unwrap();
        assert_eq!(kinds["ntfy"], ("2027-01-20".to_owned(), 0, 1));
        drop(sql);
        // Never answered by anybody: after half an hour it counts as not taken.
        look(&s, DAY + 30).await;
        look(&s, DAY + 61).await;
        assert_eq!(read(&own).await[0].ok, 0);
    }

    async fn the_day_is_tested_up_to_whoever_gave_the_order_and_down_to_every_post(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 12 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, DAY), None).await.unwrap();
        s.create(Id::new(&s.ids as &dyn Ids), s.bodies[2], &[]).await.unwrap();
        order(&s, "SHAR", 0, 3 * DAY).await;
        let contact: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            tx.run_for_test("update membership set contact = true where person = $1", args![s.people[3]]).await?;
            tx.record("test.contact", "test", None, &());
            Ok(())
        });
        contact.unwrap();
        for (person, kind) in [(0, "email"), (1, "email"), (3, "ntfy")] {
            channel(&s, person, kind).await;
        }
        send(&s, 1, "").await;
        look(&s, 30).await;
        send(&s, 30, "ntfy").await;
        look(&s, 31).await;
        let read = async |who: &Scope| tries::tested(&mut t.db.read().await.unwrap(), who).await.unwrap();
        let found = read(&s.planner()).await;
        assert_eq!((found[0].people, found[0].reached, found[0].up), (2, 2, (0, 1)), "reached, but cut off above");
        let mut sql = t.db.read().await.unwrap();
        let subject = [format!("body:{}", s.bodies[1])];
        let known = facts::about(&mut sql, &Scope::system(), &subject, &[kinds::CHANNELS_TESTED], 10).await.unwrap();
        let value = &known[0].value;
        assert_eq!((&value["people"], &value["superiors"], &value["superiors-reached"]), (&2.into(), &1.into(), &0.into()));
        let (day, posts) = tries::at_posts(&mut sql, &scope(Role::Viewer, s.bodies[0])).await.unwrap().unwrap();
        let posts: Vec<_> = posts.iter().map(|p| (p.people, p.reached, p.waits)).collect();
        assert_eq!((day.as_str(), posts), ("2027-01-20", vec![(0, 0, 0), (2, 2, 0)]), "nobody to try stands first");
        let own = tries::at_posts(&mut sql, &s.planner()).await.unwrap().unwrap().1;
        assert_eq!(own.len(), 1, "the neighbour's post is not ours to see");
        drop(sql);
        // The next day's, sent by something else: everybody but one of the messages.
        let tools = s.tools();
        tries::lived(&t.db, &tools, minute(DAY + 30), &|n| n > 0).await.unwrap();
        tries::lived(&t.db, &tools, minute(DAY + 30), &|_| true).await.unwrap();
        let found = &read(&s.planner()).await[0];
        assert_eq!((found.day.as_str(), found.waits), ("2027-01-21", 0));
        assert_eq!(found.ok + found.up.0, 1);
    }

    async fn whoever_is_on_duty_soon_is_told_once_and_a_swap_is_told_to_those_it_concerns(t: &TestDb) {
        let s = Story::new(t).await;
        for person in 0..3 {
            channel(&s, person, "email").await;
        }
        // Two turns of one crew on end, then the other's.
        let layer = s.layer(&[s.people[0], s.people[0], s.people[1]], 8 * 60);
        s.add(&layer).await.unwrap();
        s.publish(&s.planner(), 0, window(0, 2 * DAY), None).await.unwrap();
        send(&s, 1, "").await;
        let told = |what: &str, n| BTreeMap::from([(what.to_owned(), n)]);
        for (at, n) in [(7 * HOUR, 0), (15 * HOUR + 29, 0), (15 * HOUR + 30, 1), (15 * HOUR + 35, 0)] {
            look(&s, at).await;
            let sent = send(&s, at, "").await;
            assert_eq!(sent.get("shift-soon").copied().unwrap_or(0), n, "{at}");
        }
        let swap = domain::roster::rules::Swap {
            id: Id::new(&s.ids as &dyn Ids),
            from: s.people[1],
            to: s.people[0],
            span: window(DAY + 16 * HOUR, DAY + 24 * HOUR),
        };
        let (officer, head) = (scope(Role::DutyOfficer, s.bodies[1]), scope(Role::Coordinator, s.bodies[1]));
        let now = 16 * HOUR;
        let asked: Result<(), StoreError> = store::write!(t.db, Actor::Person(s.people[1]), minute(now), tx => {
            r::ask_swap(tx, &officer, s.post, &r::NewSwap { swap: swap.clone(), why: "Bận" }).await
        });
        asked.unwrap();
        look(&s, now).await;
        assert_eq!(send(&s, now, "").await, told("swap-asked", 1));
        let agreed: Result<(), StoreError> = store::write!(t.db, Actor::Person(s.people[0]), minute(now), tx => {
            r::agree(tx, &officer, swap.id, true).await
        });
        agreed.unwrap();
        look(&s, now).await;
        // The roster of this story was published by nobody, and nobody plans for the body.
        assert!(send(&s, now, "").await.is_empty());
        let (grant, planner, of) = (s.ids.next().to_string(), s.people[2], s.bodies[1]);
        let mut tx = t.db.begin_quiet(minute(now)).await.unwrap();
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'head',$3,0)",
            args![&grant, planner, of],
        ).await.unwrap();
        tx.commit().await.unwrap();
        look(&s, now).await;
        assert_eq!(send(&s, now, "").await, told("swap-to-decide", 1), "whoever plans for the body");
        let pack = s.tools().pack;
        let decided: Result<(), StoreError> = store::write!(t.db, Actor::Person(s.people[2]), minute(now), tx => {
            r::decide_swap(tx, &head, pack, swap.id, true).await
        });
        decided.unwrap();
        look(&s, now).await;
        assert_eq!(send(&s, now, "").await, told("swap-approved", 2), "both of them");
        look(&s, now + 5).await;
        assert!(send(&s, now + 5, "").await.is_empty(), "once");
    }

    async fn a_window_is_drilled_before_it_and_every_shift_of_it_called_once(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, 6 * DAY), None).await.unwrap();
        look(&s, 2 * HOUR).await;
        assert_eq!((calls(&s, About::Drill).await, calls(&s, About::TestCall).await), (0, 0), "no order wants it");
        order(&s, "DUTY", 2 * DAY, 5 * DAY).await;
        look(&s, 59).await;
        assert_eq!(calls(&s, About::Drill).await, 0, "two days before, at nine");
        look(&s, 60).await;
        look(&s, 61).await;
        assert_eq!(calls(&s, About::Drill).await, 2, "everybody on the roster of the window, once");
        look(&s, 2 * DAY - 5).await;
        assert_eq!(calls(&s, About::TestCall).await, 0, "the window has not begun");
        look(&s, 2 * DAY + 59).await;
        assert_eq!(calls(&s, About::TestCall).await, 0);
        look(&s, 2 * DAY + 60).await;
        look(&s, 2 * DAY + 65).await;
        assert_eq!(calls(&s, About::TestCall).await, 1);
        look(&s, 2 * DAY + 9 * HOUR).await;
        assert_eq!(calls(&s, About::TestCall).await, 2, "the next shift's");
        assert_eq!(calls(&s, About::Drill).await, 2);
        let mut sql = t.db.read().await.unwrap();
        let found = tries::called(&mut sql, &s.planner(), minute(0)).await.unwrap();
        let told: Vec<_> = found.iter().map(|c| (c.about, c.open, c.all)).collect();
        assert_eq!(told, [(About::Drill, 2, 2), (About::TestCall, 2, 2)]);
        assert!(tries::called(&mut sql, &scope(Role::Viewer, s.bodies[2]), minute(0)).await.unwrap().is_empty());
    }
}
