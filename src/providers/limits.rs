//! Counters in answer headers (rate-limits.md, "Header formats to parse").

use super::{Head, Limit, retry};

const WHATS: [&str; 4] = ["requests", "tokens", "input-tokens", "output-tokens"];

/// Every counter an answer states.
pub(super) fn limits(head: &Head, now: i64) -> Vec<Limit> {
    let number = |name: &str| head.get(name).and_then(|v| v.trim().parse().ok());
    let mut out = Vec::new();
    for what in WHATS {
        // Anthropic names the bucket before the field, everybody else behind it.
        let names =
            |field: &str| [format!("anthropic-ratelimit-{what}-{field}"), format!("x-ratelimit-{field}-{what}")];
        let of = |field: &str| names(field).iter().find_map(|n| number(n));
        let reset = names("reset").iter().find_map(|n| retry::reset(head.get(n)?, now));
        let limit = Limit { what: what.to_owned(), limit: of("limit"), remaining: of("remaining"), reset };
        if limit.limit.is_some() || limit.remaining.is_some() {
            out.push(limit);
        }
    }
    out.extend(plain(head, now));
    out
}

/// The one counter of those who do not say what they count: the IETF draft's `ratelimit`, its older three fields,
/// and the same with an `x-`.
fn plain(head: &Head, now: i64) -> Option<Limit> {
    if let Some(draft) = head.get("ratelimit") {
        let field = |name: &str| {
            draft.split([';', ',']).find_map(|p| p.trim().strip_prefix(name)?.trim().strip_prefix('=')).map(str::trim)
        };
        let reset = field("t").and_then(|t| retry::reset(t, now));
        let remaining = field("r").and_then(|r| r.parse().ok());
        return remaining.map(|n| Limit { what: "requests".to_owned(), limit: None, remaining: Some(n), reset });
    }
    let field = |name: &str| ["ratelimit-", "x-ratelimit-"].iter().find_map(|p| head.get(&format!("{p}{name}")));
    let number = |name: &str| field(name).and_then(|v| v.trim().parse().ok());
    let (limit, remaining) = (number("limit"), number("remaining"));
    let reset = field("reset").and_then(|v| retry::reset(v, now));
    (limit.is_some() || remaining.is_some()).then(|| Limit { what: "requests".to_owned(), limit, remaining, reset })
}
