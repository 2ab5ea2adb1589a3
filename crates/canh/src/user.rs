//! `canh user`: for whoever holds the machine when nobody can sign in.

use std::process::ExitCode;

use anyhow::bail;
use store::sign_in::first::credentials;
use web::Words;

use crate::{centre::Centre, config::Config, data::Data, first};

/// Voids a password and prints a new first-login code.
pub async fn reset(
    config: Config,
    data: Data,
    words: Words,
    login: &str,
    totp: bool,
) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data).await?;
    let mut sql = centre.db.read().await?;
    let Some(found) = credentials(&mut sql, login, centre.clock.now()).await? else {
        bail!(words.with_texts("command-no-account", &[("login", login)]));
    };
    drop(sql);
    println!("{}", first::again(&centre, found.person, found.login, totp).await?);
    centre.db.close().await;
    Ok(ExitCode::SUCCESS)
}
