//! The demonstration: where `canh serve --demo` fills an empty data folder.

use crate::{
    centre::Centre,
    first::{self, FirstLogin},
};

/// Fills an empty centre. Returns the sign-in to print.
pub async fn load(centre: &Centre) -> anyhow::Result<FirstLogin> {
    Ok(first::found(centre).await?)
}
