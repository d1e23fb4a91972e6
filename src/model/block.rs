//! What a conversation is made of.

use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions given in the middle of a conversation; those at its head stand in [`super::Request::system`].
    System,
    /// The person or program asking; tool results travel in its messages too.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub blocks: Vec<Block>,
    /// What some dialects say about a turn beside its words.
    #[serde(default, skip_serializing_if = "About::is_empty")]
    pub about: About,
}

impl Message {
    /// A turn of which only the words are known.
    #[must_use]
    pub fn new(role: Role, blocks: Vec<Block>) -> Self {
        Self { role, blocks, about: About::default() }
    }

    /// A user turn of one text.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, vec![Block::Text(text.into())])
    }

    /// A model turn of one text.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, vec![Block::Text(text.into())])
    }
}

/// What some dialects say about a turn beside its words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Who of several speakers with one role it is (OpenAI Chat).
    pub name: Option<String>,
    /// `commentary` or `final_answer` (OpenAI Responses; models grow worse when it is left out).
    pub phase: Option<String>,
    /// The item's own id (OpenAI Responses).
    pub id: Option<String>,
}

impl About {
    /// Nothing is said.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.phase.is_none() && self.id.is_none()
    }
}

/// A sealed payload of the provider's and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Opaque; echoed unchanged.
    pub text: String,
    /// Where it came from; dropped when the next attempt goes elsewhere.
    pub tag: Option<Tag>,
}

/// Where the bytes of an image, a document or a sound are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Here.
    Data {
        /// For example `image/png`.
        media_type: String,
        /// Standard base64 with padding.
        data: String,
    },
    /// Here, as plain text (documents only).
    Text(String),
    /// At an address that the provider fetches.
    Url(String),
    /// Stored at the provider; no other knows the id.
    File {
        /// The dialect that named it.
        dialect: super::Dialect,
        /// The provider's id or address of it.
        id: String,
        /// Its media type, where that was said.
        media_type: Option<String>,
    },
}

impl Source {
    /// Bytes with their media type.
    pub fn data(media_type: impl Into<String>, data: impl Into<String>) -> Self {
        Self::Data { media_type: media_type.into(), data: data.into() }
    }
}

/// How long a cached prompt should live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ttl {
    /// As long as is usual there: 5 minutes at Anthropic, 30 at OpenAI.
    Short,
    /// 5 minutes.
    Five,
    /// 30 minutes.
    Half,
    /// An hour.
    Hour,
    /// 12 hours.
    Long,
}

impl Ttl {
    /// Those that have a word, from the shortest on.
    const NAMED: [Self; 4] = [Self::Five, Self::Half, Self::Hour, Self::Long];

    /// Its word; empty for what is usual.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Short => "",
            Self::Five => "5m",
            Self::Half => "30m",
            Self::Hour => "1h",
            Self::Long => "12h",
        }
    }

    /// The lifetime of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|ttl| ttl.name() == word)
    }

    /// The longest of these that is no longer than it, or else the first, which is the shortest.
    #[must_use]
    pub fn fit<const N: usize>(self, offered: [Self; N]) -> Self {
        let mut fitting = offered.into_iter().filter(|ttl| *ttl <= self);
        fitting.next_back().or_else(|| offered.into_iter().next()).unwrap_or(self)
    }
}

/// Where a statement of the answer comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The address, where it is on the web.
    pub url: Option<String>,
    /// What the source is called.
    pub title: Option<String>,
    /// The source's own words.
    pub quote: Option<String>,
    /// The dialect that spelled it.
    pub dialect: super::Dialect,
    /// As it was spelled: offsets mean something there alone.
    pub raw: serde_json::Value,
}

/// Where a sealed payload came from; it is only ever sent back to the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The user's name for the upstream.
    #[serde(alias = "provider")]
    pub upstream: String,
    /// Model id as sent.
    pub model: String,
    /// Account name.
    pub account: String,
}

/// One piece of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Plain text, UTF-8.
    Text(String),
    /// Words in which the model refused to answer.
    Refusal(String),
    /// An image.
    Image {
        /// Where it is.
        source: Source,
        /// How closely to look, as the OpenAI dialects say it: `low`, `high`, `original`; `None` is up to the model.
        detail: Option<String>,
    },
    /// A document, for example a PDF.
    Document {
        /// Where it is.
        source: Source,
        /// File name or title shown to the model, if any.
        name: Option<String>,
    },
    /// A sound.
    Audio {
        /// Where it is.
        source: Source,
    },
    /// Where the text before it comes from.
    Cited(Citation),
    /// The prompt is worth caching up to here, the block before this one included.
    Mark(Ttl),
    /// Reasoning the model showed, with the provider's signature over it.
    Thought {
        /// The visible reasoning; may be empty.
        text: String,
        /// Opaque signature or encrypted content, echoed unchanged.
        seal: Option<String>,
        /// Where it came from; dropped when the next attempt goes elsewhere.
        tag: Option<Tag>,
    },
    /// A call the model asks for.
    ToolCall {
        /// Links the call to its result.
        id: String,
        /// Tool name.
        name: String,
        /// Arguments as JSON text; may be invalid JSON when a model erred. Of a custom tool: the plain text it takes.
        input: String,
        /// The tool takes plain text instead of JSON.
        #[serde(default)]
        custom: bool,
        /// The signature over the call (Gemini).
        seal: Option<Seal>,
    },
    /// What a tool answered.
    ToolResult {
        /// The call this answers.
        id: String,
        /// Tool name (Gemini and Ollama tie results by name).
        name: String,
        /// The answer; what leads it, where `parts` follow.
        content: String,
        /// The tool failed.
        is_error: bool,
        /// What the answer holds after its leading text: images, documents, further texts.
        #[serde(default)]
        parts: Vec<Self>,
    },
    /// Something only one dialect knows; sent back to that dialect and tag alone.
    Opaque {
        /// The dialect that spelled it.
        dialect: super::Dialect,
        /// The raw value.
        value: serde_json::Value,
        /// Where it came from.
        tag: Option<Tag>,
    },
}

impl Block {
    /// An image, also in a tool's answer.
    #[must_use]
    pub fn is_image(&self) -> bool {
        self.holds(&|block| matches!(block, Self::Image { .. }))
    }

    /// What a thought or a call is sealed with.
    #[must_use]
    pub fn seal(&self) -> Option<&str> {
        match self {
            Self::Thought { seal, .. } => seal.as_deref(),
            Self::ToolCall { seal, .. } => seal.as_ref().map(|seal| seal.text.as_str()),
            _ => None,
        }
    }

    /// A call of a tool, or its result.
    #[must_use]
    pub const fn is_call(&self) -> bool {
        matches!(self, Self::ToolCall { .. } | Self::ToolResult { .. })
    }

    /// A document that is no plain text, also in a tool's answer.
    #[must_use]
    pub fn is_pdf(&self) -> bool {
        self.holds(&|block| match block {
            Self::Document { source: Source::Text(_), .. } => false,
            Self::Document { source: Source::Data { media_type, .. }, .. } => !media_type.starts_with("text/"),
            Self::Document { .. } => true,
            _ => false,
        })
    }

    fn holds(&self, what: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::ToolResult { parts, .. } => parts.iter().any(|part| part.holds(what)),
            block => what(block),
        }
    }

    /// An image of these bytes.
    pub fn image(media_type: impl Into<String>, data: impl Into<String>) -> Self {
        Self::Image { source: Source::data(media_type, data), detail: None }
    }

    /// A document of these bytes.
    pub fn document(media_type: impl Into<String>, data: impl Into<String>, name: Option<String>) -> Self {
        Self::Document { source: Source::data(media_type, data), name }
    }

    /// A call of a tool that takes JSON.
    pub fn call(id: impl Into<String>, name: impl Into<String>, input: impl Into<String>) -> Self {
        Self::ToolCall { id: id.into(), name: name.into(), input: input.into(), custom: false, seal: None }
    }

    /// What a tool answered, in words.
    pub fn result(id: impl Into<String>, name: impl Into<String>, content: impl Into<String>, is_error: bool) -> Self {
        Self::ToolResult { id: id.into(), name: name.into(), content: content.into(), is_error, parts: Vec::new() }
    }
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ToolSpec {
    /// `[A-Za-z0-9_-]{1,64}` is what every dialect takes; others are renamed on the way.
    pub name: String,
    /// What it does, for the model; empty means nothing is said.
    pub description: String,
    /// JSON Schema of its arguments (an object schema); null when it takes none.
    pub parameters: serde_json::Value,
    /// Whether calls must follow the schema; `None` is up to the provider.
    #[serde(default)]
    pub strict: Option<bool>,
    /// It takes plain text instead of JSON.
    #[serde(default)]
    pub custom: Option<Custom>,
    /// What only one dialect says of a tool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<super::Extra>,
}

impl ToolSpec {
    /// A tool that takes JSON.
    pub fn new(name: impl Into<String>, description: impl Into<String>, parameters: serde_json::Value) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            parameters,
            strict: None,
            custom: None,
            extras: Vec::new(),
        }
    }
}

/// What a tool of plain text takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Custom {
    /// Any text.
    Text,
    /// What the grammar allows.
    Grammar {
        /// `lark` or `regex`.
        syntax: String,
        /// The grammar.
        definition: String,
    },
}
