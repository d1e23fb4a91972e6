//! The official SDKs. What the scripted upstream sends must parse in them, and what the program sends must equal what
//! they send for the same call. The calls stand in `tests/real/sdk`: `call.py` for the dialects' own SDKs, `vendors.py`
//! for those of vendors and clouds, `decline.py` for models that refuse, `xai.py` for gRPC.

mod callers;
mod clouds;
#[cfg(target_os = "linux")]
mod columns;
#[cfg(target_os = "linux")]
mod decline;
mod direct;
mod grpc;
#[cfg(target_os = "linux")]
mod local;
mod requests;
#[cfg(target_os = "linux")]
mod serve;
mod shapes;
mod surface;
mod tools;
mod vendors;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{parts, skip};
use crate::key::key;
use crate::patience::ended;
use crate::upstream::Upstream;

/// The interpreter that has the SDKs.
fn python() -> Option<PathBuf> {
    let set = std::env::var_os("MONSTER_TEST_SDK").map(PathBuf::from);
    let python = set.unwrap_or_else(|| parts().join("sdk")).join("venv/bin/python");
    if !python.is_file() {
        skip("sdk", "the official SDKs are not installed");
        return None;
    }
    Some(python)
}

/// Lets the SDKs make these calls, one after the other; what they understood.
fn call(python: &PathBuf, cases: &[Value]) -> Vec<Value> {
    script(python, "call.py", cases)
}

/// Gives these cases to a script; its results.
fn script(python: &PathBuf, name: &str, cases: &[Value]) -> Vec<Value> {
    let script = format!("{}/tests/real/sdk/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .arg(script)
        // Keys, addresses and proxies of the developer are no part of this.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        // What was compiled once is kept, beside the SDKs and not in this checkout.
        .env("PYTHONPYCACHEPREFIX", python.with_file_name("bytecode"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let all = json!(cases).to_string();
    // Written while it is read: cases may be larger than a pipe holds.
    std::thread::spawn(move || pipe.write_all(all.as_bytes()));
    let done = ended(child, Duration::from_secs(900), name);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let results: Vec<Value> = serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{e}\n{said}"));
    assert_eq!(results.len(), cases.len());
    results
}

/// A case: whom to ask in which dialect, and then `more`.
fn case(upstream: &Upstream, dialect: &str, provider: &str, model: &str, more: Value) -> Value {
    let key = if provider == "ollama" { Value::Null } else { json!(key(provider)) };
    let mut case = json!({ "dialect": dialect, "base": upstream.base(provider), "key": key, "model": model, "user": "hi", "stream": false });
    case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    case
}
