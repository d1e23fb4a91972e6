//! OpenAI Chat Completions, and the providers that speak it with an accent (openai 3.54.0 types, protocols/openai-chat.md).

use serde_json::{Value, json};

use super::answer::{Answer, Error, Finish};
use super::call::Call;
use super::dialect::{CREATED, Dialect, Frame, headers};
use super::facts;
use super::rules::{Check, Field, Kind, fields, must, name, refuse, required, strict};
use super::vendor;

/// The dialect.
pub struct Chat;

const FIELDS: &[Field] = &[
    ("model", Kind::Text),
    ("messages", Kind::List),
    ("audio", Kind::Object),
    ("frequency_penalty", Kind::Number),
    ("function_call", Kind::Any),
    ("functions", Kind::List),
    ("logit_bias", Kind::Object),
    ("logprobs", Kind::Bool),
    ("max_completion_tokens", Kind::Whole),
    ("max_tokens", Kind::Whole),
    ("metadata", Kind::Object),
    ("modalities", Kind::List),
    ("moderation", Kind::Object),
    ("n", Kind::Whole),
    ("parallel_tool_calls", Kind::Bool),
    ("prediction", Kind::Object),
    ("presence_penalty", Kind::Number),
    ("prompt_cache_key", Kind::Text),
    ("prompt_cache_options", Kind::Object),
    ("prompt_cache_retention", Kind::Word(&["in_memory", "24h"])),
    ("reasoning_effort", Kind::Word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
    ("response_format", Kind::Object),
    ("safety_identifier", Kind::Text),
    ("seed", Kind::Whole),
    ("service_tier", Kind::Word(&["auto", "default", "flex", "scale", "priority", "fast"])),
    ("stop", Kind::Any),
    ("store", Kind::Bool),
    ("stream", Kind::Bool),
    ("stream_options", Kind::Object),
    ("temperature", Kind::Number),
    ("tool_choice", Kind::Any),
    ("tools", Kind::List),
    ("top_logprobs", Kind::Whole),
    ("top_p", Kind::Number),
    ("user", Kind::Text),
    ("verbosity", Kind::Word(&["low", "medium", "high"])),
    ("web_search_options", Kind::Object),
];

const DEEPSEEK: &[Field] = &[("thinking", Kind::Object)];
const MINIMAX: &[Field] = &[("reasoning_split", Kind::Bool)];
const OPENROUTER: &[Field] = &[
    ("models", Kind::List),
    ("route", Kind::Text),
    ("provider", Kind::Object),
    ("plugins", Kind::List),
    ("transforms", Kind::List),
    ("session_id", Kind::Text),
    ("top_k", Kind::Whole),
    ("top_a", Kind::Number),
    ("min_p", Kind::Number),
    ("repetition_penalty", Kind::Number),
    ("cache_control", Kind::Object),
    ("reasoning", Kind::Object),
    ("usage", Kind::Object),
];

pub fn unknown(name: &str) -> String {
    format!("Unknown parameter: '{name}'.")
}

impl Dialect for Chat {
    fn name(&self) -> &'static str {
        "openai-chat"
    }

    fn check(&self, call: &Call) -> Check {
        let body = &call.body;
        let more = match call.provider.as_str() {
            "deepseek" => DEEPSEEK,
            "openrouter" => OPENROUTER,
            "minimax" => MINIMAX,
            _ => &[],
        };
        match vendor::of(&call.provider) {
            Some(vendor) => vendor.check(body)?,
            None => fields("", body, &[FIELDS, more].concat(), unknown)?,
        }
        required(body, "", &["model", "messages"])?;
        messages(body["messages"].as_array().unwrap(), &call.provider)?;
        let range = |field: &str, most: f64| {
            let value = body[field].as_f64();
            must(value.is_none_or(|v| (0.0..=most).contains(&v)), field, || format!("Invalid '{field}': above {most}."))
        };
        range("temperature", 2.0)?;
        range("top_p", 1.0)?;
        must(body["stream_options"].is_null() || call.stream, "stream_options", || {
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.".to_owned()
        })?;
        if !body["stream_options"].is_null() {
            fields(
                "stream_options",
                &body["stream_options"],
                &[("include_usage", Kind::Bool), ("include_obfuscation", Kind::Bool)],
                unknown,
            )?;
        }
        for field in ["max_tokens", "max_completion_tokens"] {
            must(body[field].as_u64() != Some(0), field, || {
                format!("Invalid '{field}': integer below minimum value.")
            })?;
        }
        must(body["max_tokens"].is_null() || body["max_completion_tokens"].is_null(), "max_tokens", || {
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.".to_owned()
        })?;
        format(body)?;
        tools(body, &call.provider)?;
        accent(call)
    }

    fn whole(&self, call: &Call, answer: &Answer) -> Value {
        if let Some(vendor) = vendor::of(&call.provider) {
            return vendor.whole(call, answer);
        }
        let mut message = json!({ "role": "assistant", "content": content(answer), "refusal": null });
        if answer.finish == Finish::Refusal {
            message["refusal"] = message["content"].take();
        }
        if call.provider != "openrouter" {
            message["annotations"] = json!([]);
        }
        if let Some((thoughts, _)) = thoughts(call, answer) {
            match call.provider.as_str() {
                "openrouter" => {
                    message["reasoning"] = json!(thoughts);
                    message["reasoning_details"] = details(thoughts);
                }
                "minimax" => message["reasoning_details"] = details(thoughts),
                _ => message["reasoning_content"] = json!(thoughts),
            }
        }
        if !answer.tools.is_empty() {
            let calls: Vec<Value> = answer.tools.iter().enumerate().map(|(n, (name, arguments))| {
                json!({ "id": call_id(call, n), "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
            }).collect();
            message["tool_calls"] = json!(calls);
        }
        let choice = json!({ "index": 0, "message": message, "logprobs": null, "finish_reason": finish(answer) });
        let mut out = envelope(call, "chat.completion");
        out["choices"] = json!([choice]);
        out["usage"] = usage(call, answer);
        out
    }

    fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame> {
        if let Some(vendor) = vendor::of(&call.provider) {
            return vendor.stream(call, answer);
        }
        let asked = call.body["stream_options"]["include_usage"] == true;
        let padded = call.provider == "openai" && call.body["stream_options"]["include_obfuscation"] != false;
        let chunk = |choices: Value, usage: Option<Value>| {
            let mut out = envelope(call, "chat.completion.chunk");
            out["choices"] = choices;
            if asked {
                out["usage"] = usage.unwrap_or(Value::Null);
            }
            if padded {
                out["obfuscation"] = json!("x7Kq");
            }
            Frame::data(&out)
        };
        let delta = |delta: Value| {
            chunk(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]), None)
        };
        let mut out = Vec::new();
        match call.provider.as_str() {
            "openrouter" => out.push(Frame::raw(": OPENROUTER PROCESSING\n\n")),
            "deepseek" => out.push(Frame::raw(": keep-alive\n\n")),
            _ => {}
        }
        out.push(delta(json!({ "role": "assistant", "content": "", "refusal": null })));
        if let Some((thoughts, _)) = thoughts(call, answer) {
            let thought = |piece: &str| match call.provider.as_str() {
                "openrouter" => json!({ "reasoning": piece, "reasoning_details": details(piece), "content": null }),
                "minimax" => json!({ "reasoning_details": details(piece), "content": null }),
                _ => json!({ "reasoning_content": piece, "content": null }),
            };
            out.extend(thoughts.split_inclusive(' ').map(|piece| delta(thought(piece))));
        }
        let said = if answer.finish == Finish::Refusal { "refusal" } else { "content" };
        out.extend(answer.pieces().iter().map(|piece| delta(json!({ said: piece })).with_text()));
        for (n, (name, arguments)) in answer.tools.iter().enumerate() {
            out.push(delta(json!({ "tool_calls": [{ "index": n, "id": call_id(call, n), "type": "function", "function": { "name": name, "arguments": "" } }] })));
            let arguments = arguments.to_string();
            let (left, right) = arguments.split_at(arguments.len() / 2);
            for piece in [left, right] {
                out.push(delta(json!({ "tool_calls": [{ "index": n, "function": { "arguments": piece } }] })));
            }
        }
        let last = json!([{ "index": 0, "delta": {}, "logprobs": null, "finish_reason": finish(answer) }]);
        if call.provider == "deepseek" || call.provider == "xai" {
            // These put the usage into the last chunk itself.
            out.push(chunk(last, Some(usage(call, answer))));
        } else {
            out.push(chunk(last, None));
            if asked || call.provider == "openrouter" {
                let mut end = envelope(call, "chat.completion.chunk");
                end["choices"] = json!([]);
                end["usage"] = usage(call, answer);
                out.push(Frame::data(&end));
            }
        }
        out.push(Frame::raw("data: [DONE]\n\n"));
        out
    }

    fn error(&self, error: &Error, param: Option<&str>) -> Value {
        let kind = match (error.status, error.kind.as_str()) {
            (429, "insufficient_quota") => "insufficient_quota",
            (429, _) => "requests",
            (400 | 401 | 404, _) => "invalid_request_error",
            _ => "server_error",
        };
        json!({ "error": { "message": error.message, "type": kind, "param": param, "code": error.kind } })
    }

    fn error_frame(&self, message: &str, _: usize) -> Frame {
        Frame::data(
            &json!({ "error": { "message": message, "type": "server_error", "param": null, "code": "server_error" } }),
        )
    }

    fn headers(&self, call: usize, error: Option<&Error>) -> Vec<(String, String)> {
        let wait = error.and_then(|e| e.retry_after);
        let mut out = headers(&[
            ("x-request-id", format!("req_{call:032x}")),
            ("openai-version", "2020-10-01".to_owned()),
            ("openai-processing-ms", "41".to_owned()),
            ("x-ratelimit-limit-requests", "500".to_owned()),
            ("x-ratelimit-remaining-requests", if wait.is_some() { "0" } else { "499" }.to_owned()),
            ("x-ratelimit-reset-requests", wait.map_or("120ms".to_owned(), |s| format!("{s}s"))),
        ]);
        out.extend(wait.map(|s| ("retry-after".to_owned(), s.to_string())));
        out
    }

    fn list(&self, models: &[String]) -> Value {
        let data: Vec<Value> = models
            .iter()
            .map(|id| json!({ "id": id, "object": "model", "created": CREATED, "owned_by": "system" }))
            .collect();
        json!({ "object": "list", "data": data })
    }
}

/// Roles and their order, parts and tool calls.
fn messages(all: &[Value], provider: &str) -> Check {
    must(!all.is_empty(), "messages", || "Invalid 'messages': empty array.".to_owned())?;
    let mut open: Vec<&str> = Vec::new();
    for (n, message) in all.iter().enumerate() {
        let place = format!("messages[{n}]");
        let role = message["role"].as_str().unwrap_or_default();
        let known: &[Field] = match role {
            "system" | "developer" | "user" => &[("role", Kind::Text), ("content", Kind::Any), ("name", Kind::Text)],
            "assistant" => &[
                ("role", Kind::Text),
                ("content", Kind::Any),
                ("name", Kind::Text),
                ("tool_calls", Kind::List),
                ("refusal", Kind::Any),
                ("audio", Kind::Object),
                ("prefix", Kind::Bool),
                ("reasoning_content", Kind::Text),
                ("reasoning_details", Kind::List),
                ("reasoning", Kind::Text),
            ],
            "tool" => &[("role", Kind::Text), ("content", Kind::Any), ("tool_call_id", Kind::Text)],
            other => {
                return Err(refuse(
                    &place,
                    format!(
                        "Invalid value: '{other}'. Supported values are: 'system', 'assistant', 'user', 'tool' and 'developer'."
                    ),
                ));
            }
        };
        fields(&place, message, known, unknown)?;
        let back = vendor::of(provider).map_or(provider == "openrouter", vendor::Vendor::takes_reasoning);
        must(back || message["reasoning"].is_null(), &place, || unknown(&format!("{place}.reasoning")))?;
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            must(open.contains(&id), &place, || {
                "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.".to_owned()
            })?;
            open.retain(|o| *o != id);
        } else {
            must(open.is_empty(), &place, || {
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.".to_owned()
            })?;
        }
        let calls = message["tool_calls"].as_array();
        open.extend(calls.into_iter().flatten().filter_map(|c| c["id"].as_str()));
        let parts: &[&str] = match role {
            "user" => &["text", "image_url", "input_audio", "file"],
            "assistant" if provider == "mistral" => &["text", "thinking"],
            "assistant" => &["text", "refusal"],
            _ => &["text"],
        };
        match &message["content"] {
            Value::String(_) => {}
            Value::Array(list) => {
                must(!list.is_empty(), &place, || format!("Invalid '{place}.content': empty array."))?;
                for part in list {
                    let kind = part["type"].as_str().unwrap_or_default();
                    must(parts.contains(&kind), &place, || {
                        format!("Invalid content part '{kind}' for role '{role}'.")
                    })?;
                }
            }
            Value::Null if role == "assistant" && calls.is_some() => {}
            _ => {
                return Err(refuse(
                    &place,
                    format!("Invalid value for 'content' of {place}: expected a string or an array."),
                ));
            }
        }
    }
    must(open.is_empty(), "messages", || "The last tool calls have no answers.".to_owned())
}

fn format(body: &Value) -> Check {
    let format = &body["response_format"];
    if format.is_null() {
        return Ok(());
    }
    match format["type"].as_str() {
        Some("text") => fields("response_format", format, &[("type", Kind::Text)], unknown),
        // Cohere's way to say a schema.
        Some("json_object") if format["schema"].is_object() => {
            fields("response_format", format, &[("type", Kind::Text), ("schema", Kind::Object)], unknown)
        }
        Some("json_object") => {
            fields("response_format", format, &[("type", Kind::Text)], unknown)?;
            must(body["messages"].to_string().to_lowercase().contains("json"), "messages", || {
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
                    .to_owned()
            })
        }
        Some("json_schema") => {
            fields("response_format", format, &[("type", Kind::Text), ("json_schema", Kind::Object)], unknown)?;
            let given = &format["json_schema"];
            let known =
                [("name", Kind::Text), ("description", Kind::Text), ("schema", Kind::Object), ("strict", Kind::Bool)];
            fields("response_format.json_schema", given, &known, unknown)?;
            required(given, "response_format.json_schema.", &["name", "schema"])?;
            must(name(given["name"].as_str().unwrap_or_default()), "response_format.json_schema.name", || {
                "Invalid name.".to_owned()
            })?;
            if given["strict"] == true { strict(&given["schema"], "schema") } else { Ok(()) }
        }
        _ => Err(refuse("response_format", "Invalid value for 'response_format.type'.")),
    }
}

fn tools(body: &Value, provider: &str) -> Check {
    let list = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    must(body["tools"].is_null() || !list.is_empty(), "tools", || "Invalid 'tools': empty array.".to_owned())?;
    for (n, tool) in list.iter().enumerate() {
        let place = format!("tools[{n}]");
        must(tool["type"] == "function", &place, || format!("Invalid value for '{place}.type'."))?;
        fields(&place, tool, &[("type", Kind::Text), ("function", Kind::Object)], unknown)?;
        let known =
            [("name", Kind::Text), ("description", Kind::Text), ("parameters", Kind::Object), ("strict", Kind::Bool)];
        fields(&format!("{place}.function"), &tool["function"], &known, unknown)?;
        must(name(tool["function"]["name"].as_str().unwrap_or_default()), &place, || {
            format!("Invalid '{place}.function.name'.")
        })?;
        if tool["function"]["strict"] == true {
            strict(&tool["function"]["parameters"], "parameters")?;
        }
    }
    let choice = &body["tool_choice"];
    // The class of Hugging Face's SDK has no type.
    let typed = choice["type"] == "function" || (provider == "huggingface" && choice["function"]["name"].is_string());
    let known = matches!(choice.as_str(), Some("none" | "auto" | "required")) || typed;
    must(choice.is_null() || known, "tool_choice", || format!("Invalid value for 'tool_choice': {choice}"))?;
    let orphan = list.is_empty() && !(choice.is_null() && body["parallel_tool_calls"].is_null());
    must(!orphan, "tool_choice", || "'tool_choice' is only allowed when 'tools' are specified.".to_owned())
}

/// What one provider refuses and another takes.
fn accent(call: &Call) -> Check {
    let body = &call.body;
    let effort = body["reasoning_effort"].as_str();
    match call.provider.as_str() {
        // Open models that think do it in pieces alone.
        "qwen" => must(
            call.stream || call.body["enable_thinking"] == false || call.model.contains("instruct"),
            "stream",
            || "parameter.enable_thinking must be set to false for non-streaming calls".to_owned(),
        ),
        "openai" => {
            must(!facts::responses_only(&call.model), "model", || {
                "This model is only supported in v1/responses and not in v1/chat/completions.".to_owned()
            })?;
            let takes = facts::openai_efforts(&call.model);
            let fits = effort.is_none_or(|e| takes.is_some_and(|all| all.contains(&e)));
            must(fits, "reasoning_effort", || {
                format!("Unsupported value: 'reasoning_effort' does not support {effort:?} with this model.")
            })?;
            let thinks = takes.is_some() && effort != Some("none");
            must(takes.is_none() || body["max_tokens"].is_null(), "max_tokens", || {
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.".to_owned()
            })?;
            for field in ["temperature", "top_p"] {
                must(!thinks || body[field].is_null() || body[field] == 1.0, field, || {
                    format!(
                        "Unsupported value: '{field}' does not support {} with this model. Only the default (1) value is supported.",
                        body[field]
                    )
                })?;
            }
            must(
                !(thinks && facts::tools_need_responses(&call.model) && !body["tools"].is_null()),
                "reasoning_effort",
                || {
                    "Function tools with reasoning_effort are not supported. Please use /v1/responses or set reasoning_effort to 'none'.".to_owned()
                },
            )
        }
        "deepseek" => {
            let switch = &body["thinking"];
            if !switch.is_null() {
                fields("thinking", switch, &[("type", Kind::Word(&["enabled", "disabled"]))], unknown)?;
                required(switch, "thinking.", &["type"])?;
            }
            must(
                effort.is_none_or(|e| ["low", "high", "max", "minimal", "medium", "xhigh"].contains(&e)),
                "reasoning_effort",
                || format!("Invalid effort {effort:?}"),
            )?;
            must(body["logprobs"].is_null(), "logprobs", || "logprobs are not supported in thinking mode".to_owned())
        }
        "xai" => {
            for field in ["stop", "presence_penalty", "frequency_penalty"] {
                must(body[field].is_null(), field, || format!("Argument not supported on this model: {field}"))?;
            }
            must(
                effort.is_none_or(|e| ["none", "low", "medium", "high", "xhigh"].contains(&e)),
                "reasoning_effort",
                || format!("Invalid effort {effort:?}"),
            )
        }
        "openrouter" => must(effort.is_none() || body["reasoning"].is_null(), "reasoning", || {
            "Only one of reasoning and reasoning_effort may be set.".to_owned()
        }),
        _ => Ok(()),
    }
}

/// Thoughts in the details that go back.
fn details(thoughts: &str) -> Value {
    json!([{ "type": "reasoning.text", "text": thoughts, "format": "unknown", "index": 0 }])
}

/// Thoughts, where the provider shows them and the request did not switch them off.
fn thoughts<'a>(call: &Call, answer: &'a Answer) -> Option<&'a (String, u64)> {
    let off = call.body["thinking"]["type"] == "disabled"
        || call.body["reasoning_effort"] == "none"
        || call.body["reasoning"]["effort"] == "none";
    answer.thoughts.as_ref().filter(|_| !["openai", "azure", "github"].contains(&call.provider.as_str()) && !off)
}

fn envelope(call: &Call, object: &str) -> Value {
    // OpenAI answers with the dated name.
    let model = if call.provider == "openai" { format!("{}-2025-04-14", call.model) } else { call.model.clone() };
    let mut out =
        json!({ "id": format!("chatcmpl-{:029}", call.number), "object": object, "created": CREATED, "model": model });
    match call.provider.as_str() {
        "openai" => {
            out["service_tier"] = json!("default");
            out["system_fingerprint"] = json!("fp_44709d6fcb");
        }
        "openrouter" => {
            out["provider"] = json!("Someone");
            out["system_fingerprint"] = Value::Null;
        }
        _ => {}
    }
    out
}

fn usage(call: &Call, answer: &Answer) -> Value {
    let used = answer.usage;
    let thought = answer.thoughts.as_ref().map_or(0, |(_, tokens)| *tokens);
    let mut out = json!({ "prompt_tokens": used.input, "completion_tokens": used.output, "total_tokens": used.input + used.output });
    match call.provider.as_str() {
        "deepseek" => {
            out["prompt_cache_hit_tokens"] = json!(used.cached);
            out["prompt_cache_miss_tokens"] = json!(used.input - used.cached);
            out["prompt_tokens_details"] = json!({ "cached_tokens": used.cached });
            out["completion_tokens_details"] = json!({ "reasoning_tokens": thought });
        }
        _ => {
            out["prompt_tokens_details"] = json!({ "cached_tokens": used.cached, "audio_tokens": 0 });
            out["completion_tokens_details"] = json!({ "reasoning_tokens": thought, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0 });
        }
    }
    match call.provider.as_str() {
        "openrouter" => out["cost"] = json!(0.00012),
        "xai" => out["cost_in_usd_ticks"] = json!(1_200_000),
        _ => {}
    }
    out
}

pub fn content(answer: &Answer) -> Value {
    if answer.text.is_empty() && !answer.tools.is_empty() { Value::Null } else { json!(answer.text) }
}

pub fn finish(answer: &Answer) -> &'static str {
    match answer.finish {
        Finish::Length => "length",
        Finish::Refusal => "stop",
        Finish::Stop if answer.tools.is_empty() => "stop",
        Finish::Stop => "tool_calls",
    }
}

pub fn call_id(call: &Call, n: usize) -> String {
    format!("call_{:020}{n:04}", call.number)
}
