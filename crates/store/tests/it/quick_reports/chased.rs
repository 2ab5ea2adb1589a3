//! Ten days of twelve bodies, the process killed between any two steps: every miss is chased as configured, none twice.

use std::collections::BTreeSet;

use domain::quick_reports::{Audience, Round, chase as rule};
use jiff::SignedDuration;
use store::{Db, Sql, quick_reports::chase};

use super::*;

const BODIES: usize = 12;
const DAYS: i64 = 10;

/// Small and repeatable.
struct Dice(u64);
impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % n
    }
}

fn minutes(at: Timestamp) -> i64 {
    (at.as_second() - minute(0).as_second()) / 60
}

async fn rounds(t: &TestDb, g: &Ground) -> Vec<Round> {
    let mut sql: Sql = t.db.read().await.unwrap();
    quick_reports::course(&mut sql, &Scope::system(), &g.legal, g.w.campaign, minute(0)).await.unwrap().rounds
}

/// One look of the job that is killed: it gets so far as some transactions, of which the last is never committed.
async fn killed(t: &TestDb, g: &Ground, at: i64) {
    let desk = g.desk();
    let course = {
        let mut sql = t.db.read().await.unwrap();
        quick_reports::course(&mut sql, &Scope::system(), &g.legal, g.w.campaign, minute(at)).await.unwrap()
    };
    for round in course.rounds.iter().filter(|r| r.opens <= minute(at)) {
        let mut tx = t.db.begin(Actor::System, minute(at)).await.unwrap();
        chase::some(&mut tx, &desk, &course, round).await.unwrap();
        // Dropped without a word, as by kill -9.
        drop(tx);
    }
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    db.read().await.unwrap().count_for_test(sql).await.unwrap()
}

both_engines! {
    async fn ten_days_with_kills(t: &TestDb) {
        let g = Ground::new(t, BODIES, DAYS).await;
        let mut people = Vec::new();
        for body in &g.w.bodies {
            people.push(g.person(t, Role::DutyOfficer, *body, None).await);
            g.person(t, Role::Head, *body, None).await;
        }
        let above = g.person(t, Role::Coordinator, g.w.root, None).await;
        let rounds = rounds(t, &g).await;
        assert_eq!(rounds.len(), 20);
        let how = g.legal.on(jiff::civil::date(2027, 1, 20)).quick_reports().unwrap().rule.clone();
        let mut dice = Dice(11);
        // When each body answers each round: early, in time, late, or never.
        let mut answers: Vec<(i64, usize, usize)> = Vec::new();
        for (r, round) in rounds.iter().enumerate() {
            for body in 0..BODIES {
                if dice.below(100) < 85 {
                    answers.push((minutes(round.opens) + dice.below(330), body, r));
                }
            }
        }
        answers.sort_unstable();
        let mut next_answer = answers.iter().peekable();
        let mut now = 0;
        loop {
            while let Some((at, body, r)) = next_answer.next_if(|(at, ..)| *at <= now) {
                let round = minutes(rounds[*r].at);
                g.confirm(t, &people[*body], *body, (round, *at), &nil(), 0).await.unwrap();
            }
            if dice.below(3) == 0 {
                killed(t, &g, now).await;
            }
            let next = chase::run(&t.db, &g.desk(), minute(now)).await.unwrap();
            if dice.below(4) == 0 {
                // Two processes, or one that was started again at once.
                chase::run(&t.db, &g.desk(), minute(now)).await.unwrap();
            }
            // To the next moment that matters; the job itself looks at least as often.
            let moment = rounds.iter().filter_map(|r| rule::next(&how, r, minute(now))).min();
            let Some(moment) = moment else { break };
            assert!(minute(now) < next && next <= moment);
            now = minutes(moment);
        }
        // What must have been said, straight from the rule.
        let rule = &how;
        let mut expected = BTreeSet::new();
        for (r, round) in rounds.iter().enumerate() {
            for body in 0..BODIES {
                let answered = answers.iter().find(|(_, b, of)| (*b, *of) == (body, r)).map(|(at, ..)| *at);
                for (step, how) in rule.chase.iter().enumerate() {
                    let at = minutes(round.due) + i64::from(how.minutes);
                    if answered.is_none_or(|answered| at < answered) {
                        expected.insert((body, r, step));
                    }
                }
            }
        }
        assert!(expected.len() > 150, "{}", expected.len());
        let mut sql = t.db.read().await.unwrap();
        let mut said = BTreeSet::new();
        for (body, assignment) in g.w.assignments.iter().enumerate() {
            for (round, step, at) in store::quick_reports::chase::history(&mut sql, &Scope::system(), *assignment).await.unwrap() {
                let r = rounds.iter().position(|x| x.at == round).unwrap();
                let meant = rounds[r].due.checked_add(SignedDuration::from_mins(i64::from(rule.chase[step].minutes))).unwrap();
                assert_eq!(at, meant, "to the minute");
                assert!(said.insert((body, r, step)), "once");
            }
        }
        assert_eq!(said, expected);
        drop(sql);
        // A letter each: to the duty person or the head of each body, and one to the superior for all of a round.
        let own = expected.iter().filter(|(.., s)| rule.chase[*s].to != Audience::Superior).count();
        let above_rounds: BTreeSet<_> = expected.iter().filter(|(.., s)| rule.chase[*s].to == Audience::Superior).map(|(_, r, _)| r).collect();
        assert_eq!(count(&t.db, "select count(*) as n from intent where template <> 'quick-report-late-superior'").await, i64::try_from(own).unwrap());
        assert_eq!(count(&t.db, "select count(*) as n from intent where template = 'quick-report-late-superior'").await, i64::try_from(above_rounds.len()).unwrap());
        assert_eq!(count(&t.db, "select count(*) as n from intent").await, count(&t.db, "select count(*) as n from delivery").await);
        // Links of what was confirmed are good for nothing any more.
        let open = "select count(*) as n from one_time_link l where l.revoked_at is null and exists
            (select 1 from quick_report r where l.subject = 'quick-report:' || r.assignment || '@' || (r.round_at / 1000000))";
        assert_eq!(count(&t.db, open).await, 0);
        assert!(count(&t.db, "select count(*) as n from one_time_link").await > 0);
        let _ = above;
    }
}
