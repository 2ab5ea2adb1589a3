//! Firewalls, routers, the sensor, the proxy.

use jiff::Timestamp;
use serde_json::json;

use super::{Moment, later, person, pick, seat};
use crate::demo::{live::voices::Voice, province::Dice};

const SITES: [&str; 6] = [
    "dichvucong.example",
    "www.google.com",
    "baochinhphu.example",
    "chat.zalo.example",
    "outlook.office365.com",
    "download.windowsupdate.com",
];
const COUNTRIES: [&str; 3] = ["Netherlands", "United States", "Hong Kong"];

fn inside(of: &Voice, dice: &mut Dice) -> String {
    format!("{}.{}", of.net, 20 + seat(dice))
}
fn outside(dice: &mut Dice) -> String {
    format!("198.51.100.{}", 1 + dice.below(250))
}
/// Somebody who tries doors, all over the network.
fn knocker(dice: &mut Dice) -> String {
    format!("203.0.113.{}", 100 + dice.below(150))
}

fn forti(of: &Voice, at: &Moment, rest: &str) -> String {
    let head = at.local("date=%Y-%m-%d time=%H:%M:%S");
    let nanos = at.at.as_nanosecond();
    format!(
        "<189>{head} devname=\"FG-{}\" devid=\"FG100FTK20000000\" eventtime={nanos} tz=\"+0700\" {rest}",
        of.short
    )
}

/// FortiGate.
pub fn fortigate(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let (from, to, port) = (inside(of, dice), outside(dice), 40_000 + dice.below(20_000));
    let (sent, got) = (dice.below(90_000), dice.below(900_000));
    match dice.below(100) {
        0..=14 => {
            let (who, country) = (knocker(dice), pick(dice, &COUNTRIES));
            let door = pick(dice, &["22", "23", "445", "3389", "10443"]);
            forti(
                of,
                at,
                &format!(
                    "logid=\"0001000014\" type=\"traffic\" subtype=\"local\" level=\"notice\" vd=\"root\" srcip={who} srcport={port} srcintf=\"wan1\" srccountry=\"{country}\" dstip=192.0.2.1 dstport={door} proto=6 action=\"deny\" policyid=0 service=\"tcp/{door}\""
                ),
            )
        }
        15..=16 if open => {
            let who = person(dice);
            forti(
                of,
                at,
                &format!(
                    "logid=\"0101039424\" type=\"event\" subtype=\"vpn\" level=\"information\" vd=\"root\" logdesc=\"SSL VPN tunnel up\" action=\"tunnel-up\" tunneltype=\"ssl-tunnel\" remip=192.0.2.{} user=\"{who}\" msg=\"SSL tunnel established\"",
                    20 + seat(dice)
                ),
            )
        }
        17 if open => {
            let who = person(dice);
            forti(
                of,
                at,
                &format!(
                    "logid=\"0101039426\" type=\"event\" subtype=\"vpn\" level=\"alert\" vd=\"root\" logdesc=\"SSL VPN login fail\" action=\"ssl-login-fail\" tunneltype=\"ssl-web\" remip=192.0.2.{} user=\"{who}\" reason=\"sslvpn_login_permission_denied\" msg=\"SSL user failed to logged in\"",
                    20 + seat(dice)
                ),
            )
        }
        18..=21 if open => forti(
            of,
            at,
            &format!(
                "logid=\"0316013056\" type=\"utm\" subtype=\"webfilter\" eventtype=\"ftgd_blk\" level=\"warning\" vd=\"root\" srcip={from} dstip={to} hostname=\"ca-do.example\" url=\"/\" action=\"blocked\" catdesc=\"Gambling\" msg=\"URL belongs to a denied category in policy\""
            ),
        ),
        _ => forti(
            of,
            at,
            &format!(
                "logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" level=\"notice\" vd=\"root\" srcip={from} srcport={port} srcintf=\"lan\" dstip={to} dstport=443 dstintf=\"wan1\" proto=6 action=\"close\" policyid=3 service=\"HTTPS\" sentbyte={sent} rcvdbyte={got}"
            ),
        ),
    }
}

/// An administrator works at the firewall; the machine of one office looks after its VPN from home.
pub fn scene(of: &Voice, begins: Timestamp, open: bool, dice: &mut Dice) -> Vec<(i64, String)> {
    if !open || dice.below(180) != 0 {
        return Vec::new();
    }
    let line = format!(
        "logid=\"0100032001\" type=\"event\" subtype=\"system\" level=\"information\" vd=\"root\" logdesc=\"Admin login successful\" user=\"admin\" ui=\"https({0}.30)\" method=\"https\" srcip={0}.30 dstip={0}.1 action=\"login\" status=\"success\" msg=\"Administrator admin logged in successfully\"",
        of.net
    );
    vec![(15, forti(of, &later(begins, 15), &line))]
}

/// RouterOS.
pub fn mikrotik(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let host = format!("router-{}", of.short.to_lowercase());
    let (from, port, who) = (inside(of, dice), 40_000 + dice.below(20_000), knocker(dice));
    let text = match dice.below(100) {
        0..=44 => {
            let door = pick(dice, &["22", "23", "8291", "8728", "53"]);
            format!(
                "firewall,info drop input: in:ether1 out:(unknown 0), connection-state:new src-mac 48:8f:5a:00:00:01, proto TCP (SYN), {who}:{port}->192.0.2.1:{door}, len 60"
            )
        }
        45..=79 => format!(
            "dhcp,info dhcp1 assigned {from} for 3C:52:82:00:{:02X}:{:02X} may-{}",
            seat(dice),
            seat(dice),
            seat(dice)
        ),
        80..=81 if open => format!("system,info,account user admin logged in from {}.30 via winbox", of.net),
        82 if open => {
            format!("system,error,critical login failure for user admin from {}.30 via winbox", of.net)
        }
        _ => "system,info dns cache flushed".to_owned(),
    };
    at.syslog(134, &host, &text)
}

/// pfSense.
pub fn pfsense(of: &Voice, at: &Moment, dice: &mut Dice) -> String {
    let (from, to, port) = (inside(of, dice), outside(dice), 40_000 + dice.below(20_000));
    let text = if dice.chance(40) {
        format!(
            "filterlog[72237]: 5,,,1000000103,em0,match,block,in,4,0x0,,64,0,0,DF,6,tcp,60,{},192.0.2.1,{port},{},0,S,1,,64240,,mss",
            knocker(dice),
            pick(dice, &["22", "445", "3389"])
        )
    } else {
        format!(
            "filterlog[72237]: 9,,,1000000105,em1,match,pass,in,4,0x0,,127,3,0,none,6,tcp,60,{from},{to},{port},443,0,S,1,,64240,,mss"
        )
    };
    at.syslog(134, "pfsense", &text)
}

/// The sensor's EVE. What it calls grave is often only against a policy.
pub fn suricata(of: &Voice, at: &Moment, dice: &mut Dice) -> String {
    let (from, to, site) = (inside(of, dice), outside(dice), pick(dice, &SITES));
    let when = at.local("%Y-%m-%dT%H:%M:%S.000000%z");
    let (flow, port) = (at.number, 40_000 + dice.below(20_000));
    let mut event = json!({"timestamp": when, "flow_id": flow, "in_iface": "eth1", "src_ip": from, "src_port": port, "dest_ip": to, "dest_port": 443, "proto": "TCP"});
    let alert = |id: u64, rev: u64, text: &str, category: &str, severity: u64| json!({"action": "allowed", "gid": 1, "signature_id": id, "rev": rev, "signature": text, "category": category, "severity": severity});
    let (kind, name, value) = match dice.below(200) {
        0..=1 => (
            "alert",
            "alert",
            alert(
                2_012_647,
                4,
                "ET POLICY Dropbox.com Offsite File Backup in Use",
                "Potential Corporate Privacy Violation",
                1,
            ),
        ),
        2..=5 => (
            "alert",
            "alert",
            alert(2_402_000, 7_102, "ET DROP Dshield Block Listed Source group 1", "Misc Attack", 2),
        ),
        6..=11 => (
            "alert",
            "alert",
            alert(
                2_210_044,
                2,
                "SURICATA STREAM Packet with invalid timestamp",
                "Generic Protocol Command Decode",
                3,
            ),
        ),
        12..=79 => {
            ("dns", "dns", json!({"type": "query", "id": flow % 65_000, "rrname": site, "rrtype": "A"}))
        }
        80..=149 => ("tls", "tls", json!({"sni": site, "version": "TLS 1.3"})),
        _ => (
            "flow",
            "flow",
            json!({"pkts_toserver": dice.below(90), "pkts_toclient": dice.below(200), "bytes_toserver": dice.below(9_000), "bytes_toclient": dice.below(90_000), "state": "closed"}),
        ),
    };
    if let Some(event) = event.as_object_mut() {
        event.insert("event_type".to_owned(), json!(kind));
        event.insert(name.to_owned(), value);
    }
    event.to_string()
}

/// Squid.
pub fn squid(of: &Voice, at: &Moment, dice: &mut Dice) -> String {
    let (from, site) = (inside(of, dice), pick(dice, &SITES));
    let took = dice.below(900);
    let text = match dice.below(10) {
        0 => format!(
            "{}.000      0 {from} TCP_DENIED/403 3900 CONNECT ca-do.example:443 - HIER_NONE/- text/html",
            at.at.as_second()
        ),
        _ => format!(
            "{}.000 {took:6} {from} TCP_TUNNEL/200 {} CONNECT {site}:443 - HIER_DIRECT/{} -",
            at.at.as_second(),
            dice.below(90_000),
            outside(dice)
        ),
    };
    at.syslog(134, "proxy01", &format!("squid[911]: {text}"))
}

/// Cisco ASA.
pub fn asa(of: &Voice, at: &Moment, dice: &mut Dice) -> String {
    let (from, to, port, nth) =
        (inside(of, dice), outside(dice), 40_000 + dice.below(20_000), at.number % 900_000);
    let text = match dice.below(10) {
        0..=2 => format!(
            "%ASA-4-106023: Deny tcp src outside:{}/{port} dst inside:192.0.2.5/3389 by access-group \"out_in\" [0x0, 0x0]",
            knocker(dice)
        ),
        3..=6 => format!(
            "%ASA-6-302013: Built outbound TCP connection {nth} for outside:{to}/443 ({to}/443) to inside:{from}/{port} (192.0.2.1/{port})"
        ),
        _ => format!(
            "%ASA-6-302014: Teardown TCP connection {nth} for outside:{to}/443 to inside:{from}/{port} duration 0:00:30 bytes {} TCP FINs",
            dice.below(90_000)
        ),
    };
    at.syslog(166, "asa01", &text)
}
