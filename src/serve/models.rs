//! The models there are, as each dialect's clients list them: what the accounts can really serve, the user's own names, and
//! the roles.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::access::Caller;
use super::api::List;
use super::desk::Desk;
use super::discuss;
use super::reject::{Out, failure, json};
use crate::catalog::Role;
use crate::client::Route;
use crate::model::{Failure, Kind, ModelCard, ModelName, Scope};

/// Two models that answer and a third that reconciles.
pub(super) const DIALECTIC: &str = "monster/dialectic";
/// A longer name is no model's (bytes).
pub(super) const LONGEST: usize = 256;

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

/// The routes for a model that this caller may use; `None` = several models are to discuss it.
///
/// # Errors
/// As the caller is told: nobody serves it, or his key may not use it.
pub(super) fn routes(desk: &Desk, key: &Caller, model: &ModelName) -> Result<Option<Vec<Route>>, Failure> {
    if discuss::wanted(model) {
        // Whom it asks is not for the caller to choose.
        return key.choose(&model.0, vec![()], |()| model.0.clone()).map(|_| None);
    }
    let asked = ModelName(untagged(&named(model).0).to_owned());
    let routes = match desk.client.routes(&asked) {
        Err(error) if asked == *model => return Err(failure(&error)),
        Err(_) => desk.client.routes(&named(model)).map_err(|error| failure(&error))?,
        Ok(routes) => routes,
    };
    key.choose(&model.0, routes, Route::name).map(Some)
}

/// A model's name as it is looked for: `monster/` stands before the roles.
fn named(model: &ModelName) -> ModelName {
    ModelName(model.0.strip_prefix("monster/").unwrap_or(&model.0).to_owned())
}

/// Every model that this caller may use, each under the shortest name that means it.
fn lines(desk: &Desk, key: &Caller, list: List) -> Vec<Line> {
    let client = &desk.client;
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut some = false;
    for upstream in &client.landscape.upstreams {
        for route in client.landscape.served_by(upstream, client.catalog) {
            some = true;
            // The bare name where it is the first of its kind: that is the one it leads to.
            let bare = seen.insert(route.card.id.clone());
            let name = if bare { route.card.id.clone() } else { route.name() };
            if key.allows(&name, &route.name()) {
                out.push(Line::of(name, &route.card));
            }
        }
    }
    if !some {
        return out;
    }
    let mut own: Vec<&String> = client.landscape.names.keys().filter(|name| !seen.contains(*name)).collect();
    own.sort();
    let roles = Role::ALL.iter().map(|role| format!("monster/{}", role.name()));
    // One maker is not two views: what could only be refused is not offered.
    let dialectic = discuss::seats(desk).is_ok().then(|| DIALECTIC.to_owned());
    let ours = own.into_iter().cloned().chain(roles).chain(dialectic);
    // A name of the user's own may lead to a model that nobody serves any more.
    out.extend(ours.filter(|name| routes(desk, key, &ModelName(name.clone())).is_ok()).map(Line::ours));
    // What makes vectors is there for those who can ask for them, behind all that answers.
    if list == List::OpenAi {
        for route in client.landscape.upstreams.iter().flat_map(|u| client.landscape.vectors_by(u, client.catalog)) {
            let name = if seen.insert(route.card.id.clone()) { route.card.id.clone() } else { route.name() };
            if key.allows(&name, &route.name()) && !out.iter().any(|line| line.name == name) {
                out.push(Line::of(name, &route.card));
            }
        }
    }
    out
}

/// The list.
pub(super) fn list(desk: &Desk, key: &Caller, list: List) -> Out {
    let lines = lines(desk, key, list);
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

/// The line of one that is asked for by any of its names: what is answered under a name is there under it.
fn line(desk: &Desk, key: &Caller, list: List, name: &str) -> Result<Line, Failure> {
    if let Some(line) = lines(desk, key, list).into_iter().find(|line| line.name == name) {
        return Ok(line);
    }
    let unknown =
        || Failure::new(Kind::NotFound, Scope::Model, format!("no connected provider serves the model \"{name}\""));
    if name.is_empty() || name.len() > LONGEST {
        return Err(unknown());
    }
    match routes(desk, key, &ModelName(name.to_owned())) {
        Ok(None) => Ok(Line::ours(name.to_owned())),
        Ok(Some(routes)) => routes.first().map(|route| Line::of(name.to_owned(), &route.card)).ok_or_else(unknown),
        Err(failure) if failure.kind == Kind::NotFound => Err(unknown()),
        Err(failure) => Err(failure),
    }
}

/// One model.
///
/// # Errors
/// Nobody serves it, or the caller's key may not use it.
pub(super) fn one(desk: &Desk, key: &Caller, list: List, name: &str) -> Result<Out, Failure> {
    line(desk, key, list, name).map(|line| json(&row(list, &line)))
}

/// What Ollama's clients ask of a model: what it can do (ollama-lmstudio.md, "Show").
///
/// # Errors
/// As [`one`].
pub(super) fn show(desk: &Desk, key: &Caller, body: &[u8]) -> Result<Out, Failure> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let name = ["model", "name"].iter().find_map(|key| body.get(*key)?.as_str()).unwrap_or_default();
    let line = line(desk, key, List::Ollama, untagged(name)).or_else(|_| line(desk, key, List::Ollama, name))?;
    let able = [("completion", true), ("tools", line.tools), ("vision", line.images), ("thinking", line.thinks)];
    let able: Vec<&str> = able.into_iter().filter(|(_, can)| *can).map(|(word, _)| word).collect();
    let mut info = json!({ "general.architecture": "monster", "general.basename": line.name });
    if let Some(context) = line.context {
        info["monster.context_length"] = json!(context);
    }
    Ok(json(&json!({ "modelfile": "", "parameters": "", "template": "", "details": details(&line),
        "model_info": info, "capabilities": able, "modified_at": "1970-01-01T00:00:00Z" })))
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
        List::Gemini => {
            let mut row = json!({ "name": format!("models/{}", line.name), "version": "1", "displayName": line.name,
                "supportedGenerationMethods": ["generateContent", "streamGenerateContent", "countTokens"] });
            // Whoever reads a number there reads no null.
            for (name, limit) in [("inputTokenLimit", line.context), ("outputTokenLimit", line.output)] {
                if let Some(limit) = limit {
                    row[name] = json!(limit);
                }
            }
            row
        }
        List::Ollama => json!({ "name": line.name, "model": line.name, "modified_at": "1970-01-01T00:00:00Z",
            "size": 0, "digest": "", "details": details(line) }),
    }
}
