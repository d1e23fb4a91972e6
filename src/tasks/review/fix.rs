//! A model's fix as a patch that was seen to apply.

use similar::TextDiff;

use super::anchor::Anchor;
use crate::git::{ChangeSet, Contents, patch};
use crate::tasks::finding::Side;

/// The largest file a fix is tried on (bytes).
const LIMIT: u64 = 4 << 20;

/// What a proposed fix is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fix {
    /// There is none, or it changes nothing, or it touches what was masked.
    None,
    /// A unified diff that applies to the file after the change.
    Applies(String),
    /// It does not apply: whoever proposed it does not see the code.
    Broken,
}

/// Makes a patch of `proposed` (replacement code for the anchored line, or a unified diff) and tries it.
#[must_use]
pub(super) fn fix(change: &ChangeSet, contents: &dyn Contents, anchor: &Anchor, proposed: &str) -> Fix {
    let proposed = unfence(proposed);
    if proposed.trim().is_empty() || proposed.contains("MSEC_") || anchor.side == Side::Old {
        return Fix::None;
    }
    let file = &change.files[anchor.place];
    let path = file.path.as_str();
    let Some(Ok(after)) = contents.after(file, LIMIT).map(String::from_utf8) else {
        // Without the file (a patch on stdin) nothing can be tried, and what was not tried is not shown.
        return Fix::None;
    };
    let mended = if is_diff(proposed) {
        match patch::apply(&after, proposed) {
            Ok(mended) => mended,
            Err(_) => return Fix::Broken,
        }
    } else {
        match replace_line(&after, anchor, proposed) {
            Some(mended) => mended,
            None => return Fix::Broken,
        }
    };
    if mended == after {
        return Fix::None;
    }
    let diff = TextDiff::from_lines(&after, &mended)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string();
    match patch::apply(&after, &diff) {
        Ok(again) if again == mended => Fix::Applies(diff),
        _ => Fix::Broken,
    }
}

fn is_diff(text: &str) -> bool {
    text.starts_with("--- ") || text.starts_with("diff ") || text.starts_with("@@ ")
}

fn unfence(text: &str) -> &str {
    let trimmed = text.trim_matches('\n');
    let Some(rest) = trimmed.trim_start().strip_prefix("```") else { return trimmed };
    let body = rest.split_once('\n').map_or("", |(_, body)| body);
    body.rsplit_once("```").map_or(body, |(body, _)| body).trim_end_matches('\n')
}

/// Puts the proposed lines in place of the anchored one, at its indentation.
fn replace_line(after: &str, anchor: &Anchor, proposed: &str) -> Option<String> {
    let place = usize::try_from(anchor.line).ok()?.checked_sub(1)?;
    let mut lines: Vec<String> = after.split_inclusive('\n').map(str::to_owned).collect();
    let line = lines.get(place)?;
    let body = line.trim_end_matches(['\n', '\r']);
    if body.trim_end() != anchor.text.trim_end() {
        return None;
    }
    let ending = &line[body.len()..];
    let indent: String = body.chars().take_while(|c| c.is_whitespace()).collect();
    let own: String = proposed.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    let mut out = String::new();
    let count = proposed.lines().count();
    for (n, text) in proposed.lines().enumerate() {
        let text = text.strip_prefix(own.as_str()).unwrap_or(text);
        if !text.trim().is_empty() {
            out.push_str(&indent);
            out.push_str(text.trim_end());
        }
        out.push_str(if n + 1 < count && ending.is_empty() { "\n" } else { ending });
    }
    lines[place] = out;
    Some(lines.concat())
}
