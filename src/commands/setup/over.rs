//! What of the user's own goes before what is written: a tool with such a thing is set up, and does not come to monster.
//!
//! The switches were tried with Claude Code 2.1, one by one. That `profile` goes before is what older versions of Codex do;
//! 0.171 was seen to refuse it. In which order opencode reads its files stands in the package of 1.18.

use std::path::Path;

use serde_json::Value;

use super::edit::{Format, named};
use super::plan::{self, Change};
use super::tools::Tool;
use crate::commands::context::Context;

/// One such thing.
pub(super) struct Over {
    /// What it is, and how to take it out.
    pub text: String,
    /// It goes before what is written for certain; else it only may, by what will stand in it.
    pub wins: bool,
}

/// Switches of Claude Code to another provider, and whose it is.
const SWITCHES: [(&str, &str); 6] = [
    ("CLAUDE_CODE_USE_BEDROCK", "Amazon Bedrock"),
    ("CLAUDE_CODE_USE_VERTEX", "Google Vertex AI"),
    ("CLAUDE_CODE_USE_FOUNDRY", "Microsoft Foundry"),
    ("CLAUDE_CODE_USE_ANTHROPIC_AWS", "Anthropic on AWS"),
    ("CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "Anthropic on Google Cloud"),
    ("CLAUDE_CODE_USE_MANTLE", "Amazon Bedrock (Mantle)"),
];

/// All of it, for the files of a tool as they will be.
pub(super) fn over(context: &Context, tool: &Tool, changes: &[Change]) -> Vec<Over> {
    let Some(change) = changes.first() else { return Vec::new() };
    match tool.name {
        "claude-code" => SWITCHES.iter().filter_map(|switch| switched(context, change, *switch)).collect(),
        "codex" => profile(change).into_iter().collect(),
        "opencode" => beside(context, tool, change).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// What will stand at a place of a file.
fn said(format: Format, text: &str, at: &[&str]) -> Option<Value> {
    let at: Vec<String> = at.iter().map(|part| (*part).to_owned()).collect();
    format.get(text, &at).ok().flatten()
}

/// A switch that is on: what the file says counts, else what is exported.
fn switched(context: &Context, change: &Change, (name, whose): (&str, &str)) -> Option<Over> {
    let on = |word: &str| ["1", "true", "yes", "on"].contains(&word.trim().to_lowercase().as_str());
    let file = said(Format::Json, &change.after, &["env", name]);
    let (word, way) = match file {
        Some(value) => (
            value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            format!("take it out of \"env\" in {}", change.path.display()),
        ),
        None => (
            context.env.get(name)?.to_owned(),
            format!(
                "it is exported here: let nothing export it, or say \"0\" for it in \"env\" in {}",
                change.path.display()
            ),
        ),
    };
    on(&word).then(|| Over {
        text: format!("{name} sends it to {whose} and not to monster, whatever ANTHROPIC_BASE_URL says; {way}"),
        wins: true,
    })
}

/// A profile that names another provider.
fn profile(change: &Change) -> Option<Over> {
    let said = |at: &[&str]| said(Format::Toml, &change.after, at);
    let name = said(&["profile"])?.as_str()?.to_owned();
    let provider = said(&["profiles", &name, "model_provider"])?.as_str()?.to_owned();
    (provider != "monster").then(|| Over {
        text: format!(
            "profile = \"{name}\" goes before model_provider, and [profiles.{name}] names \"{provider}\" \
             (newer versions, 0.171 among them, do not start with it at all); take the line \"profile\" out of {}",
            change.path.display()
        ),
        wins: true,
    })
}

/// The other one of two files, where both are there: the tool reads both, and the later one of its names last.
fn beside(context: &Context, tool: &Tool, change: &Change) -> Option<Over> {
    let file = tool.files.first()?;
    let folder = file.folder.path(&context.env)?;
    let first = file.names.iter().position(|name| folder.join(name).is_file())?;
    let other = file.names.iter().skip(first + 1).map(|name| folder.join(name)).find(|path| path.is_file())?;
    if other.canonicalize().is_ok_and(|path| path == change.path) {
        return None;
    }
    let says = differing(&other, file.format, change);
    let (is, way) = match says.as_deref() {
        Some([]) => ("it says nothing of this by now".to_owned(), String::new()),
        Some(places) => (format!("it says otherwise: {}", places.join(", ")), "; take that out of it".to_owned()),
        None => ("it could not be read".to_owned(), String::new()),
    };
    Some(Over {
        text: format!(
            "{} lies beside {} and goes before it, setting by setting: {is}{way}",
            other.display(),
            change.path.file_name().unwrap_or_default().display()
        ),
        wins: says.is_some_and(|places| !places.is_empty()),
    })
}

/// The places of ours where another file says something else; `None` where it is not understood.
fn differing(other: &Path, format: Format, change: &Change) -> Option<Vec<String>> {
    let text = plan::read(other).ok()??.text;
    let mut out = Vec::new();
    for edit in &change.edits {
        if format.get(&text, &edit.at).ok()?.is_some_and(|value| value != edit.value) {
            out.push(named(&edit.at));
        }
    }
    Some(out)
}
