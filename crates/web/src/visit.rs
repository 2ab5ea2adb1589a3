//! One request, as a handler sees it.

use std::{convert::Infallible, pin::Pin, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, Uri, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::{
    actor::{Actor, Scope},
    id::Id,
    legal::Pack,
    time,
};
use jiff::Timestamp;
use paper::sheet::{Cell, to_csv};
use store::{
    StoreError,
    board::{self, Frame},
};

use crate::{App, AppError, Flash, Lang, Page, User, Words, flash, prefs, words};

/// Who asks for what, when and in which language. Every handler's first argument.
#[derive(Clone)]
pub struct Visit {
    /// The application.
    pub app: Arc<App>,
    /// Who.
    pub user: Arc<User>,
    /// When: one instant for the whole request.
    pub now: Timestamp,
    /// In which language.
    pub lang: Lang,
    /// `light`, `dark`, or empty for the machine's wish.
    pub theme: &'static str,
    /// What the page before had to say.
    pub flash: Option<Flash>,
    /// The address asked for.
    pub uri: Uri,
    /// What the frame of a page shows of the body one works for; empty where no page is asked for.
    pub frame: Frame,
}

impl Visit {
    /// What the asker may see.
    pub fn scope(&self) -> &Scope {
        &self.user.scope
    }
    /// For the audit log.
    pub fn actor(&self) -> Actor {
        self.user.actor
    }
    /// A new id.
    pub fn id<K>(&self) -> Id<K> {
        Id::new(&*self.app.ids)
    }
    /// The legal pack in force today.
    pub fn pack(&self) -> &Pack {
        self.app.legal.on(time::date(self.now))
    }
    /// The texts of the asker's language.
    pub fn words(&self) -> Words {
        words::of(self.lang)
    }
    /// A translated text without variables.
    pub fn t(&self, id: &str) -> String {
        self.words().t(id)
    }
    /// The frame of a page with that title (already translated).
    pub fn page(&self, title: impl Into<String>) -> Page {
        Page::new(self, title.into())
    }
    /// Renders a template.
    pub fn html(&self, template: &impl askama::Template) -> Result<Response, AppError> {
        Ok(Html(template.render().map_err(anyhow::Error::from)?).into_response())
    }
    /// Goes elsewhere (303) and says something there.
    pub fn redirect(&self, to: &str, flash: Flash) -> Response {
        flash::set(Redirect::to(to).into_response(), &flash, self.app.config.insecure_cookies)
    }
}

impl Visit {
    /// A table as a file to keep: `canh-NAME-DAY.csv`. `heads` are ids of texts.
    pub fn csv(&self, name: &str, heads: &[&str], rows: &[Vec<Cell>]) -> Response {
        let heads: Vec<String> = heads.iter().map(|id| self.t(id)).collect();
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let name = format!("attachment; filename=\"canh-{name}-{}.csv\"", time::date(self.now));
        let kind = "text/csv; charset=utf-8".to_owned();
        ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&heads, rows))
            .into_response()
    }

    /// After an act of one button, with nothing typed: goes to a page that says what came of it. What a rule forbids
    /// is said there as well; everything else goes on as an error.
    pub fn acted<T>(
        &self,
        to: &str,
        done: Result<T, impl Into<AppError>>,
        ok: &str,
    ) -> Result<Response, AppError> {
        match done.map_err(Into::into) {
            Ok(_) => Ok(self.redirect(to, Flash::ok(ok))),
            Err(AppError::Refused(text)) => Ok(self.redirect(to, Flash::bad(&text))),
            Err(AppError::Invalid(fields)) => {
                let text = fields.first().map_or("error-invalid", |f| f.code.as_str());
                Ok(self.redirect(to, Flash::bad(text)))
            }
            Err(AppError::Stale) => Ok(self.redirect(to, Flash::bad("error-stale"))),
            Err(error) => Err(error),
        }
    }

    /// Read once a page. A page without counts is better than none.
    async fn load_frame(&self) -> Frame {
        let Some(body) = self.user.body else { return Frame::default() };
        // A pointer: every handler of a page holds this future, and the compiler would look into it for each of them.
        let load: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async { board::frame(&mut self.app.db.read().await?, body, self.now).await });
        load.await.unwrap_or_else(|error: StoreError| {
            tracing::warn!(%error, "no counts for the frame");
            Frame::default()
        })
    }
}

impl<S> FromRequestParts<S> for Visit
where
    Arc<App>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let user = parts.extensions.get::<Arc<User>>().cloned().unwrap_or_else(|| Arc::new(User::nobody()));
        let mut visit = Self::new(Arc::from_ref(state), user, &parts.headers, parts.uri.clone());
        // Forms too: one that is refused is shown again with its frame. Whoever is not signed in has none.
        if !visit.uri.path().starts_with("/api/") {
            visit.frame = visit.load_frame().await;
        }
        Ok(visit)
    }
}

impl Visit {
    pub(crate) fn new(app: Arc<App>, user: Arc<User>, headers: &HeaderMap, uri: Uri) -> Self {
        let chosen = prefs::cookie(headers, prefs::LANG).or(user.lang.as_deref());
        let accepts = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        let lang = Lang::choose(chosen, accepts);
        let theme = match prefs::cookie(headers, prefs::THEME) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "",
        };
        let now = app.clock.now();
        let flash = flash::get(headers);
        Self { app, user, now, lang, theme, flash, uri, frame: Frame::default() }
    }
}
