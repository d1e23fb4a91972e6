//! Whether bytes are a text that somebody can read, whatever git calls them: an attribute (`*.env -diff`), UTF-16 or a
//! NUL that got in must not hide a file.

use super::form;

/// The share of control characters that a text may have: one in so many bytes.
const CONTROLS: usize = 20;
/// So many may stand in any text, however short.
const FEW: usize = 2;
/// How much of a text without a byte order mark shows that it is UTF-16 (bytes).
const SAMPLE: usize = 8_000;

/// The text of these bytes; `None` when they are none.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    if !form::binary(bytes) {
        return Some(form::text(bytes).0);
    }
    if let Some(mark) = unmarked(bytes) {
        return Some(form::text(&[&mark, bytes].concat()).0.trim_start_matches('\u{feff}').to_owned());
    }
    let control = |b: &&u8| (**b < b' ' && !b"\t\n\r\x0c\x1b".contains(b)) || **b == 0x7F;
    let controls = bytes.iter().filter(control).count();
    (controls <= FEW + bytes.len() / CONTROLS).then(|| form::text(bytes).0)
}

/// The mark that UTF-16 lacks: one half of nearly every pair is NUL, the other never.
fn unmarked(bytes: &[u8]) -> Option<[u8; 2]> {
    let pairs = || bytes.chunks_exact(2).take(SAMPLE / 2);
    let nul = |half: usize| pairs().filter(|pair| pair.get(half) == Some(&0)).count();
    let (all, first, second) = (pairs().count(), nul(0), nul(1));
    let most = |n: usize| all > 3 && n * 4 >= all * 3;
    match (first, second) {
        (0, n) if most(n) => Some([0xFF, 0xFE]),
        (n, 0) if most(n) => Some([0xFE, 0xFF]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_what_only_programs_read() {
        let wide = |unit: fn(u16) -> [u8; 2]| "key = 1\n".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for legible in [&wide(u16::to_le_bytes)[..], &wide(u16::to_be_bytes)] {
            assert_eq!(text(legible).as_deref(), Some("key = 1\n"));
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
