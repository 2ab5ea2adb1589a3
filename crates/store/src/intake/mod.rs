//! Papers that come by themselves: what came, what became of it, and how the ways in fare.

mod item;
mod origin;
mod source;
mod take;

pub use self::{
    item::{Filter, Item, PAGE_MAX, get, list, open_troubles, settle},
    origin::{Attachment, Origin, attachments, mended, origin, remember, vouched},
    source::{Source, checked, source, sources, wrong},
    take::{Arrival, Piece, Put, body_of, known, take, turned_away},
};
