//! Constant regexes over the folded view.

pub(crate) use regex::Regex;

/// Compiles a constant pattern.
#[allow(clippy::expect_used, reason = "patterns are constants of this crate; the tests compile every one")]
pub(crate) fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant pattern")
}

/// A regex compiled once: `re!("…")`.
macro_rules! re {
    ($pattern:expr) => {{
        static RE: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| $crate::pattern::compile($pattern));
        &*RE
    }};
}
pub(crate) use re;
