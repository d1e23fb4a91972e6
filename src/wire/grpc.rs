//! What all gRPC services have in common: messages behind prefixes of five bytes, and a status at the end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{Buf, BytesMut};
use prost::Message;

use super::ErrorBody;
use super::json::{error_value, tame, wait};
use super::proto::rpc::{Any, Duration, ErrorInfo, RetryInfo, Status};
use super::reply::called;
use crate::model::{Failure, short};

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

/// The code of whatever has no better one.
const UNKNOWN: i32 = 2;

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
        blamed: (None, None),
        code: reason.filter(|reason| !reason.is_empty()).unwrap_or_else(|| name.to_owned()),
        class: name.to_owned(),
        message: tame(&status.message),
        retry_after: seconds.and_then(wait),
        behind: false,
    }
}

/// How a call ended, as the headers that follow its messages or stand in their place: status, sentence and details, among
/// them when to come back (xai.md, "gRPC").
#[must_use]
pub fn trailers(failure: Option<&Failure>) -> Vec<(String, String)> {
    let header = |name: &str, value: String| (format!("grpc-{name}"), value);
    let Some(failure) = failure else { return vec![header("status", "0".to_owned())] };
    let called = called(failure.kind);
    let code = CODES.iter().zip(1..).find(|((name, _), _)| *name == called.google).map_or(UNKNOWN, |(_, code)| code);
    let message = short(&failure.message);
    let wait = failure.retry_after.map(|wait| Duration {
        seconds: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(wait.subsec_nanos()).unwrap_or_default(),
    });
    let (_, reason) = called.openai;
    let details: Vec<Any> = [
        wait.map(|wait| any("RetryInfo", &RetryInfo { retry_delay: Some(wait) })),
        reason.map(|reason| any("ErrorInfo", &ErrorInfo { reason: reason.to_ascii_uppercase() })),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut out = vec![header("status", code.to_string()), header("message", escaped(&message))];
    if !details.is_empty() {
        let status = Status { code, message, details }.encode_to_vec();
        out.push(header("status-details-bin", STANDARD_NO_PAD.encode(status)));
    }
    out
}

fn any(kind: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/google.rpc.{kind}"), value: message.encode_to_vec() }
}

/// A sentence as a header holds it: what is no plain ASCII is escaped byte by byte.
fn escaped(message: &str) -> String {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'%';
    message.bytes().fold(String::new(), |mut out, byte| {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

fn detail<M: Message + Default>(details: &[Any], kind: &str) -> Option<M> {
    let any = details.iter().find(|any| any.type_url.ends_with(kind))?;
    M::decode(any.value.as_slice()).ok()
}
