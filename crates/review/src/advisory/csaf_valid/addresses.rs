//! Addresses that nobody can open (6.3.6, 6.3.7). Nobody is asked: told is what answers nowhere, because the name stands for
//! nothing in the network at large, or GitHub has no such kind of page.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::Value;

use super::Faults;

/// Fields that hold addresses, wherever they stand.
const FIELDS: &[&str] = &["namespace", "sbom_urls", "uri", "url", "urls"];
/// Last parts of names that lead nowhere in the network at large (RFC 2606, 6761, 6762, 8375).
const NOWHERE: &[&str] = &["alt", "example", "internal", "invalid", "local", "localhost", "onion", "test"];
/// What GitHub has of a repository.
const OF_REPOSITORY: &[&str] = &[
    "actions",
    "activity",
    "archive",
    "attestations",
    "blame",
    "blob",
    "branches",
    "codespaces",
    "commit",
    "commits",
    "community",
    "compare",
    "contribute",
    "contributors",
    "custom-properties",
    "delete",
    "dependabot",
    "deployments",
    "discussions",
    "edit",
    "find",
    "fork",
    "forks",
    "graphs",
    "info",
    "issues",
    "labels",
    "milestone",
    "milestones",
    "network",
    "new",
    "packages",
    "pkgs",
    "projects",
    "pull",
    "pulls",
    "pulse",
    "raw",
    "releases",
    "rules",
    "search",
    "security",
    "settings",
    "stargazers",
    "subscription",
    "tags",
    "tarball",
    "tree",
    "watchers",
    "wiki",
    "zipball",
];
/// What begins GitHub's addresses that are of no repository.
const OF_NOBODY: &[&str] = &[
    "about",
    "advisories",
    "apps",
    "collections",
    "contact",
    "customer-stories",
    "enterprise",
    "events",
    "explore",
    "features",
    "issues",
    "login",
    "marketplace",
    "notifications",
    "orgs",
    "organizations",
    "pricing",
    "pulls",
    "readme",
    "repos",
    "resources",
    "search",
    "security",
    "settings",
    "signup",
    "site",
    "solutions",
    "sponsors",
    "stars",
    "team",
    "topics",
    "trending",
    "users",
];

pub fn check(value: &Value, at: &str, faults: &mut Faults) {
    let deeper: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => return,
    };
    let own = value.get("category").and_then(Value::as_str) == Some("self");
    for (key, value) in deeper {
        let at = format!("{at}/{key}");
        if FIELDS.contains(&key.as_str()) {
            let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            if all.iter().filter_map(Value::as_str).any(leads_nowhere) {
                faults.add(if own && key == "url" { "6.3.7" } else { "6.3.6" }, at.as_str());
            }
        }
        check(value, &at, faults);
    }
}

fn leads_nowhere(address: &str) -> bool {
    let lower = address.trim().to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) else {
        return false;
    };
    let (place, way) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = place.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return match ip {
            IpAddr::V4(ip) => is_inside(ip),
            IpAddr::V6(ip) => {
                ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
            }
        };
    }
    match host.trim_end_matches('.').rsplit_once('.') {
        // A name without a dot is one of somebody's own network.
        None => true,
        Some((_, last)) if NOWHERE.contains(&last) => true,
        Some(_) => host.trim_start_matches("www.") == "github.com" && !is_page(way),
    }
}

fn is_inside(ip: Ipv4Addr) -> bool {
    ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation() || ip.is_unspecified()
}

/// Whether GitHub has such pages: `/owner`, `/owner/repository`, and known kinds below.
fn is_page(way: &str) -> bool {
    let path = way.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.nth(1)) {
        (Some(owner), Some(kind)) => OF_NOBODY.contains(&owner) || OF_REPOSITORY.contains(&kind),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::leads_nowhere;

    #[test]
    fn what_cannot_answer_is_told_and_nothing_else() {
        for bad in [
            "https://may.invalid",
            "HTTP://LOCALHOST:8080/a",
            "https://intranet/x",
            "http://a@10.1.2.3/x",
            "https://[::1]/",
            "https://cong.test?a=b",
            "https://github.com/someone/something/advisories/GHSA-1",
        ] {
            assert!(leads_nowhere(bad), "{bad}");
        }
        for good in [
            "https://example.net",
            "https://8.8.8.8/x",
            "https://invalid.example.org:8443/localhost",
            "https://github.com/advisories/GHSA-1",
            "https://github.com/advisories/GHSA-1/dependabot",
            "https://github.com/someone",
            "https://github.com/someone/something",
            "https://www.github.com/someone/something/security/advisories/GHSA-1#a",
            "urn:x:invalid",
            "mailto:a@b.invalid",
        ] {
            assert!(!leads_nowhere(good), "{good}");
        }
    }
}
