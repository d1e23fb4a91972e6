//! RSA keys as .NET writes them to XML.

use std::ops::Range;

use super::reach;

/// The texts of the private elements behind `<Modulus>`.
pub(in crate::secrets) fn rsa(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    const PRIVATE: [&str; 6] = ["P", "Q", "DP", "DQ", "InverseQ", "D"];
    let key = if text.as_bytes().get(at) == Some(&b'<') { "<modulus>" } else { "&lt;modulus&gt;" };
    let own = reach::text(text, reach::own(text.as_bytes(), at, key, 0, 8192));
    let rest = text.get(own).unwrap_or_default();
    let rest = rest.split_once("</RSAKeyValue").map_or(rest, |(inner, _)| inner);
    for (open, close) in [("<", ">"), ("&lt;", "&gt;"), ("\\u003c", "\\u003e")] {
        for (place, _) in rest.match_indices(open) {
            let inner = rest.get(place + open.len()..).unwrap_or_default();
            let Some((name, body)) = inner.split_once(close).filter(|(n, _)| n.len() <= 8) else { continue };
            if !PRIVATE.contains(&name) {
                continue;
            }
            let length = body.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"+/= \t\r\n".contains(b)).count();
            let start = at + rest.len() - body.len();
            if length >= 16 {
                out.push(start..start + length);
            }
        }
    }
}
