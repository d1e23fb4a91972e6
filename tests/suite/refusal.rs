//! A model that refuses: what it says is told as a refusal and taken for nothing else.

use serde_json::json;

use crate::commit::{DIALECTS, connected, pager};
use crate::serve::world;
use crate::upstream::{Answer, Upstream};

const NO: &str = "I can't help with that.";

/// The models of providers that say which words are a refusal.
fn marked() -> impl Iterator<Item = &'static str> {
    DIALECTS.into_iter().filter(|(.., dialect)| dialect.starts_with("openai")).map(|(_, model, _)| model)
}

#[test]
fn ask_shows_the_words_and_says_that_they_are_no_answer() {
    for (_, model, dialect) in DIALECTS {
        let upstream = Upstream::start();
        upstream.next(Answer::refusal(NO));
        let sandbox = connected(&upstream);
        let done = sandbox.monster(&["ask", "why?", "--model", model]).done();
        assert_eq!(done.exits(7).stdout, format!("{NO}\n"), "{model}");
        let why = match dialect.starts_with("openai") {
            true => "the model refused to answer",
            false => "a filter of the provider, or the model itself, ended the answer",
        };
        assert!(done.stderr.contains(why), "{model}: {}", done.stderr);
    }
}

#[test]
fn who_refuses_is_not_asked_again_for_the_shape() {
    for model in marked() {
        let upstream = Upstream::start();
        upstream.always(|_| Answer::refusal(NO));
        let sandbox = connected(&upstream);
        std::fs::write(sandbox.home().join("form.json"), r#"{"type":"object"}"#).unwrap();
        let done = sandbox.monster(&["ask", "why?", "--schema", "form.json", "--model", model]).done();
        assert!(done.exits(7).stderr.contains("the model refused to answer"), "{}", done.stderr);
        assert_eq!(upstream.calls().len(), 1);
    }
}

#[test]
fn a_refusal_is_no_commit_message() {
    for model in marked() {
        let upstream = Upstream::start();
        upstream.always(|_| Answer::refusal(NO));
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        let done = repo.monster(&["commit", "-y", "--model", model]).done();
        let told = format!("the model refused to answer: \"{NO}\"");
        assert!(done.stderr.contains(&told), "{}", done.stderr);
        assert!(!repo.message().contains("help with that"), "{}", repo.message());
        assert_eq!(upstream.calls().len(), 1, "to be asked again changes no mind");
    }
}

#[test]
fn a_refusal_is_no_review() {
    for model in marked() {
        let upstream = Upstream::start();
        upstream.always(|_| Answer::refusal(NO));
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        let done = repo.monster(&["review", "--json", "--model", model]).done();
        let told = format!("the model refused to answer: \"{NO}\"");
        assert!(done.stderr.contains(&told), "{}", done.stderr);
        assert_eq!(upstream.calls().len(), 1);
    }
}

#[test]
fn programs_get_a_refusal_in_the_field_that_their_dialect_has() {
    let (upstream, sandbox) = world();
    let house = crate::caller::House::open(&sandbox, &["--no-auth"]);
    upstream.always(|_| Answer::refusal(NO));
    let user = json!([{ "role": "user", "content": "why?" }]);
    for model in marked().filter(|model| model.starts_with("openai/")) {
        let body = json!({ "model": model, "messages": user });
        let came = house.post("/v1/chat/completions", &[], &body.to_string()).ok().json();
        let choice = &came["choices"][0];
        assert_eq!(choice["finish_reason"], "stop", "{model}");
        assert_eq!(
            (&choice["message"]["refusal"], &choice["message"]["content"]),
            (&json!(NO), &json!(null)),
            "{model}"
        );
        let body = json!({ "model": model, "messages": user, "stream": true });
        let came = house.post("/v1/chat/completions", &[], &body.to_string()).ok().text();
        assert!(came.contains(r#""refusal":"I "#) && !came.contains("content_filter"), "{model}: {came}");

        let body = json!({ "model": model, "input": "why?" });
        let came = house.post("/v1/responses", &[], &body.to_string()).ok().json();
        assert_eq!(came["status"], "completed", "{model}");
        let part =
            &came["output"].as_array().unwrap().iter().find(|item| item["type"] == "message").unwrap()["content"][0];
        assert_eq!((&part["type"], &part["refusal"]), (&json!("refusal"), &json!(NO)), "{model}");
        let body = json!({ "model": model, "input": "why?", "stream": true });
        let came = house.post("/v1/responses", &[], &body.to_string()).ok().text();
        assert!(came.contains("response.refusal.done") && came.contains("response.completed"), "{model}: {came}");

        let body = json!({ "model": model, "max_tokens": 99, "messages": user });
        let came = house.post("/v1/messages", &[], &body.to_string()).ok().json();
        assert_eq!((&came["stop_reason"], &came["content"][0]["text"]), (&json!("refusal"), &json!(NO)), "{model}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn a_secret_in_a_refusal_is_masked_on_its_way_out_and_put_back_on_its_way_in() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    for model in marked().filter(|model| model.starts_with("openai/")) {
        let upstream = Upstream::start();
        let mut sandbox = connected(&upstream);
        sandbox.live();
        sandbox.config("[serve]\nrestore = \"text\"\n");
        upstream.always(|call| {
            let prompt = call.body.to_string();
            let at = prompt.find("MSEC_").expect("there is a placeholder");
            let mark = prompt[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned();
            Answer::refusal(&format!("I keep {mark} to myself."))
        });
        let house = crate::caller::House::open(&sandbox, &["--no-auth"]);
        for stream in [false, true] {
            // Of an earlier turn it is the model's own word.
            let body = json!({ "model": model, "stream": stream, "messages": [
                { "role": "user", "content": "say it" },
                { "role": "assistant", "content": [{ "type": "refusal", "refusal": format!("No, {secret} is not said.") }] },
                { "role": "user", "content": "why?" }] });
            let came = house.post("/v1/chat/completions", &[], &body.to_string()).ok();
            let call = upstream.calls().last().unwrap().body.to_string();
            assert!(!call.contains(&secret) && call.contains("No, MSEC_"), "{model}: {call}");
            let told: String = match stream {
                false => came.json()["choices"][0]["message"]["refusal"].as_str().unwrap().to_owned(),
                true => came
                    .text()
                    .lines()
                    .filter_map(|line| serde_json::from_str::<serde_json::Value>(line.strip_prefix("data: ")?).ok())
                    .filter_map(|chunk| chunk["choices"][0]["delta"]["refusal"].as_str().map(str::to_owned))
                    .collect(),
            };
            assert_eq!(told, format!("I keep {secret} to myself."), "{model} {stream}");
        }
        house.close(&sandbox).ok();
    }
}
