//! Whether a quote stands in an answer in whole words, and whether it is enough to show anything.

use crate::git::message::unspaced;
use crate::tasks::fence::fold;

/// Letters and digits that show something by themselves, be they one word only.
const ENOUGH: usize = 8;

/// The quote stands there in whole words; only the white space may differ.
pub(super) fn stands(answer: &str, quote: &str) -> bool {
    let (answer, quote) = (fold(answer), fold(quote));
    quote.chars().any(char::is_alphanumeric) && places(&answer, &quote).next().is_some()
}

/// Nearly every answer has a short word such as "is" somewhere, and "safe" may have stood behind "not": one short word
/// shows something only where it is all that is said there. A number says much, and so do a few letters of a script
/// without blanks.
pub(super) fn shows(answer: &str, quote: &str) -> bool {
    let letters = |c: char| if unspaced(c) { 2 } else { usize::from(c.is_alphanumeric()) };
    let words = quote.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
    words > 1
        || quote.chars().any(char::is_numeric)
        || quote.chars().map(letters).sum::<usize>() >= ENOUGH
        || alone(answer, bare(quote))
}

/// Without the marks around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The word is a line of its own, or marks stand on both its sides: `Yes.`, `- Redis`, `2. **Redis**: fast`.
fn alone(answer: &str, word: &str) -> bool {
    let mark = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !c.is_whitespace());
    answer.lines().any(|line| {
        let line = line.trim();
        let item = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = if item.starts_with(['.', ')']) { item } else { line };
        let sides = |at: usize| (item[..at].chars().next_back(), item[at + word.len()..].chars().next());
        bare(item) == word || places(item, word).map(sides).any(|(before, after)| mark(before) && mark(after))
    })
}

/// Where these words stand in the text, and not inside of longer ones: "safe" is no quote from "unsafe", nor "can" from
/// "can't".
fn places<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |c: char| c.is_alphanumeric() && !unspaced(c);
    text.match_indices(words).map(|(at, _)| at).filter(move |at| {
        let (before, after) = (&text[..*at], &text[*at + words.len()..]);
        let joined = |left: &str, right: &str| left.ends_with(part) && right.starts_with(part);
        let negated = words.ends_with(part) && ["'t", "’t"].iter().any(|end| after.starts_with(end));
        !joined(before, words) && !joined(words, after) && !negated
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_word_is_no_quote() {
        assert!(!stands("The migration is unsafe.", "safe"));
        assert!(!stands("It can't fail, it cannot stop.", "It can"));
        assert!(!stands("Reads are cached", "Reads are cache"));
        assert!(stands("It is (not) `safe`.", "safe"));
        assert!(stands("collector.\nIt frees", "collector. It"));
        assert!(stands("这个迁移不安全", "迁移不安全"), "no blanks stand between these words");
        assert!(!stands("whatever", " . ") && !stands("", ""));
    }

    #[test]
    fn one_short_word_shows_something_only_where_it_is_all_that_is_said() {
        for (answer, quote) in [
            ("It is not safe at all.", "safe"),
            ("Take n of them.", "n"),
            ("2 Redis servers", "Redis"),
            ("这个迁移不安全", "安全"),
        ] {
            assert!(!shows(answer, quote), "{quote} of {answer}");
        }
        for (answer, quote) in [
            ("It is not safe at all.", "not safe"),
            ("Yes. It is so.", "Yes."),
            ("Yes", "Yes"),
            ("Take these:\n- Redis\n- Kafka", "Redis"),
            ("1. Redis\n2. **Kafka**: fast", "Kafka"),
            ("1. Redis\n2. Kafka", "Redis"),
            ("ports 80, 443 and 22", "443"),
            ("It is irreversible then.", "irreversible"),
            ("这个迁移不安全", "迁移不安全"),
        ] {
            assert!(shows(answer, quote), "{quote} of {answer}");
        }
    }
}
