//! How bytes and names are written.

/// The bytes in hexadecimal digits, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    out
}

/// A mark that turns what stands beside it round, so that it reads otherwise than it is.
#[must_use]
pub const fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// With it a name would seem another, or stand on more than a line: a control, the end of a line or paragraph, a mark that
/// [`turns`], a character without width. Some of these join and part scripts and pictures: they pass where what stands
/// `before` them is no ASCII.
pub fn disguises(c: char, before: impl FnOnce() -> Option<char>) -> bool {
    match c {
        '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => true,
        '\u{200c}' | '\u{200d}' => before().is_none_or(|c| c.is_ascii()),
        c => c.is_control() || turns(c),
    }
}

/// How many of eight bytes stand before the first that is this one; all where it is not among them.
#[must_use]
pub const fn before(eight: [u8; 8], byte: u8) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(eight) ^ (ONES * byte as u64);
    // The lowest byte that became nothing is the first that is less than what is taken from it.
    (word.wrapping_sub(ONES) & !word & (ONES << 7)).trailing_zeros() as usize / 8
}

/// The length of the inside of a JSON string that ends soon, and in which every byte stands for itself: most names and
/// words do. `None` = it takes a closer look, which looks for one byte at a time in many and is quicker from some length on.
#[must_use]
pub fn short_text(bytes: &[u8]) -> Option<usize> {
    let near = bytes.get(..SHORT).unwrap_or(bytes);
    let length = plain_text(near);
    (near.get(length) == Some(&b'"')).then_some(length)
}

/// So many bytes are looked at for that.
const SHORT: usize = 32;

/// It ends a string, begins an escape or has to be one.
const fn marks(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..0x20)
}

/// The length of the beginning of a text in which every byte stands for itself in a JSON string, too.
#[must_use]
pub fn plain_text(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // The lowest byte that is marked is less than what is taken from it; what lies above it may seem so, too.
    let less = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word & HIGH;
    let is = |word: u64, byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (at, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let found = is(word, b'"') | is(word, b'\\') | less(word, 0x20);
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    bytes.len() - rest.len() + rest.iter().take_while(|byte| !marks(**byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_short_text_ends_at_the_first_quote_and_holds_nothing_else_of_note(
            inside in "[a-z é\u{7f}!#\\[\\]]{0,40}",
            mark in "[\"\\\\\n\u{0}\u{1f}]",
            behind in "[a\"\\\\\n é]{0,40}",
        ) {
            let short = mark == "\"" && inside.len() < SHORT;
            let all = format!("{inside}{mark}{behind}");
            prop_assert_eq!(short_text(all.as_bytes()), short.then_some(inside.len()));
            prop_assert_eq!(short_text(inside.as_bytes()), None);
        }

        #[test]
        fn whatever_the_bytes_are(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(plain_text(&bytes), bytes.iter().take_while(|byte| !marks(**byte)).count());
        }
    }
}
