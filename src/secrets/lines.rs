//! One look at where a text's lines begin and end, for all that asks about lines.

/// What is known of a text's lines.
#[derive(Default)]
pub(super) struct Lines {
    /// Where the first line begins that may carry a number. Hardly any line of code begins with a digit.
    pub(super) first: Option<usize>,
    /// The lines that may go on in the next.
    pub(super) open: Vec<Open>,
}

/// A line that ends in a sign which in some tongues says that it goes on.
pub(super) struct Open {
    /// Where the sign stands.
    pub(super) stop: usize,
    /// Where the next line begins.
    pub(super) next: usize,
    pub(super) sign: u8,
}

/// Blanks before a line's number at most.
pub(super) const COLUMN: usize = 12;

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let begins = |from: usize| {
            let rest = bytes.get(from..(from + COLUMN).min(bytes.len())).unwrap_or_default();
            rest.iter().find(|b| !matches!(b, b' ' | b'>')).is_some_and(u8::is_ascii_digit)
        };
        let mut lines = Self { first: begins(0).then_some(0), open: Vec::new() };
        for end in memchr::memchr_iter(b'\n', bytes) {
            let before = |n: usize| end.checked_sub(n).and_then(|at| Some((at, *bytes.get(at)?)));
            let last = if let Some((_, b'\r')) = before(1) { before(2) } else { before(1) };
            if let Some((stop, sign @ (b'\\' | b'='))) = last {
                lines.open.push(Open { stop, next: end + 1, sign });
            }
            if lines.first.is_none() && begins(end + 1) {
                lines.first = Some(end + 1);
            }
        }
        lines
    }
}
