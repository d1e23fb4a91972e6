//! Secrets on added lines, as findings. The secret itself is never in one.

use crate::git::{ChangeSet, FileKind};
use crate::secrets::Redactor;
use crate::tasks::finding::{Finding, Origin, Severity, Side, identify};

/// One finding per secret that this change adds.
pub fn leaks(change: &ChangeSet, redactor: &Redactor) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in change.files.iter().filter(|f| matches!(f.kind, FileKind::Text | FileKind::Symlink)) {
        let lines: Vec<(u32, &str)> = file.added_lines().filter_map(|l| Some((l.new?, l.text.as_str()))).collect();
        let text = lines.iter().map(|(_, t)| *t).collect::<Vec<_>>().join("\n");
        let starts: Vec<usize> = lines
            .iter()
            .scan(0, |at, (_, t)| {
                let start = *at;
                *at += t.len() + 1;
                Some(start)
            })
            .collect();
        for hit in redactor.scan(&text) {
            let row = starts.partition_point(|s| *s <= hit.start).saturating_sub(1);
            let Some((line, whole)) = lines.get(row) else { continue };
            if whole.contains("monster:ignore") {
                continue;
            }
            let last = starts.partition_point(|s| *s < hit.end).saturating_sub(1);
            out.push(Finding {
                id: identify("secret", hit.kind, file.path.as_str(), row),
                file: file.path.as_str().to_owned(),
                line: *line,
                end_line: lines.get(last).map_or(*line, |(n, _)| *n),
                side: Side::New,
                severity: if hit.confidence >= 0.8 { Severity::Critical } else { Severity::High },
                confidence: hit.confidence,
                class: "secret".to_owned(),
                title: format!("A secret is added: {}", hit.kind),
                why: "Whoever can read the repository can use it, also after a later commit removes it. \
                      Revoke it, then take it out of this change."
                    .to_owned(),
                suggestion: None,
                origin: Origin::Static,
            });
        }
    }
    out
}
