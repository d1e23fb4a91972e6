//! Cookies.

use std::ops::Range;

use crate::secrets::value;

/// Longest header that is read, in bytes.
const LONGEST: usize = 4096;
/// Most cookies of one header.
const MANY: usize = 40;

/// Each value of a `Cookie` or `Set-Cookie` header that looks random; names and attributes stay.
pub(in crate::secrets) fn cookies(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(rest) = text.get(at + "cookie".len()..) else { return };
    let after = rest.trim_start_matches(['"', '\'', '\\']).trim_start_matches([' ', '\t']);
    let Some(after) = after.strip_prefix([':', '=']) else { return };
    let mut start = text.len() - after.len();
    let line = after.get(..after.floor_char_boundary(LONGEST)).unwrap_or_default();
    for part in line.lines().next().unwrap_or_default().split_inclusive(';').take(MANY) {
        if let Some((name, value)) = part.split_once('=') {
            // The next header, which is looked at by itself.
            let title = name.trim_start();
            if title.contains(':') || value::begins(title, "cookie") || value::begins(title, "set-cookie") {
                break;
            }
            let value = value.trim_end_matches(';');
            let value = value.split(['"', '\'', '\\', ' ', ',']).next().unwrap_or_default();
            let name = name.trim_matches([' ', '"', '\'', '\\']);
            let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
            if plain && value.len() >= 16 && value::random(value) && !value::reference(value) && !value::example(value)
            {
                let from = start + part.find('=').unwrap_or(0) + 1;
                out.push(from..from + value.len());
            }
        }
        start += part.len();
    }
}
