//! Entries under `upstreams`: a provider plus settings. An OpenAI-compatible endpoint is a few of these lines.

use toml::de::{DeTable, DeValue};

use super::oauth::{OauthRow, oauth};
use super::strategy::{Strategy, WORDS};
use crate::model::{Dialect, NanoUsd};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamRow {
    /// The user's name for it.
    pub name: String,
    /// Provider id; `generic` when left out, which for an entry without an address means the provider of its name.
    pub provider: String,
    /// Address; the provider's own when left out.
    pub base_url: Option<String>,
    /// Dialect, if the provider's choice is not wanted.
    pub dialect: Option<Dialect>,
    /// `bearer`, `none`, or a header's name; `None` = the provider's way.
    pub auth: Option<String>,
    /// The environment variable that holds its key, beside the provider's own.
    pub key_env: Option<String>,
    /// Headers to add.
    pub headers: Vec<(String, String)>,
    /// Query parameters to add.
    pub query: Vec<(String, String)>,
    /// Models it serves.
    pub models: Vec<UpstreamModel>,
    /// It runs on this machine and costs nothing.
    pub local: bool,
    /// Which of its accounts is asked first; `None` = as `accounts.strategy` says.
    pub strategy: Option<Strategy>,
    /// How to sign in there, beside a key.
    pub oauth: Option<OauthRow>,
}

/// One model of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamModel {
    /// Its id on the wire.
    pub id: String,
    /// Who made it; guessed from the id when left out.
    pub maker: Option<String>,
    /// Window in tokens.
    pub context: Option<u64>,
    /// Nano-dollars per million prompt tokens.
    pub input: Option<NanoUsd>,
    /// Nano-dollars per million output tokens.
    pub output: Option<NanoUsd>,
}

/// Reads one entry; the error says what is wrong with it.
pub(super) fn row(name: &str, value: &DeValue<'_>) -> Result<UpstreamRow, String> {
    let table = value.as_table().ok_or("a table is expected")?;
    if name.is_empty() || name.contains(['/', ',', ' ']) {
        return Err("its name may not hold spaces, commas or slashes".to_owned());
    }
    let mut out = UpstreamRow { name: name.to_owned(), provider: "generic".to_owned(), ..UpstreamRow::default() };
    for (key, value) in table.iter() {
        let value = value.get_ref();
        match key.get_ref().as_ref() {
            "provider" => out.provider = text(value, "provider")?,
            "base_url" => out.base_url = Some(text(value, "base_url")?.trim_end_matches('/').to_owned()),
            "dialect" => {
                let given = text(value, "dialect")?;
                out.dialect =
                    Some(Dialect::parse(&given).ok_or_else(|| {
                        format!("dialect takes one of {}", Dialect::ALL.map(Dialect::name).join(", "))
                    })?);
            }
            "auth" => out.auth = Some(text(value, "auth")?),
            "key_env" => out.key_env = Some(text(value, "key_env")?),
            "local" => out.local = value.as_bool().ok_or("local takes true or false")?,
            "headers" => out.headers = pairs(value, "headers")?,
            "query" => out.query = pairs(value, "query")?,
            "models" => out.models = models(value)?,
            "strategy" => {
                let word = Strategy::parse(&text(value, "strategy")?);
                out.strategy = Some(word.ok_or_else(|| format!("strategy takes one of {}", WORDS.join(", ")))?);
            }
            "oauth" => out.oauth = Some(oauth(value)?),
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

fn text(value: &DeValue<'_>, key: &str) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} takes a text"))
}

fn pairs(value: &DeValue<'_>, key: &str) -> Result<Vec<(String, String)>, String> {
    let table = value.as_table().ok_or_else(|| format!("{key} takes a table of texts"))?;
    table.iter().map(|(k, v)| Ok((k.get_ref().to_string(), text(v.get_ref(), key)?))).collect()
}

fn models(value: &DeValue<'_>) -> Result<Vec<UpstreamModel>, String> {
    let list = value.as_array().ok_or("models takes a list of names or tables")?;
    list.iter()
        .map(|item| match item.get_ref() {
            DeValue::String(id) => Ok(UpstreamModel { id: id.to_string(), ..UpstreamModel::default() }),
            DeValue::Table(table) => model(table),
            _ => Err("models takes a list of names or tables".to_owned()),
        })
        .collect()
}

fn model(table: &DeTable<'_>) -> Result<UpstreamModel, String> {
    let mut out = UpstreamModel::default();
    for (key, value) in table.iter() {
        let value = value.get_ref();
        match key.get_ref().as_ref() {
            "id" => out.id = text(value, "id")?,
            "maker" => out.maker = Some(text(value, "maker")?),
            "context" => {
                let n = value.as_integer().and_then(|n| n.as_str().replace('_', "").parse().ok());
                out.context = Some(n.ok_or("context takes a number of tokens")?);
            }
            "input" => out.input = Some(dollars(value).ok_or("input takes dollars per million tokens")?),
            "output" => out.output = Some(dollars(value).ok_or("output takes dollars per million tokens")?),
            other => return Err(format!("there is no setting \"{other}\" for a model")),
        }
    }
    if out.id.is_empty() { Err("a model has no id".to_owned()) } else { Ok(out) }
}

fn dollars(value: &DeValue<'_>) -> Option<NanoUsd> {
    let text = match value {
        DeValue::Integer(n) => n.as_str().to_owned(),
        DeValue::Float(n) => n.as_str().to_owned(),
        _ => return None,
    };
    NanoUsd::from_dollars(text.replace('_', "").parse().ok()?)
}
