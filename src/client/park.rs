//! Step: waiting for the soonest route, within the caller's patience. The sum of waits is bounded.

use std::time::Duration;

/// How long a request may still wait in all.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    left: Duration,
}

impl Patience {
    /// Starts with the whole patience.
    #[must_use]
    pub const fn new(whole: Duration) -> Self {
        Self { left: whole }
    }

    /// What is left.
    #[must_use]
    pub const fn left(&self) -> Duration {
        self.left
    }

    /// Takes `wait` out of what is left; `false`, and nothing taken, when it is more than that.
    pub fn spend(&mut self, wait: Duration) -> bool {
        match self.left.checked_sub(wait) {
            Some(rest) => {
                self.left = rest;
                true
            }
            None => false,
        }
    }
}

/// The server's word plus a little, so that many waiters do not wake it at one moment:
/// 0 to 10 % and a quarter second (rate-limits.md, "General algorithm"). `dice` is one random byte.
#[must_use]
pub fn jittered(stated: Duration, dice: u8) -> Duration {
    stated + stated.mul_f64(f64::from(dice) / 255.0 * 0.1) + Duration::from_millis(250)
}

/// Delay before retry number `n` (from 0) when the server states none: full jitter over
/// 0.5 s × 2ⁿ, at most 8 s (rate-limits.md).
#[must_use]
pub fn backoff(n: u32, dice: u8) -> Duration {
    let ceiling = Duration::from_millis(500).saturating_mul(1 << n.min(4)).min(Duration::from_secs(8));
    ceiling.mul_f64(f64::from(dice) / 255.0).max(Duration::from_millis(50))
}

/// "850 ms", "12 s", "3 min 20 s", "2 h 5 min".
#[must_use]
pub fn spell(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_waits_is_bounded() {
        let mut patience = Patience::new(Duration::from_secs(10));
        assert!(patience.spend(Duration::from_secs(6)));
        assert!(!patience.spend(Duration::from_secs(6)), "six and six are more than ten");
        assert_eq!(patience.left(), Duration::from_secs(4), "a refused wait takes nothing");
        assert!(patience.spend(Duration::from_secs(4)));
        assert!(!patience.spend(Duration::from_millis(1)));
    }

    #[test]
    fn jitter_never_wakes_before_the_server_said() {
        for dice in [0, 100, 255] {
            let wait = jittered(Duration::from_secs(10), dice);
            assert!(wait >= Duration::from_secs(10) && wait <= Duration::from_millis(11_250), "{wait:?}");
        }
    }

    #[test]
    fn backoff_grows_and_stops_growing() {
        assert_eq!(backoff(0, 255), Duration::from_millis(500));
        assert_eq!(backoff(2, 255), Duration::from_secs(2));
        assert_eq!(backoff(60, 255), Duration::from_secs(8));
        assert!(backoff(0, 0) >= Duration::from_millis(50), "never a busy loop");
    }

    #[test]
    fn durations_are_spelled_for_people() {
        let spelled: Vec<String> =
            [850, 12_000, 60_000, 200_000, 7_500_000].map(|ms| spell(Duration::from_millis(ms))).to_vec();
        assert_eq!(spelled, ["850 ms", "12 s", "1 min", "3 min 20 s", "2 h 5 min"]);
    }
}
