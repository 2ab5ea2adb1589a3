//! Hunts of the lead body: one that found nothing and one that found somebody guessing passwords and repeats every month.
//! Both are carried out for real over what the province's sources sent; their conclusions say what came of them.

use std::sync::Arc;

use anyhow::{Context, Result};
use domain::{
    actor::Scope,
    event::Event,
    hunt::{How, Outcome},
    id::Id,
    time::Clock,
};
use intake::Hunter;
use jiff::{Timestamp, tz::TimeZone};
use lake::{About, Bounds, Feed, Lake, Log};
use normalise::{Reader, Shape, Zone};
use store::hunts::{self, Hit, New, Run};

use super::{cast::Member, order, province::LEAD};
use crate::centre::Centre;

/// The rule that watches live, with its correlation.
const GUESSING: &str = include_str!("../../../../rules/linux/ssh-password-guessing.yml");
/// Bytes of the log read at once.
const PAGE: usize = 4 << 20;

/// The moment a story tells of.
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Hunts as they stand when the demonstration begins, the first of `past`, the second of `now`; `log` has the events.
pub async fn hunted(
    centre: &Centre,
    members: &[Member],
    log: &Log,
    (past, now): (Timestamp, Timestamp),
) -> Result<()> {
    let Some(lead) = members.get(LEAD) else { return Ok(()) };
    let new = |title: &str, hypothesis: &str, how, query: &str, every_days| New {
        id: Id::new(&*centre.ids),
        body: lead.body,
        title: title.to_owned(),
        hypothesis: hypothesis.to_owned(),
        scope: "Máy chủ công khai của các sở và đơn vị trực thuộc".to_owned(),
        how,
        query: query.to_owned(),
        list: None,
        days: 7,
        every_days,
    };
    let shells = new(
        "Cửa hậu web còn sót sau đợt tấn công trước",
        "Nếu còn cửa hậu thì máy chủ web phải ghi yêu cầu tới tệp lạ trong thư mục tải lên.",
        How::Search,
        "url:*upload*.jsp OR url:*upload*.aspx OR url:*upload*.php",
        None,
    );
    let guessing = new(
        "Dò mật khẩu từ một địa chỉ",
        "Nếu có người dò mật khẩu máy chủ thì một địa chỉ phải sai nhiều lần trong thời gian ngắn.",
        How::Sigma,
        GUESSING,
        Some(30),
    );
    // A table for this alone: the centre's own is made when it starts, of the same places in the same log.
    let dir = centre.data.path("hunted");
    let lake = table(log, &dir).context("a table of what came")?;
    for (hunt, at) in [(&shells, past), (&guessing, now)] {
        let (run, hits) = carried_out(centre, lead, &lake, hunt, at).await?;
        let (outcome, words) = concluded(&run, &hits);
        order::written(store::write!(centre.db, lead.officer.actor(), at, tx => {
            hunts::conclude(tx, &Scope::system(), &*centre.ids, hunt.id, (outcome, &words)).await
        }))?;
    }
    drop(lake);
    std::fs::remove_dir_all(&dir).context("the table of hunts")
}

/// Begins a hunt at a moment and carries it out as the centre would have.
async fn carried_out(
    centre: &Centre,
    lead: &Member,
    lake: &Lake,
    hunt: &New,
    at: Timestamp,
) -> Result<(Run, Vec<Hit>)> {
    let run = Id::new(&*centre.ids);
    order::written(store::write!(centre.db, lead.officer.actor(), at, tx => {
        hunts::create(tx, &Scope::system(), hunt).await?;
        hunts::begin(tx, &Scope::system(), hunt.id, run).await
    }))?;
    let hunter = Hunter {
        db: centre.db.clone(),
        blobs: centre.blobs.clone(),
        lake: lake.clone(),
        clock: Arc::new(At(at)),
        ids: centre.ids.clone(),
    };
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    anyhow::ensure!(hunter.once(&stopped).await?, "no run waits");
    let mut sql = centre.db.read().await?;
    let last = hunts::get(&mut sql, &Scope::system(), hunt.id).await?.last.context("a run")?;
    let hits = hunts::hits(&mut sql, &Scope::system(), hunt.id, last.id).await?;
    Ok((last, hits))
}

/// What the one who looked writes down.
fn concluded(run: &Run, hits: &[Hit]) -> (Outcome, String) {
    let looked = run.looked_at;
    let Some(hit) = hits.first() else {
        return (
            Outcome::Clean,
            format!("Đã xem {looked} sự kiện, không sự kiện nào khớp. Sẽ lặp lại sau kỳ nghỉ."),
        );
    };
    let who: Vec<&str> = hit.because.iter().map(|b| b.value.as_str()).collect();
    let words = format!(
        "Đã xem {looked} sự kiện, {} lần khớp; mới nhất ở máy {}: {}. Đề nghị đơn vị kiểm tra tài khoản và chặn địa chỉ.",
        run.hits,
        hit.host,
        who.join(", "),
    );
    (Outcome::Found, words)
}

/// What the log holds, as a table.
fn table(log: &Log, dir: &std::path::Path) -> Result<Lake> {
    let lake = Lake::open(dir, Bounds::default())?;
    let mut event = Event::default();
    loop {
        let page = log.read(lake.fed(), PAGE)?;
        if page.batches.is_empty() {
            return Ok(lake);
        }
        let mut feed = Feed::new(lake.fed());
        for (position, next, batch) in &page.batches {
            let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or(TimeZone::UTC);
            let mut reader = Reader::new(Zone { zone, now: Some(batch.at) });
            for (line, record) in batch.records.iter().enumerate() {
                if reader.line(&record.line, &mut event) != Shape::Nothing {
                    let (source, came) = (batch.source, batch.at);
                    let line = u32::try_from(line).unwrap_or(u32::MAX);
                    let about = About { source, came, position: *position, line, raw: &record.line };
                    feed.push(batch.body, &event, &about);
                }
            }
            feed.upto(*next);
        }
        lake.take(feed)?;
    }
}
