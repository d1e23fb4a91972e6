//! cocogitto's configuration: which types and scopes `cog verify` lets through.

use serde_json::{Value, json};

use super::parsed::Parser;
use super::rules::{Level, Rule};
use super::{Convention, Files, Notes};

const PLACE: &str = "cog.toml";

/// Types that it has when nothing is said.
const TYPES: [&str; 11] =
    ["feat", "fix", "revert", "perf", "docs", "chore", "style", "refactor", "test", "build", "ci"];

/// The configuration of a repository.
pub(super) fn read(files: &Files<'_>, notes: &mut Notes) -> Option<Convention> {
    let text = files(PLACE)?;
    let settings: Value = match toml::from_str(&text) {
        Ok(settings) => settings,
        Err(error) => {
            notes.say(PLACE, &format!("it is no TOML: {}", error.message()));
            return None;
        }
    };
    let own = settings.get("commit_types").and_then(Value::as_object);
    // An empty table takes a type away.
    let gone =
        |name: &str| own.and_then(|t| t.get(name)).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty);
    let mut types: Vec<String> = TYPES.iter().filter(|t| !gone(t)).map(|t| (*t).to_owned()).collect();
    let more = own.into_iter().flatten().map(|(name, _)| name).filter(|name| !gone(name));
    types.extend(more.filter(|name| !TYPES.contains(&name.as_str())).cloned());
    let mut out = Convention { ignores: true, parser: Parser::conventional(), ..Convention::unread(PLACE) };
    out.rules.push(Rule::new("type-enum", Level::Must, false, json!(types)));
    out.rules.push(Rule::new("type-empty", Level::Must, true, Value::Null));
    out.rules.push(Rule::new("subject-empty", Level::Must, true, Value::Null));
    if let Some(scopes) = settings.get("scopes").and_then(Value::as_array).filter(|all| !all.is_empty()) {
        // It knows no divided scopes.
        let value = json!({ "scopes": scopes, "delimiters": ["\u{1f}"] });
        out.rules.push(Rule::new("scope-enum", Level::Must, false, value));
    }
    Some(out)
}
