//! Step 1, redact: the only maker of [`Clean`], and `Clean` is all that the steps below accept.

use crate::model::{Block, Message, Request};
use crate::secrets::{Hit, Mode, Redactor};

/// A request from which every known kind of secret was taken out.
#[derive(Debug, Clone)]
pub struct Clean {
    request: Request,
    masked: Vec<Hit>,
}

/// Most bytes of all texts of a request (64 MiB). More is refused: what cannot be looked through is not sent.
const LARGEST: usize = 64 << 20;

/// Sending was refused: the text could not be made clean, or it holds secrets and the user wants none sent in any form.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Blocked {
    /// It holds secrets whose mode is `block`.
    #[error("the request holds {} and redact.mode is \"block\" for that", kinds(hits))]
    Secrets {
        /// What was found.
        hits: Vec<Hit>,
        /// The names under `redact.kinds` that block it, and whether a repository's settings have them: `--secrets` does
        /// not change what is said of single kinds.
        named: Vec<(String, bool)>,
    },
    /// It is too large to be looked through.
    #[error(
        "the request holds {0} bytes of text; more than {LARGEST} are not looked through for secrets, so it is not sent"
    )]
    TooLarge(usize),
}

/// "a GitHub token and 2 private keys", for one sentence.
#[must_use]
pub fn kinds(hits: &[Hit]) -> String {
    counted(hits.iter().map(|hit| hit.kind))
}

/// As [`kinds`], of kinds alone.
#[must_use]
pub fn counted<'a>(kinds: impl IntoIterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for kind in kinds {
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, n)) => *n += 1,
            None => counts.push((kind, 1)),
        }
    }
    let words: Vec<String> = counts.iter().map(|(kind, n)| format!("{n} × {kind}")).collect();
    words.join(", ")
}

impl Clean {
    /// Redacts every text of the request: system, messages, tool calls and results, tool names and descriptions.
    ///
    /// # Errors
    /// [`Blocked`] when something was found whose mode is `block`, and when there is more text than is looked through.
    pub fn redact(redactor: &Redactor, mut request: Request) -> Result<Self, Blocked> {
        let bytes = bytes(&request);
        if bytes > LARGEST && !redactor.idle() {
            return Err(Blocked::TooLarge(bytes));
        }
        let mut pass = Pass { redactor, masked: Vec::new(), hide: false };
        pass.request(&mut request);
        if pass.masked.iter().any(|hit| hit.mode == Mode::Block) {
            pass.masked.retain(|hit| hit.mode == Mode::Block);
            let mut named: Vec<(String, bool)> = Vec::new();
            for found in pass.masked.iter().filter_map(|hit| redactor.policy().blocked_by_name(hit.rule)) {
                if !named.contains(&found) {
                    named.push(found);
                }
            }
            return Err(Blocked::Secrets { hits: pass.masked, named });
        }
        Ok(Self { request, masked: pass.masked })
    }

    /// What may be sent.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// What may be kept: masked also where the mode lets secrets through.
    #[must_use]
    pub(super) fn hidden(request: &Request, redactor: &Redactor) -> Request {
        let mut request = request.clone();
        if redactor.lax() {
            Pass { redactor, masked: Vec::new(), hide: true }.request(&mut request);
        }
        request
    }

    /// What was found; masked unless its mode is `warn`. Positions count in the text that held it.
    #[must_use]
    pub fn masked(&self) -> &[Hit] {
        &self.masked
    }

    /// Bytes of all texts together: the base of token estimates.
    #[must_use]
    pub fn prompt_bytes(&self) -> usize {
        bytes(&self.request)
    }
}

fn bytes(request: &Request) -> usize {
    let block = |b: &Block| match b {
        Block::Text(t) | Block::Thought { text: t, .. } => t.len(),
        Block::ToolCall { input, .. } => input.len(),
        Block::ToolResult { content, .. } => content.len(),
        // Images and documents are billed by other rules; their base64 is no text.
        Block::Image { .. } | Block::Document { .. } => 3_000,
        Block::Opaque { .. } => 0,
    };
    let tools: usize = request.tools.iter().map(|t| t.description.len() + t.parameters.to_string().len()).sum();
    request.system.len() + tools + request.messages.iter().flat_map(|m| &m.blocks).map(block).sum::<usize>()
}

struct Pass<'a> {
    redactor: &'a Redactor,
    masked: Vec<Hit>,
    /// Mask whatever the mode, and count nothing.
    hide: bool,
}

impl Pass<'_> {
    fn request(&mut self, request: &mut Request) {
        self.text(&mut request.system);
        for message in &mut request.messages {
            self.message(message);
        }
        for tool in &mut request.tools {
            self.text(&mut tool.name);
            self.text(&mut tool.description);
            self.value(&mut tool.parameters);
        }
        if let Some(schema) = &mut request.schema {
            self.value(&mut schema.schema);
        }
    }

    fn text(&mut self, text: &mut String) {
        if self.hide {
            *text = self.redactor.hide(text);
            return;
        }
        if text.is_empty() {
            return;
        }
        let redacted = self.redactor.redact(text);
        if redacted.hits.is_empty() {
            return;
        }
        let masked = redacted.text.into_owned();
        self.masked.extend(redacted.hits);
        *text = masked;
    }

    fn message(&mut self, message: &mut Message) {
        for block in &mut message.blocks {
            match block {
                Block::Text(text) => self.text(text),
                // The same name has the same placeholder, so that calls, results and tools still belong together.
                Block::ToolCall { name, input: text, .. } | Block::ToolResult { name, content: text, .. } => {
                    self.text(name);
                    self.text(text);
                }
                Block::Document { name: Some(name), .. } => self.text(name),
                // A changed thought breaks its seal; it came from a model that saw only clean text.
                Block::Thought { .. } | Block::Image { .. } | Block::Document { .. } | Block::Opaque { .. } => {}
            }
        }
    }

    fn value(&mut self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.text(text),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|v| self.value(v)),
            serde_json::Value::Object(map) => {
                let mut named = serde_json::Map::new();
                for (mut name, mut value) in std::mem::take(map) {
                    self.text(&mut name);
                    self.value(&mut value);
                    named.insert(name, value);
                }
                *map = named;
            }
            _ => {}
        }
    }
}
