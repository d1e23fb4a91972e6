//! What was found, for people and as JSON.

use serde_json::{Value, json};

use super::look::{Finding, Found, Part};
use crate::commands::context::Context;
use crate::commands::show::counted;
use crate::config::redact_allow::hex;
use crate::secrets::{Verdict, checksum, stage};
use crate::ui::{Tone, named, plain};

/// Prints findings as people read them.
///
/// # Errors
/// The stream's.
pub(super) fn text(context: &Context, found: &Found, explain: bool) -> std::io::Result<()> {
    let ui = &context.ui;
    let mut out = String::new();
    for f in found.findings.iter().filter(|f| explain || f.verdict == Verdict::Kept) {
        let commit = f.commit.as_ref().map(|c| format!(" in {}", c.get(..12).unwrap_or(c))).unwrap_or_default();
        let more = match f.versions {
            1 => String::new(),
            n => format!(" and {}", counted(usize::try_from(n - 1).unwrap_or(usize::MAX), "later version")),
        };
        let file = if f.part == Part::Name { format!("name of {}", f.file) } else { f.file.clone() };
        let place = format!("{}:{}:{}", named(&file), f.line, f.column);
        let name = format!("{} ({})", f.hit.kind, f.hit.rule);
        let id = f.id.as_ref().map(|id| format!(" · {id}")).unwrap_or_default();
        out.push_str(&format!("{} {name}{commit}{more}{id}\n", ui.paint(Tone::Bold, &place)));
        out.push_str(&format!("    {}\n", ui.paint(Tone::Dim, &plain(&f.excerpt))));
        if explain {
            out.push_str(&format!("    {}\n", explained(f)));
        }
    }
    let kept = found.kept().count();
    if !out.is_empty() {
        ui.out(&out)?;
    }
    let mut sum = match kept {
        0 if found.files == 0 => "there is no text to look through".to_owned(),
        0 => format!("no secrets in {}", counted(found.files, "text")),
        n => format!("{} in {}", counted(n, "secret"), counted(found.files, "text")),
    };
    let left = [(found.binary, "binary"), (found.large, "too large"), (found.unreadable, "not readable")];
    for (n, what) in left.into_iter().filter(|(n, _)| *n > 0) {
        sum.push_str(&format!(", {n} {what}"));
    }
    let why = ["allowed", "of a kind that is off", "not certain enough"];
    let left: Vec<String> =
        found.left().iter().zip(why).filter(|(n, _)| **n > 0).map(|(n, why)| format!("{n} {why}")).collect();
    if found.accepted > 0 {
        sum.push_str(&format!(", {} accepted by .monster/ignore", found.accepted));
    }
    if !left.is_empty() {
        sum.push_str(&format!("; left out: {}, see them with --explain", left.join(", ")));
    }
    ui.status(&sum);
    if kept > 0 {
        ui.hint("a secret that was committed or sent is to be revoked; a false alarm is allowed by \"monster:allow\" on its line, or with: monster redact allow FILE:LINE");
    }
    // No file has that line: a name, a message, standard input, a version that is gone.
    let placeless = |f: &Finding| f.part != Part::Content || f.commit.is_some();
    if found.kept().any(placeless) {
        ui.hint("what stands in a name, a message, on standard input or in an older version is allowed by its value: monster redact allow (it is asked for, or read from standard input)");
    }
    Ok(())
}

fn explained(f: &Finding) -> String {
    let hit = &f.hit;
    format!(
        "{}: {}, confidence {:.2}, checksum {}; {}",
        hit.rule,
        stage(hit),
        hit.confidence,
        checksum(hit),
        f.verdict.said()
    )
}

/// Findings as machines read them.
pub(super) fn json(found: &Found, explain: bool, interrupted: bool) -> Value {
    let shown = found.findings.iter().filter(|f| explain || f.verdict == Verdict::Kept);
    let [allowed, off, unsure] = found.left();
    json!({
        "schema": "monster.redact/1",
        "findings": shown.map(|f| one(f, explain)).collect::<Vec<_>>(),
        "texts": found.files,
        "left_out": { "binary": found.binary, "too_large": found.large, "unreadable": found.unreadable,
            "allowed": allowed, "switched_off": off, "not_certain": unsure },
        "complete": !interrupted && found.complete(),
    })
}

fn one(f: &Finding, explain: bool) -> Value {
    let hit = &f.hit;
    let mut out = json!({
        "file": f.file, "line": f.line, "column": f.column, "end_line": f.end_line, "start": hit.start, "end": hit.end,
        "kind": hit.kind, "rule": hit.rule, "confidence": hit.confidence, "checksum": checksum(hit),
        "excerpt": f.excerpt, "fingerprint": hex(hit.fingerprint.get(..8).unwrap_or_default()),
    });
    if let Some(commit) = &f.commit {
        out["commit"] = json!(commit);
        out["versions"] = json!(f.versions);
    }
    if let Some(part) = f.part.word() {
        out["in"] = json!(part);
    }
    if let Some(label) = &hit.label {
        out["known_as"] = json!(&**label);
    }
    if explain {
        out["stage"] = json!(stage(hit));
        out["verdict"] = json!(f.verdict.said());
    }
    out
}
