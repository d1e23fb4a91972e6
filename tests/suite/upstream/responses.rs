//! OpenAI Responses (openai 3.54.0 types, protocols/openai-responses.md).

use serde_json::{Value, json};

use super::answer::{Answer, Error, Finish};
use super::call::Call;
use super::chat::Chat;
use super::dialect::{CREATED, Dialect, Frame};
use super::facts;
use super::rules::{Check, Field, Kind, fields, must, name, refuse, required, strict};

/// The dialect.
pub struct Responses;

const FIELDS: &[Field] = &[
    ("access_programs", Kind::Object),
    ("background", Kind::Bool),
    ("background_options", Kind::Object),
    ("context_management", Kind::List),
    ("conversation", Kind::Any),
    ("image", Kind::Object),
    ("include", Kind::List),
    ("input", Kind::Any),
    ("instructions", Kind::Text),
    ("max_output_tokens", Kind::Whole),
    ("max_tool_calls", Kind::Whole),
    ("metadata", Kind::Object),
    ("model", Kind::Text),
    ("moderation", Kind::Object),
    ("parallel_tool_calls", Kind::Bool),
    ("previous_response_id", Kind::Text),
    ("prompt", Kind::Object),
    ("prompt_cache_key", Kind::Text),
    ("prompt_cache_options", Kind::Object),
    ("prompt_cache_retention", Kind::Word(&["in_memory", "24h"])),
    ("reasoning", Kind::Object),
    ("safety_identifier", Kind::Text),
    ("service_tier", Kind::Word(&["auto", "default", "flex", "scale", "priority", "fast"])),
    ("store", Kind::Bool),
    ("stream", Kind::Bool),
    ("stream_options", Kind::Object),
    ("temperature", Kind::Number),
    ("text", Kind::Object),
    ("tool_choice", Kind::Any),
    ("tools", Kind::List),
    ("top_logprobs", Kind::Whole),
    ("top_p", Kind::Number),
    ("truncation", Kind::Word(&["auto", "disabled"])),
    ("user", Kind::Text),
];

const REASONING: &[Field] = &[
    ("effort", Kind::Word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
    ("summary", Kind::Word(&["auto", "concise", "detailed"])),
    ("generate_summary", Kind::Word(&["auto", "concise", "detailed"])),
    ("context", Kind::Word(&["auto", "current_turn", "all_turns"])),
    ("mode", Kind::Text),
];

const INCLUDE: &[&str] = &[
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
    "web_search_call.results",
    "web_search_call.action.sources",
    "file_search_call.results",
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "message.input_image.image_url",
];

fn unknown(name: &str) -> String {
    format!("Unknown parameter: '{name}'.")
}

impl Dialect for Responses {
    fn name(&self) -> &'static str {
        "openai-responses"
    }

    fn check(&self, call: &Call) -> Check {
        let body = &call.body;
        fields("", body, FIELDS, unknown)?;
        required(body, "", &["model", "input"])?;
        match &body["input"] {
            Value::String(_) => {}
            Value::Array(items) => input(items)?,
            _ => {
                return Err(refuse(
                    "input",
                    "Invalid type for 'input': expected one of an array of input items or a string.",
                ));
            }
        }
        must(body["max_output_tokens"].as_u64().is_none_or(|n| n >= 16), "max_output_tokens", || {
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.".to_owned()
        })?;
        for item in body["include"].as_array().into_iter().flatten() {
            must(item.as_str().is_some_and(|i| INCLUDE.contains(&i)), "include", || format!("Invalid value: {item}."))?;
        }
        if !body["stream_options"].is_null() {
            must(call.stream, "stream_options", || {
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.".to_owned()
            })?;
            fields("stream_options", &body["stream_options"], &[("include_obfuscation", Kind::Bool)], unknown)?;
        }
        format(&body["text"])?;
        tools(body)?;
        reasoning(call)
    }

    fn whole(&self, call: &Call, answer: &Answer) -> Value {
        let output: Vec<Value> = items(call, answer).into_iter().map(|item| item.done).collect();
        response(call, answer, ending(answer), &output)
    }

    fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame> {
        let mut out = Story { frames: Vec::new() };
        out.tell(json!({ "type": "response.created", "response": response(call, answer, "in_progress", &[]) }), false);
        out.tell(
            json!({ "type": "response.in_progress", "response": response(call, answer, "in_progress", &[]) }),
            false,
        );
        let items = items(call, answer);
        for (at, item) in items.iter().enumerate() {
            out.tell(json!({ "type": "response.output_item.added", "output_index": at, "item": item.added }), false);
            let id = item.done["id"].clone();
            match item.done["type"].as_str() {
                Some("reasoning") => reasoning_events(&mut out, at, &id, &item.done),
                Some("message") => message_events(&mut out, at, &id, answer, padded(call)),
                _ => call_events(&mut out, at, &id, &item.done),
            }
            out.tell(json!({ "type": "response.output_item.done", "output_index": at, "item": item.done }), false);
        }
        let end = ending(answer);
        let output: Vec<Value> = items.into_iter().map(|item| item.done).collect();
        out.tell(json!({ "type": format!("response.{end}"), "response": response(call, answer, end, &output) }), false);
        out.frames
    }

    fn error(&self, error: &Error, param: Option<&str>) -> Value {
        Chat.error(error, param)
    }

    fn error_frame(&self, message: &str, at: usize) -> Frame {
        Frame::event(
            &json!({ "type": "error", "code": "server_error", "message": message, "param": null, "sequence_number": at }),
        )
    }

    fn headers(&self, call: usize, error: Option<&Error>) -> Vec<(String, String)> {
        Chat.headers(call, error)
    }

    fn list(&self, models: &[String]) -> Value {
        Chat.list(models)
    }
}

fn input(items: &[Value]) -> Check {
    must(!items.is_empty(), "input", || "Invalid 'input': empty array.".to_owned())?;
    let mut calls: Vec<&str> = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let place = format!("input[{n}]");
        match item["type"].as_str() {
            None | Some("message") => {
                let known = [
                    ("type", Kind::Text),
                    ("role", Kind::Word(&["user", "assistant", "system", "developer"])),
                    ("content", Kind::Any),
                    ("id", Kind::Text),
                    ("status", Kind::Text),
                    ("phase", Kind::Text),
                ];
                fields(&place, item, &known, unknown)?;
                required(item, &format!("{place}."), &["role", "content"])?;
                let parts: &[&str] = if item["role"] == "assistant" {
                    &["output_text", "refusal"]
                } else {
                    &["input_text", "input_image", "input_file"]
                };
                match &item["content"] {
                    Value::String(_) => {}
                    Value::Array(list) => {
                        for part in list {
                            let kind = part["type"].as_str().unwrap_or_default();
                            must(parts.contains(&kind), &place, || {
                                format!("Invalid value: '{kind}'. Supported values are: {parts:?}.")
                            })?;
                        }
                    }
                    _ => return Err(refuse(&place, "Invalid type for 'content'.")),
                }
            }
            Some("function_call") => {
                let known = [
                    ("type", Kind::Text),
                    ("call_id", Kind::Text),
                    ("name", Kind::Text),
                    ("arguments", Kind::Text),
                    ("id", Kind::Text),
                    ("status", Kind::Text),
                ];
                fields(&place, item, &known, unknown)?;
                required(item, &format!("{place}."), &["call_id", "name", "arguments"])?;
                calls.extend(item["call_id"].as_str());
            }
            Some("function_call_output") => {
                let known = [
                    ("type", Kind::Text),
                    ("call_id", Kind::Text),
                    ("output", Kind::Any),
                    ("id", Kind::Text),
                    ("status", Kind::Text),
                ];
                fields(&place, item, &known, unknown)?;
                let id = item["call_id"].as_str().unwrap_or_default();
                must(calls.contains(&id), &place, || {
                    format!("No tool call found for function call output with call_id {id}.")
                })?;
                calls.retain(|c| *c != id);
            }
            Some("reasoning") => required(item, &format!("{place}."), &["id", "summary"])?,
            Some(other) => return Err(refuse(&place, format!("Invalid value: '{other}'."))),
        }
    }
    must(calls.is_empty(), "input", || format!("No tool output found for function call {}.", calls.join(", ")))
}

fn format(text: &Value) -> Check {
    if text.is_null() {
        return Ok(());
    }
    fields("text", text, &[("format", Kind::Object), ("verbosity", Kind::Word(&["low", "medium", "high"]))], unknown)?;
    let format = &text["format"];
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        Some("text" | "json_object") => fields("text.format", format, &[("type", Kind::Text)], unknown),
        Some("json_schema") => {
            let known = [
                ("type", Kind::Text),
                ("name", Kind::Text),
                ("schema", Kind::Object),
                ("strict", Kind::Bool),
                ("description", Kind::Text),
            ];
            fields("text.format", format, &known, unknown)?;
            required(format, "text.format.", &["name", "schema"])?;
            must(name(format["name"].as_str().unwrap_or_default()), "text.format.name", || {
                "Invalid 'text.format.name'.".to_owned()
            })?;
            // Strict unless it says otherwise.
            if format["strict"] == false { Ok(()) } else { strict(&format["schema"], "schema") }
        }
        _ => Err(refuse("text.format", "Invalid value for 'text.format.type'.")),
    }
}

fn tools(body: &Value) -> Check {
    let list = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (n, tool) in list.iter().enumerate() {
        let place = format!("tools[{n}]");
        must(tool["type"] == "function", &place, || format!("Invalid value for '{place}.type'."))?;
        let known = [
            ("type", Kind::Text),
            ("name", Kind::Text),
            ("description", Kind::Text),
            ("parameters", Kind::Object),
            ("strict", Kind::Bool),
        ];
        fields(&place, tool, &known, unknown)?;
        required(tool, &format!("{place}."), &["name", "parameters"])?;
        must(name(tool["name"].as_str().unwrap_or_default()), &place, || format!("Invalid '{place}.name'."))?;
        if tool["strict"] != false {
            strict(&tool["parameters"], "parameters")?;
        }
    }
    let choice = &body["tool_choice"];
    let known = matches!(choice.as_str(), Some("none" | "auto" | "required")) || choice["type"] == "function";
    must(choice.is_null() || known, "tool_choice", || format!("Invalid value for 'tool_choice': {choice}"))
}

fn reasoning(call: &Call) -> Check {
    let body = &call.body;
    let takes = facts::openai_efforts(&call.model);
    let effort = body["reasoning"]["effort"].as_str();
    if !body["reasoning"].is_null() {
        fields("reasoning", &body["reasoning"], REASONING, unknown)?;
        must(takes.is_some(), "reasoning.effort", || {
            "Unsupported parameter: 'reasoning.effort' is not supported with this model.".to_owned()
        })?;
    }
    let fits = effort.is_none_or(|e| takes.is_some_and(|all| all.contains(&e)));
    must(fits, "reasoning.effort", || {
        format!(
            "Unsupported value: {effort:?} is not supported with the '{}' model. Supported values are: {takes:?}.",
            call.model
        )
    })?;
    let thinks = takes.is_some() && effort != Some("none");
    for field in ["temperature", "top_p"] {
        must(!thinks || body[field].is_null(), field, || {
            format!("Unsupported parameter: '{field}' is not supported with this model.")
        })?;
    }
    let sealed = body["include"].as_array().is_some_and(|i| i.iter().any(|i| i == "reasoning.encrypted_content"));
    must(!sealed || takes.is_some(), "include", || "Encrypted content is not supported with this model.".to_owned())
}

/// One thing of the output, when it begins and when it is whole.
struct Item {
    added: Value,
    done: Value,
}

fn items(call: &Call, answer: &Answer) -> Vec<Item> {
    let number = call.number;
    let mut out = Vec::new();
    if let Some((thoughts, _)) = &answer.thoughts {
        let shown = !call.body["reasoning"]["summary"].is_null();
        let summary = if shown { json!([{ "type": "summary_text", "text": thoughts }]) } else { json!([]) };
        let mut done = json!({ "id": format!("rs_{number:048}"), "type": "reasoning", "summary": summary });
        if call.body["include"].as_array().is_some_and(|i| i.iter().any(|i| i == "reasoning.encrypted_content")) {
            done["encrypted_content"] = json!("gAAAAABsealed");
        }
        let mut added = done.clone();
        added["summary"] = json!([]);
        out.push(Item { added, done });
    }
    if !answer.text.is_empty() || answer.tools.is_empty() {
        let status = if answer.finish == Finish::Length { "incomplete" } else { "completed" };
        let id = format!("msg_{number:048}");
        let message = |status: &str, content: Value| json!({ "id": id, "type": "message", "status": status, "role": "assistant", "content": content });
        let part = part(answer, &answer.text);
        out.push(Item { added: message("in_progress", json!([])), done: message(status, json!([part])) });
    }
    for (n, (name, arguments)) in answer.tools.iter().enumerate() {
        let one = |status: &str, arguments: String| {
            json!({ "id": format!("fc_{number:044}{n:04}"), "type": "function_call", "status": status, "arguments": arguments,
                "call_id": format!("call_{number:020}{n:04}"), "name": name })
        };
        out.push(Item { added: one("in_progress", String::new()), done: one("completed", arguments.to_string()) });
    }
    out
}

/// What a message holds so far.
fn part(answer: &Answer, text: &str) -> Value {
    match answer.finish {
        Finish::Refusal => json!({ "type": "refusal", "refusal": text }),
        _ => json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] }),
    }
}

fn ending(answer: &Answer) -> &'static str {
    if answer.finish == Finish::Length { "incomplete" } else { "completed" }
}

fn response(call: &Call, answer: &Answer, status: &str, output: &[Value]) -> Value {
    let body = &call.body;
    let or = |value: &Value, other: Value| if value.is_null() { other } else { value.clone() };
    let over = status != "in_progress";
    let thought = answer.thoughts.as_ref().map_or(0, |(_, tokens)| *tokens);
    let used = answer.usage;
    let usage = json!({
        "input_tokens": used.input, "input_tokens_details": { "cached_tokens": used.cached, "cache_write_tokens": 0 },
        "output_tokens": used.output, "output_tokens_details": { "reasoning_tokens": thought }, "total_tokens": used.input + used.output,
    });
    let cut = if status == "incomplete" { json!({ "reason": "max_output_tokens" }) } else { Value::Null };
    json!({
        "id": format!("resp_{:048}", call.number), "object": "response", "created_at": CREATED, "status": status,
        "completed_at": if status == "completed" { json!(CREATED + 1) } else { Value::Null },
        "background": false, "error": null, "incomplete_details": cut, "instructions": body["instructions"],
        "max_output_tokens": body["max_output_tokens"], "max_tool_calls": null, "model": format!("{}-2026-03-05", call.model),
        "output": output, "parallel_tool_calls": or(&body["parallel_tool_calls"], json!(true)), "previous_response_id": null,
        "prompt_cache_key": null, "reasoning": or(&body["reasoning"], json!({ "effort": null, "summary": null })),
        "safety_identifier": null, "service_tier": if over { "default" } else { "auto" }, "store": or(&body["store"], json!(true)),
        "temperature": or(&body["temperature"], json!(1.0)), "text": or(&body["text"], json!({ "format": { "type": "text" } })),
        "tool_choice": or(&body["tool_choice"], json!("auto")), "tools": or(&body["tools"], json!([])), "top_logprobs": 0,
        "top_p": or(&body["top_p"], json!(1.0)), "truncation": "disabled",
        "usage": if over { usage } else { Value::Null }, "user": null, "metadata": {},
    })
}

/// Events with running numbers.
struct Story {
    frames: Vec<Frame>,
}

impl Story {
    fn tell(&mut self, mut event: Value, text: bool) {
        event["sequence_number"] = json!(self.frames.len());
        let frame = Frame::event(&event);
        self.frames.push(if text { frame.with_text() } else { frame });
    }
}

fn padded(call: &Call) -> bool {
    call.body["stream_options"]["include_obfuscation"] != false
}

fn reasoning_events(out: &mut Story, at: usize, id: &Value, item: &Value) {
    for (n, part) in item["summary"].as_array().into_iter().flatten().enumerate() {
        let place = |kind: &str| json!({ "type": format!("response.{kind}"), "item_id": id, "output_index": at, "summary_index": n });
        let with = |mut event: Value, name: &str, value: Value| {
            event[name] = value;
            event
        };
        out.tell(
            with(place("reasoning_summary_part.added"), "part", json!({ "type": "summary_text", "text": "" })),
            false,
        );
        let text = part["text"].as_str().unwrap();
        for piece in text.split_inclusive(' ') {
            out.tell(with(place("reasoning_summary_text.delta"), "delta", json!(piece)), false);
        }
        out.tell(with(place("reasoning_summary_text.done"), "text", json!(text)), false);
        out.tell(with(place("reasoning_summary_part.done"), "part", part.clone()), false);
    }
}

fn message_events(out: &mut Story, at: usize, id: &Value, answer: &Answer, padded: bool) {
    let refusal = answer.finish == Finish::Refusal;
    let kind = if refusal { "refusal" } else { "output_text" };
    let place = |kind: &str| json!({ "type": format!("response.{kind}"), "item_id": id, "output_index": at, "content_index": 0 });
    let mut begin = place("content_part.added");
    begin["part"] = part(answer, "");
    out.tell(begin, false);
    for piece in answer.pieces() {
        let mut delta = place(&format!("{kind}.delta"));
        delta["delta"] = json!(piece);
        if !refusal {
            delta["logprobs"] = json!([]);
        }
        if padded {
            delta["obfuscation"] = json!("x7Kq");
        }
        out.tell(delta, true);
    }
    let mut done = place(&format!("{kind}.done"));
    done[if refusal { "refusal" } else { "text" }] = json!(answer.text);
    if !refusal {
        done["logprobs"] = json!([]);
    }
    out.tell(done, false);
    let mut end = place("content_part.done");
    end["part"] = part(answer, &answer.text);
    out.tell(end, false);
}

fn call_events(out: &mut Story, at: usize, id: &Value, item: &Value) {
    let arguments = item["arguments"].as_str().unwrap();
    let (left, right) = arguments.split_at(arguments.len() / 2);
    for piece in [left, right] {
        out.tell(json!({ "type": "response.function_call_arguments.delta", "item_id": id, "output_index": at, "delta": piece }), false);
    }
    out.tell(json!({ "type": "response.function_call_arguments.done", "item_id": id, "output_index": at, "arguments": arguments }), false);
}
