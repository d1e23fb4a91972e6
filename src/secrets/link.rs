//! Links in text that is still coming in. Whoever shows a text may fetch what it links to without being asked (pictures
//! above all), so a secret in a link is a secret sent.

use super::digits::number;
use super::guard;
use super::sink::Source;

/// What a link begins with, in any case. Renderers accept addresses without slashes, or with the wrong ones.
const BEGINS: &[&str] = &[
    "http:",
    "https:",
    "ftp:",
    "ws:",
    "wss:",
    "www.",
    "](",
    "]:",
    "src=",
    "href=",
    "srcset=",
    "url(",
    "poster=",
    "background=",
    "&colon;",
];
/// Bytes remembered of what was just read; the longest of [`BEGINS`] and one more.
const TAIL: usize = 12;
/// Of an address only so much is remembered; a longer one is unknown.
const ADDRESS: usize = 512;

/// Follows a text byte by byte and knows whether it is inside a link.
pub(super) struct Link {
    source: Source,
    /// Bytes of an escape of the source that is not complete.
    escape: Vec<u8>,
    tail: Vec<u8>,
    open: Option<Open>,
    /// Nothing is a link: somebody else has judged the text.
    blind: bool,
}

/// A link goes on until it is closed, however long that takes.
struct Open {
    /// The byte that closes it; a blank does otherwise.
    close: Option<u8>,
    /// What it began with says where an address comes; blanks may stand before it.
    before: bool,
    address: Vec<u8>,
}

impl Link {
    pub(super) const fn new(source: Source) -> Self {
        Self { source, escape: Vec::new(), tail: Vec::new(), open: None, blind: false }
    }

    /// Knows no links: for text that was judged as a whole.
    pub(super) const fn none() -> Self {
        Self { source: Source::Plain, escape: Vec::new(), tail: Vec::new(), open: None, blind: true }
    }

    /// Goes on over text as it is written in the source.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.blind {
            return;
        }
        for byte in bytes {
            if self.source == Source::Json && (!self.escape.is_empty() || *byte == b'\\') {
                self.escaped(*byte);
            } else {
                self.step(*byte);
            }
        }
    }

    /// The host of the link it is in, empty where it cannot be told; `None` outside links.
    pub(super) fn inside(&self) -> Option<String> {
        let open = self.open.as_ref()?;
        Some(known(&open.address).unwrap_or_default())
    }

    fn escaped(&mut self, byte: u8) {
        self.escape.push(byte);
        let shown = match self.escape.as_slice() {
            [_] => return,
            [_, b'n' | b'r' | b't'] => b'\n',
            [_, b'u'] | [_, b'u', _] | [_, b'u', _, _] | [_, b'u', _, _, _] => return,
            [_, b'u', digits @ ..] => {
                std::str::from_utf8(digits).ok().and_then(|digits| u8::try_from(number(digits)?).ok()).unwrap_or(b'?')
            }
            [.., last] => *last,
            [] => return,
        };
        self.escape.clear();
        self.step(shown);
    }

    fn step(&mut self, byte: u8) {
        let blank = byte.is_ascii_whitespace();
        if let Some(open) = &mut self.open {
            if open.before && blank {
                return;
            }
            if open.before && open.close.is_none() && matches!(byte, b'"' | b'\'' | b'<' | b'`') {
                open.close = Some(if byte == b'<' { b'>' } else { byte });
                open.before = false;
                return;
            }
            open.before = false;
            let ends = match open.close {
                Some(close) => byte == close,
                None => blank || matches!(byte, b'<' | b'>'),
            };
            if ends {
                self.open = None;
                self.tail.clear();
            } else {
                if open.address.len() < ADDRESS {
                    open.address.push(byte);
                }
                return;
            }
        }
        let spaced = self.tail.last().is_some_and(u8::is_ascii_whitespace);
        // Blanks count once, and none before an equals sign: `src = "…"`.
        if spaced && (blank || byte == b'=') {
            self.tail.pop();
        }
        if self.tail.len() > TAIL {
            self.tail.remove(0);
        }
        self.tail.push(byte.to_ascii_lowercase());
        if !matches!(byte, b':' | b'.' | b'(' | b'=' | b';' | b'/') {
            return;
        }
        let bare = matches!(
            self.tail.as_slice(),
            [b'/', b'/'] | [.., b' ' | b'\n' | b'"' | b'\'' | b'=' | b'<' | b'(', b'/', b'/']
        );
        let begin = BEGINS.iter().find(|b| self.tail.ends_with(b.as_bytes())).map(|b| b.len()).or(bare.then_some(2));
        if let Some(length) = begin {
            let ahead = self.tail.len().checked_sub(length + 1).and_then(|at| self.tail.get(at));
            let close = match ahead {
                Some(b'"') => Some(b'"'),
                Some(b'\'') => Some(b'\''),
                Some(b'<') => Some(b'>'),
                _ => None,
            };
            let before = matches!(byte, b'=' | b'(') || self.tail.ends_with(b"]:");
            let address = if before { &[] } else { self.tail.get(self.tail.len() - length..).unwrap_or_default() };
            self.open = Some(Open { close, before, address: address.to_vec() });
        }
    }
}

/// The host of an address that says plainly where it goes: whole, with one host, nothing that may begin another.
fn known(address: &[u8]) -> Option<String> {
    let address = std::str::from_utf8(address).ok().filter(|a| a.len() < ADDRESS)?;
    let (scheme, rest) = address.split_once("://")?;
    let (authority, path) = rest.split_at_checked(rest.find(['/', '?', '#'])?)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/?#&=._~%+-".contains(c);
    let named = ["http", "https", "ftp", "ws", "wss"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    (named && path.chars().all(plain) && !path.contains("//")).then(|| guard::host(authority)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(source: Source, text: &str) -> Option<String> {
        let mut link = Link::new(source);
        link.push(text.as_bytes());
        link.inside()
    }

    #[test]
    fn what_a_renderer_would_fetch_is_a_link() {
        for text in [
            "![x](https://evil.example/?k=",
            "![x](//evil.example/",
            "![a](<https://evil.example/? ",
            "<img src=\"https://evil.example/? k=",
            "<img src=x",
            "[a]: https:evil.example/",
            "see HTTPS:\\\\evil.example\\",
            "<a href='//e",
            "style=url( ",
            "www.evil.example/",
            "https://evil.example/(a)\"",
            "<img src = \"ht\ttps://evil.example/?",
            "<img src=\t\"ht\ntps://evil.example/?",
            "<td background='evil",
        ] {
            let open = inside(Source::Plain, text.trim_end_matches(' '));
            assert!(open.is_some(), "{text}");
        }
        assert!(inside(Source::Json, "\\u0068ttps:\\/\\/evil.example\\/").is_some());
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "key = ",
            "see https://a.example and ",
            "\"https://a.example\", \"",
            "<https://a.example> ",
            "// ",
            "postgres://app:",
            "a: b",
            "f(x) // y",
            "[a](b) ",
        ] {
            assert_eq!(inside(Source::Plain, text), None, "{text}");
        }
        assert_eq!(inside(Source::Json, "see https://a.example\\n"), None);
    }

    #[test]
    fn its_host_is_told_once_it_is_complete() {
        assert_eq!(inside(Source::Plain, "https://a.example/x?").as_deref(), Some("a.example"));
        assert_eq!(inside(Source::Plain, "(https://u:p@A.example:80/").as_deref(), Some("a.example"));
        for text in [
            "https://a.exam",
            "https://u:",
            "https://a.example\\@b.example/",
            "](x/",
            "https://\u{e9}.example/",
            // Of these a browser asks another host than the one that is written first or last.
            "![x](https://a.example;x@b.example/?k=",
            "![x](https://a.example)x@b.example/?k=",
            "![x](<https://a.example|@b.example/?k=",
            "<img src=\"https://a.example\t@b.example/?k=",
            "<img src=\"https://a.example\n.b.example/?k=",
            "<img src=\"https://a.example'@b.example/?k=",
            "https:b.example/?u=https://a.example/",
            "<img srcset=\"https://a.example/x, //b.example/",
            "](https://a.example/x)](https:b.example/",
            "https://u@b.example@a.example/",
        ] {
            assert_eq!(inside(Source::Plain, text).as_deref(), Some(""), "{text}");
        }
    }

    #[test]
    fn it_goes_on_until_it_is_closed() {
        for (begin, end) in [("<img src=\"https://evil.example/?a=", "\""), ("![x](https://evil.example/?a=", " ")] {
            let text = format!("{begin}{}", "a".repeat(100_000));
            assert_eq!(inside(Source::Plain, &text).as_deref(), Some(""));
            assert_eq!(inside(Source::Plain, &format!("{text}{end} ")), None);
        }
        // What is not remembered may say anything.
        let text = format!("![x](https://a.example/{})![](//b.example/?k=", "a".repeat(600));
        assert_eq!(inside(Source::Plain, &text).as_deref(), Some(""));
    }
}
