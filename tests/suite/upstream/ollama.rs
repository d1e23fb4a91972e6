//! Ollama's native chat (ollama 0.6.3 types, protocols/ollama-lmstudio.md).

use serde_json::{Value, json};

use super::answer::{Answer, Error, Finish};
use super::call::Call;
use super::dialect::{Dialect, Frame};
use super::rules::{Check, Field, Kind, fields, must, refuse, required};

/// The dialect.
pub struct Ollama;

const FIELDS: &[Field] = &[
    ("model", Kind::Text),
    ("messages", Kind::List),
    ("tools", Kind::List),
    ("format", Kind::Any),
    ("options", Kind::Object),
    ("stream", Kind::Bool),
    ("keep_alive", Kind::Any),
    ("think", Kind::Any),
    ("logprobs", Kind::Bool),
    ("top_logprobs", Kind::Whole),
];

const OPTIONS: &[Field] = &[
    ("num_ctx", Kind::Whole),
    ("num_predict", Kind::Number),
    ("num_keep", Kind::Whole),
    ("num_batch", Kind::Whole),
    ("num_gpu", Kind::Whole),
    ("num_thread", Kind::Whole),
    ("temperature", Kind::Number),
    ("top_p", Kind::Number),
    ("top_k", Kind::Whole),
    ("seed", Kind::Whole),
    ("stop", Kind::List),
    ("repeat_penalty", Kind::Number),
    ("presence_penalty", Kind::Number),
    ("frequency_penalty", Kind::Number),
];

/// A field that is not known is ignored by the real server: a wish that is silently lost. Here it is refused.
fn unknown(name: &str) -> String {
    format!("unknown field {name}")
}

impl Dialect for Ollama {
    fn name(&self) -> &'static str {
        "ollama-chat"
    }

    fn stream_kind(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn check(&self, call: &Call) -> Check {
        let body = &call.body;
        fields("", body, FIELDS, unknown)?;
        required(body, "", &["model", "messages"])?;
        if !body["options"].is_null() {
            fields("options", &body["options"], OPTIONS, unknown)?;
        }
        for (n, message) in body["messages"].as_array().unwrap().iter().enumerate() {
            let place = format!("messages[{n}]");
            let known = [
                ("role", Kind::Word(&["system", "user", "assistant", "tool"])),
                ("content", Kind::Text),
                ("thinking", Kind::Text),
                ("images", Kind::List),
                ("tool_calls", Kind::List),
                ("tool_name", Kind::Text),
            ];
            fields(&place, message, &known, unknown)?;
            required(message, &format!("{place}."), &["role"])?;
            for one in message["tool_calls"].as_array().into_iter().flatten() {
                must(one["function"]["arguments"].is_object(), &place, || {
                    "json: cannot unmarshal string into Go struct field .arguments".to_owned()
                })?;
            }
        }
        let think = &body["think"];
        let levels = ["low", "medium", "high"];
        must(
            think.is_null() || think.is_boolean() || think.as_str().is_some_and(|t| levels.contains(&t)),
            "think",
            || format!("invalid think value: {think}"),
        )?;
        let format = &body["format"];
        must(format.is_null() || format == "" || format == "json" || format.is_object(), "format", || {
            format!("invalid format: {format}")
        })?;
        if format.is_object() && format.as_object().is_some_and(serde_json::Map::is_empty) {
            return Err(refuse("format", "invalid format: empty schema"));
        }
        // The server would cut the beginning off without a word.
        let window = body["options"]["num_ctx"].as_u64().unwrap_or(4096);
        let needed = call.prompt().len() as u64 / 4;
        must(needed < window, "options.num_ctx", || {
            format!("about {needed} tokens would be cut to {window} in silence")
        })
    }

    fn whole(&self, call: &Call, answer: &Answer) -> Value {
        let mut message = json!({ "role": "assistant", "content": answer.text });
        if let Some((thoughts, _)) = thoughts(call, answer) {
            message["thinking"] = json!(thoughts);
        }
        if !answer.tools.is_empty() {
            message["tool_calls"] = calls(answer);
        }
        last(call, answer, message)
    }

    fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame> {
        let line = |message: Value| {
            Frame::line(
                &json!({ "model": call.model, "created_at": crate::sandbox::NOW, "message": message, "done": false }),
            )
        };
        let mut out = Vec::new();
        if let Some((thoughts, _)) = thoughts(call, answer) {
            out.extend(
                thoughts
                    .split_inclusive(' ')
                    .map(|piece| line(json!({ "role": "assistant", "content": "", "thinking": piece }))),
            );
        }
        out.extend(
            answer.pieces().iter().map(|piece| line(json!({ "role": "assistant", "content": piece })).with_text()),
        );
        if !answer.tools.is_empty() {
            out.push(line(json!({ "role": "assistant", "content": "", "tool_calls": calls(answer) })));
        }
        out.push(Frame::line(&last(call, answer, json!({ "role": "assistant", "content": "" }))));
        out
    }

    fn error(&self, error: &Error, _: Option<&str>) -> Value {
        json!({ "error": error.message })
    }

    fn error_frame(&self, message: &str, _: usize) -> Frame {
        Frame::line(&json!({ "error": message }))
    }

    fn headers(&self, _: usize, _: Option<&Error>) -> Vec<(String, String)> {
        Vec::new()
    }

    fn list(&self, models: &[String]) -> Value {
        let models: Vec<Value> = models.iter().map(|id| {
            json!({ "name": id, "model": id, "modified_at": "2026-11-01T08:00:00Z", "size": 397_821_319, "digest": "a8b0c5157701",
                "details": { "parent_model": "", "format": "gguf", "family": "qwen2", "families": ["qwen2"], "parameter_size": "494M", "quantization_level": "Q4_K_M" } })
        }).collect();
        json!({ "models": models })
    }
}

/// What `/api/show` says of any model.
pub fn show() -> Value {
    json!({ "license": "", "modelfile": "", "parameters": "", "template": "{{ .Prompt }}",
        "details": { "parent_model": "", "format": "gguf", "family": "qwen2", "families": ["qwen2"], "parameter_size": "494M", "quantization_level": "Q4_K_M" },
        "model_info": { "general.architecture": "qwen2", "qwen2.context_length": 32_768, "qwen2.embedding_length": 896 },
        "capabilities": ["completion", "tools", "thinking"], "modified_at": "2026-11-01T08:00:00Z" })
}

fn thoughts<'a>(call: &Call, answer: &'a Answer) -> Option<&'a (String, u64)> {
    // A model that can think does so unless it is told not to.
    answer.thoughts.as_ref().filter(|_| call.body["think"] != false)
}

fn calls(answer: &Answer) -> Value {
    answer
        .tools
        .iter()
        .map(|(name, arguments)| json!({ "function": { "name": name, "arguments": arguments } }))
        .collect()
}

fn last(call: &Call, answer: &Answer, message: Value) -> Value {
    let reason = if answer.finish == Finish::Length { "length" } else { "stop" };
    json!({ "model": call.model, "created_at": crate::sandbox::NOW, "message": message, "done": true, "done_reason": reason,
        "total_duration": 4_883_583_458_u64, "load_duration": 1_334_875, "prompt_eval_count": answer.usage.input, "prompt_eval_duration": 342_546_000,
        "eval_count": answer.usage.output, "eval_duration": 4_535_599_000_u64 })
}
