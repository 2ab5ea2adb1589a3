//! A transaction of either engine that runs SQL. Reading functions take `&mut Sql`, and a [`crate::Tx`] is one too.

use std::pin::Pin;

use sqlx::{
    AssertSqlSafe, Postgres, Sqlite, Transaction, postgres::PgArguments, query::Query as Bound,
    sqlite::SqliteArguments,
};

use super::{Arg, Row, row};
use crate::StoreError;

/// A future whose inside nobody sees. Whoever awaits it holds a pointer: what is Send about an engine's connections is
/// proved here once, and not again in each of the thousand functions that read or write. With them it took the compiler
/// minutes.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A transaction that reads (from [`crate::Db::read`]) or reads and writes (inside a [`crate::Tx`]).
pub struct Sql(Inner);

enum Inner {
    Lite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Sql {
    pub(super) fn lite(tx: Transaction<'static, Sqlite>) -> Self {
        Self(Inner::Lite(tx))
    }
    pub(super) fn pg(tx: Transaction<'static, Postgres>) -> Self {
        Self(Inner::Pg(tx))
    }

    /// Whether this runs on PostgreSQL, for the rare statement that must differ.
    pub(crate) fn is_pg(&self) -> bool {
        matches!(self.0, Inner::Pg(_))
    }

    /// Runs a statement; returns how many rows it touched.
    pub(crate) fn exec(&mut self, sql: &'static str, args: Vec<Arg>) -> Boxed<'_, u64> {
        self.exec_text(sql.to_owned(), args)
    }
    /// All rows of a query.
    pub(crate) fn rows(&mut self, sql: &'static str, args: Vec<Arg>) -> Boxed<'_, Vec<Row>> {
        self.rows_text(sql.to_owned(), args)
    }
    /// The first row, if there is one.
    pub(crate) async fn row(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Runs a statement of a test.
    #[cfg(feature = "testing")]
    pub async fn run_for_test(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.exec(sql, args).await
    }
    /// The number in column `n` of a test's query.
    #[cfg(feature = "testing")]
    pub async fn count_for_test(&mut self, sql: &'static str) -> Result<i64, StoreError> {
        self.row(sql, vec![]).await?.map_or(Ok(0), |r| r.int("n"))
    }

    /// The bytes in column `b` of a test's query.
    #[cfg(feature = "testing")]
    pub async fn bytes_for_test(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<u8>, StoreError> {
        self.row(sql, args).await?.map_or(Err(StoreError::NotFound("row")), |r| r.bytes("b"))
    }

    /// The texts in column `t` of a test's query.
    #[cfg(feature = "testing")]
    pub async fn texts_for_test(&mut self, sql: &'static str) -> Result<Vec<String>, StoreError> {
        self.rows(sql, vec![]).await?.iter().map(|r| r.text("t")).collect()
    }

    pub(super) fn exec_text(&mut self, sql: String, args: Vec<Arg>) -> Boxed<'_, u64> {
        #[cfg(feature = "testing")]
        crate::testing::STATEMENTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async move {
            Ok(match &mut self.0 {
                Inner::Lite(tx) => lite(sql, args).execute(&mut **tx).await?.rows_affected(),
                Inner::Pg(tx) => pg(sql, args).execute(&mut **tx).await?.rows_affected(),
            })
        })
    }
    pub(super) fn rows_text(&mut self, sql: String, args: Vec<Arg>) -> Boxed<'_, Vec<Row>> {
        #[cfg(feature = "testing")]
        crate::testing::STATEMENTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async move {
            Ok(match &mut self.0 {
                Inner::Lite(tx) => {
                    let rows = lite(sql, args).fetch_all(&mut **tx).await?;
                    rows.into_iter().map(|r| Row(row::Inner::Lite(r))).collect()
                }
                Inner::Pg(tx) => {
                    let rows = pg(sql, args).fetch_all(&mut **tx).await?;
                    rows.into_iter().map(|r| Row(row::Inner::Pg(r))).collect()
                }
            })
        })
    }

    pub(crate) fn commit(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            match self.0 {
                Inner::Lite(tx) => tx.commit().await?,
                Inner::Pg(tx) => tx.commit().await?,
            }
            Ok(())
        })
    }
    pub(crate) fn rollback(self) -> Boxed<'static, ()> {
        Box::pin(async move {
            match self.0 {
                Inner::Lite(tx) => tx.rollback().await?,
                Inner::Pg(tx) => tx.rollback().await?,
            }
            Ok(())
        })
    }
}

// Every text that arrives here is a literal of this crate or was put together by `Query` from such literals
// and typed ids; values are always bound.
macro_rules! bind {
    ($query:ident, $args:ident) => {
        $args.into_iter().fold($query, |query, arg| match arg {
            Arg::Text(v) => query.bind(v),
            Arg::Int(v) => query.bind(v),
            Arg::Bool(v) => query.bind(v),
            Arg::Bytes(v) => query.bind(v),
        })
    };
}
fn lite(sql: String, args: Vec<Arg>) -> Bound<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(sql));
    bind!(query, args)
}
fn pg(sql: String, args: Vec<Arg>) -> Bound<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(sql));
    bind!(query, args)
}
