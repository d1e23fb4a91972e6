//! What is written in another way is found as if it stood there plainly.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::{expand, redactor};
use crate::model::Secret;
use crate::secrets::{Known, Mode, Redactor};

/// Masks and checks that nothing of the secret's inside is left; returns what is left.
fn masks(text: &str, secret: &str) -> String {
    let redacted = redactor().redact(text);
    let inside = &secret[4..secret.len() - 2];
    assert!(!redacted.hits.is_empty(), "nothing is found in {text}");
    assert!(!redacted.text.contains(inside), "survived:\n{text}\n->\n{}", redacted.text);
    redacted.text.into_owned()
}

fn token(seed: u64) -> String {
    expand("ghp_‹a36›", seed).0
}

#[test]
fn a_token_in_colours_is_found_and_the_colours_stay() {
    let token = token(1);
    let text = format!("\u{1b}[1;32mexport\u{1b}[0m API_\u{1b}[31mTOKEN\u{1b}[0m=\u{1b}[33m{token}\u{1b}[0m done");
    let left = masks(&text, &token);
    assert!(left.starts_with("\u{1b}[1;32mexport") && left.ends_with("\u{1b}[0m done"), "{left}");
}

#[test]
fn escapes_between_name_and_value_hide_nothing() {
    let (password, _) = expand("Zx‹a12›!7", 4);
    for text in [
        format!("https://h.example/cb?next=%2Fa%3Fpassword%3D{password}%26x%3D1"),
        format!(r#"{{\"user\": \"a\", \"password\": \"{password}\"}}"#),
        format!(r#""{{\\\"password\\\":\\\"{password}\\\"}}""#),
        format!(r"db.password\u003d{password}"),
        format!("&lt;password&gt;{password}&lt;/password&gt;"),
        format!("{{&quot;password&quot;: &quot;{password}&quot;}}"),
        format!("body=%23%20note%0Aname%3A%20x%0Adb_password%3A%20%22{password}%22%0Aport%3A%201%0A"),
        format!("postgres%3A%2F%2Fapp%3A{password}%40db.example%2Fx"),
    ] {
        masks(&text, &password);
    }
}

#[test]
fn what_base64_and_hexadecimal_digits_spell_is_found_and_only_the_secret_part_is_masked() {
    let token = token(2);
    let plain = format!("[default]\nuser = somebody\ntoken = {token}\nregion = nowhere-1\n");
    let hex: String = plain.bytes().map(|b| format!("{b:02x}")).collect();
    for encoded in
        [STANDARD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain), hex, STANDARD.encode(STANDARD.encode(&plain))]
    {
        let text = format!("config: {encoded}\n");
        let redacted = redactor().redact(&text);
        assert_eq!(redacted.hits.len(), 1, "{text}");
        let (start, end) = (redacted.hits[0].start, redacted.hits[0].end);
        assert!(
            start > 12 && end < text.len() - 12,
            "more than the secret is masked: {start}..{end} of {}",
            text.len()
        );
        assert!(end - start <= token.len() * 2 + 6);
    }
}

#[test]
fn a_token_in_pieces_is_found_whole() {
    let token = token(3);
    let (a, b) = token.split_at(14);
    for text in [
        format!("const t = \"{a}\" + \"{b}\";"),
        format!("$t = '{a}' . '{b}';"),
        format!("t = (\"{a}\"\n     \"{b}\")"),
        format!("+  token: \"{a}\" +\n+    \"{b}\","),
        format!("var t = [\"{a}\", \"{b}\"].join(\"\");"),
        format!("t = ''.join(['{a}', '{b}'])"),
        format!("export T={a}\\\n{b}\n"),
        format!("const a = \"{a}\";\nconst t = a + \"{b}\";"),
        format!("t = \"{a}\".concat(\"{b}\");"),
        format!("t = `{a}${{\"{b}\"}}`;"),
        format!("<p>the token: <code>{a}</code><code>{b}</code></p>"),
        format!("Content-Transfer-Encoding: quoted-printable\n\nthe token is {a}=\n{b} for now\n"),
        format!("const t = 'gh' + 'p_' + '{}' + '{}'", &token[4..20], &token[20..]),
    ] {
        masks(&text, a);
        masks(&text, b);
    }
}

#[test]
fn neighbours_that_nobody_joins_stay_apart() {
    for text in [
        r#"words = ["pass", "word", "token"]"#,
        r#"f("secret", "key")"#,
        "\"a\" \"b\" 'c'",
        "let x = \"api\" + \"_key\";",
    ] {
        assert!(redactor().scan(text).is_empty(), "{text}");
    }
}

#[test]
fn a_value_of_the_users_is_known_in_colours_in_pieces_and_in_escapes() {
    let value = ["winter", "holiday", "plans"].join("-");
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(value))], [4; 8]);
    for text in [
        "winter-\u{1b}[31mholiday\u{1b}[0m-plans",
        "x = \"winter-hol\" + \"iday-plans\"",
        "winter-holi\\\nday-plans",
        "winter\\u002dholiday\\u002dplans",
        "winter&#45;holiday&#45;plans",
    ] {
        let masked = redactor.redact(text).text.into_owned();
        assert!(!masked.contains("holi") && !masked.contains("day"), "{text} -> {masked}");
    }
}

#[test]
fn colours_within_colours_come_to_an_end() {
    let text = format!("{}{}", "\u{1b}[".repeat(20_000), "m".repeat(20_000));
    assert!(redactor().redact(&text).hits.is_empty());
}

#[test]
fn what_stands_between_two_pieces_stays() {
    let token = token(9);
    let (a, b) = token.split_at(14);
    let text = format!("const a = \"{a}\";\nlet kept = 1;\nconst t = a + \"{b}\";");
    let left = masks(&text, &token);
    assert!(left.contains("\nlet kept = 1;\nconst t = a + \"") && !left.contains(a) && !left.contains(b), "{left}");
}

#[test]
fn base64_of_wide_characters_and_of_long_files_is_read() {
    let token = token(7);
    let wide: Vec<u8> = format!("$env:TOKEN = '{token}'").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long = format!("{}\ntoken = {token}\n", "some ordinary line of text\n".repeat(6_000));
    for bytes in [wide, long.into_bytes()] {
        let text = format!("powershell -EncodedCommand {}", STANDARD.encode(bytes));
        let hits = redactor().redact(&text).hits;
        assert!(hits.iter().any(|h| h.rule.contains("github")), "{} hits", hits.len());
    }
}
