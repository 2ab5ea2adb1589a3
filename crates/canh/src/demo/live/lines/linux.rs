//! Linux servers: syslog, journald through Fluent Bit, mail.

use domain::time;
use jiff::Timestamp;
use serde_json::json;

use super::{Moment, later, person, pick, seat};
use crate::demo::{
    live::voices::{Shipper, Voice},
    province::Dice,
};

const HOST: &str = "srv01";

/// A line of a server's syslog.
pub fn syslog(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let (pid, who, from) =
        (1_000 + dice.below(60_000), person(dice), format!("{}.{}", of.net, 20 + seat(dice)));
    let port = 40_000 + dice.below(20_000);
    match dice.below(100) {
        0..=29 => {
            let job = pick(
                dice,
                &[
                    "/usr/lib/php/sessionclean",
                    "/usr/local/bin/sao-luu.sh",
                    "cd / && run-parts --report /etc/cron.hourly",
                ],
            );
            at.syslog(78, HOST, &format!("CRON[{pid}]: (root) CMD ({job})"))
        }
        30..=44 => at.syslog(30, HOST, "systemd[1]: Started session of user root."),
        45..=54 => at.syslog(30, HOST, "systemd[1]: apt-daily.service: Deactivated successfully."),
        55..=69 if open => at.syslog(
            38,
            HOST,
            &format!(
                "sshd[{pid}]: Accepted publickey for {who} from {from} port {port} ssh2: ED25519 SHA256:9fQ"
            ),
        ),
        70..=73 if open => at.syslog(
            38,
            HOST,
            &format!("sshd[{pid}]: Failed password for {who} from {from} port {port} ssh2"),
        ),
        74..=81 if open => {
            let what = pick(
                dice,
                &[
                    "/usr/bin/systemctl restart tomcat9",
                    "/usr/bin/apt-get update",
                    "/usr/bin/tail -f /var/log/syslog",
                ],
            );
            at.syslog(
                85,
                HOST,
                &format!("sudo:   {who} : TTY=pts/0 ; PWD=/home/{who} ; USER=root ; COMMAND={what}"),
            )
        }
        82..=90 => {
            at.syslog(30, HOST, &format!("systemd-timesyncd[{pid}]: Contacted time server 192.0.2.123:123."))
        }
        _ => at.syslog(
            46,
            HOST,
            &format!("kernel: [{}.000] usb 1-1: reset high-speed USB device", at.number % 100_000),
        ),
    }
}

/// A record of journald or of a database, as Fluent Bit sends it.
pub fn journal(of: &Voice, at: &Moment, open: bool, dice: &mut Dice) -> String {
    let (pid, from, port) =
        (1_000 + dice.below(60_000), format!("{}.{}", of.net, 20 + seat(dice)), 40_000 + dice.below(20_000));
    let took = dice.below(9_000);
    let (unit, name, message) = match dice.below(10) {
        0..=3 => (
            "postgresql.service",
            "postgres",
            format!(
                "LOG:  duration: {took}.214 ms  statement: select * from ho_so where trang_thai = 2 order by ngay limit 50"
            ),
        ),
        4..=5 => (
            "postgresql.service",
            "postgres",
            format!(
                "LOG:  connection authorized: user=ungdung database=motcua application_name=pgbouncer host={from}"
            ),
        ),
        6 if open => (
            "ssh.service",
            "sshd",
            format!("Accepted publickey for {} from {from} port {port} ssh2", person(dice)),
        ),
        7 => ("cron.service", "CRON", "(postgres) CMD (/usr/local/bin/kiem-tra-ban-sao.sh)".to_owned()),
        _ => ("motcua.service", "motcua", format!("INFO  yêu cầu {} xử lý xong trong {took} ms", at.number)),
    };
    json!({
        "@timestamp": at.utc(),
        "_HOSTNAME": "db01",
        "_SYSTEMD_UNIT": unit,
        "SYSLOG_IDENTIFIER": name,
        "_PID": pid.to_string(),
        "PRIORITY": "6",
        "_TRANSPORT": "stdout",
        "MESSAGE": message,
    })
    .to_string()
}

/// A line of the mail server.
pub fn postfix(of: &Voice, at: &Moment, dice: &mut Dice) -> String {
    let (pid, who, queue) =
        (1_000 + dice.below(60_000), person(dice), format!("4X{:08X}", at.number & 0xffff_ffff));
    let from = format!("198.51.100.{}", 1 + dice.below(250));
    let inside = format!("{}.{}", of.net, 20 + seat(dice));
    let text = match dice.below(100) {
        0..=24 => format!("postfix/smtpd[{pid}]: connect from mail.example[{from}]"),
        25..=49 => format!(
            "postfix/smtp[{pid}]: {queue}: to=<{who}@so.example>, relay=mx.example[{from}]:25, delay=0.6, delays=0.1/0/0.2/0.3, dsn=2.0.0, status=sent (250 2.0.0 OK)"
        ),
        50..=69 => format!(
            "postfix/smtpd[{pid}]: {queue}: client=may[{inside}], sasl_method=PLAIN, sasl_username={who}"
        ),
        70..=84 => format!(
            "postfix/qmgr[900]: {queue}: from=<{who}@so.example>, size={}, nrcpt=1 (queue active)",
            800 + dice.below(90_000)
        ),
        85..=95 => format!(
            "postfix/smtpd[{pid}]: NOQUEUE: reject: RCPT from unknown[{from}]: 554 5.7.1 <ai@do.example>: Relay access denied; from=<a@b.example> to=<ai@do.example> proto=ESMTP helo=<x>"
        ),
        _ => format!(
            "postfix/smtpd[{pid}]: warning: unknown[{inside}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username={who}"
        ),
    };
    at.syslog(22, "mail01", &text)
}

/// Updates restart services in the night; a telephone knows an old password; an administrator makes an account.
pub fn scene(of: &Voice, begins: Timestamp, open: bool, dice: &mut Dice) -> Vec<(i64, String)> {
    let local = time::local(begins);
    let mut all = Vec::new();
    let mut say = |second: i64, priority: u8, host: &str, text: String| {
        all.push((second, later(begins, second).syslog(priority, host, &text)));
    };
    match of.shipper {
        Shipper::Linux
            if local.hour() == 6
                && i16::from(local.minute()) == i16::try_from(of.place % 60).unwrap_or(0) =>
        {
            say(
                1,
                30,
                HOST,
                "systemd[1]: Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities..."
                    .into(),
            );
            // Every few weeks one of these is among what is upgraded, and is stopped to be started again.
            if (of.place + usize::from(local.day().unsigned_abs())).is_multiple_of(20) {
                say(9, 30, HOST, "systemd[1]: Stopping rsyslog.service - System Logging Service...".into());
                say(9, 30, HOST, "systemd[1]: Stopped rsyslog.service - System Logging Service.".into());
                say(10, 30, HOST, "systemd[1]: Started rsyslog.service - System Logging Service.".into());
            }
            say(
                20,
                30,
                HOST,
                "systemd[1]: Finished apt-daily-upgrade.service - Daily apt upgrade and clean activities."
                    .into(),
            );
        }
        Shipper::Linux if open && dice.below(6_000) == 0 => {
            say(
                5,
                86,
                HOST,
                format!(
                    "useradd[2281]: new user: name={}, UID=1012, GID=1012, home=/srv/moi, shell=/bin/bash, from=/dev/pts/0",
                    person(dice)
                ),
            );
        }
        // A telephone with last month's password tries twice a minute, for the forenoon of one day in three.
        Shipper::Postfix
            if (of.place + usize::from(local.day().unsigned_abs())).is_multiple_of(3)
                && local.hour() == 9 =>
        {
            for second in [3, 33] {
                say(
                    second,
                    22,
                    "mail01",
                    format!(
                        "postfix/smtpd[812]: warning: unknown[{}.77]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=lan.nt",
                        of.net
                    ),
                );
            }
        }
        _ => {}
    }
    all
}
