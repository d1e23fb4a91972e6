//! Quota for people. Every line that holds a number ends with who said it and how long ago.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use super::view::{Amount, Check, Lane, Line, Next, Seen, Source, Until, age, timeline};
use crate::client::park::spell;
use crate::model::NanoUsd;
use crate::ui::{Table, Tone, Ui, plain};

/// Narrower terminals get a list instead of bars (columns).
const WIDE: usize = 100;
/// Marks of a bar.
const BAR: usize = 24;

/// How and when it is printed.
pub(super) struct Frame<'a> {
    pub ui: &'a Ui,
    pub now_ms: i64,
    pub zone: TimeZone,
    /// How wide the terminal is; `None` = there is none.
    pub columns: Option<usize>,
}

/// Everything, as it is printed.
pub(super) fn render(frame: &Frame<'_>, lanes: &[Lane]) -> String {
    let (ui, now_ms) = (frame.ui, frame.now_ms);
    let mut table = Table::new(&["", "what", "how much", "until", "from"]);
    for line in lanes.iter().flat_map(|l| &l.lines) {
        let mark = match line.check {
            Some(check) if check.bad() => "!",
            Some(_) => "?",
            None => " ",
        };
        table.row([mark.to_owned(), what(line), amount(line), until(frame, line), from(line.seen.as_ref(), now_ms)]);
    }
    let rendered = table.render();
    let mut rows = rendered.lines();
    let mut out = ui.paint(Tone::Dim, rows.next().unwrap_or_default());
    out.push('\n');
    for lane in lanes {
        let shares = if lane.shares.is_empty() {
            String::new()
        } else {
            format!(", shares its limits with {}", lane.shares.join(", "))
        };
        out.push_str(&ui.paint(Tone::Bold, &plain(&lane.name())));
        out.push_str(&format!("  {}{}\n", ui.paint(standing(lane), lane.state()), plain(&shares)));
        for (line, row) in lane.lines.iter().zip(&mut rows) {
            out.push_str(&line.check.map_or_else(|| row.to_owned(), |check| ui.paint(tone(check), row)));
            out.push('\n');
        }
    }
    out.push_str(&capacity(frame, &timeline(lanes, now_ms)));
    let legend: Vec<String> = Source::ALL.iter().map(|s| format!("{} {}", s.letter(), s.name())).collect();
    out.push_str(&ui.paint(Tone::Dim, &legend.join(" · ")));
    out.push('\n');
    out
}

fn standing(lane: &Lane) -> Tone {
    match lane.state() {
        "ready" => Tone::Green,
        "disabled" | "for quota only" => Tone::Dim,
        "partly parked" => Tone::Yellow,
        _ => Tone::Red,
    }
}

const fn tone(check: Check) -> Tone {
    match check {
        check if check.bad() => Tone::Red,
        Check::Unknown | Check::Disabled => Tone::Dim,
        _ => Tone::Yellow,
    }
}

fn what(line: &Line) -> String {
    line.model.as_ref().map_or_else(|| line.what.clone(), |model| format!("{} {model}", line.what))
}

fn amount(line: &Line) -> String {
    let told = match &line.amount {
        Amount::Words(words) => short(words),
        Amount::Full { unit, .. } => format!("{unit} full again, not confirmed"),
        Amount::Used { used: None, .. } => "unpriced".to_owned(),
        Amount::Used { used: Some(used), unit } => format!("{} used", units(*used, unit)),
        Amount::Left { left: None, ceiling: None, .. } => "unknown".to_owned(),
        Amount::Left { left: None, ceiling: Some(ceiling), unit, .. } => {
            format!("unknown left of {}", units(*ceiling, unit))
        }
        Amount::Left { left: Some(left), unit, .. } if unit == "percent" => format!("{left} % left"),
        Amount::Left { left: Some(left), ceiling: Some(ceiling), unit, .. } => {
            let percent = line.percent().map(|p| format!(" ({p} %)")).unwrap_or_default();
            format!("{} of {} left{percent}", bare(*left, unit), units(*ceiling, unit))
        }
        Amount::Left { left: Some(left), ceiling: None, unit, .. } => format!("{} left", units(*left, unit)),
    };
    let barred = if line.check == Some(Check::Barred) { ", not available for calls" } else { "" };
    let stale = if line.check == Some(Check::Stale) { ", stale" } else { "" };
    let note = line.note.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
    format!("{told}{note}{barred}{stale}")
}

/// `58 requests`, `$9.50`, `110.00 CNY`.
fn units(n: u64, unit: &str) -> String {
    if currency(unit) { bare(n, unit) } else { format!("{n} {unit}") }
}

fn bare(n: u64, unit: &str) -> String {
    match unit {
        "usd" => NanoUsd(n).to_string(),
        unit if currency(unit) => {
            format!("{}.{:02} {}", n / 1_000_000_000, n % 1_000_000_000 / 10_000_000, unit.to_ascii_uppercase())
        }
        _ => n.to_string(),
    }
}

fn currency(unit: &str) -> bool {
    unit.len() == 3
}

fn until(frame: &Frame<'_>, line: &Line) -> String {
    let now_ms = frame.now_ms;
    let told = match line.until {
        Until::At(at) => format!("{} (in {})", moment(frame, at), length(at - now_ms)),
        Until::Over(at) => format!("since {}", moment(frame, at)),
        Until::Unknown => "unknown".to_owned(),
        Until::None => String::new(),
    };
    match line.next_try {
        Some(at) if at <= now_ms => format!("{told}, one request may try now"),
        Some(at) => format!("{told}, one request tries {}", moment(frame, at)),
        None => told,
    }
}

fn from(seen: Option<&Seen>, now_ms: i64) -> String {
    let Some(seen) = seen else { return String::new() };
    let age = match age(now_ms, seen.at_ms) {
        None => "unknown age".to_owned(),
        Some(age) if age < 1_000 => "now".to_owned(),
        Some(age) => format!("{} ago", length(age)),
    };
    let detail = if seen.detail.is_empty() { String::new() } else { format!(" {}", seen.detail) };
    format!("{} {age}{detail}", seen.source.letter())
}

/// The time of day, with the date where it is another day's.
fn moment(frame: &Frame<'_>, at_ms: i64) -> String {
    let local = |ms| Timestamp::from_millisecond(ms).map(|t| t.to_zoned_datetime(frame.zone.clone()));
    let (Ok(at), Ok(now)) = (local(at_ms), local(frame.now_ms)) else { return "unknown".to_owned() };
    let days = [&at, &now].map(|z| z.strftime("%Y-%m-%d").to_string());
    let format = if days[0] == days[1] { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(format).to_string()
}

fn length(ms: i64) -> String {
    let hours = ms / 3_600_000;
    if hours >= 48 {
        return format!("{} d {} h", hours / 24, hours % 24);
    }
    spell(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

/// A line's worth of a reason.
fn short(words: &str) -> String {
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 60 { line } else { line.chars().take(59).chain(['…']).collect() }
}

/// What can be used next: bars from now to the last of the times where there is room.
fn capacity(frame: &Frame<'_>, all: &[Next]) -> String {
    let (ui, now_ms, columns) = (frame.ui, frame.now_ms, frame.columns);
    if all.is_empty() {
        return String::new();
    }
    let last = all.iter().filter_map(|n| n.at_ms).max().unwrap_or(now_ms);
    let bars = columns.is_some_and(|c| c >= WIDE) && last > now_ms;
    let heads: &[&str] = if bars {
        &["", "next capacity", "now → last", "from", "said by"]
    } else {
        &["", "next capacity", "from", "said by"]
    };
    let mut table = Table::new(heads);
    for next in all {
        let when = match next.at_ms {
            _ if next.open => "now".to_owned(),
            Some(at) => format!("{} (in {})", moment(frame, at), length(at - now_ms)),
            None => "unknown".to_owned(),
        };
        let bar = bars.then(|| bar(next, now_ms, last));
        let cells =
            [Some(" ".to_owned()), Some(next.name.clone()), bar, Some(when), Some(from(next.seen.as_ref(), now_ms))];
        table.row(cells.into_iter().flatten());
    }
    let rendered = table.render();
    let (head, rows) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    format!("{}\n{rows}", ui.paint(Tone::Dim, head))
}

/// Dots while it cannot be used and marks from when it can; nothing where that is not known.
fn bar(next: &Next, now_ms: i64, last_ms: i64) -> String {
    let Some(at) = next.at_ms else { return String::new() };
    let span = u128::try_from(last_ms - now_ms).unwrap_or(1).max(1);
    let before = u128::try_from(at - now_ms).unwrap_or(0) * (BAR as u128) / span;
    let before = usize::try_from(before).unwrap_or(BAR).clamp(usize::from(at > now_ms), BAR - 1);
    format!("{}{}", ".".repeat(before), "#".repeat(BAR - before))
}
