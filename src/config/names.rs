//! The user's own names for models: aliases (one model, or a chain in failover order) and pools (equals that share).

use toml::de::DeValue;

use super::strategy::{Strategy, WORDS};

/// The roles, which no name of the user's may take.
const ROLES: [&str; 4] = ["fast", "balanced", "reasoning", "long"];

/// One name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRow {
    /// The user's word for it.
    pub name: String,
    /// Models, aliases, pools or roles, each with an effort in parentheses where one is wanted.
    pub members: Vec<String>,
    /// How the members share the work; `None` = an alias, whose members are asked in order.
    pub sharing: Option<Sharing>,
    /// Line of the user's file.
    pub line: usize,
}

/// How a pool's members share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// Who is asked first.
    pub strategy: Strategy,
    /// A share for each member, in their order; empty = equal shares.
    pub weights: Vec<u32>,
}

impl NameRow {
    /// `aliases.smart`, as it stands in the file.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}", if self.sharing.is_some() { "pools" } else { "aliases" }, self.name)
    }

    /// What it stands for, as people read it: `a/x, b/y` or `round-robin of a/x, b/y`.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.sharing {
            None => self.members.join(", "),
            Some(Sharing { strategy, weights }) if weights.is_empty() => {
                format!("{} of {}", strategy.name(), self.members.join(", "))
            }
            Some(Sharing { strategy, weights }) => {
                let each =
                    self.members.iter().zip(weights).map(|(member, weight)| format!("{member} (share {weight})"));
                format!("{} of {}", strategy.name(), each.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Reads one entry under `aliases`; the error says what is wrong with it.
pub(super) fn alias(name: &str, value: &DeValue<'_>, line: usize) -> Result<NameRow, String> {
    fit(name)?;
    let members = match value {
        DeValue::String(text) => text.split(',').map(|m| m.trim().to_owned()).collect(),
        DeValue::Array(_) => texts(value)?,
        _ => return Err("it takes a model, or a list of models in failover order".to_owned()),
    };
    Ok(NameRow { name: name.to_owned(), members: some(members)?, sharing: None, line })
}

/// Reads one entry under `pools`.
pub(super) fn pool(name: &str, value: &DeValue<'_>, line: usize) -> Result<NameRow, String> {
    fit(name)?;
    let example = "it takes a table such as { members = [\"a/x\", \"b/x\"], strategy = \"round-robin\" }";
    let table = value.as_table().ok_or(example)?;
    let (mut members, mut strategy, mut weights) = (Vec::new(), Strategy::RoundRobin, Vec::new());
    for (key, value) in table.iter() {
        let value = value.get_ref();
        match key.get_ref().as_ref() {
            "members" => members = texts(value)?,
            "strategy" => {
                let word = value.as_str().and_then(Strategy::parse);
                strategy = word.ok_or_else(|| format!("strategy takes one of {}", WORDS.join(", ")))?;
            }
            "weights" => {
                let number = |v: &DeValue<'_>| v.as_integer().and_then(|n| n.as_str().replace('_', "").parse().ok());
                let list = value.as_array().and_then(|list| list.iter().map(|v| number(v.get_ref())).collect());
                weights = list.ok_or("weights takes a list of whole numbers, one for each member")?;
            }
            other => return Err(format!("there is no setting \"{other}\" for a pool")),
        }
    }
    let members = some(members)?;
    if !weights.is_empty() && weights.len() != members.len() {
        return Err(format!("it has {} members and {} weights", members.len(), weights.len()));
    }
    if !weights.is_empty() && strategy != Strategy::Weighted {
        return Err(format!("weights belong to strategy = \"weighted\", not to {}", strategy.name()));
    }
    if weights.iter().all(|w| *w == 0) && !weights.is_empty() {
        return Err("at least one weight is more than 0".to_owned());
    }
    Ok(NameRow { name: name.to_owned(), members, sharing: Some(Sharing { strategy, weights }), line })
}

/// A word that cannot be taken for a role, an `upstream/model`, a list or an effort.
fn fit(name: &str) -> Result<(), String> {
    if ROLES.contains(&name) {
        return Err(format!("{name} is a role; say what it stands for with roles.{name}"));
    }
    if name.trim().is_empty() || name.contains(['/', ',', '(', ')']) || name.contains(char::is_whitespace) {
        return Err("a name may not be empty or hold slashes, commas, parentheses or spaces".to_owned());
    }
    Ok(())
}

fn texts(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or("members are a list of models")?;
    let list: Vec<String> = list
        .iter()
        .map(|item| item.get_ref().as_str().map(|text| text.trim().to_owned()))
        .collect::<Option<_>>()
        .ok_or("members are texts such as \"openai/gpt-5.5\"")?;
    match list.iter().find(|m| m.contains(',')) {
        Some(member) => Err(format!("\"{member}\" holds a comma; write each model as a text of its own")),
        None => Ok(list),
    }
}

fn some(members: Vec<String>) -> Result<Vec<String>, String> {
    if members.is_empty() || members.iter().any(String::is_empty) {
        return Err("it names no model, or an empty one".to_owned());
    }
    Ok(members)
}

/// What a name leads to, without an effort in parentheses.
#[must_use]
pub fn bare(name: &str) -> &str {
    match name.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((base, _)) if !base.trim().is_empty() => base.trim(),
        _ => name,
    }
}

/// Takes out names that cannot hold: those given twice, and those that lead back to themselves. Each with the line and
/// what is wrong with it. `roles` are the user's lists for the roles.
pub(super) fn sift(rows: &mut Vec<NameRow>, roles: &[(&str, &[String])]) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let twin = rows[..at].iter().find(|r| r.name == rows[at].name);
        match twin.map(|t| (t.key(), t.line)) {
            Some((key, line)) => {
                let row = rows.remove(at);
                wrong.push((
                    row.line,
                    format!("{}: the name stands already in line {line} ({key}); ignored", row.key()),
                ));
            }
            None => at += 1,
        }
    }
    while let Some((place, path)) = (0..rows.len()).find_map(|n| Some((n, back(rows, roles, &rows[n].name)?))) {
        let row = rows.remove(place);
        wrong.push((row.line, format!("{}: it leads back to itself: {}; ignored", row.key(), path.join(" -> "))));
    }
    wrong
}

/// The way from a name back to itself, if there is one.
fn back(rows: &[NameRow], roles: &[(&str, &[String])], from: &str) -> Option<Vec<String>> {
    let next = |name: &str| -> Vec<String> {
        let row = rows.iter().find(|r| r.name == name).map(|r| r.members.as_slice());
        let role = roles.iter().find(|(role, _)| *role == name).map(|(_, members)| *members);
        row.or(role).unwrap_or_default().iter().map(|m| bare(m).to_owned()).collect()
    };
    let mut seen = std::collections::HashSet::new();
    let mut stack = vec![vec![from.to_owned()]];
    while let Some(path) = stack.pop() {
        for name in next(path.last().map_or("", String::as_str)).into_iter().rev() {
            let mut longer = path.clone();
            longer.push(name.clone());
            if name == from {
                return Some(longer);
            }
            if seen.insert(name) {
                stack.push(longer);
            }
        }
    }
    None
}
