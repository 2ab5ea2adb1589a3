//! Whether an entry of the pack is in force on a day.

use jiff::civil::Date;

/// The first rule in force, or what a pack without one means.
pub(super) fn in_force<T: Clone + Default>(rules: &[T], is: impl Fn(&T) -> bool) -> T {
    rules.iter().find(|r| is(r)).cloned().unwrap_or_default()
}

/// All of them in force.
pub(super) fn all_in_force<T: Clone>(rules: &[T], is: impl Fn(&T) -> bool) -> Vec<T> {
    rules.iter().filter(|r| is(r)).cloned().collect()
}

pub(super) fn within(from: Option<Date>, until: Option<Date>, day: Date) -> bool {
    from.is_none_or(|f| f <= day) && until.is_none_or(|u| day <= u)
}
