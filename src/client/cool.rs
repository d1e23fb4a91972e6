//! Step: what a failure cools down, how long, and who may try whether it is over (rate-limits.md; DESIGN.md §5).

use std::time::Duration;

use super::park;
use crate::store::CoolDown;

/// A cool-down without a stated time, and what it doubles to: one model or account, and a whole provider.
const LADDER: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(300)];
const LADDER_PROVIDER: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(60)];
/// What waiting does not help is tried again this often, and last of all (DESIGN.md §5: the cap where nothing is stated).
const UNHELPED: Duration = Duration::from_secs(3_600);
/// Nothing a server states silences a route for longer without our asking again.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);
/// One that is shorter is not tried before its end (ms).
const WORTH: i64 = 60_000;
/// Whoever tries and is not heard of again is given up (killed, or hanging before the first word).
pub(super) const STALE: Duration = Duration::from_secs(20);

/// A failure that cools something down.
#[derive(Debug, Clone)]
pub(super) struct Chill {
    /// What it covers.
    pub key: String,
    /// The whole provider.
    pub wide: bool,
    /// Waiting for its end helps.
    pub waits: bool,
    /// What the server says, from now.
    pub stated: Option<Duration>,
    /// When the attempt began that met it, ms since 1970.
    pub began_ms: i64,
    /// Now, ms since 1970.
    pub now_ms: i64,
    /// Why.
    pub cause: String,
    /// Which route met it.
    pub source: String,
    /// One random byte.
    pub dice: u8,
}

impl Chill {
    /// The cool-down, given what was known. What was sent before the last one began tells nothing new: a burst inside
    /// one window counts once.
    pub(super) fn over(&self, known: Option<&CoolDown>) -> CoolDown {
        let same = known.filter(|k| k.set_ms > self.began_ms && !ahead(k, self.now_ms));
        let strikes = match (same, known) {
            (Some(same), _) => same.strikes,
            (None, known) => known.map_or(0, |k| k.strikes).saturating_add(1),
        };
        // A server that says "at once" and refuses again is not believed twice.
        let stated = self.stated.filter(|d| !d.is_zero() || strikes < 2);
        let wait = match (stated, same) {
            (Some(stated), _) => park::jittered(stated, self.dice).min(LONGEST),
            (None, Some(_)) => Duration::ZERO,
            (None, None) if !self.waits => UNHELPED,
            (None, None) => {
                let [first, most] = if self.wide { LADDER_PROVIDER } else { LADDER };
                first.saturating_mul(1 << (strikes - 1).min(8)).min(most)
            }
        };
        let until_ms = self.now_ms.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        CoolDown {
            key: self.key.clone(),
            until_ms: same.map_or(until_ms, |s| s.until_ms.max(until_ms)),
            cause: self.cause.clone(),
            source: self.source.clone(),
            set_ms: same.map_or(self.now_ms, |s| s.set_ms),
            strikes,
            probe_ms: same.and_then(|s| s.probe_ms),
            waits: self.waits,
        }
    }
}

/// How a cool-down stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// It holds until then (ms since 1970).
    Holds(i64),
    /// One request may try.
    Probe,
}

/// How it stands now: half way, and at its end, one request may try; the others wait for what that one meets.
pub(super) fn stands(cool: &CoolDown, now_ms: i64) -> Stands {
    let stale = i64::try_from(STALE.as_millis()).unwrap_or(i64::MAX);
    if ahead(cool, now_ms) {
        let tried = cool.probe_ms.is_some_and(|at| at <= now_ms && now_ms - at < stale);
        return if tried { Stands::Holds(now_ms + LOOK) } else { Stands::Probe };
    }
    let probed = cool.probe_ms.filter(|at| *at >= cool.set_ms);
    let tried = probed.is_some_and(|at| now_ms - at < stale);
    let half = cool.set_ms + (cool.until_ms - cool.set_ms) / 2;
    let early = cool.until_ms - cool.set_ms >= WORTH;
    match (now_ms < cool.until_ms, tried) {
        // Its one try before the end is under way or was had.
        (true, _) if !early || now_ms < half => {
            Stands::Holds(if early && probed.is_none() { half } else { cool.until_ms })
        }
        (true, _) if probed.is_some() => Stands::Holds(cool.until_ms),
        (true, _) => Stands::Probe,
        // Over, and somebody is trying: seen again in a moment.
        (false, true) => Stands::Holds(now_ms + LOOK),
        (false, false) => Stands::Probe,
    }
}

/// It was written before the clock was set back: nothing that lies in the future was met yet.
const fn ahead(cool: &CoolDown, now_ms: i64) -> bool {
    cool.set_ms > now_ms.saturating_add(JUMP)
}

/// Clocks of one machine differ by less than this between processes (ms).
const JUMP: i64 = 300_000;
/// Who waits for another's try looks again after this (ms).
pub(super) const LOOK: i64 = 250;
