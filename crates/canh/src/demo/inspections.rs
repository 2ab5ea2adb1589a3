//! What others count of the machines, and inspections: planned, done, with findings put right and overdue.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::{
    counts::{Kind, Source},
    id::{Id, kind},
    inspection::Answer,
    time,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError,
    assignments::Tools,
    counts,
    inspections::{self, Act, Conclusion, Given, NewVisit},
};

use super::{
    cast::{Member, Player},
    order::after,
    province::LEAD,
};
use crate::centre::Centre;

/// Counts by others: which member, how many machines beyond its register, by whom.
const COUNTS: [(usize, Source, u32); 6] = [
    (3, Source::Directory, 38),
    (5, Source::AntiMalware, 12),
    (8, Source::Dhcp, 26),
    (11, Source::Directory, 0),
    (14, Source::Staff, 40),
    (17, Source::Directory, 19),
];

/// Puts counts beside the register of some bodies.
pub async fn count(centre: &Centre, members: &[Member], at: Timestamp) -> Result<()> {
    for (n, source, more) in COUNTS {
        let Some(member) = members.get(n) else { continue };
        let registered = {
            let mut sql = centre.db.read().await?;
            let pack = centre.legal.on(time::date(at));
            let found =
                counts::of(&mut sql, &member.officer.scope, pack, &[member.body], time::date(at)).await?;
            found.get(&member.body).map_or(0, |m| m.registered)
        };
        let what = if source == Source::Staff { Kind::Staff } else { Kind::All };
        let counted = [(what, registered.saturating_add(more))];
        let left_out = BTreeMap::new();
        let new = counts::NewCount {
            body: member.body,
            source,
            counts: &counted,
            on: time::date(at),
            note: "",
            file: None,
            left_out: &left_out,
        };
        let done: Result<u32, StoreError> = store::write!(centre.db, member.officer.actor(), at, tx => {
            counts::record(tx, &member.officer.scope, &*centre.ids, &new).await
        });
        done.context("a count")?;
    }
    Ok(())
}

/// What became of a visit: the member visited, days from the beginning, items not in order, how far it came.
enum Fate {
    Planned,
    UnderWay,
    Done(&'static [&'static str]),
}

/// Plans visits of the lead body and carries some of them out.
pub async fn visit(centre: &Centre, members: &[Member], from: Timestamp, now: Timestamp) -> Result<()> {
    let lead = members.get(LEAD).context("the lead body")?;
    let day = |n: i64| after(from, n * 24 * 60);
    let visits = [
        (1, day(1), Fate::Done(&["default-passwords", "restored", "drill"])),
        (3, day(2), Fate::Done(&["inventory", "agents"])),
        (4, day(4), Fate::Done(&[])),
        (6, day(11), Fate::UnderWay),
        (8, after(now, 3 * 24 * 60), Fate::Planned),
        (9, after(now, 5 * 24 * 60), Fate::Planned),
    ];
    for (n, at, fate) in visits {
        let Some(member) = members.get(n).filter(|m| m.body != lead.body) else { continue };
        let id = plan(centre, &lead.officer, lead.body, member, at, from).await.context("a visit")?;
        match fate {
            Fate::Planned => {}
            Fate::UnderWay => answer(centre, &lead.officer, id, &[], Some(9), at).await?,
            Fate::Done(bad) => {
                answer(centre, &lead.officer, id, bad, None, at).await?;
                finish(centre, &lead.officer, member, id, at, now).await?;
            }
        }
    }
    Ok(())
}

async fn plan(
    centre: &Centre,
    officer: &Player,
    inspector: Id<kind::Body>,
    member: &Member,
    at: Timestamp,
    planned: Timestamp,
) -> Result<Id<kind::Visit>> {
    let tools = tools(centre, planned);
    let new = NewVisit {
        id: Id::new(&*centre.ids),
        inspector,
        body: member.body,
        at,
        place: "Trụ sở đơn vị".into(),
        note: "Hồ sơ cấp độ, quy chế, sổ đăng ký máy, biên bản sao lưu gần nhất.".into(),
        team: vec![officer.person],
    };
    let done: Result<(), StoreError> = store::write!(centre.db, officer.actor(), planned, tx => {
        inspections::plan(tx, &officer.scope, &tools, &new).await?;
        inspections::announce(tx, &officer.scope, &tools, new.id).await
    });
    done?;
    Ok(new.id)
}

fn tools(centre: &Centre, at: Timestamp) -> Tools<'_> {
    Tools { ids: &*centre.ids, base: "http://localhost", pack: centre.legal.on(time::date(at)) }
}

/// What the team wrote beside what was not in order.
fn note(item: &str) -> &'static str {
    match item {
        "default-passwords" => "hai camera ở cổng còn mật khẩu của nhà sản xuất",
        "restored" => "có bản sao lưu, chưa thử khôi phục lần nào",
        "inventory" => "sổ ghi ít máy hơn thư mục",
        "agents" => "bảy máy của phòng một cửa chưa cài",
        _ => "",
    }
}

async fn answer(
    centre: &Centre,
    officer: &Player,
    visit: Id<kind::Visit>,
    bad: &[&str],
    only: Option<usize>,
    at: Timestamp,
) -> Result<()> {
    let pack = centre.legal.on(time::date(at));
    let items = &pack.checklist().items;
    for (n, item) in items.iter().take(only.unwrap_or(items.len())).enumerate() {
        let answer = if bad.contains(&item.key.as_str()) { Answer::Bad } else { Answer::Ok };
        let when = at.checked_add(SignedDuration::from_mins(i64::try_from(n).unwrap_or(0) * 4))?;
        let given = Given {
            item: item.key.clone(),
            answer: Some(answer),
            note: note(&item.key).into(),
            base: 0,
            op: format!("demo-{n}"),
            at: when,
        };
        let given_note = if answer == Answer::Bad { given } else { Given { note: String::new(), ..given } };
        let done: Result<_, StoreError> = store::write!(centre.db, officer.actor(), when, tx => {
            inspections::give(tx, &officer.scope, visit, &given_note).await
        });
        done.context("an answer")?;
    }
    Ok(())
}

async fn finish(
    centre: &Centre,
    officer: &Player,
    member: &Member,
    visit: Id<kind::Visit>,
    at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let end = after(at, 180);
    let tools = tools(centre, end);
    let said = Conclusion {
        met_by: "Nguyễn Văn Bình, cấp phó của người đứng đầu; cán bộ phụ trách an ninh mạng".into(),
        opinion: "Nhất trí với kết quả kiểm tra.".into(),
        conclusion:
            "Đơn vị đã triển khai các nhiệm vụ được giao; đề nghị khắc phục các nội dung chưa đạt đúng hạn."
                .into(),
    };
    let done: Result<u32, StoreError> = store::write!(centre.db, officer.actor(), end, tx => {
        inspections::finish(tx, &officer.scope, &tools, visit, &said).await
    });
    done.context("the end of a visit")?;
    let filter = inspections::FindingFilter { visit: Some(visit), ..Default::default() };
    let found = {
        let mut sql = centre.db.read().await?;
        inspections::findings(&mut sql, &officer.scope, &filter, Default::default(), end).await?
    };
    // The body names who puts the heaviest right: its own officer.
    if let Some(first) = found.first() {
        let (when, owner) = (after(end, 60).min(now), Some(member.officer.person));
        let named: Result<(), StoreError> = store::write!(centre.db, member.officer.actor(), when, tx => {
            inspections::assign(tx, &member.officer.scope, &tools, first.id, owner).await
        });
        named.context("who puts a finding right")?;
    }
    // The lighter ones are put right, the first of them closed; the heaviest is left and grows overdue.
    for (n, finding) in found.iter().enumerate().skip(1) {
        let when = after(end, 3 * 24 * 60).min(now);
        let fix = Act::Fix {
            note: "Đã khắc phục, đề nghị đoàn kiểm tra xác nhận.".into(), file: None
        };
        let fixed: Result<(), StoreError> = store::write!(centre.db, member.officer.actor(), when, tx => {
            inspections::act(tx, &member.officer.scope, &tools, finding.id, &fix).await
        });
        fixed.context("a finding put right")?;
        if n == 1 {
            let close = Act::Close("Đã kiểm tra lại tại chỗ.".into());
            let when = after(when, 24 * 60).min(now);
            let closed: Result<(), StoreError> = store::write!(centre.db, officer.actor(), when, tx => {
                inspections::act(tx, &officer.scope, &tools, finding.id, &close).await
            });
            closed.context("a finding closed")?;
        }
    }
    Ok(())
}
