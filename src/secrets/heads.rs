//! Which eight bytes values begin with: a filter that rules out nearly every place of a text at a nanosecond each.

/// The first bytes of a value, which are looked up; none that is looked for is shorter.
pub(super) const HEAD: usize = 8;

/// Beginnings of values; `BITS` is a power of two, many times their number.
#[derive(Default)]
pub(super) struct Heads<const BITS: usize>(Vec<u64>);

impl<const BITS: usize> Heads<BITS> {
    pub(super) fn add(&mut self, head: &[u8; HEAD]) {
        if self.0.is_empty() {
            self.0 = vec![0; BITS / 64];
        }
        let (word, bit) = Self::place(head);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether a value may begin with these.
    pub(super) fn may(&self, head: &[u8; HEAD]) -> bool {
        let (word, bit) = Self::place(head);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(head: &[u8; HEAD]) -> (usize, u64) {
        let mixed =
            u64::from_le_bytes(*head).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - BITS.trailing_zeros());
        (usize::try_from(mixed >> 6).unwrap_or_default(), 1 << (mixed & 63))
    }
}
