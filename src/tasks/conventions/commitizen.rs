//! commitizen's configuration (Python's): which messages `cz check` lets through.

use serde_json::{Value, json};

use super::parsed::{Parser, compile};
use super::rules::{Level, Rule};
use super::{Convention, Files, Notes, yaml};

/// Where it looks, in its order.
const PLACES: [&str; 7] = [".cz.toml", "cz.toml", ".cz.json", "cz.json", ".cz.yaml", "cz.yaml", "pyproject.toml"];

/// Types of `cz_conventional_commits` (4.19).
const TYPES: [&str; 12] =
    ["build", "bump", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"];

/// Beginnings of messages that it lets through whatever they are.
const PREFIXES: [&str; 6] = ["Merge", "Revert", "Pull request", "fixup!", "squash!", "amend!"];

/// The first configuration that a repository has.
pub(super) fn read(files: &Files<'_>, notes: &mut Notes) -> Option<Convention> {
    PLACES.iter().find_map(|place| {
        let text = files(place)?;
        let whole = match place.rsplit('.').next().unwrap_or_default() {
            "json" => serde_json::from_str(&text).map_err(|error| format!("it is no JSON: {error}")),
            "toml" => toml::from_str(&text).map_err(|error| format!("it is no TOML: {}", error.message())),
            _ => yaml::read(&text),
        };
        let whole: Value = match whole {
            Ok(whole) => whole,
            // That it is about commitizen at all is not known of this one.
            Err(_) if *place == "pyproject.toml" => return None,
            Err(why) => {
                notes.say(place, &why);
                return None;
            }
        };
        let settings = whole.pointer("/tool/commitizen").or_else(|| whole.get("commitizen"))?;
        Some(convention(place, settings, notes))
    })
}

fn convention(place: &str, settings: &Value, notes: &mut Notes) -> Convention {
    let mut out = Convention { parser: Parser::conventional(), ..Convention::unread(place) };
    let prefixes = settings.get("allowed_prefixes").and_then(Value::as_array);
    out.prefixes = match prefixes {
        Some(own) => own.iter().filter_map(|p| p.as_str().map(str::to_owned)).collect(),
        None => PREFIXES.map(str::to_owned).to_vec(),
    };
    match settings.get("name").and_then(Value::as_str).unwrap_or("cz_conventional_commits") {
        "cz_conventional_commits" => {
            out.rules.push(Rule::new("type-enum", Level::Must, false, json!(TYPES)));
            out.rules.push(Rule::new("type-empty", Level::Must, true, Value::Null));
            out.rules.push(Rule::new("subject-empty", Level::Must, true, Value::Null));
            out.rules.push(Rule::new("body-leading-blank", Level::Must, false, Value::Null));
        }
        "cz_customize" => customised(place, settings.get("customize"), &mut out, notes),
        other => notes.say(place, &format!("its rules come from {other}, which is a program and is not run")),
    }
    let most = |setting: &str| settings.get(setting).and_then(Value::as_u64).filter(|n| *n > 0);
    out.rules.extend(most("message_length_limit").map(|n| Rule::new("header-max-length", Level::Must, false, n)));
    // It wraps at that itself, and refuses nothing.
    out.rules.extend(most("body_length_limit").map(|n| Rule::new("body-max-line-length", Level::Wish, false, n)));
    out
}

/// A pattern of the repository's own, and the types that it offers.
fn customised(place: &str, settings: Option<&Value>, out: &mut Convention, notes: &mut Notes) {
    let text = |name: &str| settings.and_then(|s| s.get(name)).and_then(Value::as_str);
    if let Some(pattern) = text("schema_pattern") {
        // It has to fit from the first letter on.
        match compile(&format!("^(?:{pattern})")) {
            Some(found) => out.pattern = Some((found, pattern.to_owned())),
            None => notes.say(place, "its schema_pattern cannot be followed"),
        }
    }
    let questions = settings.and_then(|s| s.get("questions")).and_then(Value::as_array);
    let named = |q: &&Value| {
        matches!(q.get("name").and_then(Value::as_str), Some("change_type" | "prefix" | "type" | "commit_type"))
    };
    let choices = questions.into_iter().flatten().find(named).and_then(|q| q.get("choices")?.as_array());
    let choice = |c: &Value| c.as_str().or_else(|| c.get("value")?.as_str()).map(str::to_owned);
    let types: Vec<String> = choices.into_iter().flatten().filter_map(choice).collect();
    wanted(out, &types);
    if !types.is_empty() {
        out.rules.push(Rule::new("type-enum", Level::Wish, false, json!(types)));
    }
}

/// What a pattern wants of type and scope: it is tried on a few headers, because a writer cannot read patterns.
fn wanted(out: &mut Convention, types: &[String]) {
    let Some((pattern, _)) = &out.pattern else { return };
    let known = || types.iter().map(String::as_str).chain(TYPES);
    let fits = |rest: &str| known().any(|type_| pattern.is_match(&format!("{type_}{rest}")));
    let (bare, scoped, untyped) = (fits(": zzz"), fits("(zzz): zzz"), pattern.is_match("zzz"));
    if (bare || scoped) && !untyped {
        out.rules.push(Rule::new("type-empty", Level::Must, true, Value::Null));
    }
    if bare != scoped {
        out.rules.push(Rule::new("scope-empty", Level::Must, scoped, Value::Null));
    }
}
