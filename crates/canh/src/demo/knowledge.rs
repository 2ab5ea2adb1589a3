//! What is known of flaws: a small feed of our own writing, in the formats of real ones, read as any feed; and a warning
//! by hand.

use anyhow::{Context, Result, bail};
use domain::{
    feed::{Place, Signed},
    flaw::Grade,
    id::{Id, kind},
    own::Own,
    time,
    warning::{Item, Warned},
    weakness::Weakness,
};
use jiff::{Timestamp, ToSpan};
use store::{StoreError, advisories, warnings};

use super::cast::Player;
use crate::centre::Centre;

/// Where its files lie, below the data folder: feeds are read again and again.
const FOLDER: &str = "feeds/song-tra";
const NAME: &str = "Trung tâm giám sát an ninh mạng tỉnh Sông Trà";
const FILES: [(&str, &str); 5] = [
    ("debian-12.json", include_str!("feed/debian-12.json")),
    ("kev.json", include_str!("feed/kev.json")),
    ("microsoft-2022.csv", include_str!("feed/microsoft-2022.csv")),
    ("microsoft-2023.csv", include_str!("feed/microsoft-2023.csv")),
    ("spring.json", include_str!("feed/spring.json")),
];

/// Adds the feed and reads it.
pub async fn learn(centre: &Centre, admin: &Player, at: Timestamp) -> Result<()> {
    let folder = centre.data.path(FOLDER);
    std::fs::create_dir_all(&folder)?;
    for (name, text) in FILES {
        std::fs::write(folder.join(name), text)?;
    }
    let folder = folder.canonicalize()?;
    let place = folder.to_str().context("the data folder's name")?;
    let id = Id::new(&*centre.ids);
    let new = advisories::NewFeed { id, name: NAME, kind: Place::Directory, place, signed: Signed::No };
    let done: Result<(), StoreError> = store::write!(centre.db, admin.actor(), at, tx => {
        advisories::add(tx, &admin.scope, &new).await
    });
    done?;
    read(centre, admin, at).await
}

/// Reads all feeds, as the centre does every few hours.
pub async fn read(centre: &Centre, admin: &Player, at: Timestamp) -> Result<()> {
    let feeds = advisories::feeds(&mut centre.db.read().await?, &admin.scope).await?;
    let reader = centre.feeds()?;
    for feed in &feeds {
        if let Some((why, file)) = reader.read(feed, at).await?.trouble {
            bail!("{}: {file}: {}", feed.name, why.name());
        }
    }
    Ok(())
}

/// A warning that comes with no order: named flaws of servers.
pub async fn warn(centre: &Centre, officer: &Player, body: Id<kind::Body>, at: Timestamp) -> Result<()> {
    let numbers = ["CVE-2024-6387", "CVE-2023-4911"].map(str::to_owned).to_vec();
    let items = vec![Item::Flaws { name: None, numbers }];
    let warned = Warned { items, open: false };
    let new = warnings::NewWarning {
        id: Id::new(&*centre.ids),
        body,
        campaign: None,
        title: "Máy chủ Linux: lỗ hổng OpenSSH và glibc đang bị khai thác",
        on: time::date(at),
        warned: &warned,
    };
    let done: Result<(), StoreError> = store::write!(centre.db, officer.actor(), at, tx => {
        warnings::make(tx, &officer.scope, &new).await
    });
    done.map_err(Into::into)
}

/// A warning of the lead body's own, of weaknesses that no maker warns of.
pub async fn write(centre: &Centre, officer: &Player, body: Id<kind::Body>, at: Timestamp) -> Result<()> {
    let on = time::date(at);
    let own = Own {
        title: "Máy hết hỗ trợ và máy tắt phòng, chống mã độc".to_owned(),
        text: "Qua kiểm kê, nhiều máy còn dùng hệ điều hành không được vá, hoặc không có phần mềm phòng, chống mã độc \
               đang canh. Đề nghị nâng cấp, bật lại, hoặc cô lập máy và báo giải pháp thay thế."
            .to_owned(),
        numbers: vec![],
        products: vec![],
        weaknesses: vec![Weakness::Unsupported, Weakness::AntiMalware],
        severity: Grade::High,
        fix: "Nâng cấp hệ điều hành, bật phòng, chống mã độc".to_owned(),
        due: on.checked_add(30.days()).ok(),
    };
    let id = Id::new(&*centre.ids);
    let done: Result<(), StoreError> = store::write!(centre.db, officer.actor(), at, tx => {
        warnings::publish(tx, &officer.scope, &*centre.ids, (id, body, on), &own).await
    });
    done.map_err(Into::into)
}
