//! A draft in the encoding that the repository says its messages are in. Git takes a file's bytes as they are.

/// What stands in Latin 9 where Latin 1 has something else.
const LATIN_9: [char; 8] = ['\u{a4}', '\u{a6}', '\u{a8}', '\u{b4}', '\u{b8}', '\u{bc}', '\u{bd}', '\u{be}'];

/// The bytes of a text for `i18n.commitEncoding`; `None` is UTF-8. What it has no place for is written in ASCII.
pub(super) fn encoded(text: &str, charset: Option<&str>) -> Vec<u8> {
    let name: String = charset.unwrap_or_default().to_ascii_lowercase();
    let name = name.replace(['-', '_', ' '], "");
    if matches!(name.as_str(), "" | "utf8") {
        return text.as_bytes().to_vec();
    }
    let own = |c: char| match name.as_str() {
        "iso88591" | "latin1" | "cp1252" | "windows1252" => ('\u{a0}'..='\u{ff}').contains(&c),
        "iso885915" | "latin9" => ('\u{a0}'..='\u{ff}').contains(&c) && !LATIN_9.contains(&c),
        _ => false,
    };
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) if c.is_ascii() || own(c) => out.push(byte),
            _ => out.extend_from_slice(plain(c).as_bytes()),
        }
    }
    out
}

/// What is read for a character where there are only those of ASCII.
const fn plain(c: char) -> &'static str {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2026}' => "...",
        '\u{2022}' | '\u{b7}' => "*",
        '\u{2192}' => "->",
        '\u{d7}' => "x",
        '\u{a0}' | '\u{202f}' => " ",
        'ä' => "ae",
        'ö' => "oe",
        'ü' => "ue",
        'Ä' => "Ae",
        'Ö' => "Oe",
        'Ü' => "Ue",
        'ß' => "ss",
        'à'..='å' => "a",
        'è'..='ë' => "e",
        'ì'..='ï' => "i",
        'ò'..='õ' => "o",
        'ù'..='û' => "u",
        'ç' => "c",
        'ñ' => "n",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_written_in_the_encoding_of_the_repository() {
        let text = "größer – „naïve“ …";
        assert_eq!(encoded(text, None), text.as_bytes());
        assert_eq!(encoded(text, Some("UTF-8")), text.as_bytes());
        assert_eq!(encoded(text, Some("ISO-8859-1")), b"gr\xf6\xdfer - \"na\xefve\" ...");
        assert_eq!(encoded(text, Some("Shift_JIS")), b"groesser - \"naive\" ...");
        assert_eq!(encoded("½ ", Some("ISO-8859-15")), b"? ");
    }
}
