//! How this repository writes its messages, learned from its last commits.

mod habits;
mod learn;
mod paths;

use std::collections::HashSet;

pub use habits::{Habits, Tense};

use super::message::issue::Placed;

/// How subjects look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Looks {
    /// `fix(pager): count the last page`.
    #[default]
    Conventional,
    /// `Count the last page`.
    Plain,
    /// `🐛 count the last page`.
    Gitmoji,
    /// `pager: count the last page`.
    Subsystem,
}

/// How often commits below a path had a type.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// Path prefix; empty for all commits.
    pub prefix: String,
    /// A type that commits below it had.
    pub type_: String,
    /// Its share, 0 to 1.
    pub share: f64,
    /// Commits counted, of all types.
    pub count: u32,
}

/// Commits whose messages are ours: they say nothing about how people write here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ours {
    /// Full ids.
    pub commits: HashSet<String>,
    /// What commits were known by as drafts: see [`super::Repo::draft`].
    pub drafts: HashSet<String>,
}

/// What history says.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// How subjects look.
    pub looks: Looks,
    /// More than half of the subjects are conventional.
    pub conventional: bool,
    /// Types by path.
    pub priors: Vec<Prior>,
    /// Path prefix and the scope used below it.
    pub scopes: Vec<(String, String)>,
    /// Every scope as it is spelled, the most used first.
    pub spelled: Vec<String>,
    /// Subjects, newest first, without keys of issues.
    pub recent: Vec<String>,
    /// How they are written.
    pub habits: Habits,
    /// Where keys of issues stand.
    pub keys: Placed,
}

/// The part of the project that a subject begins with: `net` of `net: count` and of `fix(net): count`. What says only
/// what kind of change it is names no part.
#[must_use]
pub(super) fn head(subject: &str) -> Option<&str> {
    const KINDS: [&str; 7] = ["feat", "fix", "style", "refactor", "perf", "chore", "revert"];
    let (mark, _) = subject.split_once(": ").filter(|(mark, _)| !mark.contains(' '))?;
    let mark = mark.trim_end_matches('!');
    match conventional(subject) {
        Some((_, Some(scope))) => Some(scope),
        _ => Some(mark).filter(|mark| !mark.is_empty() && !mark.starts_with(':') && !KINDS.contains(mark)),
    }
}

/// Type and scope of a conventional subject.
#[must_use]
pub(super) fn conventional(subject: &str) -> Option<(&str, Option<&str>)> {
    let (mark, rest) = subject.split_once(':')?;
    let mark = mark.trim_end_matches('!');
    let (type_, scope) = match mark.split_once('(') {
        Some((type_, scope)) => (type_, Some(scope.strip_suffix(')')?)),
        None => (mark, None),
    };
    let word = !type_.is_empty() && type_.len() <= 12 && type_.chars().all(|c| c.is_ascii_lowercase());
    (word && rest.starts_with(' ')).then_some((type_, scope))
}
