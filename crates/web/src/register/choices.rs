//! What selects offer, and the words of closed lists.

use domain::{
    body::BodyKind,
    person::{ChannelKind, Lang},
    right::{Right, Role},
};
use store::{Sql, StoreError, register::bodies};

use crate::{Visit, Words};

/// Value and label of an option.
pub(crate) type Options = Vec<(String, String)>;

pub(super) fn kind(words: Words, kind: BodyKind) -> String {
    words.t(&format!("register-kind-{kind}"))
}
pub(super) fn role(words: Words, role: Role) -> String {
    words.t(&format!("register-role-{role}"))
}
pub(super) fn channel(words: Words, kind: ChannelKind) -> String {
    words.t(&format!("register-channel-{kind}"))
}

/// Functions that bodies hand on to each other; what the API was given besides is shown as it is.
pub(super) const FUNCTIONS: [&str; 4] = ["all", "security", "digital-transformation", "loudspeakers"];

pub(super) fn functions(v: &Visit) -> Options {
    FUNCTIONS.iter().map(|f| ((*f).to_owned(), v.t(&format!("register-function-{f}")))).collect()
}
pub(super) fn kinds(v: &Visit) -> Options {
    BodyKind::ALL.iter().map(|k| (k.name().to_owned(), kind(v.words(), *k))).collect()
}
pub(super) fn roles(v: &Visit) -> Options {
    Role::ALL.iter().map(|r| (r.name().to_owned(), role(v.words(), *r))).collect()
}
pub(super) fn channels(v: &Visit) -> Options {
    // A telephone is called by people; the others need a way out that is configured.
    let offered =
        |k: &&ChannelKind| k.by_hand() && (**k == ChannelKind::Phone || v.app.config.ways.has(k.name()));
    ChannelKind::ALL.iter().filter(offered).map(|k| (k.name().to_owned(), channel(v.words(), *k))).collect()
}
pub(super) fn langs(v: &Visit) -> Options {
    Lang::ALL.iter().map(|l| (l.name().to_owned(), v.t(&format!("register-lang-{l}")))).collect()
}
pub(super) fn levels(v: &Visit) -> Options {
    let none = (String::new(), v.t("register-level-none"));
    let known = (1..=5).map(|l: u8| (l.to_string(), v.words().with("register-level", [("level", l.into())])));
    std::iter::once(none).chain(known).collect()
}

/// The bodies over which a right is held, set in by their depth; `blank` offers none at all first.
pub(crate) async fn bodies(
    v: &Visit,
    sql: &mut Sql,
    right: Right,
    blank: Option<&str>,
) -> Result<Options, StoreError> {
    let nodes = bodies::choices(sql, v.scope(), right).await?;
    let mut options: Options = blank.map(|id| (String::new(), v.t(id))).into_iter().collect();
    options.extend(nodes.into_iter().map(|n| {
        let indent = "\u{2003}".repeat(n.depth as usize);
        (n.body.id.to_string(), format!("{indent}{}", n.body.name))
    }));
    Ok(options)
}

/// An address of the next page of a list: the filter's parameters and the last row's cursor.
pub(crate) fn next(path: &str, query: &[(&str, &str)], cursor: Option<String>) -> String {
    let Some(cursor) = cursor else { return String::new() };
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
    format!("{path}?{}", pairs.append_pair("after", &cursor).finish())
}

/// A cursor as text: what a list is ordered by, and the id that decides between equals.
pub(crate) fn cursor(name: &str, id: impl std::fmt::Display) -> String {
    hex::encode(format!("{id} {}", domain::text::sort_key(name)))
}

/// A cursor from text; anything else starts from the beginning.
pub(crate) fn after<K>(cursor: &str) -> Option<(String, domain::id::Id<K>)> {
    let text = String::from_utf8(hex::decode(cursor).ok()?).ok()?;
    let (id, key) = text.split_once(' ')?;
    Some((key.to_owned(), id.parse().ok()?))
}
