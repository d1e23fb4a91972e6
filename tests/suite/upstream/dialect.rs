//! What each dialect's file provides.

use serde_json::Value;

use super::answer::{Answer, Error};
use super::call::Call;
use super::rules::Check;

/// One piece of a stream.
#[derive(Debug, Clone)]
pub struct Frame {
    /// As it goes over the wire.
    pub bytes: String,
    /// It holds visible text: what faults count.
    pub text: bool,
}

impl Frame {
    /// A server-sent event without a name.
    pub fn data(value: &Value) -> Self {
        Self { bytes: format!("data: {value}\n\n"), text: false }
    }

    /// A server-sent event named by the `type` in it.
    pub fn event(value: &Value) -> Self {
        Self { bytes: format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap()), text: false }
    }

    /// A line of JSON.
    pub fn line(value: &Value) -> Self {
        Self { bytes: format!("{value}\n"), text: false }
    }

    /// Bytes as they are.
    pub fn raw(bytes: &str) -> Self {
        Self { bytes: bytes.to_owned(), text: false }
    }

    /// Marks visible text.
    pub fn with_text(self) -> Self {
        Self { text: true, ..self }
    }
}

/// A provider's way of speaking.
pub trait Dialect: Sync {
    /// The name under which calls are recorded.
    fn name(&self) -> &'static str;
    /// What a stream calls itself.
    fn stream_kind(&self) -> &'static str {
        "text/event-stream; charset=utf-8"
    }
    /// Refuses what the real service would refuse.
    fn check(&self, call: &Call) -> Check;
    /// An answer in one piece.
    fn whole(&self, call: &Call, answer: &Answer) -> Value;
    /// An answer as a stream.
    fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame>;
    /// An error's body.
    fn error(&self, error: &Error, param: Option<&str>) -> Value;
    /// An error in the middle of a stream, after `at` frames.
    fn error_frame(&self, message: &str, at: usize) -> Frame;
    /// Headers of an answer, or of this error.
    fn headers(&self, call: usize, error: Option<&Error>) -> Vec<(String, String)>;
    /// The list of models.
    fn list(&self, models: &[String]) -> Value;
}

/// Header lines from pairs.
pub fn headers(pairs: &[(&str, String)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Seconds since 1970 of the moment all stories happen at.
pub const CREATED: i64 = 1_795_516_200;
