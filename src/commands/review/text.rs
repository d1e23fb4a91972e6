//! A review for people.

use super::{By, second};
use crate::git::ChangeSet;
use crate::tasks::finding::{Finding, Severity, Side, Source};
use crate::tasks::review::{Look, Report};
use crate::ui::{Tone, Ui, plain, wrapped};

/// The whole visible answer.
pub(super) fn render(
    ui: &Ui,
    change: &ChangeSet,
    report: &Report,
    shown: &[&Finding],
    hidden: usize,
    by: &By,
) -> String {
    let mut out = String::new();
    let files = crate::commands::show::counted(change.files.len(), "file");
    let size = format!("{}: {files}, +{} -{}", change.label, change.added(), change.removed());
    out.push_str(&format!("{}\n", ui.paint(Tone::Bold, &size)));
    if !report.summary.is_empty() {
        out.push_str(&format!("{}\n", plain(&report.summary)));
    }
    let mut doubted = false;
    for finding in shown {
        out.push('\n');
        if finding.hint() && !std::mem::replace(&mut doubted, true) {
            out.push_str(&second::banner(ui, report));
        }
        out.push_str(&one(ui, finding, report.looks.notes.get(&finding.id)));
    }
    out.push('\n');
    let counted = match (shown.len(), hidden) {
        (0, 0) if report.findings.is_empty() => "no findings".to_owned(),
        (0, 0) => "nothing new".to_owned(),
        (shown, 0) => crate::commands::show::counted(shown, "finding"),
        (shown, hidden) => format!("{shown} shown · {hidden} hidden (--all)"),
    };
    out.push_str(&counted);
    match by {
        By::Rules(hint) => {
            let covered = report.coverage.line();
            out.push_str(&format!(" · by monster's own rules, no model was asked · {covered}\n"));
            if let Some(hint) = hint {
                out.push_str(&format!("{}\n", ui.paint(Tone::Dim, hint)));
            }
        }
        By::Unanswered(name) => {
            out.push_str(&format!(" · by monster's own rules; {} did not answer\n", plain(name)));
        }
        By::Model(name) => {
            out.push_str(&format!(" · {name} · {}", report.coverage.line()));
            match report.withheld {
                0 => {}
                1 => out.push_str(" · 1 fix was not seen to apply and is not shown"),
                n => out.push_str(&format!(" · {n} fixes were not seen to apply and are not shown")),
            }
            match report.dropped {
                0 => {}
                1 => out.push_str(" · 1 claim did not hold and is not shown"),
                n => out.push_str(&format!(" · {n} claims did not hold and are not shown")),
            }
            out.push('\n');
        }
    }
    out.push_str(&second::lines(report));
    let ignored = &report.coverage.ignored;
    if let Some((first, whose)) = ignored.first() {
        let more = if ignored.len() > 1 { format!(" and {} more", ignored.len() - 1) } else { String::new() };
        out.push_str(&format!("left out by review.ignore ({}): {}{more}\n", plain(whose), plain(first)));
    }
    for (file, why) in &report.coverage.skipped {
        out.push_str(&format!("not read by a model: {} ({why})\n", plain(file)));
    }
    if report.unreadable > 0 {
        out.push_str("a part of the model's answer could not be read: this review is incomplete\n");
    }
    out
}

fn one(ui: &Ui, finding: &Finding, look: Option<&Look>) -> String {
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
    let source = if finding.source == Source::Static { "rule" } else { second::mark(finding) };
    let mut out = format!(
        "{} {place}  {}\n    {}\n",
        ui.paint(tone, &format!("{:<8}", finding.severity.name())),
        plain(&finding.title),
        ui.paint(Tone::Dim, &format!("{} · {source} · {}", plain(&finding.class), finding.id)),
    );
    for line in wrapped(&plain(&finding.why), 92) {
        out.push_str(&format!("    {line}\n"));
    }
    for said in look.map(|look| second::note(look, finding)).unwrap_or_default() {
        for line in wrapped(&plain(&said), 92) {
            out.push_str(&format!("    {}\n", ui.paint(Tone::Dim, &line)));
        }
    }
    if let Some(patch) = &finding.suggestion {
        for line in plain(patch).lines().skip(2) {
            let tone = match line.as_bytes().first() {
                Some(b'+') => Tone::Green,
                Some(b'-') => Tone::Red,
                _ => Tone::Dim,
            };
            out.push_str(&format!("      {}\n", ui.paint(tone, line)));
        }
    }
    out
}
