//! `monster:ignore class reason`: a person has looked at it. Without a class or without a reason it says nothing.

use crate::tasks::finding::Finding;
use crate::tasks::offline::Places;

const MARK: &str = "monster:ignore";

/// Whether the finding's line, or a comment alone on the line above, says to leave it.
pub(in crate::tasks) fn silenced(places: &Places<'_>, finding: &Finding) -> bool {
    marked(&|number| places.text(number), finding.line, &finding.class)
}

/// The same for any line and class, of a file whose lines are what `said` says.
pub(in crate::tasks) fn marked<'t>(said: &dyn Fn(u32) -> Option<&'t str>, line: u32, class: &str) -> bool {
    if line == 0 {
        return false;
    }
    let above = line.checked_sub(1).and_then(said).filter(|t| alone(t));
    [said(line), above].into_iter().flatten().any(|t| names(t, class))
}

/// The mark is the first thing on its line but for the comment's own signs.
fn alone(text: &str) -> bool {
    text.split_once(MARK).is_some_and(|(before, _)| !before.contains(char::is_alphanumeric))
}

/// The mark stands there, names this class, and says why.
fn names(text: &str, class: &str) -> bool {
    let Some((_, rest)) = text.split_once(MARK) else { return false };
    let mut words = rest.split_whitespace();
    let named = words.next().is_some_and(|word| word.trim_end_matches([':', ',']) == class);
    // What ends a comment is no reason.
    named && words.any(|word| word.contains(char::is_alphanumeric))
}
