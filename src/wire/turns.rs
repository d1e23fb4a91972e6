//! Turns as strict dialects want them (translation.md, "Roles and system").

use serde_json::Value;

use crate::model::{Block, Message, Request, Role};

/// Turns that alternate and begin with the user; what is empty is left out, instructions in the middle are told by the
/// user, and results come first in the turn after the call.
pub(super) fn alternate(
    request: &Request,
    dot: &Value,
    mut spell: impl FnMut(&Message) -> Vec<Value>,
    is_result: impl Fn(&Value) -> bool,
) -> Vec<(Role, Vec<Value>)> {
    let mut out: Vec<(Role, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let told = (message.role == Role::System).then(|| told_by_the_user(message));
        let message = told.as_ref().unwrap_or(message);
        let parts = spell(message);
        match out.last_mut() {
            _ if parts.is_empty() => {}
            Some((role, before)) if *role == message.role => before.extend(parts),
            None if message.role == Role::Assistant => {
                out.extend([(Role::User, vec![dot.clone()]), (message.role, parts)]);
            }
            _ => out.push((message.role, parts)),
        }
    }
    for (role, parts) in &mut out {
        parts.sort_by_key(|part| *role == Role::User && !is_result(part));
    }
    out
}

fn told_by_the_user(message: &Message) -> Message {
    let told = message.blocks.iter().map(|block| match block {
        Block::Text(text) => Block::Text(format!("[system] {text}")),
        other => other.clone(),
    });
    Message::new(Role::User, told.collect())
}

/// The name of the tool that a call names, for dialects that tie results by name.
pub(super) fn called<'r>(request: &'r Request, call: &str) -> Option<&'r str> {
    request.messages.iter().rev().flat_map(|m| &m.blocks).find_map(|block| match block {
        Block::ToolCall { id, name, .. } if id == call => Some(name.as_str()),
        _ => None,
    })
}

/// Adds to the last turn of this role, or begins one: what a request says in several messages of one speaker is one
/// turn, unless something is said about one of them.
pub(super) fn add(messages: &mut Vec<Message>, message: Message) {
    match messages.last_mut() {
        Some(last) if last.role == message.role && last.about.is_empty() && message.about.is_empty() => {
            last.blocks.extend(message.blocks);
        }
        _ => messages.push(message),
    }
}

/// Results learn the names of their tools from the calls before them.
pub(super) fn name_results(messages: &mut [Message]) {
    let mut names: std::collections::HashMap<String, String> = std::collections::HashMap::new();
    for block in messages.iter_mut().flat_map(|m| &mut m.blocks) {
        match block {
            Block::ToolCall { id, name, .. } => drop(names.insert(id.clone(), name.clone())),
            Block::ToolResult { id, name, .. } if name.is_empty() => {
                if let Some(known) = names.get(id) {
                    name.clone_from(known);
                }
            }
            _ => {}
        }
    }
}
