//! By what lines are judged: rules or a list of indicators.

use std::sync::{Mutex, PoisonError};

use detect::{
    Matcher, Ruleset, Scratch, Sources,
    indicators::{Indicators, Spotter, glance},
    rule::Correlation,
};
use domain::{
    alert::Reason,
    event::{Column, Event},
};
use jiff::Timestamp;
use lake::search::Lines;
use normalise::{Reader, Zone};

use crate::{
    judge::{REASONS, because_of, fill, understand},
    lists::reason,
};

/// By what lines are judged; what judges is lent out and given back, so that its memory is made once.
pub(super) struct By {
    what: What,
    lent: Mutex<Vec<State>>,
}

enum What {
    Rule(Box<Matcher>),
    List(Indicators),
}

#[derive(Default)]
struct State {
    reader: Option<Reader>,
    event: Event,
    inner: Event,
    scratch: Scratch,
    spotter: Spotter,
    key: String,
}

impl By {
    /// Sigma rules, and the correlations over them. A text of which something cannot be used is refused: what it then
    /// would not find is not told by anything.
    pub fn rule(text: &str) -> anyhow::Result<(Self, Vec<Correlation>)> {
        let mut set = Ruleset::default();
        set.add("hunt", detect::rule::read::file(text));
        let watch = set.watch(&[], &Sources::builtin())?;
        if let Some(skipped) = watch.skipped.first() {
            anyhow::bail!("{} {}", skipped.title, skipped.problem);
        }
        anyhow::ensure!(!watch.matcher.rules().is_empty(), "no rule that could be used");
        let by = Self { what: What::Rule(Box::new(watch.matcher)), lent: Mutex::default() };
        Ok((by, watch.correlations))
    }

    /// What matches, where rules do.
    pub fn matcher(&self) -> Option<&Matcher> {
        match &self.what {
            What::Rule(matcher) => Some(matcher),
            What::List(_) => None,
        }
    }

    /// The rules a line meets, and what its event, of that machine, says of some fields.
    pub fn hits(&self, line: &str, host: &str, fields: &[String]) -> (Vec<u32>, Vec<Option<String>>) {
        let What::Rule(matcher) = &self.what else { return Default::default() };
        let mut state = self.borrow();
        state.read(line);
        fill(&mut state.event, Column::Host, host);
        let rules = matcher.matches(&state.event, &mut state.scratch).to_vec();
        let values = fields.iter().map(|f| matcher.value(&state.event, f).map(str::to_owned)).collect();
        self.give_back(state);
        (rules, values)
    }

    /// Indicators.
    pub fn list(list: Indicators) -> Self {
        Self { what: What::List(list), lent: Mutex::default() }
    }

    fn borrow(&self) -> State {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, state: State) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).push(state);
    }

    fn passes(&self, line: &str, state: &mut State) -> bool {
        if let What::List(list) = &self.what
            && !glance(list, line, &mut state.key)
        {
            return false;
        }
        state.read(line);
        match &self.what {
            What::Rule(matcher) => !matcher.matches(&state.event, &mut state.scratch).is_empty(),
            // Day 0: also what has ended since was one when the event came.
            What::List(list) => !state.spotter.spot(list, &state.event, 0, &|_| true).is_empty(),
        }
    }

    /// Which fields were why; of rules only those that are `told`.
    pub fn because(&self, line: &str, told: &dyn Fn(u32) -> bool) -> Vec<Reason> {
        let mut state = self.borrow();
        state.read(line);
        let because: Vec<Reason> = match &self.what {
            What::Rule(matcher) => {
                let hits: Vec<u32> = matcher.matches(&state.event, &mut state.scratch).to_vec();
                let all = hits
                    .iter()
                    .filter(|rule| told(**rule))
                    .flat_map(|rule| matcher.explain(*rule, &state.event));
                all.map(because_of).take(REASONS).collect()
            }
            What::List(list) => {
                let hits = state.spotter.spot(list, &state.event, 0, &|_| true);
                hits.iter().map(|hit| reason(hit, &state.event)).take(REASONS).collect()
            }
        };
        self.give_back(state);
        because
    }
}

impl State {
    fn read(&mut self, line: &str) {
        // When it happened is known from the table; of a rule only what stands in the line matters.
        let reader = self.reader.get_or_insert_with(|| {
            Reader::new(Zone { zone: jiff::tz::TimeZone::UTC, now: Some(Timestamp::UNIX_EPOCH) })
        });
        understand(reader, line.as_bytes(), &mut self.event, &mut self.inner);
    }
}

/// Given back when the work is done.
struct Lent<'b>(&'b By, Option<State>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(state) = self.1.take() {
            self.0.give_back(state);
        }
    }
}

impl Lines for By {
    fn tester(&self) -> Box<dyn FnMut(&str) -> bool + '_> {
        let mut lent = Lent(self, Some(self.borrow()));
        Box::new(move |line| {
            let Lent(by, state) = &mut lent;
            state.as_mut().is_some_and(|state| by.passes(line, state))
        })
    }
}
