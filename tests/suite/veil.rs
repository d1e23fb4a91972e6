//! Who did not ask for thoughts gets his text first: what a tool loop needs stands before the call, and finds its way back.

use serde_json::{Value, json};

use crate::caller::House;
use crate::serve::world;
use crate::upstream::{Answer, Upstream};

/// A model that thinks, says something, calls a tool once, and then answers.
fn scripted(upstream: &Upstream) {
    upstream.always(|call| {
        let said = call.body.to_string();
        match ["function_call_output", "functionResponse", "\"role\":\"tool\""].iter().any(|word| said.contains(word)) {
            true => Answer::text("It rains.").thinking("So it rains.", 5),
            false => {
                Answer::text("Let me see.").thinking("I look outside.", 9).tool("weather", json!({ "city": "Bern" }))
            }
        }
    });
}

fn messages(model: &str, stream: bool, thinking: &Value, more: &[Value]) -> String {
    let mut messages = vec![json!({ "role": "user", "content": "How is it outside?" })];
    messages.extend_from_slice(more);
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let mut body = json!({ "model": model, "max_tokens": 4_000, "messages": messages, "stream": stream,
        "tools": [{ "name": "weather", "input_schema": schema }] });
    if !thinking.is_null() {
        body["thinking"] = thinking.clone();
    }
    body.to_string()
}

/// The blocks of an answer, as a client puts them together.
fn content(house: &House, body: &str, stream: bool) -> Vec<Value> {
    let came = house.post("/v1/messages", &[], body).ok();
    if !stream {
        return came.json()["content"].as_array().unwrap().clone();
    }
    let mut out: Vec<Value> = Vec::new();
    for line in came.text().lines().filter_map(|line| line.strip_prefix("data: ")) {
        let event: Value = serde_json::from_str(line).unwrap();
        let at = usize::try_from(event["index"].as_u64().unwrap_or(0)).unwrap();
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!(at, out.len(), "{line}");
                out.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                for (delta, field) in [("text", "text"), ("thinking", "thinking"), ("signature", "signature")] {
                    if let Some(more) = event["delta"][delta].as_str() {
                        let all = out[at][field].as_str().unwrap().to_owned() + more;
                        out[at][field] = json!(all);
                    }
                }
                if let Some(json) = event["delta"]["partial_json"].as_str() {
                    let all = out[at]["text"].as_str().unwrap_or_default().to_owned() + json;
                    out[at]["text"] = json!(all);
                }
            }
            "content_block_stop" if out[at]["type"] == "tool_use" => {
                let said = out[at].as_object_mut().unwrap().remove("text").unwrap();
                out[at]["input"] = serde_json::from_str(said.as_str().unwrap()).unwrap();
            }
            _ => {}
        }
    }
    out
}

fn types(content: &[Value]) -> Vec<&str> {
    content.iter().map(|block| block["type"].as_str().unwrap()).collect()
}

#[test]
fn text_comes_first_and_what_was_sealed_goes_back_to_its_place() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let disabled = json!({ "type": "disabled" });
    for (model, thinking) in [
        ("openai/gpt-5.5", Value::Null),
        ("openai/gpt-5.5", disabled.clone()),
        ("gemini/gemini-3.5-flash", Value::Null),
        ("gemini/gemini-3.5-flash", disabled),
    ] {
        for stream in [false, true] {
            let first = content(&house, &messages(model, stream, &thinking, &[]), stream);
            let sent = upstream.calls().pop().unwrap().body;
            assert!(!sent.to_string().contains("\"includeThoughts\":true"), "{sent:#}");
            assert_eq!((&first[0]["type"], &first[0]["text"]), (&json!("text"), &json!("Let me see.")), "{first:#?}");
            // Gemini seals the call, which is remembered here.
            let openai = model.starts_with("openai");
            let sealed = openai && thinking.is_null();
            let whole: &[&str] = if sealed { &["text", "thinking", "tool_use"] } else { &["text", "tool_use"] };
            assert_eq!(types(&first), whole, "{model} {thinking} {stream}");
            assert!(!json!(first).to_string().contains("I look"), "{first:#?}");
            let call = first.last().unwrap();
            assert_eq!(call["input"], json!({ "city": "Bern" }));
            let result = json!({ "type": "tool_result", "tool_use_id": call["id"], "content": "rain" });
            let more =
                [json!({ "role": "assistant", "content": first }), json!({ "role": "user", "content": [result] })];
            let second = content(&house, &messages(model, stream, &thinking, &more), stream);
            assert_eq!(second, [json!({ "type": "text", "text": "It rains." })], "{model} {thinking} {stream}");
            let sent = upstream.calls().pop().unwrap().body;
            if openai {
                let input = sent["input"].as_array().unwrap();
                let mut order = vec!["message", "reasoning", "message", "function_call", "function_call_output"];
                if !sealed {
                    order.remove(1);
                }
                assert_eq!(types(input), order, "{sent:#}");
                assert_eq!(input[1]["encrypted_content"] == "gAAAAABsealed", sealed);
            } else {
                let parts = sent["contents"][1]["parts"].as_array().unwrap();
                let call = parts.iter().find(|part| part["functionCall"].is_object()).unwrap();
                assert_eq!(
                    (&parts[0]["text"], &call["thoughtSignature"]),
                    (&json!("Let me see."), &json!("c2lnbmVkIGhlcmU="))
                );
            }
        }
    }
    assert_eq!(upstream.refusals(), Vec::<String>::new());
    house.close(&sandbox).ok();
}

#[test]
fn what_a_router_told_of_thoughts_goes_back_to_it_by_the_call() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let model = "openrouter/openai/gpt-5.5";
    for stream in [false, true] {
        let first = content(&house, &messages(model, stream, &Value::Null, &[]), stream);
        assert_eq!(types(&first), ["text", "tool_use"], "{stream}: {first:#?}");
        let result = json!({ "type": "tool_result", "tool_use_id": first[1]["id"], "content": "rain" });
        let more = [json!({ "role": "assistant", "content": first }), json!({ "role": "user", "content": [result] })];
        let second = content(&house, &messages(model, stream, &Value::Null, &more), stream);
        assert_eq!(second, [json!({ "type": "text", "text": "It rains." })], "{stream}");
        let sent = upstream.calls().pop().unwrap().body;
        let turn = sent["messages"].as_array().unwrap().iter().find(|turn| turn["role"] == "assistant").unwrap();
        let details = json!([{ "type": "reasoning.text", "text": "I look outside.", "format": "unknown", "index": 0 }]);
        assert_eq!(turn["reasoning_details"], details, "{stream}: {sent:#}");
    }
    assert_eq!(upstream.refusals(), Vec::<String>::new());
    house.close(&sandbox).ok();
}

#[test]
fn who_asks_for_thoughts_reads_them_first() {
    let (upstream, sandbox) = world();
    scripted(&upstream);
    let house = House::open(&sandbox, &["--no-auth"]);
    let (budget, some) = (json!({ "type": "enabled", "budget_tokens": 2_000 }), json!({ "type": "adaptive" }));
    for (model, thinking) in [
        ("gemini/gemini-3.5-flash", &budget),
        // It is left to the model how much.
        ("gemini/gemini-2.5-flash", &some),
        // The name alone says so.
        ("gemini/gemini-3.5-flash(high)", &Value::Null),
    ] {
        let first = content(&house, &messages(model, false, thinking, &[]), false);
        assert_eq!(first[0]["thinking"], "I look outside.", "{model}: {first:#?}");
    }
    // Over Chat there is no other word for it.
    let body =
        json!({ "model": "gemini/gemini-3.5-flash(high)", "messages": [{ "role": "user", "content": "How is it?" }] });
    let said = house.post("/v1/chat/completions", &[], &body.to_string()).ok().json();
    assert_eq!(said["choices"][0]["message"]["reasoning_content"], "I look outside.", "{said:#}");
    house.close(&sandbox).ok();
}

#[test]
fn a_caller_of_gemini_s_who_asked_for_no_thoughts_has_their_seal_on_the_call() {
    let (upstream, sandbox) = world();
    upstream.always(|call| match call.body.to_string().contains("function_call_output") {
        true => Answer::text("It rains."),
        false => Answer::default().thinking("I look outside.", 9).tool("weather", json!({ "city": "Bern" })),
    });
    let house = House::open(&sandbox, &["--no-auth"]);
    let ask = |more: &[Value]| {
        let mut contents = vec![json!({ "role": "user", "parts": [{ "text": "How is it outside?" }] })];
        contents.extend_from_slice(more);
        let tool =
            json!({ "functionDeclarations": [{ "name": "weather", "parametersJsonSchema": { "type": "object" } }] });
        let body = json!({ "contents": contents, "tools": [tool] }).to_string();
        let said = house.post("/v1beta/models/openai%2Fgpt-5.5:generateContent", &[], &body).ok().json();
        said["candidates"][0]["content"]["parts"].as_array().unwrap().clone()
    };
    let parts = ask(&[]);
    assert_eq!(parts.len(), 1, "{parts:#?}");
    assert!(parts[0]["functionCall"].is_object() && parts[0]["thoughtSignature"].is_string(), "{parts:#?}");
    let response = json!({ "functionResponse": { "name": "weather", "response": { "output": "rain" } } });
    ask(&[json!({ "role": "model", "parts": parts }), json!({ "role": "user", "parts": [response] })]);
    let sent = upstream.calls().pop().unwrap().body;
    let input = sent["input"].as_array().unwrap();
    assert_eq!(types(input), ["message", "reasoning", "function_call", "function_call_output"], "{sent:#}");
    assert_eq!(input[1]["encrypted_content"], "gAAAAABsealed");
    house.close(&sandbox).ok();
}
