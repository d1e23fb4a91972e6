//! Looks through a request for what a dialect never carries, by the tables.

use super::Adapted;
use super::file::{apart, plain_text};
use super::gemini::beside;
use super::loss::{LOSSES, Loss, Losses, REFUSED, Refused, stored};
use super::strict::twins;
use super::wanted::read;
use crate::model::Dialect::{self, Gemini, Ollama, OpenAiChat, OpenAiResponses};
use crate::model::{Block, Request, Role, Service, Source, ToolChoice};

/// The dialect never carries it.
fn never(loss: &Loss, dialect: Dialect) -> bool {
    LOSSES.iter().any(|(lost, dialects, when)| lost == loss && when.is_empty() && dialects.contains(&dialect))
}

/// Looks through a request for what a dialect never carries.
pub(super) struct Seen<'a> {
    dialect: Dialect,
    adapted: &'a Adapted,
    pub losses: Losses,
    pub refused: Option<Refused>,
}

impl<'a> Seen<'a> {
    pub(super) fn new(dialect: Dialect, adapted: &'a Adapted) -> Self {
        Self { dialect, adapted, losses: Losses::default(), refused: None }
    }

    fn has(&mut self, wanted: bool, loss: Loss) {
        self.losses.when(wanted && never(&loss, self.dialect), loss);
    }

    fn needs(&mut self, refused: Refused) {
        if REFUSED.iter().any(|(what, dialects)| *what == refused && dialects.contains(&self.dialect)) {
            self.refused.get_or_insert(refused);
        }
    }

    pub(super) fn request(&mut self, request: &Request) {
        let cache = &request.cache;
        let (sampling, schema) = (&request.sampling, request.schema.as_ref());
        self.has(cache.tools.or(cache.system).or(cache.last).is_some(), Loss::CacheMarks);
        self.has(cache.key.is_some(), Loss::CacheKey);
        if twins(request, self.dialect) {
            self.needs(Refused::Twins);
            if self.adapted.quirks.unique_tools {
                self.refused.get_or_insert(Refused::Twins);
            }
        }
        self.has(request.tools.iter().any(|t| t.strict == Some(true)), Loss::Strict);
        self.has(request.tools.iter().any(|t| t.custom.is_some()), Loss::CustomTool);
        for extra in request.tools.iter().flat_map(|t| &t.extras).filter(|e| e.dialect != self.dialect) {
            self.losses.add(Loss::extra(&format!("tools.{}", extra.name)));
        }
        self.has(matches!(request.tool_choice, ToolChoice::Among { .. }), Loss::Subset);
        let forced = matches!(
            request.tool_choice,
            ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { must: true, .. }
        );
        self.has(forced && !request.tools.is_empty(), Loss::Forced);
        self.has(request.parallel == Some(false) && !request.tools.is_empty(), Loss::Parallel);
        self.has(sampling.top_k.is_some(), Loss::TopK);
        self.has(sampling.seed.is_some(), Loss::Seed);
        self.has(sampling.presence_penalty.or(sampling.frequency_penalty).is_some(), Loss::Penalties);
        self.has(request.json && schema.is_none(), Loss::JsonMode);
        self.has(schema.is_some_and(|s| s.description.is_some()), Loss::SchemaAbout);
        self.has(request.user.is_some(), Loss::User);
        self.has(request.service.is_some_and(|s| s != Service::Standard), Loss::Service);
        self.has(request.verbosity.is_some(), Loss::Verbosity);
        self.has(request.show_thoughts == Some(true), Loss::ShowThoughts);
        self.has(request.summary.is_some(), Loss::Summary);
        for extra in request.extras.iter().filter(|e| e.dialect != self.dialect && !read(e)) {
            self.losses.add(match extra.name.as_str() {
                "tools" => Loss::ProviderTool,
                name => super::strange(extra).map_or_else(|| Loss::extra(name), Loss::Word),
            });
        }
        for message in &request.messages {
            self.has(message.role == Role::System, Loss::SystemPlace);
            self.has(message.about.name.is_some(), Loss::SpeakerName);
            self.has(message.about.phase.is_some(), Loss::Phase);
            for block in &message.blocks {
                let shown = message.role == Role::Assistant && apart(block, self.dialect);
                self.has(shown, Loss::AnswerImage);
                if shown {
                    self.needs(Refused::Inside);
                }
                self.block(block);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Image { source, detail } => {
                self.has(detail.is_some(), Loss::Detail);
                self.source(source, Refused::ImageUrl);
            }
            Block::Document { source, name } => {
                self.has(name.is_some(), Loss::DocumentName);
                match source {
                    Source::Text(_) => self.has(true, Loss::DocumentAsText),
                    Source::Data { media_type, .. } if plain_text(source).is_none() => {
                        let pdf = media_type == "application/pdf" && self.dialect != Ollama;
                        if !pdf {
                            self.needs(Refused::Document);
                        }
                    }
                    // Where bytes are taken, they stay bytes.
                    Source::Data { .. } => self.has(matches!(self.dialect, OpenAiChat | Ollama), Loss::DocumentAsText),
                    Source::Url(_) | Source::File { .. } => {}
                }
                self.source(source, Refused::DocumentUrl);
            }
            Block::Audio { source } => {
                self.needs(Refused::Audio);
                self.source(source, Refused::Audio);
            }
            Block::Cited(citation) => {
                let foreign = citation.dialect != self.dialect;
                self.losses.when(foreign || never(&Loss::Citations, self.dialect), Loss::Citations);
            }
            Block::Mark(_) => self.has(true, Loss::CacheMarks),
            Block::Refusal(_) => self.has(true, Loss::Refusal),
            Block::ToolCall { custom, .. } => self.has(*custom, Loss::CustomTool),
            Block::ToolResult { is_error, parts, .. } => {
                self.has(*is_error, Loss::ErrorMark);
                let files = parts.iter().any(|p| !matches!(p, Block::Text(_) | Block::Mark(_)));
                self.has(files, Loss::ResultFiles);
                if files {
                    self.needs(Refused::Inside);
                }
                parts.iter().for_each(|part| self.block(part));
            }
            Block::Opaque { dialect, tag, value } => {
                let theirs = *tag != self.adapted.tag && !(*dialect == Gemini && beside(value));
                self.losses.when(*dialect != self.dialect || theirs, Loss::Opaque);
            }
            // Whether a thought can return is known by the writer.
            Block::Text(_) | Block::Thought { .. } => {}
        }
    }

    fn source(&mut self, source: &Source, by_url: Refused) {
        let openai = |d: Dialect| matches!(d, OpenAiChat | OpenAiResponses);
        match source {
            Source::Url(url) if stored(self.dialect, url) => {}
            Source::Url(_) => self.needs(by_url),
            Source::File { dialect, .. } if *dialect == self.dialect || openai(*dialect) && openai(self.dialect) => {}
            Source::File { .. } => self.needs(Refused::ForeignFile),
            Source::Data { .. } | Source::Text(_) => {}
        }
    }
}
