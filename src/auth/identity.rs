//! ID tokens: signed with RS256 by a published key, for this client, now, and in answer to this sign-in. Where no keys
//! are published, the connection to the token endpoint stands in for the signature (`OpenID` Connect Core, section
//! 3.1.3.7, point 6) and everything else holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

use super::pkce::same;

/// Clocks may differ so much (seconds).
const LEEWAY: i64 = 300;

/// What an ID token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The issuer that was asked; `None` = it has no name that we know.
    pub issuer: Option<&'a str>,
    /// The client that asked.
    pub client: &'a str,
    /// The nonce that was sent.
    pub nonce: Option<&'a str>,
    /// Seconds since 1970.
    pub now: i64,
}

/// Checks an ID token against the issuer's keys; who signed in, as the issuer calls them.
///
/// # Errors
/// A sentence that repeats nothing of the token.
pub fn verify(token: &str, keys: &Value, claim: Claim<'_>) -> Result<Option<String>, &'static str> {
    let (head, body, signature) = parts(token)?;
    let (head_value, claims) = (read(head)?, read(body)?);
    if head_value["alg"] != "RS256" {
        return Err("the ID token is not signed with RS256");
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SHAPE)?;
    let message = &token.as_bytes()[..head.len() + 1 + body.len()];
    if !signed(keys, head_value["kid"].as_str(), message, &signature) {
        return Err("none of the issuer's keys made the signature of the ID token");
    }
    holds(&claims, claim)
}

/// Checks all of an ID token but its signature; for one that came straight from the token endpoint, over TLS.
///
/// # Errors
/// As [`verify`].
pub fn direct(token: &str, claim: Claim<'_>) -> Result<Option<String>, &'static str> {
    let (_, body, _) = parts(token)?;
    holds(&read(body)?, claim)
}

const SHAPE: &str = "the ID token is none";

fn parts(token: &str) -> Result<(&str, &str, &str), &'static str> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else { return Err(SHAPE) };
    Ok((head, body, signature))
}

fn read(part: &str) -> Result<Value, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| SHAPE)?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object).ok_or(SHAPE)
}

fn holds(claims: &Value, claim: Claim<'_>) -> Result<Option<String>, &'static str> {
    if claim.issuer.is_some_and(|issuer| claims["iss"] != issuer) {
        return Err("the ID token comes from another issuer");
    }
    let audience = &claims["aud"];
    let several = audience.as_array().is_some_and(|list| list.len() > 1);
    let ours =
        audience == claim.client || audience.as_array().is_some_and(|list| list.iter().any(|a| a == claim.client));
    let party = &claims["azp"];
    if !ours || (several && party.is_null()) || !(party.is_null() || party == claim.client) {
        return Err("the ID token was made for another client");
    }
    let expires = claims["exp"].as_i64().ok_or("the ID token does not say how long it holds")?;
    if expires.saturating_add(LEEWAY) <= claim.now {
        return Err("the ID token has expired; does this machine's clock run ahead?");
    }
    if ["iat", "nbf"].iter().any(|at| claims[at].as_i64().is_some_and(|at| at.saturating_sub(LEEWAY) > claim.now)) {
        return Err("the ID token is not valid yet; does this machine's clock run behind?");
    }
    if claim.nonce.is_some_and(|nonce| !claims["nonce"].as_str().is_some_and(|theirs| same(theirs, nonce))) {
        return Err("the ID token answers another sign-in");
    }
    Ok(["email", "preferred_username", "name"].iter().find_map(|name| claims[name].as_str()).map(str::to_owned))
}

fn signed(keys: &Value, id: Option<&str>, message: &[u8], signature: &[u8]) -> bool {
    let number = |key: &Value, name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    let fits = |key: &&Value| {
        key["kty"] == "RSA"
            && (key["use"].is_null() || key["use"] == "sig")
            && (key["alg"].is_null() || key["alg"] == "RS256")
            && id.is_none_or(|id| key["kid"] == id)
    };
    keys["keys"].as_array().into_iter().flatten().filter(fits).any(|key| {
        let (Some(n), Some(e)) = (number(key, "n"), number(key, "e")) else { return false };
        RsaPublicKeyComponents { n: &n, e: &e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    })
}
