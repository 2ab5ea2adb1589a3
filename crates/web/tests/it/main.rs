//! The router, as people and programs meet it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod after;
mod alerts;
mod all_routes;
mod audit;
mod board;
mod callouts;
mod channels;
mod counts;
mod fixture;
mod forms;
mod hosts;
mod hunts;
mod indicators;
mod inlets;
mod inspections;
mod intake;
mod levels;
mod lines;
mod links;
mod logs;
mod notices;
mod order;
mod quick_reports;
mod register;
mod repeat;
mod report;
mod requests;
mod retention;
mod review;
mod rosters;
mod sign_in;
mod signatures;
mod skeleton;
mod tasks;
mod troubles;
