//! `monster:ignore class reason`: a person has looked at it. Without a class it holds for all of them.

use super::classes;
use crate::tasks::finding::Finding;
use crate::tasks::offline::Places;
use crate::tasks::review;

const MARK: &str = "monster:ignore";

/// Whether the finding's line, or a comment alone on the line above, says to leave it.
pub(in crate::tasks) fn silenced(places: &Places<'_>, finding: &Finding) -> bool {
    if finding.line == 0 {
        return false;
    }
    let above = finding.line.checked_sub(1).and_then(|number| places.text(number)).filter(|t| alone(t));
    [places.text(finding.line), above].into_iter().flatten().any(|t| names(t, &finding.class))
}

/// The mark is the first thing on its line but for the comment's own signs.
fn alone(text: &str) -> bool {
    text.split_once(MARK).is_some_and(|(before, _)| !before.contains(char::is_alphanumeric))
}

/// The mark stands there and names this class or none. A hyphenated or single word that is no class of ours cannot
/// be told from a reason, so only the classes of rules and of models bind.
fn names(text: &str, class: &str) -> bool {
    let Some((_, rest)) = text.split_once(MARK) else { return false };
    let word = rest.split_whitespace().next().unwrap_or("").trim_end_matches([':', ',', '*', '/']);
    word == class || (classes::row(word).is_none() && !review::classes().any(|known| known == word))
}
