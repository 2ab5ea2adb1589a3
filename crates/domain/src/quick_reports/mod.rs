//! The quick report (*báo cáo nhanh*): at the hours a campaign sets every body confirms what Canh already knows, or
//! states that nothing happened. Rounds, chasing and what a report may say; rows live in `store`.

pub mod chase;
mod report;
mod rounds;
mod rule;

pub use self::{
    report::{
        Below, Content, Draft, Figure, Kept, NAME_MAX, NAMES_MAX, OnDuty, Prefilled, Said, TEXT_MAX, Unfit,
        confirm, statement,
    },
    rounds::{Governed, ROUNDS_MAX, Round, rounds},
    rule::{Audience, BadRule, HOURS_MAX, Rule, STEPS_MAX, Step, Terms},
};
