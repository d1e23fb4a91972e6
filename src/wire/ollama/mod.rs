//! Ollama's native chat (ollama-lmstudio.md): its OpenAI-compatible door cuts long prompts silently.

mod answer;
mod ask;
mod asked;
mod told;

use super::{Adapted, Asked, Asking, ErrorBody, Fields, Reader, Reply, Surface, Wire, Writer, Written, exact};
use crate::model::{Dialect, Event, Failure, Request};

/// The codec.
pub(super) struct Ollama;

/// What may have to change in a caller's own body.
const FIELDS: Fields = Fields {
    model: true,
    counts: false,
    store: false,
    effort: &[&["think"]],
    limit: &[&["options", "num_predict"]],
    sampling: &[&["options", "temperature"], &["options", "top_p"], &["options", "top_k"]],
};

impl Wire for Ollama {
    fn dialect(&self) -> Dialect {
        Dialect::Ollama
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
        Written::json(Dialect::Ollama, request, adapted, |request, losses| {
            ask::body(model, request, adapted, stream, losses)
        })
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let mut events = answer::whole(body)?;
        exact::events(body, &mut events);
        Ok(events)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(answer::Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        super::json::error_body(body)
    }
}

impl Surface for Ollama {
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
