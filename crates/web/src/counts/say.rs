//! A comparison in words, for every page that shows one.

use domain::counts::{self, Comparison, Differs, Kind, Source};

use crate::{Page, Words};

/// A source beside the register, as pages show it.
pub(crate) struct Line {
    /// Who counted.
    pub source: String,
    /// What it counted; people with the machines they make credible.
    pub n: String,
    /// On which day.
    pub on: String,
    /// How it stands, in words.
    pub word: String,
    /// The class of its state: `n` more, `p` fewer, `u` stale, `m` agrees.
    pub class: &'static str,
}

/// That the register falls short, as board and report say it.
pub(crate) struct Gap {
    /// *đăng ký 3, thư mục 41*.
    pub text: String,
}

/// *đăng ký 3, thư mục 41*, where the register falls short.
pub(crate) fn gap(words: Words, found: &Comparison) -> Option<Gap> {
    let line = found.more()?;
    Some(Gap {
        text: words.with(
            "counts-gap",
            [
                ("registered", found.registered.to_string().into()),
                ("source", source(words, line.source).into()),
                ("n", line.n.to_string().into()),
            ],
        ),
    })
}

/// The lines of a comparison.
pub(crate) fn lines(p: &Page, words: Words, found: &Comparison) -> Vec<Line> {
    found.lines.iter().map(|line| one(p, words, line)).collect()
}

fn one(p: &Page, words: Words, line: &counts::Line) -> Line {
    let n = if line.machines == line.n {
        line.n.to_string()
    } else {
        p.t2("counts-credible", "n", line.n, "machines", line.machines)
    };
    let class = match line.differs {
        Differs::More => "n",
        Differs::Fewer => "p",
        Differs::Stale => "u",
        Differs::Agrees => "m",
    };
    Line {
        source: source(words, line.source),
        n,
        on: p.date(&line.on),
        word: words.t(&format!("counts-differs-{}", line.differs)),
        class,
    }
}

pub(super) fn source(words: Words, source: Source) -> String {
    words.t(&format!("counts-source-{source}"))
}
pub(super) fn kind(words: Words, kind: Kind) -> String {
    words.t(&format!("counts-kind-{kind}"))
}
