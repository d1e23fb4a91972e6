//! What ties a name to its value, read by hand.

use std::ops::Range;

use crate::secrets::custom::Cursor;
use crate::secrets::value;

/// How a name and its value are tied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bond {
    /// `=`, `:=`, `=>`, `->` and kin.
    Equals,
    /// `:`, as YAML and JSON have it.
    Colon,
    /// `name: X` and then `value: …`, also as attributes.
    Pair,
    /// A type between: `password: &str = …`, `apiKey string = …`.
    Typed,
    /// The next argument or element.
    Comma,
    /// The next cell of a table.
    Cell,
    /// The text of an element.
    Markup,
    /// `is`, `lautet`, `是`.
    Word,
    /// Nothing but blanks.
    Blank,
    /// The argument of a setter.
    Call,
    /// The lines below: a YAML block or a heredoc, until its end word.
    Block(Option<(usize, usize)>),
    /// The default in `${NAME:-default}`.
    Fallback,
}

/// What opened a quoted value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// A quote with so many backslashes before it.
    Mark(u8, usize),
    /// Three of them.
    Triple(u8),
    /// `&quot;` and kin.
    Entity(&'static str),
    /// `"#` of a raw string.
    Raw,
    /// `]]>`.
    Cdata,
}

/// The tie, up to the first byte of the value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tie {
    pub(super) bond: Bond,
    pub(super) at: usize,
    pub(super) quote: Option<Quote>,
    /// The name stands in quotes.
    pub(super) closed: bool,
    /// Nothing stands between name and operator, nor between operator and value.
    pub(super) tight: bool,
    /// The value is an element of a list.
    pub(super) list: bool,
    /// The elements of the list are pieces of one value.
    pub(super) pieces: bool,
}

const ENTITIES: [&str; 6] = ["&quot;", "&#34;", "&#39;", "&apos;", "%22", "%27"];

/// Whether anything that could tie follows: most names of code end here.
pub(super) fn possible(bytes: &[u8], end: usize) -> bool {
    let Some(byte) = bytes.get(end) else { return false };
    match byte {
        b'=' | b':' | b'"' | b'\'' | b'`' | b']' | b')' | b'>' | b'<' | b'\t' | b',' | b'|' | b'\\' | b'&' | b'\n'
        | b'\r' | b'?' | b'!' | b'%' | b'*' | b';' | b'(' | b'}' | b'[' | b'{' | b'+' | 0x1b => true,
        b' ' => !matches!(bytes.get(end + 1), Some(b'}' | b'+' | b'/' | b')' | b']' | b'.')),
        _ => !byte.is_ascii(),
    }
}

/// Reads the tie behind `name`.
pub(super) fn read(bytes: &[u8], name: &Range<usize>) -> Option<Tie> {
    let mut c = Cursor::new(bytes, name.end);
    let closed = close(&mut c, name);
    let after = c.at;
    let gap = c.blanks();
    let byte = c.peek();
    let tie = |bond| Tie { bond, at: 0, quote: None, closed, tight: gap == 0, list: false, pieces: false };
    if let Some(at) = pair(&c, closed) {
        return Some(open(Cursor::new(bytes, at), tie(Bond::Pair)));
    }
    match byte {
        b'=' => {
            c.run(3, |b| b == b'=');
            if matches!(c.peek(), b'~') {
                return None;
            }
            c.eat(">");
            Some(open(c, tie(Bond::Equals)))
        }
        b':' => colon(c, tie(Bond::Colon)),
        b'?' | b'!' | b'|' | b'&' | b'+' | b'%' | b'\\' if assigns(&mut c) => Some(open(c, tie(Bond::Equals))),
        b'?' | b'!' if c.look(1) == b':' => {
            c.at += 1;
            colon(c, tie(Bond::Colon))
        }
        b'|' => {
            c.at += 1;
            Some(open(c, tie(Bond::Cell)))
        }
        b'-' if c.look(1) == b'>' => {
            c.at += 2;
            Some(open(c, tie(Bond::Equals)))
        }
        b'-' if gap > 0 && c.look(1) == b' ' => {
            c.at += 2;
            Some(open(c, tie(Bond::Word)))
        }
        b'<' if c.look(1) == b'-' => {
            c.at += 2;
            Some(open(c, tie(Bond::Equals)))
        }
        b'<' if gap > 0 && c.eat("<(echo ") => Some(open(c, tie(Bond::Blank))),
        // C++: `std::string key{"…"}`.
        b'{' if gap == 0 && !closed && matches!(c.look(1), b'"' | b'R') => {
            c.at += 1;
            Some(open(c, tie(Bond::Equals)))
        }
        b'{' if closed && gap > 0 => default(c).map(|at| open(Cursor::new(bytes, at), tie(Bond::Equals))),
        b'<' => element(c).map(|at| Tie { closed: true, ..open(Cursor::new(bytes, at), tie(Bond::Markup)) }),
        b'>' => {
            c.at += 1;
            Some(open(c, tie(Bond::Markup)))
        }
        b',' => {
            c.at += 1;
            let mut found = open(c, tie(Bond::Comma));
            if found.quote.is_none() {
                let mut next = c;
                next.blanks();
                if next.down() {
                    let below = open(next, tie(Bond::Comma));
                    found = if below.quote.is_some() { below } else { found };
                }
            }
            Some(found)
        }
        b'(' if gap == 0 && !closed => {
            c.at += 1;
            Some(open(c, tie(Bond::Call)))
        }
        // `bad password [hunter2]`
        b'[' | b'(' if gap > 0 && !closed => {
            c.at += 1;
            Some(Tie { bond: Bond::Word, at: c.at, ..open(c, tie(Bond::Word)) })
        }
        // A property of C#: `Token { get; set; } = "…"`.
        b'{' if gap > 0 => {
            let end = c.rest(40).windows(4).position(|w| w == b"} = ")?;
            let inner = c.rest(end);
            if !inner.starts_with(b"{ get;") && !inner.starts_with(b"{ init;") {
                return None;
            }
            c.at += end + 3;
            Some(open(c, tie(Bond::Equals)))
        }
        b'"' | b'\'' | b'`' if gap > 0 => Some(open(c, tie(Bond::Blank))),
        _ if byte >= 0x80 => wide(&mut c).map(|bond| open(c, tie(bond))),
        _ if gap > 0 || closed => {
            if let Some(at) = word(&c) {
                return Some(open(Cursor::new(bytes, at), tie(Bond::Word)));
            }
            if let Some(at) = typed(&c) {
                return Some(open(Cursor::new(bytes, at), tie(Bond::Typed)));
            }
            // An element with attributes: `<password type="text">x`.
            if name.start.checked_sub(1).and_then(|i| bytes.get(i)) == Some(&b'<')
                && let Some(end) = c.rest(160).iter().position(|b| matches!(b, b'>' | b'<' | b'\n'))
                && c.look(end) == b'>'
                && c.look(end.saturating_sub(1)) != b'/'
            {
                return Some(open(Cursor::new(bytes, c.at + end + 1), tie(Bond::Markup)));
            }
            (after < c.at).then(|| open(c, tie(Bond::Blank)))
        }
        _ => None,
    }
}

/// Steps over what closes a quoted name: quotes, their escapes and entities, brackets, Markdown's stars.
fn close(c: &mut Cursor<'_>, name: &Range<usize>) -> bool {
    let mut next = *c;
    next.run(8, |b| b == b'\\');
    let mut closed = false;
    if matches!(next.peek(), b'"' | b'\'' | b'`') {
        next.at += 1;
        *c = next;
        closed = true;
    } else if ENTITIES.iter().any(|e| c.eat(e)) {
        closed = true;
    } else if c.peek() == b'*' {
        c.run(3, |b| b == b'*');
    }
    // An array in C: `char api_key[] = `.
    let mut array = *c;
    if array.eat("[") {
        array.run(4, |b| b.is_ascii_digit());
        if array.eat("]") {
            *c = array;
        }
    }
    let indexed = name.start.checked_sub(1).and_then(|i| c.bytes.get(i)) == Some(&b'[');
    if closed || indexed {
        c.run(1, |b| matches!(b, b']' | b')'));
    }
    closed
}

/// Operators of more than one byte that end in `=`, a default behind `||` or `??`, and `=` and `:` in other spellings.
fn assigns(c: &mut Cursor<'_>) -> bool {
    const WORDS: [&str; 18] = [
        "?=", "!=", "||=", "??=", "&&=", "+=", "|| ", "?? ", "?: ", "%3D", "%3d", "%3A", "%3a", "&#61;", "&#x3D;",
        "\\u003d", "\\u003D", "\\x3d",
    ];
    if !WORDS.iter().any(|w| c.eat(w)) {
        return false;
    }
    c.run(2, |b| b == b'=');
    true
}

fn colon(mut c: Cursor<'_>, tie: Tie) -> Option<Tie> {
    c.at += 1;
    if c.peek() == b'-' && c.look(1) != b' ' {
        c.at += 1;
        return Some(open(c, Tie { bond: Bond::Fallback, ..tie }));
    }
    if c.peek() == b':' {
        // `::` leads to a part of a type; LDIF has `userPassword:: …`, BNF `::=`.
        c.at += 1;
        if !(c.peek() == b'=' || (c.peek() == b' ' && tie.tight)) {
            return None;
        }
    }
    if c.eat("=") {
        return Some(open(c, Tie { bond: Bond::Equals, ..tie }));
    }
    let mut next = c;
    next.blanks();
    if let Some(at) = typed(&next) {
        return Some(open(Cursor::new(c.bytes, at), Tie { bond: Bond::Typed, ..tie }));
    }
    c.run(3, |b| b == b'*');
    Some(open(c, tie))
}

/// A type and `=`: `&'static str = `, `string = `, `As String = `.
fn typed(c: &Cursor<'_>) -> Option<usize> {
    let mut next = *c;
    if !(next.peek().is_ascii_alphabetic() || matches!(next.peek(), b'&' | b'*' | b'<' | b'[')) {
        return None;
    }
    let kind = |b: u8| b.is_ascii_alphanumeric() || b"_&<>'[]?. |:*()".contains(&b);
    let length = next.run(48, kind);
    if next.peek() != b'=' || length < 2 {
        return None;
    }
    let behind = c.rest(length);
    let spaced = behind.last().is_some_and(|b| matches!(b, b' ' | b':'));
    next.at += 1;
    (spaced && !matches!(next.peek(), b'=' | b'>' | b'~')).then_some(next.at)
}

/// `value` beside `name`: `"name": "X", "value": "…"`, `key="X" value="…"`, `- name: X` with `value: …` below.
fn pair(c: &Cursor<'_>, closed: bool) -> Option<usize> {
    let first = c.peek();
    if !(closed || matches!(first, b'\n' | b'\r' | b',')) {
        return None;
    }
    let mut next = *c;
    for _ in 0..4 {
        next.eat(",");
        next.blanks();
        next.down();
        next.run(4, |b| b == b'\\');
        next.run(1, |b| matches!(b, b'"' | b'\''));
        let found = ["value", "defaultvalue", "default", "content"].iter().find(|w| {
            let mut here = next;
            here.fold(w) && !(here.peek().is_ascii_alphanumeric() || matches!(here.peek(), b'_' | b'-' | b'.'))
        });
        if let Some(found) = found {
            next.at += found.len();
            next.run(4, |b| b == b'\\');
            next.run(1, |b| matches!(b, b'"' | b'\''));
            next.blanks();
            if !next.run(1, |b| matches!(b, b':' | b'=')).eq(&1) {
                return None;
            }
            return Some(next.at);
        }
        // Another attribute stands between: `type="string"`, `"type": "secret"`.
        if next.run(24, |b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-')) == 0 {
            return None;
        }
        next.run(4, |b| b == b'\\');
        next.run(1, |b| matches!(b, b'"' | b'\''));
        next.blanks();
        if next.run(1, |b| matches!(b, b':' | b'=')) == 0 {
            return None;
        }
        next.blanks();
        let slashes = next.run(4, |b| b == b'\\');
        let quote = next.peek();
        if matches!(quote, b'"' | b'\'') {
            next.at += 1;
            next.run(48, |b| b != quote && !matches!(b, b'\n' | b'\\'));
            next.run(slashes, |b| b == b'\\');
            if next.peek() != quote {
                return None;
            }
            next.at += 1;
        } else if next.run(16, |b| b.is_ascii_alphanumeric()) == 0 {
            return None;
        }
        next.blanks();
    }
    None
}

/// `</key><string>`, `</td><td>`: the element after the one that held the name.
fn element(mut c: Cursor<'_>) -> Option<usize> {
    if !c.eat("</") {
        return None;
    }
    c.run(24, |b| b != b'>');
    if !c.eat(">") {
        return None;
    }
    c.blanks();
    c.down();
    const VOID: [&str; 7] = ["input", "br", "img", "meta", "link", "hr", "label"];
    if !c.eat("<") || !c.peek().is_ascii_alphabetic() || VOID.iter().any(|v| value::begins(text(c), v)) {
        return None;
    }
    c.run(96, |b| !matches!(b, b'>' | b'\n'));
    c.eat(">").then_some(c.at)
}

/// The default in a block of its own: `variable "token" { type = string, default = "…" }`.
fn default(c: Cursor<'_>) -> Option<usize> {
    let rest = c.rest(400);
    let rest = rest.get(..memchr::memchr(b'}', rest)?)?;
    let found = memchr::memmem::find(rest, b"default")?;
    let mut next = Cursor::new(c.bytes, c.at + found + 7);
    next.blanks();
    next.eat("=").then_some(next.at)
}

/// The next bytes as text, as far as they are ASCII.
fn text<'a>(c: Cursor<'a>) -> &'a str {
    let rest = c.rest(8);
    let ascii = rest.iter().take_while(|b| b.is_ascii()).count();
    std::str::from_utf8(rest.get(..ascii).unwrap_or_default()).unwrap_or_default()
}

/// Words between a name and a value in a sentence.
fn word(c: &Cursor<'_>) -> Option<usize> {
    const WORDS: [&str; 22] = [
        "is set to ",
        "is now ",
        "is: ",
        "is ",
        "was ",
        "to ",
        "set to ",
        "changed to ",
        "lautet: ",
        "lautet ",
        "ist ",
        "est ",
        "es ",
        "war ",
        "jest ",
        "to: ",
        "of ",
        "will be ",
        "are ",
        "for now is ",
        "as ",
        "= ",
    ];
    let mut next = *c;
    if next.fold("for ") {
        return asked(next);
    }
    let found = WORDS.iter().find(|w| next.fold(w))?;
    // `as` and `of` tie only what stands in quotes.
    let loose = matches!(*found, "as " | "of " | "to ") && !matches!(next.peek(), b'"' | b'\'' | b'`');
    next.blanks();
    if next.eat(":") {
        next.blanks();
    }
    (!loose).then_some(next.at)
}

/// Behind the account that a password is asked or set for: `Password for ann: …`, `PASSWORD FOR 'ann'@'%' = '…'`.
fn asked(c: Cursor<'_>) -> Option<usize> {
    let line = c.rest(80);
    let line = line.get(..memchr::memchr(b'\n', line).unwrap_or(line.len()))?;
    let found = line.windows(3).position(|w| matches!(w, [b':', b' ', _] | [b' ', b'=', b' ']))?;
    let account = line.get(..found)?;
    let mut at = c.at + found + 2;
    if line.get(found) == Some(&b' ') {
        at += 1;
        if c.bytes.get(at) != Some(&b'\'') {
            return None;
        }
    }
    // An account, at most with a word that says so: `user ann`.
    (account.iter().filter(|b| **b == b' ').count() <= 1 && !account.contains(&b'(')).then_some(at)
}

/// The same in other scripts, and their colons.
fn wide(c: &mut Cursor<'_>) -> Option<Bond> {
    let colons = ["：", "＝"];
    let words = [
        "是：", "是:", "是", "为：", "为:", "为", "為", "は", "는 ", "은 ", "→", "—", "–", "「", "『", "“", "《",
        "は「", "は『", "é ", "è ", "är ", "er ",
    ];
    if colons.iter().any(|w| c.eat(w)) {
        return Some(Bond::Colon);
    }
    words.iter().any(|w| c.eat(w)).then_some(Bond::Word)
}

/// Functions that only wrap the value they are given.
const WRAPPERS: &str = "new from some string secret secretstring secretstr str bytes ok of sensitive just text value literal \
    encode b64decode base64decode decode fromstring frombase64string into_secret secretbox pure quote to_vec string_new \
    securestring stringbuilder stringbuffer concat paste0 unsecret secretvalue lit wrap box noecho unsafeplaintext field default";

/// From behind the tie to the first byte of the value.
fn open(mut c: Cursor<'_>, mut tie: Tie) -> Tie {
    let before = c.at;
    let gap = c.blanks();
    tie.tight &= gap == 0;
    // What a process substitution prints: `<(echo "…")`.
    c.eat("<(echo ");
    if let Some(block) = block(&c) {
        tie.bond = Bond::Block(block.1);
        tie.at = block.0;
        return tie;
    }
    // The value may stand on the next line, in quotes.
    let mut next = c;
    if matches!(tie.bond, Bond::Equals | Bond::Colon | Bond::Typed | Bond::Call | Bond::Pair | Bond::Markup)
        && (next.eat("\\\n") || next.at > 0)
        && next.down()
        && (tie.bond == Bond::Markup || prefixed(&next).is_some())
    {
        c = next;
    }
    // Ruby's `+"…"` makes a string that may grow.
    if c.peek() == b'+' && matches!(c.look(1), b'"' | b'\'') {
        c.at += 1;
    }
    if c.eat("<![CDATA[") {
        tie.quote = Some(Quote::Cdata);
        tie.at = c.at;
        return tie;
    }
    // `format("%s%s", "…", "…")`, `join("", ["…", "…"])`, `["…", "…"].join("")`: the pieces are the value.
    const JOINERS: [&str; 7] =
        ["format(\"%s%s\", ", "join(\"\", [", "\"\".join([", "\"\".join((", "''.join([", "''.join((", "implode('', ["];
    tie.pieces = JOINERS.iter().any(|p| c.eat(p)) || (matches!(c.peek(), b'[' | b'(') && joins(&c));
    if matches!(c.peek(), b'[' | b'(' | b'{') {
        let mut inner = c;
        inner.at += 1;
        inner.blanks();
        inner.down();
        if prefixed(&inner).is_some() {
            tie.list = !(c.peek() == b'{' && tie.closed);
            c = inner;
        }
    }
    // An element inside the element: `<Password><Value>…`.
    let mut inner = c;
    if tie.bond == Bond::Markup
        && inner.eat("<")
        && ["value>", "string>", "text>", "code>"].iter().any(|w| {
            inner.fold(w) && {
                inner.at -= 1;
                true
            }
        })
    {
        inner.run(64, |b| !matches!(b, b'>' | b'\n'));
        if inner.eat(">") {
            inner.blanks();
            c = inner;
        }
    }
    // `new String(`, `SecretStr(`, `Some(String::from(`.
    for _ in 0..2 {
        let mut inner = c;
        inner.eat("new ");
        let length = inner.run(40, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'!'));
        let path = inner.bytes.get(inner.at - length..inner.at).unwrap_or_default();
        if length == 0 || !inner.eat("(") {
            break;
        }
        let last = path.rsplit(|b| matches!(b, b':' | b'.')).next().unwrap_or_default();
        let last = last.strip_suffix(b"!").unwrap_or(last);
        tie.pieces |= matches!(last, b"concat" | b"paste0" | b"concat_ws" | b"Concat" | b"CONCAT");
        if !WRAPPERS.split_ascii_whitespace().any(|w| w.as_bytes().eq_ignore_ascii_case(last)) {
            break;
        }
        inner.blanks();
        inner.down();
        c = inner;
    }
    tie.at = c.at;
    if let Some((quote, at)) = prefixed(&c) {
        tie.quote = Some(quote);
        tie.at = at;
    } else if c.at == before + gap {
        tie.list = false;
    }
    tie
}

/// A list of literals that is joined at its end: `["a", "b"].join("")`.
fn joins(c: &Cursor<'_>) -> bool {
    let inner = c.rest(1024);
    let close = if c.peek() == b'[' { b']' } else { b')' };
    memchr::memchr2(close, b'\n', inner).is_some_and(|p| inner.get(p + 1..).is_some_and(|r| r.starts_with(b".join(")))
}

/// An opening quote, with the letters that languages put before it.
fn prefixed(c: &Cursor<'_>) -> Option<(Quote, usize)> {
    let mut next = *c;
    if let Some(entity) = ENTITIES.iter().find(|e| next.eat(e)) {
        return Some((Quote::Entity(entity), next.at));
    }
    let letters = next.run(3, |b| b"brRfFuULN@$qcBw8".contains(&b));
    let hashes = if letters > 0 { next.run(3, |b| b == b'#') } else { 0 };
    let slashes = next.run(8, |b| b == b'\\');
    let mark = next.peek();
    if !matches!(mark, b'"' | b'\'' | b'`') {
        return None;
    }
    if letters > 0 && mark == b'`' {
        return None;
    }
    next.at += 1;
    if hashes > 0 && mark == b'"' {
        return Some((Quote::Raw, next.at));
    }
    if slashes == 0 && next.peek() == mark && next.look(1) == mark {
        next.at += 2;
        if next.peek() == b'\n' {
            next.at += 1;
        }
        return Some((Quote::Triple(mark), next.at));
    }
    Some((Quote::Mark(mark, slashes), next.at))
}

/// The first line of a YAML block (`|`, `>-`) or of a heredoc, and the place of the heredoc's end word.
fn block(c: &Cursor<'_>) -> Option<(usize, Option<(usize, usize)>)> {
    let mut next = *c;
    match next.peek() {
        b'|' | b'>' => {
            next.at += 1;
            next.run(2, |b| matches!(b, b'+' | b'-' | b'1'..=b'9'));
            next.blanks();
            next.eat("\r");
            next.eat("\n").then_some((next.at, None))
        }
        b'<' if next.eat("<<") => {
            next.run(2, |b| matches!(b, b'-' | b'~' | b'<'));
            next.run(1, |b| matches!(b, b'\'' | b'"'));
            let from = next.at;
            let length = next.run(32, |b| b.is_ascii_alphanumeric() || b == b'_');
            next.run(2, |b| matches!(b, b'\'' | b'"' | b';'));
            next.eat("\r");
            (length > 0 && next.eat("\n")).then_some((next.at, Some((from, length))))
        }
        _ => None,
    }
}
