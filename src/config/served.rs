//! Models of an entry under `upstreams`: their ids, what they cost and what they can do.

use toml::de::{DeTable, DeValue};

use super::upstream::text;
use crate::model::{Control, Effort, NanoUsd};

/// One model of an entry. What is left out is as the catalog has it, where that knows the model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamModel {
    /// Its id.
    pub id: String,
    /// The name it is asked for by on the wire, where that is another: an Azure deployment.
    pub deployment: Option<String>,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// Who made it; guessed from the id when left out.
    pub maker: Option<String>,
    /// Window in tokens.
    pub context: Option<u64>,
    /// Output limit in tokens.
    pub max_output: Option<u64>,
    /// Nano-dollars per million prompt tokens.
    pub input: Option<NanoUsd>,
    /// Nano-dollars per million output tokens.
    pub output: Option<NanoUsd>,
    /// Nano-dollars per million prompt tokens read from a cache.
    pub cache_read: Option<NanoUsd>,
    /// Nano-dollars per million prompt tokens written to a cache.
    pub cache_write: Option<NanoUsd>,
    /// It calls tools.
    pub tools: Option<bool>,
    /// It understands images.
    pub images: Option<bool>,
    /// It understands PDF documents.
    pub documents: Option<bool>,
    /// It follows a JSON Schema.
    pub schema: Option<bool>,
    /// It takes temperature and top_p.
    pub sampling: Option<bool>,
    /// It writes one good line and no more.
    pub weak: Option<bool>,
    /// How its reasoning is controlled.
    pub reasoning: Option<Control>,
    /// The levels of reasoning that it takes.
    pub efforts: Vec<Effort>,
}

/// What every model has, in the order the settings' schema shows it: names of texts, numbers, prices, switches, lists.
pub(super) const TEXTS: [&str; 4] = ["id", "deployment", "maker", "reasoning"];
pub(super) const NUMBERS: [&str; 2] = ["context", "max_output"];
pub(super) const PRICES: [&str; 4] = ["input", "output", "cache_read", "cache_write"];
pub(super) const SWITCHES: [&str; 6] = ["tools", "images", "documents", "schema", "sampling", "weak"];
pub(super) const LISTS: [&str; 2] = ["aliases", "efforts"];

pub(super) fn models(value: &DeValue<'_>) -> Result<Vec<UpstreamModel>, String> {
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
        let (key, value) = (key.get_ref().as_ref(), value.get_ref());
        let switch = || value.as_bool().map(Some).ok_or_else(|| format!("{key} takes true or false"));
        let price = || dollars(value).map(Some).ok_or_else(|| format!("{key} takes dollars per million tokens"));
        let tokens = || {
            let n = value.as_integer().and_then(|n| n.as_str().replace('_', "").parse().ok());
            n.map(Some).ok_or_else(|| format!("{key} takes a number of tokens"))
        };
        match key {
            "id" => out.id = text(value, key)?,
            "deployment" => out.deployment = Some(text(value, key)?),
            "aliases" => out.aliases = texts(value, key)?,
            "maker" => out.maker = Some(text(value, key)?),
            "context" => out.context = tokens()?,
            "max_output" => out.max_output = tokens()?,
            "input" => out.input = price()?,
            "output" => out.output = price()?,
            "cache_read" => out.cache_read = price()?,
            "cache_write" => out.cache_write = price()?,
            "tools" => out.tools = switch()?,
            "images" => out.images = switch()?,
            "documents" => out.documents = switch()?,
            "schema" => out.schema = switch()?,
            "sampling" => out.sampling = switch()?,
            "weak" => out.weak = switch()?,
            "reasoning" => {
                let word = text(value, key)?;
                let control = Control::ALL.into_iter().find(|c| c.name() == word);
                let takes = || format!("reasoning takes one of {}", Control::ALL.map(Control::name).join(", "));
                out.reasoning = Some(control.ok_or_else(takes)?);
            }
            "efforts" => {
                let level = |word: &String| Effort::parse(word).ok_or_else(|| format!("\"{word}\" is no effort"));
                out.efforts = texts(value, key)?.iter().map(level).collect::<Result<_, _>>()?;
            }
            other => return Err(format!("there is no setting \"{other}\" for a model")),
        }
    }
    if out.id.is_empty() { Err("a model has no id".to_owned()) } else { Ok(out) }
}

fn texts(value: &DeValue<'_>, key: &str) -> Result<Vec<String>, String> {
    let list = value.as_array().and_then(|list| list.iter().map(|i| i.get_ref().as_str().map(str::to_owned)).collect());
    list.ok_or_else(|| format!("{key} takes a list of texts"))
}

fn dollars(value: &DeValue<'_>) -> Option<NanoUsd> {
    let text = match value {
        DeValue::Integer(n) => n.as_str().to_owned(),
        DeValue::Float(n) => n.as_str().to_owned(),
        _ => return None,
    };
    NanoUsd::from_dollars(text.replace('_', "").parse().ok()?)
}
