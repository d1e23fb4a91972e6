//! Published endpoints: `OpenID` Connect Discovery, else RFC 8414.

use serde_json::Value;
use url::Url;

use super::error::SignInError;
use super::setup::{Setup, private};
use super::talk::Desk;
use super::token::{self, TokenError};

/// Fills in what the issuer publishes; what the user's settings say stays.
pub(super) async fn discover(desk: Desk<'_>, setup: &mut Setup) -> Result<(), SignInError> {
    let Some(issuer) = setup.issuer.clone() else { return Ok(()) };
    let document = fetch(desk, &issuer).await?;
    // Whoever could publish for another issuer could send users and codes anywhere.
    let theirs = document["issuer"].as_str().unwrap_or_default();
    if theirs.trim_end_matches('/') != issuer.trim_end_matches('/') {
        return Err(SignInError::Discovery(format!("{issuer} publishes endpoints of another issuer ({theirs})")));
    }
    theirs.clone_into(setup.issuer.insert(String::new()));
    let address = |name: &str| match document[name].as_str() {
        Some(url) if private(url) => Ok(Some(url.to_owned())),
        Some(url) => Err(SignInError::Discovery(format!("{issuer} publishes a {name} that is not encrypted: {url}"))),
        None => Ok(None),
    };
    for (slot, name) in [
        (&mut setup.authorize_url, "authorization_endpoint"),
        (&mut setup.token_url, "token_endpoint"),
        (&mut setup.device_url, "device_authorization_endpoint"),
        (&mut setup.revoke_url, "revocation_endpoint"),
        (&mut setup.keys_url, "jwks_uri"),
    ] {
        if slot.is_none() {
            *slot = address(name)?;
        }
    }
    setup.names_itself = document["authorization_response_iss_parameter_supported"] == true;
    let methods = document["code_challenge_methods_supported"].as_array();
    if methods.is_some_and(|methods| methods.iter().all(|m| m != super::pkce::METHOD)) {
        return Err(SignInError::Discovery(format!(
            "{issuer} does not take the S256 challenge, and monster sends no other"
        )));
    }
    Ok(())
}

async fn fetch(desk: Desk<'_>, issuer: &str) -> Result<Value, SignInError> {
    let mut last = None;
    for url in places(issuer).map_err(SignInError::Discovery)? {
        match get(desk, &url).await {
            Ok(document) => return Ok(document),
            Err(error) => last = last.or(Some(error)),
        }
    }
    let why = last.map(|e| e.to_string()).unwrap_or_default();
    Err(SignInError::Discovery(format!("{issuer} does not tell where to sign in: {why}")))
}

/// The two well-known places, in the order they are asked.
pub(super) fn places(issuer: &str) -> Result<[String; 2], String> {
    let url = Url::parse(issuer).ok().filter(|u| u.query().is_none() && u.fragment().is_none());
    let url =
        url.filter(|_| private(issuer)).ok_or_else(|| format!("{issuer} is no issuer: it takes an https address"))?;
    let path = url.path().trim_end_matches('/');
    let origin = url.origin().ascii_serialization();
    Ok([
        format!("{origin}{path}/.well-known/openid-configuration"),
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
    ])
}

/// A JSON object by GET.
pub(super) async fn get(desk: Desk<'_>, url: &str) -> Result<Value, TokenError> {
    let request = token::client(desk.net, url)?.get(url).header("accept", "application/json");
    token::answer(desk.clock, url, request, &[]).await
}
