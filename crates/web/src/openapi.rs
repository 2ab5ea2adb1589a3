//! The OpenAPI 3.1 document, put together from the same list as the router.

use axum::{Json, response::IntoResponse};
use utoipa::openapi::{
    Components, InfoBuilder, OpenApi, OpenApiBuilder,
    path::Paths,
    security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::{Access, Route, route};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/openapi.json", Access::Public, document)]
}

async fn document() -> impl IntoResponse {
    Json(openapi())
}

/// The document of every API route.
pub fn openapi() -> OpenApi {
    let (mut paths, mut components) = (Paths::new(), Components::new());
    for mut route in route::routes() {
        let Some((schemas, described)) = route.take_doc() else { continue };
        components.schemas.extend(schemas);
        for (path, item) in described.paths {
            match paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => {
                    paths.paths.insert(path, item);
                }
            }
        }
    }
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let info = InfoBuilder::new()
        .title("Canh")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Orders, duties and their evidence. Times are RFC 3339; lists page by `cursor`; errors are problem+json (RFC 9457); creates take an `Idempotency-Key`."))
        .build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}
