//! A call-out is taken further: whoever its policy names is called, each with a token of their own.

use domain::{
    fact::{Source, kinds},
    id::{Id, Secrets, kind},
    intent::To,
    paging::{About, Effect, next},
};
use jiff::Timestamp;
use serde_json::json;

use super::{Callout, Entry, any, by_hand, keep, raise::wake, reach, write};
use crate::{
    StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, fact, person_name, tell},
    facts, rosters,
    sign_in::{digest, text},
};

/// The kind of job that takes one call-out further.
pub const JOB: &str = "callout";

/// Bytes of an answer token: 128 bits, so that it fits a button of a messenger.
const TOKEN: usize = 16;

/// Does what is to be done about a call-out now and returns when to look again; `None` when only an act of somebody
/// moves it. What is done and that it was done go in one commit: killed at any point, nobody is forgotten and nobody
/// is called twice for one step.
pub async fn run(
    tx: &mut Tx,
    tools: &Tools<'_>,
    secrets: &dyn Secrets,
    id: Id<kind::Callout>,
) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.now();
    let of = any(tx, id).await?;
    let reach = reach::of(tx, tools, &of.policy, (&of).into(), now).await?;
    let turn = next(&of.policy, of.state, &reach, now);
    if turn.effects.is_empty() {
        tx.unchanged();
        return Ok(turn.next);
    }
    keep(tx, id, &turn.state).await?;
    for effect in &turn.effects {
        match effect {
            Effect::Call { step, round, people } => {
                for person in people {
                    let entry = Entry {
                        step: Some(*step),
                        round: Some(*round),
                        person: Some(*person),
                        ..said("called")
                    };
                    write(tx, id, entry).await?;
                    call(tx, tools, secrets, &of, *person, (*step, *round)).await?;
                }
            }
            Effect::Nobody { step, round } => {
                write(tx, id, Entry { step: Some(*step), round: Some(*round), ..said("nobody") }).await?;
            }
            Effect::PassedOver { step, round } => {
                write(tx, id, Entry { step: Some(*step), round: Some(*round), ..said("passed-over") })
                    .await?;
            }
            Effect::Round { round } => {
                write(tx, id, Entry { round: Some(*round), ..said("round") }).await?;
            }
            Effect::Lapsed => write(tx, id, said("lapsed")).await?,
            Effect::Expired => write(tx, id, said("expired")).await?,
        }
        tx.record(action(effect), of.name(), Some(of.body), effect);
    }
    if let Effect::Expired = turn.effects.last().unwrap_or(&Effect::Lapsed) {
        learn(tx, tools, &of, kinds::CALLOUT_EXPIRED, "expired", waited(&of, now)).await?;
        by_hand::tell_caller(tx, tools, &of, None).await?;
    }
    tx.changed(Topic::Callout, of.name(), Some(of.body));
    if let Some(post) = of.post {
        rosters::say_changed(tx, post).await?;
    }
    Ok(turn.next)
}

fn said(what: &str) -> Entry<'_> {
    Entry { what, ..Entry::default() }
}

const fn action(effect: &Effect) -> &'static str {
    match effect {
        Effect::Call { .. } => "callout.called",
        Effect::Nobody { .. } => "callout.nobody",
        Effect::PassedOver { .. } => "callout.passed-over",
        Effect::Round { .. } => "callout.round",
        Effect::Lapsed => "callout.lapsed",
        Effect::Expired => "callout.expired",
    }
}

/// How long it waited for somebody, in whole seconds.
pub(super) fn waited(of: &Callout, now: Timestamp) -> serde_json::Value {
    json!({ "waited": now.duration_since(of.at).as_secs().max(0) })
}

/// Learns a fact about what a call-out is about; `what` tells it from the others of the same call-out. Every such fact
/// names the call-out and its reason.
pub(super) async fn learn(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Callout,
    kind: &str,
    what: &str,
    mut value: serde_json::Value,
) -> Result<(), StoreError> {
    let now = tx.now();
    if let Some(value) = value.as_object_mut() {
        value.insert("callout".into(), json!(of.id));
        value.insert("about".into(), json!(of.about));
    }
    let seq = tx.record("callout.learnt", of.name(), Some(of.body), &(kind, &value));
    let key = format!("{kind}/{}/{what}", of.id);
    let about = of.post.map_or_else(|| of.subject.clone(), |post| format!("post:{post}"));
    let learnt = fact(tools, now, kind, key, of.body, about, Source::Audit(seq), value);
    facts::learn(tx, &learnt).await?;
    Ok(())
}

/// Tells one person, with a token of their own.
async fn call(
    tx: &mut Tx,
    tools: &Tools<'_>,
    secrets: &dyn Secrets,
    of: &Callout,
    person: Id<kind::Person>,
    (step, round): (u16, u8),
) -> Result<(), StoreError> {
    let token = text(secrets.bytes().first_chunk::<TOKEN>().map_or(&[][..], |b| &b[..]));
    let now = tx.now();
    tx.exec(
        "insert into callout_token (digest, callout, person, at) values ($1,$2,$3,$4)",
        args![digest(&token), of.id, person, now],
    )
    .await?;
    let template = match of.about {
        About::CheckIn if of.person == Some(person) => "check-in-missed",
        About::CheckIn => "watch-silent",
        About::Monitor => "monitor-silent",
        About::Drill => "drill-call",
        About::TestCall => "test-call",
        About::Alert => "alert-urgent",
        About::Outside => "outside-report",
        About::ByHand if of.person.is_some() => "person-call",
        About::ByHand => "duty-call",
    };
    let mut vars: Vec<(&str, String)> = of.words.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    vars.push(("person", person_name(tx, person).await?));
    vars.push(("link", format!("{}/c/{token}", tools.base)));
    vars.push(("token", token));
    vars.push(("callout", of.id.to_string()));
    // Lapses begin the rounds anew: the time tells their calls apart.
    let key = format!("callout/{}/{person}/{round}/{step}/{}", of.id, now.as_microsecond());
    let urgency = of.severity.urgency();
    tell(tx, tools, Telling { key: key.clone(), to: To::Person(person), template, vars, urgency }).await?;
    tx.exec("update intent set callout = $1 where key = $2", args![of.id, key]).await?;
    Ok(())
}

/// Those who may see a call-out hear that it moved on; and its job looks at it.
pub(super) async fn moved(tx: &mut Tx, tools: &Tools<'_>, of: &Callout) -> Result<(), StoreError> {
    let now = tx.now();
    tx.changed(Topic::Callout, of.name(), Some(of.body));
    if let Some(post) = of.post {
        rosters::say_changed(tx, post).await?;
    }
    wake(tx, tools, of.id, now).await
}
