//! What outside systems report: one call-out a group, ended by them or begun anew.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::paging::outside::Tongue;
use hmac::{Hmac, Mac};
use store::{
    callouts::{Became, NewInlet, Signed},
    sign_in::InstanceKey,
};

use super::*;

fn key() -> InstanceKey {
    InstanceKey::new([1; 32])
}

fn signing() -> String {
    format!("whsec_{}", STANDARD.encode([7; 32]))
}

impl Story<'_> {
    async fn inlet(&self, tongue: Tongue, secret: &str) -> Id<kind::Inlet> {
        let new = NewInlet {
            id: Id::new(&self.ids as &dyn Ids),
            body: self.bodies[1],
            name: "Phòng máy".into(),
            tongue,
            digest: store::sign_in::digest(secret),
            secret: signing(),
            severity: Severity::Medium,
        };
        let who = scope(Role::Coordinator, self.bodies[1]);
        let made: Result<(), StoreError> = store::write!(self.t.db, Actor::System, minute(0), tx => {
            c::make_inlet(tx, &who, &key(), &self.secrets, &new).await
        });
        made.unwrap();
        new.id
    }
    async fn report(&self, secret: &str, body: &str, at: i64) -> Result<Became, StoreError> {
        c::report(&self.t.db, &self.tools(), &key(), minute(at), secret, body, Signed::default()).await
    }
    async fn shown(&self, id: Id<kind::Callout>) -> c::Callout {
        let mut sql = self.t.db.read().await.unwrap();
        c::get(&mut sql, &Scope::system(), None, id).await.unwrap().callout
    }
    async fn open(&self) -> u32 {
        c::inlets(&mut self.t.db.read().await.unwrap(), &Scope::system(), minute(0)).await.unwrap()[0].open
    }
}

fn group(name: &str, status: &str, severity: &str) -> String {
    serde_json::json!({
        "version": "4", "groupKey": name, "status": status, "truncatedAlerts": 0,
        "alerts": [{
            "status": status, "labels": { "alertname": "DiskFull", "severity": severity },
            "annotations": { "summary": "Ổ đĩa đầy" },
        }],
    })
    .to_string()
}

/// A message's signature at that minute.
fn sign(id: &str, at: i64, body: &str) -> (String, String) {
    let stamp = minute(at).as_second().to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&[7; 32]).unwrap();
    mac.update(format!("{id}.{stamp}.{body}").as_bytes());
    (stamp, format!("v1,AAAA v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

both_engines! {
    async fn in_maintenance_a_report_begins_nothing_and_is_heard_again_afterwards(t: &TestDb) {
        let s = Story::new(t).await;
        let inlet = c::Pausable::Inlet(s.inlet(Tongue::Alertmanager, "geheim").await);
        let who = scope(Role::Coordinator, s.bodies[1]);
        let pause = async |who: &Scope, at: i64, until: Option<i64>, why: &str| -> Result<(), StoreError> {
            let until = until.map(minute);
            store::write!(t.db, Actor::System, minute(at), tx => c::pause(tx, who, inlet, until, why).await)
        };
        let viewer = scope(Role::Viewer, s.bodies[1]);
        assert!(matches!(pause(&viewer, 0, Some(60), "Bảo trì").await, Err(StoreError::NotFound(_))));
        for (until, why, code) in [(0, "x", "pause-span"), (7 * 24 * 60 + 1, "x", "pause-span"), (60, " ", "text-empty")] {
            let done = pause(&who, 0, Some(until), why).await;
            assert!(matches!(done, Err(StoreError::Refused(c)) if c == code), "{done:?}");
        }
        let firing = |name: &str| group(name, "firing", "critical");
        let Became::Raised(before) = s.report("geheim", &firing("a"), 0).await.unwrap() else { panic!() };
        pause(&who, 1, Some(60), "Thay ổ đĩa").await.unwrap();
        assert_eq!(s.report("geheim", &firing("b"), 10).await.unwrap(), Became::Nothing);
        assert_eq!(s.report("geheim", &firing("a"), 11).await.unwrap(), Became::Known(before), "what is under way goes on");
        let over = group("a", "resolved", "critical");
        assert_eq!(s.report("geheim", &over, 12).await.unwrap(), Became::Ended(before));
        assert!(matches!(s.report("geheim", &firing("b"), 60).await.unwrap(), Became::Raised(_)));
        pause(&who, 61, Some(120), "Nữa").await.unwrap();
        pause(&who, 62, None, "").await.unwrap();
        assert!(matches!(s.report("geheim", &firing("c"), 63).await.unwrap(), Became::Raised(_)), "ended early");
    }

    async fn in_maintenance_silence_calls_nobody_and_counts_from_its_end(t: &TestDb) {
        let s = Story::new(t).await;
        let (own, tools) = (scope(Role::Coordinator, s.bodies[1]), s.tools());
        let new = c::NewMonitor {
            id: Id::new(&s.ids as &dyn Ids),
            body: s.bodies[1],
            name: "Sao lưu".into(),
            digest: "x".into(),
            every_minutes: 10,
            grace_minutes: 5,
            severity: Severity::High,
        };
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            c::make_monitor(tx, &own, &new).await?;
            c::pause(tx, &own, c::Pausable::Monitor(new.id), Some(minute(60)), "Nâng cấp").await
        });
        made.unwrap();
        let look = async |at: i64| {
            let done: Result<_, StoreError> =
                store::write!(t.db, Actor::System, minute(at), tx => c::look(tx, &tools).await);
            done.unwrap();
            let mut sql = t.db.read().await.unwrap();
            let open = Filter { side: Side::Open, body: None };
            c::list(&mut sql, &Scope::system(), None, open, None, 10).await.unwrap().len()
        };
        assert_eq!((look(30).await, look(74).await, look(75).await), (0, 0, 1));
        let seen = c::monitors(&mut t.db.read().await.unwrap(), &own, minute(30)).await.unwrap();
        assert_eq!(seen[0].paused.as_ref().unwrap().why, "Nâng cấp");
    }

    async fn a_group_is_one_call_out_however_often_it_is_told_and_ends_when_it_says_so(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Head)], None).await;
        s.inlet(Tongue::Alertmanager, "cua").await;
        assert!(matches!(s.report("khac", &group("a", "firing", "critical"), 1).await, Err(StoreError::NotFound(_))));
        let refused = s.report("cua", "{\"a\":1}", 1).await;
        assert!(matches!(refused, Err(StoreError::Refused("inlet-unreadable"))), "{refused:?}");
        let Became::Raised(id) = s.report("cua", &group("a", "firing", "critical"), 2).await.unwrap() else { panic!() };
        let of = s.shown(id).await;
        assert_eq!((of.about, of.severity, of.body), (About::Outside, Severity::Critical, s.bodies[1]));
        assert_eq!((of.words["title"].as_str(), of.words["source"].as_str()), ("Ổ đĩa đầy", "Phòng máy"));
        assert_eq!(of.policy.name, "Đêm", "the policy in force for its body");
        for at in [2, 7, 60] {
            assert_eq!(s.report("cua", &group("a", "firing", "critical"), at).await.unwrap(), Became::Known(id));
        }
        let Became::Raised(other) = s.report("cua", &group("b", "firing", "odd"), 61).await.unwrap() else { panic!() };
        assert_eq!(s.shown(other).await.severity, Severity::Medium, "what names none is as bad as the inlet says");
        assert_eq!(s.open().await, 2);
        // The head is called and takes it; it is over when the system says so.
        s.step(id, 61).await;
        assert_eq!(s.report("cua", &group("a", "resolved", ""), 62).await.unwrap(), Became::Ended(id));
        assert_eq!(s.report("cua", &group("a", "resolved", ""), 62).await.unwrap(), Became::Nothing);
        assert_eq!(s.report("cua", &group("c", "resolved", ""), 63).await.unwrap(), Became::Nothing, "never begun");
        assert_eq!(s.shown(id).await.state.standing, Standing::Resolved);
        let mut sql = t.db.read().await.unwrap();
        let log = c::log(&mut sql, &Scope::system(), None, id).await.unwrap();
        let last = log.last().unwrap();
        assert_eq!((last.what.as_str(), last.via.as_str()), ("resolved", "inlet"));
        assert_eq!(last.note, "Phòng máy: Ổ đĩa đầy");
        drop(sql);
        let Became::Raised(again) = s.report("cua", &group("a", "firing", "high"), 90).await.unwrap() else { panic!() };
        assert_ne!(again, id, "it burns again");
    }

    async fn what_still_burns_after_somebody_ended_it_is_called_anew(t: &TestDb) {
        let s = Story::new(t).await;
        s.inlet(Tongue::Alertmanager, "cua").await;
        let Became::Raised(id) = s.report("cua", &group("a", "firing", "high"), 0).await.unwrap() else { panic!() };
        let (tools, head) = (s.tools(), scope(Role::Head, s.bodies[1]));
        let done: Result<_, StoreError> = store::write!(t.db, Actor::Person(s.people[2]), minute(3), tx => {
            c::act(tx, &head, &tools, id, &Act::Resolve("xong".into()), "page").await
        });
        assert!(done.unwrap().changed);
        let after = s.report("cua", &group("a", "firing", "high"), 240).await.unwrap();
        assert!(matches!(after, Became::Raised(new) if new != id), "{after:?}");
    }

    async fn a_storm_wakes_people_for_the_first_and_the_rest_come_again(t: &TestDb) {
        let s = Story::new(t).await;
        s.inlet(Tongue::Alertmanager, "cua").await;
        for n in 0..c::OPEN_MAX {
            let raised = s.report("cua", &group(&n.to_string(), "firing", "high"), 1).await.unwrap();
            assert!(matches!(raised, Became::Raised(_)), "{raised:?}");
        }
        let full = s.report("cua", &group("one more", "firing", "high"), 2).await;
        assert!(matches!(full, Err(StoreError::Refused("inlet-storm"))), "{full:?}");
        assert_eq!(s.open().await, c::OPEN_MAX);
        assert!(matches!(s.report("cua", &group("0", "resolved", ""), 3).await.unwrap(), Became::Ended(_)));
        let then = s.report("cua", &group("one more", "firing", "high"), 4).await.unwrap();
        assert!(matches!(then, Became::Raised(_)), "{then:?}");
    }

    async fn signed_messages_are_believed_once_and_only_with_their_signature(t: &TestDb) {
        let s = Story::new(t).await;
        s.inlet(Tongue::Signed, "cua").await;
        let tools = s.tools();
        let say = async |id: &str, at: i64, body: &str, now: i64, signature: Option<&str>| {
            let (timestamp, good) = sign(id, at, body);
            let signed = Signed { id, timestamp: &timestamp, signature: signature.unwrap_or(&good) };
            c::report(&t.db, &tools, &key(), minute(now), "cua", body, signed).await
        };
        let firing = r#"{"type":"canh.watch-silent","data":{"thread":"t","subject":"Mất điện","urgent":true}}"#;
        let over = r#"{"type":"canh.watch-silent","data":{"thread":"t","taken":"A đã nhận"}}"#;
        for (at, now, signature) in [(0, 0, Some("v1,AAAA")), (0, 0, Some("")), (0, 6, None), (6, 0, None)] {
            let refused = say("m1", at, firing, now, signature).await;
            assert!(matches!(refused, Err(StoreError::Refused("inlet-signature"))), "{at} {now}: {refused:?}");
        }
        let (_, of_other) = sign("m1", 0, over);
        let refused = say("m1", 0, firing, 0, Some(&of_other)).await;
        assert!(matches!(refused, Err(StoreError::Refused("inlet-signature"))), "another body's: {refused:?}");
        let Became::Raised(id) = say("m1", 0, firing, 1, None).await.unwrap() else { panic!() };
        assert_eq!(s.shown(id).await.severity, Severity::High);
        assert_eq!(say("m1", 2, firing, 2, None).await.unwrap(), Became::Known(id));
        assert_eq!(say("m1-0", 3, over, 3, None).await.unwrap(), Became::Ended(id));
        assert_eq!(say("m1", 0, firing, 4, None).await.unwrap(), Became::Nothing, "sent again because its receipt was lost");
        assert!(matches!(say("m2", 5, firing, 5, None).await.unwrap(), Became::Raised(new) if new != id));
    }

    async fn an_inlet_is_its_bodys_own_and_nobody_is_heard_at_a_closed_one(t: &TestDb) {
        let s = Story::new(t).await;
        let id = s.inlet(Tongue::Alertmanager, "cua").await;
        let other = crate::body(&t.db, &s.ids, Some(s.bodies[0])).await;
        let neighbour = scope(Role::Coordinator, other);
        let mut sql = t.db.read().await.unwrap();
        assert!(c::inlets(&mut sql, &neighbour, minute(0)).await.unwrap().is_empty());
        let seen = c::inlets(&mut sql, &scope(Role::Viewer, s.bodies[1]), minute(0)).await.unwrap();
        assert_eq!((seen.len(), seen[0].may_change, seen[0].open), (1, false, 0));
        drop(sql);
        let (body, tools) = (group("a", "firing", "high"), s.tools());
        for who in [&neighbour, &scope(Role::Viewer, s.bodies[1])] {
            let done = c::report_of(&t.db, who, Actor::System, &tools, minute(1), id, &body).await;
            assert!(matches!(done, Err(StoreError::NotFound(_))), "{done:?}");
            let closed: Result<(), StoreError> =
                store::write!(t.db, Actor::System, minute(1), tx => c::close_inlet(tx, who, id).await);
            assert!(matches!(closed, Err(StoreError::NotFound(_))));
        }
        let own = scope(Role::Coordinator, s.bodies[1]);
        let done = c::report_of(&t.db, &own, Actor::Person(s.people[0]), &tools, minute(1), id, &body).await;
        assert!(matches!(done, Ok(Became::Raised(_))), "{done:?}");
        let closed: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(2), tx => c::close_inlet(tx, &own, id).await);
        closed.unwrap();
        assert!(matches!(s.report("cua", &body, 3).await, Err(StoreError::NotFound(_))));
        assert!(c::inlets(&mut t.db.read().await.unwrap(), &own, minute(0)).await.unwrap().is_empty());
    }
}
