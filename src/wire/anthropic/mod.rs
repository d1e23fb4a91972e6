//! Anthropic Messages (anthropic-messages.md), in both versions of the API: they differ in what a request may hold, and
//! the writer keeps to what both take.

mod answer;
mod ask;
mod asked;
mod opening;
mod told;

pub(super) use asked::seal;

use super::framed::Framed;
use super::{Adapted, Asked, Asking, ErrorBody, Fields, Reader, Reply, Surface, Wire, Writer, Written, exact};
use crate::model::{Dialect, Event, Failure, Request};

/// The codec.
pub(super) struct AnthropicMessages;

/// A seal that begins with this is a redacted thinking block's data.
pub(super) const REDACTED: &str = "redacted\n";

/// What may have to change in a caller's own body.
const FIELDS: Fields = Fields {
    model: true,
    counts: false,
    store: false,
    effort: &[&["thinking"], &["output_config", "effort"]],
    limit: &[&["max_tokens"]],
    sampling: &[&["temperature"], &["top_p"], &["top_k"]],
};

/// Stop sequences of white space alone are refused (not verified).
fn blank(stop: &str) -> bool {
    stop.trim().is_empty()
}

impl Wire for AnthropicMessages {
    fn dialect(&self) -> Dialect {
        Dialect::AnthropicMessages
    }

    fn fields(&self) -> Option<&'static Fields> {
        Some(&FIELDS)
    }

    fn leaves(&self, stop: &[String]) -> bool {
        stop.iter().any(|stop| blank(stop))
    }

    fn write_request(
        &self,
        model: &str,
        request: &Request,
        adapted: &Adapted,
        stream: bool,
    ) -> Result<Written, Failure> {
        Written::json(Dialect::AnthropicMessages, request, adapted, |request, losses| {
            ask::body(model, request, adapted, stream, losses)
        })
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let mut events = answer::whole(body)?;
        exact::events(body, &mut events);
        Ok(events)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Framed::<answer::State>::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        super::json::error_body(body)
    }
}

impl Surface for AnthropicMessages {
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
