//! Official papers: text to reading. Pure.
