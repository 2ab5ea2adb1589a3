//! Two notices at work with figures as they really are, and a bulletin of which some communes owe receipts.

use anyhow::{Context, Result};
use domain::{
    actor::Actor,
    body::BodyKind,
    id::{Id, kind},
    notice::{Audience, Quiz, Schedule},
    person::Lang,
    register::StaffRow,
    time,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::{
    notices::{
        self, NewNotice, Opening, PeopleFilter, PersonState, Tools, Words,
        bulletins::{self, NewBulletin, NewReceipt},
        personal,
    },
    register::import,
    sign_in::InstanceKey,
};

use super::{
    cast::{Member, Player},
    order::{after, written},
    province::Dice,
};
use crate::centre::Centre;

/// Staff of each body on the imported list.
const STAFF: usize = 6;

/// Whose, for which campaign, by whom.
pub struct Scene<'a> {
    /// Where.
    pub centre: &'a Centre,
    /// Who writes.
    pub officer: &'a Player,
    /// For which body.
    pub lead: Id<kind::Body>,
    /// For which campaign.
    pub campaign: Id<kind::Campaign>,
    /// To whom.
    pub members: &'a [Member],
    /// Until when.
    pub until: Timestamp,
}

/// Everything of this room, from the day the order was issued on.
pub async fn play(scene: &Scene<'_>, issued: Timestamp, dice: &mut Dice) -> Result<()> {
    let list = staff(scene, after(issued, 60), dice).await.context("the staff list")?;
    let day = 24 * 60;
    notice(scene, list, "phishing", after(issued, day), (78, 88), dice).await.context("the first notice")?;
    notice(scene, list, "holiday", after(issued, 8 * day), (52, 0), dice)
        .await
        .context("the second notice")?;
    bulletin(scene, after(issued, 6 * day), dice).await.context("the bulletin")
}

async fn staff(scene: &Scene<'_>, at: Timestamp, dice: &mut Dice) -> Result<Id<kind::StaffList>> {
    let mut rows = Vec::new();
    for member in scene.members {
        for _ in 0..STAFF {
            let row = u32::try_from(rows.len() + 2).unwrap_or(u32::MAX);
            let email = format!("canbo{row}@songtra.example");
            let body = Some(member.place.name.clone());
            rows.push((row, StaffRow { name: dice.name(), email, body, body_code: None }));
        }
    }
    let list = Id::new(&*scene.centre.ids);
    written(store::write!(scene.centre.db, scene.officer.actor(), at, tx => {
        notices::list_create(tx, &scene.officer.scope, list, scene.lead, "Cán bộ, công chức các đơn vị").await?;
        import::staff(tx, &scene.officer.scope, list, scene.lead, &rows).await.map(|_| ())
    }))?;
    Ok(list)
}

/// One notice of the library; of a hundred recipients so many commit, and of those so many pass (0: no quiz).
async fn notice(
    scene: &Scene<'_>,
    list: Id<kind::StaffList>,
    topic: &str,
    at: Timestamp,
    (committed, passed): (u64, u64),
    dice: &mut Dice,
) -> Result<()> {
    let (centre, officer) = (scene.centre, scene.officer);
    let pack = centre.legal.on(time::date(at));
    let rules = pack.notice_rules().context("rules of notices")?;
    let template = pack.notice_templates().iter().find(|t| t.key == topic).context("the topic")?;
    let text = template.text(Lang::Vi);
    let quiz = Quiz {
        questions: if passed > 0 { text.question.clone() } else { Vec::new() },
        pass_percent: rules.pass_percent,
        attempts: rules.attempts,
    };
    let rights: Vec<usize> = quiz.questions.iter().map(|q| q.right).collect();
    let words = Words {
        title: text.title.clone(),
        text: text.body.clone(),
        lang: "vi".into(),
        quiz,
        audience: Audience { lists: vec![list], ..Audience::default() },
        campaign: Some(scene.campaign),
    };
    let new = NewNotice { id: Id::new(&*centre.ids), body: scene.lead, template: Some(topic.into()), words };
    let closes = at.checked_add(SignedDuration::from_hours(16 * 24)).unwrap_or(at);
    written(store::write!(centre.db, officer.actor(), at, tx => {
        notices::create(tx, &officer.scope, rules, &new).await?;
        let opening = Opening { opens: None, closes: Some(closes) };
        notices::issue(tx, &officer.scope, rules, &*centre.ids, new.id, opening).await
    }))?;
    let key = InstanceKey::new(centre.data.instance_key(&*centre.secrets)?);
    let base = centre.config.public_url();
    let tools = Tools { ids: &*centre.ids, base: &base, key: &key, rules };
    while notices::step(&centre.db, at, &tools, new.id).await?.is_some_and(|next| next <= at) {}
    let mut sql = centre.db.read().await?;
    let issued = notices::get(&mut sql, &officer.scope, new.id).await?;
    let all = PeopleFilter { body: None, state: PersonState::All, q: "", after: None };
    let people = notices::people(&mut sql, &officer.scope, &issued, &all, 10_000).await?;
    drop(sql);
    for person in people {
        let when = after(at, 30 + i64::try_from(dice.below(9 * 24 * 60)).unwrap_or(0));
        if when > scene.until || !dice.chance(committed + 6) {
            continue;
        }
        let (id, ids) = (person.id, &*centre.ids);
        written(store::write!(centre.db, Actor::Recipient(id), when, tx => personal::opened(tx, id).await))?;
        if !dice.chance(committed * 100 / (committed + 6)) {
            continue;
        }
        let soon = after(when, 2);
        written(store::write!(centre.db, Actor::Recipient(id), soon, tx => {
            personal::commit(tx, ids, id, "link").await.map(|_| ())
        }))?;
        if passed > 0 {
            let good = dice.chance(passed);
            let answers: Vec<usize> = rights.iter().map(|r| if good { *r } else { 1 }).collect();
            let later = after(when, 6);
            written(store::write!(centre.db, Actor::Recipient(id), later, tx => {
                personal::answer(tx, ids, id, 0, &answers).await.map(|_| ())
            }))?;
        }
    }
    Ok(())
}

async fn bulletin(scene: &Scene<'_>, at: Timestamp, dice: &mut Dice) -> Result<()> {
    let (centre, officer) = (scene.centre, scene.officer);
    let pack = centre.legal.on(time::date(at));
    let rules = pack.notice_rules().context("rules of bulletins")?;
    let template = pack.notice_templates().iter().find(|t| t.key == "banks").context("the topic")?;
    let text = template.text(Lang::Vi);
    let first = time::date(at).tomorrow()?;
    let schedule = Schedule {
        from: first,
        to: first.checked_add(6.days())?,
        times: vec![jiff::civil::time(5, 30, 0, 0), jiff::civil::time(17, 0, 0, 0)],
    };
    let words = bulletins::Words {
        title: text.title.clone(),
        text: text.aloud.clone().unwrap_or_default(),
        lang: "vi".into(),
        schedule: schedule.clone(),
        tops: vec![scene.lead],
        campaign: Some(scene.campaign),
    };
    let new =
        NewBulletin { id: Id::new(&*centre.ids), body: scene.lead, template: Some("banks".into()), words };
    let base = centre.config.public_url();
    written(store::write!(centre.db, officer.actor(), at, tx => {
        bulletins::create(tx, &officer.scope, rules, &new).await?;
        bulletins::issue(tx, &officer.scope, &*centre.ids, new.id, &base).await
    }))?;
    run(scene, rules, &base, new.id, at).await?;
    let communes =
        scene.members.iter().filter(|m| matches!(m.place.kind, BodyKind::Commune | BodyKind::Ward));
    let communes: Vec<(&Member, u64)> =
        communes.map(|m| (m, if dice.chance(25) { 40 } else { 94 })).collect();
    for slot in schedule.slots() {
        let aired = after(slot, 4);
        if after(aired, 30) > scene.until {
            break;
        }
        for (member, diligence) in &communes {
            if !dice.chance(*diligence) {
                continue;
            }
            let new = NewReceipt {
                id: Id::new(&*centre.ids),
                bulletin: new.id,
                body: member.body,
                slot,
                aired,
                cluster: "Cụm loa trung tâm".into(),
                by: dice.name(),
                note: String::new(),
                recording: None,
            };
            let who = &member.officer;
            written(store::write!(centre.db, who.actor(), after(aired, 25), tx => {
                bulletins::record(tx, &who.scope, rules, &*centre.ids, &new).await
            }))?;
        }
    }
    run(scene, rules, &base, new.id, scene.until).await
}

async fn run(
    scene: &Scene<'_>,
    rules: &domain::notice::NoticeRules,
    base: &str,
    id: Id<kind::Bulletin>,
    at: Timestamp,
) -> Result<()> {
    let (db, ids) = (&scene.centre.db, &*scene.centre.ids);
    while bulletins::step(db, at, rules, ids, base, id).await?.is_some_and(|next| next <= at) {}
    Ok(())
}
