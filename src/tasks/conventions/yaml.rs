//! YAML as a repository may write it: read into plain values, within bounds.

use saphyr::{LoadableYamlNode, Mapping, Scalar, Yaml};
use serde_json::{Map, Number, Value};

/// Larger files are not read (bytes).
const LIMIT: usize = 64 << 10;
/// What it may hold goes no deeper than this (levels), and begins no further on in its line (columns).
const DEEP: usize = 32;
const FAR: usize = 64;
/// Each use of an anchor copies what it stands for.
const ALIASES: usize = 8;

/// The first document of a text; words say why it is not read.
pub(super) fn read(text: &str) -> Result<Value, String> {
    bounded(text)?;
    let documents = Yaml::load_from_str(text).map_err(|error| format!("it is no YAML: {error}"))?;
    documents.into_iter().next().map_or(Ok(Value::Null), |one| plain(one, 0))
}

/// Looks at the letters alone, before the parser does: how deep it would have to go, and how often something is copied.
fn bounded(text: &str) -> Result<(), String> {
    if text.len() > LIMIT {
        return Err(format!("it has more than {} KiB", LIMIT >> 10));
    }
    // A level more begins a column further on, so columns bound the levels. Brackets the parser bounds itself (255).
    let begins = |line: &str| line.len() - line.trim_start_matches([' ', '\t', '-', '?', ':']).len();
    if text.lines().any(|line| begins(line) > FAR) {
        return Err("it is nested too deeply".to_owned());
    }
    let uses = text.match_indices('*').filter(|(at, _)| {
        let before = text[..*at].chars().next_back().is_none_or(|c| c.is_whitespace() || "[{,:-?".contains(c));
        before && text[at + 1..].starts_with(|c: char| !c.is_whitespace())
    });
    if text.contains('&') && uses.count() > ALIASES {
        return Err("it uses too many aliases".to_owned());
    }
    Ok(())
}

fn plain(value: Yaml<'_>, depth: usize) -> Result<Value, String> {
    if depth > DEEP {
        return Err("it is nested too deeply".to_owned());
    }
    Ok(match value {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(b)) => Value::Bool(b),
        Yaml::Value(Scalar::Integer(n)) => Value::from(n),
        Yaml::Value(Scalar::FloatingPoint(n)) => Number::from_f64(n.0).map_or(Value::Null, Value::Number),
        Yaml::Value(Scalar::String(text)) | Yaml::Representation(text, ..) => Value::String(text.into_owned()),
        Yaml::Sequence(all) => {
            Value::Array(all.into_iter().map(|one| plain(one, depth + 1)).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(all) => mapping(all, depth)?,
        Yaml::Tagged(tag, _) => return Err(format!("it holds the tag {}{}", tag.handle, tag.suffix)),
        Yaml::Alias(_) | Yaml::BadValue => return Err("it holds a value that is none".to_owned()),
    })
}

fn mapping(all: Mapping<'_>, depth: usize) -> Result<Value, String> {
    let (mut out, mut under) = (Map::new(), Map::new());
    for (key, value) in all {
        let value = plain(value, depth + 1)?;
        let name = match plain(key, depth + 1)? {
            Value::String(name) => name,
            Value::Number(number) => number.to_string(),
            Value::Bool(word) => word.to_string(),
            _ => return Err("it has a key that is no text".to_owned()),
        };
        match (name.as_str(), value) {
            // What is merged stands under what is written.
            ("<<", Value::Object(merged)) => under.extend(merged),
            (_, value) => {
                out.insert(name, value);
            }
        }
    }
    for (name, value) in under {
        out.entry(name).or_insert(value);
    }
    Ok(Value::Object(out))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_write_is_read() {
        let text = "# rules\nextends:\n  - '@commitlint/config-conventional'\nrules:\n  type-enum: [2, always, [feat, fix]]\n  header-max-length:\n    - 2\n    - always\n    - 72\n  subject-case: [0]\n";
        let value = read(text).unwrap();
        assert_eq!(value["extends"], json!(["@commitlint/config-conventional"]));
        assert_eq!(value["rules"]["header-max-length"], json!([2, "always", 72]));
        assert_eq!(value["rules"]["type-enum"][2], json!(["feat", "fix"]));
        assert_eq!(
            read("{\"rules\": {\"type-empty\": [2, \"never\"]}}").unwrap()["rules"]["type-empty"][0],
            2,
            "JSON is YAML"
        );
        let merged = read("base: &b {a: 1, b: 2}\nrules:\n  <<: *b\n  b: 3\n").unwrap();
        assert_eq!(merged["rules"], json!({"a": 1, "b": 3}));
        assert_eq!(read("").unwrap(), Value::Null);
    }

    #[test]
    fn hostile_yaml_is_refused_in_words() {
        let said = |text: &str| read(text).unwrap_err();
        let mut bomb = "a0: &a0 [x, x]\n".to_owned();
        for n in 1..40 {
            bomb.push_str(&format!("a{n}: &a{n} [*a{p}, *a{p}]\n", p = n - 1));
        }
        assert_eq!(said(&bomb), "it uses too many aliases");
        for deep in [
            "[".repeat(5_000),
            "{a: ".repeat(5_000),
            "- ".repeat(5_000),
            "? ".repeat(5_000),
            (0..200).map(|n| format!("{}a:\n\n", " ".repeat(n))).collect::<String>(),
            (0..60).map(|n| format!("{}a:\n\n# b\n", " ".repeat(n))).collect::<String>(),
            format!("a: {}{}", "[".repeat(250), "]".repeat(250)),
            "- [\n".repeat(500),
        ] {
            assert!(read(&deep).is_err(), "{}", deep.chars().take(20).collect::<String>());
        }
        assert_eq!(said(&"a: b\n".repeat(20_000)), "it has more than 64 KiB");
        assert!(said("a: !!python/object:os.system x").starts_with("it "), "no tag makes anything");
        assert!(said("a: 1\na: 2").starts_with("it is no YAML: "));
        assert!(said("a: [b").starts_with("it is no YAML: "));
    }

    proptest! {
        #[test]
        fn nothing_ends_in_a_panic(text in "[-\\[\\]{}:?!&*a-c0-9'\"|>,# \n\t]{0,300}") {
            let _ = read(&text);
        }
    }
}
