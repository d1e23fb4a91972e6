//! Runs the binary over samples, and writes files.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::score::{self, Finding, Score};
use crate::set::{Role, Sample};

fn binary() -> String {
    std::env::var("MONSTER_CORPUS_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_monster").to_owned())
}

/// Asks the binary what it finds in the samples.
fn findings(flags: &[&str], samples: &[Sample], home: &Path) -> BTreeMap<String, Vec<Finding>> {
    // A home of its own: nobody's config, rules or allowlists.
    let mut child = Command::new(binary())
        .args(["redact", "scan", "--jsonl"])
        .args(flags)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_DATA_HOME", home)
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> =
        samples.iter().map(|sample| serde_json::json!({"id": sample.id, "text": sample.text}).to_string()).collect();
    // Written aside: a pipe that is full both ways would stop both.
    let writer = std::thread::spawn(move || {
        for line in lines {
            if writeln!(stdin, "{line}").is_err() {
                break;
            }
        }
    });
    let mut found: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let value: serde_json::Value = serde_json::from_str(&line).expect("a finding is a line of JSON");
        let place = |name: &str| value[name].as_u64().expect("a finding has its place") as usize;
        let finding = Finding {
            start: place("start"),
            end: place("end"),
            kind: format!("{} / {}", value["kind"].as_str().unwrap_or("?"), value["rule"].as_str().unwrap_or("?")),
        };
        found.entry(value["id"].as_str().expect("a finding names its text").to_owned()).or_default().push(finding);
    }
    writer.join().unwrap();
    let code = child.wait().unwrap().code();
    assert!(matches!(code, Some(0 | 1)), "the scan ends with {code:?}");
    found
}

/// Runs the binary and measures; files for developers go to `target/tmp/corpus`.
pub fn scored(name: &str, flags: &[&str], samples: &[Sample]) -> Score {
    let folder = folder();
    let home = folder.join(format!("home-{name}"));
    std::fs::create_dir_all(&home).unwrap();
    let score = score::measure(samples, &findings(flags, samples, &home));
    let figures = serde_json::to_string_pretty(&score::json(&score)).unwrap();
    std::fs::write(folder.join(format!("{name}.json")), figures).unwrap();
    std::fs::write(folder.join(format!("{name}-mistakes.txt")), score::mistakes(samples, &score)).unwrap();
    score
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes `corpus.jsonl` and `truth.jsonl` for other detectors and answers with their folder.
pub fn export(samples: &[Sample]) -> PathBuf {
    let folder = std::env::var("MONSTER_CORPUS_EXPORT").map_or_else(|_| folder(), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    let mut corpus = String::new();
    let mut truth = String::new();
    for sample in samples {
        let class = if let Role::Positive(class) = sample.role { Some(class.name()) } else { None };
        let secrets: Vec<serde_json::Value> = sample
            .truth
            .iter()
            .map(|secret| serde_json::json!({"start": secret.start, "end": secret.end, "parts": secret.parts, "public": secret.public}))
            .collect();
        corpus += &format!("{}\n", serde_json::json!({"id": sample.id, "text": sample.text}));
        truth += &format!(
            "{}\n",
            serde_json::json!({
                "id": sample.id, "kind": sample.kind, "class": class, "context": sample.context,
                "secrets": secrets, "neutral": sample.neutral,
            })
        );
    }
    std::fs::write(folder.join("corpus.jsonl"), corpus).unwrap();
    std::fs::write(folder.join("truth.jsonl"), truth).unwrap();
    folder
}
