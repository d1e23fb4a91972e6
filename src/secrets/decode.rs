//! Bytes that come in pieces, as text: a character may be cut anywhere.

/// Reads UTF-8, and UTF-16 where a mark or the first letters say so. What is invalid becomes U+FFFD, as
/// [`String::from_utf8_lossy`] has it; a mark of UTF-16 is left out.
#[derive(Default)]
pub(super) struct Decoder {
    form: Form,
    /// Bytes of a character that is not complete; of the beginning, until it says what it is.
    held: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Unknown,
    Utf8,
    Little,
    Big,
}

impl Decoder {
    /// The text that is complete with these bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        if self.form == Form::Unknown && self.held.len() < 4 {
            return String::new();
        }
        self.read(false)
    }

    /// What is left, complete or not.
    pub(super) fn finish(&mut self) -> String {
        self.read(true)
    }

    fn read(&mut self, end: bool) -> String {
        if self.form == Form::Unknown {
            let (form, mark) = match self.held.as_slice() {
                [0xFF, 0xFE, ..] => (Form::Little, 2),
                [0xFE, 0xFF, ..] => (Form::Big, 2),
                [1..=255, 0, 1..=255, 0, ..] => (Form::Little, 0),
                [0, 1..=255, 0, 1..=255, ..] => (Form::Big, 0),
                _ => (Form::Utf8, 0),
            };
            self.form = form;
            self.held.drain(..mark);
        }
        match self.form {
            Form::Little => self.utf16(u16::from_le_bytes, end),
            Form::Big => self.utf16(u16::from_be_bytes, end),
            Form::Utf8 | Form::Unknown => self.utf8(end),
        }
    }

    fn utf8(&mut self, end: bool) -> String {
        let held = std::mem::take(&mut self.held);
        let mut out = String::with_capacity(held.len());
        let mut chunks = held.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            out.push_str(chunk.valid());
            let invalid = chunk.invalid();
            if chunks.peek().is_none() && !end && std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none()) {
                self.held = invalid.to_vec();
            } else if !invalid.is_empty() {
                out.push(char::REPLACEMENT_CHARACTER);
            }
        }
        out
    }

    fn utf16(&mut self, unit: fn([u8; 2]) -> u16, end: bool) -> String {
        let held = std::mem::take(&mut self.held);
        let (pairs, odd) = held.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        let mut rest = odd.to_vec();
        // The first half of a pair waits for the second.
        if !end
            && let Some((last, pair)) = units.last().zip(pairs.last())
            && (0xD800..0xDC00).contains(last)
        {
            rest.splice(0..0, *pair);
            units.pop();
        }
        if end && !rest.is_empty() {
            units.push(0xFFFD);
            rest.clear();
        }
        self.held = rest;
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(bytes: &[u8], size: usize) -> String {
        let mut decoder = Decoder::default();
        let mut out: String = bytes.chunks(size).map(|c| decoder.feed(c)).collect();
        out.push_str(&decoder.finish());
        assert!(decoder.held.is_empty());
        out
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(0xD8), Just(0), Just(0xE2), Just(0x9F)], 0..40), size in 1usize..9) {
            let wide = matches!(bytes.as_slice(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [1..=255, 0, 1..=255, 0, ..] | [0, 1..=255, 0, 1..=255, ..]);
            prop_assert_eq!(pieces(&bytes, size), pieces(&bytes, 1000));
            if !wide {
                prop_assert_eq!(pieces(&bytes, size), String::from_utf8_lossy(&bytes));
            }
        }

        #[test]
        fn sixteen_bits_are_read_in_both_orders(text in "[a-z]{2}\\PC{0,20}", size in 1usize..5, mark in any::<bool>()) {
            let units = || mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
            let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
            prop_assert_eq!(pieces(&little, size), text.as_str());
            prop_assert_eq!(pieces(&big, size), text.as_str());
        }
    }
}
