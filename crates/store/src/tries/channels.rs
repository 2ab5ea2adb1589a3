//! The daily test of channels: up, to the contacts of whoever gave a body its order; the contacts of every body with an
//! order under way; and down, to everybody on duty that day.

use std::collections::BTreeMap;

use domain::{
    evidence::Evaluator,
    fact::{Source, kinds},
    id::{Id, kind},
    intent::{Intent, To, Urgency},
    time,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{AHEAD, BATCH, at};
use crate::{
    Query, Row, StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, fact, person_name, tell},
    facts, intents,
};

/// What was not taken by then was not taken that day.
const SETTLE: SignedDuration = SignedDuration::from_mins(30);
/// Tests go out so long after their hour at most: nobody's telephone is to ring at night for one.
const LATE: SignedDuration = SignedDuration::from_hours(10);

/// Sends today's tests that are not sent yet, from the hour the pack says on. Returns how many.
pub(super) async fn send(tx: &mut Tx, tools: &Tools<'_>) -> Result<usize, StoreError> {
    let (now, day) = (tx.now(), time::date(tx.now()));
    let Some(rule) = tools.pack.duty_roster().and_then(|t| t.channel_test) else { return Ok(0) };
    let hour = at(day, rule.at);
    if now < hour || now.duration_since(hour) > LATE {
        return Ok(0);
    }
    let rows = missing(tx, tools, &day.to_string(), hour, now).await?;
    for row in &rows {
        one(tx, tools, row, &day.to_string()).await?;
    }
    if !rows.is_empty() {
        tx.record("channels.test-sent", format!("day:{day}"), None, &rows.len());
    }
    // Where nobody has a channel there is nothing to wait for.
    let mut bodies: Vec<Id<kind::Body>> = rows.iter().map(|r| r.id("body")).collect::<Result<_, _>>()?;
    bodies.dedup();
    for body in bodies {
        learn(tx, tools, &day.to_string(), body).await?;
    }
    Ok(rows.len())
}

/// Bodies, people and channels of today that are not tested yet.
async fn missing(
    tx: &mut Tx,
    tools: &Tools<'_>,
    day: &str,
    hour: Timestamp,
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    let codes = tools.pack.duties().iter();
    let codes = codes.filter(|d| matches!(d.evaluator, Evaluator::Sharing | Evaluator::Contact));
    let codes: Vec<&str> = codes.map(|d| d.code.as_str()).collect();
    let under_way = |query: &mut Query| {
        query.push(
            "t.withdrawn_at is null and a.cancelled_at is null and k.state = 'issued' and k.window_from <=",
        );
        query.bind(now).push("and k.window_to >").bind(now).push("and t.code in").list(codes.iter().copied());
    };
    let mut query = Query::new(
        "select q.body, q.person, sum(q.contact) as contact, sum(q.duty) as duty, sum(q.up) as up, c.id as channel,
           c.kind from (
           select m.body, m.person, 1 as contact, 0 as duty, 0 as up from membership m where m.contact = true
             and m.body in (select t.body from task t join assignment a on a.id = t.assignment
               join campaign k on k.id = t.campaign where",
    );
    under_way(&mut query);
    // Up: whoever gave the order; of whoever gave it to themselves, the body above.
    query.push(
        ") union all
           select distinct t.body, m.person, 0 as contact, 0 as duty, 1 as up from task t
             join assignment a on a.id = t.assignment join campaign k on k.id = t.campaign
             join body b on b.id = t.body left join assignment g on g.id = a.parent
             join membership m on m.contact = true and m.body = case when coalesce(g.body, k.body) = t.body
               then b.parent else coalesce(g.body, k.body) end where",
    );
    under_way(&mut query);
    query.push(
        " union all
           select o.body, s.person, 0 as contact, 1 as duty, 0 as up
             from shift s join post o on coalesce(o.covered_by, o.id) = s.post
             where o.closed_at is null and s.to_at >",
    );
    query.bind(hour).push("and s.from_at <").bind(hour.checked_add(AHEAD).unwrap_or(Timestamp::MAX));
    query.push(
        ") q join person p on p.id = q.person and p.closed_at is null
         left join channel c on c.person = p.id and c.verified_at is not null and c.kind <> 'phone'
         where not exists (select 1 from channel_test x where x.body = q.body
           and x.channel = coalesce(c.id, q.person) and x.day =",
    );
    query.bind(day).push(") group by q.body, q.person, c.id, c.kind order by q.body, q.person, c.id limit");
    query.bind(i64::try_from(BATCH).unwrap_or(i64::MAX));
    query.rows(tx).await
}

async fn one(tx: &mut Tx, tools: &Tools<'_>, row: &Row, day: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let (body, person): (Id<kind::Body>, Id<kind::Person>) = (row.id("body")?, row.id("person")?);
    let channel: Option<Id<kind::Channel>> = row.opt_id("channel")?;
    let kind = row.opt_text("kind")?.unwrap_or_default();
    let mut intent = None;
    if let Some(channel) = channel {
        // One message a day, for however many bodies somebody serves.
        let key = format!("channel-test/{channel}/{day}");
        let vars = [("person", person_name(tx, person).await?), ("day", time_of(now))];
        let wish = Intent {
            id: Id::new(tools.ids),
            key: key.clone(),
            to: To::Channel(channel),
            template: "channel-daily".to_owned(),
            vars: vars.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            urgency: Urgency::Low,
            not_before: now,
            expires: now.checked_add(SETTLE).unwrap_or(Timestamp::MAX),
        };
        intents::make(tx, &wish, &[(Id::new(tools.ids), kind.as_str())]).await?;
        let row = tx.row("select id from intent where key = $1", args![key]).await?;
        intent = row.map(|r| r.text("id")).transpose()?;
    }
    let outcome = channel.is_none().then_some("failed");
    tx.exec(
        "insert into channel_test (day, channel, body, kind, person, contact, side, intent, at, outcome, settled_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        args![
            day,
            channel.map_or_else(|| person.to_string(), |c| c.to_string()),
            body,
            kind,
            person,
            row.int("contact")? > 0,
            match (row.int("contact")? + row.int("duty")? > 0, row.int("up")? > 0) {
                (true, true) => "both",
                (false, true) => "up",
                (_, false) => "own",
            },
            intent,
            now,
            outcome,
            outcome.map(|_| now)
        ],
    )
    .await?;
    Ok(())
}

fn time_of(now: Timestamp) -> String {
    time::local(now).strftime("%d/%m/%Y").to_string()
}

/// Writes down what came of tests, and for each body all of whose tests of a day have come out, the day's fact.
/// Returns how many came out.
pub(super) async fn settle(tx: &mut Tx, tools: &Tools<'_>) -> Result<usize, StoreError> {
    let now = tx.now();
    let before = now.checked_sub(SETTLE).unwrap_or(Timestamp::MIN);
    let rows = tx
        .rows(
            "select x.day, x.channel, x.body, x.kind, x.person, d.state from channel_test x
             left join delivery d on d.intent = x.intent
             where x.outcome is null and (x.at <= $1 or d.state in ('sent', 'acknowledged', 'failed'))
             order by x.day, x.body, x.channel limit $2",
            args![before, i64::try_from(BATCH).unwrap_or(i64::MAX)],
        )
        .await?;
    let mut bodies: BTreeMap<(String, Id<kind::Body>), ()> = BTreeMap::new();
    for row in &rows {
        let (day, channel): (String, String) = (row.text("day")?, row.text("channel")?);
        let body: Id<kind::Body> = row.id("body")?;
        let ok = matches!(row.opt_text("state")?.as_deref(), Some("sent" | "acknowledged"));
        tx.exec(
            "update channel_test set outcome = $4, settled_at = $5 where day = $1 and body = $2 and channel = $3",
            args![&day, body, &channel, if ok { "ok" } else { "failed" }, now],
        )
        .await?;
        if !ok {
            failed(tx, tools, &day, &channel, row).await?;
        }
        bodies.insert((day, body), ());
    }
    if !rows.is_empty() {
        tx.record("channels.test-settled", format!("day:{}", time::date(now)), None, &rows.len());
    }
    for (day, body) in bodies.keys() {
        learn(tx, tools, day, *body).await?;
    }
    Ok(rows.len())
}

/// Whoever has another channel hears of it there, once a day.
async fn failed(
    tx: &mut Tx,
    tools: &Tools<'_>,
    day: &str,
    channel: &str,
    row: &Row,
) -> Result<(), StoreError> {
    let person: Id<kind::Person> = row.id("person")?;
    let telling = Telling {
        key: format!("channel-test-failed/{channel}/{day}"),
        to: To::Person(person),
        template: "channel-daily-failed",
        vars: vec![
            ("person", person_name(tx, person).await?),
            ("channel", row.text("kind")?),
            ("link", format!("{}/channels", tools.base)),
        ],
        urgency: Urgency::Normal,
    };
    tell(tx, tools, telling).await?;
    Ok(())
}

/// The day's fact of a body, once all its tests have come out.
async fn learn(tx: &mut Tx, tools: &Tools<'_>, day: &str, body: Id<kind::Body>) -> Result<(), StoreError> {
    let row = tx
        .row(
            "select count(*) as waits from channel_test where day = $1 and body = $2 and outcome is null",
            args![day, body],
        )
        .await?;
    if row.map_or(Ok(0), |r| r.int("waits"))? > 0 {
        return Ok(());
    }
    let rows = tx
        .rows(
            "select person, side, sum(case when contact = true then 1 else 0 end) as contact,
               sum(case when kind <> '' then 1 else 0 end) as channels,
               sum(case when outcome = 'ok' then 1 else 0 end) as ok
             from channel_test where day = $1 and body = $2 group by person, side",
            args![day, body],
        )
        .await?;
    let (mut people, mut reached, mut channels, mut taken) = (0, 0, 0, 0);
    let (mut contacts, mut contacts_reached) = (0, 0);
    let (mut superiors, mut superiors_reached) = (0, 0);
    for row in &rows {
        let (ok, contact, side) = (row.count("ok")?, row.int("contact")? > 0, row.text("side")?);
        if side != "own" {
            superiors += 1;
            superiors_reached += u32::from(ok > 0);
        }
        if side == "up" {
            continue;
        }
        people += 1;
        reached += u32::from(ok > 0);
        channels += row.count("channels")?;
        taken += ok;
        contacts += u32::from(contact);
        contacts_reached += u32::from(contact && ok > 0);
    }
    // With nobody of its own to reach there is nothing to say of the body.
    if people == 0 {
        return Ok(());
    }
    let value = json!({
        "day": day, "people": people, "reached": reached, "channels": channels, "ok": taken,
        "contacts": contacts, "contacts-reached": contacts_reached,
        "superiors": superiors, "superiors-reached": superiors_reached,
    });
    let (now, subject) = (tx.now(), format!("body:{body}"));
    let seq = tx.record("channels.tested", &subject, Some(body), &value);
    // Somebody who comes on duty later that day is tested then: the day is told anew.
    let key = format!("{}/{body}/{day}/{people}/{channels}/{superiors}", kinds::CHANNELS_TESTED);
    let of = fact(tools, now, kinds::CHANNELS_TESTED, key, body, subject.clone(), Source::Audit(seq), value);
    facts::learn(tx, &of).await?;
    tx.changed(Topic::Register, subject, Some(body));
    Ok(())
}

/// What came of today's messages where something else than the outbox sent them: `lost` says of each, by its place, whether
/// it was.
pub(super) async fn sent(tx: &mut Tx, lost: &dyn Fn(usize) -> bool) -> Result<(), StoreError> {
    let now = tx.now();
    let rows = tx
        .rows(
            "select d.id from delivery d where d.state = 'due'
             and d.intent in (select x.intent from channel_test x where x.outcome is null) order by d.id",
            vec![],
        )
        .await?;
    for (n, row) in rows.iter().enumerate() {
        let (id, state): (Id<kind::Delivery>, _) = (row.id("id")?, if lost(n) { "failed" } else { "sent" });
        tx.exec(
            "update delivery set state = $2, sent_at = $3 where id = $1",
            args![id, state, (state == "sent").then_some(now)],
        )
        .await?;
    }
    tx.unchanged();
    Ok(())
}
