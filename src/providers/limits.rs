//! Counters in answer headers (rate-limits.md, "Header formats to parse"). What cannot be a number of something is
//! not known, which is not zero.

use std::time::Duration;

use super::{Head, Limit, retry};

/// Nobody counts further than this; what is larger means "without end" or nothing.
const MOST: u64 = 1_000_000_000_000_000;
/// More counters than this no answer states.
const COUNTERS: usize = 24;
/// The name of a counter is no longer than this (characters).
const NAME: usize = 40;

/// What the name of every such header holds.
const LIMIT: &[u8] = b"limit";

/// What the windows of a plan count.
pub(super) const PLAN: &str = "plan";

/// Every counter an answer states, each once.
pub(super) fn limits(head: &Head, now: i64) -> Vec<Limit> {
    // All their names have it; most answers state none.
    if !head.headers.keys().any(|name| name.as_str().as_bytes().windows(LIMIT.len()).any(|part| part == LIMIT)) {
        return Vec::new();
    }
    let mut all: Vec<Count> = Vec::new();
    for (name, value) in head.texts() {
        if let Some((bucket, field)) = named(name) {
            at(&mut all, bucket).take(field, value, now);
        }
    }
    let (plain, named): (Vec<_>, Vec<_>) = all.into_iter().partition(|c| c.bucket.is_empty());
    let known = |count: Count| count.limit(head.status);
    let mut out: Vec<Limit> = named.into_iter().filter_map(known).collect();
    out.extend(plan(head, now));
    out.extend(class(head, now));
    let drafted = draft(head, now);
    if drafted.is_empty() {
        out.extend(plain.into_iter().filter_map(known));
    }
    out.extend(drafted);
    let mut seen = Vec::new();
    out.retain(|limit| {
        let new = !seen.contains(&limit.name());
        seen.push(limit.name());
        new
    });
    out.truncate(COUNTERS);
    out
}

/// What a header says of a counter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Limit,
    Remaining,
    Reset,
}

impl Field {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "limit" => Some(Self::Limit),
            "remaining" => Some(Self::Remaining),
            "reset" => Some(Self::Reset),
            _ => None,
        }
    }
}

/// Beginnings behind which a field and then a counter are named, and what they count where they do not say.
/// `x-rate-limit-` is Azure's misspelling; Mistral and Together count tokens under names of their own.
const FAMILIES: [(&str, &str); 7] = [
    ("x-ratelimit-", ""),
    ("x-rate-limit-", ""),
    ("ratelimit-", ""),
    ("x-ratelimitbysize-", "tokens"),
    ("ratelimitbysize-", "tokens"),
    ("x-tokenlimit-", "tokens"),
    ("tokenlimit-", "tokens"),
];

/// The counter and the field that a header is about; an empty counter where it is not named.
fn named(header: &str) -> Option<(String, Field)> {
    // Anthropic names the counter before the field, everybody else behind it.
    if let Some(rest) = header.strip_prefix("anthropic-ratelimit-") {
        let (bucket, field) = rest.rsplit_once('-')?;
        return Some((bucket.to_owned(), Field::parse(field)?)).filter(|(b, _)| !b.starts_with("unified"));
    }
    let (rest, counts) = FAMILIES.iter().find_map(|(prefix, counts)| Some((header.strip_prefix(prefix)?, counts)))?;
    let (field, bucket) = rest.split_once('-').unwrap_or((rest, ""));
    let bucket = match (*counts, bucket) {
        ("", bucket) => bucket.to_owned(),
        (counts, "") => counts.to_owned(),
        (counts, window) => format!("{counts}-{window}"),
    };
    Some((bucket, Field::parse(field)?))
}

/// A counter as its headers are read.
struct Count {
    bucket: String,
    ceiling: Option<u64>,
    remaining: Option<u64>,
    reset: Option<Duration>,
}

fn at(all: &mut Vec<Count>, bucket: String) -> &mut Count {
    let place = all.iter().position(|c| c.bucket == bucket).unwrap_or(all.len());
    if place == all.len() {
        all.push(Count { bucket, ceiling: None, remaining: None, reset: None });
    }
    &mut all[place]
}

impl Count {
    /// The first of several counts, but the lowest of several remainders: a proxy in between has its own.
    fn take(&mut self, field: Field, value: &str, now: i64) {
        match field {
            Field::Limit => self.ceiling = self.ceiling.or_else(|| number(value)),
            Field::Remaining => self.remaining = self.remaining.into_iter().chain(number(value)).min(),
            Field::Reset => self.reset = self.reset.or_else(|| retry::reset(value, now)),
        }
    }

    fn limit(self, status: u16) -> Option<Limit> {
        let (what, window) = words(&self.bucket);
        checked(
            status,
            Limit { window, remaining: self.remaining, reset: self.reset, ..Limit::new(&what, self.ceiling) },
        )
    }
}

/// What is left of a counter when nothing silly may stand in it; `None` when nothing is known of it.
fn checked(status: u16, mut limit: Limit) -> Option<Limit> {
    if limit.limit == Some(0) {
        limit.limit = None;
        // An answer was given where nothing is allowed: a sentinel (Azure).
        limit.remaining = limit.remaining.filter(|_| status >= 400);
    }
    if let Some(ceiling) = limit.limit {
        limit.remaining = limit.remaining.map(|n| n.min(ceiling));
    }
    if limit.remaining.is_none() {
        // Beside an unknown counter a reset of nothing is Azure's other sentinel.
        limit.reset = limit.reset.filter(|d| !d.is_zero());
    }
    (limit.limit.is_some() || limit.remaining.is_some()).then_some(limit)
}

/// A whole number of things; of a list (`100, 100;w=60`) the first.
fn number(value: &str) -> Option<u64> {
    let first = value.split([',', ';']).next()?.trim();
    let whole = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
    first.parse().ok().filter(|n| whole && *n <= MOST)
}

/// A counter's name and its window: `tokens-minute`, `req-minute`, `requests-day`, `tokens_usage_based`.
fn words(bucket: &str) -> (String, Option<String>) {
    let bucket = tidy(&bucket.replace('_', "-"));
    let bucket = bucket.strip_prefix("req-").map_or(bucket.clone(), |rest| format!("requests-{rest}"));
    if bucket.is_empty() {
        return ("requests".to_owned(), None);
    }
    for window in ["second", "minute", "hour", "day", "month", "usage-based"] {
        if let Some(what) = bucket.strip_suffix(window).and_then(|w| w.strip_suffix('-')).filter(|w| !w.is_empty()) {
            return (what.to_owned(), Some(window.to_owned()));
        }
    }
    (bucket, None)
}

/// A name from outside, as it may be shown and kept.
fn tidy(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic()).take(NAME).collect::<String>().to_ascii_lowercase()
}

/// What is used of a Claude plan, per window: observed, not documented. Shares of one are told, sometimes percents.
fn plan(head: &Head, now: i64) -> Vec<Limit> {
    let mut windows: Vec<String> = Vec::new();
    let fields = ["utilization", "status", "reset"];
    for (name, _) in head.texts() {
        let Some(rest) = name.strip_prefix("anthropic-ratelimit-unified-") else { continue };
        let window = fields.iter().find_map(|f| rest.strip_suffix(f)).map(|w| tidy(w.trim_end_matches('-')));
        // Whether more may be bought is no window.
        windows.extend(window.filter(|w| w != "overage" && !windows.contains(w)));
    }
    let one = |window: String| {
        let of = |field: &str| {
            let middle = if window.is_empty() { String::new() } else { format!("{window}-") };
            head.get(format!("anthropic-ratelimit-unified-{middle}{field}"))
        };
        let refused = of("status") == Some("rejected");
        let left = of("utilization").and_then(|v| v.trim().parse().ok()).and_then(|used| percent_left(used, refused));
        let remaining = if refused { Some(0) } else { left };
        let reset = of("reset").and_then(|v| retry::reset(v, now));
        // A word alone, "allowed", is no number.
        remaining.map(|_| Limit {
            unit: "percent".to_owned(),
            window: (!window.is_empty()).then_some(window),
            remaining,
            reset,
            wide: true,
            ..Limit::new(PLAN, Some(100))
        })
    };
    windows.into_iter().filter_map(one).collect()
}

/// Whole percents that are left; `None` between one and two, which may be a share over the whole or a small percent.
fn percent_left(used: f64, refused: bool) -> Option<u64> {
    let percent = match used {
        u if (0.0..=1.0).contains(&u) => u * 100.0,
        u if (2.0..=100.0).contains(&u) => u,
        u if u > 100.0 && u.is_finite() => 100.0,
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and 100
    let left = (100.0 - percent).floor() as u64;
    // What is nearly used up is not yet used up.
    Some(if percent < 100.0 && !refused { left.max(1) } else { left })
}

/// GitHub Models names the bucket that was met: `x-ratelimit-type: UserByModelByDay`.
fn class(head: &Head, now: i64) -> Option<Limit> {
    let kind = head.get("x-ratelimit-type").map(tidy).filter(|k| !k.is_empty());
    let reset = head.get("x-ratelimit-timeremaining").and_then(|v| retry::reset(v, now));
    // Only of one that refuses is it known how much is left.
    if head.status != 429 || (kind.is_none() && reset.is_none()) {
        return None;
    }
    let wide = kind.as_ref().is_some_and(|k| !k.contains("bymodel"));
    Some(Limit { window: kind, remaining: Some(0), reset, wide, ..Limit::new("requests", None) })
}

/// The IETF draft's `ratelimit` with `ratelimit-policy`, several named policies too, and its older one-line form.
fn draft(head: &Head, now: i64) -> Vec<Limit> {
    let all = |name: &str| {
        let values = head.texts().filter(|(n, _)| *n == name);
        values.flat_map(|(_, v)| pieces(v, ',')).collect::<Vec<_>>()
    };
    let policies: Vec<Item> = all("ratelimit-policy").iter().filter_map(|text| Item::read(text)).collect();
    let items = all("ratelimit");
    // `limit=100, remaining=50, reset=5`: one counter in three members.
    let member = |field: &str| items.iter().find_map(|i| i.strip_prefix(field)?.trim().strip_prefix('='));
    if let Some(remaining) = member("remaining") {
        let reset = member("reset").and_then(|v| retry::reset(v, now));
        let ceiling = member("limit").and_then(number);
        let limit = Limit { remaining: number(remaining), reset, ..Limit::new("requests", ceiling) };
        return checked(head.status, limit).into_iter().collect();
    }
    let one = |item: Item| {
        let policy = policies.iter().find(|p| item.names.iter().any(|n| p.names.contains(n)));
        let policy = policy.or_else(|| policies.first().filter(|_| items.len() == 1 && policies.len() == 1));
        let counts = policy.and_then(|p| p.get("qu")).or_else(|| item.get("qu")).map(tidy);
        let what = counts.filter(|c| !c.is_empty()).unwrap_or_else(|| "requests".to_owned());
        let name = item.names.last().map(|n| tidy(n)).filter(|n| !n.is_empty() && n != "default");
        checked(
            head.status,
            Limit {
                window: name,
                remaining: item.get("r").and_then(number),
                reset: item.get("t").and_then(|t| retry::reset(t, now)),
                ..Limit::new(&what, policy.and_then(|p| p.get("q")).and_then(number))
            },
        )
    };
    items.iter().filter_map(|text| Item::read(text)).filter_map(one).filter(|l| l.remaining.is_some()).collect()
}

/// A member of such a list: its names and its parameters.
struct Item {
    names: Vec<String>,
    params: Vec<(String, String)>,
}

impl Item {
    fn read(text: &str) -> Option<Self> {
        let mut out = Self { names: Vec::new(), params: Vec::new() };
        for piece in pieces(text, ';') {
            match piece.split_once('=').filter(|(name, _)| !name.starts_with('"')) {
                Some((name, value)) => {
                    out.params.push((name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
                }
                None => out.names.push(piece.trim_matches('"').to_owned()),
            }
        }
        (!out.params.is_empty()).then_some(out)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Split where it is not quoted; pieces without white space around them, none empty.
fn pieces(text: &str, at: char) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if c == at && !quoted {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.into_iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}
