//! One call to a token endpoint, and what its answer means (RFC 6749 section 5; sign-in.md).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::model::Secret;
use crate::net::Net;
use crate::world::Clock;

/// A token endpoint has this long for its whole answer.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// An answer larger than this is none (bytes).
const LIMIT: usize = 1 << 20;
/// A clock that differs by more than this is told (seconds).
const SKEW: i64 = 300;

/// A token endpoint gave what was asked for.
#[derive(Clone)]
pub struct Granted {
    /// The access token.
    pub access: Secret,
    /// The next refresh token; `None` = keep the old one.
    pub refresh: Option<Secret>,
    /// Seconds from now until it expires; `None` = not said.
    pub expires_in: Option<u64>,
    /// The scopes granted, if said.
    pub scope: Option<String>,
    /// Who signed in, as a signed statement of the issuer.
    pub id_token: Option<Secret>,
    /// Everything else that was said, for flows with words of their own.
    pub other: Value,
}

impl std::fmt::Debug for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What else was said holds the tokens once more.
        write!(
            f,
            "Granted(expires in {:?}, scope {:?}, renewable {})",
            self.expires_in,
            self.scope,
            self.refresh.is_some()
        )
    }
}

/// Why there is no token. No text here holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The endpoint answered with an error of the protocol.
    #[error("{}", spelled(code, said))]
    Refused {
        /// `invalid_grant` and its kin.
        code: String,
        /// What it said beside, empty if nothing.
        said: String,
    },
    /// It could not be reached, was too slow, has trouble of its own, or answered with something else.
    #[error("{0}")]
    Unavailable(String),
}

fn spelled(code: &str, said: &str) -> String {
    if said.is_empty() { code.to_owned() } else { format!("{said} ({code})") }
}

impl TokenError {
    /// The protocol's word, if it gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Unavailable(_) => None,
        }
    }

    /// Trying again with the same grant is of no use: the user has to sign in again.
    #[must_use]
    pub fn ends(&self) -> bool {
        const END: [&str; 6] = [
            "invalid_grant",
            "interaction_required",
            "login_required",
            "consent_required",
            "bad_refresh_token",
            "refresh_token_reused",
        ];
        self.code().is_some_and(|code| END.contains(&code))
    }
}

/// Asks a token endpoint. `basic` puts the client into an `Authorization` header; `clock` tells skew.
///
/// # Errors
/// [`TokenError`].
pub async fn exchange(
    net: &Net,
    clock: &Clock,
    url: &str,
    form: &[(&str, &str)],
    basic: Option<(&str, &Secret)>,
) -> Result<Granted, TokenError> {
    let value = post(net, clock, url, form, basic).await?;
    granted(value)
}

/// Posts a form and gives the JSON object that came back, once it is no error.
///
/// # Errors
/// [`TokenError`].
pub async fn post(
    net: &Net,
    clock: &Clock,
    url: &str,
    form: &[(&str, &str)],
    basic: Option<(&str, &Secret)>,
) -> Result<Value, TokenError> {
    let request = form_request(net, url, form, basic)?;
    hear(clock, url, request).await?.meaning(&hidden(form, basic))
}

/// What no error may repeat of a call: its secrets, as they are and as they travel.
pub(super) fn hidden(form: &[(&str, &str)], basic: Option<(&str, &Secret)>) -> Vec<Secret> {
    let mut hidden = Vec::new();
    for value in form.iter().filter(|(name, _)| secret(name)).map(|(_, value)| *value) {
        hidden.extend([encoded(value), value.to_owned()]);
    }
    if let Some((id, secret)) = basic {
        let pair = format!("{}:{}", encoded(id), encoded(secret.expose()));
        hidden.extend([STANDARD.encode(pair), encoded(secret.expose()), secret.expose().to_owned()]);
    }
    hidden.into_iter().map(Secret::new).collect()
}

/// A form on its way to an endpoint.
pub(super) fn form_request(
    net: &Net,
    url: &str,
    form: &[(&str, &str)],
    basic: Option<(&str, &Secret)>,
) -> Result<reqwest::RequestBuilder, TokenError> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = client(net, url)?
        .post(url)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    Ok(match basic {
        Some((id, secret)) => request.basic_auth(encoded(id), Some(encoded(secret.expose()))),
        None => request,
    })
}

/// Sends a prepared request to an endpoint of a sign-in, and reads its JSON. `hidden` never appears in an error.
///
/// # Errors
/// [`TokenError`].
pub(super) async fn answer(
    clock: &Clock,
    url: &str,
    request: reqwest::RequestBuilder,
    hidden: &[Secret],
) -> Result<Value, TokenError> {
    hear(clock, url, request).await?.meaning(hidden)
}

/// What an endpoint said, before anybody judged it.
pub struct Heard {
    /// Whom we asked.
    pub host: String,
    /// HTTP status.
    pub status: u16,
    /// A sentence when the clocks differ much.
    pub skew: Option<String>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Heard(status {} from {}, {} bytes)", self.status, self.host, self.body.len())
    }
}

/// Sends a prepared request and takes whatever comes back.
pub(super) async fn hear(clock: &Clock, url: &str, request: reqwest::RequestBuilder) -> Result<Heard, TokenError> {
    hear_within(PATIENCE, clock, url, request).await
}

/// The same, with a patience of one's own.
pub(super) async fn hear_within(
    patience: Duration,
    clock: &Clock,
    url: &str,
    request: reqwest::RequestBuilder,
) -> Result<Heard, TokenError> {
    let host = host(url);
    let broken = |why: &str| TokenError::Unavailable(format!("{host} {why}"));
    let whole = async {
        let mut response = request.send().await.map_err(|e| broken(&format!("cannot be reached ({})", root(&e))))?;
        let mut body = Vec::new();
        while let Some(piece) =
            response.chunk().await.map_err(|e| broken(&format!("broke off its answer ({})", root(&e))))?
        {
            body.extend_from_slice(&piece);
            if body.len() > LIMIT {
                return Err(broken("answers with more than any token needs"));
            }
        }
        Ok((response.status().as_u16(), skew(clock, response.headers()), body))
    };
    let (status, skew, body) = match tokio::time::timeout(patience, whole).await {
        Ok(done) => done?,
        Err(_) => return Err(broken(&format!("did not answer within {} s", patience.as_secs()))),
    };
    Ok(Heard { host, status, skew, body })
}

impl Heard {
    /// The JSON object that came back, once it is no error. `hidden` never appears in an error.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn meaning(&self, hidden: &[Secret]) -> Result<Value, TokenError> {
        let broken = |why: &str| TokenError::Unavailable(format!("{} {why}", self.host));
        let mask = |text: &str| {
            let hidden = hidden.iter().map(Secret::expose).filter(|h| h.len() > 3);
            let masked = hidden.fold(text.to_owned(), |t, h| t.replace(h, "(hidden)"));
            masked.chars().filter(|c| !c.is_control()).take(400).collect::<String>()
        };
        let value = serde_json::from_slice::<Value>(&self.body).ok().filter(Value::is_object);
        // GitHub answers its errors with 200; OpenRouter's errors are objects.
        let error = value.as_ref().and_then(|value| {
            let (error, status) = (&value["error"], self.status.to_string());
            let said = value["error_description"].as_str();
            match (error.as_str(), error["message"].as_str()) {
                (Some(code), _) => Some((code.to_owned(), said.unwrap_or_default().to_owned())),
                (None, Some(message)) => {
                    Some((error["code"].as_str().unwrap_or(&status).to_owned(), message.to_owned()))
                }
                _ => None,
            }
        });
        if let Some((code, said)) = error {
            let mut said = mask(&said);
            if let Some(skew) = &self.skew {
                said.push_str(&format!("; {skew}"));
            }
            return Err(TokenError::Refused { code: mask(&code), said });
        }
        match (self.status, value) {
            (200..=299, Some(value)) => Ok(value),
            (200..=299, None) => Err(broken("answers with something that is no JSON object: is the address right?")),
            (300..=399, _) => Err(broken("sends us elsewhere, which is not followed: is the address right?")),
            (404 | 405, _) => Err(broken(&format!("knows no such address (status {})", self.status))),
            (status, _) => Err(broken(&format!("answers with status {status}"))),
        }
    }
}

/// The client for an address of a sign-in.
pub(super) fn client(net: &Net, url: &str) -> Result<reqwest::Client, TokenError> {
    net.client_for(url).map_err(|e| TokenError::Unavailable(e.to_string()))
}

/// Reads a successful answer.
///
/// # Errors
/// [`TokenError`] when there is no token in it.
pub fn granted(value: Value) -> Result<Granted, TokenError> {
    let text = |name: &str| value[name].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let broken = |why: &str| TokenError::Unavailable(why.to_owned());
    let access = text("access_token").ok_or_else(|| broken("the token endpoint's answer holds no access token"))?;
    if access.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        return Err(broken("the token endpoint's answer holds an access token that no header could carry"));
    }
    // Some servers write the number as a text.
    let expires_in = value["expires_in"].as_u64().or_else(|| value["expires_in"].as_str()?.parse().ok());
    Ok(Granted {
        access: Secret::new(access),
        refresh: text("refresh_token").map(Secret::new),
        expires_in,
        scope: text("scope"),
        id_token: text("id_token").map(Secret::new),
        other: value,
    })
}

/// Parameters whose values are secret.
fn secret(name: &str) -> bool {
    ["client_secret", "refresh_token", "code", "code_verifier", "device_code", "assertion", "client_assertion", "token"]
        .contains(&name)
}

/// A sentence when the machine's clock and the endpoint's differ much.
fn skew(clock: &Clock, headers: &reqwest::header::HeaderMap) -> Option<String> {
    let date = headers.get("date")?.to_str().ok()?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
    let off = clock.now().as_second() - theirs;
    (off.abs() > SKEW).then(|| {
        let way = if off > 0 { "ahead of" } else { "behind" };
        format!("this machine's clock is {} min {way} the server's", off.abs() / 60)
    })
}

fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_else(|| "the server".to_owned())
}

/// RFC 6749 section 2.3.1: the parts of the header are form-encoded first.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The innermost cause; the outer ones repeat the address, which may hold a code.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::eq(cause, error as &dyn std::error::Error) {
        "no reason was given".to_owned()
    } else {
        cause.to_string()
    }
}
