//! Tokens as data: literals and counted runs of a class of bytes, read by a table instead of a pattern.
//!
//! A spec is read at compile time. `{a36}` stands for 36 letters and digits, `{h32-64}` for 32 to 64 hexadecimal
//! digits, `{w20+}` for 20 or more; everything else stands for itself. Round brackets enclose the secret part where
//! it is not the whole, what follows a `?` may be missing, and a `!` in front wants a token that no word runs into.

use std::ops::Range;

const PARTS: usize = 14;
/// An open run stops here; a token's last run goes on to its end once the token is accepted.
const LONG: u16 = 2048;

const DIGIT: u32 = 1;
const LOWER: u32 = 1 << 1;
const UPPER: u32 = 1 << 2;
const ALNUM: u32 = 1 << 3;
const WORD: u32 = 1 << 4;
const HEX: u32 = 1 << 5;
const RADIX: u32 = 1 << 6;

/// Letters of the specs and the bytes they stand for, beyond the ranges that [`classes`] knows.
const LETTERS: &[u8; 20] = b"ahHunlzdwmpbestoxckv";

/// The classes of every byte, one bit each: first those that the code asks for, then those of the specs.
static CLASSES: [u32; 256] = classes();

const fn classes() -> [u32; 256] {
    let mut table = [0u32; 256];
    let mut at = 0usize;
    while at < 128 {
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        let b = at as u8;
        let mut bits = 0;
        if b.is_ascii_digit() {
            bits |= DIGIT;
        }
        if b.is_ascii_lowercase() {
            bits |= LOWER;
        }
        if b.is_ascii_uppercase() {
            bits |= UPPER;
        }
        if b.is_ascii_alphanumeric() {
            bits |= ALNUM | WORD | RADIX;
        }
        if b.is_ascii_hexdigit() {
            bits |= HEX;
        }
        if b == b'_' || b == b'-' {
            bits |= WORD | RADIX;
        }
        if b == b'+' || b == b'/' {
            bits |= RADIX;
        }
        let mut letter = 0;
        while letter < LETTERS.len() {
            if member(LETTERS[letter], b) {
                bits |= 1 << (8 + letter);
            }
            letter += 1;
        }
        table[at] = bits;
        at += 1;
    }
    table
}

const fn member(class: u8, b: u8) -> bool {
    match class {
        b'a' => b.is_ascii_alphanumeric(),
        b'h' => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        b'H' => b.is_ascii_hexdigit(),
        b'x' => matches!(b, b'0'..=b'9' | b'A'..=b'F'),
        b'u' => matches!(b, b'0'..=b'9' | b'A'..=b'Z'),
        b'n' => matches!(b, b'0'..=b'9' | b'a'..=b'z'),
        b'l' => b.is_ascii_alphabetic(),
        b'z' => b.is_ascii_lowercase(),
        b'd' => b.is_ascii_digit(),
        b's' => matches!(b, b'A'..=b'Z' | b'2'..=b'7'),
        b't' => matches!(b, b'a'..=b'z' | b'2'..=b'7'),
        b'c' => b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'),
        b'm' => b.is_ascii_alphanumeric() || b == b'_',
        b'p' => b.is_ascii_alphanumeric() || b == b'-',
        b'k' => matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'_'),
        b'w' => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
        b'b' => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'),
        b'e' => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-'),
        b'o' => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~'),
        b'v' => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%'),
        _ => false,
    }
}

fn is(byte: u8, classes: u32) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|bits| bits & classes != 0)
}

#[derive(Clone, Copy)]
enum Part {
    /// These bytes of the spec.
    Literal(u8, u8),
    /// Bytes of this class's bit, from so many to so many.
    Run(u8, u16, u16),
    /// The secret part begins.
    Open,
    /// The secret part ends.
    Close,
    /// What follows may be missing.
    Maybe,
    /// Nothing follows.
    End,
}

/// A shape of token, as a spec describes it.
#[derive(Clone, Copy)]
pub(super) struct Token {
    spec: &'static [u8],
    parts: [Part; PARTS],
    /// No word may run into it.
    alone: bool,
    /// Its first literal is of letters and digits alone, as chance may bring about inside base64.
    plain: bool,
    /// Its first literal is so long that it is told even inside a word.
    telling: bool,
    /// Bytes from its begin to the first literal: fewest and most.
    before: (u16, u16),
}

impl Token {
    /// The token that `spec` describes. A spec that cannot be read does not compile.
    pub(super) const fn new(spec: &'static str) -> Self {
        let mut rest = spec.as_bytes();
        let mut parts = [Part::End; PARTS];
        let mut len = 0;
        let mut alone = false;
        let mut literal: &[u8] = b"";
        let mut before = (0, 0);
        if let [b'!', tail @ ..] = rest {
            alone = true;
            rest = tail;
        }
        while let [first, tail @ ..] = rest {
            let part = match *first {
                b'{' => {
                    let (run, left) = run(tail);
                    rest = left;
                    if let Part::Run(_, min, max) = run
                        && literal.is_empty()
                    {
                        before = (before.0 + min, before.1 + max);
                    }
                    run
                }
                b'(' | b')' | b'?' => {
                    rest = tail;
                    match *first {
                        b'(' => Part::Open,
                        b')' => Part::Close,
                        _ => Part::Maybe,
                    }
                }
                _ => {
                    let mut end = 0;
                    while end < rest.len() && !matches!(rest[end], b'{' | b'(' | b')' | b'?') {
                        end += 1;
                    }
                    let (here, left) = rest.split_at(end);
                    rest = left;
                    if literal.is_empty() {
                        literal = here;
                    }
                    let from = spec.len() - rest.len() - end;
                    assert!(spec.len() < 256, "a spec is too long");
                    Part::Literal(from as u8, (from + end) as u8)
                }
            };
            assert!(len + 1 < PARTS, "a spec has too many parts");
            parts[len] = part;
            len += 1;
        }
        let mut plain = true;
        let mut at = 0;
        while at < literal.len() {
            plain &= literal[at].is_ascii_alphanumeric();
            at += 1;
        }
        Self { spec: spec.as_bytes(), parts, alone, plain, telling: literal.len() >= 8 && !plain, before }
    }

    /// The first literal in lower case: what to look for. Empty for a token without one.
    pub(super) fn key(&self) -> String {
        let literal = self.parts.iter().find(|p| matches!(p, Part::Literal(..)));
        String::from_utf8_lossy(literal.map(|l| self.literal(*l)).unwrap_or_default()).to_ascii_lowercase()
    }

    fn literal(&self, part: Part) -> &'static [u8] {
        let Part::Literal(from, to) = part else { return &[] };
        self.spec.get(usize::from(from)..usize::from(to)).unwrap_or_default()
    }

    fn starts_with(&self, byte: u8) -> bool {
        match self.parts.iter().find(|p| matches!(p, Part::Literal(..) | Part::Run(..))) {
            Some(Part::Run(class, ..)) => is(byte, 1 << class),
            Some(literal) => self.literal(*literal).first() == Some(&byte),
            None => false,
        }
    }
}

const fn run(spec: &'static [u8]) -> (Part, &'static [u8]) {
    let [letter, rest @ ..] = spec else { panic!("a run without a class") };
    let mut bit = 0;
    while bit < LETTERS.len() && LETTERS[bit] != *letter {
        bit += 1;
    }
    assert!(bit < LETTERS.len(), "no such class");
    let (min, rest) = number(rest);
    let (max, rest) = match rest {
        [b'-', rest @ ..] => number(rest),
        [b'+', rest @ ..] => (LONG, rest),
        _ => (min, rest),
    };
    let [b'}', rest @ ..] = rest else { panic!("a run that does not end") };
    assert!(min <= max, "a run from more to fewer");
    (Part::Run(8 + bit as u8, min, max), rest)
}

const fn number(digits: &'static [u8]) -> (u16, &'static [u8]) {
    let (mut value, mut rest) = (0, digits);
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value * 10 + (*digit - b'0') as u16;
        rest = tail;
    }
    (value, rest)
}

/// Where the secret part of `token` lies, when `key` is where its first literal was seen.
pub(super) fn read(bytes: &[u8], key: Range<usize>, token: &Token) -> Option<Range<usize>> {
    let (fewest, most) = token.before;
    let begin = if fewest == most {
        key.start.checked_sub(usize::from(most))?
    } else {
        let Some(Part::Run(class, ..)) = token.parts.first() else { return None };
        let most = usize::from(most);
        let ahead = bytes.get(key.start.saturating_sub(most + 1)..key.start)?;
        let length = ahead.iter().rev().take_while(|b| is(**b, 1 << class)).count();
        if length > most || length < usize::from(fewest) {
            return None;
        }
        key.start - length
    };
    at(bytes, begin, token)
}

/// Longest way from a vendor's name to its key.
const REACH: usize = 128;

/// The same for a token that only its vendor's name gives away: `key` is where that name was seen. It must be tied,
/// in the same line or the next two, to a name that speaks of a secret.
pub(super) fn named(bytes: &[u8], key: Range<usize>, token: &Token) -> Option<Range<usize>> {
    let name = |b: &&u8| is(**b, WORD) || **b == b'.';
    let before = bytes.get(key.start.saturating_sub(32)..key.start)?.iter().rev().take_while(name).count();
    // `hexa` is not Exa, `fooExa` is.
    let inside = before > 0 && bytes.get(key.start - 1).is_some_and(|b| is(*b, LOWER | UPPER));
    if inside && bytes.get(key.start).is_some_and(|b| is(*b, LOWER)) && !escape(bytes, key.start) {
        return None;
    }
    let limit = bytes.len().min(key.end + REACH);
    let mut place = key.end + bytes.get(key.end..limit)?.iter().take_while(name).count();
    let mut lines = 0;
    while place < limit {
        let byte = *bytes.get(place)?;
        lines += u32::from(byte == b'\n');
        if lines > 2 {
            return None;
        }
        if token.starts_with(byte)
            && place
                .checked_sub(1)
                .and_then(|p| bytes.get(p))
                .is_some_and(|b| !is(*b, WORD) && *b != b'.' && *b != b'$')
            && let Some(span) = at(bytes, place, token)
        {
            return assigned(bytes.get(key.start - before..place)?).then_some(span);
        }
        // On to the next word.
        let word = bytes.get(place..limit)?.iter().take_while(|b| is(**b, WORD)).count();
        place += word.max(1);
    }
    None
}

/// Words one of which is in every name of a secret.
const SPEAKING: &[&[u8]] = &[
    b"key", b"token", b"secret", b"pass", b"pwd", b"auth", b"cred", b"pat", b"login", b"bearer", b"api", b"priv",
    b"wif", b"seed", b"dsn", b"ssws",
];
/// Words of names that hold no secret.
const OTHER: &[&[u8]] = &[
    b"sha1",
    b"sha2",
    b"sha5",
    b"hash",
    b"commit",
    b"digest",
    b"checksum",
    b"integrity",
    b"version",
    b"md5",
    b"public",
    b"search",
    b"client_id",
    b"fingerprint",
    b"secrets/",
    b"arn:",
];
/// How far before a value its name may end, when blanks alone tie the two: `the key to use is x`.
const PROSE: usize = 24;

/// From a vendor's name to a value: a name of a secret and something that ties the two.
fn assigned(between: &[u8]) -> bool {
    let has =
        |part: &[u8], words: &[&[u8]]| words.iter().any(|w| part.windows(w.len()).any(|b| b.eq_ignore_ascii_case(w)));
    let tie = between.iter().rev().take_while(|b| !is(**b, WORD) && **b != b'.').count();
    let (name, tie) = between.split_at_checked(between.len() - tie).unwrap_or_default();
    let id = name.len() >= 2 && name.get(name.len() - 2..).is_some_and(|b| b.eq_ignore_ascii_case(b"id"));
    if tie.is_empty() || id || has(between, OTHER) {
        return false;
    }
    let bound =
        tie.iter().any(|b| matches!(b, b'=' | b':' | b'>' | b'(' | b',' | b';' | b'|' | b'\t') || !b.is_ascii());
    has(if bound { between } else { name.get(name.len().saturating_sub(PROSE)..).unwrap_or_default() }, SPEAKING)
}

/// `acme_live_…`, `acme-prod-…`: what vendors nobody has listed call their keys. `at` is where the word between the
/// marks was seen; publishable keys are none.
pub(super) fn staged(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let head = bytes.get(at.saturating_sub(20)..at).unwrap_or_default();
    let length = head.iter().rev().take_while(|b| is(**b, LOWER | DIGIT) || **b == b'_' || **b == b'-').count();
    let begin = at - length;
    let vendor = bytes.get(begin..at).unwrap_or_default();
    let public = vendor.starts_with(b"pk") || vendor.windows(3).any(|w| w == b"pub");
    if !(2..=16).contains(&length)
        || public
        || !vendor.first().is_some_and(|b| is(*b, LOWER))
        || !boundary(bytes, begin)
    {
        return;
    }
    let word = bytes.get(at + 1..).unwrap_or_default().iter().take(12).take_while(|b| is(**b, LOWER)).count();
    let from = at + 1 + word + 1;
    let run = bytes.get(from..).unwrap_or_default().iter().take_while(|b| is(**b, ALNUM)).count();
    let body = bytes.get(from..from + run).unwrap_or_default();
    let mut lot = Lot { mixed: true, ..Lot::default() };
    lot.feed(body);
    if run >= 20 && lot.kinds & DIGIT != 0 && lot.drawn(true) && bytes.get(from + run).is_none_or(|b| !is(*b, WORD)) {
        out.push(begin..from + run);
    }
}

/// Reads the token that begins at `begin`.
fn at(bytes: &[u8], begin: usize, token: &Token) -> Option<Range<usize>> {
    if !left(bytes, begin, token) {
        return None;
    }
    let mut place = begin;
    let (mut from, mut to, mut kept, mut run) = (begin, None, None, 0..0);
    let mut lot = Lot::default();
    let mut last = ALNUM;
    for part in &token.parts {
        let next = match *part {
            Part::End => break,
            Part::Open => {
                from = place;
                (lot, run) = (Lot::default(), place..place);
                Some(place)
            }
            Part::Close => {
                to = Some(place);
                Some(place)
            }
            Part::Maybe => {
                kept = Some((place, last));
                Some(place)
            }
            literal @ Part::Literal(..) => {
                last = ALNUM;
                same(bytes, place, token.literal(literal))
            }
            Part::Run(class, min, max) => {
                let class = 1 << class;
                last = class | ALNUM;
                let more = bytes.get(place..)?.iter().take(usize::from(max)).take_while(|b| is(**b, class)).count();
                if more >= usize::from(min) {
                    lot.feed(bytes.get(run)?);
                    lot.mixed |= is(b'0', class);
                    run = place..place + more;
                }
                (more >= usize::from(min)).then_some(place + more)
            }
        };
        match (next, kept) {
            (Some(next), _) => place = next,
            (None, Some((back, class))) => {
                (place, last) = (back, class);
                break;
            }
            (None, None) => return None,
        }
    }
    let rest = bytes.get(place..)?;
    // A token's last run goes on as long as its class does.
    let end = token.parts.iter().rev().find(|p| !matches!(p, Part::End | Part::Close));
    if let Some(Part::Run(class, _, LONG)) = end
        && last & 1 << class != 0
    {
        let more = rest.iter().take_while(|b| is(**b, 1 << class)).count();
        to = to.map(|to| to + more);
        place += more;
        run.end = place;
    }
    let rest = bytes.get(place..)?;
    if rest.first().is_some_and(|b| is(*b, last) || token.alone && is(*b, WORD))
        || token.plain && by_chance(rest.iter())
    {
        return None;
    }
    lot.feed(bytes.get(run)?);
    lot.drawn(token.alone).then_some(from..to.unwrap_or(place))
}

/// What comes after `literal` when it stands at `place`, also with the escapes that JSON and URLs put into addresses.
fn same(bytes: &[u8], place: usize, literal: &[u8]) -> Option<usize> {
    if bytes.get(place..)?.starts_with(literal) {
        return Some(place + literal.len());
    }
    let mut at = place;
    for want in literal {
        let rest = bytes.get(at..)?;
        at += match (*want, rest) {
            (want, [byte, ..]) if want == *byte => 1,
            (b'/', [b'\\', b'/', ..]) => 2,
            (b'/', [b'%', b'2', b'f' | b'F', ..])
            | (b':', [b'%', b'3', b'a' | b'A', ..])
            | (b'=', [b'%', b'3', b'd' | b'D', ..])
            | (b'@', [b'%', b'4', b'0', ..])
            | (b'$', [b'%', b'2', b'4', ..]) => 3,
            (b'&', [b'&', b'a', b'm', b'p', b';', ..]) => 5,
            (b'&', [b'\\', b'u', b'0', b'0', b'2', b'6', ..])
            | (b'=', [b'\\', b'u', b'0', b'0', b'3', b'd' | b'D', ..]) => 6,
            _ => return None,
        };
    }
    Some(at)
}

/// A token may begin at `at`: nothing of its own alphabet stands before it, unless that belongs to an escape.
fn left(bytes: &[u8], at: usize, token: &Token) -> bool {
    let Some(last) = at.checked_sub(1).and_then(|p| bytes.get(p)).copied() else { return true };
    if is(last, ALNUM) {
        return bytes.get(at).is_some_and(|b| !is(*b, ALNUM)) || escape(bytes, at) || token.telling;
    }
    if token.alone && (is(last, WORD) || last == b'.') {
        return false;
    }
    !(token.plain && is(last, RADIX) && by_chance(bytes.get(..at).unwrap_or_default().iter().rev()))
}

/// A token may begin at `at`: what precedes it is no letter or digit, or belongs to an escape (`\n`, `%20`,
/// `\u003d`, `=3D`, a colour code).
pub(super) fn boundary(bytes: &[u8], at: usize) -> bool {
    !bytes.get(at).is_some_and(|b| is(*b, ALNUM))
        || at.checked_sub(1).and_then(|p| bytes.get(p)).is_none_or(|b| !is(*b, ALNUM))
        || escape(bytes, at)
}

fn escape(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at.saturating_sub(6)..at).unwrap_or_default() {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'a' | b'e' | b'0'] => true,
        [.., b'%', x, y] if is(*x, HEX) && is(*y, HEX) => true,
        // Quoted-printable writes capitals.
        [.., b'=', x, y] if is(*x, HEX) && is(*y, HEX) && !is(*x, LOWER) && !is(*y, LOWER) => true,
        [.., b'%', b'2', b'5', x, y] | [.., b'\\', b'x', x, y] if is(*x, HEX) && is(*y, HEX) => true,
        [.., b'\\', b'u', b'0', b'0', x, y] if is(*x, HEX) && is(*y, HEX) => true,
        [.., b'm'] => {
            let code = bytes.get(at.saturating_sub(16)..at - 1).unwrap_or_default();
            let digits = code.iter().rev().take_while(|b| is(**b, DIGIT) || **b == b';').count();
            code.iter().rev().nth(digits) == Some(&b'[')
        }
        _ => false,
    }
}

/// These bytes, read away from a token, are the rest of one long random run: it is none, but a piece of it.
fn by_chance<'a>(run: impl Iterator<Item = &'a u8>) -> bool {
    let (mut length, mut turns, mut seen, mut last) = (0u32, 0u32, 0u32, 0u32);
    for byte in run.take(40).take_while(|b| is(**b, RADIX)) {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or_default() & (DIGIT | LOWER | UPPER);
        turns += u32::from(class != last && class != 0 && last != 0);
        (length, seen, last) = (length + 1, seen | class, class);
    }
    length >= 16 && seen == DIGIT | LOWER | UPPER && turns * 5 >= length * 2
}

/// Pieces that only documents put inside a token.
const MARKS: [&[u8]; 25] = [
    b"example",
    b"xxxxx",
    b"placeholder",
    b"changeme",
    b"dummy",
    b"redacted",
    b"insert",
    b"replace",
    b"sample",
    b"your",
    b"fake",
    b"notreal",
    b"secret",
    b"token",
    b"apikey",
    b"test",
    b"deadbeef",
    b"cafebabe",
    b"foobar",
    b"here",
    b"mykey",
    b"abc123",
    b"invalid",
    b"randomstring",
    b"documentation",
];

/// Which letters follow which at the begin of a mark, as bits: most places of a token are no such pair.
static PAIRS: [u32; 26] = pairs();

const fn pairs() -> [u32; 26] {
    let mut table = [0; 26];
    let mut at = 0;
    while at < MARKS.len() {
        table[(MARKS[at][0] - b'a') as usize] |= 1 << (MARKS[at][1] - b'a');
        at += 1;
    }
    table
}

/// Pieces of the samples that vendors print in their documents.
const SAMPLES: &[&[u8]] = &[
    b"4eC39HqLyjWDarjt",
    b"BQokikJOvBiI2HlW",
    b"Eby8vdM02xNOcqFl",
    b"C2y6yDjf5/R+ob0N",
    b"wJalrXUtnFEMI",
    b"je7MtGbClwBF",
    b"IOSFODNN7EX",
    b"I44QH8DHB",
];

/// What the runs of a token are made of: whether they look drawn by lot.
#[derive(Default)]
struct Lot {
    seen: u128,
    length: u32,
    kinds: u32,
    turns: u32,
    joins: u32,
    /// Some run may hold digits.
    mixed: bool,
    broken: bool,
}

impl Lot {
    /// One more run. Rows of the alphabet, one byte over and over and the words of documents are no lot.
    fn feed(&mut self, run: &[u8]) {
        let (mut same, mut row, mut woven) = (1u32, 1u32, 0u32);
        let (mut first, mut second) = (0u8, 0u8);
        for byte in run {
            self.seen |= 1u128 << (byte & 127);
            let kind = CLASSES.get(usize::from(*byte)).copied().unwrap_or_default() & (DIGIT | LOWER | UPPER);
            same = if *byte == first { same + 1 } else { 1 };
            row = if *byte == first.wrapping_add(1) { row + 1 } else { 1 };
            woven = if *byte == second.wrapping_add(1) { woven + 1 } else { 0 };
            // Binary values in base64 hold rows of zero bits.
            self.broken |=
                same >= if is(*byte, DIGIT) { 8 } else { 6 } && (*byte != b'A' || same > 12) || row >= 7 || woven >= 6;
            self.turns += u32::from(first != 0 && !is(first, kind));
            self.joins += u32::from(kind == 0);
            self.kinds |= kind;
            self.length += 1;
            (second, first) = (first, *byte);
        }
        self.broken |= marked(run) || SAMPLES.iter().any(|s| run.windows(s.len()).any(|w| w == *s));
    }

    fn drawn(&self, strict: bool) -> bool {
        let few = match self.length {
            0..8 => 2,
            8..12 => 4,
            12..20 => 5,
            20..30 => 7,
            _ => 8,
        };
        let number = self.kinds == DIGIT;
        if self.broken || self.seen.count_ones() < if number { few.min(5) } else { few } || strict && number {
            return false;
        }
        if self.kinds & DIGIT != 0 || self.length < if strict { 1 } else { 12 } {
            return true;
        }
        // Words: one case and no digit; or two and hardly a change of case.
        if self.kinds == LOWER || self.kinds == UPPER {
            return !self.mixed || !strict && self.joins == 0 && self.length < 24;
        }
        self.turns * if strict { 3 } else { 4 } >= self.length
    }
}

/// A mark in one case throughout, or with a capital in front: chance seldom writes so.
fn marked(body: &[u8]) -> bool {
    body.windows(2).enumerate().any(|(at, pair)| {
        let [first, second] = pair else { return false };
        let letter = |b: &u8| u32::from(b.to_ascii_lowercase().wrapping_sub(b'a'));
        let seconds = PAIRS.get(usize::try_from(letter(first)).unwrap_or(usize::MAX)).copied().unwrap_or_default();
        letter(second) < 26
            && seconds >> letter(second) & 1 == 1
            && MARKS.iter().any(|mark| {
                let Some(here) = body.get(at..at + mark.len()) else { return false };
                let tail = here.get(1..).unwrap_or_default();
                here.eq_ignore_ascii_case(mark)
                    && (tail.iter().all(|b| !is(*b, UPPER)) || here.iter().all(|b| !is(*b, LOWER)))
            })
    })
}
