//! What a dialect cannot carry: one table from which the writers warn and `docs/TRANSLATION.md` is made.

use super::Adapted;
use super::openai_responses::PROMPT;
use super::seen::Seen;
use super::{shape, wanted};
use crate::model::Dialect::{self, AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses, XaiGrpc};
use crate::model::{Block, Extra, Failure, Kind, Request, Sampling, Scope, Source, ToolChoice};

/// A wish or a piece of a request that arrives otherwise than it was said, or not at all. The request is sent
/// nevertheless, and its caller is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// How closely to look at an image.
    Detail,
    /// A document's name.
    DocumentName,
    /// A document is told as text.
    DocumentAsText,
    /// Where the statements of earlier answers came from.
    Citations,
    /// An image or document in an earlier answer.
    AnswerImage,
    /// An image or document in a tool's result.
    ResultFiles,
    /// That a tool failed.
    ErrorMark,
    /// Arguments of a call that are no JSON object.
    RawInput,
    /// A tool's result that no call asked for.
    Orphan,
    /// That a tool's result came later than in the turn after its call.
    LateResult,
    /// That a call has several results.
    Results,
    /// That a call has no result.
    Unanswered,
    /// What is worth caching.
    CacheMarks,
    /// How long what is cached should live.
    CacheTime,
    /// Which requests share a cache.
    CacheKey,
    /// The place of instructions in the middle of a conversation.
    SystemPlace,
    /// Who of several speakers it is.
    SpeakerName,
    /// Whether an earlier answer was commentary or final.
    Phase,
    /// That an earlier answer was a refusal.
    Refusal,
    /// That calls must follow their schema.
    Strict,
    /// A tool that takes plain text.
    CustomTool,
    /// Only some of the tools may be called.
    Subset,
    /// A call is demanded.
    Forced,
    /// A call is demanded where no tools are offered.
    Vain,
    /// Only one call at a time.
    Parallel,
    /// Words put into the model's mouth.
    Prefill,
    /// More stop sequences than the dialect takes.
    ManyStops,
    /// A limit of the output below the dialect's least.
    LeastOutput,
    /// How the next word is drawn, at a model that takes no wish for it.
    Sampling,
    /// A temperature below the dialect's least or above its most.
    Temperature,
    /// Nucleus sampling beside a temperature.
    TopP,
    /// Only the likeliest tokens.
    TopK,
    /// The seed.
    Seed,
    /// Penalties against repetition.
    Penalties,
    /// JSON of whatever shape.
    JsonMode,
    /// What a schema is for.
    SchemaAbout,
    /// The user's id.
    User,
    /// The service tier.
    Service,
    /// How long the answer should be.
    Verbosity,
    /// That thoughts are to be shown.
    ShowThoughts,
    /// How much is told of them.
    Summary,
    /// Thoughts of another model or account.
    Thoughts,
    /// A block that only another dialect knows.
    Opaque,
    /// A tool that another provider runs itself.
    ProviderTool,
    /// A field that says what nobody knows here, by its name.
    Word(&'static str),
    /// A field that is not taken over into another dialect, by [`Loss::extra`].
    Extra(String),
}

/// The longest name of a field that is told (bytes).
const LONGEST: usize = 64;

/// Most names of fields that are told of one request; [`MORE`] stands for the others.
const MOST: usize = 32;

/// Stands for further fields.
const MORE: &str = "...";

/// Stands before the kind of an item that is left out, since it may not stand without the thought that led to it.
pub(super) const LED: &str = "output.";

/// The field by which a caller has an answer kept.
pub(crate) const STORE: &str = "store";

/// What clears thoughts out of a conversation, where the model is kept from thinking (Anthropic).
pub(crate) const CLEARING: &str = "clear_thinking";

/// May stand in a name wherever it is told: in a header, a list, or a terminal.
const fn safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Why a request is not sent in a dialect: what would be missing is what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A file that lies at another provider.
    ForeignFile,
    /// A sound.
    Audio,
    /// A document that is neither text nor, where those are taken, a PDF.
    Document,
    /// An image at an address.
    ImageUrl,
    /// A document at an address.
    DocumentUrl,
    /// A file inside an answer or a tool's result.
    Inside,
    /// Two tools of one name that differ.
    Twins,
}

/// A loss, where it happens, and when; always where no case is named.
pub type Lossy = (Loss, &'static [Dialect], &'static str);

/// All, each with the dialects in which it happens, and where only some of a dialect's servers cannot carry it, when.
pub const LOSSES: &[Lossy] = &[
    (Loss::Detail, &[AnthropicMessages, Gemini, Ollama], ""),
    (Loss::Detail, &[XaiGrpc], "other than low and high"),
    (Loss::DocumentName, &[Gemini], ""),
    (Loss::DocumentAsText, &[OpenAiChat, Ollama, XaiGrpc], ""),
    (Loss::Citations, &[OpenAiChat, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Citations, &[OpenAiResponses, AnthropicMessages], "those that another dialect spelled"),
    (Loss::AnswerImage, &[OpenAiChat, OpenAiResponses, AnthropicMessages], ""),
    (Loss::ResultFiles, &[OpenAiChat, Ollama], ""),
    (Loss::ErrorMark, &[OpenAiChat, OpenAiResponses, Ollama, XaiGrpc], ""),
    (Loss::RawInput, &[AnthropicMessages, Gemini, Ollama], ""),
    (Loss::Orphan, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::LateResult, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Results, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Unanswered, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::CacheMarks, &[Gemini, Ollama, XaiGrpc], ""),
    (Loss::CacheMarks, &[OpenAiChat, OpenAiResponses], "at models before gpt-5.6 and servers other than OpenAI's"),
    (Loss::CacheMarks, &[AnthropicMessages], "all but the last four"),
    (Loss::CacheTime, &[OpenAiChat, OpenAiResponses], "other than 30m and 12h"),
    (Loss::CacheTime, &[AnthropicMessages], "other than 5m and 1h"),
    (Loss::CacheKey, &[AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::CacheKey, &[OpenAiChat, OpenAiResponses], "at servers other than OpenAI's"),
    (Loss::SystemPlace, &[AnthropicMessages, Gemini], ""),
    (Loss::SpeakerName, &[OpenAiResponses, AnthropicMessages, Gemini, Ollama], ""),
    (Loss::SpeakerName, &[OpenAiChat], "at servers that know no speakers"),
    (Loss::Phase, &[OpenAiChat, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Refusal, &[AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Refusal, &[OpenAiChat, OpenAiResponses], "at servers other than OpenAI's"),
    (Loss::Strict, &[Gemini, Ollama], ""),
    (Loss::Strict, &[OpenAiChat, XaiGrpc], "at servers that do not know it"),
    (Loss::CustomTool, &[AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::CustomTool, &[OpenAiChat, OpenAiResponses], "at servers other than OpenAI's"),
    (Loss::Subset, &[AnthropicMessages, Ollama, XaiGrpc], ""),
    (Loss::Subset, &[OpenAiChat, OpenAiResponses], "at servers other than OpenAI's"),
    (Loss::Forced, &[Ollama], ""),
    (Loss::Forced, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, XaiGrpc], "at models that refuse it"),
    (Loss::Vain, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Parallel, &[Gemini, Ollama], ""),
    (Loss::Parallel, &[OpenAiChat, OpenAiResponses], "at servers that do not know it"),
    (Loss::Prefill, &[AnthropicMessages], "at models that refuse it, and where a file of that answer follows"),
    (Loss::ManyStops, &[OpenAiChat], "after the fourth"),
    (Loss::ManyStops, &[Gemini], "after the fifth"),
    (Loss::LeastOutput, &[OpenAiResponses], "at OpenAI's own servers"),
    (Loss::Sampling, &Dialect::ALL, "at models that refuse it, most of those that reason"),
    (Loss::Temperature, &[AnthropicMessages], "below 0 and above 1"),
    (Loss::TopP, &[AnthropicMessages], "at models from 4.1 on"),
    (Loss::TopK, &[OpenAiResponses, XaiGrpc], ""),
    (Loss::TopK, &[OpenAiChat], "at servers that do not know it"),
    (Loss::Seed, &[OpenAiResponses, AnthropicMessages], ""),
    (Loss::Seed, &[XaiGrpc], "beyond 32 bits"),
    (Loss::Penalties, &[OpenAiResponses, AnthropicMessages], ""),
    (Loss::Penalties, &[OpenAiChat], "at servers that do not know them"),
    (Loss::JsonMode, &[AnthropicMessages], ""),
    (Loss::SchemaAbout, &[AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::SchemaAbout, &[OpenAiChat], "at Cohere"),
    (Loss::User, &[Gemini, Ollama], ""),
    (Loss::User, &[OpenAiChat], "at servers that do not know it"),
    (Loss::Service, &[Ollama], ""),
    (Loss::Service, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, XaiGrpc], "tiers it has no word for"),
    (Loss::Verbosity, &[AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Verbosity, &[OpenAiChat, OpenAiResponses], "at servers other than OpenAI's"),
    (Loss::ShowThoughts, &[OpenAiChat, Ollama, XaiGrpc], ""),
    (Loss::Summary, &[OpenAiChat, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Thoughts, &Dialect::ALL, "where they cannot return"),
    (Loss::Opaque, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::ProviderTool, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Word(""), &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
    (Loss::Extra(String::new()), &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc], ""),
];

/// All refusals, each with the dialects in which it happens.
pub const REFUSED: &[(Refused, &[Dialect])] = &[
    (Refused::ForeignFile, &[OpenAiChat, OpenAiResponses, AnthropicMessages, Gemini, Ollama, XaiGrpc]),
    (Refused::Audio, &[OpenAiResponses, AnthropicMessages, Ollama, XaiGrpc]),
    (Refused::Document, &[OpenAiChat, AnthropicMessages, Ollama]),
    (Refused::ImageUrl, &[Gemini, Ollama]),
    (Refused::DocumentUrl, &[OpenAiChat, Gemini, Ollama]),
    (Refused::Inside, &[XaiGrpc]),
    (Refused::Twins, &[AnthropicMessages, Gemini]),
];

impl Loss {
    /// A field that is not taken over. Callers name fields as they like: what no name should hold is told as `_`,
    /// and what is long is cut.
    #[must_use]
    pub fn extra(name: &str) -> Self {
        Self::Extra(name.chars().take(LONGEST).map(|c| if safe(c) { c } else { '_' }).collect())
    }

    /// The request field it is about, as one word for a header: `seed`; ASCII letters, digits, `.`, `_` and `-`, at most
    /// 64 of them.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Detail => "detail",
            Self::DocumentName => "filename",
            Self::DocumentAsText => "document",
            Self::Citations => "citations",
            Self::AnswerImage => "answer_image",
            Self::ResultFiles => "result_files",
            Self::ErrorMark => "is_error",
            Self::RawInput => "arguments",
            Self::Orphan => "orphan",
            Self::LateResult => "late_result",
            Self::Results => "results",
            Self::Unanswered => "unanswered",
            Self::CacheMarks => "cache_control",
            Self::CacheTime => "cache_ttl",
            Self::CacheKey => "prompt_cache_key",
            Self::SystemPlace => "system_place",
            Self::SpeakerName => "name",
            Self::Phase => "phase",
            Self::Refusal => "refusal",
            Self::Strict => "strict",
            Self::CustomTool => "custom_tool",
            Self::Subset => "allowed_tools",
            Self::Forced | Self::Vain => "tool_choice",
            Self::Parallel => "parallel_tool_calls",
            Self::ManyStops => "stop",
            Self::Prefill => "prefill",
            Self::LeastOutput => "max_output_tokens",
            Self::Sampling => "sampling",
            Self::Temperature => "temperature",
            Self::TopP => "top_p",
            Self::TopK => "top_k",
            Self::Seed => "seed",
            Self::Penalties => "penalties",
            Self::JsonMode => "json_object",
            Self::SchemaAbout => "schema_description",
            Self::User => "user",
            Self::Service => "service_tier",
            Self::Verbosity => "verbosity",
            Self::ShowThoughts => "show_thoughts",
            Self::Summary => "summary",
            Self::Thoughts => "thoughts",
            Self::Opaque => "opaque",
            Self::ProviderTool => "provider_tool",
            Self::Extra(name) if (1..=LONGEST).contains(&name.len()) && name.chars().all(safe) => name,
            Self::Word("") | Self::Extra(_) => "field",
            Self::Word(name) => name,
        }
    }

    fn is_more(&self) -> bool {
        matches!(self, Self::Extra(name) if name == MORE)
    }

    /// What happens to it, for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let fixed = match self {
            Self::Detail => "how closely to look at an image is left to the model",
            Self::DocumentName => "documents arrive without their names",
            Self::DocumentAsText => "a document is told as a text of the turn",
            Self::Citations => "where earlier statements came from is left out",
            Self::AnswerImage => "an image or document of an earlier answer follows in the next turn of the user",
            Self::ResultFiles => "an image or document of a tool's result follows in a turn of the user",
            Self::ErrorMark => "that a tool failed is said in the text of its result",
            Self::RawInput => "arguments of a call that are no JSON object are told as the text in one",
            Self::Orphan => "a tool's result whose call is not there is told as a text of the user",
            Self::LateResult => "a tool's result that came turns after its call is brought up to right behind it",
            Self::Results => "several results of one call arrive as one, one after the other",
            Self::Unanswered => "a call without a result is answered by words that say that there is none",
            Self::CacheMarks => "what is worth caching is left to the provider",
            Self::CacheTime => {
                "what is cached lives for the longest time there is within the wished one, or else for the shortest"
            }
            Self::CacheKey => "which requests share a cache is left to the provider",
            Self::SystemPlace => "instructions in the middle arrive as a text of the user that begins with [system]",
            Self::SpeakerName => "the name of a speaker is left out",
            Self::Phase => "whether an earlier answer was commentary or final is left out",
            Self::Refusal => "that an earlier answer was a refusal is left out, and its words arrive as a text",
            Self::Strict => "calls are not held to their schema",
            Self::CustomTool => "a tool that takes plain text takes an object with one text, and no grammar holds it",
            Self::Subset => "tools that may not be called now are not offered",
            Self::Forced => "a call cannot be demanded; the model is left to choose",
            Self::Vain => "tool_choice is left out: it demands a call, and no tools are offered",
            Self::Parallel => "several calls at a time cannot be forbidden",
            Self::Prefill => "the model is asked to go on from its last words instead of being made to",
            Self::ManyStops => "only the first stop sequences are sent",
            Self::LeastOutput => "a limit below 16 output tokens is sent as 16",
            Self::Sampling => "how words are drawn (temperature, top_p and their like) is left to the model",
            Self::Temperature => "a temperature below 0 is sent as 0, and one above 1 as 1",
            Self::TopP => "top_p is left out beside a temperature",
            Self::TopK => "top_k is left out",
            Self::Seed => "the seed is left out",
            Self::Penalties => "penalties against repetition are left out",
            Self::JsonMode => "that the answer is JSON is said in words",
            Self::SchemaAbout => "what the schema is for is left out",
            Self::User => "the user's id is left out",
            Self::Service => "the service tier is left to the account",
            Self::Verbosity => "how long the answer should be is left to the model",
            Self::ShowThoughts => "whether thoughts are shown is left to the model",
            Self::Summary => "how much is told of the thoughts is left to the model",
            Self::Thoughts => "thoughts of another model or account are left out",
            Self::Opaque => "what only another dialect knows is left out of the conversation",
            Self::ProviderTool => "a tool that another provider runs itself is not offered",
            Self::Word("") => "a field that says what nobody knows here is left out",
            Self::Word(name) => return format!("{name} is left out: nobody knows here what it says"),
            Self::Extra(name) if name.is_empty() => "a field that is not taken over into another dialect is left out",
            Self::Extra(name) if name == STORE => "the answer is not kept: store is false here",
            Self::Extra(name) if name == CLEARING => {
                "clear_thinking is left out of context_management: the model is not asked to think"
            }
            Self::Extra(_) if self.is_more() => {
                "further fields that are not taken over into another dialect are left out"
            }
            Self::Extra(name) if name.starts_with(LED) => {
                return format!("{} is left out: it may not stand after a thought that is", self.name());
            }
            Self::Extra(_) => return format!("{} is left out: it is not taken over into another dialect", self.name()),
        };
        fixed.to_owned()
    }
}

impl Refused {
    /// Why it is not sent, for a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::ForeignFile => "it names a file by an id that only another provider knows",
            Self::Audio => "it holds a sound, which this dialect cannot carry",
            Self::Document => "it holds a document of a kind that this dialect cannot carry",
            Self::ImageUrl => "it names an image by its address, and it could not be fetched",
            Self::Inside => "it holds a file inside an answer or a tool's result, which this dialect cannot carry",
            Self::Twins => "it offers two different tools of one name",
            Self::DocumentUrl => "it names a document by its address, and it could not be fetched or is not taken",
        }
    }
}

/// The address in a block whose file has to be fetched for this dialect: it takes such files, and no addresses of them.
#[must_use]
pub fn fetched(dialect: Dialect, block: &Block) -> Option<&str> {
    let refused = |what| REFUSED.iter().any(|(known, dialects)| *known == what && dialects.contains(&dialect));
    match block {
        Block::Image { source: Source::Url(url), .. } if !stored(dialect, url) => {
            refused(Refused::ImageUrl).then_some(url)
        }
        Block::Document { source: Source::Url(url), .. } if !stored(dialect, url) => {
            (refused(Refused::DocumentUrl) && PDFS.contains(&dialect)).then_some(url)
        }
        _ => None,
    }
}

/// Who of those that take no address of a PDF takes it as bytes.
const PDFS: [Dialect; 2] = [OpenAiChat, Gemini];

/// Addresses that the provider looks up itself, because they are its own (gemini.md, "Parts").
pub(super) fn stored(dialect: Dialect, url: &str) -> bool {
    let own =
        ["gs://", "https://generativelanguage.googleapis.com/", "https://www.youtube.com/watch?", "https://youtu.be/"];
    dialect == Gemini && own.iter().any(|start| url.starts_with(start))
}

/// A tool is to be called by its name where there are none.
fn unoffered(request: &Request) -> Option<Failure> {
    let named = matches!(request.tool_choice, ToolChoice::Named(_)) && request.tools.is_empty();
    let hosted = |extra: &Extra| matches!(extra.name.as_str(), "tools" | "tool_choice");
    (named && !request.extras.iter().any(hosted))
        .then(|| Failure::new(Kind::BadRequest, Scope::Model, "tool_choice: it names a tool, and no tools are offered"))
}

/// A call is demanded, and nothing is on offer.
fn vain(request: &Request, dialect: Dialect) -> bool {
    let demanded = matches!(request.tool_choice, ToolChoice::Required | ToolChoice::Among { must: true, .. });
    let hosted = |extra: &Extra| extra.dialect == dialect && matches!(extra.name.as_str(), "tools" | "tool_choice");
    demanded && request.tools.is_empty() && !request.extras.iter().any(hosted)
}

/// All that is said lies at OpenAI, under an id.
fn elsewhere(request: &Request, dialect: Dialect) -> Option<Failure> {
    let named = |extra: &Extra| extra.dialect == OpenAiResponses && extra.name == PROMPT;
    let mut said = request.messages.iter().flat_map(|message| &message.blocks);
    let silent = said.all(|block| matches!(block, Block::Text(text) if text.is_empty()));
    let lies = dialect != OpenAiResponses && silent && request.extras.iter().any(named);
    lies.then(|| {
        let what = "prompt: it lies at OpenAI, and nobody else can read it; send what it says as input";
        Failure::new(Kind::BadRequest, Scope::Model, what)
    })
}

/// Gathers losses, each once.
#[derive(Debug, Default)]
pub(super) struct Losses(Vec<Loss>);

impl Losses {
    /// What this dialect loses of the request whatever the model, by the table; the writer adds what depends on it.
    ///
    /// # Errors
    /// `BadRequest` where what would be missing is what the request is about. Another route may take it.
    pub(super) fn of(request: &Request, dialect: Dialect, adapted: &Adapted) -> Result<Self, Failure> {
        let mut seen = Seen::new(dialect, adapted);
        seen.request(request);
        let foreign = |extra: &&Extra| extra.dialect != dialect;
        let refused = request
            .extras
            .iter()
            .find_map(shape::refused)
            .or_else(|| unoffered(request))
            .or_else(|| elsewhere(request, dialect));
        if let Some(failure) = refused.or_else(|| request.extras.iter().filter(foreign).find_map(wanted::refused)) {
            return Err(failure);
        }
        if let Some(refused) = seen.refused {
            let told = format!("{} is not asked this: {}", dialect.name(), refused.sentence());
            return Err(Failure::new(Kind::BadRequest, Scope::Model, told));
        }
        let (wish, servers) = (request.sampling, dialect == OpenAiChat && !adapted.quirks.top_k);
        // That no server of this kind takes it is told of it alone.
        let told = |loss| seen.losses.0.contains(&loss);
        let (top_k, penalties) = (!servers && !told(Loss::TopK), !told(Loss::Penalties));
        let wish = Sampling {
            top_k: wish.top_k.filter(|_| top_k),
            presence_penalty: wish.presence_penalty.filter(|_| penalties),
            frequency_penalty: wish.frequency_penalty.filter(|_| penalties),
            ..wish
        };
        seen.losses.when(!adapted.sampling && wish.wished(), Loss::Sampling);
        seen.losses.when(vain(request, dialect), Loss::Vain);
        Ok(seen.losses)
    }

    /// Something is lost.
    pub(super) fn add(&mut self, loss: Loss) {
        let named = |loss: &&Loss| matches!(loss, Loss::Extra(_));
        if named(&&loss) && self.0.iter().filter(named).count() > MOST {
            return;
        }
        if !self.0.contains(&loss) {
            self.0.push(loss);
        }
    }

    /// Something is lost, if it was wanted at all.
    pub(super) fn when(&mut self, wanted: bool, loss: Loss) {
        if wanted {
            self.add(loss);
        }
    }

    /// All, in the order of the table.
    pub(super) fn done(mut self) -> Vec<Loss> {
        tidy(&mut self.0);
        self.0
    }
}

/// Each loss once, in the order of the table, and no more names of fields than anybody reads.
pub(super) fn tidy(losses: &mut Vec<Loss>) {
    let more = losses.iter().any(Loss::is_more);
    losses.retain(|loss| !loss.is_more());
    losses.sort();
    losses.dedup();
    // Named fields stand last.
    let fixed = losses.iter().take_while(|loss| !matches!(loss, Loss::Extra(_))).count();
    if more || losses.len() - fixed > MOST {
        losses.truncate(fixed + MOST);
        losses.push(Loss::Extra(MORE.to_owned()));
    }
}
