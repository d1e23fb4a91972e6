//! Every dialect to every other: what a caller asks in one and an upstream answers in another.

use super::*;
use crate::model::Source;
use crate::wire::{Asking, Quirks, Reply};

/// A request of an agent as each dialect's client spells it: instructions, an image, a call with its result, tools,
/// limits (docs/protocols).
fn asked_in(dialect: Dialect) -> Vec<u8> {
    if dialect.is_grpc() { xai_surface::agent() } else { json_in(dialect).to_string().into_bytes() }
}

fn json_in(dialect: Dialect) -> Value {
    let shape = json!({ "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"] });
    let (png, args) = ("iVBORw0KGgo=", json!({ "path": "a.rs" }));
    match dialect {
        Dialect::OpenAiChat => json!({ "model": "m", "stream": true, "stream_options": { "include_usage": true },
            "messages": [
                { "role": "system", "content": "Be short." },
                { "role": "user", "content": [{ "type": "text", "text": "Look:" },
                    { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{png}") } }] },
                { "role": "assistant", "content": "I read it.", "tool_calls": [
                    { "id": "call_1", "type": "function", "function": { "name": "read", "arguments": args.to_string() } }] },
                { "role": "tool", "tool_call_id": "call_1", "content": "fn main() {}" },
                { "role": "user", "content": "And now?" }],
            "tools": [{ "type": "function", "function": { "name": "read", "description": "Reads.", "parameters": shape } }],
            "tool_choice": "auto", "max_tokens": 500 }),
        Dialect::OpenAiResponses => json!({ "model": "m", "stream": true, "store": false, "instructions": "Be short.",
            "input": [
                { "role": "user", "content": [{ "type": "input_text", "text": "Look:" },
                    { "type": "input_image", "image_url": format!("data:image/png;base64,{png}"), "detail": "auto" }] },
                { "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                    "content": [{ "type": "output_text", "text": "I read it.", "annotations": [] }] },
                { "type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read", "arguments": args.to_string() },
                { "type": "function_call_output", "call_id": "call_1", "output": "fn main() {}" },
                { "role": "user", "content": "And now?" }],
            "tools": [{ "type": "function", "name": "read", "description": "Reads.", "parameters": shape, "strict": false }],
            "max_output_tokens": 500 }),
        Dialect::AnthropicMessages => json!({ "model": "m", "max_tokens": 500, "stream": true,
            "system": [{ "type": "text", "text": "Be short.", "cache_control": { "type": "ephemeral" } }],
            "messages": [
                { "role": "user", "content": [{ "type": "text", "text": "Look:" },
                    { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": png } }] },
                { "role": "assistant", "content": [{ "type": "text", "text": "I read it." },
                    { "type": "tool_use", "id": "call_1", "name": "read", "input": args }] },
                { "role": "user", "content": [
                    { "type": "tool_result", "tool_use_id": "call_1", "content": "fn main() {}" },
                    { "type": "text", "text": "And now?", "cache_control": { "type": "ephemeral", "ttl": "1h" } }] }],
            "tools": [{ "name": "read", "description": "Reads.", "input_schema": shape }] }),
        Dialect::Gemini => json!({
            "systemInstruction": { "parts": [{ "text": "Be short." }] },
            "contents": [
                { "role": "user", "parts": [{ "text": "Look:" }, { "inlineData": { "mimeType": "image/png", "data": png } }] },
                { "role": "model", "parts": [{ "text": "I read it." }, { "functionCall": { "name": "read", "args": args } }] },
                { "role": "user", "parts": [
                    { "functionResponse": { "name": "read", "response": { "output": "fn main() {}" } } },
                    { "text": "And now?" }] }],
            "tools": [{ "functionDeclarations": [{ "name": "read", "description": "Reads.", "parametersJsonSchema": shape }] }],
            "generationConfig": { "maxOutputTokens": 500 } }),
        Dialect::XaiGrpc => unreachable!("it is no JSON"),
        Dialect::Ollama => json!({ "model": "m", "stream": true,
            "messages": [
                { "role": "system", "content": "Be short." },
                { "role": "user", "content": "Look:", "images": [png] },
                { "role": "assistant", "content": "I read it.",
                    "tool_calls": [{ "function": { "name": "read", "arguments": args } }] },
                { "role": "tool", "tool_name": "read", "content": "fn main() {}" },
                { "role": "user", "content": "And now?" }],
            "tools": [{ "type": "function", "function": { "name": "read", "description": "Reads.", "parameters": shape } }],
            "options": { "num_predict": 500 } }),
    }
}

fn read(dialect: Dialect, body: &[u8]) -> Request {
    let asking = Asking { model: Some("m"), stream: Some(true), purpose: Purpose::Ask };
    surface(dialect).read_request(body, &asking).unwrap().request
}

/// What every dialect can say of it.
fn core(request: &Request) -> Value {
    let mut ids: Vec<String> = Vec::new();
    let mut id = |id: &str| {
        let at = ids.iter().position(|known| known == id).unwrap_or_else(|| {
            ids.push(id.to_owned());
            ids.len() - 1
        });
        format!("n{at}")
    };
    let mut turns: Vec<(Role, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let blocks = message.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(json!({ "says": text })),
            Block::Image { source: Source::Data { media_type, data }, .. } => {
                Some(json!({ "shows": [media_type, data] }))
            }
            Block::ToolCall { id: call, name, input, .. } => {
                Some(json!({ "calls": [id(call), name, serde_json::from_str::<Value>(input).unwrap()] }))
            }
            Block::ToolResult { id: call, name, content, .. } => Some(json!({ "hears": [id(call), name, content] })),
            _ => None,
        });
        let blocks: Vec<Value> = blocks.collect();
        match turns.last_mut() {
            Some((role, before)) if *role == message.role => before.extend(blocks),
            _ => turns.push((message.role, blocks)),
        }
    }
    let tools: Vec<Value> = request.tools.iter().map(|t| json!([t.name, t.description, t.parameters])).collect();
    json!({ "system": request.system, "turns": turns, "tools": tools, "limit": request.max_output })
}

#[test]
fn what_is_asked_in_one_dialect_arrives_in_every_other() {
    let first = core(&read(Dialect::OpenAiChat, &asked_in(Dialect::OpenAiChat)));
    assert_eq!(first["turns"].as_array().unwrap().len(), 3, "{first:#}");
    for from in Dialect::ALL {
        let request = read(from, &asked_in(from));
        assert_eq!(core(&request), first, "{from:?} is read like the others");
        for to in Dialect::ALL {
            let adapted = Adapted {
                max_output: request.max_output,
                quirks: Quirks { newest: true, ..Quirks::default() },
                ..Adapted::default()
            };
            let written = wire(to).write_request("m", &request, &adapted, true).unwrap();
            assert_eq!(core(&read(to, &written.body)), first, "{from:?} -> {to:?}");
        }
    }
}

/// An answer that streams, as each dialect's document writes it down.
fn recorded(dialect: Dialect) -> Vec<u8> {
    match dialect {
        Dialect::OpenAiChat => openai_chat::recorded().into_bytes(),
        Dialect::OpenAiResponses => openai_responses::recorded().into_bytes(),
        Dialect::AnthropicMessages => anthropic::recorded().into_bytes(),
        Dialect::Gemini => gemini::recorded().into_bytes(),
        Dialect::Ollama => ollama::recorded().into_bytes(),
        Dialect::XaiGrpc => xai_grpc::frames(&xai_grpc::recorded()),
    }
}

#[test]
fn what_one_dialect_answers_is_told_in_every_other() {
    let reply = Reply { id: "answer-1".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() };
    let calls = |message: &Message| -> Vec<Value> {
        let calls = message.blocks.iter().filter_map(|b| match b {
            Block::ToolCall { name, input, .. } => {
                let input: Value = if input.is_empty() { json!({}) } else { serde_json::from_str(input).unwrap() };
                Some(json!([name, input]))
            }
            _ => None,
        });
        calls.collect()
    };
    for from in Dialect::ALL {
        let said = pieces(from, &recorded(from), &[usize::MAX]);
        let meant = said.fold();
        assert!(
            !meant.text().is_empty() && !calls(&meant.message(None)).is_empty(),
            "{from:?} says and calls something"
        );
        for to in Dialect::ALL {
            let mut writer = surface(to).writer(&reply);
            let mut bytes = Vec::new();
            said.events.iter().for_each(|event| writer.push(event, &mut bytes));
            writer.end(&mut bytes);
            let told = pieces(to, &bytes, &[usize::MAX]);
            assert_eq!(told.failure, None, "{from:?} -> {to:?}");
            assert_well_formed(&told);
            let body = surface(to).write_reply(&said.events, &reply);
            let plain = Told { events: named(wire(to).read_reply(&body).unwrap()), failure: None };
            for (told, how) in [(told.fold(), "streamed"), (plain.fold(), "whole")] {
                assert_eq!(told.text(), meant.text(), "{from:?} -> {to:?} {how}");
                assert_eq!(calls(&told.message(None)), calls(&meant.message(None)), "{from:?} -> {to:?} {how}");
                assert_eq!(told.finish, meant.finish, "{from:?} -> {to:?} {how}");
                let total = |usage: Option<Usage>| usage.map(|u| (u.prompt(), u.output));
                assert_eq!(total(told.usage), total(meant.usage), "{from:?} -> {to:?} {how}");
            }
        }
    }
}

#[test]
fn thoughts_that_went_through_another_dialect_return_with_the_seals_they_had() {
    let seals = |message: &Message| -> Vec<String> {
        let seals = message.blocks.iter().filter_map(|b| match b {
            Block::Thought { seal, .. } => seal.clone(),
            _ => None,
        });
        seals.collect()
    };
    let reply = Reply { id: "answer-1".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() };
    for from in [Dialect::OpenAiResponses, Dialect::AnthropicMessages, Dialect::XaiGrpc] {
        let said = pieces(from, &recorded(from), &[usize::MAX]);
        let own = seals(&said.fold().message(None));
        assert!(!own.is_empty());
        for to in Dialect::ALL.into_iter().filter(|to| *to != Dialect::Ollama) {
            let body = surface(to).write_reply(&said.events, &reply);
            if to.is_grpc() {
                let request = read(to, &xai_surface::brought_back(&body));
                assert_eq!(seals(&request.messages[0]), own, "{from:?} through {to:?}");
                continue;
            }
            let body: Value = serde_json::from_slice(&body).unwrap();
            // The caller sends back what it got.
            let back = match to {
                Dialect::OpenAiChat => json!({ "messages": [body["choices"][0]["message"]] }),
                Dialect::OpenAiResponses => json!({ "input": body["output"] }),
                Dialect::Gemini => json!({ "contents": [body["candidates"][0]["content"]] }),
                _ => json!({ "messages": [{ "role": "assistant", "content": body["content"] }] }),
            };
            let request = read(to, back.to_string().as_bytes());
            assert_eq!(seals(&request.messages[0]), own, "{from:?} through {to:?}: {back:#}");
        }
    }
}
