//! Every route, asked by everybody it is not for. The list is the router's own; a route without an entry here fails.
//!
//! Who adds a route: if its path has a parameter, give `records` one that belongs to the fixture's body (or, for
//! one's own things, to somebody else); if it takes a body, give `sample` one that is well formed, so that the refusal
//! seen is the one of rights and not of shape; if it is public, say so in `PUBLIC`.

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    right::Right,
};
use store::{
    StoreError,
    sign_in::{accounts, digest, sessions, tokens},
    testing::minute,
};
use web::{Access, Route, User, routes, testing::TestApp};

mod leads;
pub mod samples;

use self::samples::{NO_RECORD, query, sample};
use crate::fixture::{Fixture, OURS};

/// What anybody may call without signing in, and why.
const PUBLIC: &[(&str, &str)] = &[
    ("GET /assets/{name}", "styles, scripts, fonts"),
    ("GET /health", "says only whether anybody is home"),
    ("GET /health/clocks", "says only whether the clocks run"),
    ("POST /prefs", "language and theme cookies"),
    ("GET /api/v1/openapi.json", "the API's description"),
    ("GET /login", "to sign in"),
    ("POST /login", "to sign in"),
    ("GET /login/code", "half-way: the handler looks at the session's stage"),
    ("POST /login/code", "half-way"),
    ("GET /login/set-up", "half-way"),
    ("POST /login/password", "half-way"),
    ("POST /login/totp", "half-way"),
    ("POST /logout", "with whatever session there is"),
    ("GET /beat/{beat}", "the address is the key; says only that it was heard"),
    ("POST /beat/{beat}", "the same for programs that post"),
    ("GET /c/{callout_link}", "the address is the key"),
    ("POST /c/{callout_link}", "the address is the key, the page's form token besides"),
    ("GET /l/{link}", "the address is the key"),
    ("POST /l/{link}", "the address is the key, the page's form token besides"),
    ("POST /l/{link}/file", "the same, with a file"),
    ("GET /calendars/{secret}", "the address is the key"),
    ("POST /inventory/{upload_link}", "a collector; the address is the key"),
    ("PUT /inventory/{upload_link}", "the same"),
    ("GET /inventory/{upload_link}/{collector}", "the collector itself, with that address in it"),
    ("POST /in/reports/{secret}", "an outside system's reports; the address is the key"),
    ("POST /in/telegram", "Telegram, with the secret it was told"),
    ("POST /in/voice/{secret}", "a voice gateway; the address is the key"),
    ("GET /n/{notice_link}", "the address is the key"),
    ("POST /n/{notice_link}", "the address is the key, the page's form token besides"),
];

/// Forms that change no record and therefore need no token: `POST /prefs` sets two cookies of display; a link's page
/// has a token of its own, tested with links.
const NO_TOKEN: &[&str] = &[
    "POST /prefs",
    "POST /c/{callout_link}",
    "POST /beat/{beat}",
    "POST /l/{link}",
    "POST /l/{link}/file",
    "POST /n/{notice_link}",
    "POST /in/reports/{secret}",
    "POST /in/telegram",
    "POST /in/voice/{secret}",
    "POST /inventory/{upload_link}",
    "PUT /inventory/{upload_link}",
];

/// Streams that never end: asked only where nobody gets in.
const ENDLESS: &[&str] = &["GET /events", "GET /api/v1/events"];

/// For each path parameter a record of ours.
async fn records(t: &TestApp, f: &Fixture) -> HashMap<&'static str, String> {
    let (session, token): (Id<kind::Session>, Id<kind::Token>) = (Id::new(&*t.ids), Id::new(&*t.ids));
    let made: Result<u64, StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        let seq = tx.record("test.ours", "test", Some(f.ours), &());
        accounts::create(tx, &Scope::system(), f.person, "rieng.tu", "digest").await?;
        sessions::begin(tx, &sessions::New {
            id: session, digest: &digest("s"), person: f.person, stage: sessions::Stage::Full, agent: "", address: "",
        }).await?;
        tokens::create(tx, f.person, &tokens::New {
            id: token, digest: &digest("t"), name: "máy", rights: &[Right::See], expires_at: minute(60),
        }).await?;
        Ok(seq)
    });
    let (campaign, duty, assignment) = f.order(t, f.ours, f.ours).await;
    let [channel, grant, system, host] = f.register(t).await;
    let [inventory_link, inventory_report] = crate::hosts::ours(t, f).await;
    let [template, lesson] = crate::after::remains(t, f, &campaign).await;
    let [task, question, submission, sha256] = f.evidence(t, assignment).await;
    let report = f.report(t, &campaign).await;
    let [round, quick] = f.quick_report(t, &campaign, assignment).await;
    let (notice, bulletin) = crate::notices::ours(t, f).await;
    let [line, outage] = crate::lines::line(t, f).await;
    let [visit, finding, photo] = crate::inspections::visit(t, f).await;
    let [post, layer, over, swap, absence, hand_over, commitment, calendar] =
        crate::rosters::ours(t, f).await;
    let webhook = crate::channels::webhook(t, f).await;
    let [alert, silence, source] = crate::alerts::ours(t, f).await;
    let event = crate::logs::ours(t, f);
    let hold = crate::retention::ours(t, f).await;
    let indicator_list = crate::indicators::ours(t, f).await;
    let [hunt, saved_search] = crate::hunts::ours(t, f).await;
    let [feed, warning, own_warning] = crate::review::ours(t, f).await;
    let [callout, policy, monitor, inlet] = crate::callouts::ours(t, f).await;
    HashMap::from([
        ("feeds", feed),
        ("warnings", warning),
        ("own-warnings", own_warning),
        ("rule", "r".to_owned()),
        ("flaw", "CVE-2099-4321".to_owned()),
        ("alerts", alert),
        ("place", event.clone()),
        ("indicator_list", indicator_list),
        ("hunt", hunt),
        ("saved_search", saved_search),
        ("events", event),
        ("suppressions", silence),
        ("holds", hold),
        ("sources", source),
        ("callouts", callout),
        ("monitors", monitor),
        ("inlets", inlet),
        ("beat", "no-monitor".to_owned()),
        ("policies", policy.clone()),
        ("escalation-policies", policy),
        ("callout_link", "not-a-link".to_owned()),
        ("webhook", webhook),
        ("channel_kind", "email".to_owned()),
        ("requests", crate::requests::ours(t, f).await),
        ("notice", notice),
        ("bulletin", bulletin),
        ("notice_link", "not-a-link".to_owned()),
        ("report", report),
        ("posts", post),
        ("layer", layer),
        ("overrides", over),
        ("swaps", swap),
        ("absences", absence),
        ("hand-overs", hand_over),
        ("commitments", commitment),
        ("calendars", calendar),
        ("secret", "not-a-link".to_owned()),
        ("upload_link", "not-a-link".to_owned()),
        ("collector", "canh-collect.sh".to_owned()),
        ("inventory_link", inventory_link),
        ("inventory_report", inventory_report),
        ("inspections", visit),
        ("findings", finding),
        ("photo", photo),
        ("lines", line),
        ("outages", outage),
        ("counts", crate::counts::count(t, f).await),
        ("assignment", assignment.to_string()),
        ("task", task),
        ("round", round),
        ("quick", quick),
        ("question", question),
        ("submission", submission),
        ("sha256", sha256),
        ("seq", made.unwrap().to_string()),
        ("letters", f.letter(t).await.to_string()),
        ("inbox", f.inbox_item(t).await),
        ("campaign", campaign.clone()),
        ("number", "1".to_owned()),
        ("code", "LEAD".to_owned()),
        ("fact", f.fact(t).await),
        ("templates", template),
        ("lesson", lesson.clone()),
        ("lessons", lesson),
        ("campaigns", campaign.clone()),
        ("orders", campaign),
        ("assignments", assignment.to_string()),
        ("duty", duty),
        ("person", f.person.to_string()),
        ("session", session.to_string()),
        ("token", token.to_string()),
        ("body", f.ours.to_string()),
        ("bodies", f.ours.to_string()),
        ("people", f.person.to_string()),
        ("channel", channel.clone()),
        ("channels", channel),
        ("grant", grant.clone()),
        ("grants", grant),
        ("systems", system),
        ("host", host.clone()),
        ("hosts", host),
        ("function", "all".to_owned()),
        ("from", "2025-07-01".to_owned()),
        ("table", "bodies".to_owned()),
        ("name", "app.css".to_owned()),
        ("link", "not-a-link".to_owned()),
        ("job", Id::<kind::Job>::new(&*t.ids).to_string()),
        ("delivery", Id::<kind::Delivery>::new(&*t.ids).to_string()),
    ])
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

fn parameters(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')).collect()
}

struct Ground {
    t: TestApp,
    f: Fixture,
    records: HashMap<&'static str, String>,
}

impl Ground {
    async fn new() -> Self {
        let t = TestApp::new().await;
        let f = Fixture::new(&t).await;
        let records = records(&t, &f).await;
        Self { t, f, records }
    }

    /// The path with records of ours in it. `{id}` goes by the part before it: `letters/{id}`.
    fn path(&self, route: &Route) -> String {
        let mut parts: Vec<String> = Vec::new();
        for part in route.path.split('/') {
            let Some(parameter) = part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) else {
                parts.push(part.to_owned());
                continue;
            };
            let of = if parameter == "id" { parts.last().map_or("", String::as_str) } else { parameter };
            let record = self.records.get(of);
            parts.push(
                record.unwrap_or_else(|| panic!("{}: no record of `{of}` in `records`", name(route))).clone(),
            );
        }
        parts.join("/") + query(route)
    }

    /// Those routes, the clock a minute further before each: there are more than one person may ask for at once.
    fn paced<'a>(&'a self, of: impl IntoIterator<Item = &'a Route>) -> impl Iterator<Item = &'a Route> {
        (1_i64..).zip(of).map(|(minute, route)| {
            self.t.clock.move_to_minute(minute);
            route
        })
    }

    async fn ask(
        &self,
        user: Option<&Arc<User>>,
        route: &Route,
        method: &Method,
        token: bool,
    ) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::builder().method(method.clone()).uri(self.path(route));
        let mut body = String::new();
        let csrf = user.map_or("", |u| &u.csrf);
        if *method != Method::GET {
            let (kind, sample) = sample(route, &self.f);
            body = sample;
            request = request.header(header::CONTENT_TYPE, kind);
            if token && kind == "application/x-www-form-urlencoded" {
                let more = form_urlencoded::Serializer::new(String::new()).append_pair("csrf", csrf).finish();
                body = if body.is_empty() { more } else { format!("{body}&{more}") };
            } else if token {
                request = request.header("x-csrf-token", csrf);
            }
        }
        let response = self.t.send(user, request.body(Body::from(body)).unwrap()).await;
        let headers = response.headers().clone();
        let (status, text) = TestApp::read(response).await;
        (status, headers, text)
    }
}

fn public(route: &Route) -> bool {
    PUBLIC.iter().any(|(known, _)| *known == name(route))
}

#[tokio::test]
async fn public_routes_are_those_named_here_and_no_others() {
    for route in routes() {
        assert_eq!(route.access == Access::Public, public(&route), "{}", name(&route));
    }
    for (known, why) in PUBLIC {
        assert!(routes().iter().any(|r| name(r) == *known), "{known} ({why}) is gone");
    }
}

#[tokio::test]
async fn without_a_session_nobody_gets_in() {
    let g = Ground::new().await;
    for route in g.paced(routes().iter().filter(|r| !public(r))) {
        let (status, headers, _) = g.ask(None, route, &route.method, false).await;
        if route.is_api() {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", name(route));
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{}", name(route));
        } else {
            assert_eq!(status, StatusCode::SEE_OTHER, "{}", name(route));
            assert!(
                headers[header::LOCATION].to_str().unwrap().starts_with("/login?next="),
                "{}",
                name(route)
            );
        }
    }
}

#[tokio::test]
async fn without_rights_a_session_is_worth_nothing() {
    let g = Ground::new().await;
    let nobody = g.f.nothing(&g.t);
    for route in g.paced(routes().iter().filter(|r| matches!(r.access, Access::Right(_)))) {
        let (status, ..) = g.ask(Some(&nobody), route, &route.method, true).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{}", name(route));
    }
}

/// A neighbour, and a child: every role over their own subtree is nothing over ours.
#[tokio::test]
async fn the_rights_of_others_end_at_their_own_subtree() {
    let mut wrong = Vec::new();
    for who in ["a neighbour", "a child"] {
        let g = Ground::new().await;
        let neighbour = who == "a neighbour";
        let user = g.f.everything(&g.t, if neighbour { g.f.neighbour } else { g.f.child });
        let asked = routes();
        for route in g.paced(asked.iter().filter(|r| !public(r) && !ENDLESS.contains(&name(r).as_str()))) {
            let (status, _, text) = g.ask(Some(&user), route, &route.method, true).await;
            let of_ours = !parameters(&route.path).is_empty() && !NO_RECORD.contains(&name(route).as_str());
            if of_ours && status != StatusCode::NOT_FOUND {
                wrong.push(format!("{who}: {}: {status}", name(route)));
            }
            // A child may read who stands above it; a neighbour has no business with us at all.
            if neighbour && (text.contains(OURS) || text.contains("Riêng Tư")) {
                wrong.push(format!("{who} reads of us: {}", name(route)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_wrong_method_is_told_so() {
    let g = Ground::new().await;
    let all = routes();
    let user = g.f.everything(&g.t, g.f.root);
    for route in g.paced(&all) {
        let known: Vec<&Method> = all.iter().filter(|r| r.path == route.path).map(|r| &r.method).collect();
        let wrong = [Method::DELETE, Method::PUT, Method::PATCH, Method::POST]
            .into_iter()
            .find(|m| !known.contains(&m));
        let (status, headers, _) = g.ask(Some(&user), route, &wrong.unwrap(), true).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{}", name(route));
        assert!(headers.contains_key(header::ALLOW), "{}", name(route));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_turned_away_by_its_length_alone() {
    let g = Ground::new().await;
    let user = g.f.everything(&g.t, g.f.root);
    for route in g.paced(routes().iter().filter(|r| r.method != Method::GET)) {
        let (kind, _) = sample(route, &g.f);
        let request = Request::builder()
            .method(route.method.clone())
            .uri(g.path(route))
            .header(header::CONTENT_TYPE, kind)
            .header("x-csrf-token", &user.csrf)
            .header(header::CONTENT_LENGTH, route.limit + 1)
            .body(Body::empty())
            .unwrap();
        let (status, _) = TestApp::read(g.t.send(Some(&user), request).await).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{}", name(route));
    }
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_cut_off_too() {
    let g = Ground::new().await;
    let user = g.f.everything(&g.t, g.f.root);
    let chunks = futures_util::stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(vec![b'a'; 16 * 1024])));
    let request = Request::builder()
        .method(Method::POST)
        .uri("/admin/accounts")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from_stream(chunks))
        .unwrap();
    let (status, _) = TestApp::read(g.t.send(Some(&user), request).await).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn without_its_token_no_form_and_no_cookie_call_of_the_api_changes_anything() {
    let g = Ground::new().await;
    let user = g.f.everything(&g.t, g.f.root);
    let asked = routes();
    let asked = asked.iter().filter(|r| r.method != Method::GET && !NO_TOKEN.contains(&name(r).as_str()));
    for route in g.paced(asked) {
        let (status, ..) = g.ask(Some(&user), route, &route.method, false).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{}", name(route));
    }
}

#[tokio::test]
async fn what_another_site_sends_is_turned_away_before_anything_else() {
    let g = Ground::new().await;
    let user = g.f.everything(&g.t, g.f.root);
    for route in g.paced(routes().iter().filter(|r| r.method != Method::GET)) {
        let request = Request::builder()
            .method(route.method.clone())
            .uri(g.path(route))
            .header("sec-fetch-site", "cross-site")
            .header("x-csrf-token", &user.csrf)
            .body(Body::empty())
            .unwrap();
        let (status, _) = TestApp::read(g.t.send(Some(&user), request).await).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{}", name(route));
    }
}

#[tokio::test]
async fn every_answer_carries_its_guards() {
    let g = Ground::new().await;
    let user = g.f.everything(&g.t, g.f.root);
    for route in routes().iter().filter(|r| r.method == Method::GET && !ENDLESS.contains(&name(r).as_str())) {
        let (_, headers, _) = g.ask(Some(&user), route, &route.method, true).await;
        let csp = headers["content-security-policy"].to_str().unwrap();
        assert!(csp.starts_with("default-src 'none'; ") && !csp.contains("unsafe"), "{}", name(route));
        for guard in [
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
            "cross-origin-opener-policy",
            "cache-control",
        ] {
            assert!(headers.contains_key(guard), "{}: {guard}", name(route));
        }
    }
    let (_, headers, _) = g.ask(None, &routes()[0], &Method::GET, false).await;
    assert!(headers.contains_key("content-security-policy"));
}
