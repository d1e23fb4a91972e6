//! Step 1, redact: the only maker of [`Clean`], and `Clean` is all that the steps below accept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::origin::{Origin, Task};
use crate::model::{About, Block, Custom, Dialect, Extra, Message, Purpose, Request, Role, Source, ToolChoice};
use crate::secrets::{Conversation, Hit, Mode, Redactor};
use crate::wire::Loss;

/// A request from which every known kind of secret was taken out.
#[derive(Debug, Clone)]
pub struct Clean {
    /// Apart: a call hands this on through all its steps.
    request: Box<Request>,
    masked: Vec<Hit>,
    /// As it came in, where it came from a program and not from a command.
    pub(super) origin: Option<Arc<Origin>>,
    /// What of that could not be kept when it was read.
    unread: Vec<Loss>,
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
    /// It holds a file that is said to be text and cannot be read as such, so that nobody knows what is in it.
    #[error("the request holds {0} that cannot be looked through for secrets, so it is not sent")]
    Unreadable(&'static str),
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
    /// [`Blocked`] when something was found whose mode is `block`, when there is more text than is looked through, and
    /// when something that should be text cannot be read.
    pub fn redact(redactor: &Redactor, request: Request) -> Result<Self, Blocked> {
        Self::pass(redactor, None, request)
    }

    /// As [`Self::redact`], of what came in on a conversation, which remembers what may be given back.
    ///
    /// # Errors
    /// As there.
    pub(super) fn redact_in(talk: &Conversation, request: Request, now: Duration) -> Result<Self, Blocked> {
        Self::pass(talk.redactor(), Some(Keeps { talk, now, own: true }), request)
    }

    fn pass(redactor: &Redactor, keeps: Option<Keeps<'_>>, mut request: Request) -> Result<Self, Blocked> {
        let bytes = bytes(&request);
        if bytes > LARGEST && !redactor.idle() {
            return Err(Blocked::TooLarge(bytes));
        }
        let mut pass = Pass { redactor, keeps, masked: Vec::new(), hide: false, unreadable: None };
        pass.request(&mut request);
        if let Some(what) = pass.unreadable.filter(|_| !redactor.idle()) {
            return Err(Blocked::Unreadable(what));
        }
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
        Ok(Self { request: Box::new(request), masked: pass.masked, origin: None, unread: Vec::new() })
    }

    /// What is asked after the provider paused in the middle of its turn: its own words go back where they came from
    /// (Anthropic), or a token of its own stands for them (Gemini; gemini.md, "Answer"). `None` when there is neither.
    pub(super) fn going_on(&self, dialect: Dialect, turn: &Message, token: Option<&str>) -> Option<Self> {
        let mut request = self.request.clone();
        match (dialect, token) {
            (Dialect::AnthropicMessages, _) if !turn.blocks.is_empty() => {
                // A second pause goes on with all that was said since the question.
                match request.messages.last_mut().filter(|last| last.role == Role::Assistant) {
                    Some(last) => last.blocks.extend(turn.blocks.iter().cloned()),
                    None => request.messages.push(turn.clone()),
                }
            }
            (Dialect::Gemini, Some(token)) => {
                let name = "continuationToken".to_owned();
                request.extras.retain(|extra| extra.name != name);
                request.extras.push(Extra { dialect, name, value: token.into() });
            }
            _ => return None,
        }
        Some(Self { request, masked: Vec::new(), origin: None, unread: Vec::new() })
    }

    /// The same with files in the place of their addresses.
    pub(super) fn with_files(&self, dialect: Dialect, files: &HashMap<String, Source>) -> Self {
        let mut request = self.request.clone();
        super::inline::replace(&mut request.messages, dialect, files);
        Self { request, masked: self.masked.clone(), origin: None, unread: self.unread.clone() }
    }

    /// The same with less in it, where its thoughts are those of others.
    pub(super) fn less(&self, request: Request, origin: Origin) -> Self {
        let unread = self.unread.iter().cloned().chain(origin.less().then_some(Loss::Thoughts)).collect();
        Self { request: Box::new(request), masked: self.masked.clone(), origin: Some(Arc::new(origin)), unread }
    }

    /// The same with other blocks in these turns: what they hold beside the caller's own is a provider's, who saw only what
    /// is masked.
    pub(super) fn with_turns(&self, turns: Vec<(usize, Vec<Block>)>) -> Self {
        let mut clean = self.clone();
        for (at, blocks) in turns {
            if let Some(turn) = clean.request.messages.get_mut(at) {
                turn.blocks = blocks;
            }
        }
        clean
    }

    /// What was read of a body that is masked already, and that body.
    pub(super) fn with_origin(mut request: Request, masked: Vec<Hit>, origin: Origin) -> Self {
        request.mute = origin.dialect == Dialect::OpenAiChat;
        Self { request: Box::new(request), masked, origin: Some(Arc::new(origin)), unread: Vec::new() }
    }

    /// Reading it could not keep these.
    pub(super) fn without(self, unread: Vec<Loss>) -> Self {
        Self { unread, ..self }
    }

    /// What could not be kept when it was read: of a body that goes on as it came, nothing is lost.
    pub(super) fn unread(&self) -> &[Loss] {
        &self.unread
    }

    /// As it came in; `None` = it was made here, or is spelled in no text.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// Vectors are asked for, and no answer.
    pub(super) fn embeds(&self) -> bool {
        self.origin().is_some_and(|origin| origin.task == Task::Embed)
    }

    /// No more output than this is bought, or than the caller says himself.
    ///
    /// # Errors
    /// What he says is no number of tokens; in words for him.
    pub(super) fn limit_output(&mut self, tokens: u32) -> Result<(), String> {
        let stated = self.origin().map_or(Ok(None), Origin::stated)?;
        self.request.max_output = stated.or(self.request.max_output).or(Some(tokens));
        Ok(())
    }

    /// What may be sent.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What may be kept: masked also where the mode lets secrets through.
    #[must_use]
    pub(super) fn hidden(request: &Request, redactor: &Redactor) -> Request {
        let mut request = request.clone();
        // A caller's key may let through what the settings mask.
        if redactor.lax() || request.purpose == Purpose::Serve {
            Pass { redactor, keeps: None, masked: Vec::new(), hide: true, unreadable: None }.request(&mut request);
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

/// The bytes of all that a request says, as its prompt is counted by them.
#[must_use]
pub fn bytes(request: &Request) -> usize {
    let json = |value: &Value| if value.is_null() { 0 } else { value.to_string().len() };
    let custom = |custom: &Option<Custom>| match custom {
        Some(Custom::Grammar { syntax, definition }) => syntax.len() + definition.len(),
        Some(Custom::Text) | None => 0,
    };
    let tools: usize = request
        .tools
        .iter()
        .map(|t| {
            let extras: usize = t.extras.iter().map(|e| e.name.len() + json(&e.value)).sum();
            t.name.len() + t.description.len() + json(&t.parameters) + custom(&t.custom) + extras
        })
        .sum();
    let schema = request.schema.as_ref();
    let schema = schema.map_or(0, |s| s.name.len() + length(&s.description) + json(&s.schema));
    let extras: usize = request.extras.iter().map(|e| e.name.len() + json(&e.value)).sum();
    let stops: usize = request.stop.iter().map(String::len).sum();
    let turns = request.messages.iter().map(|message| {
        let About { name, phase, id } = &message.about;
        [name, phase, id].map(length).iter().sum::<usize>() + message.blocks.iter().map(weight).sum::<usize>()
    });
    request.system.len() + tools + schema + extras + stops + turns.sum::<usize>()
}

fn length(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

fn weight(block: &Block) -> usize {
    match block {
        Block::Text(t)
        | Block::Refusal(t)
        | Block::Thought { text: t, .. }
        | Block::Document { source: Source::Text(t), .. } => t.len(),
        Block::ToolCall { name, input, .. } => name.len() + input.len(),
        Block::ToolResult { name, content, parts, .. } => {
            name.len() + content.len() + parts.iter().map(weight).sum::<usize>()
        }
        // A document that is text is billed as text.
        Block::Document { source: Source::Data { media_type, data }, .. } if textual(media_type) => data.len() / 4 * 3,
        // Images, sounds and documents are billed by other rules; their base64 is no text.
        Block::Image { .. } | Block::Document { .. } | Block::Audio { .. } => 3_000,
        Block::Opaque { value, .. } => value.to_string().len(),
        Block::Cited(cited) => [&cited.url, &cited.title, &cited.quote].map(length).iter().sum(),
        Block::Mark(_) => 0,
    }
}

/// Bytes of this type are read as text.
fn textual(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (of, form) = kind.split_once('/').unwrap_or((&kind, ""));
    let words = ["json", "xml", "yaml", "toml", "javascript", "typescript", "csv", "sql", "sh", "x-sh", "html", "svg"];
    of == "text" || words.iter().any(|word| form.split('+').any(|part| part.trim_start_matches("x-") == *word))
}

/// Where what is masked is remembered.
struct Keeps<'a> {
    talk: &'a Conversation,
    now: Duration,
    /// The user wrote what is looked at.
    own: bool,
}

struct Pass<'a> {
    redactor: &'a Redactor,
    keeps: Option<Keeps<'a>>,
    masked: Vec<Hit>,
    /// Mask whatever the mode, and count nothing.
    hide: bool,
    /// What should be text and cannot be read.
    unreadable: Option<&'static str>,
}

impl Pass<'_> {
    fn request(&mut self, request: &mut Request) {
        self.text(&mut request.system);
        for message in &mut request.messages {
            self.message(message);
        }
        self.own(false);
        for tool in &mut request.tools {
            self.text(&mut tool.name);
            self.text(&mut tool.description);
            self.schema(&mut tool.parameters);
            if let Some(Custom::Grammar { syntax, definition }) = &mut tool.custom {
                self.text(syntax);
                self.text(definition);
            }
            for extra in &mut tool.extras {
                self.text(&mut extra.name);
                self.schema(&mut extra.value);
            }
        }
        match &mut request.tool_choice {
            ToolChoice::Named(name) => self.text(name),
            ToolChoice::Among { names, .. } => names.iter_mut().for_each(|name| self.text(name)),
            ToolChoice::Auto | ToolChoice::None | ToolChoice::Required => {}
        }
        if let Some(schema) = &mut request.schema {
            self.text(&mut schema.name);
            self.maybe(&mut schema.description);
            self.schema(&mut schema.schema);
        }
        request.stop.iter_mut().for_each(|stop| self.text(stop));
        self.maybe(&mut request.user);
        self.maybe(&mut request.cache.key);
        for extra in &mut request.extras {
            self.text(&mut extra.name);
            self.value(&mut extra.value);
            self.named(&extra.name, &mut extra.value);
        }
    }

    /// A value whose name stands elsewhere.
    fn named(&mut self, name: &str, value: &mut Value) {
        if value.is_string() || value.is_array() {
            let mut beside = Value::Object(Map::from_iter([(name.to_owned(), std::mem::take(value))]));
            self.members(&mut beside);
            if let Some(inner) = beside.as_object_mut().and_then(|map| map.values_mut().next()) {
                *value = std::mem::take(inner);
            }
        }
    }

    /// Names in a schema name arguments: none of them is the value of another. What an argument may be is a value of its
    /// name.
    fn schema(&mut self, schema: &mut Value) {
        self.strings(schema);
        self.examples(schema, None);
    }

    fn examples(&mut self, schema: &mut Value, name: Option<&str>) {
        // Choices are names more often than values.
        const SAID: [&str; 3] = ["const", "default", "examples"];
        match schema {
            Value::Array(items) => items.iter_mut().for_each(|item| self.examples(item, name)),
            Value::Object(map) => {
                for (word, inner) in map.iter_mut() {
                    match (word.as_str(), name) {
                        (word, Some(name)) if SAID.contains(&word) => self.named(name, inner),
                        ("properties" | "patternProperties", _) => {
                            for (name, inner) in inner.as_object_mut().into_iter().flatten() {
                                self.examples(inner, Some(name));
                            }
                        }
                        ("items" | "anyOf" | "oneOf" | "allOf", name) => self.examples(inner, name),
                        _ => self.examples(inner, None),
                    }
                }
            }
            _ => {}
        }
    }

    fn maybe(&mut self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
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
        if let Some(Keeps { talk, now, own }) = &self.keeps {
            talk.keep(text, &redacted.hits, *own, *now);
        }
        let masked = redacted.text.into_owned();
        self.masked.extend(redacted.hits);
        *text = masked;
    }

    fn own(&mut self, own: bool) {
        if let Some(keeps) = &mut self.keeps {
            keeps.own = own;
        }
    }

    fn message(&mut self, message: &mut Message) {
        // What a tool said is nobody's own word, whoever sends it.
        let tool = message.blocks.iter().any(|block| matches!(block, Block::ToolResult { .. }));
        self.own(message.role == Role::User && !tool);
        let About { name, phase, id } = &mut message.about;
        [name, phase, id].into_iter().for_each(|text| self.maybe(text));
        message.blocks.iter_mut().for_each(|block| self.block(block));
    }

    fn block(&mut self, block: &mut Block) {
        match block {
            Block::Text(text) | Block::Refusal(text) => self.text(text),
            // The same name has the same placeholder, so that calls, results and tools still belong together.
            Block::ToolCall { name, input, .. } => {
                self.text(name);
                self.text(input);
            }
            Block::ToolResult { name, content, parts, .. } => {
                self.text(name);
                self.text(content);
                parts.iter_mut().for_each(|part| self.block(part));
            }
            Block::Document { source, name } => {
                self.maybe(name);
                self.source(source, "a document");
            }
            Block::Image { source, detail } => {
                self.maybe(detail);
                self.source(source, "an image");
            }
            Block::Audio { source } => self.source(source, "a sound"),
            Block::Cited(citation) => {
                self.maybe(&mut citation.url);
                self.maybe(&mut citation.title);
                self.maybe(&mut citation.quote);
                self.value(&mut citation.raw);
            }
            // Whatever it is, it goes to the one place that made it; what was sealed inside is no text of the user's, and
            // a hit in it makes that place refuse it.
            Block::Opaque { value, .. } => self.value(value),
            // What is sealed came from a model that saw only clean text; a thought that is changed all the same has lost
            // its seal.
            Block::Thought { text, seal, .. } => {
                let before = text.clone();
                self.text(text);
                if *text != before {
                    *seal = None;
                }
            }
            Block::Mark(_) => {}
        }
    }

    /// Bytes are looked through where they are text, whatever they are said to be; what is said to be text and is none
    /// is not sent.
    fn source(&mut self, source: &mut Source, what: &'static str) {
        let (media_type, data) = match source {
            Source::Text(text) | Source::Url(text) => return self.text(text),
            // An id is the provider's own; an address may hold what opens it.
            Source::File { id, .. } if id.contains("://") => return self.text(id),
            Source::File { .. } => return,
            Source::Data { media_type, data } => (media_type, data),
        };
        self.text(media_type);
        let said = textual(media_type);
        // Pictures and sounds show in their first bytes that they are none.
        let head = data.get(..data.len().min(256) / 4 * 4).unwrap_or_default();
        if !said && STANDARD.decode(head).is_ok_and(|bytes| !texty(&bytes)) {
            return;
        }
        if data.len() / 4 * 3 > LARGEST {
            self.unreadable = Some(what);
            return;
        }
        match STANDARD.decode(data.as_bytes()).map(String::from_utf8) {
            Ok(Ok(mut text)) => {
                let before = self.masked.len();
                self.text(&mut text);
                if self.hide || self.masked.len() > before {
                    *data = STANDARD.encode(text);
                }
            }
            // It only began like text, or is in another encoding: what is seen in it cannot be masked.
            Ok(Err(bytes)) if !said => {
                let text = String::from_utf8_lossy(bytes.as_bytes());
                if !self.redactor.redact(&text).hits.is_empty() {
                    self.unreadable = Some(what);
                }
            }
            Ok(Err(_)) | Err(_) => self.unreadable = Some(what),
        }
    }

    /// Each string by itself, and then the members of each object beside each other: a name says something of its value,
    /// and of two members one may name the other.
    fn value(&mut self, value: &mut Value) {
        let start = self.masked.len();
        self.strings(value);
        let found = self.masked.len();
        self.members(value);
        // What is only warned of is still there, and was told.
        let again = self.masked.split_off(found);
        let told = self.masked.get(start..).unwrap_or_default();
        let again: Vec<Hit> =
            again.into_iter().filter(|hit| !told.iter().any(|other| other.placeholder == hit.placeholder)).collect();
        self.masked.extend(again);
    }

    fn strings(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|v| self.strings(v)),
            Value::Object(map) => {
                let mut named = Map::new();
                for (mut name, mut value) in std::mem::take(map) {
                    self.text(&mut name);
                    self.strings(&mut value);
                    named.insert(name, value);
                }
                *map = named;
            }
            _ => {}
        }
    }

    fn members(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|v| self.members(v)),
            Value::Object(map) => {
                let plain = map.iter().filter(|(_, v)| v.is_string() || v.is_number());
                let plain: Map<String, Value> = plain.map(|(name, v)| (name.clone(), v.clone())).collect();
                for (name, masked) in self.beside(plain) {
                    map.insert(name, masked);
                }
                for (name, value) in map.iter_mut() {
                    if let Value::Array(items) = value {
                        for item in items.iter_mut().filter(|item| item.is_string() || item.is_number()) {
                            let one = Map::from_iter([(name.clone(), item.clone())]);
                            self.beside(one).into_iter().for_each(|(_, masked)| *item = masked);
                        }
                    }
                    self.members(value);
                }
            }
            _ => {}
        }
    }

    /// Those of an object's plain members that are masked when they are read beside each other; whole, where a part of one
    /// alone would be no JSON.
    fn beside(&mut self, plain: Map<String, Value>) -> Vec<(String, Value)> {
        let found = self.masked.len();
        let before = Value::Object(plain.clone()).to_string();
        let mut text = before.clone();
        self.text(&mut text);
        if text == before {
            return Vec::new();
        }
        if let Ok(Value::Object(masked)) = serde_json::from_str(&text)
            && masked.keys().eq(plain.keys())
        {
            return masked.into_iter().filter(|(name, value)| plain.get(name) != Some(value)).collect();
        }
        if plain.len() > 1 {
            self.masked.truncate(found);
            let each = plain.into_iter().map(|one| Map::from_iter([one]));
            return each.flat_map(|one| self.beside(one)).collect();
        }
        let placeholder = self.masked.get(found..).and_then(|hits| hits.first()).map(|hit| hit.placeholder.clone());
        let masked = placeholder.unwrap_or(text);
        plain.into_iter().map(|(name, _)| (name, Value::String(masked.clone()))).collect()
    }
}

/// The beginning of something that may be UTF-8 text.
fn texty(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        // A character that the cut split.
        Err(error) => error.error_len().is_none(),
    }
}
