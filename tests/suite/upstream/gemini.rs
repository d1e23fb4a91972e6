//! Gemini generateContent (google-genai 3.4.0 types, protocols/gemini.md).

use serde_json::{Value, json};

use super::answer::{Answer, Error, Finish};
use super::call::Call;
use super::dialect::{Dialect, Frame};
use super::facts;
use super::rules::{Check, Field, Kind, fields, must, refuse, required};

/// The dialect.
pub struct Gemini;

const FIELDS: &[Field] = &[
    ("contents", Kind::List),
    ("systemInstruction", Kind::Object),
    ("tools", Kind::List),
    ("toolConfig", Kind::Object),
    ("safetySettings", Kind::List),
    ("cachedContent", Kind::Text),
    ("serviceTier", Kind::Word(&["flex", "standard", "priority"])),
    ("store", Kind::Bool),
    ("generationConfig", Kind::Object),
    ("continuationToken", Kind::Text),
];

const CONFIG: &[Field] = &[
    ("temperature", Kind::Number),
    ("topP", Kind::Number),
    ("topK", Kind::Number),
    ("candidateCount", Kind::Whole),
    ("maxOutputTokens", Kind::Whole),
    ("stopSequences", Kind::List),
    ("seed", Kind::Whole),
    ("presencePenalty", Kind::Number),
    ("frequencyPenalty", Kind::Number),
    ("responseLogprobs", Kind::Bool),
    ("logprobs", Kind::Whole),
    ("responseMimeType", Kind::Word(&["text/plain", "application/json", "text/x.enum"])),
    ("responseSchema", Kind::Object),
    ("responseJsonSchema", Kind::Object),
    ("responseModalities", Kind::List),
    ("mediaResolution", Kind::Text),
    ("thinkingConfig", Kind::Object),
];

const PARTS: &[Field] = &[
    ("text", Kind::Text),
    ("thought", Kind::Bool),
    ("thoughtSignature", Kind::Text),
    ("inlineData", Kind::Object),
    ("fileData", Kind::Object),
    ("functionCall", Kind::Object),
    ("functionResponse", Kind::Object),
    ("executableCode", Kind::Object),
    ("codeExecutionResult", Kind::Object),
];

/// Fields of which a part holds exactly one.
const DATA: [&str; 7] =
    ["text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"];

fn unknown(name: &str) -> String {
    format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.")
}

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        "gemini-generate-content"
    }

    fn check(&self, call: &Call) -> Check {
        let body = &camel(&call.body);
        fields("", body, FIELDS, unknown)?;
        required(body, "", &["contents"])?;
        if !body["systemInstruction"].is_null() {
            fields(
                "systemInstruction",
                &body["systemInstruction"],
                &[("parts", Kind::List), ("role", Kind::Text)],
                unknown,
            )?;
            parts("systemInstruction", &body["systemInstruction"]["parts"])?;
        }
        contents(body["contents"].as_array().unwrap())?;
        for (n, tool) in body["tools"].as_array().into_iter().flatten().enumerate() {
            let place = format!("tools[{n}]");
            let known = [
                ("functionDeclarations", Kind::List),
                ("googleSearch", Kind::Object),
                ("codeExecution", Kind::Object),
                ("urlContext", Kind::Object),
            ];
            fields(&place, tool, &known, unknown)?;
            for one in tool["functionDeclarations"].as_array().into_iter().flatten() {
                declaration(&place, one)?;
            }
        }
        if !body["generationConfig"].is_null() {
            config(&call.model, &body["generationConfig"])?;
        }
        let mode = &body["toolConfig"]["functionCallingConfig"]["mode"];
        must(
            mode.is_null() || mode.as_str().is_some_and(|m| ["AUTO", "ANY", "NONE", "VALIDATED"].contains(&m)),
            "toolConfig",
            || format!("Invalid value at 'tool_config.function_calling_config.mode': {mode}"),
        )
    }

    fn whole(&self, call: &Call, answer: &Answer) -> Value {
        let mut all: Vec<Value> =
            thoughts(call, answer).map(|text| json!({ "text": text, "thought": true })).into_iter().collect();
        if !answer.text.is_empty() {
            let mut part = json!({ "text": answer.text });
            if answer.tools.is_empty() && thinks(call, answer) {
                part["thoughtSignature"] = json!(SIGNATURE);
            }
            all.push(part);
        }
        all.extend(calls(call, answer));
        let candidate =
            json!({ "content": { "parts": all, "role": "model" }, "finishReason": finish(answer), "index": 0 });
        envelope(call, candidate, usage(call, answer, true))
    }

    fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame> {
        let chunk = |part: Value| {
            let candidate = json!({ "content": { "parts": [part], "role": "model" }, "index": 0 });
            Frame::data(&envelope(call, candidate, usage(call, answer, false)))
        };
        let mut out = Vec::new();
        if let Some(thoughts) = thoughts(call, answer) {
            out.extend(thoughts.split_inclusive(' ').map(|piece| chunk(json!({ "text": piece, "thought": true }))));
        }
        out.extend(answer.pieces().iter().map(|piece| chunk(json!({ "text": piece })).with_text()));
        out.extend(calls(call, answer).into_iter().map(chunk));
        let mut last = json!({ "text": "" });
        if answer.tools.is_empty() && thinks(call, answer) {
            last["thoughtSignature"] = json!(SIGNATURE);
        }
        let candidate =
            json!({ "content": { "parts": [last], "role": "model" }, "finishReason": finish(answer), "index": 0 });
        out.push(Frame::data(&envelope(call, candidate, usage(call, answer, true))));
        out
    }

    fn error(&self, error: &Error, _: Option<&str>) -> Value {
        // A wrong key is a 400 here: see `status`.
        let status = match error.status {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            402 | 429 => "RESOURCE_EXHAUSTED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            _ => "INTERNAL",
        };
        let mut out = json!({ "code": error.status, "message": error.message, "status": status });
        if let Some(seconds) = error.retry_after {
            out["details"] = json!([
                { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                    "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "quotaDimensions": { "location": "global" }, "quotaValue": "10" }] },
                { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s") },
            ]);
        } else if error.kind == "invalid_api_key" {
            out["details"] = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com",
                "metadata": { "service": "generativelanguage.googleapis.com" } }]);
        }
        json!({ "error": out })
    }

    fn error_frame(&self, message: &str, _: usize) -> Frame {
        Frame::data(&json!({ "error": { "code": 503, "message": message, "status": "UNAVAILABLE" } }))
    }

    fn headers(&self, _: usize, _: Option<&Error>) -> Vec<(String, String)> {
        // Google says nothing about limits in headers.
        Vec::new()
    }

    fn list(&self, models: &[String]) -> Value {
        let models: Vec<Value> = models.iter().map(|id| {
            json!({ "name": format!("models/{id}"), "version": "001", "displayName": id, "description": "", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
                "supportedGenerationMethods": ["generateContent", "countTokens"], "temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2, "thinking": true })
        }).collect();
        json!({ "models": models })
    }
}

/// The same on Vertex: under another name, and with a publisher before each model's.
pub fn published(models: &[String]) -> Value {
    let row = |id: &String| json!({ "name": format!("publishers/google/models/{id}"), "launchStage": "GA", "versionId": "default" });
    json!({ "publisherModels": models.iter().map(row).collect::<Vec<_>>() })
}

const SIGNATURE: &str = "c2lnbmVkIGhlcmU=";

/// Names as the documents spell them. The service takes `snake_case` as well, and its own SDK mixes the two;
/// schemas, arguments and results are the caller's own and stay.
pub fn camel(value: &Value) -> Value {
    const OWN: [&str; 6] =
        ["parametersJsonSchema", "responseJsonSchema", "responseSchema", "parameters", "args", "response"];
    let name = |name: &str| {
        let mut words = name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |all, word| all + &word[..1].to_uppercase() + &word[1..])
    };
    match value {
        Value::Object(object) => {
            let renamed = object.iter().map(|(key, inner)| {
                let key = name(key);
                let inner = if OWN.contains(&key.as_str()) { inner.clone() } else { camel(inner) };
                (key, inner)
            });
            Value::Object(renamed.collect())
        }
        Value::Array(list) => list.iter().map(camel).collect(),
        other => other.clone(),
    }
}

fn contents(all: &[Value]) -> Check {
    must(!all.is_empty(), "contents", || "GenerateContentRequest.contents: contents is not specified".to_owned())?;
    must(all[0]["role"].is_null() || all[0]["role"] == "user", "contents", || {
        "Please ensure that the conversation starts with a user turn.".to_owned()
    })?;
    let mut before = "";
    for (n, content) in all.iter().enumerate() {
        let place = format!("contents[{n}]");
        fields(
            &place,
            content,
            &[("role", Kind::Word(&["user", "model", "function"])), ("parts", Kind::List)],
            unknown,
        )?;
        parts(&place, &content["parts"])?;
        let role = content["role"].as_str().unwrap_or("user");
        must(role != before, &place, || {
            "Please ensure that multiturn requests alternate between user and model.".to_owned()
        })?;
        before = role;
    }
    must(before != "model", "contents", || {
        "Please ensure that single turn requests end with a user role or the role field is empty.".to_owned()
    })
}

fn parts(place: &str, list: &Value) -> Check {
    let list = list
        .as_array()
        .filter(|l| !l.is_empty())
        .ok_or_else(|| refuse(place, format!("{place}.parts must not be empty.")))?;
    for (n, part) in list.iter().enumerate() {
        let at = format!("{place}.parts[{n}]");
        fields(&at, part, PARTS, unknown)?;
        let data = DATA.iter().filter(|d| !part[**d].is_null()).count();
        must(data == 1, &at, || format!("{at}.data: required oneof field 'data' must have one initialized field"))?;
    }
    Ok(())
}

fn declaration(place: &str, one: &Value) -> Check {
    let known = [
        ("name", Kind::Text),
        ("description", Kind::Text),
        ("parameters", Kind::Object),
        ("parametersJsonSchema", Kind::Object),
        ("response", Kind::Object),
        ("responseJsonSchema", Kind::Object),
        ("behavior", Kind::Text),
    ];
    fields(place, one, &known, unknown)?;
    let name = one["name"].as_str().unwrap_or_default();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let holds = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.:-".contains(c));
    must(begins && holds && name.len() <= 128, place, || format!("Invalid function name: {name}"))?;
    must(one["parameters"].is_null() || one["parametersJsonSchema"].is_null(), place, || {
        "parameters and parametersJsonSchema are mutually exclusive".to_owned()
    })
}

fn config(model: &str, config: &Value) -> Check {
    fields("generationConfig", config, CONFIG, unknown)?;
    must(config["temperature"].as_f64().is_none_or(|t| (0.0..=2.0).contains(&t)), "temperature", || {
        "temperature must be in the range [0.0, 2.0].".to_owned()
    })?;
    for field in ["temperature", "topP", "topK"] {
        must(config[field].is_null() || !facts::gemini_without_sampling(model), field, || {
            format!("{field} is not supported by this model.")
        })?;
    }
    let most = config["maxOutputTokens"].as_u64();
    must(most.is_none_or(|n| (1..=65_536).contains(&n)), "maxOutputTokens", || {
        "max_output_tokens must be in the range [1, 65536].".to_owned()
    })?;
    let schemas = [&config["responseSchema"], &config["responseJsonSchema"]].iter().filter(|s| !s.is_null()).count();
    must(schemas < 2, "responseJsonSchema", || {
        "response_schema and response_json_schema are mutually exclusive.".to_owned()
    })?;
    must(schemas == 0 || config["responseMimeType"] == "application/json", "responseMimeType", || {
        "Response schema requires response_mime_type 'application/json'.".to_owned()
    })?;
    let thinking = &config["thinkingConfig"];
    if thinking.is_null() {
        return Ok(());
    }
    fields(
        "thinkingConfig",
        thinking,
        &[("includeThoughts", Kind::Bool), ("thinkingBudget", Kind::Number), ("thinkingLevel", Kind::Text)],
        unknown,
    )?;
    let (budget, level) = (thinking["thinkingBudget"].as_i64(), thinking["thinkingLevel"].as_str());
    must(budget.is_none() || level.is_none(), "thinkingConfig", || {
        "You can only set one of thinking_budget and thinking_level.".to_owned()
    })?;
    match facts::gemini(model) {
        facts::Gemini::Budget { least, most, off } => {
            must(level.is_none(), "thinkingLevel", || "Thinking level is not supported for this model.".to_owned())?;
            must(
                budget.is_none_or(|b| b == -1 || (b == 0 && off) || (least..=most).contains(&b)),
                "thinkingBudget",
                || {
                    format!(
                        "The thinking budget {budget:?} is invalid. Please choose a value between {least} and {most}."
                    )
                },
            )
        }
        facts::Gemini::Level(levels) => {
            must(budget.is_none(), "thinkingBudget", || "Thinking budget is not supported for this model.".to_owned())?;
            let lower = level.map(str::to_lowercase);
            must(lower.as_deref().is_none_or(|l| levels.contains(&l)), "thinkingLevel", || {
                format!("Thinking level {level:?} is not supported for this model.")
            })
        }
    }
}

fn thinks(call: &Call, answer: &Answer) -> bool {
    answer.thoughts.is_some() && camel(&call.body)["generationConfig"]["thinkingConfig"]["thinkingBudget"] != 0
}

/// The summary of thoughts, where it was asked for.
fn thoughts<'a>(call: &Call, answer: &'a Answer) -> Option<&'a str> {
    let shown = camel(&call.body)["generationConfig"]["thinkingConfig"]["includeThoughts"] == true;
    answer.thoughts.as_ref().filter(|_| shown && thinks(call, answer)).map(|(text, _)| text.as_str())
}

fn calls(call: &Call, answer: &Answer) -> Vec<Value> {
    let mut out: Vec<Value> = answer.tools.iter().enumerate().map(|(n, (name, args))| json!({ "functionCall": { "id": format!("fc{}-{n}", call.number), "name": name, "args": args } })).collect();
    if let Some(first) = out.first_mut().filter(|_| thinks(call, answer)) {
        first["thoughtSignature"] = json!(SIGNATURE);
    }
    out
}

fn envelope(call: &Call, candidate: Value, usage: Value) -> Value {
    json!({ "candidates": [candidate], "usageMetadata": usage, "modelVersion": call.model, "responseId": format!("resp{:020}", call.number) })
}

fn usage(call: &Call, answer: &Answer, over: bool) -> Value {
    let used = answer.usage;
    let thought = answer.thoughts.as_ref().filter(|_| thinks(call, answer)).map_or(0, |(_, tokens)| *tokens);
    let mut out = json!({ "promptTokenCount": used.input, "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": used.input }] });
    let mut total = used.input;
    if used.cached > 0 {
        out["cachedContentTokenCount"] = json!(used.cached);
    }
    if thought > 0 {
        out["thoughtsTokenCount"] = json!(thought);
        total += thought;
    }
    if over {
        out["candidatesTokenCount"] = json!(used.output - thought);
        total += used.output - thought;
    }
    out["totalTokenCount"] = json!(total);
    out
}

fn finish(answer: &Answer) -> &'static str {
    // Tool calls finish with STOP as well.
    match answer.finish {
        Finish::Length => "MAX_TOKENS",
        Finish::Refusal => "SAFETY",
        Finish::Stop => "STOP",
    }
}
