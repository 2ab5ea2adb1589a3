//! Rounds of quick reports of 1,000 bodies over ten days on a clock that is moved from one moment that matters to the
//! next: every miss chased as the rule says, none twice. What the test of the store does with twelve bodies.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    legal::Legal,
    quick_reports::{Said, chase as rule},
    right::Role,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError, args,
    quick_reports::{self, Desk, NewReport, chase},
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, World, issued, minute, sqlite},
};

use super::gauge::{Times, begin};

const BODIES: usize = 1_000;
const MINUTES: i64 = 10 * 24 * 60;
/// Rounds of ten days at two hours a day.
const ROUNDS: usize = 20;

/// Runs it.
///
/// # Errors
/// When a reminder is missing, doubled or not at its minute.
pub fn run(_: &[&str]) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())
}

/// Small and repeatable.
struct Dice(u64);
impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap_or_default() % n
    }
}

async fn measure() -> Result<()> {
    let (t, ids, legal, key) =
        (sqlite().await, TestIds::default(), Legal::builtin()?, InstanceKey::new([5; 32]));
    let w = issued(&t.db, &ids, BODIES, &["RPT"], minute(0), minute(MINUTES)).await;
    let people = people(&t, &ids, &w).await?;
    let desk = Desk { ids: &ids, legal: &legal, base: "https://canh.example", key: &key };
    let course = {
        let mut sql = t.db.read().await?;
        quick_reports::course(&mut sql, &Scope::system(), &legal, w.campaign, minute(0)).await?
    };
    let (rounds, how) =
        (&course.rounds, course.rounds.first().and_then(|r| course.rule(r)).context("a rule")?);
    ensure!(rounds.len() == ROUNDS, "{} rounds", rounds.len());

    // When each body answers each round: early, in time, late, or never.
    let mut dice = Dice(11);
    let mut answers = Vec::new();
    for (r, round) in rounds.iter().enumerate() {
        for body in 0..BODIES {
            if dice.below(100) < 85 {
                answers.push((after(round.opens, dice.below(330)), body, r));
            }
        }
    }
    answers.sort_unstable();
    let (mut next_answer, mut looks, mut confirmed) =
        (answers.iter().peekable(), Times::default(), Times::default());
    let mut now = minute(0);
    loop {
        while let Some((at, body, r)) = next_answer.next_if(|(at, ..)| *at <= now) {
            let began = begin();
            confirm(&t, &desk, &w, &people, (*body, rounds.get(*r).context("a round")?.at), *at).await?;
            confirmed.end(&began);
        }
        let began = begin();
        chase::run(&t.db, &desk, now).await?;
        looks.end(&began);
        // Another process, or the same started again: nothing is said twice.
        chase::run(&t.db, &desk, now).await?;
        let Some(next) = rounds.iter().filter_map(|r| rule::next(how, r, now)).min() else { break };
        now = next;
    }
    looks.print("a look at all rounds", "with the reminders it makes");
    confirmed.print("a report confirmed", &format!("of {}", answers.len()));
    checked(&t, &w, rounds, how, &answers).await
}

/// What was said against what the rule says.
async fn checked(
    t: &TestDb,
    w: &World,
    rounds: &[domain::quick_reports::Round],
    how: &domain::quick_reports::Rule,
    answers: &[(Timestamp, usize, usize)],
) -> Result<()> {
    let answered: std::collections::BTreeMap<(usize, usize), Timestamp> =
        answers.iter().map(|(at, body, r)| ((*body, *r), *at)).collect();
    let mut expected = BTreeSet::new();
    for (r, round) in rounds.iter().enumerate() {
        for body in 0..BODIES {
            for (step, s) in how.chase.iter().enumerate() {
                let at = after(round.due, i64::from(s.minutes));
                if answered.get(&(body, r)).is_none_or(|answered| at < *answered) {
                    expected.insert((body, r, step, at));
                }
            }
        }
    }
    let (mut said, mut count) = (BTreeSet::new(), 0);
    let mut sql = t.db.read().await?;
    for (body, assignment) in w.assignments.iter().enumerate() {
        for (round, step, at) in chase::history(&mut sql, &Scope::system(), *assignment).await? {
            let r = rounds.iter().position(|x| x.at == round).context("a round of its own")?;
            said.insert((body, r, step, at));
            count += 1;
        }
    }
    ensure!(said.len() == count, "{} reminders were made twice", count - said.len());
    ensure!(said == expected, "{} reminders, expected {}", said.len(), expected.len());
    let letters = sql.count_for_test("select count(*) as n from intent").await?;
    println!(
        "reminders   {count} of {BODIES} bodies in {ROUNDS} rounds, each at its minute, none twice; {letters} letters"
    );
    Ok(())
}

async fn confirm(
    t: &TestDb,
    desk: &Desk<'_>,
    w: &World,
    people: &[Id<kind::Person>],
    (body, round): (usize, Timestamp),
    at: Timestamp,
) -> Result<()> {
    let said = Said { nil: true, ..Said::default() };
    let (assignment, home, who) =
        (w.assignments.get(body), w.bodies.get(body), people.get(body).context("somebody")?);
    let new = NewReport {
        id: Id::new(desk.ids),
        assignment: *assignment.context("an assignment")?,
        round,
        corrects: 0,
        shown: None,
        said: &said,
    };
    let scope = Scope::of(vec![(Role::DutyOfficer, *home.context("a body")?)]);
    let done: Result<_, StoreError> = store::write!(t.db, Actor::Person(*who), at, tx => {
        quick_reports::confirm(tx, &scope, desk, &new).await
    });
    done?;
    Ok(())
}

/// A duty officer and a head for each body, and somebody above; returns the duty officers.
async fn people(t: &TestDb, ids: &TestIds, w: &World) -> Result<Vec<Id<kind::Person>>> {
    let mut tx = t.db.begin_quiet(minute(0)).await?;
    let mut found = Vec::new();
    let homes = w.bodies.iter().flat_map(|b| [(*b, "duty-officer"), (*b, "head")]);
    for (body, role) in homes.chain([(w.root, "coordinator")]) {
        let person: Id<kind::Person> = Id::new(ids as &dyn Ids);
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1, 'Lê Thị Na', 'le thi na', 'na', 0)",
            args![person],
        )
        .await?;
        tx.run_for_test(
            "insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'email','a@example.invalid',1,0)",
            args![Id::<kind::Channel>::new(ids as &dyn Ids), person],
        )
        .await?;
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
            args![Id::<kind::Grant>::new(ids as &dyn Ids), person, role, body],
        )
        .await?;
        if role == "duty-officer" {
            found.push(person);
        }
    }
    tx.commit().await?;
    Ok(found)
}

fn after(at: Timestamp, minutes: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}
