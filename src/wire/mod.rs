//! How each dialect is spelled: one folder per dialect, sans-IO, testable from recorded bytes.
//!
//! A [`Wire`] writes our requests and reads the answers, whole ([`Wire::read_reply`]) or in pieces cut anywhere
//! ([`Wire::reader`]); both give the same [`Event`]s. A [`Surface`] is the other end: it reads the requests of callers and
//! writes what they are answered. In each folder `ask` writes requests, `asked` reads them, `answer` reads answers and
//! `told` writes them. Readers are tolerant: unknown fields and event types are skipped or kept as they are, unknown enum
//! values kept as strings, missing optional fields are not errors. What a dialect cannot carry is a [`Loss`], told.

mod anthropic;
mod cut;
mod emit;
mod exact;
mod file;
mod fold;
mod framed;
mod gemini;
mod grpc;
mod ids;
mod json;
mod lines;
mod loss;
mod names;
mod offer;
mod ollama;
mod openai_chat;
mod openai_responses;
mod order;
mod proto;
mod quick;
mod reply;
mod seen;
mod shape;
mod spell;
mod sse;
mod strict;
mod strike;
mod think;
mod thinking;
mod ties;
mod tree;
mod turns;
mod wanted;
mod whole;
mod xai_grpc;

#[cfg(test)]
mod tests;

pub use cut::Cut;
pub use fold::Fold;
pub use grpc::{Frames, LARGEST, prefix, status, trailers};
pub use lines::Lines;
pub(crate) use loss::{CLEARING, STORE};
pub use loss::{LOSSES, Loss, Lossy, REFUSED, Refused, fetched};
pub use names::Names;
pub use reply::{Echo, Rejection, Reply, Writer};
pub use sse::{Sse, SseEvent};
pub use strike::{Foreign, Step, Strike, alien, strikes};
pub use think::Think;
pub use thinking::Thinking;
pub(crate) use wanted::{strange, unclearing};
pub use whole::{feed_passed, framed, read_passed, read_whole};
pub use xai_grpc::models;

use serde_json::{Map, Value};

use crate::model::{
    Dialect, Effort, Event, Extra, Failure, IN_WORDS, Kind, ModelName, Purpose, Request, Scope, Tag, UpstreamError,
};
use loss::Losses;

/// The codec of a dialect.
#[must_use]
pub fn wire(dialect: Dialect) -> &'static dyn Wire {
    match dialect {
        Dialect::OpenAiChat => &openai_chat::OpenAiChat,
        Dialect::OpenAiResponses => &openai_responses::OpenAiResponses,
        Dialect::AnthropicMessages => &anthropic::AnthropicMessages,
        Dialect::Gemini => &gemini::Gemini,
        Dialect::Ollama => &ollama::Ollama,
        Dialect::XaiGrpc => &xai_grpc::XaiGrpc,
    }
}

/// The failure that an answer states after it began well.
#[must_use]
pub fn stated(dialect: Dialect, body: &[u8]) -> Failure {
    json::stated(&wire(dialect).read_error(body))
}

/// What `providers::Provider::adapt` decided for the leased model: how the request's wishes are spelled there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Adapted {
    /// Reasoning controls.
    pub thinking: Thinking,
    /// Output limit to send, visible answer and reasoning together. Anthropic requires one.
    pub max_output: Option<u32>,
    /// Send temperature and top_p.
    pub sampling: bool,
    /// Only one of the two: the model refuses both at once.
    pub single: bool,
    /// No call can be demanded: the model is left to choose.
    pub unforced: bool,
    /// The model reasons, asked or not: its sealed thoughts are wanted back (OpenAI Responses, xAI's gRPC).
    pub reasons: bool,
    /// A router is asked for thought although nobody knows whether the model has any: it may be dropped in silence.
    pub hopes: bool,
    /// Stop sequences are not sent, because dialect or model takes none: whoever reads the answer cuts it ([`Cut`]).
    pub cut_stops: bool,
    /// The model refuses to go on from words put into its mouth.
    pub no_prefill: bool,
    /// Marks for the cache are understood inside prompts (the OpenAI dialects).
    pub breakpoints: bool,
    /// Send the JSON Schema natively; otherwise it is stated in words at the end of the system text.
    pub structured: bool,
    /// Spelling differences among compatible endpoints.
    pub quirks: Quirks,
    /// Context window to ask the server for (Ollama's `options.num_ctx`), in tokens.
    pub context: Option<u64>,
    /// The version of the API, where the body has to name it and the path names the model (Claude on Vertex).
    pub versioned: Option<&'static str>,
    /// Where reasoning payloads may be sent back to: blocks with another tag are dropped.
    pub tag: Option<Tag>,
    /// Thoughts are taken only as whoever is asked sealed them: without a seal, or with another's, they are refused.
    pub sealed: bool,
    /// A call is taken only with a signature (Gemini 3 and later).
    pub signed: bool,
    /// The level really sent, for the record; `None` = nothing was sent.
    pub sent: Option<Effort>,
    /// It was asked for, or cut, as a number of tokens.
    pub counted: bool,
    /// The model is asked in words to think first, between tags: it has no control for it.
    pub coax: bool,
    /// Thoughts may stand at the head of the text, between tags ([`Think`]).
    pub tagged: bool,
    /// Why the wish for reasoning is not met exactly, one sentence.
    pub short: Option<String>,
    /// What was asked for is within the bounds of whoever has a word about reasoning, as it is.
    pub content: bool,
    /// One line per wish that this model cannot honour.
    pub notes: Vec<String>,
}

impl Adapted {
    /// The answer is asked for in pieces, whether the caller wants it so or whole: some models give it no other way.
    #[must_use]
    pub fn streamed(&self, wanted: bool) -> bool {
        wanted || self.quirks.stream_thinking
    }

    /// What was done for the wish for reasoning, one word: the level or the tokens sent, [`IN_WORDS`]; `None` = nothing.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        match (&self.thinking, self.sent) {
            (Thinking::Budget(tokens @ 1..), Some(_)) if self.counted => Some(tokens.to_string()),
            (_, sent) => sent.map(Effort::name).or_else(|| self.coax.then_some(IN_WORDS)).map(str::to_owned),
        }
    }
}

/// Spelling differences among OpenAI-compatible endpoints, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quirks {
    /// Name of the output limit field on Chat: `max_completion_tokens` or `max_tokens`.
    pub max_tokens_field: String,
    /// `stream_options.include_usage` is understood.
    pub stream_usage: bool,
    /// System text goes as role `developer` instead of `system`.
    pub developer_role: bool,
    /// OpenRouter's `reasoning: {effort}` object instead of `reasoning_effort`.
    pub reasoning_object: bool,
    /// `reasoning_content` must be sent back with tool calls (DeepSeek, Kimi).
    pub return_reasoning: bool,
    /// `stream_options.include_obfuscation: false` is understood (OpenAI itself).
    pub obfuscation: bool,
    /// `strict` inside tools and schemas is understood.
    pub strict: bool,
    /// `store: false` is understood (OpenAI itself keeps Responses otherwise).
    pub store: bool,
    /// A call can be demanded: `tool_choice` takes `required` and a tool's name.
    pub forced: bool,
    /// A JSON Schema is understood where the catalog does not say.
    pub schema: bool,
    /// Ids of calls are nine letters and digits (Mistral).
    pub short_ids: bool,
    /// Ids of calls have at most 40 characters in Chat (OpenAI itself and at Azure).
    pub bounded_ids: bool,
    /// Thoughts are sent back as parts of the content (Mistral).
    pub thought_parts: bool,
    /// `reasoning_split: true` keeps thoughts out of the text (MiniMax).
    pub split_reasoning: bool,
    /// `reasoning_details` are sent back as they came (OpenRouter, MiniMax).
    pub return_details: bool,
    /// Everything that OpenAI's own servers take is understood: custom tools, allowed tools, verbosity, tiers, cache
    /// keys, contents of several texts.
    pub newest: bool,
    /// A turn of calls alone has no content at all, instead of an empty one (Groq).
    pub bare_calls: bool,
    /// `reasoning_format: "parsed"` keeps the thoughts of a model that reasons out of the text (Groq).
    pub parsed_reasoning: bool,
    /// A model that may think is asked to stream, whatever the caller wants: it refuses otherwise (Qwen).
    pub stream_thinking: bool,
    /// `provider.require_parameters` keeps a router from dropping schema, tools or effort in silence (OpenRouter).
    pub require_parameters: bool,
    /// The user's id is understood.
    pub users: bool,
    /// The user's id goes as `user_id` instead of `user` (Z.ai).
    pub user_id: bool,
    /// The seed goes as `random_seed` (Mistral).
    pub random_seed: bool,
    /// `parallel_tool_calls` is understood.
    pub parallel: bool,
    /// Messages may name their speaker.
    pub speakers: bool,
    /// Penalties against repetition are understood.
    pub penalties: bool,
    /// `top_k` is understood.
    pub top_k: bool,
    /// An image's base64 stands where its address would, without `data:` around it (Z.ai).
    pub bare_images: bool,
    /// A JSON Schema stands beside the type `json_object`, without a name (Cohere).
    pub schema_beside: bool,
    /// Thoughts of its own are sent back.
    pub thoughts_back: bool,
    /// Thoughts are sent back as `reasoning` instead of `reasoning_content` (Groq, Together, Cerebras).
    pub reasoning_named: bool,
    /// A call that is sent back says which of its turn it is (Together).
    pub indexed_calls: bool,
    /// Tools of one name are refused, in whatever dialect (DeepSeek).
    pub unique_tools: bool,
}

impl Quirks {
    /// These, with what the settings say ([`crate::model::TWEAKS`]) in place of what is usual.
    #[must_use]
    pub fn with(mut self, said: &[(String, String)]) -> Self {
        for (name, value) in said {
            if let Some(flag) = self.flag(name) {
                *flag = value == "true";
            } else if name == "max_tokens_field" {
                self.max_tokens_field.clone_from(value);
            }
        }
        self
    }

    fn flag(&mut self, name: &str) -> Option<&mut bool> {
        Some(match name {
            "stream_usage" => &mut self.stream_usage,
            "developer_role" => &mut self.developer_role,
            "reasoning_object" => &mut self.reasoning_object,
            "return_reasoning" => &mut self.return_reasoning,
            "obfuscation" => &mut self.obfuscation,
            "strict" => &mut self.strict,
            "store" => &mut self.store,
            "forced" => &mut self.forced,
            "schema" => &mut self.schema,
            "short_ids" => &mut self.short_ids,
            "bounded_ids" => &mut self.bounded_ids,
            "thought_parts" => &mut self.thought_parts,
            "split_reasoning" => &mut self.split_reasoning,
            "return_details" => &mut self.return_details,
            "newest" => &mut self.newest,
            "bare_calls" => &mut self.bare_calls,
            "parsed_reasoning" => &mut self.parsed_reasoning,
            "stream_thinking" => &mut self.stream_thinking,
            "require_parameters" => &mut self.require_parameters,
            "users" => &mut self.users,
            "user_id" => &mut self.user_id,
            "random_seed" => &mut self.random_seed,
            "parallel" => &mut self.parallel,
            "speakers" => &mut self.speakers,
            "penalties" => &mut self.penalties,
            "top_k" => &mut self.top_k,
            "bare_images" => &mut self.bare_images,
            "schema_beside" => &mut self.schema_beside,
            "thoughts_back" => &mut self.thoughts_back,
            "reasoning_named" => &mut self.reasoning_named,
            "indexed_calls" => &mut self.indexed_calls,
            "unique_tools" => &mut self.unique_tools,
            _ => return None,
        })
    }
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            max_tokens_field: "max_tokens".to_owned(),
            stream_usage: true,
            developer_role: false,
            reasoning_object: false,
            return_reasoning: false,
            obfuscation: false,
            strict: false,
            store: false,
            forced: true,
            schema: true,
            short_ids: false,
            bounded_ids: false,
            thought_parts: false,
            split_reasoning: false,
            return_details: false,
            newest: false,
            bare_calls: false,
            parsed_reasoning: false,
            stream_thinking: false,
            require_parameters: false,
            users: true,
            user_id: false,
            random_seed: false,
            parallel: true,
            speakers: true,
            penalties: true,
            top_k: false,
            bare_images: false,
            schema_beside: false,
            thoughts_back: false,
            reasoning_named: false,
            indexed_calls: false,
            unique_tools: false,
        }
    }
}

/// One dialect: write requests, read answers.
pub trait Wire: Send + Sync {
    /// Which.
    fn dialect(&self) -> Dialect;

    /// The request body for `model`: JSON, or one protobuf message without its prefix. `stream` decides the body's own flag where the
    /// dialect has one (Gemini says it in the path).
    ///
    /// # Errors
    /// `BadRequest` when the request cannot be said in this dialect.
    fn write_request(
        &self,
        model: &str,
        request: &Request,
        adapted: &Adapted,
        stream: bool,
    ) -> Result<Written, Failure>;

    /// The events of a whole (non-streaming) answer with a success status.
    ///
    /// # Errors
    /// `Broken` when it is not this dialect; or the failure the body states.
    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure>;

    /// A reader for a streamed answer.
    fn reader(&self) -> Box<dyn Reader>;

    /// What an error body says: the code and a sentence for a person (both empty when unreadable).
    fn read_error(&self, body: &[u8]) -> ErrorBody;

    /// Where a body says what may have to change although caller and upstream speak the same dialect; `None` = it has to
    /// be spelled anew.
    fn fields(&self) -> Option<&'static Fields> {
        None
    }

    /// Of these stop sequences the dialect takes not all: whoever reads the answer cuts it.
    fn leaves(&self, _stop: &[String]) -> bool {
        false
    }

    /// A request body for a person to read.
    fn show(&self, body: &[u8]) -> String {
        String::from_utf8_lossy(body).into_owned()
    }
}

/// Where a dialect's body says what may have to change; paths are of one or two names.
#[derive(Debug)]
pub struct Fields {
    /// The body names the model, in `model`.
    pub model: bool,
    /// A stream holds token counts only if it is asked for them (OpenAI Chat's `stream_options`).
    pub counts: bool,
    /// Answers are kept unless `store` is false (OpenAI Responses).
    pub store: bool,
    /// Reasoning.
    pub effort: &'static [&'static [&'static str]],
    /// The output limit; one of them.
    pub limit: &'static [&'static [&'static str]],
    /// How words are drawn.
    pub sampling: &'static [&'static [&'static str]],
}

/// The other end of a dialect: reads what callers ask and writes what they are answered.
pub trait Surface: Wire {
    /// What a caller asks.
    ///
    /// # Errors
    /// `BadRequest`, in words for the caller, when it is not this dialect or asks what cannot be done.
    fn read_request(&self, body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure>;

    /// A writer for a streamed answer.
    fn writer(&self, reply: &Reply) -> Box<dyn Writer>;

    /// A whole answer: JSON, or one protobuf message without its prefix, which [`trailers`] follow.
    fn write_reply(&self, events: &[Event], reply: &Reply) -> Vec<u8>;

    /// A failure before the first byte.
    fn write_failure(&self, failure: &Failure) -> Rejection {
        reply::reject(self.dialect(), failure)
    }
}

/// The other end of a dialect.
#[must_use]
pub fn surface(dialect: Dialect) -> &'static dyn Surface {
    match dialect {
        Dialect::OpenAiChat => &openai_chat::OpenAiChat,
        Dialect::OpenAiResponses => &openai_responses::OpenAiResponses,
        Dialect::AnthropicMessages => &anthropic::AnthropicMessages,
        Dialect::Gemini => &gemini::Gemini,
        Dialect::Ollama => &ollama::Ollama,
        Dialect::XaiGrpc => &xai_grpc::XaiGrpc,
    }
}

/// A request as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// As it is sent.
    pub body: Vec<u8>,
    /// What the dialect could not carry, each once.
    pub losses: Vec<Loss>,
    /// Names of tools that were changed, and how they return.
    pub names: Names,
}

impl Written {
    /// Looks for what the dialect cannot carry, gives tools names that it takes, and lets it be spelled.
    fn of(
        dialect: Dialect,
        request: &Request,
        adapted: &Adapted,
        spell: impl FnOnce(&Request, &mut Losses) -> Result<Vec<u8>, Failure>,
    ) -> Result<Self, Failure> {
        let (spared, told) = strict::spared(request, dialect, &adapted.quirks);
        let mut losses = Losses::of(&spared, dialect, adapted)?;
        told.into_iter().for_each(|loss| losses.add(loss));
        let (names, renamed) = Names::fit(&spared, dialect, adapted);
        let body = spell(renamed.as_ref().unwrap_or(&spared), &mut losses)?;
        Ok(Self { body, losses: losses.done(), names })
    }

    /// As [`Self::of`], in JSON.
    fn json(
        dialect: Dialect,
        request: &Request,
        adapted: &Adapted,
        spell: impl FnOnce(&Request, &mut Losses) -> Map<String, Value>,
    ) -> Result<Self, Failure> {
        Self::of(dialect, request, adapted, |request, losses| {
            Ok(reply::written(&Value::Object(spell(request, losses))))
        })
    }
}

/// What is known of a request beside its body.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The model, where the address names it (Gemini).
    pub model: Option<&'a str>,
    /// Whether a stream is wanted, where the address says it (Gemini, gRPC).
    pub stream: Option<bool>,
    /// Why the request is made.
    pub purpose: Purpose,
}

/// A request as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What is asked. Payloads of earlier answers carry no tag: only whoever gave them out knows where they came from.
    pub request: Request,
    /// Token counts are wanted in a stream.
    pub usage: bool,
    /// What could not be kept.
    pub losses: Vec<Loss>,
}

impl Asked {
    /// The model and the way of answering.
    fn new(asking: &Asking<'_>, body: &Map<String, Value>) -> Result<Self, Failure> {
        let (model, stream) = (body.get("model"), body.get("stream").filter(|stream| !stream.is_null()));
        wanted::known("stream", "true or false", stream.is_none_or(Value::is_boolean))?;
        let tools = body.get("tools").unwrap_or(&Value::Null);
        wanted::known("tools", "a list", tools.is_null() || tools.is_array())?;
        Self::named(asking, model.and_then(Value::as_str), stream.and_then(Value::as_bool))
    }

    /// As [`Self::new`], by what the body was found to name.
    fn named(asking: &Asking<'_>, model: Option<&str>, stream: Option<bool>) -> Result<Self, Failure> {
        let model = asking.model.or(model).unwrap_or_default();
        if model.is_empty() {
            return Err(bad("model: a name is wanted".to_owned()));
        }
        let mut request = Request::text(model, asking.purpose, "");
        request.model = ModelName(model.to_owned());
        request.messages.clear();
        request.stream = asking.stream.or(stream).unwrap_or(false);
        Ok(Self { request, usage: false, losses: Vec::new() })
    }

    /// Fields without a place of their own are kept for the dialect that knows them.
    fn rest(&mut self, dialect: Dialect, body: Map<String, Value>, known: &[&str]) {
        let rest = body.into_iter().filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null());
        let rest = rest.map(|(name, value)| Extra { dialect, name, value });
        // A name that looks like a way into one of our objects is none where a caller gave it.
        let (led, kept): (Vec<Extra>, Vec<Extra>) = rest.partition(|extra| wanted::path(extra).len() > 1);
        self.losses.extend(led.iter().map(|extra| Loss::extra(&extra.name)));
        self.request.extras.extend(kept);
        self.tidy();
    }

    /// What fits no field is kept for the dialect that spelled it.
    fn misfits(&mut self, dialect: Dialect, at: impl Fn(&str) -> Value) {
        self.request.extras.extend(wanted::misfits(dialect, at));
    }

    /// What known objects hold beside all that is known of them, unless they are kept as they came.
    fn members(&mut self, dialect: Dialect, at: impl Fn(&str) -> Value) {
        wanted::members(dialect, at, &self.request.extras, &mut self.losses);
    }

    /// Each loss is told once, and no more of them than anybody reads.
    fn tidy(&mut self) {
        loss::tidy(&mut self.losses);
    }
}

/// The caller's request is wrong in itself.
fn bad(message: impl Into<String>) -> Failure {
    Failure::new(Kind::BadRequest, Scope::Request, message)
}

/// Reads a streamed answer in pieces cut at any byte.
pub trait Reader: Send {
    /// Takes the next bytes and appends the events they complete.
    ///
    /// # Errors
    /// The failure stated in the stream, or `Broken` when it cannot be understood.
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure>;

    /// The connection ended: appends what closes the answer.
    ///
    /// # Errors
    /// `Truncated` when the dialect's own end was not seen.
    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure>;

    /// The dialect's own end was seen: nothing that may still come belongs to the answer.
    fn done(&self) -> bool {
        false
    }
}

/// What an error body says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorBody {
    /// Most specific machine-readable code (`error.code`, `error.details.error_code`, `error.status`, …).
    pub code: String,
    /// Broader type (`error.type`), where there is one.
    pub class: String,
    /// A sentence for a person.
    pub message: String,
    /// When the body itself says to come back (Gemini's RetryInfo), measured from now.
    pub retry_after: Option<std::time::Duration>,
    /// A provider behind the one we asked failed: its other models may well work (OpenRouter's `metadata`).
    pub behind: bool,
    /// `error.param` and `error.code` as they stand there (the OpenAI dialects).
    pub blamed: (Option<String>, Option<String>),
}

impl ErrorBody {
    /// The upstream half of a [`Failure`].
    #[must_use]
    pub fn upstream(&self, status: u16, request_id: Option<String>) -> UpstreamError {
        let mut said = [&self.code, &self.class].into_iter().filter(|c| !c.is_empty()).cloned();
        let (code, class) = (said.next(), said.next());
        UpstreamError { status: Some(status), code, class, request_id, ..UpstreamError::default() }
    }
}
