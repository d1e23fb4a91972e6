//! Whether a text that a model gave for a message is words of anybody's: small models answer with marks, and answers that
//! were cut off leave half of their form.

/// A first line that says something: two words of letters or numbers, one of them a real word, and not marks for the most
/// part. Scripts that put no blanks between words have two letters at least.
pub(super) fn says(subject: &str) -> bool {
    let shown = subject.chars().filter(|c| !c.is_whitespace()).count();
    let told = subject.chars().filter(|c| c.is_alphanumeric()).count();
    if told * 4 < shown || remains(subject) {
        return false;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    if subject.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        return letters(subject) > 1;
    }
    let words = || subject.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words().count() > 1 && words().any(|word| letters(word) > 1)
}

/// What is left of JSON that has no end, or no beginning.
pub(super) fn remains(text: &str) -> bool {
    let begins = |line: &str| {
        let line = line.trim_start();
        let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        line.starts_with(['{', '[', '}']) || quoted.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
    };
    // In the middle of a line a key stands behind what opens its object.
    let opens = text.match_indices('{').any(|(at, _)| begins(text[at + 1..].lines().next().unwrap_or_default()));
    (opens || text.lines().any(begins)) && !balanced(text)
}

/// Every brace and bracket has its other half, in order.
fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for mark in text.chars().filter(|c| "{}[]".contains(*c)) {
        let fits = match mark {
            '}' => open.pop() == Some('{'),
            ']' => open.pop() == Some('['),
            mark => {
                open.push(mark);
                true
            }
        };
        if !fits {
            return false;
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_halves_of_a_form_say_nothing() {
        for subject in [
            "%%% \\0 {\"a\": [}",
            "%%% 0 %%%",
            "{",
            "{\"type\": \"fix\", \"subject\": \"count the last pa",
            "\"subject\": \"count the last page\"}",
            "... --- ...",
            "##### a b #####",
            "123 456",
            "=> {\"count\": the last page",
            "\u{4fee}",
            "\u{1f41b} \u{1f389}",
        ] {
            assert!(!says(subject), "{subject}");
        }
    }

    #[test]
    fn words_of_any_script_say_something() {
        for subject in [
            "count the last page",
            "use C",
            "bump serde to 1.0.228",
            "drop 32-bit",
            "allow ^[0-9]+$ and {} in names",
            "read `[` and `{` as they are",
            "[core] count pages",
            "support x => y in a.b()",
            "\u{4fee}\u{590d}\u{5206}\u{9875}",
            "\u{30da}\u{30fc}\u{30b8}\u{3092}\u{6570}\u{3048}\u{308b}",
            "\u{418}\u{441}\u{43f}\u{440}\u{430}\u{432}\u{438}\u{442}\u{44c}",
            "\u{e41}\u{e01}\u{e49}\u{e44}\u{e02}",
            "compte la derni\u{e8}re page",
        ] {
            assert!(says(subject), "{subject}");
        }
    }
}
