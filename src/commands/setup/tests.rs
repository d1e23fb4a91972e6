//! Editing: whatever else stands in a file stays byte for byte, and what was set goes without a trace.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::edit::Format::{self, Dotenv, Json, Toml, Yaml};
use super::edit::{Damage, Edit};
use super::tools::TOOLS;
use super::wish::{Key, Wish};
use crate::commands::serve::address::KEY as VARIABLE;
use crate::model::Secret;

fn at(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

fn set(format: Format, text: &str, path: &str, value: impl Into<Value>) -> String {
    format.set(text, &at(path), &value.into()).unwrap()
}

/// Sets it, reads it back, and takes it out again: nothing else has moved.
#[track_caller]
fn there_and_back(format: Format, text: &str, path: &str, value: impl Into<Value>) -> String {
    let value = value.into();
    let with = set(format, text, path, value.clone());
    assert_eq!(format.get(&with, &at(path)).unwrap(), Some(value), "{with}");
    assert_eq!(format.carry(&with, &at(path), text).unwrap(), text, "taken out of:\n{with}");
    with
}

fn wrong(format: Format, text: &str, path: &str) -> String {
    let outcome = format.set(text, &at(path), &json!("x"));
    outcome.map_err(|damage: Damage| damage.to_string()).expect_err(text)
}

#[test]
fn json_keeps_comments_commas_and_layout() {
    let zed = "// Mine.\n{\n    \"theme\": \"One\", // dark\n    /* fonts */\n    \"size\": 14,\n}\n";
    let with = there_and_back(Json, zed, "language_models/openai_compatible/monster/api_url", "http://x");
    insta::assert_snapshot!(with, @r#"
    // Mine.
    {
        "theme": "One", // dark
        /* fonts */
        "size": 14,
        "language_models": {
            "openai_compatible": {
                "monster": {
                    "api_url": "http://x"
                }
            }
        },
    }
    "#);
    let noted = "{\n  \"a\": 1 // last\n}\n";
    assert_eq!(there_and_back(Json, noted, "b", true), "{\n  \"a\": 1, // last\n  \"b\": true\n}\n");
    assert_eq!(there_and_back(Json, "{\"a\": {\"b\": 1}}", "a/c", "x"), "{\"a\": {\"b\": 1, \"c\": \"x\"}}");
    assert_eq!(there_and_back(Json, "{\r\n\t\"a\": 1\r\n}\r\n", "b", 2), "{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}\r\n");
    assert_eq!(there_and_back(Json, "{}", "a", 1), "{\n  \"a\": 1\n}");
    assert_eq!(
        there_and_back(Json, "{\"url\": \"http://old\" /* mine */}", "url", "new"),
        "{\"url\": \"new\" /* mine */}"
    );
    assert_eq!(there_and_back(Json, "\u{feff}{ \"a\": 1 }", "b", 1), "\u{feff}{ \"a\": 1, \"b\": 1 }");
    // Of two members with one name the last one counts, for every reader.
    assert_eq!(set(Json, "{\"a\": 1, \"a\": 2}", "a", 3), "{\"a\": 1, \"a\": 3}");
    assert_eq!(set(Json, "  \n", "a", 1), "{\n  \"a\": 1\n}\n");
}

#[test]
fn json_that_is_none_is_refused_with_its_line() {
    assert_eq!(wrong(Json, "{\n  \"a\": 1\n  \"b\": 2\n}", "c"), "line 3: a comma or an end was expected");
    assert_eq!(wrong(Json, "{\"a\": 1", "c"), "line 1: the JSON ends too early");
    assert_eq!(wrong(Json, "[1]", "c"), "it is no JSON object");
    assert_eq!(wrong(Json, "{\"a\": nope}", "c"), "line 1: this is no JSON value");
    assert_eq!(wrong(Json, "{\"a\": \"x\n}", "c"), "line 1: a string has no end");
    assert_eq!(wrong(Json, "{} x", "c"), "line 1: something follows the end of the JSON");
    assert_eq!(wrong(Json, "{ /* }", "c"), "line 1: a comment has no end");
    assert_eq!(wrong(Json, "{\n\"env\": [1]}", "env/X"), "line 2: \"env\" is no object");
    assert_eq!(wrong(Json, &"{\"a\":".repeat(5000), "c"), "line 1: it is nested too deeply");
}

#[test]
fn toml_keeps_comments_and_order() {
    let codex = "# Mine.\nmodel = \"gpt-5.2\" # the usual\n\n[mcp_servers.docs] # local\ncommand = \"docs\"\n";
    let mut with = set(Toml, codex, "model_provider", "monster");
    with = set(Toml, &with, "model_providers/monster/name", "monster serve");
    with = set(Toml, &with, "model_providers/monster/wire_api", "responses");
    insta::assert_snapshot!(with, @r#"
    # Mine.
    model = "gpt-5.2" # the usual
    model_provider = "monster"

    [mcp_servers.docs] # local
    command = "docs"

    [model_providers.monster]
    name = "monster serve"
    wire_api = "responses"
    "#);
    let without = Toml.carry(&with, &at("model_providers/monster"), codex).unwrap();
    assert_eq!(Toml.carry(&without, &at("model_provider"), codex).unwrap(), codex);
    assert_eq!(there_and_back(Toml, codex, "model", "other"), codex.replace("gpt-5.2", "other"));
    let windows = codex.replace('\n', "\r\n");
    assert!(!there_and_back(Toml, &windows, "model_provider", "monster").replace("\r\n", "").contains('\n'));
    there_and_back(Toml, "model_providers = { a = { name = \"x\" } }\n", "model_providers/monster/name", "y");
    there_and_back(Toml, "a.b = 1\n", "a/c", "y");
    // The last line needs no end, and does not keep the one it got.
    for open in
        ["a = 1", "a = 1 # x", "a = 1\nb = \"\"", "a = 1\r\nb = 2", "[t]\nx = 1", "[t]", "a = 1\n# x", "# x", " a = 1"]
    {
        there_and_back(Toml, open, "c", "y");
        there_and_back(Toml, open, "model_providers/monster/name", "y");
        let all = set(Toml, &set(Toml, open, "c", "y"), "d/e", "z");
        assert_eq!(Toml.carry(&Toml.carry(&all, &at("c"), open).unwrap(), &at("d/e"), open).unwrap(), open);
    }
    assert_eq!(Toml.carry("a = 2\nc = 1\n", &at("c"), "a = 1").unwrap(), "a = 2\n", "what was written since stays");
    assert_eq!(wrong(Toml, "a = 1\nb = = 2\n", "c").split(':').next(), Some("line 2"));
    assert_eq!(wrong(Toml, "a = 1\r\nb = 2\n", "c"), "its lines end in two different ways");
    assert_eq!(wrong(Toml, "a = 1\n", "a/b"), "\"a\" is no table");
}

#[test]
fn yaml_changes_its_own_lines_alone() {
    let aider = "# Mine.\nmodel: sonnet   # the usual\ndark-mode: true\nread:\n  - NOTES.md\n\n# The end.\n";
    assert_eq!(
        there_and_back(Yaml, aider, "model", "openai/monster/balanced"),
        aider.replace("sonnet", "openai/monster/balanced")
    );
    assert_eq!(
        there_and_back(Yaml, aider, "openai-api-base", "http://x/v1"),
        format!("{aider}openai-api-base: http://x/v1\n")
    );
    assert_eq!(set(Yaml, "a: 1", "b", "yes"), "a: 1\nb: \"yes\"\n");
    there_and_back(
        Yaml,
        "---\n'quoted': \"a # b\" # c\nlist:\n- x\n- y\ntext: |\n  key: value\n  \ttab\n",
        "quoted",
        "z # y",
    );
    assert_eq!(
        wrong(Yaml, "model:\n  - a\n", "model"),
        "line 1: \"model\" is no plain value on one line; change it by hand"
    );
    assert_eq!(wrong(Yaml, "model: a\nmodel: b\n", "x"), "line 2: \"model\" is said twice");
    assert_eq!(wrong(Yaml, "a: \"b\nc: d\n", "x"), "line 1: the value of \"a\" has no end");
    assert_eq!(wrong(Yaml, "just words\n", "x"), "line 1: this is neither a key at the left edge nor below one");
    assert_eq!(wrong(Yaml, "{a: 1}\n", "x"), "line 1: this is neither a key at the left edge nor below one");
    assert_eq!(wrong(Yaml, "a: 1\n---\nb: 2\n", "x"), "line 2: this is neither a key at the left edge nor below one");
    assert_eq!(wrong(Yaml, "a: 1\n\tb: 2\n", "x"), "line 2: a tab cannot indent YAML");
}

#[test]
fn yaml_lists_take_and_lose_members() {
    let own = "name: Mine\nmodels:\n    # local\n    - name: Qwen\n      provider: ollama\n      roles:\n        - chat\n\nrules: []\n";
    let field = |name: &str| [at_member("models", "name=monster/fast"), at(name)].concat();
    let mut with = Yaml.set(own, &field("provider"), &json!("openai")).unwrap();
    with = Yaml.set(&with, &field("apiKey"), &json!("${{ secrets.K }}")).unwrap();
    insta::assert_snapshot!(with, @r#"
    name: Mine
    models:
        # local
        - name: Qwen
          provider: ollama
          roles:
            - chat
        - name: monster/fast
          provider: openai
          apiKey: "${{ secrets.K }}"

    rules: []
    "#);
    assert_eq!(
        Yaml.get(&with, &at_member("models", "name=monster/fast")).unwrap(),
        Some(json!({ "name": "monster/fast", "provider": "openai", "apiKey": "${{ secrets.K }}" }))
    );
    assert_eq!(Yaml.carry(&with, &at_member("models", "name=monster/fast"), own).unwrap(), own);
    // An empty list, no list, no file, and a list that is the file.
    for (text, top) in [
        ("models: []\nrules: []\n", "models"),
        ("name: x\n", "models"),
        ("", "models"),
        ("- model_id: a\n  model_name: b\n", ""),
        ("", ""),
    ] {
        let mut path = vec!["model_id=monster/x".to_owned(), "api_base".to_owned()];
        if !top.is_empty() {
            path.insert(0, top.to_owned());
        }
        let with = Yaml.set(text, &path, &json!("http://x/v1")).unwrap();
        let whole = path.get(..path.len() - 1).unwrap();
        assert_eq!(Yaml.carry(&with, whole, text).unwrap(), text, "taken out of:\n{with}");
    }
    let flow = Yaml.set(
        "models: [a]\n",
        &at_member("models", "name=x").into_iter().chain(at("y")).collect::<Vec<_>>(),
        &json!("z"),
    );
    assert!(flow.is_err());
}

fn at_member(top: &str, member: &str) -> Vec<String> {
    vec![top.to_owned(), member.to_owned()]
}

#[test]
fn variables_keep_their_neighbours() {
    let text = "# Mine.\nexport A='x y' # c\nB=\"two\nlines\"\n";
    there_and_back(Dotenv, text, "C", "http://127.0.0.1:1");
    assert_eq!(there_and_back(Dotenv, text, "A", "z"), text.replace("'x y'", "z"), "the comment stays");
    there_and_back(Dotenv, text, "B", "one");
    assert_eq!(set(Dotenv, "A=1", "B", "a b"), "A=1\nB='a b'\n");
    assert_eq!(wrong(Dotenv, "A=1\nB=\"x\n", "C"), "line 2: a quoted value has no end");
    assert_eq!(Dotenv.get("A=1\nA=2\n", &at("A")).unwrap(), Some(json!("2")));
}

fn wish(key: Key) -> Wish {
    Wish { base: "http://127.0.0.1:7766".to_owned(), key, models: vec!["monster/fast".to_owned()], chosen: true }
}

#[test]
fn every_tool_takes_what_it_is_told_and_gives_it_back() {
    for tool in TOOLS {
        for key in [Key::Variable, Key::Given(Secret::new("a-key".to_owned())), Key::Open] {
            let given = matches!(key, Key::Given(_));
            let mut said = String::new();
            for file in tool.files {
                let edits: Vec<Edit> =
                    (file.says)(&wish(key.clone())).into_iter().filter(|edit| !edit.gone()).collect();
                let mut text = String::new();
                for edit in &edits {
                    text = file.format.set(&text, &edit.at, &edit.value).unwrap();
                }
                for edit in &edits {
                    let there = file.format.get(&text, &edit.at).unwrap();
                    assert_eq!(there.as_ref(), Some(&edit.value), "{}: {}\n{text}", tool.name, edit.at.join("."));
                    assert!(!edit.secret || given, "{} has no key to hold", tool.name);
                }
                let mut left = text.clone();
                for edit in &edits {
                    left = file.format.carry(&left, &edit.at, "").unwrap();
                }
                assert!(file.format.empty(&left), "{} leaves something behind:\n{left}", tool.name);
                said += &text;
            }
            assert!(said.contains("127.0.0.1:7766"), "{} is told where to call", tool.name);
            let own = matches!(tool.key, super::tools::Holding::Own(_));
            assert_eq!(said.contains("a-key"), given && !own, "{}", tool.name);
            let variable = matches!(key, Key::Variable) && tool.key == super::tools::Holding::Variable;
            assert!(!variable || said.contains(VARIABLE), "{} is told the variable", tool.name);
        }
    }
}

/// JSON as people write it: comments, commas behind the last member, any layout.
fn document() -> impl Strategy<Value = String> {
    let gap = prop_oneof![Just(""), Just(" "), Just("\n  "), Just(" // note\n\t"), Just(" /* n */ ")];
    let leaf =
        prop_oneof![Just("1"), Just("\"x, } y\""), Just("null"), Just("[1, {\"z\": 2},]")].prop_map(str::to_owned);
    let value = leaf.prop_recursive(3, 12, 3, move |inner| {
        let member = ("[a-d]", inner, gap.clone(), gap.clone());
        (proptest::collection::btree_map("[a-d]", member, 0..4), any::<bool>(), gap.clone()).prop_map(
            |(all, comma, end)| {
                let members: Vec<String> =
                    all.into_iter().map(|(name, (_, value, g, h))| format!("{g}\"{name}\":{h}{value}")).collect();
                let comma = if comma && !members.is_empty() { "," } else { "" };
                format!("{{{}{comma}{end}}}", members.join(","))
            },
        )
    });
    value.prop_filter("an object", |text| text.starts_with('{'))
}

proptest! {
    #[test]
    fn any_json_keeps_all_else(text in document(), path in "[a-f](/[a-f]){0,2}", value in "[a-z\"\\\\ ]{0,8}") {
        let path = at(&path);
        let Ok(with) = Json.set(&text, &path, &json!(value)) else { return Ok(()) };
        prop_assert_eq!(Json.get(&with, &path).unwrap(), Some(json!(value)));
        // Everything else is as it was.
        let mut expected = Json.get(&text, &[]).unwrap().unwrap();
        let mut node = &mut expected;
        for name in &path {
            node = node.as_object_mut().unwrap().entry(name.clone()).or_insert_with(|| json!({}));
        }
        *node = json!(value);
        prop_assert_eq!(Json.get(&with, &[]).unwrap().unwrap(), expected, "{}", with);
        // And taken out it is the same again.
        let back = Json.carry(&with, &path, &text).unwrap();
        prop_assert_eq!(Json.get(&back, &[]).unwrap(), Json.get(&text, &[]).unwrap(), "{}\n{}", with, back);
    }

    #[test]
    fn no_bytes_panic(text in ".{0,60}", path in "[a-c](/[a-c]){0,2}") {
        for format in [Json, Toml, Yaml, Dotenv] {
            for part in [text.clone(), format!("{{\"a\": {text}"), format!("a: {text}\n- b: {text}"), format!("a={text}\n{text}")] {
                let path = at(&path);
                let _ = format.get(&part, &path);
                if let Ok(with) = format.set(&part, &path, &json!("x")) {
                    let _ = format.carry(&with, &path, &part);
                }
            }
        }
    }
}
