//! One pass over a text for hundreds of literals, faster than an automaton of them: three bytes of each literal, its
//! rarest, are looked up in a table that fits the first cache; only where the table says so is a literal compared.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Literals, ready to be searched: any number of them, some ten thousands a pass.
#[derive(Clone, Default)]
pub(super) struct Grams(Vec<Part>);

/// Literals of one pass.
#[derive(Clone)]
struct Part {
    /// A byte for every place a gram may have: 0 where none of a literal has it, else a bit for each class of bytes that may
    /// come next.
    table: Vec<u8>,
    /// What grams are multiplied with: one that keeps those of literals away from those that texts are full of.
    mix: u32,
    /// For every place, the first of `words` whose gram has it.
    first: Vec<u16>,
    /// By the place of their gram.
    words: Vec<Word>,
}

#[derive(Clone)]
struct Word {
    gram: u32,
    /// What stands before and behind its gram in it, in one case; nothing where it begins or ends there.
    beside: (Option<u8>, Option<u8>),
    bytes: Box<[u8]>,
    /// Where its gram begins in it.
    at: usize,
    /// Upper and lower case differ.
    exact: bool,
    /// What the caller knows it by.
    id: usize,
}

/// Places of the table: few of them are taken, and those that texts often ask for stay in the first cache.
const SIZE: usize = 1 << 17;
const WIDTH: usize = 3;
/// Multipliers that are tried for many words.
const TRIES: u32 = 8;
/// So few words are not worth it.
const FEW: usize = 200;
/// Most words of a pass.
const MOST: usize = u16::MAX as usize;
/// Letters by how often source code has them; what is not listed is rarer still.
const COMMON: &[u8] = b" etaoinsrlhdcu\n_mfpg.,()\"=y;b:vw-/0k1x2'`{}[]>34<5j6789&q#z*|!+@$%?\\^~";

/// The first three of four bytes in one case, in the upper part of the number. Setting one bit folds more than letters
/// together; comparing tells them apart again.
const fn gram(bytes: u32) -> u32 {
    (bytes << 8) | 0x2020_2000
}

/// One of eight classes of bytes, the same for both cases of a letter.
const fn class(byte: u8) -> u8 {
    1 << (byte & 7)
}

/// The six grams in eight bytes.
fn grams(eight: [u8; 8]) -> [u32; 6] {
    let eight = u64::from_le_bytes(eight);
    std::array::from_fn(|n| gram(u32::try_from(eight >> (8 * n) & 0xFFFF_FFFF).unwrap_or(0)))
}

/// Where a gram stands in the table; `mix` is odd.
const fn place(gram: u32, mix: u32) -> usize {
    (gram.wrapping_mul(mix) >> (u32::BITS - SIZE.trailing_zeros())) as usize & (SIZE - 1)
}

impl Grams {
    /// A word of one byte is not looked for, and one of two not at the very end of a text; `exact` says whether case
    /// counts.
    pub(super) fn new<'a>(words: impl IntoIterator<Item = (usize, &'a str, bool)>) -> Self {
        static RARITY: OnceLock<Rarity> = OnceLock::new();
        let mut words = words.into_iter().peekable();
        if words.peek().is_none() {
            return Self::default();
        }
        let rarity = RARITY.get_or_init(Rarity::new);
        let all: Vec<Word> = words.flat_map(|(id, word, exact)| rarity.words(id, word, exact)).collect();
        Self(all.chunks(MOST).map(|words| Part::new(rarity, words.to_vec())).collect())
    }

    /// Calls `found(id, start, end)` for every place, by the place of the gram: almost, not strictly, by start.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        self.0.iter().for_each(|part| part.each(text, &mut found));
    }
}

impl Part {
    fn new(rarity: &Rarity, mut all: Vec<Word>) -> Self {
        let mix = rarity.mix(&all);
        all.sort_by_key(|word| (place(word.gram, mix), word.gram));
        let (mut table, mut first) = (vec![0u8; SIZE], vec![0u16; SIZE]);
        for (index, word) in all.iter().enumerate().rev() {
            let place = place(word.gram, mix);
            if let (Some(known), Some(first)) = (table.get_mut(place), first.get_mut(place)) {
                *known |= word.beside.1.map_or(u8::MAX, class);
                *first = u16::try_from(index).unwrap_or(u16::MAX);
            }
        }
        Self { table, mix, first, words: all }
    }

    fn each(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
        let Some(table) = self.table.first_chunk::<SIZE>() else { return };
        let (mut at, mix) = (0, self.mix);
        // Eight bytes hold six grams: one branch for all of them, as nearly none is a literal's.
        while let Some(eight) = text.get(at..).and_then(|w| w.first_chunk::<8>()) {
            let any = grams(*eight).into_iter().fold(0, |any, gram| any | table[place(gram, mix)]);
            if any != 0 {
                self.six(text, at, *eight, found);
            }
            at += 6;
        }
        for at in at..text.len() {
            let rest = text.get(at..).unwrap_or_default();
            if let Some(&[a, b, c]) = rest.first_chunk::<WIDTH>() {
                self.compare(text, gram(u32::from_le_bytes([a, b, c, 0])), at, found);
            }
        }
    }

    /// The literals that begin with one of six grams; apart from the loop, to leave that small.
    #[inline(never)]
    fn six(&self, text: &[u8], at: usize, eight: [u8; 8], found: &mut impl FnMut(usize, usize, usize)) {
        for (n, gram) in grams(eight).into_iter().enumerate() {
            let known = self.table.get(place(gram, self.mix)).copied().unwrap_or(0);
            // The byte behind it tells most of the others apart before anything else is read.
            if known != 0 && text.get(at + n + WIDTH).is_none_or(|next| known & class(*next) != 0) {
                self.compare(text, gram, at + n, found);
            }
        }
    }

    fn compare(&self, text: &[u8], gram: u32, at: usize, found: &mut impl FnMut(usize, usize, usize)) {
        let place = place(gram, self.mix);
        let first = self.first.get(place).copied().unwrap_or(0);
        let fold = |at: Option<usize>| at.and_then(|at| text.get(at)).map(|b| b | 0x20);
        let (before, behind) = (fold(at.checked_sub(1)), fold(Some(at + WIDTH)));
        for word in self.words.get(usize::from(first)..).unwrap_or_default() {
            if word.gram != gram {
                if self::place(word.gram, self.mix) != place {
                    return;
                }
                continue;
            }
            // One byte on either side tells most of them apart.
            if word.beside.0.is_some_and(|b| Some(b) != before) || word.beside.1.is_some_and(|b| Some(b) != behind) {
                continue;
            }
            let Some(start) = at.checked_sub(word.at) else { continue };
            let end = start + word.bytes.len();
            let Some(there) = text.get(start..end) else { continue };
            if if word.exact { there == &*word.bytes } else { there.eq_ignore_ascii_case(&word.bytes) } {
                found(word.id, start, end);
            }
        }
    }
}

/// The commonest grams of source code in one case, the most common first, `S` for a blank: counted over 75 MB of sources
/// in a dozen languages.
static FREQUENT: &str = include_str!("grams.txt");

/// Tells rare grams from common ones.
struct Rarity(HashMap<u32, usize, Fold>);

impl Rarity {
    fn new() -> Self {
        let grams = FREQUENT.split_ascii_whitespace().filter_map(|g| g.as_bytes().first_chunk::<WIDTH>());
        let blank = |b: u8| if b == b'S' { b' ' } else { b };
        let read = |&[a, b, c]: &[u8; WIDTH]| gram(u32::from_le_bytes([blank(a), blank(b), blank(c), 0]));
        Self(grams.enumerate().map(|(rank, three)| (read(three), rank)).collect())
    }

    /// The multiplier that puts the fewest of the frequent grams into a place of a word's.
    fn mix(&self, words: &[Word]) -> u32 {
        let own: HashMap<u32, (), Fold> = words.iter().map(|w| (w.gram, ())).collect();
        let others: Vec<(u32, usize)> = self
            .0
            .iter()
            .filter(|(gram, _)| !own.contains_key(gram))
            .map(|(g, rank)| (*g, self.0.len() - rank))
            .collect();
        let cost = |mix: &u32| {
            let mut taken = vec![false; SIZE];
            for gram in own.keys() {
                if let Some(taken) = taken.get_mut(place(*gram, *mix)) {
                    *taken = true;
                }
            }
            others
                .iter()
                .filter(|(g, _)| taken.get(place(*g, *mix)) == Some(&true))
                .map(|(_, weight)| weight)
                .sum::<usize>()
        };
        let tries = if words.len() < FEW { 1 } else { TRIES };
        (0..tries).map(|n| 0x9E37_79B1u32.wrapping_mul(2 * n + 1)).min_by_key(cost).unwrap_or(1)
    }

    /// A word by its rarest gram; one of two bytes by all that begin with it.
    fn words(&self, id: usize, word: &str, exact: bool) -> Vec<Word> {
        let bytes = word.as_bytes();
        let rarest = self.rarest(bytes);
        let at = rarest.unwrap_or(0);
        let mut grams: Vec<u32> = match (bytes.get(at..at + WIDTH), bytes) {
            (Some(&[a, b, c]), _) => vec![gram(u32::from_le_bytes([a, b, c, 0]))],
            // Two bytes and any third that is written.
            (None, &[a, b]) => (b' '..=b'~').chain([b'\n']).map(|c| gram(u32::from_le_bytes([a, b, c, 0]))).collect(),
            _ => Vec::new(),
        };
        grams.sort_unstable();
        grams.dedup();
        let fold = |at: Option<usize>| at.and_then(|at| bytes.get(at)).map(|b| b | 0x20);
        let beside = (fold(at.checked_sub(1)), fold(Some(at + WIDTH)));
        grams.into_iter().map(|gram| Word { gram, beside, bytes: bytes.into(), at, exact, id }).collect()
    }

    /// Where the three rarest bytes in a row begin.
    fn rarest(&self, word: &[u8]) -> Option<usize> {
        let rank = |b: &u8| COMMON.iter().position(|c| *c == b.to_ascii_lowercase()).unwrap_or(COMMON.len()) + 4;
        let weight = |w: &[u8]| {
            let &[a, b, c] = w.first_chunk::<WIDTH>()?;
            Some(match self.0.get(&gram(u32::from_le_bytes([a, b, c, 0]))) {
                Some(frequent) => *frequent,
                // Products of ranks stand for products of probabilities.
                None => self.0.len() + w.iter().map(rank).product::<usize>(),
            })
        };
        word.windows(WIDTH).enumerate().max_by_key(|(_, w)| weight(w)).map(|(at, _)| at)
    }
}

/// A hash of three bytes: one multiplication.
#[derive(Clone, Copy, Default)]
struct Fold;

impl std::hash::BuildHasher for Fold {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(0)
    }
}

struct Folded(u64);

impl std::hash::Hasher for Folded {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, gram: u32) {
        self.0 = (self.0 ^ u64::from(gram)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(words: &[&str], text: &str, exact: bool) -> Vec<(usize, usize, usize)> {
        let mut out = Vec::new();
        Grams::new(words.iter().enumerate().map(|(id, w)| (id, *w, exact)))
            .each(text.as_bytes(), |id, start, end| out.push((id, start, end)));
        out.sort_unstable();
        out
    }

    #[test]
    fn literals_are_found_in_any_case_and_at_both_ends() {
        assert_eq!(places(&["ghp_", "://"], "GHP_x h://", false), [(0, 0, 4), (1, 7, 10)]);
        assert_eq!(places(&["ghp_"], "GHP_ ghp_", true), [(0, 5, 9)]);
        assert_eq!(places(&["abc"], "abc", true), [(0, 0, 3)]);
        assert_eq!(places(&["SK", "k", ""], "aSK1 sk2", true), [(0, 1, 3)]);
        assert!(places(&[], "ab", true).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_missed_that_a_plain_search_finds(
            text in "[a-cA-C_@`-]{0,60}",
            words in prop::collection::vec("[a-cA-C_@`-]{3,6}", 1..6),
            exact in any::<bool>(),
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut plain = Vec::new();
            for (id, word) in words.iter().enumerate() {
                for start in 0..text.len() {
                    let there = text.get(start..start + word.len());
                    if there.is_some_and(|t| if exact { t == *word } else { t.eq_ignore_ascii_case(word) }) {
                        plain.push((id, start, start + word.len()));
                    }
                }
            }
            prop_assert_eq!(places(&words, &text, exact), plain);
        }
    }
}
