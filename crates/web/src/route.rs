//! All routes on one page: contract 13. The router, the OpenAPI document and the all-routes test come from [`routes`].

use std::{pin::Pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::{Method, StatusCode},
    middleware,
    response::Response,
    routing::{MethodFilter, MethodRouter},
};
use domain::right::Right;
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};
use utoipa::openapi::{RefOr, path::Paths, schema::Schema};

use crate::{App, assets, compress, error, gate, security, sign_in};

/// Forms and JSON: a long reason or a list of a thousand bodies fits; nothing else needs more.
pub const LIMIT_FORM: usize = 256 * 1024;
/// Letters: 20 MB as the order says, and the form around it.
pub const LIMIT_LETTER: usize = 21 * 1024 * 1024;
/// Evidence: 50 MB as the order says, and the form around it.
pub const LIMIT_EVIDENCE: usize = 51 * 1024 * 1024;

/// Who may call a route at all. What of it they see is decided in the query, by their scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody: sign-in, assets, health.
    Public,
    /// Anybody signed in.
    SignedIn,
    /// Anybody who holds the right over some body.
    Right(Right),
}

/// The schemas and the path of one API operation.
type Doc = (Vec<(String, RefOr<Schema>)>, Paths);
/// What [`operation!`] gives.
type Described = (Vec<(String, RefOr<Schema>)>, Paths, Erased);

/// A handler whose type nobody sees. So the router's machinery is compiled once and not for each of a thousand handlers,
/// and what a handler does is looked through once to know that it may move between threads.
type Erased = Arc<dyn Fn(Request, Arc<App>) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync>;

pub(crate) fn erased<T: 'static>(handler: impl Handler<T, Arc<App>>) -> Erased {
    Arc::new(move |request, app| Box::pin(handler.clone().call(request, app)))
}

/// A handler as an operation of the API: `Route::api(access, limit, operation!(handler))`. What it is comes from its
/// `#[utoipa::path]`.
macro_rules! operation {
    ($($handler:tt)+) => {{
        let (mut paths, mut schemas) = (utoipa::openapi::path::Paths::new(), Vec::new());
        let (path, item, methods) = utoipa_axum::routes!(@resolve_types $($handler)+ : schemas);
        paths.add_path_operation(&path, methods, item);
        (schemas, paths, crate::route::erased($($handler)+))
    }};
}
pub(crate) use operation;

/// One route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, `{name}` for parameters.
    pub path: String,
    /// Who may call it.
    pub access: Access,
    /// The largest request body in bytes; more is answered 413.
    pub limit: usize,
    handler: Erased,
    doc: Option<Doc>,
}

impl Route {
    /// A page, or what a form of a page posts to. `handler` is the plain function.
    pub fn page<T: 'static>(
        method: Method,
        path: &str,
        access: Access,
        limit: usize,
        handler: impl Handler<T, Arc<App>>,
    ) -> Self {
        Self { method, path: path.to_owned(), access, limit, handler: erased(handler), doc: None }
    }

    /// A page read by GET.
    pub fn get<T: 'static>(path: &str, access: Access, handler: impl Handler<T, Arc<App>>) -> Self {
        Self::page(Method::GET, path, access, LIMIT_FORM, handler)
    }

    /// A form posted by a page.
    pub fn post<T: 'static>(path: &str, access: Access, handler: impl Handler<T, Arc<App>>) -> Self {
        Self::page(Method::POST, path, access, LIMIT_FORM, handler)
    }

    /// An operation of the API, as [`operation!`] describes it.
    pub fn api(access: Access, limit: usize, (schemas, paths, handler): Described) -> Self {
        let (path, item) = paths.paths.iter().next().map(|(p, i)| (p.clone(), i.clone())).unwrap_or_default();
        let method = if item.get.is_some() {
            Method::GET
        } else if item.put.is_some() {
            Method::PUT
        } else if item.delete.is_some() {
            Method::DELETE
        } else if item.patch.is_some() {
            Method::PATCH
        } else {
            Method::POST
        };
        Self { method, path, access, limit, handler, doc: Some((schemas, paths)) }
    }

    /// Whether it belongs to the API: answers problem+json and needs no form token with a bearer.
    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }
    pub(crate) fn take_doc(&mut self) -> Option<Doc> {
        self.doc.take()
    }
}

/// Every route there is.
pub fn routes() -> Vec<Route> {
    let mut all = vec![Route::get(assets::ROUTE, Access::Public, assets::serve)];
    all.extend(crate::after::routes());
    all.extend(crate::alerts::routes());
    all.extend(crate::audit::routes());
    all.extend(crate::callouts::routes());
    all.extend(crate::home::routes());
    all.extend(crate::hosts::routes());
    all.extend(crate::hunts::routes());
    all.extend(crate::incoming::routes());
    all.extend(crate::indicators::routes());
    all.extend(crate::intake::routes());
    all.extend(crate::prefs::routes());
    all.extend(crate::quick_reports::routes());
    all.extend(crate::register::routes());
    all.extend(crate::report::routes());
    all.extend(crate::requests::routes());
    all.extend(crate::openapi::routes());
    all.extend(crate::order::routes());
    all.extend(crate::board::routes());
    all.extend(crate::counts::routes());
    all.extend(crate::inspections::routes());
    all.extend(crate::lines::routes());
    all.extend(crate::live::routes());
    all.extend(crate::logs::routes());
    all.extend(crate::notices::routes());
    all.extend(crate::review::routes());
    all.extend(crate::rosters::routes());
    all.extend(crate::search::routes());
    all.extend(crate::sign_in::routes());
    all.extend(crate::siren::routes());
    all.extend(crate::retention::routes());
    all.extend(crate::rules::routes());
    all.extend(crate::sources::routes());
    all.extend(crate::tasks::routes());
    all.extend(crate::troubles::routes());
    all
}

/// The router over [`routes`], with the gate before each and errors rendered after all.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let access = route.access;
        let (filter, handler) = (MethodFilter::try_from(route.method), route.handler);
        let handler = MethodRouter::new()
            .on(filter.unwrap_or(MethodFilter::GET), move |State(app): State<Arc<App>>, request: Request| {
                handler(request, app)
            })
            .route_layer(DefaultBodyLimit::disable())
            .route_layer(RequestBodyLimitLayer::new(route.limit))
            .route_layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, patience(route.limit)))
            .route_layer(middleware::from_fn(move |request, next| gate::check(access, request, next)));
        router = router.route(&route.path, handler);
    }
    router
        .fallback(error::no_such_page)
        .method_not_allowed_fallback(error::wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), security::repeat::once))
        .layer(middleware::from_fn_with_state(app.clone(), security::origin::check))
        .layer(middleware::from_fn_with_state(app.clone(), error::render))
        .layer(middleware::from_fn_with_state(app.clone(), sign_in::identify::identify))
        .layer(compress::layer())
        .layer(middleware::from_fn_with_state(app.clone(), security::headers::add))
        .with_state(app)
}

/// How long a request may take: half a minute, and the time its largest body needs on a commune's line (32 KB/s).
fn patience(limit: usize) -> Duration {
    Duration::from_secs(30 + limit as u64 / (32 * 1024))
}
