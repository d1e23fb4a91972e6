//! What a flow needs from outside: the net, the clock, and somebody to talk to. Flows print nothing themselves.

use std::time::Duration;

use super::error::SignInError;
use super::setup::Setup;
use super::token::Granted;
use crate::model::Secret;
use crate::net::Net;
use crate::vault::{Account, By, Grant};
use crate::world::{Clock, Env};

/// Whom a flow tells what it does.
pub trait Talk {
    /// The person has to visit this address; `opened` = a browser shows it already.
    fn visit(&self, url: &str, opened: bool);
    /// The person has to enter this code; `false` = the person wants to stop.
    fn code(&self, code: &Shown<'_>) -> bool;
    /// It waits for the person, so long at most.
    fn waiting(&self, left: Duration);
    /// It no longer waits.
    fn done(&self);
    /// Something worth knowing.
    fn tell(&self, text: &str);
}

/// A code to enter on any device.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Where to enter it.
    pub url: &'a str,
    /// The same address with the code in it, if there is one.
    pub whole: Option<&'a str>,
    /// The code.
    pub code: &'a str,
    /// How long it can be entered.
    pub lasts: Duration,
}

/// What every flow works with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The HTTP client.
    pub net: &'a Net,
    /// Wall time.
    pub clock: &'a Clock,
    /// The environment.
    pub env: &'a Env,
    /// Somebody to talk to.
    pub talk: &'a dyn Talk,
}

impl std::fmt::Debug for Desk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

/// What a sign-in ended with.
#[derive(Debug)]
pub struct Signed {
    /// The access token, or the key that was made; empty while it stays with another program.
    pub secret: Secret,
    /// How it is renewed; `None` = a key that stays as it is.
    pub grant: Option<Grant>,
    /// It may be used for requests.
    pub usable: bool,
    /// Who signed in, as the issuer calls them.
    pub who: Option<String>,
}

impl Signed {
    /// A key that stays as it is.
    #[must_use]
    pub const fn key(secret: Secret) -> Self {
        Self { secret, grant: None, usable: true, who: None }
    }

    /// A token and how it is renewed.
    pub(super) fn granted(
        desk: Desk<'_>,
        setup: &Setup,
        by: By,
        method: &str,
        granted: Granted,
    ) -> Result<Self, SignInError> {
        let now = desk.clock.now().as_second();
        let mut grant = Grant::new(by, method);
        grant.token_url = setup.token_url.clone().unwrap_or_default();
        grant.revoke_url.clone_from(&setup.revoke_url);
        grant.client_id.clone_from(&setup.client_id);
        grant.client_secret.clone_from(&setup.client_secret);
        grant.basic = setup.basic;
        grant.scope = granted.scope.unwrap_or_else(|| setup.scope());
        grant.params.clone_from(&setup.token_params);
        grant.headers.clone_from(&setup.headers);
        grant.lead = setup.lead;
        grant.obtained = now;
        // A token that can be renewed and does not say how long it lasts: an hour (sign-in.md).
        let lasts = granted.expires_in.or((by != By::Never).then_some(3600));
        grant.expires = lasts.map(|lasts| now.saturating_add(i64::try_from(lasts).unwrap_or(i64::MAX)));
        grant.refresh = granted.refresh;
        Ok(Self { secret: granted.access, grant: Some(grant), usable: true, who: None })
    }

    /// A token of another program, which stays where it is.
    pub(super) fn foreign(grant: Grant) -> Self {
        Self { secret: Secret::new(String::new()), grant: Some(grant), usable: true, who: None }
    }

    /// The account to store.
    #[must_use]
    pub fn account(self, name: &str, upstream: &str, provider: &str, clock: &Clock) -> Account {
        let mut account = Account::api_key(name, upstream, provider, self.secret, clock);
        account.grant = self.grant;
        account.enabled = self.usable;
        account
    }
}
