//! What every SARIF 2.1.0 log of ours has in common: the envelope, and names of files as addresses.

use serde_json::{Value, json};

/// One run of this program.
pub(super) struct Run {
    /// What rules there are, as `results` name them by place.
    pub rules: Vec<Value>,
    /// What was found.
    pub results: Vec<Value>,
    /// What is to be told of the run itself.
    pub notices: Vec<Value>,
    /// Everything was looked at.
    pub successful: bool,
    /// What the program ends with, where that is known.
    pub exit: Option<u8>,
}

impl Run {
    /// The whole log.
    pub(super) fn log(self) -> Value {
        let mut invocation = json!({
            "executionSuccessful": self.successful,
            "toolExecutionNotifications": self.notices,
        });
        if let Some(exit) = self.exit {
            invocation["exitCode"] = json!(exit);
        }
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": { "name": "monster", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": self.rules } },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation],
                "results": self.results,
            }],
        })
    }
}

/// A path as a relative reference, or as a `file:` address where it begins at the root.
pub(super) fn uri(path: &[u8]) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let from = if path.starts_with(b"/") { "file://" } else { "" };
    let path = path.strip_prefix(b"./").unwrap_or(path);
    path.iter().fold(from.to_owned(), |mut out, b| {
        if keep(*b) {
            out.push(char::from(*b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}
