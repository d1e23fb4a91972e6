//! Ollama's older call, `/api/generate`: a prompt in the place of messages (ollama-lmstudio.md, "Generate").

use serde_json::{Map, Value, json};

use crate::model::{Event, Failure, Kind, Scope};
use crate::wire::Writer;

/// Fields that mean nothing to a conversation: what was kept of an older call, and what only
/// Ollama can do, to which the call goes as it came.
const BESIDE: [&str; 7] = ["prompt", "system", "images", "context", "raw", "template", "suffix"];

/// A call that says nothing: Ollama's clients have a model loaded by it, and nothing is to be loaded here. What they are
/// answered.
pub(super) fn load(body: &[u8], now: jiff::Timestamp) -> Option<Value> {
    let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let empty = |name: &str| match body.get(name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    };
    let model = body.get("model").and_then(Value::as_str).filter(|model| !model.is_empty())?;
    let silent = ["prompt", "messages", "images"].into_iter().all(empty);
    silent.then(|| {
        json!({ "model": model, "created_at": now.to_string(), "response": "",
        "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": "load" })
    })
}

/// It has a prompt. Ollama takes one without for a wish to have the model loaded, whatever else stands there, so that
/// pictures alone are asked about as a message.
pub(super) fn prompted(body: &[u8]) -> bool {
    let body: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    body.is_some_and(|body| body.get("prompt").and_then(Value::as_str).is_some_and(|prompt| !prompt.is_empty()))
}

/// The body as the newer call has it.
///
/// # Errors
/// `BadRequest`: it is no such body.
pub(super) fn chat(body: &[u8]) -> Result<Vec<u8>, Failure> {
    let bad = |what: String| Failure::new(Kind::BadRequest, Scope::Request, what);
    let body: Map<String, Value> =
        serde_json::from_slice(body).map_err(|e| bad(format!("the request is no JSON object ({e})")))?;
    let said = |name: &str| body.get(name).filter(|v| !v.is_null() && *v != &json!("") && *v != &json!(false));
    let mut messages = Vec::new();
    if let Some(system) = said("system") {
        messages.push(json!({ "role": "system", "content": system }));
    }
    let mut user = json!({ "role": "user", "content": body.get("prompt").cloned().unwrap_or_else(|| json!("")) });
    if let Some(images) = said("images") {
        user["images"] = images.clone();
    }
    messages.push(user);
    let mut chat: Map<String, Value> =
        body.iter().filter(|(name, _)| !BESIDE.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect();
    chat.entry("stream").or_insert(json!(true));
    chat.insert("messages".to_owned(), Value::Array(messages));
    Ok(Value::Object(chat).to_string().into_bytes())
}

/// A whole answer of the newer call as the older one has it.
pub(super) fn whole(said: &[u8]) -> Vec<u8> {
    match serde_json::from_slice(said) {
        Ok(value) => older(value).to_string().into_bytes(),
        Err(_) => said.to_vec(),
    }
}

fn older(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut()
        && let Some(message) = object.remove("message")
    {
        object.insert("response".to_owned(), message.get("content").cloned().unwrap_or_else(|| json!("")));
        if let Some(thought) = message.get("thinking") {
            object.insert("thinking".to_owned(), thought.clone());
        }
    }
    value
}

/// A stream of the newer call as the older one has it.
pub(super) fn writer(inner: Box<dyn Writer>) -> Box<dyn Writer> {
    Box::new(Older(inner))
}

struct Older(Box<dyn Writer>);

impl Older {
    fn lines(&mut self, out: &mut Vec<u8>, work: impl FnOnce(&mut dyn Writer, &mut Vec<u8>)) {
        let mut said = Vec::new();
        work(&mut *self.0, &mut said);
        relined(&said, out);
    }
}

/// Each line as the older call has it.
fn relined(said: &[u8], out: &mut Vec<u8>) {
    for line in said.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        out.extend_from_slice(&whole(line));
        out.push(b'\n');
    }
}

impl Writer for Older {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.lines(out, |inner, said| inner.push(event, said));
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.lines(out, |inner, said| inner.end(said));
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        self.0.fail(failure, out);
    }

    fn ping(&self, out: &mut Vec<u8>) {
        let mut said = Vec::new();
        self.0.ping(&mut said);
        relined(&said, out);
    }

    fn media_type(&self) -> &'static str {
        self.0.media_type()
    }
}
