//! xAI's own service (xai.md, "gRPC"): protobuf instead of JSON. Whole messages stand alone, those of a stream behind
//! prefixes, and how a call ended stands after them ([`Writer::trailers`]).

mod answer;
mod ask;
mod asked;
mod own;
mod raw;
mod told;

use prost::Message as _;

use super::grpc::{error_body, trailers};
use super::json::described;
use super::proto::xai::{GetCompletionsRequest, ListLanguageModelsResponse};
use super::{Adapted, Asked, Asking, ErrorBody, Reader, Rejection, Reply, Surface, Wire, Writer, Written};
use crate::model::{Dialect, Event, Failure, Request};

/// The codec.
pub(super) struct XaiGrpc;

impl Wire for XaiGrpc {
    fn dialect(&self) -> Dialect {
        Dialect::XaiGrpc
    }

    /// The method says whether the answer is streamed: the message is the same.
    fn write_request(&self, model: &str, request: &Request, adapted: &Adapted, _: bool) -> Result<Written, Failure> {
        Written::of(Dialect::XaiGrpc, request, adapted, |request, losses| ask::body(model, request, adapted, losses))
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        answer::whole(body)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(answer::Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }

    fn show(&self, body: &[u8]) -> String {
        GetCompletionsRequest::decode(body).map_or_else(|_| described(body), |request| format!("{request:#?}"))
    }
}

impl Surface for XaiGrpc {
    fn read_request(&self, body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
        asked::request(body, asking)
    }

    fn writer(&self, reply: &Reply) -> Box<dyn Writer> {
        Box::new(told::Stream::new(reply))
    }

    fn write_reply(&self, events: &[Event], reply: &Reply) -> Vec<u8> {
        told::whole(events, reply)
    }

    /// A call that fails has the status of one that does not, and tells its own in its headers.
    fn write_failure(&self, failure: &Failure) -> Rejection {
        Rejection { status: 200, headers: trailers(Some(failure)), body: Vec::new() }
    }
}

/// Names of models in an answer of `Models.ListLanguageModels`; none when it is something else.
#[must_use]
pub fn models(body: &[u8]) -> Vec<String> {
    if raw::count(body, &[]).is_none_or(|models| models > raw::CROWD) {
        return Vec::new();
    }
    let listed = ListLanguageModelsResponse::decode(body).unwrap_or_default();
    listed.models.into_iter().map(|model| model.name).filter(|name| !name.is_empty()).collect()
}

/// As much of a number as the wire holds.
#[allow(clippy::cast_possible_truncation)]
const fn single(number: f64) -> f32 {
    number as f32
}

/// A number of the wire as the decimal that was meant: 0.7 and not 0.699999988.
fn wide(number: f32) -> Option<f64> {
    if number.is_finite() { number.to_string().parse().ok() } else { None }
}
