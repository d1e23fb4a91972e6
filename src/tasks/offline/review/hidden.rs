//! Characters that make a line read otherwise than it is.

use super::{Found, finding};
use crate::git::{FileChange, Path};
use crate::tasks::finding::Severity;
use crate::tasks::offline::classify::Class;

/// Letters of other alphabets that look like Latin ones. Greek letters that formulas use are not among them.
const ALIKE: &str = "аеорсухіјԁѕАВЕКМНОРСТХοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";

pub(super) fn check(file: &FileChange, class: Class, out: &mut Vec<Found>) {
    if matches!(class, Class::Lock | Class::Minified | Class::Vendored) {
        return;
    }
    // Prose and translations are written from right to left for good reasons.
    let prose = class == Class::Docs || translated(&file.path);
    for line in file.added_lines() {
        let direction = line.text.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
        let invisible = line.text.chars().any(|c| matches!(c, '\u{200b}' | '\u{2060}' | '\u{00ad}'));
        let number = line.new.unwrap_or(0);
        if direction && !prose {
            out.push(finding(
                file,
                number,
                &line.text,
                "hidden-direction",
                Severity::High,
                "A line holds direction marks",
                "Editors show its parts in another order than the compiler reads them.",
            ));
        } else if invisible && class == Class::Source && !prose {
            out.push(finding(
                file,
                number,
                &line.text,
                "invisible-character",
                Severity::Medium,
                "A line holds an invisible character",
                "Two names can look the same and be different.",
            ));
        } else if class == Class::Source && lookalike(&line.text) {
            out.push(finding(
                file,
                number,
                &line.text,
                "lookalike",
                Severity::Medium,
                "A name mixes Latin with look-alike letters",
                "It looks like another name and is a different one.",
            ));
        }
    }
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
