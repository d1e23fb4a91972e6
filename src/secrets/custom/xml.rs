//! RSA keys as .NET writes them to XML.

use std::ops::Range;

/// The texts of the private elements behind `<Modulus>`.
pub(in crate::secrets) fn rsa(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    const PRIVATE: [&str; 6] = ["P", "Q", "DP", "DQ", "InverseQ", "D"];
    let rest = text.get(at..).unwrap_or_default();
    let mut to = rest.len().min(8192);
    while !rest.is_char_boundary(to) {
        to -= 1;
    }
    let rest = rest.get(..to).unwrap_or_default();
    // Up to the next key, if there is one.
    let next = rest.get(1..).and_then(|r| r.find("<Modulus>")).map_or(rest.len(), |p| p + 1);
    let rest = rest.get(..next).unwrap_or_default();
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
