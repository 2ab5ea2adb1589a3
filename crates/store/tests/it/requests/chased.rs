//! Reminders: as the legal pack says, each once, and none for what is not owed.

use super::*;

/// Runs the job over a clock that moves by quarters of an hour; returns what was said, with the hour.
async fn chase(s: &Story<'_>, id: RequestId, from: i64, to: i64) -> Vec<(String, i64)> {
    let tools = s.tools();
    for at in (from..=to).step_by(15) {
        // Twice each time: a job that is killed after its commit runs again.
        for _ in 0..2 {
            let done: Result<Option<Timestamp>, StoreError> = store::write!(s.t.db, Actor::System, minute(at), tx => {
                let next = r::chase::run(tx, &tools, id).await?;
                tx.unchanged();
                Ok(next)
            });
            assert!(done.unwrap().is_none_or(|next| next > minute(at)));
        }
    }
    let mut sql = s.t.db.read().await.unwrap();
    let sent = r::chase::reminders(&mut sql, &Scope::system(), id).await.unwrap();
    let hour = |at: Timestamp| (at.as_second() - minute(0).as_second()) / 3_600;
    sent.iter().map(|m| (m.step.name().to_owned(), hour(m.at))).collect()
}

fn said(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(step, hour)| ((*step).to_owned(), *hour)).collect()
}

both_engines! {
    async fn an_agreed_time_is_chased_to_the_head_and_each_step_once(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        s.person("Thủ trưởng", Role::Head, s.w.bodies[0]).await;
        // Due at 14:00 of the third day: 08:00 plus 54 hours.
        let new = NewRequest { due: Some(minute(54 * HOUR)), ..s.work(&s.w.bodies[..1]) };
        let id = s.ask(&above, &new, 0).await.unwrap()[0];
        let sent = chase(&s, id, 0, 100 * HOUR).await;
        assert_eq!(sent, said(&[("soon", 6), ("last", 50), ("overdue", 54), ("escalated", 78)]));
        assert_eq!(
            s.told().await,
            ["request-asked", "request-escalation", "request-escalation", "request-overdue", "request-reminder", "request-reminder"]
        );
        assert_eq!(s.get(&above, id, 0).await.unwrap().chased, 4);
    }

    async fn the_clock_of_the_law_does_not_wait_for_morning(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let new = NewRequest { urgent: true, ..s.filter(&s.w.bodies[..1], "evil.com") };
        // Asked at 20:00, due at 02:00.
        let id = s.ask(&above, &new, 12 * HOUR).await.unwrap()[0];
        let sent = chase(&s, id, 12 * HOUR, 24 * HOUR).await;
        assert_eq!(sent, said(&[("last", 16), ("overdue", 18), ("escalated", 19)]));
    }

    async fn what_is_answered_is_left_alone_until_it_is_returned(t: &TestDb) {
        let s = Story::new(t).await;
        let above = s.person("Điều phối", Role::Coordinator, s.w.root).await;
        let clerk = s.person("Văn thư", Role::Clerk, s.w.bodies[0]).await;
        let new = NewRequest { due: Some(minute(54 * HOUR)), ..s.work(&s.w.bodies[..1]) };
        let id = s.ask(&above, &new, 0).await.unwrap()[0];
        assert_eq!(chase(&s, id, 0, 10 * HOUR).await, said(&[("soon", 6)]));
        s.answer(&clerk, id, Outcome::Done, "xong", 11 * HOUR).await.unwrap();
        assert_eq!(chase(&s, id, 11 * HOUR, 90 * HOUR).await, said(&[("soon", 6)]));
        let back = Decision::Return("thiếu".into(), Some(minute(150 * HOUR)));
        s.decide(&above, id, &back, 91 * HOUR).await.unwrap();
        assert_eq!(
            chase(&s, id, 92 * HOUR, 160 * HOUR).await,
            said(&[("soon", 6), ("soon", 102), ("last", 146), ("overdue", 150)])
        );
    }
}
