//! Drawn by lot, or a name that people made? Weighed in bits.

use super::speech::pair;

/// Numbers that names end in more often than others.
const USUAL: [&[u8]; 24] = [
    b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"8", b"10", b"16", b"32", b"64", b"100", b"123", b"128", b"256", b"384",
    b"512", b"1024", b"1234", b"12345", b"123456", b"2024", b"2025",
];

/// How many bits speak for letters and digits drawn by lot, against words, humps and numbers as names have them; the
/// weights were fitted to the names in a lot of code. Nearly all names lie below 2, of drawn values of eight characters
/// nineteen in twenty above. Marks say nothing.
pub(in crate::secrets) fn odds(value: &str) -> f64 {
    let bytes = value.as_bytes();
    let (mut bits, mut at, mut groups) = (-5.9, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let letters = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if digits > 0 {
            let run = rest.get(..digits).unwrap_or_default();
            groups += 1;
            bits += if digits == rest.len() { 0.25 } else { 8.5 };
            bits += if at == 0 { 3.1 } else { 0.0 } - if groups > 1 { 1.0 } else { 0.0 };
            bits += if USUAL.contains(&run) || rising(run) { 0.0 } else { 0.85 * length(digits) };
        } else if letters > 0 {
            bits += word(rest.get(..letters).unwrap_or_default());
        } else if !byte.is_ascii() {
            return -5.9;
        }
        at += (digits + letters).max(1);
    }
    bits
}

fn length(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// `123`, `4567`: counted up.
fn rising(run: &[u8]) -> bool {
    run.len() > 2 && run.windows(2).all(|w| matches!(w, [a, b] if a.checked_add(1) == Some(*b)))
}

/// What letters in a row say: words with humps or not.
fn word(letters: &[u8]) -> f64 {
    // A piece of one letter or two is no word.
    let short = |piece: usize| match piece {
        1 => 2.4,
        2 => 3.3,
        _ => 0.0,
    };
    let (mut bits, mut piece) = (-4.65, 1);
    for pair in letters.windows(2) {
        let [before, here] = *pair else { continue };
        piece += 1;
        let rare = 9.0 - f64::from(self::pair(before, here).unwrap_or_default());
        let said = match (before.is_ascii_uppercase(), here.is_ascii_uppercase()) {
            (false, true) => {
                bits += short(piece - 1) + 2.4;
                piece = 1;
                continue;
            }
            (true, true) => 0.85 * rare - if piece == 2 { 0.9 } else { 3.0 },
            (true, false) => 1.26 * rare - if piece == 2 { 6.7 } else { 2.5 },
            (false, false) => 1.3 * rare - 4.3,
        };
        // One letter again and again, and the alphabet: nobody draws these.
        bits += if (before | 32).abs_diff(here | 32) <= 1 { said.min(0.5) } else { said };
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
            "Sha256",
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
            assert!(odds(name) < 0.0, "{name} {}", odds(name));
        }
    }

    #[test]
    fn what_is_drawn_lies_above() {
        for drawn in ["xKq7ZpLm", "qzxkvjwpbt", "p7x2kq9w", "QxzvKjwP", "a8F3kz9Q"] {
            assert!(odds(drawn) > 3.0, "{drawn} {}", odds(drawn));
        }
    }
}
