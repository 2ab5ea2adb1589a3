//! Pages and API: axum, askama, htmx.

pub mod assets;
