//! A name's words, in place: `dbPassword`, `DB_PASSWORD`, `APIKey` and `db-password2` without a copy.

/// Most words that are told apart; longer names are nobody's.
pub(super) const MOST: usize = 12;

/// The words of a name, first to last.
pub(super) struct Words<'a> {
    words: [&'a [u8]; MOST],
    count: usize,
}

impl<'a> Words<'a> {
    /// `None` for a name of too many words.
    pub(super) fn of(name: &'a [u8]) -> Option<Self> {
        let mut out = Self { words: [&[]; MOST], count: 0 };
        let (mut start, mut at) = (0, 0);
        while let Some(byte) = name.get(at) {
            if !letter(*byte) {
                out.push(name.get(start..at)?)?;
                start = at + 1;
            } else if byte.is_ascii_uppercase() && at > start {
                let before = name.get(at - 1).copied().unwrap_or_default();
                let after = name.get(at + 1).copied().unwrap_or_default();
                if !before.is_ascii_uppercase() || after.is_ascii_lowercase() {
                    out.push(name.get(start..at)?)?;
                    start = at;
                }
            }
            at += 1;
        }
        out.push(name.get(start..)?)?;
        Some(out)
    }

    fn push(&mut self, word: &'a [u8]) -> Option<()> {
        if !word.is_empty() {
            *self.words.get_mut(self.count)? = word;
            self.count += 1;
        }
        Some(())
    }

    pub(super) fn all(&self) -> &[&'a [u8]] {
        self.words.get(..self.count).unwrap_or_default()
    }
}

/// Letters of any script, and digits.
const fn letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// The word without the digits at its end: `password2`. All digits stay: they are a word too.
pub(super) fn stem(word: &[u8]) -> &[u8] {
    let digits = word.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    word.get(..word.len() - digits).filter(|s| !s.is_empty()).unwrap_or(word)
}

/// The word ends like this, in any case.
pub(super) fn ends(word: &[u8], tail: &str) -> bool {
    word.len()
        .checked_sub(tail.len())
        .and_then(|at| word.get(at..))
        .is_some_and(|t| t.eq_ignore_ascii_case(tail.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(name: &str) -> Vec<String> {
        let words = Words::of(name.as_bytes()).unwrap();
        words.all().iter().map(|w| String::from_utf8_lossy(w).to_lowercase()).collect()
    }

    #[test]
    fn names_are_split_at_humps_and_marks() {
        assert_eq!(split("myAPIKey_for-x2Y"), ["my", "api", "key", "for", "x2", "y"]);
        assert_eq!(split("--db.password2"), ["db", "password2"]);
        assert_eq!(split("contraseñaNueva"), ["contraseña", "nueva"]);
        assert!(split("").is_empty());
        assert!(Words::of(b"a_b_c_d_e_f_g_h_i_j_k_l_m").is_none());
    }

    #[test]
    fn digits_at_the_end_are_no_part_of_a_word() {
        assert_eq!((stem(b"key2"), stem(b"12"), stem(b"md5x")), (&b"key"[..], &b"12"[..], &b"md5x"[..]));
        assert!(ends(b"DBPassword", "password") && !ends(b"word", "password"));
    }
}
