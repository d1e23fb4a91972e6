//! The door to time.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, tz::TimeZone};

/// Wall time. Waiting is tokio's, whose clock tests pause.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Nanoseconds since 1970 and the steps tests add.
    Fixed(Arc<AtomicI64>),
    /// Runs from that moment on with tokio's clock, which tests pause.
    #[cfg(test)]
    Paused(Timestamp, tokio::time::Instant),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `at` until a test moves it.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        let nanos = i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX);
        Self(Source::Fixed(Arc::new(AtomicI64::new(nanos))))
    }

    /// A clock that shows `at` now and goes as tokio's does; inside a runtime only.
    #[cfg(test)]
    #[must_use]
    pub fn paused(at: Timestamp) -> Self {
        Self(Source::Paused(at, tokio::time::Instant::now()))
    }

    /// Moves a fixed clock; the machine's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(nanos) = &self.0 {
            nanos.fetch_add(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Fixed(nanos) => {
                Timestamp::from_nanosecond(i128::from(nanos.load(Ordering::SeqCst))).unwrap_or(Timestamp::UNIX_EPOCH)
            }
            #[cfg(test)]
            Source::Paused(at, since) => {
                let gone = jiff::SignedDuration::try_from(since.elapsed()).unwrap_or(jiff::SignedDuration::ZERO);
                at.checked_add(gone).unwrap_or(*at)
            }
        }
    }

    /// The moment the user's current day began.
    #[must_use]
    pub fn day_start(&self) -> Timestamp {
        let zoned = self.now().to_zoned_datetime(zone());
        zoned.start_of_day().map_or_else(|_| self.now(), |z| z.timestamp())
    }

    /// The moment the user's current month began.
    #[must_use]
    pub fn month_start(&self) -> Timestamp {
        let zoned = self.now().to_zoned_datetime(zone());
        zoned.first_of_month().and_then(|z| z.start_of_day()).map_or_else(|_| self.day_start(), |z| z.timestamp())
    }

    /// Milliseconds since 1970.
    #[must_use]
    #[allow(clippy::disallowed_methods)] // the one place
    pub fn millis(&self) -> i64 {
        match &self.0 {
            // Asked for some dozens of times in every request.
            Source::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or_else(
                |_| self.now().as_millisecond(),
                |gone| i64::try_from(gone.as_millis()).unwrap_or(i64::MAX),
            ),
            _ => self.now().as_millisecond(),
        }
    }
}

/// The user's time zone: `TZ`, else the machine's. The library looks a name up by walking the whole zone folder, which
/// costs a short command a fifth of its time; the machine's zone is one file.
#[must_use]
pub fn zone() -> TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    let local = || {
        let file = super::Env::system().get("TZ").is_none().then(|| std::fs::read("/etc/localtime").ok()).flatten()?;
        TimeZone::tzif("local", &file).ok()
    };
    ZONE.get_or_init(|| local().unwrap_or_else(TimeZone::system)).clone()
}

/// Measures how long something takes, whatever is done to the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[must_use]
    #[allow(clippy::disallowed_methods)] // the one door
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Since it began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
