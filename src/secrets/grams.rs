//! One pass over a text for hundreds of literals, faster than an automaton of them: three bytes of each literal, its
//! rarest, are looked up in a table that fits the first cache; only where the table says so is a literal compared.

/// Literals, ready to be searched: any number of them, some ten thousands a pass.
#[derive(Clone, Default)]
pub(super) struct Grams(Vec<Part>);

/// Literals of one pass.
#[derive(Clone)]
struct Part {
    /// A byte for every place a gram may have: 0 where none of a literal has it, else a bit for each class of bytes that may
    /// come next.
    table: Vec<u8>,
    mix: Mix,
    /// For every so many places, the first of `words` whose gram has one of them or a later one; nothing where few words are
    /// as quickly found without.
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
/// Places whose words are found from the same one on: where the words are thousands, one or two of them.
const NEAR: usize = 16;
/// So few words are not worth choosing for.
const FEW: usize = 200;
/// Most words of a pass.
const MOST: usize = u16::MAX as usize;
/// Letters by how often source code has them; what is not listed is rarer still.
const COMMON: &[u8] = b" etaoinsrlhdcu\n_mfpg.,()\"=y;b:vw-/0k1x2'`{}[]>34<5j6789&q#z*|!+@$%?\\^~";

/// Three bytes in one case, the first in the lowest part of the number. Setting one bit folds more than letters together;
/// comparing tells them apart again.
const fn gram([a, b, c]: [u8; WIDTH]) -> u32 {
    u32::from_le_bytes([a, b, c, 0]) | 0x0020_2020
}

/// One of eight classes of bytes, the same for both cases of a letter.
const fn class(byte: u8) -> u8 {
    1 << (byte & 7)
}

/// How far a gram is shifted before it is laid over itself, twice: its place in the table is what then is lowest. So mixed,
/// eight bytes hold the places of six grams at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mix(u32, u32);

impl Mix {
    /// Every pair that keeps a place to its gram's own bytes.
    fn all() -> impl Iterator<Item = Self> {
        (1..=LAST).flat_map(|a| (a + 1..=LAST).map(move |b| Self(a, b)))
    }

    const fn over(self, bytes: u64) -> u64 {
        bytes ^ (bytes >> self.0) ^ (bytes >> self.1)
    }

    /// Where a gram stands in the table.
    fn place(self, gram: u32) -> usize {
        usize::try_from(self.over(u64::from(gram))).unwrap_or(0) & (SIZE - 1)
    }

    /// The places of the six grams in eight bytes.
    fn six(self, eight: [u8; 8]) -> [usize; 6] {
        let mixed = self.over(u64::from_le_bytes(eight) | 0x2020_2020_2020_2020);
        std::array::from_fn(|n| usize::try_from(mixed >> (8 * n)).unwrap_or(0) & (SIZE - 1))
    }
}

/// Farthest shift: a place's bits and these are a gram's.
const LAST: u32 = 8 * 3 - SIZE.trailing_zeros();

impl Grams {
    /// A word of one byte is not looked for, and one of two not at the very end of a text; `exact` says whether case
    /// counts.
    pub(super) fn new<'a>(words: impl IntoIterator<Item = (usize, &'a str, bool)>) -> Self {
        let words: Vec<_> = words.into_iter().collect();
        let choice = Choice::of(words.iter().map(|(_, word, _)| *word));
        Self::chosen(words, &choice)
    }

    /// The same with what was chosen before for these words in this order.
    pub(super) fn chosen<'a>(words: impl IntoIterator<Item = (usize, &'a str, bool)>, choice: &Choice) -> Self {
        let at = choice.at.iter().copied().chain(std::iter::repeat(0));
        let mut all =
            words.into_iter().zip(at).flat_map(|((id, word, exact), at)| Word::all(id, word, exact, at)).peekable();
        let mut parts = Vec::new();
        while all.peek().is_some() {
            parts.push(Part::new(choice.mix, all.by_ref().take(MOST).collect()));
        }
        Self(parts)
    }

    /// Calls `found(id, start, end)` for every place, by the place of the gram: almost, not strictly, by start.
    pub(super) fn each(&self, text: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        self.0.iter().for_each(|part| part.each(text, &mut found));
    }
}

impl Part {
    fn new(mix: Mix, mut all: Vec<Word>) -> Self {
        all.shrink_to_fit();
        all.sort_by_key(|word| (mix.place(word.gram), word.gram));
        let mut table = vec![0u8; SIZE];
        for word in &all {
            if let Some(known) = table.get_mut(mix.place(word.gram)) {
                *known |= word.beside.1.map_or(u8::MAX, class);
            }
        }
        let mut at = 0;
        let mut from = |place: usize| {
            while all.get(at).is_some_and(|word| mix.place(word.gram) < place) {
                at += 1;
            }
            u16::try_from(at).unwrap_or(u16::MAX)
        };
        let near = if all.len() > FEW { SIZE / NEAR } else { 0 };
        let first = (0..near).map(|near| from(near * NEAR)).collect();
        Self { table, mix, first, words: all }
    }

    fn each(&self, text: &[u8], found: &mut impl FnMut(usize, usize, usize)) {
        let Some(table) = self.table.first_chunk::<SIZE>() else { return };
        let (mut at, mix) = (0, self.mix);
        // Eight bytes hold six grams: one branch for all of them, as nearly none is a literal's.
        while let Some(eight) = text.get(at..).and_then(|w| w.first_chunk::<8>()) {
            let any = mix.six(*eight).into_iter().fold(0, |any, place| any | table[place]);
            if any != 0 {
                self.six(text, at, *eight, found);
            }
            at += 6;
        }
        for at in at..text.len() {
            let rest = text.get(at..).unwrap_or_default();
            if let Some(three) = rest.first_chunk::<WIDTH>() {
                self.compare(text, gram(*three), at, found);
            }
        }
    }

    /// The literals that begin with one of six grams; apart from the loop, to leave that small.
    #[inline(never)]
    fn six(&self, text: &[u8], at: usize, eight: [u8; 8], found: &mut impl FnMut(usize, usize, usize)) {
        for (n, place) in self.mix.six(eight).into_iter().enumerate() {
            let known = self.table.get(place).copied().unwrap_or(0);
            // The byte behind it tells most of the others apart before anything else is read.
            if known != 0
                && text.get(at + n + WIDTH).is_none_or(|next| known & class(*next) != 0)
                && let Some(three) = eight.get(n..).and_then(|rest| rest.first_chunk::<WIDTH>())
            {
                self.compare(text, gram(*three), at + n, found);
            }
        }
    }

    fn compare(&self, text: &[u8], gram: u32, at: usize, found: &mut impl FnMut(usize, usize, usize)) {
        let place = self.mix.place(gram);
        let first = self.first.get(place / NEAR).map_or_else(
            || self.words.partition_point(|word| self.mix.place(word.gram) < place),
            |first| usize::from(*first),
        );
        let fold = |at: Option<usize>| at.and_then(|at| text.get(at)).map(|b| b | 0x20);
        let (before, behind) = (fold(at.checked_sub(1)), fold(Some(at + WIDTH)));
        for word in self.words.get(first..).unwrap_or_default() {
            if word.gram != gram {
                if self.mix.place(word.gram) > place {
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

impl Word {
    /// A word by the gram that begins at `at` in it; one of two bytes by all that begin with it.
    fn all(id: usize, word: &str, exact: bool, at: usize) -> Vec<Self> {
        let bytes = word.as_bytes();
        let at = at.min(bytes.len().saturating_sub(WIDTH));
        let mut grams: Vec<u32> = match (bytes.get(at..).and_then(|rest| rest.first_chunk()), bytes) {
            (Some(&three), _) => vec![gram(three)],
            // Two bytes and any third that is written.
            (None, &[a, b]) => (b' '..=b'~').chain([b'\n']).map(|c| gram([a, b, c])).collect(),
            _ => Vec::new(),
        };
        grams.sort_unstable();
        grams.dedup();
        let fold = |at: Option<usize>| at.and_then(|at| bytes.get(at)).map(|b| b | 0x20);
        let beside = (fold(at.checked_sub(1)), fold(Some(at + WIDTH)));
        grams.into_iter().map(|gram| Self { gram, beside, bytes: bytes.into(), at, exact, id }).collect()
    }
}

/// The commonest grams of source code in one case, the most common first, `S` for a blank: counted over 67 MB of sources
/// in a dozen languages.
static FREQUENT: &str = include_str!("grams.txt");

/// Which gram of each word is looked for, and how grams are mixed. Any choice finds the same; a good one is seldom asked
/// to look closer.
pub(super) struct Choice {
    mix: Mix,
    at: Vec<usize>,
}

impl Choice {
    /// The best for these words: quick for a few, a tenth of a second for thousands.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str> + Clone) -> Self {
        if words.clone().nth(FEW).is_none() {
            let mix = Mix(1, LAST);
            return Self { mix, at: words.map(|word| rarest(word.as_bytes(), |_| 0)).collect() };
        }
        let weights = weights();
        let choose = |mix: Mix| {
            let mut places = vec![0u64; SIZE];
            for (gram, weight) in &weights {
                if let Some(place) = places.get_mut(mix.place(*gram)) {
                    *place += weight;
                }
            }
            let asked = |gram: u32| places.get(mix.place(gram)).copied().unwrap_or(0);
            let at: Vec<usize> = words.clone().map(|word| rarest(word.as_bytes(), asked)).collect();
            let mut own: Vec<u32> =
                words.clone().zip(&at).flat_map(|(word, at)| Word::all(0, word, true, *at)).map(|w| w.gram).collect();
            own.sort_unstable_by_key(|gram| mix.place(*gram));
            own.dedup_by_key(|gram| mix.place(*gram));
            (own.into_iter().map(asked).sum::<u64>(), Self { mix, at })
        };
        let best = Mix::all().map(choose).min_by_key(|(cost, _)| *cost);
        best.map_or_else(|| Self::read(""), |(_, choice)| choice)
    }

    /// Reads what the test that keeps `keys.txt` fresh wrote; what does not read so is a choice too.
    pub(super) fn read(text: &str) -> Self {
        let (mix, at) = text.split_once('\n').unwrap_or_default();
        let mix = mix.split_once(' ').and_then(|(a, b)| Some(Mix(a.parse().ok()?, b.parse().ok()?)));
        let at = at.bytes().filter(|b| *b != b'\n').map(|b| usize::from(b.saturating_sub(b'0'))).collect();
        Self { mix: mix.filter(|m| (1..=LAST).contains(&m.0) && (1..=LAST).contains(&m.1)).unwrap_or(Mix(1, LAST)), at }
    }

    /// The shifts in a line of their own; for each word a character: `0` for its first gram, `1` for the next and so on.
    #[cfg(test)]
    pub(super) fn write(&self) -> String {
        let at: Vec<u8> = self.at.iter().map(|at| b'0' + u8::try_from(*at).unwrap()).collect();
        let lines: Vec<&str> = at.chunks(100).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("{} {}\n{}\n", self.mix.0, self.mix.1, lines.join("\n"))
    }
}

/// The frequent grams and about how often each occurs, which falls as its rank rises.
fn weights() -> Vec<(u32, u64)> {
    let grams = FREQUENT.split_ascii_whitespace().filter_map(|g| g.as_bytes().first_chunk::<WIDTH>());
    let blank = |b: u8| if b == b'S' { b' ' } else { b };
    (0u64..).zip(grams).map(|(rank, three)| (gram(three.map(blank)), 1_000_000 / (rank + 20))).collect()
}

/// Where the gram of a word begins that is `asked` for least in texts, as far as that is known; then the one of the rarest
/// bytes.
fn rarest(word: &[u8], asked: impl Fn(u32) -> u64) -> usize {
    let rank = |b: &u8| COMMON.iter().position(|c| *c == b.to_ascii_lowercase()).unwrap_or(COMMON.len()) + 4;
    // Products of ranks stand for products of probabilities.
    let product = |w: &[u8]| std::cmp::Reverse(w.iter().map(rank).product::<usize>());
    let weight = |w: &[u8]| (w.first_chunk().map_or(0, |three| asked(gram(*three))), product(w));
    word.windows(WIDTH).take(64).enumerate().min_by_key(|(_, w)| weight(w)).map_or(0, |(at, _)| at)
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
