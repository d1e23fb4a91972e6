//! What stands in an object of a request beside all that is known of it is told, in every object of every dialect.

use super::requests::ASKING;
use super::*;

/// A request that has each object of the dialect; what callers fill as they like is left out.
fn full(dialect: Dialect) -> Vec<Value> {
    let mark = json!({ "type": "ephemeral" });
    let shape = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let url = json!({ "url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low" });
    match dialect {
        Dialect::OpenAiChat => {
            let parts = json!([
                { "type": "text", "text": "a", "cache_control": mark },
                { "type": "text", "text": "b", "prompt_cache_breakpoint": { "mode": "explicit", "ttl": "30m" } },
                { "type": "image_url", "image_url": url },
                { "type": "input_audio", "input_audio": { "format": "mp3", "data": "AAAA" } },
                { "type": "file", "file": { "file_data": "data:application/pdf;base64,JVBERi0xLjQK" } },
            ]);
            let answer = json!({ "role": "assistant", "images": [{ "type": "image_url", "image_url": url }],
                "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }],
                "tool_calls": [
                    { "id": "c", "type": "function", "function": { "name": "add", "arguments": "{}" },
                        "extra_content": { "google": { "thought_signature": "s" } } },
                    { "id": "d", "type": "custom", "custom": { "name": "say", "input": "x" } }] });
            let old = json!({ "role": "assistant", "content": null,
                "function_call": { "name": "add", "arguments": "{}" } });
            let grammar = json!({ "syntax": "lark", "definition": "x" });
            let tools = json!([
                { "type": "function", "function": { "name": "add", "parameters": shape } },
                { "type": "custom", "custom": { "name": "say", "format": { "type": "grammar", "grammar": grammar } } }]);
            let among = json!({ "mode": "auto", "tools": [{ "type": "function", "function": { "name": "add" } }] });
            let whole = json!({ "model": "m", "messages": [{ "role": "system", "content": "s" },
                    { "role": "user", "content": parts }, answer,
                    { "role": "tool", "tool_call_id": "c", "content": "4" }, old ],
                "tools": tools, "functions": [{ "name": "f", "parameters": shape }],
                "stream_options": { "include_usage": true }, "reasoning": { "effort": "low" },
                "tool_choice": { "type": "function", "function": { "name": "add" } },
                "response_format": { "type": "json_schema", "json_schema": { "name": "n", "schema": shape } } });
            let mut other = whole.clone();
            other["tool_choice"] = json!({ "type": "allowed_tools", "allowed_tools": among });
            vec![whole, other]
        }
        Dialect::OpenAiResponses => {
            let parts = json!([{ "type": "input_text", "text": "a", "cache_control": mark },
                { "type": "input_image", "image_url": url["url"] },
                { "type": "input_file", "file_data": "data:application/pdf;base64,JVBERi0xLjQK" }]);
            let input = json!([{ "role": "developer", "content": "s" }, { "role": "user", "content": parts },
                { "type": "reasoning", "id": "r", "summary": [{ "type": "summary_text", "text": "hm" }] },
                { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "b" },
                    { "type": "refusal", "refusal": "no" }] },
                { "type": "image_generation_call", "id": "i", "status": "completed", "result": "iVBORw0KGgo=" },
                { "type": "function_call", "call_id": "c", "name": "add", "arguments": "{}" },
                { "type": "custom_tool_call", "call_id": "d", "name": "say", "input": "x" },
                { "type": "function_call_output", "call_id": "c", "output": [{ "type": "input_text", "text": "4" }] },
                { "type": "custom_tool_call_output", "call_id": "d", "output": "x" }]);
            let tools = json!([{ "type": "function", "name": "add", "parameters": shape },
                { "type": "custom", "name": "say", "format": { "type": "grammar", "syntax": "lark", "definition": "x" } }]);
            let whole = json!({ "model": "m", "input": input, "tools": tools,
                "stream_options": { "include_obfuscation": false }, "reasoning": { "effort": "low" },
                "tool_choice": { "type": "function", "name": "add" },
                "text": { "format": { "type": "json_schema", "name": "n", "schema": shape }, "verbosity": "low" } });
            let mut other = whole.clone();
            let named = json!([{ "type": "function", "name": "add" }]);
            other["tool_choice"] = json!({ "type": "allowed_tools", "mode": "auto", "tools": named });
            vec![whole, other]
        }
        Dialect::AnthropicMessages => {
            let png = json!({ "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" });
            let content = json!({ "type": "content", "content": [{ "type": "text", "text": "so" }] });
            let parts = json!([{ "type": "text", "text": "a", "cache_control": mark },
                { "type": "image", "source": png }, { "type": "document", "source": content }]);
            vec![
                json!({ "model": "m", "max_tokens": 9, "system": [{ "type": "text", "text": "s", "cache_control": mark }],
                "messages": [{ "role": "user", "content": parts },
                    { "role": "assistant", "content": [{ "type": "thinking", "thinking": "hm", "signature": "s" },
                        { "type": "redacted_thinking", "data": "x" },
                        { "type": "tool_use", "id": "c", "name": "add", "input": {} }] },
                    { "role": "user", "content": [
                        { "type": "tool_result", "tool_use_id": "c", "content": [{ "type": "text", "text": "4" }] }] }],
                "tools": [{ "name": "add", "input_schema": shape, "cache_control": mark }],
                "tool_choice": { "type": "auto" }, "thinking": { "type": "adaptive" },
                "metadata": { "user_id": "u" }, "cache_control": mark,
                "output_config": { "effort": "low", "format": { "type": "json_schema", "schema": shape } } }),
            ]
        }
        Dialect::Gemini => {
            let png = json!({ "mimeType": "image/png", "data": "iVBORw0KGgo=" });
            vec![json!({ "systemInstruction": { "parts": [{ "text": "s" }] }, "contents": [
                    { "role": "user", "parts": [{ "text": "a" }, { "inlineData": png },
                        { "fileData": { "mimeType": "image/png", "fileUri": "https://a.b/c.png" } }] },
                    { "role": "model", "parts": [{ "functionCall": { "name": "add", "args": {} } }] },
                    { "role": "user", "parts": [{ "functionResponse":
                        { "name": "add", "response": {}, "parts": [{ "inlineData": png }] } }] }],
                "tools": [{ "functionDeclarations": [{ "name": "add", "parametersJsonSchema": shape }] }],
                "toolConfig": { "functionCallingConfig": { "mode": "AUTO" } },
                "generationConfig": { "thinkingConfig": { "thinkingLevel": "LOW" }, "responseJsonSchema": shape } })]
        }
        Dialect::Ollama => {
            vec![json!({ "model": "m", "messages": [{ "role": "user", "content": "a", "images": ["iVBORw0KGgo="] },
                    { "role": "assistant", "content": "", "tool_calls": [{ "function": { "name": "add", "arguments": {} } }] },
                    { "role": "tool", "tool_name": "add", "content": "4" }],
                "tools": [{ "type": "function", "function": { "name": "add", "parameters": shape } }],
                "format": shape, "options": { "num_predict": 9 } })]
        }
        Dialect::XaiGrpc => Vec::new(),
    }
}

/// Members whose objects are the caller's own.
const FREE: &[&str] = &[
    "parameters",
    "input_schema",
    "schema",
    "parametersJsonSchema",
    "responseJsonSchema",
    "args",
    "response",
    "arguments",
];

/// Where objects of the dialect stand.
fn places(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            out.push(path.to_owned());
            for (name, inner) in members {
                let own = match name.as_str() {
                    // A tool's is none, nor is the form of an answer.
                    "format" => inner["type"] == "object",
                    // An argument of a call.
                    "input" => inner.is_object(),
                    name => FREE.contains(&name),
                };
                if !own {
                    places(inner, &format!("{path}/{name}"), out);
                }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{path}/{n}"), out)),
        _ => {}
    }
}

#[test]
fn what_no_object_has_a_place_for_is_told() {
    for dialect in json_dialects() {
        let to = if dialect == Dialect::Gemini { Dialect::OpenAiChat } else { Dialect::Gemini };
        for body in full(dialect) {
            let told = |body: &Value| {
                let asked = surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
                let sent = wire(to).write_request("m", &asked.request, &Adapted::default(), false).unwrap();
                [asked.losses, sent.losses].concat().iter().map(|loss| loss.name().to_owned()).collect::<Vec<_>>()
            };
            let named = |told: &[String]| told.iter().any(|name| name == "zap" || name.ends_with(".zap"));
            assert!(!told(&body).iter().any(|name| name.contains('.')), "{dialect:?}: {:?}", told(&body));
            let mut all = Vec::new();
            places(&body, "", &mut all);
            for place in all {
                let mut more = body.clone();
                let held = more.pointer_mut(&place).and_then(Value::as_object_mut).unwrap();
                held.insert("zap".to_owned(), json!(1));
                let told = told(&more);
                // Of a list of tools each may be one that the provider runs itself.
                let tool = dialect == Dialect::Gemini && place == "/tools/0";
                assert!(
                    named(&told) || (tool && told.iter().any(|name| name == "provider_tool")),
                    "{dialect:?} {place}: {told:?}"
                );
            }
        }
    }
}

#[test]
fn a_name_of_what_is_no_document_is_told() {
    let held = |kind: &str| {
        let part = json!({ "inlineData": { "mimeType": kind, "data": "AAAA", "displayName": "a" } });
        let body = json!({ "contents": [{ "parts": [part] }] });
        let asked = surface(Dialect::Gemini).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        asked.losses.iter().map(|loss| loss.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(held("image/png"), ["inlineData.displayName"]);
    assert_eq!(held("application/pdf"), [""; 0]);
}
