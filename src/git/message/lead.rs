//! What another hook writes at the top of every message: an issue's key, and nothing behind it.

use super::scissors;

/// An issue's key that stands in a message file alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lead {
    /// The key.
    key: String,
    /// The line it stands in, with the marks around it: `ABC-7: `, `[ABC-7] `.
    line: String,
    /// Where what stands below it begins (bytes).
    pub(super) end: usize,
}

impl Lead {
    /// Looks for it in the first line; what stands below is git's own.
    pub(super) fn of(text: &str, comment: &str) -> Option<Self> {
        let line = text.lines().next()?;
        let mut below = text.lines().skip(1).take_while(|l| !scissors(l));
        if !line.is_ascii()
            || line.starts_with(comment)
            || !below.all(|l| l.trim().is_empty() || l.starts_with(comment))
        {
            return None;
        }
        let bare =
            line.trim().trim_end_matches([':', '-', ' ']).trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
        let end = text.find('\n').map_or(text.len(), |at| at + 1);
        is_key(bare).then(|| Self { key: bare.to_owned(), line: line.to_owned(), end })
    }

    /// A draft behind it; one that names the key itself stays as it is.
    pub(super) fn before(&self, draft: &str) -> String {
        if draft.contains(&self.key) {
            return draft.to_owned();
        }
        let blank = if self.line.ends_with(' ') { "" } else { " " };
        format!("{}{blank}{draft}", self.line)
    }
}

/// `ABC-7` or `#12`.
fn is_key(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = text.strip_prefix('#') {
        return digits(number);
    }
    let word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    text.rsplit_once('-').is_some_and(|(project, number)| word(project) && digits(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_alone_is_what_a_draft_begins_with() {
        let below = "\n; Please enter the commit message\n";
        for (line, whole) in [
            ("ABC-7: ", "ABC-7: fix: count"),
            ("ABC-7:", "ABC-7: fix: count"),
            ("[ABC-7] ", "[ABC-7] fix: count"),
            ("#12", "#12 fix: count"),
            ("AB_C2-12 - ", "AB_C2-12 - fix: count"),
        ] {
            let lead = Lead::of(&format!("{line}\n{below}"), ";").unwrap();
            assert_eq!(lead.before("fix: count"), whole);
            assert_eq!(lead.end, line.len() + 1);
        }
        let lead = Lead::of("ABC-7: ", "#").unwrap();
        assert_eq!(lead.before("fix: ABC-7 count"), "fix: ABC-7 count");
        for text in ["ABC-7: count", "fix: ", "abc-7: ", "", "\nABC-7: ", "ABC-7: \nmore\n", "ABC-7a", "#12"] {
            assert_eq!(Lead::of(text, "#"), None, "{text:?}");
        }
    }
}
