//! Signing in with a code that is entered on any device (RFC 8628).

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::discover::discover;
use super::error::SignInError;
use super::setup::Setup;
use super::talk::{Desk, Shown, Signed};
use super::token::{self, Granted, TokenError};
use crate::model::Secret;
use crate::vault::By;

/// The name of the grant.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Seconds between two questions, where the server names none.
const USUAL: u64 = 5;
/// Seconds that a code holds, where the server names none.
const LASTS: u64 = 900;
/// Nobody needs a code for longer (seconds).
const DAY: u64 = 86_400;
/// A server in trouble is not asked less often than this of our own accord (seconds).
const SLOWEST: u64 = 60;

/// Signs in.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub async fn device(desk: Desk<'_>, mut setup: Setup) -> Result<Signed, SignInError> {
    if setup.device_url.is_none() || setup.token_url.is_none() {
        discover(desk, &mut setup).await?;
    }
    let url = setup.address(&setup.device_url, "device_url")?;
    let token_url = setup.address(&setup.token_url, "token_url")?;
    let scope = setup.scope();
    let mut form = vec![("client_id", setup.client()?)];
    if !scope.is_empty() {
        form.push(("scope", scope.as_str()));
    }
    let code = Code::read(&token::post(desk.net, desk.clock, url, &form, None).await?)?;
    // The code holds from now on, however long the person thinks about it.
    let end = Instant::now() + Duration::from_secs(code.lasts);
    let shown = Shown {
        url: &code.url,
        whole: code.whole.as_deref(),
        code: &code.user,
        lasts: Duration::from_secs(code.lasts),
    };
    if !desk.talk.code(&shown) {
        return Err(SignInError::Stopped);
    }
    let granted = poll(desk, &setup, token_url, &code, end).await;
    desk.talk.done();
    let granted = granted?;
    let by = if granted.refresh.is_some() { By::Refresh } else { By::Never };
    Signed::granted(desk, &setup, by, "device", granted)
}

async fn poll(desk: Desk<'_>, setup: &Setup, url: &str, code: &Code, end: Instant) -> Result<Granted, SignInError> {
    let (credentials, basic) = setup.credentials();
    let mut form = vec![("grant_type", GRANT), ("device_code", code.device.expose())];
    form.extend(credentials);
    form.extend(setup.token_params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut pace = Pace::new(code.interval);
    let mut told = false;
    // A code that ran out while the endpoint was in trouble was perhaps entered in time.
    let ended = |trouble: Option<TokenError>| Err(trouble.map_or(SignInError::Expired, SignInError::from));
    loop {
        let next = Instant::now() + Duration::from_secs(pace.wait);
        while Instant::now() < next.min(end) {
            desk.talk.waiting(end - Instant::now());
            sleep_until((Instant::now() + Duration::from_secs(1)).min(next).min(end)).await;
        }
        if Instant::now() >= end {
            return ended(pace.trouble);
        }
        let asked = async { token::hear(desk.clock, url, token::form_request(desk.net, url, &form, basic)?).await };
        let heard = tokio::select! {
            heard = asked => heard,
            () = sleep_until(end) => return ended(pace.trouble),
        };
        let step = match heard {
            Ok(heard) => {
                let interval = serde_json::from_slice::<Value>(&heard.body).ok().and_then(|v| v["interval"].as_u64());
                let meaning = heard.meaning(&token::hidden(&form, basic)).and_then(token::granted);
                pace.step(heard.status, meaning, interval)
            }
            Err(error) => pace.step(0, Err(error), None),
        };
        if let Some(done) = step {
            return done;
        }
        if let (Some(trouble), false) = (&pace.trouble, told) {
            told = true;
            desk.talk.tell(&format!("{trouble}; it is asked again until the code runs out"));
        }
    }
}

/// What a device endpoint gives.
#[derive(Debug)]
struct Code {
    device: Secret,
    user: String,
    url: String,
    whole: Option<String>,
    lasts: u64,
    interval: u64,
}

impl Code {
    fn read(value: &Value) -> Result<Self, SignInError> {
        let text = |name: &str| value[name].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
        let missing = || TokenError::Unavailable("the server gives no code to enter".to_owned());
        // Some servers spell it with an l.
        let url = text("verification_uri").or_else(|| text("verification_url")).ok_or_else(missing)?;
        let visitable = |url: &String| super::setup::private(url);
        if !visitable(&url) {
            return Err(SignInError::Setting(format!("the code is to be entered at {url}, which is not encrypted")));
        }
        Ok(Self {
            device: Secret::new(text("device_code").ok_or_else(missing)?),
            user: text("user_code").ok_or_else(missing)?,
            whole: text("verification_uri_complete").filter(visitable),
            url,
            lasts: value["expires_in"].as_u64().unwrap_or(LASTS).clamp(1, DAY),
            interval: value["interval"].as_u64().unwrap_or(USUAL),
        })
    }
}

/// How often the server is asked. Knows no clock.
#[derive(Debug)]
pub(super) struct Pace {
    usual: u64,
    /// Seconds until the next question.
    pub(super) wait: u64,
    /// What the last answer was, if it was none.
    pub(super) trouble: Option<TokenError>,
}

impl Pace {
    /// As often as the server allows, but not more often than every second.
    pub(super) fn new(interval: u64) -> Self {
        let usual = interval.clamp(1, DAY);
        Self { usual, wait: usual, trouble: None }
    }

    /// Takes an answer; `None` = ask again after [`Self::wait`]. `status` is 0 when there was no answer.
    pub(super) fn step(
        &mut self,
        status: u16,
        heard: Result<Granted, TokenError>,
        interval: Option<u64>,
    ) -> Option<Result<Granted, SignInError>> {
        let error = match heard {
            Ok(granted) => return Some(Ok(granted)),
            Err(error) => error,
        };
        let trouble = status == 0 || status == 429 || status >= 500;
        match error.code() {
            _ if trouble => {
                self.trouble = Some(error);
                self.grow();
            }
            None => {
                self.trouble = Some(error);
                self.grow();
            }
            Some("authorization_pending") => {
                self.trouble = None;
                self.wait = self.usual;
            }
            Some("slow_down") => {
                self.usual = self.usual.saturating_add(5).max(interval.unwrap_or(0)).min(DAY);
                self.wait = self.usual;
            }
            Some("expired_token" | "code_expired") => return Some(Err(SignInError::Expired)),
            Some("access_denied" | "authorization_declined") => return Some(Err(SignInError::Declined)),
            Some(_) => return Some(Err(error.into())),
        }
        None
    }

    /// The growth is ours and has an end; what the server asks for is kept to, however long.
    fn grow(&mut self) {
        self.wait = self.wait.saturating_mul(2).min(SLOWEST.max(self.usual));
    }
}
