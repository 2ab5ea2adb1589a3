//! Squid's native access log (its documentation, `logformat squid`), under the names rules for proxies use.

use domain::event::{Column, Event};

use crate::{fields::keep, when};

/// `1793696887.123 45 10.0.0.1 TCP_MISS/200 1234 GET http://x/ user HIER_DIRECT/1.2.3.4 text/html`.
pub fn read(message: &str, event: &mut Event) -> bool {
    let words: Vec<&str> = message.split_ascii_whitespace().collect();
    let [time, duration, client, result, bytes, method, url, user, peer, rest @ ..] = words.as_slice() else {
        return false;
    };
    let Some((result, status)) = result.split_once('/') else { return false };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(status) || !digits(bytes) || !time.contains('.') || !peer.contains('/') {
        return false;
    }
    let Some(at) = when::epoch(time) else { return false };
    event.set_source("squid", "proxy");
    event.set_time(at);
    let after = url.split_once("://").map_or(*url, |(_, after)| after);
    let host = after.split(['/', ':', '?']).next().unwrap_or_default();
    let extra = [("mime", rest.first().copied().unwrap_or_default(), None)];
    let fields = [
        ("time", *time, Some(Column::Time)),
        ("duration", duration, None),
        ("c-ip", client, Some(Column::SourceIp)),
        ("s-action", result, Some(Column::Action)),
        ("sc-status", status, Some(Column::Status)),
        ("sc-bytes", bytes, None),
        ("cs-method", method, Some(Column::Method)),
        ("c-uri", url, Some(Column::Url)),
        ("cs-host", host, Some(Column::Domain)),
        ("cs-username", user, Some(Column::User)),
        ("r-peer", peer, None),
    ];
    for (name, value, column) in fields.into_iter().chain(extra) {
        if value != "-" && !value.is_empty() {
            keep(event, name, value, column);
        }
    }
    true
}
