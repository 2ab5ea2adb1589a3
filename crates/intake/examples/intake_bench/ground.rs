//! The data path as `canh serve` wires it, over a database and folders of its own.

use std::{
    path::{Path as File, PathBuf},
    sync::Arc,
};

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, Secrets, Uuid, kind},
    legal::Legal,
    source::Kind,
    time::Clock,
};
use intake::{Door, Keeper, Lists, Rules, path::Path};
use jiff::Timestamp;
use lake::{Bounds, Lake, Limits, Log, Tools};
use store::{
    StoreError, args,
    sign_in::digest,
    sources::{self, New},
    testing::{TestDb, TestIds},
};
use tokio::{sync::watch, task::JoinHandle};

pub struct Wall;
impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
struct Salt;
impl Secrets for Salt {
    fn bytes(&self) -> [u8; 32] {
        let mut salt = [0; 32];
        salt[..16].copy_from_slice(&Timestamp::now().as_nanosecond().to_le_bytes());
        salt
    }
}

pub struct Ground {
    pub t: TestDb,
    pub door: Arc<Door>,
    pub lake: Lake,
    pub stop: watch::Sender<bool>,
    pub tasks: Vec<JoinHandle<()>>,
    pub dir: PathBuf,
}

/// Sources by kind; the token is the kind's name. `bodies`: so many, each with a source of lines named `0`, `1`, ….
pub async fn ground(bodies: usize) -> Ground {
    let t = store::testing::sqlite().await;
    let ids = Arc::new(TestIds::default());
    let made: Vec<Id<kind::Body>> = (0..bodies).map(|_| Id::new(&*ids as &dyn Ids)).collect();
    let done: Result<(), StoreError> = store::write!(t.db, Actor::System, Timestamp::now(), tx => {
        for (n, body) in made.iter().enumerate() {
            tx.run_for_test(
                "insert into body (id, kind, name, folded, sort_key, created_at) values ($1,'department',$2,$2,$2,0)",
                args![*body, format!("b{n}")],
            ).await?;
            tx.run_for_test("insert into body_closure (above, below, depth) values ($1,$1,0)", args![*body]).await?;
            let kinds: &[Kind] = if n == 0 { Kind::ALL } else { &[Kind::Lines] };
            for kind in kinds {
                let name = if n == 0 { kind.name().to_owned() } else { n.to_string() };
                let new = New {
                    id: Id::new(&*ids as &dyn Ids), body: *body, system: None, name: name.clone(), kind: *kind,
                    digest: digest(&name), address: (*kind == Kind::Syslog).then(|| "127.0.0.0/8".into()),
                    zone: "Asia/Ho_Chi_Minh".into(), rate: 100_000, quiet_minutes: 1_000,
                };
                sources::create(tx, &Scope::system(), &new).await?;
            }
        }
        Ok(())
    });
    done.unwrap();
    let dir =
        std::env::temp_dir().join(format!("intake-bench-{}", Uuid::from_u128(std::process::id().into())));
    let tools = Tools { clock: Arc::new(Wall), secrets: Arc::new(Salt) };
    let log = Log::open(&dir.join("events"), Limits::default(), tools).unwrap();
    let lake = Lake::open(&dir.join("lake"), Bounds::default()).unwrap();
    let door = Arc::new(Door::open(t.db.clone(), log, Arc::new(Wall)).await.unwrap());
    let legal = Arc::new(Legal::builtin().unwrap());
    let blobs = store::blobs::Blobs::open_dir(&dir.join("blobs")).await.unwrap();
    let path = Path {
        door: door.clone(),
        lake: lake.clone(),
        lists: Arc::new(Lists::new(t.db.clone(), blobs)),
        memory: intake::Memory::open(&dir.join("correlations")).unwrap(),
        rules: watch::channel(rules()).1,
        ids,
        legal: legal.clone(),
        base: "https://canh.test".into(),
    };
    let keeper = Keeper { door: door.clone(), lake: lake.clone(), legal };
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![
        tokio::spawn(path.run(stopped.clone())),
        tokio::spawn(keeper.run(stopped.clone())),
        tokio::spawn(door.clone().run(stopped)),
    ];
    Ground { t, door, lake, stop, tasks, dir }
}

impl Ground {
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }
    /// Waits until everything durable was judged and is found.
    pub async fn judged(&self) {
        while self.lake.fed() < *self.door.log().durable().borrow() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    pub fn events(&self) -> u64 {
        let size = self.lake.size();
        size.events + size.hot_events
    }
    pub async fn end(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Our own rules, and those of `RULES`.
pub fn rules() -> Rules {
    let mut set = detect::Ruleset::default();
    let mut dirs = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules"))];
    dirs.extend(std::env::var_os("RULES").map(PathBuf::from));
    for dir in dirs {
        read(&dir, &mut set);
    }
    let watch = set.watch(&[], &detect::Sources::builtin()).unwrap();
    eprintln!("{} rules, {} correlations", watch.matcher.rules().len(), watch.correlations.len());
    Arc::new(watch)
}

fn read(dir: &File, set: &mut detect::Ruleset) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            read(&path, set);
        } else if name.ends_with(".yml") && !name.ends_with(".events.yml") {
            set.add(&name, detect::rule::read::file(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Memory of this process now, in MB.
pub fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4 / 1_024
}
