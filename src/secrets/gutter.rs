//! Line numbers before the lines of a diff, as a review's prompt writes them.

use super::lines::COLUMN;
use super::view::View;

/// The width a number is written in.
const WIDTH: usize = 5;

/// Bytes of the number and the blank behind it; the diff's mark follows them. A removed line has blanks only.
pub(super) fn number(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let blanks = bytes.iter().take_while(|b| **b == b' ').count();
    let digits = bytes.iter().skip(blanks).take(9).take_while(|b| b.is_ascii_digit()).count();
    let width = blanks + digits;
    if digits == 0 {
        return (blanks == WIDTH + 1 && bytes.get(blanks) == Some(&b'-')).then_some(blanks);
    }
    let marked = matches!(bytes.get(width..width + 2), Some([b' ', b'+' | b'-' | b' ']));
    (width >= WIDTH && marked).then_some(width + 1)
}

/// The text begins with a line that carries a number.
fn numbered(text: &str) -> bool {
    number(text).is_some() && text.trim_start_matches(' ').starts_with(|c: char| c.is_ascii_digit())
}

/// What stands before a diff's own text in this line: the mark, and a number before it.
pub(super) fn lead(line: &str) -> &str {
    let numbered = number(line).unwrap_or(0);
    let mark = usize::from(line.as_bytes().get(numbered).is_some_and(|b| matches!(b, b'+' | b'-' | b' ')));
    line.get(..numbered + mark).unwrap_or_default()
}

/// A numbered diff without its numbers; `None` when no line carries one. `first` is where one may, as [`super::lines`] tells.
pub(super) fn plain(text: &str, first: usize) -> Option<View> {
    let bytes = text.as_bytes();
    // A number's last digit stands in the fifth column: most lines are told by that one byte.
    let telling = |from: usize| {
        bytes.get(from + WIDTH - 1).is_some_and(u8::is_ascii_digit) && text.get(from..).is_some_and(numbered)
    };
    let rest = bytes.get(first..)?;
    if !telling(first) && !memchr::memchr_iter(b'\n', rest).any(|end| telling(first + end + 1)) {
        return None;
    }
    let (mut view, mut copied, mut at) = (View::new(text.len()), 0, 0);
    for end in memchr::memchr_iter(b'\n', bytes).map(|end| end + 1).chain([text.len()]) {
        if let Some(length) = text.get(at..end).and_then(number) {
            view.copy(text.get(copied..at).unwrap_or_default(), copied);
            copied = at + length;
        }
        at = end;
    }
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(view)
}

/// A listing without the numbers before its lines (`cat -n`, `less -N`, editors, compilers' boxes); `None` for a text
/// that is none: two numbers that follow each other make one.
pub(super) fn listing(text: &str, first: usize) -> Option<View> {
    let bytes = text.as_bytes();
    let ends = memchr::memchr_iter(b'\n', bytes.get(first..)?).map(|end| first + end + 1).chain([text.len()]);
    let (mut view, mut copied, mut at, mut last) = (None::<View>, 0, first, None);
    for end in ends {
        let begin = std::mem::replace(&mut at, end);
        let Some((number, width)) = text.get(begin..end).filter(|line| digits(line)).and_then(count) else {
            last = None;
            continue;
        };
        let next = || text.get(end..).and_then(|rest| rest.lines().next()).filter(|line| digits(line)).and_then(count);
        let follows = last.is_some_and(|last| number.checked_sub(1) == Some(last));
        let leads = || next().is_some_and(|(next, _)| next == number + 1);
        if !(follows || leads()) {
            last = None;
            continue;
        }
        last = Some(number);
        let view = view.get_or_insert_with(|| View::new(text.len()));
        view.copy(text.get(copied..begin)?, copied);
        copied = begin + width;
    }
    let mut view = view?;
    view.copy(text.get(copied..)?, copied);
    Some(view)
}

/// A line's first byte behind blanks is a digit.
fn digits(line: &str) -> bool {
    line.bytes().take(COLUMN + 1).find(|b| !matches!(b, b' ' | b'>')).is_some_and(|b| b.is_ascii_digit())
}

/// The number before a line and how far it and what parts it from the line reach.
fn count(line: &str) -> Option<(u64, usize)> {
    let bytes = line.as_bytes();
    let blanks = bytes.iter().take(COLUMN).take_while(|b| matches!(b, b' ' | b'>')).count();
    let digits = bytes.iter().skip(blanks).take(8).take_while(|b| b.is_ascii_digit()).count();
    let number = line.get(blanks..blanks + digits)?.parse().ok()?;
    let rest = line.get(blanks + digits..)?;
    let parted =
        ["\t", " | ", " │ ", "│ ", "| ", ": ", "  ", " |", " │", ":"].into_iter().find(|p| rest.starts_with(p));
    let width = match parted {
        Some(parted) => parted.len(),
        None if rest.trim_end().is_empty() => 0,
        None => return None,
    };
    Some((number, blanks + digits + width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::lines::Lines;

    fn first(text: &str) -> Option<usize> {
        Lines::of(text).first
    }

    #[test]
    fn a_number_is_told_from_indentation() {
        assert_eq!(number("    3 +x"), Some(6));
        assert_eq!(number("12345  x"), Some(6));
        assert_eq!(number("123456 +x"), Some(7));
        assert_eq!(number("      -gone"), Some(6));
        for line in ["3 +x", "        x", "    3x", "    3 x", "", "+    3 "] {
            assert_eq!(number(line), None, "{line}");
        }
        assert_eq!((lead("    3 +x"), lead("+x"), lead("x")), ("    3 +", "+", ""));
    }

    #[test]
    fn what_is_found_without_numbers_is_found_again_with_them() {
        let text = "@@ -1 +1 @@\n    1 +one\n      -two\n    2 +three\n";
        let plain = plain(text, 0).unwrap();
        assert_eq!(plain.text(), "@@ -1 +1 @@\n+one\n-two\n+three\n");
        let back = |word: &str| {
            let at = plain.text().find(word).unwrap();
            &text[plain.origin(&(at..at + word.len()))]
        };
        for word in ["one", "two", "three", "@@ -1"] {
            assert_eq!(back(word), word);
        }
        assert_eq!(back("one\n"), "one\n", "it ends before the next line's number");
        assert_eq!(back("one\n-two"), "one\n      -two");
        assert!(super::plain("+one\n-two\n", 0).is_none() && first("+one\n-two\n").is_none());
    }

    #[test]
    fn numbers_that_follow_each_other_are_left_out() {
        for (text, plain) in [
            ("     9\tone\n    10\ttwo\n", "one\ntwo\n"),
            ("x\n 1 | one\n 2 |\n 3 | three", "x\none\n\nthree"),
            ("7: a\n8: b\n\nport: 80\n", "a\nb\n\nport: 80\n"),
        ] {
            assert_eq!(
                first(text).and_then(|at| listing(text, at)).map(|v| v.text().to_owned()).as_deref(),
                Some(plain),
                "{text}"
            );
        }
        for none in ["", "1\n", "10: a\n12: b\n", "a\nb\n", "3.5 x\n4.5 y\n"] {
            assert!(first(none).and_then(|at| listing(none, at)).is_none(), "{none}");
        }
    }
}
