//! Indicators of compromise: hashes, addresses, domains, URLs — also written so that nobody can click them.

use crate::found::Found;
use crate::limits::MAX_INDICATORS;
use crate::lines::Line;
use crate::pattern::re;
use crate::reading::Indicator;
use crate::text::Text;
use std::collections::BTreeSet;

/// The indicators of the body's paragraphs and of the appendix's lines.
pub(crate) fn indicators(body: &[&Text], appendix: &[Line]) -> Vec<Found<Indicator>> {
    let mut out = Collector::default();
    let mut under = false;
    for text in body {
        // In running text a plain domain may be anybody's site; only what is defanged or announced counts.
        let announced = re!(r"chi dau|ioc\b|\bc2\b|c&c|may chu dieu khien|(ten mien|url|dia chi ip|dia chi)[^.;]{0,60} (doc hai|gia mao|lua dao|sau|phat tan)|chan (?:[a-z]+ ){0,6}(?:cac )?(?:ten mien|url|duong dan) |ten mien gia mao|(duong dan|lien ket|duong link|trang web|url)[^.;:]{0,40} (bi (loi dung|chen|tan cong|chiem|nhiem)|gia mao|doc hai|lua dao)[^.;:]{0,40}: ?h(tt|xx)ps?").is_match(text.folded());
        // "Chặn … các tên miền sau:" and one value a line below it.
        let single = text.len() < 120
            && !text.trimmed().folded().trim_matches(['-', '+', ' ', ';', '.']).contains(' ');
        under = if single { under } else { announced && text.folded().trim_end().ends_with(':') };
        out.read(text, announced || under && single);
    }
    // An appendix that holds a hash or an address made unclickable is a list of indicators throughout.
    let mut listing = appendix.iter().any(|line| {
        re!(r"\b[0-9a-f]{32}\b|\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b|\[\.\]|hxxp|chi dau|\bioc")
            .is_match(line.text.folded())
    });
    for line in &wrapped_hashes(appendix) {
        let folded = line.text.folded();
        let heading = line.text.len() < 120 && !has_value(folded);
        if re!(r"chi dau|\bioc|indicator|\bc2\b|c&c|may chu dieu khien|doc hai|gia mao|ma bam|\bhash|ten mien|dia chi ip|\burl\b|\bdomain|\bmd5\b|\bsha-?\d").is_match(folded) {
            listing = true;
        } else if heading && re!(r"tham khao|huong dan|khac phuc|bien phap|nguon|lien he|bieu mau|ban va").is_match(folded) {
            listing = false;
        }
        let reference = re!(r"tham khao|huong dan|nguon:|chi tiet tai|tai ve|reference|ban va|\bkb\d|lien he|thu dien tu|email:|advisory|tai lieu|xem them|cong bo cua hang|\bcve-[0-9]{4}").is_match(folded);
        out.read(&line.text, listing && !reference);
    }
    out.found
}

/// Hashes cut at the end of a line are put together again; what stands behind one goes on after it.
pub(crate) fn wrapped_hashes(lines: &[Line]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let hex = |text: &str| text.len() >= 8 && text.chars().all(|c| c.is_ascii_hexdigit());
    for line in lines {
        let first = line.text.folded().split(' ').next().filter(|first| hex(first)).map_or(0, str::len);
        if let Some(last) = out.last_mut()
            && first > 0
            && let Some(tail) = last.text.folded().rsplit(' ').next().filter(|tail| hex(tail))
            && ![32, 40, 64].contains(&tail.len())
            && [32, 40, 64].contains(&(tail.len() + first))
        {
            last.text.append(&line.text.sub(0..first));
            last.text.join(&line.text.sub(first..line.text.len()).trimmed());
            continue;
        }
        out.push(line.clone());
    }
    out
}

fn has_value(folded: &str) -> bool {
    re!(r"[0-9a-f]{32}|[0-9]{1,3}[\[(]?\.[\])]?[0-9]{1,3}[\[(]?\.|[a-z0-9-]+[\[(]?\.[\])]?[a-z]{2,}")
        .is_match(folded)
}

#[derive(Default)]
struct Collector {
    found: Vec<Found<Indicator>>,
    seen: BTreeSet<(String, String)>,
}

impl Collector {
    fn add(&mut self, kind: &str, value: String, text: &Text, range: std::ops::Range<usize>) {
        if self.found.len() < MAX_INDICATORS && self.seen.insert((kind.to_owned(), value.clone())) {
            let written = text.str_at(range.clone());
            let found = Found::read(Indicator { kind: kind.to_owned(), value: value.clone() }, text, range);
            let same = written.to_lowercase() == value.to_lowercase();
            self.found.push(if same { found } else { found.because("refanged", 0.95) });
        }
    }

    fn read(&mut self, text: &Text, plain: bool) {
        let folded = text.folded();
        for m in re!(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b").find_iter(folded) {
            let kind = match m.len() {
                32 => "md5",
                40 => "sha1",
                _ => "sha256",
            };
            if m.as_str().contains(|c: char| c.is_ascii_digit()) {
                self.add(kind, m.as_str().to_owned(), text, m.range());
            }
        }
        let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
        let url = re!(
            r#"\b(h(?:tt|xx)ps?|ftp|fxp)(?: ?\[?:\]?//|\[://\])((?:[a-z0-9-]|\.|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{\.\})+)((?:\[?:\]?[0-9]{2,5})?(?:/[^\s,;"'<>]*)?)"#
        );
        for m in url.captures_iter(folded) {
            let (Some(all), Some(scheme), Some(host), Some(path)) = (m.get(0), m.get(1), m.get(2), m.get(3))
            else {
                continue;
            };
            let range = text.trim_range(all.range(), |c| matches!(c, '.' | ')' | ';' | ','));
            taken.push(range.clone());
            let defanged = scheme.as_str().contains('x')
                || all.as_str().contains('[')
                || host.as_str().contains("dot)")
                || host.as_str().contains("(.)");
            if !(defanged || plain) {
                continue;
            }
            let host = refang(host.as_str());
            let tail_len = range.end.saturating_sub(path.start());
            let tail =
                text.str_at(path.start()..path.start() + tail_len).replace("[:]", ":").replace("[.]", ".");
            let scheme = scheme.as_str().replace("hxxp", "http").replace("fxp", "ftp");
            self.add("url", format!("{scheme}://{}{tail}", host.trim_matches('.')), text, range);
        }
        for m in re!(
            r"[a-z0-9._%+-]+(?:@|\[@\]|\[at\]|\(at\))[a-z0-9-]+(?:(?:\.|\[\.\]|\(\.\)|\[dot\])[a-z0-9-]+)+"
        )
        .find_iter(folded)
        {
            taken.push(m.range());
            let defanged = m.as_str().contains(['[', '(']);
            if defanged {
                let value = refang(&m.as_str().replace("[@]", "@").replace("[at]", "@").replace("(at)", "@"));
                self.add("email", value.trim_matches('.').to_owned(), text, m.range());
            } else if (plain || is_attackers(text, m.start())) && !value_is_official(m.as_str()) {
                self.add("email", m.as_str().trim_matches('.').to_owned(), text, m.range());
            }
        }
        let free = |taken: &[std::ops::Range<usize>], range: &std::ops::Range<usize>| {
            !taken.iter().any(|t| t.start < range.end && range.start < t.end)
        };
        // "Tên tệp: CV_Nguyen.zip"
        for m in re!(r"(?:ten tep|ten tap tin|ten file|file name|tep doc hai|tap tin doc hai)(?: dinh kem| doc hai| ma doc)? ?: ?([a-z0-9_@.() -]{1,80}?\.([a-z0-9]{2,5}))\b").captures_iter(folded) {
            if let (Some(name), Some(ending)) = (m.get(1), m.get(2))
                && is_file(ending.as_str())
                && free(&taken, &name.range())
            {
                taken.push(name.range());
                self.add("file", text.str_at(name.range()), text, name.range());
            }
        }
        for m in re!(r"(?:^|[^0-9a-z.\]])((?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:(?:\.|\[\.\]|\(\.\)|\[dot\]|\{\.\}|\[\.|\.\])(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3})(?:$|[^0-9a-z.\[]|\.(?:$|[^0-9]))").captures_iter(folded) {
            let Some(ip) = m.get(1) else { continue };
            let before = folded.get(ip.start().saturating_sub(16)..ip.start()).unwrap_or_default();
            let version = re!(r"(phien ban|version|ban|ver\.?|\bv|build|firmware|so|dien thoai|muc) ?$|[a-z]+ [0-9]+\.[0-9]+.{0,6}$").is_match(before);
            if !free(&taken, &ip.range()) {
                continue;
            }
            taken.push(ip.range());
            // A network ("10.0.0.0/8") or an address of one's own is nobody's trace.
            let network = re!(r"^/[0-9]").is_match(folded.get(ip.end()..).unwrap_or_default());
            let own = re!(r"^(10|127|192\.168|172\.(1[6-9]|2[0-9]|3[01])|0)\.").is_match(&refang(ip.as_str()));
            if !(version || network || own) {
                self.add("ipv4", refang(ip.as_str()), text, ip.range());
            }
        }
        for m in re!(r"\b(?:[0-9a-f]{1,4}\[?:\]?){3,7}(?::?[0-9a-f]{1,4})\b|\b(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*\b").find_iter(folded) {
            let value = m.as_str().replace("[:]", ":");
            if value.parse::<std::net::Ipv6Addr>().is_ok() && free(&taken, &m.range()) {
                self.add("ipv6", value, text, m.range());
            }
        }
        for m in re!(r"\b[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{\.\}|\[\.|\.\])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?:\.|\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{\.\}|\[\.|\.\])[a-z]{2,18}\b").find_iter(folded) {
            if !free(&taken, &m.range()) {
                continue;
            }
            let defanged = m.as_str().contains(['[', '(', '{']);
            let value = refang(m.as_str());
            let last = value.rsplit('.').next().unwrap_or_default();
            let marked = text.str_at(m.range()).chars().any(|c| c.is_alphabetic() && !c.is_ascii());
            if marked || is_file(last) || value_is_official(&value) || !(defanged || plain && is_top_level(last)) {
                continue;
            }
            self.add("domain", value, text, m.range());
        }
    }
}

/// "Địa chỉ gửi thư giả mạo: a@x.com, b@y.com": an address that people are warned of, nobody's to write to.
pub(crate) fn is_attackers(text: &Text, at: usize) -> bool {
    let mut before = text.folded_at(at.saturating_sub(SAID_BEFORE)..at);
    while let Some(m) = re!(r"[a-z0-9._%+-]+@[a-z0-9.-]+[ ,;]{1,2}(?:va |hoac )?$").find(before) {
        before = before.get(..m.start()).unwrap_or_default();
    }
    re!(r"dia chi gui(?: thu)?(?: dien tu)?[^.;@]{0,30}$|(?:gui|phat tan|xuat phat) (?:di )?tu (?:cac )?(?:dia chi|hop thu|thu dien tu|e-?mail|tai khoan)[^.;@]{0,30}$|(?:thu dien tu|e-?mail|hop thu|dia chi)(?: [a-z]+){0,4} (?:gia mao|mao danh|lua dao|doc hai)[^.;@]{0,40}$|(?:gia mao|mao danh|lua dao|doc hai)[^.;@]{0,30}(?:dia chi|e-?mail|hop thu)[^.;@]{0,12}$")
        .is_match(before)
}

/// How far before an address stands what it is.
const SAID_BEFORE: usize = 160;

fn refang(value: &str) -> String {
    let mut out = value.to_owned();
    for mark in ["[.]", "(.)", "{.}", "[dot]", "(dot)", "[.", ".]"] {
        out = out.replace(mark, ".");
    }
    out
}

/// Endings of file names that look like domains.
fn is_file(ending: &str) -> bool {
    matches!(
        ending,
        "exe"
            | "dll"
            | "sys"
            | "bat"
            | "ps1"
            | "vbs"
            | "js"
            | "jar"
            | "doc"
            | "docx"
            | "xls"
            | "xlsx"
            | "pdf"
            | "zip"
            | "rar"
            | "txt"
            | "lnk"
            | "msi"
            | "tmp"
            | "dat"
            | "bin"
            | "php"
            | "aspx"
            | "asp"
            | "jsp"
            | "html"
            | "htm"
            | "apk"
            | "iso"
            | "img"
            | "hta"
            | "scr"
            | "cmd"
            | "log"
            | "xml"
            | "json"
            | "ini"
    )
}

/// Endings under which domains are registered, as far as letters name them.
fn is_top_level(ending: &str) -> bool {
    matches!(
        ending,
        "com"
            | "net"
            | "org"
            | "info"
            | "biz"
            | "xyz"
            | "top"
            | "site"
            | "online"
            | "shop"
            | "club"
            | "live"
            | "icu"
            | "vip"
            | "cc"
            | "ru"
            | "cn"
            | "vn"
            | "io"
            | "me"
            | "tk"
            | "ml"
            | "ga"
            | "cf"
            | "gq"
            | "pw"
            | "su"
            | "tv"
            | "co"
            | "us"
            | "uk"
            | "in"
            | "ir"
            | "kr"
            | "jp"
            | "de"
            | "nl"
            | "fr"
            | "eu"
            | "asia"
            | "store"
            | "tech"
            | "space"
            | "website"
            | "fun"
            | "link"
            | "click"
            | "work"
            | "pro"
            | "mobi"
            | "name"
            | "app"
            | "dev"
            | "cloud"
            | "host"
            | "press"
            | "win"
            | "bid"
            | "loan"
            | "men"
            | "party"
            | "stream"
            | "download"
            | "ws"
            | "to"
            | "hk"
            | "tw"
            | "th"
            | "sg"
            | "id"
            | "la"
            | "kh"
            | "example"
            | "test"
            | "invalid"
            | "life"
            | "world"
            | "today"
            | "news"
            | "center"
            | "support"
            | "services"
            | "digital"
            | "buzz"
            | "rest"
            | "cyou"
            | "monster"
            | "cfd"
            | "sbs"
            | "lol"
            | "bond"
    )
}

/// The state's own sites and the vendors' advisories are no indicators.
fn value_is_official(value: &str) -> bool {
    value.ends_with(".gov.vn") || re!(r"(^|\.)(microsoft|nist|mitre|cisa|cisco|vmware|fortinet|oracle|apache|google|github|virustotal)\.(com|gov|org)$").is_match(value)
}
