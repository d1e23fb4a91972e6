//! Many short literals, looked for all at once by tables that are made when the program is compiled.

/// Literals in lower case; texts are compared in any ASCII case.
pub(in crate::secrets) struct Marks<const N: usize> {
    words: [&'static str; N],
    /// For every byte, the words that have it first, second and third; a word that has ended goes with any.
    tables: [[u128; 256]; 3],
}

impl<const N: usize> Marks<N> {
    /// Evaluated at compile time, where more than 128 words or an empty one fail the build.
    pub(in crate::secrets) const fn new(words: [&'static str; N]) -> Self {
        assert!(N <= 128, "too many words");
        let mut tables = [[0u128; 256]; 3];
        let mut word = 0;
        while word < N {
            let bytes = words[word].as_bytes();
            assert!(!bytes.is_empty(), "an empty word");
            let mut place = 0;
            while place < tables.len() {
                if place < bytes.len() {
                    tables[place][bytes[place].to_ascii_lowercase() as usize] |= 1 << word;
                    tables[place][bytes[place].to_ascii_uppercase() as usize] |= 1 << word;
                } else {
                    let mut byte = 0;
                    while byte < 256 {
                        tables[place][byte] |= 1 << word;
                        byte += 1;
                    }
                }
                place += 1;
            }
            word += 1;
        }
        Self { words, tables }
    }

    /// Whether one of the words is somewhere in `text`.
    pub(in crate::secrets) fn within(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        (0..bytes.len()).any(|at| self.stands(bytes.get(at..).unwrap_or_default()))
    }

    /// Whether `text` begins with one of the words.
    pub(in crate::secrets) fn begins(&self, text: &str) -> bool {
        self.stands(text.as_bytes())
    }

    fn stands(&self, rest: &[u8]) -> bool {
        let mut fits = u128::MAX;
        for (place, table) in self.tables.iter().enumerate() {
            let byte = rest.get(place).copied().unwrap_or_default();
            fits &= table.get(usize::from(byte)).copied().unwrap_or_default();
            if fits == 0 {
                return false;
            }
        }
        while fits != 0 {
            let word = self.words.get(fits.trailing_zeros() as usize).copied().unwrap_or_default().as_bytes();
            if rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word)) {
                return true;
            }
            fits &= fits - 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_length_are_found_where_a_plain_search_finds_them() {
        static MARKS: Marks<4> = Marks::new(["ab", "x", "abcd", "…"]);
        for text in ["", "a", "AB", "zab", "zX", "aBcD", "a…", "…", "ac", "bcd", "aab"] {
            let lower = text.to_ascii_lowercase();
            let plain = |w: &&&str| lower.contains(**w);
            assert_eq!(MARKS.within(text), ["ab", "x", "abcd", "…"].iter().any(|w| plain(&w)), "{text}");
            assert_eq!(MARKS.begins(text), ["ab", "x", "abcd", "…"].iter().any(|w| lower.starts_with(w)), "{text}");
        }
    }
}
