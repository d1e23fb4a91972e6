//! JSON as spans: what lies where, without building anything.

use std::collections::HashSet;
use std::ops::Range;

use memchr::memchr;

use super::digits::number;
use crate::model::short_text;

/// Deeper nesting is refused: no request needs it, and whoever reads it behind us may read it otherwise.
pub(super) const DEEPEST: usize = 512;

/// What comes next in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// `{` or `[` at this byte.
    Open {
        at: usize,
        object: bool,
    },
    /// `}` or `]`; the byte behind it.
    Close {
        end: usize,
    },
    /// A member's name, without its quotes.
    Key(Piece),
    /// A string, without its quotes.
    Text(Piece),
    /// A number, `true`, `false`, `null`.
    Scalar(Range<usize>),
    End,
}

/// The inside of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) span: Range<usize>,
    /// It holds a backslash.
    pub(super) escaped: bool,
}

/// Why a text could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Syntax(usize),
    Truncated,
    Deep,
    Surrogate(usize),
}

/// Reads a text in one pass, without recursion.
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Open brackets, the innermost last: whether each is an object.
    open: Vec<bool>,
    next: Next,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value or the end of an array that has just begun.
    First,
    Key,
    /// A key or the end of an object that has just begun.
    FirstKey,
    /// A comma, the end of what is open, or of the text.
    More,
}

impl<'t> Reader<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0, open: Vec::new(), next: Next::Value }
    }

    /// How many brackets are open.
    pub(super) const fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn token(&mut self) -> Result<Token, Fault> {
        self.blanks();
        if self.next == Next::More {
            let Some(object) = self.open.last().copied() else {
                return if self.peek().is_none() { Ok(Token::End) } else { Err(Fault::Syntax(self.at)) };
            };
            match self.peek().ok_or(Fault::Truncated)? {
                b',' => {
                    self.at += 1;
                    self.next = if object { Next::Key } else { Next::Value };
                    self.blanks();
                }
                byte => return self.close(byte, object),
            }
        }
        let byte = self.peek().ok_or(Fault::Truncated)?;
        match (self.next, byte) {
            (Next::FirstKey, b'}') => self.close(byte, true),
            (Next::First, b']') => self.close(byte, false),
            (Next::FirstKey | Next::Key, b'"') => {
                let piece = self.string()?;
                self.blanks();
                match self.peek().ok_or(Fault::Truncated)? {
                    b':' => self.at += 1,
                    _ => return Err(Fault::Syntax(self.at)),
                }
                self.next = Next::Value;
                Ok(Token::Key(piece))
            }
            (Next::FirstKey | Next::Key, _) => Err(Fault::Syntax(self.at)),
            (_, b'"') => {
                self.next = Next::More;
                self.string().map(Token::Text)
            }
            (_, b'{' | b'[') => {
                if self.open.len() >= DEEPEST {
                    return Err(Fault::Deep);
                }
                let object = byte == b'{';
                self.open.push(object);
                self.next = if object { Next::FirstKey } else { Next::First };
                self.at += 1;
                Ok(Token::Open { at: self.at - 1, object })
            }
            _ => self.scalar(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn close(&mut self, byte: u8, object: bool) -> Result<Token, Fault> {
        if byte != if object { b'}' } else { b']' } {
            return Err(Fault::Syntax(self.at));
        }
        self.open.pop();
        self.next = Next::More;
        self.at += 1;
        Ok(Token::Close { end: self.at })
    }

    /// Quotes are rarer than escapes in what agents send: code, with its line ends. So each quote is looked for, and whether
    /// it is an escaped one is told by the backslashes right before it.
    fn string(&mut self) -> Result<Piece, Fault> {
        let (bytes, start) = (self.text.as_bytes(), self.at + 1);
        if let Some(length) = short_text(bytes.get(start..).unwrap_or_default()) {
            self.at = start + length + 1;
            return Ok(Piece { span: start..start + length, escaped: false });
        }
        let mut at = start;
        loop {
            let rest = bytes.get(at..).ok_or(Fault::Truncated)?;
            let inside = bytes.get(start..at + memchr(b'"', rest).ok_or(Fault::Truncated)?).unwrap_or_default();
            let end = start + inside.len();
            at = end + 1;
            if inside.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0 {
                self.at = at;
                return Ok(Piece { span: start..end, escaped: memchr(b'\\', inside).is_some() });
            }
        }
    }

    fn scalar(&mut self) -> Result<Token, Fault> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let inside = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let length = rest.iter().take_while(|b| inside(b)).count();
        let word = rest.get(..length).unwrap_or_default();
        let number = word.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-')
            && word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'));
        if !number && !matches!(word, b"true" | b"false" | b"null") {
            return Err(if length == rest.len() && length > 0 { Fault::Truncated } else { Fault::Syntax(self.at) });
        }
        let start = self.at;
        self.at += length;
        self.next = Next::More;
        Ok(Token::Scalar(start..self.at))
    }
}

/// A text without its escapes, and where its parts stood.
#[derive(Default)]
pub(super) struct Flat {
    pub(super) text: String,
    /// Where runs of plain bytes and escapes begin.
    marks: Vec<Mark>,
}

#[derive(Clone, Copy)]
struct Mark {
    text: usize,
    source: usize,
    /// Bytes of an escape that stays one, here and in the source; no edit may cut it.
    whole: usize,
    length: usize,
}

impl Flat {
    /// Adds the source at `span` as it is.
    pub(super) fn copy(&mut self, source: &str, span: Range<usize>) {
        self.mark(span.start);
        self.text.push_str(source.get(span).unwrap_or_default());
    }

    /// Adds the inside of a string. With `quotes` what would end a string stays escaped, in
    /// the short form however it was written.
    pub(super) fn unescape(&mut self, source: &str, piece: &Piece, quotes: bool) -> Result<(), Fault> {
        let (mut at, end) = (piece.span.start, piece.span.end);
        loop {
            let rest = source.get(at..end).unwrap_or_default();
            let Some(found) = memchr(b'\\', rest.as_bytes()) else {
                self.copy(source, at..end);
                return Ok(());
            };
            if found > 0 {
                self.copy(source, at..at + found);
            }
            at += found;
            let (shown, length) = escape(source.get(at..end).unwrap_or_default()).map_err(|fault| match fault {
                Fault::Syntax(_) => Fault::Syntax(at),
                _ => Fault::Surrogate(at),
            })?;
            if quotes && matches!(shown, '"' | '\\') {
                self.marks.push(Mark { text: self.text.len(), source: at, whole: 2, length });
                self.text.push('\\');
                self.text.push(shown);
            } else {
                self.mark(at);
                self.text.push(shown);
            }
            at += length;
        }
    }

    /// A range of `text` in the source. An escape is inside of it or outside, never cut: what ends in a quote's ends
    /// before it.
    pub(super) fn origins(&self, span: &Range<usize>) -> Range<usize> {
        let (start, _) = self.origin(span.start);
        let (end, cut) = self.origin(span.end);
        let quote = |mark: &Mark| self.text.get(mark.text..mark.text + mark.whole).is_some_and(|t| t == "\\\"");
        let end = match self.before(span.end) {
            Some(mark) if cut && !quote(mark) => mark.source + mark.length,
            _ => end,
        };
        start..end.max(start)
    }

    /// Where this place of `text` stood, and whether that is inside an escape; it begins there then.
    fn origin(&self, place: usize) -> (usize, bool) {
        let Some(mark) = self.before(place) else { return (place, false) };
        match (place - mark.text).checked_sub(mark.whole) {
            Some(past) => (mark.source + mark.length + past, false),
            None => (mark.source, place > mark.text),
        }
    }

    fn before(&self, place: usize) -> Option<&Mark> {
        let at = self.marks.partition_point(|mark| mark.text <= place);
        at.checked_sub(1).and_then(|at| self.marks.get(at))
    }

    fn mark(&mut self, source: usize) {
        self.marks.push(Mark { text: self.text.len(), source, whole: 0, length: 0 });
    }
}

/// The character of the escape at the beginning, and the escape's length.
fn escape(text: &str) -> Result<(char, usize), Fault> {
    let unit = |at: usize| text.get(at..at + 4).and_then(number);
    let shown = match text.as_bytes().get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let first = unit(2).ok_or(Fault::Syntax(0))?;
            if let Some(shown) = char::from_u32(first) {
                return Ok((shown, 6));
            }
            let second = text.get(6..8).filter(|s| *s == "\\u").and_then(|_| unit(8)).unwrap_or_default();
            let pair = (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second);
            let whole = pair.then(|| 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            return whole.and_then(char::from_u32).map(|shown| (shown, 12)).ok_or(Fault::Surrogate(0));
        }
        _ => return Err(Fault::Syntax(0)),
    };
    Ok((shown, 2))
}

/// Whether an object in this text has two members of one name, as it is read.
pub(super) fn repeats(text: &str) -> Result<bool, Fault> {
    let (mut reader, mut open) = (Reader::new(text), Vec::<HashSet<String>>::new());
    loop {
        match reader.token()? {
            Token::Open { .. } => open.push(HashSet::new()),
            Token::Close { .. } => drop(open.pop()),
            Token::Key(piece) => {
                let mut name = Flat::default();
                name.unescape(text, &piece, false)?;
                if open.last_mut().is_some_and(|names| !names.insert(name.text)) {
                    return Ok(true);
                }
            }
            Token::End => return Ok(false),
            _ => {}
        }
    }
}

/// A member of an object, as it lies in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, without escapes.
    pub name: String,
    /// From its name's quote to the end of its value (bytes of the text).
    pub whole: Range<usize>,
    /// Its value.
    pub value: Range<usize>,
}

/// The members of the object that begins at byte `at` of a JSON text, in order, names that stand twice too. `None` when no
/// object begins there or it cannot be read.
#[must_use]
pub fn members(text: &str, at: usize) -> Option<Vec<Member>> {
    let (inner, mut out) = (text.get(at..)?, Vec::new());
    held(inner, true, |name, value| {
        let member = Member::of(inner, &name?, value)?;
        let moved = |span: Range<usize>| at + span.start..at + span.end;
        out.push(Member { whole: moved(member.whole), value: moved(member.value), ..member });
        Some(())
    })?;
    Some(out)
}

impl Member {
    /// One whose name and value lie there in a text.
    pub(super) fn of(text: &str, name: &Piece, value: Range<usize>) -> Option<Self> {
        let mut flat = Flat::default();
        flat.unescape(text, name, false).ok()?;
        Some(Self { name: flat.text, whole: name.span.start - 1..value.end, value })
    }
}

/// The elements of the list that begins at byte `at` of a JSON text, as they lie in it. `None` when no list begins there or
/// it cannot be read.
#[must_use]
pub fn elements(text: &str, at: usize) -> Option<Vec<Range<usize>>> {
    let mut out = Vec::new();
    held(text.get(at..)?, false, |_, value| {
        out.push(at + value.start..at + value.end);
        Some(())
    })?;
    Some(out)
}

/// Each value of the `object`, or of the list, that a JSON text begins with: its name and where it lies. `None` when none
/// begins there, it cannot be read, or one is not taken.
fn held(text: &str, object: bool, mut take: impl FnMut(Option<Piece>, Range<usize>) -> Option<()>) -> Option<()> {
    let mut reader = Reader::new(text);
    if !matches!(reader.token().ok()?, Token::Open { object: is, .. } if is == object) {
        return None;
    }
    let mut outer = Outer::default();
    loop {
        let token = reader.token().ok()?;
        match (&token, reader.depth()) {
            (Token::Close { .. }, 0) => return Some(()),
            (Token::End, _) => return None,
            (_, depth) => {
                if let Some((name, value)) = outer.value(&token, depth) {
                    take(name, value)?;
                }
            }
        }
    }
}

/// Tells the values of the outermost object or list while somebody reads a text.
#[derive(Default)]
pub(super) struct Outer {
    name: Option<Piece>,
    begun: Option<usize>,
}

impl Outer {
    /// The value that ends with this token, and its name; `depth` is that of the reader behind it.
    pub(super) fn value(&mut self, token: &Token, depth: usize) -> Option<(Option<Piece>, Range<usize>)> {
        let value = match (token, depth) {
            (Token::Key(piece), 1) => {
                self.name = Some(piece.clone());
                return None;
            }
            (Token::Open { at, .. }, 2) => {
                self.begun = Some(*at);
                return None;
            }
            (Token::Close { end }, 1) => self.begun.take()?..*end,
            (Token::Text(piece), 1) => piece.span.start - 1..piece.span.end + 1,
            (Token::Scalar(span), 1) => span.clone(),
            _ => return None,
        };
        Some((self.name.take(), value))
    }
}

/// A text as it is written inside a JSON string.
pub(super) fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
