//! Giving a sign-in back (RFC 7009).

use super::token::{self, TokenError};
use crate::model::Secret;
use crate::net::Net;
use crate::vault::{By, Grant};
use crate::world::Clock;

/// Asks the server to forget the sign-in: its refresh token, else its `access` token; `false` where there is no way to
/// say so. What belongs to another program is left alone.
///
/// # Errors
/// [`TokenError`]: the server may still take the token.
pub async fn revoke(net: &Net, clock: &Clock, access: &Secret, grant: &Grant) -> Result<bool, TokenError> {
    let (Some(url), By::Refresh | By::Client | By::Never) = (&grant.revoke_url, grant.by) else { return Ok(false) };
    let (token, hint) = match &grant.refresh {
        Some(refresh) => (refresh, "refresh_token"),
        None => (access, "access_token"),
    };
    if token.is_empty() {
        return Ok(false);
    }
    let mut form = vec![("token", token.expose()), ("token_type_hint", hint)];
    let id = grant.client_id.as_deref();
    let basic = match (&grant.client_secret, id) {
        (Some(secret), Some(id)) if grant.basic => Some((id, secret)),
        (secret, id) => {
            form.extend(id.map(|id| ("client_id", id)));
            form.extend(secret.as_ref().map(|secret| ("client_secret", secret.expose())));
            None
        }
    };
    let heard = token::hear(clock, url, token::form_request(net, url, &form, basic)?).await?;
    // Success has an empty body, or one that means nothing.
    if (200..=299).contains(&heard.status) {
        return Ok(true);
    }
    heard.meaning(&token::hidden(&form, basic)).map(|_| true)
}
