//! Independent counts of machines: what the directory, the DHCP server, the anti-malware console and the staff list say
//! of a body, each with its day and the list itself. The rule that sets them against the register is
//! [`domain::counts::compare`].

mod list;
mod read;
mod write;

pub(crate) use self::read::known;
pub use self::{
    list::{Filter, Gap, PAGE_MAX, gaps},
    read::{Count, Machines, get, history, of},
    write::{NOTE_MAX, NewCount, may, record, withdraw},
};
