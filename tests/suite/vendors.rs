//! What single vendors want of a call.

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

#[test]
fn a_model_of_qwen_s_streams_for_a_caller_who_wants_it_whole() {
    let upstream = Upstream::start();
    upstream.always(|_| {
        Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
    });
    let mut sandbox = connected(&upstream);
    sandbox.set("QWEN_OF_TESTS", "any-key");
    sandbox.config(&format!(
        "[upstreams.qwen]\nprovider = \"qwen\"\nbase_url = \"{}\"\nkey_env = \"QWEN_OF_TESTS\"\n",
        upstream.base("qwen")
    ));
    let repo = pager(&sandbox);
    let draft = |effort: &str| {
        let args = ["commit", "--dry-run", "--model", "qwen/qwen3.8-max", "--effort", effort];
        let said = repo.monster(&args).done().ok().stdout.clone();
        assert!(said.contains("count the last page"), "{said}");
        upstream.calls().pop().unwrap().stream
    };
    assert!(draft("high"), "thoughts come in pieces alone");
    assert!(!draft("none"));
}

#[test]
fn every_vendor_with_an_accent_writes_a_message_and_is_asked_for_nothing_it_does_not_know() {
    let mut sandbox = Sandbox::new();
    sandbox.set("KEY_OF_TESTS", "any-key");
    let upstream = Upstream::start();
    upstream.always(|_| {
        Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
    });
    let models = [
        ("mistral", "mistral-medium-3-5"),
        ("groq", "openai/gpt-oss-120b"),
        ("together", "Qwen/Qwen3.7-Plus"),
        ("cohere", "command-a-plus-05-2026"),
        ("qwen", "qwen3.8-max"),
        ("zhipu", "glm-5.3"),
        ("cerebras", "gpt-oss-120b"),
        ("huggingface", "Qwen/Qwen3-32B:groq"),
    ];
    let row = |(id, _): (&str, &str)| {
        format!(
            "[upstreams.{id}]\nprovider = \"{id}\"\nbase_url = \"{}\"\nkey_env = \"KEY_OF_TESTS\"\n",
            upstream.base(id)
        )
    };
    sandbox.config(&models.map(row).concat());
    let repo = pager(&sandbox);
    for (id, model) in models {
        for effort in ["none", "high"] {
            let name = format!("{id}/{model}");
            let args = ["commit", "--dry-run", "--model", &name, "--effort", effort];
            let done = repo.monster(&args).done();
            assert!(done.ok().stdout.contains("count the last page"), "{}", done.all());
            assert_eq!(upstream.calls().pop().unwrap().provider, id);
        }
    }
    // What they would have refused fails the story when it is over.
}

#[test]
fn the_organisation_and_project_of_openai_s_sdk_go_with_the_key() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("yes"));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai").set("OPENAI_ORG_ID", "org-1").set("OPENAI_PROJECT_ID", "proj_1");
    sandbox.monster(&["ask", "--model", "openai/gpt-5.4", "well?"]).done().ok();
    sandbox.config("[upstreams.openai]\nprovider = \"openai\"\nheaders = { OpenAI-Project = \"proj_2\" }\n");
    sandbox.monster(&["ask", "--model", "openai/gpt-5.4", "well?"]).done().ok();
    let sent = |n: usize, name: &str| upstream.calls()[n].header(name).map(str::to_owned);
    assert_eq!(sent(0, "openai-organization").as_deref(), Some("org-1"));
    assert_eq!(sent(0, "openai-project").as_deref(), Some("proj_1"));
    assert_eq!(sent(1, "openai-project").as_deref(), Some("proj_2"), "settings go before the environment");
    assert_eq!(sent(1, "openai-organization").as_deref(), Some("org-1"));
    // Another account is of another organisation, or of none.
    let login = ["login", "openai", "--stdin", "--no-check", "--name", "home", "--store", "plaintext"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    sandbox.monster(&["ask", "--model", "openai/gpt-5.4", "--account", "home", "well?"]).done().ok();
    assert_eq!((sent(2, "openai-organization"), sent(2, "openai-project").as_deref()), (None, Some("proj_2")));
}

#[test]
fn ollama_is_found_where_its_own_variable_says() {
    let upstream = Upstream::start();
    upstream.lists(&["house-7b"]);
    let mut sandbox = Sandbox::new();
    let root = upstream.base("ollama");
    let address = root.trim_start_matches("http://").trim_end_matches("/ollama").to_owned();
    sandbox.set("OLLAMA_HOST", &address).set("MONSTER_LOCAL_DISCOVER", "true");
    sandbox.config(&format!("[local]\nservers = [\"{address}\"]\n"));
    let listed = sandbox.monster(&["models", "list", "ollama"]).done();
    assert!(listed.ok().stdout.contains("ollama/house-7b"), "{}", listed.all());
}
