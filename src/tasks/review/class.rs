//! The kinds of problems that a model's findings are sorted into: a closed list, so that they can be counted, ignored and
//! compared.

/// Each with parts of words that mean it too. The first row that fits holds.
const CLASSES: &[(&str, &[&str])] = &[
    ("off-by-one", &["off-by", "boundary", "fencepost"]),
    ("injection", &["inject", "xss", "cross-site-scripting"]),
    ("path-traversal", &["traversal"]),
    ("access-control", &["auth", "permission", "privilege", "access", "csrf", "ssrf", "idor"]),
    ("weak-crypto", &["crypt", "hash", "random", "tls", "certificate"]),
    ("secret", &["credential", "secret-leak", "exposure", "disclosure"]),
    ("unsafe-input", &["validation", "untrusted", "deserial", "sanitiz", "redos", "security"]),
    ("data-loss", &["data-loss", "data-corruption", "overwrit", "truncat"]),
    ("race", &["race-", "concurren", "atomic", "thread"]),
    ("deadlock", &["deadlock", "lock"]),
    ("infinite-loop", &["infinite", "endless", "recursion"]),
    ("resource-leak", &["leak", "unclosed", "not-closed"]),
    ("null-access", &["null", "none-", "nil", "undefined", "option"]),
    ("out-of-bounds", &["bounds", "index", "overrun", "use-after-free", "memory"]),
    ("overflow", &["overflow", "underflow", "wraparound"]),
    ("wrong-result", &["logic", "incorrect", "wrong", "inverted", "condition", "arithmetic", "calculation", "bug"]),
    ("type-error", &["type", "cast", "conversion"]),
    ("unhandled-error", &["error", "exception", "unwrap", "panic"]),
    ("broken-caller", &["caller", "signature", "call-site"]),
    ("broken-interface", &["interface", "api", "compat", "breaking"]),
    ("crash", &["crash", "abort", "segfault"]),
    ("slow", &["perform", "quadratic", "slow", "n+1", "complexity"]),
    ("test", &["test", "assert"]),
    ("style", &["style", "naming", "formatting", "readab", "lint", "typo", "comment", "document"]),
];

/// What is none of the others.
const OTHER: &str = "other";
/// How things look, which programs keep better than findings do.
pub(super) const STYLE: &str = "style";

/// Every name.
pub(in crate::tasks) fn names() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|(name, _)| *name).chain([OTHER])
}

/// The class that a model's word for it means.
#[must_use]
pub(super) fn class(word: &str) -> &'static str {
    let word: String =
        word.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '+' { c } else { '-' }).collect();
    let word = word.trim_matches('-');
    names()
        .find(|name| *name == word)
        .or_else(|| CLASSES.iter().find(|(_, parts)| parts.iter().any(|p| word.contains(p))).map(|(name, _)| *name))
        .unwrap_or(OTHER)
}

/// Those of security or lost data: too grave to be left out when nobody is sure.
const GRAVE: [&str; 7] =
    ["injection", "path-traversal", "access-control", "weak-crypto", "secret", "unsafe-input", "data-loss"];
/// Words by which classes of rules are of that kind too, as in `shell-injection`.
const WORDS: [&str; 8] = ["injection", "traversal", "crypto", "secret", "shell", "tls", "xss", "deserialization"];

/// The class is of security or lost data.
#[must_use]
pub fn grave(class: &str) -> bool {
    GRAVE.contains(&class) || class.split('-').any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_grave_is_a_class() {
        for class in GRAVE {
            assert!(names().any(|name| name == class), "{class}");
        }
    }

    #[test]
    fn every_word_is_one_of_the_list() {
        for (word, expected) in [
            ("data-loss!!", "data-loss"),
            ("Off by one", "off-by-one"),
            ("SQL injection", "injection"),
            ("logic_error", "wrong-result"),
            ("null-pointer-dereference", "null-access"),
            ("memory leak", "resource-leak"),
            ("vibes", "other"),
            ("", "other"),
        ] {
            assert_eq!(class(word), expected, "{word}");
        }
        assert!(names().all(|name| class(name) == name));
    }
}
