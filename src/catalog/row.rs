//! The shape of `models.json` and its way into cards.

use std::fmt::{self, Formatter};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Catalog, Entry, Layer, Role};
use crate::model::{
    Control, Dated, Dialect, Effort, Hours, Maker, ModelCard, NanoUsd, OffPeak, Offer, Prices, Reasoning, Service, Tier,
};

#[derive(Deserialize)]
struct File {
    as_of: &'static str,
    roles: Roles,
    sources: Vec<&'static str>,
    models: Entries,
}

/// Rows as entries, with the number of each one's source: made one by one as they are read, because all rows together
/// would be as large again.
struct Entries(Vec<(usize, Entry)>);

impl<'de: 'static> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;
        impl<'de: 'static> Visitor<'de> for Rows {
            type Value = Entries;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a list of models")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Entries, A::Error> {
                let mut out = Vec::with_capacity(ROWS);
                while let Some(row) = rows.next_element::<Row>()? {
                    out.push((row.source, Entry::from(row)));
                }
                out.shrink_to_fit();
                Ok(Entries(out))
            }
        }
        deserializer.deserialize_seq(Rows)
    }
}

/// About so many there are.
const ROWS: usize = 512;

#[derive(Deserialize)]
struct Roles {
    as_of: &'static str,
    basis: &'static str,
    fast: Vec<&'static str>,
    balanced: Vec<&'static str>,
    reasoning: Vec<&'static str>,
    long: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Row {
    provider: &'static str,
    id: &'static str,
    #[serde(default)]
    aliases: Vec<&'static str>,
    maker: &'static str,
    dialects: Vec<&'static str>,
    context: Option<u64>,
    max_output: Option<u64>,
    price: Option<Dollars>,
    #[serde(default)]
    tiers: Vec<Bound>,
    #[serde(default)]
    scheduled: Vec<Change>,
    services: Option<Services>,
    off_peak: Option<Low>,
    #[serde(default)]
    reasoning: Thinking,
    tools: Option<bool>,
    forced: Option<bool>,
    images: Option<bool>,
    documents: Option<bool>,
    structured: Option<bool>,
    sampling: Option<bool>,
    shutdown: Option<&'static str>,
    source: usize,
    as_of: &'static str,
    checked: Option<&'static str>,
}

/// Dollars per million tokens.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Dollars {
    pub input: Option<f64>,
    pub output: Option<f64>,
    pub cache_read: Option<f64>,
    pub cache_write: Option<f64>,
    pub cache_write_long: Option<f64>,
}

/// What other service tiers cost; `fast` is a factor.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Services {
    pub batch: Option<Dollars>,
    pub flex: Option<Dollars>,
    pub priority: Option<Dollars>,
    pub fast: Option<f64>,
}

#[derive(Deserialize)]
struct Low {
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
    cache_write_long: Option<f64>,
    windows: Vec<Window>,
}

#[derive(Deserialize)]
struct Window {
    days: Vec<i8>,
    minutes: Vec<(u16, u16)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bound {
    pub above: u64,
    pub input: Option<f64>,
    pub output: Option<f64>,
    pub cache_read: Option<f64>,
    pub cache_write: Option<f64>,
    pub cache_write_long: Option<f64>,
}

#[derive(Deserialize)]
struct Change {
    from: &'static str,
    price: Dollars,
}

#[derive(Deserialize, Default)]
struct Thinking {
    #[serde(default)]
    control: Control,
    #[serde(default)]
    efforts: Vec<Effort>,
    default: Option<Effort>,
    #[serde(default)]
    always_on: bool,
    off: Option<&'static str>,
    most: Option<u32>,
}

/// Reads the table as it stands on `today` (`YYYY-MM-DD`).
pub(super) fn parse(text: &'static str, today: &str) -> Result<Catalog, serde_json::Error> {
    let mut file: File = serde_json::from_str(text)?;
    let mut out =
        Catalog { as_of: file.as_of, ranked: file.roles.as_of, basis: file.roles.basis, ..Catalog::default() };
    for (at, (source, entry)) in file.models.0.iter_mut().enumerate() {
        let card = &mut entry.card;
        let names = out.by_name.entry(card.provider.clone()).or_default();
        for name in card.aliases.iter().chain(std::iter::once(&card.id)) {
            names.insert(name.clone(), at);
        }
        entry.source = file.sources.get(*source).copied().unwrap_or_default().into();
        // Dates in this form sort as text.
        let due = card.dated.iter().filter(|d| d.from.as_str() <= today).max_by_key(|d| &d.from);
        if let Some((prices, tiers)) = due.map(|d| (d.prices, d.tiers.clone())) {
            (card.prices, card.tiers) = (prices, tiers);
        }
    }
    out.entries = file.models.0.into_iter().map(|(_, entry)| entry).collect();
    let lists = [file.roles.fast, file.roles.balanced, file.roles.reasoning, file.roles.long];
    for (role, list) in Role::ALL.into_iter().zip(lists) {
        out.roles[role.place()] = list
            .iter()
            .filter_map(|key| key.split_once('/'))
            .filter_map(|(provider, id)| out.by_name.get(provider)?.get(id).copied())
            .collect();
    }
    Ok(out)
}

impl From<Row> for Entry {
    /// Without its source.
    fn from(row: Row) -> Self {
        let (as_of, checked) = (row.as_of.into(), row.checked);
        Self { card: card(row), source: "".into(), as_of, checked, layer: Layer::Embedded, window: None }
    }
}

/// As it stands before every announced change.
fn card(row: Row) -> ModelCard {
    let owned = |s: &'static str| s.to_owned();
    let prices = row.price.map(Dollars::prices);
    let tiers: Vec<Tier> = row.tiers.into_iter().map(Bound::tier).collect();
    let mut dated = Vec::new();
    if !row.scheduled.is_empty() {
        dated.push(Dated { from: String::new(), prices, tiers: tiers.clone() });
        dated.extend(row.scheduled.iter().map(|change| Dated {
            from: change.from.to_owned(),
            prices: Some(change.price.prices()),
            tiers: unpriced(&tiers),
        }));
    }
    ModelCard {
        provider: owned(row.provider),
        id: owned(row.id),
        deployment: None,
        aliases: row.aliases.into_iter().map(owned).collect(),
        maker: Maker(owned(row.maker)),
        // The table also names dialects that this program does not speak.
        dialects: row.dialects.into_iter().filter_map(Dialect::parse).collect(),
        context: row.context,
        max_output: row.max_output,
        prices,
        tiers,
        dated,
        off_peak: row.off_peak.map(|low| Box::new(low.off_peak())),
        services: row.services.map(Services::offers).unwrap_or_default(),
        local: false,
        reasoning: Reasoning {
            control: row.reasoning.control,
            efforts: row.reasoning.efforts,
            default_effort: row.reasoning.default,
            always_on: row.reasoning.always_on,
            off: row.reasoning.off.map(owned),
            most_budget: row.reasoning.most,
        },
        tools: row.tools,
        forced: row.forced,
        images: row.images,
        documents: row.documents,
        structured: row.structured,
        sampling: row.sampling,
        parameters: None,
        weak: None,
        shutdown: row.shutdown.map(owned),
    }
}

/// The same bounds with no price known: what was said of them said nothing of other prices.
pub(super) fn unpriced(tiers: &[Tier]) -> Vec<Tier> {
    let bound = |t: &Tier| Tier { above_input_tokens: t.above_input_tokens, prices: Prices::default() };
    tiers.iter().map(bound).collect()
}

fn nano(dollars: Option<f64>) -> Option<u64> {
    dollars.and_then(NanoUsd::from_dollars).map(|n| n.0)
}

impl Services {
    pub(super) fn offers(self) -> Vec<(Service, Offer)> {
        let own = [(Service::Batch, self.batch), (Service::Flex, self.flex), (Service::Priority, self.priority)];
        let mut out: Vec<_> = own.into_iter().filter_map(|(s, p)| Some((s, Offer::Prices(p?.prices())))).collect();
        // A factor of 2.0 has the same shape as dollars with nine decimals; three are enough.
        let factor = nano(self.fast).map(|n| (Service::Fast, Offer::Factor(n.saturating_add(500_000) / 1_000_000)));
        out.extend(factor);
        out
    }
}

impl Low {
    fn off_peak(self) -> OffPeak {
        let Self { input, output, cache_read, cache_write, cache_write_long, windows } = self;
        OffPeak {
            prices: Dollars { input, output, cache_read, cache_write, cache_write_long }.prices(),
            hours: windows.into_iter().map(|w| Hours { days: w.days, minutes: w.minutes }).collect(),
        }
    }
}

impl Dollars {
    pub(super) fn prices(self) -> Prices {
        Prices {
            input: nano(self.input),
            output: nano(self.output),
            cache_read: nano(self.cache_read),
            cache_write: nano(self.cache_write),
            cache_write_long: nano(self.cache_write_long),
        }
    }
}

impl Bound {
    fn tier(self) -> Tier {
        let Self { above, input, output, cache_read, cache_write, cache_write_long } = self;
        let prices = Dollars { input, output, cache_read, cache_write, cache_write_long }.prices();
        Tier { above_input_tokens: above, prices }
    }
}
