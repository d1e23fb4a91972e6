//! What a model of another dialect sealed goes back to it, whether the caller brings it or the id of a call alone.

use serde_json::{Value, json};

use crate::caller::House;
use crate::sandbox::Sandbox;
use crate::serve::world;
use crate::upstream::{Answer, Call, Upstream};

const HAIKU: &str = "anthropic/claude-haiku-4-5";

/// A model that thinks, calls a tool once, and then answers.
fn scripted(upstream: &Upstream) {
    upstream.always(|call| {
        let said = call.body.to_string();
        let answered = ["tool_result", "function_call_output", "functionResponse", "\"tool\""];
        match answered.iter().any(|word| said.contains(word)) {
            true => Answer::text("It rains.").thinking("So it rains.", 5),
            false => Answer::default().thinking("I look outside.", 9).tool("weather", json!({ "city": "Bern" })),
        }
    });
}

/// A body over Chat: the question, and what comes after it.
fn chat(model: &str, more: &[Value]) -> Value {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let tool = json!({ "type": "function", "function": { "name": "weather", "parameters": parameters } });
    let mut messages = vec![json!({ "role": "user", "content": "How is it outside?" })];
    messages.extend_from_slice(more);
    json!({ "model": model, "messages": messages, "tools": [tool], "reasoning_effort": "low" })
}

fn result(id: &Value) -> Value {
    json!({ "role": "tool", "tool_call_id": id, "content": "rain" })
}

/// The turn of a whole answer over Chat.
fn turn(house: &House, headers: &[(&str, &str)], body: &Value) -> Value {
    house.post("/v1/chat/completions", headers, &body.to_string()).ok().json()["choices"][0]["message"].clone()
}

/// A client that keeps nothing but what the dialect has.
fn plain(turn: &Value) -> Value {
    json!({ "role": "assistant", "content": turn["content"], "tool_calls": turn["tool_calls"] })
}

/// The blocks of the model's first turn that Anthropic was sent, by type, and whether it was to think.
fn heard(call: &Call) -> (Vec<String>, bool) {
    let turn = call.body["messages"].as_array().unwrap().iter().find(|m| m["role"] == "assistant").unwrap();
    let types = turn["content"].as_array().unwrap().iter().map(|b| b["type"].as_str().unwrap().to_owned());
    (types.collect(), call.body["thinking"]["type"] == "enabled")
}

fn last(upstream: &Upstream) -> Call {
    upstream.calls().pop().unwrap()
}

fn both() -> (Vec<String>, bool) {
    (vec!["thinking".to_owned(), "tool_use".to_owned()], true)
}

fn alone() -> (Vec<String>, bool) {
    (vec!["tool_use".to_owned()], false)
}

#[test]
fn over_chat_claude_gets_its_thought_back_with_its_call() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let first = turn(&house, &[], &chat(HAIKU, &[]));
    let id = &first["tool_calls"][0]["id"];
    assert!(first["reasoning_details"][0]["signature"].is_string(), "{first:#}");
    let mut shown = plain(&first);
    shown["reasoning_content"] = first["reasoning_content"].clone();
    // As it came, with the thought's text alone, and with nothing but the call.
    for echo in [first.clone(), shown, plain(&first)] {
        let said = turn(&house, &[], &chat(HAIKU, &[echo.clone(), result(id)]));
        assert_eq!(said["content"], "It rains.", "{echo:#}");
        let call = last(&upstream);
        assert_eq!(heard(&call), both(), "{echo:#}");
        let thought = json!({ "type": "thinking", "thinking": "I look outside.", "signature": "EqQBCgIYAhIkYmFzZTY0" });
        assert_eq!(call.body["messages"][1]["content"][0], thought);
    }
    // One call each: nothing was refused.
    assert_eq!((upstream.calls().len(), upstream.refusals()), (4, Vec::new()));
    // Another model gets nothing of it.
    turn(&house, &[], &chat("anthropic/claude-sonnet-4-5", &[first.clone(), result(id)]));
    assert_eq!(heard(&last(&upstream)), alone());
    // Where it is refused after all, it is asked once more without it.
    upstream.next(Answer::status(
        400,
        "invalid_request_error",
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ));
    turn(&house, &[], &chat(HAIKU, &[first.clone(), result(id)]));
    assert_eq!((heard(&last(&upstream)), upstream.calls().len()), (alone(), 7));
    // In a stream it is the same.
    let mut body = chat(HAIKU, &[]);
    body["stream"] = json!(true);
    let streamed = house.post("/v1/chat/completions", &[], &body.to_string()).ok().text();
    let at = streamed.find("toolu_").unwrap();
    let id = json!(streamed[at..].split('"').next().unwrap());
    let called =
        json!({ "id": id, "type": "function", "function": { "name": "weather", "arguments": "{\"city\":\"Bern\"}" } });
    let echo = json!({ "role": "assistant", "content": "", "tool_calls": [called] });
    turn(&house, &[], &chat(HAIKU, &[echo, result(&id)]));
    assert_eq!(heard(&last(&upstream)), both());
    house.close(&sandbox).ok();
}

#[test]
fn what_is_not_known_any_more_costs_one_call_without_thought() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let first = turn(&house, &[], &chat(HAIKU, &[]));
    house.close(&sandbox).ok();
    let house = House::open(&sandbox, &["--no-auth"]);
    let body = chat(HAIKU, &[first.clone(), result(&first["tool_calls"][0]["id"])]);
    let came = house.post("/v1/chat/completions", &[], &body.to_string()).ok();
    assert_eq!(heard(&last(&upstream)), alone());
    let note = came.header("x-monster-note").unwrap_or_default().to_owned();
    assert!(note.contains("goes on without thinking"), "{note}");
    assert_eq!((upstream.calls().len(), upstream.refusals()), (2, Vec::new()));
    house.close(&sandbox).ok();
}

fn key(sandbox: &Sandbox, name: &str) -> String {
    let made = sandbox.monster(&["serve", "key", "add", name]).done();
    format!("Bearer {}", made.ok().raw.trim())
}

#[test]
fn what_one_key_was_given_goes_into_no_request_of_another() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let (one, other) = (key(&sandbox, "one"), key(&sandbox, "other"));
    let house = House::open(&sandbox, &[]);
    let (one, other) = ([("authorization", one.as_str())], [("authorization", other.as_str())]);
    let first = turn(&house, &one, &chat(HAIKU, &[]));
    let again = chat(HAIKU, &[plain(&first), result(&first["tool_calls"][0]["id"])]);
    turn(&house, &other, &again);
    assert_eq!(heard(&last(&upstream)), alone());
    // Nor does what he read of it count as his.
    turn(&house, &other, &chat(HAIKU, &[first.clone(), result(&first["tool_calls"][0]["id"])]));
    assert_eq!(heard(&last(&upstream)), alone());
    turn(&house, &one, &again);
    assert_eq!(heard(&last(&upstream)), both());
    house.close(&sandbox).ok();
}

#[test]
fn over_chat_gemini_gets_its_signature_back() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let first = turn(&house, &[], &chat("gemini/gemini-2.5-flash", &[]));
    let call = &first["tool_calls"][0];
    assert!(call["extra_content"]["google"]["thought_signature"].is_string(), "{first:#}");
    let mut bare = plain(&first);
    bare["tool_calls"][0].as_object_mut().unwrap().remove("extra_content");
    for echo in [first.clone(), bare] {
        turn(&house, &[], &chat("gemini/gemini-2.5-flash", &[echo, result(&call["id"])]));
        let parts = last(&upstream).body["contents"][1]["parts"].clone();
        let part = parts.as_array().unwrap().iter().find(|p| p["functionCall"].is_object()).unwrap();
        assert_eq!(part["thoughtSignature"], "c2lnbmVkIGhlcmU=", "{parts:#}");
    }
    house.close(&sandbox).ok();
}

/// A body over Anthropic's dialect.
fn messages(model: &str, more: &[Value]) -> Value {
    let mut messages = vec![json!({ "role": "user", "content": "How is it outside?" })];
    messages.extend_from_slice(more);
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    json!({ "model": model, "max_tokens": 4_000, "messages": messages, "tools": [{ "name": "weather", "input_schema": schema }],
        "thinking": { "type": "enabled", "budget_tokens": 2_000 } })
}

#[test]
fn what_another_model_sealed_does_not_go_to_one_that_speaks_the_callers_dialect() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    // What Claude sealed goes to Claude as it came, and to no other: the next model of the same door knows nothing of it.
    for (from, to, kept) in
        [("openai/gpt-5.4", HAIKU, false), (HAIKU, HAIKU, true), (HAIKU, "anthropic/claude-sonnet-4-5", false)]
    {
        let first = house.post("/v1/messages", &[], &messages(from, &[]).to_string()).ok().json();
        let content = first["content"].as_array().unwrap();
        let seal = content.iter().find_map(|b| b["signature"].as_str()).unwrap();
        let call = content.iter().find(|b| b["type"] == "tool_use").unwrap();
        let answered = json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": call["id"], "content": "rain" }] });
        let more = [json!({ "role": "assistant", "content": content }), answered];
        let came = house.post("/v1/messages", &[], &messages(to, &more).to_string()).ok();
        assert_eq!(came.json()["content"].as_array().unwrap().last().unwrap()["text"], "It rains.");
        assert_eq!(last(&upstream).body.to_string().contains(seal), kept, "{from} to {to}");
        // A budget without the thought that led to the call is refused, so that none is asked for.
        assert_eq!(heard(&last(&upstream)), if kept { both() } else { alone() }, "{from} to {to}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn over_anthropic_s_dialect_responses_and_gemini_get_back_what_they_sealed() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    for model in ["openai/gpt-5.4", "gemini/gemini-2.5-flash"] {
        let first = house.post("/v1/messages", &[], &messages(model, &[]).to_string()).ok().json();
        let content = first["content"].as_array().unwrap();
        let call = content.iter().find(|b| b["type"] == "tool_use").unwrap();
        let answered = json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": call["id"], "content": "rain" }] });
        for echo in [json!(content), json!([call])] {
            let more = [json!({ "role": "assistant", "content": echo }), answered.clone()];
            house.post("/v1/messages", &[], &messages(model, &more).to_string()).ok();
            let body = last(&upstream).body;
            if model.starts_with("openai") {
                let types: Vec<&str> =
                    body["input"].as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap()).collect();
                assert_eq!(types, ["message", "reasoning", "function_call", "function_call_output"], "{echo:#}");
                let thought = &body["input"][1];
                assert_eq!(thought["encrypted_content"], "gAAAAABsealed");
                assert!(thought["id"].as_str().is_some_and(|id| id.starts_with("rs_")), "{thought:#}");
            } else {
                let parts = body["contents"][1]["parts"].as_array().unwrap().clone();
                let part = parts.iter().find(|p| p["functionCall"].is_object()).unwrap();
                assert_eq!(part["thoughtSignature"], "c2lnbmVkIGhlcmU=", "{parts:#?}");
            }
        }
    }
    house.close(&sandbox).ok();
}

#[test]
fn over_responses_claude_gets_its_thought_back() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let body = |more: &[Value]| {
        let mut input = vec![json!({ "type": "message", "role": "user", "content": "How is it outside?" })];
        input.extend_from_slice(more);
        json!({ "model": HAIKU, "input": input, "reasoning": { "effort": "low" }, "include": ["reasoning.encrypted_content"],
            "tools": [{ "type": "function", "name": "weather", "parameters": { "type": "object", "properties": {} } }] })
        .to_string()
    };
    let first = house.post("/v1/responses", &[], &body(&[])).ok().json();
    let mut more = first["output"].as_array().unwrap().clone();
    let call = more.iter().find(|i| i["type"] == "function_call").unwrap().clone();
    let answered = json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "rain" });
    more.push(answered.clone());
    for echo in [more, vec![call, answered]] {
        house.post("/v1/responses", &[], &body(&echo)).ok();
        assert_eq!(heard(&last(&upstream)), both(), "{echo:#?}");
    }
    house.close(&sandbox).ok();
}

/// What a model's own tools did, between what it thought and what it said.
fn searched() -> [Value; 2] {
    [
        json!({ "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": { "query": "rain" } }),
        json!({ "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{ "type": "web_search_result",
            "url": "https://example.org/rain", "title": "Rain", "encrypted_content": "Eo8B", "page_age": null }] }),
    ]
}

#[test]
fn what_anthropic_s_own_tools_found_survives_another_model() {
    let (upstream, sandbox) = world();
    upstream.takes_all().always(|_| Answer::text("It rains.").thinking("So it rains.", 5));
    let house = House::open(&sandbox, &["--no-auth"]);
    let first = house.post("/v1/messages", &[], &messages(HAIKU, &[]).to_string()).ok().json();
    let mut content = first["content"].as_array().unwrap().clone();
    let thought = content.remove(0);
    assert_eq!(thought["type"], "thinking", "{first:#}");
    // One of a time that nobody remembers.
    let old = json!({ "type": "thinking", "thinking": "Long ago.", "signature": "bG9uZyBhZ28=" });
    content.splice(0..0, [vec![old], searched().to_vec()].concat());
    let said = [vec![thought], content.clone()].concat();
    let more = [json!({ "role": "assistant", "content": said }), json!({ "role": "user", "content": "And now?" })];
    let came = house.post("/v1/messages", &[], &messages("anthropic/claude-sonnet-4-5", &more).to_string()).ok();
    let body = last(&upstream).body;
    assert_eq!(body["messages"][1]["content"], json!(content), "{body:#}");
    assert_eq!(body["thinking"]["budget_tokens"], 2_000);
    let note = came.header("x-monster-note").unwrap_or_default().to_owned();
    assert!(note.contains("thoughts of another model") && !note.contains("dialect knows"), "{note}");
    house.close(&sandbox).ok();
}

#[test]
fn what_was_compacted_survives_another_model_of_openai_s() {
    let (upstream, sandbox) = world();
    upstream.takes_all().always(|_| Answer::text("It rains.").thinking("So it rains.", 5));
    let house = House::open(&sandbox, &["--no-auth"]);
    let body = |model: &str, more: &[Value]| {
        let mut input = vec![
            json!({ "type": "compaction", "id": "cmp_1", "encrypted_content": "gAAAAABwhole" }),
            json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "How is it outside?" }] }),
        ];
        input.extend_from_slice(more);
        json!({ "model": model, "input": input, "reasoning": { "effort": "low" }, "store": false,
            "include": ["reasoning.encrypted_content"] })
    };
    let first = house.post("/v1/responses", &[], &body("openai/gpt-5.4", &[]).to_string()).ok().json();
    let mut output = first["output"].as_array().unwrap().clone();
    let found = json!({ "type": "web_search_call", "id": "ws_1", "status": "completed", "action": { "type": "search", "query": "rain" } });
    output.insert(1, found.clone());
    // Codex brings a thought back without the id of its item.
    output[0].as_object_mut().unwrap().remove("id");
    assert_eq!(output[0]["type"], "reasoning", "{first:#}");
    output
        .push(json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "And now?" }] }));
    for (model, kept) in [("openai/gpt-5.4", true), ("openai/gpt-5.2", false)] {
        house.post("/v1/responses", &[], &body(model, &output).to_string()).ok();
        let sent = last(&upstream).body;
        let all = sent["input"].as_array().unwrap();
        let search = all.iter().find(|item| item["type"] == "web_search_call").unwrap();
        let mut wanted = found.clone();
        if !kept {
            // With its id it wants the thought before it.
            wanted.as_object_mut().unwrap().remove("id");
        }
        assert_eq!(search, &wanted, "{sent:#}");
        assert_eq!(all[0]["encrypted_content"], "gAAAAABwhole", "{sent:#}");
        assert_eq!(sent.to_string().contains("gAAAAABsealed"), kept, "{model}: {sent:#}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn the_code_that_gemini_ran_survives_another_of_its_models() {
    let (upstream, sandbox) = world();
    upstream.takes_all();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let ask = |model: &str, more: &[Value]| {
        let mut contents = vec![json!({ "role": "user", "parts": [{ "text": "How is it outside?" }] })];
        contents.extend_from_slice(more);
        let tool =
            json!({ "functionDeclarations": [{ "name": "weather", "parametersJsonSchema": { "type": "object" } }] });
        let body = json!({ "contents": contents, "tools": [tool, { "codeExecution": {} }],
            "generationConfig": { "thinkingConfig": { "includeThoughts": true, "thinkingBudget": 1_024 } } });
        house.post(&format!("/v1beta/models/gemini%2F{model}:generateContent"), &[], &body.to_string()).ok().json()
    };
    let first = ask("gemini-2.5-flash", &[]);
    let mut parts = first["candidates"][0]["content"]["parts"].as_array().unwrap().clone();
    let ran = [
        json!({ "executableCode": { "language": "PYTHON", "code": "print(1)" } }),
        json!({ "codeExecutionResult": { "outcome": "OUTCOME_OK", "output": "1" } }),
    ];
    parts.splice(0..0, ran.clone());
    let call = parts.iter().position(|part| part["functionCall"].is_object()).unwrap();
    assert_eq!(parts[call]["thoughtSignature"], "c2lnbmVkIGhlcmU=", "{first:#}");
    let answered = json!({ "role": "user", "parts": [{ "functionResponse": { "name": "weather", "response": { "output": "rain" } } }] });
    ask("gemini-2.5-pro", &[json!({ "role": "model", "parts": parts }), answered]);
    let sent = last(&upstream).body;
    let held = sent["contents"][1]["parts"].as_array().unwrap();
    assert!(ran.iter().all(|part| held.contains(part)), "{sent:#}");
    let called = held.iter().find(|part| part["functionCall"].is_object()).unwrap();
    assert_eq!(called["thoughtSignature"], "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", "{sent:#}");
    assert!(!sent.to_string().contains("c2lnbmVkIGhlcmU="), "{sent:#}");
    house.close(&sandbox).ok();
}

/// The proxy was started anew, and the model is another: nobody knows whose it is before it is refused.
#[test]
fn what_nobody_remembers_and_the_model_refuses_is_left_out_of_the_next_try() {
    let (upstream, sandbox) = world();
    upstream.takes_all().always(|_| Answer::text("It rains."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let old = json!({ "type": "thinking", "thinking": "Long ago.", "signature": "bG9uZyBhZ28=" });
    let content = [searched().to_vec(), vec![json!({ "type": "text", "text": "It rained." })]].concat();
    let ask = |said: Vec<Value>| {
        let refusal = "messages.1.content.0: Invalid `signature` in `thinking` block";
        upstream.next(Answer::status(400, "invalid_request_error", refusal));
        let more = [json!({ "role": "assistant", "content": said }), json!({ "role": "user", "content": "And now?" })];
        house.post("/v1/messages", &[], &messages(HAIKU, &more).to_string())
    };
    ask([vec![old], content.clone()].concat()).ok();
    assert_eq!((upstream.calls().len(), &last(&upstream).body["messages"][1]["content"]), (2, &json!(content)));
    // Where nothing is sealed, there is no other try.
    let refused = ask(content);
    assert_eq!((refused.status, upstream.calls().len()), (400, 3));
    house.close(&sandbox).ok();
}

/// Claude 4.6 is told a level here, and takes a caller's own budget all the same: with it, it wants what was thought.
#[test]
fn a_caller_s_own_budget_does_not_go_where_the_thought_before_the_call_does_not() {
    let (upstream, sandbox) = world();
    upstream.takes_all().always(|_| Answer::text("It rains."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let opus = "anthropic/claude-opus-4-6";
    let (thinks, calls) = (Answer::default().thinking("I look outside.", 9), Answer::default());
    for (from, answer, kept) in [
        (HAIKU, thinks.clone(), false),
        ("gemini/gemini-2.5-flash", thinks.clone(), false),
        (HAIKU, calls, false),
        (opus, thinks, true),
    ] {
        upstream.next(answer.tool("weather", json!({ "city": "Bern" })));
        let first = house.post("/v1/messages", &[], &messages(from, &[]).to_string()).ok().json();
        house.post("/v1/messages", &[], &messages(opus, &after(&first)).to_string()).ok();
        let sent = last(&upstream);
        assert_eq!(heard(&sent), if kept { both() } else { alone() }, "{from}: {:#}", sent.body);
        if !kept {
            assert_eq!(sent.body["thinking"]["type"], "adaptive", "{from}: {:#}", sent.body);
        }
    }
    // Nor with the next try, where nobody remembers whose it is.
    let thought = json!({ "type": "thinking", "thinking": "Long ago.", "signature": "bG9uZyBhZ28=" });
    let call = json!({ "type": "tool_use", "id": "toolu_9", "name": "weather", "input": {} });
    let refusal = "messages.1.content.0: Invalid `signature` in `thinking` block";
    upstream.next(Answer::status(400, "invalid_request_error", refusal));
    let came =
        house.post("/v1/messages", &[], &messages(opus, &after(&json!({ "content": [thought, call] }))).to_string());
    let (sent, note) = (last(&upstream), came.header("x-monster-note").unwrap_or_default().to_owned());
    assert_eq!((heard(&sent), &sent.body["thinking"]["type"]), (alone(), &json!("adaptive")), "{note}");
    house.close(&sandbox).ok();
}

/// What is sent after an answer over Anthropic's dialect: the answer, and the tool's.
fn after(first: &Value) -> [Value; 2] {
    let content = first["content"].as_array().unwrap();
    let call = content.iter().find(|b| b["type"] == "tool_use").unwrap();
    let answered =
        json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": call["id"], "content": "rain" }] });
    [json!({ "role": "assistant", "content": content }), answered]
}

/// A body over Responses: the question, and what comes after it.
fn input(model: &str, more: &[Value]) -> String {
    let mut input = vec![json!({ "type": "message", "role": "user", "content": "How is it outside?" })];
    input.extend_from_slice(more);
    json!({ "model": model, "input": input, "reasoning": { "effort": "low", "summary": "auto" }, "store": false,
        "include": ["reasoning.encrypted_content"],
        "tools": [{ "type": "function", "name": "weather", "strict": false,
            "parameters": { "type": "object", "properties": {} } }] })
    .to_string()
}

/// What is sent after an answer over Responses.
fn output(first: &Value) -> Vec<Value> {
    let mut more = first["output"].as_array().unwrap().clone();
    let call = more.iter().find(|i| i["type"] == "function_call").unwrap();
    more.push(json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "rain" }));
    more
}

fn types(call: &Call) -> Vec<String> {
    let items = call.body["input"].as_array().unwrap().iter();
    items.map(|item| item["type"].as_str().unwrap_or("message").to_owned()).collect()
}

const LOOP: [&str; 3] = ["message", "function_call", "function_call_output"];

#[test]
fn a_thought_that_nobody_sealed_does_not_go_to_models_that_want_a_seal() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let gemini = "gemini/gemini-2.5-flash";
    let first = house.post("/v1/messages", &[], &messages(gemini, &[]).to_string()).ok().json();
    let thought = json!({ "type": "thinking", "thinking": "I look outside.", "signature": "" });
    assert_eq!(first["content"][0], thought, "{first:#}");
    let came = house.post("/v1/messages", &[], &messages(HAIKU, &after(&first)).to_string()).ok();
    assert_eq!(heard(&last(&upstream)), alone());
    let note = came.header("x-monster-note").unwrap_or_default().to_owned();
    assert!(note.contains("thoughts of another model") && note.contains("goes on without thinking"), "{note}");
    let first = house.post("/v1/responses", &[], &input(gemini, &[])).ok().json();
    let thought = &first["output"][0];
    assert!(thought["type"] == "reasoning" && thought["encrypted_content"].is_null(), "{first:#}");
    house.post("/v1/responses", &[], &input("openai/gpt-5.4", &output(&first))).ok();
    assert_eq!(types(&last(&upstream)), LOOP);
    assert_eq!((upstream.calls().len(), upstream.refusals()), (4, Vec::new()));
    house.close(&sandbox).ok();
}

#[test]
fn a_seal_that_is_spelled_as_another_s_goes_nowhere_else_after_a_restart() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let openai = house.post("/v1/messages", &[], &messages("openai/gpt-5.4", &[]).to_string()).ok().json();
    let claude = house.post("/v1/responses", &[], &input(HAIKU, &[])).ok().json();
    house.close(&sandbox).ok();
    let seals = [&openai["content"][0]["signature"], &claude["output"][0]["encrypted_content"]];
    let [ours, theirs] = seals.map(|seal| seal.as_str().unwrap().to_owned());
    assert!(ours.starts_with("rs_") && ours.contains('\n') && theirs.starts_with("monster:"), "{ours:?} {theirs:?}");
    let house = House::open(&sandbox, &["--no-auth"]);
    house.post("/v1/messages", &[], &messages(HAIKU, &after(&openai)).to_string()).ok();
    assert_eq!(heard(&last(&upstream)), alone());
    house.post("/v1/responses", &[], &input("openai/gpt-5.4", &output(&claude))).ok();
    assert_eq!(types(&last(&upstream)), LOOP);
    // One call each: nothing was refused.
    assert_eq!((upstream.calls().len(), upstream.refusals()), (4, Vec::new()));
    house.close(&sandbox).ok();
}

#[test]
fn over_gemini_s_dialect_another_s_call_says_that_it_comes_from_elsewhere() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let ask = |model: &str, more: &[Value]| {
        let mut contents = vec![json!({ "role": "user", "parts": [{ "text": "How is it outside?" }] })];
        contents.extend_from_slice(more);
        let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
        let tool = json!({ "functionDeclarations": [{ "name": "weather", "parametersJsonSchema": parameters }] });
        let body = json!({ "contents": contents, "tools": [tool] });
        let path = format!("/v1beta/models/{}:generateContent", model.replace('/', "%2F"));
        house.post(&path, &[], &body.to_string()).ok().json()["candidates"][0]["content"].clone()
    };
    let first = ask(HAIKU, &[]);
    let call = first["parts"].as_array().unwrap().iter().find(|part| part["functionCall"].is_object()).unwrap();
    assert!(call["thoughtSignature"].is_null(), "{first:#}");
    let mut response = json!({ "name": "weather", "response": { "output": "rain" } });
    response["id"] = call["functionCall"]["id"].clone();
    let more = [first.clone(), json!({ "role": "user", "parts": [{ "functionResponse": response }] })];
    ask("gemini/gemini-3.5-flash", &more);
    let sent = last(&upstream).body;
    let held = sent["contents"][1]["parts"].as_array().unwrap();
    let called = held.iter().find(|part| part["functionCall"].is_object()).unwrap();
    assert_eq!(called["thoughtSignature"], "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", "{sent:#}");
    assert_eq!(called["functionCall"], call["functionCall"]);
    house.close(&sandbox).ok();
}

#[test]
fn what_called_without_a_thought_is_gone_on_from_without_one_by_another() {
    let (upstream, sandbox) = world();
    upstream.takes_all().always(|_| Answer::text("It rains."));
    let house = House::open(&sandbox, &["--no-auth"]);
    // What one model does is its own matter: it goes on as it came.
    for (from, to, thinks) in
        [("openai/gpt-4.1-mini", HAIKU, false), ("anthropic/claude-sonnet-4-5", HAIKU, false), (HAIKU, HAIKU, true)]
    {
        upstream.next(Answer::default().tool("weather", json!({ "city": "Bern" })));
        let first = house.post("/v1/messages", &[], &messages(from, &[]).to_string()).ok().json();
        assert_eq!(first["content"][0]["type"], "tool_use", "{first:#}");
        let came = house.post("/v1/messages", &[], &messages(to, &after(&first)).to_string()).ok();
        assert_eq!(heard(&last(&upstream)), (alone().0, thinks), "{from} to {to}");
        let note = came.header("x-monster-note").unwrap_or_default().to_owned();
        assert_eq!(note.contains("goes on without thinking"), !thinks, "{from} to {to}: {note}");
        assert!(!note.contains("thoughts of another model"), "{note}");
    }
    house.close(&sandbox).ok();
}

/// The proxy was started anew: whose call it is nobody knows before the refusal says that its thought is missing.
#[test]
fn a_call_that_nobody_remembers_is_gone_on_from_without_a_budget_once_that_is_refused() {
    let (upstream, sandbox) = world();
    upstream.takes_all().always(|_| Answer::text("It rains."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let refusal = "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.";
    let call = json!({ "type": "tool_use", "id": "toolu_9", "name": "weather", "input": {} });
    for (model, how, thinking) in
        [(HAIKU, "without thinking", Value::Null), ("anthropic/claude-opus-4-6", "at effort low", json!("adaptive"))]
    {
        let calls = upstream.calls().len();
        upstream.next(Answer::status(400, "invalid_request_error", refusal));
        upstream.next(Answer::default().tool("weather", json!({ "city": "Bern" })));
        let more = after(&json!({ "content": [call.clone()] }));
        let came = house.post("/v1/messages", &[], &messages(model, &more).to_string()).ok();
        let note = came.header("x-monster-note").unwrap_or_default().to_owned();
        assert!(note.contains(&format!("so it goes on {how}")), "{model}: {note}");
        assert_eq!((&last(&upstream).body["thinking"]["type"], upstream.calls().len()), (&thinking, calls + 2));
        // Nor does it go on from what it called then, and nobody is refused for that.
        let more = [more, after(&came.json())].concat();
        house.post("/v1/messages", &[], &messages(model, &more).to_string()).ok();
        assert_eq!((&last(&upstream).body["thinking"]["type"], upstream.calls().len()), (&thinking, calls + 3));
    }
    house.close(&sandbox).ok();
}

#[test]
fn a_thought_that_was_refused_goes_alone_and_is_not_sent_again() {
    let (upstream, sandbox) = world();
    upstream.takes_all();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let first = house.post("/v1/messages", &[], &messages(HAIKU, &[]).to_string()).ok().json();
    let old = json!({ "type": "thinking", "thinking": "Long ago.", "signature": "bG9uZyBhZ28=" });
    let said = json!({ "role": "assistant", "content": [old, { "type": "text", "text": "It rained." }] });
    let more = [vec![said, json!({ "role": "user", "content": "And now?" })], after(&first).to_vec()].concat();
    let refusal = "messages.1.content.0: Invalid `signature` in `thinking` block";
    upstream.next(Answer::status(400, "invalid_request_error", refusal));
    for calls in [3, 4] {
        house.post("/v1/messages", &[], &messages(HAIKU, &more).to_string()).ok();
        let sent = last(&upstream);
        assert_eq!((heard(&sent), upstream.calls().len()), ((vec!["text".to_owned()], true), calls));
        // What this model thought itself stays.
        assert_eq!(sent.body["messages"][3]["content"], first["content"], "{:#}", sent.body);
    }
    // Where that is what is refused, all of it goes.
    upstream.next(Answer::status(400, "invalid_request_error", refusal));
    house.post("/v1/messages", &[], &messages(HAIKU, &more).to_string()).ok();
    assert_eq!(
        (last(&upstream).body["messages"][3]["content"][0]["type"].as_str(), upstream.calls().len()),
        (Some("tool_use"), 6)
    );
    house.close(&sandbox).ok();
}
