//! Tasks as people read them: name of the duty, chip of the state, due time.

use domain::evidence::State;
use jiff::Timestamp;
use store::assignments::Task;

use crate::{Lang, Page, Visit};

/// A duty as lists show it.
pub(super) struct Line {
    pub href: String,
    pub name: String,
    pub order: String,
    pub path: String,
    pub quote: String,
    pub asked: String,
    pub proof: String,
    /// Class of the chip: one of `m p n u d x a`.
    pub state: &'static str,
    pub state_text: String,
    pub due: String,
    pub due_iso: String,
    /// Overdue and still owed.
    pub late: bool,
    pub handled: u32,
    pub all: u32,
    /// Pieces of evidence on which nobody has decided.
    pub waiting: u32,
    pub counted: bool,
    pub settled: bool,
    pub id: String,
}

/// One task in the reader's language.
pub(super) fn line(v: &Visit, p: &Page, task: &Task) -> Line {
    let term = v.pack().duty(&task.code);
    let (name, proof) = term.map_or((task.code.clone(), String::new()), |d| match v.lang {
        Lang::Vi => (d.vi.clone(), d.proof_vi.clone()),
        Lang::En => (d.en.clone(), d.proof_en.clone()),
    });
    let settled = task.state.rank() >= State::Excused.rank();
    Line {
        href: format!("/assignments/{}/tasks/{}", task.assignment, task.id),
        name,
        order: task.order.clone(),
        path: task.path.clone(),
        quote: task.quote.clone(),
        asked: task.asked.clone(),
        proof,
        state: class(task.state),
        state_text: state_text(p, task),
        due: p.time(&task.due),
        due_iso: p.iso(&task.due),
        late: !settled && task.due <= v.now,
        handled: task.count.handled,
        all: task.count.all,
        waiting: task.waiting,
        counted: term.is_some_and(|d| d.counted),
        settled,
        id: task.id.to_string(),
    }
}

fn class(state: State) -> &'static str {
    match state {
        State::Met => "m",
        State::Partly => "p",
        State::NotMet => "n",
        State::Unknown => "u",
        State::NotYetDue => "d",
        State::Excused => "x",
        State::NotApplicable => "a",
    }
}

fn state_text(p: &Page, task: &Task) -> String {
    if task.state == State::Partly && task.count.all > 1 {
        return format!("{}/{}", task.count.handled, task.count.all);
    }
    p.t(match task.state {
        State::Met => "tasks-state-met",
        State::Partly => "tasks-state-partly",
        State::NotMet => "tasks-state-not-met",
        State::Unknown => "tasks-state-unknown",
        State::NotYetDue => "tasks-state-not-yet-due",
        State::Excused => "tasks-state-excused",
        State::NotApplicable => "tasks-state-not-applicable",
    })
}

/// An instant and its exact text, for `ui::ago`.
pub(super) struct When {
    pub iso: String,
    pub text: String,
}

pub(super) fn when(p: &Page, at: Timestamp) -> When {
    When { iso: p.iso(&at), text: p.time(&at) }
}
