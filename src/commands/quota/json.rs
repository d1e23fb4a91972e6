//! Quota for programs.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::view::{Amount, Lane, Line, Next, Seen, Source, Until, age, timeline};
use crate::store::TicketRow;

/// Everything; `null` is what is not known.
pub(super) fn value(lanes: &[Lane], tickets: &[TicketRow], now_ms: i64, locked: Option<&str>) -> Value {
    let mut in_line = Vec::new();
    for (place, t) in (1..).zip(tickets) {
        in_line.push(json!({ "place": place, "request": t.request_id, "purpose": t.purpose, "model": t.model,
            "since": time(t.since_ms), "opens": t.wakes_ms.and_then(time), "gives_up": time(t.gives_up_ms),
            "trying": t.running, "waits_for": t.keys }));
    }
    let accounts: Vec<Value> = lanes.iter().map(|l| lane(l, now_ms)).collect();
    let next: Vec<Value> = timeline(lanes, now_ms).iter().map(|n| capacity(n, now_ms)).collect();
    let legend: serde_json::Map<String, Value> =
        Source::ALL.iter().map(|s| (s.letter().to_owned(), s.name().into())).collect();
    json!({ "schema": "monster.quota/1", "now": time(now_ms), "accounts": accounts, "next_capacity": next, "in_line": in_line,
        "locked": locked, "sources": legend })
}

fn lane(lane: &Lane, now_ms: i64) -> Value {
    let lines: Vec<Value> = lane.lines.iter().map(|l| line(l, now_ms)).collect();
    let checks: Vec<&str> = lane.checks().iter().map(|c| c.name()).collect();
    json!({ "upstream": lane.upstream, "account": lane.account, "state": lane.state(), "checks": checks,
        "shares_limits_with": lane.shares, "lines": lines })
}

fn line(line: &Line, now_ms: i64) -> Value {
    let (left, used, ceiling, unit, says) = match &line.amount {
        Amount::Left { left, used, ceiling, unit } => (*left, *used, *ceiling, Some(unit), None),
        Amount::Full { ceiling, unit } => (None, None, *ceiling, Some(unit), Some("full again, not confirmed")),
        Amount::Used { used, unit } => (None, *used, None, Some(unit), None),
        Amount::Words(words) => (None, None, None, None, Some(words.as_str())),
    };
    // Money is in billionths, and says so.
    let unit = unit.map(|u| if u.len() == 3 { format!("nano_{u}") } else { u.clone() });
    let (until, state) = match line.until {
        Until::At(at) => (Some(at), "ahead"),
        Until::Over(at) => (Some(at), "passed"),
        Until::Unknown => (None, "unknown"),
        Until::None => (None, "none"),
    };
    json!({ "what": line.what, "model": line.model, "unit": unit, "left": left, "used": used, "ceiling": ceiling,
        "percent_left": line.percent(), "says": says, "note": line.note, "until": until.and_then(time),
        "until_state": state, "next_try": line.next_try.and_then(time), "source": seen(line.seen.as_ref(), now_ms),
        "check": line.check.map(|c| c.name()) })
}

fn capacity(next: &Next, now_ms: i64) -> Value {
    json!({ "name": next.name, "open": next.open, "at": next.at_ms.and_then(time),
        "source": seen(next.seen.as_ref(), now_ms) })
}

fn seen(seen: Option<&Seen>, now_ms: i64) -> Option<Value> {
    let seen = seen?;
    let age = age(now_ms, seen.at_ms).map(|age| age / 1_000);
    Some(json!({ "letter": seen.source.letter(), "name": seen.source.name(), "detail": seen.detail,
        "seen": time(seen.at_ms), "age_seconds": age }))
}

fn time(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(|t| t.to_string())
}
