//! Words in a text.

/// `name` replaced wherever it is no part of a longer word.
#[must_use]
pub fn whole_words(text: &str, name: &str, word: &str) -> String {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let inside = letter(before.chars().next_back().or(out.chars().next_back())) || letter(after.chars().next());
        out.push_str(before);
        out.push_str(if inside { name } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::whole_words;

    #[test]
    fn a_name_is_hidden_where_it_stands_alone() {
        let shown = |text: &str| whole_words(text, "ada", "<user>");
        assert_eq!(shown("ada at /srv/ada, ada-laptop"), "<user> at /srv/<user>, <user>-laptop");
        assert_eq!(shown("Canada, adamant, adaada"), "Canada, adamant, adaada");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn only_whole_labels_are_names() {
        let told = |text: &str| whole_words(text, "F1", "src/a.rs");
        assert_eq!(
            told("F1 calls what F12 and 0xF1 and UTF16 say (F1)."),
            "src/a.rs calls what F12 and 0xF1 and UTF16 say (src/a.rs)."
        );
    }
}
