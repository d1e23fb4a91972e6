//! What arrived: one generation call as the provider would see it.

use serde_json::Value;

/// A generation call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The dialect's name.
    pub dialect: &'static str,
    /// The first folder of the path: which provider was meant.
    pub provider: String,
    pub model: String,
    pub stream: bool,
    pub body: Value,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Counts from one.
    pub number: usize,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The key, in whichever header it came.
    pub fn key(&self) -> String {
        key_in(&self.headers).unwrap_or_default()
    }

    /// Everything that stands in messages of the user.
    pub fn user(&self) -> String {
        self.turns().into_iter().filter(|(role, _)| role == "user").map(|(_, text)| text).collect::<Vec<_>>().join("\n")
    }

    /// The instructions.
    pub fn system(&self) -> String {
        let mut out: Vec<String> =
            ["system", "instructions", "systemInstruction"].iter().map(|k| words(&self.body[k])).collect();
        out.extend(
            self.turns().into_iter().filter(|(role, _)| role == "system" || role == "developer").map(|(_, text)| text),
        );
        out.retain(|text| !text.is_empty());
        out.join("\n")
    }

    /// Instructions and messages.
    pub fn prompt(&self) -> String {
        format!("{}\n{}", self.system(), self.user())
    }

    /// The JSON Schema that the answer must follow.
    pub fn schema(&self) -> Option<Value> {
        let places = [
            "/response_format/json_schema/schema",
            "/text/format/schema",
            "/output_config/format/schema",
            "/generationConfig/responseJsonSchema",
            "/generationConfig/responseSchema",
            "/format",
        ];
        places.iter().find_map(|place| self.body.pointer(place)).filter(|schema| schema.is_object()).cloned()
    }

    fn turns(&self) -> Vec<(String, String)> {
        let list = ["messages", "input", "contents"].iter().map(|k| &self.body[k]).find(|v| !v.is_null());
        match list {
            Some(Value::String(text)) => vec![("user".to_owned(), text.clone())],
            Some(Value::Array(turns)) => {
                let role = |turn: &Value| turn["role"].as_str().unwrap_or("user").to_owned();
                let content = |turn: &Value| {
                    if turn["content"].is_null() { words(&turn["parts"]) } else { words(&turn["content"]) }
                };
                turns.iter().map(|turn| (role(turn), content(turn))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The key in `authorization`, `x-api-key`, `x-goog-api-key` or `api-key`.
pub fn key_in(headers: &[(String, String)]) -> Option<String> {
    let of = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let bearer = of("authorization").and_then(|v| v.strip_prefix("Bearer "));
    bearer.or_else(|| of("x-api-key")).or_else(|| of("x-goog-api-key")).or_else(|| of("api-key")).map(str::to_owned)
}

/// The text in a string, in parts, or in an object of parts.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(words).collect::<Vec<_>>().join("\n"),
        Value::Object(part) => part.get("text").or_else(|| part.get("parts")).map(words).unwrap_or_default(),
        _ => String::new(),
    }
}
