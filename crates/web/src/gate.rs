//! Before every handler: is the route theirs at all.

use std::sync::Arc;

use axum::{extract::Request, middleware::Next, response::Response};

use crate::{Access, AppError, User};

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
