//! Findings as SARIF 2.1.0.

use serde_json::{Value, json};

use super::look::{Finding, Found};
use crate::config::redact_allow::hex;

/// The log of one run.
pub(super) fn log(found: &Found) -> Value {
    let mut rules: Vec<(&str, &str)> = Vec::new();
    let results: Vec<Value> = found
        .kept()
        .map(|f| {
            let at = rules.iter().position(|(rule, _)| *rule == f.hit.rule).unwrap_or_else(|| {
                rules.push((f.hit.rule, f.hit.kind));
                rules.len() - 1
            });
            result(f, at)
        })
        .collect();
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|(rule, kind)| {
            json!({ "id": rule, "name": kind, "shortDescription": { "text": format!("A secret: {kind}") },
                "help": { "text": "Revoke it, then take it out. A false alarm is allowed by monster:allow on its line." } })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "monster", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(f: &Finding, rule: usize) -> Value {
    let mut out = json!({
        "ruleId": f.hit.rule,
        "ruleIndex": rule,
        "level": if f.hit.confidence >= 0.8 { "error" } else { "warning" },
        "message": { "text": format!("A secret stands here: {}", f.hit.kind) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&f.file) },
            "region": { "startLine": f.line.max(1), "startColumn": f.column, "endLine": f.end_line.max(f.line).max(1) },
        } }],
        "partialFingerprints": { "monsterSecret/v1": hex(&f.hit.fingerprint) },
    });
    if let Some(commit) = &f.commit {
        out["properties"] = json!({ "commit": commit });
    }
    out
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.replace('\\', "/").trim_start_matches("./").bytes().fold(String::new(), |mut out, b| {
        if keep(b) {
            out.push(char::from(b))
        } else {
            out.push_str(&format!("%{b:02X}"))
        }
        out
    })
}
