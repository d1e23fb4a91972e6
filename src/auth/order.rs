//! Which account is tried first: the one the user pinned, then by priority, then those with a share of the requests
//! drawn by it, then the others in the order they were stored (so that prompt caches stay warm).

use super::Credential;
use crate::store::{Store, StoreError};

/// The accounts in the order they are to be tried. `dice` gives a number evenly drawn from `0..n`.
#[must_use]
pub fn ranked(
    credentials: Vec<Credential>,
    pinned: &dyn Fn(&str) -> Option<String>,
    dice: &mut dyn FnMut(u64) -> u64,
) -> Vec<Credential> {
    let mut out: Vec<Credential> = Vec::with_capacity(credentials.len());
    let mut left = credentials;
    // By upstream and priority; between upstreams the order is the model's to decide.
    while let Some(first) = left.first() {
        let (upstream, priority) = (first.upstream.clone(), left.iter().filter(|c| c.upstream == first.upstream));
        let priority = priority.map(|c| c.priority).max().unwrap_or(0);
        let (mut group, rest): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|c| c.upstream == upstream && c.priority == priority);
        left = rest;
        while let Some(at) = drawn(&group, dice) {
            out.push(group.remove(at));
        }
        out.append(&mut group);
    }
    let pin = |c: &Credential| pinned(&c.upstream).is_some_and(|name| name == c.account);
    // Who is signed out stands behind all others: trying it would only use up the call's tries.
    let out_of_it = |c: &Credential| c.grant.as_ref().is_some_and(|g| g.ended.is_some());
    out.sort_by_key(|c| (out_of_it(c), !pin(c)));
    out
}

/// The place of one of those with a share, drawn by it; `None` when none has one.
fn drawn(group: &[Credential], dice: &mut dyn FnMut(u64) -> u64) -> Option<usize> {
    let share = |c: &Credential| u64::from(c.weight.unwrap_or(0));
    let total: u64 = group.iter().map(share).sum();
    if total == 0 {
        return None;
    }
    let mut at = dice(total);
    group.iter().position(|c| {
        let mine = share(c);
        let hit = at < mine;
        at = at.saturating_sub(mine);
        hit
    })
}

/// Pins an account of an upstream until a time (milliseconds since 1970; `None` = until told otherwise), or with
/// `name` `None` unpins.
///
/// # Errors
/// [`StoreError`].
pub fn pin(store: &Store, upstream: &str, name: Option<&str>, until_ms: Option<i64>) -> Result<(), StoreError> {
    let value = name.map(|name| format!("{} {name}", until_ms.unwrap_or(i64::MAX))).unwrap_or_default();
    store.remember(&fact(upstream), &value)
}

/// The account pinned at an upstream, and until when (milliseconds since 1970; `None` = until told otherwise).
#[must_use]
pub fn pinned(store: &Store, upstream: &str, now_ms: i64) -> Option<(String, Option<i64>)> {
    let value = store.recall(&fact(upstream)).ok().flatten()?;
    let (until, name) = value.split_once(' ')?;
    let until: i64 = until.parse().ok()?;
    (until > now_ms).then(|| (name.to_owned(), (until != i64::MAX).then_some(until)))
}

fn fact(upstream: &str) -> String {
    format!("use:{upstream}")
}
