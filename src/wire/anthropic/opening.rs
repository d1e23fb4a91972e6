//! Blocks that stand in the opening of a stream: some doors tell a whole answer there, and some tell it once more behind.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::wire::json::{items, text};

/// The blocks of an opening. Each is told when those before it are over, because until then pieces may be added to them.
#[derive(Default)]
pub(super) struct Opening {
    blocks: BTreeMap<u64, Opened>,
    /// What stands before this place is over.
    reached: u64,
}

struct Opened {
    block: Value,
    told: bool,
    /// No piece is added to it any more.
    over: bool,
    /// How much of its words came once more so far (bytes), where the stream began it anew.
    again: Option<usize>,
    /// The sources that were told with it.
    cited: HashSet<Value>,
}

/// What happens to a block of the opening.
pub(super) struct Step {
    /// It is told.
    pub begins: Option<Value>,
    /// It is over.
    pub ends: bool,
}

/// What the stream says of a block that stood in the opening already.
#[derive(Default)]
pub(super) struct Fresh {
    /// What is added to it.
    pub deltas: Vec<Value>,
    /// All of it is known now, where it is of a kind that is told whole.
    pub whole: bool,
}

impl Opening {
    /// Empty blocks there say nothing: the stream begins them.
    pub(super) fn of(message: &Value) -> Self {
        let said = (0..).zip(items(message, "content")).filter(|(_, block)| !empty(block));
        let opened = |block: &Value| Opened {
            block: block.clone(),
            told: false,
            over: false,
            again: None,
            cited: items(block, "citations").cloned().collect(),
        };
        Self { blocks: said.map(|(place, block)| (place, opened(block))).collect(), reached: 0 }
    }

    /// What has to happen next before something is said at this place; `None` = nothing.
    pub(super) fn step(&mut self, place: u64) -> Option<(u64, Step)> {
        let waits = |(at, opened): &(&u64, &mut Opened)| !opened.over && (**at < place || !opened.told);
        let from = self.reached.min(place);
        let Some((at, opened)) = self.blocks.range_mut(from..=place).find(waits) else {
            self.reached = self.reached.max(place);
            return None;
        };
        self.reached = self.reached.max(*at);
        let begins = (!std::mem::replace(&mut opened.told, true)).then(|| opened.block.clone());
        opened.over = *at < place;
        Some((*at, Step { begins, ends: opened.over }))
    }

    /// The block is over.
    pub(super) fn over(&mut self, place: u64) {
        if let Some(opened) = self.blocks.get_mut(&place) {
            opened.over = true;
        }
    }

    /// The stream begins a block at this place: what it adds to the one that stood there; `None` where it is another, or
    /// none stood there.
    pub(super) fn anew(&mut self, place: u64, block: &Value) -> Option<Fresh> {
        let opened = self.blocks.get_mut(&place)?;
        let fresh = opened.anew(block);
        // What is added to one that is over goes on as a block of its own.
        if fresh.as_ref().is_none_or(|fresh| opened.over && !fresh.deltas.is_empty()) {
            self.blocks.remove(&place);
        }
        fresh
    }

    /// A block stood here.
    pub(super) fn stood(&self, place: u64) -> bool {
        self.blocks.contains_key(&place)
    }

    /// What is new in a piece; `None` = nothing.
    pub(super) fn fresh<'d>(&mut self, place: u64, delta: &'d Value) -> Option<Cow<'d, Value>> {
        let Some(opened) = self.blocks.get_mut(&place) else { return Some(Cow::Borrowed(delta)) };
        let fresh = opened.fresh(delta);
        if opened.over && fresh.is_some() {
            // It goes on as a block of its own.
            self.blocks.remove(&place);
        }
        fresh
    }
}

impl Opened {
    fn anew(&mut self, block: &Value) -> Option<Fresh> {
        if text(&self.block, "type") != text(block, "type") {
            return None;
        }
        match text(block, "type") {
            "text" => self.words(block, "text", "text_delta"),
            "thinking" => {
                let (told, seal) = (text(&self.block, "signature"), text(block, "signature"));
                if !alike(told, seal) {
                    return None;
                }
                let sealed = told.is_empty() && !seal.is_empty() && !self.over;
                let mut fresh = self.words(block, "thinking", "thinking_delta")?;
                fresh.deltas.extend(sealed.then(|| json!({ "type": "signature_delta", "signature": seal })));
                Some(fresh)
            }
            "tool_use" => {
                let same = |key: &str| alike(text(&self.block, key), text(block, key));
                (same("id") && same("name")).then(|| self.arguments(block))
            }
            _ => {
                let known = |key: &str| !text(block, key).is_empty() && text(&self.block, key) == text(block, key);
                let same = ["id", "tool_use_id", "file_id", "data"].into_iter().any(known) || self.block == *block;
                // Streams begin a call without its input.
                let whole = !filled(&self.block) || filled(block);
                same.then(|| Fresh { whole, ..Fresh::default() })
            }
        }
    }

    /// A text or a thought begins anew.
    fn words(&mut self, block: &Value, field: &str, kind: &str) -> Option<Fresh> {
        let (told, said) = (text(&self.block, field), text(block, field));
        let mut deltas = Vec::new();
        if told.starts_with(said) && (said.is_empty() || said.len() < told.len()) {
            // Its pieces may come once more.
            self.again = Some(said.len());
        } else {
            let more = said.strip_prefix(told)?;
            self.again = None;
            deltas.extend((!more.is_empty()).then(|| json!({ "type": kind, field: more })));
        }
        let cited = items(block, "citations").filter(|raw| !self.over && !self.cited.contains(*raw));
        deltas.extend(cited.map(|raw| json!({ "type": "citations_delta", "citation": raw })));
        Some(Fresh { deltas, whole: false })
    }

    /// A call begins anew, perhaps with the arguments that it had not yet.
    fn arguments(&mut self, block: &Value) -> Fresh {
        if self.over || filled(&self.block) || !filled(block) {
            return Fresh::default();
        }
        let delta = json!({ "type": "input_json_delta", "partial_json": block["input"].to_string() });
        self.block.clone_from(block);
        Fresh { deltas: vec![delta], whole: false }
    }

    fn fresh<'d>(&mut self, delta: &'d Value) -> Option<Cow<'d, Value>> {
        let kind = text(delta, "type");
        if let (Some((of, field)), Some(at)) = (worded(kind), self.again)
            && text(&self.block, "type") == of
        {
            let (told, said) = (text(&self.block, field), text(delta, field));
            let left = told.get(at..).unwrap_or_default();
            if left.starts_with(said) {
                self.again = Some(at + said.len());
                return None;
            }
            // It goes on from there, or it never was the same.
            self.again = None;
            let new = match said.strip_prefix(left) {
                Some(new) => new.to_owned(),
                None => format!("{}{said}", told.get(..at).unwrap_or_default()),
            };
            return Some(Cow::Owned(json!({ "type": kind, field: new })));
        }
        let known = match kind {
            "signature_delta" => text(&self.block, "signature") == text(delta, "signature"),
            "citations_delta" => delta.get("citation").is_some_and(|raw| self.cited.contains(raw)),
            "input_json_delta" => filled(&self.block),
            _ => false,
        };
        (!known && !self.over).then_some(Cow::Borrowed(delta))
    }
}

/// The kind of block that such a piece belongs to, and where its words stand.
fn worded(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "text_delta" => Some(("text", "text")),
        "thinking_delta" => Some(("thinking", "thinking")),
        _ => None,
    }
}

/// They do not contradict each other.
fn alike(one: &str, other: &str) -> bool {
    one.is_empty() || other.is_empty() || one == other
}

/// It has arguments.
fn filled(block: &Value) -> bool {
    block.get("input").and_then(Value::as_object).is_some_and(|input| !input.is_empty())
}

/// A text or thought that says nothing yet.
fn empty(block: &Value) -> bool {
    let said = |field: &str| !text(block, field).is_empty();
    match text(block, "type") {
        "text" => !said("text") && items(block, "citations").len() == 0,
        "thinking" => !said("thinking") && !said("signature"),
        _ => false,
    }
}
