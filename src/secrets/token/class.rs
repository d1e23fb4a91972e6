//! Classes of bytes, in one table.

pub(super) const DIGIT: u32 = 1;
pub(super) const LOWER: u32 = 1 << 1;
pub(super) const UPPER: u32 = 1 << 2;
pub(super) const ALNUM: u32 = 1 << 3;
pub(super) const WORD: u32 = 1 << 4;
pub(super) const HEX: u32 = 1 << 5;
pub(super) const RADIX: u32 = 1 << 6;

/// Letters of the specs and the bytes they stand for, beyond the ranges that [`classes`] knows.
pub(super) const LETTERS: &[u8; 20] = b"ahHunlzdwmpbestoxckv";

/// The classes of every byte, one bit each: first those that the code asks for, then those of the specs.
pub(super) static CLASSES: [u32; 256] = classes();

const fn classes() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut at = 0usize;
    while at < 128 {
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        let b = at as u8;
        let mut bits = 0;
        if b.is_ascii_digit() {
            bits |= DIGIT;
        }
        if b.is_ascii_lowercase() {
            bits |= LOWER;
        }
        if b.is_ascii_uppercase() {
            bits |= UPPER;
        }
        if b.is_ascii_alphanumeric() {
            bits |= ALNUM | WORD | RADIX;
        }
        if b.is_ascii_hexdigit() {
            bits |= HEX;
        }
        if b == b'_' || b == b'-' {
            bits |= WORD | RADIX;
        }
        if b == b'+' || b == b'/' {
            bits |= RADIX;
        }
        let mut letter = 0;
        while letter < LETTERS.len() {
            if member(LETTERS[letter], b) {
                bits |= 1 << (8 + letter);
            }
            letter += 1;
        }
        table[at] = bits;
        at += 1;
    }
    table
}

const fn member(class: u8, b: u8) -> bool {
    match class {
        b'a' => b.is_ascii_alphanumeric(),
        b'h' => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        b'H' => b.is_ascii_hexdigit(),
        b'x' => matches!(b, b'0'..=b'9' | b'A'..=b'F'),
        b'u' => matches!(b, b'0'..=b'9' | b'A'..=b'Z'),
        b'n' => matches!(b, b'0'..=b'9' | b'a'..=b'z'),
        b'l' => b.is_ascii_alphabetic(),
        b'z' => b.is_ascii_lowercase(),
        b'd' => b.is_ascii_digit(),
        b's' => matches!(b, b'A'..=b'Z' | b'2'..=b'7'),
        b't' => matches!(b, b'a'..=b'z' | b'2'..=b'7'),
        b'c' => b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'),
        b'm' => b.is_ascii_alphanumeric() || b == b'_',
        b'p' => b.is_ascii_alphanumeric() || b == b'-',
        b'k' => matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'_'),
        b'w' => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
        b'b' => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'),
        b'e' => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-'),
        b'o' => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~'),
        b'v' => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%'),
        _ => false,
    }
}

pub(super) fn is(byte: u8, classes: u32) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|bits| bits & classes != 0)
}
