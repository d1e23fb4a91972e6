//! git-cliff's configuration: what it puts into a changelog. It refuses nothing, so what it knows are wishes.

use serde_json::{Value, json};

use super::parsed::{Parser, compile};
use super::rules::{Level, Rule};
use super::{Convention, Files, Notes};

/// Where it looks.
const PLACES: [&str; 3] = ["cliff.toml", ".cliff.toml", ".config/cliff.toml"];

/// Types that a pattern of its may be about.
const TYPES: [&str; 13] =
    ["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "deps", "security"];

/// The configuration of a repository.
pub(super) fn read(files: &Files<'_>, notes: &mut Notes) -> Option<Convention> {
    let (place, text) = PLACES.iter().find_map(|place| Some((place, files(place)?)))?;
    let settings: Value = match toml::from_str(&text) {
        Ok(settings) => settings,
        Err(error) => {
            notes.say(place, &format!("it is no TOML: {}", error.message()));
            return None;
        }
    };
    let git = settings.get("git")?;
    let on = |name: &str| git.get(name).and_then(Value::as_bool);
    if on("conventional_commits") == Some(false) {
        return None;
    }
    let level = if on("require_conventional") == Some(true) { Level::Must } else { Level::Wish };
    let mut out = Convention { ignores: true, parser: Parser::conventional(), ..Convention::unread(place) };
    out.rules.push(Rule::new("type-empty", level, true, Value::Null));
    let parsers = git.get("commit_parsers").and_then(Value::as_array);
    let groups = parsers.into_iter().flatten().filter(|p| p.get("skip").and_then(Value::as_bool) != Some(true));
    let patterns = groups.filter_map(|p| compile(p.get("message")?.as_str()?)).take(64);
    // One that takes everything is about no type.
    let patterns: Vec<_> = patterns.filter(|p| !p.is_match("zzz: zzz")).collect();
    let grouped = |type_: &&str| patterns.iter().any(|p| p.is_match(&format!("{type_}: zzz")));
    let types: Vec<&str> = TYPES.iter().copied().filter(|t| grouped(t)).collect();
    if !types.is_empty() {
        out.rules.push(Rule::new("type-enum", Level::Wish, false, json!(types)));
    }
    Some(out)
}
