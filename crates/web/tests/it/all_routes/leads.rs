//! No page sends anybody to a place that is not there.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode, header};
use domain::id::{Id, kind};
use web::{Route, routes};

use super::{ENDLESS, Ground, name};

/// What a page says its forms and links lead to: `(method, path)`, without what follows `?` and `#`.
fn leads(html: &str) -> Vec<(Method, String)> {
    let mut found = Vec::new();
    for tag in html.split('<').filter_map(|t| t.split('>').next()) {
        let attribute = |name: &str| {
            let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
            tag.get(from..)?.split('"').next().and_then(|v| v.split(['?', '#']).next())
        };
        let post = tag.contains("method=\"post\"");
        let form = attribute("action").map(|a| (if post { Method::POST } else { Method::GET }, a));
        let button = attribute("formaction").map(|a| (Method::POST, a));
        let link = attribute("href").map(|a| (Method::GET, a));
        found.extend([form, button, link].into_iter().flatten().map(|(m, a)| (m, a.to_owned())));
    }
    found.retain(|(_, path)| path.starts_with('/') && !path.starts_with("//"));
    found
}

/// Where a route wants a record, a page's address has to have one: `/notices/issue/issue` is none.
#[tokio::test]
async fn every_form_and_link_of_a_page_leads_somewhere() {
    let g = Ground::new().await;
    let user = g.f.everything(&g.t, g.f.root);
    let all = routes();
    let record = |text: &str| text.parse::<Id<kind::Body>>().is_ok();
    let fits = |route: &Route, path: &str| {
        let (wanted, given): (Vec<&str>, Vec<&str>) =
            (route.path.split('/').collect(), path.split('/').collect());
        wanted.len() == given.len()
            && (1..wanted.len()).all(|n| {
                match wanted[n].strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
                    None => wanted[n] == given[n],
                    Some(parameter) => {
                        let of = if parameter == "id" { wanted[n - 1] } else { parameter };
                        !g.records.get(of).is_some_and(|r| record(r)) || record(given[n])
                    }
                }
            })
    };
    let (mut wrong, mut seen) = (BTreeSet::new(), 0);
    let pages = all.iter().filter(|r| r.method == Method::GET && !r.is_api());
    for route in pages.filter(|r| !ENDLESS.contains(&name(r).as_str())) {
        let (status, headers, text) = g.ask(Some(&user), route, &route.method, true).await;
        let html = headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
        if status != StatusCode::OK || !html {
            continue;
        }
        seen += 1;
        for (method, path) in leads(&text) {
            if !all.iter().any(|r| r.method == method && fits(r, &path)) {
                wrong.insert(format!("{}: {method} {path}", name(route)));
            }
        }
    }
    assert!(seen > 80, "{seen} pages were looked at");
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}
