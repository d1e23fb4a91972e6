//! Whether bytes are a text that somebody can read, whatever git calls them: an attribute (`*.env -diff`), UTF-16 or a
//! NUL that got in must not hide a file.

use std::collections::HashMap;

use super::form::{self, Form};

/// Files of these kinds are no text; of others a diff that does not hold what stands in them tells nothing.
pub const MEDIA: [&str; 20] = [
    "avif", "bmp", "gif", "gz", "ico", "jar", "jpeg", "jpg", "mp3", "mp4", "otf", "pdf", "png", "ttf", "wasm", "webm",
    "webp", "woff", "woff2", "zip",
];

/// The share of control characters that a text may have: one in so many bytes.
const CONTROLS: usize = 20;
/// So many may stand in any text, however short.
const FEW: usize = 2;
/// How much of a text without a byte order mark shows that it is UTF-16 (bytes).
const SAMPLE: usize = 8_000;

/// The text of these bytes; `None` when they are none.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<String> {
    if !form::binary(bytes) {
        return Some(form::text(bytes).0);
    }
    if let Some(form) = form::unmarked(bytes.get(..SAMPLE).unwrap_or(bytes)) {
        return Some(form::as_form(bytes, form).0);
    }
    let control = |b: &&u8| (**b < b' ' && !b"\t\n\r\x0c\x1b".contains(b)) || **b == 0x7F;
    let controls = bytes.iter().filter(control).count();
    (controls <= FEW + bytes.len() / CONTROLS).then(|| form::text(bytes).0)
}

/// The text of these bytes as it can be sent, without a byte order mark. What holds bytes that are no character, or a
/// NUL, is none: nobody could say what a reader makes of it.
///
/// # Errors
/// Half a sentence.
pub fn sendable(bytes: Vec<u8>) -> Result<String, &'static str> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => match form::text(error.as_bytes()) {
            (_, Form::Utf8) => return Err("is neither UTF-8 nor UTF-16 text"),
            (text, _) if !form::whole(&text) => return Err("holds halves of characters"),
            (text, _) => text,
        },
    };
    if text.contains('\0') {
        // ASCII in UTF-16 without a mark is UTF-8 as well.
        return match form::text(text.as_bytes()) {
            (wide, Form::Little | Form::Big) if form::whole(&wide) && !wide.contains('\0') => Ok(wide),
            _ => Err("holds NUL bytes, so it is no text"),
        };
    }
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// The number of each line and whether it came: there are more of its kind than there were.
#[must_use]
pub fn fresh(before: &str, after: &str) -> Vec<(u32, bool)> {
    let mut old: HashMap<&str, usize> = HashMap::new();
    before.split('\n').for_each(|line| *old.entry(line).or_default() += 1);
    let came = |line: &str| match old.get_mut(line) {
        Some(n) if *n > 0 => {
            *n -= 1;
            false
        }
        _ => true,
    };
    (1..).zip(after.split('\n').map(came)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_what_only_programs_read() {
        let wide = |unit: fn(u16) -> [u8; 2]| "key = 1\n".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for legible in [&wide(u16::to_le_bytes)[..], &wide(u16::to_be_bytes)] {
            assert_eq!(text(legible).as_deref(), Some("key = 1\n"));
            assert_eq!(sendable(legible.to_vec()).as_deref(), Ok("key = 1\n"));
        }
        let marked: Vec<u8> = "\u{feff}é\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for sent in [&marked[..], "\u{feff}é\n".as_bytes()] {
            assert_eq!(sendable(sent.to_vec()).as_deref(), Ok("é\n"));
        }
        for not in [&b"one\0 NUL\n"[..], b"caf\xe9", b"\xff\xfea\0\0", b"\xff\xfe\0\xd8a\0"] {
            assert!(sendable(not.to_vec()).is_err(), "{not:?}");
        }
        for legible in [&b"one\0 NUL\n"[..], b"caf\xe9\0", b"", b"plain"] {
            assert!(text(legible).is_some(), "{legible:?}");
        }
        let noise: Vec<u8> = (0..4_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect();
        for not in [&b"\x89PNG\0\0\0"[..], b"\x7fELF\x02\x01\x01\0\0\0\0\0", &noise, b"\xff\xfe\0\0a\0\0\0"] {
            assert_eq!(text(not), None, "{not:?}");
        }
    }
}
