//! Times as people write and read them.

use crate::world::clock::zone;
use jiff::Timestamp;
use jiff::civil::Date;

/// A moment, or an age to count back from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Moment {
    /// Milliseconds since 1970.
    At(i64),
    /// So many milliseconds ago.
    Ago(i64),
}

impl Moment {
    /// In milliseconds since 1970, seen from `now_ms`.
    pub(in crate::commands) const fn before(self, now_ms: i64) -> i64 {
        match self {
            Self::At(ms) => ms,
            Self::Ago(ms) => now_ms.saturating_sub(ms),
        }
    }
}

/// A date (its first moment here), a time with its zone, or an age.
pub(in crate::commands) fn moment(text: &str) -> Result<Moment, String> {
    if let Ok(ago) = age(text) {
        return Ok(ago);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Moment::At(at.as_millisecond()));
    }
    let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    date.and_then(|date| date.to_zoned_datetime(zone()).ok())
        .map(|at| Moment::At(at.timestamp().as_millisecond()))
        .ok_or_else(|| {
            "a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or an age such as 7d".to_owned()
        })
}

/// `90m`, `12h`, `7d`, `2w`.
pub(in crate::commands) fn age(text: &str) -> Result<Moment, String> {
    let wrong = || "an age such as 90m, 12h, 7d or 2w".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let ms: i64 = match unit {
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 7 * 86_400_000,
        _ => return Err(wrong()),
    };
    let number: i64 = text.strip_suffix(unit).and_then(|n| n.parse::<u32>().ok()).ok_or_else(wrong)?.into();
    number.checked_mul(ms).map(Moment::Ago).ok_or_else(wrong)
}

/// `2026-01-31 12:00:00`, here.
pub(in crate::commands) fn clock(ms: i64) -> String {
    stamp(ms, "%Y-%m-%d %H:%M:%S")
}

/// `2026-01-31`, here.
pub(in crate::commands) fn day(ms: i64) -> String {
    stamp(ms, "%Y-%m-%d")
}

fn stamp(ms: i64, form: &str) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |at| at.to_zoned_datetime(zone()).strftime(form).to_string())
}

/// As machines read it.
pub(in crate::commands) fn iso(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).map(|at| at.to_string()).ok()
}

/// `0.62`: seconds between two moments.
pub(in crate::commands) fn seconds(from_ms: i64, to_ms: i64) -> String {
    let ms = to_ms.saturating_sub(from_ms).max(0);
    format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_date_a_time_or_an_age() {
        assert_eq!(moment("7d"), Ok(Moment::Ago(7 * 86_400_000)));
        assert_eq!(moment("2026-01-31T12:00:00Z"), Ok(Moment::At(1_769_860_800_000)));
        assert!(matches!(moment("2026-01-31"), Ok(Moment::At(_))));
        assert_eq!(Moment::Ago(1_000).before(5_000), 4_000);
        for bad in ["", "d", "-7d", "7y", "yesterday", "2026-13-01", "é"] {
            assert!(moment(bad).is_err(), "{bad}");
        }
        assert!(age("2026-01-31").is_err());
    }

    #[test]
    fn seconds_have_two_places() {
        assert_eq!(seconds(1_000, 1_624), "0.62");
        assert_eq!(seconds(1_000, 9_400), "8.40");
        assert_eq!(seconds(1_000, 0), "0.00", "a clock that was set back is no negative time");
    }
}
