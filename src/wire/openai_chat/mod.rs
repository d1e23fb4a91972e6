//! OpenAI Chat Completions, and everybody who is compatible with it (openai-chat.md, openai-compatible.md).

mod answer;
mod ask;
mod asked;
mod told;

pub(super) use answer::{citation, produced, read_usage};
pub(super) use ask::{breakpoint, one_text};
pub(super) use asked::{custom, filename, formed, mark, schema, seal, seals, service};
pub(super) use told::tier;

use super::framed::Framed;
use super::{Adapted, Asked, Asking, ErrorBody, Fields, Reader, Reply, Surface, Wire, Writer, Written, exact};
use crate::model::{Dialect, Event, Failure, Request};

/// The codec.
pub(super) struct OpenAiChat;

/// Where a turn of the model's names what it spoke.
const SPOKEN: &str = "audio";

/// What may have to change in a caller's own body.
const FIELDS: Fields = Fields {
    model: true,
    counts: true,
    store: false,
    effort: &[&["reasoning_effort"], &["reasoning"], &["thinking"], &["enable_thinking"], &["thinking_budget"]],
    limit: &[&["max_completion_tokens"], &["max_tokens"]],
    sampling: &[&["temperature"], &["top_p"], &["top_k"], &["presence_penalty"], &["frequency_penalty"]],
};

impl Wire for OpenAiChat {
    fn dialect(&self) -> Dialect {
        Dialect::OpenAiChat
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
        Written::json(Dialect::OpenAiChat, request, adapted, |request, losses| {
            ask::body(model, request, adapted, stream, losses)
        })
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let mut events = answer::whole(body)?;
        exact::events(body, &mut events);
        Ok(events)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Framed::<answer::Chat>::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        super::json::error_body(body)
    }
}

impl Surface for OpenAiChat {
    fn read_request(&self, body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
        Ok(exact::request(body, asked::request(body, asking)?))
    }

    fn writer(&self, reply: &Reply) -> Box<dyn Writer> {
        Box::new(told::Stream::new(reply))
    }

    fn write_reply(&self, events: &[Event], reply: &Reply) -> Vec<u8> {
        told::whole(events, reply)
    }
}
