//! Sources of events: who may send, how to set a shipper up, what came.

mod list;
mod show;
mod snippets;

use domain::{
    id::{Id, kind},
    source::Kind,
};

use crate::{Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(show::routes());
    all
}

type SourceId = Id<kind::Source>;

/// Bytes of a token: 160 bits.
const TOKEN: usize = 20;

/// A fresh token.
fn token(v: &Visit) -> String {
    let secret = v.app.secrets.bytes();
    let part = secret.first_chunk::<TOKEN>().map_or(&[][..], |b| &b[..]);
    format!("{}{}", store::sources::PREFIX, store::sign_in::text(part))
}

fn kind_said(v: &Visit, kind: Kind) -> String {
    v.t(match kind {
        Kind::Syslog => "source-kind-syslog",
        Kind::Elastic => "source-kind-elastic",
        Kind::Hec => "source-kind-hec",
        Kind::Otlp => "source-kind-otlp",
        Kind::Lines => "source-kind-lines",
    })
}
