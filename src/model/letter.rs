//! How bytes and names are written.

/// The bytes in hexadecimal digits, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
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
