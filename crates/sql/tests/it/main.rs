//! Statements against the child, honest and hostile.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

use sandbox::Worker;
use sql::{Answer, Rows, SqlError, Value, ask, needs};

fn worker() -> Worker {
    Worker::new(env!("CARGO_BIN_EXE_sql-worker"), ["x"; 0], 2)
}

/// Five events of a web server.
fn rows() -> Rows {
    let columns = ["time", "host_name", "source_ip", "http_response_status_code", "fields", "raw"];
    let mut rows = Rows::new(columns.map(str::to_owned).to_vec());
    for (n, status) in ["200", "500", "99", "503", "-"].into_iter().enumerate() {
        let time = format!("2026-11-22 0{n}:15:00.000000");
        let host = format!("web{:02}", n % 2);
        let values = [&time, &host, "10.0.0.7", status, r#"{"nơi":"Bến Thủy"}"#, "GET /a?id=1'"];
        assert!(rows.push(values.into_iter().map(Some)));
    }
    rows
}

async fn said(sql: &str) -> Result<Answer, SqlError> {
    ask(&worker(), sql, rows()).await
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn wrong(code: &str, what: &str, at: usize) -> SqlError {
    SqlError::Wrong { code: code.into(), what: what.into(), at }
}

#[tokio::test]
async fn a_statement_answers() {
    let answer =
        said("select host_name, count(*) as n from events group by 1 order by 2 desc").await.unwrap();
    assert_eq!(answer.columns, ["host_name", "n"]);
    assert_eq!(answer.rows, [[text("web00"), Value::Whole(3)], [text("web01"), Value::Whole(2)]]);
    // What came as text is a number where it is one.
    let errors = "select http_response_status_code as s from events where s between 100 and 599 order by s";
    let errors = said(errors).await.unwrap();
    assert_eq!(errors.rows, [[Value::Whole(200)], [Value::Whole(500)], [Value::Whole(503)]]);
    let hours =
        "select strftime('%H', time), json_extract(fields, '$.nơi') from events order by time limit 1";
    assert_eq!(said(hours).await.unwrap().rows, [[text("00"), text("Bến Thủy")]]);
    let found = said(r"select count(*) from events where raw regexp 'id=\d+'").await.unwrap();
    assert_eq!(found.rows, [[Value::Whole(5)]]);
    let windows = "with a_b as (select row_number() over (order by time) as n from events) select max(n), (select count(*) from a_b) from a_b";
    assert_eq!(said(windows).await.unwrap().rows, [[Value::Whole(5), Value::Whole(5)]]);
    let keys = said("select distinct e.key from events, json_each(events.fields) e").await.unwrap();
    assert_eq!(keys.rows, [[text("nơi")]]);
}

#[tokio::test]
async fn only_the_columns_that_are_read_are_asked_for() {
    let worker = worker();
    let read = async |sql| needs(&worker, sql).await;
    let two = read("select host_name from events where source_ip like '10.%'").await.unwrap();
    assert_eq!(two, ["host_name", "source_ip"]);
    assert_eq!(read("select count(*) from events").await.unwrap(), ["time"]);
    assert_eq!(read("select * from events").await.unwrap().len(), sql::COLUMNS.len());
    assert_eq!(read("select hots from events").await.unwrap_err(), wrong("column", "hots", 8));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    for (sql, error) in [
        ("select hots from events", wrong("column", "hots", 8)),
        ("select 'Bến' || hots from events", wrong("column", "hots", 17)),
        ("select 1 from logs", wrong("table", "logs", 0)),
        ("select sleep(5)", wrong("function", "sleep", 8)),
        ("select from events", wrong("near", "from", 8)),
        ("select (1", wrong("unfinished", "", 0)),
        ("", wrong("empty", "", 0)),
        ("-- nothing", wrong("empty", "", 0)),
        ("select 1; select 2", wrong("one", "", 0)),
    ] {
        assert_eq!(said(sql).await, Err(error), "{sql}");
    }
    assert_eq!(said(&format!("select '{}'", "x".repeat(5_000))).await, Err(wrong("long", "", 0)));
}

#[tokio::test]
async fn nothing_but_reading_the_events_is_allowed() {
    for sql in [
        "delete from events",
        "update events set raw = ''",
        "insert into events (raw) values ('x')",
        "create table t (a)",
        "create temp table t (a)",
        "drop table events",
        "attach 'x.db' as x",
        "pragma table_info(events)",
        "select * from pragma_database_list",
        "select sql from sqlite_master",
        "select count(*) from sqlite_master",
        "select load_extension('x')",
        "begin",
        "vacuum into '/tmp/x'",
        "reindex",
        "analyze",
        "explain select 1; drop table events",
        "select readfile('/etc/passwd')",
        "select writefile('/tmp/x', 'x')",
    ] {
        let told = said(sql).await;
        assert!(matches!(told, Err(SqlError::Wrong { .. })), "{sql}: {told:?}");
    }
}

#[tokio::test]
async fn a_hostile_statement_ends_and_hurts_nobody() {
    // Without end, and joins as good as that.
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    let joins = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
        select count(*) from n a, n b, n c";
    let (first, second) = tokio::join!(said(endless), said(joins));
    assert_eq!((first, second), (Err(SqlError::Time), Err(SqlError::Time)));
    // Much of everything.
    let deep = format!("select {}1", "-+".repeat(1_500));
    let compound = vec!["select 1"; 200].join(" union ");
    for sql in [
        deep.as_str(),
        &compound,
        "select replace(hex(zeroblob(8000000)), '0', 'xxxxxxxxxxxxxxxx')",
        "select zeroblob(1000000000)",
        "select raw like printf('%2000s', '%') from events",
        "select 'a' regexp '(((((a{200}){200}){200}){200}){200})'",
        "select abs(-9223372036854775808)",
    ] {
        let told = said(sql).await;
        assert!(told.is_err(), "{sql:.60}: {told:?}");
    }
    // Casts and divisions that fail in other engines are nothing here, and not an end.
    let odd = said("select 1/0, printf('%1000000000d', 1), cast('x' as integer), 1e308 * 10").await.unwrap();
    assert_eq!(odd.rows, [[Value::Null, Value::Null, Value::Whole(0), text("inf")]]);
    // More memory than there is: texts of many megabytes in order.
    let hoard = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
        select count(*) from (select hex(zeroblob(4000000 + i)) x from n order by x)";
    assert!(matches!(said(hoard).await, Err(SqlError::Memory | SqlError::Time)));
    // A long answer is cut and says so; one too broad ends.
    let many =
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i from n";
    let many = said(many).await.unwrap();
    assert!(many.more && many.rows.len() == sql::ANSWER_ROWS);
    let broad = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
        select hex(zeroblob(100000)) from n";
    assert_eq!(said(broad).await, Err(SqlError::Output));
}

#[tokio::test]
async fn no_more_events_than_fit() {
    let mut rows = Rows::new(vec!["raw".into()]);
    let line = "x".repeat(1 << 20);
    let taken = (0..300).take_while(|_| rows.push([Some(line.as_str())].into_iter())).count();
    assert_eq!(taken, 256);
    let answer = ask(&worker(), "select count(*), sum(length(raw)) from events", rows).await.unwrap();
    assert_eq!(answer.rows, [[Value::Whole(256), Value::Whole(256 << 20)]]);
}
