//! How a state looks: its letter for the stylesheet, its word.

use domain::{board::Cell, evidence::State};

use crate::Words;

/// `m` met · `p` partly · `n` not · `u` unknown · `d` not yet due · `x` excused · `a` not applicable.
pub(crate) const fn letter(state: State) -> &'static str {
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

/// The state of that letter, or of its name.
pub(crate) fn parse(text: &str) -> Option<State> {
    State::ALL.iter().find(|s| letter(**s) == text || s.name() == text).copied()
}

/// The whole word.
pub(crate) fn word(words: Words, state: State) -> String {
    words.t(&format!("state-{}", state.name()))
}

/// The words of cells, looked up once a page: *n/m* where something is counted, else the state's short word.
pub(crate) struct Short([(State, String); 7]);

impl Short {
    /// In that language.
    pub(crate) fn new(words: Words) -> Self {
        let all = [
            State::Met,
            State::Partly,
            State::NotMet,
            State::Unknown,
            State::NotYetDue,
            State::Excused,
            State::NotApplicable,
        ];
        Self(all.map(|s| (s, words.t(&format!("state-short-{}", s.name())))))
    }
    /// The short word.
    pub(crate) fn word(&self, state: State) -> &str {
        self.0.iter().find(|(s, _)| *s == state).map_or("", |(_, w)| w)
    }
    /// What stands in a cell.
    pub(crate) fn cell(&self, cell: &Cell) -> String {
        self.text(cell.state, cell.handled, cell.total)
    }
    /// The same of a verdict.
    pub(crate) fn text(&self, state: State, handled: u32, total: u32) -> String {
        let counted = match state {
            State::Met | State::Partly | State::NotMet | State::Unknown => total > 0,
            State::NotYetDue => handled > 0 && total > 0,
            State::Excused | State::NotApplicable => false,
        };
        if counted { format!("{handled}/{total}") } else { self.word(state).to_owned() }
    }
}
