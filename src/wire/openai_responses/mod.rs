//! OpenAI Responses (openai-responses.md).

mod answer;
mod ask;
mod asked;
mod told;

pub(super) use asked::{PROMPT, seal};

use super::framed::Framed;
use super::{Adapted, Asked, Asking, ErrorBody, Fields, Reader, Reply, Surface, Wire, Writer, Written};
use crate::model::{Dialect, Event, Failure, Request};

/// The codec.
pub(super) struct OpenAiResponses;

/// Begins a seal that a caller got from us: it may be another dialect's and holds no id of an item.
pub(super) const OWN: &str = "monster:";

/// Asks for sealed thoughts (openai-responses.md, "Reasoning").
const SEALED: &str = "reasoning.encrypted_content";

/// What may have to change in a caller's own body.
const FIELDS: Fields = Fields {
    model: true,
    counts: false,
    store: true,
    effort: &[&["reasoning", "effort"]],
    limit: &[&["max_output_tokens"]],
    sampling: &[&["temperature"], &["top_p"]],
};

impl Wire for OpenAiResponses {
    fn dialect(&self) -> Dialect {
        Dialect::OpenAiResponses
    }

    fn fields(&self) -> Option<&'static Fields> {
        Some(&FIELDS)
    }

    fn write_request(
        &self,
        model: &str,
        request: &Request,
        adapted: &Adapted,
        stream: bool,
    ) -> Result<Written, Failure> {
        Written::json(Dialect::OpenAiResponses, request, adapted, |request, losses| {
            ask::body(model, request, adapted, stream, losses)
        })
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        answer::whole(body)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Framed::<answer::State>::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        super::json::error_body(body)
    }
}

impl Surface for OpenAiResponses {
    fn read_request(&self, body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
        asked::request(body, asking)
    }

    fn writer(&self, reply: &Reply) -> Box<dyn Writer> {
        Box::new(told::Stream::new(reply))
    }

    fn write_reply(&self, events: &[Event], reply: &Reply) -> Vec<u8> {
        told::whole(events, reply)
    }
}
