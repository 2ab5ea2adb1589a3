//! What programs of Linux say in their messages: sshd, sudo, cron, su.

use domain::event::{Column, Event, Kind};

use crate::fields::put;

/// Takes a message apart where its program is known.
pub fn columns(program: &str, message: &str, event: &mut Event) {
    let program = program.rsplit('/').next().unwrap_or(program);
    match program {
        "sshd" | "sshd-session" | "sshd-auth" => {
            event.set_source("linux", "sshd");
            sshd(message, event);
        }
        "sudo" => {
            event.set_source("linux", "sudo");
            sudo(message, event);
        }
        "CRON" | "cron" | "crond" | "CROND" | "crontab" => {
            event.set_source("linux", "cron");
            cron(message, event);
        }
        "su" | "login" | "systemd-logind" => event.set_source("linux", "auth"),
        "audit" | "auditd" | "audispd" => event.set_source("linux", "auditd"),
        "clamd" | "freshclam" => event.set_source("linux", "clamav"),
        _ => {}
    }
}

fn sshd(message: &str, event: &mut Event) {
    let outcome = |event: &mut Event, action: &str, outcome: &str| {
        put(event, Column::Action, action);
        put(event, Column::Outcome, outcome);
    };
    if let Some(rest) = message.strip_prefix("Accepted ") {
        outcome(event, "ssh-login", "success");
        login(rest, event);
    } else if let Some(rest) = message.strip_prefix("Failed ") {
        outcome(event, "ssh-login", "failure");
        login(rest, event);
    } else if let Some(rest) = message.strip_prefix("Invalid user ") {
        outcome(event, "ssh-user-unknown", "failure");
        from(rest, event);
    } else if let Some(rest) = message.strip_prefix("Connection closed by ") {
        outcome(event, "ssh-closed", "");
        let rest =
            rest.strip_prefix("authenticating user ").or(rest.strip_prefix("invalid user ")).unwrap_or(rest);
        let mut words = rest.split(' ');
        if let (Some(user), Some(address), Some("port")) = (words.next(), words.next(), words.next()) {
            put(event, Column::User, user);
            put(event, Column::SourceIp, address);
        }
    } else if let Some(rest) = message.strip_prefix("error: maximum authentication attempts exceeded for ") {
        outcome(event, "ssh-login", "failure");
        from(rest.strip_prefix("invalid user ").unwrap_or(rest), event);
    }
}

/// `password for invalid user root from 10.0.0.1 port 22 ssh2`.
fn login(rest: &str, event: &mut Event) {
    let Some((method, rest)) = rest.split_once(" for ") else { return };
    let _ = event.push("ssh.method", method, Kind::Text);
    from(rest.strip_prefix("invalid user ").unwrap_or(rest), event);
}

/// `root from 10.0.0.1 port 22 …`; a user's name may have blanks, and `from` in it.
fn from(rest: &str, event: &mut Event) {
    let Some((user, place)) = rest.rsplit_once(" from ") else { return };
    put(event, Column::User, user);
    let mut words = place.split(' ');
    put(event, Column::SourceIp, words.next().unwrap_or_default());
    if words.next() == Some("port") {
        put(event, Column::SourcePort, words.next().unwrap_or_default());
    }
}

/// `an : TTY=pts/0 ; PWD=/srv/an ; USER=root ; COMMAND=/bin/ls`.
fn sudo(message: &str, event: &mut Event) {
    let Some((user, rest)) = message.trim_start().split_once(" : ") else { return };
    put(event, Column::User, user);
    let mut failed = false;
    // The command comes last and may hold anything.
    let (pairs, command) = match rest.split_once("COMMAND=") {
        Some((pairs, command)) => (pairs, Some(command)),
        None => (rest, None),
    };
    for pair in pairs.split(" ; ") {
        match pair.trim().split_once('=') {
            Some(("USER", target)) => put(event, Column::UserTarget, target),
            Some(("PWD", folder)) => drop(event.push("sudo.pwd", folder, Kind::Text)),
            Some(("TTY", tty)) => drop(event.push("sudo.tty", tty, Kind::Text)),
            // Whatever stands there without a name is why it was not done.
            None => failed |= !pair.trim().is_empty(),
            Some(_) => {}
        }
    }
    if let Some(command) = command {
        put(event, Column::CommandLine, command);
    }
    put(event, Column::Action, "sudo");
    put(event, Column::Outcome, if failed { "failure" } else { "success" });
}

/// `(root) CMD (/usr/bin/x)`.
fn cron(message: &str, event: &mut Event) {
    let Some((user, rest)) = message.strip_prefix('(').and_then(|m| m.split_once(") ")) else { return };
    put(event, Column::User, user);
    if let Some((action, rest)) = rest.split_once(" (") {
        put(event, Column::Action, action);
        put(event, Column::CommandLine, rest.strip_suffix(')').unwrap_or(rest));
    }
}
