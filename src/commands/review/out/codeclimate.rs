//! A review as Code Climate issues, which GitLab reads as a code quality report.

use serde_json::{Value, json};

use super::{Nth, Told, class, named};
use crate::tasks::finding::{Finding, Severity, Side};
use crate::tasks::review::grave;

/// The list.
pub(super) fn issues(told: &Told<'_>) -> Value {
    let mut nth = Nth::default();
    told.report.findings.iter().map(|f| issue(f, &nth.name(&f.id), told.names.folder(&f.file))).collect()
}

/// Where a file cannot be named, its `folder` stands for it.
fn issue(finding: &Finding, print: &str, folder: Option<&str>) -> Value {
    // A line that is gone has no place in the file as it is.
    let line = if finding.side == Side::New { finding.line.max(1) } else { 1 };
    let end = if finding.side == Side::New { finding.end_line.max(line) } else { 1 };
    let class = class(finding);
    let (path, line, end) = match folder {
        Some("") => (".".to_owned(), 1, 1),
        Some(folder) => (named(folder), 1, 1),
        None => (named(&finding.file), line, end),
    };
    let of = if folder.is_some() { format!("{}\n\n{}", finding.why, finding.file) } else { finding.why.clone() };
    json!({
        "type": "issue",
        "check_name": class,
        "description": if finding.title.trim().is_empty() { class } else { &finding.title },
        "content": { "body": of },
        "categories": [if grave(&finding.class) { "Security" } else { "Bug Risk" }],
        "location": { "path": path, "lines": { "begin": line, "end": end } },
        "severity": match finding.severity {
            _ if !finding.counts() => "info",
            Severity::Low => "minor",
            Severity::Medium => "major",
            Severity::High => "critical",
            Severity::Critical => "blocker",
        },
        "fingerprint": print,
    })
}
