//! commitlint's configuration, read as it lies there: no program of a repository is run for it.

use serde_json::{Map, Value, json};

use super::parsed::Parser;
use super::rules::{self, Rule};
use super::{Convention, Files, Notes, script, yaml};

/// Where commitlint looks, in its order; `.toml` is what others read beside it.
const PLACES: [&str; 20] = [
    "package.json",
    "package.yaml",
    ".commitlintrc",
    ".commitlintrc.json",
    ".commitlintrc.yaml",
    ".commitlintrc.yml",
    ".commitlintrc.js",
    ".commitlintrc.cjs",
    ".commitlintrc.mjs",
    "commitlint.config.js",
    "commitlint.config.cjs",
    "commitlint.config.mjs",
    ".commitlintrc.ts",
    ".commitlintrc.cts",
    ".commitlintrc.mts",
    "commitlint.config.ts",
    "commitlint.config.cts",
    "commitlint.config.mts",
    ".commitlintrc.toml",
    "commitlint.config.toml",
];

/// Configurations may extend others so far, and so many in all (files).
const EXTENDS: usize = 5;
const EXTENDED: usize = 32;

const CONVENTIONAL: &str = "@commitlint/config-conventional";
const ANGULAR: &str = "@commitlint/config-angular";

/// What the packages of that name declare (20.5.3).
fn shared(name: &str) -> Option<Value> {
    let both = json!(["sentence-case", "start-case", "pascal-case", "upper-case"]);
    match name {
        CONVENTIONAL => Some(json!({
            "parserPreset": "conventional-changelog-conventionalcommits",
            "rules": {
                "body-leading-blank": [1, "always"],
                "body-max-line-length": [2, "always", 100],
                "footer-leading-blank": [1, "always"],
                "footer-max-line-length": [2, "always", 100],
                "header-max-length": [2, "always", 100],
                "header-trim": [2, "always"],
                "subject-case": [2, "never", both],
                "subject-empty": [2, "never"],
                "subject-full-stop": [2, "never", "."],
                "type-case": [2, "always", "lower-case"],
                "type-empty": [2, "never"],
                "type-enum": [2, "always",
                    ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"]],
            },
        })),
        ANGULAR => Some(json!({
            "parserPreset": { "parserOpts": { "headerPattern": r"^(\w*)(?:\((.*)\))?!?: (.*)$" } },
            "rules": {
                "subject-exclamation-mark": [2, "never"],
                "body-leading-blank": [1, "always"],
                "footer-leading-blank": [1, "always"],
                "header-max-length": [2, "always", 72],
                "scope-case": [2, "always", "lower-case"],
                "subject-case": [2, "never", both],
                "subject-empty": [2, "never"],
                "subject-full-stop": [2, "never", "."],
                "type-case": [2, "always", "lower-case"],
                "type-empty": [2, "never"],
                "type-enum": [2, "always",
                    ["build", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"]],
            },
        })),
        _ => None,
    }
}

/// The first configuration that a repository has.
pub(super) fn read(files: &Files<'_>, notes: &mut Notes) -> Option<Convention> {
    PLACES.iter().find_map(|place| {
        let text = files(place)?;
        match config(place, &text) {
            Ok(config) => Some(convention(place, &config?, files, notes)),
            Err(why) => {
                notes.say(place, &why);
                // It is the one that holds: another is not taken for it.
                Some(Convention::unread(place))
            }
        }
    })
}

/// What `commitlint --print-config json` has printed into a file.
pub(super) fn printed(file: &str, text: &str, notes: &mut Notes) -> Result<Convention, String> {
    let config: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    if !config.get("rules").is_some_and(Value::is_object) {
        return Err("it holds no rules; make it with: commitlint --print-config json".to_owned());
    }
    // What it extends is in it already.
    Ok(made(file, &config, notes))
}

/// The object in a file; `Ok(None)` where the file is about something else.
fn config(place: &str, text: &str) -> Result<Option<Value>, String> {
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("it is no JSON: {error}"));
    let object = |value: Value| if value.is_object() { Ok(Some(value)) } else { Err("it holds no object".to_owned()) };
    match place.rsplit('.').next().unwrap_or_default() {
        "json" if place == "package.json" => match json(text)?.get("commitlint") {
            Some(config) => object(config.clone()),
            None => Ok(None),
        },
        "yaml" if place == "package.yaml" => match yaml::read(text)?.get("commitlint") {
            Some(config) => object(config.clone()),
            None => Ok(None),
        },
        "json" => object(json(text)?),
        "toml" => object(toml::from_str(text).map_err(|error| format!("it is no TOML: {}", error.message()))?),
        "js" | "cjs" | "mjs" | "ts" | "cts" | "mts" => match script::exported(text) {
            Some(config) => Ok(Some(config)),
            None => Err("it is a program and is not run, so its rules are not known; they are with: \
                         commitlint --print-config json > FILE and monster commit --commitlint-json FILE"
                .to_owned()),
        },
        _ => object(yaml::read(text)?),
    }
}

fn convention(place: &str, own: &Value, files: &Files<'_>, notes: &mut Notes) -> Convention {
    let mut whole = Value::Object(Map::new());
    let mut left = EXTENDED;
    extend(&mut whole, own, place, files, notes, (0, &mut left));
    made(place, &whole, notes)
}

/// Lays what a configuration extends below it, and then itself.
fn extend(
    whole: &mut Value,
    config: &Value,
    place: &str,
    files: &Files<'_>,
    notes: &mut Notes,
    (depth, left): (usize, &mut usize),
) {
    let named: Vec<&str> = match config.get("extends") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    for name in named {
        if let Some(known) = shared(name) {
            lay(whole, &known);
            continue;
        }
        let near = name.strip_prefix("./").filter(|rest| !rest.split('/').any(|part| part == ".."));
        // Meant from where the file lies that says it.
        let folder = place.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        let more = depth < EXTENDS && *left > 0;
        *left = left.saturating_sub(1);
        let read = near.filter(|_| more).and_then(|path| {
            // As programs there name each other: without the end of the name.
            let ends = ["", ".js", ".json"];
            ends.iter().find_map(|end| {
                let path = format!("{folder}{path}{end}");
                let text = files(&path)?;
                Some((config_of(&path, &text), path))
            })
        });
        match read {
            Some((Ok(Some(other)), path)) => extend(whole, &other, &path, files, notes, (depth + 1, left)),
            Some((Err(why), path)) => notes.say(&path, &why),
            _ => notes.say(place, &format!("it extends {name}, whose rules are not known")),
        }
    }
    lay(whole, config);
}

fn config_of(path: &str, text: &str) -> Result<Option<Value>, String> {
    // The name of a whole package file is no name of an extended one.
    if path == "package.json" || path == "package.yaml" { Ok(None) } else { config(path, text) }
}

/// As commitlint merges: objects into each other, everything else over what stood there.
fn lay(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over.iter().filter(|(name, _)| *name != "extends") {
                lay(under.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}

fn made(file: &str, config: &Value, notes: &mut Notes) -> Convention {
    let parser = parser(file, config.get("parserPreset"), notes);
    let mut rules: Vec<Rule> = Vec::new();
    for (name, given) in config.get("rules").and_then(Value::as_object).into_iter().flatten() {
        match rules::read(name, given) {
            Ok(rule) => rules.extend(rule),
            Err(why) => notes.say(file, &why),
        }
    }
    if config.get("ignores").is_some_and(|all| all.as_array().is_none_or(|all| !all.is_empty())) {
        notes.say(file, "its ignores are functions and are not run");
    }
    let Some(parser) = parser else {
        // Without its pattern nobody knows where its types and scopes are.
        rules.retain(|rule| !["type-", "scope-", "subject-"].iter().any(|about| rule.name.starts_with(about)));
        return Convention { rules, ..Convention::unread(file) };
    };
    let ignores = config.get("defaultIgnores") != Some(&Value::Bool(false));
    Convention { rules, ignores, parser: Some(parser), ..Convention::unread(file) }
}

fn parser(file: &str, preset: Option<&Value>, notes: &mut Notes) -> Option<Parser> {
    let named = |name: &str| match name {
        name if name.ends_with("conventional-changelog-conventionalcommits") => Parser::conventional(),
        name if name.ends_with("conventional-changelog-angular") => Parser::plain(),
        _ => None,
    };
    let unknown = |notes: &mut Notes, name: &str| {
        notes.say(file, &format!("its parserPreset {name} is not known"));
        None
    };
    match preset {
        None | Some(Value::Null) => Parser::plain(),
        Some(Value::String(name)) => named(name).or_else(|| unknown(notes, name)),
        Some(object) => {
            let name = object.get("name").and_then(Value::as_str);
            let base = match name {
                Some(name) => named(name).or_else(|| unknown(notes, name))?,
                None => Parser::plain()?,
            };
            let mut options = object.get("parserOpts").unwrap_or(&Value::Null);
            // A preset that is a module has its options one level further in.
            if let Some(inner) = options.get("parserOpts").or_else(|| options.get("parser")) {
                options = inner;
            }
            let (parser, odd) = base.with(options);
            odd.iter().for_each(|what| notes.say(file, what));
            parser
        }
    }
}
