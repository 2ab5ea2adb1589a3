//! A warning with 50 flaws over 10,000 machines: taken in, judged, its pages; 1,000 machines judged with nothing known
//! before, and again after one new advisory. Given a number and paths of tables of updates, so many machines by each of them, one
//! after the other as a feed that grows, and by one new advisory.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use domain::{
    actor::{Actor, Scope},
    feed::{Place, Signed},
    flaw::Rules,
    id::{Id, Uuid, kind},
    inventory::{Family, Inventory, Os, Package},
    right::Role,
    time,
    warning::{Item, Warned},
    weakness::Weaknesses,
};
use review::{
    advisory,
    inventory::{Kind, Read},
};
use store::{
    StoreError,
    advisories::{self, FileRead, NewFeed},
    blobs::Blob,
    findings,
    hosts::take::{self, NewFile, Via},
    testing::{World, issued, minute},
    warnings::{self, NewWarning},
};
use watch::feeds::Feeds;
use web::testing::TestApp;

use super::gauge::{Times, begin, ms};

/// Machines, if no number is given.
const HOSTS: usize = 10_000;
/// A tenth of these are judged alone, cold.
const COLD: usize = 10;
const BODIES: usize = 200;
const FLAWS: usize = 50;
/// Programs and packages of one machine.
const PACKAGES: usize = 120;
/// Pages fetched for one figure.
const ROUNDS: usize = 25;
/// The order's goals.
const PAGE: Duration = Duration::from_millis(300);
const COLD_MAX: Duration = Duration::from_secs(60);
const AGAIN_MAX: Duration = Duration::from_secs(1);
const PRODUCT: &str = "Windows 10 Version 22H2 for x64-based Systems";
/// Systems, their builds, and the update of October 2023 that machines list.
const SYSTEMS: &[(&str, &str, u32)] = &[
    (PRODUCT, "10.0.19045", 5_031_356),
    ("Windows Server 2019", "10.0.17763", 5_031_361),
    ("Windows Server 2022", "10.0.20348", 5_031_364),
    ("Windows 11 Version 22H2 for x64-based Systems", "10.0.22621", 5_031_354),
];

/// Runs it.
///
/// # Errors
/// When something does not answer, or a goal is missed.
pub fn run(args: &[&str]) -> Result<()> {
    let hosts = args.first().map(|n| n.parse()).transpose().context("how many machines")?.unwrap_or(HOSTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match args.get(1..).unwrap_or_default() {
        [] => runtime.block_on(measure(hosts, hosts / COLD)),
        tables => runtime.block_on(by_tables(hosts, tables)),
    }
}

/// Machines of four systems by a table as large as they come, which may tell no builds; by what it says later; by one more flaw.
async fn by_tables(hosts: usize, tables: &[&str]) -> Result<()> {
    let t = TestApp::new().await;
    let world = issued(&t.db.db, &*t.ids, BODIES, &["VFIX"], minute(0), minute(20_000)).await;
    let feeds = Feeds {
        db: t.db.db.clone(),
        blobs: t.app.blobs.clone(),
        ids: Arc::clone(&t.app.ids),
        fetcher: send::Fetcher::new(&send::HttpConfig::default(), [])?,
    };
    let path = t.db.dir.path().join("table.csv");
    let table = feed(&t, Place::File, path.to_str().context("a path of text")?).await?;
    let asked = advisories::feed(&mut t.db.db.read().await?, &Scope::system(), table).await?;
    take_in(&t, &world, 0..hosts, SYSTEMS).await?;
    for (nth, file) in (1..).zip(tables) {
        std::fs::copy(file, &path)?;
        let clock = Instant::now();
        let came = feeds.read(&asked, minute(nth)).await?;
        let (added, changed) = (came.taken.added, came.taken.changed);
        println!("{file}: {added} new, {changed} changed, in {:.1?}", clock.elapsed());
        judge(&t, "judged by it").await?;
        counted(&t).await?;
    }
    let own = feed(&t, Place::Directory, "/ms").await?;
    // Ahead of what any machine runs: an older build of a later day would tell that it contains all before.
    advise(&t, own, "moi.csv", 1, 600).await?;
    judge(&t, "after one advisory").await?;
    counted(&t).await
}

async fn counted(t: &TestApp) -> Result<()> {
    let (scope, all) = (Scope::system(), findings::Filter::default());
    let sum = findings::sum(&mut t.db.db.read().await?, &scope, &all, minute(4)).await?;
    println!("  open: {} findings{}", sum.findings, if sum.more { " and more" } else { "" });
    Ok(())
}

async fn measure(all: usize, first: usize) -> Result<()> {
    let t = TestApp::new().await;
    let world = issued(&t.db.db, &*t.ids, BODIES, &["VFIX"], minute(0), minute(20_000)).await;
    let feed = feed(&t, Place::Directory, "/ms").await?;
    advise(&t, feed, "thang.csv", FLAWS, 0).await?;
    let warning = warn(&t, &world).await?;

    let usual = SYSTEMS.get(..1).unwrap_or_default();
    take_in(&t, &world, 0..first, usual).await?;
    let cold = judge(&t, "judged, cold").await?;
    advise(&t, feed, "moi.csv", 1, FLAWS).await?;
    let again = judge(&t, "after one advisory").await?;

    take_in(&t, &world, first..all, usual).await?;
    judge(&t, "judged, the rest").await?;
    pages(&t, &world, warning).await?;
    ensure!(cold <= COLD_MAX, "judging {first} machines took {cold:.1?}, goal {COLD_MAX:?}");
    ensure!(again <= AGAIN_MAX, "judging them again took {again:.1?}, goal {AGAIN_MAX:?}");
    Ok(())
}

async fn feed(t: &TestApp, kind: Place, place: &str) -> Result<Id<kind::Feed>> {
    let id = Id::new(&*t.ids);
    let new = NewFeed { id, name: "MS", kind, place, signed: Signed::No };
    let done: Result<(), StoreError> = store::write!(t.db.db, Actor::System, minute(0), tx => {
        advisories::add(tx, &Scope::system(), &new).await
    });
    done?;
    Ok(id)
}

/// A file of the feed with so many flaws, each mended by a build of its own.
async fn advise(t: &TestApp, feed: Id<kind::Feed>, name: &str, flaws: usize, first: usize) -> Result<()> {
    let mut text = String::from("CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n");
    for n in first..first + flaws {
        writeln!(
            text,
            "CVE-2099-{},{},{PRODUCT},Important,2099-01-12,Lỗi {n},10.0.19045.{}",
            7_000 + n,
            5_090_000 + n,
            3_000 + 10 * n
        )?;
    }
    let read = advisory::read(name, text.as_bytes()).ok().context("a table")?;
    let file = FileRead { name, sha256: name, read: Some(&read) };
    let done: Result<_, StoreError> = store::write!(t.db.db, Actor::System, minute(1), tx => {
        advisories::take(tx, feed, std::slice::from_ref(&file)).await
    });
    done?;
    Ok(())
}

/// A warning of them all, of the body above all.
async fn warn(t: &TestApp, world: &World) -> Result<Id<kind::Warning>> {
    let id = Id::new(&*t.ids);
    let numbers = (0..FLAWS).map(|n| format!("CVE-2099-{}", 7_000 + n)).collect();
    let warned = Warned { items: vec![Item::Flaws { name: None, numbers }], open: false };
    let on = time::date(minute(1));
    let new = NewWarning { id, body: world.root, campaign: None, title: "Cảnh báo", on, warned: &warned };
    let done: Result<(), StoreError> = store::write!(t.db.db, Actor::System, minute(1), tx => {
        warnings::make(tx, &Scope::system(), &new).await
    });
    done?;
    Ok(id)
}

/// A workstation: some months behind, some mended.
fn machine(n: usize, systems: &[(&str, &str, u32)]) -> Inventory {
    let (product, build, update) = systems.get(n % systems.len().max(1)).copied().unwrap_or((PRODUCT, "", 0));
    let os = Os {
        family: Family::Windows,
        name: product.into(),
        build: Some(build.into()),
        ubr: u32::try_from(2_990 + (n * 37) % 520).ok(),
        arch: Some("x64".into()),
        product: Some(product.into()),
        ..Os::default()
    };
    let package = |p: usize| Package {
        name: format!("Phần mềm số {}", (n + p * 7) % 900),
        version: format!("{}.{p}", n % 30),
        epoch_known: true,
        ..Package::default()
    };
    Inventory {
        host: Some(format!("MAY-{n:05}")),
        uuid: Some(format!("4c4c4544-0035-4a10-8053-{n:012x}")),
        taken: Some(minute(2).to_string()),
        os: Some(os),
        kbs: BTreeSet::from([update]),
        kbs_listed: true,
        packages: (0..PACKAGES).map(package).collect(),
        ..Inventory::default()
    }
}

async fn take_in(
    t: &TestApp,
    world: &World,
    hosts: std::ops::Range<usize>,
    systems: &[(&str, &str, u32)],
) -> Result<()> {
    let (clock, began, many) = (Instant::now(), begin(), hosts.len());
    for (n, body) in world.bodies.iter().enumerate() {
        let mine: Vec<Inventory> =
            hosts.clone().filter(|h| h % BODIES == n).map(|h| machine(h, systems)).collect();
        let read = Read { kind: Kind::Canh, hosts: mine, odd: Vec::new(), odd_more: 0 };
        let blob = Blob { sha256: format!("{:064x}", hosts.start * 1_000 + n), len: 1 };
        let new = NewFile {
            id: Id::new(&*t.ids),
            body: *body,
            name: "may.txt",
            blob: &blob,
            via: Via::Command,
            link: None,
            hint: None,
            read: Ok(&read),
        };
        take::take_in(&t.db.db, Actor::System, minute(2), &Scope::system(), &*t.ids, &new).await?;
    }
    println!("taken in    {many} machines in {:.1?}, processor {}", clock.elapsed(), ms(began.cpu()));
    Ok(())
}

/// Judges all that is dirty, as the job does; the wall time.
async fn judge(t: &TestApp, name: &str) -> Result<Duration> {
    let (clock, began, mut hosts) = (Instant::now(), begin(), 0);
    let (rules, weaknesses) = (Rules::default(), Weaknesses::default());
    let mut judge = findings::Judge::new(&rules, &weaknesses);
    loop {
        let more: Result<bool, StoreError> =
            store::write!(t.db.db, Actor::System, minute(3), tx => findings::gather(tx).await);
        let more = more?;
        loop {
            let chunk = u32::try_from(findings::CHUNK)?;
            let ids = findings::pending(&mut t.db.db.read().await?, chunk).await?;
            if ids.is_empty() {
                break;
            }
            let judged: Result<_, StoreError> = store::write!(t.db.db, Actor::System, minute(3), tx => {
                judge.hosts(tx, &ids).await
            });
            hosts += judged?.hosts;
        }
        if !more {
            break;
        }
    }
    println!("{name}: {hosts} machines in {:.2?}, processor {}", clock.elapsed(), ms(began.cpu()));
    Ok(clock.elapsed())
}

async fn pages(t: &TestApp, world: &World, id: Id<kind::Warning>) -> Result<()> {
    t.clock.move_to_minute(5);
    let user = t.user(Id::from_uuid(Uuid::from_u128(1)), &[(Role::Coordinator, world.root)]);
    let one = world.bodies.get(77).context("a body")?;
    let mut slow = Vec::new();
    for (nth, (name, path)) in [
        ("the warning", format!("/review/warnings/{id}")),
        ("machines of a body", format!("/review/warnings/{id}?body={one}")),
        ("its findings", format!("/review/findings?warning={id}")),
        ("its fixes", format!("/review/fixes?warning={id}")),
        ("findings", "/review/findings".to_owned()),
        ("grave ones", "/review/findings?severity=high".to_owned()),
        ("overdue", "/review/findings?overdue=1".to_owned()),
        ("mended ones", "/review/findings?state=fixed".to_owned()),
        ("all", "/review/findings?state=all&sort=newest".to_owned()),
        ("of a body", format!("/review/findings?body={one}")),
        ("of a flaw", "/review/findings?q=CVE-2099-7049".to_owned()),
        ("of a machine", "/review/findings?q=may-00077".to_owned()),
        ("of most machines", "/review/findings?q=may".to_owned()),
        ("what a fix mends", format!("/review/findings?fix=KB{}", 5_090_000 + FLAWS)),
        ("fixes", "/review/fixes".to_owned()),
        ("a body's fixes", format!("/review/fixes?body={one}")),
        ("weaknesses", "/review/weaknesses".to_owned()),
        ("advisories", "/review/advisories".to_owned()),
        ("warnings", "/review/warnings".to_owned()),
        ("a flaw", "/review/flaws/CVE-2099-7049".to_owned()),
        ("hosts", "/register/hosts".to_owned()),
        ("systems", "/register/systems".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut times, mut weight) = (Times::default(), 0);
        for round in 0..ROUNDS {
            // A person asks for so many pages in a minute.
            t.clock.move_to_minute(6 + i64::try_from(nth * ROUNDS + round)?);
            let began = begin();
            let bytes = t.fetch(Some(&user), &path, Some("br")).await.with_context(|| path.clone())?;
            times.end(&began);
            weight = bytes.len();
        }
        times.print(name, &format!("{weight} bytes"));
        if times.wall(95) > PAGE {
            slow.push(format!("{name} {}", ms(times.wall(95))));
        }
    }
    ensure!(slow.is_empty(), "over {PAGE:?}: {}", slow.join(", "));
    Ok(())
}
