//! Tools that a dialect does not take as they are, changed on the way out and back (translation.md, "Tools"): names
//! that it does not take, and tools of plain text where it knows objects alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Adapted;

use crate::model::{Block, BlockKind, Dialect, Event, Request, ToolChoice};

/// Tools of one request as they were sent, and how their calls return.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Own name by the name sent; only those that differ.
    back: BTreeMap<String, String>,
    /// Own names of tools of plain text that were sent as tools of objects.
    wrapped: BTreeSet<String>,
    /// Arguments of their calls so far, by block.
    inputs: HashMap<usize, String>,
    /// Ids of the answer's calls so far; nothing where the answer may go on as it came.
    told: Option<HashSet<String>>,
    /// The number that the next call of an id is told apart by.
    next: HashMap<String, usize>,
}

/// Longest name a dialect takes, in bytes.
const fn longest(dialect: Dialect) -> usize {
    match dialect {
        Dialect::AnthropicMessages | Dialect::Gemini => 128,
        _ => 64,
    }
}

/// The dialect takes this name.
fn fits(name: &str, dialect: Dialect) -> bool {
    let gemini = dialect == Dialect::Gemini;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-') || (gemini && matches!(b, b'.' | b':'));
    let starts = |b: &u8| !gemini || b.is_ascii_alphabetic() || *b == b'_';
    name.len() <= longest(dialect) && name.bytes().all(plain) && name.as_bytes().first().is_some_and(starts)
}

impl Names {
    /// The request with names that the dialect takes, or `None` where it takes all of them.
    pub(super) fn fit(request: &Request, dialect: Dialect, adapted: &Adapted) -> (Self, Option<Request>) {
        let mut names = Self { told: Some(HashSet::new()), ..Self::default() };
        let openai = matches!(dialect, Dialect::OpenAiChat | Dialect::OpenAiResponses);
        if !(openai && adapted.quirks.newest) {
            let custom = request.tools.iter().filter(|tool| tool.custom.is_some());
            names.wrapped.extend(custom.map(|tool| tool.name.clone()));
        }
        // No rule is known for Ollama.
        if dialect == Dialect::Ollama || own(request).all(|name| fits(name, dialect)) {
            return (names, None);
        }
        let taken: HashSet<&str> = own(request).filter(|name| fits(name, dialect)).collect();
        let mut there: BTreeMap<String, String> = BTreeMap::new();
        for name in own(request).filter(|name| !fits(name, dialect)) {
            if !there.contains_key(name) {
                let mut sent = renamed(name, name, dialect);
                while taken.contains(sent.as_str()) || names.back.contains_key(&sent) {
                    sent = renamed(name, &sent, dialect);
                }
                names.back.insert(sent.clone(), name.to_owned());
                there.insert(name.to_owned(), sent);
            }
        }
        let mut request = request.clone();
        let swap = |name: &mut String| {
            if let Some(sent) = there.get(name) {
                name.clone_from(sent);
            }
        };
        request.tools.iter_mut().for_each(|tool| swap(&mut tool.name));
        match &mut request.tool_choice {
            ToolChoice::Named(name) => swap(name),
            ToolChoice::Among { names, .. } => names.iter_mut().for_each(swap),
            ToolChoice::Auto | ToolChoice::None | ToolChoice::Required => {}
        }
        for block in request.messages.iter_mut().flat_map(|m| &mut m.blocks) {
            if let Block::ToolCall { name, .. } | Block::ToolResult { name, .. } = block {
                swap(name);
            }
        }
        (names, Some(request))
    }

    /// Calls as the caller knows its tools, each with an id of its own.
    pub fn back(&mut self, events: &mut Vec<Event>) {
        for event in events.iter_mut() {
            if let Event::BlockStart { kind: BlockKind::ToolCall { id, .. }, .. } = event {
                self.tell(id);
            }
        }
        if self.back.is_empty() && self.wrapped.is_empty() {
            return;
        }
        let told = std::mem::take(events);
        for mut event in told {
            match &mut event {
                Event::BlockStart { index, kind: BlockKind::ToolCall { name, custom, .. } } => {
                    if let Some(own) = self.back.get(name) {
                        name.clone_from(own);
                    }
                    if self.wrapped.contains(name) {
                        *custom = true;
                        self.inputs.insert(*index, String::new());
                    }
                }
                Event::ToolInput { index, json } => {
                    if let Some(input) = self.inputs.get_mut(index) {
                        input.push_str(json);
                        continue;
                    }
                }
                Event::BlockEnd { index } => {
                    if let Some(input) = self.inputs.remove(index) {
                        events.push(Event::ToolInput { index: *index, json: unwrapped(input) });
                    }
                }
                _ => {}
            }
            events.push(event);
        }
    }

    /// An id that an earlier call of the answer has is told apart, as on the way back.
    fn tell(&mut self, id: &mut String) {
        let Some(told) = self.told.as_mut().filter(|_| !id.is_empty()) else { return };
        if told.insert(id.clone()) {
            return;
        }
        let next = self.next.entry(id.clone()).or_insert(2);
        loop {
            let own = format!("{id}_{next}");
            *next += 1;
            if told.insert(own.clone()) {
                *id = own;
                return;
            }
        }
    }
}

/// The one text in the object that stood for it; what a model said otherwise is kept as it said it.
fn unwrapped(input: String) -> String {
    match serde_json::from_str::<Value>(&input) {
        Ok(Value::Object(object)) => match object.get("input") {
            Some(Value::String(text)) if object.len() == 1 => text.clone(),
            _ => input,
        },
        _ => input,
    }
}

/// Names of tools, of calls and of what was chosen.
fn own(request: &Request) -> impl Iterator<Item = &str> {
    let called = request.messages.iter().flat_map(|m| &m.blocks).filter_map(|b| match b {
        // A result without a name is told by its call.
        Block::ToolCall { name, .. } | Block::ToolResult { name, .. } => Some(name.as_str()).filter(|n| !n.is_empty()),
        _ => None,
    });
    let chosen: &[String] = match &request.tool_choice {
        ToolChoice::Named(name) => std::slice::from_ref(name),
        ToolChoice::Among { names, .. } => names,
        ToolChoice::Auto | ToolChoice::None | ToolChoice::Required => &[],
    };
    request.tools.iter().map(|t| t.name.as_str()).chain(called).chain(chosen.iter().map(String::as_str))
}

/// A readable name that nothing else is likely to have: what fits of the old one, and eight letters made of `seed`.
fn renamed(name: &str, seed: &str, dialect: Dialect) -> String {
    let head: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' })
        .take(longest(dialect).saturating_sub(10))
        .collect();
    let mark: String =
        Sha256::digest(seed).iter().take(8).filter_map(|b| char::from_digit(u32::from(*b) % 36, 36)).collect();
    format!("_{head}_{mark}")
}
