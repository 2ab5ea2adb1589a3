//! Reminders about reports that are not there. *Which* and *when* is decided by [`domain::quick_reports::chase`]; here stands
//! what was sent. Each reminder is written down with its messages in one commit, so that a process killed at any point
//! neither forgets nor repeats one.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    intent::{Intent, To, Urgency},
    quick_reports::{
        Audience, Round,
        chase::{self as rule, Due, STALE},
    },
    right::{Right, Role},
    time,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Desk,
    course::{self, Course, Expected},
    rule as rules, subject,
};
use crate::{
    Db, Query, Sql, StoreError, Topic, Tx, args, intents,
    sign_in::links::{self, Purpose},
};

/// The kind of job, and its key: one job looks after all campaigns.
pub const JOB: &str = "quick-report.rounds";
/// Campaigns are issued and amended at any time; whatever was planned, the job looks again after this time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// So many bodies are told in one transaction: other writers wait no longer than some tenths of a second.
const AT_ONCE: usize = 100;
/// So many people of one body are written to: whoever is on watch, and somebody beside them.
const PEOPLE_MAX: usize = 3;
/// So many late bodies are named in a letter to the superior; the page names all.
const NAMES_MAX: usize = 40;
/// A link in a reminder outlives the last reminder by this time.
const LINK_LIVES: SignedDuration = SignedDuration::from_hours(24);
const CHANNEL: &str = "email";

/// Sends every reminder that is due now; returns when to look again. Safe to be cut off and run again at any point.
pub async fn run(db: &Db, desk: &Desk<'_>, now: Timestamp) -> Result<Timestamp, StoreError> {
    let courses = course::active(&mut db.read().await?, desk.legal, now).await?;
    let mut next = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    for course in courses {
        if !course.kept {
            let kept: Result<(), StoreError> =
                crate::write!(db, Actor::System, now, tx => rules::keep(tx, &course, desk.legal).await);
            kept?;
        }
        for round in &course.rounds {
            let Some(how) = course.rule(round) else { continue };
            next = rule::next(how, round, now).map_or(next, |at| next.min(at));
            if round.opens > now || !rule::live(how, round, now) {
                continue;
            }
            if due(&mut db.read().await?, &course, round, now).await?.is_empty() {
                continue;
            }
            while told(db, desk, &course, round, now).await? {}
        }
    }
    Ok(next)
}

/// Tells some of those who are to be told; returns whether there are more.
async fn told(
    db: &Db,
    desk: &Desk<'_>,
    course: &Course,
    round: &Round,
    now: Timestamp,
) -> Result<bool, StoreError> {
    crate::write!(db, Actor::System, now, tx => {
        let more = some(tx, desk, course, round).await?;
        // Others may have told them meanwhile.
        tx.unchanged();
        Ok(more)
    })
}

/// One transaction's worth of reminders about a round; returns whether more are due.
pub async fn some(tx: &mut Tx, desk: &Desk<'_>, course: &Course, round: &Round) -> Result<bool, StoreError> {
    let now = tx.now();
    let due = due(tx, course, round, now).await?;
    let (above, own): (Vec<_>, Vec<_>) = due.into_iter().partition(|(_, step)| step.to == Audience::Superior);
    // One letter names them all: never split, or the superior would get several.
    let mut steps: BTreeMap<usize, Vec<(Expected, Due)>> = BTreeMap::new();
    for (of, step) in above {
        steps.entry(step.step).or_default().push((of, step));
    }
    for late in steps.values() {
        superior(tx, desk, course, round, late).await?;
    }
    for (of, step) in own.iter().take(AT_ONCE) {
        body(tx, desk, course, round, of, step).await?;
    }
    Ok(own.len() > AT_ONCE)
}

/// Who is to be told what about a round now: bodies that have not answered, by name.
async fn due(
    sql: &mut Sql,
    course: &Course,
    round: &Round,
    now: Timestamp,
) -> Result<Vec<(Expected, Due)>, StoreError> {
    let Some(how) = course.rule(round) else { return Ok(Vec::new()) };
    let mut owing = course::expected(sql, &Scope::system(), course).await?;
    owing.retain(|e| e.owes(round));
    let answered = sql
        .rows(
            "select distinct assignment from quick_report where campaign = $1 and round_at = $2",
            args![course.campaign, round.at],
        )
        .await?;
    let mut done: BTreeMap<Id<kind::Assignment>, Option<Vec<usize>>> = BTreeMap::new();
    for row in answered {
        done.insert(row.id("assignment")?, None);
    }
    let sent = sql
        .rows(
            "select k.assignment, k.step from quick_chase k join assignment a on a.id = k.assignment
             where a.campaign = $1 and k.round_at = $2",
            args![course.campaign, round.at],
        )
        .await?;
    for row in sent {
        let step = usize::try_from(row.int("step")?).unwrap_or(usize::MAX);
        if let Some(steps) = done.entry(row.id("assignment")?).or_insert_with(|| Some(Vec::new())) {
            steps.push(step);
        }
    }
    let mut found = Vec::new();
    for of in owing {
        let sent = match done.get(&of.assignment) {
            Some(None) => continue,
            Some(Some(steps)) => steps.as_slice(),
            None => &[],
        };
        found.extend(rule::due(how, round, sent, now).into_iter().map(|step| (of.clone(), step)));
    }
    Ok(found)
}

/// Writes down that a step was taken; its key makes it happen once.
async fn taken(
    tx: &mut Tx,
    of: &Expected,
    round: &Round,
    step: &Due,
    people: usize,
) -> Result<(), StoreError> {
    let now = tx.now();
    let place = i64::try_from(step.step).unwrap_or(i64::MAX);
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    tx.exec(
        "insert into quick_chase (assignment, round_at, step, audience, at, people) values ($1,$2,$3,$4,$5,$6)",
        args![of.assignment, round.at, place, step.to.name(), now, people],
    )
    .await?;
    tx.record("quick-report.chased", subject(of.assignment, round.at), Some(of.body), &(step.step, step.to));
    tx.changed(Topic::QuickReport, subject(of.assignment, round.at), Some(of.body));
    Ok(())
}

/// Tells a body's people, or its head: each gets a one-time link by which they can confirm at once.
async fn body(
    tx: &mut Tx,
    desk: &Desk<'_>,
    course: &Course,
    round: &Round,
    of: &Expected,
    step: &Due,
) -> Result<(), StoreError> {
    let (now, name) = (tx.now(), subject(of.assignment, round.at));
    let people = match step.to {
        Audience::Head => holders(tx, of.body, Right::Acknowledge).await?,
        _ => answering(tx, of.body).await?,
    };
    let template = match step.to {
        Audience::Head => "quick-report-late-head",
        _ if now < round.due => "quick-report-due",
        _ => "quick-report-late",
    };
    let vars = |link: String| {
        BTreeMap::from([
            ("body".to_owned(), of.name.clone()),
            ("order".to_owned(), course.name.clone()),
            ("round".to_owned(), written(round.at)),
            ("due".to_owned(), written(round.due)),
            ("link".to_owned(), link),
        ])
    };
    let key = format!("{name}/{}", step.step);
    let expires = round.due.checked_add(STALE).unwrap_or(Timestamp::MAX);
    let ends = step.at.max(round.due).checked_add(LINK_LIVES).unwrap_or(Timestamp::MAX);
    let letter = |to, key, link| Letter { key, to, template, vars: vars(link), expires };
    for person in &people {
        let link = Id::new(desk.ids);
        links::create(tx, link, *person, Purpose::Report, &name, ends).await?;
        let url = links::url(desk.key, desk.base, link);
        send(tx, desk, letter(To::Person(*person), format!("{key}/{person}"), url)).await?;
    }
    if people.is_empty() {
        // Nobody answers for the body: its contact hears of it, and can only look.
        let page = format!("{}/reports/quick", desk.base);
        send(tx, desk, letter(To::Body(of.body), format!("{key}/body"), page)).await?;
    }
    taken(tx, of, round, step, people.len().max(1)).await
}

/// Tells whoever decides at the issuing body, once for all that are late.
async fn superior(
    tx: &mut Tx,
    desk: &Desk<'_>,
    course: &Course,
    round: &Round,
    late: &[(Expected, Due)],
) -> Result<(), StoreError> {
    let Some((first, step)) = late.first() else { return Ok(()) };
    let people = holders(tx, course.issuer, Right::Review).await?;
    let mut names: Vec<String> =
        late.iter().take(NAMES_MAX).map(|(of, _)| format!("- {}", of.name)).collect();
    if late.len() > NAMES_MAX {
        names.push("…".to_owned());
    }
    for person in &people {
        let vars = BTreeMap::from([
            ("order".to_owned(), course.name.clone()),
            ("round".to_owned(), written(round.at)),
            ("due".to_owned(), written(round.due)),
            ("missing".to_owned(), late.len().to_string()),
            ("bodies".to_owned(), names.join("\n")),
            ("link".to_owned(), format!("{}/reports/quick/{}/{}", desk.base, course.campaign, round.key())),
        ]);
        // The first body in the key: one that comes late into the round may be told of in a letter of its own.
        let key = format!("{}/{}/{person}", subject(first.assignment, round.at), step.step);
        let expires = step.at.checked_add(STALE).unwrap_or(Timestamp::MAX);
        let to = To::Person(*person);
        send(tx, desk, Letter { key, to, template: "quick-report-late-superior", vars, expires }).await?;
    }
    for (of, step) in late {
        taken(tx, of, round, step, people.len()).await?;
    }
    Ok(())
}

struct Letter {
    key: String,
    to: To,
    template: &'static str,
    vars: BTreeMap<String, String>,
    expires: Timestamp,
}

async fn send(tx: &mut Tx, desk: &Desk<'_>, letter: Letter) -> Result<(), StoreError> {
    let now = tx.now();
    let intent = Intent {
        id: Id::new(desk.ids),
        key: letter.key,
        to: letter.to,
        template: letter.template.to_owned(),
        vars: letter.vars,
        urgency: Urgency::Normal,
        not_before: now,
        expires: letter.expires,
    };
    intents::make(tx, &intent, &[(Id::new(desk.ids), CHANNEL)]).await.map(|_| ())
}

/// Those who answer for the body day by day; its head only where there is nobody else. Until a roster says who is on
/// watch, everybody with the role counts.
async fn answering(tx: &mut Tx, body: Id<kind::Body>) -> Result<Vec<Id<kind::Person>>, StoreError> {
    let daily = |r: &&Role| r.may(Right::Answer) && !r.may(Right::Acknowledge);
    let found = with_roles(tx, body, Role::ALL.iter().filter(daily)).await?;
    if found.is_empty() { holders(tx, body, Right::Answer).await } else { Ok(found) }
}

/// Those who hold a right by a role at that very body.
async fn holders(
    tx: &mut Tx,
    body: Id<kind::Body>,
    right: Right,
) -> Result<Vec<Id<kind::Person>>, StoreError> {
    with_roles(tx, body, Role::ALL.iter().filter(|r| r.may(right))).await
}

/// People with one of the roles at the body now, by delegation too: those who can be reached first, the duty officer and
/// the clerk before others.
async fn with_roles(
    tx: &mut Tx,
    body: Id<kind::Body>,
    roles: impl Iterator<Item = &Role>,
) -> Result<Vec<Id<kind::Person>>, StoreError> {
    let now = tx.now();
    let mut query = Query::new(
        "select p.id, max(case when c.id is null then 0 else 1 end) as reached,
                min(case g.role when 'duty-officer' then 0 when 'clerk' then 1 else 2 end) as place
         from role_grant g join person p on p.id = g.person and p.closed_at is null
         left join channel c on c.person = p.id and c.kind = 'email' and c.verified_at is not null
         where g.revoked_at is null and g.body =",
    );
    query.bind(body).push("and g.role in").list(roles.map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now);
    query.push(") group by p.id, p.sort_key order by reached desc, place, p.sort_key, p.id limit");
    query.bind(i64::try_from(PEOPLE_MAX).unwrap_or(1));
    query.rows(tx).await?.iter().map(|row| row.id("id")).collect()
}

/// `08:00 06/02/2027`, as letters write it.
fn written(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M %d/%m/%Y").to_string()
}

/// The reminders of an assignment, oldest first: round, step, when; for whoever may see it.
pub async fn history(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
) -> Result<Vec<(Timestamp, usize, Timestamp)>, StoreError> {
    let mut query = Query::new(
        "select k.round_at, k.step, k.at from quick_chase k join assignment a on a.id = k.assignment
         join campaign c on c.id = a.campaign where k.assignment =",
    );
    query.bind(assignment).push("and (").visible(scope, Right::See, "a.body").push("or");
    query.visible(scope, Right::See, "c.body").push(") order by k.at, k.step");
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|r| {
            let step = usize::try_from(r.int("step")?).unwrap_or(usize::MAX);
            Ok((r.time("round_at")?, step, r.time("at")?))
        })
        .collect()
}
