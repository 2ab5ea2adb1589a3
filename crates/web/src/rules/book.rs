//! All rules, read once until what is imported changes: thousands of files take a moment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use detect::{Brought, Listing, book::Known};
use domain::{actor::Scope, right::Right};
use jiff::Timestamp;
use store::{
    Sql,
    rules::{self, Off},
};

use crate::AppError;

/// How many files, and when the last of them changed.
type Stamp = (i64, Option<Timestamp>);

/// The rules of the centre, for pages.
pub struct RuleBook {
    /// What the program brings.
    pub(super) brought: Arc<Brought>,
    read: Mutex<Option<(Stamp, Arc<Listing>)>>,
}

/// All rules with those that are switched off.
pub(crate) struct All {
    pub listing: Arc<Listing>,
    off: HashMap<String, Off>,
}

impl All {
    /// Why it is off, if it is.
    pub fn off(&self, rule: &Known) -> Option<&Off> {
        self.off.get(rule.about.called())
    }

    /// The rule of that id, or of that title where it has no id.
    pub fn get(&self, called: &str) -> Option<&Known> {
        self.listing.rules.iter().find(|rule| rule.about.called() == called)
    }
}

impl RuleBook {
    /// Of what the program brings.
    pub fn new(brought: Arc<Brought>) -> Self {
        Self { brought, read: Mutex::default() }
    }

    /// All of them as they stand.
    pub(crate) async fn all(&self, sql: &mut Sql, scope: &Scope) -> Result<All, AppError> {
        if !scope.anywhere(Right::See) {
            return Err(AppError::NotFound);
        }
        let off = rules::off(sql, scope).await?.into_iter().map(|off| (off.rule.clone(), off)).collect();
        let stamp = rules::stamp(sql).await?;
        if let Some(listing) = self.kept(stamp) {
            return Ok(All { listing, off });
        }
        let (files, brought) = (rules::files(sql, scope).await?, self.brought.clone());
        let read = move || brought.listing(files.iter().map(|file| (&*file.name, &*file.text)));
        let listing = Arc::new(tokio::task::spawn_blocking(read).await.map_err(anyhow::Error::from)?);
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((stamp, listing.clone()));
        Ok(All { listing, off })
    }

    fn kept(&self, stamp: Stamp) -> Option<Arc<Listing>> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.as_ref().filter(|(of, _)| *of == stamp).map(|(_, listing)| listing.clone())
    }
}
