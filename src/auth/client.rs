//! Signing in as a program: client credentials (RFC 6749 section 4.4).

use super::discover::discover;
use super::error::SignInError;
use super::setup::Setup;
use super::talk::{Desk, Signed};
use super::token;
use crate::vault::By;

/// Signs in.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub async fn client(desk: Desk<'_>, mut setup: Setup) -> Result<Signed, SignInError> {
    if setup.token_url.is_none() {
        discover(desk, &mut setup).await?;
    }
    setup.client()?;
    if setup.client_secret.is_none() {
        return Err(SignInError::Missing {
            what: format!("signing in to {} as a program takes the client's secret", setup.label),
            hint: "give it on standard input with --stdin, or name a variable with \
                upstreams.NAME.oauth.client_secret_env"
                .to_owned(),
        });
    }
    // It is for people, and some servers refuse it here.
    setup.scopes.retain(|scope| scope != "offline_access" && scope != "openid");
    let scope = setup.scope();
    let url = setup.address(&setup.token_url, "token_url")?;
    let (credentials, basic) = setup.credentials();
    let mut form = vec![("grant_type", "client_credentials")];
    if !scope.is_empty() {
        form.push(("scope", &scope));
    }
    form.extend(credentials);
    form.extend(setup.token_params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut granted = token::exchange(desk.net, desk.clock, url, &form, basic).await?;
    // The client's own secret gets the next one.
    granted.refresh = None;
    Signed::granted(desk, &setup, By::Client, "client", granted)
}
