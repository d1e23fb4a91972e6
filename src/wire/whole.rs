//! Answers that come as one body, whatever it was announced as.

use super::{Reader, exact, json, wire};
use crate::model::{Dialect, Event, Failure, Kind};

/// The events of an answer that was not announced as a stream: some servers stream under the wrong media type.
///
/// # Errors
/// As [`super::Wire::read_reply`] and [`Reader`].
pub fn read_whole(dialect: Dialect, body: &[u8]) -> Result<Vec<Event>, Failure> {
    let framed = framed(body);
    let lines = || dialect == Dialect::Ollama && body.trim_ascii_end().contains(&b'\n');
    match wire(dialect).read_reply(body) {
        Err(_) if !framed && !dialect.is_grpc() && json::broke_off(body) => Err(json::truncated()),
        Err(failure) if framed || (lines() && failure.kind == Kind::Broken) => {
            let (mut reader, mut out) = (wire(dialect).reader(), Vec::new());
            reader.feed(body, &mut out)?;
            reader.end(&mut out)?;
            Ok(out)
        }
        told => told,
    }
}

/// As [`read_whole`], of an answer that goes on as it came: what of it cannot be read is left out of its events.
///
/// # Errors
/// As [`read_whole`].
pub fn read_passed(dialect: Dialect, body: &[u8]) -> Result<Vec<Event>, Failure> {
    match read_whole(dialect, body) {
        Err(failure) if failure.is_unread() => read_whole(dialect, shallow(body).ok_or(failure)?.as_bytes()),
        told => told,
    }
}

/// Feeds a reader one frame of such an answer.
///
/// # Errors
/// As [`Reader::feed`].
pub fn feed_passed(reader: &mut dyn Reader, frame: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
    match reader.feed(frame, out) {
        Err(failure) if failure.is_unread() => reader.feed(shallow(frame).ok_or(failure)?.as_bytes(), out),
        fed => fed,
    }
}

/// What of it is not too deep; `None` where all of it is there.
fn shallow(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(exact::shallow(text)).filter(|shallow| shallow.len() < text.len())
}

/// A body begins as server-sent events do, whatever its content type says.
#[must_use]
pub fn framed(body: &[u8]) -> bool {
    let head = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).trim_ascii_start();
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| head.starts_with(field.as_bytes()))
}
