//! Characters that make a line read otherwise than it is.

use super::classes::{DIRECTION, INVISIBLE, LOOKALIKE};
use super::{Found, Looked, finding};
use crate::git::{Line, Path};
use crate::tasks::offline::classify::Class;

/// Letters of other alphabets that look like Latin ones. Greek letters that formulas use are not among them.
const ALIKE: &str = "аеорсухіјԁѕАВЕКМНОРСТХοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";

/// Looks at one added line that is not plain ASCII.
pub(super) fn check(it: &Looked<'_>, line: &Line, out: &mut Vec<Found>) {
    if matches!(it.class, Class::Lock | Class::Minified | Class::Vendored) {
        return;
    }
    // Prose and translations are written from right to left for good reasons.
    let prose = it.class == Class::Docs || translated(&it.file.path);
    let holds = |odd: fn(char) -> bool| line.text.chars().any(odd);
    let class = if !prose && holds(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        DIRECTION
    } else if !prose && it.class == Class::Source && holds(|c| matches!(c, '\u{200b}' | '\u{2060}' | '\u{00ad}')) {
        INVISIBLE
    } else if it.class == Class::Source && lookalike(&line.text) {
        LOOKALIKE
    } else {
        return;
    };
    out.push(finding(it.file, line.new.unwrap_or(0), &line.text, class));
}

fn translated(path: &Path) -> bool {
    const FOLDERS: &[&str] = &["i18n", "l10n", "lang", "locale", "locales", "translations"];
    path.folders().any(|f| FOLDERS.contains(&f) || f.starts_with("values-"))
}

/// A word of Latin letters in which every other letter only looks like one. `\nОшибка` in a string is no such
/// word: most of its letters look like nothing Latin, and a single Latin letter is an escape.
fn lookalike(line: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| {
        let mut foreign = word.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).peekable();
        foreign.peek().is_some()
            && foreign.all(|c| ALIKE.contains(c))
            && word.chars().filter(char::is_ascii_alphabetic).count() > 1
    })
}
