//! Views of what is written in base64 or in hexadecimal digits and reads as text once decoded.

use std::ops::Range;

use super::digits::{digit, sextets, value16};
use super::dump;

/// Shorter runs hold no name with a value.
const LEAST: usize = 2 * BLOCK - 1;
const BLOCK: usize = 16;
/// Most of a run that is decoded.
pub(super) const MOST: usize = 64 * 1024;
/// What two pieces of a longer run have in common: a multiple of four.
const OVERLAP: usize = 8 * 1024;
/// Bytes that must read as text before the rest is decoded: random data fails here.
pub(super) const PROOF: usize = 12;

/// A decoded run.
pub(super) struct Run {
    pub(super) text: String,
    /// The places in the original of the characters it was decoded from.
    pub(super) chars: Vec<Range<usize>>,
    /// Characters that stand for how many bytes: 4 for 3 in base64, 2 for 1 in hexadecimal.
    pub(super) ratio: (usize, usize),
}

impl Run {
    /// A range of the decoded text in the original: every character that says something of it.
    pub(super) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        let (chars, bytes) = self.ratio;
        let first = span.start * chars / bytes;
        let last = (span.end * chars).div_ceil(bytes);
        self.place(first)..last.checked_sub(1).map_or(0, |c| self.place(c) + 1).max(self.place(first))
    }

    /// Where the character of this index stands.
    fn place(&self, index: usize) -> usize {
        let mut left = index;
        for range in &self.chars {
            if left < range.len() {
                return range.start + left;
            }
            left -= range.len();
        }
        self.chars.last().map_or(0, |range| range.end)
    }
}

/// Which of sixteen bytes are below every digit, as blanks, quotes and brackets are, by their highest bits: that there
/// are some tells most blocks of a text.
const fn below(block: u128) -> u128 {
    const EACH: u128 = u128::MAX / 255;
    block.wrapping_sub(EACH * b'+' as u128) & !block & (EACH * 0x80)
}

/// Every third or every fifth byte is marked, as blanks are between the pairs of a dump or between its groups of four.
const fn even(marks: u128) -> bool {
    (marks != 0) & ((marks >> 24 == marks & (u128::MAX >> 24)) | (marks >> 40 == marks & (u128::MAX >> 40)))
}

/// The bytes marked are ends of lines.
const fn ended(block: u128, marks: u128) -> bool {
    const EACH: u128 = u128::MAX / 255;
    let ends = block ^ (EACH * b'\n' as u128);
    (marks != 0) & (ends.wrapping_sub(EACH) & !ends & (EACH * 0x80) == marks)
}

/// Nothing but digits of base64 and what ends their lines.
fn lines(block: &[u8; BLOCK]) -> bool {
    block.iter().all(|b| digit(*b) || matches!(b, b'\n' | b'\r' | b'='))
}

/// Nothing but hexadecimal digits and blanks.
fn pairs(block: &[u8; BLOCK]) -> bool {
    block.iter().all(|b| b.is_ascii_hexdigit() || *b == b' ')
}

/// Of eleven blocks three are looked at for short lines and pairs, which is enough for what is a few lines long: rows of
/// dumps are as wide as three blocks and nearly as wide as four or five, so an even step would meet the same place of
/// each.
const ELEVEN: usize = 11;
const LOOKED: [usize; 3] = [0, 3, 7];
/// So many short lines may lie before such a block.
const ABOVE: usize = 4;

/// Calls `found` with what short lines of base64 and the pairs of dumps say.
fn narrow(text: &str, found: &mut impl FnMut(Run)) {
    let blocks = text.as_bytes().as_chunks::<BLOCK>().0;
    let mut done = 0;
    for (index, eleven) in blocks.chunks(ELEVEN).enumerate() {
        for place in LOOKED {
            let Some(block) = eleven.get(place) else { continue };
            let whole = u128::from_le_bytes(*block);
            let marks = below(whole);
            if even(marks) | ended(whole, marks) {
                done = narrowly(text, done, (index * ELEVEN + place) * BLOCK, block, found);
            }
        }
    }
}

/// Looks at a block that has its blanks or its line's end where such lines have them; returns what is done with.
#[cold]
fn narrowly(text: &str, done: usize, at: usize, block: &[u8; BLOCK], found: &mut impl FnMut(Run)) -> usize {
    if at < done {
        return done;
    }
    if lines(block) {
        let end = at + memchr::memchr(b'\n', block).unwrap_or_default();
        folded(text, done..end, found).unwrap_or(done)
    } else if pairs(block) {
        dump::read(text, done..at, found)
    } else {
        done
    }
}

/// The first block from this one on that may be all digits; apart, to keep the loop over all blocks small.
#[inline(never)]
fn next(blocks: &[[u8; BLOCK]], from: usize) -> Option<usize> {
    let skipped = blocks.get(from..)?.iter().position(|block| below(u128::from_le_bytes(*block)) == 0)?;
    Some(from + skipped)
}

/// Calls `found` with every run of `text` that reads as text once decoded.
pub(super) fn each(text: &str, mut found: impl FnMut(Run)) {
    narrow(text, &mut found);
    let bytes = text.as_bytes();
    let blocks = bytes.as_chunks::<BLOCK>().0;
    let (mut index, mut done) = (0, 0);
    // A run of LEAST cannot lie without filling one of these blocks; to look at all of a block is one instruction or two.
    while let Some(next) = next(blocks, index) {
        index = next + 1;
        let at = next * BLOCK;
        if at < done || !blocks.get(next).is_some_and(|block| block.iter().all(|b| digit(*b))) {
            continue;
        }
        let back = bytes.get(done..at).unwrap_or_default().iter().rev().take_while(|b| digit(**b)).count();
        let start = at - back;
        let end = at + bytes.get(at..).unwrap_or_default().iter().take_while(|b| digit(**b)).count();
        if end - start >= LEAST {
            done = decode(text, start..end, &mut found);
        } else if bytes.get(end) == Some(&b'\n') {
            done = folded(text, done..end, &mut found).unwrap_or(done);
        }
    }
}

/// Narrowest lines into which base64 is folded.
const NARROW: usize = 16;

/// Decodes lines that are too short to be runs of their own: one of them ends at `range.end`, and they may begin
/// anywhere in the range. Returns where they end.
fn folded(text: &str, range: Range<usize>, found: &mut impl FnMut(Run)) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = range.end;
    let width = bytes.get(range.start..end)?.iter().rev().take(LEAST).take_while(|b| digit(**b)).count();
    if !(NARROW..LEAST).contains(&width) || !width.is_multiple_of(4) {
        return None;
    }
    // The block may lie some lines into them.
    let above = |start: usize| {
        let line = start.checked_sub(width + 1).filter(|line| *line >= range.start)?;
        let whole = bytes.get(line..start - 1)?.iter().all(|b| digit(*b)) && bytes.get(start - 1) == Some(&b'\n');
        (whole && !line.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(|b| digit(*b))).then_some(line)
    };
    let mut start = end - width;
    for _ in 0..ABOVE {
        start = above(start).unwrap_or(start);
    }
    let end = start + width;
    readable(sextets(bytes.get(start..end)?.iter().copied()).take(PROOF))?;
    let mut chars: Vec<Range<usize>> = std::iter::once(start..end).collect();
    wrapped(bytes, end, width, &mut chars);
    let last = chars.last().filter(|_| chars.len() > 1)?.end;
    let text = longest(sextets(chars.iter().filter_map(|r| bytes.get(r.clone())).flatten().copied()))?;
    found(Run { text, chars, ratio: (4, 3) });
    Some(last)
}

/// Decodes the run and returns where it ends, the lines below it included.
fn decode(text: &str, run: Range<usize>, found: &mut impl FnMut(Run)) -> usize {
    let bytes = text.as_bytes();
    let Some(data) = bytes.get(run.clone()) else { return run.end };
    if data.len() >= 32 && data.iter().take(BLOCK).all(u8::is_ascii_hexdigit) {
        let length = data.iter().take(MOST).take_while(|b| b.is_ascii_hexdigit()).count() & !1;
        let pairs = data.chunks_exact(2).take(length / 2).map(|p| match p {
            [a, b] => value16(*a) << 4 | value16(*b),
            _ => 0,
        });
        if let Some(text) = readable(pairs) {
            found(Run { text, chars: std::iter::once(run.start..run.start + length).collect(), ratio: (2, 1) });
            return run.end;
        }
    }
    // `a/b=` before it: a path or a name in front of the data would shift it.
    for skip in [0, 1, 2, 3] {
        let from = run.start + skip;
        if skip > 0 && !matches!(bytes.get(from - 1), Some(b'/' | b'-' | b'_' | b'+' | b'n' | b't')) {
            continue;
        }
        let digits = bytes.get(from..run.end).unwrap_or_default();
        if readable(sextets(digits.iter().copied()).take(PROOF)).is_none() && !wide(digits) {
            continue;
        }
        let mut chars: Vec<Range<usize>> = std::iter::once(from..run.end.min(from + MOST)).collect();
        wrapped(bytes, run.end, run.end - from, &mut chars);
        let end = chars.last().map_or(run.end, |last| last.end.max(run.end));
        if wide(bytes.get(from..run.end).unwrap_or_default()) {
            let all = chars.iter().filter_map(|r| bytes.get(r.clone())).flatten().copied();
            if let Some(text) = longest(sextets(all).step_by(2)) {
                found(Run { text, chars, ratio: (8, 3) });
            }
            return end;
        }
        let all = chars.iter().filter_map(|r| bytes.get(r.clone())).flatten().copied();
        if let Some(text) = longest(sextets(all)) {
            found(Run { text, chars, ratio: (4, 3) });
        }
        // What is longer is read on in pieces that overlap.
        let mut next = from + MOST - OVERLAP;
        while next + OVERLAP < run.end {
            let piece = next..run.end.min(next + MOST);
            let digits = bytes.get(piece.clone()).unwrap_or_default().iter().copied();
            let Some(text) = longest(sextets(digits)) else { break };
            found(Run { text, chars: Vec::from([piece]), ratio: (4, 3) });
            next += MOST - OVERLAP;
        }
        return end;
    }
    run.end
}

/// Two bytes a character, as Windows writes text: every second one is nothing.
fn wide(digits: &[u8]) -> bool {
    let mut proof = sextets(digits.iter().copied());
    (0..PROOF).all(|_| proof.next().is_some_and(reads) && proof.next() == Some(0))
}

/// The lines below a line of base64 that is as wide as tools make it.
fn wrapped(bytes: &[u8], mut end: usize, width: usize, chars: &mut Vec<Range<usize>>) {
    let even = (NARROW..60).contains(&width) && width.is_multiple_of(4);
    if !even && !(60..=76).contains(&width) {
        return;
    }
    let mut total = width;
    while total < MOST {
        let lead = bytes.get(end..).unwrap_or_default().iter().take(40);
        let lead = lead.take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t' | b'+' | b'"')).count();
        if !bytes.get(end..end + lead).is_some_and(|l| l.contains(&b'\n')) {
            return;
        }
        let start = end + lead;
        let length = bytes.get(start..).unwrap_or_default().iter().take(width + 1).take_while(|b| digit(**b)).count();
        if length == 0 || length > width {
            return;
        }
        chars.push(start..start + length);
        total += length;
        end = start + length;
        if length < width {
            return;
        }
    }
}

/// The bytes as text, when they are text throughout; a character may be cut off at the end.
pub(super) fn readable(bytes: impl Iterator<Item = u8>) -> Option<String> {
    let mut out = Vec::new();
    for byte in bytes {
        if !reads(byte) && byte < 0x80 {
            return None;
        }
        out.push(byte);
    }
    match String::from_utf8(out) {
        Ok(text) => Some(text),
        Err(error) if error.utf8_error().error_len().is_none() => {
            let valid = error.utf8_error().valid_up_to();
            error.into_bytes().get(..valid).and_then(|b| std::str::from_utf8(b).ok()).map(str::to_owned)
        }
        Err(_) => None,
    }
    .filter(|s| !s.is_empty())
}

/// The bytes as text up to where they stop being text.
pub(super) fn longest(bytes: impl Iterator<Item = u8>) -> Option<String> {
    let out: Vec<u8> = bytes.take_while(|b| reads(*b) || *b >= 0x80).collect();
    match String::from_utf8(out) {
        Ok(text) => Some(text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(valid);
            String::from_utf8(bytes).ok()
        }
    }
    .filter(|text| text.len() >= PROOF)
}

const fn reads(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    fn runs(text: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        each(text, |run| out.push((run.text.clone(), text[run.origin(&(0..run.text.len()))].to_owned())));
        out
    }

    #[test]
    fn text_in_base64_and_in_hexadecimal_is_read() {
        let plain = "password=not-so-easy-to-guess";
        for encoded in [STANDARD.encode(plain), URL_SAFE_NO_PAD.encode(plain)] {
            for text in [
                encoded.clone(),
                format!("data: {encoded}\n"),
                format!("x/{encoded}"),
                format!("{}{encoded}", ".".repeat(33)),
            ] {
                let found = runs(&text);
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(
                    (found[0].0.as_str(), found[0].1.as_str()),
                    (plain, encoded.trim_end_matches('=')),
                    "{text}"
                );
            }
        }
        let hex: String = plain.bytes().map(|b| format!("{b:02x}")).collect();
        assert_eq!(runs(&hex), [(plain.to_owned(), hex.clone())]);
    }

    #[test]
    fn lines_of_base64_are_one_run() {
        let plain = "name = value of some length, and then some more words to fill the lines\n".repeat(3);
        let encoded = STANDARD.encode(&plain);
        let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|c| std::str::from_utf8(c).unwrap()).collect();
        let found = runs(&format!("x:\n  {}\n", lines.join("\n  ")));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, plain);
    }

    #[test]
    fn narrow_lines_of_base64_are_one_run() {
        let plain = "DB_PASSWORD = not so easy to guess, is it? And then some more.\n";
        let encoded = STANDARD.encode(plain);
        for width in [16, 20, 24, 28, 32, 40, 48, 64] {
            for (lead, end) in [("", "\n"), ("key:\n", "\n"), ("some words before\n\n", "\n"), ("a", "\n")] {
                let lines: Vec<&str> =
                    encoded.as_bytes().chunks(width).map(|c| std::str::from_utf8(c).unwrap()).collect();
                let lead = if lead == "a" { "x ".repeat(13) + "\n" } else { lead.to_owned() };
                let mut found = runs(&format!("{lead}{}{end}and so on.\n", lines.join(end)));
                found.dedup();
                assert_eq!(found.len(), 1, "{width} {lead:?}");
                assert!(found[0].0.starts_with(plain.trim_end()), "{width}: {found:?}");
            }
        }
    }

    #[test]
    fn names_hashes_and_pictures_are_no_text() {
        for text in [
            "a_rather_long_name_for_a_function_of_ours",
            &"0123456789abcdef".repeat(4),
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
        ] {
            assert!(runs(text).is_empty(), "{text}: {:?}", runs(text));
        }
    }

    #[test]
    fn part_of_a_run_is_where_its_digits_are() {
        let encoded = STANDARD.encode("user: ann, word: tops");
        each(&encoded, |run| {
            let at = run.text.find("tops").unwrap();
            let span = run.origin(&(at..at + 4));
            assert!(encoded[..span.start].len() * 3 / 4 <= at && span.len() <= 8);
        });
    }
}
