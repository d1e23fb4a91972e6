//! The door to randomness.

use std::cell::RefCell;

/// `N` random bytes from the operating system. Should that ever fail, the process cannot make
/// secrets at all, so the caller gets the error.
///
/// # Errors
/// The operating system's own.
pub fn bytes<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut out = [0u8; N];
    #[cfg(test)]
    if scripted::fill(&mut out) {
        return Ok(out);
    }
    getrandom::fill(&mut out).map_err(|e| std::io::Error::other(e.to_string()))?;
    Ok(out)
}

/// Random bytes that a thread fetches at once for many: for names of things, never for secrets.
const SUPPLY: usize = 500;

thread_local! {
    /// What was fetched, and how much of it was given out.
    static FETCHED: RefCell<([u8; SUPPLY], usize)> = const { RefCell::new(([0; SUPPLY], SUPPLY)) };
}

/// As [`bytes()`], for the names of things that come by the thousand.
///
/// # Errors
/// As [`bytes()`].
pub fn name() -> std::io::Result<[u8; 5]> {
    #[cfg(test)]
    if scripted::seeded() {
        return bytes();
    }
    FETCHED.with_borrow_mut(|(fetched, used)| {
        if *used >= SUPPLY {
            (*fetched, *used) = (bytes()?, 0);
        }
        let mut out = [0; 5];
        out.iter_mut().zip(fetched.iter().skip(*used)).for_each(|(out, byte)| *out = *byte);
        *used += out.len();
        Ok(out)
    })
}

/// Randomness that tests can repeat.
#[cfg(test)]
pub mod scripted {
    use std::cell::Cell;

    thread_local! {
        static STATE: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// From now on this thread's bytes follow from `seed`.
    pub fn seed(seed: u64) {
        STATE.set(Some(seed));
    }

    /// The next number of a sequence (SplitMix64).
    pub fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// This thread's bytes follow from a seed.
    pub(super) fn seeded() -> bool {
        STATE.get().is_some()
    }

    pub(super) fn fill(out: &mut [u8]) -> bool {
        let Some(mut state) = STATE.get() else { return false };
        for piece in out.chunks_mut(8) {
            let bytes = next(&mut state).to_le_bytes();
            piece.copy_from_slice(bytes.get(..piece.len()).unwrap_or(&bytes));
        }
        STATE.set(Some(state));
        true
    }
}
