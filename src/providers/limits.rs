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
    out
}
