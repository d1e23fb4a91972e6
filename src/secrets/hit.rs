//! What was found.

use std::borrow::Cow;
use std::sync::Arc;

use super::mode::Mode;

/// One secret in a text. It holds no byte of the secret itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// First byte of the secret part, in the text that was given.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// What it is, in words for a person: `GitHub token`.
    pub kind: &'static str,
    /// The rule that found it: `github-token`.
    pub rule: &'static str,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// Whether a check inside the token itself holds (a CRC, a header that decodes). Never a reason to let go.
    pub checksum: bool,
    /// What stands in its place after redaction; the same for the same value.
    pub placeholder: String,
    /// Which of the user's own credentials this is, when it is one.
    pub label: Option<Arc<str>>,
    /// What happens to it.
    pub mode: Mode,
    /// A keyed fingerprint of the value, for the audit and for lists of what is allowed.
    pub fingerprint: [u8; 16],
}

/// A text and what was found in it.
#[derive(Clone, PartialEq)]
pub struct Redacted<'a> {
    /// The text that may be sent; borrowed when nothing had to change.
    pub text: Cow<'a, str>,
    /// What was found, by position in the original text; no two overlap.
    pub hits: Vec<Hit>,
}

impl std::fmt::Debug for Redacted<'_> {
    /// In mode `warn` the text still holds its secrets, so it is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redacted").field("bytes", &self.text.len()).field("hits", &self.hits).finish()
    }
}
