//! Why a request is not sent.

use super::hit::Hit;
use super::json::Fault;
use super::mode::Mode;

/// Why a body is not sent. What cannot be read cannot be vouched for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BodyError {
    /// Invalid UTF-8.
    #[error("the request is no UTF-8 text (byte {0})")]
    Encoding(usize),
    /// No JSON.
    #[error("the request is no JSON (byte {0})")]
    Syntax(usize),
    /// JSON that ends too early.
    #[error("the request's JSON ends too early")]
    Truncated,
    /// More than 512 levels.
    #[error("the request's JSON is nested too deeply")]
    Deep,
    /// Half a character.
    #[error("the request holds half a character (byte {0})")]
    Surrogate(usize),
    /// Secrets whose mode is `block`.
    #[error("the request holds {} and redact.mode is \"block\" for that", told(.0))]
    Blocked(Vec<Blocked>),
    /// A secret where nothing may be changed: what the provider signed, the thinking that goes with it, and the
    /// protocol's names and ids.
    #[error("the request holds a {} in {place}, where nothing can be changed; begin a new conversation", hit.kind)]
    Sealed {
        /// Where, as a JSON pointer.
        place: String,
        /// What it is.
        hit: Box<Hit>,
    },
}

impl BodyError {
    /// The secrets that it is not sent for, as the audit keeps them; none where it cannot be read.
    #[must_use]
    pub fn hits(&self) -> Vec<Hit> {
        match self {
            Self::Blocked(blocked) => blocked.iter().map(|blocked| blocked.hit.clone()).collect(),
            // Whatever its mode: nothing of it was sent.
            Self::Sealed { hit, .. } => vec![Hit { mode: Mode::Block, ..(**hit).clone() }],
            _ => Vec::new(),
        }
    }
}

/// A secret that a body is not sent for.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocked {
    /// Where, as a JSON pointer.
    pub place: String,
    /// What it is.
    pub hit: Hit,
}

/// Most that one sentence names.
const NAMED: usize = 5;

fn told(blocked: &[Blocked]) -> String {
    let mut words: Vec<String> = blocked.iter().map(|b| format!("a {} in {}", b.hit.kind, b.place)).collect();
    words.dedup();
    let more = words.len().saturating_sub(NAMED);
    words.truncate(NAMED);
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

impl From<Fault> for BodyError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax(at) => Self::Syntax(at),
            Fault::Truncated => Self::Truncated,
            Fault::Deep => Self::Deep,
            Fault::Surrogate(at) => Self::Surrogate(at),
        }
    }
}
