//! The words of the trade and their rules: floor 0, pure.
//!
//! Nothing here performs I/O, reads a clock, draws random numbers or awaits; `now` and ids are arguments
//! (see [`time::Clock`] and [`id::Ids`], which only programs implement for real).

pub mod actor;
pub mod alert;
pub mod board;
pub mod body;
pub mod counts;
pub mod duty;
pub mod event;
pub mod evidence;
pub mod fact;
pub mod feed;
pub mod flaw;
pub mod host;
pub mod hunt;
pub mod id;
pub mod indicator;
pub mod inspection;
pub mod intake;
pub mod intent;
pub mod inventory;
pub mod job;
pub mod legal;
pub mod level;
pub mod line;
pub mod monitoring;
pub mod notice;
pub mod order;
pub mod outcome;
pub mod own;
pub mod paging;
pub mod person;
pub mod query;
pub mod quick_reports;
pub mod readiness;
pub mod register;
pub mod report;
pub mod request;
pub mod right;
pub mod roster;
pub mod source;
pub mod system;
pub mod text;
pub mod time;
pub mod warning;
pub mod weakness;
pub mod webhook;
