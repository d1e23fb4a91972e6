//! Entries under `rules`: what a failed answer means, where the user knows better than the table.

use std::time::Duration;

use toml::de::DeValue;

use crate::model::{Action, Failure, Kind, Scope};

/// Longer than this a line cannot silence anything.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);

/// One line. It fits when everything it names fits, and changes what it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleRow {
    /// Upstream name or provider id; `None` = any.
    pub by: Option<String>,
    /// HTTP statuses; empty = any.
    pub status: Vec<u16>,
    /// Words of which one must stand in code or message, in lower case; empty = any.
    pub says: Vec<String>,
    /// What it is instead.
    pub kind: Option<Kind>,
    /// What it condemns instead.
    pub scope: Option<Scope>,
    /// What the request does instead.
    pub action: Option<Action>,
    /// How long what it condemns rests, whatever the server says.
    pub rest: Option<Duration>,
}

impl RuleRow {
    /// Whether it speaks of this failure at `upstream` of `provider`.
    #[must_use]
    pub fn fits(&self, upstream: &str, provider: &str, failure: &Failure) -> bool {
        let said = &failure.upstream;
        let text = [said.code.as_deref(), said.class.as_deref(), Some(failure.message.as_str())];
        let text = text.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
        self.by.as_ref().is_none_or(|by| by == upstream || by == provider)
            && (self.status.is_empty() || said.status.is_some_and(|status| self.status.contains(&status)))
            && (self.says.is_empty() || self.says.iter().any(|word| text.contains(word)))
    }

    /// The failure as this line has it.
    pub fn apply(&self, failure: &mut Failure) {
        if self.kind.is_some() || self.scope.is_some() {
            failure.kind = self.kind.unwrap_or(failure.kind);
            failure.scope = self.scope.unwrap_or(failure.scope);
            failure.action = Action::usual(failure.kind, failure.scope);
        }
        failure.action = self.action.unwrap_or(failure.action);
        failure.retry_after = self.rest.or(failure.retry_after);
    }
}

/// Reads one entry; the error says what is wrong with it.
pub(super) fn rule(value: &DeValue<'_>) -> Result<RuleRow, String> {
    let table = value.as_table().ok_or("a table is expected")?;
    let mut out = RuleRow::default();
    for (key, value) in table.iter() {
        let (key, value) = (key.get_ref().as_ref(), value.get_ref());
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| format!("{key} takes a text"));
        match key {
            "by" => out.by = Some(text()?),
            "status" => {
                out.status = statuses(value).ok_or("status takes a number from 100 to 599, or a list of them")?
            }
            "says" => out.says = words(value).ok_or("says takes a text, or a list of texts")?,
            "kind" => out.kind = Some(word(key, &text()?, &Kind::ALL, |k| k.name())?),
            "covers" => out.scope = Some(word(key, &text()?, &Scope::ALL, |s| s.name())?),
            "does" => out.action = Some(word(key, &text()?, &Action::ALL, |a| a.name())?),
            "for" => {
                out.rest = Some(
                    span(&text()?).ok_or("for takes a time such as \"90s\", \"10m\" or \"12h\", at most 31 days")?,
                )
            }
            other => {
                return Err(format!(
                    "there is no setting \"{other}\" for a rule; there are by, status, says, kind, covers, does, for"
                ));
            }
        }
    }
    if out.status.is_empty() && out.says.is_empty() {
        return Err("a rule needs status or says, else it would speak of every failure".to_owned());
    }
    if out.kind.is_none() && out.scope.is_none() && out.action.is_none() && out.rest.is_none() {
        return Err("a rule needs one of kind, covers, does, for, else it changes nothing".to_owned());
    }
    Ok(out)
}

fn statuses(value: &DeValue<'_>) -> Option<Vec<u16>> {
    let one = |value: &DeValue<'_>| {
        let number = value.as_integer()?.as_str().parse().ok()?;
        (100..600).contains(&number).then_some(number)
    };
    match value.as_array() {
        Some(list) => list.iter().map(|item| one(item.get_ref())).collect(),
        None => Some(vec![one(value)?]),
    }
}

fn words(value: &DeValue<'_>) -> Option<Vec<String>> {
    let one = |value: &DeValue<'_>| value.as_str().map(str::to_lowercase).filter(|text| !text.trim().is_empty());
    match value.as_array() {
        Some(list) => list.iter().map(|item| one(item.get_ref())).collect(),
        None => Some(vec![one(value)?]),
    }
}

fn word<T: Copy>(key: &str, given: &str, all: &[T], name: fn(&T) -> &'static str) -> Result<T, String> {
    all.iter().find(|one| name(one) == given).copied().ok_or_else(|| {
        let names: Vec<_> = all.iter().map(name).collect();
        format!("{key} takes one of {}", names.join(", "))
    })
}

/// `90s`, `10m`, `12h`, `2d`.
fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let whole = number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)?;
    (whole <= LONGEST).then_some(whole)
}
