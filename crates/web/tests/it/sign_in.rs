//! From the first-login code to signed out, as a browser goes it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
};
use store::{StoreError, args, sign_in::accounts};
use web::testing::TestApp;

use crate::fixture;

const LOGIN: &str = "binh.tv";
pub const PASSWORD: &str = "con mèo trèo cây cau";

/// A browser: keeps cookies, fills in the form token.
pub struct Browser<'a> {
    pub t: &'a TestApp,
    pub cookies: BTreeMap<String, String>,
    pub csrf: String,
    pub address: &'static str,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }
}

impl<'a> Browser<'a> {
    pub fn new(t: &'a TestApp, address: &'static str) -> Self {
        Self { t, cookies: BTreeMap::new(), csrf: String::new(), address }
    }
    pub async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = request
            .header(header::COOKIE, cookies.join("; "))
            .header(header::USER_AGENT, "Chrome Windows")
            .header("accept-language", "vi")
            .body(Body::from(body))
            .unwrap();
        let peer: std::net::SocketAddr = format!("{}:1", self.address).parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let response = self.t.send(None, request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let headers = response.headers().clone();
        let (status, text) = TestApp::read(response).await;
        if let Some((_, rest)) = text.split_once("name=\"csrf\" value=\"") {
            self.csrf = rest.split('"').next().unwrap().to_owned();
        }
        Page { status, headers, text }
    }
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::builder().uri(path), String::new()).await
    }
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form.finish()).await
    }
}

/// A person with an account, its first-login code still unused.
pub async fn account(t: &TestApp) -> (Id<kind::Person>, String) {
    let f = fixture::Fixture::new(t).await;
    let (code, digest) = accounts::first_code(&*t.app.secrets);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, store::testing::minute(0), tx => {
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'coordinator',$3,0)",
            args![t.ids.next(), f.person, f.ours],
        ).await?;
        accounts::create(tx, &Scope::system(), f.person, LOGIN, &digest).await
    });
    made.unwrap();
    (f.person, code)
}

/// The six digits of the key shown on the page.
pub fn digits(page: &str, t: &TestApp) -> String {
    let key: String =
        page.split_once("data-copy=\"").unwrap().1.split('"').next().unwrap().split_whitespace().collect();
    let totp =
        totp_rs::Builder::new().with_secret(totp_rs::Secret::try_from_base32(&key).unwrap()).build().unwrap();
    totp.generate(t.app.clock.now().as_second() as u64).to_string()
}

fn codes(page: &str) -> Vec<String> {
    page.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Goes all the way in; returns the TOTP page's text and the recovery codes.
pub async fn first_sign_in(b: &mut Browser<'_>, code: &str) -> (String, Vec<String>) {
    b.get("/login").await;
    let page =
        b.post("/login", &[("login", LOGIN), ("password", &code.to_lowercase()), ("next", "/account")]).await;
    assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, "/login/set-up?next=%2Faccount"));
    assert_eq!(b.get("/account").await.status, StatusCode::SEE_OTHER);
    let page = b.get("/login/set-up?next=%2Faccount").await;
    assert!(page.text.contains("name=\"again\""), "{}", page.text);
    let page = b.post("/login/password", &[("password", "binh.tv12345"), ("again", "binh.tv12345")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page =
        b.post("/login/password", &[("password", PASSWORD), ("again", PASSWORD), ("next", "/account")]).await;
    assert_eq!(page.to(), "/login/set-up?next=%2Faccount");
    let offered = b.get("/login/set-up").await.text;
    assert!(offered.contains("src=\"data:image/svg+xml;base64,"));
    assert_eq!(b.post("/login/totp", &[("code", "000000")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The key is the same after a wrong code or another look.
    assert_eq!(digits(&b.get("/login/set-up").await.text, b.t), digits(&offered, b.t));
    let page = b.post("/login/totp", &[("code", &digits(&offered, b.t)), ("next", "/account")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let codes = codes(&page.text);
    assert_eq!(codes.len(), 10);
    assert_eq!(b.get("/account").await.status, StatusCode::OK);
    (offered, codes)
}

#[tokio::test]
async fn from_first_code_to_signed_out() {
    let t = TestApp::new().await;
    let (_, code) = account(&t).await;
    let mut b = Browser::new(&t, "10.0.0.1");
    let (offered, recovery) = first_sign_in(&mut b, &code).await;
    assert!(b.cookies.contains_key("__Host-canh") && b.cookies.contains_key("__Host-canh-device"));
    b.get("/account").await;
    assert_eq!(b.post("/logout", &[]).await.to(), "/login");
    assert!(!b.cookies.contains_key("__Host-canh"));
    assert_eq!(b.get("/account").await.to(), "/login?next=%2Faccount");

    // The first-login code has done its work; the password and a new digit code are asked.
    b.get("/login").await;
    let page = b.post("/login", &[("login", LOGIN), ("password", &code)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page =
        b.post("/login", &[("login", LOGIN), ("password", PASSWORD), ("next", "//evil.example")]).await;
    assert_eq!(page.to(), "/login/code?next=%2F");
    b.get("/login/code").await;
    // The code of the set-up is spent.
    let page = b.post("/login/code", &[("code", &digits(&offered, &t))]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    t.clock.move_to_minute(1);
    let page = b.post("/login/code", &[("code", &digits(&offered, &t))]).await;
    assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, "/"));
    b.get("/account").await;
    b.post("/logout", &[]).await;

    // On another browser: a recovery code, once; the person is told.
    let mut other = Browser::new(&t, "10.0.0.2");
    for (tries, fits) in [(0, true), (1, false)] {
        other.get("/login").await;
        other.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
        other.get("/login/code").await;
        let page = other.post("/login/code", &[("code", &recovery[0].to_lowercase())]).await;
        assert_eq!(page.status == StatusCode::SEE_OTHER, fits, "{tries} {}", page.text);
        other.cookies.remove("__Host-canh");
    }
    let mut sql = t.app.db.read().await.unwrap();
    let told =
        sql.count_for_test("select count(*) as n from intent where template = 'sign-in-new'").await.unwrap();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_password_look_alike_and_waiting_hits_only_the_guesser() {
    let t = TestApp::new().await;
    let (_, code) = account(&t).await;
    let mut owner = Browser::new(&t, "10.0.0.1");
    first_sign_in(&mut owner, &code).await;

    let mut guesser = Browser::new(&t, "203.0.113.9");
    let mut seen = Vec::new();
    for login in [LOGIN, "nobody.here"] {
        guesser.get("/login").await;
        let mut run = Vec::new();
        for _ in 0..6 {
            let page = guesser.post("/login", &[("login", login), ("password", "wrong wrong wrong")]).await;
            run.push((page.status, page.text.replace(login, "LOGIN").replace(&guesser.csrf, "TOKEN")));
        }
        seen.push(run);
    }
    assert!(seen[0] == seen[1], "known and unknown logins can be told apart");
    assert_eq!(seen[0][0].0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(seen[0][5].0, StatusCode::TOO_MANY_REQUESTS);
    // The right password does not help there now, but elsewhere nothing is locked.
    let page = guesser.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    for address in ["10.0.0.1", "198.51.100.7"] {
        let mut b = Browser::new(&t, address);
        b.get("/login").await;
        let page = b.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
        assert_eq!(page.to(), "/login/code?next=%2F", "{address}");
    }
    // On the guesser's own line the owner's known browser gets through as well.
    owner.address = "203.0.113.9";
    owner.get("/account").await;
    owner.post("/logout", &[]).await;
    owner.get("/login").await;
    let page = owner.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
    assert_eq!(page.to(), "/login/code?next=%2F");
}

#[tokio::test]
async fn one_source_cannot_flood_the_sign_in() {
    let t = TestApp::new().await;
    let mut b = Browser::new(&t, "203.0.113.9");
    b.get("/login").await;
    let mut refused = 0;
    for n in 0..25 {
        let page = b.post("/login", &[("login", &format!("someone{n}")), ("password", "x")]).await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(page.headers.contains_key(header::RETRY_AFTER));
            refused += 1;
        }
    }
    assert_eq!(refused, 5);
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_a_token_acts_within_its_rights() {
    let t = TestApp::new().await;
    let (_, code) = account(&t).await;
    let mut b = Browser::new(&t, "10.0.0.1");
    let (offered, _) = first_sign_in(&mut b, &code).await;
    t.clock.move_to_minute(2);
    let mut other = Browser::new(&t, "10.0.0.2");
    other.get("/login").await;
    other.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
    other.get("/login/code").await;
    other.post("/login/code", &[("code", &digits(&offered, &t))]).await;
    let page = other.get("/account").await;
    assert_eq!(page.text.matches("Chrome · Windows").count(), 2, "{}", page.text);

    let page = b.get("/account").await;
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let fields = [("name", "máy báo cáo"), ("days", "30"), ("right", "see"), ("current", "wrong")];
    assert_eq!(b.post("/account/tokens", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("name", "máy báo cáo"), ("days", "30"), ("right", "see"), ("current", PASSWORD)];
    let page = b.post("/account/tokens", &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let token = page.text.split_once("data-copy=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert!(token.starts_with("canh_"));
    let ask = async |method: Method, path: &str, token: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        TestApp::read(t.send(None, request).await).await
    };
    let (status, text) = ask(Method::GET, "/api/v1/me", &token).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("\"rights\":[\"see\"]"), "{text}");
    assert_eq!(ask(Method::GET, "/api/v1/accounts", &token).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ask(Method::GET, "/api/v1/me", "canh_wrong").await.0, StatusCode::UNAUTHORIZED);
    // A token opens no pages and makes no tokens.
    assert_eq!(ask(Method::GET, "/account", &token).await.0, StatusCode::SEE_OTHER);

    b.get("/account").await;
    let new = "một câu khác hẳn câu cũ";
    let fields = [("current", PASSWORD), ("password", new), ("again", "khác")];
    assert_eq!(b.post("/account/password", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("current", PASSWORD), ("password", new), ("again", new)];
    assert_eq!(b.post("/account/password", &fields).await.to(), "/account");
    assert_eq!(b.get("/account").await.status, StatusCode::OK);
    assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_rotates_unnoticed_and_ends_when_left_alone() {
    let t = TestApp::new().await;
    let (_, code) = account(&t).await;
    let mut b = Browser::new(&t, "10.0.0.1");
    first_sign_in(&mut b, &code).await;
    let before = b.cookies["__Host-canh"].clone();
    t.clock.move_to_minute(16);
    assert_eq!(b.get("/account").await.status, StatusCode::OK);
    assert_ne!(b.cookies["__Host-canh"], before);
    t.clock.move_to_minute(17);
    assert_eq!(b.get("/account").await.status, StatusCode::OK);
    t.clock.move_to_minute(48);
    assert_eq!(b.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_administrator_makes_an_account_and_disables_it() {
    let t = TestApp::new().await;
    let f = fixture::Fixture::new(&t).await;
    let admin = f.everything(&t, f.root);
    let page =
        t.post(Some(&admin), "/admin/accounts", &[("person", &f.person.to_string()), ("login", "x")]).await;
    assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page =
        t.post(Some(&admin), "/admin/accounts", &[("person", &f.person.to_string()), ("login", LOGIN)]).await;
    let (status, text) = TestApp::read(page).await;
    assert_eq!(status, StatusCode::OK);
    let code = text.split_once("data-copy=\"").unwrap().1.split('"').next().unwrap().to_owned();
    assert_eq!(code.len(), 23);
    let (_, list) = t.get(Some(&admin), "/admin/accounts").await;
    assert!(list.contains(LOGIN), "{list}");
    let path = format!("/admin/accounts/{}/disable", f.person);
    assert_eq!(t.post(Some(&admin), &path, &[]).await.status(), StatusCode::SEE_OTHER);
    let mut b = Browser::new(&t, "10.0.0.1");
    b.get("/login").await;
    let page = b.post("/login", &[("login", LOGIN), ("password", &code)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_second_factor_moves_to_another_phone() {
    let t = TestApp::new().await;
    let (_, code) = account(&t).await;
    let mut b = Browser::new(&t, "10.0.0.1");
    let (old, recovery) = first_sign_in(&mut b, &code).await;
    b.get("/account").await;
    // Another session, which the move is to end.
    t.clock.move_to_minute(1);
    let mut other = Browser::new(&t, "10.0.0.2");
    other.get("/login").await;
    other.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
    other.get("/login/code").await;
    other.post("/login/code", &[("code", &digits(&old, &t))]).await;
    assert_eq!(other.get("/account").await.status, StatusCode::OK);

    // Neither the password alone nor a code alone, nor a spent code.
    t.clock.move_to_minute(2);
    let now = digits(&old, &t);
    for (password, code) in [(PASSWORD, "000000"), ("wrong wrong wrong", now.as_str()), (PASSWORD, "")] {
        let page = b.post("/account/phone", &[("current", password), ("code", code)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
    }
    let page = b.post("/account/phone/prove", &[("code", &now)]).await;
    assert_eq!(page.to(), "/account", "nothing was offered");
    let page = b.post("/account/phone", &[("current", PASSWORD), ("code", &now)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let offered = page.text;
    assert_ne!(digits(&offered, &t), digits(&old, &t));
    let page = b.post("/account/phone/prove", &[("code", "000000")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(digits(&page.text, &t), digits(&offered, &t), "the same key after a wrong code");
    // Not from another session.
    assert_eq!(other.post("/account/phone/prove", &[("code", &digits(&offered, &t))]).await.to(), "/account");
    let page = b.post("/account/phone/prove", &[("code", &digits(&offered, &t))]).await;
    assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, "/account"), "{}", page.text);
    assert_eq!(b.get("/account").await.status, StatusCode::OK);
    assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
    let mut sql = t.app.db.read().await.unwrap();
    for (query, n) in [
        ("select count(*) as n from audit_entry where action = 'account.second-factor-moved'", 1),
        ("select count(*) as n from intent where template = 'second-factor-moved'", 1),
    ] {
        assert_eq!(sql.count_for_test(query).await.unwrap(), n, "{query}");
    }
    drop(sql);

    // The old phone's codes are worth nothing now; the new one's are.
    t.clock.move_to_minute(3);
    other.cookies.remove("__Host-canh");
    other.get("/login").await;
    other.post("/login", &[("login", LOGIN), ("password", PASSWORD)]).await;
    other.get("/login/code").await;
    let page = other.post("/login/code", &[("code", &digits(&old, &t))]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = other.post("/login/code", &[("code", &digits(&offered, &t))]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);

    // With a recovery code as well, and an offer does not stand for ever.
    other.get("/account").await;
    let page = other.post("/account/phone", &[("current", PASSWORD), ("code", &recovery[0])]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let offered = page.text;
    t.clock.move_to_minute(19);
    assert_eq!(other.post("/account/phone/prove", &[("code", &digits(&offered, &t))]).await.to(), "/account");
}

#[tokio::test]
async fn switching_the_body_is_a_post_with_the_token() {
    let t = TestApp::new().await;
    let f = fixture::Fixture::new(&t).await;
    let user =
        Arc::new(web::User { bodies: vec![(f.ours, "Một".into())], ..(*f.everything(&t, f.ours)).clone() });
    let path = format!("/body/{}/switch", f.ours);
    assert_eq!(t.get(Some(&user), &path).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let done = t.post(Some(&user), &path, &[]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert!(done.headers()[header::SET_COOKIE].to_str().unwrap().contains(&f.ours.to_string()));
    let elsewhere = format!("/body/{}/switch", f.neighbour);
    assert_eq!(t.post(Some(&user), &elsewhere, &[]).await.status(), StatusCode::NOT_FOUND);
}
