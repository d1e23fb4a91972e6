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
const KIND_MAX: usize = 12;
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
}
