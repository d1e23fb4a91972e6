//! A review as Code Climate issues, which GitLab reads as a code quality report.

use serde_json::{Value, json};

use super::{Nth, Told, class, named};
use crate::tasks::finding::{Finding, Severity, Side};
use crate::tasks::review::grave;

/// The list.
pub(super) fn issues(told: &Told<'_>) -> Value {
    let mut nth = Nth::default();
    told.report.findings.iter().map(|f| issue(f, &nth.name(&f.id))).collect()
}

fn issue(finding: &Finding, print: &str) -> Value {
    // A line that is gone has no place in the file as it is.
    let line = if finding.side == Side::New { finding.line.max(1) } else { 1 };
    let end = if finding.side == Side::New { finding.end_line.max(line) } else { 1 };
    let class = class(finding);
    json!({
        "type": "issue",
        "check_name": class,
        "description": if finding.title.trim().is_empty() { class } else { &finding.title },
        "content": { "body": finding.why },
        "categories": [if grave(&finding.class) { "Security" } else { "Bug Risk" }],
        "location": { "path": named(&finding.file), "lines": { "begin": line, "end": end } },
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
