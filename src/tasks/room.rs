//! How much a request may hold: bounded by the smallest window that must take it, and by the time there is.

use std::time::Duration;

use crate::client::Route;

/// Code and diffs run at about this many bytes a token; less than prose, to be on the safe side.
const BYTES_PER_TOKEN: u64 = 3;
/// Tokens kept for instructions and the answer.
const RESERVED: u64 = 6_144;
/// The window of a local model that does not say its own (tokens): what such servers are started with.
const UNSAID_LOCAL: u64 = 8_192;
/// The least that is worth sending (bytes).
const LEAST: usize = 3_000;

/// Bytes of material for the first of `routes`, at most `most`.
#[must_use]
pub fn bytes(routes: &[Route], most: usize) -> usize {
    let Some(route) = routes.first() else { return most };
    let window = route.window().or_else(|| route.local().then_some(UNSAID_LOCAL));
    let fits = window.map_or(most, in_window);
    most.min(fits).max(LEAST.min(most))
}

/// Bytes a model reads within three quarters of `deadline` at `speed` prompt tokens a second.
#[must_use]
pub fn in_time(deadline: Duration, speed: f64) -> usize {
    let bytes = deadline.as_secs_f64() * 0.75 * speed * 3.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, and is bounded by the caller
    let bytes = bytes as usize;
    bytes.max(LEAST)
}

fn in_window(tokens: u64) -> usize {
    // A window hardly larger than the reserve still gives half of itself.
    let free = tokens.saturating_sub(RESERVED).max(tokens / 2);
    usize::try_from(free.saturating_mul(BYTES_PER_TOKEN)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_window_gives_half_of_itself_and_a_large_one_all_but_the_reserve() {
        assert_eq!(in_window(4_096), 6_144);
        assert_eq!(in_window(200_000), 193_856 * 3);
    }

    #[test]
    fn a_slow_model_is_asked_for_no_more_than_it_can_read_in_time() {
        assert_eq!(in_time(Duration::from_secs(8), 1_000.0), 18_000);
        assert_eq!(in_time(Duration::from_secs(8), 10.0), LEAST, "never nothing");
        assert!(in_time(Duration::from_secs(8), f64::INFINITY) > 1 << 40);
    }
}
