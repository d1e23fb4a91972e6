//! When to come back, in every form that servers use (rate-limits.md, "Header formats to parse").

use std::time::Duration;

use jiff::Timestamp;

use super::Head;

/// Longer than this is no wait but a mistake.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);

/// What the headers say, measured from `now` (seconds since 1970); the largest of several.
#[must_use]
pub fn after(head: &Head, now: i64) -> Option<Duration> {
    let ms = head.get("retry-after-ms").and_then(seconds).map(|s| s / 1000).filter(|d| *d <= LONGEST);
    let plain = head.get("retry-after").and_then(|v| moment(v, now));
    ms.into_iter().chain(plain).max()
}

/// A `retry-after` value: seconds, fractional too, or a date; and whatever else a `…-reset` may be, an epoch or a
/// duration, for servers that mix them up.
#[must_use]
pub fn moment(value: &str, now: i64) -> Option<Duration> {
    seconds(value).filter(|d| *d <= LONGEST).or_else(|| reset(value, now))
}

/// A `…-reset` value: Go duration, RFC 3339 time, epoch in seconds or milliseconds, or seconds from now.
#[must_use]
pub fn reset(value: &str, now: i64) -> Option<Duration> {
    let value = value.trim();
    if let Ok(number) = value.parse::<f64>() {
        // Neither a negative number nor none at all is a time; an instant that has passed is.
        if number.is_nan() || number < 0.0 {
            return None;
        }
        let from_now = if number > 1e12 {
            number / 1e3 - seconds_of(now)
        } else if number > 1e9 {
            number - seconds_of(now)
        } else {
            number
        };
        return span(from_now.max(0.0)).filter(|d| *d <= LONGEST);
    }
    go(value).or_else(|| date(value, now)).filter(|d| *d <= LONGEST)
}

/// "try again in 5.289s", "Please retry in 10h17m5.7s", "try again in 20 seconds".
#[must_use]
pub fn in_words(message: &str) -> Option<Duration> {
    let lower = message.to_lowercase();
    let rest = ["try again in ", "retry in ", "retry after "]
        .iter()
        .find_map(|w| lower.split_once(w).map(|(_, rest)| rest))?;
    let mut words = rest.split_whitespace();
    let first = words.next()?.trim_end_matches(['.', ',', ')', ';', '"']);
    go(first)
        .or_else(|| {
            let number: f64 = first.parse().ok()?;
            let unit = words.next().unwrap_or("seconds");
            let factor = match unit.trim_end_matches(['.', ',']) {
                u if u.starts_with("min") => 60.0,
                u if u.starts_with("hour") => 3600.0,
                u if u.starts_with("mill") || u == "ms" => 0.001,
                u if u.starts_with("day") => 86_400.0,
                _ => 1.0,
            };
            span(number * factor)
        })
        .filter(|d| *d <= LONGEST)
}

/// "You will regain access on 2026-12-01 at 00:00 UTC", "resets at 2026-12-01 08:30:00": a date in a sentence that
/// speaks of access coming back. Without a zone it is UTC.
#[must_use]
pub fn on_date(message: &str, now: i64) -> Option<Duration> {
    let lower = message.to_lowercase();
    let rest = ["regain access on ", "resume on ", "reset at ", "resets at ", "reset on ", "resets on "]
        .iter()
        .find_map(|w| lower.split_once(w).map(|(_, rest)| rest))?;
    let mut words = rest.split(|c: char| c.is_whitespace() || c == 't').filter(|w| *w != "at");
    let day: jiff::civil::Date = words.next()?.trim_end_matches(['.', ',', ';', ')']).parse().ok()?;
    let clock = words.next().map(|w| w.trim_end_matches(['.', ',', ';', ')', 'z']));
    let time = clock.and_then(|w| w.parse::<jiff::civil::Time>().ok()).unwrap_or(jiff::civil::Time::midnight());
    let at = day.to_datetime(time).to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    let wait = at.as_second().saturating_sub(now);
    u64::try_from(wait).ok().map(Duration::from_secs).filter(|d| *d <= LONGEST)
}

/// Go's durations: `1h2m3.5s`, `6m0s`, `59.7s`, `120ms`.
#[must_use]
pub fn go(value: &str) -> Option<Duration> {
    let mut rest = value.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        let tail = rest.get(digits..)?;
        let unit = tail.bytes().take_while(|b| !b.is_ascii_digit()).count();
        let factor = match tail.get(..unit)? {
            "d" => 86_400.0,
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        sum += number * factor;
        rest = tail.get(unit..)?;
    }
    span(sum)
}

fn seconds(value: &str) -> Option<Duration> {
    span(value.trim().parse().ok()?)
}

/// RFC 3339, or the date of HTTP.
fn date(value: &str, now: i64) -> Option<Duration> {
    let at = value
        .trim()
        .parse::<Timestamp>()
        .ok()
        .or_else(|| Some(jiff::fmt::rfc2822::parse(value.trim()).ok()?.timestamp()))?;
    u64::try_from(at.as_second().saturating_sub(now).max(0)).ok().map(Duration::from_secs)
}

fn span(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[allow(clippy::cast_precision_loss)] // seconds since 1970 are far below 2^52
const fn seconds_of(now: i64) -> f64 {
    now as f64
}
