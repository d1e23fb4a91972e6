//! Words for one quick look-up: packed into integers and sorted when the program is compiled.

/// A set of words in lower case, none longer than [`WIDEST`] bytes.
pub(in crate::secrets) struct Set<const N: usize>([u128; N]);

/// Longest word that a set can hold, in bytes.
const WIDEST: usize = 16;

/// How many words a text holds.
pub(in crate::secrets) const fn count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut words, mut at, mut inside) = (0, 0, false);
    while at < bytes.len() {
        let blank = bytes[at].is_ascii_whitespace();
        words += (!blank && !inside) as usize;
        inside = !blank;
        at += 1;
    }
    words
}

impl<const N: usize> Set<N> {
    /// Packs and sorts the words of a text; evaluated at compile time, where a word that is too long fails the build.
    pub(in crate::secrets) const fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut packed = [0; N];
        let (mut at, mut word) = (0, 0);
        while word < N {
            while bytes[at].is_ascii_whitespace() {
                at += 1;
            }
            let (mut value, mut length) = (0u128, 0);
            while at < bytes.len() && !bytes[at].is_ascii_whitespace() {
                value = value << 8 | bytes[at].to_ascii_lowercase() as u128;
                length += 1;
                at += 1;
            }
            assert!(length <= WIDEST, "too long for a set");
            let mut place = word;
            while place > 0 && packed[place - 1] > value {
                packed[place] = packed[place - 1];
                place -= 1;
            }
            packed[place] = value;
            word += 1;
        }
        Self(packed)
    }

    pub(in crate::secrets) fn has(&self, word: Packed) -> bool {
        word.0 != 0 && self.0.binary_search(&word.0).is_ok()
    }
}

/// A word as sets compare it: in lower case; one that is too long is in no set.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::secrets) struct Packed(u128);

impl Packed {
    pub(in crate::secrets) fn of(word: &[u8]) -> Self {
        if word.len() > WIDEST {
            return Self(0);
        }
        Self(word.iter().fold(0, |packed, b| packed << 8 | u128::from(b.to_ascii_lowercase())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "token a\n encryptionkey ";
    static FEW: Set<{ count(WORDS) }> = Set::new(WORDS);

    #[test]
    fn a_set_holds_its_words_in_any_case_and_no_others() {
        for word in ["token", "TOKEN", "a", "EncryptionKey"] {
            assert!(FEW.has(Packed::of(word.as_bytes())), "{word}");
        }
        for word in ["", "toke", "tokens", "b", "encryptionkeyencryptionkey"] {
            assert!(!FEW.has(Packed::of(word.as_bytes())), "{word}");
        }
    }
}
