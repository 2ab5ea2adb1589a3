//! Tables of bodies, people, systems, hosts, lines and shifts: rows of text to typed rows, with every error by row and column, and back.
//!
//! The first row names the columns, in Vietnamese or English, in any order, marks and case aside; unknown columns
//! are named and left out. An empty cell keeps what stands in the register; nothing is ever erased by a blank.

mod bodies;
pub(crate) mod cells;
mod hosts;
mod lines;
mod machines;
mod people;
mod shifts;
mod staff;
mod systems;
mod table;

pub use self::{
    bodies::{BODY_COLUMNS, BodyRow, body_cells, read_bodies},
    cells::kind_label,
    hosts::{HOST_COLUMNS, HostRow, host_cells, read_hosts},
    lines::{LINE_COLUMNS, LineRow, line_cells, read_lines},
    machines::{LEASE_COLUMNS, MACHINE_COLUMNS, MachineRow, STAFF_COLUMNS, machine_columns, read_machines},
    people::{PERSON_COLUMNS, PersonRow, person_cells, read_people},
    shifts::{SHIFT_COLUMNS, ShiftRow, read_shifts, shift_cells},
    staff::{STAFF_LIST_COLUMNS, STAFF_ROWS_MAX, StaffRow, read_staff},
    systems::{SYSTEM_COLUMNS, SystemRow, read_systems, system_cells},
    table::{Column, Parsed, Problem, headings},
};

/// At most so many rows in one import: a province has some 2,000 bodies, and one transaction must stay short.
pub const ROWS_MAX: usize = 5_000;
