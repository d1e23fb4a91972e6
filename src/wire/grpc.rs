//! What all gRPC services have in common: messages behind prefixes of five bytes, and a status at the end.

use bytes::{Buf, BytesMut};
use prost::Message;

use super::ErrorBody;
use super::json::{error_value, tame, wait};
use super::proto::rpc::{Any, ErrorInfo, RetryInfo, Status};
use crate::model::Failure;

/// One message may not be larger (bytes; xai.md, "gRPC").
pub const LARGEST: usize = 20 << 20;

/// Bytes before a message: a flag and its length.
const PREFIX: usize = 5;

/// What stands before a message of this many bytes.
#[must_use]
pub fn prefix(length: usize) -> [u8; PREFIX] {
    let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [0, a, b, c, d]
}

/// The framing's state between two pieces.
#[derive(Debug, Default)]
pub struct Frames {
    rest: BytesMut,
}

impl Frames {
    /// Takes the next bytes and appends the messages they complete.
    ///
    /// # Errors
    /// `Broken` when a message is compressed, which nobody asked for, or larger than [`LARGEST`].
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<BytesMut>) -> Result<(), Failure> {
        self.rest.extend_from_slice(bytes);
        while let Some([flag, a, b, c, d]) = self.rest.first_chunk::<PREFIX>().copied() {
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
            if flag != 0 {
                return Err(Failure::broken(format!("the answer holds a message of an unknown kind ({flag})")));
            }
            if length > LARGEST {
                return Err(Failure::broken("the answer holds a message larger than 20 MiB"));
            }
            if self.rest.len() - PREFIX < length {
                break;
            }
            self.rest.advance(PREFIX);
            out.push(self.rest.split_to(length));
        }
        Ok(())
    }
}

/// Names of the codes from 1 on, and the HTTP status that says the same (google/rpc/code.proto). A method that is not
/// there is an address that is not there.
const CODES: [(&str, u16); 16] = [
    ("CANCELLED", 499),
    ("UNKNOWN", 500),
    ("INVALID_ARGUMENT", 400),
    ("DEADLINE_EXCEEDED", 504),
    ("NOT_FOUND", 404),
    ("ALREADY_EXISTS", 409),
    ("PERMISSION_DENIED", 403),
    ("RESOURCE_EXHAUSTED", 429),
    ("FAILED_PRECONDITION", 400),
    ("ABORTED", 409),
    ("OUT_OF_RANGE", 400),
    ("UNIMPLEMENTED", 404),
    ("INTERNAL", 500),
    ("UNAVAILABLE", 503),
    ("DATA_LOSS", 500),
    ("UNAUTHENTICATED", 401),
];

fn named(code: i32) -> Option<(&'static str, u16)> {
    CODES.get(usize::try_from(code).ok()?.checked_sub(1)?).copied()
}

/// A failed call's status as an HTTP status and an error body (`google.rpc.Status`); `details` are the bytes that may
/// travel beside code and message.
#[must_use]
pub fn status(code: i32, message: &str, details: &[u8]) -> (u16, Vec<u8>) {
    let mut status = Status::decode(details).unwrap_or_default();
    // What stands outside is the call's; details are free to say something else.
    status.code = code;
    if !message.is_empty() {
        message.clone_into(&mut status.message);
    }
    (named(code).map_or(500, |(_, http)| http), status.encode_to_vec())
}

/// What a failed call's status says, or what somebody before the service says in JSON.
pub(super) fn error_body(body: &[u8]) -> ErrorBody {
    if let Ok(value) = serde_json::from_slice(body) {
        return error_value(&value);
    }
    let Ok(status) = Status::decode(body) else { return ErrorBody::default() };
    let Some((name, _)) = named(status.code) else { return ErrorBody::default() };
    let reason = detail::<ErrorInfo>(&status.details, "ErrorInfo").map(|info| tame(&info.reason));
    let retry = detail::<RetryInfo>(&status.details, "RetryInfo").and_then(|info| info.retry_delay);
    #[allow(clippy::cast_precision_loss)] // what is longer than 31 days is no wait at all
    let seconds = retry.map(|delay| delay.seconds as f64 + f64::from(delay.nanos) / 1e9);
    ErrorBody {
        code: reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| name.to_owned()),
        class: name.to_owned(),
        message: tame(&status.message),
        retry_after: seconds.and_then(wait),
        behind: false,
    }
}

fn detail<M: Message + Default>(details: &[Any], kind: &str) -> Option<M> {
    let any = details.iter().find(|any| any.type_url.ends_with(kind))?;
    M::decode(any.value.as_slice()).ok()
}
