//! How subjects are written, beside their form: case, tense, length, language, pictures, trailers.

use std::collections::HashMap;

/// A habit is what so many of a hundred do.
const MOST: usize = 70;
/// Of fewer subjects nothing is said but their form.
const FEW: usize = 5;

/// How the first word of a subject says what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tense {
    /// `add paging`.
    #[default]
    Imperative,
    /// `added paging`.
    Past,
    /// `adds paging`.
    Present,
}

/// What most subjects have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Habits {
    /// The text begins with a capital; `None` = no habit.
    pub capital: Option<bool>,
    /// It ends with a full stop.
    pub stop: bool,
    /// Its first word.
    pub tense: Tense,
    /// Nine of ten are no longer than this (characters); `None` = too few to tell.
    pub long: Option<usize>,
    /// Pictures are written by name, `:bug:`.
    pub named_pictures: bool,
    /// The language, in English; `None` = English, or nobody can tell.
    pub language: Option<&'static str>,
    /// Keys of trailers that more than half of the messages have.
    pub trailers: Vec<String>,
}

/// Learns from messages, newest first: the words of the subject without type and key, the whole subject, the body.
pub(super) fn habits(messages: &[(&str, &str, &str)]) -> Habits {
    let named = messages.iter().filter(|(_, subject, _)| subject.starts_with(':')).count();
    let pictured = messages.iter().filter(|(_, subject, _)| subject.chars().next().is_some_and(picture)).count();
    let mut out = Habits { named_pictures: named > pictured, ..Habits::default() };
    if messages.len() < FEW {
        return out;
    }
    let words = || messages.iter().map(|(words, ..)| *words);
    let of_letters: Vec<char> = words().filter_map(|w| w.chars().next()).filter(|c| c.is_alphabetic()).collect();
    let cased = |upper: bool| {
        let n = of_letters.iter().filter(|c| if upper { c.is_uppercase() } else { c.is_lowercase() }).count();
        most(n, of_letters.len())
    };
    out.capital = if cased(true) { Some(true) } else { Some(false).filter(|_| cased(false)) };
    out.stop = most(words().filter(|w| w.ends_with('.') && !w.ends_with("..")).count(), messages.len());
    out.tense = tense(words());
    let mut lengths: Vec<usize> = messages.iter().map(|(_, subject, _)| subject.chars().count()).collect();
    lengths.sort_unstable();
    out.long = lengths.get(lengths.len() * 9 / 10).copied();
    out.language = language(&words().collect::<Vec<_>>());
    out.trailers = trailers(messages.iter().map(|(_, _, body)| *body), messages.len());
    out
}

fn most(n: usize, all: usize) -> bool {
    all > 0 && n * 100 >= all * MOST
}

pub(super) fn picture(c: char) -> bool {
    u32::from(c) >= 0x2190 && !c.is_alphabetic()
}

/// Words that end like a past or a third person and are neither.
const NEITHER: [&str; 22] = [
    "access", "address", "alias", "always", "bypass", "compress", "cross", "css", "docs", "embed", "express", "feed",
    "focus", "need", "pass", "process", "seed", "speed", "suppress", "tests", "this", "unless",
];

fn tense<'a>(words: impl Iterator<Item = &'a str>) -> Tense {
    let (mut past, mut present, mut all) = (0_usize, 0_usize, 0_usize);
    for word in words.filter_map(|w| w.split([' ', ',', ':']).next()) {
        let word = word.to_lowercase();
        if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            continue;
        }
        all += 1;
        if NEITHER.contains(&word.as_str()) {
            continue;
        }
        past +=
            usize::from(word.ends_with("ed") || ["made", "wrote", "built", "sent", "took"].contains(&word.as_str()));
        present += usize::from(word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us"));
    }
    match (most(past, all), most(present, all)) {
        (true, _) => Tense::Past,
        (_, true) => Tense::Present,
        _ => Tense::Imperative,
    }
}

/// Small words that one language has and the others do not.
const SMALL: [(&str, [&str; 16]); 7] = [
    (
        "German",
        [
            "der", "die", "das", "und", "für", "nicht", "mit", "von", "zu", "im", "auf", "ist", "bei", "wird", "den",
            "ein",
        ],
    ),
    (
        "French",
        ["le", "la", "les", "des", "du", "et", "pour", "dans", "une", "un", "sur", "avec", "de", "au", "aux", "est"],
    ),
    (
        "Spanish",
        ["el", "los", "las", "del", "y", "para", "en", "una", "un", "con", "por", "al", "de", "se", "que", "es"],
    ),
    (
        "Portuguese",
        ["o", "os", "as", "da", "do", "dos", "das", "e", "para", "em", "uma", "um", "com", "por", "na", "no"],
    ),
    (
        "Italian",
        ["il", "lo", "gli", "della", "del", "e", "per", "nel", "una", "un", "con", "di", "alla", "dei", "che", "nella"],
    ),
    (
        "Dutch",
        [
            "de", "het", "een", "en", "voor", "niet", "met", "van", "op", "naar", "bij", "wordt", "uit", "te", "is",
            "aan",
        ],
    ),
    (
        "English",
        ["the", "and", "for", "not", "with", "of", "to", "in", "on", "is", "when", "from", "a", "an", "by", "if"],
    ),
];

/// A language by the letters that only it has.
type Script = (&'static str, fn(char) -> bool);

/// The language of most subjects; `None` for English and where it cannot be told.
fn language(subjects: &[&str]) -> Option<&'static str> {
    let in_script = |of: fn(char) -> bool| most(subjects.iter().filter(|s| s.chars().any(of)).count(), subjects.len());
    // Chinese characters stand in Japanese too, kana in Japanese alone.
    let scripts: [Script; 5] = [
        ("Japanese", |c| matches!(c, '\u{3040}'..='\u{30ff}')),
        ("Korean", |c| matches!(c, '\u{ac00}'..='\u{d7af}')),
        ("Chinese", |c| matches!(c, '\u{4e00}'..='\u{9fff}')),
        ("Russian", |c| matches!(c, '\u{400}'..='\u{4ff}')),
        ("Greek", |c| matches!(c, '\u{370}'..='\u{3ff}')),
    ];
    if let Some((name, _)) = scripts.into_iter().find(|(_, of)| in_script(*of)) {
        return Some(name);
    }
    let mut counts = [0_usize; SMALL.len()];
    let mut told = 0_usize;
    for subject in subjects {
        let lower = subject.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
        let of = |small: &[&str]| words.iter().filter(|w| small.contains(w)).count();
        let found: Vec<usize> = SMALL.iter().map(|(_, small)| of(small)).collect();
        let best = found.iter().copied().max().unwrap_or(0);
        // Neighbours share small words: who is alone at the top is meant.
        if best > 0 && found.iter().filter(|n| **n == best).count() == 1 {
            told += 1;
            for (count, n) in counts.iter_mut().zip(&found) {
                *count += usize::from(*n == best);
            }
        }
    }
    let (place, n) = counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
    let name = SMALL.get(place)?.0;
    // Many subjects have no small words at all.
    let enough = told >= 3 && told * 3 >= subjects.len();
    (enough && most(*n, told) && name != "English").then_some(name)
}

fn trailers<'a>(bodies: impl Iterator<Item = &'a str>, all: usize) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for body in bodies {
        let last = body.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let mut keys: Vec<&str> =
            last.lines().filter_map(|l| Some(l.split_once(": ")?.0)).filter(|key| word(key)).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            *counts.entry(key.to_owned()).or_default() += 1;
        }
    }
    let mut out: Vec<String> = counts.into_iter().filter(|(_, n)| *n * 2 > all).map(|(key, _)| key).collect();
    out.sort();
    out
}

fn word(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_uppercase()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subjects: &[&str]) -> Habits {
        habits(&subjects.iter().map(|s| (*s, *s, "")).collect::<Vec<_>>())
    }

    #[test]
    fn case_stop_tense_and_length_are_told() {
        let plain = of(&["Add a page", "Fix the count", "Remove it", "Count all", "Move pages about"]);
        assert_eq!(
            (plain.capital, plain.stop, plain.tense, plain.long),
            (Some(true), false, Tense::Imperative, Some(16))
        );
        let told = of(&["added a page.", "fixed the count.", "removed it.", "counted all.", "moved pages."]);
        assert_eq!((told.capital, told.stop, told.tense), (Some(false), true, Tense::Past));
        let third = of(&["adds a", "fixes b", "Removes c", "counts d", "passes e"]);
        assert_eq!((third.capital, third.tense), (Some(false), Tense::Present));
        let none = of(&["address a", "process b", "pass c", "Seed d", "Embed e"]);
        assert_eq!((none.capital, none.tense), (None, Tense::Imperative));
        assert_eq!(of(&["Added", "Added"]), Habits::default(), "too few to tell");
    }

    #[test]
    fn a_language_is_told_by_its_small_words_and_letters() {
        let german = [
            "Seiten für die Liste zählen",
            "Fehler im Zähler beheben",
            "Texte mit der Hilfe ergänzen",
            "Zähler und Liste trennen",
            "Rand bei den Seiten ändern",
        ];
        assert_eq!(of(&german).language, Some("German"));
        let french = [
            "ajoute la pagination",
            "corrige le compte des pages",
            "retire les tests du module",
            "déplace une page",
            "compte avec le cache",
        ];
        assert_eq!(of(&french).language, Some("French"));
        let spanish = [
            "añade el conteo",
            "corrige los nombres del módulo",
            "mueve las páginas",
            "quita una página",
            "cuenta con el caché",
        ];
        assert_eq!(of(&spanish).language, Some("Spanish"));
        assert_eq!(
            of(&["ページを数える", "修正する", "リストを直す", "名前のテスト", "テストを足す"]).language,
            Some("Japanese")
        );
        assert_eq!(of(&["修复分页", "添加列表", "删除缓存", "更新文档", "重构代码"]).language, Some("Chinese"));
        let english = [
            "add the pages",
            "fix the count of pages",
            "remove it from the list",
            "move in a page",
            "die when the list is empty",
        ];
        assert_eq!(of(&english).language, None);
        assert_eq!(of(&["add a", "fix b", "c", "d", "e"]).language, None);
    }

    #[test]
    fn trailers_and_pictures_are_told() {
        let body = "Why.\n\nSigned-off-by: A <a@b.c>\nRefs: x";
        let all = [
            ("a b", ":bug: a b", body),
            ("c", ":art: c", body),
            ("d", ":art: d", body),
            ("e", "e", ""),
            ("f", "✨ f", "Not: a trailer at all here"),
        ];
        let told = habits(&all);
        assert_eq!((told.trailers, told.named_pictures), (vec!["Refs".to_owned(), "Signed-off-by".to_owned()], true));
    }
}
