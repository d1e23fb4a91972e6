//! Texts in dumps: pairs of hexadecimal digits with blanks between, as `hexdump -C`, `od` and `xxd` write them.

use std::ops::Range;

use super::digits::value16;
use super::runs::{MOST, PROOF, Run, longest, readable};

/// Longest line of a dump, in bytes; a longer one is read in parts.
const WIDE: usize = 2048;

/// One line of a dump.
struct Line {
    digits: Vec<Range<usize>>,
    bytes: Vec<u8>,
    /// The same as text beside it.
    beside: Option<Range<usize>>,
}

/// Calls `found` with what the lines round the byte at `range.end` say, none of them before `range.start`. Returns
/// where they end.
pub(super) fn read(text: &str, range: Range<usize>, found: &mut impl FnMut(Run)) -> usize {
    let bytes = text.as_bytes();
    let floor = range.start.max(range.end.saturating_sub(WIDE));
    let begin = |at: usize, floor: usize| {
        memchr::memrchr(b'\n', bytes.get(floor..at).unwrap_or_default()).map_or(floor, |p| floor + p + 1)
    };
    let mut first = begin(range.end, floor);
    // Lines above, of which no block was made of pairs alone.
    while first > range.start {
        let above = begin(first - 1, range.start.max((first - 1).saturating_sub(WIDE)));
        let Some((_, next)) = line(bytes, above).filter(|(l, _)| l.bytes.len() >= 8) else { break };
        if next != first {
            break;
        }
        first = above;
    }
    let (mut digits, mut plain, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = first;
    while let Some((mut line, next)) = line(bytes, at) {
        digits.append(&mut line.digits);
        plain.append(&mut line.bytes);
        beside.extend(line.beside);
        at = next;
        if plain.len() > MOST {
            break;
        }
    }
    let end = at.max(range.end + 1);
    if readable(plain.iter().copied().take(PROOF)).is_none() {
        return end;
    }
    let Some(said) = longest(plain.iter().copied()) else { return end };
    // Byte for byte the column beside it shows the same.
    if said.is_ascii() && beside.iter().map(Range::len).sum::<usize>() == plain.len() {
        found(Run { text: said.clone(), chars: beside, ratio: (1, 1) });
    }
    found(Run { text: said, chars: digits, ratio: (2, 1) });
    end
}

/// The line of a dump at `at`, and where the next begins.
fn line(bytes: &[u8], at: usize) -> Option<(Line, usize)> {
    let rest = bytes.get(at..bytes.len().min(at + WIDE))?;
    let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let next = at + length + usize::from(length < rest.len());
    let text = rest.get(..length)?;
    let run = |from: usize| text.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let blanks = |from: usize| text.get(from..).unwrap_or_default().iter().take_while(|b| **b == b' ').count();
    let mut place = text.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'+' | b'>')).count();
    let offset = run(place);
    // The place in the file, before the first group.
    if offset >= 5 && matches!(text.get(place + offset), Some(b':' | b' ')) {
        place += offset + 1;
        place += blanks(place);
    }
    let group = run(place);
    let mut line = Line { digits: Vec::new(), bytes: Vec::new(), beside: None };
    if group != 2 && group != 4 {
        return None;
    }
    loop {
        let size = run(place);
        if size == 0 || size > group || !size.is_multiple_of(2) {
            break;
        }
        line.digits.push(at + place..at + place + size);
        let pairs = text.get(place..place + size)?.chunks_exact(2);
        line.bytes.extend(pairs.map(|p| p.iter().fold(0, |byte, digit| byte << 4 | value16(*digit))));
        place += size;
        let gap = blanks(place);
        // `hexdump -C` leaves two blanks in the middle.
        let middle = gap == 2 && line.bytes.len() == 8 && group == 2 && run(place + 2) == 2;
        if gap != 1 && !middle || size < group || offset > 4 && line.bytes.len() >= 32 {
            break;
        }
        place += gap;
    }
    // The line goes on.
    let next = if length == WIDE && place + 4 > length && line.digits.len() > 1 {
        line.bytes.truncate(line.bytes.len() - group / 2);
        line.digits.pop().map_or(next, |last| last.start)
    } else {
        next
    };
    // The same as text ends the row, between bars or not; blanks at its begin are its own.
    let count = line.bytes.len();
    let row = text.trim_ascii_end();
    let ends = [row.strip_suffix(b"|").map(<[u8]>::len), Some(text.len()), Some(row.len())];
    line.beside = ends
        .into_iter()
        .flatten()
        .filter_map(|end| end.checked_sub(count).filter(|from| *from > place))
        .find(|from| {
            let shown = text.get(*from..*from + count).unwrap_or_default();
            shown.iter().zip(&line.bytes).all(|(shown, byte)| shown == byte || *shown == b'.')
        })
        .map(|from| at + from..at + from + count);
    (count > 0).then_some((line, next))
}

#[cfg(test)]
mod tests {
    use crate::secrets::runs::each;

    const PLAIN: &str = "user = ann, password = not so easy to guess, host = db, and then some words more that make \
        it long enough to be seen by whoever looks at three blocks in eleven; and so on to the end of the third row of it all \
        where nothing else is said but that it ends.";

    fn dumped(line: impl Fn(usize, &[u8]) -> String) -> String {
        PLAIN.as_bytes().chunks(16).enumerate().map(|(at, row)| line(at * 16, row) + "\n").collect()
    }

    #[test]
    fn dumps_of_many_tools_are_read() {
        let pairs = |row: &[u8]| row.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ");
        let shown = |row: &[u8]| String::from_utf8_lossy(row).into_owned();
        for (text, sides) in [
            (PLAIN.bytes().map(|b| format!("{b:02X} ")).collect::<String>(), 1),
            (PLAIN.repeat(40).bytes().map(|b| format!("{b:02X} ")).collect::<String>(), 1),
            (dumped(|_, row| pairs(row)), 1),
            (dumped(|at, row| format!("{at:07o} {}", pairs(row))), 1),
            (
                dumped(|at, row| {
                    let (left, right) = row.split_at(row.len().min(8));
                    let pairs = format!("{}  {}", pairs(left), pairs(right));
                    format!("{at:08x}  {pairs:48}  |{}|", shown(row))
                }),
                2,
            ),
            (
                dumped(|at, row| {
                    let groups: Vec<String> =
                        row.chunks(2).map(|g| g.iter().map(|b| format!("{b:02x}")).collect()).collect();
                    format!("{at:08x}: {:39}  {}", groups.join(" "), shown(row))
                }),
                2,
            ),
        ] {
            for lead in ["", "a dump:\n", "$ cat some-file | hexdump\n\n"] {
                let text = format!("{lead}{text}and so on\n");
                let mut found = 0;
                each(&text, |run| {
                    found += 1;
                    assert!(run.text.starts_with(PLAIN), "{text}\n{}", run.text);
                    let at = PLAIN.find("not").unwrap();
                    let origin = &text[run.origin(&(at..at + 3))];
                    assert!(origin == "not" || origin.to_lowercase().replace(' ', "") == "6e6f74", "{origin}");
                });
                assert_eq!(found, sides, "{text}");
            }
        }
    }

    #[test]
    fn binary_dumps_and_columns_of_numbers_say_nothing() {
        for text in ["7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00\n".repeat(9), "12 34 56 78 90 ".repeat(20)] {
            each(&text, |run| assert!(!run.text.contains('='), "{}", run.text));
        }
    }
}
