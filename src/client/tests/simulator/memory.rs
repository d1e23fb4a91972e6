//! What the providers remember of the requests they got, and the rules that follow from it. They are asked from outside:
//! what was said, when, and who came all the same.

use std::collections::{HashMap, HashSet};

use crate::store::{CoolDown, TicketRow};

/// Whoever tries whether a limit is over is waited for this long (ms).
pub(super) const TRY: i64 = 20_000;
/// A pause shorter than this is not tried before its end (ms): a minute, less what may be added to it.
const SHORT: i64 = 52_000;

/// What one account said last: come back later.
struct Told {
    /// When, and when it will be free (ms since 1970).
    at: i64,
    back: i64,
    /// How long that is as it was said: what is stated as a span begins when it is read.
    said: i64,
    /// How often it was said to somebody who could know better.
    times: u32,
    /// Who came since before the end.
    early: u32,
}

/// What the providers remember.
#[derive(Default)]
pub(super) struct Memory {
    told: HashMap<String, Told>,
    /// Per account: when the last request that was answered began, and when it was answered (ms since 1970).
    healed: HashMap<String, (i64, i64)>,
    /// Per request: the accounts that it asked already.
    asked: HashMap<usize, HashSet<String>>,
    /// Per request: the tries it had, by key, and when it took them (ms since 1970).
    took: HashMap<usize, Vec<(String, i64)>>,
    /// Since when somebody tries whether a cool-down is over, by key (ms since 1970).
    trying: HashMap<String, Vec<i64>>,
    /// Tries before the end of a cool-down.
    pub early: u64,
    /// Requests to an account without credit, as the last resort.
    pub resorts: u64,
}

/// The keys of what a request over `account` depends on: the model, the account, the provider.
pub(super) fn keys(account: &str) -> [String; 3] {
    let upstream = upstream(account);
    [format!("model:{upstream}/{account}/m"), format!("account:{upstream}/{account}"), format!("provider:{upstream}")]
}

/// Whose account it is.
pub(super) fn upstream(account: &str) -> &str {
    account.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// A request that arrives.
pub(super) struct Arrival<'a> {
    /// Which, as a running number.
    pub request: usize,
    pub account: &'a str,
    /// The accounts that it may use.
    pub choice: &'a [String],
    /// When (ms since 1970).
    pub now: i64,
    /// What all processes know.
    pub cools: &'a [CoolDown],
    pub tickets: &'a [TicketRow],
}

impl Memory {
    /// Which rules this request breaks.
    pub(super) fn rules(&mut self, arrival: &Arrival<'_>) -> Vec<String> {
        let mut broken = Vec::new();
        for cool in arrival.cools.iter().filter(|c| keys(arrival.account).contains(&c.key)) {
            broken.extend(self.cooling(arrival, cool));
        }
        broken.extend(self.said(arrival));
        broken.extend(self.last(arrival));
        broken.extend(self.over(arrival));
        broken.extend(self.kept(arrival));
        self.asked.entry(arrival.request).or_default().insert(arrival.account.to_owned());
        broken
    }

    /// No route that is known to cool gets a request, but for the one that tries whether it is over.
    fn cooling(&mut self, Arrival { account, now, .. }: &Arrival<'_>, cool: &CoolDown) -> Option<String> {
        if !cool.waits {
            return None;
        }
        let tries = cool.probe_ms == Some(*now) || cool.set_ms == *now;
        if cool.until_ms > *now && !tries {
            return Some(format!("{account} was asked at {now} while {cool:?} holds"));
        }
        if self.tried(&cool.key, *now) {
            return Some(format!("{account} was asked at {now} while another tries {cool:?}"));
        }
        self.early += u64::from(cool.until_ms > *now && cool.probe_ms == Some(*now));
        None
    }

    /// Who said when to come back is left alone until then, but for one try when half of that is gone. What a burst was
    /// told counts once.
    fn said(&mut self, Arrival { account, now, cools, .. }: &Arrival<'_>) -> Option<String> {
        let told = self.told.get_mut(*account)?;
        let [model, ..] = keys(account);
        if let Some(cool) = cools.iter().find(|c| c.key == model && c.strikes > told.times) {
            return Some(format!("{account} refused {} times that could be known, not as in {cool:?}", told.times));
        }
        if *now <= told.at || *now >= told.back {
            return None;
        }
        told.early += 1;
        let (left, gone) = (told.back - told.at, now - told.at);
        if told.said < SHORT {
            return Some(format!("{account} was asked {gone} ms after it had said to come back in {left} ms"));
        }
        if gone < left / 2 || told.early > 1 {
            let nth = told.early;
            return Some(format!("{account} was asked for the {nth}. time {gone} ms into a pause of {left} ms"));
        }
        None
    }

    /// Who has no credit is asked when nobody else is free.
    fn last(&mut self, arrival: &Arrival<'_>) -> Option<String> {
        let Arrival { request, account, choice, now, cools, tickets } = arrival;
        let mine = keys(account);
        let rests = |c: &&CoolDown| {
            mine.contains(&c.key) && !c.waits && c.until_ms > *now && c.set_ms < *now && c.probe_ms != Some(*now)
        };
        let cool = cools.iter().find(rests)?;
        self.resorts += 1;
        let asked = self.asked.get(request);
        let free = |other: &&String| {
            let theirs = keys(other);
            !asked.is_some_and(|asked| asked.contains(*other))
                && !cools.iter().any(|c| theirs.contains(&c.key))
                && !tickets.iter().any(|t| t.keys.iter().any(|k| theirs.contains(k)))
        };
        let free = choice.iter().filter(|other| *other != account).find(free)?;
        Some(format!("{account} was asked at {now} in spite of {cool:?} though {free} was free"))
    }

    /// What was cold when a request began that was answered is cold no more.
    fn over(&self, Arrival { account, now, cools, .. }: &Arrival<'_>) -> Option<String> {
        let (began, answered) = self.healed.get(*account)?;
        let keys = keys(account);
        let stale = |c: &&CoolDown| keys.contains(&c.key) && c.set_ms < *began && answered < now;
        let cool = cools.iter().find(stale)?;
        Some(format!("{account} answered at {answered} what began at {began}, and still there is {cool:?}"))
    }

    /// Who goes on to another account has given back the tries of the last one: who wants them may have them.
    fn kept(&mut self, Arrival { request, account, now, cools, .. }: &Arrival<'_>) -> Option<String> {
        let mine = keys(account);
        let took = self.took.entry(*request).or_default();
        let held = |key: &String, at: i64| cools.iter().any(|c| c.key == *key && c.probe_ms == Some(at));
        let kept = took.iter().find(|(key, at)| !mine.contains(key) && held(key, *at));
        let told =
            kept.map(|(key, at)| format!("{account} was asked at {now} by who holds the try of {key} since {at}"));
        let had = cools.iter().filter(|c| mine.contains(&c.key) && c.probe_ms == Some(*now));
        took.extend(had.map(|c| (c.key.clone(), *now)));
        told
    }

    /// The request that began at `began` is told to come back when `account` is free.
    pub(super) fn tell(&mut self, account: &str, began: i64, now: i64, back: i64) {
        let said = back - began;
        let new = || Told { at: i64::MIN, back, said, times: 0, early: 0 };
        let told = self.told.entry(account.to_owned()).or_insert_with(new);
        if began >= told.at {
            *told = Told { at: now, back, said, times: told.times + 1, early: 0 };
        }
    }

    /// The request that began at `began` is answered.
    pub(super) fn heal(&mut self, account: &str, began: i64, now: i64) {
        self.healed.insert(account.to_owned(), (began, now));
    }

    /// Somebody tries, and is still waited for.
    pub(super) fn tried(&self, key: &str, now: i64) -> bool {
        self.trying.get(key).is_some_and(|since| since.iter().any(|at| now - at < TRY))
    }

    pub(super) fn begin(&mut self, key: &str, now: i64) {
        self.trying.entry(key.to_owned()).or_default().push(now);
    }

    pub(super) fn end(&mut self, key: &str, began: i64) {
        let since = self.trying.get_mut(key).unwrap();
        let at = since.iter().position(|at| *at == began).unwrap();
        since.swap_remove(at);
    }
}
