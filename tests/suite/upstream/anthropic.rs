//! Anthropic Messages (anthropic 2.12.0 types, protocols/anthropic-messages.md).

use serde_json::{Value, json};

use super::answer::{Answer, Error, Finish};
use super::call::Call;
use super::dialect::{Dialect, Frame, headers};
use super::facts;
use super::rules::{Check, Field, Kind, fields, must, name, refuse, required};

/// The dialect.
pub struct Anthropic;

const FIELDS: &[Field] = &[
    ("model", Kind::Text),
    ("max_tokens", Kind::Whole),
    ("messages", Kind::List),
    ("system", Kind::Any),
    ("tools", Kind::List),
    ("tool_choice", Kind::Object),
    ("thinking", Kind::Object),
    ("output_config", Kind::Object),
    ("stop_sequences", Kind::List),
    ("stream", Kind::Bool),
    ("metadata", Kind::Object),
    ("cache_control", Kind::Object),
    ("service_tier", Kind::Word(&["auto", "standard_only"])),
    ("speed", Kind::Word(&["standard", "fast"])),
    ("inference_geo", Kind::Text),
    ("container", Kind::Any),
    ("diagnostics", Kind::Object),
    ("user_profile_id", Kind::Text),
    ("workspace_id", Kind::Text),
    ("temperature", Kind::Number),
    ("top_p", Kind::Number),
    ("top_k", Kind::Whole),
];

const SAMPLING: [&str; 3] = ["temperature", "top_p", "top_k"];

fn unknown(name: &str) -> String {
    format!("{name}: Extra inputs are not permitted")
}

impl Dialect for Anthropic {
    fn name(&self) -> &'static str {
        "anthropic-messages"
    }

    fn check(&self, call: &Call) -> Check {
        let mut body = call.body.clone();
        let mut version = call.header("anthropic-version").unwrap_or_default().to_owned();
        if call.provider == "vertex" {
            // There the path names the model, and the body the version.
            must(body["model"].is_null() && version.is_empty(), "model", || unknown("model"))?;
            body["model"] = json!(call.model);
            let stated = body.as_object_mut().and_then(|body| body.remove("anthropic_version"));
            version = stated.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        }
        let (body, version) = (&body, version.as_str());
        must(["2023-06-01", "2026-10-21"].contains(&version), "anthropic-version", || {
            "anthropic-version: header is required".to_owned()
        })?;
        fields("", body, FIELDS, unknown)?;
        required(body, "", &["model", "max_tokens", "messages"])?;
        let row = facts::claude(&call.model);
        let most = body["max_tokens"].as_u64().unwrap();
        must((1..=row.output).contains(&most), "max_tokens", || {
            format!(
                "max_tokens: {most} > {}, which is the maximum allowed number of output tokens for {}",
                row.output, call.model
            )
        })?;
        for field in SAMPLING.into_iter().filter(|f| !body[f].is_null()) {
            must(version == "2023-06-01", field, || unknown(field))?;
            must(row.sampling, field, || format!("`{field}` is not supported by this model."))?;
        }
        must(body["temperature"].as_f64().is_none_or(|t| (0.0..=1.0).contains(&t)), "temperature", || {
            "temperature: range: 0..1".to_owned()
        })?;
        text_or_blocks("system", &body["system"], &["text"])?;
        messages(body["messages"].as_array().unwrap(), row.prefill)?;
        thinking(body, row, most)?;
        output(&body["output_config"], row)?;
        tools(body, row)
    }

    fn whole(&self, call: &Call, answer: &Answer) -> Value {
        let blocks: Vec<Value> = blocks(call, answer).into_iter().map(|(whole, _)| whole).collect();
        let mut out = message(call, answer);
        out["content"] = json!(blocks);
        out["stop_reason"] = json!(stop(answer));
        out["usage"] = usage(call, answer, answer.usage.output);
        out
    }

    fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame> {
        let mut out = vec![Frame::event(&json!({ "type": "message_start", "message": message(call, answer) }))];
        for (index, (whole, pieces)) in blocks(call, answer).into_iter().enumerate() {
            let begun = match whole["type"].as_str() {
                Some("text") => json!({ "type": "text", "text": "" }),
                Some("thinking") => json!({ "type": "thinking", "thinking": "", "signature": "" }),
                _ => json!({ "type": "tool_use", "id": whole["id"], "name": whole["name"], "input": {} }),
            };
            out.push(Frame::event(&json!({ "type": "content_block_start", "index": index, "content_block": begun })));
            if index == 0 {
                out.push(Frame::event(&json!({ "type": "ping" })));
            }
            for delta in pieces {
                let text = delta["type"] == "text_delta";
                let frame = Frame::event(&json!({ "type": "content_block_delta", "index": index, "delta": delta }));
                out.push(if text { frame.with_text() } else { frame });
            }
            out.push(Frame::event(&json!({ "type": "content_block_stop", "index": index })));
        }
        let used = usage(call, answer, answer.usage.output);
        let running = json!({ "input_tokens": used["input_tokens"], "cache_creation_input_tokens": 0, "cache_read_input_tokens": used["cache_read_input_tokens"],
            "output_tokens": used["output_tokens"], "output_tokens_details": used["output_tokens_details"] });
        out.push(Frame::event(&json!({ "type": "message_delta", "delta": { "stop_reason": stop(answer), "stop_sequence": null }, "usage": running })));
        out.push(Frame::event(&json!({ "type": "message_stop" })));
        out
    }

    fn error(&self, error: &Error, _: Option<&str>) -> Value {
        let kind = match error.status {
            400 => "invalid_request_error",
            401 => "authentication_error",
            402 => "billing_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            503 | 529 => "overloaded_error",
            _ => "api_error",
        };
        json!({ "type": "error", "error": { "type": kind, "message": error.message }, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy" })
    }

    fn error_frame(&self, message: &str, _: usize) -> Frame {
        Frame::event(
            &json!({ "type": "error", "error": { "type": "overloaded_error", "message": message }, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy" }),
        )
    }

    fn headers(&self, call: usize, error: Option<&Error>) -> Vec<(String, String)> {
        let wait = error.and_then(|e| e.retry_after);
        let reset: jiff::Timestamp = crate::sandbox::NOW.parse().unwrap();
        let reset = reset + jiff::SignedDuration::from_secs(wait.map_or(1, |s| i64::try_from(s).unwrap()));
        let mut out = headers(&[
            ("request-id", format!("req_{call:024}")),
            ("anthropic-organization-id", "b0c1a6e2-4a0f-4f62-8e3f-0f3c1c1d2e3f".to_owned()),
            ("anthropic-ratelimit-requests-limit", "50".to_owned()),
            ("anthropic-ratelimit-requests-remaining", if wait.is_some() { "0" } else { "49" }.to_owned()),
            ("anthropic-ratelimit-requests-reset", reset.to_string()),
        ]);
        out.extend(wait.map(|s| ("retry-after".to_owned(), s.to_string())));
        out
    }

    fn list(&self, models: &[String]) -> Value {
        let data: Vec<Value> = models.iter().map(|id| {
            json!({ "type": "model", "id": id, "display_name": id, "created_at": "2025-10-15T00:00:00Z", "lifecycle": "active", "retires_at": null,
                "line": null, "max_input_tokens": 200_000, "max_tokens": 64_000, "capabilities": null })
        }).collect();
        json!({ "data": data, "has_more": false, "first_id": models.first(), "last_id": models.last() })
    }
}

fn messages(all: &[Value], prefill: bool) -> Check {
    must(!all.is_empty(), "messages", || "messages: at least one message is required".to_owned())?;
    must(all[0]["role"] == "user", "messages", || "messages: first message must use the \"user\" role".to_owned())?;
    let mut open: Vec<&str> = Vec::new();
    for (n, message) in all.iter().enumerate() {
        let place = format!("messages.{n}");
        fields(
            &place,
            message,
            &[("role", Kind::Word(&["user", "assistant", "system"])), ("content", Kind::Any)],
            unknown,
        )?;
        required(message, &format!("{place}."), &["role", "content"])?;
        let assistant = message["role"] == "assistant";
        let kinds: &[&str] = if assistant {
            &["text", "tool_use", "thinking", "redacted_thinking"]
        } else {
            &["text", "image", "document", "search_result", "tool_result"]
        };
        text_or_blocks(&place, &message["content"], kinds)?;
        let blocks = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        for block in blocks.iter().filter(|b| b["type"] == "tool_result") {
            let id = block["tool_use_id"].as_str().unwrap_or_default();
            must(open.contains(&id), &place, || {
                format!("{place}: unexpected `tool_use_id` found in `tool_result` blocks: {id}")
            })?;
            open.retain(|o| *o != id);
        }
        must(open.is_empty(), &place, || {
            format!(
                "{place}: `tool_use` ids were found without `tool_result` blocks immediately after: {}",
                open.join(", ")
            )
        })?;
        open.extend(blocks.iter().filter(|b| b["type"] == "tool_use").filter_map(|b| b["id"].as_str()));
    }
    let last = all.last().is_some_and(|m| m["role"] == "assistant");
    must(prefill || !last, "messages", || {
        "This model does not support assistant message prefill. The conversation must end with a user message."
            .to_owned()
    })
}

fn text_or_blocks(place: &str, value: &Value, kinds: &[&str]) -> Check {
    match value {
        Value::Null => Ok(()),
        Value::String(text) => must(!text.is_empty(), place, || format!("{place}: text content must be non-empty")),
        Value::Array(blocks) => {
            must(!blocks.is_empty(), place, || format!("{place}: content must be non-empty"))?;
            for (n, block) in blocks.iter().enumerate() {
                let kind = block["type"].as_str().unwrap_or_default();
                must(kinds.contains(&kind), place, || {
                    format!(
                        "{place}.content.{n}: Input tag '{kind}' found using 'type' does not match any of the expected tags: {kinds:?}"
                    )
                })?;
                let empty = kind == "text" && block["text"].as_str().is_none_or(str::is_empty);
                must(!empty, place, || format!("{place}.content.{n}: text content blocks must be non-empty"))?;
            }
            Ok(())
        }
        _ => Err(refuse(place, format!("{place}: Input should be a valid list"))),
    }
}

fn thinking(body: &Value, row: facts::Claude, most: u64) -> Check {
    let asked = &body["thinking"];
    if asked.is_null() {
        return Ok(());
    }
    let kind = asked["type"].as_str().unwrap_or_default();
    must(row.thinking.contains(&kind), "thinking", || {
        format!(
            "\"thinking.type.{kind}\" is not supported for this model. Use \"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior."
        )
    })?;
    let known: &[Field] = match kind {
        "enabled" => {
            &[("type", Kind::Text), ("budget_tokens", Kind::Whole), ("display", Kind::Word(&["summarized", "omitted"]))]
        }
        "adaptive" => &[("type", Kind::Text), ("display", Kind::Word(&["summarized", "omitted"]))],
        _ => &[("type", Kind::Text)],
    };
    fields("thinking", asked, known, unknown)?;
    if kind == "enabled" {
        required(asked, "thinking.", &["budget_tokens"])?;
        let budget = asked["budget_tokens"].as_u64().unwrap();
        must(budget >= 1024, "thinking", || {
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024".to_owned()
        })?;
        must(budget < most, "thinking", || "`max_tokens` must be greater than `thinking.budget_tokens`.".to_owned())?;
    }
    if kind == "enabled" || kind == "adaptive" {
        must(body["temperature"].is_null() || body["temperature"] == 1.0, "temperature", || {
            "`temperature` may only be set to 1 when thinking is enabled.".to_owned()
        })?;
        must(!matches!(body["tool_choice"]["type"].as_str(), Some("any" | "tool")), "tool_choice", || {
            "Thinking may not be enabled when tool_choice forces tool use.".to_owned()
        })?;
        must(body["messages"].as_array().unwrap().last().is_none_or(|m| m["role"] != "assistant"), "messages", || {
            "Expected `thinking` in the last message.".to_owned()
        })?;
        // A budget alone: what adapts may leave a thought out.
        must(kind != "enabled" || !bare(body["messages"].as_array().unwrap()), "messages", || {
            "Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final \
             `assistant` message must start with a thinking block (preceding the lastmost set of `tool_use` and \
             `tool_result` blocks)."
                .to_owned()
        })?;
    }
    Ok(())
}

/// The last turn's tools have answered, and no thought leads it.
fn bare(all: &[Value]) -> bool {
    let answered = |m: &Value| m["content"].as_array().is_some_and(|c| c.iter().any(|b| b["type"] == "tool_result"));
    let last = all.iter().rev().find(|m| m["role"] == "assistant");
    let thought = |kind: &Value| kind == "thinking" || kind == "redacted_thinking";
    all.last().is_some_and(answered) && !last.is_some_and(|m| thought(&m["content"][0]["type"]))
}

fn output(config: &Value, row: facts::Claude) -> Check {
    if config.is_null() {
        return Ok(());
    }
    fields("output_config", config, &[("effort", Kind::Text), ("format", Kind::Object)], unknown)?;
    let effort = config["effort"].as_str();
    must(effort.is_none_or(|e| row.efforts.contains(&e)), "output_config.effort", || {
        "This model does not support the effort parameter.".to_owned()
    })?;
    if !config["format"].is_null() {
        fields(
            "output_config.format",
            &config["format"],
            &[("type", Kind::Word(&["json_schema"])), ("schema", Kind::Object)],
            unknown,
        )?;
        required(&config["format"], "output_config.format.", &["type", "schema"])?;
        closed(&config["format"]["schema"])?;
    }
    Ok(())
}

/// Structured output demands closed objects, and knows no bounds of numbers or strings.
fn closed(schema: &Value) -> Check {
    if let Some(object) = schema.as_object() {
        must(
            object.get("type") != Some(&json!("object"))
                || object.get("additionalProperties") == Some(&Value::Bool(false)),
            "output_config.format.schema",
            || {
                "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
                    .to_owned()
            },
        )?;
        for bound in ["minimum", "maximum", "minLength", "maxLength", "multipleOf", "maxItems"] {
            must(
                !object.contains_key(bound) || object.get(bound).is_some_and(Value::is_object),
                "output_config.format.schema",
                || {
                    format!(
                        "output_config.format.schema: For '{}' type, property '{bound}' is not supported",
                        object.get("type").and_then(Value::as_str).unwrap_or_default()
                    )
                },
            )?;
        }
        object.iter().filter(|(k, _)| *k != "enum" && *k != "required").try_for_each(|(_, inner)| closed(inner))?;
    }
    schema.as_array().into_iter().flatten().try_for_each(closed)
}

fn tools(body: &Value, row: facts::Claude) -> Check {
    let list = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (n, tool) in list.iter().enumerate() {
        let place = format!("tools.{n}");
        let known = [
            ("name", Kind::Text),
            ("description", Kind::Text),
            ("input_schema", Kind::Object),
            ("strict", Kind::Bool),
            ("type", Kind::Word(&["custom"])),
            ("cache_control", Kind::Object),
            ("defer_loading", Kind::Bool),
        ];
        fields(&place, tool, &known, unknown)?;
        required(tool, &format!("{place}."), &["name", "input_schema"])?;
        must(name(tool["name"].as_str().unwrap_or_default()), &place, || {
            format!("{place}.custom.name: String should match pattern")
        })?;
        must(tool["input_schema"]["type"] == "object", &place, || {
            format!("{place}.custom.input_schema.type: Field required")
        })?;
    }
    let choice = body["tool_choice"]["type"].as_str();
    must(choice.is_none() || !list.is_empty(), "tool_choice", || {
        "tool_choice: may only be specified while providing tools".to_owned()
    })?;
    must(!matches!(choice, Some("any" | "tool")) || row.forced, "tool_choice", || {
        "tool_choice: forced tool use is not supported by this model".to_owned()
    })
}

fn message(call: &Call, answer: &Answer) -> Value {
    // A model without a date in its name answers with the dated one.
    let model = if call.model == "claude-haiku-4-5" { "claude-haiku-4-5-20251001" } else { &call.model };
    json!({ "id": format!("msg_{:024}", call.number), "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null, "stop_details": null, "usage": usage(call, answer, 1) })
}

/// Whole blocks, and the deltas they stream in.
fn blocks(call: &Call, answer: &Answer) -> Vec<(Value, Vec<Value>)> {
    let mut out = Vec::new();
    if let Some((thoughts, _)) = thoughts(call, answer) {
        let newest = facts::claude(&call.model).always;
        let shown = match call.body["thinking"]["display"].as_str() {
            Some(display) => display == "summarized",
            None => !newest,
        };
        let text = if shown { thoughts.as_str() } else { "" };
        let signature = "EqQBCgIYAhIkYmFzZTY0";
        let mut deltas: Vec<Value> =
            text.split_inclusive(' ').map(|piece| json!({ "type": "thinking_delta", "thinking": piece })).collect();
        deltas.push(json!({ "type": "signature_delta", "signature": signature }));
        out.push((json!({ "type": "thinking", "thinking": text, "signature": signature }), deltas));
    }
    if !answer.text.is_empty() {
        let deltas = answer.pieces().iter().map(|piece| json!({ "type": "text_delta", "text": piece })).collect();
        out.push((json!({ "type": "text", "text": answer.text, "citations": null }), deltas));
    }
    for (n, (name, arguments)) in answer.tools.iter().enumerate() {
        let text = arguments.to_string();
        let (left, right) = text.split_at(text.len() / 2);
        let deltas = ["", left, right]
            .iter()
            .map(|piece| json!({ "type": "input_json_delta", "partial_json": piece }))
            .collect();
        out.push((json!({ "type": "tool_use", "id": format!("toolu_{:020}{n:04}", call.number), "name": name, "input": arguments }), deltas));
    }
    out
}

/// Thoughts, if the model thinks at all.
fn thoughts<'a>(call: &Call, answer: &'a Answer) -> Option<&'a (String, u64)> {
    let asked = matches!(call.body["thinking"]["type"].as_str(), Some("enabled" | "adaptive" | "between_tools"));
    let always = facts::claude(&call.model).always && call.body["thinking"]["type"] != "disabled";
    answer.thoughts.as_ref().filter(|_| asked || always)
}

fn usage(call: &Call, answer: &Answer, output: u64) -> Value {
    let used = answer.usage;
    let mut out = json!({ "input_tokens": used.input - used.cached, "cache_creation_input_tokens": 0, "cache_read_input_tokens": used.cached,
        "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 }, "output_tokens": output, "service_tier": "standard" });
    if output > 1
        && let Some((_, tokens)) = thoughts(call, answer)
    {
        out["output_tokens_details"] = json!({ "thinking_tokens": tokens });
    }
    out
}

fn stop(answer: &Answer) -> &'static str {
    match answer.finish {
        Finish::Length => "max_tokens",
        Finish::Refusal => "refusal",
        Finish::Stop if answer.tools.is_empty() => "end_turn",
        Finish::Stop => "tool_use",
    }
}
