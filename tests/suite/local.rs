//! Servers on this machine and endpoints that only the user's settings know.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::commit::pager;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const CODER: &str = "qwen2.5-coder:0.5b";

fn message() -> Answer {
    Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
}

/// Ollama at another address than its own, named in settings.
fn ollama(upstream: &Upstream) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[upstreams.ollama]\nprovider = \"ollama\"\nbase_url = \"{}\"\n", upstream.base("ollama")));
    sandbox
}

#[test]
fn ollama_writes_messages_reviews_and_answers_in_its_own_dialect() {
    let upstream = Upstream::start();
    let sandbox = ollama(&upstream);
    let repo = pager(&sandbox);
    let model = format!("ollama/{CODER}");

    upstream.next(message());
    repo.monster(&["commit", "--model", &model]).done().ok();
    upstream.next(Answer::json(&json!({ "summary": "Counts the last page.", "findings": [] })));
    repo.monster(&["review", "--model", &model]).done().ok();
    upstream.next(Answer::text("Because.").thinking("Let me see.", 7));
    let done = sandbox.monster(&["ask", "why?", "--model", &model]).done();
    assert_eq!(done.ok().stdout, "Because.\n");
    assert!(done.stderr.contains("local"), "it costs nothing: {}", done.stderr);

    let calls = upstream.calls();
    assert_eq!(calls.len(), 3);
    for call in &calls {
        assert_eq!((call.dialect, call.model.as_str()), ("ollama-chat", CODER));
        assert_eq!(call.key(), "", "a server on this machine gets nobody's key");
    }
    assert!(calls[0].schema().is_some() && calls[1].schema().is_some(), "the answer's shape is demanded");
}

#[test]
fn a_role_finds_what_a_local_server_lists() {
    let upstream = Upstream::start();
    upstream.lists(&[CODER]).next(Answer::text("Yes."));
    let sandbox = ollama(&upstream);
    assert_eq!(sandbox.monster(&["ask", "why?"]).done().ok().stdout, "Yes.\n");
    assert_eq!(upstream.only().model, CODER);
    assert!(upstream.others().contains(&"GET /ollama/api/tags".to_owned()), "{:?}", upstream.others());
    insta::assert_snapshot!("local_models", sandbox.monster(&["models"]).done().ok().all());
}

#[test]
fn a_server_that_lists_its_models_and_then_stalls_holds_nobody_up_for_each_of_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let n = stream.read(&mut head).unwrap_or(0);
            if head[..n].starts_with(b"GET /api/tags") {
                let models: Vec<_> = (0..8).map(|n| json!({ "name": format!("m-{n}"), "size": 1 })).collect();
                let body = json!({ "models": models }).to_string();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                drop(stream.write_all([head, body].concat().as_bytes()));
            } else {
                open.push(stream);
            }
        }
    });
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[upstreams.ollama]\nprovider = \"ollama\"\nbase_url = \"http://127.0.0.1:{port}\"\n"));
    let begun = Instant::now();
    let listed = sandbox.monster(&["models", "list", "ollama"]).done();
    assert!(listed.ok().stdout.contains("ollama/m-7"), "{}", listed.all());
    assert!(begun.elapsed() < Duration::from_secs(12), "eight models at two seconds each: {:?}", begun.elapsed());
}

#[test]
fn a_long_prompt_is_not_cut_in_silence_by_ollama() {
    let upstream = Upstream::start();
    // The listed window is 32,768 tokens; without `num_ctx` the server would keep the last 4,096.
    upstream.lists(&[CODER]).next(Answer::text("Yes."));
    let sandbox = ollama(&upstream);
    let material: String = (0..4000).map(|n| format!("line {n} of many\n")).collect();
    sandbox.monster(&["ask", "is it long?", "--with", "-"]).stdin(material).done().ok();
    let call = upstream.only();
    let window = call.body["options"]["num_ctx"].as_u64().unwrap();
    assert!(window * 3 > call.prompt().len() as u64, "{window} tokens for {} bytes", call.prompt().len());
    assert!(window <= 32_768, "no more than the model has");
}

#[test]
fn lm_studio_is_spoken_to_through_its_openai_door() {
    let upstream = Upstream::start();
    upstream.lists(&["qwen2.5-coder-0.5b-instruct"]).next(Answer::text("Yes."));
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "[upstreams.lmstudio]\nprovider = \"lmstudio\"\nbase_url = \"{}\"\n",
        upstream.base("lmstudio")
    ));
    let done = sandbox.monster(&["ask", "why?"]).done();
    assert_eq!(done.ok().stdout, "Yes.\n");
    let call = upstream.only();
    assert_eq!(
        (call.dialect, call.path.as_str(), call.key().as_str()),
        ("openai-chat", "/lmstudio/v1/chat/completions", "")
    );
}

#[test]
fn an_endpoint_needs_a_few_lines_of_settings_and_no_code() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("keyed");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\nheaders = {{ \"x-team\" = \"core\" }}\nmodels = [{{ id = \"house-1\", maker = \"house\", context = 32000, input = 1.0, output = 2.0 }}]\n",
        upstream.base("keyed")
    ));
    sandbox.monster(&["ask", "why?", "--model", "house/house-1"]).done().ok();
    let call = upstream.only();
    assert_eq!((call.key(), call.header("x-team")), (key, Some("core")));
    // 100 in at a dollar and 20 out at two dollars a million.
    assert_eq!(sandbox.monster(&["cost", "--json"]).done().ok().json()["total"]["nano_usd"], 140_000);
    insta::assert_snapshot!("house_models", sandbox.monster(&["models"]).done().ok().all());
}

#[test]
fn what_an_endpoint_can_do_and_how_it_spells_is_said_in_settings() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("keyed");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        r#"[upstreams.house]
base_url = "{}"
key_env = "HOUSE_KEY"
quirks = {{ max_tokens_field = "max_completion_tokens", stream_usage = false }}

[[upstreams.house.models]]
id = "house-1"
deployment = "prod-7"
aliases = ["house"]
context = 32_000
max_output = 4_000
input = 1.0
output = 2.0
cache_read = 0.1
tools = true
images = false
schema = true
efforts = ["low", "high"]
"#,
        upstream.base("keyed")
    ));
    sandbox.monster(&["ask", "why?", "--model", "house/house", "--effort", "medium", "--max-cost", "1"]).done().ok();
    let call = upstream.only();
    assert_eq!((call.model.as_str(), &call.body["reasoning_effort"]), ("prod-7", &serde_json::json!("low")));
    assert_eq!(call.body["max_completion_tokens"], 4_000, "{:#}", call.body);
    assert!(call.body.get("stream_options").is_none(), "{:#}", call.body);
    let models = sandbox.monster(&["models", "list", "--json"]).done().ok().json();
    let model = &models["models"][0];
    assert_eq!(
        (&model["name"], &model["tools"], &model["images"]),
        (&"house/house-1".into(), &true.into(), &false.into())
    );
    for (wrong, said) in [
        ("quirks = { strikt = true }", "there is no quirk \"strikt\""),
        ("quirks = { strict = 1 }", "quirks.strict takes true or false"),
        ("paths = { call = \"v2\" }", "paths.call takes a path"),
        ("models = [{ id = \"a\", efforts = [\"much\"] }]", "\"much\" is no effort"),
        ("models = [{ id = \"a\", reasoning = \"hard\" }]", "reasoning takes one of none, effort"),
    ] {
        sandbox.config(&format!("[upstreams.house]\nbase_url = \"https://llm.example\"\n{wrong}\n"));
        let told = sandbox.monster(&["doctor"]).done().all();
        assert!(told.contains(said), "{wrong}: {told}");
    }
}

#[test]
fn an_endpoint_may_speak_another_dialect_with_its_key_in_another_header() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("anthropic");
    sandbox.set("GATE_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.gate]\nbase_url = \"{}\"\ndialect = \"anthropic-messages\"\nauth = \"x-api-key\"\nkey_env = \"GATE_KEY\"\nmodels = [\"claude-haiku-4-5\"]\n",
        upstream.base("anthropic")
    ));
    sandbox.monster(&["ask", "why?", "--model", "gate/claude-haiku-4-5"]).done().ok();
    let call = upstream.only();
    assert_eq!((call.dialect, call.header("x-api-key")), ("anthropic-messages", Some(key.as_str())));
}

/// One of the default ports that is free, its upstream, and settings that keep the other ports out of the story.
fn on_a_default_port() -> Option<(u16, &'static str, Upstream, String)> {
    const PORTS: [(u16, &str); 4] = [(11434, "ollama"), (1234, "lmstudio"), (8080, "llamacpp"), (8000, "vllm")];
    let (port, name, listener) =
        PORTS.iter().find_map(|(port, name)| Some((*port, *name, TcpListener::bind(("127.0.0.1", *port)).ok()?)))?;
    // An entry at a port is in charge of it; without a key and with models named it is never asked anything.
    let others = PORTS.iter().filter(|(p, _)| *p != port).map(|(p, _)| {
        format!("[upstreams.p{p}]\nbase_url = \"http://127.0.0.1:{p}/v1\"\nauth = \"bearer\"\nmodels = [\"none\"]\n")
    });
    Some((port, name, Upstream::on(listener), others.collect()))
}

#[test]
fn a_server_found_on_this_machine_is_used_only_after_its_owner_said_yes() {
    let Some((port, name, upstream, settings)) = on_a_default_port() else {
        println!("skipped: local/consent (all default ports of model servers are taken)");
        assert!(std::env::var_os("MONSTER_TEST_ALL").is_none(), "MONSTER_TEST_ALL allows no skipping");
        return;
    };
    upstream.lists(&[CODER]).always(|_| message());
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_LOCAL_DISCOVER", "true").config(&settings);
    let repo = pager(&sandbox);

    let done = repo.monster(&["commit"]).done();
    let how = "monster config set local.servers '[\"[UPSTREAM]\"]'";
    assert!(done.ok().stderr.contains(how), "off a terminal it is only named: {}", done.stderr);
    assert!(upstream.calls().is_empty(), "and not used");

    repo.monster(&["hook", "install"]).done().ok();
    let commit = sandbox.command("git", repo.path()).args(["commit"]).env("GIT_EDITOR", "true").output().unwrap();
    assert!(commit.status.success(), "{}", String::from_utf8_lossy(&commit.stderr));
    assert!(upstream.calls().is_empty(), "a hook adopts nothing");

    repo.stage("src/pager.rs", "pub fn pages() {}\n");
    #[cfg(target_os = "linux")]
    {
        let mut terminal = repo.terminal(&["commit", "-y"]);
        terminal.until("Use the").until("\u{1b}[?25l").keys("\u{3}").left().exits(130).whole();
        assert!(upstream.calls().is_empty(), "an interruption is no yes");
        let mut terminal = repo.terminal(&["commit", "--dry-run"]);
        terminal.until(&format!("Use the {name} server on 127.0.0.1:{port} ({CODER})?")).keys("n\n").left().exits(0);
        assert!(upstream.calls().is_empty(), "no means no");
        repo.terminal(&["commit", "--dry-run"]).left().exits(0);
        assert!(upstream.calls().is_empty(), "and is not asked again");
    }
    sandbox.monster(&["config", "set", "local.servers", &format!("[\"127.0.0.1:{port}\"]")]).done().ok();
    let done = repo.monster(&["commit"]).done();
    assert_eq!(done.ok().stdout, "fix(pager): count the last page\n", "{}", done.stderr);
    assert_eq!(upstream.calls().len(), 1, "settings count as a yes");

    #[cfg(target_os = "linux")]
    {
        let mut other = Sandbox::new();
        other.set("MONSTER_LOCAL_DISCOVER", "true").config(&settings);
        let repo = pager(&other);
        let mut terminal = repo.terminal(&["commit", "--dry-run"]);
        terminal.until("Use the").keys("y\n").until("fix(pager): count the last page").left().exits(0).whole();
        assert_eq!(upstream.calls().len(), 2);
        let told = repo.monster(&["commit"]).done();
        assert_eq!(told.ok().stdout, "fix(pager): count the last page\n", "a yes is remembered, also off a terminal");
    }
}
