//! Signing in as the machine or the workload that monster runs in: Azure's managed identities, and the identity tokens of
//! others that Anthropic takes (sign-in.md, "Azure Entra" and "Anthropic"). Nobody is asked, and tokens are fetched anew.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::error::SignInError;
use super::method::Method;
use super::setup::Setup;
use super::talk::{Desk, Signed};
use super::token::{self, Granted, TokenError, answer};
use super::{anthropic, token::client};
use crate::model::Secret;
use crate::net::{METADATA, Net};
use crate::vault::{By, Grant};
use crate::world::{Clock, Env, files};

/// The path of the machine's own token endpoint below another host than the usual one.
const PATH: &str = "/metadata/identity/oauth2/token";
/// An identity token that is larger is none (bytes; read in the source of the SDK, anthropic 2.14.0).
const LIMIT: u64 = 16 << 10;
/// What the exchange of an identity token has to say.
const EXCHANGE: &str = "oauth-2025-04-20,oidc-federation-2026-04-01";
/// Variables for the exchange: what they hold, whether it is needed, and its name there.
const FEDERATION: [(&str, bool, &str); 4] = [
    ("ANTHROPIC_FEDERATION_RULE_ID", true, "federation_rule_id"),
    ("ANTHROPIC_ORGANIZATION_ID", true, "organization_id"),
    ("ANTHROPIC_SERVICE_ACCOUNT_ID", false, "service_account_id"),
    ("ANTHROPIC_WORKSPACE_ID", false, "workspace_id"),
];
/// The identity token itself.
const TOKEN: &str = "ANTHROPIC_IDENTITY_TOKEN";
/// A file that holds it; it may be written anew at any time.
const TOKEN_FILE: &str = "ANTHROPIC_IDENTITY_TOKEN_FILE";

/// Variables that hold secrets of the flows here.
pub(super) const SECRET: [&str; 2] = ["IDENTITY_HEADER", TOKEN];

/// The managed identity of the machine or the app service that this runs on.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub async fn managed(desk: Desk<'_>, setup: &Setup) -> Result<Signed, SignInError> {
    let mut grant = Grant::new(By::Machine, Method::Managed.name());
    let scopes: Vec<&str> = setup.scopes.iter().map(String::as_str).filter(|s| *s != "offline_access").collect();
    grant.scope = scopes.join(" ");
    grant.client_id.clone_from(&setup.identity);
    grant.lead = setup.lead;
    let granted = machine_token(desk.net, desk.clock, desk.env, &grant).await.map_err(|error| match error {
        TokenError::Unavailable(what) => SignInError::Foreign {
            what,
            hint: "this works only on a machine of Azure's that has an identity; of several, name one with --client-id"
                .to_owned(),
        },
        refused @ TokenError::Refused { .. } => refused.into(),
    })?;
    Ok(signed(desk.clock, grant, granted))
}

/// An identity token of this workload, exchanged for one of Anthropic's.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub async fn federation(desk: Desk<'_>, setup: &Setup) -> Result<Signed, SignInError> {
    let mut grant = Grant::new(By::Federation, Method::Federation.name());
    grant.token_url = setup.address(&setup.token_url, "token_url")?.to_owned();
    let there = |name: &str| desk.env.get(name).map(str::trim).filter(|said| !said.is_empty());
    for (name, needed, field) in FEDERATION {
        match there(name) {
            Some(said) => grant.params.push((field.to_owned(), said.to_owned())),
            None if needed => return Err(missing(name)),
            None => {}
        }
    }
    grant.file = there(TOKEN_FILE).map(|path| desk.env.cwd().join(path));
    if grant.file.is_none() && there(TOKEN).is_none() {
        return Err(missing(TOKEN_FILE));
    }
    grant.headers = vec![(anthropic::HEADER.0.to_owned(), anthropic::HEADER.1.to_owned())];
    grant.lead = setup.lead;
    let granted = federated_token(desk.net, desk.clock, desk.env, &grant).await?;
    Ok(signed(desk.clock, grant, granted))
}

fn missing(name: &str) -> SignInError {
    SignInError::Missing {
        what: format!("{name} is not set"),
        hint: "federation takes the ids of a rule and of your organization, and an identity token: \
            ANTHROPIC_FEDERATION_RULE_ID, ANTHROPIC_ORGANIZATION_ID, ANTHROPIC_IDENTITY_TOKEN_FILE"
            .to_owned(),
    }
}

fn signed(clock: &Clock, mut grant: Grant, granted: Granted) -> Signed {
    let now = clock.now().as_second();
    grant.obtained = now;
    grant.expires = Some(now.saturating_add_unsigned(granted.expires_in.unwrap_or(3600)));
    Signed { secret: granted.access, grant: Some(grant), usable: true, who: None }
}

/// A token for the grant's scope from the machine itself. What the environment says counts anew each time: an app service
/// gets another address and another word with each start.
pub(super) async fn machine_token(net: &Net, clock: &Clock, env: &Env, grant: &Grant) -> Result<Granted, TokenError> {
    let resource = grant.scope.strip_suffix("/.default").unwrap_or(&grant.scope);
    let there = |name: &str| env.get(name).filter(|said| !said.is_empty());
    let service = there("IDENTITY_ENDPOINT").zip(there("IDENTITY_HEADER"));
    let version = if service.is_some() { "2019-08-01" } else { "2018-02-01" };
    let mut query = vec![("api-version", version), ("resource", resource)];
    query.extend(grant.client_id.as_deref().map(|id| ("client_id", id)));
    let host = there("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let (url, header) = match (service, host) {
        (Some((url, word)), _) => (url.to_owned(), ("x-identity-header", word)),
        (None, Some(host)) => (format!("{}{PATH}", host.trim_end_matches('/')), ("metadata", "true")),
        (None, None) => (METADATA.to_owned(), ("metadata", "true")),
    };
    let request = net.metadata(&url, &query).map_err(|e| TokenError::Unavailable(e.to_string()))?;
    let request = request.header(header.0, header.1);
    let hidden: Vec<Secret> = service.map(|(_, word)| Secret::new(word.to_owned())).into_iter().collect();
    let value = answer(clock, &url, request, &hidden).await?;
    let until = number(&value["expires_on"]);
    let mut granted = token::granted(value)?;
    let now = clock.now().as_second();
    // Of the two ways to say how long it lasts an app service has one.
    // A moment that has gone by is no life at all, and not one of unknown length.
    let left = |until: i64| u64::try_from(until.saturating_sub(now)).unwrap_or(0);
    granted.expires_in = granted.expires_in.or_else(|| until.map(left));
    Ok(Granted { refresh: None, ..granted })
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A token of Anthropic's for the identity token as it is now.
pub(super) async fn federated_token(net: &Net, clock: &Clock, env: &Env, grant: &Grant) -> Result<Granted, TokenError> {
    let identity = identity(env, grant.file.as_ref())?;
    let mut body =
        json!({ "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": identity.expose() });
    for (name, value) in &grant.params {
        body[name] = json!(value);
    }
    let request = client(net, &grant.token_url)?
        .post(&grant.token_url)
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header(anthropic::HEADER.0, EXCHANGE)
        .body(body.to_string());
    let value = answer(clock, &grant.token_url, request, &[identity]).await?;
    Ok(Granted { refresh: None, ..token::granted(value)? })
}

fn identity(env: &Env, file: Option<&PathBuf>) -> Result<Secret, TokenError> {
    let broken = TokenError::Unavailable;
    let text = match file {
        Some(file) => {
            let bytes = files::read_bounded(file, LIMIT)
                .map_err(|e| broken(format!("{} cannot be read: {e}", file.display())))?;
            String::from_utf8(bytes).map_err(|_| broken(format!("{} holds no identity token", file.display())))?
        }
        None => env.get(TOKEN).unwrap_or_default().to_owned(),
    };
    let text = text.trim();
    let fits = !text.is_empty() && text.len() as u64 <= LIMIT && text.bytes().all(|b| b.is_ascii_graphic());
    if fits { Ok(Secret::new(text.to_owned())) } else { Err(broken("there is no identity token".to_owned())) }
}
