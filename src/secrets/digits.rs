//! Digits of base64 and hexadecimal, read and written.

use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
/// Writes what everybody writes, and reads it with or without what fills it up.
pub(super) const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
/// The same in the alphabet of addresses.
pub(super) const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A digit of either alphabet of base64.
#[inline]
pub(super) const fn digit(byte: u8) -> bool {
    ((byte | 32).wrapping_sub(b'a') < 26)
        | (byte.wrapping_sub(b'0') < 10)
        | (byte == b'+')
        | (byte == b'/')
        | (byte == b'-')
        | (byte == b'_')
}

/// What a hexadecimal digit stands for; nothing where it is none.
pub(super) const fn value16(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 0,
    }
}

/// What a digit of either alphabet of base64 stands for.
const fn value64(byte: u8) -> u32 {
    (match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    }) as u32
}

/// The bytes that base64 digits stand for, both alphabets; what is left of an unfinished byte is dropped.
pub(super) fn sextets(digits: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    let (mut held, mut bits) = (0u32, 0u32);
    digits.filter_map(move |byte| {
        held = (held << 6 | value64(byte)) & 0xFFFF;
        bits += 6;
        if bits < 8 {
            return None;
        }
        bits -= 8;
        u8::try_from(held >> bits & 0xFF).ok()
    })
}

/// The number that hexadecimal digits write; `None` where something else stands among them.
pub(super) fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}
