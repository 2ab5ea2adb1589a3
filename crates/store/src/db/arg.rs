//! Values on their way into SQL.

use domain::id::{Id, Uuid};
use jiff::{Timestamp, civil::Date};

/// One bound value. NULLs keep their type, which PostgreSQL insists on.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// Text, ids, dates, JSON.
    Text(Option<String>),
    /// Numbers and times (microseconds since 1970).
    Int(Option<i64>),
    /// Truth.
    Bool(Option<bool>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

macro_rules! from {
    ($($ty:ty => $variant:ident, $value:ident, $convert:expr;)*) => { $(
        impl From<$ty> for Arg { fn from($value: $ty) -> Self { Arg::$variant(Some($convert)) } }
        impl From<Option<$ty>> for Arg {
            fn from(value: Option<$ty>) -> Self { Arg::$variant(value.map(|$value| $convert)) }
        }
    )* };
}
from! {
    String => Text, v, v;
    &str => Text, v, v.to_owned();
    &String => Text, v, v.clone();
    Uuid => Text, v, v.to_string();
    Date => Text, v, v.to_string();
    serde_json::Value => Text, v, v.to_string();
    i64 => Int, v, v;
    i32 => Int, v, i64::from(v);
    u32 => Int, v, i64::from(v);
    u8 => Int, v, i64::from(v);
    Timestamp => Int, v, v.as_microsecond();
    bool => Bool, v, v;
    Vec<u8> => Bytes, v, v;
    &[u8] => Bytes, v, v.to_vec();
}
impl<K> From<Id<K>> for Arg {
    fn from(id: Id<K>) -> Self {
        Arg::Text(Some(id.to_string()))
    }
}
impl<K> From<Option<Id<K>>> for Arg {
    fn from(id: Option<Id<K>>) -> Self {
        Arg::Text(id.map(|id| id.to_string()))
    }
}

/// `args![a, b]` makes a list of [`Arg`]s from values of their own types.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Arg::from($value)),*] };
}
