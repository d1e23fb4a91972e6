//! Cases as commitlint has them: what `lower-case` or `start-case` would make of a text, and whether it is that already.
//! The words are found as its library finds them (es-toolkit, which follows lodash), so that both say the same.

/// The cases by name; older spellings beside the new ones.
const CASES: [(&str, Case); 11] = [
    ("lower-case", Case::Lower),
    ("lowercase", Case::Lower),
    ("lowerCase", Case::Lower),
    ("upper-case", Case::Upper),
    ("uppercase", Case::Upper),
    ("sentence-case", Case::Sentence),
    ("sentencecase", Case::Sentence),
    ("camel-case", Case::Camel),
    ("kebab-case", Case::Kebab),
    ("pascal-case", Case::Pascal),
    ("snake-case", Case::Snake),
];

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
    Sentence,
    Camel,
    Kebab,
    Pascal,
    Snake,
    Start,
}

impl Case {
    /// The case of a name; `None` for one that commitlint refuses.
    pub(super) fn parse(name: &str) -> Option<Self> {
        if name == "start-case" {
            return Some(Self::Start);
        }
        CASES.iter().find(|(known, _)| *known == name).map(|(_, case)| *case)
    }

    /// The text in this case.
    pub(super) fn of(self, text: &str) -> String {
        let lower = |word: &String| word.to_lowercase();
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Sentence => upper_first(text),
            Self::Kebab => words(text).iter().map(lower).collect::<Vec<_>>().join("-"),
            Self::Snake => words(text).iter().map(lower).collect::<Vec<_>>().join("_"),
            Self::Start => words(text).iter().map(|word| upper_first(word)).collect::<Vec<_>>().join(" "),
            Self::Camel => camel(text),
            Self::Pascal => upper_first(&camel(text)),
        }
    }

    /// Whether the text is in this case: what is quoted in it does not count, nor does what is no word.
    pub(super) fn fits(self, text: &str) -> bool {
        let bare = unquoted(text);
        let bare = bare.trim();
        let made = self.of(bare);
        made.is_empty() || made.starts_with(|c: char| c.is_ascii_digit()) || made == bare
    }
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn camel(text: &str) -> String {
    let capital = |word: &String| upper_first(&word.to_lowercase());
    match words(text).as_slice() {
        [] => String::new(),
        [first, rest @ ..] => first.to_lowercase() + &rest.iter().map(capital).collect::<String>(),
    }
}

/// Without what stands between two equal quotes of one line: names may be written as they are.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['`', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let quote = from.chars().next().unwrap_or('`');
        let inner = &from[1..];
        match inner.find([quote, '\n']).filter(|end| inner[*end..].starts_with(quote)) {
            Some(end) => rest = &inner[end + 1..],
            None => {
                out.push(quote);
                rest = inner;
            }
        }
    }
    out + rest
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    /// Spaces and punctuation: between words.
    Break,
    /// Pictures.
    Picture,
    /// Letters of other scripts, and whatever else there is.
    Other,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' => Class::Lower,
        'A'..='Z' => Class::Upper,
        '0'..='9' => Class::Digit,
        '\u{2700}'..='\u{27bf}' | '\u{10000}'.. => Class::Picture,
        '\0'..='\u{bf}' | '×' | '÷' | '\u{2000}'..='\u{206f}' | '\u{1680}' | '\u{180e}' | '\u{3000}' | '\u{feff}' => {
            Class::Break
        }
        _ => Class::Other,
    }
}

/// A letter with a mark counts as the letter, a mark alone as nothing.
fn bared(text: &str) -> Vec<char> {
    text.chars()
        .filter(
            |c| !matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'),
        )
        .map(|c| match c {
            '×' | '÷' => c,
            // Which letter it is does not matter: a text that holds one is never what is made of it.
            '\u{c0}'..='\u{de}' => 'A',
            '\u{df}'..='\u{17f}' => {
                if c.is_uppercase() {
                    'A'
                } else {
                    'a'
                }
            }
            _ => c,
        })
        .collect()
}

/// The words of a text.
fn words(text: &str) -> Vec<String> {
    let chars = bared(text);
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match word(&chars, at) {
            Some(end) => {
                out.push(chars[at..end].iter().collect());
                at = end;
            }
            None => at += 1,
        }
    }
    out
}

/// Where the word ends that begins here.
fn word(chars: &[char], at: usize) -> Option<usize> {
    use Class::{Break, Digit, Lower, Other, Picture, Upper};
    let class_at = |n: usize| chars.get(n).map(|c| class(*c));
    let run =
        |from: usize, of: &[Class]| (from..).find(|n| !class_at(*n).is_some_and(|c| of.contains(&c))).unwrap_or(from);
    let first = class_at(at)?;
    // `Word` and `word` before a break or another capital.
    let from = if first == Upper { at + 1 } else { at };
    let end = run(from, &[Lower]);
    if end > from && matches!(class_at(end), None | Some(Break | Upper)) {
        return Some(end);
    }
    // `HTTP` before a break, or before the capital of the next word.
    let longest = run(at, &[Upper, Other]);
    for end in (at + 1..=longest).rev() {
        let next = class_at(end) == Some(Upper) && matches!(class_at(end + 1), Some(Lower | Other));
        if next || matches!(class_at(end), None | Some(Break)) {
            return Some(end);
        }
    }
    let end = run(from, &[Lower, Other]);
    if end > from {
        return Some(end);
    }
    match first {
        Upper => Some(run(at, &[Upper])),
        Digit => {
            let end = run(at, &[Digit]);
            Some(if ordinal(chars, end) { end + 2 } else { end })
        }
        Picture => Some(at + 1),
        _ => None,
    }
}

/// Whether `st`, `ND`, … goes with the number that ends here.
fn ordinal(chars: &[char], end: usize) -> bool {
    let (Some(digit), Some(suffix)) = (chars.get(end.wrapping_sub(1)), chars.get(end..end + 2)) else { return false };
    let suffix: String = suffix.iter().collect();
    let fits = match digit {
        '1' => "st",
        '2' => "nd",
        '3' => "rd",
        _ => "th",
    };
    let upper = suffix == fits.to_uppercase();
    let after = chars.get(end + 2);
    let next = |c: &char| if upper { c.is_ascii_lowercase() } else { c.is_ascii_uppercase() };
    (upper || suffix == fits) && after.is_none_or(|c| *c == '_' || next(c) || !c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_put_into_every_case() {
        let all = [
            (Case::Lower, "add the http server"),
            (Case::Upper, "ADD THE HTTP SERVER"),
            (Case::Sentence, "Add the HTTP server"),
            (Case::Camel, "addTheHttpServer"),
            (Case::Kebab, "add-the-http-server"),
            (Case::Pascal, "AddTheHttpServer"),
            (Case::Snake, "add_the_http_server"),
            (Case::Start, "Add The HTTP Server"),
        ];
        for (case, made) in all {
            assert_eq!(case.of("add the HTTP server"), made, "{case:?}");
            assert!(case.fits(made), "{case:?}");
        }
    }

    #[test]
    fn words_end_where_the_case_or_the_kind_changes() {
        let cut = |text| words(text).join("|");
        assert_eq!(cut("XMLHttpRequest"), "XML|Http|Request");
        assert_eq!(cut("utf8Reader v2"), "utf|8|Reader|v|2");
        assert_eq!(cut("the 21st and 4th day"), "the|21st|and|4th|day");
        assert_eq!(cut("a.b/c-d_e"), "a|b|c|d|e");
        assert_eq!(cut("don't"), "dont");
        assert_eq!(cut("добавить Чтение"), "добавить|Чтение");
    }

    #[test]
    fn names_in_quotes_may_be_written_as_they_are() {
        assert!(Case::Lower.fits("read `ChangeSet` of \"Git\""));
        assert!(!Case::Lower.fits("read ChangeSet"));
        assert!(!Case::Lower.fits("it's a 'Name' that's"), "apostrophes are taken for quotes, as commitlint does");
        assert!(Case::Lower.fits("`Name`"), "nothing is left to judge");
        assert!(Case::Kebab.fits("2 pages"), "what begins with a digit has no case");
    }
}
