//! The user's own rows: `models.toml` beside `config.toml`, strict about what it says. Never a file of a repository.

use serde::Deserialize;
use toml::Spanned;

use super::row::{Bound, Dollars, Services};
use crate::model::{Offer, Prices, Service, Tier};

/// What the file says, or rather where it says nonsense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} line {line}: {what}")]
pub struct OverlayError {
    /// The file's name.
    pub name: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// The user's own rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlay {
    /// The file's name, to be told where a number comes from.
    pub name: String,
    pub(super) models: Vec<Own>,
}

/// One row: what it does not say stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    pub provider: String,
    pub id: String,
    pub aliases: Vec<String>,
    pub maker: Option<String>,
    pub context: Option<u64>,
    pub max_output: Option<u64>,
    pub prices: Option<Prices>,
    pub tiers: Vec<Tier>,
    pub services: Vec<(Service, Offer)>,
    pub as_of: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    provider: String,
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    maker: Option<String>,
    context: Option<u64>,
    max_output: Option<u64>,
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
    cache_write_long: Option<f64>,
    #[serde(default)]
    tiers: Vec<Bound>,
    services: Option<Services>,
    as_of: Option<String>,
}

impl Overlay {
    /// Reads the file's text; rows that say no date are of `day` (`YYYY-MM-DD`), the file's own.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line: one wrong row spoils the file, so that nobody counts with half of
    /// what they wrote.
    pub fn parse(name: &str, text: &str, day: &str) -> Result<Self, OverlayError> {
        let at = |place: usize, what: String| {
            let place = text.floor_char_boundary(place.min(text.len()));
            let line = text.get(..place).map_or(1, |before| before.matches('\n').count() + 1);
            OverlayError { name: name.to_owned(), line, what }
        };
        let file: File = toml::from_str(text).map_err(|e| {
            let what = e.message().trim().replace('\n', " ");
            at(e.span().map_or(0, |span| span.start), what)
        })?;
        let mut models: Vec<Own> = Vec::new();
        for row in file.model {
            let start = row.span().start;
            let own = own(row.into_inner(), day).map_err(|what| at(start, what))?;
            let names = |o: &Own| std::iter::once(o.id.clone()).chain(o.aliases.iter().cloned()).collect::<Vec<_>>();
            let mine = names(&own);
            let twice = models.iter().filter(|m| m.provider == own.provider).flat_map(names).find(|n| mine.contains(n));
            if let Some(name) = twice {
                return Err(at(start, format!("{}/{name} stands here twice", own.provider)));
            }
            models.push(own);
        }
        Ok(Self { name: name.to_owned(), models })
    }
}

fn own(row: Row, day: &str) -> Result<Own, String> {
    let label = format!("{}/{}", row.provider, row.id);
    for (name, word) in [("provider", &row.provider), ("id", &row.id)] {
        if word.trim().is_empty() || word.chars().any(char::is_control) {
            return Err(format!("{name} is no name"));
        }
    }
    if row.provider.contains('/') {
        return Err(format!("provider is the name of a provider such as openai, not \"{}\"", row.provider));
    }
    let Row { input, output, cache_read, cache_write, cache_write_long, .. } = row;
    let dollars = Dollars { input, output, cache_read, cache_write, cache_write_long };
    let priced = said(&dollars);
    checked(&label, &dollars)?;
    let mut tiers = Vec::new();
    for bound in row.tiers {
        let Bound { above, input, output, cache_read, cache_write, cache_write_long } = bound;
        let dollars = Dollars { input, output, cache_read, cache_write, cache_write_long };
        checked(&format!("{label}, above {above}"), &dollars)?;
        tiers.push(Tier { above_input_tokens: above, prices: dollars.prices() });
    }
    tiers.sort_by_key(|t: &Tier| t.above_input_tokens);
    if let Some(services) = &row.services {
        for dollars in [services.batch, services.flex, services.priority].into_iter().flatten() {
            checked(&format!("{label}, services"), &dollars)?;
        }
        if services.fast.is_some_and(|factor| !(0.001..=1000.0).contains(&factor)) {
            return Err(format!("{label}, services: fast is a factor such as 2.0"));
        }
    }
    let services = row.services.map(Services::offers).unwrap_or_default();
    if !(priced || tiers.is_empty() && services.is_empty()) {
        return Err(format!("{label} has tiers or services without prices of its own: say input and output too"));
    }
    if let Some(day) = &row.as_of
        && (day.len() != 10 || day.parse::<jiff::civil::Date>().is_err())
    {
        return Err(format!("{label}: as_of is a day such as \"2026-11-22\", not \"{day}\""));
    }
    Ok(Own {
        provider: row.provider,
        id: row.id,
        aliases: row.aliases,
        maker: row.maker,
        context: row.context,
        max_output: row.max_output,
        prices: priced.then(|| dollars.prices()),
        tiers,
        services,
        as_of: row.as_of.unwrap_or_else(|| day.to_owned()),
    })
}

fn fields(dollars: &Dollars) -> [(&'static str, Option<f64>); 5] {
    [
        ("input", dollars.input),
        ("output", dollars.output),
        ("cache_read", dollars.cache_read),
        ("cache_write", dollars.cache_write),
        ("cache_write_long", dollars.cache_write_long),
    ]
}

fn said(dollars: &Dollars) -> bool {
    fields(dollars).iter().any(|(_, price)| price.is_some())
}

/// Dollars per million tokens, each between nothing and what no model costs.
fn checked(label: &str, dollars: &Dollars) -> Result<(), String> {
    match fields(dollars).iter().find(|(_, price)| price.is_some_and(|p| !(0.0..=100_000.0).contains(&p))) {
        Some((name, _)) => Err(format!("{label}: {name} is no price in dollars per million tokens")),
        None => Ok(()),
    }
}
