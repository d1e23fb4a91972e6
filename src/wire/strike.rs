//! What another model sealed, by its place in a caller's own body: it is struck there, and every other byte stays.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::json::{items, text};
use super::loss::LED;
use super::{anthropic, gemini, openai_chat, openai_responses};
use crate::model::Dialect;
use Step::{At, Name};

/// One step into a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To a member.
    Name(&'static str),
    /// To an element.
    At(usize),
}

/// A value that goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Strike {
    /// Where it stands. A member that is to stand there and does not yet is put there.
    pub path: Vec<Step>,
    /// What stands there then; `None` = nothing, its name or place neither.
    pub put: Option<Value>,
    /// What goes that is no thought.
    pub lost: Option<String>,
}

/// What is not to be sent.
pub struct Foreign<'f> {
    /// It is sealed so; `None` = it should be sealed, and is not.
    pub gone: &'f dyn Fn(Option<&str>) -> bool,
    /// The model wants to be told what was thought, whoever thought it.
    pub shown: bool,
    /// It refuses a call that nobody signed ([`crate::wire::Adapted::signed`]).
    pub signed: bool,
}

impl Foreign<'_> {
    fn seals(&self, seal: &str) -> bool {
        (self.gone)(Some(seal))
    }
}

impl Strike {
    fn of<const N: usize>(path: [Step; N]) -> Self {
        Self::at(path.to_vec())
    }

    fn at(path: Vec<Step>) -> Self {
        Self { path, put: None, lost: None }
    }
}

/// What OpenAI's own tools did, in items that may not stand without an id (openai-responses.md, "Input items").
const NAMED: [&str; 7] = [
    "code_interpreter_call",
    "computer_call",
    "file_search_call",
    "image_generation_call",
    "mcp_approval_request",
    "mcp_call",
    "mcp_list_tools",
];

/// This seal is not of its dialect, by its form: another's is spelled so where one of ours told it.
#[must_use]
pub fn alien(dialect: Dialect, seal: &str) -> bool {
    let (of_anthropic, of_gemini) = (anthropic::REDACTED, [gemini::NEXT, gemini::ALONE]);
    // A router's own are a list.
    let strange = |seal: &str| seal.contains('\n') || seal.starts_with('[');
    match dialect {
        Dialect::AnthropicMessages => strange(seal.strip_prefix(of_anthropic).unwrap_or(seal)),
        Dialect::Gemini => strange(of_gemini.iter().find_map(|lead| seal.strip_prefix(lead)).unwrap_or(seal)),
        // The id of its item stands before it, or at least the end of that line.
        Dialect::OpenAiResponses => {
            !seal.contains('\n') || of_gemini.into_iter().chain([of_anthropic]).any(|lead| seal.starts_with(lead))
        }
        Dialect::OpenAiChat | Dialect::Ollama | Dialect::XaiGrpc => false,
    }
}

/// What is to go from a body in which `foreign` is not to be sent.
#[must_use]
pub fn strikes(dialect: Dialect, body: &Value, foreign: &Foreign<'_>) -> Vec<Strike> {
    let mut out = Vec::new();
    match dialect {
        Dialect::AnthropicMessages => {
            for (at, message) in said(body, "messages", "assistant") {
                let thought = |block: &Value| matches!(text(block, "type"), "thinking" | "redacted_thinking");
                let gone = |block: &Value| thought(block) && (foreign.gone)(anthropic::seal(block).as_deref());
                turn(&at, "content", message, &gone, &mut out);
            }
        }
        Dialect::OpenAiResponses => responses(body, foreign, &mut out),
        Dialect::Gemini => {
            for (at, content) in said(body, "contents", "model") {
                parts(&at, content, foreign, &mut out);
            }
            if foreign.signed {
                unsigned(body, &mut out);
            }
        }
        Dialect::OpenAiChat => {
            for (n, message) in items(body, "messages").enumerate() {
                if text(message, "role") == "assistant" {
                    chat(n, message, foreign, &mut out);
                }
            }
        }
        // Nothing is sealed there, or it is no JSON.
        Dialect::Ollama | Dialect::XaiGrpc => {}
    }
    out
}

/// The way that goes on so.
fn on(way: &[Step], steps: &[Step]) -> Vec<Step> {
    way.iter().chain(steps).copied().collect()
}

/// The elements of a list with their ways from what holds it. Protocol buffers in JSON take one for a list of one.
fn pieces<'v>(value: &'v Value, list: &'static str) -> Vec<(Vec<Step>, &'v Value)> {
    match value.get(list) {
        Some(one @ Value::Object(_)) => vec![(vec![Name(list)], one)],
        _ => items(value, list).enumerate().map(|(n, piece)| (vec![Name(list), At(n)], piece)).collect(),
    }
}

/// Turns of the model's, with their ways.
fn said<'v>(body: &'v Value, list: &'static str, role: &str) -> Vec<(Vec<Step>, &'v Value)> {
    pieces(body, list).into_iter().filter(|(_, turn)| text(*turn, "role") == role).collect()
}

/// The pieces of a turn that go; the turn, when all of them do: none may be empty.
fn turn(way: &[Step], inner: &'static str, turn: &Value, gone: &dyn Fn(&Value) -> bool, out: &mut Vec<Strike>) {
    let pieces = pieces(turn, inner);
    let gone: Vec<&Vec<Step>> = pieces.iter().filter(|(_, piece)| gone(piece)).map(|(at, _)| at).collect();
    if !gone.is_empty() && gone.len() == pieces.len() {
        out.push(Strike::at(way.to_vec()));
    } else {
        out.extend(gone.into_iter().map(|at| Strike::at(on(way, at))));
    }
}

fn responses(body: &Value, foreign: &Foreign<'_>, out: &mut Vec<Strike>) {
    let mut without = false;
    // Calls that are gone, by their ids: what answers them goes too.
    let mut answered: HashSet<&str> = HashSet::new();
    for (n, item) in items(body, "input").enumerate() {
        let kind = text(item, "type");
        let member = |name: &'static str| Strike::of([Name("input"), At(n), Name(name)]);
        match kind {
            "reasoning" if (foreign.gone)(openai_responses::seal(item).as_deref()) => {
                without = true;
                out.push(Strike::of([Name("input"), At(n)]));
            }
            // A seal of its own that was told in our spelling is spelled as it came.
            "reasoning" => {
                without = false;
                let wrapped = text(item, "encrypted_content").strip_prefix(openai_responses::OWN);
                let wrapped = wrapped.filter(|seal| !alien(Dialect::OpenAiResponses, seal));
                if let Some((id, sealed)) = wrapped.and_then(|seal| seal.split_once('\n')) {
                    let put = |name, value: &str| Strike { put: Some(json!(value)), ..member(name) };
                    out.push(put("encrypted_content", sealed));
                    out.extend((!id.is_empty()).then(|| put("id", id)));
                }
            }
            // An item with an id wants the thoughts before it, with theirs: up to what the user says next.
            "message" | "" if text(item, "role") == "assistant" => {
                let named = without && item.get("id").is_some();
                out.extend(["id", "status"].into_iter().filter(|name| named && item.get(name).is_some()).map(member));
            }
            "message" | "" => without = false,
            kind if without && NAMED.contains(&kind) && item.get("id").is_some() => {
                let (call, id) = (text(item, "call_id"), text(item, "id"));
                answered.extend([call, id].into_iter().filter(|id| !id.is_empty()));
                let lost = Some(format!("{LED}{kind}"));
                out.push(Strike { lost, ..Strike::of([Name("input"), At(n)]) });
            }
            "computer_call_output" if answered.contains(text(item, "call_id")) => {
                out.push(Strike::of([Name("input"), At(n)]));
            }
            "mcp_approval_response" if answered.contains(text(item, "approval_request_id")) => {
                out.push(Strike::of([Name("input"), At(n)]));
            }
            kind if without && kind.ends_with("_call") => out.extend(item.get("id").map(|_| member("id"))),
            _ => {}
        }
    }
}

fn parts(way: &[Step], content: &Value, foreign: &Foreign<'_>, out: &mut Vec<Strike>) {
    let theirs = |part: &Value| gemini::seal(part).is_some_and(|seal| foreign.seals(&seal));
    let thought = |part: &Value| {
        let call = ["functionCall", "function_call"].into_iter().any(|name| part.get(name).is_some());
        !call && (part.get("thought").and_then(Value::as_bool) == Some(true) || text(part, "text").is_empty())
    };
    let before = out.len();
    turn(way, "parts", content, &|part| thought(part) && theirs(part), out);
    if out.get(before).is_some_and(|strike| strike.path.len() == way.len()) {
        return;
    }
    for (at, part) in pieces(content, "parts").into_iter().filter(|(_, part)| !thought(part) && theirs(part)) {
        // Without any, a call is refused.
        let put = text(part, "text").is_empty().then(|| json!(gemini::NO_SIGNATURE));
        out.push(Strike { put, ..Strike::at(on(&on(way, &at), &[Name("thoughtSignature")])) });
    }
}

/// Calls of what the model is about that nobody signed: the first of each step is to say that it came from elsewhere.
fn unsigned(body: &Value, out: &mut Vec<Strike>) {
    let has =
        |part: &Value, names: [&str; 2]| names.into_iter().any(|name| part.get(name).is_some_and(|v| !v.is_null()));
    let answers = |content: &Value| {
        pieces(content, "parts").iter().any(|(_, part)| has(part, ["functionResponse", "function_response"]))
    };
    let asks = |content: &Value| text(content, "role") != "model" && !answers(content);
    let turns = pieces(body, "contents");
    let asked = turns.iter().rposition(|(_, content)| asks(content)).unwrap_or_default();
    for (way, content) in turns.iter().skip(asked).filter(|(_, content)| text(*content, "role") == "model") {
        let mut parts = pieces(content, "parts").into_iter();
        let first = parts.find(|(_, part)| has(part, ["functionCall", "function_call"]));
        let signature = |part: &Value| {
            let names = ["thoughtSignature", "thought_signature"].into_iter();
            names.map(|name| text(part, name)).any(|signature| !signature.is_empty())
        };
        out.extend(first.filter(|(_, part)| !signature(part)).map(|(at, _)| Strike {
            put: Some(json!(gemini::NO_SIGNATURE)),
            ..Strike::at(on(&on(way, &at), &[Name("thoughtSignature")]))
        }));
    }
}

/// The pieces of a turn that go; the turn, where it says nothing without them.
fn chat(n: usize, message: &Value, foreign: &Foreign<'_>, out: &mut Vec<Strike>) {
    let before = out.len();
    let member = |name: &'static str| Strike::of([Name("messages"), At(n), Name(name)]);
    let details = openai_chat::seals(message);
    let gone: Vec<Option<usize>> = details.iter().filter(|(_, seal)| foreign.seals(seal)).map(|(at, _)| *at).collect();
    if !gone.is_empty() {
        // What was thought stands beside it once more.
        let beside = ["reasoning_content", "reasoning"].into_iter();
        out.extend(beside.filter(|name| !foreign.shown && message.get(name).is_some()).map(member));
        if gone.contains(&None) || gone.len() == items(message, "reasoning_details").count() {
            out.push(member("reasoning_details"));
        } else {
            let each = |at: usize| Strike::of([Name("messages"), At(n), Name("reasoning_details"), At(at)]);
            out.extend(gone.iter().copied().flatten().map(each));
        }
    }
    let theirs = |value: &Value| openai_chat::seal(value).is_some_and(|seal| foreign.seals(&seal));
    let parts: Vec<usize> = items(message, "content").enumerate().filter(|(_, p)| theirs(p)).map(|(m, _)| m).collect();
    if !parts.is_empty() && parts.len() == items(message, "content").count() {
        out.push(Strike { put: Some(json!("")), ..member("content") });
    } else {
        out.extend(parts.iter().map(|m| Strike::of([Name("messages"), At(n), Name("content"), At(*m)])));
    }
    let says = |names: &[&str]| names.iter().any(|name| !text(message, name).is_empty());
    let has = |name: &str| message.get(name).is_some_and(|value| !value.is_null());
    let left = says(&["content", "refusal"])
        || (foreign.shown && says(&["reasoning_content", "reasoning"]))
        || has("function_call")
        || has("audio")
        // What routers draw.
        || items(message, "images").next().is_some()
        || items(message, "tool_calls").next().is_some()
        || items(message, "content").count() > parts.len()
        || (!gone.contains(&None) && items(message, "reasoning_details").count() > gone.len());
    if out.len() > before && !left {
        out.truncate(before);
        return out.push(Strike::of([Name("messages"), At(n)]));
    }
    for (m, call) in items(message, "tool_calls").enumerate().filter(|(_, call)| theirs(call)) {
        let mut path = vec![Name("messages"), At(n), Name("tool_calls"), At(m), Name("extra_content")];
        let one = |value: Option<&Value>| value.and_then(Value::as_object).is_some_and(|members| members.len() == 1);
        let extra = call.get("extra_content");
        if !(one(extra) && one(extra.and_then(|extra| extra.get("google")))) {
            path.extend([Name("google"), Name("thought_signature")]);
        }
        out.push(Strike::at(path));
    }
}
