//! The models there are, as each dialect's clients list them: what the accounts can really serve, the user's own names, and
//! the roles.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api::List;
use super::desk::Desk;
use super::reject::{Out, failed, json};
use crate::catalog::Role;
use crate::model::{Failure, Kind, ModelCard, Scope};

/// Two models that answer and a third that reconciles.
pub(super) const DIALECTIC: &str = "monster/dialectic";

/// A model that can be asked for.
struct Line {
    /// What to ask for.
    name: String,
    /// Who made or serves it.
    owner: String,
    context: Option<u64>,
    output: Option<u64>,
    thinks: bool,
    images: bool,
    tools: bool,
}

impl Line {
    fn of(name: String, card: &ModelCard) -> Self {
        Self {
            name,
            owner: card.maker.0.clone(),
            context: card.context,
            output: card.max_output,
            thinks: card.reasoning.control != crate::model::Control::None,
            images: card.images == Some(true),
            tools: card.tools != Some(false),
        }
    }

    fn ours(name: String) -> Self {
        let owner = "monster".to_owned();
        Self { name, owner, context: None, output: None, thinks: true, images: false, tools: true }
    }
}

/// Every model, each under the shortest name that means it.
fn lines(desk: &Desk) -> Vec<Line> {
    let client = &desk.client;
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    for upstream in &client.landscape.upstreams {
        for route in client.landscape.served_by(upstream, client.catalog) {
            // The bare name where it is the first of its kind: that is the one it leads to.
            let bare = seen.insert(route.card.id.clone());
            let name = if bare { route.card.id.clone() } else { route.name() };
            out.push(Line::of(name, &route.card));
        }
    }
    if out.is_empty() {
        return out;
    }
    let mut own: Vec<&String> = client.landscape.names.keys().collect();
    own.sort();
    out.extend(own.into_iter().filter(|name| !seen.contains(*name)).map(|name| Line::ours(name.clone())));
    out.extend(Role::ALL.iter().map(|role| Line::ours(format!("monster/{}", role.name()))));
    out.push(Line::ours(DIALECTIC.to_owned()));
    out
}

/// The list.
pub(super) fn list(desk: &Desk, list: List) -> Out {
    let lines = lines(desk);
    let rows: Vec<Value> = lines.iter().map(|line| row(list, line)).collect();
    json(&match list {
        List::OpenAi => json!({ "object": "list", "data": rows }),
        List::Anthropic => {
            let name = |line: Option<&Line>| line.map(|line| line.name.clone());
            json!({ "data": rows, "has_more": false, "first_id": name(lines.first()), "last_id": name(lines.last()) })
        }
        List::Gemini | List::Ollama => json!({ "models": rows }),
    })
}

/// One model.
pub(super) fn one(desk: &Desk, list: List, name: &str) -> Out {
    match lines(desk).iter().find(|line| line.name == name) {
        Some(line) => json(&row(list, line)),
        None => failed(list.dialect(), &unknown(name), None),
    }
}

fn unknown(name: &str) -> Failure {
    Failure::new(Kind::NotFound, Scope::Request, format!("no connected provider serves the model \"{name}\""))
}

/// What Ollama's clients ask of a model: what it can do (ollama-lmstudio.md, "Show").
pub(super) fn show(desk: &Desk, body: &[u8]) -> Out {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let name = ["model", "name"].iter().find_map(|key| body.get(*key)?.as_str()).unwrap_or_default();
    let lines = lines(desk);
    let Some(line) = lines.iter().find(|line| line.name == untagged(name) || line.name == name) else {
        return failed(List::Ollama.dialect(), &unknown(name), None);
    };
    let able = [("completion", true), ("tools", line.tools), ("vision", line.images), ("thinking", line.thinks)];
    let able: Vec<&str> = able.into_iter().filter(|(_, can)| *can).map(|(word, _)| word).collect();
    let mut info = json!({ "general.architecture": "monster", "general.basename": line.name });
    if let Some(context) = line.context {
        info["monster.context_length"] = json!(context);
    }
    json(&json!({ "modelfile": "", "parameters": "", "template": "", "details": details(line),
        "model_info": info, "capabilities": able, "modified_at": "1970-01-01T00:00:00Z" }))
}

/// Ollama's clients add a tag where none is named.
pub(super) fn untagged(name: &str) -> &str {
    name.strip_suffix(":latest").unwrap_or(name)
}

fn details(line: &Line) -> Value {
    json!({ "parent_model": "", "format": "", "family": line.owner, "families": [line.owner],
        "parameter_size": "", "quantization_level": "" })
}

/// The version that clients of Ollama look for: the program's own.
pub(super) fn version() -> Out {
    json(&json!({ "version": env!("CARGO_PKG_VERSION") }))
}

fn row(list: List, line: &Line) -> Value {
    match list {
        List::OpenAi => json!({ "id": line.name, "object": "model", "created": 0, "owned_by": line.owner }),
        List::Anthropic => json!({ "type": "model", "id": line.name, "display_name": line.name,
            "created_at": "1970-01-01T00:00:00Z", "max_input_tokens": line.context, "max_tokens": line.output }),
        List::Gemini => json!({ "name": format!("models/{}", line.name), "version": "1", "displayName": line.name,
            "inputTokenLimit": line.context, "outputTokenLimit": line.output,
            "supportedGenerationMethods": ["generateContent", "streamGenerateContent", "countTokens"] }),
        List::Ollama => json!({ "name": line.name, "model": line.name, "modified_at": "1970-01-01T00:00:00Z",
            "size": 0, "digest": "", "details": details(line) }),
    }
}
