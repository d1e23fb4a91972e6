//! A draft in the encoding that the repository says its messages are in. Git takes a file's bytes as they are.

use encoding_rs::{Encoding, WINDOWS_874, WINDOWS_1252, WINDOWS_1254, X_USER_DEFINED};

/// The bytes of a text for `i18n.commitEncoding`; `None` is UTF-8. What it has no place for is written in ASCII, and all
/// of a text where nobody knows the encoding.
pub(super) fn encoded(text: &str, charset: Option<&str>) -> Vec<u8> {
    let name = charset.unwrap_or_default().trim().to_ascii_lowercase();
    let tight = name.replace(['-', '_', ' '], "");
    if matches!(tight.as_str(), "" | "utf8") {
        return text.as_bytes().to_vec();
    }
    let Some((encoding, strict)) = known(&name, &tight) else {
        return text
            .chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { plain(c).to_owned() })
            .collect::<String>()
            .into();
    };
    let mut fit = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() || has(encoding, strict, c) {
            fit.push(c);
        } else {
            fit.push_str(plain(c));
        }
    }
    encoding.encode(&fit).0.into_owned()
}

/// An encoding by the name that git and iconv call it by, and whether it stands for a stricter one: on the web Latin 1
/// is another word for Windows' code page, in which dashes and quotes stand where Latin 1 has none.
fn known(name: &str, tight: &str) -> Option<(&'static Encoding, bool)> {
    let label = match tight {
        "latin9" => "iso-8859-15",
        "latin10" => "iso-8859-16",
        "koi8r" => "koi8-r",
        "koi8u" => "koi8-u",
        "cp932" | "shiftjis" => "shift_jis",
        "cp936" | "euccn" => "gbk",
        "cp949" | "uhc" | "euckr" => "euc-kr",
        "cp950" => "big5",
        "eucjp" => "euc-jp",
        "iso2022jp" => "iso-2022-jp",
        _ => name,
    };
    let by = |label: &str| Encoding::for_label(label.as_bytes());
    let encoding = by(label).or_else(|| by(tight)).or_else(|| by(&tight.replacen("windows", "cp", 1)))?;
    let ascii = encoding == WINDOWS_1252 && (tight.contains("ascii") || tight.contains("ansi"));
    if ascii || encoding == X_USER_DEFINED || encoding.output_encoding() != encoding {
        return None;
    }
    let pages = [(WINDOWS_1252, "1252"), (WINDOWS_1254, "1254"), (WINDOWS_874, "874")];
    Some((encoding, pages.iter().any(|(page, digits)| encoding == *page && !tight.contains(digits))))
}

fn has(encoding: &'static Encoding, strict: bool, c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, missing) = encoding.encode(c.encode_utf8(&mut buffer));
    !(missing || strict && bytes.iter().any(|byte| (0x80..0xa0).contains(byte)))
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
        assert_eq!(encoded(text, Some("windows-1252")), b"gr\xf6\xdfer \x96 \x84na\xefve\x93 \x85");
        assert_eq!(encoded(text, Some("latin5")), b"gr\xf6\xdfer - \"na\xefve\" ...");
        // What Japanese has no letters for, and what nobody knows.
        assert_eq!(encoded(text, Some("Shift_JIS")), b"groesser - \"naive\x81\x67 \x81\x63");
        for name in ["US-ASCII", "ANSI_X3.4-1968", "UTF-16", "EBCDIC-US", "x-user-defined"] {
            assert_eq!(encoded(text, Some(name)), b"groesser - \"naive\" ...", "{name}");
        }
        assert_eq!(encoded("½ ", Some("ISO-8859-15")), b"? ");
        assert_eq!(encoded("€ œ", Some("latin9")), b"\xa4 \xbd");
    }

    #[test]
    fn letters_that_are_not_latin_are_written_in_what_holds_them() {
        let russian = "считать страницы";
        for name in ["windows-1251", "CP1251", "WINDOWS1251", "KOI8-R", "koi8r", "ISO-8859-5", "GBK", "euc-jp"] {
            let (encoding, _) = known(&name.to_lowercase(), &name.to_lowercase().replace('-', "")).unwrap();
            let out = encoded(russian, Some(name));
            assert_ne!(out, russian.as_bytes(), "{name}");
            assert_eq!(encoding.decode_without_bom_handling(&out).0, russian, "{name}");
        }
        assert_eq!(encoded("да", Some("KOI8-R")), b"\xc4\xc1");
        assert_eq!(encoded("да", Some("windows-1251")), b"\xe4\xe0");
        assert_eq!(encoded("数える", Some("SJIS")), b"\x90\x94\x82\xa6\x82\xe9");
        assert_eq!(encoded("数える", Some("EUCJP")), b"\xbf\xf4\xa4\xa8\xa4\xeb");
        assert_eq!(encoded("数え", Some("ISO-2022-JP")), b"\x1b$B?t$(\x1b(B");
        assert_eq!(encoded("计数", Some("gb2312")), b"\xbc\xc6\xca\xfd");
    }
}
