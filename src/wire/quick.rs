//! JSON read quickly: quotes and escapes are looked for instead of each byte, which is what a long conversation with code
//! in it mostly consists of. Whatever is out of the ordinary (half a code point, deep nesting, anything that is no JSON) is
//! left to serde_json, so that what counts as JSON and what is told of the rest is decided in one place.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::tree::Tree;
use crate::model::plain;

/// Deeper than this is left to serde_json (levels); it takes 127.
const DEEPEST: usize = 100;

/// Most that is reserved for what follows the first escape of a string (bytes).
const MOST_ROOM: usize = 4_096;

/// So much a string may have beside what it holds, whatever its length (bytes).
const SPARE: usize = 256;

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
                let mut members = Vec::new();
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
        let (bytes, mut from) = (self.text.as_bytes(), self.at + 1);
        let mut whole: Option<String> = None;
        loop {
            let end = from + plain(bytes.get(from..)?);
            let run = self.text.get(from..end)?;
            match bytes.get(end)? {
                b'"' => {
                    self.at = end + 1;
                    let Some(mut whole) = whole else { return Some(Cow::Borrowed(run)) };
                    whole.push_str(run);
                    // It lives as long as the tree.
                    if whole.capacity() - whole.len() > (whole.len() / 2).max(SPARE) {
                        whole.shrink_to_fit();
                    }
                    return Some(Cow::Owned(whole));
                }
                b'\\' => {
                    let (shown, length) = self.escape(end + 1)?;
                    let room = run.len() + run.len().min(MOST_ROOM) + 16;
                    let whole = whole.get_or_insert_with(|| String::with_capacity(room));
                    whole.push_str(run);
                    whole.push(shown);
                    from = end + length;
                }
                _ => return None,
            }
        }
    }

    /// The character of an escape whose letter stands there, and the length of the escape.
    fn escape(&self, letter: usize) -> Option<(char, usize)> {
        let shown = match self.text.as_bytes().get(letter)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            same @ (b'"' | b'\\' | b'/') => char::from(*same),
            b'u' => return unit(self.text, letter + 1),
            _ => return None,
        };
        Some((shown, 2))
    }
}

/// The character of an escape whose four digits stand there, and the length of the escape; what is half of one is none.
fn unit(text: &str, digits: usize) -> Option<(char, usize)> {
    let number = text.get(digits..digits + 4)?;
    // A sign is no digit.
    let number = number.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(number)?;
    char::from_u32(u32::from_str_radix(number, 16).ok()?).map(|shown| (shown, 6))
}

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
    fn a_string_with_an_escape_takes_little_more_than_it_holds() {
        for length in [1, 100, 1_000, 3_000, 5_000, 70_000] {
            for (before, behind) in [(length, 0), (0, length), (length / 2, length / 2), (length, length / 3)] {
                let text = format!("\"{}\\n{}\"", "a".repeat(before), "b".repeat(behind));
                let Some(Tree::Text(Cow::Owned(read))) = Tree::quick(&text) else { panic!("{text}") };
                assert!(read.capacity() <= read.len() + (read.len() / 2).max(SPARE), "{before} and {behind}");
            }
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

    fn json() -> impl Strategy<Value = Value> {
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
