//! What another model sealed, by its place in a caller's own body: it is struck there, and every other byte stays.

use serde_json::{Value, json};

use super::json::{items, text};
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
    /// Where it stands.
    pub path: Vec<Step>,
    /// What stands there then; `None` = nothing, its name or place neither.
    pub put: Option<Value>,
}

impl Strike {
    fn of<const N: usize>(path: [Step; N]) -> Self {
        Self { path: path.to_vec(), put: None }
    }
}

/// What is to go from a body for which `foreign` knows the seals that are not to be sent. `shown` = the model wants to be
/// told what was thought, whoever thought it.
#[must_use]
pub fn strikes(dialect: Dialect, body: &Value, foreign: &dyn Fn(&str) -> bool, shown: bool) -> Vec<Strike> {
    let mut out = Vec::new();
    match dialect {
        Dialect::AnthropicMessages => {
            for (n, message) in said(body, "messages", "assistant") {
                let gone = |block: &Value| anthropic::seal(block).is_some_and(|seal| foreign(&seal));
                turn(["messages", "content"], n, message, &gone, &mut out);
            }
        }
        Dialect::OpenAiResponses => responses(body, foreign, &mut out),
        Dialect::Gemini => {
            for (n, content) in said(body, "contents", "model") {
                parts(n, content, foreign, &mut out);
            }
        }
        Dialect::OpenAiChat => {
            for (n, message) in said(body, "messages", "assistant") {
                chat(n, message, foreign, shown, &mut out);
            }
        }
        // Nothing is sealed there, or it is no JSON.
        Dialect::Ollama | Dialect::XaiGrpc => {}
    }
    out
}

/// Turns of the model's, by their places.
fn said<'v>(body: &'v Value, list: &str, role: &'static str) -> impl Iterator<Item = (usize, &'v Value)> + use<'v> {
    items(body, list).enumerate().filter(move |(_, turn)| text(*turn, "role") == role)
}

/// The pieces of a turn that go; the turn, when all of them do: none may be empty.
fn turn(
    [list, inner]: [&'static str; 2],
    n: usize,
    turn: &Value,
    gone: &dyn Fn(&Value) -> bool,
    out: &mut Vec<Strike>,
) {
    let all = items(turn, inner).count();
    let gone: Vec<usize> = items(turn, inner).enumerate().filter(|(_, piece)| gone(piece)).map(|(m, _)| m).collect();
    if !gone.is_empty() && gone.len() == all {
        out.push(Strike::of([Name(list), At(n)]));
    } else {
        out.extend(gone.into_iter().map(|m| Strike::of([Name(list), At(n), Name(inner), At(m)])));
    }
}

fn responses(body: &Value, foreign: &dyn Fn(&str) -> bool, out: &mut Vec<Strike>) {
    let mut without = false;
    for (n, item) in items(body, "input").enumerate() {
        let kind = text(item, "type");
        let member = |name: &'static str| Strike::of([Name("input"), At(n), Name(name)]);
        match kind {
            "reasoning" if openai_responses::seal(item).is_some_and(|seal| foreign(&seal)) => {
                without = true;
                out.push(Strike::of([Name("input"), At(n)]));
            }
            // An item with an id wants the thoughts before it, with theirs.
            "message" | "" if text(item, "role") == "assistant" => {
                let named = without && item.get("id").is_some();
                out.extend(["id", "status"].into_iter().filter(|name| named && item.get(name).is_some()).map(member));
            }
            "function_call" | "custom_tool_call" if without => {
                out.extend(item.get("id").map(|_| member("id")));
            }
            "message" | "" | "function_call_output" | "custom_tool_call_output" => without = false,
            _ => {}
        }
    }
}

fn parts(n: usize, content: &Value, foreign: &dyn Fn(&str) -> bool, out: &mut Vec<Strike>) {
    let theirs = |part: &Value| gemini::seal(part).is_some_and(|seal| foreign(&seal));
    let thought = |part: &Value| {
        let call = ["functionCall", "function_call"].into_iter().any(|name| part.get(name).is_some());
        !call && (part.get("thought").and_then(Value::as_bool) == Some(true) || text(part, "text").is_empty())
    };
    let before = out.len();
    turn(["contents", "parts"], n, content, &|part| thought(part) && theirs(part), out);
    if out.get(before).is_some_and(|strike| strike.path.len() == 2) {
        return;
    }
    for (m, part) in items(content, "parts").enumerate().filter(|(_, part)| !thought(part) && theirs(part)) {
        // Without any, a call is refused.
        let call = text(part, "text").is_empty();
        out.push(Strike {
            path: vec![Name("contents"), At(n), Name("parts"), At(m), Name("thoughtSignature")],
            put: call.then(|| json!(gemini::NO_SIGNATURE)),
        });
    }
}

fn chat(n: usize, message: &Value, foreign: &dyn Fn(&str) -> bool, shown: bool, out: &mut Vec<Strike>) {
    let member = |name: &'static str| Strike::of([Name("messages"), At(n), Name(name)]);
    let details = openai_chat::seals(message);
    let gone: Vec<Option<usize>> = details.iter().filter(|(_, seal)| foreign(seal)).map(|(at, _)| *at).collect();
    if !gone.is_empty() {
        // What was thought stands beside it once more.
        let beside = ["reasoning_content", "reasoning"].into_iter();
        out.extend(beside.filter(|name| !shown && message.get(name).is_some()).map(member));
        if gone.contains(&None) || gone.len() == items(message, "reasoning_details").count() {
            out.push(member("reasoning_details"));
        } else {
            let each = |at: usize| Strike::of([Name("messages"), At(n), Name("reasoning_details"), At(at)]);
            out.extend(gone.into_iter().flatten().map(each));
        }
    }
    let theirs = |value: &Value| openai_chat::seal(value).is_some_and(|seal| foreign(&seal));
    let parts: Vec<usize> = items(message, "content").enumerate().filter(|(_, p)| theirs(p)).map(|(m, _)| m).collect();
    if !parts.is_empty() && parts.len() == items(message, "content").count() {
        out.push(Strike { put: Some(json!("")), ..member("content") });
    } else {
        out.extend(parts.into_iter().map(|m| Strike::of([Name("messages"), At(n), Name("content"), At(m)])));
    }
    for (m, call) in items(message, "tool_calls").enumerate().filter(|(_, call)| theirs(call)) {
        let mut path = vec![Name("messages"), At(n), Name("tool_calls"), At(m), Name("extra_content")];
        let one = |value: Option<&Value>| value.and_then(Value::as_object).is_some_and(|members| members.len() == 1);
        let extra = call.get("extra_content");
        if !(one(extra) && one(extra.and_then(|extra| extra.get("google")))) {
            path.extend([Name("google"), Name("thought_signature")]);
        }
        out.push(Strike { path, put: None });
    }
}
