//! Bytes as text and back: UTF-8, UTF-16 with or without a byte order mark, and whatever stands between. Every byte that is no text
//! becomes a character of its own that no text uses, and comes back as the byte it was.

/// How a text was spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// UTF-8, or bytes that are nothing else.
    Utf8,
    /// UTF-16, the low byte first.
    Little,
    /// UTF-16, the high byte first.
    Big,
}

/// The last 256 characters of the last private plane stand for bytes that are no UTF-8. Where a text uses one of them, its
/// own four bytes are replaced in the same way, so that the way back is the same for all.
const BYTE: u32 = 0x0010_FF00;
/// So do these 2048 for halves of surrogate pairs that stand alone.
const HALF: u32 = 0x0010_F000;

/// How many bytes at the beginning tell that a text without a mark is UTF-16.
const SAMPLE: usize = 64;

/// A file that is looked at only by people with special tools: it holds a NUL near its beginning and is no UTF-16.
#[must_use]
pub fn binary(bytes: &[u8]) -> bool {
    whole_form(bytes) == Form::Utf8 && bytes.iter().take(8_000).any(|b| *b == 0)
}

/// How a text is spelled that begins so and goes on; `None` where too little of it has come. The first bytes that tell
/// decide, so that it does not matter in which pieces they came.
fn form(bytes: &[u8]) -> Option<Form> {
    (4..=bytes.len().min(SAMPLE)).filter_map(|n| bytes.get(..n)).find(|first| tells(first)).map(decided)
}

/// How a text is spelled of which nothing more comes.
fn whole_form(bytes: &[u8]) -> Form {
    form(bytes).unwrap_or_else(|| decided(bytes))
}

fn decided(bytes: &[u8]) -> Form {
    match bytes {
        // The mark of UTF-32, which is not read: its NULs make it binary.
        [0xFF, 0xFE, 0, 0, ..] => Form::Utf8,
        [0xFF, 0xFE, ..] => Form::Little,
        [0xFE, 0xFF, ..] => Form::Big,
        _ => unmarked(bytes).unwrap_or(Form::Utf8),
    }
}

/// These bytes, four at least, say how a text is spelled, whatever follows. UTF-16 without a mark has a NUL among them,
/// or is no UTF-8; a line that is complete without one waits no longer.
fn tells(first: &[u8]) -> bool {
    let mark = matches!(first, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    let utf8 = || std::str::from_utf8(first).map_or_else(|e| e.error_len().is_none(), |_| true);
    mark || first.len() >= SAMPLE || (!first.contains(&0) && (first.contains(&b'\n') || utf8()))
}

/// How UTF-16 without a mark is spelled: one half of nearly every pair is NUL, the other never.
#[must_use]
pub fn unmarked(bytes: &[u8]) -> Option<Form> {
    let pairs = || bytes.chunks_exact(2);
    let nul = |half: usize| pairs().filter(|pair| pair.get(half) == Some(&0)).count();
    let (all, first, second) = (pairs().count(), nul(0), nul(1));
    let most = |n: usize| all > 3 && n * 4 >= all * 3;
    match (first, second) {
        (0, n) if most(n) => Some(Form::Little),
        (n, 0) if most(n) => Some(Form::Big),
        _ => None,
    }
}

/// The text of these bytes.
#[must_use]
pub fn text(bytes: &[u8]) -> (String, Form) {
    as_form(bytes, whole_form(bytes))
}

/// The text of these bytes, spelled so.
#[must_use]
pub fn as_form(bytes: &[u8], form: Form) -> (String, Form) {
    let mut reader = Reader { form: Some(form), ..Reader::default() };
    let mut text = reader.feed(bytes);
    text.push_str(&reader.finish());
    (text, reader.form())
}

/// Reads bytes that come in pieces, cut anywhere.
#[derive(Debug, Default)]
pub struct Reader {
    /// `None` until the first bytes have told.
    form: Option<Form>,
    /// The bytes of a character that is not complete.
    held: Vec<u8>,
}

impl Reader {
    /// The text that is complete with these bytes.
    pub fn feed(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let Some(form) = self.form.or_else(|| form(&self.held)) else { return String::new() };
        self.form = Some(form);
        let rest = self.held.split_off(self.held.len() - cut(&self.held, form));
        let text = read(&self.held, form);
        self.held = rest;
        text
    }

    /// What is left, complete or not.
    pub fn finish(&mut self) -> String {
        let form = *self.form.get_or_insert_with(|| whole_form(&self.held));
        read(&std::mem::take(&mut self.held), form)
    }

    /// How the text is spelled.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form.unwrap_or(Form::Utf8)
    }
}

fn read(bytes: &[u8], form: Form) -> String {
    match form {
        Form::Utf8 => utf8(bytes),
        Form::Little => utf16(bytes, u16::from_le_bytes),
        Form::Big => utf16(bytes, u16::from_be_bytes),
    }
}

/// How many bytes at the end may be the beginning of a character.
fn cut(bytes: &[u8], form: Form) -> usize {
    let unit = |pair: [u8; 2]| if form == Form::Big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
    if form == Form::Utf8 {
        let last = bytes.utf8_chunks().last();
        let open = |bad: &&[u8]| std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none());
        return last.map(|chunk| chunk.invalid()).filter(open).map_or(0, <[u8]>::len);
    }
    let (pairs, odd) = bytes.as_chunks::<2>();
    // The first half of a pair waits for the second.
    let half = pairs.last().is_some_and(|pair| (0xD800..0xDC00).contains(&unit(*pair)));
    odd.len() + if half { 2 } else { 0 }
}

fn byte(b: u8) -> char {
    char::from_u32(BYTE + u32::from(b)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn half(unit: u16) -> char {
    char::from_u32(HALF + u32::from(unit & 0x07FF)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn utf8(bytes: &[u8]) -> String {
    // Four-byte sequences of the last plane begin with F4 8F.
    let special = memchr::memmem::find(bytes, &[0xF4, 0x8F]).is_some();
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(|_| !special) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if u32::from(c) >= BYTE {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|b| out.push(byte(b)));
            } else {
                out.push(c);
            }
        }
        chunk.invalid().iter().for_each(|b| out.push(byte(*b)));
    }
    out
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let pairs = bytes.chunks_exact(2);
    let odd = pairs.remainder().first().copied();
    let units = pairs.filter_map(|pair| Some(unit([*pair.first()?, *pair.get(1)?])));
    let mut out = String::with_capacity(bytes.len());
    for c in char::decode_utf16(units) {
        match c {
            Ok(c) if u32::from(c) >= HALF => c.encode_utf16(&mut [0; 2]).iter().for_each(|u| out.push(half(*u))),
            Ok(c) => out.push(c),
            Err(alone) => out.push(half(alone.unpaired_surrogate())),
        }
    }
    out.extend(odd.map(byte));
    out
}

/// The bytes of a text that [`text`] made, or of one that differs from it in places.
#[must_use]
pub fn bytes(text: &str, form: Form) -> Vec<u8> {
    if form == Form::Utf8 && memchr::memmem::find(text.as_bytes(), &[0xF4, 0x8F]).is_none() {
        return text.as_bytes().to_vec();
    }
    let low = |c: char, from: u32| u16::try_from(u32::from(c) - from).unwrap_or_default();
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let number = u32::from(c);
        if number >= BYTE {
            out.push(u8::try_from(number - BYTE).unwrap_or_default());
            continue;
        }
        let mut put = |unit: u16| match form {
            Form::Big => out.extend(unit.to_be_bytes()),
            _ => out.extend(unit.to_le_bytes()),
        };
        match form {
            Form::Utf8 => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            _ if (HALF..HALF + 0x0800).contains(&number) => put(0xD800 | low(c, HALF)),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|u| put(*u)),
        }
    }
    out
}

/// Every byte of it was a character.
#[must_use]
pub fn whole(text: &str) -> bool {
    text.chars().all(|c| u32::from(c) < HALF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(bytes_in: &[u8]) {
        let (text, form) = text(bytes_in);
        assert_eq!(bytes(&text, form), bytes_in, "{text:?}");
        for size in 1..8 {
            let mut reader = Reader::default();
            let mut pieces: String = bytes_in.chunks(size).map(|piece| reader.feed(piece)).collect();
            pieces.push_str(&reader.finish());
            assert_eq!((pieces.as_str(), reader.form()), (text.as_str(), form), "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_text_comes_back_as_it_was() {
        for odd in [
            &b"a\xffb\xc3"[..],
            b"\xff\xfea\0b\0c",
            // A line that tells, and then what looks like UTF-16.
            b"\xe9t\xe9\nk\0e\0y\0 \0=\0 \x001\0k\0e\0y\0 \0=\0 \x001\0k\0e\0y\0 \0=\0 \x001\0k\0e\0y\0 \0=\0 \x001\0",
            b"\xfe\xff\xd8\x00\0a",
            b"\0\0\0",
            b"",
            "\u{10fffd}\u{10f123}é".as_bytes(),
        ] {
            there_and_back(odd);
        }
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for (unit, form) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], Form::Little), (u16::to_be_bytes, Form::Big)] {
            for unsaid in ["key = 1\n", "kéy = ü and more of it, so that the first bytes are not all there is\n"] {
                there_and_back(&wide(unsaid, unit));
                assert_eq!(text(&wide(unsaid, unit)), (unsaid.to_owned(), form));
            }
        }
        let big: Vec<u8> = "\u{feff}h\u{10f123}\u{10ff01}ü".encode_utf16().flat_map(u16::to_be_bytes).collect();
        there_and_back(&big);
        assert_eq!(text(&big).1, Form::Big);
    }

    /// `tail -f` of a log that begins with another alphabet.
    #[test]
    fn a_first_line_does_not_wait_for_more() {
        for line in ["日本\n".as_bytes(), b"\xe9t\xe9\n", b"abc\n", "\u{1f600}".as_bytes()] {
            assert!(!Reader::default().feed(line).is_empty(), "{line:?}");
        }
        assert_eq!(Reader::default().feed(b"k\0e\0y\0"), "", "this may be UTF-16 or no text at all");
    }

    #[test]
    fn binary_files_are_told_from_utf_16() {
        assert!(binary(b"\x7fELF\0\0") && binary(b"\xff\xfe\0\0a\0\0\0"));
        assert!(!binary(b"\xff\xfea\0") && !binary(b"text") && !binary(b""));
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes_in in proptest::collection::vec(any::<u8>(), 0..200), mark in 0..4) {
            let mark: &[u8] = match mark { 0 => b"", 1 => b"\xff\xfe", 2 => b"k\0e\0y\0s\0", _ => b"\xfe\xff" };
            there_and_back(&[mark, &bytes_in].concat());
        }
    }
}
