//! A debate: everybody reads the others' answers, says what is wrong with them, and answers again.

const PROMPT: &str = include_str!("../prompts/critique.md");

/// The line that parts the critique from the new answer.
const TURN: &str = "revised answer";

/// What a member is told in a round.
pub(super) const fn prompt() -> &'static str {
    PROMPT
}

/// The critique and the new answer. Without the line that parts them the whole is the answer; an answer that is empty
/// leaves the one before standing (`None`).
pub(super) fn read(text: &str) -> (String, Option<String>) {
    let mut at = 0;
    let mut turn = None;
    for line in text.split_inclusive('\n') {
        let words = line.trim_matches(|c: char| !c.is_alphanumeric());
        if words.eq_ignore_ascii_case(TURN) {
            turn = Some((at, at + line.len()));
        }
        at += line.len();
    }
    let Some((from, to)) = turn else {
        let answer = text.trim();
        return (String::new(), (!answer.is_empty()).then(|| answer.to_owned()));
    };
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().trim().to_owned();
    let (critique, answer) = (part(0..from), part(to..text.len()));
    (critique, (!answer.is_empty()).then_some(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_says_so_begins_the_new_answer() {
        let said = read("They forget Rc.\n\n**Revised answer:**\nOwners free memory.\nRc leaks.\n");
        assert_eq!(said, ("They forget Rc.".to_owned(), Some("Owners free memory.\nRc leaks.".to_owned())));
        assert_eq!(read("Just an answer."), (String::new(), Some("Just an answer.".to_owned())));
        assert_eq!(read("All wrong.\n## Revised answer\n\n"), ("All wrong.".to_owned(), None));
        assert_eq!(read(" \n"), (String::new(), None));
        let quoted = read("REVISED ANSWER\nThe revised answer is this.");
        assert_eq!(quoted.1.as_deref(), Some("The revised answer is this."));
    }
}
