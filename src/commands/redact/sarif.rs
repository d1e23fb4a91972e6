//! Findings as SARIF 2.1.0.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::look::{Finding, Found};
use crate::commands::sarif::{Run, uri};
use crate::config::redact_allow::hex;

/// The log of one run. What stands in no file, as in a commit's message, has no place that a host could show: it is told
/// as a notification of the run.
pub(super) fn log(found: &Found, interrupted: bool) -> Value {
    let mut rules: Vec<(&str, &str)> = Vec::new();
    let mut same: HashMap<String, usize> = HashMap::new();
    let results: Vec<Value> = found
        .kept()
        .filter(|f| f.part.in_file())
        .map(|f| {
            let at = rules.iter().position(|(rule, _)| *rule == f.hit.rule).unwrap_or_else(|| {
                rules.push((f.hit.rule, f.hit.kind));
                rules.len() - 1
            });
            let print = print(f);
            let nth = same.entry(print.clone()).or_default();
            *nth += 1;
            result(f, at, &format!("{print}:{nth}"))
        })
        .collect();
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|(rule, kind)| {
            json!({ "id": rule, "name": kind, "shortDescription": { "text": format!("A secret: {kind}") },
                "help": { "text": "Revoke it, then take it out. A false alarm is allowed by monster:allow on its line." } })
        })
        .collect();
    let notices: Vec<Value> = found.kept().filter(|f| !f.part.in_file()).map(notice).collect();
    Run { rules, results, notices, successful: !interrupted && found.complete(), exit: None }.log()
}

/// What a finding is known by on every machine: its rule, its file and its line with everything masked. Nothing of the
/// value is in it, so it could not be guessed by it.
fn print(f: &Finding) -> String {
    let mut hash = Sha256::new();
    for part in [f.hit.rule.as_bytes(), &f.place, f.part.word().unwrap_or_default().as_bytes(), f.excerpt.as_bytes()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    hex(hash.finalize().get(..16).unwrap_or_default())
}

fn result(f: &Finding, rule: usize, print: &str) -> Value {
    let mut out = json!({
        "ruleId": f.hit.rule,
        "ruleIndex": rule,
        "level": if f.hit.confidence >= 0.8 { "error" } else { "warning" },
        "message": { "text": format!("A secret stands here: {}", f.hit.kind) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&f.place) },
            "region": { "startLine": f.line.max(1), "startColumn": f.column, "endLine": f.end_line.max(f.line).max(1) },
        } }],
        "partialFingerprints": { "monsterSecret/v1": print },
    });
    if let Some(commit) = &f.commit {
        out["properties"] = json!({ "commit": commit });
    }
    out
}

fn notice(f: &Finding) -> Value {
    let part = f.part.word().unwrap_or_default();
    let commit = f.commit.as_ref().map(|commit| format!(" of {commit}")).unwrap_or_default();
    let text = format!("A secret stands in the {part}{commit}, line {}: {} ({})", f.line, f.hit.kind, f.hit.rule);
    json!({ "level": "error", "message": { "text": text } })
}
