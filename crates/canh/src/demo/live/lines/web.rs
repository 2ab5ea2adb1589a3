//! Web servers: nginx's lines, as they are or in Filebeat's envelope.

use domain::time;
use jiff::Timestamp;
use serde_json::json;

use super::{Moment, later, pick};
use crate::demo::{
    live::voices::{Shipper, Voice},
    province::Dice,
};

const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0",
];
const CRAWLER: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const PAGES: [&str; 12] = [
    "/",
    "/tin-tuc",
    "/van-ban",
    "/thu-tuc-hanh-chinh",
    "/tra-cuu-ho-so",
    "/lien-he",
    "/lich-cong-tac",
    "/css/site.css",
    "/js/app.js",
    "/images/banner.jpg",
    "/van-ban/tai-ve?id=1204",
    "/tim-kiem?q=cap+lai+so+ho",
];
/// Where a page was before the site was made anew; links to it stand all over the network.
const GONE: [&str; 4] = ["/portal/Pages/default.aspx", "/index.php", "/van-ban/2014/cv.pdf", "/favicon.ico"];

/// A line of nginx's `combined`.
pub fn access(
    at: &Moment,
    from: &str,
    method: &str,
    path: &str,
    status: u16,
    size: u64,
    browser: &str,
) -> String {
    let when = at.local("%d/%b/%Y:%H:%M:%S %z");
    format!("{from} - - [{when}] \"{method} {path} HTTP/1.1\" {status} {size} \"-\" \"{browser}\"")
}

/// The same in Filebeat's envelope.
pub fn beat(at: &Moment, line: &str) -> String {
    json!({
        "@timestamp": at.utc(),
        "agent": {"type": "filebeat", "version": "8.17.0", "name": "web01"},
        "log": {"file": {"path": "/var/log/nginx/access.log"}, "offset": at.number * 180},
        "message": line,
        "input": {"type": "filestream"},
        "host": {"name": "web01"},
    })
    .to_string()
}

/// Somebody looks at a page.
pub fn visit(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let visitor = format!("198.51.100.{}", 1 + dice.below(250));
    let browser = pick(dice, &BROWSERS);
    let size = 400 + dice.below(60_000);
    match dice.below(100) {
        // A monitor asks every minute or so; a crawler follows old links.
        0..=7 => access(at, "192.0.2.10", "GET", "/", 200, 5_120, "UptimeRobot/2.0"),
        8..=15 => access(at, "192.0.2.66", "GET", pick(dice, &PAGES), 200, size, CRAWLER),
        16..=20 => access(at, "192.0.2.66", "GET", pick(dice, &GONE), 404, 153, CRAWLER),
        21..=23 => access(at, &visitor, "GET", pick(dice, &GONE), 404, 153, browser),
        24..=26 if open => {
            // Staff behind the office's own address.
            let office = format!("{}.1", of.net);
            let status = if dice.chance(12) { 200 } else { 302 };
            access(at, &office, "POST", "/dang-nhap", status, 512, browser)
        }
        27..=29 if open => access(at, &visitor, "POST", "/dich-vu-cong/nop-ho-so", 200, size, browser),
        30..=34 => access(at, &visitor, "GET", "/images/banner.jpg", 304, 0, browser),
        _ => access(at, &visitor, "GET", pick(dice, &PAGES), 200, size, browser),
    }
}

/// At eight the whole office signs in from one address; on Mondays somebody counts the links that lead nowhere.
pub fn scene(of: &Voice, begins: Timestamp, dice: &mut Dice) -> Vec<(i64, String)> {
    let local = time::local(begins);
    let envelope = |m: &Moment, line: String| match of.shipper {
        Shipper::NginxBeat => beat(m, &line),
        _ => line,
    };
    let worked = !matches!(local.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let office = format!("{}.1", of.net);
    let mut all = Vec::new();
    if worked && local.hour() == 7 && local.minute() >= 55 {
        for n in 0..5 {
            let m = later(begins, n * 11 + 2);
            let status = if dice.chance(10) { 200 } else { 302 };
            let browser = pick(dice, &BROWSERS);
            all.push((
                n * 11 + 2,
                envelope(&m, access(&m, &office, "POST", "/dang-nhap", status, 512, browser)),
            ));
        }
    }
    if of.place.is_multiple_of(9)
        && local.weekday() == jiff::civil::Weekday::Monday
        && local.hour() == 5
        && local.minute() < 3
    {
        for n in 0..40 {
            let m = later(begins, n);
            let path = format!("/van-ban/2014/{}.pdf", 100 + n);
            all.push((n, envelope(&m, access(&m, "192.0.2.70", "HEAD", &path, 404, 0, "LinkChecker/10.5"))));
        }
    }
    all
}
