//! `canh user`: for whoever holds the machine when nobody can sign in.

use std::process::ExitCode;

use anyhow::bail;
use store::sign_in::first::credentials;

use crate::{centre::Centre, config::Config, data::Data, first};

/// Voids a password and prints a new first-login code.
pub async fn reset(config: Config, data: Data, login: &str, totp: bool) -> anyhow::Result<ExitCode> {
    data.must_exist(config.database.url.is_some())?;
    let centre = Centre::open(config, data).await?;
    let mut sql = centre.db.read().await?;
    let Some(found) = credentials(&mut sql, login, centre.clock.now()).await? else {
        bail!("there is no account `{login}` that may sign in");
    };
    drop(sql);
    println!("{}", first::again(&centre, found.person, found.login, totp).await?);
    centre.db.close().await;
    Ok(ExitCode::SUCCESS)
}
