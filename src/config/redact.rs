//! What happens to secrets: the settings under `redact` that are more than one value.

use std::collections::BTreeMap;

use toml::de::DeValue;

/// What happens to secrets in what is sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Redact {
    /// `off`, `warn`, `redact` or `block`.
    pub mode: String,
    /// What no kind is treated more laxly than: a repository or a flag said so. Empty = nothing.
    pub floor: String,
    /// Only what is nearly certain.
    pub strict: bool,
    /// Personal data too.
    pub pii: bool,
    /// Environment files whose values are masked wherever they stand.
    pub deny_values_from: Vec<String>,
    /// Variables whose values are masked wherever they stand.
    pub values: Vec<String>,
    /// The user's modes of single kinds.
    pub kinds: Vec<KindRow>,
    /// What a repository asks for single kinds, which can only make them stricter.
    pub raised: Vec<KindRow>,
    /// The user's own rules.
    pub rules: Vec<FindRow>,
}

/// The mode of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindRow {
    /// A rule, or the word inside placeholders.
    pub name: String,
    /// `off`, `warn`, `redact` or `block`.
    pub mode: String,
    /// Where it says so.
    pub place: String,
}

/// A rule of the user's own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FindRow {
    /// Its name.
    pub name: String,
    /// What stands in or near every match.
    pub literal: Option<String>,
    /// A regular expression.
    pub pattern: Option<String>,
    /// The group that is the secret.
    pub group: Option<usize>,
    /// Least bits of entropy in a character.
    pub min_entropy: Option<f64>,
    /// For people.
    pub kind: Option<String>,
    /// It may run over everything.
    pub slow: bool,
    /// Where it stands.
    pub place: String,
}

/// The modes, the most lax first.
pub(super) const MODES: &[&str] = &["off", "warn", "redact", "block"];

/// The keys of a rule, for errors and the schema.
pub(super) const FIELDS: &str = "name, literal, pattern, group, min_entropy, kind, slow";

/// Reads one mode; the error says what is wrong with it.
pub(super) fn kind(value: &DeValue<'_>) -> Result<String, String> {
    let mode = value.as_str().filter(|mode| MODES.contains(mode));
    mode.map(str::to_owned).ok_or_else(|| format!("it takes one of {}", MODES.join(", ")))
}

/// Reads one rule; the error says what is wrong with it.
pub(super) fn find(value: &DeValue<'_>) -> Result<FindRow, String> {
    let table = value.as_table().ok_or("a table is expected")?;
    let mut out = FindRow::default();
    for (key, value) in table.iter() {
        let (key, value) = (key.get_ref().as_ref(), value.get_ref());
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} takes a text"));
        let whole = || value.as_integer().and_then(|n| n.as_str().replace('_', "").parse().ok());
        match key {
            "name" => out.name = text()?,
            "literal" => out.literal = Some(text()?),
            "pattern" => out.pattern = Some(text()?),
            "kind" => out.kind = Some(text()?),
            "group" => out.group = Some(whole().ok_or("group takes a whole number")?),
            "min_entropy" => {
                let number = match value {
                    DeValue::Float(n) => n.as_str().parse().ok(),
                    DeValue::Integer(n) => n.as_str().parse().ok(),
                    _ => None,
                };
                out.min_entropy = Some(number.ok_or("min_entropy takes a number of bits from 0 to 8")?);
            }
            "slow" => out.slow = value.as_bool().ok_or("slow takes true or false")?,
            other => return Err(format!("there is no setting \"{other}\" for a rule; there are {FIELDS}")),
        }
    }
    if out.name.is_empty() { Err("a rule needs a name".to_owned()) } else { Ok(out) }
}

/// Modes by name; of two that a repository gives for one name the stricter holds.
#[must_use]
pub fn modes(rows: &[KindRow]) -> BTreeMap<&str, &str> {
    let place = |mode: &str| MODES.iter().position(|m| *m == mode);
    let mut out: BTreeMap<&str, &str> = BTreeMap::new();
    for row in rows {
        let old = out.entry(&row.name).or_insert(&row.mode);
        if place(&row.mode) > place(old) {
            *old = &row.mode;
        }
    }
    out
}
