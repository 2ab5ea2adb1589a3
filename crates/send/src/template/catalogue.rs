//! Which templates there are.

use super::{Detail, Kind, TemplateInfo, Variable};

const fn variable(name: &'static str, kind: Kind) -> Variable {
    Variable { name, kind, optional: false }
}

const fn text(name: &'static str) -> Variable {
    variable(name, Kind::Text)
}

const fn number(name: &'static str) -> Variable {
    variable(name, Kind::Number)
}

const fn quote(name: &'static str) -> Variable {
    variable(name, Kind::Quote)
}

const fn optional(name: &'static str) -> Variable {
    Variable { optional: true, ..text(name) }
}

const LINK: Variable = variable("link", Kind::Link);
const CODE: Variable = variable("code", Kind::Code);

const SWAP: &[Variable] =
    &[text("person"), text("giver"), text("taker"), text("post"), text("since"), text("until"), LINK];

// Variables mean the same wherever they occur: `body` the receiving body, `person` the receiving
// person, `order` number and title of the order, `issuer` the body that gave it, `due` its due time.
static TEMPLATES: &[TemplateInfo] = &[
    // An account was made for `person`; `code` is good for one first login.
    TemplateInfo {
        id: "invitation",
        variables: &[text("person"), text("body"), text("inviter"), CODE, text("expires"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "assignment-issued",
        variables: &[
            text("body"),
            text("order"),
            text("issuer"),
            text("window"),
            number("duties"),
            optional("due"),
            optional("contact"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    // Chasing a body that has not acknowledged yet; `since` is when it was issued.
    TemplateInfo {
        id: "reminder-acknowledge",
        variables: &[text("body"), text("order"), text("issuer"), text("since"), optional("due"), LINK],
        detail: Detail::Notice,
    },
    // Chasing duties not met yet.
    TemplateInfo {
        id: "reminder-duties",
        variables: &[text("body"), text("order"), text("issuer"), number("pending"), text("due"), LINK],
        detail: Detail::Notice,
    },
    // To the head of the body.
    TemplateInfo {
        id: "overdue-escalation",
        variables: &[
            text("person"),
            text("body"),
            text("order"),
            text("issuer"),
            number("overdue"),
            text("due"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    // A round of quick reports: `round` its hour. The link confirms for one person, and is good for one report.
    TemplateInfo {
        id: "quick-report-due",
        variables: &[text("body"), text("order"), text("round"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "quick-report-late",
        variables: &[text("body"), text("order"), text("round"), text("due"), LINK],
        detail: Detail::Full,
    },
    // The same to the head of the body.
    TemplateInfo {
        id: "quick-report-late-head",
        variables: &[text("body"), text("order"), text("round"), text("due"), LINK],
        detail: Detail::Full,
    },
    // To the body that gave the order: `bodies` are the `missing` ones, a line each.
    TemplateInfo {
        id: "quick-report-late-superior",
        variables: &[text("order"), text("round"), text("due"), number("missing"), quote("bodies"), LINK],
        detail: Detail::Full,
    },
    // The one-time link by which a head acknowledges without signing in.
    TemplateInfo {
        id: "acknowledgement-link",
        variables: &[
            text("person"),
            text("body"),
            text("order"),
            text("issuer"),
            number("duties"),
            optional("due"),
            text("expires"),
            LINK,
        ],
        detail: Detail::Full,
    },
    // `asker` is who asks, with the body: "Trần Thị B, UBND xã C". `duty` absent: the whole order.
    TemplateInfo {
        id: "question-asked",
        variables: &[text("asker"), text("order"), optional("duty"), quote("question"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "question-answered",
        variables: &[
            text("answerer"),
            text("order"),
            optional("duty"),
            quote("question"),
            quote("answer"),
            LINK,
        ],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "evidence-returned",
        variables: &[
            text("body"),
            text("order"),
            text("duty"),
            text("reviewer"),
            quote("reason"),
            optional("due"),
            LINK,
        ],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "evidence-accepted",
        variables: &[text("body"), text("order"), text("duty"), text("reviewer"), LINK],
        detail: Detail::Notice,
    },
    // A visit is planned; `leader` leads the team, `note` is what to prepare.
    TemplateInfo {
        id: "inspection-announced",
        variables: &[
            text("body"),
            text("inspector"),
            text("at"),
            optional("place"),
            optional("leader"),
            optional("note"),
            LINK,
        ],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "inspection-cancelled",
        variables: &[text("body"), text("inspector"), text("at"), quote("reason"), LINK],
        detail: Detail::Full,
    },
    // A visit is over; `findings` must be put right.
    TemplateInfo {
        id: "inspection-done",
        variables: &[text("body"), text("inspector"), number("findings"), LINK],
        detail: Detail::Notice,
    },
    // A finding is due soon, is overdue, was not accepted as put right.
    TemplateInfo {
        id: "finding-due",
        variables: &[text("body"), text("inspector"), quote("finding"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "finding-overdue",
        variables: &[text("body"), text("inspector"), quote("finding"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "finding-returned",
        variables: &[text("body"), text("inspector"), quote("finding"), quote("reason"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "order-amended",
        variables: &[text("body"), text("order"), text("issuer"), quote("change"), optional("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "order-cancelled",
        variables: &[text("body"), text("order"), text("issuer"), quote("reason"), LINK],
        detail: Detail::Full,
    },
    // Requests: `asker` is the body or authority that asks, `request` the request in one line. The link is one by which
    // one person answers, or the page for whoever may not answer.
    TemplateInfo {
        id: "request-asked",
        variables: &[text("body"), text("asker"), text("request"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "request-reminder",
        variables: &[text("body"), text("asker"), text("request"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "request-overdue",
        variables: &[text("body"), text("asker"), text("request"), text("due"), LINK],
        detail: Detail::Full,
    },
    // To the heads of the body and to whoever decides for who asks.
    TemplateInfo {
        id: "request-escalation",
        variables: &[text("person"), text("body"), text("asker"), text("request"), text("due"), LINK],
        detail: Detail::Full,
    },
    // To whoever is on duty at `post` and has not checked in.
    TemplateInfo {
        id: "check-in-missed",
        variables: &[text("person"), text("post"), text("silent"), text("due"), LINK],
        detail: Detail::Notice,
    },
    // To whoever is woken because `silent` has not checked in.
    TemplateInfo {
        id: "watch-silent",
        variables: &[text("person"), text("post"), text("silent"), text("due"), LINK],
        detail: Detail::Notice,
    },
    // To whoever is called because `monitor` of `body` has been silent since `since`.
    TemplateInfo {
        id: "monitor-silent",
        variables: &[text("person"), text("monitor"), text("body"), text("since"), LINK],
        detail: Detail::Notice,
    },
    // From another machine (`canh heartbeat`): the centre at address `centre` does not answer; `why` as the machine says it.
    TemplateInfo {
        id: "centre-silent",
        variables: &[text("centre"), text("since"), optional("heard"), text("why")],
        detail: Detail::Notice,
    },
    // And it answers again.
    TemplateInfo {
        id: "centre-back",
        variables: &[text("centre"), text("since"), text("until")],
        detail: Detail::Notice,
    },
    // To whoever would be told, once, when asked for.
    TemplateInfo { id: "centre-heard", variables: &[text("centre")], detail: Detail::Notice },
    // To whoever is called because of an alert in the logs of `body`.
    TemplateInfo {
        id: "alert-urgent",
        variables: &[text("person"), text("alert"), text("host"), text("body"), text("since"), LINK],
        detail: Detail::Notice,
    },
    // To whoever is called because the system `source` of `body` reports `title`, and `n` alerts with it.
    TemplateInfo {
        id: "outside-report",
        variables: &[
            text("person"),
            text("title"),
            text("source"),
            text("body"),
            number("n"),
            text("since"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    // To whoever is called because `by` of `body` wants whoever is on duty at `post` (nobody's post: whoever is above).
    TemplateInfo {
        id: "duty-call",
        variables: &[
            text("person"),
            text("title"),
            text("by"),
            optional("post"),
            text("body"),
            text("since"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    // To whoever is called because `by` wants `who` of `body`.
    TemplateInfo {
        id: "person-call",
        variables: &[
            text("person"),
            text("title"),
            text("by"),
            text("who"),
            text("body"),
            text("since"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    // To whoever called: `who` took it.
    TemplateInfo {
        id: "duty-call-taken",
        variables: &[text("person"), text("title"), text("who"), LINK],
        detail: Detail::Notice,
    },
    // And that nobody did.
    TemplateInfo {
        id: "duty-call-unanswered",
        variables: &[text("person"), text("title"), LINK],
        detail: Detail::Notice,
    },
    // To whoever is first in line at `post` soon.
    TemplateInfo {
        id: "shift-soon",
        variables: &[text("person"), text("post"), text("since"), text("until"), LINK],
        detail: Detail::Notice,
    },
    // Of a swap at `post`: to whoever is asked to take the turn of `giver`.
    TemplateInfo { id: "swap-asked", variables: SWAP, detail: Detail::Notice },
    // To whoever plans the post: both agreed.
    TemplateInfo { id: "swap-to-decide", variables: SWAP, detail: Detail::Notice },
    // To both: what was decided.
    TemplateInfo { id: "swap-approved", variables: SWAP, detail: Detail::Notice },
    TemplateInfo { id: "swap-refused", variables: SWAP, detail: Detail::Notice },
    // The call of a drill before a holiday's watch, to everybody of `post` on every channel.
    TemplateInfo {
        id: "drill-call",
        variables: &[text("person"), text("post"), LINK],
        detail: Detail::Notice,
    },
    // The daily test of a channel: nobody needs to do anything.
    TemplateInfo { id: "channel-daily", variables: &[text("person"), text("day")], detail: Detail::Channel },
    // Over their other channels: today's test of one failed.
    TemplateInfo {
        id: "channel-daily-failed",
        variables: &[text("person"), text("channel"), LINK],
        detail: Detail::Notice,
    },
    // The one call of a shift that wants to be answered.
    TemplateInfo {
        id: "test-call",
        variables: &[text("person"), text("post"), LINK],
        detail: Detail::Notice,
    },
    TemplateInfo {
        id: "request-answered",
        variables: &[text("body"), text("request"), LINK],
        detail: Detail::Notice,
    },
    TemplateInfo {
        id: "request-returned",
        variables: &[text("body"), text("asker"), text("request"), quote("reason"), text("due"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "request-withdrawn",
        variables: &[text("body"), text("asker"), text("request"), quote("reason"), LINK],
        detail: Detail::Full,
    },
    // A draft report waits for the signature of `person`; `author` laid it before them.
    TemplateInfo {
        id: "report-asked",
        variables: &[text("person"), text("body"), text("author"), text("report"), LINK],
        detail: Detail::Notice,
    },
    // To whoever laid it there: `signer` sent it back, or signed it.
    TemplateInfo {
        id: "report-returned",
        variables: &[text("person"), text("body"), text("signer"), text("report"), quote("reason"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "report-signed",
        variables: &[text("person"), text("body"), text("signer"), text("report"), LINK],
        detail: Detail::Notice,
    },
    // To a body hit by an outage.
    TemplateInfo { id: "line-down", variables: &[text("line"), text("since"), LINK], detail: Detail::Notice },
    // Proves that a contact channel reaches its person.
    TemplateInfo {
        id: "channel-code",
        variables: &[text("person"), CODE, text("expires")],
        detail: Detail::Channel,
    },
    // An administrator looks whether a channel works.
    TemplateInfo { id: "channel-test", variables: &[text("person"), text("at")], detail: Detail::Channel },
    // The checkpoint itself goes as attachment `file`; `root` is its root hash, so that a kept mail
    // proves the log even if the attachment is lost.
    TemplateInfo {
        id: "audit-checkpoint",
        variables: &[text("origin"), text("at"), number("entries"), text("root"), text("file")],
        detail: Detail::Notice,
    },
    // `what` is what the delegate may now do, in the recipient's language.
    TemplateInfo {
        id: "delegation-given",
        variables: &[
            text("person"),
            text("giver"),
            text("body"),
            text("what"),
            text("from"),
            text("until"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    TemplateInfo {
        id: "password-reset",
        variables: &[text("person"), text("expires"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "password-changed",
        variables: &[text("person"), text("at"), optional("place"), LINK],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "second-factor-moved",
        variables: &[text("person"), text("at"), optional("place"), LINK],
        detail: Detail::Full,
    },
    // `place` is the network address, `device` what the browser calls itself.
    TemplateInfo {
        id: "sign-in-new",
        variables: &[text("person"), text("at"), text("place"), optional("device"), LINK],
        detail: Detail::Full,
    },
    // Somebody's own link to a notice: never over a channel that others read.
    TemplateInfo {
        id: "notice",
        variables: &[
            text("person"),
            text("issuer"),
            text("title"),
            text("closes"),
            Variable { optional: true, ..number("questions") },
            LINK,
        ],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "notice-reminder",
        variables: &[
            text("person"),
            text("issuer"),
            text("title"),
            text("closes"),
            Variable { optional: true, ..number("questions") },
            LINK,
        ],
        detail: Detail::Full,
    },
    TemplateInfo {
        id: "bulletin-sent",
        variables: &[
            text("body"),
            text("issuer"),
            text("title"),
            number("minutes"),
            text("days"),
            text("times"),
            LINK,
        ],
        detail: Detail::Notice,
    },
    TemplateInfo {
        id: "bulletin-missing",
        variables: &[text("body"), text("title"), number("missing"), text("slots"), LINK],
        detail: Detail::Notice,
    },
];

/// Every template: names, variables, detail.
pub fn templates() -> &'static [TemplateInfo] {
    TEMPLATES
}
