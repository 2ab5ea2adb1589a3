//! `canh serve`: pages and API, the clocks, until told to stop.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use detect::Brought;
use domain::{actor::Scope, job::Job};
use hyper_util::rt::TokioTimer;
use letter::{Lexicon, Reader};
use post::MailboxConfig;
use send::{TelegramChannel, Updates};
use store::{campaigns, sign_in::InstanceKey};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch as signals,
};
use watch::{
    callouts, chase,
    checkpoint::{self, Checkpoints},
    engine::Engine,
    feeds, findings, housekeeping,
    inbox::{self, Inbox},
    incoming::{self, Desk},
    notices,
    outbox::Outbox,
    quick_reports, rosters, sources, tries,
};
use web::{App, Words};

use crate::{
    centre::{self, Centre},
    cli::Serve,
    config::{Config, Tls},
    data::Data,
    demo, events, first,
};

/// How long requests under way may go on after the word to stop.
const GRACE: Duration = Duration::from_secs(15);
/// How long a client may take to say what it wants: one that says nothing holds a place.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves until SIGTERM, SIGINT, or a failure to listen.
pub async fn run(mut config: Config, data: Data, words: Words, how: Serve) -> anyhow::Result<ExitCode> {
    if let Some(port) = how.port {
        config.server.listen.set_port(port);
    }
    // Records, files and keys are for the owner alone, also where a library makes them.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    data.make()?;
    // Held until the end: two servers over one folder would each keep the clocks.
    let lock = data.lock(words)?;
    let listener = std::net::TcpListener::bind(config.server.listen)
        .with_context(|| format!("listening on {}", config.server.listen))?;
    listener.set_nonblocking(true)?;
    config.server.listen = listener.local_addr()?;
    let centre = Centre::open(config, data).await?;
    let first = match first::is_empty(&centre).await? {
        true if how.demo => Some(demo::load(&centre).await?),
        true => Some(first::found(&centre).await?),
        false => None,
    };

    let (stop, stopped) = signals::channel(false);
    let engine = engine(&centre).await?;
    let clocks = tokio::spawn(engine.run(centre.clock.clone(), stopped.clone()));
    let (_, without) = centre::roots(&centre.config, &centre.data)?;
    for file in without {
        tracing::warn!(file, "[signatures] roots: no certificate in this file");
    }
    if let Some(inbox) = inbox(&centre)? {
        // Not the end: the body may be registered while this runs, and is found at the next look.
        let found =
            store::intake::body_of(&mut centre.db.read().await?, &Scope::system(), &inbox.body).await?;
        if found.is_none() {
            println!(
                "\n  [inbox] body = {0:?}: không có đơn vị nào mang mã này, nên chưa có công văn nào tự vào\n  \
                 [inbox] body = {0:?}: there is no body with this code, so no paper comes in by itself",
                inbox.body
            );
        }
        tokio::spawn(inbox::run(Arc::new(inbox), centre.clock.clone(), stopped.clone()));
    }
    tokio::spawn(incoming::run(Arc::new(desk(&centre).await?), centre.clock.clone(), stopped.clone()));
    // Can be cut off at any point: what was not judged stays to be judged.
    let legal = Arc::new(centre.legal.clone());
    let evidence = tokio::spawn(watch::evidence::run(centre.db.clone(), legal, centre.clock.clone()));
    let brought = Arc::new(events::brought(&centre.config.intake, &centre.data.path(""))?);
    let events = events::start(&centre, brought.clone(), &stopped).await?;
    if how.live {
        demo::live::start(&centre, events.door.clone(), stopped.clone()).await?;
    }
    let app = Arc::new(app(&centre, events.lake.clone(), brought)?);
    // Beside the pages and outside their gate: whoever sends logs has a token of a source, not a session.
    let service =
        web::router(app).merge(events.router.clone()).into_make_service_with_connect_info::<SocketAddr>();

    let url = centre.config.public_url();
    println!("\nCanh {} · {url}", env!("CARGO_PKG_VERSION"));
    if let Some(first) = first {
        println!("{first}");
    }
    println!("  dừng bằng Ctrl-C · stop with Ctrl-C\n");
    if how.open {
        open(&url);
    }

    let handle = Handle::new();
    tokio::spawn(wait(handle.clone(), stop.clone()));
    let served = listen(listener, service, handle, centre.config.server.tls.clone()).await;
    let _ = stop.send(true);
    evidence.abort();
    clocks.await.context("the clocks")?;
    events.ended().await;
    centre.db.close().await;
    drop(lock);
    served?;
    Ok(ExitCode::SUCCESS)
}

/// The shared state of all handlers.
fn app(centre: &Centre, lake: lake::Lake, brought: Arc<Brought>) -> anyhow::Result<App> {
    let config = &centre.config;
    Ok(App {
        db: centre.db.clone(),
        blobs: centre.blobs.clone(),
        legal: centre.legal.clone(),
        worker: centre::worker()?,
        roots: centre::roots(&centre.config, &centre.data)?.0,
        reader: Reader::new(&Lexicon::builtin()),
        clock: centre.clock.clone(),
        ids: centre.ids.clone(),
        secrets: centre.secrets.clone(),
        guard: web::Guard::default(),
        movements: web::Movements::default(),
        searches: web::Searches::new(lake),
        rules: web::RuleBook::new(brought),
        config: web::Config {
            public_url: config.public_url(),
            instance_key: centre.data.instance_key(&*centre.secrets)?,
            insecure_cookies: config.insecure_cookies(),
            trusted_proxies: u8::from(config.server.behind_proxy),
            ways: ways(centre)?,
        },
    })
}

/// Whoever deals with what comes in over channels. Tells Telegram where its updates go; if it cannot be reached now,
/// it is asked again for its updates, or was told before.
async fn desk(centre: &Centre) -> anyhow::Result<Desk> {
    let send = &centre.config.send;
    let telegram = match &send.telegram {
        Some(config) => Some(Arc::new(TelegramChannel::new(config, &send.http).context("[send.telegram]")?)),
        None => None,
    };
    let polls = send.telegram.as_ref().is_some_and(|t| t.updates == Updates::Poll);
    if let (Some(bot), Some(config)) = (telegram.clone(), send.telegram.clone()) {
        let url = format!("{}/in/telegram", centre.config.public_url());
        tokio::spawn(async move {
            let secret = config.webhook_secret.as_ref().filter(|_| !polls);
            if let Err(why) = bot.set_webhook(secret.map(|secret| (url.as_str(), secret))).await {
                tracing::warn!(why, "[send.telegram] cannot say where updates go");
            }
        });
    }
    Ok(Desk {
        db: centre.db.clone(),
        ids: centre.ids.clone(),
        legal: Arc::new(centre.legal.clone()),
        base: centre.config.public_url(),
        key: InstanceKey::new(centre.data.instance_key(&*centre.secrets)?),
        telegram,
        polls,
        voice: send.voice.as_ref().and_then(|v| v.callback.clone()),
    })
}

/// Which ways out there are, for pages.
fn ways(centre: &Centre) -> anyhow::Result<web::Ways> {
    let (send, tools) = (&centre.config.send, centre.tools()?);
    let channels = send.channels(centre.data.dir(), &tools).context("[send]")?;
    let voice = send.voice.as_ref().and_then(|v| v.callback.as_ref());
    Ok(web::Ways {
        kinds: channels.iter().map(|c| (c.kind(), c.foreign())).collect(),
        push_key: send.push.is_some().then(|| tools.push_key.public()),
        bot: send.telegram.as_ref().and_then(|t| t.bot.clone()),
        telegram_secret: send
            .telegram
            .as_ref()
            .filter(|t| t.updates == Updates::Webhook)
            .and_then(|t| t.webhook_secret.clone()),
        voice: voice.map(|v| web::VoiceDoor {
            secret: v.secret.clone(),
            answer: v.answer.clone(),
            answer_type: v.answer_type.clone(),
        }),
    })
}

/// The ways in by themselves, if there are any.
fn inbox(centre: &Centre) -> anyhow::Result<Option<Inbox>> {
    let config = &centre.config.inbox;
    if config.folder.is_none() && config.mail.is_none() {
        return Ok(None);
    }
    if config.body.trim().is_empty() {
        bail!("[inbox] body: say for which body papers are taken in, by its official code");
    }
    let folder = config.folder.as_ref().map(|folder| centre.data.path(folder));
    watching(centre, config.body.trim(), folder, config.mail.clone()).map(Some)
}

/// Papers for that body, from that folder and mailbox.
pub fn watching(
    centre: &Centre,
    body: &str,
    folder: Option<PathBuf>,
    mail: Option<MailboxConfig>,
) -> anyhow::Result<Inbox> {
    Ok(Inbox {
        db: centre.db.clone(),
        blobs: centre.blobs.clone(),
        worker: centre::worker()?,
        roots: centre::roots(&centre.config, &centre.data)?.0,
        reader: Arc::new(Reader::new(&Lexicon::builtin())),
        ids: centre.ids.clone(),
        body: body.to_owned(),
        folder,
        mail,
    })
}

/// The clocks: every kind of job, and the outbox.
pub async fn engine(centre: &Centre) -> anyhow::Result<Engine> {
    let channels = centre.config.send.channels(centre.data.dir(), &centre.tools()?).context("[send]")?;
    let checkpoints = Arc::new(Checkpoints {
        signer: centre.signer.clone(),
        dir: centre.checkpoints(),
        superior: centre.config.audit.superior.clone(),
    });
    let (db, ids) = (centre.db.clone(), centre.ids.clone());
    let sign = move |_, now| checkpoint::run(db.clone(), ids.clone(), checkpoints.clone(), now);
    let (db, blobs) = (centre.db.clone(), centre.blobs.clone());
    let keep = move |_, now| housekeeping::run(db.clone(), blobs.clone(), now);
    let reminders = Arc::new(chase::Chase {
        db: centre.db.clone(),
        ids: centre.ids.clone(),
        legal: Arc::new(centre.legal.clone()),
        base: centre.config.public_url(),
        key: InstanceKey::new(centre.data.instance_key(&*centre.secrets)?),
    });
    let (db, ids, legal) = (centre.db.clone(), centre.ids.clone(), Arc::new(centre.legal.clone()));
    let base = centre.config.public_url();
    let wake = move |job: Job, now| {
        let (db, ids, legal, base) = (db.clone(), ids.clone(), legal.clone(), base.clone());
        async move { rosters::run(&db, &*ids, &legal, &base, &job, now).await }
    };
    let (db, ids, legal) = (centre.db.clone(), centre.ids.clone(), Arc::new(centre.legal.clone()));
    let (base, secrets) = (centre.config.public_url(), centre.secrets.clone());
    let call = move |job: Job, now| {
        let (db, ids, legal, base) = (db.clone(), ids.clone(), legal.clone(), base.clone());
        let secrets = secrets.clone();
        async move { callouts::run(&db, &*ids, &*secrets, &legal, &base, &job, now).await }
    };
    let (db, ids, legal) = (centre.db.clone(), centre.ids.clone(), Arc::new(centre.legal.clone()));
    let base = centre.config.public_url();
    let listen_for = move |_, now| {
        let (db, ids, legal, base) = (db.clone(), ids.clone(), legal.clone(), base.clone());
        async move { callouts::monitors(&db, &*ids, &legal, &base, now).await }
    };
    let (db, ids, legal) = (centre.db.clone(), centre.ids.clone(), Arc::new(centre.legal.clone()));
    let base = centre.config.public_url();
    let key = Arc::new(InstanceKey::new(centre.data.instance_key(&*centre.secrets)?));
    let try_out = move |_, now| {
        let (db, ids, legal, base, key) = (db.clone(), ids.clone(), legal.clone(), base.clone(), key.clone());
        async move { tries::run(&db, &*ids, &legal, &base, &key, now).await }
    };
    let (db, ids, legal) = (centre.db.clone(), centre.ids.clone(), Arc::new(centre.legal.clone()));
    let (base, up) = (centre.config.public_url(), centre.clock.now());
    let hear = move |_, now| {
        let (db, ids, legal, base) = (db.clone(), ids.clone(), legal.clone(), base.clone());
        async move { sources::run(&db, &*ids, &legal, &base, up, now).await }
    };
    let (db, ids) = (centre.db.clone(), centre.ids.clone());
    let hand_out = move |job: Job, now| {
        let (db, ids) = (db.clone(), ids.clone());
        async move { anyhow::Ok(campaigns::run(&db, now, &*ids, &job).await) }
    };
    let (db, ids, legal) = (centre.db.clone(), centre.ids.clone(), Arc::new(centre.legal.clone()));
    let base = centre.config.public_url();
    let key = Arc::new(InstanceKey::new(centre.data.instance_key(&*centre.secrets)?));
    let reports = move |_, now| {
        let (db, ids, legal, base, key) = (db.clone(), ids.clone(), legal.clone(), base.clone(), key.clone());
        async move { quick_reports::run(&db, &*ids, &legal, &base, &key, now).await }
    };
    let work = Arc::new(notices::Notices {
        db: centre.db.clone(),
        ids: centre.ids.clone(),
        legal: centre.legal.clone(),
        key: InstanceKey::new(centre.data.instance_key(&*centre.secrets)?),
        base: centre.config.public_url(),
    });
    let bulletins = work.clone();
    let notice = move |job: Job, now| {
        let work = work.clone();
        async move { work.notice(&job, now).await }
    };
    let bulletin = move |job: Job, now| {
        let work = bulletins.clone();
        async move { work.bulletin(&job, now).await }
    };
    let outbox = Outbox::new(centre.db.clone(), channels, centre.config.letterhead());
    let ways = outbox.clone();
    let revise = move |job: Job, now| {
        let ways = ways.clone();
        async move { callouts::revise(&ways, &job, now).await }
    };
    let feeding = centre.feeds()?;
    let feed = move |_, now| {
        let feeding = feeding.clone();
        async move { feeding.run(now).await }
    };
    let (db, legal) = (centre.db.clone(), Arc::new(centre.legal.clone()));
    let judge = move |_, now| {
        let (db, legal) = (db.clone(), legal.clone());
        async move { findings::run(&db, &legal, now).await }
    };
    let mut engine = Engine::new(centre.db.clone())
        .job(findings::KIND, judge)
        .job(feeds::KIND, feed)
        .job(notices::NOTICE, notice)
        .job(notices::BULLETIN, bulletin)
        .job(campaigns::JOB, hand_out)
        .job(quick_reports::KIND, reports)
        .job(rosters::KIND, wake)
        .job(callouts::KIND, call)
        .job(callouts::REVISE, revise)
        .job(callouts::MONITORS, listen_for)
        .job(tries::KIND, try_out)
        .job(sources::KIND, hear)
        .job(checkpoint::KIND, sign)
        .job(housekeeping::KIND, keep)
        .outbox(outbox);
    for kind in chase::Chase::kinds() {
        let reminders = reminders.clone();
        engine = engine.job(kind, move |job: Job, now| {
            let reminders = reminders.clone();
            async move { reminders.run(&job, now).await }
        });
    }

    let (ids, now) = (&*centre.ids, centre.clock.now());
    engine.schedule(ids, now, checkpoint::KIND, checkpoint::first(&centre.db, now).await?).await?;
    engine.schedule(ids, now, housekeeping::KIND, housekeeping::next(now)).await?;
    engine.schedule(ids, now, quick_reports::KIND, now).await?;
    engine.schedule(ids, now, callouts::MONITORS, now).await?;
    engine.schedule(ids, now, tries::KIND, now).await?;
    engine.schedule(ids, now, sources::KIND, now).await?;
    engine.schedule(ids, now, feeds::KIND, now).await?;
    engine.schedule(ids, now, findings::KIND, now).await?;
    Ok(engine)
}

async fn listen(
    listener: std::net::TcpListener,
    service: IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    handle: Handle<SocketAddr>,
    tls: Option<Tls>,
) -> anyhow::Result<()> {
    // Without a limit on its head, a request that never ends its first line would hold a connection for good.
    match tls {
        None => {
            let mut server = axum_server::from_tcp(listener)?.handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
            server.serve(service).await?;
        }
        Some(tls) => {
            let config = RustlsConfig::from_pem_file(&tls.cert, &tls.key)
                .await
                .with_context(|| format!("[server.tls] {} and {}", tls.cert.display(), tls.key.display()))?;
            tokio::spawn(renew(config.clone(), tls));
            let mut server = axum_server::from_tcp_rustls(listener, config)?.handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
            server.serve(service).await?;
        }
    }
    Ok(())
}

/// Reads the certificate again whenever SIGHUP says that it was renewed.
async fn renew(config: RustlsConfig, tls: Tls) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    while hangup.recv().await.is_some() {
        match config.reload_from_pem_file(&tls.cert, &tls.key).await {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the new certificate cannot be used; the old one stays"),
        }
    }
}

/// Waits for the word to stop, then lets what is under way end.
async fn wait(handle: Handle<SocketAddr>, stop: signals::Sender<bool>) {
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) else {
        tracing::error!("cannot wait for signals; only a kill will stop this");
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    let _ = stop.send(true);
    handle.graceful_shutdown(Some(GRACE));
}

/// Opens the address in the browser; without a desktop nothing happens.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if let Err(error) = std::process::Command::new(program).arg(url).spawn() {
        tracing::debug!(%error, "no browser was opened");
    }
}
