//! Records in SQL: SQLite by default, PostgreSQL by choice. The only crate that knows sqlx.
