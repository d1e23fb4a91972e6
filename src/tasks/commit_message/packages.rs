//! Locked versions in words of a model's: the names that the rules know stay in the message.

use super::compose::upper_first;
use super::{Body, Draft, Wish, finish, locked};
use crate::tasks::offline::message::deps::{LISTED, more};

/// First line and body with the packages that have other versions; `None` where the model's own have them all, or none is
/// known. A first line that names none of them gives way to the rules', and is told below it where the author has said
/// what the change is for.
pub(super) fn kept(
    wish: &Wish<'_>,
    draft: &Draft,
    subject: &str,
    head: &str,
    body: Option<&str>,
) -> Option<(String, Option<String>)> {
    if draft.packages.is_empty() || !locked(wish, draft) {
        return None;
    }
    let body = body.unwrap_or_default();
    let named = |text: &str, name: &str| words(text).any(|word| word.eq_ignore_ascii_case(name));
    let any = |text: &str| draft.packages.iter().any(|(name, _)| named(text, name));
    // The rules write in English, and name none where they are too many or too long.
    let own = any(subject) || !any(&draft.subject) || wish.language().is_some();
    let ruled = || finish::dressed(wish, &draft.subject);
    let (head, lead) = if own {
        (head.to_owned(), String::new())
    } else {
        let said = Some(subject).filter(|_| wish.intent.is_some());
        (ruled(), said.map(|said| format!("{}.", upper_first(said))).unwrap_or_default())
    };
    if wish.body == Body::Never {
        return (!own).then_some((head, None));
    }
    // The last word of what is said of a package is its version.
    let version = |said: &str| said.rsplit(' ').next().unwrap_or_default().to_owned();
    let whole = format!("{head}\n{body}");
    let complete = draft.packages.iter().all(|(name, said)| named(&whole, name) && whole.contains(&version(said)));
    let mut lines: Vec<String> = draft.packages.iter().take(LISTED).map(|(_, said)| format!("- {said}")).collect();
    if draft.packages.len() > LISTED {
        lines.push(format!("- and {}", more(draft.packages.len() - LISTED)));
    }
    if own && complete {
        return None;
    }
    let list = if complete { String::new() } else { lines.join("\n") };
    // A sentence goes on with sentences, and not with a list.
    let gap = if body.starts_with(|c: char| c.is_alphanumeric()) && !body.contains(": ") { " " } else { "\n\n" };
    let told = [lead.as_str(), body].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(gap);
    let parts: Vec<&str> = [told.as_str(), list.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    Some((head, Some(parts.join("\n\n")).filter(|body| !body.is_empty())))
}

/// Names as they stand in a sentence.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\n']).map(|word| word.trim_matches(|c: char| "`'\",.:;()".contains(c)))
}
