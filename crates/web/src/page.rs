//! The frame around every page.

use domain::{right::Right, time};
use fluent_bundle::FluentValue;
use jiff::{Timestamp, civil::Date};

use crate::{Visit, Words, form};

/// What `base.html` and `plain.html` need; every template has it as `p`.
pub struct Page {
    /// `vi` or `en`.
    pub lang: &'static str,
    /// `light`, `dark` or empty.
    pub theme: &'static str,
    /// Title of the page.
    pub title: String,
    /// The token of every form.
    pub csrf: String,
    /// The left rail.
    pub nav: Vec<NavItem>,
    /// The tabs of the phone.
    pub tabs: Vec<NavItem>,
    /// Whether one may read letters and reports anywhere at all.
    pub may_read: bool,
    /// Who is signed in.
    pub user: Option<UserMenu>,
    /// The bodies one serves: where a form that chooses it posts to, its name, whether it is chosen.
    pub body_switch: Vec<(String, String, bool)>,
    /// What the page before had to say.
    pub flash: Option<PageFlash>,
    /// The campaign window that is running.
    pub window: Option<PageWindow>,
    /// Call-outs of the own body and those below it that nobody has yet, without drills and test calls.
    pub callouts: u32,
    /// Who watches the own body's posts now.
    pub watch: Option<PageWatch>,
    words: Words,
}

/// An entry of the rail or of the phone's tabs.
pub struct NavItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: String,
    /// A name of `ui/icons.txt`.
    pub icon: &'static str,
    /// Whether one is there.
    pub on: bool,
    /// How much waits there; 0 shows nothing.
    pub count: u32,
}

/// Who is signed in.
pub struct UserMenu {
    /// Name.
    pub name: String,
    /// The body they work for.
    pub body: String,
}

impl UserMenu {
    /// The first letters of the last two words: *Trần Minh Khoa* → MK.
    pub fn initials(&self) -> String {
        let words: Vec<&str> = self.name.split_whitespace().collect();
        words.iter().skip(words.len().saturating_sub(2)).filter_map(|w| w.chars().next()).collect()
    }
}

/// A message, translated.
pub struct PageFlash {
    /// Empty, `ok`, `warn` or `bad`.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

/// A running window.
pub struct PageWindow {
    /// Of which campaign.
    pub name: String,
    /// Its end, RFC 3339.
    pub ends_iso: String,
    /// Its end as people read it.
    pub ends: String,
}

/// Who watches now, in short.
pub struct PageWatch {
    /// Somebody's name; empty where nobody is on duty.
    pub name: String,
    /// How many there are besides.
    pub more: u32,
    /// Whether some post is short of people.
    pub short: bool,
}

impl Page {
    pub(crate) fn new(visit: &Visit, title: String) -> Self {
        let words = visit.words();
        let user = &visit.user;
        Self {
            lang: visit.lang.code(),
            theme: visit.theme,
            title,
            csrf: form::masked(&user.csrf, &*visit.app.secrets),
            nav: nav(visit, words),
            tabs: tabs(visit, words),
            may_read: user.may(Right::Read),
            user: user.is_known().then(|| UserMenu { name: user.name.clone(), body: user.body_name.clone() }),
            body_switch: user
                .bodies
                .iter()
                .map(|(id, name)| (format!("/body/{id}/switch"), name.clone(), Some(*id) == user.body))
                .collect(),
            flash: visit.flash.as_ref().map(|f| PageFlash { kind: f.kind(), text: f.text(words) }),
            window: None,
            callouts: visit.frame.callouts,
            watch: visit.frame.watch.as_ref().map(|w| PageWatch {
                name: w.name.clone(),
                more: w.people.saturating_sub(1),
                short: w.short > 0,
            }),
            words,
        }
        .with_frame(visit)
    }

    /// The window that runs for the body one works for.
    fn with_frame(self, visit: &Visit) -> Self {
        match &visit.frame.window {
            Some((name, _, ends)) => self.with_window(name, *ends),
            None => self,
        }
    }

    /// Shows the window of a running campaign in the top bar.
    pub fn with_window(mut self, name: &str, ends: Timestamp) -> Self {
        self.window =
            Some(PageWindow { name: name.to_owned(), ends_iso: ends.to_string(), ends: self.time(&ends) });
        self
    }

    /// Says something on top of this page itself; `kind` as in [`PageFlash`].
    pub fn with_flash(mut self, kind: &'static str, text: String) -> Self {
        self.flash = Some(PageFlash { kind, text });
        self
    }

    /// A translated text.
    pub fn t(&self, id: &str) -> String {
        self.words.t(id)
    }
    /// A translated text with one variable.
    pub fn t1<'a>(&self, id: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        self.words.with(id, [(name, value.into())])
    }
    /// A translated text with two variables.
    pub fn t2<'a>(
        &self,
        id: &str,
        name: &'a str,
        value: impl Into<FluentValue<'a>>,
        name2: &'a str,
        value2: impl Into<FluentValue<'a>>,
    ) -> String {
        self.words.with(id, [(name, value.into()), (name2, value2.into())])
    }
    /// `dd/mm/yyyy`.
    pub fn date(&self, date: &Date) -> String {
        date.strftime("%d/%m/%Y").to_string()
    }
    /// `dd/mm/yyyy HH:MM` in the zone of official papers.
    pub fn time(&self, at: &Timestamp) -> String {
        time::local(*at).strftime("%d/%m/%Y %H:%M").to_string()
    }
    /// A moment up to which something lasts: the end of a day is that day, not the next one's first minute.
    pub fn until(&self, at: &Timestamp) -> String {
        let local = time::local(*at);
        match local.date().yesterday() {
            Ok(day) if local.time() == jiff::civil::Time::midnight() => self.date(&day),
            _ => self.time(at),
        }
    }
    /// RFC 3339, for `<time datetime>`.
    pub fn iso(&self, at: &Timestamp) -> String {
        at.to_string()
    }
}

/// The sections there are, as far as somebody may enter them.
fn nav(visit: &Visit, words: Words) -> Vec<NavItem> {
    if !visit.user.is_known() {
        return Vec::new();
    }
    let all: [(&'static str, &str, &'static str, Right); 14] = [
        ("/board", "frame-board", "board", Right::See),
        ("/orders", "frame-orders", "order", Right::See),
        ("/roster", "frame-roster", "clock", Right::See),
        ("/review/warnings", "frame-review", "shield", Right::See),
        ("/alerts", "frame-alerts", "fire", Right::Read),
        ("/hunts", "hunt-title", "search", Right::Read),
        ("/tasks", "frame-tasks", "tasks", Right::See),
        ("/requests", "frame-requests", "inbox", Right::See),
        ("/reports", "frame-reports", "report", Right::See),
        ("/notices", "frame-notices", "bell", Right::See),
        ("/inspections", "inspect-title", "eye", Right::See),
        ("/register", "frame-register", "register", Right::See),
        ("/audit", "frame-audit", "audit", Right::Audit),
        ("/admin", "frame-admin", "admin", Right::Administer),
    ];
    all.into_iter()
        .filter(|(.., right)| visit.user.may(*right))
        .map(|n| item(visit, words, n.0, n.1, n.2))
        .collect()
}

/// The phone's tabs.
fn tabs(visit: &Visit, words: Words) -> Vec<NavItem> {
    if !visit.user.is_known() {
        return Vec::new();
    }
    let all = [
        ("/tasks", "frame-tasks", "tasks"),
        ("/roster", "frame-roster-tab", "clock"),
        ("/reports", "frame-reports", "report"),
        ("/board", "frame-board", "board"),
        ("/orders", "frame-orders", "order"),
    ];
    all.into_iter().map(|n| item(visit, words, n.0, n.1, n.2)).collect()
}

fn item(visit: &Visit, words: Words, href: &'static str, label: &str, icon: &'static str) -> NavItem {
    let path = visit.uri.path();
    // A campaign's board lies below the campaign and belongs to the boards.
    let section = match path {
        path if is_board(path) => "/board",
        // Bulletins are a kind of notice, findings come from inspections.
        path if path.starts_with("/bulletins") => "/notices",
        path if path.starts_with("/findings") => "/inspections",
        // What silences alerts and where events come from belongs to them.
        path if ["/suppressions", "/sources", "/logs", "/indicators", "/rules"]
            .iter()
            .any(|p| path.starts_with(p)) =>
        {
            "/alerts"
        }
        // A saved search opens where hunts are.
        path if path.starts_with("/searches") => "/hunts",
        // Warnings, what they found on machines, feeds. The queue of evidence, `/review` alone, is a task.
        path if path.starts_with("/review/") => "/review/warnings",
        // Lines stand among what a body has.
        path if path.starts_with("/lines") => "/register",
        path => path,
    };
    let on = section.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let count = match href {
        "/orders" => visit.frame.orders,
        "/tasks" => visit.frame.tasks,
        "/requests" => visit.frame.requests,
        _ => 0,
    };
    NavItem { href, label: words.t(label), icon, on, count }
}

/// `/campaigns/{id}/board` and the rows and cells below it.
fn is_board(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    parts.next() == Some("campaigns") && matches!(parts.nth(1), Some("board" | "board.csv" | "b"))
}
