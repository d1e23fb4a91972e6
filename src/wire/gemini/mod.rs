//! Gemini generateContent (gemini.md), `v1` and `v1beta`: the address tells them apart, the bodies do not.

mod answer;
mod ask;
mod asked;
mod told;

pub(super) use asked::{seal, snake};
use serde_json::Value;

use super::framed::Framed;
use super::{Adapted, Asked, Asking, ErrorBody, Fields, Reader, Reply, Surface, Wire, Writer, Written, exact};
use crate::model::{Dialect, Event, Failure, Request};

/// The codec.
pub(super) struct Gemini;

/// Skips the check of a call's signature where the call came from another model (gemini.md, "Thinking").
pub(super) const NO_SIGNATURE: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";
/// A seal that begins with this belongs to the text after it.
pub(super) const NEXT: &str = "next\n";
/// A seal that begins with this stood on a part of its own without text.
pub(super) const ALONE: &str = "alone\n";
/// A seal over a call that begins with this is that of the thought before it, which its caller did not ask for.
const LED: &str = "led\n";

/// What is said of a part beside what it holds (gemini.md, "Request").
const BESIDE: &[&str] = &["mediaResolution", "videoMetadata", "partMetadata"];

/// It says something of the part before it, and holds nothing itself: a wish of the caller's, which no account made.
pub(super) fn beside(value: &Value) -> bool {
    let known = |name: &String| BESIDE.iter().any(|beside| beside == name || snake(beside) == **name);
    value.as_object().is_some_and(|said| !said.is_empty() && said.keys().all(known))
}

/// What may have to change in a caller's own body.
const FIELDS: Fields = Fields {
    model: false,
    counts: false,
    store: false,
    effort: &[&["generationConfig", "thinkingConfig"]],
    limit: &[&["generationConfig", "maxOutputTokens"]],
    sampling: &[&["generationConfig", "temperature"], &["generationConfig", "topP"], &["generationConfig", "topK"]],
};

impl Wire for Gemini {
    fn dialect(&self) -> Dialect {
        Dialect::Gemini
    }

    fn fields(&self) -> Option<&'static Fields> {
        Some(&FIELDS)
    }

    fn write_request(&self, _: &str, request: &Request, adapted: &Adapted, _: bool) -> Result<Written, Failure> {
        Written::json(Dialect::Gemini, request, adapted, |request, losses| ask::body(request, adapted, losses))
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

impl Surface for Gemini {
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
