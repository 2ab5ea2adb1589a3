//! Pages and API: axum, askama, htmx.
