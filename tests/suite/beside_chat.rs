//! Calls beside the usual one of a dialect: they go on as they came too, where the upstream has them.

use serde_json::json;

use crate::caller::House;
use crate::sandbox::Sandbox;
use crate::serve::Echo;

#[test]
fn ollama_s_older_call_goes_to_ollama_as_it_came_and_elsewhere_as_far_as_it_can() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    let key = crate::key::key("openai");
    sandbox.live().set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.box]\nbase_url = \"{base}\"\ndialect = \"ollama-chat\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n\
         [upstreams.other]\nbase_url = \"{base}/v1\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"c\"]\n"
    ));
    let house = House::open(&sandbox, &["--no-auth"]);
    let ask = |asks: &str, kind: &str, answer: &str| {
        std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once(kind, answer));
            let came = house.post("/api/generate", &[], asks);
            let (head, sent) = heard.join().unwrap();
            (head, sent, came.ok())
        })
    };
    // Whole: what only the server itself can do, and what nobody here knows, both ways.
    let asks = r#"{"prompt":"def f(", "model":"box/m","suffix":"  return 1","raw":true,"template":"t","options":{"num_ctx":8192},"zz":1.50,"stream":false}"#;
    let answer = r#"{"model":"m","created_at":"2026-01-01T00:00:00Z","response":"x):","done":true, "done_reason":"stop","context":[1,2],"prompt_eval_count":3,"eval_count":2,"zz":1.50}"#;
    let (head, sent, came) = ask(asks, "application/json", answer);
    assert!(head.starts_with("POST /api/generate "), "{head}");
    assert_eq!(sent, asks.replace("box/m", "m"));
    assert_eq!(came.text(), answer);
    // Without a prompt Ollama would load the model and say nothing: a picture alone is asked about as a message.
    let asks = r#"{"model":"box/m","prompt":"","images":["aGk="],"stream":false}"#;
    let chat = r#"{"model":"m","message":{"role":"assistant","content":"a cat"},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}"#;
    let (head, sent, came) = ask(asks, "application/json", chat);
    assert!(head.starts_with("POST /api/chat ") && sent.contains("aGk="), "{head}: {sent}");
    assert_eq!(came.json()["response"], "a cat");
    let loaded = house.post("/api/generate", &[], r#"{"model":"box/m","prompt":"","suffix":"x","stream":false}"#).ok();
    assert_eq!(loaded.json()["done_reason"], "load");
    // In pieces, with a secret in what is not looked at elsewhere.
    let asks = format!(r#"{{"model":"box/m","prompt":"a","suffix":"{key}"}}"#);
    let lines = "{\"model\":\"m\",\"response\":\"one \",\"done\":false}\n{\"model\":\"m\",\"response\":\"two\",\"done\":false, \"zz\":1}\n{\"model\":\"m\",\"response\":\"\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n";
    let (head, sent, came) = ask(&asks, "application/x-ndjson", lines);
    assert!(head.starts_with("POST /api/generate "), "{head}");
    assert!(sent.contains("\"suffix\":\"MSEC_") && !sent.contains(&key), "{sent}");
    assert_eq!(came.text(), lines);
    // Elsewhere it is spelled anew, and what cannot be said there is refused before anybody is asked.
    let said = r#"{"id":"1","object":"chat.completion","model":"c","choices":[{"index":0,"message":{"role":"assistant","content":"blue"},"finish_reason":"stop"}]}"#;
    let (head, _, came) = ask(r#"{"model":"other/c","prompt":"a","stream":false}"#, "application/json", said);
    assert!(head.starts_with("POST /v1/chat/completions "), "{head}");
    assert_eq!(came.json()["response"], "blue");
    let refused = house.post("/api/generate", &[], r#"{"model":"other/c","prompt":"a","suffix":"b","stream":false}"#);
    assert_eq!(refused.status, 400, "{}", refused.text());
    let told = refused.json()["error"].as_str().unwrap().to_owned();
    assert!(told.starts_with("suffix: only a server that speaks Ollama can do that"), "{told}");
    house.close(&sandbox).ok();
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "50"]).done().ok().json();
    let rows = rows["requests"].as_array().unwrap();
    let outcomes: Vec<_> = rows.iter().rev().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == json!("done")).count(), 4, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == json!("bad_request")).count(), 1, "{outcomes:?}");
    for row in rows.iter().rev().take(3) {
        assert_eq!(row["attempts"][0]["usage"]["output"], 2, "{row:#}");
    }
}

#[test]
fn a_prompt_that_gemini_counts_goes_there_as_it_came() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    let key = crate::key::key("gemini");
    sandbox.live().set("GEMINI_API_KEY", &key).set("GOOGLE_GEMINI_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let whole = r#"{"generateContentRequest":{"model":"models/NAME","safetySettings":[{"threshold":"OFF","category":"c"}],"contents":[{"parts":[{"zz":1.50,"text":"a"}]}]}, "yy":1}"#;
    let alone = r#"{"contents":[{"parts":[{"text":"a"}]}],"zz":1.50}"#;
    for (name, asks) in [("gemini-2.5-flash", whole), ("gemini/gemini-2.5-flash", whole), ("gemini-2.5-flash", alone)] {
        let path = format!("/v1beta/models/{}:countTokens", name.replace('/', "%2F"));
        let (head, sent, came) = std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once("application/json", "{\"totalTokens\":7}"));
            let came = house.post(&path, &[], &asks.replace("NAME", name));
            let (head, sent) = heard.join().unwrap();
            (head, sent, came.ok())
        });
        assert!(head.starts_with("POST /v1beta/models/gemini-2.5-flash:countTokens "), "{head}");
        assert_eq!(sent, asks.replace("NAME", "gemini-2.5-flash"));
        assert_eq!((came.json()["totalTokens"].as_u64(), came.header("x-monster-count")), (Some(7), Some("provider")));
    }
    house.close(&sandbox).ok();
}
