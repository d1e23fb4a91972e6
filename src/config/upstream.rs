//! Entries under `upstreams`: a provider plus settings. An OpenAI-compatible endpoint is a few of these lines.

use toml::de::DeValue;

use super::oauth::{OauthRow, oauth};
use super::served::{UpstreamModel, models};
use super::strategy::{Strategy, WORDS};
use crate::model::{Dialect, TWEAKS, Via};

/// Seconds.
const DAY: u64 = 86_400;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamRow {
    /// The user's name for it.
    pub name: String,
    /// Provider id; `generic` when left out, which for an entry without an address means the provider of its name.
    pub provider: String,
    /// Nobody names its provider.
    pub unnamed: bool,
    /// Address; the provider's own when left out.
    pub base_url: Option<String>,
    /// Dialect, if the provider's choice is not wanted.
    pub dialect: Option<Dialect>,
    /// `bearer`, `none`, or a header's name; `None` = the provider's way.
    pub auth: Option<String>,
    /// The environment variable that holds its key, beside the provider's own.
    pub key_env: Option<String>,
    /// The customer's project, where the provider has such.
    pub project: Option<String>,
    /// Where it is served from, where the customer chooses.
    pub location: Option<String>,
    /// Headers to add.
    pub headers: Vec<(String, String)>,
    /// Query parameters to add.
    pub query: Vec<(String, String)>,
    /// Where it is called (`{model}` stands for the model) and where it lists its models, below its address; `None` = as
    /// its dialect has it.
    pub paths: Paths,
    /// How its spelling differs from its provider's: names of [`TWEAKS`], and values.
    pub quirks: Vec<(String, String)>,
    /// Models it serves.
    pub models: Vec<UpstreamModel>,
    /// It runs on this machine and costs nothing; `None` = as its provider and its address are.
    pub local: Option<bool>,
    /// Which of its accounts is asked first; `None` = as `accounts.strategy` says.
    pub strategy: Option<Strategy>,
    /// How it is reached, where that differs from `net`.
    pub via: Via,
    /// How to sign in there, beside a key.
    pub oauth: Option<OauthRow>,
    /// gRPC services whose calls `monster serve` passes on to it; a `*` at the end is any text.
    pub pass: Vec<String>,
}

/// Places below an upstream's address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paths {
    /// Where it is called.
    pub call: Option<String>,
    /// Where its models are listed.
    pub models: Option<String>,
}

/// Reads one entry; the error says what is wrong with it.
pub(super) fn row(name: &str, value: &DeValue<'_>) -> Result<UpstreamRow, String> {
    let table = value.as_table().ok_or("a table is expected")?;
    if name.is_empty() || name.contains(['/', ',', ' ']) {
        return Err("its name may not hold spaces, commas or slashes".to_owned());
    }
    let (own, provider) = (name.to_owned(), "generic".to_owned());
    let mut out = UpstreamRow { name: own, provider, unnamed: true, ..UpstreamRow::default() };
    for (key, value) in table.iter() {
        let value = value.get_ref();
        match key.get_ref().as_ref() {
            "provider" => (out.provider, out.unnamed) = (text(value, "provider")?, false),
            "base_url" => {
                let url = text(value, "base_url")?;
                if url.contains(['?', '#']) {
                    return Err("base_url ends before ? and #: what goes with every request stands in query".to_owned());
                }
                out.base_url = Some(url.trim_end_matches('/').to_owned());
            }
            "dialect" => {
                let given = text(value, "dialect")?;
                out.dialect =
                    Some(Dialect::parse(&given).ok_or_else(|| {
                        format!("dialect takes one of {}", Dialect::ALL.map(Dialect::name).join(", "))
                    })?);
            }
            "auth" => out.auth = Some(text(value, "auth")?),
            "key_env" => out.key_env = Some(text(value, "key_env")?),
            "local" => out.local = Some(value.as_bool().ok_or("local takes true or false")?),
            "project" => out.project = Some(word(value, "project")?),
            "location" => out.location = Some(word(value, "location")?),
            "headers" => out.headers = pairs(value, "headers")?,
            "query" => out.query = pairs(value, "query")?,
            "models" => out.models = models(value)?,
            "paths" => out.paths = paths(value)?,
            "quirks" => out.quirks = quirks(value)?,
            "strategy" => {
                let word = Strategy::parse(&text(value, "strategy")?);
                out.strategy = Some(word.ok_or_else(|| format!("strategy takes one of {}", WORDS.join(", ")))?);
            }
            "proxy" => {
                out.via.proxy = Some(text(value, "proxy")?).filter(|proxy| super::proxy::fits(proxy));
                if out.via.proxy.is_none() {
                    return Err("proxy takes a URL such as \"socks5h://127.0.0.1:9050\", or \"none\"".to_owned());
                }
            }
            "ca_file" => out.via.ca_file = Some(text(value, "ca_file")?),
            name @ "connect_timeout" => out.via.connect_timeout = Some(seconds(value, name, 600)?),
            name @ "first_byte_timeout" => out.via.first_byte_timeout = Some(seconds(value, name, DAY)?),
            name @ "idle_timeout" => out.via.idle_timeout = Some(seconds(value, name, DAY)?),
            "oauth" => out.oauth = Some(oauth(value)?),
            "pass" => out.pass = services(value)?,
            other => return Err(format!("there is no setting \"{other}\" for an upstream")),
        }
    }
    let secret_header = |name: &str| {
        matches!(
            name.to_ascii_lowercase().as_str(),
            "authorization" | "x-api-key" | "api-key" | "x-goog-api-key" | "cookie"
        )
    };
    if let Some((header, _)) = out.headers.iter().find(|(n, _)| secret_header(n)) {
        return Err(format!("the header {header} carries a secret; store it with: monster login {name}"));
    }
    Ok(out)
}

pub(super) fn text(value: &DeValue<'_>, key: &str) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} takes a text"))
}

/// A word that becomes a part of an address.
fn word(value: &DeValue<'_>, key: &str) -> Result<String, String> {
    let given = text(value, key)?;
    let fits = !given.is_empty() && given.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c));
    if fits { Ok(given) } else { Err(format!("{key} takes a name without slashes or spaces")) }
}

fn seconds(value: &DeValue<'_>, key: &str, most: u64) -> Result<u64, String> {
    let number: Option<u64> = value.as_integer().and_then(|n| n.as_str().replace('_', "").parse().ok());
    number.filter(|n| (1..=most).contains(n)).ok_or_else(|| format!("{key} takes seconds, 1 to {most}"))
}

/// Names of services, `package.Service`, or their beginning and `*`.
fn services(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let wrong = "pass takes a list of services such as \"acme.v1.Search\" or \"acme.*\"";
    let list = value.as_array().ok_or(wrong)?;
    let one = |item: &toml::Spanned<DeValue<'_>>| {
        let text = item.get_ref().as_str().ok_or(wrong)?;
        let bare = text.strip_suffix('*').unwrap_or(text);
        let fits = !text.is_empty() && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b));
        if fits { Ok(text.to_owned()) } else { Err(wrong.to_owned()) }
    };
    list.iter().map(one).collect()
}

fn pairs(value: &DeValue<'_>, key: &str) -> Result<Vec<(String, String)>, String> {
    let table = value.as_table().ok_or_else(|| format!("{key} takes a table of texts"))?;
    table.iter().map(|(k, v)| Ok((k.get_ref().to_string(), text(v.get_ref(), key)?))).collect()
}

fn paths(value: &DeValue<'_>) -> Result<Paths, String> {
    let mut out = Paths::default();
    for (name, path) in pairs(value, "paths")? {
        if !path.starts_with('/') || path.contains(['?', '#']) || path.contains(char::is_whitespace) {
            return Err(format!("paths.{name} takes a path such as \"/v2/chat\""));
        }
        match name.as_str() {
            "call" => out.call = Some(path),
            "models" => out.models = Some(path),
            _ => return Err(format!("there is no path \"{name}\"; there are call and models")),
        }
    }
    Ok(out)
}

fn quirks(value: &DeValue<'_>) -> Result<Vec<(String, String)>, String> {
    let table = value.as_table().ok_or("quirks takes a table such as { strict = true }")?;
    let one = |name: &str, value: &DeValue<'_>| {
        let spelled = match value {
            DeValue::Boolean(on) if name != TWEAKS[0] => on.to_string(),
            DeValue::String(field) if name == TWEAKS[0] && !field.is_empty() => field.to_string(),
            _ if name == TWEAKS[0] => return Err(format!("quirks.{name} takes a field's name such as \"max_tokens\"")),
            _ => return Err(format!("quirks.{name} takes true or false")),
        };
        match TWEAKS.contains(&name) {
            true => Ok((name.to_owned(), spelled)),
            false => Err(format!("there is no quirk \"{name}\"; there are {}", TWEAKS.join(", "))),
        }
    };
    table.iter().map(|(name, value)| one(name.get_ref(), value.get_ref())).collect()
}
