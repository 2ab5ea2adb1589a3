//! Webhooks of a body: where they go, and in which shape a system outside hears what the body is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::right::names;

/// What a webhook's body looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Canh's own JSON.
    #[default]
    Canh,
    /// What Alertmanager sends to its webhook receivers (version 4).
    Alertmanager,
    /// What Alertmanager takes in (`POST /api/v2/alerts`).
    AlertmanagerAlerts,
}
names!(Shape {
    Canh = "canh", Alertmanager = "alertmanager", AlertmanagerAlerts = "alertmanager-alerts",
} "shape of a webhook's body");

/// Where a webhook goes and what signs what goes there: looked up when something is sent, so that no secret travels through
/// the outbox.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The address.
    pub url: String,
    /// One secret, or two while it is being changed: newest first.
    pub secrets: Vec<String>,
    /// The body's shape.
    #[serde(default)]
    pub shape: Shape,
    /// Whether it may carry what a message is about.
    #[serde(default)]
    pub details: bool,
}

/// Without secrets, and without the address, which may hold one.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("shape", &self.shape).finish_non_exhaustive()
    }
}
