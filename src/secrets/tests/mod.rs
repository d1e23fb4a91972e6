//! Stories about what is masked and what is left alone.

mod assigned;
mod bodies;
mod canaries;
mod clean;
mod examples;
mod people;
mod policy;
mod properties;
mod recall;
mod resent;
mod restoring;
mod streaming;
mod vendors;
mod views;
mod work;

use super::{Known, Mode, Policy, Redactor};
use crate::model::Secret;

/// Expands `‹a36›`: that many characters of a class, the same for the same seed. Returns the text and the secrets.
pub(super) fn expand(pattern: &str, seed: u64) -> (String, Vec<String>) {
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    let (mut out, mut secrets) = (String::new(), Vec::new());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('‹') {
        out.push_str(before);
        let (code, after) = after.split_once('›').unwrap();
        if let Some(count) = code.strip_prefix('m') {
            // Words of a wallet's seed phrase.
            const WORDS: [&str; 8] = ["ocean", "ribbon", "planet", "giraffe", "velvet", "timber", "copper", "lunar"];
            let words: Vec<&str> = (0..count.parse().unwrap()).map(|_| WORDS[next() % WORDS.len()]).collect();
            out.push_str(&words.join(" "));
            secrets.push(words.join(" "));
            rest = after;
            continue;
        }
        let alphabet = match code.as_bytes()[0] {
            b'a' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            b'h' => "0123456789abcdef",
            b'u' | b's' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            b'd' => "123456789",
            b'n' => "abcdefghijklmnopqrstuvwxyz0123456789",
            b'z' => "abcdefghijklmnopqrstuvwxyz",
            b't' => "abcdefghijklmnopqrstuvwxyz234567",
            b'x' => "0123456789ABCDEF",
            b'c' => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
            b'b' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            b'w' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
            b'l' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            other => panic!("no class {other}"),
        };
        let mut value: Vec<u8> =
            (0..code[1..].parse::<usize>().unwrap()).map(|_| alphabet.as_bytes()[next() % alphabet.len()]).collect();
        // Tokens begin and end with a letter or digit, so that what is no part of the alphabet ends them.
        for edge in [0, value.len().saturating_sub(1)] {
            if value.get(edge).is_some_and(|b| !b.is_ascii_alphanumeric()) {
                value[edge] = b'q';
            }
        }
        let value = String::from_utf8(value).unwrap();
        out.push_str(&value);
        secrets.push(value);
        rest = after;
    }
    out.push_str(rest);
    (out, secrets)
}

pub(super) fn redactor() -> Redactor {
    Redactor::new(Mode::Redact, Vec::new(), [3; 8])
}

/// The masked text, after checking that no planted secret is left in it.
fn masked(text: &str, secrets: &[String]) -> String {
    let masked = redactor().redact(text).text.into_owned();
    for secret in secrets {
        assert!(!masked.contains(secret.as_str()), "survived:\n{text}\n->\n{masked}");
    }
    masked
}

#[test]
fn a_known_credential_is_masked_in_every_form() {
    let value = format!("{}/{}&=\"x", "plain", "words-nobody-would-suspect");
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(value.clone()))], [1; 8]);
    let encoded = "plain%2Fwords-nobody-would-suspect%26%3D%22x";
    let json = serde_json::to_string(&value).unwrap();
    let text = format!("a {value} b {encoded} c {json} d");
    let redacted = redactor.redact(&text);
    assert!(!redacted.text.contains("suspect"), "{}", redacted.text);
    assert_eq!(redacted.hits[0].label.as_deref(), Some("work"));
    assert!(redacted.text.starts_with("a MSEC_known_") && redacted.text.ends_with("\" d"));

    use base64::Engine;
    for lead in ["", "u", "us", "usr:"] {
        let inside = base64::engine::general_purpose::STANDARD.encode(format!("{lead}{value}-tail"));
        let found = redactor.scan(&format!("x {inside} y"));
        assert_eq!(found.len(), 1, "{lead}");
        assert!(found[0].end - found[0].start + 12 >= inside.len() - lead.len(), "{lead}");
    }
}

#[test]
fn what_one_redactor_learns_those_beside_it_know() {
    let first = Redactor::new(Mode::Redact, vec![Known::from(Secret::new("summer-holiday-plans".to_owned()))], [1; 8]);
    let second = first.beside(Policy::all(Mode::Block), [2; 8]);
    let before = second.age();
    first.learn(Secret::new("winter-holiday-plans".to_owned()));
    assert!(second.age() > before, "what was found before may be too little");
    for word in ["summer-holiday-plans", "winter-holiday-plans"] {
        assert!(second.redact(word).hits.iter().any(|hit| hit.mode == Mode::Block), "{word}");
    }
}

#[test]
fn what_is_learned_later_is_masked_from_then_on() {
    let redactor = redactor();
    assert!(redactor.scan("see winter-holiday-plans").is_empty());
    redactor.learn(Secret::new("winter-holiday-plans".to_owned()));
    assert_eq!(redactor.scan("see winter-holiday-plans").len(), 1);
}

#[test]
fn one_value_has_one_placeholder_whatever_finds_it() {
    let redactor = redactor();
    let (text, _) = expand("postgres://app:‹a14›@h/d", 5);
    let value = &text["postgres://app:".len()..text.len() - "@h/d".len()];
    let first = redactor.redact(&text).hits[0].placeholder.clone();
    let second = redactor.redact(&format!("DB_PASSWORD={value}")).hits[0].placeholder.clone();
    assert_eq!(first, second);
}

#[test]
fn a_value_found_once_is_masked_everywhere_in_the_text() {
    let (text, secrets) = expand("API_KEY=‹a30›\nsee log line ‹a0›", 1);
    let text = format!("{text} {}", secrets[0]);
    assert!(!masked(&text, &secrets[..1]).contains(&secrets[0]));
}

#[test]
fn modes_decide_what_happens_to_the_text() {
    let (text, secrets) = expand("token ghp_‹a36›", 9);
    let with = |mode| Redactor::new(mode, Vec::new(), [0; 8]);
    assert!(with(Mode::Off).redact(&text).hits.is_empty());
    let warned = with(Mode::Warn);
    let warned = warned.redact(&text);
    assert_eq!((warned.text.as_ref(), warned.hits.len()), (text.as_str(), 1));
    assert!(!format!("{warned:?}").contains(&secrets[0]));
    assert!(!with(Mode::Block).redact(&text).text.contains(&secrets[0]));
    assert_eq!(with(Mode::Off).scan(&text).len(), 1);
}

#[test]
fn nothing_that_can_be_printed_shows_a_secret() {
    let secret = "only-the-owner-knows-this".to_owned();
    let known = Known::new("a", Secret::new(secret.clone()));
    let redactor = Redactor::new(Mode::Redact, vec![known.clone()], [1; 8]);
    let redacted = redactor.redact("say only-the-owner-knows-this");
    for shown in
        [format!("{redactor:?}"), format!("{known:?}"), format!("{redacted:?}"), format!("{:?}", redacted.hits)]
    {
        assert!(!shown.contains(&secret), "{shown}");
    }
}

#[test]
fn logs_are_masked_without_a_redactor() {
    let (text, secrets) = expand("401 for key sk-ant-api03-‹w93›AA (and nothing else)", 2);
    let shown = super::mask(&text);
    assert!(!shown.contains(&secrets[0]));
    assert_eq!(shown, "401 for key <hidden Anthropic key> (and nothing else)");
    assert_eq!(super::mask("nothing here"), "nothing here");
}

#[test]
fn another_conversations_placeholders_pass_untouched() {
    let (text, secrets) = expand("API_KEY=ghp_‹a36› and postgres://app:‹a14›@db/x", 4);
    let other = Redactor::new(Mode::Redact, Vec::new(), [8; 8]);
    let masked = other.redact(&text).text.into_owned();
    let again = redactor().redact(&masked).text.into_owned();
    assert_eq!(again, masked);
    // What touches such a word is still a secret.
    let word = other.redact(&text).hits[0].placeholder.clone();
    let hidden = format!("API_KEY=\"{word}{}\"", secrets[0]);
    assert!(!redactor().redact(&hidden).text.contains(&secrets[0]));
}

#[test]
fn what_stands_beside_a_placeholder_in_one_value_is_a_secret_still() {
    let redactor = redactor();
    let word = redactor.redact(&expand("ghp_‹a36›", 77).0).text.into_owned();
    for (pattern, seed) in [
        ("password = \"PH‹a24›\"", 1),
        ("password = \"‹a24›PH\"", 2),
        ("password = \"PH‹a12›PH‹a24›\"", 3),
        ("x ghp_‹a36›PH", 4),
        ("postgres://u:‹a20›PH@h/db", 5),
        ("postgres://u:PH‹a20›@h/db", 6),
        ("private_key: |\n  PH\n  ‹a40›\n  ‹a40›\nnext: 1\n", 7),
        ("secret: PH/‹a24›", 8),
    ] {
        let (text, secrets) = expand(pattern, seed);
        let text = text.replace("PH", &word);
        let masked = redactor.redact(&text).text.into_owned();
        for secret in &secrets {
            assert!(!masked.contains(secret.as_str()), "{text}\n-> {masked}");
        }
        assert!(masked.contains(&word), "{masked}");
        assert_eq!(redactor.redact(&masked).text, masked, "once is enough");
    }
    for text in
        ["password = \"PH\"", "password = \"(PH)\"", "Authorization: Bearer PH", "token: \"Bearer PH\"", "a PH b"]
    {
        let text = text.replace("PH", &word);
        assert_eq!(redactor.redact(&text).text, text);
    }
}
