//! Characters that make a line read otherwise than it is.

use super::classes::{DIRECTION, INVISIBLE, LOOKALIKE};
use super::{Found, Looked, finding};
use crate::git::{Line, Path};
use crate::tasks::offline::classify::{Class, is_data};

/// Letters of other alphabets that look like Latin ones. Greek letters that formulas use are not among them.
const ALIKE: &str = "аеорсухіјԁѕАВЕКМНОРСТХοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";

/// The flag from which those of England, Scotland and Wales are made, by letters that nobody sees.
const FLAG: char = '\u{1f3f4}';

/// Looks at one added line that is not plain ASCII.
pub(super) fn check(it: &Looked<'_>, line: &Line, out: &mut Vec<Found>) {
    if matches!(it.class, Class::Lock | Class::Minified | Class::Vendored) {
        return;
    }
    // Prose and translations are written from right to left for good reasons.
    let prose = it.class == Class::Docs || translated(&it.file.path);
    let class = if !prose && line.text.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        DIRECTION
    } else if !prose && watched(it) && invisible(line, it.class) {
        INVISIBLE
    } else if matches!(it.class, Class::Source | Class::Ci | Class::Manifest) && lookalike(&line.text) {
        // Words of two alphabets are what tests of such words are made of, and settings hold sentences.
        LOOKALIKE
    } else {
        return;
    };
    out.push(finding(it.file, line.new.unwrap_or(0), &line.text, class));
}

fn translated(path: &Path) -> bool {
    const FOLDERS: &[&str] = &["_locales", "i18n", "l10n", "lang", "locale", "locales", "translations"];
    path.folders().any(|f| FOLDERS.contains(&f) || f.starts_with("values-"))
}

/// A machine reads it: what tests compare with may hold anything.
fn watched(it: &Looked<'_>) -> bool {
    match it.class {
        Class::Source | Class::Config | Class::Ci | Class::Manifest => true,
        Class::Test => !is_data(&it.file.path),
        _ => false,
    }
}

/// A character that nobody sees, where neither a script nor an emoji needs it.
fn invisible(line: &Line, class: Class) -> bool {
    let text = line.text.as_str();
    let mut chars = text.chars().peekable();
    let (mut before, mut tagged) = (None, false);
    let mut first = line.new == Some(1);
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let beside = |fits: fn(char) -> bool| before.is_some_and(fits) || after.is_some_and(fits);
        let hidden = match c {
            // Words of a text in settings may be parted by it.
            '\u{ad}' => class != Class::Config,
            '\u{feff}' => !first,
            '\u{200b}'..='\u{200d}' => !beside(joins),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => !text.chars().any(from_right),
            '\u{180e}' => !beside(joins),
            '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{ffa0}' => true,
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
                // A digit in a box is one, too.
                !before.is_some_and(varies) && after != Some('\u{20e3}')
            }
            '\u{e0000}'..='\u{e007f}' => !tagged,
            _ => false,
        };
        if hidden {
            return true;
        }
        tagged = c == FLAG || tagged && matches!(c, '\u{e0000}'..='\u{e007f}');
        before = Some(c);
        first = false;
    }
    false
}

/// Emoji, and letters of scripts in which joiners and breaks without width are spelling: Arabic to those of India, Tibet
/// and South-East Asia, and Mongolian.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{180d}' | '\u{1810}'..='\u{1cff}' | '\u{2190}'..='\u{2bff}'
        | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe0f}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1f000}'..='\u{1faff}')
}

/// Signs and letters of which a selector chooses a form: symbols, emoji, Chinese characters, Burmese, Mongolian.
fn varies(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{1000}'..='\u{109f}' | '\u{1800}'..='\u{18af}' | '\u{203c}' | '\u{2049}'
        | '\u{2100}'..='\u{2bff}' | '\u{2e80}'..='\u{3163}' | '\u{3165}'..='\u{a4cf}' | '\u{a840}'..='\u{a87f}'
        | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff9f}' | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters that are written from right to left.
fn from_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
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
