//! The data path wired: the log, the rules, the ways in, what follows the log.

use std::{
    net::SocketAddr,
    path::{Path as File, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use detect::Brought;
use intake::{
    Door, Hunter, Keeper, Lists, Memory, http,
    path::{FOLLOWER, Path},
    rules::Book,
    syslog,
};
use lake::{Bounds, Lake, Limits, Log, Position, Tools};
use rust_embed::RustEmbed;
use store::sources;
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch as signals,
    task::JoinHandle,
};

use crate::{centre::Centre, config::Intake};

/// Our own rules.
#[derive(RustEmbed)]
#[folder = "../../rules"]
#[include = "*.yml"]
#[exclude = "*.events.yml"]
struct Own;

/// What runs, and the router to stand beside pages.
pub struct Events {
    /// The ways in over HTTP, under a path.
    pub router: Router,
    /// Where events are found.
    pub lake: Lake,
    /// Where they come in.
    pub door: Arc<Door>,
    tasks: Vec<JoinHandle<()>>,
}

impl Events {
    /// Waits until everything has stopped.
    pub async fn ended(self) {
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "the data path");
            }
        }
    }
}

/// Opens the log, reads the rules, listens.
pub async fn start(
    centre: &Centre,
    brought: Arc<Brought>,
    stop: &signals::Receiver<bool>,
) -> anyhow::Result<Events> {
    let config = &centre.config.intake;
    let tools = Tools { clock: centre.clock.clone(), secrets: centre.secrets.clone() };
    let table = centre.data.path("lake");
    let lake = Lake::open(&table, Bounds::default()).context("the table of events")?;
    let read = sources::followed(&mut centre.db.read().await?, FOLLOWER).await?;
    let after = read.map(|read| Position::unpacked(read.position)).unwrap_or_default().max(lake.kept());
    let log = Log::open_after(&centre.data.path("events"), Limits::default(), tools, after);
    let log = log.context("the log of events")?;
    let door = Arc::new(Door::open(centre.db.clone(), log, centre.clock.clone()).await?);
    let legal = Arc::new(centre.legal.clone());
    let keeper = Keeper { door: door.clone(), lake: lake.clone(), legal: legal.clone() };
    let lists = Arc::new(Lists::new(centre.db.clone(), centre.blobs.clone()));
    lists.load().await.context("lists of indicators")?;
    let book = Book::open(centre.db.clone(), brought).await?;
    let path = Path {
        door: door.clone(),
        lake: lake.clone(),
        rules: book.follow(),
        lists: lists.clone(),
        memory: Memory::open(&centre.data.path("correlations")).context("what correlations remember")?,
        ids: centre.ids.clone(),
        legal,
        base: centre.config.public_url(),
    };
    let hunter = Hunter {
        db: centre.db.clone(),
        blobs: centre.blobs.clone(),
        lake: lake.clone(),
        clock: centre.clock.clone(),
        ids: centre.ids.clone(),
    };
    let mut tasks = vec![
        tokio::spawn(hunter.run(stop.clone())),
        tokio::spawn(path.run(stop.clone())),
        tokio::spawn(keeper.run(stop.clone())),
        tokio::spawn(lists.run(stop.clone())),
        tokio::spawn(book.run(stop.clone())),
        tokio::spawn(door.clone().run(stop.clone())),
    ];
    listen(config, &door, stop, &mut tasks).await?;
    Ok(Events { router: http::mounted(door.clone()), lake, door, tasks })
}

async fn listen(
    config: &Intake,
    door: &Arc<Door>,
    stop: &signals::Receiver<bool>,
    tasks: &mut Vec<JoinHandle<()>>,
) -> anyhow::Result<()> {
    let at = |what: &str, at: SocketAddr| format!("[intake] {what}: listening on {at}");
    if let Some(addr) = config.syslog_udp {
        let socket = UdpSocket::bind(addr).await.with_context(|| at("syslog_udp", addr))?;
        tasks.push(tokio::spawn(syslog::udp(door.clone(), socket, stop.clone())));
    }
    if let Some(addr) = config.syslog_tcp {
        let listener = TcpListener::bind(addr).await.with_context(|| at("syslog_tcp", addr))?;
        tasks.push(tokio::spawn(syslog::tcp(door.clone(), listener, stop.clone())));
    }
    if let Some(addr) = config.syslog_tls {
        let tls = config.tls.as_ref().context("[intake] syslog_tls: say [intake.tls] cert and key")?;
        let made =
            syslog::tls_config(&tls.cert, &tls.key, config.clients.as_deref()).context("[intake.tls]")?;
        let listener = TcpListener::bind(addr).await.with_context(|| at("syslog_tls", addr))?;
        tasks.push(tokio::spawn(syslog::tls(door.clone(), listener, made, stop.clone())));
    }
    if let Some(addr) = config.http {
        let listener = TcpListener::bind(addr).await.with_context(|| at("http", addr))?;
        let service: IntoMakeServiceWithConnectInfo<Router, SocketAddr> =
            http::router(door.clone()).into_make_service_with_connect_info();
        let mut stop = stop.clone();
        tasks.push(tokio::spawn(async move {
            let stopped = async move {
                // Whoever could say so is gone: that is a stop, too.
                let _ = stop.wait_for(|stop| *stop).await;
            };
            if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "[intake] http");
            }
        }));
    }
    Ok(())
}

/// Our own rules, and those and the pipelines of the configuration.
pub fn brought(config: &Intake, base: &File) -> anyhow::Result<Brought> {
    let mut brought = Brought::default();
    for name in Own::iter() {
        if let Some(file) = Own::get(&name) {
            brought.own.push((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()));
        }
    }
    let within = |paths: &[PathBuf]| paths.iter().map(|path| base.join(path)).collect::<Vec<_>>();
    for path in crate::detect::rule_files(&within(&config.rules)).context("[intake] rules")? {
        brought.folders.push((path.display().to_string(), crate::detect::text(&path)?));
    }
    brought.pipelines = crate::detect::pipelines(&within(&config.pipelines)).context("[intake] pipelines")?;
    Ok(brought)
}
