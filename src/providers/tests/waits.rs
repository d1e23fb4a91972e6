//! When to come back, in every form (rate-limits.md, "General algorithm" and "Header formats to parse").

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::providers::limits::limits;
use crate::providers::retry::{after, go, in_words, moment, reset};

const MONTH: u64 = 31 * 86_400;

fn ms(n: u64) -> Option<Duration> {
    Some(Duration::from_millis(n))
}

#[test]
fn retry_after_is_seconds_with_a_fraction_or_a_date() {
    for (value, wait) in [
        ("3", ms(3_000)),
        (" 3 ", ms(3_000)),
        ("0.5", ms(500)),
        ("0", ms(0)),
        ("Sun, 22 Nov 2026 07:01:30 GMT", ms(90_000)),
        ("2026-11-22T07:01:30Z", ms(90_000)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", ms(0)),
        ("2678400", ms(MONTH * 1000)),
    ] {
        assert_eq!(moment(value, NOW), wait, "{value}");
        assert_eq!(after(&head(429, &[("retry-after", value)]), NOW), wait, "{value}");
    }
}

#[test]
fn what_is_no_time_is_ignored() {
    for value in
        ["-1", "-0.5", "NaN", "nan", "inf", "-inf", "1e300", "2678401", "soon", "", "3 seconds", "9999-12-31T23:59:59Z"]
    {
        assert_eq!(moment(value, NOW), None, "{value}");
        assert_eq!(reset(value, NOW), None, "{value}");
        assert_eq!(after(&head(429, &[("retry-after", value)]), NOW), None, "{value}");
    }
    for value in ["-1", "NaN", "inf", "1e300", "2678400001", "1s", ""] {
        assert_eq!(after(&head(429, &[("retry-after-ms", value)]), NOW), None, "{value}");
    }
    for value in ["1h-2m", "1..5s", "5x", "s", "-1s", "1e5s", "99999999999999999999999999h", "NaNs"] {
        assert_eq!(go(value).filter(|d| d.as_secs() <= MONTH), None, "{value}");
        assert_eq!(reset(value, NOW), None, "{value}");
    }
}

#[test]
fn the_largest_that_makes_sense_counts() {
    let of = |plain, ms| after(&head(429, &[("retry-after", plain), ("retry-after-ms", ms)]), NOW);
    assert_eq!(of("1", "1500"), ms(1_500));
    assert_eq!(of("2", "1500"), ms(2_000));
    assert_eq!(of("2", "1e18"), ms(2_000), "one absurd value does not hide the other");
    assert_eq!(of("-2", "1500"), ms(1_500));
}

#[test]
fn a_reset_is_a_duration_a_time_or_a_number_whose_size_decides() {
    for (value, wait) in [
        ("1h2m3.5s", ms(3_723_500)),
        ("6m0s", ms(360_000)),
        ("59.7s", ms(59_700)),
        ("120ms", ms(120)),
        ("2m59.56s", ms(179_560)),
        ("1d", ms(86_400_000)),
        ("500us", Some(Duration::from_micros(500))),
        ("7.66", ms(7_660)),
        ("2026-11-22T07:30:00Z", ms(1_800_000)),
        ("2026-11-22T07:30:00+00:30", ms(0)),
        ("1795330860", ms(60_000)),
        ("1795330860000", ms(60_000)),
        ("1795330740000", ms(0)),
    ] {
        assert_eq!(reset(value, NOW), wait, "{value}");
    }
}

#[test]
fn waits_are_read_out_of_sentences() {
    for (text, wait) in [
        ("Rate limit reached for x. Please try again in 5.289s. Visit https://…", ms(5_289)),
        ("Please retry in 10h17m5.7s.", ms(37_025_700)),
        ("try again in 20 seconds", ms(20_000)),
        ("Try again in 20s", ms(20_000)),
        ("try again in 6ms", ms(6)),
        ("retry after 2 minutes", ms(120_000)),
        ("retry after 60 seconds.", ms(60_000)),
        ("try again in 1 hour", ms(3_600_000)),
        ("try again in 2 days", ms(172_800_000)),
        ("try again in 250 milliseconds", ms(250)),
        ("try again in a moment", None),
        ("try again in -5 seconds", None),
        ("try again in 1e300 days", None),
        ("try again in", None),
        ("no hint", None),
    ] {
        assert_eq!(in_words(text), wait, "{text}");
    }
}

proptest! {
    #[test]
    fn no_header_value_panics_or_silences_for_longer_than_a_month(
        value in prop_oneof!["\\PC{0,24}", "[0-9.eE+-]{0,12}", "[0-9.hmsunµd]{0,12}", any::<f64>().prop_map(|f| f.to_string())],
        now in any::<i64>(),
    ) {
        for wait in [moment(&value, now), reset(&value, now), in_words(&format!("try again in {value}"))] {
            prop_assert!(wait.is_none_or(|d| d.as_secs() <= MONTH));
        }
        let _ = go(&value);
        let names = ["retry-after", "retry-after-ms", "x-ratelimit-reset", "ratelimit", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];
        let all: Vec<(&str, &str)> = names.iter().map(|n| (*n, value.as_str())).collect();
        let _ = limits(&head(429, &all), now);
        let failure = by_id("openai").classify("OpenAI", Dialect::OpenAiChat, &head(429, &all), b"{}", now);
        prop_assert!(failure.retry_after.is_none_or(|d| d.as_secs() <= MONTH));
    }
}
