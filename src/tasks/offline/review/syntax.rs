//! Files that parsed before (or are new) and do not parse now.

use super::{Found, finding};
use crate::git::{Contents, FileChange, FileKind, Status};
use crate::tasks::finding::Severity;
use crate::tasks::offline::classify::Class;

/// Larger files are not parsed (bytes).
const LIMIT: u64 = 4 << 20;

pub(super) fn check(file: &FileChange, class: Class, contents: &dyn Contents, out: &mut Vec<Found>) {
    // Data of tests is broken on purpose.
    if !matches!(file.kind, FileKind::Text)
        || file.status == Status::Deleted
        || matches!(class, Class::Test | Class::Vendored)
    {
        return;
    }
    let parse: fn(&str) -> Result<(), (u32, String)> = match file.path.extension().as_str() {
        "json" if !tolerant(file) => json,
        "toml" => toml,
        _ => return,
    };
    let text = |bytes: Option<Vec<u8>>| bytes.and_then(|b| String::from_utf8(b).ok());
    let Some(after) = text(contents.after(file, LIMIT)) else { return };
    if after.trim().is_empty() || unfilled(&after) {
        return;
    }
    let Err((line, why)) = parse(&after) else { return };
    // What was broken before is not this change's doing.
    if text(contents.before(file, LIMIT)).is_some_and(|before| parse(&before).is_err()) {
        return;
    }
    let anchor = file.added_lines().filter_map(|l| l.new).min_by_key(|n| n.abs_diff(line)).unwrap_or(0);
    out.push(finding(
        file,
        anchor,
        &why,
        "syntax",
        Severity::High,
        "The file no longer parses",
        &format!("Line {line}: {why}."),
    ));
}

/// Files that may hold comments although they are called JSON.
fn tolerant(file: &FileChange) -> bool {
    let name = file.path.file_name();
    name.starts_with("tsconfig")
        || name.starts_with("jsconfig")
        || name.starts_with('.')
        || file.path.folders().any(|f| f.starts_with('.'))
}

/// A template: it becomes JSON or TOML when it is filled in.
fn unfilled(text: &str) -> bool {
    ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark))
}

/// One value, or several on end as logs have them. Where a comment stands, another reader than ours is meant.
fn json(text: &str) -> Result<(), (u32, String)> {
    if text.lines().any(|l| l.trim_start().starts_with("//") || l.trim_start().starts_with("/*")) {
        return Ok(());
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.try_for_each(|value| value.map(drop)).map_err(|e| {
        let why = e.to_string();
        (u32::try_from(e.line()).unwrap_or(0), why.split(" at line").next().unwrap_or(&why).to_owned())
    })
}

fn toml(text: &str) -> Result<(), (u32, String)> {
    toml::de::DeTable::parse(text).map(drop).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start).min(text.len());
        let line = text.get(..at).map_or(0, |head| head.matches('\n').count()) + 1;
        (u32::try_from(line).unwrap_or(0), e.message().lines().next().unwrap_or_default().to_owned())
    })
}
