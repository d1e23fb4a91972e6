//! `monster setup`: what it would change in the settings of the user's tools, what it writes, and that nothing of the
//! user's is lost on the way there or back. That the tools understand it is `real/setup.rs`'s to show.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::key::key;
use crate::sandbox::Sandbox;

const TOOLS: [&str; 10] =
    ["claude-code", "codex", "gemini-cli", "opencode", "aider", "continue", "zed", "llm", "crush", "goose"];

/// Settings as somebody may have written them, by tool.
const OWN: [(&str, &str, &str); 7] = [
    (
        "claude-code",
        ".claude/settings.json",
        "{\n    \"env\": { \"EDITOR\": \"vi\" },\n    \"permissions\": { \"allow\": [\"Bash(ls:*)\"] }\n}\n",
    ),
    (
        "codex",
        ".codex/config.toml",
        "# Mine.\nmodel = \"gpt-5.2\" # the usual\n\n[mcp_servers.docs] # local\ncommand = \"docs\"\n\n[model_providers.lab]\nbase_url = \"http://lab\"\n",
    ),
    ("gemini-cli", ".gemini/.env", "# Mine.\nexport GOOGLE_CLOUD_PROJECT=lab\nGEMINI_API_KEY=before\n"),
    (
        "opencode",
        ".config/opencode/opencode.jsonc",
        "{\n\t// Mine.\n\t\"theme\": \"nord\",\n\t\"provider\": {\n\t\t\"lab\": { \"options\": {} }, // stays\n\t},\n}\n",
    ),
    ("aider", ".aider.conf.yml", "# Mine.\nmodel: sonnet # the usual\nread:\n  - NOTES.md\n"),
    (
        "continue",
        ".continue/config.yaml",
        "name: Mine\nversion: 1.0.0\nschema: v1\nmodels:\n  # local\n  - name: Qwen\n    provider: ollama\n    roles: [chat]\n\nrules:\n  - Be short.\n",
    ),
    (
        "zed",
        ".config/zed/settings.json",
        "// Mine.\n{\n  \"theme\": \"One Dark\", // at night\n  \"agent\": {\n    \"default_model\": { \"provider\": \"zed.dev\", \"model\": \"x\" },\n  },\n}\n",
    ),
];

/// Everything in the home but monster's own, with modes.
fn tree(sandbox: &Sandbox) -> BTreeMap<PathBuf, (String, u32)> {
    fn walk(dir: &Path, home: &Path, out: &mut BTreeMap<PathBuf, (String, u32)>) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            let own = [".config/monster", ".local/state/monster"].iter().any(|own| path == home.join(own));
            if own {
                continue;
            }
            let below = path.strip_prefix(home).unwrap().to_owned();
            if path.is_dir() {
                // Folders of ours lie in these.
                if ![".config", ".local", ".local/state"].iter().any(|shared| below == Path::new(shared)) {
                    out.insert(below, (String::new(), 0));
                }
                walk(&path, home, out);
            } else {
                out.insert(below, (fs::read_to_string(&path).unwrap(), mode(&path)));
            }
        }
    }
    let (home, mut out) = (sandbox.home(), BTreeMap::new());
    walk(&home, &home, &mut out);
    out
}

fn mode(path: &Path) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        0
    }
}

/// A machine on which this file lies in the home.
fn with(file: &str, text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    put(&sandbox, file, text);
    sandbox
}

fn put(sandbox: &Sandbox, file: &str, text: &str) {
    let path = sandbox.home().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
}

fn text(sandbox: &Sandbox, file: &str) -> String {
    fs::read_to_string(sandbox.home().join(file)).unwrap()
}

fn access() -> String {
    key("monster serve")
}

#[test]
fn every_tool_shows_what_it_would_change_and_changes_nothing() {
    for tool in TOOLS {
        let sandbox = Sandbox::new();
        let before = tree(&sandbox);
        let shown = sandbox.monster(&["setup", tool]).done();
        insta::assert_snapshot!(format!("diff_{tool}"), shown.ok().all());
        assert_eq!(tree(&sandbox), before, "{tool}: nothing was asked to be written");
    }
}

#[test]
fn what_every_tool_got_is_taken_back_without_a_trace() {
    for tool in TOOLS {
        for flag in ["--key-stdin", "--no-auth"] {
            let sandbox = Sandbox::new();
            let before = tree(&sandbox);
            let written = sandbox.monster(&["setup", tool, flag, "--write"]).stdin(access()).done();
            written.ok();
            assert!(!written.all().contains(&access()), "the key is not printed");
            let there = tree(&sandbox);
            assert!(there.len() > before.len(), "{tool}: something was written");
            for (path, (text, mode)) in &there {
                let holds = text.contains(&access());
                assert!(!cfg!(unix) || !holds || *mode == 0o600, "{tool}: others can read {}", path.display());
            }
            // A key that is there is kept; that there is to be none is said anew.
            let again: &[&str] = if flag == "--no-auth" { &[flag] } else { &[] };
            let again = sandbox.monster(&[&["setup", tool, "--write"], again].concat()).done();
            assert_eq!(tree(&sandbox), there, "{tool}: a second time changes nothing");
            assert!(again.ok().stdout.contains("already set up"), "{}", again.all());
            sandbox.monster(&["setup", tool, "--undo"]).done().ok();
            assert_eq!(tree(&sandbox), before, "{tool}: everything is as it was");
        }
    }
}

#[test]
fn what_the_user_wrote_stays_and_comes_back_byte_for_byte() {
    for (tool, file, own) in OWN {
        let sandbox = with(file, own);
        let before = tree(&sandbox);
        let shown = sandbox.monster(&["setup", tool, "--key-stdin", "--model", "gpt-5.2"]).stdin(access()).done();
        insta::assert_snapshot!(format!("own_{tool}"), shown.ok().all());
        assert!(!shown.all().contains(&access()) && !shown.all().contains("before\n+"), "no key is shown");
        sandbox.monster(&["setup", tool, "--key-stdin", "--model", "gpt-5.2", "--write"]).stdin(access()).done().ok();
        let written = text(&sandbox, file);
        assert_ne!(written, own);
        assert_eq!(text(&sandbox, &format!("{file}.monster-backup")), own, "the original lies beside it");
        for line in own.lines().filter(|line| line.contains("Mine") || line.contains("stays") || line.contains("lab")) {
            assert!(written.contains(line), "{tool}: {line} is gone from\n{written}");
        }
        sandbox.monster(&["setup", tool, "--undo"]).done().ok();
        assert_eq!(tree(&sandbox), before, "{tool}: everything is as it was");
    }
}

#[test]
fn a_last_line_without_an_end_is_no_obstacle() {
    for (tool, file, own) in OWN {
        let own = own.trim_end();
        let sandbox = with(file, own);
        sandbox.monster(&["setup", tool, "--key-stdin", "--write"]).stdin(access()).done().ok();
        assert_ne!(text(&sandbox, file), own);
        sandbox.monster(&["setup", tool, "--undo"]).done().ok();
        assert_eq!(text(&sandbox, file), own, "{tool}");
    }
    // Also where the original is no way back.
    let (tool, file, own) = OWN[1];
    let sandbox = with(file, own.trim_end());
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    let changed = text(&sandbox, file).replace("# Mine.", "# Own.");
    fs::write(sandbox.home().join(file), changed).unwrap();
    sandbox.monster(&["setup", tool, "--undo"]).done().ok();
    assert_eq!(text(&sandbox, file), own.trim_end().replace("# Mine.", "# Own."));
}

#[test]
fn what_the_user_changed_since_stays_and_only_ours_goes() {
    let more: BTreeMap<&str, (&str, &str)> = [
        ("claude-code", ("\"EDITOR\": \"vi\"", "\"EDITOR\": \"nano\"")),
        ("codex", ("# the usual", "# the usual one")),
        ("gemini-cli", ("# Mine.", "# Mine.\nMORE=1")),
        ("opencode", ("\"nord\"", "\"gruvbox\"")),
        ("aider", ("- NOTES.md", "- NOTES.md\n  - TODO.md")),
        ("continue", ("roles: [chat]", "roles: [chat, edit]")),
        ("zed", ("One Dark", "One Light")),
    ]
    .into();
    for (tool, file, own) in OWN {
        let sandbox = with(file, own);
        sandbox.monster(&["setup", tool, "--key-stdin", "--write"]).stdin(access()).done().ok();
        let (from, to) = more[tool];
        let changed = text(&sandbox, file).replace(from, to);
        fs::write(sandbox.home().join(file), changed).unwrap();
        let undone = sandbox.monster(&["setup", tool, "--undo"]).done();
        assert_eq!(text(&sandbox, file), own.replace(from, to), "{tool}: {}", undone.ok().all());
        assert!(undone.stderr.contains("your original from before lies in"), "{}", undone.all());
        assert_eq!(text(&sandbox, &format!("{file}.monster-backup")), own);
        // The next original gets a name of its own.
        sandbox.monster(&["setup", tool, "--key-stdin", "--write"]).stdin(access()).done().ok();
        assert_eq!(text(&sandbox, &format!("{file}.monster-backup")), own, "the first one is never overwritten");
        assert_eq!(text(&sandbox, &format!("{file}.monster-backup-2")), own.replace(from, to));
    }
}

#[test]
fn a_setting_of_ours_that_the_user_took_over_is_left_and_told() {
    let (tool, file, own) = OWN[1];
    let sandbox = with(file, own);
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    fs::write(
        sandbox.home().join(file),
        text(&sandbox, file).replace("model_provider = \"monster\"", "model_provider = \"lab\""),
    )
    .unwrap();
    let undone = sandbox.monster(&["setup", tool, "--undo"]).done();
    assert!(undone.ok().stderr.contains("you changed model_provider since, so it stays"), "{}", undone.all());
    let left = text(&sandbox, file);
    assert!(left.contains("model_provider = \"lab\"") && !left.contains("monster"), "{left}");
}

#[test]
fn what_is_not_understood_is_refused_and_nothing_is_touched() {
    let damaged = [
        ("claude-code", ".claude/settings.json", "{\n  \"env\": {\n}\n"),
        ("codex", ".codex/config.toml", "model = \"a\nb = 1\n"),
        ("opencode", ".config/opencode/opencode.json", "{ \"a\": 1 } }"),
        ("aider", ".aider.conf.yml", "model: a\n- b\nmodel: c\n"),
        ("gemini-cli", ".gemini/.env", "A=\"x\n"),
        ("zed", ".config/zed/settings.json", "{ /* no end }"),
        ("continue", ".continue/config.yaml", "models: [{ name: a }]\n"),
    ];
    let mut said = String::new();
    for (tool, file, text) in damaged {
        let sandbox = with(file, text);
        let before = tree(&sandbox);
        // Another tool in the same breath is not written either.
        let refused = sandbox.monster(&["setup", "llm", tool, "--no-auth", "--write"]).done();
        refused.exits(1);
        assert_eq!(tree(&sandbox), before, "{tool}");
        said += &refused.all();
        let list = sandbox.monster(&["setup"]).done();
        assert!(list.ok().stdout.contains("not understood"), "{}", list.all());
    }
    insta::assert_snapshot!("damaged", said);
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.home().join(".codex")).unwrap();
    fs::write(sandbox.home().join(".codex/config.toml"), b"\xff\xfe").unwrap();
    let refused = sandbox.monster(&["setup", "codex"]).done();
    assert!(refused.exits(1).stderr.contains("it is no text in UTF-8"), "{}", refused.all());
}

#[test]
fn settings_that_became_damaged_since_are_left_with_the_way_to_the_original() {
    let (tool, file, own) = OWN[0];
    let sandbox = with(file, own);
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    fs::write(sandbox.home().join(file), "{ \"env\": ").unwrap();
    let refused = sandbox.monster(&["setup", tool, "--undo"]).done();
    insta::assert_snapshot!("damaged_since", refused.exits(1).all());
    assert_eq!(text(&sandbox, file), "{ \"env\": ");
}

#[test]
fn tools_of_this_machine_are_listed_with_their_state() {
    let sandbox = with(OWN[1].1, OWN[1].2);
    put(&sandbox, OWN[0].1, OWN[0].2);
    put(&sandbox, OWN[4].1, OWN[4].2);
    let nothing = Sandbox::new().monster(&["setup"]).done();
    assert!(nothing.ok().stderr.contains("none of the tools"), "{}", nothing.all());
    sandbox.monster(&["setup", "codex", "claude-code", "--write"]).done().ok();
    let list = sandbox.monster(&["setup"]).done();
    insta::assert_snapshot!("list", list.ok().all());
    // Another address is a change that setup would make.
    sandbox.config("[serve]\nlisten = [\"unix:/tmp/m.sock\", \"127.0.0.1:7999\"]\n");
    let states: Vec<_> = sandbox.monster(&["setup", "--json"]).done().json()["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["name"].clone(), t["state"].clone()))
        .collect();
    assert_eq!(json!(states), json!([["claude-code", "changed"], ["codex", "changed"], ["aider", "not set up"]]));
    let before = text(&sandbox, "../home/.codex/config.toml");
    sandbox.monster(&["setup", "codex", "--write"]).done().ok();
    assert_eq!(text(&sandbox, OWN[1].1), before.replace(":7766", ":7999"));
    assert_eq!(text(&sandbox, &format!("{}.monster-backup", OWN[1].1)), OWN[1].2, "still the original");
    sandbox.monster(&["setup", "codex", "--undo"]).done().ok();
    assert_eq!(text(&sandbox, OWN[1].1), OWN[1].2);
    let again = sandbox.monster(&["setup", "codex", "--undo"]).done();
    assert!(again.ok().stdout.contains("Codex was not set up by monster"), "{}", again.all());
}

#[test]
fn what_is_done_is_told_to_programs_too() {
    let sandbox = with(OWN[1].1, OWN[1].2);
    let plan = sandbox.monster(&["setup", "codex", "--json"]).done().ok().json();
    assert_eq!(plan["tools"][0]["key"], json!({ "how": "variable", "variable": "MONSTER_KEY" }));
    assert!(plan["tools"][0]["files"][0]["diff"].as_str().unwrap().contains("+model_provider = \"monster\""));
    let done = sandbox.monster(&["setup", "codex", "--write", "--restore", "text", "--json"]).done().ok().json();
    assert_eq!(done["restore"], json!({ "mode": "text", "written": true }));
    assert_eq!(done["tools"][0]["files"][0]["done"], "changed");
    let undone = sandbox.monster(&["setup", "codex", "--undo", "--json"]).done().ok().json();
    assert_eq!(undone["tools"][0]["files"][0]["done"], "restored");
}

#[test]
fn a_tool_that_must_hold_the_key_is_not_set_up_without_one() {
    let sandbox = Sandbox::new();
    let refused = sandbox.monster(&["setup", "gemini-cli", "--write"]).done();
    insta::assert_snapshot!("no_key", refused.exits(2).all());
    let odd = sandbox.monster(&["setup", "gemini-cli", "--key-stdin", "--write"]).stdin("two words").done();
    assert!(odd.exits(2).stderr.contains("not one word"), "{}", odd.all());
    assert!(!sandbox.home().join(".gemini").exists());
    // A key that stands there already is kept when the address changes.
    sandbox.monster(&["setup", "gemini-cli", "--key-stdin", "--write"]).stdin(access()).done().ok();
    sandbox.config("[serve]\nlisten = [\"127.0.0.1:7999\"]\n");
    sandbox.monster(&["setup", "gemini-cli", "--write"]).done().ok();
    assert_eq!(
        text(&sandbox, ".gemini/.env"),
        format!("GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:7999\nGEMINI_API_KEY={}\n", access())
    );
    let unreachable = sandbox.config("[serve]\nlisten = [\"unix:/tmp/m.sock\"]\n").monster(&["setup", "codex"]).done();
    assert!(unreachable.exits(1).stderr.contains("no address that other tools can call"), "{}", unreachable.all());
}

#[test]
fn the_restore_mode_is_asked_for_once() {
    let sandbox = Sandbox::new();
    let told = sandbox.monster(&["setup", "codex", "--write"]).done();
    insta::assert_snapshot!("written", told.ok().all());
    assert!(!sandbox.config_dir().join("config.toml").exists(), "nobody chose, so nothing is set");
    sandbox.monster(&["setup", "codex", "--write", "--restore", "tools"]).done().ok();
    assert!(fs::read_to_string(sandbox.config_dir().join("config.toml")).unwrap().contains("restore = \"tools\""));
    let wrong = sandbox.monster(&["setup", "codex", "--restore", "all", "--write"]).done();
    wrong.exits(2);
}

#[test]
fn a_mode_that_stays_when_a_tool_is_taken_back_is_told() {
    let sandbox = Sandbox::new();
    sandbox.monster(&["setup", "codex", "--write", "--restore", "tools"]).done().ok();
    let undone = sandbox.monster(&["setup", "codex", "--undo"]).done();
    assert!(undone.ok().stderr.contains("serve.restore = tools stays"), "{}", undone.all());
    assert!(undone.stderr.contains("monster config unset serve.restore"), "{}", undone.all());
    // Where nothing was taken back, and where nothing comes back, there is nothing to say.
    let again = sandbox.monster(&["setup", "codex", "--undo"]).done();
    assert!(!again.ok().all().contains("serve.restore"), "{}", again.all());
    sandbox.monster(&["setup", "codex", "--write"]).done().ok();
    let told = sandbox.monster(&["setup", "codex", "--undo", "--json"]).done().ok().json();
    assert_eq!(told["restore"], json!({ "mode": "tools", "written": false }));
    sandbox.monster(&["config", "unset", "serve.restore"]).done().ok();
    sandbox.monster(&["setup", "codex", "--write"]).done().ok();
    let silent = sandbox.monster(&["setup", "codex", "--undo"]).done();
    assert!(!silent.ok().all().contains("serve.restore"), "{}", silent.all());
}

const BUT: &str = "set up, but something of yours goes before it";

/// Sets a tool up in the home, and finds what goes before it told each time; `None` = nothing does.
#[track_caller]
fn told_before(sandbox: &Sandbox, tool: &str, text: Option<&str>) {
    let flag: &[&str] = if tool == "opencode" { &["--no-auth"] } else { &[] };
    let shown = sandbox.monster(&[&["setup", tool], flag].concat()).done();
    let written = sandbox.monster(&[&["setup", tool, "--write"], flag].concat()).done();
    let again = sandbox.monster(&[&["setup", tool], flag].concat()).done();
    let list = sandbox.monster(&["setup"]).done();
    for told in [&shown, &written, &again, &list] {
        let said = told.ok().stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(said.contains("warning: "), text.is_some(), "{}", told.all());
        assert!(text.is_none_or(|text| said.contains(text)), "{text:?}: {}", told.all());
    }
    assert_eq!(again.stdout.contains("already set up, but something"), text.is_some(), "{}", again.all());
    assert_eq!(list.stdout.contains(BUT), text.is_some(), "{}", list.all());
    let over = sandbox.monster(&["setup", "--json"]).done().json()["tools"][0]["over"].as_array().unwrap().len();
    assert_eq!(over, usize::from(text.is_some()));
    sandbox.monster(&["setup", tool, "--undo"]).done().ok();
}

#[test]
fn a_switch_of_claude_code_to_another_provider_is_told() {
    for (value, on) in
        [("\"1\"", true), ("\"True\"", true), ("true", true), ("1", true), ("\"0\"", false), ("\"\"", false)]
    {
        let sandbox = with(".claude/settings.json", &format!("{{\"env\":{{\"CLAUDE_CODE_USE_BEDROCK\":{value}}}}}\n"));
        told_before(&sandbox, "claude-code", on.then_some("CLAUDE_CODE_USE_BEDROCK sends it to Amazon Bedrock"));
    }
    let mut sandbox = with(".claude/settings.json", "{}\n");
    sandbox.set("CLAUDE_CODE_USE_VERTEX", "1");
    told_before(
        &sandbox,
        "claude-code",
        Some("CLAUDE_CODE_USE_VERTEX sends it to Google Vertex AI and not to monster"),
    );
    // What the file says counts.
    let mut sandbox = with(".claude/settings.json", "{\"env\":{\"CLAUDE_CODE_USE_FOUNDRY\":\"0\"}}\n");
    sandbox.set("CLAUDE_CODE_USE_FOUNDRY", "1");
    told_before(&sandbox, "claude-code", None);
}

#[test]
fn a_profile_of_codex_that_names_another_provider_is_told() {
    let other = "profile = \"x\"\n\n[profiles.x]\nmodel_provider = \"lab\"\n";
    let told = "profile = \"x\" goes before model_provider, and [profiles.x] names \"lab\"";
    told_before(&with(".codex/config.toml", other), "codex", Some(told));
    for open in
        [other.replace("lab", "monster"), other.replacen("\"x\"", "\"y\"", 1), other.replace("profile =", "p =")]
    {
        told_before(&with(".codex/config.toml", &open), "codex", None);
    }
}

#[test]
fn of_two_files_of_opencode_the_later_one_is_told() {
    let (one, two) = (".config/opencode/opencode.json", ".config/opencode/opencode.jsonc");
    let sandbox = with(one, "{}\n");
    put(&sandbox, two, "{ \"provider\": { \"monster\": { \"npm\": \"mine\" } }, } // mine\n");
    told_before(
        &sandbox,
        "opencode",
        Some("goes before it, setting by setting: it says otherwise: provider.monster.npm"),
    );
    assert_eq!(text(&sandbox, one), "{}\n");
    // One that says nothing of it is named and no more.
    put(&sandbox, two, "{ \"theme\": \"nord\" }\n");
    let written = sandbox.monster(&["setup", "opencode", "--write"]).done();
    let said = written.ok().stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("opencode.jsonc lies beside opencode.json and goes before it"), "{}", written.all());
    assert!(said.contains("says nothing of this by now") && !said.contains("warning"), "{}", written.all());
    assert!(!sandbox.monster(&["setup"]).done().ok().all().contains(BUT));
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_is_asked_for_the_restore_mode_and_for_a_key() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("any");
    let mut terminal = repo.terminal(&["setup", "aider", "--write"]);
    terminal.until("Access key of monster serve for aider").until_hidden().keys(&format!("{}\n", access()));
    // The second of three.
    terminal.until("Where do they come back?").until("tools:").keys("\u{1b}[B").keys("\n");
    let left = terminal.until("serve.restore = text").left();
    assert_eq!(left.code, 0);
    assert!(!left.all.contains(&access()));
    assert!(text(&sandbox, ".aider.conf.yml").contains(&access()));
    assert!(fs::read_to_string(sandbox.config_dir().join("config.toml")).unwrap().contains("restore = \"text\""));
    // It is known now.
    let left = repo.terminal(&["setup", "codex", "--write"]).until("serve.restore = text").left();
    assert!(left.code == 0 && !left.all.contains("Where do they come back?"), "{}", left.all);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_written_into_a_file_while_a_person_is_asked_stays() {
    let sandbox = with(".aider.conf.yml", "model: sonnet\n");
    let mut terminal = sandbox.repo("any").terminal(&["setup", "aider", "--write"]);
    terminal.until("Access key of monster serve for aider").until_hidden().keys(&format!("{}\n", access()));
    terminal.until("Where do they come back?");
    // The tool writes its settings itself.
    fs::write(sandbox.home().join(".aider.conf.yml"), "model: sonnet\ndark-mode: true\n").unwrap();
    assert_eq!(terminal.keys("\n").until("serve.restore").left().code, 0);
    assert!(text(&sandbox, ".aider.conf.yml").contains("dark-mode: true"), "{}", text(&sandbox, ".aider.conf.yml"));
    assert!(text(&sandbox, ".aider.conf.yml.monster-backup").contains("dark-mode: true"));
}

#[test]
fn several_at_once_are_all_written_down() {
    let sandbox = Sandbox::new();
    let tools = ["codex", "opencode", "claude-code", "aider"];
    let running: Vec<_> =
        tools.iter().map(|tool| sandbox.monster(&["setup", tool, "--write", "--no-auth"]).start()).collect();
    for one in running {
        one.done(&sandbox).ok();
    }
    let record = fs::read_to_string(sandbox.state_dir().join("setup.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert!(tools.iter().all(|tool| record["tools"][tool].is_array()), "{record:#}");
}

#[test]
fn a_comment_behind_a_value_stays() {
    let own = "GEMINI_API_KEY=\"before\" # mine\nOTHER=1 # too\n";
    let sandbox = with(".gemini/.env", own);
    sandbox.monster(&["setup", "gemini-cli", "--write", "--no-auth"]).done().ok();
    let now = text(&sandbox, ".gemini/.env");
    assert!(now.lines().any(|line| line.starts_with("GEMINI_API_KEY=") && line.ends_with(" # mine")), "{now}");
    sandbox.monster(&["setup", "gemini-cli", "--undo"]).done().ok();
    assert_eq!(text(&sandbox, ".gemini/.env"), own);
}

#[cfg(unix)]
#[test]
fn a_link_into_a_folder_of_dotfiles_stays_one() {
    let sandbox = with("dotfiles/codex.toml", OWN[1].2);
    fs::create_dir_all(sandbox.home().join(".codex")).unwrap();
    let link = sandbox.home().join(".codex/config.toml");
    std::os::unix::fs::symlink(sandbox.home().join("dotfiles/codex.toml"), &link).unwrap();
    sandbox.monster(&["setup", "codex", "--write"]).done().ok();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(text(&sandbox, "dotfiles/codex.toml").contains("model_provider = \"monster\""));
    sandbox.monster(&["setup", "codex", "--undo"]).done().ok();
    assert_eq!(text(&sandbox, "dotfiles/codex.toml"), OWN[1].2);
    fs::remove_file(sandbox.home().join("dotfiles/codex.toml")).unwrap();
    let refused = sandbox.monster(&["setup", "codex", "--write"]).done();
    assert!(refused.exits(1).stderr.contains("leads to nothing"), "{}", refused.all());
}

#[test]
fn a_secret_of_the_users_own_is_not_printed_with_the_lines_around() {
    let own = format!("GOOGLE_API_KEY={}\nGEMINI_API_KEY=my-old-one\n", key("gemini"));
    let sandbox = with(".gemini/.env", &own);
    let shown = sandbox.monster(&["setup", "gemini-cli"]).done();
    assert!(!shown.ok().all().contains(&key("gemini")) && !shown.all().contains("my-old-one"), "{}", shown.all());
    assert!(shown.stdout.contains("-GEMINI_API_KEY='<the old key>'"), "{}", shown.all());
}

#[test]
fn a_tool_without_a_key_gets_one_when_it_is_written_without_no_auth() {
    let named = [
        ("claude-code", ".claude/settings.json", "printenv MONSTER_KEY"),
        ("codex", ".codex/config.toml", "env_key = \"MONSTER_KEY\""),
        ("opencode", ".config/opencode/opencode.json", "{env:MONSTER_KEY}"),
        ("continue", ".continue/config.yaml", "${{ secrets.MONSTER_KEY }}"),
        ("crush", ".config/crush/crush.json", "$MONSTER_KEY"),
    ];
    for (tool, file, variable) in named {
        let sandbox = Sandbox::new();
        let before = tree(&sandbox);
        sandbox.monster(&["setup", tool, "--no-auth", "--write"]).done().ok();
        let list = sandbox.monster(&["setup", "--json"]).done().ok().json();
        assert_eq!(list["tools"][0]["state"], "set up", "{tool}: it stands as it was written");
        let shown = sandbox.monster(&["setup", tool]).done();
        assert!(shown.ok().stderr.contains("--no-auth leaves it so"), "{}", shown.all());
        let written = sandbox.monster(&["setup", tool, "--write"]).done();
        assert!(!written.ok().all().contains("the key stands in"), "{}", written.all());
        let now = text(&sandbox, file);
        assert!(now.contains(if cfg!(windows) { "MONSTER_KEY" } else { variable }), "{tool}: {now}");
        assert!(!now.contains("none"), "{tool}: {now}");
        sandbox.monster(&["setup", tool, "--undo"]).done().ok();
        assert_eq!(tree(&sandbox), before, "{tool}");
    }
    for tool in ["gemini-cli", "aider", "llm"] {
        let sandbox = Sandbox::new();
        sandbox.monster(&["setup", tool, "--no-auth", "--write"]).done().ok();
        let there = tree(&sandbox);
        let refused = sandbox.monster(&["setup", tool, "--write"]).done();
        assert!(refused.exits(2).stderr.contains("have to hold an access key"), "{}", refused.all());
        assert_eq!(tree(&sandbox), there, "{tool}");
        sandbox.monster(&["setup", tool, "--key-stdin", "--write"]).stdin(access()).done().ok();
        assert!(tree(&sandbox).values().any(|(text, _)| text.contains(&access())), "{tool}");
    }
}

#[test]
fn credentials_of_the_users_own_do_not_go_to_monster() {
    let own = "{\"apiKeyHelper\": \"/bin/mine\", \"env\": {\"ANTHROPIC_API_KEY\": \"first-of-mine\", \
               \"ANTHROPIC_AUTH_TOKEN\": \"second-of-mine\", \"EDITOR\": \"vi\"}}\n";
    let file = ".claude/settings.json";
    for flag in ["--write", "--no-auth", "--key-stdin"] {
        let sandbox = with(file, own);
        let before = tree(&sandbox);
        let args = ["setup", "claude-code", "--write", flag];
        let args = if flag == "--write" { &args[..3] } else { &args[..] };
        let shown: Vec<&str> = args.iter().copied().filter(|arg| *arg != "--write").collect();
        let shown = sandbox.monster(&shown).stdin(access()).done();
        assert!(!shown.ok().all().contains("-of-mine"), "{flag}: {}", shown.all());
        sandbox.monster(args).stdin(access()).done().ok();
        let now = text(&sandbox, file);
        assert!(!now.contains("mine") && now.contains("\"vi\""), "{flag}: {now}");
        sandbox.monster(&["setup", "claude-code", "--undo"]).done().ok();
        assert_eq!(tree(&sandbox), before, "{flag}");
        // Where the user changed more since, they come back one by one.
        sandbox.monster(args).stdin(access()).done().ok();
        fs::write(sandbox.home().join(file), text(&sandbox, file).replace("\"vi\"", "\"nano\"")).unwrap();
        sandbox.monster(&["setup", "claude-code", "--undo"]).done().ok();
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&text(&sandbox, file)), value(&own.replace("\"vi\"", "\"nano\"")), "{flag}");
    }
    // What says nothing is no credential.
    let sandbox = with(file, "{\"env\": {\"ANTHROPIC_API_KEY\": \"\"}}\n");
    sandbox.monster(&["setup", "claude-code", "--write"]).done().ok();
    assert!(text(&sandbox, file).contains("\"ANTHROPIC_API_KEY\": \"\""), "{}", text(&sandbox, file));
}

#[test]
fn a_table_of_the_users_under_our_name_sends_no_other_credential() {
    let own = "[model_providers.monster]\nname = \"mine\"\nenv_key = \"MINE\" # mine\nrequires_openai_auth = true\n\
               experimental_bearer_token = \"of-mine\"\n\n[model_providers.monster.auth]\ncommand = \"mine\"\n";
    let file = ".codex/config.toml";
    for flag in ["--no-auth", "--key-stdin"] {
        let sandbox = with(file, own);
        let shown = sandbox.monster(&["setup", "codex", flag]).stdin(access()).done();
        assert!(!shown.ok().all().contains("of-mine"), "{flag}: {}", shown.all());
        sandbox.monster(&["setup", "codex", flag, "--write"]).stdin(access()).done().ok();
        let now = text(&sandbox, file);
        for gone in ["env_key", "requires_openai_auth", "of-mine", "auth", "command"] {
            assert!(!now.contains(gone), "{flag}: {now}");
        }
        sandbox.monster(&["setup", "codex", "--undo"]).done().ok();
        assert_eq!(text(&sandbox, file), own);
        sandbox.monster(&["setup", "codex", flag, "--write"]).stdin(access()).done().ok();
        fs::write(sandbox.home().join(file), format!("{}\n[tui]\nanimations = false\n", text(&sandbox, file))).unwrap();
        let undone = sandbox.monster(&["setup", "codex", "--undo"]).done();
        let now = text(&sandbox, file);
        for back in ["\"mine\"", "\"MINE\"", "requires_openai_auth = true", "of-mine", "command = ", "animations"] {
            assert!(now.contains(back), "{flag}: {}\n{now}", undone.ok().all());
        }
        assert!(!now.contains("7766"), "{now}");
    }
}

#[test]
fn what_the_user_changed_under_our_name_is_named_and_a_copy_is_kept() {
    let (tool, file, own) = OWN[1];
    let sandbox = with(file, own);
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    let changed = text(&sandbox, file)
        .replace("\"monster serve\"", "\"renamed\"")
        .replace("http://127.0.0.1:7766/v1", "https://mine.example/v1");
    fs::write(sandbox.home().join(file), &changed).unwrap();
    let undone = sandbox.monster(&["setup", tool, "--undo"]).done();
    let said = "you changed model_providers.monster.name, model_providers.monster.base_url since, which went too";
    assert!(undone.ok().stderr.contains(said), "{}", undone.all());
    assert_eq!(text(&sandbox, file), own);
    assert_eq!(text(&sandbox, &format!("{file}.monster-backup-2")), changed, "{}", undone.all());
    // What was added counts too, in a list as well.
    let sandbox = Sandbox::new();
    let file = ".continue/config.yaml";
    sandbox.monster(&["setup", "continue", "--no-auth", "--model", "gpt-5.2", "--write"]).done().ok();
    let changed = format!("{}    roles: [chat]\n", text(&sandbox, file));
    fs::write(sandbox.home().join(file), &changed).unwrap();
    let undone = sandbox.monster(&["setup", "continue", "--undo", "--json"]).done().ok().json();
    assert_eq!(undone["tools"][0]["files"][0]["taken"], json!(["models.name=gpt-5.2"]));
    assert_eq!(text(&sandbox, &format!("{file}.monster-backup")), changed);
}

#[test]
fn what_the_user_added_since_is_in_a_copy_when_it_is_written_over() {
    let helper = "{\n  \"apiKeyHelper\": \"/bin/mine\",\n";
    let cases = [
        (OWN[0], "{ ", "{ \"ANTHROPIC_API_KEY\": \"mine\", ", "env.ANTHROPIC_API_KEY"),
        (OWN[0], "{ ", "{ \"ANTHROPIC_AUTH_TOKEN\": \"mine\", ", "env.ANTHROPIC_AUTH_TOKEN"),
        (OWN[1], "wire_api", "requires_openai_auth = true\nwire_api", "model_providers.monster.requires_openai_auth"),
        (
            OWN[1],
            "wire_api",
            "experimental_bearer_token = \"mine\"\nwire_api",
            "model_providers.monster.experimental_bearer_token",
        ),
    ];
    for ((tool, file, own), from, to, named) in cases {
        let sandbox = with(file, own);
        let write = || sandbox.monster(&["setup", tool, "--write"]).done();
        write().ok();
        let changed = text(&sandbox, file).replacen(from, to, 1);
        fs::write(sandbox.home().join(file), &changed).unwrap();
        let shown = sandbox.monster(&["setup", tool]).done();
        assert!(!shown.ok().all().contains("\"mine\""), "{named}: {}", shown.all());
        let again = write();
        let said = format!("you changed {named} since, which went too; the file with it lies in ");
        assert!(again.ok().stderr.contains(&said), "{named}: {}", again.all());
        let (first, second) = (format!("{file}.monster-backup"), format!("{file}.monster-backup-2"));
        assert_eq!((text(&sandbox, &first), text(&sandbox, &second)), (own.to_owned(), changed), "{named}");
        assert_eq!(mode(&sandbox.home().join(&second)), mode(&sandbox.home().join(&first)), "{named}");
        // What is ours makes no copy.
        assert!(!write().ok().all().contains("lies in"), "{named}");
        assert!(!sandbox.home().join(format!("{file}.monster-backup-3")).exists(), "{named}");
        sandbox.monster(&["setup", tool, "--undo"]).done().ok();
        assert!(!text(&sandbox, file).contains("mine"), "{named}");
    }
    // A helper beside what we wrote for a key that stands in the file.
    let (tool, file, own) = OWN[0];
    let sandbox = with(file, own);
    let write = || sandbox.monster(&["setup", tool, "--key-stdin", "--write", "--json"]).stdin(access()).done();
    write().ok();
    fs::write(sandbox.home().join(file), text(&sandbox, file).replacen("{\n", helper, 1)).unwrap();
    let again = write().ok().json();
    assert_eq!(again["tools"][0]["files"][0]["taken"], json!(["apiKeyHelper"]));
    assert!(text(&sandbox, &format!("{file}.monster-backup-2")).contains("/bin/mine"));
}

#[test]
fn a_credential_that_is_said_twice_is_printed_nowhere() {
    let twice = "{\n  \"env\": {\n    \"ANTHROPIC_API_KEY\": \"first-of-mine\"\n  },\n  \"env\": {\n    \
                 \"ANTHROPIC_AUTH_TOKEN\": \"second-of-mine\",\n    \"ANTHROPIC_API_KEY\": \"third-of-mine\",\n    \
                 \"ANTHROPIC_API_KEY\": \"fourth-of-mine\",\n    \"ANTHROPIC_AUTH_TOKEN\": \"fifth-of-mine\"\n  }\n}\n";
    let lines =
        "GEMINI_API_KEY=first-of-mine\nexport GEMINI_API_KEY='second-of-mine' # mine\nGEMINI_API_KEY=third-of-mine\n";
    let hidden = "{\n  \"env\": { \"ANTHROPIC_API_KEY\": \"first-of-mine\" },\n  \"env\": { \"EDITOR\": \"vi\" }\n}\n";
    let claude = ("claude-code", ".claude/settings.json");
    for ((tool, file), own) in [(claude, twice), (claude, hidden), (("gemini-cli", ".gemini/.env"), lines)] {
        let sandbox = with(file, own);
        for flag in ["--no-auth", "--key-stdin", "--json"] {
            let shown = sandbox.monster(&["setup", tool, flag]).stdin(access()).done();
            let all = shown.ok().all();
            assert!(!all.contains("-of-mine") && !all.contains(&access()), "{tool} {flag}: {all}");
            assert!(all.contains("<the old key>"), "{tool} {flag}: {all}");
        }
    }
}

#[test]
fn an_original_that_is_gone_is_no_dead_end() {
    let (tool, file, own) = OWN[1];
    // The user put it back by hand: nothing of ours is there.
    let sandbox = with(file, own);
    let before = tree(&sandbox);
    let state =
        |sandbox: &Sandbox| sandbox.monster(&["setup", "--json"]).done().ok().json()["tools"][0]["state"].clone();
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    let kept = sandbox.home().join(format!("{file}.monster-backup"));
    fs::remove_file(&kept).unwrap();
    put(&sandbox, file, own);
    assert_eq!(state(&sandbox), "not set up");
    let undone = sandbox.monster(&["setup", tool, "--undo"]).done();
    assert!(undone.ok().stdout.contains("was not set up by monster"), "{}", undone.all());
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    assert_eq!(text(&sandbox, &format!("{file}.monster-backup")), own, "it is kept as if for the first time");
    sandbox.monster(&["setup", tool, "--undo"]).done().ok();
    assert_eq!(tree(&sandbox), before);
    // Ours is there still: it is shown, written, and taken out.
    sandbox.monster(&["setup", tool, "--write"]).done().ok();
    fs::remove_file(&kept).unwrap();
    assert_eq!(state(&sandbox), "set up");
    sandbox.config("[serve]\nlisten = [\"127.0.0.1:7999\"]\n");
    assert!(sandbox.monster(&["setup", tool]).done().ok().stdout.contains("+base_url = \"[UPSTREAM]/v1\""));
    let written = sandbox.monster(&["setup", tool, "--write"]).done();
    assert!(!written.ok().all().contains("your original"), "{}", written.all());
    let undone = sandbox.monster(&["setup", tool, "--undo"]).done();
    assert!(undone.ok().stderr.contains("is gone, so nothing was put back"), "{}", undone.all());
    assert_eq!(text(&sandbox, file), own);
    assert_eq!(state(&sandbox), "not set up");
}
