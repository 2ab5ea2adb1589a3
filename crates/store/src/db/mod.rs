//! The two engines behind one face.

mod arg;
mod query;
mod row;
mod sql;

use std::{path::Path, sync::Arc, time::Duration};

use domain::actor::Actor;
use jiff::Timestamp;
use sqlx::{
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

pub(crate) use self::sql::Boxed;
pub use self::{arg::Arg, query::Query, row::Row, sql::Sql};
use crate::{StoreError, Tx, changes};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How many readers may read at once on SQLite, and connections on PostgreSQL: two cores serve no more in parallel.
const READERS_MAX: u32 = 8;
/// Pages the writer of SQLite keeps in memory, in KiB (a minus says so): feeds of a million words are put into their order,
/// and with the 2 MiB it would keep by itself nearly every word costs a page read and written.
const WRITER_CACHE: &str = "-32768";
/// How long a writer waits for the one before it, before the user is told to try again.
const WAIT: Duration = Duration::from_secs(20);

/// The records. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    /// The last change number committed, as far as this process knows: wakes the readers of [`crate::Changes`].
    wake: watch::Sender<i64>,
}

enum Engine {
    Lite { writer: SqlitePool, readers: SqlitePool },
    Pg(PgPool),
}

impl Db {
    /// Opens or creates an SQLite file and brings it up to date. Errors: [`StoreError::Newer`] for a newer database.
    pub async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: what was acknowledged survives a power cut, not only a crash of ours.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(WAIT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .connect_with(options.clone().pragma("cache_size", WRITER_CACHE))
            .await?;
        migrate(SQLITE.run(&writer).await)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(WAIT)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self::new(Engine::Lite { writer, readers }))
    }

    /// Connects to PostgreSQL 15 or later and brings the schema up to date.
    pub async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(WAIT)
            .connect_with(options)
            .await?;
        migrate(POSTGRES.run(&pool).await)?;
        let db = Self::new(Engine::Pg(pool.clone()));
        changes::listen(&pool, db.0.wake.clone()).await?;
        Ok(db)
    }

    fn new(engine: Engine) -> Self {
        Self(Arc::new(Inner { engine, wake: watch::Sender::new(0) }))
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match self.0.engine {
            Engine::Lite { .. } => "sqlite",
            Engine::Pg(_) => "postgres",
        }
    }

    /// A consistent view for reading.
    pub async fn read(&self) -> Result<Sql, StoreError> {
        let begun: Boxed<'_, Sql> = Box::pin(async move {
            Ok(match &self.0.engine {
                Engine::Lite { readers, .. } => Sql::lite(readers.begin().await?),
                Engine::Pg(pool) => {
                    Sql::pg(pool.begin_with("begin isolation level repeatable read read only").await?)
                }
            })
        });
        begun.await
    }

    /// Starts a write; see [`crate::write!`], which callers use. Waits for the writer before.
    pub async fn begin(&self, actor: Actor, now: Timestamp) -> Result<Tx, StoreError> {
        let begun: Boxed<'_, Tx> = Box::pin(async move {
            let sql = match &self.0.engine {
                Engine::Lite { writer, .. } => Sql::lite(writer.begin_with("begin immediate").await?),
                Engine::Pg(pool) => {
                    let mut sql = Sql::pg(pool.begin_with("begin isolation level serializable").await?);
                    // Before the snapshot is taken: writers queue here instead of failing at commit.
                    sql.exec("lock table audit_head in exclusive mode", vec![]).await?;
                    sql
                }
            };
            Tx::begin(sql, actor, now, self.0.wake.clone()).await
        });
        begun.await
    }

    /// Starts a write of bookkeeping that is not audited: leases, last-seen times, verdicts.
    pub async fn begin_quiet(&self, now: Timestamp) -> Result<Tx, StoreError> {
        Ok(self.begin(Actor::System, now).await?.quiet())
    }

    /// Follows the changes from number `after` on.
    pub fn changes(&self, after: i64, topics: &'static [crate::Topic]) -> crate::Changes {
        crate::Changes::new(self.clone(), after, topics, self.0.wake.subscribe())
    }

    /// Writes a consistent copy of an SQLite database to a new file, while it is in use.
    pub async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        match &self.0.engine {
            Engine::Lite { readers, .. } => {
                sqlx::query("vacuum into $1")
                    .bind(path.to_string_lossy().into_owned())
                    .execute(readers)
                    .await?;
                Ok(())
            }
            Engine::Pg(_) => Err(StoreError::Refused("backup-postgres-with-pg-dump")),
        }
    }

    /// Closes all connections; on SQLite this folds the write-ahead log into the file.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Lite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Pg(pool) => pool.close().await,
        }
    }
}

fn migrate(result: Result<(), MigrateError>) -> Result<(), StoreError> {
    result.map_err(|error| match error {
        MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => {
            StoreError::Newer(version)
        }
        other => StoreError::Engine(Box::new(other)),
    })
}
