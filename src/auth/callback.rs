//! What the browser brings back: one request, or the address that a person pasted. Pure reading of untrusted text.

use super::pkce::same;
use crate::model::Secret;

/// A request that is longer than this is none of ours (bytes).
pub const LONGEST: usize = 16 << 10;

/// What may come back.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The path, with its slash.
    pub path: String,
    /// The hosts that the browser was sent to, with port.
    pub hosts: Vec<String>,
    /// The state that was sent; `None` = the path itself is the secret.
    pub state: Option<String>,
    /// The issuer that was asked (RFC 9207).
    pub issuer: Option<String>,
    /// It always names itself.
    pub named: bool,
}

/// An answer that belongs to this sign-in.
#[derive(Debug)]
pub enum Answer {
    /// The user agreed.
    Code {
        /// To be exchanged.
        code: Secret,
        /// The client that was made for this installation, where that is done.
        client_id: Option<String>,
    },
    /// Somebody said no.
    No {
        /// `access_denied` and its kin.
        code: String,
        /// What was said beside, empty if nothing.
        said: String,
    },
}

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// It is no HTTP, or too long.
    Broken,
    /// It is no GET.
    Method,
    /// It goes elsewhere.
    Path,
    /// It believes to talk to another host.
    Host,
    /// It belongs to another sign-in.
    State,
    /// It comes from another issuer than the one that was asked.
    Issuer,
    /// There is neither a code nor an error in it.
    Empty,
}

impl Away {
    /// The HTTP status for it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Path => 404,
            Self::Host => 421,
            Self::Broken | Self::State | Self::Issuer | Self::Empty => 400,
        }
    }

    /// A sentence for the page.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Broken => "This is no request that a browser makes.",
            Self::Method | Self::Path | Self::Host => "There is nothing here.",
            Self::State => {
                "This answer belongs to another sign-in. The one that was begun in the terminal still waits."
            }
            Self::Issuer => "This answer comes from another server than the one that was asked.",
            Self::Empty => "This answer holds neither a code nor an error.",
        }
    }
}

/// Whether a request's head has arrived whole.
#[must_use]
pub fn whole(head: &[u8]) -> bool {
    head.windows(4).any(|w| w == b"\r\n\r\n") || head.windows(2).any(|w| w == b"\n\n")
}

/// Reads a request's head.
///
/// # Errors
/// [`Away`].
pub fn request(head: &[u8], expected: &Expected) -> Result<Answer, Away> {
    let text = std::str::from_utf8(head).map_err(|_| Away::Broken)?;
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Away::Broken);
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Away::Broken);
    }
    let fields = lines.take_while(|line| !line.is_empty()).map(|line| line.split_once(':').ok_or(Away::Broken));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let mut hosts = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, value)| value.trim());
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(Away::Broken) };
    // A page on the net whose name was made to point here comes with its own name.
    if !expected.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)) {
        return Err(Away::Host);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if !same(path, &expected.path) {
        return Err(Away::Path);
    }
    if method != "GET" {
        return Err(Away::Method);
    }
    answer(query, expected)
}

/// Reads an address that a person copied from a browser on another machine.
///
/// # Errors
/// [`Away`].
pub fn pasted(text: &str, expected: &Expected) -> Result<Answer, Away> {
    // A terminal may put marks around what is pasted.
    let text = text.trim().trim_start_matches("\u{1b}[200~").trim_end_matches("\u{1b}[201~").trim();
    let text = text.trim_matches(['<', '>', '"', '\'']);
    let rest = text.strip_prefix("http://").ok_or(Away::Broken)?;
    let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
    let (address, query) = rest.split_once('?').ok_or(Away::Empty)?;
    let (host, path) = address.find('/').map_or((address, "/"), |at| address.split_at(at));
    if !expected.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)) {
        return Err(Away::Host);
    }
    if !same(path, &expected.path) {
        return Err(Away::Path);
    }
    answer(query, expected)
}

fn answer(query: &str, expected: &Expected) -> Result<Answer, Away> {
    const ONCE: [&str; 6] = ["code", "state", "iss", "error", "error_description", "client_id"];
    let mut found: [Option<String>; 6] = Default::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if let Some(slot) = ONCE.iter().position(|n| *n == name) {
            // RFC 6749 section 3.1: no parameter comes twice.
            if found[slot].replace(value.into_owned()).is_some() {
                return Err(Away::Broken);
            }
        }
    }
    let [code, state, issuer, error, said, client_id] = found.map(|value| value.filter(|v| !v.is_empty()));
    if let Some(expected) = &expected.state
        && !state.is_some_and(|state| same(&state, expected))
    {
        return Err(Away::State);
    }
    match (&issuer, &expected.issuer) {
        (Some(theirs), Some(ours)) if theirs != ours => return Err(Away::Issuer),
        (None, _) if expected.named => return Err(Away::Issuer),
        _ => {}
    }
    match (error, code) {
        (Some(code), _) => Ok(Answer::No { code, said: said.unwrap_or_default() }),
        (None, Some(code)) => Ok(Answer::Code { code: Secret::new(code), client_id }),
        (None, None) => Err(Away::Empty),
    }
}
