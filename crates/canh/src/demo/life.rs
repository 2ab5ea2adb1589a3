//! What the bodies make of an order: read it, acknowledge it, hand in evidence, ask; and what the issuer answers.

use std::collections::HashMap;

use anyhow::Result;
use domain::{
    evidence::Count,
    id::{Id, kind},
    order::{Affected, ExcuseKind, QuestionKind},
    time,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError,
    assignments::{
        self, Brief, Decision, Filter, NewEvidence, NewExcuse, NewQuestion, NewSubmission, Task, Tools,
    },
};

use super::{
    cast::{Member, Player},
    order::{after, written},
    province::Dice,
};
use crate::centre::Centre;

/// How eagerly a campaign is carried out, in percent of bodies or duties.
pub struct Pace {
    /// Heads who acknowledge.
    pub acknowledge: u64,
    /// Duties with evidence.
    pub evidence: u64,
    /// Evidence looked at.
    pub reviewed: u64,
    /// Of that, accepted.
    pub accepted: u64,
    /// Within how many hours after issue all this happens.
    pub hours: i64,
}

/// One thing somebody does at some time.
#[allow(clippy::large_enum_variant, reason = "a few hundred of them, once")]
enum Deed {
    Acknowledge,
    Triage,
    HandIn { task: Task, submission: Id<kind::Submission>, count: Option<Count> },
    Decide { submission: Id<kind::Submission>, accept: bool },
    Excuse { task: Id<kind::Task>, kind: ExcuseKind },
    Ask { question: Id<kind::Question>, text: &'static str },
    Answer { question: Id<kind::Question> },
}

const QUESTIONS: [&str; 4] = [
    "Đơn vị dùng chung hạ tầng với trung tâm dữ liệu tỉnh thì có phải tự quét máy chủ không?",
    "Đơn vị chỉ có một cán bộ công nghệ thông tin, đề nghị cho phép trực tại nhà.",
    "Phần mềm phòng, chống mã độc hết bản quyền ngày 30/11, đề nghị hướng dẫn.",
    "Đề nghị cho biết mẫu báo cáo tự rà soát.",
];

/// Lets the bodies of a campaign live until `until`, each deed at its time.
#[allow(clippy::too_many_arguments, reason = "a scene needs its whole stage")]
pub async fn live(
    centre: &Centre,
    campaign: Id<kind::Campaign>,
    issuer: &Player,
    members: &[Member],
    pace: &Pace,
    issued: Timestamp,
    until: Timestamp,
    dice: &mut Dice,
) -> Result<()> {
    let by_body: HashMap<_, _> = members.iter().map(|m| (m.body, m)).collect();
    let filter = Filter { campaign: Some(campaign), ..Filter::default() };
    let briefs = assignments::list(&mut centre.db.read().await?, &issuer.scope, &filter, None, 500).await?;
    let mut deeds: Vec<(Timestamp, Brief, Deed)> = Vec::new();
    for brief in briefs {
        let tasks = assignments::tasks(&mut centre.db.read().await?, &issuer.scope, brief.id).await?;
        plan(centre, &brief, tasks, pace, issued, dice, &mut deeds);
    }
    deeds.retain(|(at, ..)| *at <= until);
    deeds.sort_by_key(|(at, ..)| *at);
    let mut evening = issued;
    for (at, brief, deed) in deeds {
        // Judged at the end of each day, as the worker would have: so the readiness has grown over time.
        if at > evening {
            watch::evidence::evaluate_now(&centre.db, &centre.legal, evening).await?;
            evening = time::end_of(time::date(at));
        }
        let Some(member) = by_body.get(&brief.body) else { continue };
        act(centre, member, issuer, &brief, deed, at).await?;
    }
    Ok(())
}

fn plan(
    centre: &Centre,
    brief: &Brief,
    tasks: Vec<Task>,
    pace: &Pace,
    issued: Timestamp,
    dice: &mut Dice,
    deeds: &mut Vec<(Timestamp, Brief, Deed)>,
) {
    let span = pace.hours.unsigned_abs() * 60;
    let at = |dice: &mut Dice, from: u64, to: u64| {
        let minutes = span * from / 100 + dice.below(span * (to - from) / 100 + 1);
        in_office(after(issued, i64::try_from(minutes).unwrap_or(0)))
    };
    let mut add = |when, deed| deeds.push((when, brief.clone(), deed));
    if !dice.chance(pace.acknowledge) {
        return;
    }
    add(at(dice, 2, 30), Deed::Acknowledge);
    if dice.chance(80) {
        add(at(dice, 5, 40), Deed::Triage);
    }
    if dice.chance(10) {
        let question = Id::new(&*centre.ids);
        let asked = at(dice, 10, 60);
        let text = dice.pick(&QUESTIONS).copied().unwrap_or(QUESTIONS[0]);
        add(asked, Deed::Ask { question, text });
        if dice.chance(70) {
            add(after(asked, 95), Deed::Answer { question });
        }
    }
    for task in tasks {
        if matches!(task.code.as_str(), "LEAD" | "CONT" | "CASC" | "WARN") {
            continue;
        }
        if dice.chance(2) {
            let kind = if dice.chance(50) { ExcuseKind::Excused } else { ExcuseKind::NotApplicable };
            add(at(dice, 20, 70), Deed::Excuse { task: task.id, kind });
            continue;
        }
        if !dice.chance(pace.evidence) {
            continue;
        }
        let counted = centre.legal.on(time::date(issued)).duty(&task.code).is_some_and(|d| d.counted);
        let submission = Id::new(&*centre.ids);
        let handed = at(dice, 30, 85);
        let count = counted.then(|| {
            let all = u32::try_from(8 + dice.below(140)).unwrap_or(8);
            let missing =
                if dice.chance(55) { 0 } else { u32::try_from(dice.below(u64::from(all) / 2)).unwrap_or(0) };
            Count { handled: all - missing, all }
        });
        add(handed, Deed::HandIn { task, submission, count });
        if dice.chance(pace.reviewed) {
            let accept = dice.chance(pace.accepted);
            add(
                after(handed, 60 + i64::try_from(dice.below(600)).unwrap_or(0)),
                Deed::Decide { submission, accept },
            );
        }
    }
}

async fn act(
    centre: &Centre,
    member: &Member,
    issuer: &Player,
    brief: &Brief,
    deed: Deed,
    at: Timestamp,
) -> Result<()> {
    let base = centre.config.public_url();
    let tools = Tools { ids: &*centre.ids, base: &base, pack: centre.legal.on(time::date(at)) };
    let (head, officer) = (&member.head, &member.officer);
    match deed {
        Deed::Acknowledge => {
            written(store::write!(centre.db, officer.actor(), at, tx => {
                assignments::opened(tx, &officer.scope, &tools, brief.id).await
            }))?;
            written(store::write!(centre.db, head.actor(), after(at, 25), tx => {
                assignments::acknowledge(tx, &head.scope, &tools, brief.id).await
            }))?;
        }
        Deed::Triage => {
            written(store::write!(centre.db, officer.actor(), at, tx => {
                assignments::triage(tx, &officer.scope, &tools, brief.id, Affected::Affected, "").await
            }))?;
        }
        Deed::HandIn { task, submission, count } => {
            let evidence = evidence(centre, &member.place.name, &task, count).await?;
            let new = [NewSubmission { id: submission, task: task.id, count }];
            written(store::write!(centre.db, officer.actor(), at, tx => {
                assignments::hand_in(tx, &officer.scope, &tools, &evidence, &new).await
            }))?;
        }
        Deed::Decide { submission, accept } => {
            let decision = if accept {
                Decision::Accept
            } else {
                Decision::Return("Chưa có ngày rà quét và danh sách máy; đề nghị bổ sung.".into())
            };
            let done: Result<u32, StoreError> = store::write!(centre.db, issuer.actor(), at, tx => {
                assignments::decide(tx, &issuer.scope, &tools, &[submission], &decision).await
            });
            done?;
        }
        Deed::Excuse { task, kind } => {
            let until = (kind == ExcuseKind::Excused)
                .then(|| at.checked_add(SignedDuration::from_hours(24 * 120)).unwrap_or(at));
            let reason = match kind {
                ExcuseKind::Excused => "Đang chuyển trụ sở, thiết bị niêm phong đến hết quý I.",
                ExcuseKind::NotApplicable => "Đơn vị không quản lý máy chủ, dùng chung hệ thống của tỉnh.",
            };
            let new = NewExcuse { id: Id::new(&*centre.ids), task, kind, reason: reason.into(), until };
            written(store::write!(centre.db, issuer.actor(), at, tx => {
                assignments::excuse(tx, &issuer.scope, &tools, &new).await
            }))?;
        }
        Deed::Ask { question, text } => {
            let new = NewQuestion {
                id: question,
                assignment: brief.id,
                task: None,
                kind: QuestionKind::Difficulty,
                text: text.into(),
            };
            written(store::write!(centre.db, officer.actor(), at, tx => {
                assignments::ask(tx, &officer.scope, &tools, &new).await
            }))?;
        }
        Deed::Answer { question } => {
            let text = "Đã ghi nhận. Đơn vị thực hiện phần thuộc phạm vi quản lý, phần dùng chung do tỉnh thực hiện.";
            written(store::write!(centre.db, issuer.actor(), at, tx => {
                assignments::answer(tx, &issuer.scope, &tools, question, text).await
            }))?;
        }
    }
    Ok(())
}

/// A short report as a file, as a unit would write it.
async fn evidence(centre: &Centre, body: &str, task: &Task, count: Option<Count>) -> Result<NewEvidence> {
    let counted = count.map_or_else(String::new, |c| format!("Số máy đã xử lý: {}/{}\n", c.handled, c.all));
    let text = format!(
        "BÁO CÁO KẾT QUẢ\nĐơn vị: {body}\nNội dung: {}\n{counted}Người lập: cán bộ phụ trách.\n",
        task.quote
    );
    let blob = centre.blobs.put(centre.ids.next(), text.as_bytes(), assignments::EVIDENCE_MAX).await?;
    let name = format!("bao-cao-{}.txt", task.code.to_lowercase());
    Ok(NewEvidence::File { blob, name, mime: "text/plain".into(), note: String::new() })
}

/// Moves what would happen at night to the next morning.
fn in_office(at: Timestamp) -> Timestamp {
    let hour = time::local(at).hour();
    match hour {
        0..7 => after(at, i64::from(8 - hour) * 60),
        19..24 => after(at, i64::from(24 - hour + 8) * 60),
        _ => at,
    }
}
