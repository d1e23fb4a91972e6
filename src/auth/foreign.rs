//! Signing in with what other programs keep: their files are read and never written.

use super::error::SignInError;
use super::method::Method;
use super::setup::Setup;
use super::talk::{Desk, Signed};
use super::{anthropic, azure, google};
use crate::model::Secret;
use crate::vault::{By, Grant};

/// Google's application default credentials: a first token, and the file that gives the next.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub async fn adc(desk: Desk<'_>, setup: &Setup, own: bool) -> Result<Signed, SignInError> {
    let hint = "run: gcloud auth application-default login, or name a service account's file in \
        GOOGLE_APPLICATION_CREDENTIALS";
    let found = google::find(desk.env).map_err(|what| SignInError::Foreign { what, hint: hint.to_owned() })?;
    let mut grant = Grant::new(By::Google, Method::Adc.name());
    grant.file = Some(found.file);
    // The usual scopes are a person's; a service account takes the broad one alone.
    grant.scope = if own { setup.scope() } else { google::SCOPE.to_owned() };
    grant.headers = found.project.map(|project| ("x-goog-user-project".to_owned(), project)).into_iter().collect();
    grant.lead = setup.lead;
    let granted = google::mint(desk.net, desk.clock, &grant).await?;
    let now = desk.clock.now().as_second();
    grant.obtained = now;
    grant.expires = Some(now.saturating_add(i64::try_from(granted.expires_in.unwrap_or(3600)).unwrap_or(i64::MAX)));
    Ok(Signed { secret: granted.access, grant: Some(grant), usable: true, who: None })
}

/// The Azure CLI's sign-in. Blocks until it answers. The token itself is for the check alone, and stays with it.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub fn az(setup: &Setup) -> Result<(Signed, Secret), SignInError> {
    let mut grant = Grant::new(By::Azure, Method::Az.name());
    let scopes: Vec<&str> = setup.scopes.iter().map(String::as_str).filter(|s| *s != "offline_access").collect();
    grant.scope = scopes.join(" ");
    grant.params = setup.tenant.iter().map(|tenant| ("tenant".to_owned(), tenant.clone())).collect();
    grant.lead = setup.lead;
    let granted = azure::read(&grant)
        .map_err(|e| SignInError::Foreign { what: e.to_string(), hint: "sign in there with: az login".to_owned() })?;
    Ok((Signed::foreign(grant), granted.access))
}

/// A profile of Anthropic's own programs. The token itself is for the check alone, and stays with it.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub fn profile(desk: Desk<'_>, setup: &Setup) -> Result<(Signed, Secret), SignInError> {
    let hint = "sign in with Anthropic's own program, or store an API key: monster login anthropic --method key";
    let failed = |what: String| SignInError::Foreign { what, hint: hint.to_owned() };
    let mut grant = Grant::new(By::Anthropic, Method::Profile.name());
    grant.file = Some(anthropic::find(desk.env).map_err(failed)?);
    grant.headers = vec![(anthropic::HEADER.0.to_owned(), anthropic::HEADER.1.to_owned())];
    grant.lead = setup.lead;
    let granted = anthropic::read(&grant, desk.clock.now().as_second()).map_err(|e| failed(e.to_string()))?;
    Ok((Signed::foreign(grant), granted.access))
}
