//! Does a value look like a secret, or like a dummy, a reference, a word?

mod dummy;
mod marks;
mod odds;
mod reference;
mod speech;

pub(super) use dummy::{begins, dummy, example, favourite, within};
pub(super) use odds::odds;
pub(super) use reference::{reference, template};
pub(super) use speech::{speech, wordy};

/// `settings.db.password`, `camelCase`, `SNAKE_CASE`, `kebab-case`: names in code, without a digit.
pub(super) fn path_of_names(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'-' | b':' | b'/' | b'?'))
        && value.bytes().any(|b| !b.is_ascii_alphabetic())
}

/// 8-4-4-4-12 hexadecimal digits.
pub(super) fn uuid(value: &str) -> bool {
    value.len() == 36
        && value
            .bytes()
            .enumerate()
            .all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// A digest as hexadecimal digits.
pub(super) fn digest(value: &str) -> bool {
    matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What a value is made of.
pub(super) struct Shape {
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) digits: usize,
    pub(super) marks: usize,
    pub(super) spaces: usize,
    pub(super) foreign: usize,
}

impl Shape {
    pub(super) fn of(value: &str) -> Self {
        let count = |is: fn(&u8) -> bool| value.as_bytes().iter().filter(|b| is(b)).count();
        Self {
            lower: count(u8::is_ascii_lowercase),
            upper: count(u8::is_ascii_uppercase),
            digits: count(u8::is_ascii_digit),
            marks: count(u8::is_ascii_punctuation),
            spaces: count(u8::is_ascii_whitespace),
            foreign: count(|b| !b.is_ascii()),
        }
    }

    pub(super) const fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

/// Shannon entropy in bits per byte.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in value.bytes() {
        if let Some(n) = counts.get_mut(usize::from(byte)) {
            *n += 1;
        }
    }
    let total: u32 = counts.iter().sum();
    let part = |n: u32| f64::from(n) / f64::from(total);
    counts.iter().filter(|n| **n > 0).map(|n| -part(*n) * part(*n).log2()).sum()
}

/// The class of character changes every third time or more often: random text does, `camelCaseNames2` do not.
pub(super) fn jumpy(value: &str) -> bool {
    let class = |b: &u8| (b.is_ascii_lowercase(), b.is_ascii_uppercase(), b.is_ascii_digit());
    let jumps = value.as_bytes().windows(2).filter(|w| matches!(w, [a, b] if class(a) != class(b))).count();
    jumps * 3 >= value.len()
}

/// Digits among letters and some entropy: no word, no name.
pub(super) fn random(value: &str) -> bool {
    let shape = Shape::of(value);
    let mixed = shape.lower > 0 && shape.upper > 0;
    (shape.digits > 0 && shape.letters() > 0 || mixed && value.len() >= 20) && entropy(value) >= 2.8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_dummies_are_told_from_values() {
        for reference_ in
            ["${DB_PASSWORD}", "$PASSWORD", "process.env.KEY", "<your-key>", "{{ key }}", "os.environ['X']", "op://a/b"]
        {
            assert!(reference(reference_), "{reference_}");
        }
        for dummy_ in ["changeme", "xxx", "********", "your_api_key", "Password", "aaaa"] {
            assert!(dummy(dummy_), "{dummy_}");
        }
        assert!(!reference("$ecret-4-you!") && !dummy("hunter2!x"));
    }

    #[test]
    fn entropy_counts_bits() {
        assert!(entropy("aaaa").abs() < 1e-9);
        assert!((entropy("abcd") - 2.0).abs() < 1e-9);
    }
}
