//! Placeholders: `MSEC_<kind>_<nonce><tag><check>`, word characters only, so that they survive JSON, URLs,
//! shells, YAML, SQL and identifiers.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What every placeholder begins with.
pub(super) const HEAD: &str = "MSEC_";
const NONCE: usize = 5;
const TAG: usize = 9;
const CHECK: usize = 3;
const TAIL: usize = NONCE + TAG + CHECK;
/// Kinds are 2 to 12 lower-case letters or digits.
const KIND_MIN: usize = 2;
const KIND_MAX: usize = 12;
/// No placeholder is longer, as it is written and with what may have been put into it on the way (`\\_`, backticks).
pub(super) const LONGEST: usize = 40;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Makes and recognises the placeholders of one [`Redactor`](super::Redactor).
pub(super) struct Mint {
    key: [u8; 64],
    /// The visible part that tells one redactor's placeholders from another's; says nothing about the key.
    nonce: String,
}

impl Mint {
    pub(super) fn new(nonce: [u8; 8]) -> Self {
        // HMAC pads short keys with zeros to its block of 64 bytes; done here, it cannot fail.
        let mut key = [0u8; 64];
        for (to, from) in key.iter_mut().zip(nonce) {
            *to = from;
        }
        let mut mint = Self { key, nonce: String::new() };
        mint.nonce = letters(&mint.mac(&[b"nonce"]), NONCE);
        mint
    }

    /// A keyed fingerprint of a value: a plain hash of a weak password could be guessed.
    pub(super) fn fingerprint(&self, value: &str) -> [u8; 32] {
        self.mac(&[b"value", value.as_bytes()])
    }

    /// The placeholder of a value by its fingerprint. The check covers all the rest, so that nobody without the
    /// key makes one up.
    pub(super) fn placeholder(&self, kind: &str, fingerprint: &[u8; 32]) -> String {
        let tag = letters(fingerprint, TAG);
        let check = self.check(kind, &tag);
        format!("{HEAD}{kind}_{}{tag}{check}", self.nonce)
    }

    /// The length of the placeholder of ours at the beginning of `bytes`, if one is there.
    pub(super) fn recognise(&self, bytes: &[u8]) -> Option<usize> {
        let rest = bytes.strip_prefix(HEAD.as_bytes())?;
        let kind = rest.iter().take(KIND_MAX + 1).position(|b| *b == b'_')?;
        let kind_text = std::str::from_utf8(rest.get(..kind)?).ok()?;
        let tail = std::str::from_utf8(rest.get(kind + 1..kind + 1 + TAIL)?).ok()?;
        let (nonce, rest) = tail.split_at_checked(NONCE)?;
        let (tag, check) = rest.split_at_checked(TAG)?;
        (nonce == self.nonce && check == self.check(kind_text, tag)).then_some(HEAD.len() + kind + 1 + TAIL)
    }

    fn check(&self, kind: &str, tag: &str) -> String {
        letters(&self.mac(&[b"check", kind.as_bytes(), tag.as_bytes()]), CHECK)
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&self.key).into());
        for part in parts {
            // Lengths keep ("ab", "c") apart from ("a", "bc").
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// What the beginning of a text is, read as a placeholder of anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// It is none, whatever follows.
    No,
    /// It may become one.
    Open,
    /// It is one of this many bytes; the word as it was first written.
    Whole(usize, String),
}

/// Reads a placeholder as a model may have given it back: in any case, with `-` for `_`, with markdown's `\\_`, with
/// backticks put in. It says nothing about whose it is.
pub(super) fn read(bytes: &[u8]) -> Reading {
    let mut word = String::with_capacity(LONGEST);
    let (mut slashes, mut ticks, mut kind) = (0, 0, 0);
    for (at, byte) in bytes.iter().take(LONGEST).enumerate() {
        let lower = char::from(byte.to_ascii_lowercase());
        let joint = matches!(byte, b'_' | b'-');
        if slashes > 0 && !joint && *byte != b'\\' {
            return Reading::No;
        }
        let length = word.len();
        let inside = length > HEAD.len();
        match byte {
            // Twice where markdown stands in a JSON string.
            b'\\' if slashes < 2 && (length + 1 == HEAD.len() || inside && kind == 0) => slashes += 1,
            b'`' if length >= HEAD.len() && ticks < 2 => ticks += 1,
            _ if length < HEAD.len() => {
                let wanted = HEAD.as_bytes().get(length).copied().unwrap_or_default();
                if !(byte.eq_ignore_ascii_case(&wanted) || wanted == b'_' && joint) {
                    return Reading::No;
                }
                word.push(char::from(wanted));
                slashes = 0;
            }
            _ if kind == 0 => {
                let so_far = length - HEAD.len();
                if joint && so_far >= KIND_MIN {
                    word.push('_');
                    (kind, slashes) = (word.len(), 0);
                } else if byte.is_ascii_alphanumeric() && so_far < KIND_MAX {
                    word.push(lower);
                } else {
                    return Reading::No;
                }
            }
            _ if ALPHABET.contains(&byte.to_ascii_lowercase()) => {
                word.push(lower);
                if word.len() == kind + TAIL {
                    return Reading::Whole(at + 1, word);
                }
            }
            _ => return Reading::No,
        }
    }
    if bytes.len() >= LONGEST { Reading::No } else { Reading::Open }
}

/// The length of the placeholder at the beginning of `bytes`, exactly as one is written; anybody's.
pub(super) fn shape(bytes: &[u8]) -> Option<usize> {
    match read(bytes) {
        Reading::Whole(length, word) if bytes.starts_with(word.as_bytes()) => Some(length),
        _ => None,
    }
}

fn letters(bytes: &[u8; 32], count: usize) -> String {
    bytes.iter().take(count).filter_map(|b| ALPHABET.get(usize::from(b & 31))).map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_word_and_other_nonces_other_words() {
        let (a, b) = (Mint::new([1; 8]), Mint::new([2; 8]));
        let word = |m: &Mint, v: &str| m.placeholder("github", &m.fingerprint(v));
        assert_eq!(word(&a, "x"), word(&a, "x"));
        assert_ne!(word(&a, "x"), word(&a, "y"));
        assert_ne!(word(&a, "x"), word(&b, "x"));
        assert!(word(&a, "x").bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_'));
        assert!(word(&a, "x").len() <= 40);
    }

    #[test]
    fn only_its_own_untouched_words_are_recognised() {
        let mint = Mint::new([7; 8]);
        let word = mint.placeholder("aws", &mint.fingerprint("v"));
        assert_eq!(mint.recognise(format!("{word}@host").as_bytes()), Some(word.len()));
        assert_eq!(Mint::new([8; 8]).recognise(word.as_bytes()), None);
        assert_eq!(mint.recognise(word.replace("aws", "gcp").as_bytes()), None);
        assert_eq!(mint.recognise(b"MSEC_aws_aaaaabbbbbbbbbccc"), None);
        assert_eq!(mint.recognise(b"MSEC_"), None);
    }

    #[test]
    fn a_word_is_read_back_from_what_writers_make_of_it() {
        let mint = Mint::new([7; 8]);
        let word = mint.placeholder("aws", &mint.fingerprint("v"));
        let mut ticks = word.clone();
        ticks.insert(8, '`');
        ticks.insert(5, '`');
        let forms = [
            word.clone(),
            word.to_lowercase(),
            word.to_uppercase(),
            word.replace('_', "-"),
            word.replace('_', "\\_"),
            word.replace('_', "\\\\_"),
            ticks,
        ];
        for form in forms {
            assert_eq!(read(form.as_bytes()), Reading::Whole(form.len(), word.clone()), "{form}");
            let longer = format!("{form}_and_more");
            assert_eq!(read(longer.as_bytes()), Reading::Whole(form.len(), word.clone()), "{form}");
            for cut in 0..form.len() {
                assert_eq!(read(&form.as_bytes()[..cut]), Reading::Open, "{form} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_no_placeholder_is_known_as_soon_as_it_shows() {
        for text in [
            "x",
            "MX",
            "MSEC ",
            "MSEC__",
            "MSEC_a_",
            "MSEC_aws ",
            "MSEC_aws_1",
            "MSEC_aws_\\_",
            "MSEC_abcdefghijklm",
            "MSEC\\x",
            "M`SEC_",
        ] {
            assert_eq!(read(text.as_bytes()), Reading::No, "{text}");
        }
        assert_eq!(read("MSEC_".repeat(20).as_bytes()), Reading::No);
        let slashes = format!("MSEC_aws{}", "`\\".repeat(40));
        assert_eq!(read(slashes.as_bytes()), Reading::No);
    }

    #[test]
    fn a_word_survives_what_texts_are_put_into() {
        let mint = Mint::new([9; 8]);
        let word = mint.placeholder("github", &mint.fingerprint("v"));
        // JSON and URLs leave it as it is; so do shells, SQL, YAML and languages, for which it is one name.
        assert_eq!(serde_json::to_string(&word).unwrap(), format!("\"{word}\""));
        assert!(word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "no byte that anything escapes");
        assert!(word.starts_with(|c: char| c.is_ascii_alphabetic()), "an identifier begins with a letter");
        assert!(word.parse::<f64>().is_err(), "YAML reads no number");
        assert!(word.len() <= LONGEST - 3 && word.len() < 63, "room for what is put in; a DNS label, a column's name");
        assert_eq!(shape(word.as_bytes()), Some(word.len()));
        assert_eq!(shape(word.to_uppercase().as_bytes()), None);
    }
}
