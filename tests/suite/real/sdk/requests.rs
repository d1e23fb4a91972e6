//! What the program sends, held against what the official SDKs send for the same call: field by field.

use serde_json::{Value, json};

use super::super::result;
use super::{call, case, python};
use crate::commit::{connected, pager};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Call, Upstream, camel};

/// What may differ, and why it does no harm. A difference that does not stand here fails.
struct Differs {
    dialect: &'static str,
    /// A place in the body, or a header's name.
    place: &'static str,
    /// What the program has there, and what the SDK has; `None` = nothing.
    ours: Option<fn(&Value) -> bool>,
    theirs: Option<fn(&Value) -> bool>,
    why: &'static str,
}

const DIFFERS: &[Differs] = &[
    Differs {
        dialect: "anthropic-messages",
        place: "auth x-api-key",
        ours: Some(|_| true),
        theirs: None,
        why: "the 2.x SDK sends the key as a bearer token, older ones as x-api-key; both are valid",
    },
    Differs {
        dialect: "anthropic-messages",
        place: "auth authorization",
        ours: None,
        theirs: Some(|v| v.as_str().is_some_and(|v| v.starts_with("Bearer "))),
        why: "the same key",
    },
    Differs {
        dialect: "gemini-generate-content",
        place: "/systemInstruction/role",
        ours: None,
        theirs: Some(|v| v == "user"),
        why: "the SDK makes a Content of the instructions, whose role the service does not read",
    },
    Differs {
        dialect: "gemini-generate-content",
        place: "/generationConfig",
        ours: None,
        theirs: Some(|v| v == &json!({})),
        why: "the SDK sends its settings also when nothing is set",
    },
    Differs {
        dialect: "ollama-chat",
        place: "/tools",
        ours: None,
        theirs: Some(|v| v == &json!([])),
        why: "the SDK sends an empty list of tools for none",
    },
];

/// One call of the program, and what only its caller knows about it.
struct Asked {
    what: String,
    call: Call,
    /// What is wished in the words of the dialect's SDK, from the command line and the documents.
    wish: Value,
}

/// A model, and what is wished of it in the words of its dialect's SDK.
struct Target {
    provider: &'static str,
    model: &'static str,
    /// When nothing is asked for.
    idle: Value,
    /// `--effort high`, which is what a review asks for by itself.
    high: Value,
    /// The least it can do, which is what a commit asks for.
    least: Value,
    /// It takes a temperature when it does not reason.
    cool: bool,
}

fn targets() -> Vec<Target> {
    let of = |provider, model, idle, high, least| Target { provider, model, idle, high, least, cool: false };
    // Reasoning comes back sealed, because nothing is kept there; these reason unasked, too.
    let sealed = json!({ "include": ["reasoning.encrypted_content"] });
    let responses = |level: &str| merged(json!({ "effort": level }), sealed.clone());
    // translation.md: high is 16,384 tokens; reasoning.md: adaptive models take an effort.
    let adaptive = json!({ "thinking": { "type": "adaptive", "display": "summarized" }, "effort": "high" });
    let thinking = |how: Value| json!({ "thinking": how });
    let off = thinking(json!({ "type": "disabled" }));
    vec![
        Target { cool: true, ..of("openai", "gpt-4.1-mini", json!({}), json!({}), json!({})) },
        of("openai", "gpt-5.4-pro", sealed.clone(), responses("high"), responses("medium")),
        of("openai", "gpt-5-mini", sealed.clone(), responses("high"), responses("minimal")),
        Target {
            cool: true,
            ..of(
                "anthropic",
                "claude-haiku-4-5",
                json!({}),
                thinking(json!({ "type": "enabled", "budget_tokens": 16_384 })),
                off.clone(),
            )
        },
        of("anthropic", "claude-sonnet-5-5", json!({}), adaptive.clone(), thinking(json!({ "type": "between_tools" }))),
        Target { cool: true, ..of("anthropic", "claude-opus-4-6", json!({}), adaptive, off) },
        of(
            "gemini",
            "gemini-3.5-flash",
            json!({}),
            thinking(json!({ "thinking_level": "HIGH", "include_thoughts": true })),
            thinking(json!({ "thinking_level": "MINIMAL", "include_thoughts": true })),
        ),
        of(
            "gemini",
            "gemini-2.5-flash",
            json!({}),
            thinking(json!({ "thinking_budget": 16_384, "include_thoughts": true })),
            thinking(json!({ "thinking_budget": 0, "include_thoughts": false })),
        ),
        of(
            "deepseek",
            "deepseek-v4-flash",
            json!({}),
            json!({ "effort": "high", "extra": { "thinking": { "type": "enabled" } } }),
            json!({ "extra": { "thinking": { "type": "disabled" } } }),
        ),
        of("xai", "grok-4.5", json!({}), json!({ "effort": "high" }), json!({ "effort": "low" })),
    ]
}

/// What the program wishes of every call in a dialect, whatever it is asked.
fn always(call: &Call) -> Value {
    match call.dialect {
        // Nothing is kept there.
        "openai-responses" => json!({ "store": false, "stream_options": { "include_obfuscation": false } }),
        "openai-chat" if call.provider == "openai" => {
            json!({ "max_field": "max_completion_tokens", "store": false, "stream_options": { "include_usage": true, "include_obfuscation": false } })
        }
        "openai-chat" => {
            json!({ "max_field": "max_tokens", "system_role": "system", "stream_options": { "include_usage": true } })
        }
        "anthropic-messages" => json!({ "headers": { "anthropic-version": "2023-06-01" } }),
        _ => json!({}),
    }
}

fn merged(mut left: Value, right: Value) -> Value {
    left.as_object_mut().unwrap().extend(right.as_object().unwrap().clone());
    left
}

/// The limit of the answer's tokens, wherever the dialect keeps it.
fn limit(body: &Value) -> Option<u64> {
    let places = [
        "/max_completion_tokens",
        "/max_tokens",
        "/max_output_tokens",
        "/generationConfig/maxOutputTokens",
        "/options/num_predict",
    ];
    places.iter().find_map(|p| body.pointer(p)).and_then(Value::as_u64)
}

/// Lets the program make its calls.
fn ours(upstream: &Upstream) -> Vec<Asked> {
    let message = json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" });
    let review = json!({ "summary": "Counts the last page.", "findings": [] });
    upstream.always(move |call| match call.prompt() {
        // Some models take no schema and are asked in words.
        text if text.contains("findings") => Answer::json(&review),
        text if text.contains("subject") => Answer::json(&message),
        _ => Answer::text("Yes."),
    });
    let sandbox = connected(upstream);
    let repo = pager(&sandbox);
    let mut out = Vec::new();
    for Target { provider, model, idle, high, least, cool } in targets() {
        let name = format!("{provider}/{model}");
        let mut took = |what: &str, wish: Value, least: Option<u64>| {
            let call = upstream.calls().pop().unwrap();
            assert_eq!((call.provider.as_str(), call.model.as_str()), (provider, model));
            if let Some(least) = least {
                assert!(limit(&call.body).is_some_and(|n| n >= least), "{what}: room for the answer: {}", call.body);
            }
            out.push(Asked { what: format!("{what} with {name}"), wish, call });
        };
        sandbox.monster(&["ask", "why?", "--model", &name]).done().ok();
        took("ask", idle, None);
        sandbox.monster(&["ask", "why?", "--effort", "high", "--model", &name]).done().ok();
        took("ask --effort high", high.clone(), None);
        repo.monster(&["commit", "--dry-run", "--model", &name]).done().ok();
        // A message is wanted without invention, from models that surely take a temperature.
        let least = if cool { merged(least, json!({ "temperature": 0.2 })) } else { least };
        took("commit", least, Some(600));
        repo.monster(&["review", "--model", &name]).done().ok();
        took("review", high, Some(4_096));
    }
    out
}

/// Ollama's own dialect, with a model that its server lists.
fn ollama(upstream: &Upstream) -> Vec<Asked> {
    upstream.lists(&["qwen3"]);
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[upstreams.ollama]\nprovider = \"ollama\"\nbase_url = \"{}\"\n", upstream.base("ollama")));
    let repo = pager(&sandbox);
    let mut out = Vec::new();
    let mut took = |what: &str, wish: Value| {
        let call = upstream.calls().pop().unwrap();
        assert_eq!(call.dialect, "ollama-chat");
        let window = call.body["options"]["num_ctx"].clone();
        let mut options = json!({ "num_ctx": window });
        if let Some(most) = limit(&call.body) {
            options["num_predict"] = json!(most);
        }
        if what == "commit" {
            options["temperature"] = json!(0.2);
        }
        out.push(Asked {
            what: format!("{what} with ollama"),
            wish: merged(json!({ "options": options }), wish),
            call,
        });
    };
    sandbox.monster(&["ask", "why?"]).done().ok();
    took("ask", json!({}));
    sandbox.monster(&["ask", "why?", "--effort", "high"]).done().ok();
    took("ask --effort high", json!({ "think": true }));
    repo.monster(&["commit", "--dry-run"]).done().ok();
    took("commit", json!({ "think": false }));
    repo.monster(&["review"]).done().ok();
    took("review", json!({ "think": true }));
    out
}

#[test]
fn every_request_equals_what_the_official_sdk_sends() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    let mut asked = ours(&upstream);
    asked.extend(ollama(&upstream));
    let theirs = Upstream::start();
    theirs.always(|_| Answer::text("Yes."));
    let cases: Vec<Value> = asked.iter().map(|one| same(&theirs, one)).collect();
    for (case, result) in cases.iter().zip(call(&python, &cases)) {
        assert!(result["error"].is_null() && result["invalid"].is_null(), "{case:#}: {result:#}");
    }
    let calls = theirs.calls();
    assert_eq!(calls.len(), asked.len());
    let found: Vec<String> =
        asked.iter().zip(&calls).flat_map(|(ours, theirs)| differences_of(&ours.what, &ours.call, theirs)).collect();
    assert!(found.is_empty(), "{} differences\n{}", found.len(), found.join("\n"));
    for (provider, package) in JUDGES {
        let count = asked.iter().filter(|one| one.call.provider == *provider).count();
        let label = monster::providers::provider(provider).unwrap().label();
        assert!(count >= 4, "{label}");
        result("sdk", &format!("{label}, judged by {package}"), &format!("{count} requests of commands agree"));
    }
}

/// Whose SDK judges whom.
const JUDGES: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("gemini", "google-genai"),
    ("ollama", "ollama"),
    ("deepseek", "openai"),
    ("xai", "openai"),
];

/// The same call for the SDK: prompts, schema and limit are the program's own; all else is wished anew.
fn same(theirs: &Upstream, one: &Asked) -> Value {
    let ours = &one.call;
    let mut more = json!({ "user": ours.user(), "stream": ours.stream });
    if !ours.system().is_empty() {
        more["system"] = json!(ours.system());
    }
    if let Some(schema) = ours.schema() {
        let named =
            ours.body.pointer("/response_format/json_schema/name").or_else(|| ours.body.pointer("/text/format/name"));
        more["schema"] = json!({ "schema": schema });
        if let Some(name) = named {
            more["schema"]["name"] = name.clone();
            if ["openai", "xai"].contains(&ours.provider.as_str()) {
                // Others are not known to keep this promise.
                more["schema"]["strict"] = json!(true);
            }
        }
    }
    if let Some(most) = limit(&ours.body) {
        more["max"] = json!(most);
    }
    let more = merged(merged(more, always(ours)), one.wish.clone());
    case(theirs, ours.dialect, &ours.provider, &ours.model, more)
}

/// Everything that matters on the wire, flat: place and value.
fn flat(call: &Call) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    out.push(("path".to_owned(), json!(call.path)));
    for name in ["content-type", "anthropic-version", "anthropic-beta"] {
        out.extend(call.header(name).map(|value| (name.to_owned(), json!(value))));
    }
    for name in ["authorization", "x-api-key", "x-goog-api-key", "api-key"] {
        out.extend(call.header(name).map(|value| (format!("auth {name}"), json!(value))));
    }
    let body = if call.dialect == "gemini-generate-content" { camel(&call.body) } else { call.body.clone() };
    leaves("", &plain(body), &mut out);
    out
}

/// Spellings that mean the same by the dialect's own documents: a text and its one part, and Google's level names.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .into_iter()
                .map(|(key, inner)| match (key.as_str(), &inner) {
                    ("content" | "system", Value::Array(parts)) if parts.len() == 1 && parts[0]["text"].is_string() => {
                        (key, parts[0]["text"].clone())
                    }
                    ("thinkingLevel", Value::String(level)) => (key, json!(level.to_uppercase())),
                    _ => (key, plain(inner)),
                })
                .collect(),
        ),
        Value::Array(list) => list.into_iter().map(plain).collect(),
        other => other,
    }
}

fn leaves(place: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            object.iter().for_each(|(key, inner)| leaves(&format!("{place}/{key}"), inner, out))
        }
        Value::Array(list) if !list.is_empty() => {
            list.iter().enumerate().for_each(|(n, inner)| leaves(&format!("{place}/{n}"), inner, out))
        }
        // A whole number is the same with a point in it.
        Value::Number(number) => out.push((place.to_owned(), json!(number.as_f64()))),
        other => out.push((place.to_owned(), other.clone())),
    }
}

/// Adds to a case what the program wishes of every call, and the limit that it set itself.
pub fn wish_always(case: &mut Value, ours: &Call) {
    let mut more = always(ours);
    if let Some(most) = limit(&ours.body) {
        more["max"] = json!(most);
    }
    case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

/// A place where two requests differ, and what each has there.
pub type Difference = (String, Option<Value>, Option<Value>);

/// All places where they differ and may not.
pub fn differing(ours: &Call, theirs: &Call) -> Vec<Difference> {
    let (mine, other) = (flat(ours), flat(theirs));
    let of = |list: &[(String, Value)], place: &str| list.iter().find(|(p, _)| p == place).map(|(_, v)| v.clone());
    let mut places: Vec<&String> = mine.iter().chain(&other).map(|(place, _)| place).collect();
    places.sort();
    places.dedup();
    let fits = |want: Option<fn(&Value) -> bool>, have: &Option<Value>| match (want, have) {
        (Some(want), Some(have)) => want(have),
        (None, None) => true,
        _ => false,
    };
    let mut out = Vec::new();
    for place in places {
        let (a, b) = (of(&mine, place), of(&other, place));
        let listed =
            |d: &&Differs| d.dialect == theirs.dialect && d.place == place && fits(d.ours, &a) && fits(d.theirs, &b);
        let allowed = DIFFERS.iter().find(listed).map(|d| d.why);
        if a != b && allowed.is_none() {
            out.push((place.clone(), a, b));
        }
    }
    out
}

/// A difference in words.
pub fn worded((place, ours, theirs): &Difference) -> String {
    let short =
        |v: &Option<Value>| v.as_ref().map_or("nothing".to_owned(), |v| v.to_string().chars().take(120).collect());
    format!("{place}: ours {}, the SDK's {}", short(ours), short(theirs))
}

/// What differs and may not.
pub fn differences_of(what: &str, ours: &Call, theirs: &Call) -> Vec<String> {
    differing(ours, theirs).iter().map(|one| format!("{what} ({}): {}", theirs.dialect, worded(one))).collect()
}
