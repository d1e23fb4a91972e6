//! Drawn by lot, or a name that people made? Weighed in bits.

use super::speech::pair;

/// Numbers that names end in more often than others.
const USUAL: [&[u8]; 24] = [
    b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"8", b"10", b"16", b"32", b"64", b"100", b"123", b"128", b"256", b"384",
    b"512", b"1024", b"1234", b"12345", b"123456", b"2024", b"2025",
];

/// How many bits speak for letters and digits drawn by lot, against words, humps and numbers as names have them.
/// Names of code lie below 0, nearly all below 7; nine of ten drawn values of eight characters lie above 0. Marks say
/// nothing.
pub(in crate::secrets) fn odds(value: &str) -> f64 {
    let bytes = value.as_bytes();
    let has = |kind: fn(&u8) -> bool| bytes.iter().any(kind);
    let alphabet = match (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit)) {
        (a, b, true) if a != b && bytes.iter().all(u8::is_ascii_hexdigit) => 16.0,
        (a, b, d) => f64::from(26 * u8::from(a) + 26 * u8::from(b) + 10 * u8::from(d)),
    };
    let (mut name, mut lot, mut at, mut groups) = (0.0, 0.0, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.iter().skip(at).take_while(|b| b.is_ascii_digit()).count();
        let letters = bytes.iter().skip(at).take_while(|b| b.is_ascii_alphabetic()).count();
        if digits > 0 {
            let run = bytes.get(at..at + digits).unwrap_or_default();
            groups += 1;
            name += if at + digits == bytes.len() { 2.5 } else { 4.5 };
            name += if groups > 1 { 3.0 } else { 0.0 } + if at == 0 { 3.0 } else { 0.0 };
            name += if USUAL.contains(&run) || rising(run) { 2.5 } else { 3.6 * length(digits) };
        } else if letters > 0 {
            name += word(bytes.get(at..at + letters).unwrap_or_default());
        } else {
            at += if byte.is_ascii() { 1 } else { return 0.0 };
            continue;
        }
        lot += length(digits + letters);
        at += digits + letters;
    }
    if alphabet < 2.0 { 0.0 } else { name - lot * f64::log2(alphabet) }
}

fn length(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// `123`, `4567`: counted up.
fn rising(run: &[u8]) -> bool {
    run.len() > 2 && run.windows(2).all(|w| matches!(w, [a, b] if a.checked_add(1) == Some(*b)))
}

/// What letters in a row cost as words with humps.
fn word(letters: &[u8]) -> f64 {
    // A piece of one letter or two is no word.
    let short = |piece: usize| match piece {
        1 => 3.0,
        2 => 2.0,
        _ => 0.0,
    };
    let (mut bits, mut piece) = (4.0, 1);
    for pair in letters.windows(2) {
        let [before, here] = *pair else { continue };
        // One letter again and again, and the alphabet: nobody draws these.
        let next = (before | 32).abs_diff(here | 32) <= 1;
        let usual = if next { 1.0 } else { (9.0 - f64::from(self::pair(before, here).unwrap_or_default())).max(0.8) };
        piece += 1;
        bits += match (before.is_ascii_uppercase(), here.is_ascii_uppercase()) {
            (false, true) => {
                let bits = short(piece - 1) + 6.5;
                piece = 1;
                bits
            }
            (true, true) => usual + if piece == 2 { 1.5 } else { 0.3 },
            (true, false) => usual + if piece == 2 { 0.2 } else { 2.0 },
            (false, false) => usual,
        };
    }
    bits + short(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_code_and_words_lie_below_zero() {
        for name in [
            "userPassword",
            "Aes256Gcm",
            "oauth2Token",
            "getElementById",
            "newpass1",
            "sunshine",
            "Passwort",
            "abcdef12",
            "parser2",
            "base64Str",
            "dbPass2",
            "v1beta1",
            "Winter2024",
            "wachtwoord",
            "aaaaaaaa",
            "",
        ] {
            assert!(odds(name) < 0.0 || name.is_empty(), "{name} {}", odds(name));
        }
    }

    #[test]
    fn what_is_drawn_lies_above() {
        for drawn in ["xKq7ZpLm", "qzxkvjwpbt", "p7x2kq9w", "QxzvKjwP", "a8F3kz9Q"] {
            assert!(odds(drawn) > 3.0, "{drawn} {}", odds(drawn));
        }
    }
}
