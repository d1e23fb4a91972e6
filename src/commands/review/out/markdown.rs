//! A review in Markdown: a page, a comment that is written anew, a remark at a line. Whatever came from a model or from
//! the change is text there: it links nowhere, calls nobody and ends no block.

use super::{Told, source};
use crate::commands::review::{By, mend, second};
use crate::tasks::finding::{Finding, Side};
use crate::ui::plain;

/// A comment on GitHub may have so many characters; the rest is room for what frames it.
const COMMENT: usize = 60_000;

/// The whole review.
pub(super) fn page(told: &Told<'_>) -> String {
    whole(told, told.shown().0, usize::MAX)
}

/// As much of it as a comment takes.
pub(in crate::commands::review) fn comment(told: &Told<'_>) -> String {
    whole(told, told.shown().0, COMMENT)
}

/// With as many of these findings as `most` bytes hold.
pub(super) fn whole(told: &Told<'_>, shown: Vec<&Finding>, most: usize) -> String {
    let hidden = told.report.findings.len() - shown.len();
    let mut out = format!("## Review of {}\n\n{}\n", text(&told.change.label), told.size());
    if !told.report.summary.is_empty() {
        // Each line of it stays one.
        let lines: Vec<String> = told.report.summary.lines().map(text).collect();
        out.push_str(&format!("\n{}\n", lines.join("  \n")));
    }
    let mut end = format!("\n{} · {}\n", told.counted(shown.len(), hidden), text(&told.coverage()));
    let mut gaps = second::limits(told.by, told.report);
    gaps.extend(told.decided());
    gaps.extend(told.gaps());
    if let Some(error) = told.report.failure.as_ref().filter(|_| matches!(told.by, By::Model(_))) {
        gaps.push(format!("a part of the change was not read by the model, so this review is incomplete: {error}"));
    }
    if !gaps.is_empty() {
        end.push('\n');
    }
    // One line for each file could be longer than all the rest.
    for gap in gaps.iter().take(20) {
        end.push_str(&format!("- {}\n", text(gap)));
    }
    if gaps.len() > 20 {
        end.push_str(&format!("- and {} more\n", gaps.len() - 20));
    }
    if let By::Unanswered(_) = told.by {
        end.push_str("\nThe model's part is missing.\n");
    }
    let mut left = shown.len();
    let mut doubt = second::doubt(told.report);
    for finding in shown {
        let banner = doubt.take_if(|_| finding.hint()).map(|doubt| format!("\n> **{}**\n", text(&doubt)));
        let banner = banner.unwrap_or_default();
        let next = format!("{banner}\n### {}\n\n{}", place(finding), body(finding));
        if out.len() + next.len() + end.len() + 100 > most {
            break;
        }
        out.push_str(&next);
        left -= 1;
    }
    if left > 0 {
        out.push_str(&format!("\n{left} more have no room here.\n"));
    }
    out + &end
}

/// One finding, for a remark at its line.
pub(in crate::commands::review) fn thread(finding: &Finding) -> String {
    body(finding)
}

fn place(finding: &Finding) -> String {
    let file = plain(&finding.file);
    code(&match (finding.line, finding.side) {
        (0, _) => file,
        (line, Side::New) => format!("{file}:{line}"),
        (line, Side::Old) => format!("{file}:{line} (removed)"),
    })
}

fn body(finding: &Finding) -> String {
    let rule = finding.rule.as_ref().map(|rule| format!(" · by {}", code(rule))).unwrap_or_default();
    let mut out = format!(
        "**{}: {}**\n\n{}\n\n{} · {} · {}{rule}\n",
        finding.severity.name(),
        text(&finding.title),
        text(&finding.why),
        code(&finding.class),
        source(finding),
        code(&finding.id),
    );
    if let Some(patch) = &finding.suggestion {
        let hunks = plain(mend::hunks(patch));
        let fence = "`".repeat(longest(&hunks).max(2) + 1);
        out.push_str(&format!("\n{fence}diff\n{}\n{fence}\n", hunks.trim_end_matches('\n')));
    }
    out
}

/// On one line, and nothing in it means anything: no mark-up, no address, no name that would be called.
fn text(from: &str) -> String {
    let mut out = String::new();
    for c in plain(from).split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A comment that nobody sees keeps the host from making a link of it.
            '@' | '#' => out.extend([c.to_string(), "<!-- -->".to_owned()]),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    // Nor does anybody put our own marks into it.
    out.replace("://", ":<!-- -->//").replace("www.", "www<!-- -->.").replace("monster:", "monster:<!-- -->")
}

/// As code on one line, whatever it holds.
fn code(from: &str) -> String {
    let inner = plain(from).split_whitespace().collect::<Vec<_>>().join(" ");
    let fence = "`".repeat(longest(&inner) + 1);
    let space = if inner.starts_with('`') || inner.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{inner}{space}{fence}")
}

/// The longest run of backticks.
fn longest(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
