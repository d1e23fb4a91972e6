//! The rules about single lines and statements, as data. Each carries lines that it must hit and lines that it must miss.

mod danger;
mod slips;
mod suite;

use std::sync::OnceLock;

use super::classes::Row;

/// Where a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Source and configuration, not tests.
    Code,
    /// Source, not tests, examples and command-line tools.
    Product,
    /// Tests.
    Tests,
    /// What a build server runs.
    Ci,
    /// Everything written by hand but documents.
    Any,
}

/// One rule.
pub(super) struct Rule {
    /// What a hit is; it says how bad.
    pub(super) class: Row,
    /// Said of a hit in these languages, instead of the class's own words.
    pub(super) title: &'static str,
    pub(super) why: &'static str,
    /// File extensions, or whole names; empty = any.
    pub(super) extensions: &'static [&'static str],
    pub(super) place: Where,
    pub(super) pattern: &'static str,
    /// Lines it must hit, and statements over several lines; read by the tests.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) hits: &'static [&'static str],
    /// Lines it must miss.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) misses: &'static [&'static str],
}

const JS: &[&str] = &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"];
const WEB: &[&str] = &["js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte"];
const SHELL: &[&str] = &["sh", "bash", "zsh", "yml", "yaml", "package.json", ""];

/// All of them, each at the place that it keeps.
pub(super) fn rules() -> &'static [&'static Rule] {
    static ALL: OnceLock<Vec<&'static Rule>> = OnceLock::new();
    ALL.get_or_init(|| [suite::RULES, slips::RULES, danger::RULES].into_iter().flatten().collect())
}
