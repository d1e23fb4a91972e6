//! The stage itself: it refuses what the real services refuse, and takes what they take.

use serde_json::{Value, json};

use super::Call;
use super::anthropic::Anthropic;
use super::chat::Chat;
use super::dialect::Dialect;
use super::gemini::Gemini;
use super::ollama::Ollama;
use super::responses::Responses;

fn call(dialect: &dyn Dialect, provider: &str, body: Value) -> Call {
    let stream = body["stream"] == true;
    Call {
        dialect: dialect.name(),
        provider: provider.to_owned(),
        model: body["model"].as_str().unwrap_or("gemini-3.5-flash").to_owned(),
        stream,
        body,
        path: String::new(),
        headers: vec![("anthropic-version".to_owned(), "2023-06-01".to_owned())],
        number: 1,
    }
}

/// `base` is taken; with each change laid over it, it is refused, and the refusal names the word.
fn refuses(dialect: &dyn Dialect, provider: &str, base: &Value, changes: &[(Value, &str)]) {
    let taken = dialect.check(&call(dialect, provider, base.clone()));
    assert!(taken.is_ok(), "{}: {taken:?}", dialect.name());
    for (change, word) in changes {
        let mut body = base.clone();
        for (key, value) in change.as_object().unwrap() {
            if value.is_null() { drop(body.as_object_mut().unwrap().remove(key)) } else { body[key] = value.clone() }
        }
        let why = dialect.check(&call(dialect, provider, body)).expect_err(&format!("{}: {change}", dialect.name()));
        assert!(why.message.contains(word), "{}: {change}: {}", dialect.name(), why.message);
    }
}

#[test]
fn openai_chat_refuses_what_openai_refuses() {
    let user = json!({ "role": "user", "content": "hi" });
    let open = json!({ "role": "assistant", "content": null, "tool_calls": [{ "id": "c", "type": "function", "function": { "name": "f", "arguments": "{}" } }] });
    let loose = json!({ "type": "json_schema", "json_schema": { "name": "a", "strict": true, "schema": { "type": "object", "properties": { "x": { "type": "string" } } } } });
    let base = json!({ "model": "gpt-4.1-mini", "messages": [user], "stream": true, "stream_options": { "include_usage": true }, "temperature": 0.2, "max_tokens": 9 });
    refuses(
        &Chat,
        "openai",
        &base,
        &[
            (json!({ "model": null }), "Missing"),
            (json!({ "messages": null }), "Missing"),
            (json!({ "messages": [] }), "empty array"),
            (json!({ "system": "be brief" }), "Unknown parameter: 'system'"),
            (json!({ "max_tokens": "9" }), "Invalid value"),
            (json!({ "max_completion_tokens": 9 }), "at the same time"),
            (json!({ "stream": null }), "stream_options"),
            (json!({ "temperature": 3 }), "above"),
            (json!({ "reasoning_effort": "high" }), "reasoning_effort"),
            (json!({ "model": "gpt-5-mini" }), "max_tokens"),
            (json!({ "model": "gpt-5-mini", "max_tokens": null }), "temperature"),
            (json!({ "model": "gpt-5.4-pro" }), "v1/responses"),
            (json!({ "messages": [{ "role": "model", "content": "hi" }] }), "Supported values"),
            (json!({ "messages": [{ "role": "user", "content": "hi", "cache_control": {} }] }), "Unknown parameter"),
            (
                json!({ "messages": [{ "role": "user", "content": [{ "type": "input_text", "text": "hi" }] }] }),
                "input_text",
            ),
            (json!({ "messages": [{ "role": "tool", "content": "x", "tool_call_id": "c" }] }), "preceding message"),
            (json!({ "messages": [open, user] }), "must be followed"),
            (json!({ "response_format": loose }), "additionalProperties"),
            (json!({ "response_format": { "type": "json_object" } }), "the word 'json'"),
            (json!({ "tool_choice": "auto" }), "only allowed when 'tools'"),
            (json!({ "thinking": { "type": "disabled" } }), "Unknown parameter"),
        ],
    );
}

#[test]
fn chat_with_an_accent_is_told_apart() {
    let messages = json!([{ "role": "user", "content": "hi" }]);
    let base = json!({ "model": "deepseek-v4-flash", "messages": messages, "thinking": { "type": "enabled" }, "reasoning_effort": "high" });
    refuses(
        &Chat,
        "deepseek",
        &base,
        &[
            (json!({ "thinking": { "type": "adaptive" } }), "thinking.type"),
            (json!({ "reasoning": { "effort": "high" } }), "Unknown parameter"),
            (json!({ "logprobs": true }), "logprobs"),
        ],
    );
    let base = json!({ "model": "openai/gpt-5-mini", "messages": messages, "reasoning": { "effort": "high" } });
    refuses(&Chat, "openrouter", &base, &[(json!({ "reasoning_effort": "low" }), "Only one")]);
    let base = json!({ "model": "grok-4.5", "messages": messages });
    refuses(
        &Chat,
        "xai",
        &base,
        &[(json!({ "stop": ["x"] }), "stop"), (json!({ "reasoning_effort": "max" }), "effort")],
    );
}

#[test]
fn openai_responses_refuses_what_openai_refuses() {
    let base = json!({ "model": "gpt-5.4-pro", "input": "hi", "store": false, "max_output_tokens": 4000, "reasoning": { "effort": "high" }, "include": ["reasoning.encrypted_content"] });
    let flat = json!({ "format": { "type": "json_schema", "json_schema": { "name": "a", "schema": {} } } });
    refuses(
        &Responses,
        "openai",
        &base,
        &[
            (json!({ "input": null }), "Missing"),
            (json!({ "messages": [] }), "Unknown parameter"),
            (json!({ "max_tokens": 9 }), "Unknown parameter"),
            (json!({ "max_output_tokens": 9 }), ">= 16"),
            (json!({ "temperature": 0.2 }), "temperature"),
            (json!({ "reasoning": { "effort": "low" } }), "not supported"),
            (json!({ "reasoning_effort": "high" }), "Unknown parameter"),
            (json!({ "stream_options": { "include_usage": true }, "stream": true }), "Unknown parameter"),
            (json!({ "text": flat }), "Unknown parameter"),
            (
                json!({ "input": [{ "role": "user", "content": [{ "type": "text", "text": "hi" }] }] }),
                "Supported values",
            ),
            (
                json!({ "input": [{ "role": "assistant", "content": [{ "type": "input_text", "text": "hi" }] }] }),
                "Supported values",
            ),
            (
                json!({ "input": [{ "type": "function_call_output", "call_id": "c", "output": "x" }] }),
                "No tool call found",
            ),
            (json!({ "include": ["everything"] }), "Invalid value"),
            (json!({ "model": "gpt-4.1-mini", "include": null }), "not supported"),
        ],
    );
}

#[test]
fn anthropic_refuses_what_anthropic_refuses() {
    let user = json!({ "role": "user", "content": "hi" });
    let base = json!({ "model": "claude-haiku-4-5", "max_tokens": 4096, "system": "be brief", "messages": [user], "temperature": 0.2 });
    refuses(
        &Anthropic,
        "anthropic",
        &base,
        &[
            (json!({ "max_tokens": null }), "Missing"),
            (json!({ "max_tokens": 70_000 }), "maximum allowed"),
            (json!({ "max_completion_tokens": 9 }), "Extra inputs"),
            (json!({ "temperature": 1.5 }), "range"),
            (json!({ "model": "claude-sonnet-5-5" }), "temperature"),
            (json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 } }), "temperature"),
            (json!({ "thinking": { "type": "enabled", "budget_tokens": 500 }, "temperature": null }), "1024"),
            (json!({ "thinking": { "type": "enabled", "budget_tokens": 4096 }, "temperature": null }), "greater than"),
            (json!({ "thinking": { "type": "adaptive" } }), "not supported"),
            (json!({ "output_config": { "effort": "high" } }), "effort"),
            (
                json!({ "output_config": { "format": { "type": "json_schema", "schema": { "type": "object", "properties": {} } } } }),
                "additionalProperties",
            ),
            (json!({ "messages": [{ "role": "assistant", "content": "hi" }] }), "first message"),
            (json!({ "messages": [{ "role": "user", "content": "" }] }), "non-empty"),
            (json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": "" }] }] }), "non-empty"),
            (
                json!({ "messages": [{ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t", "content": "x" }] }] }),
                "tool_use_id",
            ),
            (
                json!({ "messages": [user, { "role": "assistant", "content": [{ "type": "tool_use", "id": "t", "name": "f", "input": {} }] }, user] }),
                "tool_use",
            ),
            (
                json!({ "model": "claude-opus-4-8", "temperature": null, "messages": [user, { "role": "assistant", "content": "{" }] }),
                "prefill",
            ),
            (json!({ "tools": [{ "type": "function", "function": {} }] }), "tools.0.type"),
        ],
    );
    let mut bare = call(&Anthropic, "anthropic", base);
    bare.headers.clear();
    assert!(Anthropic.check(&bare).unwrap_err().message.contains("anthropic-version"));
    bare.headers.push(("anthropic-version".to_owned(), "2026-10-21".to_owned()));
    assert!(Anthropic.check(&bare).unwrap_err().message.contains("temperature"), "gone with the newer version");
}

#[test]
fn gemini_refuses_what_google_refuses() {
    let turn = |role: &str| json!({ "role": role, "parts": [{ "text": "hi" }] });
    let base = json!({ "contents": [turn("user")], "generationConfig": { "maxOutputTokens": 100, "thinkingConfig": { "thinkingLevel": "low" } } });
    let config = |value: Value| json!({ "generationConfig": value });
    refuses(
        &Gemini,
        "gemini",
        &base,
        &[
            (json!({ "contents": null }), "Missing"),
            (json!({ "model": "gemini-3.5-flash" }), "Unknown name"),
            (json!({ "system": "x" }), "Unknown name"),
            (json!({ "contents": [turn("model")] }), "starts with a user"),
            (json!({ "contents": [turn("user"), turn("user")] }), "alternate"),
            (json!({ "contents": [turn("user"), turn("assistant")] }), "Invalid value"),
            (json!({ "contents": [{ "role": "user", "parts": [] }] }), "empty"),
            (json!({ "contents": [{ "role": "user", "parts": [{}] }] }), "oneof"),
            (config(json!({ "max_tokens": 100 })), "Unknown name"),
            (config(json!({ "responseJsonSchema": {} })), "response_mime_type"),
            (
                config(
                    json!({ "responseJsonSchema": {}, "responseSchema": {}, "responseMimeType": "application/json" }),
                ),
                "mutually exclusive",
            ),
            (config(json!({ "thinkingConfig": { "thinkingLevel": "low", "thinkingBudget": 9 } })), "only set one"),
            (config(json!({ "thinkingConfig": { "thinkingBudget": 9 } })), "not supported"),
            (config(json!({ "thinkingConfig": { "thinkingLevel": "max" } })), "not supported"),
            (config(json!({ "maxOutputTokens": 70_000 })), "range"),
        ],
    );
}

#[test]
fn ollama_refuses_lost_wishes_and_cut_prompts() {
    let base = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }], "think": "low", "format": { "type": "object" } });
    refuses(
        &Ollama,
        "ollama",
        &base,
        &[
            (json!({ "temperature": 0.2 }), "temperature"),
            (json!({ "max_tokens": 9 }), "max_tokens"),
            (json!({ "options": { "max_tokens": 9 } }), "max_tokens"),
            (json!({ "think": "max" }), "think"),
            (json!({ "format": "yaml" }), "format"),
            (json!({ "messages": [{ "role": "developer", "content": "hi" }] }), "Invalid value"),
            (json!({ "messages": [{ "role": "user", "content": "word ".repeat(5000) }] }), "in silence"),
        ],
    );
}
