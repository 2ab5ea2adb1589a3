//! Judges a batch of tasks in one transaction: what is known is read, evaluated and written under one lock, so that
//! no older look can overwrite a newer one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    counts::{self, Counted},
    evidence::{self, Count, Evaluator, FACTS_MAX, Known, Verdict},
    fact::{Fact, kinds::INSPECTED},
    id::{Id, kind},
    legal::{Legal, Pack},
    line,
    notice::concerns,
    time,
};
use jiff::Timestamp;
use store::{
    Db, StoreError, Tx, quick_reports,
    verdicts::{self, Contact, Figures, Inspections, Leaves, Task},
};

use super::table::{ALWAYS, Counted as Counts, Needs, OF_BODIES, needs};

/// Judges those tasks at `now`; with the last batch `cursor` is kept. Returns how many verdicts changed.
pub(super) async fn judge(
    db: &Db,
    legal: &Legal,
    now: Timestamp,
    ids: &[Id<kind::Task>],
    cursor: Option<i64>,
) -> Result<usize, StoreError> {
    let mut changed = 0;
    let batches = ids.chunks(verdicts::BATCH);
    let last = batches.len().saturating_sub(1);
    for (n, batch) in batches.enumerate() {
        let cursor = cursor.filter(|_| n == last);
        let mut tries = 0;
        changed += loop {
            match judge_batch(db, legal, now, batch, cursor).await {
                Err(error) if error.is_conflict() && tries < Tx::ATTEMPTS_MAX => tries += 1,
                ended => break ended?,
            }
        };
    }
    Ok(changed)
}

async fn judge_batch(
    db: &Db,
    legal: &Legal,
    now: Timestamp,
    ids: &[Id<kind::Task>],
    cursor: Option<i64>,
) -> Result<usize, StoreError> {
    let pack = legal.on(time::date(now));
    let mut tx = db.begin_quiet(now).await?;
    let tasks = verdicts::load(&mut tx, ids).await?;
    let known = Batch::fetch(&mut tx, legal, now, &tasks).await?;
    let judged: Vec<(Task, Verdict)> = tasks
        .into_iter()
        .map(|task| {
            let rule = rule(pack, &task);
            let verdict =
                evidence::evaluate(&task.code, rule, task.window, now, &known.of(&task, rule, pack, now));
            (task, verdict)
        })
        .collect();
    let changed = verdicts::save(&mut tx, &judged).await?;
    if let Some(at) = cursor {
        verdicts::set_cursor(&mut tx, at).await?;
    }
    tx.commit().await?;
    Ok(changed)
}

/// A code that has left the catalogue is judged by what people hand in.
fn rule(pack: &Pack, task: &Task) -> Evaluator {
    pack.duty(task.code.as_str()).map_or(Evaluator::Upload, |d| d.evaluator)
}

/// What is known of a whole batch.
struct Batch {
    facts: HashMap<String, Vec<Fact>>,
    contacts: HashMap<Id<kind::Body>, Contact>,
    hosts: HashMap<Id<kind::Body>, Count>,
    machines: HashMap<Id<kind::Body>, Vec<Counted>>,
    leaves: Leaves,
    quick: HashMap<Id<kind::Assignment>, quick_reports::Counts>,
    inspections: Inspections,
    figures: HashMap<Id<kind::Task>, Figures>,
}

impl Batch {
    /// A handful of queries, however many tasks there are.
    async fn fetch(tx: &mut Tx, legal: &Legal, now: Timestamp, tasks: &[Task]) -> Result<Self, StoreError> {
        let pack = legal.on(time::date(now));
        let of = |count: Counts| {
            tasks.iter().filter(move |t| needs(rule(pack, t)).is_some_and(|n| n.counts.contains(&count)))
        };
        let bodies = |count: Counts| {
            let bodies: BTreeSet<_> = of(count).map(|t| t.body).collect();
            bodies.into_iter().collect::<Vec<_>>()
        };
        let (with_contact, with_hosts) = (bodies(Counts::ContactChannels), bodies(Counts::RegisteredHosts));
        let with_leaves: Vec<&Task> = of(Counts::Leaves).collect();
        let with_inspections: Vec<&Task> = of(Counts::Inspections).collect();
        let mut found = Self {
            facts: HashMap::new(),
            contacts: HashMap::new(),
            hosts: HashMap::new(),
            machines: HashMap::new(),
            leaves: Leaves::new(),
            quick: HashMap::new(),
            inspections: Inspections::new(),
            figures: HashMap::new(),
        };
        for count in [Counts::Requests, Counts::Items] {
            let mine: Vec<&Task> = of(count).collect();
            if !mine.is_empty() {
                let items = count == Counts::Items;
                found.figures.extend(verdicts::requests(tx, &mine, items, now).await?);
            }
        }
        let mine: Vec<&Task> = of(Counts::Lines).collect();
        if !mine.is_empty() {
            found.figures.extend(verdicts::lines(tx, &mine, now, line::hold(pack)).await?);
        }
        let test_call = pack.duty_roster().and_then(|t| t.test_call);
        let mine: Vec<&Task> = of(Counts::Watches).collect();
        if !mine.is_empty() {
            found.figures.extend(verdicts::watches(tx, &mine, now, test_call).await?);
        }
        let mine: Vec<&Task> = of(Counts::Flaws).collect();
        if !mine.is_empty() {
            found.figures.extend(verdicts::flaws(tx, &mine).await?);
        }
        if let Some(terms) = pack.monitoring() {
            let mine: Vec<&Task> = of(Counts::Heard).collect();
            if !mine.is_empty() {
                found.figures.extend(verdicts::heard(tx, &mine, now, terms).await?);
            }
            let mine: Vec<&Task> = of(Counts::Retention).collect();
            if !mine.is_empty() {
                found.figures.extend(verdicts::retention(tx, &mine, now, terms).await?);
            }
            let mine: Vec<&Task> = of(Counts::Consoles).collect();
            if !mine.is_empty() {
                found.figures.extend(verdicts::consoles(tx, &mine, now, terms).await?);
            }
            let mine: Vec<&Task> = of(Counts::Hunts).collect();
            if !mine.is_empty() {
                found.figures.extend(verdicts::hunted(tx, &mine, now, terms).await?);
            }
        }
        if !with_contact.is_empty() {
            found.contacts = verdicts::contacts(tx, &with_contact).await?;
        }
        if !with_hosts.is_empty() {
            found.hosts = verdicts::hosts(tx, &with_hosts).await?;
            found.machines = verdicts::machines(tx, &with_hosts).await?;
        }
        if !with_leaves.is_empty() {
            found.leaves = verdicts::leaves(tx, &with_leaves).await?;
        }
        let mut reporting: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for task in of(Counts::QuickRounds) {
            reporting.entry(task.campaign).or_default().push(task.assignment);
        }
        for (campaign, assignments) in reporting {
            found.quick.extend(quick_reports::counts(tx, legal, campaign, &assignments, now).await?);
        }
        if !with_inspections.is_empty() {
            found.inspections = verdicts::inspections(tx, &with_inspections, now).await?;
        }
        let subjects: BTreeSet<String> =
            tasks.iter().flat_map(|t| found.subjects(t, needs(rule(pack, t)))).collect();
        let subjects: Vec<String> = subjects.into_iter().collect();
        let kinds: BTreeSet<&str> = tasks
            .iter()
            .filter_map(|t| needs(rule(pack, t)))
            .flat_map(|n| n.kinds)
            .chain(&ALWAYS)
            .copied()
            .collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        if !subjects.is_empty() {
            found.facts = verdicts::facts(tx, &subjects, &kinds).await?;
        }
        Ok(found)
    }

    /// About what a task's evaluator reads facts.
    fn subjects(&self, task: &Task, needs: Option<&Needs>) -> Vec<String> {
        let mut subjects = vec![format!("task:{}", task.id), format!("assignment:{}", task.assignment)];
        if needs.is_some_and(|n| n.kinds.iter().any(|k| OF_BODIES.contains(k))) {
            subjects.push(format!("body:{}", task.body));
        }
        if needs.is_some_and(|n| n.counts.contains(&Counts::ContactChannels))
            && let Some(person) = self.contacts.get(&task.body).and_then(|c| c.person)
        {
            subjects.push(format!("person:{person}"));
        }
        if needs.is_some_and(|n| n.counts.contains(&Counts::Inspections)) {
            subjects.push(format!("inspector:{}", task.body));
        }
        subjects.extend(self.figures.get(&task.id).into_iter().flat_map(|f| f.subjects.iter().cloned()));
        subjects
    }

    /// What is known of one task.
    fn of(&self, task: &Task, rule: Evaluator, pack: &Pack, now: Timestamp) -> Known {
        let mut known = Known::nothing(task.due);
        let Some(needs) = needs(rule) else { return known };
        if needs.counts.contains(&Counts::RegisteredHosts)
            && pack.duty(task.code.as_str()).is_some_and(|d| d.counted)
        {
            let registered = self.hosts.get(&task.body).map_or(0, |c| c.all);
            let counts = self.machines.get(&task.body).map_or(&[][..], Vec::as_slice);
            let (rules, shares) = (pack.count_rules(), pack.count_shares());
            known.machines = Some(counts::compare(registered, counts, time::date(now), rules, shares));
        }
        for count in needs.counts {
            let value = match count {
                Counts::ContactChannels => self.contacts.get(&task.body).map(|c| c.channels),
                Counts::RegisteredHosts => self.hosts.get(&task.body).copied(),
                Counts::Leaves => self.leaves.get(&task.assignment).copied(),
                Counts::QuickRounds => self.quick.get(&task.assignment).map(|q| q.rounds),
                Counts::QuickLate => self.quick.get(&task.assignment).map(|q| q.late),
                Counts::Inspections => {
                    known.inspections = self.inspections.get(&task.id).copied();
                    None
                }
                // Several figures each, added below.
                Counts::Requests
                | Counts::Items
                | Counts::Lines
                | Counts::Watches
                | Counts::Flaws
                | Counts::Heard
                | Counts::Retention
                | Counts::Consoles
                | Counts::Hunts => None,
            };
            known.counts.extend(value.map(|v| (count.name(), v)));
        }
        if needs.counts.contains(&Counts::QuickRounds) {
            known.again = self.quick.get(&task.assignment).and_then(|q| q.next);
        }
        if let Some(figures) = self.figures.get(&task.id) {
            known.counts.extend(figures.counts.iter().copied());
            known.times.extend(figures.times.iter().copied());
        }
        let mut facts: Vec<&Fact> = self
            .subjects(task, Some(needs))
            .iter()
            .filter_map(|s| self.facts.get(s))
            .flatten()
            .filter(|f| ALWAYS.contains(&f.kind.as_str()) || needs.kinds.contains(&f.kind.as_str()))
            // Of the body's notices and bulletins those of this order or its window.
            .filter(|f| !OF_BODIES.contains(&f.kind.as_str()) || concerns(f, task.campaign, task.window))
            .collect();
        // Of inspections the last one alone is told; they are counted, and go back further than this order.
        let last = facts.iter().filter(|f| f.kind == INSPECTED).map(|f| (f.learnt, f.id)).max();
        facts.retain(|f| f.kind != INSPECTED || Some((f.learnt, f.id)) == last);
        facts.sort_by_key(|f| (f.learnt, f.id));
        // The receipt and excuses are always needed; of the rest the newest tell how things stand.
        let (always, rest): (Vec<&Fact>, Vec<&Fact>) =
            facts.into_iter().partition(|f| ALWAYS.contains(&f.kind.as_str()));
        let spare = (always.len() + rest.len()).saturating_sub(FACTS_MAX);
        known.facts = always.into_iter().chain(rest.into_iter().skip(spare)).cloned().collect();
        known
    }
}
