//! Does a run of bytes look drawn by lot?

use super::class::{CLASSES, DIGIT, LOWER, UPPER, is};

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
pub(super) struct Lot {
    seen: u128,
    length: u32,
    pub(super) kinds: u32,
    turns: u32,
    joins: u32,
    /// Some run may hold digits.
    pub(super) mixed: bool,
    broken: bool,
    /// Numbers alone are in rows: of no weight beside anything else.
    counted: bool,
}

impl Lot {
    /// One more run. Rows of the alphabet, one byte over and over and the words of documents are no lot.
    pub(super) fn feed(&mut self, run: &[u8]) {
        let (mut same, mut row, mut woven) = (1u32, 1u32, 0u32);
        let (mut first, mut second) = (0u8, 0u8);
        // Ids between dashes, as `123456789012-`, are nobody's choice.
        let mut number = 0;
        for (at, byte) in run.iter().enumerate() {
            if at == number || first == b'-' {
                let rest = run.get(at..).unwrap_or_default();
                number = at + rest.iter().take_while(|b| is(**b, DIGIT)).count();
                number = if run.get(number).is_none_or(|b| *b == b'-') { number } else { at };
            }
            self.seen |= 1u128 << (byte & 127);
            let kind = CLASSES.get(usize::from(*byte)).copied().unwrap_or_default() & (DIGIT | LOWER | UPPER);
            same = if *byte == first { same + 1 } else { 1 };
            row = if *byte == first.wrapping_add(1) { row + 1 } else { 1 };
            woven = if *byte == second.wrapping_add(1) { woven + 1 } else { 0 };
            // Binary values in base64 hold rows of zero bits.
            let rowed =
                same >= if is(*byte, DIGIT) { 8 } else { 6 } && (*byte != b'A' || same > 12) || row >= 7 || woven >= 6;
            self.broken |= rowed && at >= number;
            self.counted |= rowed;
            self.turns += u32::from(first != 0 && !is(first, kind));
            self.joins += u32::from(kind == 0);
            self.kinds |= kind;
            self.length += 1;
            (second, first) = (first, *byte);
        }
        // A few letters again and again: what they spell does not matter.
        let few = run.len() >= 30 && run.iter().fold(0u128, |seen, b| seen | 1 << (b & 127)).count_ones() < 8;
        self.broken |=
            few && self.kinds != DIGIT || marked(run) || SAMPLES.iter().any(|s| memchr::memmem::find(run, s).is_some());
    }

    pub(super) fn drawn(&self, strict: bool) -> bool {
        let few = match self.length {
            0..8 => 2,
            8..12 => 4,
            12..20 => 5,
            20..30 => 7,
            _ => 8,
        };
        let number = self.kinds == DIGIT;
        if self.broken
            || number && self.counted
            || self.seen.count_ones() < if number { few.min(5) } else { few }
            || strict && number
        {
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
