//! Turns as strict dialects want them (translation.md, "Roles and system").

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::loss::Loss;
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
    if out.is_empty() {
        // Instructions alone are no conversation, which is refused.
        out.push((Role::User, vec![dot.clone()]));
    }
    for (role, parts) in &mut out {
        parts.sort_by_key(|part| *role == Role::User && !is_result(part));
    }
    out
}

/// Messages as dialects want them that take nothing between calls and their results: what the model said right after
/// its calls is one message with them, and results come up from behind what was said meanwhile.
pub(super) fn joined(messages: &[Message]) -> Cow<'_, [Message]> {
    let apart = |pair: &[Message]| match pair {
        [before, after] if calls(before) => after.role != Role::User,
        [before, after] => before.role != Role::User && after.blocks.iter().any(is_result),
        _ => false,
    };
    if !messages.windows(2).any(apart) {
        return Cow::Borrowed(messages);
    }
    let mut rest: VecDeque<Message> = messages.to_vec().into();
    let mut out = Vec::new();
    while let Some(mut message) = rest.pop_front() {
        while calls(&message)
            && let Some(next) = rest.pop_front_if(|next| next.role == Role::Assistant)
        {
            join(&mut message, next);
        }
        let ids: HashSet<String> = message.blocks.iter().filter_map(called).map(str::to_owned).collect();
        out.push(message);
        let mut results = Vec::new();
        // Ids may come again with later calls, whose results are their own.
        for later in rest.iter_mut().take_while(|later| !ids.is_empty() && !calls(later)) {
            let answers = |block: &Block| matches!(block, Block::ToolResult { id, .. } if ids.contains(id));
            let (found, left) = std::mem::take(&mut later.blocks).into_iter().partition(answers);
            later.blocks = left;
            results.extend::<Vec<Block>>(found);
        }
        if !results.is_empty() {
            out.push(Message::new(Role::User, results));
        }
    }
    Cow::Owned(out)
}

fn called(block: &Block) -> Option<&str> {
    match block {
        Block::ToolCall { id, .. } => Some(id),
        _ => None,
    }
}

fn calls(message: &Message) -> bool {
    message.role == Role::Assistant && message.blocks.iter().any(|block| called(block).is_some())
}

const fn is_result(block: &Block) -> bool {
    matches!(block, Block::ToolResult { .. })
}

/// Texts of two messages do not run into one another.
fn join(message: &mut Message, mut next: Message) {
    if message.blocks.iter().any(|block| matches!(block, Block::Text(_)))
        && let Some(Block::Text(text)) = next.blocks.iter_mut().find(|block| matches!(block, Block::Text(_)))
    {
        text.insert_str(0, "\n\n");
    }
    message.blocks.append(&mut next.blocks);
}

fn told_by_the_user(message: &Message) -> Message {
    let told = message.blocks.iter().map(|block| match block {
        Block::Text(text) => Block::Text(format!("[system] {text}")),
        other => other.clone(),
    });
    Message::new(Role::User, told.collect())
}

/// Names of tools by the ids of their calls, for dialects that tie results by name; of two calls with one id the later.
pub(super) struct Called<'r>(HashMap<&'r str, &'r str>);

impl<'r> Called<'r> {
    /// All calls of a request.
    pub(super) fn of(request: &'r Request) -> Self {
        let blocks = request.messages.iter().flat_map(|m| &m.blocks);
        Self(
            blocks
                .filter_map(|block| match block {
                    Block::ToolCall { id, name, .. } => Some((id.as_str(), name.as_str())),
                    _ => None,
                })
                .collect(),
        )
    }

    /// What a result is tied by: its own name, its call's, or its id where nothing else is known.
    pub(super) fn name<'n>(&'n self, id: &'n str, name: &'n str) -> &'n str {
        if name.is_empty() { self.0.get(id).copied().unwrap_or(id) } else { name }
    }
}

/// The words of a tool's answer: what leads it and the texts that follow.
pub(super) fn told(content: &str, parts: &[Block]) -> String {
    let mut told = content.to_owned();
    for part in parts {
        if let Block::Text(text) = part {
            told.push_str("\n\n");
            told.push_str(text);
        }
    }
    told
}

/// A tool's answer: its leading text, then the rest. Where it names no tool, its call does ([`super::ties::tied`]).
pub(super) fn result(id: &str, name: &str, parts: Vec<Block>, is_error: bool) -> Block {
    let mut parts = parts.into_iter().peekable();
    let content = match parts.next_if(|part| matches!(part, Block::Text(_))) {
        Some(Block::Text(said)) => said,
        _ => String::new(),
    };
    Block::ToolResult { id: id.to_owned(), name: name.to_owned(), content, is_error, parts: parts.collect() }
}

/// Instructions before all else are the system text; what they hold beside texts, and who says them, has no place there.
pub(super) fn head(said: &Message, request: &mut Request, losses: &mut Vec<Loss>) {
    losses.extend(said.about.name.as_ref().map(|_| Loss::SpeakerName));
    for block in &said.blocks {
        match block {
            Block::Text(said) if said.is_empty() => {}
            Block::Text(said) => {
                if !request.system.is_empty() {
                    request.system.push_str("\n\n");
                }
                request.system.push_str(said);
            }
            Block::Mark(ttl) => request.cache.system = Some(*ttl),
            Block::Opaque { .. } => losses.push(Loss::Opaque),
            _ => losses.push(Loss::extra("system.content")),
        }
    }
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
