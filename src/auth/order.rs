//! Which account is tried first: the one the user pinned, then by priority, and among equals as the strategy says.
//! Who is signed out, or is being drained, stands behind all others.

use std::cmp::Reverse;

use crate::config::Strategy;
use crate::store::{Store, StoreError};

/// One who stands in line.
#[derive(Debug, Clone, Copy)]
pub struct Standee<'a> {
    /// Its name.
    pub name: &'a str,
    /// Higher is tried first.
    pub priority: i32,
    /// Its share, if it was given one.
    pub weight: Option<u32>,
    /// Trying it would only use up a try: its sign-in has ended.
    pub signed_out: bool,
    /// It takes no new conversations.
    pub draining: bool,
    /// It cools down: it has no turn.
    pub cooling: bool,
}

/// Why it stands where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Why {
    /// Nobody else has its priority.
    #[default]
    Alone,
    /// The user pinned it.
    Pinned,
    /// The conversation is bound to it.
    Bound,
    /// In the order of storing.
    Stored,
    /// This many turns from now it is first; 0 = its turn is now.
    Turn(usize),
    /// Drawn by its share of the whole.
    Share(u64, u64),
    /// It used this many tokens lately, in so many attempts.
    Used(u64, u64),
    /// Something is left in its window, which ends then (milliseconds since 1970).
    Resets(i64),
    /// When its window ends is not known.
    NoReset,
    /// Nothing is left until then (milliseconds since 1970).
    Empty(i64),
    /// It is being drained.
    Draining,
    /// Its sign-in has ended.
    SignedOut,
}

/// What is known of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Something is left, and it ends then (milliseconds since 1970).
    Left(i64),
    /// Nothing is left until then (milliseconds since 1970).
    Empty(i64),
}

/// What decides among equals.
pub struct View<'a> {
    /// How equals share.
    pub strategy: Strategy,
    /// Who is pinned.
    pub pin: Option<&'a str>,
    /// Whose turn it is; asked at most once, and only where somebody has to take turns.
    pub turn: &'a mut dyn FnMut() -> u64,
    /// A number evenly drawn from `0..n`.
    pub dice: &'a mut dyn FnMut(u64) -> u64,
    /// Tokens and attempts of late.
    pub used: &'a dyn Fn(&str) -> (u64, u64),
    /// The window that ends first; `None` = not known.
    pub window: &'a dyn Fn(&str) -> Option<Window>,
}

/// The places of `line` in the order they are to be tried, each with why.
#[must_use]
pub fn order(line: &[Standee<'_>], view: &mut View<'_>) -> Vec<(usize, Why)> {
    if let [only] = line {
        return vec![(0, apart(only, view.pin).unwrap_or_default())];
    }
    let mut out: Vec<(usize, Why)> = Vec::with_capacity(line.len());
    let mut places: Vec<usize> = (0..line.len()).collect();
    let pin = view.pin;
    if let Some(first) = line.first()
        && line.iter().all(|who| apart(who, pin).is_none() && who.priority == first.priority)
    {
        // Nearly always: nobody was set apart.
        equals(line, &places, &mut None, view, &mut out);
        return out;
    }
    let rank = |place: &usize| (apart_rank(&line[*place], pin), Reverse(line[*place].priority));
    places.sort_by_key(rank);
    let mut turn = None;
    for tier in places.chunk_by(|a, b| rank(a) == rank(b)) {
        match apart(&line[tier[0]], pin) {
            Some(why) => out.extend(tier.iter().map(|place| (*place, why))),
            None if tier.len() == 1 => out.push((tier[0], Why::Alone)),
            None => equals(line, tier, &mut turn, view, &mut out),
        }
    }
    out
}

/// Who stands before or behind all others whatever the strategy.
fn apart(who: &Standee<'_>, pin: Option<&str>) -> Option<Why> {
    match who {
        _ if who.signed_out => Some(Why::SignedOut),
        _ if who.draining => Some(Why::Draining),
        _ if pin == Some(who.name) => Some(Why::Pinned),
        _ => None,
    }
}

fn apart_rank(who: &Standee<'_>, pin: Option<&str>) -> u8 {
    match apart(who, pin) {
        Some(Why::Pinned) => 0,
        None => 1,
        Some(Why::Draining) => 2,
        Some(_) => 3,
    }
}

fn equals(
    line: &[Standee<'_>],
    tier: &[usize],
    turn: &mut Option<u64>,
    view: &mut View<'_>,
    out: &mut Vec<(usize, Why)>,
) {
    match view.strategy {
        // A share that the user gave counts, and who has none stands behind.
        Strategy::FillFirst => shares(line, tier, None, view.dice, out),
        Strategy::Weighted => shares(line, tier, Some(1), view.dice, out),
        Strategy::RoundRobin => {
            let turn = *turn.get_or_insert_with(&mut *view.turn);
            // The turn of who cools down would fall to the next one, who would have two.
            let awake = tier.iter().filter(|place| !line[**place].cooling).count();
            let first = usize::try_from(turn % awake.max(1) as u64).unwrap_or(0);
            let begin = out.len();
            for cooling in [false, true] {
                out.extend(tier.iter().filter(|place| line[**place].cooling == cooling).map(|p| (*p, Why::Stored)));
            }
            let round = out.get_mut(begin..).unwrap_or_default();
            if let Some(awake) = round.get_mut(..awake) {
                awake.rotate_left(first);
            }
            round.iter_mut().enumerate().for_each(|(n, (_, why))| *why = Why::Turn(n));
        }
        Strategy::LeastUsed => {
            let mut used: Vec<(usize, (u64, u64))> =
                tier.iter().map(|place| (*place, (view.used)(line[*place].name))).collect();
            used.sort_by_key(|(_, load)| *load);
            out.extend(used.into_iter().map(|(place, (tokens, attempts))| (place, Why::Used(tokens, attempts))));
        }
        Strategy::SoonestReset => {
            let mut ends: Vec<(usize, Why)> = tier
                .iter()
                .map(|place| match (view.window)(line[*place].name) {
                    Some(Window::Left(at)) => (*place, Why::Resets(at)),
                    Some(Window::Empty(at)) => (*place, Why::Empty(at)),
                    None => (*place, Why::NoReset),
                })
                .collect();
            ends.sort_by_key(|(_, why)| match why {
                Why::Resets(at) => (0, *at),
                Why::Empty(at) => (2, *at),
                _ => (1, 0),
            });
            out.append(&mut ends);
        }
    }
}

/// Draws one after the other by share; who has none stands behind, in the order of storing.
fn shares(
    line: &[Standee<'_>],
    tier: &[usize],
    unsaid: Option<u32>,
    dice: &mut dyn FnMut(u64) -> u64,
    out: &mut Vec<(usize, Why)>,
) {
    let share = |place: usize| u64::from(line[place].weight.or(unsaid).unwrap_or(0));
    let whole: u64 = tier.iter().map(|place| share(*place)).sum();
    if whole == 0 {
        out.extend(tier.iter().map(|place| (*place, Why::Stored)));
        return;
    }
    let mut left = tier.to_vec();
    loop {
        let total: u64 = left.iter().map(|place| share(*place)).sum();
        if total == 0 {
            break;
        }
        let mut at = dice(total);
        let drawn = left.iter().position(|place| {
            let mine = share(*place);
            let hit = at < mine;
            at = at.saturating_sub(mine);
            hit
        });
        // Dice that fall beyond the whole mean the last.
        let place = left.remove(drawn.unwrap_or(left.len() - 1));
        out.push((place, Why::Share(share(place), whole)));
    }
    out.extend(left.into_iter().map(|place| (place, Why::Stored)));
}

/// Pins an account of an upstream until a time (milliseconds since 1970; `None` = until told otherwise), or with
/// `name` `None` unpins.
///
/// # Errors
/// [`StoreError`].
pub fn pin(store: &Store, upstream: &str, name: Option<&str>, until_ms: Option<i64>) -> Result<(), StoreError> {
    let value = name.map(|name| format!("{} {name}", until_ms.unwrap_or(i64::MAX))).unwrap_or_default();
    store.remember(&format!("{PIN}{upstream}"), &value)
}

/// The account pinned at an upstream, and until when (milliseconds since 1970; `None` = until told otherwise).
#[must_use]
pub fn pinned(store: &Store, upstream: &str, now_ms: i64) -> Option<(String, Option<i64>)> {
    pin_of(&store.recall(&format!("{PIN}{upstream}")).ok().flatten()?, now_ms)
}

/// Facts of pins begin with this, and the upstream follows.
pub const PIN: &str = "use:";
/// Facts of drains begin with this, and `upstream/account` follows.
pub const DRAIN: &str = "drain:";

/// Reads the fact of a pin that still holds.
#[must_use]
pub fn pin_of(fact: &str, now_ms: i64) -> Option<(String, Option<i64>)> {
    let (until, name) = fact.split_once(' ')?;
    let until: i64 = until.parse().ok()?;
    (until > now_ms).then(|| (name.to_owned(), (until != i64::MAX).then_some(until)))
}

/// Drains an account from `since_ms` on (milliseconds since 1970): it takes no new conversations. `None` ends that.
///
/// # Errors
/// [`StoreError`].
pub fn drain(store: &Store, upstream: &str, account: &str, since_ms: Option<i64>) -> Result<(), StoreError> {
    let key = format!("{DRAIN}{upstream}/{account}");
    match since_ms {
        Some(at) => store.remember(&key, &at.to_string()),
        // What was never drained needs no fact that says so.
        None if store.recall(&key)?.is_none_or(|v| v.is_empty()) => Ok(()),
        None => store.remember(&key, ""),
    }
}

/// Since when an account is being drained (milliseconds since 1970).
#[must_use]
pub fn drained(store: &Store, upstream: &str, account: &str) -> Option<i64> {
    store.recall(&format!("{DRAIN}{upstream}/{account}")).ok().flatten()?.parse().ok()
}
