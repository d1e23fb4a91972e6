//! JSON read quickly: quotes and escapes are looked for instead of each byte, which is what a long conversation with code
//! in it mostly consists of. Whatever is out of the ordinary (half a code point, deep nesting, anything that is no JSON) is
//! left to serde_json, so that what counts as JSON and what is told of the rest is decided in one place.

use std::borrow::Cow;

use memchr::memchr;
use serde::Deserialize;
use serde_json::Value;

use super::tree::Tree;
use crate::model::{before, short_text};

/// Deeper than this is left to serde_json (levels); it takes 127.
const DEEPEST: usize = 100;

/// Room for so many members of the outermost object at once: most have no more.
const MEMBERS: usize = 8;

/// What JSON is read into.
pub(super) trait Quick<'a>: Deserialize<'a> + From<Value> {
    /// The value of a whole text; `None` where it takes a closer look.
    fn quick(_text: &'a str) -> Option<Self> {
        None
    }
}

impl Quick<'_> for Value {}

impl<'a> Quick<'a> for Tree<'a> {
    fn quick(text: &'a str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        (reader.at == text.len()).then_some(value)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.rest().first().copied()
    }

    fn blanks(&mut self) {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += self.rest().iter().take_while(blank).count();
    }

    /// Whether this byte comes next, and is passed.
    fn passes(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    fn value(&mut self, depth: usize) -> Option<Tree<'a>> {
        match self.peek()? {
            b'"' => self.string().map(Tree::Text),
            b'{' if depth < DEEPEST => {
                self.at += 1;
                // Objects inside may be very many.
                let mut members = Vec::with_capacity(if depth == 0 { MEMBERS } else { 0 });
                while members.is_empty() || self.passes(b',') {
                    if self.peek()? != b'"' {
                        return (members.is_empty() && self.passes(b'}')).then_some(Tree::Object(members));
                    }
                    let name = self.string()?;
                    if !self.passes(b':') {
                        return None;
                    }
                    members.push((name, self.value(depth + 1)?));
                }
                self.passes(b'}').then_some(Tree::Object(members))
            }
            b'[' if depth < DEEPEST => {
                self.at += 1;
                let mut list = Vec::new();
                if self.passes(b']') {
                    return Some(Tree::List(list));
                }
                loop {
                    list.push(self.value(depth + 1)?);
                    if !self.passes(b',') {
                        return self.passes(b']').then_some(Tree::List(list));
                    }
                }
            }
            _ => self.word(),
        }
    }

    /// A number, `true`, `false`, `null`.
    fn word(&mut self) -> Option<Tree<'a>> {
        let inside = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = self.rest().iter().take_while(inside).count();
        let word = self.text.get(self.at..self.at + length)?;
        self.at += length;
        serde_json::from_str(word).ok()
    }

    /// A string, which begins here.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        if let Some(length) = short_text(self.text.as_bytes().get(start..)?) {
            self.at = start + length + 1;
            return self.text.get(start..start + length).map(Cow::Borrowed);
        }
        let mut end = start;
        loop {
            end += memchr(b'"', self.text.as_bytes().get(end..)?)?;
            let inside = self.text.as_bytes().get(start..end)?;
            // An escaped one has an odd number of backslashes right before it.
            if inside.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0 {
                break;
            }
            end += 1;
        }
        self.at = end + 1;
        let inside = self.text.get(start..end)?;
        // The least of all bytes is found many at a time.
        if inside.bytes().fold(u8::MAX, u8::min) < 0x20 {
            return None;
        }
        match memchr(b'\\', inside.as_bytes()) {
            None => Some(Cow::Borrowed(inside)),
            Some(first) => unescaped(inside, first).map(Cow::Owned),
        }
    }
}

/// The inside of a string without its escapes, of which the first begins there. Code has one every few bytes, so that
/// eight bytes at a time are taken over, and what is too much of them is taken back.
fn unescaped(inside: &str, first: usize) -> Option<String> {
    let bytes = inside.as_bytes();
    // It becomes no longer, and what is taken over in eights may go beyond its end.
    let mut out = vec![0; bytes.len() + 8];
    out.get_mut(..first)?.copy_from_slice(bytes.get(..first)?);
    let (mut at, mut to) = (first, first);
    loop {
        while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let plain = before(*eight, b'\\');
            out.get_mut(to..to + 8)?.copy_from_slice(eight);
            (at, to) = (at + plain, to + plain);
            if plain < 8 {
                break;
            }
        }
        match bytes.get(at) {
            None => {
                out.truncate(to);
                return String::from_utf8(out).ok();
            }
            Some(b'\\') => {}
            Some(byte) => {
                *out.get_mut(to)? = *byte;
                (at, to) = (at + 1, to + 1);
                continue;
            }
        }
        let shown = match bytes.get(at + 1)? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            byte @ (b'"' | b'\\' | b'/') => *byte,
            b'u' => {
                let shown = unit(inside, at + 2)?;
                to += shown.encode_utf8(out.get_mut(to..)?).len();
                at += 6;
                continue;
            }
            _ => return None,
        };
        *out.get_mut(to)? = shown;
        (at, to) = (at + 2, to + 1);
    }
}

/// The character of an escape whose four digits stand there; what is half of one is none.
fn unit(inside: &str, digits: usize) -> Option<char> {
    let number = inside.get(digits..digits + 4)?;
    // A sign is no digit.
    let number = number.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(number)?;
    char::from_u32(u32::from_str_radix(number, 16).ok()?)
}

#[cfg(test)]
pub(super) use tests::json;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is read quickly is what serde_json reads; what it leaves alone may be anything.
    fn agree(text: &str) -> bool {
        let slow = serde_json::from_str::<Tree<'_>>(text);
        match Tree::quick(text) {
            Some(quick) => assert_eq!(Some(quick), slow.ok(), "{text}"),
            None => return false,
        }
        true
    }

    #[test]
    fn ordinary_json_is_read_quickly_and_as_serde_json_reads_it() {
        let ordinary = [
            "null",
            " true ",
            "-0.5e3",
            "18446744073709551615",
            "\"\"",
            "[]",
            "{}",
            "[ ]",
            "{ }",
            r#"{"a":1,"a":2}"#,
            r#" { "a" : [ 1 , 2 , { "b" : null } ] , "c" : "d" } "#,
            r#""a \"quoted\" \\ \/ \b\f\n\r\t \u00e4 \u20AC""#,
            r#"["\\","\\\\","\\\"","\\\\\""]"#,
        ];
        for text in ordinary {
            assert!(agree(text), "{text}");
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_to_serde_json() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let strange = [
            "",
            " ",
            "nul",
            "01",
            "1.",
            "+1",
            "--1",
            "[1,]",
            "[,]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "{1:2}",
            "\"",
            "\"\\\"",
            "\"a\nb\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "null null",
            "[]]",
            "1e999",
        ];
        for text in strange.map(str::to_owned).into_iter().chain([deep(101), deep(200)]) {
            assert!(!agree(&text), "{text}");
        }
        assert!(agree(&deep(100)));
    }

    pub(in crate::wire) fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from),
            "[a\"\\\\\n\u{1}é\u{1f600}]*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec(("[a\"\\\\]{0,3}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_json_is_read_as_serde_json_reads_it(value in json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            prop_assert!(agree(&text), "{}", text);
        }

        #[test]
        fn whatever_stands_there_nothing_else_is_read(text in "[\\[\\]{}\",:\\\\u0-9a-fn\\-+.e \n\u{1}é]{0,24}") {
            agree(&text);
        }
    }
}
