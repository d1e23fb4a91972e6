//! Secrets whose public half stands nearby.

use std::ops::Range;

use crate::secrets::value;

/// The secret half of an AWS pair stands within a few lines of its id, under any name or none.
pub(in crate::secrets) fn aws_pair(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let word = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let id = text.as_bytes().get(at..).unwrap_or_default().iter().take(21).take_while(|b| word(b)).count();
    if id != 20 || at.checked_sub(1).and_then(|i| text.as_bytes().get(i)).is_some_and(word) {
        return;
    }
    let (from, to) = (at.saturating_sub(400), (at + 600).min(text.len()));
    let inside = |b: u8| b.is_ascii_alphanumeric() || b == b'/' || b == b'+';
    let bytes = text.as_bytes();
    let mut i = from;
    while i < to {
        let run = bytes.iter().skip(i).take(64).take_while(|b| inside(**b)).count();
        if run == 40
            && let Some(word) = text.get(i..i + run)
        {
            let shape = value::Shape::of(word);
            if shape.upper > 0
                && shape.lower > 0
                && shape.digits > 0
                && value::entropy(word) >= 4.0
                && !value::example(word)
            {
                out.push(i..i + run);
            }
        }
        i += run.max(1);
    }
}
