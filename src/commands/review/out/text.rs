//! A review for people.

use super::{Told, source};
use crate::commands::review::{By, mend, second};
use crate::tasks::finding::{Finding, Severity, Side};
use crate::tasks::review::Look;
use crate::ui::{Tone, plain, wrapped};

/// Paints a piece of text, or leaves it.
pub(in crate::commands::review) type Paint<'a> = &'a dyn Fn(Tone, &str) -> String;

/// The whole visible answer.
pub(super) fn render((width, paint): (usize, Paint<'_>), told: &Told<'_>) -> String {
    let report = told.report;
    let mut out = format!("{}\n", paint(Tone::Bold, &format!("{}: {}", told.change.label, told.size())));
    for line in plain(&report.summary).lines().flat_map(|line| wrapped(line, width)) {
        out.push_str(&format!("{line}\n"));
    }
    let (shown, hidden) = told.shown();
    let mut doubted = false;
    for finding in &shown {
        out.push('\n');
        if finding.hint() && !std::mem::replace(&mut doubted, true) {
            out.push_str(&second::banner((width, paint), report));
        }
        out.push_str(&one((width, paint), finding, report.looks.notes.get(&finding.id)));
    }
    out.push_str(&format!("\n{} · {}", told.counted(shown.len(), hidden), told.coverage()));
    out.push('\n');
    if let By::Rules(Some(hint)) = told.by {
        out.push_str(&format!("{}\n", paint(Tone::Dim, hint)));
    }
    for line in second::limits(told.by, report).into_iter().chain(second::before(report)) {
        out.push_str(&format!("{}\n", plain(&line)));
    }
    for gap in told.decided().into_iter().chain(told.gaps()) {
        out.push_str(&format!("{gap}\n"));
    }
    out
}

fn one((width, paint): (usize, Paint<'_>), finding: &Finding, look: Option<&Look>) -> String {
    let tone = match finding.severity {
        Severity::Critical => Tone::Alarm,
        Severity::High => Tone::Red,
        Severity::Medium => Tone::Yellow,
        Severity::Low => Tone::Cyan,
    };
    let place = match (finding.line, finding.side) {
        (0, _) => plain(&finding.file),
        (line, Side::New) => format!("{}:{line}", plain(&finding.file)),
        (line, Side::Old) => format!("{}:{line} (removed)", plain(&finding.file)),
    };
    let rule = finding.rule.as_ref().map(|rule| format!(" · by {}", plain(rule))).unwrap_or_default();
    let mut out = format!(
        "{} {place}  {}\n    {}\n",
        paint(tone, &format!("{:<8}", finding.severity.name())),
        plain(&finding.title),
        paint(Tone::Dim, &format!("{} · {} · {}{rule}", plain(&finding.class), source(finding), finding.id)),
    );
    let inner = width.saturating_sub(4);
    for line in wrapped(&plain(&finding.why), inner) {
        out.push_str(&format!("    {line}\n"));
    }
    for said in look.map(|look| second::note(look, finding)).unwrap_or_default() {
        for line in wrapped(&plain(&said), inner) {
            out.push_str(&format!("    {}\n", paint(Tone::Dim, &line)));
        }
    }
    if let Some(patch) = &finding.suggestion {
        for line in plain(mend::hunks(patch)).lines() {
            let tone = match line.as_bytes().first() {
                Some(b'+') => Tone::Green,
                Some(b'-') => Tone::Red,
                _ => Tone::Dim,
            };
            out.push_str(&format!("      {}\n", paint(tone, line)));
        }
    }
    out
}
