//! `[upstreams.NAME.oauth]`: how to sign in at an entry. Addresses and names; a secret never stands here.

use toml::de::DeValue;

/// What the user's settings say about signing in; what is left out comes from the preset or from discovery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OauthRow {
    /// What to start from, for example `entra`.
    pub preset: Option<String>,
    /// The user's own client.
    pub client_id: Option<String>,
    /// The environment variable that holds the client's secret.
    pub client_secret_env: Option<String>,
    /// The directory to sign in to, where the preset has such.
    pub tenant: Option<String>,
    /// Host of another cloud, where the preset has several.
    pub authority: Option<String>,
    /// Where the endpoints are published.
    pub issuer: Option<String>,
    /// Where the browser goes.
    pub authorize_url: Option<String>,
    /// Where tokens are asked for.
    pub token_url: Option<String>,
    /// Where device codes are asked for.
    pub device_url: Option<String>,
    /// Where tokens are given back.
    pub revoke_url: Option<String>,
    /// What the token is for.
    pub scopes: Option<Vec<String>>,
    /// Where the browser comes back to, as the client registered it; without a port any free one.
    pub redirect: Option<String>,
    /// More parameters of the browser's address.
    pub params: Vec<(String, String)>,
    /// More parameters of token calls.
    pub token_params: Vec<(String, String)>,
    /// Seconds before its end at which a token is renewed.
    pub lead: Option<u32>,
    /// The client's secret travels in an `Authorization: Basic` header.
    pub basic: Option<bool>,
}

/// Every setting of an `oauth` table, for the schema.
pub(super) const TEXTS: [&str; 11] = [
    "preset",
    "client_id",
    "client_secret_env",
    "tenant",
    "authority",
    "issuer",
    "authorize_url",
    "token_url",
    "device_url",
    "revoke_url",
    "redirect",
];

/// Reads the table; the error says what is wrong with it.
pub(super) fn oauth(value: &DeValue<'_>) -> Result<OauthRow, String> {
    let table = value.as_table().ok_or("oauth takes a table")?;
    let mut out = OauthRow::default();
    for (key, value) in table.iter() {
        let (key, value) = (key.get_ref().as_ref(), value.get_ref());
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| format!("oauth.{key} takes a text"));
        match key {
            "preset" => out.preset = Some(text()?),
            "client_id" => out.client_id = Some(text()?),
            "client_secret_env" => out.client_secret_env = Some(text()?),
            "tenant" => out.tenant = Some(word(key, text()?)?),
            "authority" => out.authority = Some(word(key, text()?)?),
            "issuer" => out.issuer = Some(address(key, text()?)?),
            "authorize_url" => out.authorize_url = Some(address(key, text()?)?),
            "token_url" => out.token_url = Some(address(key, text()?)?),
            "device_url" => out.device_url = Some(address(key, text()?)?),
            "revoke_url" => out.revoke_url = Some(address(key, text()?)?),
            "redirect" => out.redirect = Some(text()?),
            "scopes" => out.scopes = Some(scopes(value)?),
            "params" => out.params = pairs(key, value)?,
            "token_params" => out.token_params = pairs(key, value)?,
            "lead" => {
                let n = value.as_integer().and_then(|n| n.as_str().replace('_', "").parse().ok());
                out.lead = Some(n.filter(|n| *n <= 86_400).ok_or("oauth.lead takes a number of seconds")?);
            }
            "basic" => out.basic = Some(value.as_bool().ok_or("oauth.basic takes true or false")?),
            "client_secret" => {
                return Err("a secret has no place in settings: name a variable with oauth.client_secret_env, or let \
                    monster login ask for it"
                    .to_owned());
            }
            other => return Err(format!("there is no setting \"{other}\" for oauth")),
        }
    }
    Ok(out)
}

/// A word that becomes a part of an address.
fn word(key: &str, text: String) -> Result<String, String> {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    if plain { Ok(text) } else { Err(format!("oauth.{key} takes a name without slashes or spaces")) }
}

fn address(key: &str, text: String) -> Result<String, String> {
    let plain = text.starts_with("https://") || text.starts_with("http://");
    if plain { Ok(text) } else { Err(format!("oauth.{key} takes an address that begins with https://")) }
}

fn scopes(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let wrong = || "oauth.scopes takes a list of texts".to_owned();
    let list = value.as_array().ok_or_else(wrong)?;
    list.iter().map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

fn pairs(key: &str, value: &DeValue<'_>) -> Result<Vec<(String, String)>, String> {
    // What a flow sets itself would be sent twice, and a secret would stand in a file.
    const OURS: [&str; 16] = [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "grant_type",
        "code",
        "code_verifier",
        "client_secret",
        "refresh_token",
        "device_code",
        "assertion",
        "client_assertion",
        "password",
    ];
    let table = value.as_table().ok_or_else(|| format!("oauth.{key} takes a table of texts"))?;
    let one = |name: &str, value: &DeValue<'_>| {
        if OURS.contains(&name) {
            return Err(format!("oauth.{key} may not set {name}"));
        }
        let value = value.as_str().ok_or_else(|| format!("oauth.{key} takes a table of texts"))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    table.iter().map(|(name, value)| one(name.get_ref(), value.get_ref())).collect()
}
